/* baseline_test.c: every change from one run to the next, and what is no baseline. */
#include "harness/baseline.h"

#include "harness/json_report.h"
#include "tests/unit/harness/results.h"

#define CASE(name, result) "{\"name\":\"" name "/curl/tls1.3/ipv4\",\"result\":\"" result "\"}"
#define RUN(cases) "{\"format\":1,\"cases\":[" cases "]}"

static const struct {
	const char *before; /* of tcp/a */
	enum check_result now;
	const char *change; /* NULL: none */
} rows[] = {
	{"pass", CHECK_PASS, NULL},      {"pass", CHECK_SKIP, "worse"},    {"pass", CHECK_FAIL, "worse"},
	{"pass", CHECK_BROKEN, "worse"}, {"skip", CHECK_PASS, "better"},   {"skip", CHECK_FAIL, "worse"},
	{"fail", CHECK_FAIL, NULL},      {"fail", CHECK_PASS, "better"},   {"fail", CHECK_SKIP, "better"},
	{"fail", CHECK_BROKEN, "worse"}, {"broken", CHECK_FAIL, "better"}, {"broken", CHECK_BROKEN, NULL},
	{"not-run", CHECK_FAIL, "new"},
};

static void test_changes(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct run_fixture f;
		struct baseline baseline;
		struct error error = {""};
		char text[256], line[128];
		size_t worse;

		open_run(&f);
		snprintf(text, sizeof(text), RUN("{\"name\":\"tcp/a/curl/tls1.3/ipv4\",\"result\":\"%s\"}"),
			 rows[i].before);
		CU_ASSERT_TRUE_FATAL(baseline_load(&baseline, temporary_write(&f.files, "before.json", text), &error));
		end_case(&f, 1, rows[i].now, "", VERDICT_TIMEOUT);
		worse = baseline_compare(f.out, &baseline, f.results);
		CU_ASSERT_EQUAL(worse, rows[i].change && strcmp(rows[i].change, "worse") == 0 ? 1 : 0);
		snprintf(line, sizeof(line), "%-6s  tcp/a/curl/tls1.3/ipv4:", rows[i].change ? rows[i].change : "");
		CU_ASSERT_EQUAL(strstr(printed(&f), line) != NULL, rows[i].change != NULL);
		CU_ASSERT_EQUAL(strstr(printed(&f), "tcp/a") != NULL, rows[i].change != NULL);
		baseline_free(&baseline);
		close_run(&f);
	}
}

static void test_words(void)
{
	struct run_fixture f;
	struct baseline baseline;
	struct error error = {""};

	open_run(&f);
	CU_ASSERT_TRUE_FATAL(baseline_load(
		&baseline,
		temporary_write(&f.files, "before.json",
				RUN(CASE("tcp/a", "pass") "," CASE("tcp/b", "fail") "," CASE("tcp/gone", "pass"))),
		&error));
	end_case(&f, 0, CHECK_PASS, "", VERDICT_HEALTHY);
	end_case(&f, 1, CHECK_FAIL, "", VERDICT_RESET);
	end_case(&f, 2, CHECK_PASS, "", VERDICT_TIMEOUT);
	CU_ASSERT_EQUAL(baseline_compare(f.out, &baseline, f.results), 1);
	CU_ASSERT_STRING_EQUAL(printed(&f), "better  tcp/b/curl/tls1.3/ipv4: was fail, now pass\n"
					    "new     healthy/plain/curl/tls1.3/ipv4: pass\n"
					    "worse   tcp/a/curl/tls1.3/ipv4: was pass, now fail\n"
					    "baseline: 1 worse, 1 better, 1 new, 1 of its 3 cases not compared\n");
	baseline_free(&baseline);
	close_run(&f);
}

/* What a run writes is a baseline for the next. */
static void test_round_trip(void)
{
	struct run_fixture f;
	struct baseline baseline;
	struct error error = {""};
	FILE *file;
	char path[PATH_MAX];

	open_run(&f);
	end_case(&f, 0, CHECK_PASS, "", VERDICT_HEALTHY);
	end_case(&f, 1, CHECK_FAIL, "", VERDICT_RESET);
	snprintf(path, sizeof(path), "%s/run.json", f.files.folder);
	file = fopen(path, "we");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_TRUE(json_report_write(file, f.results, 0));
	fclose(file);
	CU_ASSERT_TRUE_FATAL(baseline_load(&baseline, path, &error));
	CU_ASSERT_EQUAL(baseline_compare(f.out, &baseline, f.results), 0);
	CU_ASSERT_STRING_EQUAL(printed(&f), "baseline: 0 worse, 0 better, 0 new, 0 of its 2 cases not compared\n");
	baseline_free(&baseline);
	close_run(&f);
}

static void test_errors(void)
{
	static const char *const bad[][2] = {
		{"{", "before.json:1:"},
		{"[]", "this is not what tlslab run --json writes"},
		{"{\"format\":2,\"cases\":[]}", "this is not what"},
		{RUN("{\"name\":\"a\"}"), "this is not what"},
		{RUN("{\"name\":\"a\",\"result\":\"odd\"}"), "this is not what"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct temporary files;
		struct baseline baseline;
		struct error error = {""};

		temporary_open(&files);
		CU_ASSERT_FALSE(baseline_load(&baseline, temporary_write(&files, "before.json", bad[i][0]), &error));
		CU_ASSERT_PTR_NOT_NULL(strstr(error.text, bad[i][1]));
		baseline_free(&baseline);
		temporary_close(&files);
	}
}

const struct unit_test unit_tests[] = {
	{"each change is worse, better, new or none", test_changes},
	{"the comparison names what changed", test_words},
	{"what a run writes is a baseline for the next", test_round_trip},
	{"what is no baseline is told", test_errors},
	{NULL, NULL},
};
