/* The thread that reads the ports, and the lock it shares with Python. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "plane.h"

enum { READ = 32, ROUNDS = 8 };

/* Two locks, so that who waits gets its turn before the thread takes the next packet. */
void cr_enter(cr_plane *plane) {
    pthread_mutex_lock(&plane->turn);
    pthread_mutex_lock(&plane->work);
    pthread_mutex_unlock(&plane->turn);
}

void cr_leave(cr_plane *plane) { pthread_mutex_unlock(&plane->work); }

cr_plane *cr_plane_new(cr_crypt protect, cr_crypt unprotect, cr_crypt protect_rtcp,
                       cr_crypt unprotect_rtcp, int gather_us) {
    cr_plane *plane = calloc(1, sizeof *plane);
    if (!plane) return NULL;
    plane->protect = protect;
    plane->unprotect = unprotect;
    plane->protect_rtcp = protect_rtcp;
    plane->unprotect_rtcp = unprotect_rtcp;
    plane->gather_us = gather_us;
    atomic_store(&plane->joined_up, 1);
    plane->batch.number = 1;
    plane->epoll = epoll_create1(EPOLL_CLOEXEC);
    plane->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    plane->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&plane->turn, NULL);
    pthread_mutex_init(&plane->work, NULL);
    pthread_mutex_init(&plane->mail, NULL);
    struct epoll_event wake = {.events = EPOLLIN, .data.fd = -1};
    if (plane->epoll < 0 || plane->wake < 0 || plane->bell < 0 ||
        epoll_ctl(plane->epoll, EPOLL_CTL_ADD, plane->wake, &wake)) {
        cr_plane_free(plane);
        return NULL;
    }
    return plane;
}

int cr_plane_listen(cr_plane *plane, int fd) {
    if (plane->running || plane->ports == CR_PORTS) return -1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = plane->ports};
    if (epoll_ctl(plane->epoll, EPOLL_CTL_ADD, fd, &event)) return -1;
    int size;
    socklen_t length = sizeof size;
    if (getsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, &length)) atomic_store(&plane->joined_up, 0);
    plane->fds[plane->ports] = fd;
    return plane->ports++;
}

int cr_plane_bell(const cr_plane *plane) { return plane->bell; }

double cr_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Returns 0 for an address of another family. */
static int read_place(const struct sockaddr_storage *from, int port, cr_place *place) {
    memset(place, 0, sizeof *place);
    place->port = port;
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)from;
        place->family = 4;
        place->udp_port = ntohs(four->sin_port);
        memcpy(place->address, &four->sin_addr, 4);
        return 1;
    }
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
        place->family = 6;
        place->udp_port = ntohs(six->sin6_port);
        memcpy(place->address, &six->sin6_addr, 16);
        return 1;
    }
    return 0;
}

/* Room for one byte more than fits, so that a datagram that is too long can be told from one that
 * was cut. The thread's own. */
typedef struct {
    uint8_t data[READ][CR_LARGEST + CR_TRAILER];
    struct sockaddr_storage from[READ];
    struct iovec parts[READ];
    struct mmsghdr heads[READ];
} cr_intake;

/* Reads what has come to one port; returns how many datagrams that were. */
static int read_port(cr_plane *plane, cr_intake *intake, int port) {
    for (int i = 0; i < READ; i++) {
        intake->parts[i] = (struct iovec){intake->data[i], CR_LARGEST + 1};
        memset(&intake->heads[i], 0, sizeof intake->heads[i]);
        intake->heads[i].msg_hdr.msg_name = &intake->from[i];
        intake->heads[i].msg_hdr.msg_namelen = sizeof intake->from[i];
        intake->heads[i].msg_hdr.msg_iov = &intake->parts[i];
        intake->heads[i].msg_hdr.msg_iovlen = 1;
    }
    int count = recvmmsg(plane->fds[port], intake->heads, READ, MSG_DONTWAIT, NULL);
    double now = cr_now();
    for (int i = 0; i < count; i++) {
        cr_place from;
        if (!read_place(&intake->from[i], port, &from)) continue;
        cr_enter(plane);
        cr_handle(plane, &from, intake->data[i], (int)intake->heads[i].msg_len, now);
        cr_leave(plane);
    }
    return count > 0 ? count : 0;
}

static void *run(void *argument) {
    cr_plane *plane = argument;
    cr_intake intake; /* 60 KB, a stack has more */
    prctl(PR_SET_NAME, "media", 0, 0, 0);
    struct epoll_event ready[CR_PORTS + 1];
    while (!atomic_load(&plane->stopping)) {
        int count = epoll_wait(plane->epoll, ready, CR_PORTS + 1, -1);
        if (count > 0 && plane->gather_us > 0) {
            struct timespec pause = {0, plane->gather_us * 1000L};
            nanosleep(&pause, NULL);
        }
        for (int i = 0; i < count; i++) {
            int rounds = ready[i].data.fd < 0 ? 0 : ROUNDS;
            while (rounds-- && read_port(plane, &intake, ready[i].data.fd) == READ) continue;
        }
        /* The batch holds copies: nobody has to wait while the kernel works. */
        cr_batch_send(plane);
    }
    return NULL;
}

int cr_plane_start(cr_plane *plane) {
    int failed = pthread_create(&plane->thread, NULL, run, plane);
    plane->running = !failed;
    return failed;
}

void cr_plane_stop(cr_plane *plane) {
    if (!plane->running) return;
    uint64_t one = 1;
    atomic_store(&plane->stopping, 1);
    ssize_t ignored = write(plane->wake, &one, sizeof one);
    (void)ignored; /* full means that it is awake */
    pthread_join(plane->thread, NULL);
    plane->running = 0;
    /* The sockets may be closed from now on, and their numbers mean something else. */
    cr_enter(plane);
    for (int i = 0; i < plane->ports; i++) plane->fds[i] = -1;
    cr_leave(plane);
}

void cr_plane_free(cr_plane *plane) {
    for (int i = 0; i < CR_BUCKETS; i++)
        for (cr_known *known = plane->known[i]; known;) {
            cr_known *next = known->next;
            free(known);
            known = next;
        }
    if (plane->epoll >= 0) close(plane->epoll);
    if (plane->wake >= 0) close(plane->wake);
    if (plane->bell >= 0) close(plane->bell);
    pthread_mutex_destroy(&plane->turn);
    pthread_mutex_destroy(&plane->work);
    pthread_mutex_destroy(&plane->mail);
    free(plane);
}

void cr_plane_totals(cr_plane *plane, cr_totals *totals) {
    *totals = (cr_totals){
        .received = atomic_load(&plane->received),
        .sent = atomic_load(&plane->sent),
        .calls = atomic_load(&plane->calls),
        .refused = atomic_load(&plane->refused),
        .forged = atomic_load(&plane->forged),
        .dropped = atomic_load(&plane->dropped),
    };
}

void cr_plane_feed(cr_plane *plane, int port, int family, const uint8_t *address,
                   uint16_t udp_port, const uint8_t *data, int length, double now) {
    uint8_t room[CR_LARGEST + CR_TRAILER];
    cr_place from = {.port = port, .family = (uint8_t)family, .udp_port = udp_port};
    if (length < 0 || length > CR_LARGEST + 1) return;
    memcpy(from.address, address, family == 4 ? 4 : 16);
    memcpy(room, data, (size_t)length);
    cr_enter(plane);
    cr_handle(plane, &from, room, length, now);
    cr_leave(plane);
}

void cr_plane_flush(cr_plane *plane) {
    cr_enter(plane);
    cr_batch_send(plane);
    cr_leave(plane);
}
