/* fragment.h: IP fragments joined into datagrams (RFC 791, RFC 8200 section 4.5, RFC 5722).
 *
 * A bounded table: at most so many datagrams and bytes at once, the oldest given up first. Overlapping fragments that
 * disagree are dropped as RFC 5722 asks.
 */
#ifndef ANALYZER_FRAGMENT_H
#define ANALYZER_FRAGMENT_H

#include "packet.h"

struct fragment_table;

struct fragment_limits {
	uint32_t datagrams; /* under way at once */
	size_t bytes; /* held at once, over all of them */
	int64_t timeout_ns; /* of packet time; RFC 8200 says 60 s */
};

/* NULL when out of memory. */
struct fragment_table *fragment_table_new(const struct fragment_limits *limits);
void fragment_table_free(struct fragment_table *table); /* NULL is fine */

/* Adds the PACKET_FRAGMENT *p. PARSE_OK: it completed its datagram, *p is now the whole packet, decoded, and its
 * payload is valid until the next call. PARSE_NEED_MORE: kept, more to come. PARSE_SNAPLEN: cut short, nothing kept.
 * PARSE_MALFORMED: the datagram was dropped. */
enum parse_result fragment_add(struct fragment_table *table, int64_t time_ns, struct packet *p);

/* Datagrams given up so far (limit, time-out or contradiction). */
uint64_t fragment_given_up(const struct fragment_table *table);

#endif
