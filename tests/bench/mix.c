/* mix.c: see mix.h. */
#include "tests/bench/mix.h"

#include "tests/bench/rewrite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN_NS 1750000000000000000 /* in 2025 */
#define SEGMENT 1428 /* bytes of data: what fits into 1500 with IPv6 and timestamps */
#define RECORD (5 + 16384 + 17) /* a full one of TLS 1.3 (RFC 8446 section 5.2) */
#define STEP_NS 50000 /* between two packets of inserted data: a quarter of a Gbit/s */
#define PLAIN_SHARE 0.9 /* of the healthy ones: nothing special happens */
#define TRAFFIC_MIN 16384.0
#define TRAFFIC_DOUBLINGS 5.0

/* A template that is being played. */
struct instance {
	const struct template *template;
	struct identity who;
	int64_t begin_ns, next_ns;
	size_t next; /* frame */
	uint32_t to_insert;
	struct inserted inserted;
	unsigned unacknowledged; /* segments of them */
};

/* A binary heap of what is played, the earliest first; of two at the same time, the one begun first. */
struct heap {
	struct instance *of;
	size_t count, room;
};

/* ---- Chance ---- */

/* splitmix64. */
static uint64_t chance(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* 0 <= x < 1 */
static double share(uint64_t *state)
{
	return (double)(chance(state) >> 11) / 9007199254740992.0;
}

/* ---- The heap ---- */

static bool before(const struct instance *a, const struct instance *b)
{
	return a->next_ns != b->next_ns ? a->next_ns < b->next_ns : a->who.number < b->who.number;
}

/* Lets the one at `i` sink to its place. */
static void sink(struct heap *h, size_t i)
{
	struct instance moved = h->of[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < h->count && before(&h->of[child + 1], &h->of[child]))
			child++;
		if (child >= h->count || !before(&h->of[child], &moved))
			break;
		h->of[i] = h->of[child];
		i = child;
	}
	h->of[i] = moved;
}

static void push(struct heap *h, const struct instance *new)
{
	size_t i = h->count;

	if (h->count == h->room) {
		h->room = h->room ? 2 * h->room : 1024;
		h->of = reallocarray(h->of, h->room, sizeof(*h->of));
		if (!h->of)
			abort();
	}
	for (h->count++; i > 0 && before(new, &h->of[(i - 1) / 2]); i = (i - 1) / 2)
		h->of[i] = h->of[(i - 1) / 2];
	h->of[i] = *new;
}

/* ---- One instance ---- */

/* Data of n bytes at an offset of what is inserted: whole records of application data, but for the last, which is what
 * is left. */
static void fill(uint8_t *out, uint32_t offset, size_t n, uint32_t total)
{
	static uint8_t noise[RECORD];
	uint64_t state = 1;

	for (size_t i = 0; !noise[0] && i + 8 <= sizeof(noise); i += 8) {
		uint64_t word = chance(&state) | 1;

		memcpy(noise + i, &word, 8);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t at = (uint32_t)((offset + i) % RECORD), first = (uint32_t)(offset + i) - at;
		uint32_t length = (total - first < RECORD ? total - first : RECORD) - 5;
		const uint8_t header[5] = {23, 3, 3, (uint8_t)(length >> 8), (uint8_t)length};
		size_t run = RECORD - at < n - i ? RECORD - at : n - i;

		if (at < sizeof(header)) {
			out[i] = header[at];
			continue;
		}
		memcpy(out + i, noise + at, run);
		i += run - 1;
	}
}

/* Whether data is due to be inserted. */
static bool inserting(const struct instance *p)
{
	return p->to_insert && p->next == p->template->gap.frame &&
	       (p->inserted.length < p->to_insert || p->unacknowledged);
}

/* The next of the inserted packets; every other segment is acknowledged. */
static size_t insert(struct instance *p, uint8_t *frame)
{
	uint32_t left = p->to_insert - p->inserted.length, n = left < SEGMENT ? left : SEGMENT;
	uint8_t payload[SEGMENT];
	size_t length;

	if (p->unacknowledged == 2 || left == 0) {
		p->unacknowledged = 0;
		length = rewrite_segment(p->template, &p->who, &p->inserted, NULL, 0, frame);
		p->inserted.packets[0]++;
		return length;
	}
	fill(payload, p->inserted.length, n, p->to_insert);
	length = rewrite_segment(p->template, &p->who, &p->inserted, payload, n, frame);
	p->inserted.length += n;
	p->inserted.packets[1]++;
	p->unacknowledged++;
	return length;
}

/* Writes the packet whose time has come. False when it was the last. */
static bool play(struct instance *p, struct output *out)
{
	const struct frame *frames = p->template->capture.frames;
	bool behind = p->to_insert && p->next >= p->template->gap.frame;
	uint8_t frame[FRAME_MAX];
	size_t n;

	if (inserting(p)) {
		n = insert(p, frame);
	} else {
		n = rewrite_frame(p->template, p->next, &p->who, behind ? &p->inserted : NULL, frame);
		p->next++;
	}
	output_packet(out, p->next_ns, frame, n);
	if (p->next == p->template->capture.count)
		return false;
	if (inserting(p) && p->inserted.length + p->inserted.packets[0] > 0)
		p->next_ns += STEP_NS;
	else
		p->next_ns = p->begin_ns + frames[p->next].time_ns - frames[0].time_ns +
			     (p->inserted.packets[0] + p->inserted.packets[1]) * (int64_t)STEP_NS;
	return true;
}

/* ---- All of them ---- */

/* The templates by what the mix chooses them by. */
struct choice {
	const struct template **plain, **special, **failed;
	size_t plains, specials, faileds;
};

static struct choice choice_make(const struct templates *t)
{
	struct choice c = {0};

	c.plain = calloc(3 * t->count + 1, sizeof(struct template *));
	if (!c.plain)
		abort();
	c.special = c.plain + t->count;
	c.failed = c.special + t->count;
	for (size_t i = 0; i < t->count; i++) {
		if (t->of[i].failed)
			c.failed[c.faileds++] = &t->of[i];
		else if (t->of[i].plain)
			c.plain[c.plains++] = &t->of[i];
		else
			c.special[c.specials++] = &t->of[i];
	}
	return c;
}

static const struct template *choose(const struct choice *c, const struct mix *m, uint64_t *state)
{
	double what = share(state), which = share(state);

	if (c->faileds && what < m->failed)
		return c->failed[(size_t)(which * (double)c->faileds)];
	if (c->specials && share(state) >= PLAIN_SHARE)
		return c->special[(size_t)(which * (double)c->specials)];
	return c->plain[(size_t)(which * (double)c->plains)];
}

static void begin(struct instance *p, const struct template *t, const struct mix *m, uint64_t *state)
{
	p->template = t;
	p->who.isn[0] = (uint32_t)chance(state);
	p->who.isn[1] = (uint32_t)chance(state);
	p->next_ns = p->begin_ns;
	if (m->traffic && t->gap.frame)
		p->to_insert = (uint32_t)(TRAFFIC_MIN * exp2(share(state) * TRAFFIC_DOUBLINGS));
}

static uint64_t packets_of(const struct instance *p)
{
	uint64_t segments = (p->to_insert + SEGMENT - 1) / SEGMENT;

	return p->template->capture.count + segments + (segments + 1) / 2;
}

void mix_write(const struct mix *m, struct templates *templates, struct output *out)
{
	struct choice choice = choice_make(templates);
	struct heap heap = {0};
	uint64_t state = m->seed, number = 0, packets = 0, connections = 0;
	double begin_ns = 0;
	bool more = choice.plains > 0;

	while (more || heap.count) {
		while (more && (!heap.count || heap.of[0].next_ns >= BEGIN_NS + (int64_t)begin_ns)) {
			struct instance p = {.who.number = number++, .begin_ns = BEGIN_NS + (int64_t)begin_ns};

			begin(&p, choose(&choice, m, &state), m, &state);
			push(&heap, &p);
			for (size_t i = 0; i < p.template->connections; i++)
				templates->kinds.of[p.template->kinds[i]].count++;
			packets += packets_of(&p);
			connections += p.template->connections;
			begin_ns += 2 * share(&state) * 1e9 / m->rate;
			more = (!m->packets || packets < m->packets) &&
			       (!m->connections || connections < m->connections) &&
			       (m->seconds <= 0 || begin_ns < m->seconds * 1e9) && !out->failed;
		}
		if (!play(&heap.of[0], out))
			heap.of[0] = heap.of[--heap.count];
		if (heap.count)
			sink(&heap, 0);
	}
	free(heap.of);
	free(choice.plain);
}

void flood_write(uint64_t connections, uint64_t seed, struct templates *templates, struct output *out)
{
	const struct template *t = NULL;
	uint8_t frame[FRAME_MAX];

	for (size_t i = 0; i < templates->count && !t; i++)
		if (strncmp(templates->of[i].capture.name, "tcp/syn-dropped.", 16) == 0 &&
		    !templates->of[i].parts[0].v6)
			t = &templates->of[i];
	for (uint64_t i = 0; t && i < connections; i++) {
		const struct identity who = {.number = i, .isn = {(uint32_t)chance(&seed)}};
		size_t n = rewrite_frame(t, 0, &who, NULL, frame);

		output_packet(out, BEGIN_NS + (int64_t)i * 1000, frame, n);
	}
}
