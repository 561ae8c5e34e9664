/* What Python may call. Read by the C compiler and, as it stands, by cffi: no preprocessor lines.
 *
 * Times are seconds of CLOCK_MONOTONIC. Every function may be called from any thread, and none
 * calls back. Pointers stay valid until the matching close; nothing is freed while in use.
 */

typedef struct cr_plane cr_plane;
typedef struct cr_peer cr_peer;
typedef struct cr_stream cr_stream;
typedef struct cr_out cr_out;

/* libsrtp's srtp_protect, srtp_unprotect and their RTCP twins: 0 is success. */
typedef int (*cr_crypt)(void *session, void *packet, int *length);

typedef struct {
    uint64_t received;   /* packets that were authentic */
    uint64_t expected;   /* packets, going by sequence numbers */
    uint64_t octets;     /* of all datagrams, refused ones too */
    uint32_t highest;    /* extended highest sequence number */
    uint32_t jitter;     /* RFC 3550, in units of the RTP clock */
    double heard_at;     /* last granted packet; 0 before any */
    double loudness;     /* 0 … 127, smoothed */
    double loud_since;   /* negative: not since it was opened */
    double loud_at;      /* negative: never */
    int flowing;         /* a granted packet has come since the last rest */
    uint32_t ssrc;       /* 0: not known yet */
} cr_counts;

typedef struct {
    uint64_t packets;
    uint64_t octets;       /* of payload */
    uint32_t stamp_shift;  /* added to the source's timestamps */
    int waiting;           /* follows a stream that has not begun here */
    int changing;          /* goes on with one stream until another one begins */
    int aimed;
} cr_sent;

/* One datagram for Python. `peer` is 0 for what is not a report of a known peer. */
typedef struct {
    uint64_t peer;
    int port;
    int family;            /* 4 or 6 */
    uint8_t address[16];   /* network order; the first four bytes for family 4 */
    uint16_t udp_port;
    int length;
    uint8_t data[1500];
} cr_letter;

typedef struct {
    uint64_t received;   /* datagrams */
    uint64_t sent;       /* packets */
    uint64_t calls;      /* of sendmmsg */
    uint64_t refused;    /* by the kernel, or by a cap */
    uint64_t forged;     /* not authentic, replayed or malformed */
    uint64_t dropped;    /* letters Python was too slow for */
} cr_totals;

/* `gather_us`: how long to wait after a first packet for others of the same frame. */
cr_plane *cr_plane_new(cr_crypt protect, cr_crypt unprotect, cr_crypt protect_rtcp,
                       cr_crypt unprotect_rtcp, int gather_us);
/* Returns the number of the port, or -1. */
int cr_plane_listen(cr_plane *plane, int fd);
/* Returns 0, or an errno. After it no more ports can be added. */
int cr_plane_start(cr_plane *plane);
/* A descriptor that is readable while letters or streams wait for Python. */
int cr_plane_bell(const cr_plane *plane);
/* Ends the thread, and nothing is sent any more; peers, streams and outs must be closed before
 * `free`. */
void cr_plane_stop(cr_plane *plane);
void cr_plane_free(cr_plane *plane);
void cr_plane_totals(cr_plane *plane, cr_totals *totals);
double cr_now(void);

/* Silences the bell; to be called before `take` and `attend` are asked until they are empty. */
void cr_plane_hush(cr_plane *plane);
/* Rings it again, for what was left. */
void cr_plane_ring(cr_plane *plane);
/* Returns 1 with the next letter, 0 when there is none; strangers = 0: from known peers. */
int cr_plane_take(cr_plane *plane, int strangers, cr_letter *letter);
/* Returns the number of a stream that wants attention, 0 when none does. */
uint64_t cr_plane_attend(cr_plane *plane);
/* Handles one datagram as if it had come; what the thread does, for tests, without the thread. */
void cr_plane_feed(cr_plane *plane, int port, int family, const uint8_t *address,
                   uint16_t udp_port, const uint8_t *data, int length, double now);
/* Sends what `feed` has led to. */
void cr_plane_flush(cr_plane *plane);

cr_peer *cr_peer_new(cr_plane *plane, void *receiving, void *sending);
uint64_t cr_peer_number(const cr_peer *peer);
/* Media may come from this address now. Returns 0; -1 without memory or for a bad address. */
int cr_peer_admit(cr_peer *peer, int port, int family, const uint8_t *address, uint16_t udp_port);
void cr_peer_forget(cr_peer *peer, int port, int family, const uint8_t *address,
                    uint16_t udp_port);
/* Where its packets go from now on; port -1: nowhere. */
int cr_peer_aim(cr_peer *peer, int port, int family, const uint8_t *address, uint16_t udp_port);
/* Seals and sends a report. Returns 0 when it left. */
int cr_peer_report(cr_peer *peer, const uint8_t *data, int length);
void cr_peer_octets(cr_peer *peer, uint64_t *received, uint64_t *sent);
void cr_peer_close(cr_peer *peer);

/* clock 48000: a voice; anything else: a picture. `extension` is the id of the header extension
 * that tells a voice's level, or a layer's name; 0: none. With a `rid` the SSRC is learned from the
 * first packet of that name (RFC 8852), and `ssrc` is ignored. */
cr_stream *cr_stream_new(cr_peer *peer, uint32_t ssrc, int payload_type, uint32_t clock,
                         double octets_per_s, int extension, const char *rid);
uint64_t cr_stream_number(const cr_stream *stream);
void cr_stream_grant(cr_stream *stream, int granted);
void cr_stream_rest(cr_stream *stream);
void cr_stream_watch(cr_stream *stream, int eager);
void cr_stream_counts(cr_stream *stream, cr_counts *counts);
/* Writes up to `room` sequence numbers to ask for now and returns how many; -1 when too many are
 * missing to be asked for one by one (they are forgotten then). */
int cr_stream_due(cr_stream *stream, double now, uint16_t *numbers, int room);
void cr_stream_close(cr_stream *stream);

cr_out *cr_out_new(cr_plane *plane, uint32_t clock, uint16_t seq, uint32_t timestamp);
/* peer NULL: to nobody. `sent_at`: id of the header extension that tells when a packet left, or 0
 * (abs-send-time: the viewer's browser works out from it how much its line can take). */
void cr_out_aim(cr_out *out, cr_peer *peer, uint32_t ssrc, int payload_type, int sent_at);
/* stream NULL: nothing. With `keep` it goes on as before until the new stream begins with a
 * keyframe. Returns 0; -1 without memory. */
int cr_out_follow(cr_out *out, cr_stream *stream, int keep);
/* Sends again what left under these numbers; returns how many were still there. */
int cr_out_resend(cr_out *out, const uint16_t *numbers, int count, double now);
void cr_out_sent(cr_out *out, cr_sent *sent);
void cr_out_close(cr_out *out);
