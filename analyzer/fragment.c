/* fragment.c: see fragment.h.
 *
 * Theory of operation. A datagram under way is a buffer that grows to the furthest byte seen and one bit for each 8
 * bytes of it, for fragments start at multiples of 8 and only the last may end elsewhere. It is whole when the last
 * fragment has told its length and every bit is set. Bytes that arrive twice must be the same; if not, the datagram is
 * emptied and kept as `contradicted` until it is too old, so that its later fragments are dropped with it (RFC 5722
 * section 3).
 *
 * Datagrams hang in a hash table and, in the order of their first fragment, in a queue: the oldest goes first when a
 * limit is reached or it has timed out.
 */
#include "fragment.h"

#include <stdlib.h>
#include <sys/queue.h>

#define UNIT 8U
#define DATAGRAM_MAX 65535U
#define UNITS_MAX ((DATAGRAM_MAX + UNIT - 1) / UNIT)
#define BUCKETS 256U
#define NESTED_MAX 4 /* datagrams that are whole and turn out to be fragments, of the packet in the tunnel */

struct key {
	struct ip_address src, dst;
	uint32_t id, vlan, tunnel;
	uint8_t protocol; /* 0 in IPv6, where it is no part of what identifies a datagram (RFC 8200 section 4.5) */
};

struct datagram {
	LIST_ENTRY(datagram) in_bucket;
	TAILQ_ENTRY(datagram) in_age;
	struct key key;
	int64_t first_ns;
	uint8_t *bytes;
	uint32_t capacity;
	uint32_t length; /* known once the last fragment came, else 0 */
	uint32_t units; /* bits set in `have` */
	bool have_first, contradicted;
	struct packet first; /* as decoded from the fragment at offset 0 */
	uint64_t have[(UNITS_MAX + 63) / 64];
};

LIST_HEAD(bucket, datagram);
TAILQ_HEAD(age, datagram);

struct fragment_table {
	struct fragment_limits limits;
	struct bucket buckets[BUCKETS];
	struct age age; /* oldest first */
	uint32_t datagrams;
	size_t bytes; /* held, datagrams themselves included */
	uint64_t given_up;
	uint8_t *whole; /* what the last packet handed out points into */
};

struct fragment_table *fragment_table_new(const struct fragment_limits *limits)
{
	struct fragment_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->limits = *limits;
	for (size_t i = 0; i < BUCKETS; i++)
		LIST_INIT(&table->buckets[i]);
	TAILQ_INIT(&table->age);
	return table;
}

static void datagram_free(struct fragment_table *table, struct datagram *g)
{
	LIST_REMOVE(g, in_bucket);
	TAILQ_REMOVE(&table->age, g, in_age);
	table->datagrams--;
	table->bytes -= sizeof(*g) + g->capacity;
	free(g->bytes);
	free(g);
}

void fragment_table_free(struct fragment_table *table)
{
	struct datagram *g;

	if (!table)
		return;
	while ((g = TAILQ_FIRST(&table->age)))
		datagram_free(table, g);
	free(table->whole);
	free(table);
}

uint64_t fragment_given_up(const struct fragment_table *table)
{
	return table->given_up;
}

/* A contradicted one was counted when it was emptied. */
static void give_up(struct fragment_table *table, struct datagram *g)
{
	if (!g->contradicted)
		table->given_up++;
	datagram_free(table, g);
}

static void contradict(struct fragment_table *table, struct datagram *g)
{
	table->given_up++;
	table->bytes -= g->capacity;
	free(g->bytes);
	g->bytes = NULL;
	g->capacity = 0;
	g->contradicted = true;
}

static void expire(struct fragment_table *table, int64_t now_ns)
{
	struct datagram *g;

	while ((g = TAILQ_FIRST(&table->age)) && now_ns - g->first_ns > table->limits.timeout_ns)
		give_up(table, g);
}

static struct key key_of(const struct packet *p)
{
	return (struct key){
		.src = p->src,
		.dst = p->dst,
		.id = p->fragment.id,
		.vlan = p->vlan,
		.tunnel = p->tunnel,
		.protocol = p->src.version == 4 ? p->fragment.protocol : 0,
	};
}

static bool key_equal(const struct key *a, const struct key *b)
{
	return a->id == b->id && a->protocol == b->protocol && a->vlan == b->vlan && a->tunnel == b->tunnel &&
	       memcmp(&a->src, &b->src, sizeof(a->src)) == 0 && memcmp(&a->dst, &b->dst, sizeof(a->dst)) == 0;
}

/* Which bucket matters little: the table is small. The ID is what differs between the datagrams of two hosts. */
static struct bucket *bucket_of(struct fragment_table *table, const struct key *key)
{
	uint32_t hash = key->id ^ (uint32_t)key->src.bytes[15] << 8 ^ (uint32_t)key->src.bytes[3] << 8;

	hash *= 2654435761U; /* Knuth's multiplicative hash */
	return &table->buckets[hash >> 24];
}

static struct datagram *find(struct fragment_table *table, const struct key *key)
{
	struct datagram *g;

	LIST_FOREACH(g, bucket_of(table, key), in_bucket)
		if (key_equal(&g->key, key))
			return g;
	return NULL;
}

static struct datagram *find_or_add(struct fragment_table *table, const struct key *key, int64_t now_ns)
{
	struct datagram *g = find(table, key);

	if (g)
		return g;
	if (table->limits.datagrams == 0)
		return NULL;
	while (table->datagrams >= table->limits.datagrams)
		give_up(table, TAILQ_FIRST(&table->age));
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->key = *key;
	g->first_ns = now_ns;
	LIST_INSERT_HEAD(bucket_of(table, key), g, in_bucket);
	TAILQ_INSERT_TAIL(&table->age, g, in_age);
	table->datagrams++;
	table->bytes += sizeof(*g);
	return g;
}

/* Makes room for `end` bytes in g, at the cost of older datagrams. False: there is none, and g itself was given up. */
static bool reserve(struct fragment_table *table, struct datagram *g, uint32_t end)
{
	uint32_t more = end > g->capacity ? end - g->capacity : 0;
	struct datagram *oldest;
	uint8_t *grown;

	while (table->bytes + more > table->limits.bytes && (oldest = TAILQ_FIRST(&table->age)) != g)
		give_up(table, oldest);
	if (table->bytes + more > table->limits.bytes)
		goto none;
	if (g->bytes && !more)
		return true;
	grown = reallocarray(g->bytes, end, sizeof(*grown));
	if (!grown)
		goto none;
	g->bytes = grown;
	g->capacity = end;
	table->bytes += more;
	return true;
none:
	give_up(table, g);
	return false;
}

/* Whether the fragment can be a part of the datagram that the others described. */
static bool fits(const struct datagram *g, const struct ip_fragment *f)
{
	uint32_t end = f->offset + f->wire;

	if (g->contradicted || f->wire == 0 || f->wire > DATAGRAM_MAX || end > DATAGRAM_MAX)
		return false;
	if (f->more)
		return f->wire % UNIT == 0 && (!g->length || end <= g->length);
	return g->length ? end == g->length : end >= g->capacity;
}

/* Copies the fragment's bytes in. False: some came before and were others. */
static bool store(struct datagram *g, const struct ip_fragment *f)
{
	for (uint32_t done = 0; done < f->wire; done += UNIT) {
		uint32_t at = f->offset + done;
		uint32_t size = f->wire - done < UNIT ? f->wire - done : UNIT;
		uint64_t *have = &g->have[at / UNIT / 64];
		uint64_t bit = 1ULL << (at / UNIT % 64);

		if (*have & bit) {
			if (memcmp(g->bytes + at, f->bytes + done, size) != 0)
				return false;
			continue;
		}
		memcpy(g->bytes + at, f->bytes + done, size);
		*have |= bit;
		g->units++;
	}
	return true;
}

static bool whole(const struct datagram *g)
{
	return g->length && g->have_first && g->units == (g->length + UNIT - 1) / UNIT;
}

/* Hands the datagram out as the packet *p, and its buffer to the table. */
static enum parse_result finish(struct fragment_table *table, struct datagram *g, struct packet *p)
{
	uint32_t length = g->length;
	uint8_t protocol = g->first.fragment.protocol;

	*p = g->first;
	p->ip_length += length - p->fragment.wire;
	p->fragment = (struct ip_fragment){0};
	free(table->whole);
	table->whole = g->bytes;
	table->bytes -= g->capacity;
	g->bytes = NULL;
	g->capacity = 0;
	datagram_free(table, g);
	return packet_decode_ip_payload(protocol, table->whole, length, length, p);
}

static enum parse_result add_one(struct fragment_table *table, int64_t time_ns, struct packet *p)
{
	const struct ip_fragment *f = &p->fragment;
	struct key key = key_of(p);
	struct datagram *g;

	if (f->captured < f->wire)
		return PARSE_SNAPLEN;
	g = find_or_add(table, &key, time_ns);
	if (!g)
		return PARSE_MALFORMED;
	if (!fits(g, f)) {
		if (!g->contradicted)
			contradict(table, g);
		return PARSE_MALFORMED;
	}
	if (!reserve(table, g, f->offset + f->wire))
		return PARSE_MALFORMED;
	if (!store(g, f)) {
		contradict(table, g);
		return PARSE_MALFORMED;
	}
	if (!f->more)
		g->length = f->offset + f->wire;
	if (f->offset == 0) {
		g->first = *p;
		g->have_first = true;
	}
	return whole(g) ? finish(table, g, p) : PARSE_NEED_MORE;
}

enum parse_result fragment_add(struct fragment_table *table, int64_t time_ns, struct packet *p)
{
	enum parse_result result;

	expire(table, time_ns);
	result = add_one(table, time_ns, p);
	for (int i = 1; result == PARSE_OK && p->kind == PACKET_FRAGMENT && i < NESTED_MAX; i++)
		result = add_one(table, time_ns, p);
	if (result == PARSE_OK && p->kind == PACKET_FRAGMENT)
		p->kind = PACKET_OTHER;
	return result;
}
