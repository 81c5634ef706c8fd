/* results.c: see results.h. */
#include "harness/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/quote.h"

struct results *results_new(const struct variants *variants, const char *analyzer, const char *rerun)
{
	struct results *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->items = calloc(variants->count, sizeof(*r->items));
	if (!r->items) {
		free(r);
		return NULL;
	}
	r->variants = variants;
	r->analyzer = analyzer;
	r->rerun = rerun;
	r->began = time(NULL);
	clock_gettime(CLOCK_MONOTONIC, &r->since);
	return r;
}

void results_free(struct results *r)
{
	for (size_t i = 0; r && i < r->variants->count; i++)
		check_free(&r->items[i].check);
	if (r)
		free(r->items);
	free(r);
}

void results_started(struct results *r, size_t index)
{
	r->items[index].started = true;
	clock_gettime(CLOCK_MONOTONIC, &r->items[index].since);
}

static double age(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - since->tv_sec) + (double)(now.tv_nsec - since->tv_nsec) / 1e9;
}

double result_age(const struct result *result)
{
	return age(&result->since);
}

double results_age(const struct results *results)
{
	return age(&results->since);
}

void results_ended(struct results *r, size_t index, const struct check *check)
{
	struct result *result = &r->items[index];

	result->seconds = result->started ? result_age(result) : 0;
	result->ended = true;
	result->check = *check;
	r->counts[check->result]++;
}

size_t results_not_run(const struct results *r)
{
	size_t left = r->variants->count;

	for (enum check_result result = 0; result < CHECK_RESULTS; result++)
		left -= r->counts[result];
	return left;
}

const char *result_name(const struct result *result)
{
	return result->ended ? check_result_name(result->check.result) : "not-run";
}

/* A folder that is new each time: whoever looks into a failure runs its case more than once. */
char *results_again(const struct results *r, size_t index)
{
	const struct variant *v = &r->variants->items[index];
	const struct scenario_choice *c = &v->choice;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	fprintf(out, "%s ", r->rerun);
	quote_put(out, v->scenario->by_path ? v->scenario->document.file : v->name);
	if (v->scenario->by_path)
		fprintf(out, " --client %s --tls %s --family %s", c->client, c->tls, c->family);
	fputs(" --keep $(mktemp -d ./kept.XXXX)", out);
	fclose(out);
	return text;
}

int results_stage(const struct variant *variant)
{
	return (int)strcspn(variant->name, "/");
}

/* Several lines under one label. */
static void put_part(FILE *out, const char *indent, const char *label, const char *text)
{
	for (; *text; label = "") {
		size_t length = strcspn(text, "\n");

		fprintf(out, "%s%-10s ", indent, label);
		for (size_t i = 0; i < length; i++)
			fputc((unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i], out);
		fputc('\n', out);
		text += length + (text[length] == '\n');
	}
}

void results_story(FILE *out, const struct results *r, size_t index, const char *indent)
{
	const struct variant *v = &r->variants->items[index];
	const struct check *check = &r->items[index].check;
	char *again = results_again(r, index);
	const char *const parts[][2] = {
		{"scenario", v->scenario->title}, {"injected", check->injected},
		{"proof", check->proof},          {"client", check->client},
		{"server", check->server},        {"analyzer", check->analyzer},
		{"expected", check->expected},    {"why", check->why},
		{"packets", check->trace},        {"again", again},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		put_part(out, indent, parts[i][0], parts[i][1] ? parts[i][1] : "");
	free(again);
}
