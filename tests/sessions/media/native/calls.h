/* Several peers with valid keys and bad manners, and what they may do: the model of calls.c. */
#ifndef CALLS_H
#define CALLS_H
#include "fuzz.h"

enum { PEOPLE = 5, STREAMS = 18, MOST_STREAMS = 16, OUTS = 20, FIRST = 1000, PORTS = 2 };

typedef struct {
    dice luck; /* of what is opened; first, so that it can be the session */
    cr_peer *peer;
    int fd;
    uint16_t udp_port;
    cr_stream *streams[STREAMS];
    int granted[STREAMS], type[STREAMS];
    uint32_t ssrc[STREAMS];
} person;

typedef struct {
    cr_out *out;
    int viewer, source, stream; /* -1: none; what it was told to follow last */
    uint32_t may[PEOPLE];       /* bits of the streams it may carry */
} slot;

extern person people[PEOPLE];
extern slot slots[OUTS];
/* The plane's own thread runs: what it does cannot be compared with the model. */
extern int threads;

/* Sees each packet as it leaves: only what is followed and granted, only to its viewer. */
int watch(void *session, void *packet, int *length);
void open_person(cr_plane *plane, int who);
/* Does one thing, of any kind. */
void call(cr_plane *plane, dice *d, double now);
#endif
