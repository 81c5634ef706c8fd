/* conversation.c: see conversation.h. */
#include "conversation.h"

#include "attempt.h"
#include "sanitize_plain.h"

#include <stdlib.h>

struct conversation {
	struct conversation *older; /* in its bucket */
	struct ip_address address[2]; /* side 0 is the attempt's */
	uint16_t port[2];
	uint64_t first_frame;
	struct sanitized_stream *stream[2]; /* NULL: said nothing that is known */
	bool erased, counted; /* found no room; and that was counted */
	bool has_base[2], has_timestamp[2];
	uint32_t base[2]; /* sequence number of offset 0 */
	uint32_t timestamp[2]; /* the first one */
	uint64_t place[2]; /* offset of the segment looked up last: sequence numbers wrap */
};

struct conversation_table {
	const struct certificate_rules *rules;
	struct conversation **buckets;
	size_t size, count; /* size: a power of two */
	size_t memory, memory_max;
	uint64_t erased;
};

#define BUCKETS 1024

struct conversation_table *conversation_table_new(const struct certificate_rules *rules, size_t memory_max)
{
	struct conversation_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct conversation_table){.rules = rules, .size = BUCKETS, .memory_max = memory_max};
	t->buckets = calloc(t->size, sizeof(struct conversation *));
	if (t->buckets)
		return t;
	free(t);
	return NULL;
}

void conversation_table_free(struct conversation_table *t)
{
	for (size_t i = 0; t && i < t->size; i++)
		while (t->buckets[i]) {
			struct conversation *c = t->buckets[i];

			t->buckets[i] = c->older;
			for (int side = 0; side < 2; side++) {
				if (c->stream[side])
					sanitized_stream_clear(c->stream[side]);
				free(c->stream[side]);
			}
			free(c);
		}
	if (t)
		free(t->buckets);
	free(t);
}

void conversation_counts(const struct conversation_table *t, struct conversation_counts *counts)
{
	*counts = (struct conversation_counts){.connections = t->count, .erased = t->erased};
}

/* ---- Finding ---- */

static uint32_t hash_end(const struct ip_address *a, uint16_t port)
{
	uint64_t words[2], h = port + 0x9e3779b97f4a7c15u;

	memcpy(words, a->bytes, sizeof(words));
	h = (h ^ words[0]) * 0xff51afd7ed558ccdu;
	h = (h ^ h >> 32 ^ words[1]) * 0xc4ceb9fe1a85ec53u;
	return (uint32_t)(h >> 32 ^ h >> 7);
}

/* The same in both directions. */
static size_t bucket_of(const struct conversation_table *t, const struct ip_address address[2], const uint16_t port[2])
{
	return (hash_end(&address[0], port[0]) + hash_end(&address[1], port[1])) & (t->size - 1);
}

static bool end_is(const struct conversation *c, int side, const struct ip_address *a, uint16_t port)
{
	return c->port[side] == port && memcmp(&c->address[side], a, sizeof(*a)) == 0;
}

/* The conversation to which a segment of some frame belongs, and the side that sent it. */
static struct conversation *find(const struct conversation_table *t, uint64_t frame, const struct ip_address address[2],
				 const uint16_t port[2], int *from)
{
	struct conversation *c = t->buckets[bucket_of(t, address, port)];

	for (; c; c = c->older) {
		bool ahead = end_is(c, 0, &address[0], port[0]) && end_is(c, 1, &address[1], port[1]);

		if (c->first_frame > frame)
			continue;
		if (ahead || (end_is(c, 1, &address[0], port[0]) && end_is(c, 0, &address[1], port[1]))) {
			*from = !ahead;
			return c;
		}
	}
	return NULL;
}

static struct conversation *find_segment(const struct conversation_table *t, uint64_t frame, const struct segment *s,
					 int *from)
{
	const struct ip_address address[2] = {*s->src, *s->dst};
	const uint16_t port[2] = {s->sport, s->dport};

	return find(t, frame, address, port, from);
}

/* The latest on these addresses and ports is the attempt's. */
static struct conversation *find_attempt(const struct conversation_table *t, const struct attempt *a)
{
	int from;
	struct conversation *c = find(t, UINT64_MAX, a->address, a->port, &from);

	return c && from == 0 ? c : NULL;
}

/* ---- Learning ---- */

static void rehash(struct conversation_table *t)
{
	struct conversation_table larger = {.size = t->size * 4};

	larger.buckets = calloc(larger.size, sizeof(struct conversation *));
	if (!larger.buckets)
		return;
	for (size_t i = 0; i < t->size; i++) {
		struct conversation *reversed = NULL;

		while (t->buckets[i]) { /* oldest first, so that each new bucket has the newest in front */
			struct conversation *c = t->buckets[i];

			t->buckets[i] = c->older;
			c->older = reversed;
			reversed = c;
		}
		while (reversed) {
			struct conversation *c = reversed;
			struct conversation **bucket = &larger.buckets[bucket_of(&larger, c->address, c->port)];

			reversed = c->older;
			c->older = *bucket;
			*bucket = c;
		}
	}
	free(t->buckets);
	t->buckets = larger.buckets;
	t->size = larger.size;
}

static void on_began(void *context, const struct attempt *a, const struct tlsdiag_moment *at)
{
	struct conversation_table *t = context;
	struct ip_address alias;
	struct conversation *c;

	alias_address(t->rules->aliases, &a->address[0], ALIAS_CLIENT, &alias);
	alias_address(t->rules->aliases, &a->address[1], ALIAS_SERVER, &alias);
	t->count++;
	if (t->count > 2 * t->size)
		rehash(t);
	c = t->memory + sizeof(*c) <= t->memory_max ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		t->erased++;
		return;
	}
	*c = (struct conversation){
		.address = {a->address[0], a->address[1]}, .port = {a->port[0], a->port[1]}, .first_frame = at->frame};
	c->older = t->buckets[bucket_of(t, c->address, c->port)];
	t->buckets[bucket_of(t, c->address, c->port)] = c;
	t->memory += sizeof(*c);
}

static void learn_timestamp(struct conversation *c, int side, uint32_t value)
{
	if (c->has_timestamp[side])
		return;
	c->has_timestamp[side] = true;
	c->timestamp[side] = value;
}

static void on_packet(void *context, const struct attempt *a, int from, const struct packet *p)
{
	struct conversation *c = p->tcp.has_timestamps ? find_attempt(context, a) : NULL;

	if (!c)
		return;
	learn_timestamp(c, from, p->tcp.timestamp_value);
	if (p->tcp.flags & TCP_ACK && p->tcp.timestamp_echo)
		learn_timestamp(c, !from, p->tcp.timestamp_echo);
}

/* A side's stream, made if need be; NULL: there is no room. */
static struct sanitized_stream *stream_of(struct conversation_table *t, struct conversation *c, int side)
{
	size_t memory = sizeof(struct sanitized_stream);

	if (c->erased || c->stream[side])
		return c->erased ? NULL : c->stream[side];
	if (t->memory + memory <= t->memory_max)
		c->stream[side] = calloc(1, memory);
	if (c->stream[side])
		t->memory += memory;
	else
		c->erased = true;
	return c->stream[side];
}

static struct plain_context plain_context(const struct conversation_table *t, const struct attempt *a, int from)
{
	return (struct plain_context){.aliases = t->rules->aliases,
				      .from_client = from == 0,
				      .port = a->port[1],
				      .protocol = a->preamble ? a->preamble->protocol : NULL,
				      .tunnel = a->preamble ? a->preamble->tunnel : NULL};
}

/* Counts what the overlay has grown by; without room for it all of the connection is erased. */
static void account(struct conversation_table *t, struct conversation *c, int side, size_t before)
{
	t->memory += overlay_memory(&c->stream[side]->overlay) - before;
	if (t->memory <= t->memory_max && !c->stream[side]->failed)
		return;
	c->erased = true;
	for (int i = 0; i < 2; i++) {
		if (!c->stream[i])
			continue;
		t->memory -= sizeof(*c->stream[i]) + overlay_memory(&c->stream[i]->overlay);
		sanitized_stream_clear(c->stream[i]);
		free(c->stream[i]);
		c->stream[i] = NULL;
	}
}

static void on_bytes(void *context, const struct attempt *a, int from, enum tap_kind kind, uint64_t offset,
		     const uint8_t *bytes, size_t n)
{
	struct conversation_table *t = context;
	const struct plain_context plain = plain_context(t, a, from);
	struct conversation *c = find_attempt(t, a);
	struct sanitized_stream *s = c ? stream_of(t, c, from) : NULL;
	size_t before;

	if (!s)
		return;
	before = overlay_memory(&s->overlay);
	sanitized_stream_bytes(s, t->rules, kind, offset, bytes, n, &plain);
	account(t, c, from, before);
}

static void on_hole(void *context, const struct attempt *a, int from, uint64_t offset, uint64_t n)
{
	struct conversation_table *t = context;
	struct conversation *c = find_attempt(t, a);
	struct sanitized_stream *s = c ? stream_of(t, c, from) : NULL;

	(void)offset;
	if (s)
		sanitized_stream_hole(s, t->rules, n);
}

static void on_ended(void *context, const struct attempt *a)
{
	struct conversation_table *t = context;
	struct conversation *c = find_attempt(t, a);

	for (int side = 0; c && side < 2; side++) {
		const struct plain_context plain = plain_context(t, a, side);
		size_t before;

		c->has_base[side] = a->side[side].stream.started;
		c->base[side] = a->side[side].stream.base;
		if (!c->stream[side])
			continue;
		before = overlay_memory(&c->stream[side]->overlay);
		sanitized_stream_end(c->stream[side], t->rules, &plain);
		account(t, c, side, before);
	}
	if (c && c->erased && !c->counted) {
		c->counted = true;
		t->erased++;
	}
}

struct tap conversation_tap(struct conversation_table *t)
{
	return (struct tap){.began = on_began,
			    .packet = on_packet,
			    .bytes = on_bytes,
			    .hole = on_hole,
			    .ended = on_ended,
			    .context = t};
}

/* ---- Looking up ---- */

void conversation_payload(struct conversation_table *t, uint64_t frame, const struct segment *s, uint8_t *out, size_t n)
{
	int from;
	struct conversation *c = find_segment(t, frame, s, &from);
	int64_t offset;
	size_t before = 0;

	if (!c || !c->stream[from] || !c->has_base[from])
		return;
	offset = (int64_t)c->place[from] + (int32_t)(s->seq - (c->base[from] + (uint32_t)c->place[from]));
	if (offset < 0)
		before = (uint64_t)-offset < n ? (size_t)-offset : n;
	else if (!s->quoted)
		c->place[from] = (uint64_t)offset;
	if (before < n)
		overlay_get(&c->stream[from]->overlay, (uint64_t)(offset + (int64_t)before), out + before, n - before);
}

void conversation_timestamps(struct conversation_table *t, uint64_t frame, const struct segment *s, uint32_t *value,
			     uint32_t *echo)
{
	int from = 0;
	const struct conversation *c = find_segment(t, frame, s, &from);

	*value = c && c->has_timestamp[from] ? *value - c->timestamp[from] + 1 : 0;
	if (*echo)
		*echo = c && c->has_timestamp[!from] ? *echo - c->timestamp[!from] + 1 : 0;
}
