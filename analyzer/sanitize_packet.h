/* sanitize_packet.h: one frame as it is to be shared: headers field by field, everything else zero.
 *
 * Of the bytes that no rule names none survives. What a TCP segment carries comes from whoever knows its
 * connection, through struct packet_rules. Checksums that were right are right again, wrong ones are wrong in another
 * way, for a receiver ignores such a packet; those of packets that were cut short become zero.
 */
#ifndef ANALYZER_SANITIZE_PACKET_H
#define ANALYZER_SANITIZE_PACKET_H

#include "alias.h"
#include "decode.h"

/* A TCP segment, whole or as far as it was captured or quoted. */
struct segment {
	const struct ip_address *src, *dst;
	uint16_t sport, dport;
	uint32_t seq; /* of its first byte of data */
	bool quoted; /* by an ICMP error */
};

struct packet_rules {
	struct alias_table *aliases;
	uint64_t frame; /* the packet's, or that which made its datagram whole: connections begin with one */
	/* Writes n bytes of what the segment carries. */
	void (*payload)(void *context, uint64_t frame, const struct segment *s, uint8_t *out, size_t n);
	/* What is to be subtracted from a timestamp of this segment's sender, and from what it echoes. */
	void (*timestamps)(void *context, uint64_t frame, const struct segment *s, uint32_t *value, uint32_t *echo);
	/* Writes n bytes of what an IP fragment carries, of those that were captured. */
	void (*fragment)(void *context, const struct packet *p, uint8_t *out, size_t n);
	void *context;
};

/* Rewrites a frame into `out`, which has room for `captured` bytes; *p is what was decoded of the original. */
enum parse_result sanitize_frame(const struct packet_rules *rules, int linktype, const uint8_t *frame,
				 uint32_t captured, uint32_t wire, uint8_t *out, struct packet *p);

/* The same for the payload of a reassembled datagram, of which *p is the first fragment. */
enum parse_result sanitize_datagram(const struct packet_rules *rules, uint8_t protocol, const uint8_t *bytes,
				    uint32_t length, uint8_t *out, struct packet *p);

/* Whether there is a rule for the headers of a layer: of one that has none they are erased. */
bool sanitize_has_rule(layer_fn *layer);

#endif
