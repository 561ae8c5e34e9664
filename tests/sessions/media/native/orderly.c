/* One publisher in good order: what every viewer gets is one unbroken stream, whatever it follows,
 * and nothing of what is not granted. `watch` sees each packet as it leaves, before it is sealed. */
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "packet.h"

enum { SOURCES = 3, OUTS = 6, FIRST = 500 };

typedef struct {
    cr_stream *stream;
    recipe next;
    int granted, sent;
} source;

typedef struct {
    cr_out *out;
    int following, coming; /* -1: nothing */
    int timed; /* packets tell when they left */
    int voice, begun, left, again;
    int skipped; /* packets that were not granted since the last that left */
    int fresh;   /* follows another source since then */
    uint16_t seq, picture;
    uint32_t stamp;
    uint8_t base;
} slot;

static source sources[SOURCES];
static slot slots[OUTS];
static int feeding; /* the source whose packet is in the plane's hands; -1: none */

static int watch(void *session, void *packet, int *length) {
    const uint8_t *data = packet;
    cr_view view;
    CHECK(cr_view_of(data, *length, &view) && view.ssrc >= FIRST && view.ssrc < FIRST + OUTS);
    slot *at = &slots[view.ssrc - FIRST];
    CHECK(view.start == (at->timed ? 20 : 12));
    if (!at->again && at->coming == feeding) {
        at->following = at->coming;
        at->coming = -1;
        at->fresh = 1;
    }
    CHECK(at->following >= 0 && sources[at->following].granted);
    CHECK(view.payload_type == (at->voice ? VOICE : VIDEO));
    if (at->again) return seal(session, packet, length);
    CHECK(feeding == at->following);
    at->left++;
    int skipped = at->fresh ? 0 : at->skipped;
    CHECK(view.seq == (uint16_t)(at->seq + skipped));
    if (at->begun) CHECK((int32_t)(view.timestamp - at->stamp) > 0);
    at->seq = (uint16_t)(view.seq + 1);
    at->stamp = view.timestamp;
    cr_vp8 code;
    if (!at->voice && cr_vp8_of(data, view.start, view.end, &code) && code.has_picture) {
        CHECK(code.long_picture && code.has_base);
        if (at->begun) {
            CHECK(code.picture == ((at->picture + skipped) & 0x7FFF));
            CHECK(code.base == (uint8_t)(at->base + skipped));
        }
        CHECK(code.keyframe || !at->fresh);
        at->picture = (code.picture + 1) & 0x7FFF;
        at->base = (uint8_t)(code.base + 1);
    }
    at->begun = 1;
    at->fresh = at->skipped = 0;
    return seal(session, packet, length);
}

static void feed(cr_plane *plane, dice *d, int which, double now) {
    source *from = &sources[which];
    uint8_t data[LARGEST + 1];
    recipe *r = &from->next;
    r->keyframe = one_in(d, 5);
    r->padding = one_in(d, 5) ? 1 + pick(d, 9) : 0;
    r->sources = one_in(d, 9) ? pick(d, 16) : 0;
    r->body = pick(d, one_in(d, 3) ? 1201 : 100);
    int expected[OUTS];
    for (int i = 0; i < OUTS; i++) {
        slot *at = &slots[i];
        cr_sent sent;
        cr_out_sent(at->out, &sent);
        CHECK(sent.changing == (at->coming >= 0));
        int begins = at->voice || r->keyframe;
        int goes = (at->following == which && (!sent.waiting || begins)) ||
                   (at->coming == which && r->keyframe);
        expected[i] = goes && from->granted;
        at->left = 0;
        at->skipped += at->following == which && !from->granted;
    }
    feeding = which;
    cr_plane_feed(plane, 0, 4, LOCALHOST, 4000, data, bake(d, r, data), now);
    feeding = -1;
    for (int i = 0; i < OUTS; i++) CHECK(slots[i].left == expected[i]);
    from->sent++;
    r->seq++;
    r->stamp += 960;
    r->picture = (r->picture + 1) & 0x7FFF;
    r->base = (r->base + 1) & 0xFF;
}

static void follow(dice *d) {
    slot *at = &slots[pick(d, OUTS)];
    int which = pick(d, SOURCES + 1) - 1, keep = !at->voice && one_in(d, 2);
    if (which >= 0 && (sources[which].next.type == VOICE) != at->voice) return;
    cr_sent sent;
    cr_out_sent(at->out, &sent);
    CHECK(!cr_out_follow(at->out, which >= 0 ? sources[which].stream : NULL, keep));
    if (which >= 0 && keep && at->following >= 0 && !sent.waiting) {
        at->coming = which == at->following ? -1 : which;
    } else if (which < 0 || which != at->coming || !keep) {
        at->fresh |= which != at->following;
        at->following = which;
        at->coming = -1;
    }
}

/* Asks for what has just left and for what never did. */
static void resend(dice *d, double now) {
    slot *at = &slots[pick(d, OUTS)];
    uint16_t numbers[8];
    for (int i = 0; i < 8; i++) numbers[i] = (uint16_t)(at->seq - 1 - pick(d, 30));
    cr_sent before, after;
    cr_out_sent(at->out, &before);
    int last = at->following >= 0 && sources[at->following].granted && !before.waiting;
    numbers[0] = (uint16_t)(at->seq - 1);
    at->again = 1;
    int count = cr_out_resend(at->out, numbers, 8, now);
    at->again = 0;
    cr_out_sent(at->out, &after);
    CHECK(after.packets == before.packets + (uint64_t)count);
    if (at->voice) CHECK(count == 0);
    else CHECK(last ? count >= 1 : count == 0);
}

static void set_up(cr_plane *plane, dice *d, cr_peer **publisher, cr_peer **viewer, uint16_t to) {
    *publisher = cr_peer_new(plane, NULL, NULL);
    *viewer = cr_peer_new(plane, NULL, NULL);
    CHECK(!cr_peer_admit(*publisher, 0, 4, LOCALHOST, 4000));
    CHECK(!cr_peer_aim(*viewer, 0, 4, LOCALHOST, to));
    for (int i = 0; i < SOURCES; i++) {
        int voice = i == 0;
        sources[i] = (source){
            .next = {.ssrc = 10u + (uint32_t)i, .type = voice ? VOICE : VIDEO,
                     .seq = (uint16_t)(65536 - pick(d, 200)), .stamp = roll(d),
                     .level = voice ? pick(d, 128) : -1, .wide = i & 1, .bits = 15, .key = -1,
                     .picture = 32767 - pick(d, 100), .base = pick(d, 256)},
            .granted = 1,
        };
        sources[i].stream = cr_stream_new(*publisher, 10u + (uint32_t)i, voice ? VOICE : VIDEO,
                                          voice ? 48000 : 90000, 1e12, LEVEL, "");
        cr_stream_grant(sources[i].stream, 1);
    }
    for (int i = 0; i < OUTS; i++) {
        uint16_t seq = (uint16_t)roll(d);
        slots[i] = (slot){.following = -1, .coming = -1, .timed = i & 1, .voice = i < 2, .seq = seq};
        slots[i].out = cr_out_new(plane, i < 2 ? 48000 : 90000, seq, roll(d));
        cr_out_aim(slots[i].out, *viewer, FIRST + (uint32_t)i, i < 2 ? VOICE : VIDEO, 3 * (i & 1));
    }
}

void orderly(dice *d, int count) {
    uint16_t port, to;
    int fd = bind_one(&port), end = bind_one(&to), got = 0;
    cr_plane *plane = cr_plane_new(watch, open_plainly, seal, open_plainly, 0);
    CHECK(plane && cr_plane_listen(plane, fd) == 0);
    cr_peer *publisher, *viewer;
    set_up(plane, d, &publisher, &viewer, to);
    double now = 1000;
    feeding = -1;
    for (int i = 0; i < count; i++) {
        now += pick(d, 20) / 1e3;
        int what = pick(d, 40), which = pick(d, SOURCES);
        if (what == 0) follow(d);
        else if (what == 1) cr_stream_grant(sources[which].stream, sources[which].granted = pick(d, 3) > 0);
        else if (what == 2) cr_stream_rest(sources[which].stream);
        else if (what == 3) resend(d, now);
        else feed(plane, d, which, now);
        if (one_in(d, 8)) {
            cr_plane_flush(plane);
            got += drain(end);
        }
    }
    cr_plane_flush(plane);
    got += drain(end);
    cr_totals totals;
    cr_plane_totals(plane, &totals);
    for (int i = 0; i < SOURCES; i++) {
        cr_counts counts;
        cr_stream_counts(sources[i].stream, &counts);
        CHECK(counts.received == (uint64_t)sources[i].sent && counts.expected == counts.received);
    }
    CHECK(totals.forged == 0 && totals.refused == 0);
    CHECK(totals.sent >= (uint64_t)got && (count < 1000 || totals.sent > (uint64_t)count / 8));
    CHECK(totals.calls <= totals.sent);
    for (int i = 0; i < OUTS; i++) cr_out_close(slots[i].out);
    cr_peer_close(publisher);
    cr_peer_close(viewer);
    cr_plane_free(plane);
    close(fd);
    close(end);
}
