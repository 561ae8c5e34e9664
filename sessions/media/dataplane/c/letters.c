/* What Python has to see: datagrams that are not RTP, in two boxes, so that a flood of strangers
 * cannot crowd out the checks and reports of people in a call. */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "plane.h"

void cr_ring_bell(cr_plane *plane) {
    if (plane->rung) return;
    plane->rung = 1;
    uint64_t one = 1;
    if (write(plane->bell, &one, sizeof one) < 0) plane->rung = 0;
}

void cr_post(cr_plane *plane, int strangers, uint64_t peer, const cr_place *from,
             const uint8_t *data, int length) {
    pthread_mutex_lock(&plane->mail);
    cr_box *box = &plane->box[strangers != 0];
    if (box->count == CR_LETTERS) {
        atomic_fetch_add(&plane->dropped, 1);
    } else {
        cr_letter *letter = &box->letter[(box->first + box->count++) % CR_LETTERS];
        letter->peer = peer;
        letter->port = from->port;
        letter->family = from->family;
        memcpy(letter->address, from->address, sizeof letter->address);
        letter->udp_port = from->udp_port;
        letter->length = length;
        memcpy(letter->data, data, (size_t)length);
    }
    cr_ring_bell(plane);
    pthread_mutex_unlock(&plane->mail);
}

int cr_plane_take(cr_plane *plane, int strangers, cr_letter *letter) {
    pthread_mutex_lock(&plane->mail);
    cr_box *box = &plane->box[strangers != 0];
    int found = box->count > 0;
    if (found) {
        const cr_letter *next = &box->letter[box->first];
        memcpy(letter, next, offsetof(cr_letter, data));
        memcpy(letter->data, next->data, (size_t)next->length);
        box->first = (box->first + 1) % CR_LETTERS;
        box->count--;
    }
    pthread_mutex_unlock(&plane->mail);
    return found;
}

void cr_want_attention(cr_plane *plane, cr_stream *stream) {
    if (stream->attention) return;
    stream->attention = 1;
    stream->next = NULL;
    if (plane->attention)
        plane->newest->next = stream;
    else
        plane->attention = stream;
    plane->newest = stream;
    pthread_mutex_lock(&plane->mail);
    cr_ring_bell(plane);
    pthread_mutex_unlock(&plane->mail);
}

uint64_t cr_plane_attend(cr_plane *plane) {
    cr_enter(plane);
    cr_stream *stream = plane->attention;
    uint64_t number = 0;
    if (stream) {
        plane->attention = stream->next;
        stream->attention = 0;
        number = stream->number;
    }
    cr_leave(plane);
    return number;
}

void cr_plane_hush(cr_plane *plane) {
    uint64_t count;
    pthread_mutex_lock(&plane->mail);
    plane->rung = 0;
    ssize_t ignored = read(plane->bell, &count, sizeof count);
    (void)ignored; /* nothing to read: it was not rung */
    pthread_mutex_unlock(&plane->mail);
}

void cr_plane_ring(cr_plane *plane) {
    pthread_mutex_lock(&plane->mail);
    cr_ring_bell(plane);
    pthread_mutex_unlock(&plane->mail);
}
