/* wire_flow.h: the TCP connections that pass the wire: what a forger has to know of them.
 *
 * Of each direction: the sequence number that comes next, what its packets look like (addresses, TTL, IP ID, window),
 * and its TLS messages. Connections are told apart by their addresses and ports; a new SYN begins a connection anew.
 */
#ifndef HARNESS_WIRE_FLOW_H
#define HARNESS_WIRE_FLOW_H

#include "harness/wire_frame.h"
#include "harness/wire_tls.h"

/* One direction. */
struct wire_stream {
	bool seen; /* a packet has come; otherwise nothing below is known */
	uint8_t source_mac[6], destination_mac[6];
	uint8_t ttl;
	uint16_t id, window;
	uint32_t first; /* sequence number of the first byte of data */
	uint32_t sent; /* behind all that came from the sender so far */
	uint32_t next; /* behind all of it that was carried on: what the receiver waits for */
	bool carried; /* something was; otherwise `next` is unknown */
	struct wire_tls *tls; /* NULL until there is data */
};

struct wire_connection {
	int version; /* of IP */
	struct wire_address end[WIRE_DIRECTIONS]; /* the sender in a direction */
	struct wire_stream stream[WIRE_DIRECTIONS];
	uint64_t acted; /* a bit for each rule that has acted on this connection */
};

struct wire_flows;

struct wire_flows *wire_flows_new(void); /* NULL when out of memory */
void wire_flows_free(struct wire_flows *flows); /* NULL is fine */

/* Notes a TCP segment that came, before anything is done to it. Returns its connection, which stays valid until the
 * next call; NULL when out of memory. */
struct wire_connection *wire_flows_note(struct wire_flows *flows, enum wire_direction direction,
					const struct wire_frame *frame);

/* Notes a segment that is carried on, as it then is. */
void wire_flow_carried(struct wire_connection *connection, enum wire_direction direction,
		       const struct wire_frame *frame);

#endif
