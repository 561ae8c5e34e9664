#include "numbers.h"

#include <string.h>

/* Packets after which nothing from before a change can still be under way. */
enum { SETTLED = 1 << 12 };

void cr_numbers_begin(cr_numbers *numbers, uint32_t clock, uint16_t seq, uint32_t timestamp) {
    memset(numbers, 0, sizeof *numbers);
    numbers->clock = clock;
    numbers->seq = (uint16_t)(seq - 1);
    numbers->timestamp = timestamp;
    numbers->sent_at = -1;
    numbers->first = seq;
    numbers->picture = numbers->base = -1;
}

void cr_numbers_start(cr_numbers *numbers, uint16_t seq, uint32_t timestamp, double now,
                      int picture, int base) {
    uint32_t passed = 0;
    if (numbers->sent_at >= 0) {
        double ticks = (now - numbers->sent_at) * numbers->clock;
        passed = ticks < 1 ? 1 : (uint32_t)(uint64_t)ticks;
    }
    numbers->first = (uint16_t)(numbers->seq + 1);
    numbers->first_in = seq;
    numbers->settled = 0;
    numbers->seq_shift = (uint16_t)(numbers->first - seq);
    numbers->stamp_shift = numbers->timestamp + passed - timestamp;
    if (picture >= 0 && numbers->picture >= 0)
        numbers->picture_shift = (uint16_t)(numbers->picture + 1 - picture) & 0x7FFF;
    if (base >= 0 && numbers->base >= 0)
        numbers->base_shift = (uint8_t)(numbers->base + 1 - base);
}

int cr_numbers_forward(cr_numbers *numbers, uint16_t seq, uint32_t timestamp, double now,
                       uint16_t *out_seq, uint32_t *out_timestamp) {
    if (!numbers->settled) {
        int since = cr_ahead(seq, numbers->first_in);
        if (since < 0) return 0;
        numbers->settled = since > SETTLED;
    }
    *out_seq = (uint16_t)(seq + numbers->seq_shift);
    *out_timestamp = timestamp + numbers->stamp_shift;
    if (cr_ahead(*out_seq, numbers->seq) > 0) {
        numbers->seq = *out_seq;
        numbers->timestamp = *out_timestamp;
        numbers->sent_at = now;
    }
    return 1;
}

void cr_numbers_note_picture(cr_numbers *numbers, int picture, int base) {
    numbers->picture = (picture + numbers->picture_shift) & 0x7FFF;
    if (base >= 0) numbers->base = (base + numbers->base_shift) & 0xFF;
}

int cr_numbers_origin(const cr_numbers *numbers, uint16_t seq) {
    if (!numbers->settled && cr_ahead(seq, numbers->first) < 0) return -1;
    return (uint16_t)(seq - numbers->seq_shift);
}
