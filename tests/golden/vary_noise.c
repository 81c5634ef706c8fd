/* vary_noise.c: everything at once that TCP and captures do to a stream of bytes: other segments, some of them repeated
 * with other boundaries though they had arrived, in another order, captured twice. Which, and where, is decided by a
 * seed, so that it is the same in every run.
 */
#include <string.h>

#include "vary.h"

#define HISTORY_MAX 65536

/* What one end has sent so far, as far as it is without gap. */
struct history {
	uint32_t first; /* its sequence number */
	size_t count, acked; /* what has arrived is repeated in vain; the rest would look lost */
	uint8_t bytes[HISTORY_MAX];
};

/* The minimal standard generator of Park and Miller. */
static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = (uint32_t)((uint64_t)*seed * 48271 % 2147483647);
	return *seed % below;
}

static void remember(struct history *h, const struct frame *f, const struct parts *p)
{
	size_t n = p->end - p->payload;

	if (h->count && p->seq != h->first + (uint32_t)h->count)
		return;
	if (!h->count)
		h->first = p->seq;
	if (h->count + n > HISTORY_MAX)
		return;
	memcpy(h->bytes + h->count, f->bytes + p->payload, n);
	h->count += n;
}

static void acknowledge(struct history *h, const struct parts *p)
{
	size_t acked = p->ack - h->first;

	if ((p->flags & TCP_ACK) && acked <= h->count && acked > h->acked)
		h->acked = acked;
}

/* Some of what has arrived, again, behind frame f of the same end. */
static void repeat(struct capture *to, const struct frame *f, const struct history *h, uint32_t *seed)
{
	struct parts p = parts_of(to, f);
	uint32_t start = draw(seed, (uint32_t)h->acked), length = 1 + draw(seed, (uint32_t)h->acked - start);
	uint8_t bytes[FRAME_MAX];
	uint8_t *id = bytes + IP_AT + 4;

	memcpy(bytes, f->bytes, p.payload);
	memcpy(bytes + p.payload, h->bytes + start, length);
	put32(bytes + p.transport + 4, h->first + start);
	bytes[p.transport + 13] = TCP_ACK;
	if (!p.v6)
		put16(id, get16(id) + 1U); /* not the same packet captured again */
	checksums_fix(bytes, p.payload + length, true);
	capture_add(to, f->time_ns, bytes, p.payload + length);
}

static void with_repeats(const struct capture *from, uint32_t *seed, struct capture *to)
{
	struct history sent[2];

	for (int i = 0; i < 2; i++)
		sent[i].count = sent[i].acked = 0;
	for (size_t i = 0; i < from->count; i++) {
		const struct frame *f = &from->frames[i];
		struct parts p = parts_of(from, f);
		struct history *h = &sent[p.from_client];

		capture_copy(to, f);
		if (!p.tcp || !p.intact || (p.flags & (TCP_SYN | TCP_FIN | TCP_RST)))
			continue;
		acknowledge(&sent[!p.from_client], &p);
		if (p.end > p.payload)
			remember(h, f, &p);
		if (h->acked && draw(seed, 3) == 0)
			repeat(to, f, h, seed);
	}
}

/* Data of one end in the other order, now and then; the times stay where they are. */
static void shuffle(struct capture *c, uint32_t *seed)
{
	for (size_t i = 0; i + 1 < c->count; i++) {
		struct frame *a = &c->frames[i], *b = &c->frames[i + 1], other;
		struct parts p = parts_of(c, a), q = parts_of(c, b);
		int64_t time = a->time_ns;

		if (draw(seed, 3) > 0 || b->time_ns - a->time_ns > 1000000 || !order_shows(&p, &q) ||
		    p.from_client != q.from_client)
			continue;
		other = *a;
		*a = *b;
		other.time_ns = b->time_ns;
		a->time_ns = time;
		*b = other;
	}
}

bool vary_noise(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	uint32_t seed = 1 + (uint32_t)at * 7919;
	struct variation segments = {.size = 1 + draw(&seed, 2 * (uint32_t)v->size)};
	struct capture split = capture_like(from), repeated = capture_like(from);

	draw(&seed, 2);
	vary_split(from, &segments, 0, &split);
	with_repeats(&split, &seed, &repeated);
	shuffle(&repeated, &seed);
	for (size_t i = 0; i < repeated.count; i++) {
		capture_copy(to, &repeated.frames[i]);
		if (draw(&seed, 5) == 0)
			capture_copy(to, &repeated.frames[i]);
	}
	capture_free(&split);
	capture_free(&repeated);
	return true;
}
