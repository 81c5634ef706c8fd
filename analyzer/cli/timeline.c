/* timeline.c: see timeline.h. */
#include "analyzer/cli/timeline.h"

#include "analyzer/cli/packet_text.h"
#include "analyzer/lower_bound.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define TEXT_COLUMN 17 /* behind the time */
#define FOLD_MIN 8 /* packets without a meaning in a row that are folded … */
#define FOLD_SHOWN 3 /* … after so many */
#define MEANINGS_MAX (4 * TIMELINE_PACKETS_MAX)
#define NS_PER_S INT64_C(1000000000)

struct row {
	uint64_t frame;
	int64_t time_ns;
	enum timeline_weight weight;
	char *text;
};

struct meaning {
	uint64_t frame;
	size_t order; /* as told */
	bool decisive;
	char *shows;
};

struct timeline {
	struct row *rows;
	size_t row_count, row_size;
	uint64_t left_out;
	struct meaning *meanings;
	size_t meaning_count, meaning_size;
};

struct timeline *timeline_new(void)
{
	return calloc(1, sizeof(struct timeline));
}

void timeline_free(struct timeline *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->row_count; i++)
		free(t->rows[i].text);
	for (size_t i = 0; i < t->meaning_count; i++)
		free(t->meanings[i].shows);
	free(t->rows);
	free(t->meanings);
	free(t);
}

/* `things`, `count` of them of `item` bytes each, with room for one more, perhaps elsewhere. NULL: out of memory, and
 * they are as they were. */
static void *with_room(void *things, size_t count, size_t *size, size_t item)
{
	size_t more = *size ? *size * 2 : 64;
	void *grown;

	if (count < *size)
		return things;
	grown = reallocarray(things, more, item);
	if (grown)
		*size = more;
	return grown;
}

bool timeline_packet(struct timeline *t, uint64_t frame, int64_t time_ns, enum timeline_weight weight, const char *text)
{
	struct row *rows;
	char *copy;

	if (t->row_count == TIMELINE_PACKETS_MAX) {
		t->left_out++;
		return true;
	}
	rows = with_room(t->rows, t->row_count, &t->row_size, sizeof(*rows));
	if (!rows)
		return false;
	t->rows = rows;
	copy = strdup(text);
	if (!copy)
		return false;
	t->rows[t->row_count++] = (struct row){.frame = frame, .time_ns = time_ns, .weight = weight, .text = copy};
	return true;
}

bool timeline_verdict(struct timeline *t, const struct tlsdiag_verdict *v)
{
	for (size_t i = 0; i < v->evidence_count && t->meaning_count < MEANINGS_MAX; i++) {
		const struct tlsdiag_evidence *e = &v->evidence[i];
		struct meaning *meanings =
			with_room(t->meanings, t->meaning_count, &t->meaning_size, sizeof(*meanings));
		char *copy;

		if (!meanings)
			return false;
		t->meanings = meanings;
		copy = strdup(e->shows);
		if (!copy)
			return false;
		meanings[t->meaning_count] = (struct meaning){
			.frame = e->at.frame, .order = t->meaning_count, .decisive = e->decisive, .shows = copy};
		t->meaning_count++;
	}
	return true;
}

static int by_frame(const void *left, const void *right)
{
	const struct meaning *l = left, *r = right;

	if (l->frame != r->frame)
		return l->frame < r->frame ? -1 : 1;
	return (l->order > r->order) - (l->order < r->order);
}

static int compare_frame(const void *key, const void *item)
{
	uint64_t frame = *(const uint64_t *)key, other = ((const struct meaning *)item)->frame;

	return (frame > other) - (frame < other);
}

/* The first meaning of a frame; NULL: none. */
static const struct meaning *meaning_of(const struct timeline *t, uint64_t frame)
{
	size_t at = lower_bound(&frame, t->meanings, t->meaning_count, sizeof(*t->meanings), compare_frame);

	return at < t->meaning_count && t->meanings[at].frame == frame ? &t->meanings[at] : NULL;
}

/* ---- Printing ---- */

/* tcpdump's: the time of day here. */
static void put_time(struct layout *l, int64_t time_ns)
{
	time_t seconds = (time_t)(time_ns / NS_PER_S);
	struct tm tm = {0};
	char text[32];

	localtime_r(&seconds, &tm);
	snprintf(text, sizeof(text), "%02d:%02d:%02d.%06d", tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (int)(time_ns % NS_PER_S / 1000));
	layout_put(l, PAINT_DIM, text);
	layout_to_column(l, TEXT_COLUMN);
}

static void put_row(struct timeline *t, const struct row *row, struct layout *l)
{
	const struct meaning *end = t->meanings + t->meaning_count, *m = meaning_of(t, row->frame);

	put_time(l, row->time_ns);
	layout_item(l, PAINT_PLAIN, TEXT_COLUMN, row->text);
	if (m || row->weight == TIMELINE_REPEATED)
		layout_put(l, PAINT_PLAIN, ":");
	if (!m && row->weight == TIMELINE_REPEATED)
		layout_item(l, PAINT_CYAN, TEXT_COLUMN, "sent again");
	for (; m && m < end && m->frame == row->frame; m++) {
		bool more = m + 1 < end && m[1].frame == row->frame;

		layout_item(l, m->decisive ? PAINT_RED : PAINT_CYAN, TEXT_COLUMN, m->shows);
		if (more)
			layout_put(l, PAINT_PLAIN, ";");
	}
	layout_newline(l);
}

/* How many rows from `at` on mean nothing and come before the client's next line. */
static size_t run_length(const struct timeline *t, size_t at, int64_t until_ns)
{
	size_t n = 0;

	while (at + n < t->row_count && t->rows[at + n].time_ns <= until_ns &&
	       t->rows[at + n].weight == TIMELINE_PLAIN && !meaning_of(t, t->rows[at + n].frame))
		n++;
	return n;
}

/* Prints the rows from `at` on up to a time; where the next one is. */
static size_t put_rows(struct timeline *t, size_t at, int64_t until_ns, struct layout *l)
{
	while (at < t->row_count && t->rows[at].time_ns <= until_ns) {
		size_t n = run_length(t, at, until_ns), shown = n > FOLD_MIN ? FOLD_SHOWN : n;
		char text[64];

		for (size_t i = 0; i < shown || (i == 0 && n == 0); i++)
			put_row(t, &t->rows[at + i], l);
		at += n ? shown : 1;
		if (shown == n)
			continue;
		at += n - shown;
		layout_to_column(l, TEXT_COLUMN);
		snprintf(text, sizeof(text), "... %zu packets more", n - shown);
		layout_put(l, PAINT_DIM, text);
		layout_newline(l);
	}
	return at;
}

static void put_line(const struct client_run *run, const struct client_line *line, struct layout *l)
{
	put_time(l, line->time_ns);
	layout_put(l, PAINT_YELLOW, run->name);
	layout_put(l, PAINT_YELLOW, ": ");
	layout_put(l, PAINT_YELLOW, line->text); /* as it is: its blanks may mean something */
	layout_newline(l);
}

const char *client_ending(const struct client_run *run, char *buffer, size_t size)
{
	int status = run->status;

	if (!run->ended)
		snprintf(buffer, size, "%s goes on", run->name);
	else if (WIFSIGNALED(status))
		snprintf(buffer, size, "%s was ended by signal %d (%s)", run->name, WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(buffer, size, "%s ended with exit status %d", run->name, WEXITSTATUS(status));
	return buffer;
}

static void put_left_out(uint64_t count, const char *what, struct layout *l)
{
	char text[96];

	if (!count)
		return;
	layout_to_column(l, TEXT_COLUMN);
	snprintf(text, sizeof(text), "(%" PRIu64 " %s not shown)", count, what);
	layout_put(l, PAINT_DIM, text);
	layout_newline(l);
}

void timeline_print(struct timeline *t, const struct client_run *run, struct layout *l)
{
	const struct client_output *o = &run->output;
	char ending[256];
	size_t at = 0;

	if (t->meaning_count)
		qsort(t->meanings, t->meaning_count, sizeof(*t->meanings), by_frame);
	for (size_t i = 0; i < o->count; i++) {
		at = put_rows(t, at, o->lines[i].time_ns, l);
		put_line(run, &o->lines[i], l);
	}
	if (run->ended)
		at = put_rows(t, at, run->ended_ns, l);
	put_time(l, run->ended_ns);
	layout_item(l, PAINT_BOLD, TEXT_COLUMN, client_ending(run, ending, sizeof(ending)));
	layout_newline(l);
	put_rows(t, at, INT64_MAX, l);
	put_left_out(t->left_out, "packets more", l);
	put_left_out(o->left_out[CLIENT_STDOUT], "lines of standard output", l);
	put_left_out(o->left_out[CLIENT_STDERR], "lines of standard error", l);
}
