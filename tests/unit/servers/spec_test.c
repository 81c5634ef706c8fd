/* spec_test.c: specifications and their steps are read, and what is wrong with one is said in words that name the
 * place. */
#include "servers/spec.h"

#include <string.h>

#include "tests/unit/suite.h"

#define LISTEN "\"listen\": [{\"address\": \"127.0.0.1\", \"port\": 0}]"

static struct spec *parse(const char *text, char *error)
{
	return spec_parse(text, strlen(text), error);
}

static struct spec *parse_steps(const char *steps, char *error)
{
	char text[1024];

	snprintf(text, sizeof(text), "{" LISTEN ", \"steps\": %s}", steps);
	return parse(text, error);
}

static void test_full(void)
{
	char error[COMPLAINT_MAX] = "";
	struct spec *spec = parse(
		"{\"listen\": [{\"address\": \"127.0.0.1\", \"port\": 443}, {\"address\": \"::1\", \"port\": 8443, "
		"\"full\": true}], \"certificate\": \"c\", \"key\": \"k\", \"staple\": \"s\", "
		"\"tls\": [[\"MinProtocol\", \"TLSv1.2\"], [\"Options\", \"\"]], \"alpn\": [\"h2\"], "
		"\"server-names\": [\"a\", \"b\"], \"psk\": \"00ff\", \"rotate-ticket-keys\": true, "
		"\"wait-for-request\": false}",
		error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(spec);
	CU_ASSERT_EQUAL(spec->listen_count, 2);
	CU_ASSERT_EQUAL(spec->listen[1].port, 8443);
	CU_ASSERT(spec->listen[1].full && !spec->listen[0].full);
	CU_ASSERT_EQUAL(spec->tls_count, 2);
	CU_ASSERT_STRING_EQUAL(spec->tls[0].name, "MinProtocol");
	CU_ASSERT_STRING_EQUAL(spec->tls[1].value, "");
	CU_ASSERT_EQUAL(spec->server_names_count, 2);
	CU_ASSERT(spec->psk_length == 2 && spec->psk[1] == 0xff);
	CU_ASSERT(spec->rotate_ticket_keys);
	CU_ASSERT(spec->hasty);
	spec_free(spec);
}

static void test_default_steps(void)
{
	char error[COMPLAINT_MAX] = "";
	struct spec *spec = parse("{" LISTEN "}", error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(spec);
	CU_ASSERT_EQUAL(spec->steps.count, 4);
	CU_ASSERT_STRING_EQUAL(spec->steps.step[0].label, "handshake");
	CU_ASSERT_STRING_EQUAL(spec->steps.step[1].label, "http");
	CU_ASSERT_PTR_NULL(spec->steps.step[2].label);
	CU_ASSERT_EQUAL(spec->steps.step[3].kind->end, STEP_CLOSES);
	CU_ASSERT_FALSE(spec->steps.deaf);
	spec_free(spec);
}

/* A step as a string, with its argument after its name or without one, and as an object. */
static void test_step_shapes(void)
{
	char error[COMPLAINT_MAX] = "";
	struct spec *spec = parse_steps(
		"[\"read client-hello\", \"handshake until server-hello\", {\"alert\": \"protocol_version\"}, "
		"\"alert 49\", {\"alert\": {\"description\": 0, \"level\": \"warning\", \"version\": 769}}, "
		"{\"send-hex\": {\"bytes\": \"16 0303 0000\", \"times\": 3}}, \"stall 20\", \"hold\"]",
		error);
	const struct step *step;

	CU_ASSERT_PTR_NOT_NULL_FATAL(spec);
	step = spec->steps.step;
	CU_ASSERT_EQUAL(spec->steps.count, 8);
	CU_ASSERT_STRING_EQUAL(step[1].label, "handshake until server-hello");
	CU_ASSERT_STRING_EQUAL(step[1].kind->name, "handshake until");
	CU_ASSERT(step[2].bytes.length == 7 && memcmp(step[2].bytes.data, "\x15\x03\x03\x00\x02\x02\x46", 7) == 0);
	CU_ASSERT_STRING_EQUAL(step[2].label, "alert");
	CU_ASSERT(memcmp(step[3].bytes.data, "\x15\x03\x03\x00\x02\x02\x31", 7) == 0);
	CU_ASSERT(memcmp(step[4].bytes.data, "\x15\x03\x01\x00\x02\x01\x00", 7) == 0);
	CU_ASSERT(step[5].bytes.length == 5 && step[5].number == 3);
	CU_ASSERT_EQUAL(step[6].number, 20);
	spec_free(spec);
}

static void test_deaf(void)
{
	static const struct {
		const char *steps;
		bool deaf;
	} rows[] = {
		{"[\"close\"]", true},
		{"[\"reset\"]", true},
		{"[{\"stall\": 5}, \"reset\"]", true},
		{"[\"await data\", \"close\"]", true},
		{"[{\"send-text\": \"x\"}]", true},
		{"[\"hold\"]", false},
		{"[\"read client-hello\", \"reset\"]", false},
		{"[{\"preamble\": \"smtp\"}, \"close\"]", false},
	};
	char error[COMPLAINT_MAX] = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct spec *spec = parse_steps(rows[i].steps, error);

		CU_ASSERT_PTR_NOT_NULL_FATAL(spec);
		CU_ASSERT_EQUAL(spec->steps.deaf, rows[i].deaf);
		spec_free(spec);
	}
}

/* A preamble becomes many steps, of which the last speaks for all. */
static void test_preambles(void)
{
	static const char *const protocols[] = {"smtp", "imap",     "pop3",  "ftp",     "ldap",
						"xmpp", "postgres", "mysql", "connect", "irc"};

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		for (int refuse = 0; refuse < 2; refuse++) {
			char steps[128], error[COMPLAINT_MAX] = "";
			struct spec *spec;

			snprintf(steps, sizeof(steps),
				 "[{\"preamble\": {\"protocol\": \"%s\", \"refuse\": %s}}, \"hold\"]", protocols[i],
				 refuse ? "true" : "false");
			spec = parse_steps(steps, error);
			CU_ASSERT_PTR_NOT_NULL_FATAL(spec);
			CU_ASSERT_STRING_EQUAL(spec->steps.step[spec->steps.count - 2].label, "preamble");
			for (size_t k = 0; k + 2 < spec->steps.count; k++)
				CU_ASSERT_PTR_NULL(spec->steps.step[k].label);
			spec_free(spec);
		}
}

static void test_complaints(void)
{
	static const struct {
		const char *text;
		const char *words;
	} rows[] = {
		{"", "not JSON"},
		{"[]", "must be one JSON object"},
		{"{}", "listen: missing"},
		{"{\"listen\": []}", "listen: must be a list"},
		{"{\"listen\": [{\"address\": \"localhost\", \"port\": 1}]}", "listen[0].address: \"localhost\""},
		{"{\"listen\": [{\"address\": \"::1\", \"port\": 65536}]}", "listen[0].port: 65536"},
		{"{\"listen\": [{\"address\": \"::1\", \"port\": 1, \"prot\": 2}]}",
		 "listen[0]: 1 object item(s) left unpacked: prot"},
		{"{" LISTEN ", \"lisen\": 1}", "unknown key \"lisen\""},
		{"{" LISTEN ", \"key\": \"k\"}", "certificate and key"},
		{"{" LISTEN ", \"tls\": {\"MinProtocol\": \"TLSv1.2\"}}", "tls: must be a list"},
		{"{" LISTEN ", \"tls\": [[\"MinProtocol\"]]}", "tls[0]"},
		{"{" LISTEN ", \"psk\": \"0\"}", "psk"},
		{"{" LISTEN ", \"alpn\": [\"\"]}", "alpn"},
		{"{" LISTEN ", \"key\": \"k\", \"key\": \"k\"}", "duplicate"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char error[COMPLAINT_MAX] = "";

		CU_ASSERT_PTR_NULL(parse(rows[i].text, error));
		CU_ASSERT_PTR_NOT_NULL(strstr(error, rows[i].words));
	}
}

static void test_step_complaints(void)
{
	static const struct {
		const char *steps;
		const char *words;
	} rows[] = {
		{"\"close\"", "steps: must be a list"},
		{"[]", "steps: must be a list"},
		{"[\"shut\"]", "steps[0]: unknown step \"shut\"; there are: read client-hello"},
		{"[\"handshake\", {\"shut\": 1}]", "steps[1]: unknown step \"shut\""},
		{"[{\"alert\": 1, \"stall\": 2}]", "steps[0]: a step is an object with one key"},
		{"[7]", "steps[0]: a step is a string or an object"},
		{"[\"close\", \"hold\"]", "steps[1]: nothing can follow \"close\""},
		{"[\"close now\"]", "\"close\": it takes no argument"},
		{"[\"alert\"]", "\"alert\": it needs an argument"},
		{"[\"alert no_such\"]", "\"alert\": must be an alert's IANA name"},
		{"[{\"alert\": {\"description\": 1, \"level\": \"loud\"}}]", "level: must be fatal or warning"},
		{"[{\"stall\": -1}]", "\"stall\": must be a number"},
		{"[{\"send-hex\": \"0\"}]", "\"0\" is not hexadecimal"},
		{"[{\"send-hex\": {\"bytes\": \"00\", \"times\": 0}}]", "times: must be 1 to"},
		{"[{\"split\": {}}]", "segments, records"},
		{"[\"handshake until tea\"]", "must be one of: server-hello, hello-retry-request"},
		{"[\"corrupt server-flight\"]", "must be one message"},
		{"[\"corrupt client-hello\"]", "must be one message"},
		{"[{\"send server-hello\": {\"versoin\": 1}}]", "unknown field \"versoin\""},
		{"[{\"send server-hello\": {\"session-id\": \"0\"}}]", "session-id"},
		{"[\"preamble telnet\"]", "must be one of: smtp, imap"},
		{"[{\"answer-lines\": [[\"a\"]]}]", "[0]: must be a pair"},
		{"[{\"http\": -1}]", "\"http\": must be a number"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char error[COMPLAINT_MAX] = "";

		CU_ASSERT_PTR_NULL(parse_steps(rows[i].steps, error));
		if (!strstr(error, rows[i].words))
			printf("# %s: %s\n", rows[i].steps, error);
		CU_ASSERT_PTR_NOT_NULL(strstr(error, rows[i].words));
	}
}

static void test_too_many_steps(void)
{
	char text[8192] = "[\"handshake\"", error[COMPLAINT_MAX] = "";
	char whole[9000];

	for (int i = 0; i < STEPS_MAX; i++)
		strcat(text, ", \"handshake\"");
	strcat(text, "]");
	snprintf(whole, sizeof(whole), "{" LISTEN ", \"steps\": %s}", text);
	CU_ASSERT_PTR_NULL(parse(whole, error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "more than"));
}

const struct unit_test unit_tests[] = {
	{"every key is read", test_full},
	{"without steps it is a server that is well", test_default_steps},
	{"a step is a string, a string with its argument, or an object", test_step_shapes},
	{"a list that ends a connection before it reads is deaf until then", test_deaf},
	{"a preamble is steps, reported as one", test_preambles},
	{"a wrong specification is refused in words that name the place", test_complaints},
	{"a wrong step is refused in words that name the place", test_step_complaints},
	{"there is a limit to the number of steps", test_too_many_steps},
	{NULL, NULL},
};
