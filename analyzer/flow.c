/* flow.c: see flow.h. */
#include "flow.h"

#include <stdlib.h>

/* The first slot stays empty: a table as calloc() gives it has no flows, and none of its pages is touched. */
#define NONE 0

/* The order of last use, apart from the slots: each packet changes those of three, and so they share what is in a
 * cache. */
struct use {
	uint32_t older, newer;
};

struct flow_table {
	struct flow *slots; /* from 1 */
	struct use *uses; /* of each slot */
	uint32_t *heads; /* of hash chains */
	uint32_t slot_count, used; /* slots, those ever used */
	uint32_t mask;
	uint32_t free_list; /* through chain */
	uint32_t oldest, newest;
};

static uint32_t round_up(size_t n)
{
	uint32_t size = 16;

	while (size < n && size < (1u << 30))
		size *= 2;
	return size;
}

struct flow_table *flow_table_new(size_t flows_max)
{
	struct flow_table *t = calloc(1, sizeof(*t));
	uint32_t heads;

	if (!t)
		return NULL;
	t->slot_count = (uint32_t)(flows_max < 1 ? 1 : flows_max < UINT32_MAX ? flows_max : UINT32_MAX - 1);
	heads = round_up(t->slot_count);
	t->mask = heads - 1;
	t->slots = calloc((size_t)t->slot_count + 1, sizeof(*t->slots));
	t->uses = calloc((size_t)t->slot_count + 1, sizeof(*t->uses));
	t->heads = calloc(heads, sizeof(*t->heads));
	if (!t->slots || !t->uses || !t->heads) {
		flow_table_free(t);
		return NULL;
	}
	return t;
}

void flow_table_free(struct flow_table *t)
{
	if (!t)
		return;
	for (uint32_t i = 1; t->slots && i <= t->used; i++)
		if (t->slots[i].in_use)
			attempt_free(t->slots[i].attempt);
	free(t->slots);
	free(t->uses);
	free(t->heads);
	free(t);
}

/* Both halves of a product of 128 bits: every bit of either factor counts in the lower ones too, which the hash is
 * taken from. (The idea is wyhash's.) */
static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The same for both directions: the ends are added, not ordered. */
static uint32_t hash_end(const struct ip_address *a, uint16_t port)
{
	uint64_t words[2];

	memcpy(words, a->bytes, sizeof(words));
	return (uint32_t)fold(fold(words[0] ^ 0xa0761d6478bd642fu, words[1] ^ 0xe7037ed1a0b428dbu) ^ port,
			      0x8ebc6af09c88c6e3u);
}

static struct flow *slot(struct flow_table *t, uint32_t i)
{
	return i == NONE ? NULL : &t->slots[i];
}

static uint32_t index_of(const struct flow_table *t, const struct flow *f)
{
	return (uint32_t)(f - t->slots);
}

static void unlink_use(struct flow_table *t, uint32_t i)
{
	const struct use *u = &t->uses[i];

	if (u->older == NONE)
		t->oldest = u->newer;
	else
		t->uses[u->older].newer = u->newer;
	if (u->newer == NONE)
		t->newest = u->older;
	else
		t->uses[u->newer].older = u->older;
}

static void link_newest(struct flow_table *t, uint32_t i)
{
	t->uses[i] = (struct use){.older = t->newest, .newer = NONE};
	if (t->newest == NONE)
		t->oldest = i;
	else
		t->uses[t->newest].newer = i;
	t->newest = i;
}

static bool end_is(const struct flow *f, int side, const struct ip_address *a, uint16_t port)
{
	return f->port[side] == port && memcmp(&f->address[side], a, sizeof(*a)) == 0;
}

struct flow *flow_find(struct flow_table *t, const struct ip_address *src, uint16_t sport, const struct ip_address *dst,
		       uint16_t dport, int *from)
{
	uint32_t hash = hash_end(src, sport) + hash_end(dst, dport);

	for (uint32_t i = t->heads[hash & t->mask]; i != NONE; i = t->slots[i].chain) {
		struct flow *f = &t->slots[i];

		if (f->hash != hash)
			continue;
		if (end_is(f, 0, src, sport) && end_is(f, 1, dst, dport))
			*from = 0;
		else if (end_is(f, 1, src, sport) && end_is(f, 0, dst, dport))
			*from = 1;
		else
			continue;
		if (i != t->newest) {
			unlink_use(t, i);
			link_newest(t, i);
		}
		return f;
	}
	return NULL;
}

struct flow *flow_add(struct flow_table *t, const struct ip_address *src, uint16_t sport, const struct ip_address *dst,
		      uint16_t dport)
{
	struct flow *f;
	uint32_t *head;

	if (t->free_list != NONE) {
		f = &t->slots[t->free_list];
		t->free_list = f->chain;
	} else if (t->used < t->slot_count) {
		f = &t->slots[++t->used];
	} else {
		return NULL;
	}
	*f = (struct flow){.address = {*src, *dst}, .port = {sport, dport}, .in_use = true};
	f->hash = hash_end(src, sport) + hash_end(dst, dport);
	head = &t->heads[f->hash & t->mask];
	f->chain = *head;
	*head = index_of(t, f);
	link_newest(t, index_of(t, f));
	return f;
}

struct flow *flow_oldest(struct flow_table *t)
{
	return slot(t, t->oldest);
}

struct flow *flow_newer(struct flow_table *t, const struct flow *f)
{
	return slot(t, t->uses[index_of(t, f)].newer);
}

void flow_remove(struct flow_table *t, struct flow *f)
{
	uint32_t *link = &t->heads[f->hash & t->mask];

	while (*link != index_of(t, f))
		link = &t->slots[*link].chain;
	*link = f->chain;
	unlink_use(t, index_of(t, f));
	f->in_use = false;
	f->attempt = NULL;
	f->chain = t->free_list;
	t->free_list = index_of(t, f);
}
