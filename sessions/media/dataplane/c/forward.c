/* From a datagram to the packets that leave: the work done for every packet. */
#include <string.h>

#include "plane.h"

/* speaker.py says why. */
static const int LOUD = 50;
static const double SMOOTHING = 0.25, ONSET_S = 0.3;

/* A bucket of one second; before decryption, so that a flood costs no cryptography. */
static int admitted(cr_stream *stream, int length, double now) {
    stream->octets += (uint64_t)length;
    stream->tokens += (now - stream->filled_at) * stream->cap;
    if (stream->tokens > stream->cap) stream->tokens = stream->cap;
    stream->filled_at = now;
    if (stream->tokens < length) return 0;
    stream->tokens -= length;
    return 1;
}

/* So that one peer's flood, or one in its name, does not fill the box all peers share. */
static int may_write(cr_plane *plane, cr_peer *peer, double now) {
    peer->letters += (now - peer->letters_at) * CR_LETTERS_PER_S;
    if (peer->letters > CR_LETTERS_AT_ONCE) peer->letters = CR_LETTERS_AT_ONCE;
    peer->letters_at = now;
    if (peer->letters < 1) {
        atomic_fetch_add(&plane->refused, 1);
        return 0;
    }
    peer->letters -= 1;
    return 1;
}

static void hear(cr_plane *plane, cr_stream *stream, int level, double now) {
    stream->loudness += SMOOTHING * ((127 - level) - stream->loudness);
    int still = stream->loud_at >= 0 && now - stream->loud_at < ONSET_S;
    if (level >= LOUD) {
        if (!still) stream->loud_since = -1;
        return;
    }
    stream->loud_at = now;
    if (stream->loud_since < 0) stream->loud_since = now;
    if (stream->eager) cr_want_attention(plane, stream);
}

static void keep(cr_stream *stream, uint16_t seq, const uint8_t *data, int length) {
    cr_kept *kept = &stream->ring[seq % CR_RING];
    kept->seq = seq;
    kept->length = (uint16_t)length;
    memcpy(kept->data, data, (size_t)length);
}

/* abs-send-time: seconds as 6.18 fixed point, in a one-byte header extension (RFC 8285 §4.2). */
static void write_time(uint8_t *to, int id, double now) {
    uint32_t time = (uint32_t)(uint64_t)(now * (1 << 18)) & 0xFFFFFF;
    to[0] |= 0x10;
    cr_put32(to + CR_HEADER, 0xBEDE0001);
    cr_put32(to + CR_HEADER + 4, ((uint32_t)id << 28) | (2u << 24) | time);
}

/* Writes the packet as this viewer gets it, sealed; returns its length or 0. */
static int write_packet(cr_plane *plane, const cr_out *out, const uint8_t *data, int length,
                        const cr_view *view, const cr_vp8 *code, uint16_t seq,
                        uint32_t timestamp, double now, uint8_t *to) {
    int head = out->sent_at ? CR_HEADER + 8 : CR_HEADER;
    int body = length - view->start, size = head + body;
    if (size > CR_LARGEST) return 0;
    to[0] = view->padded ? 0xA0 : 0x80;
    to[1] = (uint8_t)(view->marker | out->payload_type);
    cr_put16(to + 2, seq);
    cr_put32(to + 4, timestamp);
    cr_put32(to + 8, out->ssrc);
    if (out->sent_at) write_time(to, out->sent_at, now);
    memcpy(to + head, data + view->start, (size_t)body);
    const cr_numbers *numbers = &out->numbers;
    if (code && (numbers->picture_shift || numbers->base_shift)) {
        int shift = head - view->start;
        if (code->has_picture) {
            uint16_t picture = (uint16_t)(code->picture + numbers->picture_shift);
            if (code->long_picture)
                cr_put16(to + code->picture_at + shift, 0x8000 | (picture & 0x7FFF));
            else
                to[code->picture_at + shift] = picture & 0x7F;
        }
        if (code->has_base)
            to[code->base_at + shift] = (uint8_t)(code->base + numbers->base_shift);
    }
    return plane->protect(out->peer->sending, to, &size) ? 0 : size;
}

static int reachable(const cr_out *out) { return out->peer && out->peer->aimed; }

static void fan(cr_plane *plane, cr_stream *stream, const uint8_t *data, int length,
                const cr_view *view, double now) {
    cr_vp8 code;
    int coded = !stream->voice && cr_vp8_of(data, view->start, view->end, &code);
    if (coded && code.has_picture) {
        stream->picture = code.picture;
        stream->base = code.has_base ? code.base : -1;
    }
    for (int i = 0; i < stream->out_count; i++) {
        cr_out *out = stream->outs[i];
        if (!reachable(out)) continue;
        if (out->stream != stream) {
            if (!coded || !code.keyframe) continue;
            cr_take_up(out);
        }
        if (out->waiting) {
            if (!stream->voice && !(coded && code.keyframe)) continue;
            cr_numbers_start(&out->numbers, view->seq, view->timestamp, now,
                             coded && code.has_picture ? code.picture : -1,
                             coded && code.has_base ? code.base : -1);
            out->waiting = 0;
        }
        uint16_t seq;
        uint32_t timestamp;
        if (!cr_numbers_forward(&out->numbers, view->seq, view->timestamp, now, &seq, &timestamp))
            continue;
        uint8_t *buffer = cr_batch_buffer(plane);
        int size = write_packet(plane, out, data, length, view, coded ? &code : NULL, seq,
                                timestamp, now, buffer);
        if (!size) continue;
        cr_batch_add(plane, out->peer, buffer, size);
        out->packets++;
        out->octets += (uint64_t)(length - view->start);
    }
}

static cr_stream *stream_of(const cr_peer *peer, uint32_t ssrc) {
    for (int i = peer->count; i-- > 0;) /* the newest of a name */
        if (peer->streams[i]->known && peer->streams[i]->ssrc == ssrc) return peer->streams[i];
    return NULL;
}

static int was_guessed(const cr_peer *peer, uint32_t ssrc) {
    for (int i = 0; i < peer->guessing; i++)
        if (peer->guessed[i] == ssrc) return 1;
    return 0;
}

/* Says whether a packet of an unknown source may be decrypted to see which layer it is. */
static int may_guess(cr_plane *plane, cr_peer *peer, const uint8_t *data, double now) {
    int hoped = 0;
    for (int i = 0; i < peer->count; i++)
        hoped |= !peer->streams[i]->known && peer->streams[i]->payload_type == (data[1] & 0x7F);
    if (!hoped) return 0;
    if (peer->guessing == CR_STREAMS && !was_guessed(peer, cr_get32(data + 8))) return 0;
    return may_write(plane, peer, now);
}

/* Returns the stream whose layer this authentic packet names, or NULL. */
static cr_stream *learned(cr_peer *peer, const uint8_t *data, int length, const cr_view *view) {
    /* Not before it is known to be authentic: anybody could use the places up. */
    if (!was_guessed(peer, view->ssrc)) peer->guessed[peer->guessing++] = view->ssrc;
    for (int i = 0; i < peer->count; i++) {
        cr_stream *stream = peer->streams[i];
        if (stream->known || stream->payload_type != view->payload_type) continue;
        int size, at = cr_extension_of(data, length, stream->extension, &size);
        if (!at || (size_t)size != strlen(stream->rid) || memcmp(data + at, stream->rid, (size_t)size))
            continue;
        stream->ssrc = view->ssrc;
        stream->known = 1;
        return stream;
    }
    return NULL;
}

static void handle_rtp(cr_plane *plane, cr_peer *peer, uint8_t *data, int length, double now) {
    int whole = length;
    cr_stream *stream = stream_of(peer, cr_get32(data + 8));
    if (stream ? (data[1] & 0x7F) != stream->payload_type : !may_guess(plane, peer, data, now))
        return;
    if (stream && !admitted(stream, whole, now)) {
        atomic_fetch_add(&plane->refused, 1);
        return;
    }
    cr_view view;
    if (plane->unprotect(peer->receiving, data, &length) || !cr_view_of(data, length, &view)) {
        atomic_fetch_add(&plane->forged, 1);
        return;
    }
    if (!stream && (!(stream = learned(peer, data, length, &view)) || !admitted(stream, whole, now)))
        return;
    if (cr_arrivals_take(&stream->arrivals, view.seq, view.timestamp, now) && !stream->voice)
        cr_want_attention(plane, stream);
    if (!stream->granted) return;
    stream->heard_at = now;
    if (!stream->flowing) {
        stream->flowing = 1;
        cr_want_attention(plane, stream);
    }
    if (stream->voice) {
        int size, at = cr_extension_of(data, length, stream->extension, &size);
        if (at) hear(plane, stream, data[at] & 0x7F, now);
    } else {
        keep(stream, view.seq, data, length);
    }
    fan(plane, stream, data, length, &view, now);
}

static void handle_rtcp(cr_plane *plane, cr_peer *peer, const cr_place *from, uint8_t *data,
                        int length, double now) {
    uint32_t reporter = cr_get32(data + 4);
    int known = 0;
    for (int i = 0; i < peer->reporting && !known; i++) known = peer->reporters[i] == reporter;
    if ((!known && peer->reporting >= CR_REPORTERS) || !may_write(plane, peer, now)) return;
    if (plane->unprotect_rtcp(peer->receiving, data, &length)) {
        atomic_fetch_add(&plane->forged, 1);
        return;
    }
    if (!known) peer->reporters[peer->reporting++] = reporter;
    cr_post(plane, 0, peer->number, from, data, length);
}

/* Sorts one datagram (RFC 7983 §7). `data` has room for CR_TRAILER more and may be changed. */
void cr_handle(cr_plane *plane, const cr_place *from, uint8_t *data, int length, double now) {
    atomic_fetch_add(&plane->received, 1);
    if (length < 1 || length > CR_LARGEST) return;
    cr_peer *peer = cr_peer_at(plane, from);
    if (data[0] < 128 || data[0] > 191) {
        if (!peer || may_write(plane, peer, now))
            cr_post(plane, peer == NULL, 0, from, data, length);
    } else if (peer && length >= CR_HEADER) {
        peer->octets_in += (uint64_t)length;
        if (data[1] >= 192 && data[1] <= 223)
            handle_rtcp(plane, peer, from, data, length, now);
        else
            handle_rtp(plane, peer, data, length, now);
    }
}

int cr_out_resend(cr_out *out, const uint16_t *numbers, int count, double now) {
    cr_plane *plane = out->plane;
    int sent = 0;
    cr_enter(plane);
    cr_stream *stream = out->stream;
    if (!stream || stream->voice || !stream->granted || out->waiting || !reachable(out)) count = 0;
    for (int i = 0; i < count; i++) {
        int origin = cr_numbers_origin(&out->numbers, numbers[i]);
        if (origin < 0) continue;
        const cr_kept *kept = &stream->ring[origin % CR_RING];
        cr_view view;
        if (!kept->length || kept->seq != origin ||
            !cr_view_of(kept->data, kept->length, &view))
            continue;
        uint16_t seq;
        uint32_t timestamp;
        if (!cr_numbers_forward(&out->numbers, view.seq, view.timestamp, now, &seq, &timestamp) ||
            seq != numbers[i])
            continue;
        cr_vp8 code;
        int coded = cr_vp8_of(kept->data, view.start, view.end, &code);
        uint8_t packet[CR_LARGEST + CR_TRAILER];
        int size = write_packet(plane, out, kept->data, kept->length, &view, coded ? &code : NULL,
                                seq, timestamp, now, packet);
        if (!size || cr_send_one(plane, out->peer, packet, size)) continue;
        out->packets++;
        out->octets += (uint64_t)(kept->length - view.start);
        sent++;
    }
    cr_leave(plane);
    return sent;
}
