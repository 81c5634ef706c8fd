/* sanitize_fragment.h: the fragmented IP datagrams of a capture: put together while learning, so that their parts can
 * be rewritten by what is in the whole. Not for what is dropped or never whole: that is erased.
 */
#ifndef ANALYZER_SANITIZE_FRAGMENT_H
#define ANALYZER_SANITIZE_FRAGMENT_H

#include "sanitize_packet.h"

struct datagram_table;

/* NULL when out of memory. */
struct datagram_table *datagram_table_new(size_t memory_max);
void datagram_table_free(struct datagram_table *t); /* NULL is fine */

/* Takes the PACKET_FRAGMENT *p. */
void datagram_learn(struct datagram_table *t, uint64_t frame, int64_t time_ns, const struct packet *p);

/* Writes what the first n bytes of the same fragment become: of a datagram that was whole, the part of it. */
void datagram_part(struct datagram_table *t, uint64_t frame, const struct packet_rules *rules, const struct packet *p,
		   uint8_t *out, size_t n);

#endif
