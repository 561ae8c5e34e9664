/* Good packets and bad ones, and the sockets they travel over. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "packet.h"

const uint8_t LOCALHOST[4] = {127, 0, 0, 1};

uint32_t roll(dice *d) { /* xorshift64* */
    d->state ^= d->state >> 12;
    d->state ^= d->state << 25;
    d->state ^= d->state >> 27;
    return (uint32_t)((d->state * 2685821657736338717u) >> 32);
}

void scribble(dice *d, uint8_t *to, int length) {
    for (int i = 0; i < length; i++) to[i] = (uint8_t)roll(d);
}

static int put_level(uint8_t *to, const recipe *r) {
    cr_put16(to, r->wide ? 0x1000 : 0xBEDE);
    cr_put16(to + 2, 1);
    uint8_t body[4] = {LEVEL << 4, (uint8_t)r->level, 0, 0};
    uint8_t wide[4] = {LEVEL, 1, (uint8_t)r->level, 0};
    memcpy(to + 4, r->wide ? wide : body, 4);
    return 8;
}

static int put_vp8(uint8_t *to, const recipe *r) {
    int at = 2;
    to[0] = 0x90;
    to[1] = (uint8_t)((r->bits ? 0x80 : 0) | (r->base >= 0 ? 0x40 : 0) | (r->key >= 0 ? 0x20 : 0));
    if (r->bits == 15) to[at++] = (uint8_t)(0x80 | r->picture >> 8);
    if (r->bits) to[at++] = (uint8_t)(r->bits == 15 ? r->picture : r->picture & 0x7F);
    if (r->base >= 0) to[at++] = (uint8_t)r->base;
    if (r->key >= 0) to[at++] = (uint8_t)r->key;
    to[at++] = r->keyframe ? 0x10 : 0x11;
    return at;
}

int bake(dice *d, const recipe *r, uint8_t *to) {
    int at = 12, body = r->body > 1200 ? 1200 : r->body;
    to[0] = (uint8_t)(0x80 | (r->padding ? 0x20 : 0) | (r->level >= 0 ? 0x10 : 0) | r->sources);
    to[1] = (uint8_t)(r->type | (one_in(d, 4) ? 0x80 : 0));
    cr_put16(to + 2, r->seq);
    cr_put32(to + 4, r->stamp);
    cr_put32(to + 8, r->ssrc);
    scribble(d, to + at, 4 * r->sources);
    at += 4 * r->sources;
    if (r->level >= 0) at += put_level(to + at, r);
    if (r->type == VIDEO) at += put_vp8(to + at, r);
    scribble(d, to + at, body + r->padding);
    at += body + r->padding;
    if (r->padding) to[at - 1] = (uint8_t)r->padding;
    CHECK(at <= LARGEST);
    return at;
}

int bake_badly(dice *d, uint32_t ssrc, int type, uint16_t seq, uint8_t *to) {
    int kind = pick(d, 8);
    if (kind == 0) { /* anything */
        int length = one_in(d, 4) ? LARGEST - 2 + pick(d, 4) : pick(d, 60);
        scribble(d, to, length);
        return length;
    }
    recipe r = {
        .seq = seq, .stamp = roll(d), .ssrc = ssrc, .type = type,
        .padding = one_in(d, 4) ? 1 + pick(d, 200) : 0, .sources = one_in(d, 4) ? pick(d, 16) : 0,
        .level = one_in(d, 2) ? (one_in(d, 2) ? "lmh"[pick(d, 3)] : pick(d, 128)) : -1, .wide = one_in(d, 2), .keyframe = one_in(d, 3),
        .bits = (int[]){0, 7, 15}[pick(d, 3)], .picture = pick(d, 1 << 15),
        .base = pick(d, 257) - 1, .key = pick(d, 257) - 1, .body = pick(d, one_in(d, 8) ? 1201 : 40),
    };
    int length = bake(d, &r, to);
    if (kind == 1) { /* a report */
        to[1] = (uint8_t)(192 + pick(d, 32));
        cr_put32(to + 4, (uint32_t)pick(d, 40));
    }
    if (kind == 2) to[0] = (uint8_t)roll(d);
    for (int i = kind > 4 ? 0 : pick(d, 6); i > 0; i--)
        to[pick(d, length < 40 ? length : 40)] = (uint8_t)roll(d);
    if (one_in(d, 6)) length = pick(d, length + 1);
    if (one_in(d, 60)) {
        scribble(d, to + length, LARGEST + 1 - length);
        length = LARGEST + one_in(d, 2);
    }
    return length;
}

int bind_one(uint16_t *udp_port) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)&here, sizeof here));
    CHECK(!getsockname(fd, (struct sockaddr *)&here, &length));
    *udp_port = ntohs(here.sin_port);
    return fd;
}

int drain(int fd) {
    uint8_t data[4096];
    int count = 0;
    for (ssize_t size; (size = recv(fd, data, sizeof data, 0)) >= 0; count++)
        CHECK(size >= 8 + TAG && size <= LARGEST + TAG && data[0] >> 6 == 2);
    return count;
}

int seal(void *session, void *packet, int *length) {
    (void)session;
    CHECK(*length >= 8 && *length <= LARGEST);
    memset((uint8_t *)packet + *length, 0xA5, TAG);
    *length += TAG;
    return 0;
}

int open_plainly(void *session, void *packet, int *length) {
    (void)session;
    (void)packet;
    CHECK(*length >= 12 && *length <= LARGEST);
    return 0;
}

int open_badly(void *session, void *packet, int *length) {
    dice *d = session;
    (void)packet;
    CHECK(*length >= 12 && *length <= LARGEST);
    if (one_in(d, 20)) *length = pick(d, *length + 1);
    return one_in(d, 30);
}
