/* wire_forge.h: segments that the wire sends in the name of an end of a connection: resets, and answers with data.
 *
 * Without options a forgery is as its victim expects it: the sequence number that comes next to it, an acknowledgment
 * of all that it has sent, whether or not that was carried on, TTL and IP ID going on from the real sender's. Each
 * option takes one of these away.
 */
#ifndef HARNESS_WIRE_FORGE_H
#define HARNESS_WIRE_FORGE_H

#include "harness/document.h"
#include "harness/wire_flow.h"

enum {
	WIRE_SEQUENCES_MAX = 16, /* segments of one forgery for each receiver */
};

struct wire_forge {
	const char *to; /* "client", "server" or "both": first to the client, then to the server */
	int ttl, ip_id; /* -1: as the real sender's */
	int window; /* -1: as the real sender's */
	const char *ack; /* "right", "zero", or "none": without the flag */
	const char *checksum; /* "right" or "wrong" */
	int sequence[WIRE_SEQUENCES_MAX]; /* a segment for each: bytes ahead of the right number */
	size_t sequence_count;
	uint8_t flags; /* beside ACK */
	bool close; /* with FIN */
	const uint8_t *payload;
	size_t payload_length;
};

extern const struct wire_forge wire_reset_defaults, wire_answer_defaults;

/* Takers for struct wire_forge. */
bool wire_take_reset(struct document *d, yaml_node_t *node, const void *unused, void *into);
bool wire_take_answer(struct document *d, yaml_node_t *node, const void *unused, void *into);

/* Whether it goes in this direction. */
bool wire_forge_goes(const struct wire_forge *forge, enum wire_direction direction);

/* Makes segment `index` (below sequence_count) in `bytes` (WIRE_FRAME_MAX). */
void wire_forge_make(const struct wire_forge *forge, const struct wire_connection *connection,
		     enum wire_direction direction, size_t index, struct wire_frame *frame, uint8_t *bytes);

#endif
