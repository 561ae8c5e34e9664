/* Calls of every kind, in any order, with good and bad arguments. */
#include "calls.h"
#include "packet.h"

person people[PEOPLE];
slot slots[OUTS];
int threads;

int watch(void *session, void *packet, int *length) {
    const uint8_t *data = packet;
    if (!threads) {
        uint32_t which = cr_get32(data + 8) - FIRST;
        CHECK(which < OUTS && (data[0] & 0xCF) == 0x80);
        const slot *at = &slots[which];
        CHECK(at->out && at->viewer >= 0 && session == &people[at->viewer]);
        int granted = 0;
        for (int who = 0; who < PEOPLE; who++)
            for (int i = 0; i < STREAMS; i++)
                granted |= (at->may[who] >> i & 1) && people[who].granted[i];
        CHECK(granted);
    }
    return seal(session, packet, length);
}

static int count_streams(const person *p) {
    int count = 0;
    for (int i = 0; i < STREAMS; i++) count += p->streams[i] != NULL;
    return count;
}

static void unfollow(int who, int which) {
    for (int i = 0; i < OUTS; i++) {
        slots[i].may[who] &= ~(1u << which);
        if (slots[i].source == who && slots[i].stream == which) slots[i].source = -1;
    }
}

static void close_person(int who) {
    person *p = &people[who];
    cr_peer_close(p->peer);
    p->peer = NULL;
    for (int i = 0; i < STREAMS; i++) {
        p->streams[i] = NULL;
        unfollow(who, i);
    }
    for (int i = 0; i < OUTS; i++)
        if (slots[i].viewer == who) slots[i].viewer = -1;
}

void open_person(cr_plane *plane, int who) {
    person *p = &people[who];
    p->peer = cr_peer_new(plane, p, p);
    CHECK(p->peer);
    CHECK(!cr_peer_admit(p->peer, who % PORTS, 4, LOCALHOST, p->udp_port));
    CHECK(!cr_peer_aim(p->peer, who % PORTS, 4, LOCALHOST, p->udp_port));
}

static void change_stream(dice *d, int who) {
    person *p = &people[who];
    int which = pick(d, STREAMS);
    if (p->streams[which]) {
        if (pick(d, 12)) return;
        cr_stream_close(p->streams[which]);
        p->streams[which] = NULL;
        unfollow(who, which);
        return;
    }
    int voice = one_in(d, 2), room = count_streams(p) < MOST_STREAMS;
    double cap = one_in(d, 5) ? pick(d, 5000) : 1e9;
    p->type[which] = voice ? VOICE : VIDEO;
    p->ssrc[which] = (uint32_t)pick(d, 30);
    p->streams[which] = cr_stream_new(p->peer, p->ssrc[which], p->type[which],
                                      voice ? 48000 : 90000, cap, pick(d, 3),
                                      (const char *[]){"", "", "l", "h"}[voice ? 0 : pick(d, 4)]);
    CHECK((p->streams[which] != NULL) == room);
    p->granted[which] = room && pick(d, 4);
    if (p->granted[which]) cr_stream_grant(p->streams[which], 1);
}

static void change_out(cr_plane *plane, dice *d) {
    int i = pick(d, OUTS), who = pick(d, PEOPLE), which = pick(d, STREAMS);
    slot *at = &slots[i];
    while (!people[who].streams[which] && pick(d, 20)) which = pick(d, STREAMS);
    cr_stream *stream = people[who].streams[which];
    if (!at->out) {
        at->out = cr_out_new(plane, one_in(d, 2) ? 48000 : 90000, (uint16_t)roll(d), roll(d));
        CHECK(at->out);
    }
    switch (pick(d, 6)) {
    case 0:
        if (pick(d, 10)) break;
        at->viewer = at->source = -1;
        memset(at->may, 0, sizeof at->may);
        cr_out_close(at->out);
        at->out = NULL;
        break;
    case 1:
    case 2:
        if (pick(d, 20)) at->viewer = people[who].peer ? who : -1;
        else at->viewer = -1;
        cr_out_aim(at->out, at->viewer >= 0 ? people[who].peer : NULL, FIRST + (uint32_t)i, VIDEO,
                   pick(d, 3));
        break;
    default:
        if (!stream || one_in(d, 2)) {
            memset(at->may, 0, sizeof at->may);
            CHECK(!cr_out_follow(at->out, stream, 0));
        } else {
            CHECK(!cr_out_follow(at->out, stream, 1));
        }
        if (stream) at->may[who] |= 1u << which;
        at->source = stream ? who : -1;
        at->stream = which;
    }
}

static void change_address(dice *d, person *p) {
    uint8_t address[16] = {10, 0, 0, (uint8_t)pick(d, 3)};
    int port = pick(d, PORTS), family = 4;
    uint16_t udp_port = (uint16_t)pick(d, 4);
    if (one_in(d, 8)) {
        memcpy(address, LOCALHOST, 4);
        udp_port = people[pick(d, PEOPLE)].udp_port;
    }
    if (one_in(d, 10)) family = 6;
    if (one_in(d, 20)) port = 7, family = 4;
    if (one_in(d, 20)) family = 5;
    int good = port < PORTS && family != 5;
    switch (pick(d, 4)) {
    case 0: CHECK(cr_peer_admit(p->peer, port, family, address, udp_port) == (good ? 0 : -1)); break;
    case 1: cr_peer_forget(p->peer, port, family, address, udp_port); break;
    case 2: CHECK(cr_peer_aim(p->peer, port, family, address, udp_port) == (good ? 0 : -1)); break;
    default:
        if (one_in(d, 4)) CHECK(!cr_peer_aim(p->peer, -1, 4, address, 0));
        else CHECK(!cr_peer_aim(p->peer, port % PORTS, 4, LOCALHOST, p->udp_port));
        CHECK(!cr_peer_admit(p->peer, (int)(p - people) % PORTS, 4, LOCALHOST, p->udp_port));
    }
}

static void ask_stream(dice *d, person *p, double now) {
    int which = pick(d, STREAMS);
    cr_stream *stream = p->streams[which];
    if (!stream) return;
    uint16_t numbers[256];
    cr_counts counts;
    int room = pick(d, 257);
    switch (pick(d, 6)) {
    case 0: cr_stream_grant(stream, p->granted[which] = pick(d, 8) > 0); break;
    case 1: cr_stream_rest(stream); break;
    case 2: cr_stream_watch(stream, pick(d, 2)); break;
    case 3:
        cr_stream_counts(stream, &counts);
        CHECK(counts.received <= counts.octets && counts.loudness >= 0 && counts.loudness <= 127);
        CHECK(counts.expected < UINT64_C(1) << 40);
        break;
    default: CHECK(cr_stream_due(stream, now, numbers, room) <= room);
    }
}

static void ask_out(dice *d, double now) {
    const slot *at = &slots[pick(d, OUTS)];
    if (!at->out) return;
    uint16_t numbers[64];
    cr_sent sent;
    int count = pick(d, 65), first = (int)roll(d) & 0xFFFF;
    for (int i = 0; i < count; i++) numbers[i] = (uint16_t)(first + pick(d, 2000));
    CHECK(cr_out_resend(at->out, numbers, count, now) <= count);
    cr_out_sent(at->out, &sent);
    CHECK(sent.octets <= sent.packets * LARGEST);
    if (!threads) CHECK(at->viewer >= 0 || !sent.aimed);
}

static void ask_plane(cr_plane *plane, dice *d) {
    cr_letter letter;
    cr_totals totals;
    switch (pick(d, 6)) {
    case 0: cr_plane_hush(plane); break;
    case 1: cr_plane_ring(plane); break;
    case 2:
        if (pick(d, 20)) break; /* so that the boxes fill up */
        for (int strangers = 0, left = 512; strangers < 2; strangers++, left = 512)
            for (; cr_plane_take(plane, strangers, &letter); left--)
                CHECK((left > 0 || threads) && letter.length >= 0 && letter.length <= LARGEST);
        break;
    case 3:
        for (int i = pick(d, 100); i > 0 && cr_plane_attend(plane); i--) continue;
        break;
    default: cr_plane_totals(plane, &totals);
    }
}

static void report(dice *d, person *p) {
    uint8_t data[LARGEST + 1];
    int length = one_in(d, 20) ? (int[]){-1, 0, 7, LARGEST + 1}[pick(d, 4)] : 8 + pick(d, LARGEST - 7);
    scribble(d, data, sizeof data);
    data[0] = 0x80;
    int failed = cr_peer_report(p->peer, data, length);
    CHECK(failed == 0 || failed == -1);
    CHECK(failed || (length >= 8 && length <= LARGEST));
}

void call(cr_plane *plane, dice *d, double now) {
    int who = pick(d, PEOPLE);
    person *p = &people[who];
    if (!p->peer) {
        open_person(plane, who);
        return;
    }
    switch (pick(d, 40)) {
    case 0:
        if (one_in(d, 8)) close_person(who);
        break;
    case 1:
    case 2: change_address(d, p); break;
    case 3:
    case 4: change_stream(d, who); break;
    case 5:
    case 6: report(d, p); break;
    case 7:
    case 8:
    case 9: ask_plane(plane, d); break;
    case 10:
    case 11:
    case 12: ask_out(d, now); break;
    case 13:
    case 14:
    case 15:
    case 16: change_out(plane, d); break;
    default: ask_stream(d, p, now);
    }
}
