/* wire_action.h: what a rule of the wire does to a packet. The table in wire_action.c is the language: a row is a name,
 * how its argument is read from a scenario file, and what it does.
 *
 *     action: drop
 *     action: {delay: 200}
 *     action: {reset: {to: both, ttl: 200, sequence: [0, 1460]}}
 */
#ifndef HARNESS_WIRE_ACTION_H
#define HARNESS_WIRE_ACTION_H

#include "harness/document.h"
#include "harness/wire_flow.h"

enum {
	WIRE_FORGES_MAX = 8, /* rules that one packet can make forge something */
};

struct wire_forge;

/* A packet on its way through the rules; actions say here what is to become of it. */
struct wire_passing {
	enum wire_direction direction;
	struct wire_frame *frame;
	struct wire_connection *connection; /* NULL unless it is TCP */
	uint32_t offset; /* of its data in the stream */
	const struct wire_message *message; /* the one that the rule asks for; NULL if it asks for none */

	bool dropped;
	bool changed; /* lengths and checksums have to be made right … */
	bool spoiled; /* … and then the checksum wrong */
	unsigned copies; /* carried beside the packet itself */
	unsigned hold; /* packets of its direction that go first */
	unsigned delay_ms;
	unsigned rate; /* bytes a second of its direction; 0: no limit */
	const struct wire_forge *forges[WIRE_FORGES_MAX]; /* sent behind the packet, in order */
	size_t forge_count;
};

struct wire_action_kind {
	const char *name;
	document_take *take; /* reads the argument; NULL: there is none */
	const void *keys; /* for take */
	size_t size; /* of what take fills, which begins as `defaults` */
	const void *defaults;
	bool (*apply)(struct wire_passing *passing, const void *argument); /* whether it did something */
	bool tcp; /* nothing to do to a packet that is not TCP */
};

struct wire_action {
	const struct wire_action_kind *kind;
	const void *argument; /* owned by the document */
};

/* A document_take for struct wire_action. */
bool wire_take_action(struct document *d, yaml_node_t *node, const void *unused, void *into);

/* Does it; false if there was nothing to be done to this packet. */
bool wire_act(const struct wire_action *action, struct wire_passing *passing);

/* A document_take for bytes written as hexadecimal digits, white space between them or not. */
struct wire_bytes_given {
	size_t length;
	const uint8_t *bytes;
};
bool wire_take_hex(struct document *d, yaml_node_t *node, const void *unused, void *into);

#endif
