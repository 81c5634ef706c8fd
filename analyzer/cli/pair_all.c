/* pair_all.c: see pair_all.h. */
#include "analyzer/cli/pair_all.h"

#include "analyzer/cli/pair_judge.h"

#include <stdlib.h>
#include <string.h>

struct pairing {
	int64_t patience_ns;
	struct pairs pairs;
	struct pair_clock *clocks; /* of each pair */
	struct pair_clock clock; /* of all */
	struct coverage coverage[2];
};

/* The connection's own clock is the better one: the two may drift. */
static const struct pair_clock *clock_of(const struct pairing *p, size_t i)
{
	return pair_clock_bounded(&p->clocks[i]) ? &p->clocks[i] : &p->clock;
}

static bool learn_clock(struct pairing *p)
{
	struct pair_clock *used_up = malloc((p->pairs.count + 1) * sizeof(*used_up));

	p->clocks = calloc(p->pairs.count + 1, sizeof(*p->clocks));
	for (size_t i = 0; i < p->pairs.count && p->clocks && used_up; i++) {
		const struct pair *pair = &p->pairs.list[i];
		struct comparison c;
		bool good;

		if (!pair->a || !pair->b || pair->relayed)
			continue;
		good = comparison_pair(pair, NULL, &c);
		p->clocks[i] = c.clock;
		comparison_free(&c);
		if (!good) {
			free(used_up);
			return false;
		}
	}
	if (p->clocks && used_up) {
		memcpy(used_up, p->clocks, p->pairs.count * sizeof(*used_up));
		p->clock = pair_clock_joint(used_up, p->pairs.count);
	}
	free(used_up);
	return p->clocks;
}

static bool learn_coverage(struct pairing *p)
{
	struct coverage known[2] = {p->coverage[0], p->coverage[1]};

	for (size_t i = 0; i < p->pairs.count; i++) {
		struct comparison c;
		bool good = p->pairs.list[i].relayed || comparison_pair(&p->pairs.list[i], clock_of(p, i), &c);

		for (int capture = 0; capture < 2 && good && !p->pairs.list[i].relayed; capture++)
			known[capture].ended_early |=
				comparison_shows_early_end(&c, clock_of(p, i), p->coverage, capture);
		if (!p->pairs.list[i].relayed)
			comparison_free(&c);
		if (!good)
			return false;
	}
	memcpy(p->coverage, known, sizeof(known));
	return true;
}

static bool compare(struct pairing *p, size_t i, struct between *b)
{
	const struct pair *pair = &p->pairs.list[i];
	struct comparison c;

	if (pair->relayed) {
		between_gather(b, pair, NULL, &p->clock, p->coverage, p->patience_ns);
	} else {
		if (!comparison_pair(pair, clock_of(p, i), &c)) {
			comparison_free(&c);
			return false;
		}
		comparison_settle(&c, clock_of(p, i), p->coverage, p->patience_ns);
		between_gather(b, pair, &c, &p->clock, p->coverage, p->patience_ns);
		comparison_free(&c);
	}
	pair_judge(b->a, b->b, &b->facts, &b->judgement);
	return true;
}

static bool tell_all(struct pairing *p, pair_tell_fn *tell, void *context)
{
	struct between *b = malloc(sizeof(*b));
	bool good = b;

	for (size_t i = 0; i < p->pairs.count && good; i++) {
		good = compare(p, i, b);
		if (good && !tell(b, context))
			break;
	}
	free(b);
	return good;
}

static struct coverage coverage_of(const struct trails *t)
{
	return (struct coverage){
		.empty = t->packets == 0, .loses = t->dropped > 0, .first_ns = t->first_ns, .last_ns = t->last_ns};
}

bool pair_all(const struct trails trails[2], int64_t patience_ns, pair_tell_fn *tell, void *context)
{
	struct pairing p = {.patience_ns = patience_ns, .coverage = {coverage_of(&trails[0]), coverage_of(&trails[1])}};
	bool good = pairs_make(&trails[0], &trails[1], &p.pairs) && learn_clock(&p) && learn_coverage(&p) &&
		    tell_all(&p, tell, context);

	pairs_free(&p.pairs);
	free(p.clocks);
	return good;
}
