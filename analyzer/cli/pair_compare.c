/* pair_compare.c: pairs the packets of a connection one to one; see pair_compare.h. What is left is settled in
 * pair_settle.c. */
#include "analyzer/cli/pair_compare.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_MAX 512 /* packets with the same key that are weighed */
#define IMPOSSIBLE INT_MIN
#define EARLY_NS 1000000 /* a packet may seem to arrive so long before it was sent: two clocks, two queues */
#define LATE_NS INT64_C(120000000000) /* no packet is under way for longer (RFC 9293 section 3.4.3: MSL) */

/* What an offset explains: times of B in A's clock. */
static int64_t to_a(const struct pair_clock *clock, enum way way, bool sent, int64_t time_ns)
{
	bool in_b = (way == TO_SERVER) != sent;

	return in_b ? time_ns - pair_clock_offset(clock) : time_ns;
}

/* ---- Keys: the packets that can be the same ---- */

/* How much must agree, pass by pass: what is rewritten on the way is only looked for among what is left. */
enum strictness {
	ALL_AGREES, /* all but what routers may change: TTL, DSCP and ECN */
	ACK_AGREES,
	ACK_MAY_DIFFER,
	STRICTNESSES,
};

struct buckets {
	uint32_t *heads;
	uint32_t mask;
	enum strictness strictness;
};

static bool with_ack(const struct buckets *b)
{
	return b->strictness < ACK_MAY_DIFFER;
}

static uint32_t key_of(const struct buckets *b, const struct compared *c)
{
	uint64_t h = (uint64_t)c->seq << 32 | c->span;

	h = (h ^ (c->p->flags & (TRAIL_SYN | TRAIL_FIN | TRAIL_RST)) ^ (c->p->icmp ? 0x40 : 0)) * 0xff51afd7ed558ccdu;
	if (with_ack(b))
		h = (h ^ c->ack) * 0xc4ceb9fe1a85ec53u;
	return (uint32_t)(h >> 32 ^ h >> 11) & b->mask;
}

static bool alike(const struct compared *a, const struct compared *b)
{
	return a->seq == b->seq && a->span == b->span && a->p->length == b->p->length && a->p->icmp == b->p->icmp &&
	       ((a->p->flags ^ b->p->flags) & (TRAIL_SYN | TRAIL_FIN | TRAIL_RST)) == 0;
}

/* Chains in the order of the list. */
static bool fill(struct buckets *b, struct compared *list, uint32_t count)
{
	uint32_t size = 16;

	while (size < count)
		size *= 2;
	b->mask = size - 1;
	b->heads = malloc(size * sizeof(*b->heads));
	if (!b->heads)
		return false;
	memset(b->heads, 0xff, size * sizeof(*b->heads));
	for (uint32_t i = count; i-- > 0;) {
		uint32_t *head = &b->heads[key_of(b, &list[i])];

		list[i].next = *head;
		*head = i;
	}
	return true;
}

/* ---- Likeness: which of them it is ---- */

static bool same_payload(const struct trail_packet *a, const struct trail_packet *b)
{
	return a->captured != b->captured || a->hash == b->hash;
}

static bool has_id(const struct trail_packet *p)
{
	return p->has_ip_id && p->ip_id != 0; /* RFC 6864: 0 is what a stack sends that does not count */
}

static int likeness(const struct compared *s, const struct compared *r, const struct pair_clock *clock, enum way way)
{
	const struct trail_packet *a = s->p, *b = r->p;
	int score = same_payload(a, b) ? 16 : 0;

	if (clock && pair_clock_known(clock)) {
		int64_t took = to_a(clock, way, false, b->time_ns) - to_a(clock, way, true, a->time_ns);
		int64_t slack = EARLY_NS + pair_clock_uncertainty(clock);

		if (took < -slack || took > LATE_NS)
			return IMPOSSIBLE;
	}
	if (has_id(a) && has_id(b))
		score += a->ip_id == b->ip_id ? 8 : -4;
	if (a->has_timestamps && b->has_timestamps)
		score += a->timestamp_value == b->timestamp_value ? 8 : -8;
	score += s->ack == r->ack ? 4 : 0;
	score += a->ttl >= b->ttl ? 1 : 0;
	score += a->window == b->window ? 2 : 0;
	score += (a->flags & TRAIL_ACK) == (b->flags & TRAIL_ACK) ? 1 : 0;
	return score;
}

/* Whether two packets that acknowledge different things can be one all the same: where something else tells that they
 * are. */
static bool same_but_ack(const struct trail_packet *a, const struct trail_packet *b)
{
	bool timed = a->has_timestamps && b->has_timestamps;

	if (has_id(a) && has_id(b))
		return a->ip_id == b->ip_id;
	if (a->flags & TRAIL_SYN)
		return true;
	return a->length > 0 && (!timed || a->timestamp_value == b->timestamp_value) && same_payload(a, b);
}

static bool agrees(const struct buckets *b, const struct compared *s, const struct compared *r)
{
	const struct trail_packet *x = s->p, *y = r->p;

	if (s->ack != r->ack && (with_ack(b) || !same_but_ack(s->p, r->p)))
		return false;
	if (b->strictness > ALL_AGREES)
		return true;
	return x->ip_id == y->ip_id && x->flags == y->flags && x->window == y->window && x->options == y->options &&
	       x->timestamp_value == y->timestamp_value && x->timestamp_echo == y->timestamp_echo && same_payload(x, y);
}

/* The best of what was sent for one that arrived. Of equals the one sent last before it, where clocks tell; else the
 * first. *alone: no other comes near. */
static uint32_t best_for(const struct passage *w, const struct buckets *b, const struct compared *r,
			 const struct pair_clock *clock, enum way way, bool *alone)
{
	bool later_is_better = clock && pair_clock_known(clock);
	uint32_t best = NO_TWIN, looked_at = 0;
	int score = IMPOSSIBLE;

	*alone = true;
	for (uint32_t i = b->heads[key_of(b, r)]; i != NO_TWIN && looked_at < CHAIN_MAX; i = w->sent[i].next) {
		const struct compared *s = &w->sent[i];
		int like;

		if (!alike(s, r) || !agrees(b, s, r))
			continue;
		looked_at++;
		like = likeness(s, r, clock, way);
		if (like != IMPOSSIBLE && like == score)
			*alone = false;
		if (s->twin != NO_TWIN || like == IMPOSSIBLE || like < score || (like == score && !later_is_better))
			continue;
		if (like > score)
			*alone = true;
		score = like;
		best = i;
	}
	return best;
}

/* ---- What is different ---- */

static uint32_t common(const struct trail_packet *a, const struct trail_packet *b)
{
	return a->captured < b->captured ? a->captured : b->captured;
}

static bool payload_differs(const struct passage *w, const struct trail_packet *a, const struct trail_packet *b)
{
	if (a->captured == b->captured)
		return a->hash != b->hash;
	if (a->bytes == TRAIL_NO_BYTES || b->bytes == TRAIL_NO_BYTES)
		return false;
	return memcmp(w->sender->bytes + a->bytes, w->receiver->bytes + b->bytes, common(a, b)) != 0;
}

static unsigned differences(const struct passage *w, const struct compared *s, const struct compared *r)
{
	const struct trail_packet *a = s->p, *b = r->p;
	const struct {
		bool differs;
		enum change change;
	} facts[] = {
		{a->has_ip_id && b->has_ip_id && a->ip_id != b->ip_id, CHANGE_IP_ID},
		{(a->dscp_ecn ^ b->dscp_ecn) >> 2 != 0, CHANGE_DSCP},
		{((a->dscp_ecn ^ b->dscp_ecn) & 3) != 0, CHANGE_ECN},
		{a->flags != b->flags, CHANGE_FLAGS},
		{s->ack != r->ack, CHANGE_ACK},
		{a->window != b->window, CHANGE_WINDOW},
		{a->mss && b->mss && a->mss != b->mss, CHANGE_MSS},
		{a->window_scale >= 0 && b->window_scale >= 0 && a->window_scale != b->window_scale,
		 CHANGE_WINDOW_SCALE},
		{a->has_timestamps && b->has_timestamps &&
			 (a->timestamp_value != b->timestamp_value || a->timestamp_echo != b->timestamp_echo),
		 CHANGE_TIMESTAMPS},
		{a->options != b->options, CHANGE_OPTIONS},
		{payload_differs(w, a, b), CHANGE_PAYLOAD},
		{b->fragmented && !a->fragmented, CHANGE_FRAGMENTED},
	};
	unsigned changes = 0;

	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		changes |= facts[i].differs ? facts[i].change : 0;
	return changes;
}

/* The hops that most packets passed; each router takes one off (RFC 1812 section 5.3.1). */
static void find_hops(struct passage *w)
{
	uint32_t counts[256] = {0};

	w->hops = -1;
	for (uint32_t i = 0; i < w->arrived_count; i++) {
		const struct compared *r = &w->arrived[i];
		int hops = r->twin == NO_TWIN ? -1 : w->sent[r->twin].p->ttl - r->p->ttl;

		if (hops >= 0 && ++counts[hops] > (w->hops < 0 ? 0 : counts[w->hops]))
			w->hops = hops;
	}
	for (uint32_t i = 0; i < w->arrived_count; i++) {
		struct compared *r = &w->arrived[i];

		if (r->twin != NO_TWIN && w->sent[r->twin].p->ttl - r->p->ttl != w->hops)
			r->changes |= CHANGE_TTL;
	}
}

uint32_t compared_cover(const struct compared *list, uint32_t count, const struct compared *c)
{
	uint32_t have = 0;
	bool more = true;

	while (more && have < c->span) {
		more = false;
		for (uint32_t i = 0; i < count; i++) {
			uint32_t ahead = c->seq + have - list[i].seq;

			if (&list[i] == c || ahead >= list[i].span)
				continue;
			have += list[i].span - ahead;
			more = true;
		}
	}
	return have < c->span ? have : c->span;
}

/* ---- The whole ---- */

static void sample(struct comparison *c, enum way way, const struct trail_packet *sent,
		   const struct trail_packet *arrived)
{
	bool to_server = way == TO_SERVER;

	pair_clock_sample(&c->clock, way, (to_server ? sent : arrived)->time_ns, (to_server ? arrived : sent)->time_ns);
}

/* One pass over what arrived. */
static bool pair_way(struct comparison *c, enum way way, const struct pair_clock *clock, enum strictness strictness)
{
	struct passage *w = &c->way[way];
	struct buckets b = {.strictness = strictness};

	if (!fill(&b, w->sent, w->sent_count))
		return false;
	for (uint32_t i = 0; i < w->arrived_count; i++) {
		struct compared *r = &w->arrived[i];
		bool alone;
		uint32_t best = r->twin == NO_TWIN ? best_for(w, &b, r, clock, way, &alone) : NO_TWIN;

		if (best == NO_TWIN)
			continue;
		r->twin = best;
		w->sent[best].twin = i;
		w->sent[best].fate = r->fate = FATE_PASSED;
		r->changes = differences(w, &w->sent[best], r);
		if (alone && !(r->changes & CHANGE_PAYLOAD))
			sample(c, way, w->sent[best].p, r->p);
	}
	free(b.heads);
	return true;
}

bool comparison_pair(const struct pair *pair, const struct pair_clock *clock, struct comparison *c)
{
	static const uint32_t none[2] = {0, 0};

	*c = (struct comparison){0};
	for (enum way way = TO_SERVER; way < WAYS; way++) {
		struct passage *w = &c->way[way];
		const uint32_t *sent = way == TO_SERVER ? none : pair->delta;
		const uint32_t *arrived = way == TO_SERVER ? pair->delta : none;

		w->sender = way == TO_SERVER ? pair->a : pair->b;
		w->receiver = way == TO_SERVER ? pair->b : pair->a;
		if (!compared_list(w->sender, way, sent, &w->sent, &w->sent_count) ||
		    !compared_list(w->receiver, way, arrived, &w->arrived, &w->arrived_count))
			return false;
		for (enum strictness strictness = ALL_AGREES; strictness < STRICTNESSES; strictness++)
			if (!pair_way(c, way, clock, strictness))
				return false;
		find_hops(w);
	}
	return true;
}

void comparison_free(struct comparison *c)
{
	for (enum way way = TO_SERVER; way < WAYS; way++) {
		free(c->way[way].sent);
		free(c->way[way].arrived);
	}
	*c = (struct comparison){0};
}
