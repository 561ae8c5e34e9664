/* The tables of the plane and the seams between its files. Everything here is guarded by the
 * plane's lock (`cr_enter`), but for what is marked as the thread's own. */
#ifndef CR_PLANE_H
#define CR_PLANE_H
#include <pthread.h>
#include <stdatomic.h>
#include <netinet/in.h>
#include <sys/socket.h>

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* younger than some C libraries */
#endif

#include <stdint.h>
#include "api.h"
#include "arrivals.h"
#include "numbers.h"
#include "packet.h"

enum {
    CR_LARGEST = 1500,                    /* bytes of a datagram that can be media */
    CR_TRAILER = 16 + 128 + 4,            /* what libsrtp may append */
    CR_PORTS = 32,                        /* sockets of the shared port */
    CR_BUCKETS = 4096,                    /* of the table of addresses */
    CR_STREAMS = 16,                      /* sources of one peer */
    CR_RID = 16,                          /* letters of a layer's name */
    CR_REPORTERS = 16,                    /* sources a peer may report under: libsrtp keeps each */
    CR_RING = 1024,                       /* packets kept per picture: 1–2 s of a camera */
    CR_LETTERS = 512,                     /* datagrams waiting for Python, of each sort */
    CR_BUFFERS = 512, CR_MESSAGES = 512,  /* of one batch */
    CR_SEGMENTS = 16,                     /* packets to one address in one message */
    CR_CACHED = CR_LARGEST,
    CR_LETTERS_PER_S = 500,               /* of one peer; as base.py has it */
    CR_LETTERS_AT_ONCE = 125,
};

typedef struct {
    int port;
    uint8_t address[16];
    uint16_t udp_port; /* host order */
    uint8_t family;    /* 4 or 6 */
} cr_place;

typedef struct cr_known {
    cr_place place;
    cr_peer *peer;
    struct cr_known *next;
} cr_known;

struct cr_peer {
    cr_plane *plane;
    uint64_t number;
    void *receiving, *sending;
    cr_stream *streams[CR_STREAMS];
    int count;
    uint32_t reporters[CR_REPORTERS];
    int reporting;
    uint32_t guessed[CR_STREAMS]; /* sources that were unknown and authentic: libsrtp keeps each */
    int guessing;
    int aimed;
    cr_place place;
    struct sockaddr_storage to;
    socklen_t to_length;
    uint64_t octets_in, octets_out;
    double letters, letters_at; /* how many it may still send, and when that was */
    uint64_t batch; /* in which `message` is still open */
    int message;
};

typedef struct {
    uint16_t seq, length;
    uint8_t data[CR_CACHED];
} cr_kept;

struct cr_stream {
    cr_peer *peer;
    uint64_t number;
    uint32_t ssrc, clock;
    int known; /* the SSRC is */
    char rid[CR_RID + 1];
    int payload_type, extension, voice;
    int granted, flowing, eager;
    int attention;
    cr_stream *next; /* in the list of those that want attention */
    double cap, tokens, filled_at;
    uint64_t octets;
    double heard_at;
    double loudness, loud_since, loud_at;
    int picture, base;
    cr_arrivals arrivals;
    cr_kept *ring;
    cr_out **outs;
    int out_count, out_room;
};

struct cr_out {
    cr_plane *plane;
    cr_peer *peer;
    cr_stream *stream;
    cr_stream *coming; /* taken up when it begins */
    uint32_t ssrc;
    int payload_type, waiting, sent_at;
    uint64_t packets, octets;
    cr_numbers numbers;
    cr_out *next, *before; /* all outs of the plane */
};

typedef struct {
    struct sockaddr_storage to;
    socklen_t to_length;
    int port, count, full;
    struct iovec parts[CR_SEGMENTS];
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(uint16_t))];
} cr_message;

/* Packets on their way out, of one batch. */
typedef struct {
    uint64_t number;
    int buffers, messages;
    cr_message message[CR_MESSAGES];
    uint8_t buffer[CR_BUFFERS][CR_LARGEST + CR_TRAILER];
} cr_batch;

typedef struct {
    int first, count;
    cr_letter letter[CR_LETTERS];
} cr_box;

struct cr_plane {
    pthread_mutex_t turn, work;
    pthread_t thread;
    int running;
    atomic_int stopping, joined_up; /* joined_up: the kernel takes several packets in one message */
    int gather_us, epoll, wake, bell;
    int fds[CR_PORTS], ports;
    cr_crypt protect, unprotect, protect_rtcp, unprotect_rtcp;
    cr_known *known[CR_BUCKETS];
    uint64_t serial;
    cr_stream *attention, *newest; /* first and last of those that want it */
    cr_out *outs;
    /* Counted by the thread without the lock, too. */
    atomic_ullong received, sent, calls, refused, forged, dropped;
    pthread_mutex_t mail;
    int rung;
    cr_box box[2];
    cr_batch batch;
};

void cr_enter(cr_plane *plane);
void cr_leave(cr_plane *plane);

/* table.c */
cr_peer *cr_peer_at(const cr_plane *plane, const cr_place *place);
void cr_want_attention(cr_plane *plane, cr_stream *stream);

/* outs.c */
void cr_take_up(cr_out *out);
void cr_out_lose(cr_out *out, const cr_stream *stream);

/* forward.c; all with the lock held */
void cr_handle(cr_plane *plane, const cr_place *from, uint8_t *data, int length, double now);

/* letters.c */
void cr_post(cr_plane *plane, int strangers, uint64_t peer, const cr_place *from,
             const uint8_t *data, int length);
void cr_ring_bell(cr_plane *plane);

/* batch.c; the lock may be held or not, but by one thread at a time */
uint8_t *cr_batch_buffer(cr_plane *plane);
void cr_batch_add(cr_plane *plane, cr_peer *peer, uint8_t *buffer, int length);
void cr_batch_send(cr_plane *plane);
int cr_send_one(cr_plane *plane, cr_peer *peer, const uint8_t *data, int length);
#endif
