/* variant_test.c: which cases a folder of scenarios becomes, and which of them a pattern or option chooses. */
#include "harness/variant.h"

#include "tests/unit/harness/temporary.h"
#include "tests/unit/suite.h"

#define CLIENTS                                                                                                        \
	"curl: {program: curl, command: curl, tls: {}, family: {}}\n"                                                  \
	"openssl: {program: openssl, command: openssl, tls: {}, family: {}}\n"                                         \
	"wget: {program: wget, command: wget, tls: {}, family: {}, optional: true}\n"

#define SCENARIO "title: t\nstory: s\nexpect: {outcome: established}\n"

static void write_folder(struct temporary *files)
{
	temporary_open(files);
	temporary_write(files, "clients.yaml", CLIENTS);
	temporary_write(files, "tcp/one.yaml", SCENARIO "variants: {client: curl, tls: \"1.3\"}\ntags: look-alike\n");
	temporary_write(files, "tcp/one-more.yaml", SCENARIO "variants: {client: curl, family: [ipv4, ipv6]}\n");
	temporary_write(files, "healthy/plain.yaml", SCENARIO);
	temporary_write(files, "tcp/words.yaml",
			"title: t\nstory: s\nexpect: {outcome: established, client: {wget: {exit: 4}}}\n"
			"variants: {client: [curl, wget], tls: \"1.3\"}\n");
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
	const char *tag, *only;
} rows[] = {
	{{"tcp/one"}, .names = "tcp/one/curl/tls1.3/ipv4"},
	{{"tcp"},
	 .names = "tcp/one-more/curl/tls1.2/ipv4 tcp/one-more/curl/tls1.2/ipv6 tcp/one-more/curl/tls1.3/ipv4 "
		  "tcp/one-more/curl/tls1.3/ipv6 tcp/one/curl/tls1.3/ipv4 tcp/words/curl/tls1.3/ipv4 "
		  "tcp/words/wget/tls1.3/ipv4"},
	{{"healthy"},
	 .client = "openssl",
	 .names = "healthy/plain/openssl/tls1.2/ipv4 healthy/plain/openssl/tls1.3/ipv4"},
	{{"healthy/plain/curl"}, .tls = "1.2", .names = "healthy/plain/curl/tls1.2/ipv4"},
	{{NULL}, .family = "ipv6", .names = "tcp/one-more/curl/tls1.2/ipv6 tcp/one-more/curl/tls1.3/ipv6"},
	{{"*/one*/*/tls1.2"}, .family = "ipv4", .names = "tcp/one-more/curl/tls1.2/ipv4"},
	{{"*openssl*", "tcp/one"}, .tls = "1.3", .names = "healthy/plain/openssl/tls1.3/ipv4 tcp/one/curl/tls1.3/ipv4"},
	{{NULL}, .names = "tcp/one/curl/tls1.3/ipv4", .tag = "look-alike"},
	{{"tcp"}, .names = "tcp/one/curl/tls1.3/ipv4", .only = "*/one/*"},
	{{"tcp"}, .names = "tcp/one-more/curl/tls1.3/ipv4 tcp/one-more/curl/tls1.3/ipv6", .only = "*more*tls1.3*"},
	/* An optional client's cases: where the scenario has words for it, or where it is named. */
	{{"tcp/words"}, .names = "tcp/words/curl/tls1.3/ipv4 tcp/words/wget/tls1.3/ipv4"},
	{{"healthy"}, .client = "wget", .tls = "1.3", .names = "healthy/plain/wget/tls1.3/ipv4"},
	{{"tcp/on"}, .names = "! no case matches 'tcp/on'; did you mean 'tcp/one'?"},
	{{"tcp", "udp"}, .names = "! no case matches 'udp'; 'tlslab list' shows all"},
	{{"tcp/one"},
	 .tls = "1.2",
	 .names = "! no case matches 'tcp/one' and the other options; 'tlslab list' shows all"},
	{{NULL}, .names = "! no case matches 'healthy/plian'; did you mean 'healthy/plain'?", .only = "healthy/plian"},
	{{NULL}, .client = "culr", .names = "! unknown client 'culr'; did you mean 'curl'?"},
	{{NULL}, .client = "netcat", .names = "! unknown client 'netcat'; known: curl, openssl, wget"},
	{{NULL}, .tls = "1.1", .names = "! unknown TLS version '1.1'; did you mean '1.2'?"},
	{{NULL}, .family = "ipv5", .names = "! unknown address family 'ipv5'; did you mean 'ipv4'?"},
	{{NULL}, .names = "! unknown tag 'look-alikes'; did you mean 'look-alike'?", .tag = "look-alikes"},
};

static void test_choice(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct variant_filter filter = {.patterns = rows[i].patterns,
						.client = rows[i].client,
						.tls = rows[i].tls,
						.family = rows[i].family,
						.tag = rows[i].tag,
						.only = rows[i].only};
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
	const struct variant_filter filter = {.patterns = patterns};

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
	static const struct variant_filter all = {0};
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
