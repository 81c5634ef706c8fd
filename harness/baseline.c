/* baseline.c: see baseline.h. */
#include "harness/baseline.h"

#include <string.h>

/* From bad to good. A case that was not run is not compared. */
static const char *const ranks[] = {"broken", "fail", "skip", "pass"};

enum { RANKS = sizeof(ranks) / sizeof(ranks[0]) };

static int rank_of(const char *result)
{
	for (int i = 0; i < RANKS; i++) {
		if (strcmp(ranks[i], result) == 0)
			return i;
	}
	return -1;
}

static bool take_case(struct baseline *b, json_t *item)
{
	const char *name, *result;

	if (json_unpack(item, "{ssss}", "name", &name, "result", &result) != 0)
		return false;
	if (strcmp(result, "not-run") == 0)
		return true;
	return rank_of(result) >= 0 && json_object_set_new(b->results, name, json_string(result)) == 0;
}

static bool take_cases(struct baseline *b, json_t *report)
{
	json_t *cases = json_object_get(report, "cases"), *item;
	int format;
	size_t i;

	if (json_unpack(report, "{si}", "format", &format) != 0 || format != 1 || !json_is_array(cases))
		return false;
	json_array_foreach(cases, i, item) {
		if (!take_case(b, item))
			return false;
	}
	return true;
}

bool baseline_load(struct baseline *b, const char *path, struct error *error)
{
	FILE *file = document_open(path);
	json_error_t why;
	json_t *report;
	bool ok;

	b->results = json_object();
	if (!file)
		return error_errno(error, "--baseline %s", path);
	report = json_loadf(file, JSON_REJECT_DUPLICATES, &why);
	fclose(file);
	if (!report)
		return error_set(error, "--baseline %s:%d:%d: this is not what tlslab run --json writes: %s", path,
				 why.line, why.column, why.text);
	ok = take_cases(b, report);
	json_decref(report);
	return ok || error_set(error, "--baseline %s: this is not what tlslab run --json writes", path);
}

void baseline_free(struct baseline *b)
{
	json_decref(b->results);
	b->results = NULL;
}

/* What has become of a case: "worse", "better", "new", or NULL. */
static const char *change_of(const char *before, const char *now)
{
	if (!before)
		return "new";
	if (rank_of(now) == rank_of(before))
		return NULL;
	return rank_of(now) < rank_of(before) ? "worse" : "better";
}

static size_t print_changes(FILE *out, const struct baseline *b, const struct results *results, const char *kind)
{
	size_t count = 0;

	for (size_t i = 0; i < results->variants->count; i++) {
		const struct result *result = &results->items[i];
		const char *name = results->variants->items[i].name, *now = result_name(result);
		const char *before = json_string_value(json_object_get(b->results, name));
		const char *change = result->ended ? change_of(before, now) : NULL;

		if (!change || strcmp(change, kind) != 0)
			continue;
		count++;
		if (before)
			fprintf(out, "%-6s  %s: was %s, now %s\n", kind, name, before, now);
		else
			fprintf(out, "%-6s  %s: %s\n", kind, name, now);
	}
	return count;
}

size_t baseline_compare(FILE *out, const struct baseline *b, const struct results *results)
{
	size_t better = print_changes(out, b, results, "better"), new = print_changes(out, b, results, "new"),
	       worse = print_changes(out, b, results, "worse"), compared = 0;

	for (size_t i = 0; i < results->variants->count; i++)
		compared += results->items[i].ended &&
			    json_object_get(b->results, results->variants->items[i].name) != NULL;
	fprintf(out, "baseline: %zu worse, %zu better, %zu new, %zu of its %zu cases not compared\n", worse, better,
		new, json_object_size(b->results) - compared, json_object_size(b->results));
	return worse;
}
