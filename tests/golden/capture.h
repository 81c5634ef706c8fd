/* capture.h: captures in memory, and where things are in a frame as the lab's captures have it: Ethernet, one IP header
 * without options or extension headers, TCP or ICMP.
 *
 * For tests: what cannot be read, or memory that cannot be had, ends the program. Not for frames that were varied
 * already.
 */
#ifndef TESTS_GOLDEN_CAPTURE_H
#define TESTS_GOLDEN_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 70000

struct frame {
	int64_t time_ns;
	uint8_t *bytes;
	uint32_t captured, wire;
};

struct capture {
	char *name; /* stage/scenario.client.tls.family */
	int linktype;
	uint8_t client[16]; /* the address that sent the first SYN */
	struct frame *frames;
	size_t count, room;
};

/* What was allocated; ends the program where that is NULL. */
void *need(void *memory);

void capture_free(struct capture *c);

/* Empty, with the name, link type and client of another. */
struct capture capture_like(const struct capture *c);

/* Copies the bytes; returns the new frame, until the next one is added. */
struct frame *capture_add(struct capture *c, int64_t time_ns, const uint8_t *bytes, size_t n);
struct frame *capture_copy(struct capture *c, const struct frame *f);
/* Frames of another from `first` up to before `end`. */
void capture_copy_part(struct capture *c, const struct capture *from, size_t first, size_t end);
void capture_drop(struct capture *c, size_t frame);

/* All captures below tests/golden, sorted by name; `count` of them. */
struct capture *captures_load(size_t *count);

enum { IP_AT = 14, TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_PSH = 0x08, TCP_ACK = 0x10 };

/* A frame taken apart: offsets from its start. */
struct parts {
	bool v6, tcp, from_client;
	bool intact; /* the checksum of TCP or ICMP is right */
	uint8_t protocol, flags;
	size_t transport, payload, end; /* without trailer */
	uint32_t seq, ack;
};
struct parts parts_of(const struct capture *c, const struct frame *f);

uint16_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);
void put16(uint8_t *at, uint32_t value);
void put32(uint8_t *at, uint32_t value);

/* After a change: IP's length and checksum, and TCP's or ICMP's, for a packet that ends at `end`. What was wrong
 * (not intact) stays wrong. */
void checksums_fix(uint8_t *frame, size_t end, bool intact);

/* The checksum of RFC 1071 over n bytes, beginning with a partial sum. */
uint16_t checksum(const uint8_t *at, size_t n, uint32_t partial);

#endif
