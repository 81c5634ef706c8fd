/* words_test.c: what a client's own file says is laid over the scenarios, and mistakes in it are told with their
 * place. */
#include "harness/variant.h"

#include <string.h>

#include "tests/unit/harness/temporary.h"
#include "tests/unit/suite.h"

#define CLIENTS                                                                                                        \
	"curl: {program: curl, command: curl, tls: {}, family: {}}\n"                                                  \
	"wget: {program: wget, command: wget, tls: {}, family: {}, optional: true}\n"

#define EXPIRED                                                                                                        \
	"title: t\nstory: s\nexpect:\n  signature: client-flight/alert/certificate_expired\n  by: client\n"            \
	"  client: {curl: {exit: 60}}\n"

static const struct row {
	const char *words; /* of wget */
	const char *tls;
	int exit;
	const char *error, *outcome, *signature, *by, *certainty;
	const char *failure; /* of loading, behind the folder's name */
} rows[] = {
	{"a/b: {exit: 5, error: expired}\n", "1.2", 5, "expired", "failed", "client-flight/alert/certificate_expired",
	 "client", "", NULL},
	{"a/b:\n  - {tls: '1.2', exit: 5}\n  - {tls: '1.3', exit: 6, signature: client-flight/closed, certainty: "
	 "inferred}\n",
	 "1.3", 6, "", "failed", "client-flight/closed", "client", "inferred", NULL},
	{"a/b:\n  - {tls: '1.2', exit: 5}\n  - {tls: '1.3', exit: 6, signature: client-flight/closed}\n", "1.2", 5, "",
	 "failed", "client-flight/alert/certificate_expired", "client", "", NULL},
	{"a/b: {exit: 0, outcome: established}\n", "1.3", 0, "", "established", "", "", "", NULL},
	{"a/c: {exit: 0}\n", .failure = "/clients/wget.yaml:1:1: unknown scenario 'a/c'; did you mean 'a/b'?"},
	{"a/b: {error: x}\n", .failure = "/clients/wget.yaml:1:6: the key 'exit' is missing"},
	{"a/b: {exit: 1, words: x}\n", .failure = "/clients/wget.yaml:1:16: unknown key 'words'; known: tls, exit, "
						  "error, outcome, signature, by, certainty"},
	{"a/own: {exit: 1}\n", .failure = "/clients/wget.yaml:1:8: the scenario's own file has words for wget too"},
};

static void check_case(const struct row *row, const struct variants *variants)
{
	const struct scenario_expect *expect = NULL;
	const struct scenario_client_words *words;

	for (size_t i = 0; i < variants->count; i++)
		if (strcmp(variants->items[i].scenario->name, "a/b") == 0 &&
		    strcmp(variants->items[i].choice.tls, row->tls) == 0)
			expect = &variants->items[i].settings.expect;
	CU_ASSERT_PTR_NOT_NULL_FATAL(expect);
	words = scenario_words(expect, "wget");
	CU_ASSERT_PTR_NOT_NULL_FATAL(words);
	CU_ASSERT_EQUAL(words->exit, row->exit);
	CU_ASSERT_STRING_EQUAL(words->error, row->error);
	CU_ASSERT_STRING_EQUAL(expect->outcome, row->outcome);
	CU_ASSERT_STRING_EQUAL(expect->signature, row->signature);
	CU_ASSERT_STRING_EQUAL(expect->by, row->by);
	CU_ASSERT_STRING_EQUAL(expect->certainty, row->certainty);
}

static void load(const char *words, const char *client, struct temporary *files, struct variants *variants, bool *ok)
{
	const struct variant_filter filter = {.client = client};

	temporary_open(files);
	temporary_write(files, "clients.yaml", CLIENTS);
	temporary_write(files, "a/b.yaml", EXPIRED);
	temporary_write(files, "a/own.yaml",
			"title: t\nstory: s\nexpect: {outcome: established, client: {wget: {exit: 0}}}\n");
	temporary_write(files, "clients/wget.yaml", words);
	*ok = variants_load(variants, files->folder, &filter);
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct temporary files;
		struct variants variants;
		bool ok;

		load(rows[i].words, "wget", &files, &variants, &ok);
		CU_ASSERT_EQUAL(ok, rows[i].failure == NULL);
		if (ok && !rows[i].failure)
			check_case(&rows[i], &variants);
		if (!ok && rows[i].failure && strcmp(variants.error + strlen(files.folder), rows[i].failure) != 0) {
			CU_FAIL("another error");
			printf("# %s\n", variants.error);
		}
		variants_free(&variants);
		temporary_close(&files);
	}
}

/* A file of words is no reason to run an optional client that nobody has asked for. */
static void test_asked_for(void)
{
	for (int asked = 0; asked < 2; asked++) {
		struct temporary files;
		struct variants variants;
		size_t count = 0;
		bool ok;

		load("a/b: {exit: 5}\n", asked ? "wget" : NULL, &files, &variants, &ok);
		CU_ASSERT_FATAL(ok);
		for (size_t i = 0; i < variants.count; i++)
			count += strncmp(variants.items[i].name, "a/b/wget", strlen("a/b/wget")) == 0;
		CU_ASSERT_EQUAL(count, asked ? 2 : 0);
		variants_free(&variants);
		temporary_close(&files);
	}
}

const struct unit_test unit_tests[] = {
	{"a client's words and what differs for it are laid over the scenario", test_rows},
	{"an optional client with words of its own runs when it is asked for", test_asked_for},
	{NULL, NULL},
};
