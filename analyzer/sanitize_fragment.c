/* sanitize_fragment.c: see sanitize_fragment.h. */
#include "sanitize_fragment.h"

#include <stdlib.h>

#define UNIT 8U /* fragments start at multiples of 8 bytes (RFC 791) */
#define DATAGRAM_MAX 65535U
#define UNITS_MAX ((DATAGRAM_MAX + UNIT - 1) / UNIT)
#define TIMEOUT_NS INT64_C(60000000000) /* RFC 8200 section 4.5 */
#define BUCKETS 256U

struct datagram {
	struct datagram *older;
	struct packet first; /* as decoded from the fragment at offset 0 */
	struct packet any; /* the first that came */
	uint64_t first_frame, last_frame, whole_frame;
	int64_t time_ns;
	uint8_t *bytes;
	uint32_t room; /* in bytes */
	uint32_t length; /* 0: the last fragment has not come */
	uint32_t units;
	bool have_first, contradicted;
	bool rewritten; /* the bytes are what they become */
	uint8_t have[(UNITS_MAX + 7) / 8];
};

struct datagram_table {
	struct datagram *buckets[BUCKETS];
	size_t memory, memory_max;
};

struct datagram_table *datagram_table_new(size_t memory_max)
{
	struct datagram_table *t = calloc(1, sizeof(*t));

	if (t)
		t->memory_max = memory_max;
	return t;
}

void datagram_table_free(struct datagram_table *t)
{
	for (size_t i = 0; t && i < BUCKETS; i++)
		while (t->buckets[i]) {
			struct datagram *d = t->buckets[i];

			t->buckets[i] = d->older;
			free(d->bytes);
			free(d);
		}
	free(t);
}

static struct datagram **bucket_of(struct datagram_table *t, const struct packet *p)
{
	return &t->buckets[(p->fragment.id * 2654435761U) >> 24]; /* Knuth's multiplicative hash */
}

/* As fragment.c tells datagrams apart. */
static bool is_part(const struct datagram *d, const struct packet *p)
{
	const struct packet *q = &d->any;

	return q->fragment.id == p->fragment.id && q->vlan == p->vlan && q->tunnel == p->tunnel &&
	       (p->src.version == 6 || q->fragment.protocol == p->fragment.protocol) &&
	       !memcmp(&q->src, &p->src, sizeof(p->src)) && !memcmp(&q->dst, &p->dst, sizeof(p->dst));
}

static bool is_whole(const struct datagram *d)
{
	return d->length && d->have_first && !d->contradicted && d->units == (d->length + UNIT - 1) / UNIT;
}

static bool has(const struct datagram *d, uint32_t unit)
{
	return d->have[unit / 8] >> (unit % 8) & 1;
}

/* Whether what was there before is the same. */
static bool agrees(const struct datagram *d, const struct ip_fragment *f)
{
	for (uint32_t done = 0; done < f->wire; done += UNIT) {
		uint32_t size = f->wire - done < UNIT ? f->wire - done : UNIT;

		if (d->bytes && has(d, (f->offset + done) / UNIT) &&
		    (f->offset + done + size > d->room ||
		     memcmp(d->bytes + f->offset + done, f->bytes + done, size) != 0))
			return false;
	}
	return !d->length || f->offset + f->wire <= d->length;
}

static struct datagram *add(struct datagram_table *t, uint64_t frame, int64_t time_ns, const struct packet *p)
{
	struct datagram **bucket = bucket_of(t, p), *d = NULL;

	if (t->memory + sizeof(*d) <= t->memory_max)
		d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->any = *p;
	d->first_frame = frame;
	d->time_ns = time_ns;
	d->older = *bucket;
	*bucket = d;
	t->memory += sizeof(*d);
	return d;
}

static bool reserve(struct datagram_table *t, struct datagram *d, uint32_t end)
{
	uint8_t *bytes;

	if (d->bytes && end <= d->room)
		return true;
	if (t->memory + (end - d->room) > t->memory_max)
		return false;
	bytes = realloc(d->bytes, end);
	if (!bytes)
		return false;
	t->memory += end - d->room;
	d->bytes = bytes;
	d->room = end;
	return true;
}

static void store(struct datagram *d, const struct packet *p)
{
	const struct ip_fragment *f = &p->fragment;

	memcpy(d->bytes + f->offset, f->bytes, f->wire);
	for (uint32_t unit = f->offset / UNIT; unit < (f->offset + f->wire + UNIT - 1) / UNIT; unit++) {
		d->units += !has(d, unit);
		d->have[unit / 8] |= (uint8_t)(1 << unit % 8);
	}
	if (!f->more)
		d->length = f->offset + f->wire;
	if (f->offset == 0) {
		d->first = *p;
		d->have_first = true;
	}
}

void datagram_learn(struct datagram_table *t, uint64_t frame, int64_t time_ns, const struct packet *p)
{
	const struct ip_fragment *f = &p->fragment;
	struct datagram *d = *bucket_of(t, p);

	if (f->captured < f->wire || f->wire == 0 || f->wire > DATAGRAM_MAX || f->offset + f->wire > DATAGRAM_MAX ||
	    (f->more && f->wire % UNIT))
		return;
	while (d && !is_part(d, p))
		d = d->older;
	if (!d || time_ns - d->time_ns > TIMEOUT_NS || (is_whole(d) && !agrees(d, f)))
		d = add(t, frame, time_ns, p);
	if (!d)
		return;
	d->last_frame = frame;
	if (!agrees(d, f) || !reserve(t, d, f->offset + f->wire))
		d->contradicted = true;
	else
		store(d, p);
	if (!d->whole_frame && is_whole(d))
		d->whole_frame = frame;
}

static bool rewrite(struct datagram *d, const struct packet_rules *rules)
{
	struct packet_rules whole = *rules;
	uint8_t *out = malloc(d->length);
	struct packet p = d->first;

	if (!out)
		return false;
	whole.frame = d->whole_frame;
	sanitize_datagram(&whole, d->first.fragment.protocol, d->bytes, d->length, out, &p);
	memcpy(d->bytes, out, d->length);
	free(out);
	d->rewritten = true;
	return true;
}

void datagram_part(struct datagram_table *t, uint64_t frame, const struct packet_rules *rules, const struct packet *p,
		   uint8_t *out, size_t n)
{
	struct datagram *d = *bucket_of(t, p);

	while (d && !(is_part(d, p) && d->first_frame <= frame && frame <= d->last_frame))
		d = d->older;
	if (!d || !is_whole(d) || p->fragment.offset + n > d->length)
		return;
	if (d->rewritten || rewrite(d, rules))
		memcpy(out, d->bytes + p->fragment.offset, n);
}
