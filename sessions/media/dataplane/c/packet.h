/* Reading RTP packets and VP8 descriptors: RFC 3550 §5.1, RFC 8285, RFC 6464, RFC 7741.
 * The same answers as packets.py; every read is inside `size`. */
#ifndef CR_PACKET_H
#define CR_PACKET_H
#include <stdint.h>

enum { CR_HEADER = 12 };

typedef struct {
    uint32_t timestamp, ssrc;
    uint16_t seq;
    uint8_t payload_type, marker, padded;
    int start, end; /* of the payload, before the padding */
} cr_view;

typedef struct {
    int keyframe;
    int has_picture, long_picture, picture_at;
    int has_base, base_at;
    uint16_t picture;
    uint8_t base;
} cr_vp8;

static inline uint16_t cr_get16(const uint8_t *at) { return (uint16_t)((at[0] << 8) | at[1]); }
static inline uint32_t cr_get32(const uint8_t *at) {
    return ((uint32_t)at[0] << 24) | ((uint32_t)at[1] << 16) | ((uint32_t)at[2] << 8) | at[3];
}
static inline void cr_put16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}
static inline void cr_put32(uint8_t *at, uint32_t value) {
    cr_put16(at, (uint16_t)(value >> 16));
    cr_put16(at + 2, (uint16_t)value);
}
/* How far sequence number `a` is ahead of `b`, in -32768 … 32767. */
static inline int cr_ahead(uint16_t a, uint16_t b) { return (int16_t)(uint16_t)(a - b); }

/* Returns 1 for a well-formed RTP packet. */
int cr_view_of(const uint8_t *data, int size, cr_view *view);
/* Returns where the value of header extension `wanted` begins, or 0; `data` passed view_of. */
int cr_extension_of(const uint8_t *data, int size, int wanted, int *length);
/* Returns 1 for a descriptor that is not cut short. */
int cr_vp8_of(const uint8_t *data, int start, int end, cr_vp8 *code);
#endif
