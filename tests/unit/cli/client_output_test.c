/* client_output_test.c: lines out of pieces of output, and their order and bounds. */
#include "tests/unit/suite.h"

#include "analyzer/cli/client_output.h"
#include "analyzer/cli/line_splitter.h"

#include <stdio.h>
#include <string.h>

struct said {
	char text[512]; /* "time:line|time:line|" */
	size_t longest;
};

static void note(int64_t time_ns, const char *text, size_t length, void *context)
{
	struct said *s = context;
	size_t at = strlen(s->text);

	snprintf(s->text + at, sizeof(s->text) - at, "%d:%.*s|", (int)time_ns, length < 40 ? (int)length : 40, text);
	if (length > s->longest)
		s->longest = length;
}

static const struct {
	const char *bytes;
	const char *lines; /* without their times */
} rows[] = {
	{"one\ntwo\n", "one|two|"},
	{"one\r\ntwo\r\n", "one|two|"},
	{"no end", "no end|"},
	{"\n\n", "||"},
	{"  0 1024\r 50 1024\r100 1024\n", "100 1024|"},
	{"  0 1024\r 50 1024\r", " 50 1024|"},
	{"a\r\r\nb", "a|b|"},
	{"", ""},
};

/* Every row whole, and cut into two pieces at every place. */
static void test_pieces(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = strlen(rows[i].bytes);

		for (size_t cut = 0; cut <= n; cut++) {
			struct line_splitter s = {.length = 0};
			struct said said = {.longest = 0};
			char without[512] = "";
			size_t at = 0;

			line_splitter_feed(&s, 7, rows[i].bytes, cut, note, &said);
			line_splitter_feed(&s, 7, rows[i].bytes + cut, n - cut, note, &said);
			line_splitter_end(&s, note, &said);
			for (const char *c = said.text; *c; c++) {
				if (strncmp(c, "7:", 2) == 0 && (c == said.text || c[-1] == '|'))
					c += 2;
				without[at++] = *c;
			}
			CU_ASSERT_STRING_EQUAL(without, rows[i].lines);
		}
	}
}

static void test_times(void)
{
	struct line_splitter s = {.length = 0};
	struct said said = {.longest = 0};

	line_splitter_feed(&s, 1, "be", 2, note, &said);
	line_splitter_feed(&s, 2, "gun\nan", 6, note, &said);
	line_splitter_feed(&s, 3, "d so\n", 5, note, &said);
	CU_ASSERT_STRING_EQUAL(said.text, "1:begun|2:and so|");
}

static void test_long(void)
{
	struct line_splitter s = {.length = 0};
	struct said said = {.longest = 0};

	for (int i = 0; i < 3 * CLIENT_LINE_MAX; i++)
		line_splitter_feed(&s, 1, "x", 1, note, &said);
	line_splitter_feed(&s, 2, "\nnext\n", 6, note, &said);
	CU_ASSERT_EQUAL(said.longest, CLIENT_LINE_MAX);
	CU_ASSERT_PTR_NOT_NULL(strstr(said.text, "|2:next|"));
}

/* A line is told when it ends, and stands where it began. */
static void test_order(void)
{
	struct client_output o = {0};

	CU_ASSERT_TRUE(client_output_add(&o, CLIENT_STDERR, 20, "second", 6));
	CU_ASSERT_TRUE(client_output_add(&o, CLIENT_STDOUT, 30, "", 0));
	CU_ASSERT_TRUE(client_output_add(&o, CLIENT_STDOUT, 10, "first", 5));
	CU_ASSERT_TRUE(client_output_add(&o, CLIENT_STDOUT, 20, "third", 5));
	CU_ASSERT_EQUAL_FATAL(o.count, 3);
	CU_ASSERT_STRING_EQUAL(o.lines[0].text, "first");
	CU_ASSERT_STRING_EQUAL(o.lines[1].text, "second");
	CU_ASSERT_EQUAL(o.lines[1].stream, CLIENT_STDERR);
	CU_ASSERT_STRING_EQUAL(o.lines[2].text, "third");
	client_output_free(&o);
	CU_ASSERT_EQUAL(o.count, 0);
}

static void test_bounds(void)
{
	struct client_output o = {0};

	for (int i = 0; i < CLIENT_LINES_MAX + 5; i++)
		CU_ASSERT_TRUE(client_output_add(&o, CLIENT_STDOUT, i, "line", 4));
	CU_ASSERT_TRUE(client_output_add(&o, CLIENT_STDERR, 0, "error", 5));
	CU_ASSERT_EQUAL(o.count, CLIENT_LINES_MAX + 1);
	CU_ASSERT_EQUAL(o.left_out[CLIENT_STDOUT], 5);
	CU_ASSERT_EQUAL(o.left_out[CLIENT_STDERR], 0);
	client_output_free(&o);
}

const struct unit_test unit_tests[] = {
	{"output is cut into lines alike, wherever it was cut before; what is overwritten is gone", test_pieces},
	{"a line has the time of its first byte", test_times},
	{"of a line that is too long the beginning is kept", test_long},
	{"lines are in the order of time", test_order},
	{"so many lines of each stream are kept, the others counted", test_bounds},
	{NULL, NULL},
};
