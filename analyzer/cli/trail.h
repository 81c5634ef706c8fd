/* trail.h: what one capture shows of each of its connections: the verdict, and every packet as far as it is worth
 * comparing.
 *
 * One of the two sides of `tlsdiag --at-client A --at-server B`: the capture is read through the library once, and what
 * is kept is enough to find the same connection and the same packets in the other capture.
 *
 * Limits: all trails of a capture together take at most memory_max bytes. When that is reached, packets are counted and
 * no longer kept, payloads first: a quarter of the room is theirs, then a packet has only the hash of its payload. Of
 * one connection the first packets count.
 */
#ifndef CLI_TRAIL_H
#define CLI_TRAIL_H

#include "analyzer/tlsdiag.h"

#define TRAIL_NO_BYTES UINT32_MAX
#define TRAIL_PACKETS_MAX 16384 /* of one connection: far more than any handshake has */

enum trail_flag { /* as on the wire (RFC 9293 section 3.1) */
		  TRAIL_FIN = 0x01,
		  TRAIL_SYN = 0x02,
		  TRAIL_RST = 0x04,
		  TRAIL_PSH = 0x08,
		  TRAIL_ACK = 0x10,
		  TRAIL_URG = 0x20,
		  TRAIL_ECE = 0x40,
		  TRAIL_CWR = 0x80,
};

struct trail_packet {
	uint64_t frame;
	int64_t time_ns;
	uint64_t hash; /* of the payload that was captured */
	uint64_t options; /* TCP options by kind, bit n for kind n; the last bit for all from 63 on */
	uint32_t seq, ack;
	uint32_t timestamp_value, timestamp_echo;
	uint32_t length, captured; /* of the payload: on the wire, in the capture */
	uint32_t bytes; /* where the captured payload begins in trail->bytes; TRAIL_NO_BYTES: not kept */
	uint16_t window, ip_id, mss; /* mss 0: absent */
	uint8_t flags, ttl, dscp_ecn;
	int8_t window_scale; /* -1: absent */
	uint8_t from; /* 0: the verdict's client; 1: its server. Of an ICMP error: whose packet it is about */
	bool fragmented, has_timestamps, has_ip_id;
	const char *icmp; /* NULL: TCP; else the reason, a static string */
};

/* A SYN's and a SYN-ACK's, by the side that sent it. */
struct trail_start {
	bool seen;
	uint32_t isn;
	bool has_timestamps;
	uint32_t timestamp_value;
};

struct trail {
	struct tlsdiag_verdict *verdict; /* a copy; NULL: the connection was not decided yet */
	struct tlsdiag_endpoint first; /* who sent the first packet, until the verdict says who is the client */
	struct trail_packet *packets; /* in the order of the capture */
	uint32_t count, size;
	uint64_t left_out; /* packets that there was no room for */
	uint8_t *bytes;
	uint32_t bytes_used, bytes_size;
	struct trail_start start[2];
	bool has_random;
	uint64_t random; /* hash of the ClientHello's random */
	uint32_t random_packet; /* index of the packet it was in */
};

struct trails {
	struct trail *list; /* a connection's number, less 1, is its index */
	size_t count, size;
	size_t memory, memory_max; /* bytes */
	size_t payload_memory;
	uint64_t packets_left_out; /* for want of room */
	uint64_t connections_left_out;
	uint64_t packets; /* of the whole capture, whatever they are */
	int64_t first_ns, last_ns; /* time of its first and last packet, where there are any */
	uint64_t dropped; /* packets the capture itself says it lost */
};

/* Callbacks for the library; context: struct trails *. */
tlsdiag_segment_fn trails_segment;
tlsdiag_verdict_fn trails_verdict;

/* Notes the time of a packet of the capture. */
void trails_span(struct trails *trails, int64_t time_ns);

/* Everything has been read: who is the client is known for every packet, and what identifies a connection is found. */
void trails_finish(struct trails *trails);
void trails_free(struct trails *trails);

#endif
