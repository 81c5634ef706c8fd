/* wire_flow.c: see wire_flow.h. A cell has few connections; the oldest makes room when there are too many. */
#include "harness/wire_flow.h"

#include <stdlib.h>
#include <string.h>

enum {
	CONNECTIONS_MAX = 64,
};

struct wire_flows {
	struct wire_connection connections[CONNECTIONS_MAX];
	size_t count, oldest;
};

struct wire_flows *wire_flows_new(void)
{
	return calloc(1, sizeof(struct wire_flows));
}

static void forget(struct wire_connection *connection)
{
	for (enum wire_direction d = 0; d < WIRE_DIRECTIONS; d++)
		wire_tls_free(connection->stream[d].tls);
	*connection = (struct wire_connection){0};
}

void wire_flows_free(struct wire_flows *flows)
{
	for (size_t i = 0; flows && i < flows->count; i++)
		forget(&flows->connections[i]);
	free(flows);
}

static struct wire_connection *find(struct wire_flows *flows, int version,
				    const struct wire_address end[WIRE_DIRECTIONS])
{
	for (size_t i = 0; i < flows->count; i++) {
		struct wire_connection *c = &flows->connections[i];

		if (c->version == version && memcmp(c->end, end, sizeof(c->end)) == 0)
			return c;
	}
	return NULL;
}

static struct wire_connection *place_for_new(struct wire_flows *flows)
{
	struct wire_connection *connection;

	if (flows->count < CONNECTIONS_MAX)
		return &flows->connections[flows->count++];
	connection = &flows->connections[flows->oldest];
	flows->oldest = (flows->oldest + 1) % CONNECTIONS_MAX;
	return connection;
}

/* Begins the connection anew, unless the segment is of the one that is known. */
static struct wire_connection *connection_of(struct wire_flows *flows, enum wire_direction direction,
					     const struct wire_frame *frame)
{
	struct wire_address end[WIRE_DIRECTIONS];
	struct wire_connection *connection;
	bool opens = (frame->flags & (WIRE_SYN | WIRE_ACK)) == WIRE_SYN;

	wire_frame_addresses(frame, &end[direction], &end[wire_opposite(direction)]);
	connection = find(flows, frame->version, end);
	if (connection && (!opens || connection->stream[direction].first == frame->seq + 1))
		return connection;
	if (!connection)
		connection = place_for_new(flows);
	forget(connection);
	connection->version = frame->version;
	memcpy(connection->end, end, sizeof(end));
	return connection;
}

static bool note_data(struct wire_stream *stream, const struct wire_frame *frame)
{
	uint32_t offset = frame->seq + ((frame->flags & WIRE_SYN) != 0) - stream->first;

	if (frame->end == frame->payload)
		return true;
	if (!stream->tls)
		stream->tls = wire_tls_new();
	if (stream->tls)
		wire_tls_add(stream->tls, offset, frame->bytes + frame->payload, frame->end - frame->payload);
	return stream->tls != NULL;
}

struct wire_connection *wire_flows_note(struct wire_flows *flows, enum wire_direction direction,
					const struct wire_frame *frame)
{
	struct wire_connection *connection = connection_of(flows, direction, frame);
	struct wire_stream *stream = &connection->stream[direction];

	uint32_t end = frame->seq + wire_frame_span(frame);

	if (!stream->seen || (frame->flags & WIRE_SYN))
		stream->first = frame->seq + ((frame->flags & WIRE_SYN) != 0);
	if (!stream->seen || (int32_t)(end - stream->sent) > 0)
		stream->sent = end;
	stream->seen = true;
	memcpy(stream->destination_mac, frame->bytes, 6);
	memcpy(stream->source_mac, frame->bytes + 6, 6);
	stream->ttl = wire_frame_ttl(frame);
	stream->id = wire_frame_id(frame);
	stream->window = wire_frame_window(frame);
	return note_data(stream, frame) ? connection : NULL;
}

void wire_flow_carried(struct wire_connection *connection, enum wire_direction direction,
		       const struct wire_frame *frame)
{
	struct wire_stream *stream = &connection->stream[direction];
	uint32_t end = frame->seq + wire_frame_span(frame);

	if (!stream->carried || (int32_t)(end - stream->next) > 0)
		stream->next = end;
	stream->carried = true;
}
