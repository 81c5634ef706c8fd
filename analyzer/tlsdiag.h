/* tlsdiag.h: the public header of libtlsdiag.
 *
 * Packets go in, one verdict for each TCP connection comes out by callback: how far its TLS handshake got, what stopped
 * it, who did it, and which frames prove it. The library opens no file, prints nothing, never exits, starts no thread
 * and has no global state; two handles may be used in two threads. Time is packet time alone, so a live run and a file
 * of the same packets say the same.
 *
 *     struct tlsdiag *d = tlsdiag_new(NULL, on_verdict, context);
 *     while (next packet)
 *             tlsdiag_packet(d, linktype, &packet);
 *     tlsdiag_finish(d);
 *     tlsdiag_free(d);
 *
 * Unless a function says otherwise, pointers handed out are owned by the library and live as long as the struct they
 * are reached from; strings are never NULL, and "" means absent.
 */
#ifndef TLSDIAG_H
#define TLSDIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All else is compiled with -fvisibility=hidden: what is declared here is what the library shows. */
#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The verdict's vocabulary ---- */

enum tlsdiag_outcome {
	TLSDIAG_ESTABLISHED, /* every milestone up to `finished` was reached */
	TLSDIAG_FAILED, /* signature says where and why */
	TLSDIAG_INCOMPLETE, /* the capture begins or ends in the middle: not enough to say */
	TLSDIAG_NOT_TLS, /* both ends consistently speak something else */
};

/* The milestones of a connection in order. The stage of a failure is the first that was not reached. */
enum tlsdiag_stage {
	TLSDIAG_TCP, /* SYN, SYN-ACK, ACK (RFC 9293 section 3.5) */
	TLSDIAG_CLIENT_HELLO, /* a whole ClientHello was sent and acknowledged */
	TLSDIAG_SERVER_HELLO, /* a whole ServerHello arrived */
	TLSDIAG_SERVER_FLIGHT, /* the server's flight is complete */
	TLSDIAG_CLIENT_FLIGHT, /* the client answered, up to its Finished */
	TLSDIAG_FINISHED, /* the server accepted it */
	TLSDIAG_APPLICATION, /* the first application data was answered */
	TLSDIAG_STAGES,
};

enum tlsdiag_cause {
	TLSDIAG_NO_CAUSE, /* of any outcome but TLSDIAG_FAILED */
	TLSDIAG_TIMEOUT,
	TLSDIAG_LOST,
	TLSDIAG_REFUSED,
	TLSDIAG_UNREACHABLE,
	TLSDIAG_HALF_OPEN,
	TLSDIAG_RESET,
	TLSDIAG_CLOSED,
	TLSDIAG_ABANDONED,
	TLSDIAG_ALERT,
	TLSDIAG_CAUSE_NOT_TLS,
	TLSDIAG_MALFORMED,
	TLSDIAG_CAUSES,
};

enum tlsdiag_party {
	TLSDIAG_BY_NOBODY, /* of an outcome without failure */
	TLSDIAG_BY_CLIENT,
	TLSDIAG_BY_SERVER,
	TLSDIAG_BY_NETWORK,
	TLSDIAG_BY_UNKNOWN,
};

enum tlsdiag_certainty {
	TLSDIAG_SEEN, /* the packets show it */
	TLSDIAG_INFERRED, /* concluded, from record lengths for example */
};

/* The words used in signatures and JSON: "established", "server-hello", "half-open", "network", "inferred" …
 * Never NULL; "" for a value out of range, TLSDIAG_NO_CAUSE and TLSDIAG_BY_NOBODY. */
const char *tlsdiag_outcome_name(enum tlsdiag_outcome outcome);
const char *tlsdiag_stage_name(enum tlsdiag_stage stage);
const char *tlsdiag_cause_name(enum tlsdiag_cause cause);
const char *tlsdiag_party_name(enum tlsdiag_party party);
const char *tlsdiag_certainty_name(enum tlsdiag_certainty certainty);

/* ---- The verdict ---- */

struct tlsdiag_endpoint {
	uint8_t version; /* of IP: 4 or 6 */
	uint8_t address[16]; /* network order; 4 bytes used for IPv4 */
	uint16_t port;
};

/* A point in the capture. Frames count from 1 as in Wireshark; time is nanoseconds since 1970 by packet time. */
struct tlsdiag_moment {
	uint64_t frame; /* 0: never */
	int64_t time_ns;
};

struct tlsdiag_milestone {
	bool reached;
	bool inferred; /* concluded from lengths or from what followed */
	struct tlsdiag_moment at; /* the frame that completed it; frame 0 when it lies before the capture */
};

enum tlsdiag_direction {
	TLSDIAG_FROM_CLIENT,
	TLSDIAG_FROM_SERVER,
	TLSDIAG_FROM_NETWORK, /* ICMP from neither end */
};

/* One frame and what it shows, in the order of the capture. */
struct tlsdiag_evidence {
	struct tlsdiag_moment at;
	enum tlsdiag_direction direction;
	bool decisive; /* of a failure: it ended the attempt, or was the last before the silence that did */
	const char *shows; /* "SYN", "ClientHello", "alert fatal protocol_version (70)", "RST" … */
};

struct tlsdiag_alert {
	bool present;
	bool encrypted; /* level and description are unknown */
	enum tlsdiag_direction from;
	uint8_t level; /* 1 warning, 2 fatal */
	uint8_t description; /* IANA "TLS Alerts" */
	const char *name; /* as registered, its number when unassigned, or "encrypted" */
};

/* Numbers of an IANA registry in the order offered. */
struct tlsdiag_numbers {
	size_t count;
	const uint16_t *values;
};

struct tlsdiag_hello {
	bool seen; /* a ClientHello was read, at least in part */
	bool complete; /* all of it was; otherwise lists hold what was read, which may be nothing */
	const char *server_name; /* SNI */
	const char *alpn; /* offered, joined with ',' */
	const uint8_t *random; /* its 32 bytes, by which a key log names the connection; NULL: not seen */
	uint16_t legacy_version;
	struct tlsdiag_numbers versions; /* supported_versions, or the one legacy_version */
	struct tlsdiag_numbers ciphers;
	struct tlsdiag_numbers groups;
	struct tlsdiag_numbers signatures;
};

struct tlsdiag_choice {
	bool seen; /* a ServerHello was read */
	uint16_t version; /* 0x0303 …; drafts of TLS 1.3 as on the wire */
	uint16_t cipher;
	uint16_t group; /* 0: not shown */
	const char *alpn; /* chosen; encrypted in TLS 1.3 */
	bool retried; /* a HelloRetryRequest came first */
	bool resumed; /* the handshake was abbreviated */
};

/* The certificates that an end sent, looked into where the attempt failed behind them and they were in clear or
 * decrypted. Findings are what the wire shows by itself, at the capture's time; whether the other end minded is its
 * alert's to say. */
struct tlsdiag_certificate {
	bool seen; /* the end's own was read */
	bool none; /* its message was read, and holds no certificate: a client may answer so when it is asked for one */
	size_t sent; /* certificates in the message */
	const char *subject, *issuer; /* common names */
	const char *names; /* of subjectAltName, the first ones */
	int64_t not_before, not_after; /* seconds since 1970 */
	const char *const *findings; /* sentences: "the certificate expired on …" */
	size_t finding_count;
};

struct tlsdiag_verdict {
	uint64_t number; /* connections in the order of their first packet, from 1 */
	struct tlsdiag_endpoint client, server;
	struct tlsdiag_moment first, last; /* packets of the connection */
	uint64_t packets[2]; /* from the client, from the server */

	enum tlsdiag_outcome outcome;
	enum tlsdiag_stage stage; /* of a failure; otherwise the first milestone not reached, or TLSDIAG_STAGES */
	enum tlsdiag_cause cause;
	const char *detail; /* the signature's third part */
	const char *signature; /* "stage/cause[/detail]"; "" unless failed */
	enum tlsdiag_party by;
	enum tlsdiag_certainty certainty;
	const char *summary; /* one sentence for people, without addresses */

	struct tlsdiag_milestone milestones[TLSDIAG_STAGES];
	const struct tlsdiag_evidence *evidence;
	size_t evidence_count;
	struct tlsdiag_alert alert; /* the alert that ended the attempt, or that a peer sent on the way */
	struct tlsdiag_hello hello;
	struct tlsdiag_choice choice;
	struct tlsdiag_certificate certificate; /* the server's */
	struct tlsdiag_certificate client_certificate;
	const char *protocol; /* spoken before or instead of TLS: "smtp", "connect", "http" … */

	/* Sentences. Notes: worth knowing, no failure ("SYN sent 3 times"). Warnings: why the capture itself limits
	 * what can be said ("only one direction was captured"). Advice: what to check next. */
	const char *const *notes;
	size_t note_count;
	const char *const *warnings;
	size_t warning_count;
	const char *const *advice;
	size_t advice_count;
};

/* ---- What a signature means ---- */

/* Where a check is done; added up where it is done at several places. */
enum tlsdiag_place {
	TLSDIAG_AT_CLIENT = 1,
	TLSDIAG_ON_PATH = 2,
	TLSDIAG_AT_SERVER = 4,
};

struct tlsdiag_check {
	unsigned places; /* of enum tlsdiag_place */
	const char *text;
};

/* One entry of the table of signatures, matched by the longest prefix in whole parts ("server-hello/alert" covers
 * "server-hello/alert/record_overflow"). Where the stage makes no difference it is "any":
 * "any/alert/record_overflow". */
struct tlsdiag_words {
	const char *signature;
	const char *title; /* a few words: a heading */
	const char *meaning; /* a sentence or two */
	const char *const *causes; /* most frequent first */
	size_t cause_count;
	const struct tlsdiag_check *checks; /* what to check next, most likely first */
	size_t check_count;
};

/* The best entry for a signature, a prefix of one, or "any/CAUSE/DETAIL"; NULL for "" and for what is no signature. */
const struct tlsdiag_words *tlsdiag_explain(const char *signature);
/* The same where it is known who did it: of the end for which the signature's own words are not written only the cause
 * can be told ("any/closed"). */
const struct tlsdiag_words *tlsdiag_explain_by(const char *signature, enum tlsdiag_party by);
/* The entries in the order of the table, for lists of all of them; NULL behind the last. */
const struct tlsdiag_words *tlsdiag_words_row(size_t index);

/* How well a row's name, or any front of a signature in whole parts, fits a signature; 0: not at all. More parts fit
 * better, and a stage by its name better than "any". */
int tlsdiag_fit(const char *name, const char *signature);

enum tlsdiag_step_kind {
	TLSDIAG_STEP_ARRIVES,
	TLSDIAG_STEP_LOST, /* sent, seen at the sender's end at most */
	TLSDIAG_STEP_SILENCE, /* nothing is sent, for as long as anybody waits */
};

/* One line of the packets that a signature looks like. */
struct tlsdiag_step {
	enum tlsdiag_step_kind kind;
	enum tlsdiag_direction from; /* TLSDIAG_FROM_NETWORK: by neither end, whatever it claims */
	bool ending; /* of what makes this failure; steps before it every connection has that came so far */
	char text[96];
};

#define TLSDIAG_STEPS_MAX 16

/* The packets that a signature looks like, as a sketch. Fills in at most TLSDIAG_STEPS_MAX steps and returns how many;
 * 0 for what is no signature, and where "any" stands for a stage and that decides. */
size_t tlsdiag_ladder(const char *signature, struct tlsdiag_step steps[TLSDIAG_STEPS_MAX]);

/* IANA "TLS Alerts": 70 gives "protocol_version", a number that is not assigned itself. Written into buffer (64 bytes
 * are enough), returned. */
const char *tlsdiag_alert_name(uint8_t description, char *buffer, size_t size);
/* The number of an alert by its registered name, upper or lower case, with or without "_RESERVED", or of a decimal
 * number; -1: neither. */
int tlsdiag_alert_number(const char *name);
bool tlsdiag_alert_assigned(uint8_t description);

/* Names from the IANA TLS registries; unknown numbers as hexadecimal. Written into buffer (64 bytes are enough),
 * returned. */
const char *tlsdiag_version_name(uint16_t version, char *buffer, size_t size);
const char *tlsdiag_cipher_name(uint16_t cipher, char *buffer, size_t size);
const char *tlsdiag_group_name(uint16_t group, char *buffer, size_t size);
const char *tlsdiag_signature_scheme_name(uint16_t scheme, char *buffer, size_t size);

/* ---- The analyzer ---- */

struct tlsdiag;

/* Called once for each connection, when it is decided, from within tlsdiag_packet() or tlsdiag_finish(). The verdict
 * lives until the callback returns. */
typedef void tlsdiag_verdict_fn(const struct tlsdiag_verdict *verdict, void *context);

/* Bounds and patience. Whatever the input, the library holds no more than this; what it gives up is counted. */
struct tlsdiag_settings {
	size_t flows_max; /* connections followed at once */
	size_t memory_max; /* bytes for all of them together */
	size_t stream_max; /* bytes held back for one direction while earlier ones are missing */
	int64_t patience_ns; /* silence longer than this is a time-out; default 1 s */
	int64_t linger_ns; /* how long after its end a connection's late packets still count; default 2 s */
	/* Of connections that did not fail the outcome is enough: their verdicts have no words and no facts but who,
	 * when and how many packets, for these take longer than deciding does; default false. */
	bool failures_only;
};

/* Fills in the defaults. Change some, then give them to tlsdiag_new(). */
void tlsdiag_settings_init(struct tlsdiag_settings *settings);

/* NULL when out of memory. `settings` may be NULL for the defaults, and is copied. */
struct tlsdiag *tlsdiag_new(const struct tlsdiag_settings *settings, tlsdiag_verdict_fn *on_verdict, void *context);
void tlsdiag_free(struct tlsdiag *d); /* NULL is fine; gives no verdicts */

struct tlsdiag_packet {
	uint64_t frame; /* its number in the capture, from 1 */
	int64_t time_ns; /* nanoseconds since 1970 */
	const uint8_t *bytes; /* from the link layer on; read during the call only */
	uint32_t captured; /* bytes present */
	uint32_t wire; /* bytes on the wire, >= captured */
};

/* Takes one packet. `linktype` is what pcap_datalink() says (LINKTYPE_ of https://www.tcpdump.org/linktypes.html).
 * Returns false when the link type is not known: the packet is counted and otherwise ignored. */
bool tlsdiag_packet(struct tlsdiag *d, int linktype, const struct tlsdiag_packet *packet);

/* Says that packets were captured up to this time and that no more came: in a live capture, whenever there is nothing
 * to take. Decides what only waited for time to pass: connections that ended, and those so long silent that neither
 * end's TCP can still be trying (at most 130 s; 10 s where one end has closed or nobody answered the SYN and its sender
 * stopped to repeat it). Times earlier than the latest packet's, or before the first packet, change nothing. */
void tlsdiag_advance(struct tlsdiag *d, int64_t time_ns);

/* ---- Packets, decoded ---- */

enum tlsdiag_packet_kind {
	TLSDIAG_PACKET_OTHER, /* neither of those below, or not whole; the addresses may be set */
	TLSDIAG_PACKET_TCP,
	TLSDIAG_PACKET_ICMP_ERROR, /* ICMP or ICMPv6, of a type that reports an error */
	TLSDIAG_PACKET_FRAGMENT, /* of an IP datagram; no more than its IP header is known */
};

/* The headers that matter here, tunnels and tags taken off. What is absent is 0. Pointers are into the packet's
 * bytes. */
struct tlsdiag_headers {
	enum tlsdiag_packet_kind kind;
	struct tlsdiag_endpoint src, dst; /* version 0: no IP; port 0 unless TCP */

	/* The innermost IP header */
	uint8_t ttl; /* hop limit for IPv6 */
	uint8_t dscp_ecn; /* the whole byte */
	bool has_ip_id, dont_fragment, fragmented;
	uint16_t ip_id;

	/* TCP (RFC 9293 section 3.1) */
	uint8_t tcp_flags; /* FIN 0x01, SYN 0x02, RST 0x04, PSH 0x08, ACK 0x10, URG 0x20, ECE 0x40, CWR 0x80 */
	uint32_t seq, ack; /* ack as on the wire, even without the flag */
	uint16_t window; /* unscaled */
	uint16_t mss; /* 0: absent */
	int8_t window_scale; /* -1: absent, or no TCP */
	bool sack_permitted, has_timestamps;
	uint32_t timestamp_value, timestamp_echo;
	const uint8_t *tcp_options; /* as on the wire */
	size_t tcp_options_length; /* 0: none, or cut short */
	const uint8_t *payload;
	uint32_t payload_captured, payload_length; /* bytes: present, on the wire */

	/* An ICMP error and the TCP packet that it quotes: the one that was not delivered */
	uint8_t icmp_type, icmp_code;
	const char *icmp_reason; /* "port", "too-big" …, as in signatures; NULL: no ICMP error */
	uint32_t icmp_length; /* bytes of the IP packet behind its fixed header */
	uint32_t icmp_mtu; /* of a "too big"; 0: not said */
	bool quotes_tcp; /* the next two are set */
	struct tlsdiag_endpoint quoted_src, quoted_dst;
	bool quotes_seq; /* the next one is set */
	uint32_t quoted_seq;
};

/* Decodes one packet without taking it: for those who print or choose packets. A pure function. False when the link
 * type is not known or the packet is malformed; *headers is then of kind TLSDIAG_PACKET_OTHER. */
bool tlsdiag_decode(int linktype, const struct tlsdiag_packet *packet, struct tlsdiag_headers *headers);

/* One packet of a connection as it was on the wire: a TCP segment, or an ICMP error that quotes one. For those who look
 * at packets beside verdicts. Fragments are told once, joined; a packet that was captured twice is told twice. */
struct tlsdiag_segment {
	uint64_t connection; /* the verdict's number */
	struct tlsdiag_moment at;
	struct tlsdiag_headers headers;
};

/* Called for each before the connection takes it, from within tlsdiag_packet(). What it points to is gone
 * afterwards. */
typedef void tlsdiag_segment_fn(const struct tlsdiag_segment *segment, void *context);

/* From now on every packet of a connection is told; NULL: none any more. */
void tlsdiag_on_segment(struct tlsdiag *d, tlsdiag_segment_fn *on_segment, void *context);

/* Takes the next piece of a key log in SSLKEYLOGFILE format, of any size. Give secrets before the packets that they
 * decrypt: from a file, or from a pcapng Decryption Secrets Block. False when out of memory. tlsdiag_keylog_end() says
 * that a text is over, whether its last line ends with a newline or not; another may follow. */
bool tlsdiag_keylog(struct tlsdiag *d, const char *text, size_t length);
void tlsdiag_keylog_end(struct tlsdiag *d);

/* The capture ends: decides what is still open. Packets may follow again afterwards as a new capture. */
void tlsdiag_finish(struct tlsdiag *d);

/* What was taken and what was given up so far. */
struct tlsdiag_counts {
	uint64_t packets;
	uint64_t tcp_packets;
	uint64_t unknown_linktype;
	uint64_t malformed; /* lengths that contradict the frame */
	uint64_t cut_short; /* by the snap length */
	uint64_t duplicates; /* the same packet captured again (a port mirror) */
	uint64_t fragments_given_up;
	uint64_t flows_evicted; /* connections decided early to stay within the bounds */
	uint64_t stream_bytes_given_up;
	uint64_t connections; /* verdicts given */
	uint64_t keylog_secrets; /* taken from key logs */
	uint64_t keylog_malformed; /* lines of key logs that were none */
};
void tlsdiag_counts(const struct tlsdiag *d, struct tlsdiag_counts *counts);

/* ---- Captures that can be shared ---- */

/* Rewrites packets so that they tell the same of TLS and nothing of whose they are. Every packet is given twice, in the
 * same order with the same frame numbers: first to learn from all of them, then to be rewritten.
 *
 * Addresses become documentation addresses, names, randoms, session IDs and keys get aliases of the same length, the
 * same one wherever the same value stands; application data, encrypted records and all that is not understood become
 * zeros. Lengths, times, ports, sequence numbers, IP IDs, TTLs and alerts stay, and so does the verdict. What needs
 * keys can no longer be decrypted. */
struct tlsdiag_sanitizer;

/* `shift_s` is added to times, those in certificates too. NULL when out of memory. */
struct tlsdiag_sanitizer *tlsdiag_sanitizer_new(int64_t shift_s);
void tlsdiag_sanitizer_free(struct tlsdiag_sanitizer *s); /* NULL is fine */

void tlsdiag_sanitizer_learn(struct tlsdiag_sanitizer *s, int linktype, const struct tlsdiag_packet *packet);

/* Fills in *out; its bytes, as many as before, live until the next call. False when out of memory. After the first call
 * nothing is learnt any more. */
bool tlsdiag_sanitizer_rewrite(struct tlsdiag_sanitizer *s, int linktype, const struct tlsdiag_packet *packet,
			       struct tlsdiag_packet *out);

struct tlsdiag_sanitizer_counts {
	uint64_t packets; /* rewritten */
	uint64_t not_understood; /* of these, packets of which something was erased because it could not be read */
	uint64_t addresses, words; /* that have an alias; a host name is several words */
	uint64_t connections;
	uint64_t erased; /* of these, connections whose bytes were all erased, for want of memory */
};
void tlsdiag_sanitizer_counts(const struct tlsdiag_sanitizer *s, struct tlsdiag_sanitizer_counts *counts);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop

#endif
