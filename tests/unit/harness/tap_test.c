/* tap_test.c: lines, directives and diagnostics of TAP. */
#include "harness/tap.h"

#include <signal.h>

#include "tests/unit/harness/results.h"

#define HEAD "TAP version 13\n1..4\n"
#define FAILED(number, name, word, why)                                                                                \
	"not ok " number " - " name "\n"                                                                               \
	"  ---\n"                                                                                                      \
	"  result: \"" word "\"\n"                                                                                     \
	"  scenario: \"A title\"\n"                                                                                    \
	"  injected: \"the fault\"\n"                                                                                  \
	"  proof: \"the proof\"\n"                                                                                     \
	"  client: \"28 late\"\n"                                                                                      \
	"  server: \"7 packets\"\n"                                                                                    \
	"  analyzer: \"tcp/reset by server\"\n"                                                                        \
	"  expected: \"tcp/timeout by unknown\"\n"                                                                     \
	"  why: \"" why "\"\n"                                                                                         \
	"  again: \"tlslab run " name " --keep $(mktemp -d ./kept.XXXX)\"\n"                                           \
	"  ...\n"

static void test_lines(void)
{
	struct run_fixture f;

	open_run(&f);
	end_case(&f, 0, CHECK_PASS, "", VERDICT_HEALTHY);
	end_case(&f, 1, CHECK_FAIL, "a \"reason\"\n", VERDICT_RESET);
	end_case(&f, 2, CHECK_BROKEN, "broken\n", NULL);
	end_case(&f, 3, CHECK_SKIP, "no #1 curl\n", NULL);
	CU_ASSERT_TRUE(tap_write(f.out, f.results, 0, false));
	CU_ASSERT_STRING_EQUAL(printed(&f), HEAD "ok 1 - healthy/plain/curl/tls1.3/ipv4\n" FAILED(
						    "2", "tcp/a/curl/tls1.3/ipv4", "fail", "a \\\"reason\\\"\\n")
						    FAILED("3", "tcp/b/curl/tls1.3/ipv4", "broken",
							   "broken\\n") "ok 4 - tcp/c/curl/tls1.3/ipv4 # SKIP no \\#1 "
									"curl\n");
	close_run(&f);
}

static void test_no_skip(void)
{
	struct run_fixture f;

	open_run(&f);
	end_case(&f, 3, CHECK_SKIP, "no curl\n", NULL);
	CU_ASSERT_TRUE(tap_write(f.out, f.results, 0, true));
	CU_ASSERT_STRING_EQUAL(printed(&f), HEAD FAILED("4", "tcp/c/curl/tls1.3/ipv4", "skip", "no curl\\n"));
	close_run(&f);
}

static void test_interrupted(void)
{
	struct run_fixture f;

	open_run(&f);
	end_case(&f, 0, CHECK_PASS, "", VERDICT_HEALTHY);
	CU_ASSERT_TRUE(tap_write(f.out, f.results, SIGINT, false));
	CU_ASSERT_STRING_EQUAL(printed(&f), HEAD "ok 1 - healthy/plain/curl/tls1.3/ipv4\n"
						 "Bail out! interrupted by SIGINT\n");
	close_run(&f);
}

const struct unit_test unit_tests[] = {
	{"each result has its line, and what did not pass its story", test_lines},
	{"without skips they are not ok", test_no_skip},
	{"an interrupted run bails out", test_interrupted},
	{NULL, NULL},
};
