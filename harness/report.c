/* report.c: prints a run for people, see report.h. */
#include "harness/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
	WIDTH = 110, /* of a table whose terminal does not say */
	WIDTH_MIN = 80,
	SAID_MIN = 24, /* of the column with the client's words */
	RESULT_WIDTH = 6,
	PROGRESS_MS = 200,
	PROGRESS_ENDED = 5, /* cases before the time left can be told */
	PROGRESS_ROWS = 8, /* of running cases, at most, and no more than a part of the terminal's height: */
	PROGRESS_PART = 3,
};

struct report {
	FILE *out;
	struct results *results;
	const struct variants *variants; /* of the results */
	int flags;
	size_t printed; /* cases before this one have been printed */
	char left[40]; /* for the first line of progress */
	bool terminal, colour;
	int width;
	int columns; /* of the terminal: what is taken back must not be broken into more lines */
	size_t rows; /* of running cases that there is room for */
	size_t shown; /* lines of progress, below the cases */
	double drawn; /* when, in seconds of the run */
	int label; /* width of the column that names the case */
	int verdict; /* width of the column with what the analyzer says: what it should say fits */
	const struct scenario *heading; /* whose heading was printed last, and what it says was injected */
	const char *heading_injected;
};

/* ---- Set-up ---- */

static void measure_terminal(struct report *r)
{
	struct winsize size;

	r->width = r->columns = WIDTH;
	if (ioctl(fileno(r->out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return;
	r->width = size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
	r->columns = size.ws_col;
	r->rows = size.ws_row / PROGRESS_PART;
	if (r->rows > PROGRESS_ROWS)
		r->rows = PROGRESS_ROWS;
}

/* In a table a case's name begins with its scenario, which the heading says. */
static const char *label_of(const struct report *r, const struct variant *v)
{
	return r->terminal ? v->name + strlen(v->scenario->name) + 1 : v->name;
}

static int longer(int width, const char *text)
{
	int length = (int)strlen(text);

	return length > width ? length : width;
}

static void measure(struct report *r)
{
	for (size_t i = 0; i < r->variants->count; i++) {
		const struct variant *v = &r->variants->items[i];
		char *expected = check_expected(&v->settings.expect);

		r->label = longer(r->label, label_of(r, v));
		r->verdict = longer(r->verdict, expected);
		free(expected);
	}
}

/* What is left of the width beside the result, the label and the gaps between columns. */
static int width_left(const struct report *r)
{
	return r->width - 2 - RESULT_WIDTH - 2 - r->label - 2;
}

struct report *report_new(FILE *out, struct results *results, int flags)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->out = out;
	r->results = results;
	r->variants = results->variants;
	r->flags = flags;
	r->terminal = isatty(fileno(out));
	r->colour = r->terminal && !getenv("NO_COLOR");
	measure_terminal(r);
	measure(r);
	if (r->verdict > width_left(r) - 2 - SAID_MIN)
		r->verdict = width_left(r) - 2 - SAID_MIN;
	return r;
}

void report_free(struct report *r)
{
	free(r);
}

/* ---- Words ---- */

static const char *colour(const struct report *r, enum check_result result)
{
	static const char *const codes[CHECK_RESULTS] = {"\033[32m", "\033[31m", "\033[35m", "\033[33m"};

	return r->colour ? codes[result] : "";
}

static const char *plain(const struct report *r)
{
	return r->colour ? "\033[0m" : "";
}

static const char *bold(const struct report *r)
{
	return r->colour ? "\033[1m" : "";
}

/* Client and server may print anything: control characters must not reach the terminal. */
static void put(FILE *out, const char *text, size_t limit)
{
	for (size_t i = 0; i < limit && text[i]; i++)
		fputc((unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i], out);
}

/* `text` in at most `width` columns; what is too long ends with "...". Returns the columns used. */
static int fit(FILE *out, const char *text, int width)
{
	int length = (int)strlen(text);

	if (length <= width) {
		put(out, text, (size_t)length);
		return length;
	}
	put(out, text, (size_t)width - 3);
	fputs("...", out);
	return width;
}

/* The same, and the gap before the next column. */
static void column(FILE *out, const char *text, int width)
{
	fprintf(out, "%*s", width - fit(out, text, width) + 2, "");
}

/* The cursor stands behind the last line. */
static void clear_progress(struct report *r)
{
	if (r->shown > 1)
		fprintf(r->out, "\033[%zuA", r->shown - 1);
	if (r->shown > 0)
		fputs("\r\033[J", r->out);
	r->shown = 0;
}

/* ---- A case ---- */

/* Or else there is only a reason why not: something is missing, or the cell could not be made as the scenario says. */
static bool was_run(const struct check *check)
{
	return *check->client;
}

static void print_heading(struct report *r, const struct variant *v, const struct check *check)
{
	const char *name = v->scenario->name;

	if (r->heading == v->scenario && strcmp(r->heading_injected, check->injected) == 0)
		return;
	r->heading = v->scenario;
	r->heading_injected = check->injected;
	fprintf(r->out, "%s%s%s  injected: ", bold(r), name, plain(r));
	fit(r->out, check->injected, r->width - (int)strlen(name) - (int)strlen("  injected: "));
	fputc('\n', r->out);
}

static void print_row(struct report *r, const struct variant *v, const struct check *check)
{
	print_heading(r, v, check);
	fprintf(r->out, "  %s%-*s%s  ", colour(r, check->result), RESULT_WIDTH, check_result_name(check->result),
		plain(r));
	column(r->out, label_of(r, v), r->label);
	if (!was_run(check)) {
		fit(r->out, check->why, width_left(r));
	} else {
		column(r->out, check->client, width_left(r) - 2 - r->verdict);
		fit(r->out, check->analyzer, r->verdict);
	}
	fputc('\n', r->out);
}

static void put_named(FILE *out, const char *name, const char *text)
{
	fprintf(out, "%s: ", name);
	put(out, text, strcspn(text, "\n"));
}

static void print_line(struct report *r, const struct variant *v, const struct check *check)
{
	fprintf(r->out, "%-*s  %-*s  ", RESULT_WIDTH, check_result_name(check->result), r->label, v->name);
	put_named(r->out, "injected", check->injected);
	if (was_run(check)) {
		put_named(r->out, " | client", check->client);
		put_named(r->out, " | analyzer", check->analyzer);
	} else {
		put_named(r->out, check->result == CHECK_SKIP ? " | skipped" : " | not run", check->why);
	}
	fputc('\n', r->out);
}

static bool tells_story(const struct report *r, enum check_result result)
{
	return result == CHECK_FAIL || result == CHECK_BROKEN || (result == CHECK_SKIP && r->flags & REPORT_NO_SKIP) ||
	       (result == CHECK_PASS && r->flags & REPORT_VERBOSE);
}

static void print_case(struct report *r, size_t index)
{
	const struct variant *v = &r->variants->items[index];
	const struct check *check = &r->results->items[index].check;

	if (r->flags & REPORT_BRIEF && check->result != CHECK_FAIL && check->result != CHECK_BROKEN)
		return;
	if (r->terminal)
		print_row(r, v, check);
	else
		print_line(r, v, check);
	if (tells_story(r, check->result))
		results_story(r->out, r->results, index, "          ");
}

bool report_wants_trace(const struct report *r, const struct check *check)
{
	return check->result != CHECK_SKIP && tells_story(r, check->result);
}

/* ---- The run ---- */

void report_started(struct report *r, size_t index)
{
	results_started(r->results, index);
}

void report_ended(struct report *r, size_t index, const struct check *check)
{
	results_ended(r->results, index, check);
	if (index == r->printed)
		clear_progress(r);
	while (r->printed < r->variants->count && r->results->items[r->printed].ended)
		print_case(r, r->printed++);
	report_progress(r);
}

/* ", about 4 s left", once enough cases have ended to tell. Cases that wait long go first, so it errs on the safe
 * side. */
static const char *time_left(struct report *r, size_t ended)
{
	double left = ended ? results_age(r->results) * (double)(r->variants->count - ended) / (double)ended : 0;

	r->left[0] = '\0';
	if (ended >= PROGRESS_ENDED)
		snprintf(r->left, sizeof(r->left), ", about %.0f s left", left);
	return r->left;
}

/* The running cases that there is room for, the oldest first: it is what the run waits for. Returns how many run. */
static size_t find_running(const struct report *r, size_t *oldest, size_t room)
{
	size_t running = 0;

	for (size_t i = 0; i < r->variants->count; i++) {
		const struct result *items = r->results->items;
		size_t at;

		if (!items[i].started || items[i].ended)
			continue;
		at = running < room ? running : room;
		running++;
		for (; at > 0 && result_age(&items[i]) > result_age(&items[oldest[at - 1]]); at--) {
			if (at < room)
				oldest[at] = oldest[at - 1];
		}
		if (at < room)
			oldest[at] = i;
	}
	return running;
}

/* A line of progress, which ends without a line feed: the cursor stays on it. */
static void __attribute__((format(printf, 2, 3))) put_progress(struct report *r, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (r->shown++ > 0)
		fputc('\n', r->out);
	fit(r->out, text, r->columns > 3 ? r->columns - 1 : 3);
}

static void draw_progress(struct report *r, const size_t *oldest, size_t running)
{
	const size_t *counts = r->results->counts;
	size_t count = r->variants->count, ended = count - results_not_run(r->results);

	put_progress(r, "%zu of %zu done%s, %zu running; %zu passed, %zu failed, %zu broken, %zu skipped", ended, count,
		     time_left(r, ended), running, counts[CHECK_PASS], counts[CHECK_FAIL], counts[CHECK_BROKEN],
		     counts[CHECK_SKIP]);
	for (size_t i = 0; i < running && i < r->rows; i++)
		put_progress(r, "%6.1f s  %s", result_age(&r->results->items[oldest[i]]),
			     r->variants->items[oldest[i]].name);
	if (running > r->rows && r->rows > 0)
		put_progress(r, "          and %zu more", running - r->rows);
	r->drawn = results_age(r->results);
}

/* What is shown already is good for a while; after lines of cases, which took its place, it is drawn again. */
void report_progress(struct report *r)
{
	size_t oldest[PROGRESS_ROWS] = {0}, running;

	if (r->terminal && (r->shown == 0 || results_age(r->results) - r->drawn > PROGRESS_MS / 2e3)) {
		clear_progress(r);
		running = find_running(r, oldest, r->rows);
		if (running > 0)
			draw_progress(r, oldest, running);
	}
	fflush(r->out);
}

void report_stopping(struct report *r)
{
	if (!r->terminal)
		return;
	clear_progress(r);
	put_progress(r, "interrupted: the cases that run are being ended");
	fflush(r->out);
}

int report_interval(const struct report *r)
{
	return r->terminal ? PROGRESS_MS : -1;
}

/* Each reason once, with the number of cases. */
static void print_skips(struct report *r)
{
	const struct result *items = r->results->items;

	for (size_t i = 0; i < r->variants->count; i++) {
		size_t same = 0, earlier = 0;

		if (!items[i].ended || items[i].check.result != CHECK_SKIP)
			continue;
		for (size_t k = 0; k < r->variants->count; k++) {
			bool alike = items[k].ended && items[k].check.result == CHECK_SKIP &&
				     strcmp(items[k].check.why, items[i].check.why) == 0;

			same += alike;
			earlier += alike && k < i;
		}
		if (!earlier) {
			fprintf(r->out, "skipped %zu: ", same);
			put(r->out, items[i].check.why, strcspn(items[i].check.why, "\n"));
			fputc('\n', r->out);
		}
	}
	if (r->results->counts[CHECK_SKIP])
		fputs("'tlslab doctor' says how to get what is missing\n", r->out);
}

void report_summary(struct report *r)
{
	const size_t *counts = r->results->counts;
	size_t not_run = results_not_run(r->results);

	clear_progress(r);
	for (size_t i = r->printed; i < r->variants->count; i++) {
		if (r->results->items[i].ended)
			print_case(r, i);
	}
	r->printed = r->variants->count;
	print_skips(r);
	fprintf(r->out, "%zu passed, %zu failed, %zu broken, %zu skipped in %.1f s", counts[CHECK_PASS],
		counts[CHECK_FAIL], counts[CHECK_BROKEN], counts[CHECK_SKIP], r->results->seconds);
	if (not_run)
		fprintf(r->out, "; %zu not run", not_run);
	fputc('\n', r->out);
	fflush(r->out);
}
