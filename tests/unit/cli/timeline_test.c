/* timeline_test.c: packets and the client's lines between each other, what packets mean, what is folded, how it
 * ended. */
#include "tests/unit/suite.h"

#include "analyzer/cli/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)
#define BEGAN_NS (1714564800 * INT64_C(1000000000)) /* 2024-05-01T12:00:00Z */

static struct timeline *timeline(void)
{
	struct timeline *t = timeline_new();

	setenv("TZ", "UTC", 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	return t;
}

/* What is printed; the caller frees it. */
static char *printed(struct timeline *t, const struct client_run *run)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	struct layout layout = {.out = out};

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	timeline_print(t, run, &layout);
	fclose(out);
	return text;
}

static void check_printed(struct timeline *t, const struct client_run *run, const char *expected)
{
	char *text = printed(t, run);

	CU_ASSERT_STRING_EQUAL(text, expected);
	if (strcmp(text, expected) != 0)
		printf("# is\n%s# expected\n%s", text, expected);
	free(text);
	timeline_free(t);
}

static struct client_run ended(int status, int64_t after)
{
	return (struct client_run){.name = "curl", .ended = true, .status = status, .ended_ns = BEGAN_NS + after};
}

static void say(struct client_run *run, int64_t after, const char *line)
{
	CU_ASSERT_TRUE(client_output_add(&run->output, CLIENT_STDERR, BEGAN_NS + after, line, strlen(line)));
}

static void test_order(void)
{
	static const struct tlsdiag_evidence evidence[] = {
		{{1, BEGAN_NS}, TLSDIAG_FROM_CLIENT, false, "SYN"},
		{{2, BEGAN_NS}, TLSDIAG_FROM_SERVER, true, "alert"},
		{{2, BEGAN_NS}, TLSDIAG_FROM_SERVER, false, "FIN"},
	};
	const struct tlsdiag_verdict v = {.evidence = evidence, .evidence_count = 3};
	struct timeline *t = timeline();
	struct client_run run = ended(35 << 8, 9 * MS);

	say(&run, 5 * MS, "*   two  blanks");
	say(&run, 1 * MS, "before");
	CU_ASSERT_TRUE(timeline_verdict(t, &v)); /* verdicts come when they are decided */
	CU_ASSERT_TRUE(timeline_packet(t, 1, BEGAN_NS + 2 * MS, TIMELINE_REPEATED, "packet 1"));
	CU_ASSERT_TRUE(timeline_packet(t, 2, BEGAN_NS + 7 * MS, TIMELINE_NOTABLE, "packet 2"));
	CU_ASSERT_TRUE(timeline_packet(t, 3, BEGAN_NS + 10 * MS, TIMELINE_REPEATED, "packet 3"));
	check_printed(t, &run,
		      "12:00:00.001000  curl: before\n"
		      "12:00:00.002000  packet 1: SYN\n"
		      "12:00:00.005000  curl: *   two  blanks\n"
		      "12:00:00.007000  packet 2: alert; FIN\n"
		      "12:00:00.009000  curl ended with exit status 35\n"
		      "12:00:00.010000  packet 3: sent again\n");
	client_output_free(&run.output);
}

static void test_fold(void)
{
	struct timeline *t = timeline();
	struct client_run run = ended(15, 60 * MS);

	for (unsigned i = 1; i <= 20; i++)
		CU_ASSERT_TRUE(timeline_packet(t, i, BEGAN_NS + i * MS,
					       i == 10 || i == 20 ? TIMELINE_NOTABLE : TIMELINE_PLAIN,
					       i == 10 ? "FIN" : "data"));
	say(&run, 15 * MS, "line");
	check_printed(t, &run,
		      "12:00:00.001000  data\n"
		      "12:00:00.002000  data\n"
		      "12:00:00.003000  data\n"
		      "                 ... 6 packets more\n"
		      "12:00:00.010000  FIN\n"
		      "12:00:00.011000  data\n"
		      "12:00:00.012000  data\n"
		      "12:00:00.013000  data\n"
		      "12:00:00.014000  data\n"
		      "12:00:00.015000  data\n"
		      "12:00:00.015000  curl: line\n"
		      "12:00:00.016000  data\n"
		      "12:00:00.017000  data\n"
		      "12:00:00.018000  data\n"
		      "12:00:00.019000  data\n"
		      "12:00:00.020000  data\n"
		      "12:00:00.060000  curl was ended by signal 15 (Terminated)\n");
	client_output_free(&run.output);
}

/* What a terminal would take for a command is shown, not obeyed. */
static void test_printable(void)
{
	struct timeline *t = timeline();
	struct client_run run = ended(0, 2 * MS);

	say(&run, 1 * MS, "\033[2J");
	check_printed(t, &run,
		      "12:00:00.001000  curl: \\x1B[2J\n"
		      "12:00:00.002000  curl ended with exit status 0\n");
	client_output_free(&run.output);
}

static void test_bounds(void)
{
	struct timeline *t = timeline();
	struct client_run run = ended(0, 2 * MS);
	char *text;

	run.output.left_out[CLIENT_STDOUT] = 7;
	for (unsigned i = 1; i <= TIMELINE_PACKETS_MAX + 3; i++)
		CU_ASSERT_TRUE(timeline_packet(t, i, BEGAN_NS, TIMELINE_PLAIN, "data"));
	text = printed(t, &run);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "(3 packets more not shown)"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "(7 lines of standard output not shown)"));
	free(text);
	timeline_free(t);
}

const struct unit_test unit_tests[] = {
	{"packets and lines in the order of time, each packet with what it means", test_order},
	{"packets without a meaning are folded, those that begin or end a connection are not", test_fold},
	{"control characters of the client are shown", test_printable},
	{"what is beyond the bounds is counted", test_bounds},
	{NULL, NULL},
};
