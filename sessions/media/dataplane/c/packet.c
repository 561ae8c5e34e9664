#include "packet.h"

#include <string.h>

int cr_view_of(const uint8_t *data, int size, cr_view *view) {
    if (size < CR_HEADER || data[0] >> 6 != 2) return 0;
    int start = CR_HEADER + 4 * (data[0] & 15);
    if (data[0] & 0x10) {
        if (size < start + 4) return 0;
        start += 4 + 4 * cr_get16(data + start + 2);
    }
    int end = size;
    if (data[0] & 0x20) {
        if (data[size - 1] == 0) return 0;
        end -= data[size - 1];
    }
    if (start > end) return 0;
    view->seq = cr_get16(data + 2);
    view->timestamp = cr_get32(data + 4);
    view->ssrc = cr_get32(data + 8);
    view->payload_type = data[1] & 0x7F;
    view->marker = data[1] & 0x80;
    view->padded = (data[0] & 0x20) != 0;
    view->start = start;
    view->end = end;
    return 1;
}

int cr_extension_of(const uint8_t *data, int size, int wanted, int *length) {
    if (!(data[0] & 0x10)) return 0;
    int at = CR_HEADER + 4 * (data[0] & 15);
    if (at + 4 > size) return 0;
    int profile = cr_get16(data + at);
    int end = at + 4 + 4 * cr_get16(data + at + 2);
    if (end > size || (profile != 0xBEDE && profile != 0x1000)) return 0;
    at += 4;
    while (at < end) {
        if (data[at] == 0) {
            at++;
            continue;
        }
        int name;
        if (profile == 0xBEDE) {
            name = data[at] >> 4;
            *length = (data[at] & 15) + 1;
            at += 1;
            if (name == 0 || name == 15) return 0; /* nothing counts after these (RFC 8285 §4.2) */
        } else if (at + 1 < end) {
            name = data[at];
            *length = data[at + 1];
            at += 2;
        } else {
            return 0;
        }
        if (at + *length > end) return 0;
        if (name == wanted) return *length ? at : 0;
        at += *length;
    }
    return 0;
}

int cr_vp8_of(const uint8_t *data, int start, int end, cr_vp8 *code) {
    memset(code, 0, sizeof *code);
    const uint8_t *head = data + start;
    int room = end - start, at = 1, flags = 0;
    if (room < 1) return 0;
    if (head[0] & 0x80) {
        if (room < 2) return 0;
        flags = head[1];
        at = 2;
    }
    if (flags & 0x80) {
        if (room <= at) return 0;
        code->has_picture = 1;
        code->picture_at = start + at;
        code->long_picture = head[at] >= 0x80;
        code->picture = head[at] & 0x7F;
        if (code->long_picture) {
            if (room <= at + 1) return 0;
            code->picture = (uint16_t)((code->picture << 8) | head[at + 1]);
        }
        at += 1 + code->long_picture;
    }
    if (flags & 0x40) {
        if (room <= at) return 0;
        code->has_base = 1;
        code->base = head[at];
        code->base_at = start + at;
        at += 1;
    }
    if (flags & 0x30) at += 1;
    /* S bit and partition 0 begin a frame; P = 0 in the frame tag is a keyframe (RFC 7741 §4.3). */
    int begins = (head[0] & 0x10) && !(head[0] & 0x07);
    if (begins && room <= at) return 0;
    code->keyframe = begins && !(head[at] & 1);
    return 1;
}
