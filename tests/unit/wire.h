/* wire.h: builds the packets of one TCP connection in memory, readably, to be given to an analyzer.
 *
 * Each end keeps its sequence number, what it has received, its TTL and IP ID, so that a script says only what matters:
 *
 *     struct wire *w = wire_new(4);
 *     struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net"});
 *
 *     wire_connect(w);                                           S, S., .
 *     wire_data(w, CLIENT, &hello, 1460);                        P.
 *     wire_wait(w, 30);
 *     wire_segment(w, SERVER, "R.");
 *     for (size_t i = 0; i < w->count; i++)
 *             … w->packets[i].bytes, .captured, .wire, .time_ns …
 *     wire_free(w);
 *
 * Frames are Ethernet (link type 1), 192.0.2.40:46188 > 203.0.113.20:443 or 2001:db8:c::40 > 2001:db8:5::20, with right
 * checksums. Time stands still but for wire_wait(). Out of memory, or a script that makes no sense, ends the program.
 *
 * Not for: more than one connection in a wire (make two, and mix their packets by time).
 */
#ifndef TESTS_UNIT_WIRE_H
#define TESTS_UNIT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_LINKTYPE 1
#define WIRE_BYTES_MAX 20000
#define WIRE_RANGES_MAX 8

enum wire_side { CLIENT, SERVER };

struct wire_packet {
	int64_t time_ns;
	uint8_t *bytes; /* the frame */
	uint32_t captured; /* bytes of it that a capture holds: less than wire with a snaplen */
	uint32_t wire;
	uint32_t seq, length; /* of its TCP segment; length counts SYN and FIN too */
	enum wire_side from;
};

struct wire_range {
	uint32_t start, end;
};

/* All but the last may be changed between packets. */
struct wire_end {
	uint8_t address[16]; /* 4 or 16 bytes, network order */
	uint16_t port;
	uint8_t ttl;
	uint16_t ip_id; /* of the next packet; counts up */
	uint16_t window;
	uint32_t seq; /* of the next byte it sends */
	uint32_t ack; /* the next byte it waits for */
	uint32_t peer_time; /* the last timestamp it received */
	struct wire_range early[WIRE_RANGES_MAX]; /* received ahead of `ack`, ascending; what SACK reports */
	size_t early_count;
};

struct wire {
	int version; /* of IP: 4 or 6 */
	int64_t now_ns;
	uint32_t snaplen; /* 0: whole packets are captured */
	bool timestamps; /* every segment carries them */
	struct wire_end end[2]; /* by enum wire_side */
	struct wire_packet *packets;
	size_t count;
};

struct wire *wire_new(int ip_version);
void wire_free(struct wire *w); /* NULL is fine */

void wire_wait(struct wire *w, int64_t milliseconds);

/* What a segment can have beside its flags. Zero is the usual. */
struct wire_options {
	const void *payload;
	size_t length;

	uint16_t mss; /* options of TCP, with a SYN */
	uint8_t window_scale; /* 0: none */
	bool sack_permitted;
	bool sack; /* blocks for all that was received ahead */

	uint8_t ttl; /* 0: the end's own */
	uint32_t ip_id; /* WIRE_ID(n), or 0: the end's own */
	bool zero_window;
	uint32_t back; /* the sequence number is so many bytes earlier: what was sent before is sent again */
	uint32_t ahead; /* … so many bytes later */
	uint32_t ack_back; /* the acknowledgment is so many bytes earlier */

	bool lost; /* captured, but never arrives: the other end does not acknowledge it */
	bool unseen; /* arrives, but is not captured */
	bool forged; /* from somebody else: the end that it claims to be from knows nothing of it */
	bool bad_checksum;
};
#define WIRE_ID(n) (0x10000u | (n))

/* One segment at the present time. `flags` are tcpdump's letters: S F R P . U E W. Returns the packet's index (of an
 * unseen one: the next packet's). */
#define wire_segment(w, from, flags, ...) wire_send(w, from, flags, (struct wire_options){__VA_ARGS__})
size_t wire_send(struct wire *w, enum wire_side from, const char *flags, struct wire_options options);

/* SYN with an MSS of 1460 and SACK permitted, SYN-ACK, ACK. */
void wire_connect(struct wire *w);

/* The packet again, as TCP repeats it: new IP ID, present time, all else the same. */
size_t wire_repeat(struct wire *w, size_t packet);

/* The same packet as another interface of the same router saw it: nothing differs but the TTL, which is one less. */
size_t wire_copy(struct wire *w, size_t packet);

/* Puts the last packet in front of the one before it, as if they had overtaken each other on the way to the capture. */
void wire_swap(struct wire *w);

/* A router's ICMP or ICMPv6 error about a packet, to its sender. `mtu` is of "too big" messages, else 0. */
size_t wire_icmp(struct wire *w, size_t about, uint8_t type, uint8_t code, uint16_t mtu);

/* The whole capture as a pcap file with nanoseconds. The caller frees it. */
uint8_t *wire_pcap(const struct wire *w, size_t *size);

/* ---- TLS ---- */

struct wire_bytes {
	size_t n;
	uint8_t bytes[WIRE_BYTES_MAX];
};

/* Sends the bytes in segments of `mss` at most, the last with PSH. Returns the index of the first packet. */
size_t wire_data(struct wire *w, enum wire_side from, const struct wire_bytes *bytes, size_t mss);

/* Puts more behind what is there: records of one flight. */
void wire_append(struct wire_bytes *to, struct wire_bytes more);

#define WIRE_LIST_MAX 8

/* Versions and ciphers end with 0; without any they are TLS 1.3 and 1.2, and two ciphers for each. */
struct wire_hello {
	const char *sni; /* NULL: no extension */
	const char *alpn; /* one name; NULL: no extension */
	uint16_t versions[WIRE_LIST_MAX];
	uint16_t ciphers[WIRE_LIST_MAX];
	size_t size; /* padded (RFC 7685) to this many bytes of record, where it is more */
};
struct wire_bytes wire_client_hello(struct wire_hello hello);

/* ServerHello for one of the two versions; with TLS 1.3 also its extensions. `retry`: a HelloRetryRequest. */
struct wire_bytes wire_server_hello(uint16_t version, uint16_t cipher, bool retry);

/* A record of any type with n bytes of the same value: application data, or what encryption makes of a message. */
struct wire_bytes wire_record(uint8_t type, uint16_t version, size_t n);

/* A handshake message of any type with n zero bytes, in a record of its own. */
struct wire_bytes wire_message(uint8_t type, size_t n);

/* Certificate as in TLS 1.2, of one entry of n bytes that are no certificate: for its size. */
struct wire_bytes wire_certificate(size_t n);

struct wire_bytes wire_change_cipher_spec(void);
struct wire_bytes wire_alert(uint8_t level, uint8_t description);

/* Bytes as they are. */
struct wire_bytes wire_text(const char *text);

#endif
