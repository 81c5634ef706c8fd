/* tally.c: see tally.h. */
#include "analyzer/cli/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tally_group *find(struct tally *tally, const struct tlsdiag_verdict *v)
{
	struct tally_group *g;

	for (size_t i = 0; i < tally->group_count; i++) {
		g = &tally->groups[i];
		if (g->by == v->by && !strncmp(g->signature, v->signature, TALLY_SIGNATURE_MAX - 1))
			return g;
	}
	if (tally->group_count == TALLY_GROUPS_MAX)
		return NULL;
	g = &tally->groups[tally->group_count++];
	*g = (struct tally_group){.by = v->by, .first = v->number};
	snprintf(g->signature, sizeof(g->signature), "%s", v->signature);
	return g;
}

const struct tally_group *tally_add(struct tally *tally, const struct tlsdiag_verdict *verdict)
{
	struct tally_group *g;

	tally->outcomes[verdict->outcome]++;
	if (verdict->outcome != TLSDIAG_FAILED)
		return NULL;
	g = find(tally, verdict);
	if (g)
		g->count++;
	else
		tally->ungrouped++;
	return g;
}

uint64_t tally_total(const struct tally *tally)
{
	uint64_t total = 0;

	for (size_t i = 0; i < sizeof(tally->outcomes) / sizeof(*tally->outcomes); i++)
		total += tally->outcomes[i];
	return total;
}

static int compare(const void *a, const void *b)
{
	const struct tally_group *one = a, *other = b;

	if (one->count != other->count)
		return one->count < other->count ? 1 : -1;
	return strcmp(one->signature, other->signature);
}

void tally_sort(struct tally *tally)
{
	qsort(tally->groups, tally->group_count, sizeof(*tally->groups), compare);
}
