/* The slots of viewers, and what they follow. */
#include <stdlib.h>
#include <string.h>

#include "plane.h"

static void strike(cr_stream *stream, const cr_out *out) {
    for (int i = 0; i < stream->out_count; i++)
        if (stream->outs[i] == out) {
            memmove(stream->outs + i, stream->outs + i + 1,
                    sizeof *stream->outs * (size_t)(stream->out_count - i - 1));
            stream->out_count--;
            return;
        }
}

static void await_nothing(cr_out *out) {
    if (out->coming) strike(out->coming, out);
    out->coming = NULL;
}

static void leave_stream(cr_out *out) {
    cr_stream *stream = out->stream;
    if (!stream) return;
    strike(stream, out);
    if (stream->picture >= 0 && !out->waiting)
        cr_numbers_note_picture(&out->numbers, stream->picture, stream->base);
    out->stream = NULL;
    out->waiting = 1;
}

static void detach(cr_out *out) {
    await_nothing(out);
    leave_stream(out);
}

/* The stream it was waiting for begins. */
void cr_take_up(cr_out *out) {
    cr_stream *coming = out->coming;
    leave_stream(out);
    out->coming = NULL;
    out->stream = coming;
}

/* Returns 0 without memory. */
static int enlist(cr_stream *stream, cr_out *out) {
    if (stream->out_count == stream->out_room) {
        int room = stream->out_room ? 2 * stream->out_room : 8;
        cr_out **outs = realloc(stream->outs, sizeof *outs * (size_t)room);
        if (!outs) return 0;
        stream->outs = outs;
        stream->out_room = room;
    }
    stream->outs[stream->out_count++] = out;
    return 1;
}

/* The stream is going away. */
void cr_out_lose(cr_out *out, const cr_stream *stream) {
    if (out->stream == stream)
        leave_stream(out);
    else
        await_nothing(out);
}

cr_out *cr_out_new(cr_plane *plane, uint32_t clock, uint16_t seq, uint32_t timestamp) {
    cr_out *out = calloc(1, sizeof *out);
    if (!out) return NULL;
    out->plane = plane;
    out->waiting = 1;
    cr_numbers_begin(&out->numbers, clock, seq, timestamp);
    cr_enter(plane);
    out->next = plane->outs;
    if (out->next) out->next->before = out;
    plane->outs = out;
    cr_leave(plane);
    return out;
}

void cr_out_aim(cr_out *out, cr_peer *peer, uint32_t ssrc, int payload_type, int sent_at) {
    cr_enter(out->plane);
    out->peer = peer;
    out->ssrc = ssrc;
    out->payload_type = payload_type;
    out->sent_at = sent_at;
    cr_leave(out->plane);
}

int cr_out_follow(cr_out *out, cr_stream *stream, int keep) {
    int failed = 0;
    cr_enter(out->plane);
    if (stream && stream == out->stream) {
        await_nothing(out);
    } else if (!stream || stream != out->coming) {
        if (keep && stream && out->stream && !out->waiting) {
            await_nothing(out);
            failed = !enlist(stream, out);
            if (!failed) out->coming = stream;
        } else {
            detach(out);
            failed = stream && !enlist(stream, out);
            if (!failed) out->stream = stream;
        }
    } else if (!keep) {
        cr_take_up(out); /* no longer kept: nothing until it begins */
    }
    cr_leave(out->plane);
    return failed ? -1 : 0;
}

void cr_out_sent(cr_out *out, cr_sent *sent) {
    cr_enter(out->plane);
    *sent = (cr_sent){out->packets, out->octets, out->numbers.stamp_shift, out->waiting,
                      out->coming != NULL,
                      out->peer && out->peer->aimed};
    cr_leave(out->plane);
}

void cr_out_close(cr_out *out) {
    cr_plane *plane = out->plane;
    cr_enter(plane);
    detach(out);
    if (out->before)
        out->before->next = out->next;
    else
        plane->outs = out->next;
    if (out->next) out->next->before = out->before;
    free(out);
    cr_leave(plane);
}
