/* What has arrived of one source, as arrivals.py has it: RFC 3550 counts and what is missing. */
#ifndef CR_ARRIVALS_H
#define CR_ARRIVALS_H
#include "packet.h"

/* More than this is not repaired packet by packet: a keyframe is asked for. */
enum { CR_MAX_MISSING = 200 };

typedef struct {
    uint16_t seq;
    uint8_t tries;
    double asked_at;
} cr_missing;

typedef struct {
    uint32_t clock;
    int begun;
    uint16_t base, highest;
    uint64_t cycles;
    uint64_t received;
    double jitter, transit;
    int has_transit;
    int hopeless;
    int count;
    cr_missing missing[CR_MAX_MISSING];
} cr_arrivals;

/* Notes a packet; returns how many numbers are newly missing. */
int cr_arrivals_take(cr_arrivals *arrivals, uint16_t seq, uint32_t timestamp, double now);
uint64_t cr_arrivals_expected(const cr_arrivals *arrivals);
/* See cr_stream_due. */
int cr_arrivals_due(cr_arrivals *arrivals, double now, uint16_t *numbers, int room);
#endif
