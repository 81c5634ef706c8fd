/* flow.h: the table of connections, by addresses and ports.
 *
 * Theory of operation. A fixed number of slots, a hash table over them, and a list in the order of last use. Finding a
 * connection is one lookup; making one when no slot is free gives up the one unused longest. A slot whose connection is
 * decided has no attempt any more: it remains to swallow the late packets that would otherwise look like a connection
 * joined in the middle. Memory for slots is touched only as they come into use.
 */
#ifndef ANALYZER_FLOW_H
#define ANALYZER_FLOW_H

#include "attempt.h"

struct flow {
	struct ip_address address[2]; /* side 0 is the attempt's side 0 */
	uint16_t port[2];
	uint32_t chain; /* next slot with this hash */
	uint32_t hash;
	uint32_t isn; /* of side 0's SYN, where has_isn */
	bool has_isn, in_use;
	uint64_t number; /* of the connection, decided or not */
	size_t memory; /* what the attempt took when last counted */
	struct attempt *attempt; /* NULL: decided */
};

struct flow_table;

/* NULL when out of memory. */
struct flow_table *flow_table_new(size_t flows_max);
void flow_table_free(struct flow_table *t); /* the attempts too */

/* The flow of a packet from `src` to `dst`, moved to the front of the order of use; *from is the side that sent it.
 * NULL when there is none. */
struct flow *flow_find(struct flow_table *t, const struct ip_address *src, uint16_t sport, const struct ip_address *dst,
		       uint16_t dport, int *from);

/* A new flow, side 0 being `src`. NULL when the table is full: remove flow_oldest() first. */
struct flow *flow_add(struct flow_table *t, const struct ip_address *src, uint16_t sport, const struct ip_address *dst,
		      uint16_t dport);

/* The flow unused longest, or NULL. */
struct flow *flow_oldest(struct flow_table *t);
/* The next one by last use, more recent than f; NULL at the end. */
struct flow *flow_newer(struct flow_table *t, const struct flow *f);

/* Takes it out of the table. Its attempt, if any, is the caller's. */
void flow_remove(struct flow_table *t, struct flow *f);

#endif
