/* quote_test.c: what sh makes of a quoted word is the word. */
#include "harness/quote.h"

#include "tests/unit/suite.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text, *quoted;
} rows[] = {
	{"tcp/a/curl/tls1.3/ipv4", "tcp/a/curl/tls1.3/ipv4"},
	{"", "''"},
	{"my file.yaml", "'my file.yaml'"},
	{"tcp/*", "'tcp/*'"},
	{"it's", "'it'\\''s'"},
	{"$(reboot)", "'$(reboot)'"},
};

static char *quoted(const char *text)
{
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	quote_put(out, text);
	fclose(out);
	return made;
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *made = quoted(rows[i].text);

		CU_ASSERT_STRING_EQUAL(made, rows[i].quoted);
		free(made);
	}
}

static void test_shell(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *made = quoted(rows[i].text), command[128], said[64] = "";
		FILE *shell;

		snprintf(command, sizeof(command), "printf %%s %s", made);
		shell = popen(command, "re");
		CU_ASSERT_PTR_NOT_NULL_FATAL(shell);
		if (!fgets(said, sizeof(said), shell))
			said[0] = '\0';
		pclose(shell);
		CU_ASSERT_STRING_EQUAL(said, rows[i].text);
		free(made);
	}
}

const struct unit_test unit_tests[] = {
	{"a word is quoted where it must be", test_rows},
	{"a shell reads it as it was", test_shell},
	{NULL, NULL},
};
