/* conversation.h: the connections of a capture and what their bytes become, found by addresses, ports and frame.
 *
 * They are learnt from a tap (tap.h) and then looked up, for segments, for those that ICMP quotes, and for repeats that
 * came long after. The memory for all of them is bounded: what is found no room for is erased.
 */
#ifndef ANALYZER_CONVERSATION_H
#define ANALYZER_CONVERSATION_H

#include "sanitize_packet.h"
#include "sanitize_stream.h"

struct conversation_table;

/* `rules` must outlive the table. NULL when out of memory. */
struct conversation_table *conversation_table_new(const struct certificate_rules *rules, size_t memory_max);
void conversation_table_free(struct conversation_table *t); /* NULL is fine */

/* The tap that fills the table. */
struct tap conversation_tap(struct conversation_table *t);

/* What n bytes of a segment become; zeros where its connection is not known. `frame` is that of its packet. */
void conversation_payload(struct conversation_table *t, uint64_t frame, const struct segment *s, uint8_t *out,
			  size_t n);

/* Timestamps that begin at 1 in each direction of a connection, and their echoes. */
void conversation_timestamps(struct conversation_table *t, uint64_t frame, const struct segment *s, uint32_t *value,
			     uint32_t *echo);

struct conversation_counts {
	uint64_t connections, erased;
};
void conversation_counts(const struct conversation_table *t, struct conversation_counts *counts);

#endif
