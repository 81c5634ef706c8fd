/* json_report.c: see json_report.h. */
#include "harness/json_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/matrix.h"

enum { FORMAT_VERSION = 1 };

/* "" stands for nothing said. */
static json_t *word_json(const char *word)
{
	return word && *word ? json_string(word) : json_null();
}

static json_t *lines_json(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t length = strcspn(text, "\n");

		json_array_append_new(list, json_stringn(text, length));
		text += length + (text[length] == '\n');
	}
	return list;
}

/* The four words that are judged. */
static json_t *expected_json(const struct scenario_expect *e)
{
	const char *certainty = *e->certainty ? e->certainty : *e->signature ? "seen" : "";

	return json_pack("{sosososo}", "outcome", word_json(e->outcome), "signature", word_json(e->signature), "by",
			 word_json(e->by), "certainty", word_json(certainty));
}

static json_t *diagnosed_json(json_t *verdict)
{
	static const char *const keys[] = {"outcome", "signature", "by", "certainty"};
	json_t *json = json_object();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_set_new(json, keys[i], word_json(json_string_value(json_object_get(verdict, keys[i]))));
	return json;
}

/* What a case is, whether or not it was run. */
static json_t *variant_json(const struct variant *v)
{
	return json_pack("{sssssssossssssso}", "name", v->name, "scenario", v->scenario->name, "title",
			 v->scenario->title, "tags", document_strings_json(&v->scenario->tags), "client",
			 v->choice.client, "tls", v->choice.tls, "family", v->choice.family, "expected",
			 expected_json(&v->settings.expect));
}

static json_t *case_json(const struct results *results, size_t index)
{
	const struct result *result = &results->items[index];
	const struct check *check = &result->check;
	const struct variant *v = &results->variants->items[index];
	char *again = results_again(results, index);
	json_t *json = variant_json(v);

	json_object_set_new(json, "result", json_string(result_name(result)));
	json_object_set_new(json, "seconds", json_real(result->seconds));
	json_object_set_new(json, "injected", word_json(check->injected));
	json_object_set_new(json, "proof", word_json(check->proof));
	json_object_set_new(json, "seen_at_client", word_json(check->client));
	json_object_set_new(json, "client_output", word_json(check->words));
	json_object_set_new(json, "seen_at_server", word_json(check->server));
	json_object_set_new(json, "diagnosed", check->verdict ? diagnosed_json(check->verdict) : json_null());
	json_object_set_new(json, "why", lines_json(check->why ? check->why : ""));
	json_object_set_new(json, "again", json_string(again));
	free(again);
	return json;
}

static json_t *counts_json(const struct results *results)
{
	json_t *json = json_object();

	for (enum check_result i = 0; i < CHECK_RESULTS; i++)
		json_object_set_new(json, check_result_name(i), json_integer((json_int_t)results->counts[i]));
	json_object_set_new(json, "not-run", json_integer((json_int_t)results_not_run(results)));
	return json;
}

static json_t *began_json(time_t began)
{
	char text[32];
	struct tm tm;

	gmtime_r(&began, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

/* A disk that is full shows only when the last byte has left. */
static bool put(FILE *out, json_t *json)
{
	bool ok = json && json_dumpf(json, out, JSON_COMPACT) == 0 && fputc('\n', out) != EOF && fflush(out) == 0;

	json_decref(json);
	return ok;
}

bool json_report_write(FILE *out, const struct results *results, int signal)
{
	struct matrix *matrix = matrix_new(results);
	json_t *cases = json_array();
	bool ok;

	if (!matrix) {
		errno = ENOMEM;
		return false;
	}
	for (size_t i = 0; i < results->variants->count; i++)
		json_array_append_new(cases, case_json(results, i));
	ok = put(out, json_pack("{sisssssosfsbsososo}", "format", FORMAT_VERSION, "program", "tlslab " VERSION,
				"analyzer", results->analyzer, "began", began_json(results->began), "seconds",
				results->seconds, "interrupted", signal != 0, "counts", counts_json(results), "matrix",
				matrix_json(matrix), "cases", cases));
	matrix_free(matrix);
	return ok;
}

/* What the client must say, as far as the scenario knows. */
static json_t *client_says_json(const struct variant *v)
{
	const struct scenario_client_words *words = scenario_words(&v->settings.expect, v->choice.client);

	return words ? json_pack("{siso}", "exit", words->exit, "error", word_json(words->error)) : json_null();
}

bool json_report_list(FILE *out, const struct variants *variants)
{
	bool ok = true;

	for (size_t i = 0; ok && i < variants->count; i++) {
		json_t *json = variant_json(&variants->items[i]);

		json_object_set_new(json, "client_says", client_says_json(&variants->items[i]));
		ok = put(out, json);
	}
	return ok;
}
