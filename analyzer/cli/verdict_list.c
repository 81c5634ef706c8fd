/* verdict_list.c: see verdict_list.h. */
#include "analyzer/cli/verdict_list.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, by numbers. */
static uint64_t mix(uint64_t hash, uint64_t number)
{
	return (hash ^ number) * 1099511628211u;
}

static uint64_t hash_of(const struct tlsdiag_verdict *v)
{
	uint64_t hash = mix(14695981039346656037u, v->outcome);

	hash = mix(mix(mix(mix(hash, v->stage), v->cause), v->by), v->certainty);
	for (const char *c = v->detail; *c; c++)
		hash = mix(hash, (uint8_t)*c);
	for (int i = 0; i < TLSDIAG_STAGES; i++) {
		const struct tlsdiag_milestone *m = &v->milestones[i];

		hash = mix(mix(hash, m->reached), m->inferred);
		if (m->reached)
			hash = mix(hash, m->at.frame);
	}
	return hash ^ hash >> 32;
}

static bool reserve(struct verdict_list *list, size_t count)
{
	size_t room = list->room ? list->room : 64;
	uint64_t *verdicts;

	while (room < count)
		room *= 2;
	if (room == list->room)
		return true;
	verdicts = reallocarray(list->verdicts, room, sizeof(*verdicts));
	if (!verdicts)
		return false;
	memset(verdicts + list->room, 0, (room - list->room) * sizeof(*verdicts));
	list->verdicts = verdicts;
	list->room = room;
	return true;
}

void verdict_list_add(const struct tlsdiag_verdict *verdict, void *context)
{
	struct verdict_list *list = context;

	if (!reserve(list, verdict->number)) {
		list->failed = true;
		return;
	}
	list->verdicts[verdict->number - 1] = hash_of(verdict);
	if (verdict->number > list->count)
		list->count = verdict->number;
}

void verdict_list_free(struct verdict_list *list)
{
	free(list->verdicts);
	*list = (struct verdict_list){0};
}

uint64_t verdict_list_differ(const struct verdict_list *a, const struct verdict_list *b, uint64_t *first)
{
	size_t common = a->count < b->count ? a->count : b->count;
	uint64_t differing = a->count + b->count - 2 * common;

	*first = common + 1;
	for (size_t i = common; i-- > 0;) {
		if (a->verdicts[i] == b->verdicts[i])
			continue;
		differing++;
		*first = i + 1;
	}
	return differing;
}
