/* pair_match.c: see pair_match.h.
 *
 * Every connection of B is filed under what identifies it; each of A looks its own up; all candidates are weighed, and
 * the best take their pick first.
 */
#include "analyzer/cli/pair_match.h"

#include "analyzer/cli/endpoint.h"
#include "analyzer/lower_bound.h"

#include <stdlib.h>
#include <string.h>

#define CANDIDATES_MAX 64 /* of one connection under one key: ports used again and again */
#define PROBES 8 /* packets at the beginning of a connection that was joined late */

enum key_kind {
	KEY_ADDRESSES_ISN = 1,
	KEY_ISN,
	KEY_RANDOM,
	KEY_ADDRESSES_TIME,
	KEY_ADDRESSES, /* of every connection */
	KEY_JOINED, /* the addresses of those without a SYN */
	KEY_NAME,
};

struct entry {
	uint64_t key;
	size_t index;
};

struct index {
	struct entry *entries;
	size_t count;
};

struct candidate {
	size_t a, b;
	unsigned evidence;
	int score;
};

struct matching {
	const struct trails *a, *b;
	struct index index; /* of B */
	struct candidate *candidates;
	size_t count, size;
	size_t *partner_of_a, *partner_of_b; /* index in candidates, plus 1; 0: none */
};

/* ---- Keys ---- */

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0xff51afd7ed558ccdu;
	return h ^ h >> 32;
}

static uint64_t mix_end(uint64_t h, const struct tlsdiag_endpoint *e)
{
	uint64_t words[2];

	memcpy(words, e->address, sizeof(words));
	return mix(mix(mix(h, words[0]), words[1]), e->port);
}

static uint64_t mix_addresses(enum key_kind kind, const struct trail *t)
{
	return mix_end(mix_end(mix(0, kind), &t->verdict->client), &t->verdict->server);
}

static uint64_t mix_text(enum key_kind kind, const char *text)
{
	uint64_t h = mix(0, kind);

	while (*text)
		h = mix(h, (unsigned char)*text++);
	return h;
}

#define KEYS_MAX 7

/* The keys under which a connection is filed. */
static size_t keys(const struct trail *t, uint64_t key[KEYS_MAX])
{
	const struct trail_start *syn = &t->start[0];
	size_t n = 0;

	key[n++] = mix_addresses(KEY_ADDRESSES, t);
	if (syn->seen) {
		key[n++] = mix(mix_addresses(KEY_ADDRESSES_ISN, t), syn->isn);
		key[n++] = mix(mix(0, KEY_ISN), syn->isn);
	} else {
		key[n++] = mix_addresses(KEY_JOINED, t);
	}
	if (syn->has_timestamps)
		key[n++] = mix(mix_addresses(KEY_ADDRESSES_TIME, t), syn->timestamp_value);
	if (t->has_random)
		key[n++] = mix(mix(0, KEY_RANDOM), t->random);
	if (*t->verdict->hello.server_name)
		key[n++] = mix_text(KEY_NAME, t->verdict->hello.server_name);
	return n;
}

/* The keys under which the other capture may have it. Without its SYN, anything on the same addresses is looked at. */
static size_t looked_up(const struct trail *t, uint64_t key[KEYS_MAX])
{
	const struct trail_start *syn = &t->start[0];
	size_t n = 0;

	if (syn->seen) {
		key[n++] = mix(mix_addresses(KEY_ADDRESSES_ISN, t), syn->isn);
		key[n++] = mix(mix(0, KEY_ISN), syn->isn);
		key[n++] = mix_addresses(KEY_JOINED, t);
	} else {
		key[n++] = mix_addresses(KEY_ADDRESSES, t);
	}
	if (syn->has_timestamps)
		key[n++] = mix(mix_addresses(KEY_ADDRESSES_TIME, t), syn->timestamp_value);
	if (t->has_random)
		key[n++] = mix(mix(0, KEY_RANDOM), t->random);
	return n;
}

static int by_key(const void *left, const void *right)
{
	const struct entry *l = left, *r = right;

	if (l->key != r->key)
		return l->key < r->key ? -1 : 1;
	return l->index < r->index ? -1 : l->index > r->index;
}

static bool index_make(struct index *index, const struct trails *t)
{
	index->entries = malloc((t->count ? t->count : 1) * KEYS_MAX * sizeof(*index->entries));
	index->count = 0;
	if (!index->entries)
		return false;
	for (size_t i = 0; i < t->count; i++) {
		uint64_t key[KEYS_MAX];
		size_t n = t->list[i].verdict ? keys(&t->list[i], key) : 0;

		for (size_t k = 0; k < n; k++)
			index->entries[index->count++] = (struct entry){key[k], i};
	}
	qsort(index->entries, index->count, sizeof(*index->entries), by_key);
	return true;
}

static int compare_key(const void *key, const void *item)
{
	uint64_t wanted = *(const uint64_t *)key, other = ((const struct entry *)item)->key;

	return (wanted > other) - (wanted < other);
}

/* The first entry that is not before the key. */
static size_t index_find(const struct index *index, uint64_t key)
{
	return lower_bound(&key, index->entries, index->count, sizeof(*index->entries), compare_key);
}

/* ---- Evidence ---- */

static bool same_packet(const struct trail_packet *p, const struct trail_packet *q)
{
	return p->from == q->from && p->seq == q->seq && p->ack == q->ack && p->length == q->length &&
	       ((p->flags ^ q->flags) & (TRAIL_FIN | TRAIL_SYN | TRAIL_RST)) == 0 && !p->icmp && !q->icmp;
}

/* One of the first packets of `late` is somewhere in `whole`. */
static bool begins_within(const struct trail *late, const struct trail *whole)
{
	for (uint32_t i = 0; i < late->count && i < PROBES; i++)
		for (uint32_t k = 0; k < whole->count; k++)
			if (same_packet(&late->packets[i], &whole->packets[k]))
				return true;
	return false;
}

static bool both_seen(const struct trail *a, const struct trail *b, int side)
{
	return a->start[side].seen && b->start[side].seen;
}

static unsigned gather(const struct trail *a, const struct trail *b)
{
	const struct trail_start *syn_a = &a->start[0], *syn_b = &b->start[0];
	unsigned e = 0;

	if (endpoint_same(&a->verdict->server, &b->verdict->server))
		e |= PAIR_SERVER_END;
	if (e && endpoint_same(&a->verdict->client, &b->verdict->client))
		e |= PAIR_ADDRESSES;
	if (both_seen(a, b, 0) && syn_a->isn == syn_b->isn)
		e |= PAIR_CLIENT_ISN;
	if (both_seen(a, b, 1) && a->start[1].isn == b->start[1].isn)
		e |= PAIR_SERVER_ISN;
	if (syn_a->has_timestamps && syn_b->has_timestamps && syn_a->timestamp_value == syn_b->timestamp_value)
		e |= PAIR_SYN_TIME;
	if (a->has_random && b->has_random && a->random == b->random) {
		const struct trail_packet *p = &a->packets[a->random_packet], *q = &b->packets[b->random_packet];

		e |= PAIR_RANDOM;
		if (p->has_ip_id && q->has_ip_id && p->ip_id && p->ip_id == q->ip_id)
			e |= PAIR_IP_ID;
	}
	if (e & PAIR_ADDRESSES && !both_seen(a, b, 0) && (begins_within(a, b) || begins_within(b, a)))
		e |= PAIR_PACKETS;
	return e;
}

/* What suffices to say that two are one, each all that is needed. */
static const unsigned sufficient[] = {
	PAIR_CLIENT_ISN | PAIR_SERVER_END, /* the client's address may have been translated */
	PAIR_CLIENT_ISN | PAIR_SERVER_ISN, PAIR_CLIENT_ISN | PAIR_SYN_TIME, PAIR_CLIENT_ISN | PAIR_RANDOM,
	PAIR_ADDRESSES | PAIR_PACKETS,     PAIR_ADDRESSES | PAIR_SYN_TIME,  PAIR_RANDOM,
};

static bool suffices(unsigned evidence)
{
	for (size_t i = 0; i < sizeof(sufficient) / sizeof(*sufficient); i++)
		if ((evidence & sufficient[i]) == sufficient[i])
			return true;
	return false;
}

static int weigh(unsigned evidence)
{
	static const struct {
		unsigned bit;
		int weight;
	} weights[] = {{PAIR_CLIENT_ISN, 8}, {PAIR_SERVER_ISN, 8}, {PAIR_RANDOM, 6},     {PAIR_PACKETS, 6},
		       {PAIR_SYN_TIME, 4},   {PAIR_ADDRESSES, 3},  {PAIR_SERVER_END, 1}, {PAIR_IP_ID, 1}};
	int sum = 0;

	for (size_t i = 0; i < sizeof(weights) / sizeof(*weights); i++)
		sum += (evidence & weights[i].bit) != 0 ? weights[i].weight : 0;
	return sum;
}

/* ---- Choosing ---- */

static bool add_candidate(struct matching *m, size_t a, size_t b)
{
	unsigned evidence = gather(&m->a->list[a], &m->b->list[b]);

	if (!suffices(evidence))
		return true;
	if (m->count == m->size) {
		size_t size = m->size ? m->size * 2 : 256;
		struct candidate *more = realloc(m->candidates, size * sizeof(*more));

		if (!more)
			return false;
		m->candidates = more;
		m->size = size;
	}
	m->candidates[m->count++] = (struct candidate){.a = a, .b = b, .evidence = evidence, .score = weigh(evidence)};
	return true;
}

static bool find_candidates(struct matching *m, size_t a)
{
	uint64_t key[KEYS_MAX];
	size_t n = looked_up(&m->a->list[a], key);

	for (size_t k = 0; k < n; k++) {
		size_t at = index_find(&m->index, key[k]);

		for (unsigned i = 0; i < CANDIDATES_MAX && at < m->index.count && m->index.entries[at].key == key[k];
		     i++, at++)
			if (!add_candidate(m, a, m->index.entries[at].index))
				return false;
	}
	return true;
}

static int best_first(const void *left, const void *right)
{
	const struct candidate *l = left, *r = right;

	if (l->score != r->score)
		return l->score > r->score ? -1 : 1;
	if (l->a != r->a)
		return l->a < r->a ? -1 : 1;
	return l->b < r->b ? -1 : l->b > r->b;
}

static bool choose(struct matching *m)
{
	for (size_t a = 0; a < m->a->count; a++)
		if (m->a->list[a].verdict && !find_candidates(m, a))
			return false;
	if (m->count)
		qsort(m->candidates, m->count, sizeof(*m->candidates), best_first);
	for (size_t i = 0; i < m->count; i++) {
		const struct candidate *c = &m->candidates[i];

		if (m->partner_of_a[c->a] || m->partner_of_b[c->b])
			continue;
		m->partner_of_a[c->a] = m->partner_of_b[c->b] = i + 1;
	}
	return true;
}

/* ---- Pairs ---- */

/* Whether a side began with this number, be it in a second attempt: a server that has forgotten a SYN takes another
 * one. */
static bool began_with(const struct trail *t, int side, uint32_t isn)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const struct trail_packet *p = &t->packets[i];

		if (p->from == side && p->seq == isn && p->flags & TRAIL_SYN && !p->icmp)
			return true;
	}
	return false;
}

/* How far the numbers of a side are apart in the two captures. The packet with the ClientHello tells where the SYN does
 * not. */
static uint32_t delta(const struct trail *a, const struct trail *b, unsigned evidence, int side)
{
	const struct trail_packet *p, *q;

	if (both_seen(a, b, side) &&
	    (began_with(a, side, b->start[side].isn) || began_with(b, side, a->start[side].isn)))
		return 0;
	if (both_seen(a, b, side))
		return b->start[side].isn - a->start[side].isn;
	if (!(evidence & PAIR_RANDOM))
		return 0;
	p = &a->packets[a->random_packet];
	q = &b->packets[b->random_packet];
	return side == 0 ? q->seq - p->seq : q->ack - p->ack;
}

static struct pair make_pair(const struct trail *a, const struct trail *b, unsigned evidence)
{
	struct pair pair = {.a = a, .b = b, .evidence = evidence};

	pair.delta[0] = delta(a, b, evidence, 0);
	pair.delta[1] = delta(a, b, evidence, 1);
	pair.relayed = pair.delta[0] && pair.delta[1] && !(evidence & (PAIR_SYN_TIME | PAIR_IP_ID));
	return pair;
}

/* What else of B, alone as well, looks like a connection that is in A alone. */
static void find_similar(const struct matching *m, struct pair *pair)
{
	const struct tlsdiag_verdict *v = pair->a->verdict;
	const struct {
		uint64_t key;
		enum pair_likeness likeness;
	} tries[] = {{mix_addresses(KEY_ADDRESSES, pair->a), PAIR_SAME_ADDRESSES},
		     {mix_text(KEY_NAME, v->hello.server_name), PAIR_SAME_NAME}};

	for (size_t i = 0; i < 2 && !pair->similar; i++) {
		size_t at = index_find(&m->index, tries[i].key);

		for (; at < m->index.count && m->index.entries[at].key == tries[i].key; at++) {
			size_t b = m->index.entries[at].index;

			if (m->partner_of_b[b] || pair->similar)
				continue;
			pair->similar = &m->b->list[b];
			pair->likeness = tries[i].likeness;
		}
	}
}

/* A translator that forgot the connection begins another one with what comes next: B has the same ClientHello, with the
 * same number, from another port. */
static void find_moved(const struct matching *m, struct pair *pair)
{
	const struct trail *a = pair->a;
	uint64_t key = mix(mix(0, KEY_RANDOM), a->random);

	if (!a->has_random || pair->evidence & PAIR_RANDOM || pair->relayed)
		return;
	for (size_t at = index_find(&m->index, key); at < m->index.count && m->index.entries[at].key == key; at++) {
		size_t i = m->index.entries[at].index;
		const struct trail *b = &m->b->list[i];

		if (!m->partner_of_b[i] && b->has_random && b->random == a->random &&
		    endpoint_same(&b->verdict->server, &pair->b->verdict->server) &&
		    b->packets[b->random_packet].seq == a->packets[a->random_packet].seq + pair->delta[0])
			pair->moved = b;
	}
}

static void list_pairs(const struct matching *m, struct pairs *pairs)
{
	for (size_t a = 0; a < m->a->count; a++) {
		const struct candidate *c = m->partner_of_a[a] ? &m->candidates[m->partner_of_a[a] - 1] : NULL;
		struct pair *pair = &pairs->list[pairs->count];

		if (!m->a->list[a].verdict)
			continue;
		*pair = c ? make_pair(&m->a->list[a], &m->b->list[c->b], c->evidence)
			  : (struct pair){.a = &m->a->list[a]};
		if (c)
			find_moved(m, pair);
		else
			find_similar(m, pair);
		pairs->count++;
	}
	for (size_t b = 0; b < m->b->count; b++)
		if (m->b->list[b].verdict && !m->partner_of_b[b])
			pairs->list[pairs->count++] = (struct pair){.b = &m->b->list[b]};
}

bool pairs_make(const struct trails *a, const struct trails *b, struct pairs *pairs)
{
	struct matching m = {.a = a, .b = b};
	bool good;

	*pairs = (struct pairs){.list = calloc(a->count + b->count + 1, sizeof(*pairs->list))};
	m.partner_of_a = calloc(a->count + 1, sizeof(*m.partner_of_a));
	m.partner_of_b = calloc(b->count + 1, sizeof(*m.partner_of_b));
	good = pairs->list && m.partner_of_a && m.partner_of_b && index_make(&m.index, b) && choose(&m);
	if (good)
		list_pairs(&m, pairs);
	free(m.partner_of_a);
	free(m.partner_of_b);
	free(m.index.entries);
	free(m.candidates);
	return good;
}

void pairs_free(struct pairs *pairs)
{
	free(pairs->list);
	*pairs = (struct pairs){0};
}
