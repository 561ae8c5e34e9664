#include "arrivals.h"

#include <math.h>
#include <string.h>

enum { TRIES = 8, FORGET = 1000 };
static const double RETRY_S = 0.08;

static void found(cr_arrivals *arrivals, uint16_t seq) {
    for (int i = 0; i < arrivals->count; i++)
        if (arrivals->missing[i].seq == seq) {
            memmove(arrivals->missing + i, arrivals->missing + i + 1,
                    sizeof(cr_missing) * (size_t)(arrivals->count - i - 1));
            arrivals->count--;
            return;
        }
}

int cr_arrivals_take(cr_arrivals *arrivals, uint16_t seq, uint32_t timestamp, double now) {
    arrivals->received++;
    double transit = now * arrivals->clock - timestamp;
    if (arrivals->has_transit) {
        double drift = fabs(transit - arrivals->transit);
        if (drift < arrivals->clock) arrivals->jitter += (drift - arrivals->jitter) / 16;
    }
    arrivals->transit = transit;
    arrivals->has_transit = 1;
    if (!arrivals->begun) {
        arrivals->begun = 1;
        arrivals->base = arrivals->highest = seq;
        return 0;
    }
    int step = cr_ahead(seq, arrivals->highest);
    if (step <= 0) {
        found(arrivals, seq);
        return 0;
    }
    int lost = step - 1;
    if (arrivals->count + lost > CR_MAX_MISSING) {
        arrivals->hopeless = 1;
        arrivals->count = 0;
    } else {
        for (int i = 1; i < step; i++)
            arrivals->missing[arrivals->count++] =
                (cr_missing){(uint16_t)(arrivals->highest + i), 0, -1};
    }
    if (seq < arrivals->highest) arrivals->cycles += 65536;
    arrivals->highest = seq;
    return lost;
}

uint64_t cr_arrivals_expected(const cr_arrivals *arrivals) {
    if (!arrivals->begun) return 0;
    return arrivals->cycles + arrivals->highest - arrivals->base + 1;
}

int cr_arrivals_due(cr_arrivals *arrivals, double now, uint16_t *numbers, int room) {
    if (arrivals->hopeless) {
        arrivals->hopeless = 0;
        arrivals->count = 0;
        return -1;
    }
    int kept = 0, due = 0;
    for (int i = 0; i < arrivals->count; i++) {
        cr_missing one = arrivals->missing[i];
        if (one.tries >= TRIES || cr_ahead(arrivals->highest, one.seq) > FORGET) continue;
        if ((one.tries == 0 || now - one.asked_at >= RETRY_S) && due < room) {
            one.tries++;
            one.asked_at = now;
            numbers[due++] = one.seq;
        }
        arrivals->missing[kept++] = one;
    }
    arrivals->count = kept;
    return due;
}
