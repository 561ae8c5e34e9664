/* Continuity of one slot, as rewrite.py has it: many sources in turn look like one stream. */
#ifndef CR_NUMBERS_H
#define CR_NUMBERS_H
#include "packet.h"

typedef struct {
    uint32_t clock;
    uint16_t seq;       /* highest sent */
    uint32_t timestamp; /* of that packet */
    double sent_at;     /* negative: nothing yet */
    uint16_t seq_shift, first, first_in;
    uint32_t stamp_shift;
    int settled;
    int picture, base; /* newest sent of the source before; -1: none */
    uint16_t picture_shift;
    uint8_t base_shift;
} cr_numbers;

void cr_numbers_begin(cr_numbers *numbers, uint32_t clock, uint16_t seq, uint32_t timestamp);
/* Takes over a new source whose first packet has these numbers; picture and base -1: none. */
void cr_numbers_start(cr_numbers *numbers, uint16_t seq, uint32_t timestamp, double now,
                      int picture, int base);
/* Returns 0 for a packet from before the source took over. */
int cr_numbers_forward(cr_numbers *numbers, uint16_t seq, uint32_t timestamp, double now,
                       uint16_t *out_seq, uint32_t *out_timestamp);
void cr_numbers_note_picture(cr_numbers *numbers, int picture, int base);
/* Returns the source's number of what was sent as `seq`, or -1 from before the change. */
int cr_numbers_origin(const cr_numbers *numbers, uint16_t seq);
#endif
