/* Read by cffi and by counter.c: plain declarations only. */

struct stream {
    uint32_t ssrc;
    int64_t first; /* lowest and highest extended sequence number */
    int64_t last;
    int64_t seen;
};

struct counter;

struct counter *counter_new(size_t sample_bytes);
int counter_add(struct counter *self, int fd, int sampled);
void counter_begin(struct counter *self);
void counter_end(struct counter *self);
int counter_streams(struct counter *self, int viewer, struct stream *out, int room);
int counter_other(struct counter *self, int *viewer, uint8_t *out, int room);
int counter_sample(struct counter *self, size_t *at, int *viewer, int64_t *arrived, uint8_t *out,
                   int room);
void counter_free(struct counter *self);
