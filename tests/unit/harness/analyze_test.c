/* analyze_test.c: commands with and without shell syntax, which must come to the same; and what is recorded of both
 * questions. */
#include "harness/analyze.h"

#include <jansson.h>
#include <string.h>

#include "tests/unit/harness/temporary.h"
#include "tests/unit/suite.h"

/* What analyzer.json holds after analyzers were asked; the capture's content is "frames\n". */
static json_t *record_of(const char *analyzer, const char *pair)
{
	struct temporary t;
	struct case_setting setting = {.analyzer = analyzer, .pair_analyzer = pair};
	char path[PATH_MAX];
	json_t *record;

	temporary_open(&t);
	temporary_write(&t, "client.pcap", "frames\n");
	temporary_write(&t, "server.pcap", "others\n");
	setting.folder = t.folder;
	CU_ASSERT_EQUAL(analyze_case(&setting), 0);
	record = json_load_file(case_file(t.folder, "analyzer.json", path), 0, NULL);
	temporary_close(&t);
	CU_ASSERT_PTR_NOT_NULL_FATAL(record);
	return record;
}

static const char *text(json_t *record, const char *key)
{
	const char *string = json_string_value(json_object_get(record, key));

	return string ? string : "(none)";
}

static void test_commands(void)
{
	static const struct {
		const char *command, *output;
		int status;
	} rows[] = {
		{"cat", "frames\n", 0}, /* executed as it is */
		{"  cat   -- ", "frames\n", 0},
		{"'cat' '-A'", "frames$\n", 0},
		{"/bin/cat -A", "frames$\n", 0},
		{"printf %s '' 'two  words' >&2; cat", "frames\n", 0}, /* by a shell */
		{"cat \"$@\" #", "frames\n", 0},
		{"X=1 cat", "frames\n", 0},
		{"cat<", "frames\n", 0},
		{"echo 'it'\"'\"'s' #", "it's\n", 0},
		{"exit 3;", "", 3},
		{":", "", 0}, /* of the shell itself */
		{"no-such-program-anywhere", "", 127},
		{"grep -q nothing", "", 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *record = record_of(rows[i].command, NULL);

		CU_ASSERT_STRING_EQUAL(text(record, "output"), rows[i].output);
		CU_ASSERT_EQUAL(json_integer_value(json_object_get(record, "status")), rows[i].status);
		CU_ASSERT_PTR_NULL(json_object_get(record, "between"));
		if (strcmp(text(record, "output"), rows[i].output) != 0)
			printf("# %s: %s\n", rows[i].command, text(record, "output"));
		json_decref(record);
	}
}

static void test_words(void)
{
	json_t *plain = record_of("cat /nonexistent", NULL), *shell = record_of("echo seen >&2; true", NULL);

	CU_ASSERT_PTR_NOT_NULL(strstr(text(plain, "words"), "/nonexistent"));
	CU_ASSERT_STRING_EQUAL(text(plain, "output"), "frames\n");
	CU_ASSERT_STRING_EQUAL(text(shell, "words"), "seen\n");
	CU_ASSERT_STRING_EQUAL(text(shell, "output"), "");
	json_decref(plain);
	json_decref(shell);
}

static void test_both(void)
{
	json_t *record = record_of("cat", "echo"), *between = json_object_get(record, "between");

	CU_ASSERT_STRING_EQUAL(text(record, "output"), "frames\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text(between, "output"), "--at-client /tmp/"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text(between, "output"), "/client.pcap --at-server /tmp/"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text(between, "output"), "/server.pcap\n"));
	json_decref(record);
}

const struct unit_test unit_tests[] = {
	{"a command of plain words and one for the shell come to the same", test_commands},
	{"standard error is kept apart from the output", test_words},
	{"the one that compares gets both captures", test_both},
	{NULL, NULL},
};
