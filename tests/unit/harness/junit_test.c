/* junit_test.c: suites, counts, the four kinds of results, and that nothing a client prints breaks the XML. (Whether it
 * fits the schema is checked where a real run writes it.) */
#include "harness/junit.h"

#include "tests/unit/harness/results.h"

static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	while ((text = strstr(text, part)) != NULL)
		found++, text += strlen(part);
	return found;
}

static void end_all(struct run_fixture *f)
{
	end_case(f, 0, CHECK_PASS, "", VERDICT_HEALTHY);
	end_case(f, 1, CHECK_FAIL, "one \"reason\"\nanother\n", VERDICT_RESET);
	end_case(f, 2, CHECK_BROKEN, "it is broken\n", NULL);
	end_case(f, 3, CHECK_SKIP, "no curl here\n", NULL);
}

static void test_results(void)
{
	struct run_fixture f;

	open_run(&f);
	end_all(&f);
	CU_ASSERT_TRUE(junit_write(f.out, f.results, false));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(printed(&f), "<testsuites name=\"tlslab\" tests=\"4\" failures=\"1\" errors=\"1\" time="));
	CU_ASSERT_PTR_NOT_NULL(strstr(
		printed(&f), "<testsuite name=\"healthy\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\""));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(printed(&f), "<testsuite name=\"tcp\" tests=\"3\" failures=\"1\" errors=\"1\" skipped=\"1\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "<testcase name=\"curl/tls1.3/ipv4\" classname=\"tcp.a\" time="));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(printed(&f), "<failure type=\"fail\" message=\"one &quot;reason&quot;; another\">"));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "<error type=\"broken\" message=\"it is broken\">"));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "<skipped type=\"skip\" message=\"no curl here\">"));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "expected   tcp/timeout by unknown\n"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(printed(&f), "again      tlslab run tcp/a/curl/tls1.3/ipv4 --keep $(mktemp -d ./kept.XXXX)"));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "<property name=\"analyzer\" value=\"analyzer --json\"/>"));
	close_run(&f);
}

static void test_escapes(void)
{
	struct run_fixture f;

	open_run(&f);
	end_all(&f);
	CU_ASSERT_TRUE(junit_write(f.out, f.results, false));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "curl: &lt;words&gt; &amp; ?[2J more"));
	CU_ASSERT_PTR_NULL(strchr(printed(&f), '\033'));
	close_run(&f);
}

static void test_no_skip(void)
{
	struct run_fixture f;

	open_run(&f);
	end_all(&f);
	CU_ASSERT_TRUE(junit_write(f.out, f.results, true));
	CU_ASSERT_EQUAL(count(printed(&f), "<failure "), 2);
	CU_ASSERT_EQUAL(count(printed(&f), "<skipped "), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "failures=\"2\" errors=\"1\" skipped=\"0\""));
	close_run(&f);
}

static void test_partial(void)
{
	struct run_fixture f;

	open_run(&f);
	end_case(&f, 0, CHECK_PASS, "", VERDICT_HEALTHY);
	CU_ASSERT_TRUE(junit_write(f.out, f.results, false));
	CU_ASSERT_EQUAL(count(printed(&f), "<skipped type=\"not-run\" message=\"the run was interrupted\">"), 3);
	CU_ASSERT_EQUAL(count(printed(&f), "<testcase "), 4);
	CU_ASSERT_EQUAL(count(printed(&f), "</testcase>"), 4);
	close_run(&f);
}

static void test_full_disk(void)
{
	struct run_fixture f;
	FILE *full = fopen("/dev/full", "we");

	open_run(&f);
	end_all(&f);
	CU_ASSERT_PTR_NOT_NULL_FATAL(full);
	CU_ASSERT_FALSE(junit_write(full, f.results, false));
	fclose(full);
	close_run(&f);
}

const struct unit_test unit_tests[] = {
	{"each result has its element, in the suite of its stage", test_results},
	{"what a client prints is escaped", test_escapes},
	{"without skips they are failures", test_no_skip},
	{"an interrupted run is whole XML", test_partial},
	{"a full disk is noticed", test_full_disk},
	{NULL, NULL},
};
