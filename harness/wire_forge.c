/* wire_forge.c: see wire_forge.h. */
#include "harness/wire_forge.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "harness/wire_action.h"

enum {
	TTL_UNKNOWN = 64, /* of an end that has not sent anything: what most systems begin with */
};

const struct wire_forge wire_reset_defaults = {
	.to = "client",
	.ttl = -1,
	.ip_id = -1,
	.ack = "right",
	.checksum = "right",
	.sequence_count = 1,
	.flags = WIRE_RST,
};
const struct wire_forge wire_answer_defaults = {
	.to = "client",
	.ttl = -1,
	.ip_id = -1,
	.window = -1,
	.ack = "right",
	.checksum = "right",
	.sequence_count = 1,
	.flags = WIRE_PSH,
};

/* ---- Reading ---- */

static bool parse_number(const char *text, int *value)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	*value = (int)number;
	return end != text && !*end && !errno && number >= INT_MIN && number <= INT_MAX;
}

static bool take_sequence(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct wire_forge *forge = into;
	struct document_strings numbers;

	if (!document_strings(d, node, unused, &numbers))
		return false;
	if (numbers.count == 0 || numbers.count > WIRE_SEQUENCES_MAX)
		return document_fail(d, node, "from 1 to %d numbers must stand here", WIRE_SEQUENCES_MAX);
	for (size_t i = 0; i < numbers.count; i++)
		if (!parse_number(numbers.items[i], &forge->sequence[i]))
			return document_fail(d, node, "'%s' is no whole number", numbers.items[i]);
	forge->sequence_count = numbers.count;
	return true;
}

static bool check_payload(struct document *d, yaml_node_t *node, const struct wire_forge *forge)
{
	return forge->payload_length <= WIRE_FORGED_MAX ||
	       document_fail(d, node, "at most %d bytes fit into one segment", WIRE_FORGED_MAX);
}

static bool take_text(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct wire_forge *forge = into;
	const char *text;

	if (!document_string(d, node, unused, (void *)&text))
		return false;
	forge->payload = (const uint8_t *)text;
	forge->payload_length = strlen(text);
	return check_payload(d, node, forge);
}

static bool take_hex(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct wire_forge *forge = into;
	struct wire_bytes_given given;

	if (!wire_take_hex(d, node, unused, &given))
		return false;
	forge->payload = given.bytes;
	forge->payload_length = given.length;
	return check_payload(d, node, forge);
}

static const char *const receivers[] = {"client", "server", "both", NULL};
static const char *const acks[] = {"right", "zero", "none", NULL};
static const char *const checksums[] = {"right", "wrong", NULL};
static const int u8_range[] = {0, 255};
static const int u16_range[] = {0, 65535};

#define KEY(name, take, member, argument) DOCUMENT_KEY(name, take, wire_forge, member, argument, false)
#define HEADER_KEYS                                                                                                    \
	KEY("to", document_choice, to, receivers), KEY("ttl", document_integer, ttl, u8_range),                        \
		KEY("ip-id", document_integer, ip_id, u16_range), KEY("window", document_integer, window, u16_range),  \
		KEY("ack", document_choice, ack, acks), KEY("checksum", document_choice, checksum, checksums),         \
	{                                                                                                              \
		"sequence", take_sequence, 0, NULL, false                                                              \
	}

bool wire_take_reset(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	static const struct document_key keys[] = {HEADER_KEYS, DOCUMENT_KEYS_END};

	(void)unused;
	return document_mapping(d, node, keys, true, into);
}

bool wire_take_answer(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	static const struct document_key keys[] = {
		HEADER_KEYS,
		{"text", take_text, 0, NULL, false},
		{"hex", take_hex, 0, NULL, false},
		KEY("close", document_boolean, close, NULL),
		DOCUMENT_KEYS_END,
	};
	const struct wire_forge *forge = into;

	(void)unused;
	if (!document_mapping(d, node, keys, true, into))
		return false;
	return forge->payload_length > 0 || document_fail(d, node, "must say 'text' or 'hex'");
}

/* ---- Making ---- */

bool wire_forge_goes(const struct wire_forge *forge, enum wire_direction direction)
{
	return strcmp(forge->to, "both") == 0 ||
	       strcmp(forge->to, direction == WIRE_TO_CLIENT ? "client" : "server") == 0;
}

/* What the end that is spoken for puts into its headers. An end that has sent nothing yet is the other one mirrored. */
static void impersonate(struct wire_made *made, const struct wire_connection *connection, enum wire_direction direction,
			size_t index)
{
	const struct wire_stream *own = &connection->stream[direction],
				 *other = &connection->stream[wire_opposite(direction)];

	made->version = connection->version;
	made->source = connection->end[direction];
	made->destination = connection->end[wire_opposite(direction)];
	memcpy(made->source_mac, own->seen ? own->source_mac : other->destination_mac, sizeof(made->source_mac));
	memcpy(made->destination_mac, own->seen ? own->destination_mac : other->source_mac,
	       sizeof(made->destination_mac));
	made->ttl = own->seen ? own->ttl : TTL_UNKNOWN;
	/* Linux counts from a random number up once a connection has data, and says 0 before. */
	made->id = own->id ? (uint16_t)(own->id + 1 + index) : 0;
	made->window = own->window;
	made->seq = own->next;
	made->ack = other->sent;
	made->flags = WIRE_ACK;
}

void wire_forge_make(const struct wire_forge *forge, const struct wire_connection *connection,
		     enum wire_direction direction, size_t index, struct wire_frame *frame, uint8_t *bytes)
{
	struct wire_made made = {.payload = forge->payload, .payload_length = forge->payload_length};

	impersonate(&made, connection, direction, index);
	if (forge->ttl >= 0)
		made.ttl = (uint8_t)forge->ttl;
	if (forge->ip_id >= 0)
		made.id = (uint16_t)forge->ip_id;
	if (forge->window >= 0)
		made.window = (uint16_t)forge->window;
	made.seq += (uint32_t)forge->sequence[index];
	if (strcmp(forge->ack, "right") != 0)
		made.ack = 0;
	if (strcmp(forge->ack, "none") == 0)
		made.flags = 0;
	made.flags |= forge->flags | (forge->close ? WIRE_FIN : 0);
	wire_frame_make(frame, bytes, &made);
	if (strcmp(forge->checksum, "wrong") == 0)
		wire_frame_spoil(frame);
}
