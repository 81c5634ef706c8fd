/* attempt.h: everything the packets of one TCP connection have shown: events in order, and facts.
 *
 * Theory of operation. Packets of one connection are given to attempt_packet() in the order of the capture. Each
 * direction has a stream (bytes in order); its bytes go to the preamble until a ClientHello or another TLS record
 * begins, and from then on to the record and message readers. Whatever is recognised on the way is appended to one list
 * of events, with the frame that completed it. Nothing is concluded here: which milestone was reached, what ended the
 * wait and whose fault it was is a pure function of this struct (verdict.h).
 *
 * Order. A capture may show an answer before what it answers (several queues, port mirrors). A packet that acknowledges
 * what its peer has not been seen to send waits for that, for a few packets; events are in the order in which packets
 * were read, which their `order` keeps, and `at` is the frame as captured.
 *
 * Sides: 0 sent the SYN (or the first packet seen), 1 is the other. Which one is the TLS client is attempt_client().
 *
 * Limits: the event list, the held-back bytes of each stream, the body of one record and of one message are bounded;
 * attempt_memory() says what it all takes.
 */
#ifndef ANALYZER_ATTEMPT_H
#define ANALYZER_ATTEMPT_H

#include "handshake.h"
#include "message.h"
#include "packet.h"
#include "preamble.h"
#include "record.h"
#include "stream.h"
#include "tap.h"
#include "tlsdiag.h"
#include "unlock.h"

enum event_kind {
	EVENT_SYN,
	EVENT_SYN_ACK,
	EVENT_ACK, /* the third packet of TCP's handshake, or whatever first did its work */
	EVENT_PLAIN, /* bytes in clear before or instead of TLS; length: how many, coalesced */
	EVENT_ASKED, /* the client asked for TLS or a tunnel */
	EVENT_GRANTED,
	EVENT_REFUSED,
	EVENT_HANDSHAKE, /* a handshake message in clear; value: its type */
	EVENT_UNFINISHED, /* a handshake message that has begun; value: its type */
	EVENT_RETRY, /* HelloRetryRequest */
	EVENT_CHANGE_CIPHER_SPEC,
	EVENT_ENCRYPTED_HANDSHAKE, /* a handshake record after ChangeCipherSpec; length: of its body */
	EVENT_ALERT, /* value: level << 8 | description */
	EVENT_ENCRYPTED_ALERT, /* length: of its body */
	EVENT_DATA, /* an application_data record; length: of its body */
	EVENT_EMPTY, /* a record without content where none may be */
	EVENT_NOT_TLS, /* bytes that are no TLS where TLS was due */
	EVENT_FAULT, /* bytes that claim to be TLS and break its framing; value: enum attempt_fault */
	EVENT_FIN,
	EVENT_RST, /* value: index in resets[] */
	EVENT_ICMP, /* about a packet of `from`; value: enum icmp_reason; length: 1 where the other end sent it */
};

enum attempt_fault {
	FAULT_RECORD_OVERSIZE,
	FAULT_RECORD_UNKNOWN,
	FAULT_SSLV2,
	FAULT_HELLO, /* a ServerHello whose inner lengths are wrong */
};

struct event {
	struct tlsdiag_moment at;
	enum event_kind kind;
	uint8_t from; /* side; of EVENT_ICMP: whose packet was not delivered */
	bool decrypted; /* read with the key log */
	uint16_t value;
	uint32_t count; /* how many alike were coalesced here */
	uint32_t length; /* of the first */
	uint64_t end; /* offset in the sender's stream behind it, where it is made of bytes */
	uint64_t order; /* the frame after which it was read */
	/* What its packet acknowledged, an offset in the other end's stream; -1 unknown. Of EVENT_ICMP: where the
	 * packet that it is about begins in its sender's, the last of several. */
	int64_t acked;
	int64_t last_ns; /* time of the last one coalesced here */
};

/* Of EVENT_ALERT. */
static inline unsigned alert_level(const struct event *alert)
{
	return alert->value >> 8;
}

static inline uint8_t alert_description(const struct event *alert)
{
	return alert->value & 0xff;
}

/* By how much the IP ID of a host that counts its packets differs from one of a connection to the next; those in
 * between went elsewhere. */
#define IP_ID_STEP 64

#define EVENTS_MAX 96
#define RESETS_MAX 4
#define SENT_MAX 24

/* A data segment as first sent, for telling what got through from what did not. */
struct sent_segment {
	uint32_t offset;
	uint16_t length;
	uint8_t times;
	bool sacked; /* selectively acknowledged (RFC 2018) */
};

/* A reset as it came, beside what its claimed sender had shown until then. */
struct reset {
	struct tlsdiag_moment at;
	uint8_t from;
	uint8_t ttl;
	bool has_ip_id, has_ack, ack_zero;
	bool other_ttl; /* none of the sender's packets had it */
	bool other_ip_id; /* far from a sequence the sender kept up */
	bool sequence_ahead; /* its number lies behind all that its sender had sent */
	bool beyond; /* … and behind the other end's window */
	bool still_opening; /* its sender's SYN came once more, before any answer */
	bool accepted; /* its sender's SYN-ACK came behind it, for the same SYN */
	bool outlived, obeyed; /* the other end said more behind it; nothing but resets, without an acknowledgment */
	enum checksum_state checksum;
	uint16_t ip_id, later_ip_id; /* its own; the first of those packets */
	uint32_t later_packets; /* of its claimed sender, other than resets */
	uint32_t seq, peer_syns; /* its own number, and how many SYNs had come by then that it may answer */
	int64_t offset; /* of its sequence number in the sender's stream */
	int64_t acked; /* of its acknowledgment in the other end's stream; -1 without */
};

struct attempt_side {
	struct stream stream;
	struct record_reader record;
	struct message_reader message;
	enum { SIDE_PLAIN, SIDE_TLS, SIDE_OVER } mode; /* OVER: nothing more can be read */
	bool changed_cipher;
	bool fin_told;
	unsigned gap_age; /* packets since the other end acknowledged what was not captured */
	uint64_t gap_order; /* the frame that did: what fills the gap had been read by then */
	uint64_t behind_gap; /* the first frame, from then on, by which there are bytes behind the gap; 0: none */
	uint8_t sniffed_length;
	uint8_t sniffed[64]; /* bytes not yet known to be TLS or not */
	uint64_t read; /* bytes of the stream that were taken for something, holes included */

	uint64_t packets;
	uint32_t syns; /* SYN or SYN-ACK packets, repeats included */
	uint32_t repeats; /* data segments sent again */
	uint32_t duplicate_acks;
	uint32_t zero_windows;
	bool checksums_good; /* its SYN or SYN-ACK had a right one */
	bool window_closed; /* its last packet advertised a window of 0 */
	struct tlsdiag_moment first_repeat, last_repeat;
	struct tlsdiag_moment last, last_data; /* its last packet; its last packet with new data */
	uint32_t last_ack, spoken_ack; /* of its packets; but for resets */
	uint64_t next_sent; /* the furthest sequence number of its packets, as an offset: it sent all before */
	uint64_t sacked_end; /* the furthest that was selectively acknowledged */
	uint64_t allowed; /* how far the other end's window let it send; 0: unknown */
	uint8_t window_shift; /* 1 + the window scale in its SYN or SYN-ACK (RFC 7323); 0: none */
	uint16_t mss;
	bool has_timestamps; /* in its SYN or SYN-ACK */

	uint8_t ttl_min, ttl_max; /* of all but resets; 0, 0: none yet */
	uint8_t ip_ids; /* how many steps of its IP ID were small */
	uint16_t last_ip_id;

	uint8_t sent_count;
	uint16_t passed_max; /* the longest of those that arrived and are no longer in sent[] */
	struct sent_segment sent[SENT_MAX];
	struct {
		uint64_t fingerprint;
		int64_t time_ns;
	} recent[4];
	uint8_t recent_next;
};

struct delayed_packet;

/* A message kept as it came, to be looked into when more is to be told than an outcome. */
struct kept_message {
	struct tlsdiag_moment at;
	bool sslv2; /* an SSLv2-compatible ClientHello, with its record's header */
	uint32_t length; /* as its header says */
	uint32_t captured;
	uint8_t bytes[];
};

struct attempt {
	uint64_t number;
	const struct tap *tap; /* NULL: nobody listens */
	struct ip_address address[2];
	uint16_t port[2];
	struct tlsdiag_moment first, last;
	bool began; /* the SYN or SYN-ACK is in the capture */
	bool evicted; /* decided early, for want of room */
	bool torn; /* bytes of it are missing from the capture */
	bool cut_short; /* packets were cut by the snap length */
	bool unreadable; /* … or missing where it mattered: records that should have been read were not */
	bool decrypted; /* some of the events were read with the key log */
	bool answered; /* application data was, as far as packets have come … */
	uint64_t answered_end[2]; /* … up to these offsets */
	uint64_t duplicates;
	uint64_t given_up; /* bytes that there was no room to hold back, and those before them */
	struct attempt_side side[2];
	struct delayed_packet *delayed; /* packets that wait for what they acknowledge, in order */
	size_t delayed_memory;
	uint64_t order; /* of events that are being told; 0: each by its own frame */
	int64_t acked; /* … and what the packet being read acknowledges; -1 unknown */

	struct event *events;
	size_t event_count, event_size;
	uint64_t events_dropped;

	struct reset resets[RESETS_MAX];
	uint8_t reset_count;
	uint32_t icmp_mtu; /* of a "too big" about this connection; 0 none */
	bool icmp_too_big;

	struct preamble *preamble; /* NULL until something was said in clear */
	const char *wrong_protocol; /* of EVENT_NOT_TLS: what it was, NULL unknown */
	struct kept_message *client_hello; /* the first; NULL until one came: see attempt_hello() */
	bool offers_early_data; /* says that ClientHello */
	size_t kept_memory; /* of all kept messages */
	struct server_hello *server_hello; /* the first that was no retry */
	struct kept_message *certificate[2]; /* each side's first Certificate message; NULL until seen */
	uint16_t certificate_compression; /* RFC 8879: the algorithm by which it came compressed; 0: it did not */
	struct unlocked *unlocked; /* NULL: no keys for this attempt */
	uint64_t hello_end[2]; /* offset behind the side's first ClientHello; 0: none */
	struct tlsdiag_moment hello_acked; /* when that was acknowledged */
};

struct attempt_settings {
	size_t held_max; /* bytes held back for one direction */
	const struct keylog *keylog; /* NULL: no keys */
};

/* Attempts that are over, for those that begin: their memory is in the processor's cache. All zero is an empty pool. */
#define ATTEMPTS_SPARE 64
struct attempt_pool {
	struct attempt *spare[ATTEMPTS_SPARE];
	size_t count;
};

void attempt_pool_clear(struct attempt_pool *pool); /* frees what is spare */

/* NULL when out of memory. The first packet is not taken yet. `from` is side 0. */
struct attempt *attempt_new(struct attempt_pool *pool, uint64_t number, const struct ip_address *from,
			    uint16_t from_port, const struct ip_address *to, uint16_t to_port);
void attempt_free(struct attempt *a);
/* Instead of attempt_free(): lets the next one have its memory. */
void attempt_release(struct attempt_pool *pool, struct attempt *a);

/* Takes a PACKET_TCP that side `from` sent. */
void attempt_packet(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at,
		    const struct attempt_settings *settings);

/* Takes an ICMP error about a packet that side `from` sent. */
void attempt_icmp(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at);

/* For dialogue.c and reset.c. Appends an event; NULL when the list is full (counted). The pointer lives until the next
 * event. */
struct event *attempt_event(struct attempt *a, enum event_kind kind, int from, const struct tlsdiag_moment *at);

/* No more packets will come: what waits for missing bytes is read as far as possible. */
void attempt_finish(struct attempt *a, const struct attempt_settings *settings);

/* Whether nobody minds this reset, as far as the packets up to now tell. */
bool attempt_ignores(const struct attempt *a, const struct reset *reset);

/* Whether there was one that somebody minds. */
bool attempt_was_reset(const struct attempt *a);

/* Such a reset, or the FINs of both ends: soon nothing more will come. */
static inline bool attempt_ended(const struct attempt *a)
{
	return (a->reset_count > 0 && attempt_was_reset(a)) || (a->side[0].fin_told && a->side[1].fin_told);
}

/* Nothing that follows can change the verdict: application data was answered, or so much was said in clear that no TLS
 * is to be expected any more. */
bool attempt_settled(struct attempt *a);

/* The side that is the TLS client: the one with a ClientHello, else the one that sent the SYN. */
static inline int attempt_client(const struct attempt *a)
{
	return a->hello_end[1] && !a->hello_end[0];
}

/* Reads the first ClientHello. False: none was seen. */
bool attempt_hello(const struct attempt *a, struct client_hello *out);

/* Bytes of memory, roughly. */
size_t attempt_memory(const struct attempt *a);

#endif
