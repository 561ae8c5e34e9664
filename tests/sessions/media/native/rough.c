/* Hostile packets between calls of every kind: one after the other, and beside two threads. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "calls.h"
#include "packet.h"

static int fds[PORTS];
static uint16_t udp_ports[PORTS];

/* The readers alone, on no byte more than the packet has. */
static void read_alone(const uint8_t *packet, int length) {
    uint8_t *data = malloc((size_t)length + !length);
    CHECK(data);
    memcpy(data, packet, (size_t)length);
    cr_view view;
    if (cr_view_of(data, length, &view)) {
        cr_vp8 code;
        int size, at = cr_extension_of(data, length, LEVEL, &size);
        CHECK(!at || (at >= 17 && size > 0 && at + size <= view.start));
        /* The descriptor may fill the packet: what follows it here is not ours to read. */
        int room = view.end - view.start;
        uint8_t *payload = malloc((size_t)room + !room);
        CHECK(payload);
        memcpy(payload, data + view.start, (size_t)room);
        if (cr_vp8_of(payload, 0, room, &code))
            CHECK(code.picture_at + code.long_picture < room && code.base_at < room);
        free(payload);
    }
    free(data);
}

static void feed(cr_plane *plane, dice *d, uint16_t *seq, double now) {
    uint8_t data[LARGEST + 2], address[16] = {10, 0, 0, (uint8_t)pick(d, 3)};
    uint16_t udp_port = (uint16_t)pick(d, 4);
    int who = pick(d, PEOPLE), which = pick(d, STREAMS), family = one_in(d, 20) ? 6 : 4;
    const slot *at = &slots[pick(d, OUTS)];
    if (at->source >= 0) {
        who = at->source;
        which = at->stream;
    }
    if (pick(d, 8)) {
        memcpy(address, LOCALHOST, 4);
        udp_port = people[who].udp_port;
    }
    if (one_in(d, 2000)) *seq = (uint16_t)(*seq + pick(d, 40000));
    int port = one_in(d, 20) ? pick(d, 4) : who % PORTS;
    int length = bake_badly(d, people[who].ssrc[which], people[who].type[which],
                            (uint16_t)(++*seq - pick(d, 4)), data);
    read_alone(data, length);
    cr_plane_feed(plane, port, family, address, udp_port, data, length, now);
}

static cr_plane *begin(dice *d) {
    cr_plane *plane = cr_plane_new(watch, open_badly, seal, open_badly, threads ? 50 : 0);
    CHECK(plane);
    for (int i = 0; i < PORTS; i++) {
        fds[i] = bind_one(&udp_ports[i]);
        CHECK(cr_plane_listen(plane, fds[i]) == i);
    }
    CHECK(cr_plane_listen(plane, -1) == -1);
    for (int i = 0; i < PEOPLE; i++) {
        memset(&people[i], 0, sizeof people[i]);
        people[i].luck.state = roll(d) + 1u;
        people[i].fd = bind_one(&people[i].udp_port);
        open_person(plane, i);
    }
    for (int i = 0; i < OUTS; i++) slots[i] = (slot){.viewer = -1, .source = -1};
    return plane;
}

static void end(cr_plane *plane) {
    for (int i = 0; i < OUTS; i++)
        if (slots[i].out) cr_out_close(slots[i].out);
    for (int i = 0; i < PEOPLE; i++) {
        if (people[i].peer) cr_peer_close(people[i].peer);
        close(people[i].fd);
    }
    cr_plane_free(plane);
    for (int i = 0; i < PORTS; i++) close(fds[i]);
}

void rough(dice *d, int count) {
    threads = 0;
    cr_plane *plane = begin(d);
    double now = 1000;
    uint16_t seq = (uint16_t)roll(d);
    int got = 0;
    for (int i = 0; i < count; i++) {
        now += pick(d, 3000) / 1e6;
        if (one_in(d, 5)) call(plane, d, now);
        else feed(plane, d, &seq, now);
        if (one_in(d, 30)) cr_plane_flush(plane);
        if (one_in(d, 30)) got += drain(people[pick(d, PEOPLE)].fd);
    }
    CHECK(count < 10000 || got > count / 50);
    end(plane);
}

static atomic_int over;

static void *send_on(void *argument) {
    dice d = {*(uint64_t *)argument};
    uint8_t data[LARGEST + 2];
    uint16_t seq = 0;
    while (!atomic_load(&over)) {
        for (int i = 0; i < 40; i++) {
            int who = pick(&d, PEOPLE), port = one_in(&d, 20) ? pick(&d, PORTS) : who % PORTS;
            struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(udp_ports[port]),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
            int type = one_in(&d, 2) ? VIDEO : VOICE;
            int length = bake_badly(&d, (uint32_t)pick(&d, 30), type, ++seq, data);
            sendto(people[who].fd, data, (size_t)length, 0, (struct sockaddr *)&to, sizeof to);
            drain(people[who].fd);
        }
        sched_yield();
    }
    return NULL;
}

void crowd(dice *d, int count) {
    threads = 1;
    cr_plane *plane = begin(d);
    uint64_t seed = roll(d) + 1u;
    pthread_t sender;
    cr_totals totals;
    atomic_store(&over, 0);
    CHECK(!cr_plane_start(plane) && cr_plane_listen(plane, fds[0]) == -1);
    CHECK(!pthread_create(&sender, NULL, send_on, &seed));
    do {
        for (int i = 0; i < count; i++) call(plane, d, cr_now());
        cr_plane_totals(plane, &totals);
    } while (totals.received < 1000 || !totals.sent || !totals.calls);
    if (one_in(d, 2)) atomic_store(&over, 1);
    cr_plane_stop(plane);
    atomic_store(&over, 1);
    CHECK(!pthread_join(sender, NULL));
    for (int i = 0; i < 200; i++) call(plane, d, cr_now());
    uint8_t data[8] = {0x80, 201, 0, 1};
    for (int i = 0; i < PEOPLE; i++)
        if (people[i].peer) CHECK(cr_peer_report(people[i].peer, data, sizeof data) == -1);
    end(plane);
}
