/* wire_frame.h: one Ethernet frame on the wire: where its headers are, changing them, and making new ones.
 *
 * Frames come from a packet socket, so their bytes are read through a cursor; what does not fit is no TCP segment here,
 * and is carried as it is. Changes that keep the length are written at the offsets that reading found;
 * wire_frame_seal() then makes lengths and checksums right again.
 */
#ifndef HARNESS_WIRE_FRAME_H
#define HARNESS_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_direction { WIRE_TO_SERVER, WIRE_TO_CLIENT, WIRE_DIRECTIONS };

static inline enum wire_direction wire_opposite(enum wire_direction direction)
{
	return direction == WIRE_TO_SERVER ? WIRE_TO_CLIENT : WIRE_TO_SERVER;
}

enum {
	WIRE_FRAME_MAX = 65536, /* bytes of frame; links of a cell carry less */
	WIRE_FORGED_MAX = 1400, /* bytes of payload in a made segment: fits every usual path */
};

/* Flags of TCP, RFC 9293 section 3.1. */
enum {
	WIRE_FIN = 0x01,
	WIRE_SYN = 0x02,
	WIRE_RST = 0x04,
	WIRE_PSH = 0x08,
	WIRE_ACK = 0x10,
};

/* Offsets count from the frame's beginning. */
struct wire_frame {
	uint8_t *bytes;
	size_t length;
	int version; /* of IP: 4 or 6; 0: another protocol, and nothing below is set */
	size_t ip;
	bool tcp; /* a whole TCP segment, not a fragment; otherwise nothing below is set */
	size_t segment, payload, end; /* TCP header, its data, and where the data ends */
	uint32_t seq, ack;
	uint8_t flags;
};

/* One end of a connection, as its packets show it. */
struct wire_address {
	uint8_t ip[16]; /* 4 or 16 bytes, network order */
	uint16_t port;
};

/* Takes the frame apart; it keeps pointing at `bytes`. */
void wire_frame_read(struct wire_frame *frame, uint8_t *bytes, size_t length);

/* Where it comes from and goes to; unused bytes of an address are 0. */
void wire_frame_addresses(const struct wire_frame *frame, struct wire_address *source,
			  struct wire_address *destination);

/* How much of the sequence space the segment takes: its data, SYN and FIN. */
uint32_t wire_frame_span(const struct wire_frame *frame);

/* Fields of the IP header in either version. IPv6 has no identification: reading gives 0, writing does nothing. */
uint8_t wire_frame_ttl(const struct wire_frame *frame);
void wire_frame_set_ttl(struct wire_frame *frame, uint8_t ttl);
uint16_t wire_frame_id(const struct wire_frame *frame);
void wire_frame_set_id(struct wire_frame *frame, uint16_t id);

/* Fields of the TCP header. */
uint16_t wire_frame_window(const struct wire_frame *frame);
void wire_frame_set_window(struct wire_frame *frame, uint16_t window);
void wire_frame_set_ack(struct wire_frame *frame, uint32_t ack);

/* The value of a TCP option, `length` set to its bytes; NULL if it is not there. The bytes may be written to. */
uint8_t *wire_frame_option(struct wire_frame *frame, uint8_t kind, size_t *length);

/* Puts NOPs where the option was, so that nothing moves. False: it is not there. */
bool wire_frame_strip_option(struct wire_frame *frame, uint8_t kind);

/* Leaves only the first `keep` bytes of data. False: there are no more than that. */
bool wire_frame_cut(struct wire_frame *frame, size_t keep);

/* Makes the lengths and checksums of IP and TCP right. */
void wire_frame_seal(struct wire_frame *frame);

/* Makes the TCP checksum wrong; after wire_frame_seal(). */
void wire_frame_spoil(struct wire_frame *frame);

/* What a made segment holds. */
struct wire_made {
	int version;
	uint8_t source_mac[6], destination_mac[6];
	struct wire_address source, destination;
	uint8_t ttl, flags;
	uint16_t id, window;
	uint32_t seq, ack;
	const void *payload;
	size_t payload_length; /* WIRE_FORGED_MAX at most */
};

/* Writes a sealed frame into `bytes` (WIRE_FRAME_MAX). */
void wire_frame_make(struct wire_frame *frame, uint8_t *bytes, const struct wire_made *made);

#endif
