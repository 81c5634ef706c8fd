/* turns.c: see turns.h. */
#include "analyzer/cli/turns.h"

#include "analyzer/cli/verdict_copy.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum said_kind { SAID_VERDICT, SAID_CAPTURE, SAID_TROUBLE };

/* One thing that was said. Of what is kept, verdict and why are owned. */
struct said {
	struct said *next;
	enum said_kind kind;
	const char *name; /* of the capture, or what the trouble is about; lives as long as the command line */
	const struct tlsdiag_verdict *verdict;
	struct report_capture capture;
	const char *why;
	size_t size; /* bytes */
};

/* What is kept of one capture. */
struct part {
	struct report report; /* must be first */
	struct turns *turns;
	size_t index;
	struct said *first, **end;
	bool over;
};

struct turns {
	struct report *report;
	turn_trouble_fn *trouble;
	void *context;
	atomic_bool broken;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t moved; /* the turn has */
	size_t count, current, held, held_max;
	struct part *parts;
};

/* ---- Whoever has the turn ---- */

static void tell(struct turns *t, const struct said *s)
{
	switch (s->kind) {
	case SAID_VERDICT:
		t->report->ops->verdict(t->report, s->name, s->verdict);
		break;
	case SAID_CAPTURE:
		t->report->ops->capture(t->report, &s->capture);
		break;
	case SAID_TROUBLE:
		t->trouble(t->context, s->name, s->why);
		break;
	}
	if (t->report->failed || ferror(t->report->out))
		atomic_store(&t->broken, true);
}

static void said_free(struct said *s)
{
	free((void *)(uintptr_t)s->verdict);
	free((void *)(uintptr_t)s->why);
	free(s);
}

/* Tells, where it still makes sense, and forgets what was kept of a capture. */
static void tell_kept(struct turns *t, struct part *p)
{
	size_t freed = 0;

	while (p->first) {
		struct said *s = p->first;

		p->first = s->next;
		freed += s->size;
		if (!atomic_load(&t->broken))
			tell(t, s);
		said_free(s);
	}
	p->end = &p->first;
	if (!freed)
		return;
	pthread_mutex_lock(&t->lock);
	t->held -= freed;
	pthread_mutex_unlock(&t->lock);
}

/* ---- The others ---- */

/* A copy of what was said. NULL when out of memory. */
static struct said *keepable(const struct said *s)
{
	struct said *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *s;
	copy->size = sizeof(*copy);
	if (s->kind == SAID_VERDICT) {
		size_t size = 0;

		copy->verdict = verdict_copy(s->verdict, &size);
		copy->size += size;
	} else if (s->kind == SAID_TROUBLE) {
		copy->why = strdup(s->why);
	}
	if ((s->verdict && !copy->verdict) || (s->why && !copy->why)) {
		said_free(copy);
		return NULL;
	}
	return copy;
}

static bool has_turn(struct turns *t, const struct part *p)
{
	bool has;

	pthread_mutex_lock(&t->lock);
	has = t->current == p->index;
	pthread_mutex_unlock(&t->lock);
	return has;
}

/* Keeps a copy (NULL: there is no memory for one) until its turn; without room for it waits for that. Whether it was
 * kept. */
static bool keep(struct turns *t, struct part *p, struct said *copy)
{
	bool kept;

	pthread_mutex_lock(&t->lock);
	while (t->current != p->index && (!copy || t->held + copy->size > t->held_max))
		pthread_cond_wait(&t->moved, &t->lock);
	kept = t->current != p->index;
	if (kept) {
		t->held += copy->size;
		copy->next = NULL;
		*p->end = copy;
		p->end = &copy->next;
	}
	pthread_mutex_unlock(&t->lock);
	return kept;
}

static void say(struct part *p, const struct said *s)
{
	struct turns *t = p->turns;
	struct said *copy;

	if (!has_turn(t, p)) {
		copy = keepable(s);
		if (keep(t, p, copy))
			return;
		if (copy)
			said_free(copy);
	}
	tell_kept(t, p);
	if (!atomic_load(&t->broken))
		tell(t, s);
	p->report.failed = atomic_load(&t->broken); /* who says more says it in vain */
}

/* ---- The parts as reports ---- */

static void part_verdict(struct report *report, const char *capture, const struct tlsdiag_verdict *verdict)
{
	say((struct part *)report, &(struct said){.kind = SAID_VERDICT, .name = capture, .verdict = verdict});
}

static void part_capture(struct report *report, const struct report_capture *capture)
{
	say((struct part *)report, &(struct said){.kind = SAID_CAPTURE, .capture = *capture});
}

struct report *turns_report(struct turns *t, size_t i)
{
	return &t->parts[i].report;
}

void turns_trouble(struct turns *t, size_t i, const char *what, const char *why)
{
	say(&t->parts[i], &(struct said){.kind = SAID_TROUBLE, .name = what, .why = why});
}

bool turns_broken(struct turns *t)
{
	return atomic_load(&t->broken);
}

void turns_over(struct turns *t, size_t i)
{
	pthread_mutex_lock(&t->lock);
	t->parts[i].over = true;
	if (t->current == i) {
		while (t->current < t->count && t->parts[t->current].over) {
			struct part *p = &t->parts[t->current];

			pthread_mutex_unlock(&t->lock);
			tell_kept(t, p);
			pthread_mutex_lock(&t->lock);
			t->current++;
		}
		pthread_cond_broadcast(&t->moved);
	}
	pthread_mutex_unlock(&t->lock);
}

/* ---- Beginning and end ---- */

struct turns *turns_new(size_t count, size_t held_max, struct report *report, turn_trouble_fn *trouble, void *context)
{
	static const struct report_ops ops = {.verdict = part_verdict, .capture = part_capture};
	struct turns *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->parts = calloc(count, sizeof(*t->parts));
	if (!t->parts) {
		free(t);
		return NULL;
	}
	t->report = report;
	t->trouble = trouble;
	t->context = context;
	t->count = count;
	t->held_max = held_max;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->moved, NULL);
	for (size_t i = 0; i < count; i++) {
		struct part *p = &t->parts[i];

		p->report = (struct report){.ops = &ops, .out = report->out};
		p->turns = t;
		p->index = i;
		p->end = &p->first;
	}
	return t;
}

void turns_free(struct turns *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		while (t->parts[i].first) {
			struct said *s = t->parts[i].first;

			t->parts[i].first = s->next;
			said_free(s);
		}
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->moved);
	free(t->parts);
	free(t);
}
