/* trail.c: see trail.h. */
#include "analyzer/cli/trail.h"

#include "analyzer/cli/endpoint.h"
#include "analyzer/cli/verdict_copy.h"

#include <stdlib.h>
#include <string.h>

#define RANDOM_AT 11 /* in a record that begins with a ClientHello: RFC 8446 sections 5.1, 4 and 4.1.2 */
#define RANDOM_LENGTH 32
#define TCPOPT_NOP 1

static uint64_t hash_bytes(const uint8_t *bytes, size_t length)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a, by words where there are whole ones */

	while (length >= 8) {
		uint64_t word;

		memcpy(&word, bytes, sizeof(word));
		h = (h ^ word) * 1099511628211u;
		h ^= h >> 29;
		bytes += 8;
		length -= 8;
	}
	while (length-- > 0)
		h = (h ^ *bytes++) * 1099511628211u;
	return h ^ h >> 32;
}

/* ---- Room ---- */

/* Makes room for `need` things of `size` bytes in an array of which `have` are used; new ones are zero. False: no
 * memory, or none is allowed. */
static bool grow(struct trails *t, void **array, uint32_t have, uint32_t *room, uint32_t need, size_t size)
{
	uint32_t want = *room ? *room : 8;
	void *more;

	if (need <= *room)
		return true;
	while (want < need && want < UINT32_MAX / 2)
		want += want / 2 + 1;
	if (want < need || t->memory + (size_t)(want - *room) * size > t->memory_max)
		return false;
	more = realloc(*array, want * size);
	if (!more)
		return false;
	memset((char *)more + have * size, 0, (want - have) * size);
	t->memory += (size_t)(want - *room) * size;
	*array = more;
	*room = want;
	return true;
}

static struct trail *trail_of(struct trails *t, uint64_t number)
{
	size_t want = t->size ? t->size : 64;
	struct trail *more;

	if (number == 0)
		return NULL;
	if (number <= t->count)
		return &t->list[number - 1];
	while (want < number)
		want += want / 2;
	if (want > t->size) {
		if (t->memory + (want - t->size) * sizeof(*more) > t->memory_max)
			return NULL;
		more = realloc(t->list, want * sizeof(*more));
		if (!more)
			return NULL;
		memset(more + t->size, 0, (want - t->size) * sizeof(*more));
		t->memory += (want - t->size) * sizeof(*more);
		t->list = more;
		t->size = want;
	}
	t->count = number;
	return &t->list[number - 1];
}

/* ---- A packet ---- */

static uint64_t option_kinds(const struct tlsdiag_headers *h)
{
	uint64_t kinds = 0;
	size_t at = 0;

	while (at < h->tcp_options_length) {
		uint8_t kind = h->tcp_options[at];

		if (kind == 0)
			break;
		if (kind == TCPOPT_NOP) {
			at++;
			continue;
		}
		kinds |= UINT64_C(1) << (kind < 63 ? kind : 63);
		if (at + 1 >= h->tcp_options_length || h->tcp_options[at + 1] < 2)
			break;
		at += h->tcp_options[at + 1];
	}
	return kinds;
}

static void keep_payload(struct trails *t, struct trail *trail, struct trail_packet *p, const struct tlsdiag_headers *h)
{
	uint32_t before = trail->bytes_size;
	void *bytes = trail->bytes;

	p->bytes = TRAIL_NO_BYTES;
	if (!h->payload_captured)
		return;
	p->hash = hash_bytes(h->payload, h->payload_captured);
	if (t->payload_memory > t->memory_max / 4 || trail->bytes_used > UINT32_MAX / 2 - h->payload_captured ||
	    !grow(t, &bytes, trail->bytes_used, &trail->bytes_size, trail->bytes_used + h->payload_captured, 1))
		return;
	trail->bytes = bytes;
	t->payload_memory += trail->bytes_size - before;
	memcpy(trail->bytes + trail->bytes_used, h->payload, h->payload_captured);
	p->bytes = trail->bytes_used;
	trail->bytes_used += h->payload_captured;
}

static void fill(struct trail_packet *p, const struct tlsdiag_segment *s)
{
	const struct tlsdiag_headers *h = &s->headers;

	*p = (struct trail_packet){
		.frame = s->at.frame,
		.time_ns = s->at.time_ns,
		.options = option_kinds(h),
		.seq = h->icmp_reason ? h->quoted_seq : h->seq,
		.ack = h->tcp_flags & TRAIL_ACK ? h->ack : 0,
		.timestamp_value = h->timestamp_value,
		.timestamp_echo = h->timestamp_echo,
		.length = h->payload_length,
		.captured = h->payload_captured,
		.window = h->window,
		.ip_id = h->ip_id,
		.mss = h->mss,
		.flags = h->tcp_flags,
		.ttl = h->ttl,
		.dscp_ecn = h->dscp_ecn,
		.window_scale = h->window_scale,
		.fragmented = h->fragmented,
		.has_timestamps = h->has_timestamps,
		.has_ip_id = h->has_ip_id,
		.icmp = h->icmp_reason,
	};
}

void trails_segment(const struct tlsdiag_segment *s, void *context)
{
	const struct tlsdiag_headers *h = &s->headers;
	/* Whose packet an ICMP error is about. */
	const struct tlsdiag_endpoint *sender = h->icmp_reason ? &h->quoted_src : &h->src;
	struct trails *t = context;
	struct trail *trail = trail_of(t, s->connection);
	struct trail_packet *p;
	void *packets;

	if (!trail) {
		t->packets_left_out++;
		return;
	}
	if (!trail->first.version)
		trail->first = *sender;
	packets = trail->packets;
	if (trail->left_out || trail->count >= TRAIL_PACKETS_MAX ||
	    !grow(t, &packets, trail->count, &trail->size, trail->count + 1, sizeof(*p))) {
		trail->left_out++;
		t->packets_left_out++;
		return;
	}
	trail->packets = packets;
	p = &trail->packets[trail->count++];
	fill(p, s);
	p->from = !endpoint_same(sender, &trail->first);
	keep_payload(t, trail, p, h);
}

void trails_verdict(const struct tlsdiag_verdict *verdict, void *context)
{
	struct trails *t = context;
	struct trail *trail = trail_of(t, verdict->number);
	size_t size = 0;

	if (trail && !trail->verdict && t->memory < t->memory_max) {
		trail->verdict = verdict_copy(verdict, &size);
		t->memory += size;
	}
	if (!trail || !trail->verdict)
		t->connections_left_out++;
}

void trails_span(struct trails *t, int64_t time_ns)
{
	if (!t->packets || time_ns < t->first_ns)
		t->first_ns = time_ns;
	if (!t->packets || time_ns > t->last_ns)
		t->last_ns = time_ns;
	t->packets++;
}

/* ---- What identifies a connection ---- */

static void find_start(struct trail *trail, const struct trail_packet *p)
{
	struct trail_start *start = &trail->start[p->from];

	if (!(p->flags & TRAIL_SYN) || p->flags & TRAIL_RST || p->icmp || start->seen)
		return;
	*start = (struct trail_start){.seen = true,
				      .isn = p->seq,
				      .has_timestamps = p->has_timestamps,
				      .timestamp_value = p->timestamp_value};
}

static void find_random(struct trail *trail, uint32_t i)
{
	const struct trail_packet *p = &trail->packets[i];
	const uint8_t *bytes = trail->bytes + (p->bytes == TRAIL_NO_BYTES ? 0 : p->bytes);

	if (trail->has_random || p->from != 0 || p->icmp || p->bytes == TRAIL_NO_BYTES ||
	    p->captured < RANDOM_AT + RANDOM_LENGTH)
		return;
	if (bytes[0] != 0x16 || bytes[1] != 3 || bytes[5] != 1) /* handshake, client_hello */
		return;
	trail->has_random = true;
	trail->random = hash_bytes(bytes + RANDOM_AT, RANDOM_LENGTH);
	trail->random_packet = i;
}

static void finish(struct trail *trail)
{
	bool swap = trail->verdict && !endpoint_same(&trail->first, &trail->verdict->client);

	for (uint32_t i = 0; i < trail->count; i++) {
		struct trail_packet *p = &trail->packets[i];

		if (swap)
			p->from = !p->from;
		find_start(trail, p);
		find_random(trail, i);
	}
}

void trails_finish(struct trails *t)
{
	for (size_t i = 0; i < t->count; i++)
		finish(&t->list[i]);
}

void trails_free(struct trails *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->list[i].verdict);
		free(t->list[i].packets);
		free(t->list[i].bytes);
	}
	free(t->list);
	*t = (struct trails){0};
}
