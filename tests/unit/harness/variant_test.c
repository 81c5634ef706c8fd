/* variant_test.c: which cases a folder of scenarios becomes, and which of them a pattern or option chooses. */
#include "harness/variant.h"

#include "tests/unit/harness/temporary.h"
#include "tests/unit/suite.h"

#define CLIENTS                                                                                                        \
	"curl: {program: curl, command: curl, tls: {}, family: {}}\n"                                                  \
	"openssl: {program: openssl, command: openssl, tls: {}, family: {}}\n"

#define SCENARIO "title: t\nstory: s\nexpect: {outcome: established}\n"

static void write_folder(struct temporary *files)
{
	temporary_open(files);
	temporary_write(files, "clients.yaml", CLIENTS);
	temporary_write(files, "tcp/one.yaml", SCENARIO "variants: {client: curl, tls: \"1.3\"}\n");
	temporary_write(files, "tcp/one-more.yaml", SCENARIO "variants: {client: curl, family: [ipv4, ipv6]}\n");
	temporary_write(files, "healthy/plain.yaml", SCENARIO);
}

/* The names of all cases, joined by spaces, or the error behind "! ", with the folder's own name cut away. */
static void load(const struct variant_filter *filter, char *names, size_t size)
{
	struct temporary files;
	struct variants variants;
	size_t used = 0;

	write_folder(&files);
	names[0] = '\0';
	if (!variants_load(&variants, files.folder, filter)) {
		const char *error = variants.error;
		size_t folder = strlen(files.folder);

		snprintf(names, size, "! %s", strncmp(error, files.folder, folder) == 0 ? error + folder : error);
	}
	for (size_t i = 0; names[0] != '!' && i < variants.count && used < size; i++)
		used += (size_t)snprintf(names + used, size - used, "%s%s", used ? " " : "", variants.items[i].name);
	variants_free(&variants);
	temporary_close(&files);
}

static const struct {
	const char *patterns[4];
	const char *client, *tls, *family;
	const char *names;
} rows[] = {
	{{"tcp/one"}, NULL, NULL, NULL, "tcp/one/curl/tls1.3/ipv4"},
	{{"tcp"},
	 NULL,
	 NULL,
	 NULL,
	 "tcp/one-more/curl/tls1.2/ipv4 tcp/one-more/curl/tls1.2/ipv6 tcp/one-more/curl/tls1.3/ipv4 "
	 "tcp/one-more/curl/tls1.3/ipv6 tcp/one/curl/tls1.3/ipv4"},
	{{"healthy"}, "openssl", NULL, NULL, "healthy/plain/openssl/tls1.2/ipv4 healthy/plain/openssl/tls1.3/ipv4"},
	{{"healthy/plain/curl"}, NULL, "1.2", NULL, "healthy/plain/curl/tls1.2/ipv4"},
	{{NULL}, NULL, NULL, "ipv6", "tcp/one-more/curl/tls1.2/ipv6 tcp/one-more/curl/tls1.3/ipv6"},
	{{"*/one*/*/tls1.2"}, NULL, NULL, "ipv4", "tcp/one-more/curl/tls1.2/ipv4"},
	{{"*openssl*", "tcp/one"}, NULL, "1.3", NULL, "healthy/plain/openssl/tls1.3/ipv4 tcp/one/curl/tls1.3/ipv4"},
	{{"tcp/on"}, NULL, NULL, NULL, "! no case matches 'tcp/on'; 'tlslab list' shows all"},
	{{"tcp", "udp"}, NULL, NULL, NULL, "! no case matches 'udp'; 'tlslab list' shows all"},
	{{NULL}, "wget", NULL, NULL, "! no case matches; 'tlslab list' shows all"},
};

static void test_choice(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct variant_filter filter = {rows[i].patterns, rows[i].client, rows[i].tls, rows[i].family};
		char names[2048];

		load(&filter, names, sizeof(names));
		CU_ASSERT_STRING_EQUAL(names, rows[i].names);
		if (strcmp(names, rows[i].names) != 0)
			printf("# %zu: %s\n", i, names);
	}
}

static void test_file(void)
{
	struct temporary files;
	struct variants variants;
	char path[PATH_MAX];
	const char *const patterns[] = {path, NULL};
	const struct variant_filter filter = {patterns, NULL, NULL, NULL};

	write_folder(&files);
	snprintf(path, sizeof(path), "%s", temporary_write(&files, "mine/new.yaml", SCENARIO));
	CU_ASSERT_FATAL(variants_load(&variants, files.folder, &filter));
	CU_ASSERT_EQUAL(variants.scenario_count, 1);
	CU_ASSERT_EQUAL(variants.count, 4);
	CU_ASSERT_STRING_EQUAL(variants.items[0].name, "mine/new/curl/tls1.2/ipv4");
	CU_ASSERT_PTR_EQUAL(variants.items[3].client, clients_find(&variants.clients, "openssl"));
	CU_ASSERT_STRING_EQUAL(variants.items[3].settings.expect.outcome, "established");
	variants_free(&variants);
	temporary_close(&files);
}

static void test_errors(void)
{
	static const struct variant_filter all = {NULL, NULL, NULL, NULL};
	struct temporary files;
	struct variants variants;
	char expected[2 * PATH_MAX];

	write_folder(&files);
	snprintf(expected, sizeof(expected), "%s:4:1: unknown key 'varaints'; did you mean 'variants'?",
		 temporary_write(&files, "tcp/one.yaml", SCENARIO "varaints: {}\n"));
	CU_ASSERT_FALSE(variants_load(&variants, files.folder, &all));
	CU_ASSERT_STRING_EQUAL(variants.error, expected);
	variants_free(&variants);
	temporary_close(&files);

	CU_ASSERT_FALSE(variants_load(&variants, "/nonexistent", &all));
	CU_ASSERT_STRING_EQUAL(variants.error, "/nonexistent/clients.yaml: No such file or directory");
	variants_free(&variants);

	temporary_open(&files);
	temporary_write(&files, "clients.yaml", CLIENTS);
	snprintf(expected, sizeof(expected), "%s: no scenario files (STAGE/NAME.yaml) here", files.folder);
	CU_ASSERT_FALSE(variants_load(&variants, files.folder, &all));
	CU_ASSERT_STRING_EQUAL(variants.error, expected);
	variants_free(&variants);
	temporary_close(&files);
}

const struct unit_test unit_tests[] = {
	{"patterns and options choose the right cases, in order", test_choice},
	{"a scenario file can be named by its path", test_file},
	{"what cannot be loaded is told", test_errors},
	{NULL, NULL},
};
