/* report.c: prints a run for people, see report.h. */
#include "harness/report.h"

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
};

struct entry {
	bool started, ended;
	struct timespec since;
	struct check check;
};

struct report {
	FILE *out;
	const struct variants *variants;
	const char *rerun;
	struct entry *entries;
	size_t printed; /* entries before this one have been printed */
	size_t counts[CHECK_RESULTS];
	bool terminal, colour, progress_shown;
	int width;
	int label; /* width of the column that names the case */
	int verdict; /* width of the column with what the analyzer says: what it should say fits */
	const struct scenario *heading; /* whose heading was printed last, and what it says was injected */
	const char *heading_injected;
};

/* ---- Set-up ---- */

static int terminal_width(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH;
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
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

struct report *report_new(FILE *out, const struct variants *variants, const char *rerun)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->entries = calloc(variants->count, sizeof(*r->entries));
	if (!r->entries) {
		free(r);
		return NULL;
	}
	r->out = out;
	r->variants = variants;
	r->rerun = rerun;
	r->terminal = isatty(fileno(out));
	r->colour = r->terminal && !getenv("NO_COLOR");
	r->width = terminal_width(out);
	measure(r);
	if (r->verdict > width_left(r) - 2 - SAID_MIN)
		r->verdict = width_left(r) - 2 - SAID_MIN;
	return r;
}

void report_free(struct report *r)
{
	for (size_t i = 0; r && i < r->variants->count; i++)
		check_free(&r->entries[i].check);
	if (r)
		free(r->entries);
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

static void clear_progress(struct report *r)
{
	if (r->progress_shown)
		fputs("\r\033[K", r->out);
	r->progress_shown = false;
}

/* ---- A case ---- */

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
	if (check->result == CHECK_SKIP) {
		put(r->out, check->why, strcspn(check->why, "\n"));
	} else {
		column(r->out, check->client, width_left(r) - 2 - r->verdict);
		fit(r->out, check->analyzer, r->verdict);
	}
	fputc('\n', r->out);
}

static void print_line(struct report *r, const struct variant *v, const struct check *check)
{
	const char *const parts[][2] = {{"injected: ", check->injected},
					{" | client: ", check->client},
					{" | analyzer: ", check->analyzer},
					{" | skipped: ", check->why}};

	fprintf(r->out, "%-*s  %-*s  ", RESULT_WIDTH, check_result_name(check->result), r->label, v->name);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (i > 0 && (check->result == CHECK_SKIP) != (i == 3))
			continue;
		fputs(parts[i][0], r->out);
		put(r->out, parts[i][1], strcspn(parts[i][1], "\n"));
	}
	fputc('\n', r->out);
}

/* Several lines under one label. */
static void print_part(FILE *out, const char *label, const char *text)
{
	for (; *text; label = "") {
		size_t length = strcspn(text, "\n");

		fprintf(out, "          %-10s ", label);
		put(out, text, length);
		fputc('\n', out);
		text += length + (text[length] == '\n');
	}
}

/* The command that runs this case alone. */
static void print_again(const struct report *r, const struct variant *v)
{
	const struct scenario_choice *c = &v->choice;

	fprintf(r->out, "          %-10s %s ", "again", r->rerun);
	if (v->scenario->by_path)
		fprintf(r->out, "'%s' --client %s --tls %s --family %s", v->scenario->document.file, c->client, c->tls,
			c->family);
	else
		fputs(v->name, r->out);
	fputs(" --keep ./kept\n", r->out);
}

static void print_story(struct report *r, const struct variant *v, const struct check *check)
{
	print_part(r->out, "scenario", v->scenario->title);
	print_part(r->out, "injected", check->injected);
	print_part(r->out, "proof", check->proof);
	print_part(r->out, "client", check->client);
	print_part(r->out, "analyzer", check->analyzer);
	print_part(r->out, "expected", check->expected);
	print_part(r->out, "why", check->why);
	print_again(r, v);
}

static void print_case(struct report *r, size_t index)
{
	const struct variant *v = &r->variants->items[index];
	const struct check *check = &r->entries[index].check;

	if (r->terminal)
		print_row(r, v, check);
	else
		print_line(r, v, check);
	if (check->result == CHECK_FAIL || check->result == CHECK_BROKEN)
		print_story(r, v, check);
}

/* ---- The run ---- */

void report_started(struct report *r, size_t index)
{
	r->entries[index].started = true;
	clock_gettime(CLOCK_MONOTONIC, &r->entries[index].since);
}

void report_ended(struct report *r, size_t index, const struct check *check)
{
	r->entries[index].ended = true;
	r->entries[index].check = *check;
	r->counts[check->result]++;
	if (index == r->printed)
		clear_progress(r);
	while (r->printed < r->variants->count && r->entries[r->printed].ended)
		print_case(r, r->printed++);
	report_progress(r);
}

static double seconds_since(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - since->tv_sec) + (double)(now.tv_nsec - since->tv_nsec) / 1e9;
}

void report_progress(struct report *r)
{
	size_t running = 0, ended = 0;
	const struct entry *oldest = NULL;

	for (size_t i = 0; i < r->variants->count; i++) {
		const struct entry *e = &r->entries[i];

		ended += e->ended;
		running += e->started && !e->ended;
		if (e->started && !e->ended && (!oldest || seconds_since(&e->since) > seconds_since(&oldest->since)))
			oldest = e;
	}
	if (r->terminal && oldest) {
		clear_progress(r);
		fprintf(r->out, "%zu of %zu done, %zu running, for %.1f s: %.*s", ended, r->variants->count, running,
			seconds_since(&oldest->since), r->width - 50, r->variants->items[oldest - r->entries].name);
		r->progress_shown = true;
	}
	fflush(r->out);
}

int report_interval(const struct report *r)
{
	return r->terminal ? PROGRESS_MS : -1;
}

void report_summary(struct report *r, double seconds)
{
	size_t not_run = r->variants->count;

	clear_progress(r);
	for (size_t i = r->printed; i < r->variants->count; i++) {
		if (r->entries[i].ended)
			print_case(r, i);
	}
	for (enum check_result result = 0; result < CHECK_RESULTS; result++)
		not_run -= r->counts[result];
	fprintf(r->out, "%zu passed, %zu failed, %zu broken, %zu skipped in %.1f s", r->counts[CHECK_PASS],
		r->counts[CHECK_FAIL], r->counts[CHECK_BROKEN], r->counts[CHECK_SKIP], seconds);
	if (not_run)
		fprintf(r->out, "; %zu not run", not_run);
	fputc('\n', r->out);
	fflush(r->out);
}

size_t report_count(const struct report *r, enum check_result result)
{
	return r->counts[result];
}
