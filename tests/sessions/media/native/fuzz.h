/* Attacks on the media plane's C, without Python: see fuzz.c. */
#ifndef FUZZ_H
#define FUZZ_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

#define CHECK(holds)                                                               \
    do {                                                                           \
        if (!(holds)) {                                                            \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
            abort();                                                               \
        }                                                                          \
    } while (0)

enum { LARGEST = 1500, TAG = 10, VIDEO = 96, VOICE = 111, LEVEL = 1 };

extern const uint8_t LOCALHOST[4];

/* dice: the same numbers for the same seed */
typedef struct {
    uint64_t state;
} dice;

uint32_t roll(dice *d);
/* 0 … sides - 1 */
static inline int pick(dice *d, int sides) { return (int)(roll(d) % (uint32_t)sides); }
static inline int one_in(dice *d, int sides) { return pick(d, sides) == 0; }
void scribble(dice *d, uint8_t *to, int length);

/* What packets are made of; fields that are not set are 0. */
typedef struct {
    uint16_t seq;
    uint32_t stamp, ssrc;
    int type, padding, sources, level;
    int wide;               /* a two-byte header extension */
    int keyframe, bits;     /* bits of the picture number: 0, 7 or 15 */
    int picture, base, key; /* base, key: -1 for none */
    int body;
} recipe;

/* Writes a well-formed packet of at most LARGEST bytes and returns its length. */
int bake(dice *d, const recipe *r, uint8_t *to);
/* Writes something a stranger or a peer with valid keys might send; returns 0 … LARGEST + 1. */
int bake_badly(dice *d, uint32_t ssrc, int type, uint16_t seq, uint8_t *to);

/* a UDP socket on this machine; returns its number and sets its port */
int bind_one(uint16_t *udp_port);
/* Reads all that has come; returns how many packets that were. Each is checked. */
int drain(int fd);

/* Identity in place of libsrtp, so that mutations go deep. `open_badly` refuses some packets and
 * makes some shorter: its session is dice. */
int seal(void *session, void *packet, int *length);
int open_plainly(void *session, void *packet, int *length);
int open_badly(void *session, void *packet, int *length);

void orderly(dice *d, int count);
void rough(dice *d, int count);
void crowd(dice *d, int count);
#endif
