/* The viewers' side of the load: one thread that empties every viewer's socket and counts.
 *
 * RTP is counted per stream, RTCP is dropped, anything else (STUN, DTLS) is kept for Python. Of
 * sampled viewers every RTP packet is kept with the kernel's time of arrival, so that how soon this
 * thread gets the processor does not count as the server's delay. A viewer is an index from 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "counter.h"

#define VIEWERS 1024
#define STREAMS 32
#define BATCH 64
#define LARGEST 2048
#define OTHERS 4096

struct viewer {
    int fd;
    int sampled;
    int count;
    struct stream streams[STREAMS];
};

struct other {
    int viewer;
    int size;
    uint8_t data[LARGEST];
};

struct record {
    int64_t arrived;
    int32_t viewer;
    int32_t size;
};

struct counter {
    int epoll;
    atomic_int running;
    pthread_t thread;
    pthread_mutex_t lock; /* guards everything below */
    int open;             /* counting: between new and begin, and between begin and end */
    int sampling;         /* between begin and end */
    int viewer_count;
    struct viewer viewers[VIEWERS];
    unsigned other_in, other_out;
    struct other others[OTHERS];
    size_t sample_used, sample_size;
    uint8_t *samples;
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    uint8_t buffers[BATCH][LARGEST];
    uint8_t controls[BATCH][128];
};

static void count(struct viewer *viewer, const uint8_t *data)
{
    uint32_t ssrc = (uint32_t)data[8] << 24 | (uint32_t)data[9] << 16 | (uint32_t)data[10] << 8 | data[11];
    uint16_t seq = (uint16_t)(data[2] << 8 | data[3]);
    struct stream *stream = NULL;
    for (int i = 0; i < viewer->count; i++)
        if (viewer->streams[i].ssrc == ssrc)
            stream = &viewer->streams[i];
    if (stream == NULL) {
        if (viewer->count == STREAMS)
            return;
        stream = &viewer->streams[viewer->count++];
        *stream = (struct stream){.ssrc = ssrc, .first = seq, .last = seq};
    }
    int64_t extended = stream->last + (int16_t)(seq - (uint16_t)stream->last);
    if (extended > stream->last)
        stream->last = extended;
    if (extended < stream->first)
        stream->first = extended;
    stream->seen++;
}

static int64_t arrival(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(c), sizeof at);
            return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
        }
    return 0;
}

static void sample(struct counter *self, int index, const uint8_t *data, int size, int64_t arrived)
{
    struct record record = {.arrived = arrived, .viewer = index, .size = size};
    if (self->sample_used + sizeof record + (size_t)size > self->sample_size)
        return;
    memcpy(self->samples + self->sample_used, &record, sizeof record);
    memcpy(self->samples + self->sample_used + sizeof record, data, (size_t)size);
    self->sample_used += sizeof record + (size_t)size;
}

static void take(struct counter *self, int index, struct mmsghdr *message)
{
    const uint8_t *data = message->msg_hdr.msg_iov->iov_base;
    int size = (int)message->msg_len;
    struct viewer *viewer = &self->viewers[index];
    if (size < 1)
        return;
    if (data[0] > 127 && data[0] < 192) { /* RFC 7983 §7 */
        if (size < 12 || (data[1] >= 192 && data[1] <= 223) || !self->open)
            return;
        count(viewer, data);
        if (viewer->sampled && self->sampling)
            sample(self, index, data, size, arrival(&message->msg_hdr));
    } else if (self->other_in - self->other_out < OTHERS) {
        struct other *other = &self->others[self->other_in++ % OTHERS];
        other->viewer = index;
        other->size = size;
        memcpy(other->data, data, (size_t)size);
    }
}

static void *run(void *argument)
{
    struct counter *self = argument;
    struct epoll_event events[BATCH];
    while (atomic_load(&self->running)) {
        int ready = epoll_wait(self->epoll, events, BATCH, 50);
        for (int e = 0; e < ready; e++) {
            int index = (int)events[e].data.u32, fd = self->viewers[index].fd, got;
            do {
                for (int i = 0; i < BATCH; i++) {
                    self->vectors[i] = (struct iovec){self->buffers[i], LARGEST};
                    self->messages[i].msg_hdr = (struct msghdr){
                        .msg_iov = &self->vectors[i],
                        .msg_iovlen = 1,
                        .msg_control = self->controls[i],
                        .msg_controllen = sizeof self->controls[i],
                    };
                }
                got = recvmmsg(fd, self->messages, BATCH, MSG_DONTWAIT, NULL);
                pthread_mutex_lock(&self->lock);
                for (int i = 0; i < got; i++)
                    take(self, index, &self->messages[i]);
                pthread_mutex_unlock(&self->lock);
            } while (got == BATCH);
        }
    }
    return NULL;
}

/* Return NULL without memory or threads. `sample_bytes` is kept for sampled packets. */
struct counter *counter_new(size_t sample_bytes)
{
    struct counter *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    self->samples = malloc(sample_bytes);
    self->sample_size = sample_bytes;
    self->open = 1;
    atomic_store(&self->running, 1);
    pthread_mutex_init(&self->lock, NULL);
    if (self->epoll < 0 || self->samples == NULL ||
        pthread_create(&self->thread, NULL, run, self) != 0) {
        free(self->samples);
        free(self);
        return NULL;
    }
    return self;
}

/* Read this socket from now on. Returns the viewer's index, -1 when there are too many. */
int counter_add(struct counter *self, int fd, int sampled)
{
    int on = 1, index = self->viewer_count;
    if (index == VIEWERS)
        return -1;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    pthread_mutex_lock(&self->lock);
    self->viewers[index].fd = fd;
    self->viewers[index].sampled = sampled;
    self->viewer_count++;
    pthread_mutex_unlock(&self->lock);
    return epoll_ctl(self->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? index : -1;
}

/* Count afresh, and keep samples. */
void counter_begin(struct counter *self)
{
    pthread_mutex_lock(&self->lock);
    for (int i = 0; i < self->viewer_count; i++)
        self->viewers[i].count = 0;
    self->sample_used = 0;
    self->open = self->sampling = 1;
    pthread_mutex_unlock(&self->lock);
}

/* Stop counting; the sockets are still emptied. */
void counter_end(struct counter *self)
{
    pthread_mutex_lock(&self->lock);
    self->open = self->sampling = 0;
    pthread_mutex_unlock(&self->lock);
}

/* Write the viewer's streams to `out`, at most `room`; returns how many. */
int counter_streams(struct counter *self, int viewer, struct stream *out, int room)
{
    pthread_mutex_lock(&self->lock);
    int many = self->viewers[viewer].count < room ? self->viewers[viewer].count : room;
    memcpy(out, self->viewers[viewer].streams, (size_t)many * sizeof *out);
    pthread_mutex_unlock(&self->lock);
    return many;
}

/* Take the oldest datagram that is not RTP; returns its size, 0 when there is none. */
int counter_other(struct counter *self, int *viewer, uint8_t *out, int room)
{
    int size = 0;
    pthread_mutex_lock(&self->lock);
    if (self->other_in != self->other_out) {
        struct other *other = &self->others[self->other_out++ % OTHERS];
        size = other->size < room ? other->size : room;
        *viewer = other->viewer;
        memcpy(out, other->data, (size_t)size);
    }
    pthread_mutex_unlock(&self->lock);
    return size;
}

/* Read the sample at `*at` and move on; call after counter_end. Returns its size, 0 at the end. */
int counter_sample(struct counter *self, size_t *at, int *viewer, int64_t *arrived, uint8_t *out,
                   int room)
{
    struct record record;
    if (*at + sizeof record > self->sample_used)
        return 0;
    memcpy(&record, self->samples + *at, sizeof record);
    if (record.size > room)
        return 0;
    *viewer = record.viewer;
    *arrived = record.arrived;
    memcpy(out, self->samples + *at + sizeof record, (size_t)record.size);
    *at += sizeof record + (size_t)record.size;
    return record.size;
}

/* Stop the thread; the sockets stay with their owners. */
void counter_free(struct counter *self)
{
    atomic_store(&self->running, 0);
    pthread_join(self->thread, NULL);
    free(self->samples);
    free(self);
}
