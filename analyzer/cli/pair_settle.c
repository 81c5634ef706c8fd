/* pair_settle.c: what became of the packets that have no twin in the other capture; see pair_compare.h. */
#include "analyzer/cli/pair_compare.h"

#include <stdlib.h>
#include <string.h>

/* How much longer than the fastest packet one may be under way, at least; or shorter, for few packets hold no fast
 * one. */
#define JITTER_NS 50000
#define JITTER_UNBOUNDED_NS 1000000 /* where no round trip is known */

/* The packets in both captures between which the other one was certainly running, whatever its clock says: of the same
 * way, for packets do not overtake each other by much; and of the way back, as far as they come before or behind in the
 * same capture. */
struct running {
	uint32_t first, last; /* indices in the list; first > last: none */
	int64_t from_ns, to_ns; /* by the clock of the packet's own capture */
};

struct settling {
	struct passage *w;
	enum way way;
	const struct passage *back; /* the other way: its acknowledgments */
	const struct pair_clock *clock;
	const struct coverage *sender, *receiver; /* of the capture at that end */
	int64_t patience_ns;
	struct running sent_running, arrived_running;
};

/* ---- Time ---- */

/* When a packet seen at one end is due at the other, by the other's clock, if it is as fast as the fastest one. The
 * fastest packet of this way is the clock's bound, so that neither the clocks nor the delay need to be known. */
static int64_t due(const struct pair_clock *clock, enum way way, int64_t sent_ns)
{
	if (way == TO_SERVER)
		return sent_ns + (clock->has_high ? clock->high_ns : pair_clock_offset(clock));
	return sent_ns - (clock->has_low ? clock->low_ns : pair_clock_offset(clock));
}

/* The reverse: when it left. */
static int64_t left(const struct pair_clock *clock, enum way way, int64_t arrived_ns)
{
	return arrived_ns - due(clock, way, 0);
}

/* A quarter of the round trip. */
static int64_t jitter(const struct pair_clock *clock)
{
	int64_t quarter = pair_clock_uncertainty(clock) / 2;

	if (!pair_clock_bounded(clock))
		return JITTER_UNBOUNDED_NS;
	return quarter > JITTER_NS ? quarter : JITTER_NS;
}

enum place { BEFORE, WITHIN, BEHIND };

static struct running running(const struct settling *s, bool sent)
{
	const struct compared *list = sent ? s->w->sent : s->w->arrived;
	const struct compared *back = sent ? s->back->arrived : s->back->sent;
	uint32_t count = sent ? s->w->sent_count : s->w->arrived_count;
	uint32_t back_count = sent ? s->back->arrived_count : s->back->sent_count;
	struct running r = {.first = UINT32_MAX, .from_ns = INT64_MAX, .to_ns = INT64_MIN};

	for (uint32_t i = 0; i < count; i++) {
		if (list[i].twin == NO_TWIN)
			continue;
		r.first = r.first == UINT32_MAX ? i : r.first;
		r.last = i;
	}
	/* What came back had been sent there before; what is sent behind it arrives there later. */
	for (uint32_t i = 0; i < back_count; i++) {
		if (back[i].twin == NO_TWIN)
			continue;
		if (sent && back[i].p->time_ns < r.from_ns)
			r.from_ns = back[i].p->time_ns;
		if (!sent && back[i].p->time_ns > r.to_ns)
			r.to_ns = back[i].p->time_ns;
	}
	return r;
}

/* Where a packet of the sender's list (or the receiver's) lies in the time of the other capture. */
static enum place place_of(const struct settling *s, uint32_t i, bool sent)
{
	const struct trail_packet *p = sent ? s->w->sent[i].p : s->w->arrived[i].p;
	const struct running *r = sent ? &s->sent_running : &s->arrived_running;
	const struct coverage *other = sent ? s->receiver : s->sender;
	int64_t at = sent ? due(s->clock, s->way, p->time_ns) : left(s->clock, s->way, p->time_ns);

	if (other->empty)
		return BEHIND;
	if (!(r->first < i || r->from_ns <= p->time_ns) && at - jitter(s->clock) < other->first_ns)
		return BEFORE;
	if (!((r->first <= r->last && i < r->last) || p->time_ns < r->to_ns) && at + jitter(s->clock) > other->last_ns)
		return BEHIND;
	return WITHIN;
}

/* ---- Twins within one capture ---- */

#define TWINS_NS 100000000

/* How far apart two captured packets that look alike can be one and the same: what a sender repeats may look like that
 * too, unless its IP ID or timestamp would tell. */
static int64_t sent_twins_ns(const struct trail_packet *p)
{
	if (p->has_ip_id && p->ip_id)
		return TWINS_NS;
	return p->has_timestamps ? 900000 : 300000;
}

static bool equal(const struct trail_packet *a, const struct trail_packet *b, int64_t window_ns)
{
	int64_t apart = b->time_ns - a->time_ns;

	return a->seq == b->seq && a->ack == b->ack && a->length == b->length && a->flags == b->flags &&
	       a->window == b->window && a->ip_id == b->ip_id && a->hash == b->hash && a->icmp == b->icmp &&
	       a->timestamp_value == b->timestamp_value && a->timestamp_echo == b->timestamp_echo &&
	       apart <= window_ns && apart >= -window_ns;
}

#define NEIGHBOURS 64 /* packets around one among which its twin may be */

/* The same packet again, nearby in the same list, that has a fate. */
static bool has_double(const struct compared *list, uint32_t count, uint32_t i, int64_t window_ns)
{
	uint32_t from = i > NEIGHBOURS ? i - NEIGHBOURS : 0, to = i + NEIGHBOURS < count ? i + NEIGHBOURS : count;

	for (uint32_t k = from; k < to; k++)
		if (k != i && (list[k].fate != FATE_OPEN && list[k].fate != FATE_TWICE) &&
		    equal(list[k].p, list[i].p, window_ns))
			return true;
	return false;
}

/* ---- Bytes ---- */

static bool unsettled_data(const struct compared *c)
{
	return c->twin == NO_TWIN && c->fate == FATE_OPEN && c->p->length > 0;
}

/* The bytes of sequence space that two segments share; *from is where they begin in the first. */
static uint32_t shared(const struct compared *a, const struct compared *b, uint32_t *from)
{
	int64_t begin = (int32_t)(b->seq - a->seq), end = begin + b->span;

	if (begin < 0)
		begin = 0;
	if (end > a->span)
		end = a->span;
	*from = (uint32_t)begin;
	return end > begin ? (uint32_t)(end - begin) : 0;
}

/* Whether what both captures hold of these bytes is the same; bytes that were not kept count as the same. */
static bool bytes_agree(const struct passage *w, const struct compared *s, const struct compared *r, uint32_t from,
			uint32_t length)
{
	uint32_t in_r = from + (s->seq - r->seq);

	if (s->p->bytes == TRAIL_NO_BYTES || r->p->bytes == TRAIL_NO_BYTES)
		return true;
	if (from >= s->p->captured || in_r >= r->p->captured)
		return true;
	if (length > s->p->captured - from)
		length = s->p->captured - from;
	if (length > r->p->captured - in_r)
		length = r->p->captured - in_r;
	return memcmp(w->sender->bytes + s->p->bytes + from, w->receiver->bytes + r->p->bytes + in_r, length) == 0;
}

static void claim(struct compared *s, struct compared *r, uint32_t from, uint32_t length, const struct passage *w)
{
	s->claimed += length;
	r->claimed += length;
	if (!bytes_agree(w, s, r, from, length))
		r->changes |= CHANGE_PAYLOAD;
}

static void settle_claims(struct compared *list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct compared *c = &list[i];

		if (unsettled_data(c) && c->claimed > 0)
			c->fate = c->claimed >= c->span ? FATE_RESEGMENTED : FATE_PARTLY;
	}
}

/* Lays what is left of the data sent beside what is left of the data that arrived. Both are in the order of time; a
 * segment whose bytes are all accounted for is used up. */
static void match_bytes(struct passage *w)
{
	uint32_t begin = 0;

	for (uint32_t i = 0; i < w->sent_count; i++) {
		struct compared *s = &w->sent[i];

		if (!unsettled_data(s))
			continue;
		for (uint32_t k = begin; k < w->arrived_count && s->claimed < s->span; k++) {
			struct compared *r = &w->arrived[k];
			uint32_t from, length;

			if (!unsettled_data(r) || r->claimed >= r->span) {
				begin += k == begin;
				continue;
			}
			length = shared(s, r, &from);
			if (length)
				claim(s, r, from, length, w);
		}
	}
	settle_claims(w->sent, w->sent_count);
	settle_claims(w->arrived, w->arrived_count);
}

/* ---- What a capture did not catch ---- */

/* What answers a SYN acknowledges exactly that: beyond it may lie the number of a later attempt. */
static bool acknowledges(uint32_t ack, const struct compared *c)
{
	uint32_t beyond = ack - c->seq;

	return c->p->flags & TRAIL_SYN ? beyond == c->span : beyond >= c->span && beyond < 1U << 30;
}

/* The receiver acknowledged it at its own end (RFC 9293 section 3.4), though its capture has none of it. */
static bool taken(const struct settling *s, const struct compared *c)
{
	if (!c->span || compared_cover(s->w->arrived, s->w->arrived_count, c) == c->span)
		return false;
	for (uint32_t i = 0; i < s->back->sent_count; i++) {
		const struct compared *a = &s->back->sent[i];

		if (a->p->flags & TRAIL_ACK && !(a->p->flags & TRAIL_RST) && !a->p->icmp && acknowledges(a->ack, c))
			return true;
	}
	return false;
}

/* The sender went on behind it, though its capture has none of it. */
static bool went_on(const struct settling *s, const struct compared *c)
{
	if (!c->span || compared_cover(s->w->sent, s->w->sent_count, c) == c->span)
		return false;
	for (uint32_t i = 0; i < s->w->sent_count; i++) {
		const struct compared *other = &s->w->sent[i];
		uint32_t ahead = other->seq - c->seq;

		if (!(other->p->flags & TRAIL_RST) && !other->p->icmp && ahead >= c->span && ahead < 1U << 30)
			return true;
	}
	return false;
}

/* ---- What is left ---- */

/* An ICMP error came back for it: it was not delivered. */
static bool reported(const struct settling *s, const struct compared *c)
{
	for (uint32_t i = 0; i < s->back->arrived_count; i++) {
		const struct compared *error = &s->back->arrived[i];

		if (error->p->icmp && error->seq == c->seq && error->p->time_ns >= c->p->time_ns)
			return true;
	}
	return false;
}

/* Sent again behind the end of the other capture, or waited for in vain: a packet that was under way would have been
 * told. */
static bool in_vain(const struct settling *s, uint32_t i)
{
	const struct compared *c = &s->w->sent[i];

	if (!c->span || s->receiver->ended_early)
		return false;
	if (reported(s, c))
		return true;
	for (uint32_t k = 0; k < s->w->sent_count; k++)
		if (k != i && s->w->sent[k].seq == c->seq && s->w->sent[k].span == c->span &&
		    place_of(s, k, true) == BEHIND)
			return true;
	return s->sender->last_ns - c->p->time_ns >= s->patience_ns;
}

/* Whether an end has agreed to send timestamps: its first packet and its peer's answer had them. */
static bool agreed_on_timestamps(const struct passage *w)
{
	const struct trail *t = w->receiver;

	return t && t->start[0].has_timestamps && t->start[1].has_timestamps;
}

/* An end does not send this: RFC 7323 section 3.2 has timestamps in every segment but resets, once they are agreed
 * on. */
static bool foreign(const struct passage *w, const struct compared *c)
{
	return agreed_on_timestamps(w) && !c->p->has_timestamps && !c->p->icmp && !(c->p->flags & TRAIL_RST);
}

static enum fate fate_of_sent(const struct settling *s, uint32_t i)
{
	const struct compared *c = &s->w->sent[i];

	if (has_double(s->w->sent, s->w->sent_count, i, sent_twins_ns(c->p)))
		return FATE_TWICE;
	if (taken(s, c))
		return FATE_MISSED;
	if (s->w->receiver && s->w->receiver->left_out)
		return FATE_OPEN;
	switch (place_of(s, i, true)) {
	case BEFORE:
		return FATE_OUTSIDE;
	case BEHIND:
		return in_vain(s, i) ? FATE_PRESUMED : FATE_OUTSIDE;
	default:
		break;
	}
	if (s->receiver->loses && !c->span)
		return FATE_OPEN;
	return s->receiver->loses ? FATE_PRESUMED : FATE_DROPPED;
}

static enum fate fate_of_arrived(const struct settling *s, uint32_t i)
{
	const struct compared *c = &s->w->arrived[i];
	bool ends = c->p->flags & TRAIL_RST || c->p->icmp || foreign(s->w, c);

	/* Had its sender repeated it, the capture there would have that: so it was duplicated, however late it came. */
	if (has_double(s->w->arrived, s->w->arrived_count, i, TWINS_NS))
		return FATE_TWICE;
	if (went_on(s, c))
		return FATE_MISSED;
	if (s->w->sender && s->w->sender->left_out)
		return FATE_OPEN;
	switch (place_of(s, i, false)) {
	case BEFORE:
		return FATE_OUTSIDE;
	case BEHIND:
		return ends && !s->sender->ended_early ? FATE_APPEARED_PRESUMED : FATE_OUTSIDE;
	default:
		break;
	}
	if (s->sender->loses && !ends && !c->span)
		return FATE_OPEN;
	return s->sender->loses ? FATE_APPEARED_PRESUMED : FATE_APPEARED;
}

static struct settling settling(struct comparison *c, enum way way, const struct pair_clock *clock,
				const struct coverage coverage[2], int64_t patience_ns)
{
	struct settling s = {.w = &c->way[way],
			     .way = way,
			     .back = &c->way[way == TO_SERVER ? TO_CLIENT : TO_SERVER],
			     .clock = clock,
			     .sender = &coverage[way == TO_SERVER ? 0 : 1],
			     .receiver = &coverage[way == TO_SERVER ? 1 : 0],
			     .patience_ns = patience_ns};

	s.sent_running = running(&s, true);
	s.arrived_running = running(&s, false);
	return s;
}

void comparison_settle(struct comparison *c, const struct pair_clock *clock, const struct coverage coverage[2],
		       int64_t patience_ns)
{
	for (enum way way = TO_SERVER; way < WAYS; way++) {
		struct settling s = settling(c, way, clock, coverage, patience_ns);
		struct passage *w = s.w;

		match_bytes(w);
		for (uint32_t i = 0; i < w->sent_count; i++)
			if (w->sent[i].fate == FATE_OPEN)
				w->sent[i].fate = fate_of_sent(&s, i);
		for (uint32_t i = 0; i < w->arrived_count; i++)
			if (w->arrived[i].fate == FATE_OPEN)
				w->arrived[i].fate = fate_of_arrived(&s, i);
	}
}

bool comparison_shows_early_end(const struct comparison *c, const struct pair_clock *clock,
				const struct coverage coverage[2], int capture)
{
	enum way way = capture == 0 ? TO_SERVER : TO_CLIENT; /* what that end sends */
	const struct passage *w = &c->way[way];

	for (uint32_t i = 0; i < w->arrived_count; i++) {
		const struct compared *r = &w->arrived[i];

		if (r->twin == NO_TWIN && !(r->p->flags & TRAIL_RST) && !r->p->icmp && !foreign(w, r) &&
		    (coverage[capture].empty ||
		     left(clock, way, r->p->time_ns) - jitter(clock) > coverage[capture].last_ns))
			return true;
	}
	return false;
}
