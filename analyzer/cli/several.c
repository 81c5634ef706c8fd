/* several.c: see several.h. */
#include "analyzer/cli/several.h"

#include "analyzer/cli/turns.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define THREADS_MAX 8 /* each may take as much memory as one analysis may */
#define HELD_MAX ((size_t)64 << 20) /* bytes of verdicts that wait for their turn */

struct crew {
	struct analysis *a;
	struct inputs *captures;
	several_read_fn *read;
	struct turns *turns;
	atomic_size_t next; /* capture that nobody has begun */
	pthread_mutex_t lock; /* of what follows */
	bool any; /* was opened */
	enum exit_status status; /* the worst */
};

/* One thread's. */
struct worker {
	struct crew *crew;
	struct analysis a;
	size_t capture; /* being read */
};

static size_t processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

bool several_possible(const struct inputs *captures)
{
	for (size_t i = 0; i < captures->count; i++) {
		const struct opened *o = &captures->list[i];
		struct stat status;

		if (strcmp(o->name, "-") == 0 ||
		    (o->fd >= 0 && (fstat(o->fd, &status) != 0 || !S_ISREG(status.st_mode))))
			return false;
	}
	return captures->count > 1 && processors() > 1;
}

static void on_trouble(void *context, const char *what, const char *why)
{
	struct worker *w = context;

	turns_trouble(w->crew->turns, w->capture, what, why);
}

/* Whoever has the turn says it, in the name of all. */
static void say_trouble(void *context, const char *what, const char *why)
{
	analysis_trouble(context, what, why);
}

static bool worker_begin(struct worker *w, struct crew *crew)
{
	const struct options *options = crew->a->options;
	char error[256];

	*w = (struct worker){.crew = crew};
	analysis_init(&w->a, options);
	w->a.keylogs = crew->a->keylogs;
	w->a.named = crew->a->named;
	w->a.on_trouble = on_trouble;
	w->a.trouble_context = w;
	if (!options->filter)
		return true;
	w->a.filter = filter_new(&crew->a->pcap, options->filter, error, sizeof(error));
	return w->a.filter;
}

/* Reads what nobody has begun, until nothing is left. */
static void *work(void *context)
{
	struct crew *crew = context;
	struct worker w;
	bool ready = worker_begin(&w, crew), any = false;

	while ((w.capture = atomic_fetch_add(&crew->next, 1)) < crew->captures->count) {
		w.a.report = turns_report(crew->turns, w.capture);
		if (!ready)
			analysis_trouble(&w.a, crew->captures->list[w.capture].name, strerror(ENOMEM));
		else if (!turns_broken(crew->turns))
			any = crew->read(&w.a, crew->captures, w.capture) || any;
		turns_over(crew->turns, w.capture);
	}
	filter_free(w.a.filter);
	pthread_mutex_lock(&crew->lock);
	crew->any = crew->any || any;
	if (w.a.status > crew->status)
		crew->status = w.a.status;
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

/* This thread is one of them, so that a system that gives no other does the work as well. */
static void work_together(struct crew *crew)
{
	pthread_t threads[THREADS_MAX];
	size_t count = 0, wanted = processors();

	if (wanted > crew->captures->count)
		wanted = crew->captures->count;
	if (wanted > THREADS_MAX)
		wanted = THREADS_MAX;
	while (count + 1 < wanted && pthread_create(&threads[count], NULL, work, crew) == 0)
		count++;
	work(crew);
	while (count > 0)
		pthread_join(threads[--count], NULL);
}

bool several_read(struct analysis *a, struct inputs *captures, several_read_fn *read)
{
	struct crew crew = {.a = a, .captures = captures, .read = read};

	crew.turns = turns_new(captures->count, HELD_MAX, a->report, say_trouble, a);
	if (!crew.turns) {
		analysis_trouble(a, "report", strerror(ENOMEM));
		return false;
	}
	pthread_mutex_init(&crew.lock, NULL);
	work_together(&crew);
	pthread_mutex_destroy(&crew.lock);
	turns_free(crew.turns);
	if (crew.status > a->status)
		a->status = crew.status;
	return crew.any;
}
