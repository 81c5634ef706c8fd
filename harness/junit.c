/* junit.c: see junit.h. */
#include "harness/junit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* How a result is told. */
enum told { TOLD_PASS, TOLD_FAILURE, TOLD_ERROR, TOLD_SKIPPED, TOLD_KINDS };

static enum told told_as(const struct result *result, bool no_skip)
{
	static const enum told kinds[CHECK_RESULTS] = {TOLD_PASS, TOLD_FAILURE, TOLD_ERROR, TOLD_SKIPPED};
	enum told told = result->ended ? kinds[result->check.result] : TOLD_SKIPPED;

	return told == TOLD_SKIPPED && no_skip ? TOLD_FAILURE : told;
}

/* XML 1.0 section 2.2: most control characters, U+FFFE and U+FFFF cannot be written at all. The text is UTF-8. */
static void put(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			fputs("&amp;", out);
		else if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '"')
			fputs("&quot;", out);
		else if (c < 0x20 && c != '\n' && c != '\t')
			fputc('?', out);
		else if (strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0)
			fputc('?', out), text += 2;
		else
			fputc(c, out);
	}
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	for (; *value; value += strcspn(value, "\n"), value += *value == '\n') {
		char *line = strndup(value, strcspn(value, "\n"));

		put(out, line ? line : "");
		free(line);
		if (value[strcspn(value, "\n")] && value[strcspn(value, "\n") + 1])
			fputs("; ", out);
	}
	fputc('"', out);
}

static void put_property(FILE *out, const char *name, const char *value)
{
	fputs("      <property", out);
	put_attribute(out, "name", name);
	put_attribute(out, "value", value);
	fputs("/>\n", out);
}

static void put_properties(FILE *out, const struct results *results)
{
	struct utsname machine;

	fputs("    <properties>\n", out);
	put_property(out, "program", "tlslab " VERSION);
	put_property(out, "analyzer", results->analyzer);
	if (uname(&machine) == 0)
		put_property(out, "kernel", machine.release);
	fputs("    </properties>\n", out);
}

static char *story(const struct results *results, size_t index)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	results_story(out, results, index, "");
	fclose(out);
	return text;
}

static void put_case(FILE *out, const struct results *results, size_t index, bool no_skip)
{
	static const char *const elements[TOLD_KINDS] = {NULL, "failure", "error", "skipped"};
	const struct result *result = &results->items[index];
	const struct variant *v = &results->variants->items[index];
	enum told told = told_as(result, no_skip);
	char *text = story(results, index), *class = strdup(v->scenario->name);

	/* Jenkins takes what stands before the last dot for the package. */
	for (char *c = class; c && *c; c++)
		*c = *c == '/' ? '.' : *c;
	fputs("    <testcase", out);
	put_attribute(out, "name", v->name + strlen(v->scenario->name) + 1);
	put_attribute(out, "classname", class ? class : "");
	fprintf(out, " time=\"%.3f\">\n", result->seconds);
	if (elements[told]) {
		fprintf(out, "      <%s", elements[told]);
		put_attribute(out, "type", result_name(result));
		put_attribute(out, "message", result->ended ? result->check.why : "the run was interrupted");
		fputc('>', out);
		put(out, text);
		fprintf(out, "</%s>\n", elements[told]);
	}
	fputs("      <system-out>", out);
	put(out, told == TOLD_PASS ? text : "");
	put(out, result->ended ? result->check.words : "");
	fputs("</system-out>\n    </testcase>\n", out);
	free(class);
	free(text);
}

static bool same_stage(const struct variant *a, const struct variant *b)
{
	return results_stage(a) == results_stage(b) && strncmp(a->name, b->name, (size_t)results_stage(a)) == 0;
}

/* The cases of [from, to). */
static void put_counts(FILE *out, const struct results *results, size_t from, size_t to, bool no_skip, bool skipped)
{
	size_t counts[TOLD_KINDS] = {0};
	double seconds = 0;

	for (size_t i = from; i < to; i++) {
		counts[told_as(&results->items[i], no_skip)]++;
		seconds += results->items[i].seconds;
	}
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", to - from, counts[TOLD_FAILURE],
		counts[TOLD_ERROR]);
	if (skipped)
		fprintf(out, " skipped=\"%zu\"", counts[TOLD_SKIPPED]);
	fprintf(out, " time=\"%.3f\"", skipped ? seconds : results->seconds);
}

static void put_suite(FILE *out, const struct results *results, size_t from, size_t to, bool no_skip)
{
	const struct variant *first = &results->variants->items[from];
	char stage[64], began[32];
	struct tm tm;

	gmtime_r(&results->began, &tm);
	strftime(began, sizeof(began), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(stage, sizeof(stage), "%.*s", results_stage(first), first->name);
	fputs("  <testsuite", out);
	put_attribute(out, "name", stage);
	put_counts(out, results, from, to, no_skip, true);
	put_attribute(out, "timestamp", began);
	fputs(">\n", out);
	put_properties(out, results);
	for (size_t i = from; i < to; i++)
		put_case(out, results, i, no_skip);
	fputs("  </testsuite>\n", out);
}

bool junit_write(FILE *out, const struct results *results, bool no_skip)
{
	size_t count = results->variants->count;
	const struct variant *items = results->variants->items;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tlslab\"", out);
	put_counts(out, results, 0, count, no_skip, false);
	fputs(">\n", out);
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && same_stage(&items[from], &items[to]); to++)
			;
		put_suite(out, results, from, to, no_skip);
	}
	fputs("</testsuites>\n", out);
	return fflush(out) == 0 && !ferror(out);
}
