/* stream.c: see stream.h. */
#include "stream.h"

#include <stdlib.h>

struct stream_segment {
	struct stream_segment *next;
	uint64_t offset;
	uint32_t captured, wire;
	struct tlsdiag_moment at;
	uint8_t bytes[];
};

static size_t segment_memory(const struct stream_segment *g)
{
	return sizeof(*g) + g->captured;
}

void stream_clear(struct stream *s)
{
	while (s->held) {
		struct stream_segment *g = s->held;

		s->held = g->next;
		free(g);
	}
	s->held_bytes = 0;
}

/* Gives out bytes from `offset` <= next on, as far as they are new. */
static void deliver(struct stream *s, uint64_t offset, const struct stream_piece *p, const struct stream_reader *r)
{
	uint64_t known = s->next - offset;
	uint64_t last = offset + p->wire;

	if (last <= s->next)
		return;
	s->next = last;
	if (known < p->captured) {
		r->bytes(r->context, p->bytes + known, p->captured - (size_t)known, &p->at);
		known = p->captured;
	}
	if (known < p->wire)
		r->hole(r->context, p->wire - known, &p->at);
}

static void deliver_held(struct stream *s, const struct tlsdiag_moment *at, const struct stream_reader *r)
{
	while (s->held && s->held->offset <= s->next) {
		struct stream_segment *g = s->held;
		/* The packet that closed the gap made them readable, unless they came later still. */
		struct stream_piece p = {.bytes = g->bytes,
					 .captured = g->captured,
					 .wire = g->wire,
					 .at = g->at.frame > at->frame ? g->at : *at};

		s->held = g->next;
		s->held_bytes -= segment_memory(g);
		deliver(s, g->offset, &p, r);
		free(g);
	}
}

/* Puts what of a piece begins at *offset, and lies before the next segment held, into the list; steps *offset behind
 * it. */
static bool hold_part(struct stream *s, struct stream_segment **link, uint64_t start, uint64_t *offset, uint64_t last,
		      const struct stream_piece *p, size_t held_max)
{
	uint64_t until = *link && (*link)->offset < last ? (*link)->offset : last;
	uint32_t skip = (uint32_t)(*offset - start), wire = (uint32_t)(until - *offset);
	uint32_t captured = p->captured > skip ? p->captured - skip : 0;
	struct stream_segment *g;

	captured = captured < wire ? captured : wire;
	g = s->held_bytes + sizeof(*g) + captured <= held_max ? malloc(sizeof(*g) + captured) : NULL;
	if (!g)
		return false;
	*g = (struct stream_segment){.next = *link, .offset = *offset, .captured = captured, .wire = wire, .at = p->at};
	if (captured)
		memcpy(g->bytes, p->bytes + skip, captured);
	s->held_bytes += segment_memory(g);
	*link = g;
	*offset = until;
	return true;
}

/* Keeps a segment for later. Where segments overlap, the first one captured counts. */
static enum stream_add_result hold(struct stream *s, uint64_t start, const struct stream_piece *p, size_t held_max)
{
	struct stream_segment **link = &s->held;
	enum stream_add_result result = STREAM_REPEAT;
	uint64_t offset = start, last = start + p->wire;

	while (offset < last) {
		struct stream_segment *g = *link;

		if (g && g->offset <= offset) { /* passes what is held already */
			if (g->offset + g->wire > offset)
				offset = g->offset + g->wire;
			link = &g->next;
			continue;
		}
		if (!hold_part(s, link, start, &offset, last, p, held_max))
			return STREAM_FULL;
		link = &(*link)->next;
		result = STREAM_NEW;
	}
	return result;
}

enum stream_add_result stream_add(struct stream *s, const struct stream_piece *p, size_t held_max,
				  const struct stream_reader *reader)
{
	int64_t offset, last;
	bool new_bytes;

	stream_start(s, p->seq);
	offset = stream_offset(s, p->seq);
	last = offset + p->wire;
	if (last <= (int64_t)s->next)
		return STREAM_REPEAT;
	new_bytes = last > (int64_t)s->end;
	if (new_bytes)
		s->end = (uint64_t)last;
	if (offset > (int64_t)s->next)
		return hold(s, (uint64_t)offset, p, held_max);
	if (offset < 0) { /* began before the stream did: only the rest counts */
		struct stream_piece rest = *p;
		uint32_t before = (uint32_t)-offset;

		rest.captured = p->captured > before ? p->captured - before : 0;
		rest.bytes = p->bytes + (p->captured - rest.captured);
		rest.wire = p->wire - before;
		deliver(s, 0, &rest, reader);
	} else {
		deliver(s, (uint64_t)offset, p, reader);
	}
	deliver_held(s, &p->at, reader);
	return STREAM_NEW;
}

void stream_ack(struct stream *s, uint32_t ack)
{
	int64_t offset;

	if (!s->started)
		return;
	offset = stream_offset(s, ack);
	if (s->has_fin && offset == (int64_t)s->fin + 1) /* the FIN takes a number of its own */
		offset--;
	if (offset > (int64_t)s->acked)
		s->acked = (uint64_t)offset;
}

void stream_fin(struct stream *s, uint32_t seq, const struct tlsdiag_moment *at)
{
	int64_t offset;

	stream_start(s, seq);
	offset = stream_offset(s, seq);
	if (s->has_fin || offset < 0)
		return;
	s->has_fin = true;
	s->fin = (uint64_t)offset;
	s->fin_at = *at;
	if (s->acked > s->fin)
		s->acked = s->fin;
}

uint64_t stream_skip_gap(struct stream *s, const struct tlsdiag_moment *at, const struct stream_reader *r)
{
	uint64_t to = s->held ? s->held->offset : s->acked;
	uint64_t hole = to > s->next ? to - s->next : 0;

	if (hole > 0) {
		s->next = to;
		if (s->end < to)
			s->end = to;
		r->hole(r->context, hole, at);
	}
	deliver_held(s, at, r);
	return hole;
}
