/* Who is who: peers by address, their streams, and the slots that follow them. */
#include <string.h>
#include <stdlib.h>

#include "plane.h"

static unsigned bucket_of(const cr_place *place) {
    uint32_t hash = 2166136261u ^ (uint32_t)place->port;
    for (int i = 0; i < (place->family == 4 ? 4 : 16); i++)
        hash = (hash ^ place->address[i]) * 16777619u;
    hash = (hash ^ place->udp_port) * 16777619u;
    return (hash ^ (hash >> 15)) % CR_BUCKETS;
}

static int same_place(const cr_place *a, const cr_place *b) {
    return a->port == b->port && a->family == b->family && a->udp_port == b->udp_port &&
           !memcmp(a->address, b->address, a->family == 4 ? 4 : 16);
}

static int place_of(const cr_plane *plane, int port, int family, const uint8_t *address,
                    uint16_t udp_port, cr_place *place) {
    if (port < 0 || port >= plane->ports || (family != 4 && family != 6)) return -1;
    memset(place, 0, sizeof *place);
    place->port = port;
    place->family = (uint8_t)family;
    place->udp_port = udp_port;
    memcpy(place->address, address, family == 4 ? 4 : 16);
    return 0;
}

static socklen_t socket_address(const cr_place *place, struct sockaddr_storage *to) {
    memset(to, 0, sizeof *to);
    if (place->family == 4) {
        struct sockaddr_in *four = (struct sockaddr_in *)to;
        four->sin_family = AF_INET;
        four->sin_port = htons(place->udp_port);
        memcpy(&four->sin_addr, place->address, 4);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(place->udp_port);
    memcpy(&six->sin6_addr, place->address, 16);
    return sizeof *six;
}

cr_peer *cr_peer_at(const cr_plane *plane, const cr_place *place) {
    for (const cr_known *known = plane->known[bucket_of(place)]; known; known = known->next)
        if (same_place(&known->place, place)) return known->peer;
    return NULL;
}

static void forget(cr_plane *plane, const cr_place *place, const cr_peer *peer) {
    for (cr_known **at = &plane->known[bucket_of(place)]; *at; at = &(*at)->next)
        if ((*at)->peer == peer && same_place(&(*at)->place, place)) {
            cr_known *gone = *at;
            *at = gone->next;
            free(gone);
            return;
        }
}

/* peers */

cr_peer *cr_peer_new(cr_plane *plane, void *receiving, void *sending) {
    cr_peer *peer = calloc(1, sizeof *peer);
    if (!peer) return NULL;
    peer->plane = plane;
    peer->receiving = receiving;
    peer->sending = sending;
    peer->letters = CR_LETTERS_AT_ONCE;
    cr_enter(plane);
    peer->number = ++plane->serial;
    cr_leave(plane);
    return peer;
}

uint64_t cr_peer_number(const cr_peer *peer) { return peer->number; }

int cr_peer_admit(cr_peer *peer, int port, int family, const uint8_t *address, uint16_t udp_port) {
    cr_plane *plane = peer->plane;
    cr_known *known = calloc(1, sizeof *known);
    if (!known || place_of(plane, port, family, address, udp_port, &known->place)) {
        free(known);
        return -1;
    }
    known->peer = peer;
    cr_enter(plane);
    cr_known **at = &plane->known[bucket_of(&known->place)];
    while (*at && !same_place(&(*at)->place, &known->place)) at = &(*at)->next;
    if (*at) {
        (*at)->peer = peer; /* the address went to another peer */
        free(known);
    } else {
        *at = known;
    }
    cr_leave(plane);
    return 0;
}

void cr_peer_forget(cr_peer *peer, int port, int family, const uint8_t *address,
                    uint16_t udp_port) {
    cr_place place;
    if (place_of(peer->plane, port, family, address, udp_port, &place)) return;
    cr_enter(peer->plane);
    forget(peer->plane, &place, peer);
    cr_leave(peer->plane);
}

int cr_peer_aim(cr_peer *peer, int port, int family, const uint8_t *address, uint16_t udp_port) {
    cr_place place = {0};
    if (port >= 0 && place_of(peer->plane, port, family, address, udp_port, &place)) return -1;
    cr_enter(peer->plane);
    peer->aimed = port >= 0;
    if (peer->aimed) {
        peer->place = place;
        peer->to_length = socket_address(&place, &peer->to);
    }
    cr_leave(peer->plane);
    return 0;
}

int cr_peer_report(cr_peer *peer, const uint8_t *data, int length) {
    uint8_t packet[CR_LARGEST + CR_TRAILER];
    if (length < 8 || length > CR_LARGEST) return -1;
    memcpy(packet, data, (size_t)length);
    cr_enter(peer->plane);
    int failed = !peer->aimed || peer->plane->protect_rtcp(peer->sending, packet, &length) ||
                 cr_send_one(peer->plane, peer, packet, length);
    cr_leave(peer->plane);
    return failed ? -1 : 0;
}

void cr_peer_octets(cr_peer *peer, uint64_t *received, uint64_t *sent) {
    cr_enter(peer->plane);
    *received = peer->octets_in;
    *sent = peer->octets_out;
    cr_leave(peer->plane);
}

static void close_stream(cr_stream *stream);

void cr_peer_close(cr_peer *peer) {
    cr_plane *plane = peer->plane;
    cr_enter(plane);
    for (int i = 0; i < CR_BUCKETS; i++)
        for (cr_known **at = &plane->known[i]; *at;) {
            cr_known *known = *at;
            if (known->peer == peer) {
                *at = known->next;
                free(known);
            } else {
                at = &known->next;
            }
        }
    while (peer->count) close_stream(peer->streams[0]);
    for (cr_out *out = plane->outs; out; out = out->next)
        if (out->peer == peer) out->peer = NULL;
    free(peer);
    cr_leave(plane);
}

/* streams */

cr_stream *cr_stream_new(cr_peer *peer, uint32_t ssrc, int payload_type, uint32_t clock,
                         double octets_per_s, int extension, const char *rid) {
    size_t named = strlen(rid);
    if (named > CR_RID) return NULL;
    cr_stream *stream = calloc(1, sizeof *stream);
    if (!stream) return NULL;
    stream->voice = clock == 48000;
    if (!stream->voice && !(stream->ring = calloc(CR_RING, sizeof *stream->ring))) {
        free(stream);
        return NULL;
    }
    stream->peer = peer;
    stream->ssrc = ssrc;
    stream->clock = stream->arrivals.clock = clock;
    stream->payload_type = payload_type;
    stream->extension = extension;
    stream->known = !named;
    memcpy(stream->rid, rid, named);
    stream->cap = stream->tokens = octets_per_s;
    stream->loud_since = stream->loud_at = -1;
    stream->picture = stream->base = -1;
    cr_enter(peer->plane);
    int full = peer->count == CR_STREAMS;
    if (!full) {
        stream->number = ++peer->plane->serial;
        peer->streams[peer->count++] = stream;
    }
    cr_leave(peer->plane);
    if (full) {
        free(stream->ring);
        free(stream);
        return NULL;
    }
    return stream;
}

uint64_t cr_stream_number(const cr_stream *stream) { return stream->number; }

void cr_stream_grant(cr_stream *stream, int granted) {
    cr_enter(stream->peer->plane);
    stream->granted = granted != 0;
    cr_leave(stream->peer->plane);
}

void cr_stream_rest(cr_stream *stream) {
    cr_enter(stream->peer->plane);
    stream->flowing = 0;
    stream->loudness = 0;
    stream->loud_since = stream->loud_at = -1;
    cr_leave(stream->peer->plane);
}

void cr_stream_watch(cr_stream *stream, int eager) {
    cr_enter(stream->peer->plane);
    stream->eager = eager != 0;
    cr_leave(stream->peer->plane);
}

void cr_stream_counts(cr_stream *stream, cr_counts *counts) {
    cr_enter(stream->peer->plane);
    const cr_arrivals *arrivals = &stream->arrivals;
    *counts = (cr_counts){
        .received = arrivals->received,
        .expected = cr_arrivals_expected(arrivals),
        .octets = stream->octets,
        .highest = (uint32_t)(arrivals->cycles + arrivals->highest),
        .jitter = arrivals->jitter < 4294967295.0 ? (uint32_t)arrivals->jitter : UINT32_MAX,
        .heard_at = stream->heard_at,
        .loudness = stream->loudness,
        .loud_since = stream->loud_since,
        .loud_at = stream->loud_at,
        .flowing = stream->flowing,
        .ssrc = stream->known ? stream->ssrc : 0,
    };
    cr_leave(stream->peer->plane);
}

int cr_stream_due(cr_stream *stream, double now, uint16_t *numbers, int room) {
    cr_enter(stream->peer->plane);
    int due = cr_arrivals_due(&stream->arrivals, now, numbers, room);
    cr_leave(stream->peer->plane);
    return due;
}

static void forget_attention(cr_plane *plane, const cr_stream *stream) {
    cr_stream *before = NULL;
    for (cr_stream **at = &plane->attention; *at; before = *at, at = &(*at)->next)
        if (*at == stream) {
            *at = stream->next;
            if (plane->newest == stream) plane->newest = before;
            return;
        }
}

static void close_stream(cr_stream *stream) {
    cr_peer *peer = stream->peer;
    while (stream->out_count) cr_out_lose(stream->outs[0], stream);
    for (int i = 0; i < peer->count; i++)
        if (peer->streams[i] == stream) {
            memmove(peer->streams + i, peer->streams + i + 1,
                    sizeof *peer->streams * (size_t)(--peer->count - i));
            break;
        }
    forget_attention(peer->plane, stream);
    free(stream->outs);
    free(stream->ring);
    free(stream);
}

void cr_stream_close(cr_stream *stream) {
    cr_plane *plane = stream->peer->plane;
    cr_enter(plane);
    close_stream(stream);
    cr_leave(plane);
}
