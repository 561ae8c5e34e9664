/* Sending: packets of one batch leave in as few system calls as the kernel allows.
 *
 * Packets of one frame that came together leave together: those to the same address are handed
 * over as one message that the kernel cuts up (UDP_SEGMENT), and all messages of a port in one
 * `sendmmsg`. A network card that refuses the first is asked once and then left alone. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "plane.h"

enum {
    PATIENCE_MS = 5,
    JOINED = 1280 - 48, /* fits every path (RFC 8200 §5): the kernel cuts to what may not be fragmented */
};
_Static_assert(CR_SEGMENTS * JOINED <= 65535 - 48, "a message must fit a datagram before it is cut");

/* Returns room for one packet; full batches are sent first. */
uint8_t *cr_batch_buffer(cr_plane *plane) {
    cr_batch *batch = &plane->batch;
    if (batch->buffers == CR_BUFFERS || batch->messages == CR_MESSAGES) cr_batch_send(plane);
    return batch->buffer[batch->buffers];
}

static cr_message *open_message(cr_plane *plane, cr_peer *peer, int length) {
    cr_batch *batch = &plane->batch;
    if (!atomic_load(&plane->joined_up) || peer->batch != batch->number) return NULL;
    cr_message *message = &batch->message[peer->message];
    if (message->full || message->count == CR_SEGMENTS || message->port != peer->place.port ||
        message->to_length != peer->to_length || memcmp(&message->to, &peer->to, peer->to_length) ||
        message->parts[0].iov_len > JOINED || (size_t)length > message->parts[0].iov_len)
        return NULL;
    return message;
}

/* Takes the packet that was written to `cr_batch_buffer`. */
void cr_batch_add(cr_plane *plane, cr_peer *peer, uint8_t *buffer, int length) {
    cr_batch *batch = &plane->batch;
    cr_message *message = open_message(plane, peer, length);
    if (!message) {
        peer->batch = batch->number;
        peer->message = batch->messages;
        message = &batch->message[batch->messages++];
        message->to = peer->to;
        message->to_length = peer->to_length;
        message->port = peer->place.port;
        message->count = message->full = 0;
    }
    /* Only the last packet of a message may be shorter than the first. */
    message->full = message->count && (size_t)length < message->parts[0].iov_len;
    message->parts[message->count].iov_base = buffer;
    message->parts[message->count++].iov_len = (size_t)length;
    batch->buffers++;
    peer->octets_out += (uint64_t)length;
}

static void head_of(cr_message *message, struct msghdr *head) {
    memset(head, 0, sizeof *head);
    head->msg_name = &message->to;
    head->msg_namelen = message->to_length;
    head->msg_iov = message->parts;
    head->msg_iovlen = (size_t)message->count;
    if (message->count > 1) {
        head->msg_control = message->control;
        head->msg_controllen = sizeof message->control;
        struct cmsghdr *control = CMSG_FIRSTHDR(head);
        control->cmsg_level = SOL_UDP;
        control->cmsg_type = UDP_SEGMENT;
        control->cmsg_len = CMSG_LEN(sizeof(uint16_t));
        uint16_t size = (uint16_t)message->parts[0].iov_len;
        memcpy(CMSG_DATA(control), &size, sizeof size);
    }
}

static void send_apart(cr_plane *plane, int fd, cr_message *message) {
    for (int i = 0; i < message->count; i++) {
        ssize_t sent = sendto(fd, message->parts[i].iov_base, message->parts[i].iov_len,
                              MSG_DONTWAIT, (struct sockaddr *)&message->to, message->to_length);
        atomic_fetch_add(&plane->calls, 1);
        if (sent < 0)
            atomic_fetch_add(&plane->refused, 1);
        else
            atomic_fetch_add(&plane->sent, 1);
    }
}

/* UDP may lose anything: what the kernel refuses for one viewer costs nobody else. */
static void send_all(cr_plane *plane, int fd, cr_message **messages, int count) {
    static _Thread_local struct mmsghdr heads[CR_MESSAGES];
    for (int i = 0; i < count; i++) head_of(messages[i], &heads[i].msg_hdr);
    int at = 0, patient = 1;
    while (at < count) {
        int sent = sendmmsg(fd, heads + at, (unsigned)(count - at), MSG_DONTWAIT);
        atomic_fetch_add(&plane->calls, 1);
        if (sent > 0) {
            for (int i = at; i < at + sent; i++)
                atomic_fetch_add(&plane->sent, (unsigned long long)messages[i]->count);
            at += sent;
        } else if (errno == EINTR) {
            continue;
        } else if ((errno == EAGAIN || errno == ENOBUFS) && patient) {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            poll(&room, 1, PATIENCE_MS);
            patient = 0;
        } else {
            /* EIO is the card's answer, about all messages; others are about this one: a path too
             * narrow, an address that cannot be. One peer must not spoil it for all. */
            int joined = messages[at]->count > 1;
            if (joined && errno == EIO) atomic_store(&plane->joined_up, 0);
            if (joined && (errno == EIO || errno == EINVAL || errno == EMSGSIZE)) {
                send_apart(plane, fd, messages[at]);
            } else {
                atomic_fetch_add(&plane->refused, (unsigned long long)messages[at]->count);
            }
            at++;
        }
    }
}

void cr_batch_send(cr_plane *plane) {
    cr_batch *batch = &plane->batch;
    static _Thread_local cr_message *mine[CR_MESSAGES];
    for (int port = 0; port < plane->ports && batch->messages; port++) {
        int count = 0;
        for (int i = 0; i < batch->messages; i++)
            if (batch->message[i].port == port) mine[count++] = &batch->message[i];
        if (count) send_all(plane, plane->fds[port], mine, count);
    }
    batch->buffers = batch->messages = 0;
    batch->number++;
}

/* Sends one packet outside of any batch; returns 0 when it left. */
int cr_send_one(cr_plane *plane, cr_peer *peer, const uint8_t *data, int length) {
    ssize_t sent = sendto(plane->fds[peer->place.port], data, (size_t)length, MSG_DONTWAIT,
                          (const struct sockaddr *)&peer->to, peer->to_length);
    atomic_fetch_add(&plane->calls, 1);
    if (sent < 0) {
        atomic_fetch_add(&plane->refused, 1);
        return -1;
    }
    atomic_fetch_add(&plane->sent, 1);
    peer->octets_out += (uint64_t)length;
    return 0;
}
