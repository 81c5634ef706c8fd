/* report_test.c: what a log shows of a run: lines in the order of the cases, stories of those that did not pass,
 * sums. */
#include "harness/report.h"

#include "tests/unit/harness/temporary.h"
#include "tests/unit/suite.h"

#define CLIENTS "curl: {program: curl, command: curl, tls: {}, family: {}}\n"
#define SCENARIO "title: A title\nstory: s\nexpect: {signature: tcp/timeout, by: unknown}\nvariants: {tls: \"1.3\"}\n"

struct fixture {
	struct temporary files;
	struct variants variants;
	struct results *results;
	struct report *report;
	FILE *out;
	char *text;
	size_t size;
};

static void open_report_with(struct fixture *f, int flags)
{
	static const struct variant_filter all = {0};

	temporary_open(&f->files);
	temporary_write(&f->files, "clients.yaml", CLIENTS);
	temporary_write(&f->files, "tcp/a.yaml", SCENARIO);
	temporary_write(&f->files, "tcp/b.yaml", SCENARIO);
	temporary_write(&f->files, "tcp/c.yaml", SCENARIO);
	CU_ASSERT_FATAL(variants_load(&f->variants, f->files.folder, &all));
	CU_ASSERT_FATAL(f->variants.count == 3);
	f->text = NULL;
	f->out = open_memstream(&f->text, &f->size);
	f->results = results_new(&f->variants, "analyzer", "tlslab run");
	CU_ASSERT_FATAL(f->results != NULL);
	f->report = report_new(f->out, f->results, flags);
	CU_ASSERT_FATAL(f->report != NULL);
}

static void open_report(struct fixture *f)
{
	open_report_with(f, 0);
}

static void close_report(struct fixture *f)
{
	report_free(f->report);
	results_free(f->results);
	fclose(f->out);
	free(f->text);
	variants_free(&f->variants);
	temporary_close(&f->files);
}

/* What has been printed so far. */
static const char *printed(struct fixture *f)
{
	fflush(f->out);
	return f->text;
}

static void end_case(struct fixture *f, size_t index, enum check_result result, const char *client, const char *why)
{
	struct check check = {.result = result,
			      .injected = strdup("the fault"),
			      .proof = strdup("the proof"),
			      .client = strdup(client),
			      .words = strdup("words"),
			      .server = strdup("7 packets"),
			      .analyzer = strdup("tcp/reset by server"),
			      .expected = strdup("tcp/timeout by unknown"),
			      .why = strdup(why)};

	report_started(f->report, index);
	report_ended(f->report, index, &check);
}

#define LINE_A "pass    tcp/a/curl/tls1.3/ipv4  injected: the fault | client: 28 late | analyzer: tcp/reset by server\n"
#define LINE_C "pass    tcp/c/curl/tls1.3/ipv4  injected: the fault | client: 28 late | analyzer: tcp/reset by server\n"
#define LINE_B                                                                                                         \
	"fail    tcp/b/curl/tls1.3/ipv4  injected: the fault | client: 7 no | analyzer: tcp/reset by server\n"         \
	"          scenario   A title\n"                                                                               \
	"          injected   the fault\n"                                                                             \
	"          proof      the proof\n"                                                                             \
	"          client     7 no\n"                                                                                  \
	"          server     7 packets\n"                                                                             \
	"          analyzer   tcp/reset by server\n"                                                                   \
	"          expected   tcp/timeout by unknown\n"                                                                \
	"          why        one reason\n"                                                                            \
	"                     another\n"                                                                               \
	"          again      tlslab run tcp/b/curl/tls1.3/ipv4 --keep $(mktemp -d ./kept.XXXX)\n"

static void test_order(void)
{
	struct fixture f;

	open_report(&f);
	end_case(&f, 2, CHECK_PASS, "28 late", "");
	CU_ASSERT_STRING_EQUAL(printed(&f), "");
	end_case(&f, 0, CHECK_PASS, "28 late", "");
	CU_ASSERT_STRING_EQUAL(printed(&f), LINE_A);
	end_case(&f, 1, CHECK_FAIL, "7 no", "one reason\nanother\n");
	CU_ASSERT_STRING_EQUAL(printed(&f), LINE_A LINE_B LINE_C);
	f.results->seconds = 1.25;
	report_summary(f.report);
	CU_ASSERT_STRING_EQUAL(printed(&f), LINE_A LINE_B LINE_C "2 passed, 1 failed, 0 broken, 0 skipped in 1.2 s\n");
	CU_ASSERT_EQUAL(f.results->counts[CHECK_PASS], 2);
	CU_ASSERT_EQUAL(f.results->counts[CHECK_FAIL], 1);
	CU_ASSERT_EQUAL(f.results->counts[CHECK_BROKEN], 0);
	close_report(&f);
}

static void test_partial(void)
{
	struct fixture f;

	open_report(&f);
	report_started(f.report, 0);
	end_case(&f, 2, CHECK_PASS, "28 late", "");
	report_summary(f.report);
	CU_ASSERT_STRING_EQUAL(printed(&f), LINE_C "1 passed, 0 failed, 0 broken, 0 skipped in 0.0 s; 2 not run\n");
	close_report(&f);
}

static void test_skip(void)
{
	struct fixture f;

	open_report(&f);
	end_case(&f, 0, CHECK_SKIP, "", "no curl here\n");
	CU_ASSERT_STRING_EQUAL(printed(&f),
			       "skip    tcp/a/curl/tls1.3/ipv4  injected: the fault | skipped: no curl here\n");
	close_report(&f);
}

static void test_skips_listed(void)
{
	struct fixture f;
	const char *listed;

	open_report(&f);
	end_case(&f, 0, CHECK_SKIP, "", "no curl here\n");
	end_case(&f, 1, CHECK_SKIP, "", "no wget here\n");
	end_case(&f, 2, CHECK_SKIP, "", "no curl here\n");
	report_summary(f.report);
	listed = strstr(printed(&f), "\nskipped ");
	CU_ASSERT_PTR_NOT_NULL_FATAL(listed);
	CU_ASSERT_STRING_EQUAL(listed, "\nskipped 2: no curl here\nskipped 1: no wget here\n"
				       "'tlslab doctor' says how to get what is missing\n"
				       "0 passed, 0 failed, 0 broken, 3 skipped in 0.0 s\n");
	close_report(&f);
}

static void test_flags(void)
{
	struct fixture f;

	open_report_with(&f, REPORT_NO_SKIP);
	end_case(&f, 0, CHECK_SKIP, "", "no curl here\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "why        no curl here\n"));
	end_case(&f, 1, CHECK_PASS, "28 late", "");
	CU_ASSERT_PTR_NULL(strstr(printed(&f), "the proof\n          client     28 late"));
	close_report(&f);

	open_report_with(&f, REPORT_VERBOSE);
	end_case(&f, 0, CHECK_PASS, "28 late", "");
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "the proof\n          client     28 late"));
	CU_ASSERT_TRUE(report_wants_trace(f.report, &(struct check){.result = CHECK_PASS}));
	close_report(&f);

	open_report(&f);
	CU_ASSERT_FALSE(report_wants_trace(f.report, &(struct check){.result = CHECK_PASS}));
	CU_ASSERT_TRUE(report_wants_trace(f.report, &(struct check){.result = CHECK_FAIL}));
	CU_ASSERT_FALSE(report_wants_trace(f.report, &(struct check){.result = CHECK_SKIP}));
	close_report(&f);
}

/* What a server or client prints must not move a terminal's cursor or forge a line of the report. */
static void test_control_characters(void)
{
	struct fixture f;

	open_report(&f);
	end_case(&f, 0, CHECK_PASS, "1 a\033[2Jb\rc", "");
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "client: 1 a?[2Jb?c |"));
	CU_ASSERT_PTR_NULL(strchr(printed(&f), '\033'));
	CU_ASSERT_EQUAL(report_interval(f.report), -1);
	close_report(&f);
}

const struct unit_test unit_tests[] = {
	{"lines come in the order of the cases, with the story of those that did not pass", test_order},
	{"a partial report counts what has not run", test_partial},
	{"a skip names what is missing", test_skip},
	{"the summary lists each reason for skips once", test_skips_listed},
	{"more is told when it is wanted", test_flags},
	{"control characters are not passed on", test_control_characters},
	{NULL, NULL},
};
