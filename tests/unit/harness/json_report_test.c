/* json_report_test.c: what stands in the JSON of a run, whole and interrupted, and of a list; all of it fits the
 * schemas. */
#include "harness/json_report.h"

#include <signal.h>

#include "tests/json_schema.h"
#include "tests/unit/harness/results.h"

static json_t *checked(const char *text, const char *schema_path)
{
	json_t *schema = json_load_file(schema_path, JSON_REJECT_DUPLICATES, NULL);
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	char why[512] = "";

	CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
	CU_ASSERT_PTR_NOT_NULL_FATAL(json);
	if (!json_schema_check(schema, json, why, sizeof(why)))
		CU_FAIL(why);
	json_decref(schema);
	return json;
}

/* The string under a path of keys and indexes, "cases/1/result". */
static const char *at(json_t *json, const char *path)
{
	static char text[32];

	while (json && *path) {
		char key[32];

		snprintf(key, sizeof(key), "%.*s", (int)strcspn(path, "/"), path);
		json = json_is_array(json) ? json_array_get(json, (size_t)atoi(key)) : json_object_get(json, key);
		path += strlen(key) + (path[strlen(key)] == '/');
	}
	if (json_is_string(json))
		return json_string_value(json);
	if (json_is_integer(json))
		snprintf(text, sizeof(text), "%lld", json_integer_value(json));
	else
		snprintf(text, sizeof(text), "%s",
			 !json                 ? "missing"
			 : json_is_true(json)  ? "true"
			 : json_is_false(json) ? "false"
			 : json_is_null(json)  ? "null"
					       : "other");
	return text;
}

static void check_rows(json_t *json, const char *const rows[][2])
{
	for (; (*rows)[0]; rows++) {
		CU_ASSERT_STRING_EQUAL(at(json, (*rows)[0]), (*rows)[1]);
		if (strcmp(at(json, (*rows)[0]), (*rows)[1]) != 0)
			printf("# %s is %s\n", (*rows)[0], at(json, (*rows)[0]));
	}
}

static void test_run(void)
{
	static const char *const rows[][2] = {
		{"format", "1"},
		{"analyzer", "analyzer --json"},
		{"interrupted", "false"},
		{"counts/pass", "1"},
		{"counts/fail", "1"},
		{"counts/broken", "1"},
		{"counts/skip", "1"},
		{"counts/not-run", "0"},
		{"cases/0/name", "healthy/plain/curl/tls1.3/ipv4"},
		{"cases/0/result", "pass"},
		{"cases/0/expected/outcome", "established"},
		{"cases/0/expected/signature", "null"},
		{"cases/1/scenario", "tcp/a"},
		{"cases/1/title", "A title"},
		{"cases/1/tags/0", "silent"},
		{"cases/1/result", "fail"},
		{"cases/1/injected", "the fault"},
		{"cases/1/seen_at_client", "28 late"},
		{"cases/1/seen_at_server", "7 packets"},
		{"cases/1/expected/signature", "tcp/timeout"},
		{"cases/1/expected/certainty", "seen"},
		{"cases/1/diagnosed/signature", "server-hello/reset"},
		{"cases/1/why/0", "one"},
		{"cases/1/why/1", "two"},
		{"cases/1/why/2", "missing"},
		{"cases/1/again", "tlslab run tcp/a/curl/tls1.3/ipv4 --keep $(mktemp -d ./kept.XXXX)"},
		{"cases/2/diagnosed", "null"},
		{"cases/3/result", "skip"},
		{"matrix/scores/0/class", "tcp"},
		{"matrix/scores/0/cases", "1"},
		{"matrix/scores/2/misplaced", "1"},
		{"matrix/confusion/1/injected", "tcp/timeout"},
		{"matrix/confusion/1/diagnosed", "server-hello/reset"},
		{NULL, NULL},
	};
	struct run_fixture f;
	json_t *json;

	open_run(&f);
	end_case(&f, 0, CHECK_PASS, "", VERDICT_HEALTHY);
	end_case(&f, 1, CHECK_FAIL, "one\ntwo\n", VERDICT_RESET);
	end_case(&f, 2, CHECK_BROKEN, "broken\n", NULL);
	end_case(&f, 3, CHECK_SKIP, "no curl\n", NULL);
	CU_ASSERT_TRUE(json_report_write(f.out, f.results, 0));
	json = checked(printed(&f), "docs/tlslab.schema.json");
	check_rows(json, rows);
	json_decref(json);
	close_run(&f);
}

static void test_interrupted(void)
{
	static const char *const rows[][2] = {
		{"interrupted", "true"},
		{"counts/not-run", "3"},
		{"cases/0/result", "pass"},
		{"cases/1/result", "not-run"},
		{NULL, NULL},
	};
	struct run_fixture f;
	json_t *json;

	open_run(&f);
	end_case(&f, 0, CHECK_PASS, "", VERDICT_HEALTHY);
	CU_ASSERT_TRUE(json_report_write(f.out, f.results, SIGTERM));
	json = checked(printed(&f), "docs/tlslab.schema.json");
	check_rows(json, rows);
	json_decref(json);
	close_run(&f);
}

static void test_list(void)
{
	static const char *const rows[][2] = {
		{"name", "tcp/c/curl/tls1.3/ipv4"},
		{"client", "curl"},
		{"tls", "1.3"},
		{"family", "ipv4"},
		{"tags/0", "silent"},
		{"expected/by", "unknown"},
		{"client_says", "null"},
		{NULL, NULL},
	};
	struct run_fixture f;
	const char *line;
	json_t *json;

	open_run(&f);
	CU_ASSERT_TRUE(json_report_list(f.out, &f.variants));
	line = printed(&f);
	for (int i = 0; i < 3; i++)
		line = strchr(line, '\n') + 1;
	json = checked(line, "docs/tlslab-list.schema.json");
	check_rows(json, rows);
	json_decref(json);
	close_run(&f);
}

static void test_full_disk(void)
{
	struct run_fixture f;
	FILE *full = fopen("/dev/full", "we");

	open_run(&f);
	CU_ASSERT_PTR_NOT_NULL_FATAL(full);
	CU_ASSERT_FALSE(json_report_write(full, f.results, 0));
	fclose(full);
	close_run(&f);
}

const struct unit_test unit_tests[] = {
	{"a run is told in full, by the schema", test_run},
	{"an interrupted run is a whole document", test_interrupted},
	{"a list is an object for each case, by its schema", test_list},
	{"a full disk is noticed", test_full_disk},
	{NULL, NULL},
};
