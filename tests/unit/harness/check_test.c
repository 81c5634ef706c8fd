/* check_test.c: the four results: a case that passes, and every way in which it then does not. */
#include "harness/check.h"

#include "tests/unit/harness/temporary.h"
#include "tests/unit/suite.h"

#define CLIENTS "curl: {program: curl, command: curl, tls: {}, family: {}}\n"

#define RESET                                                                                                          \
	"title: t\nstory: s\n"                                                                                         \
	"server: {steps: [read client-hello, {send-text: x}, reset]}\n"                                                \
	"expect: {signature: server-hello/reset, by: server, client: {curl: {exit: 35, error: reset by peer}}}\n"
#define DROP                                                                                                           \
	"title: t\nstory: s\npath: {nft: counter drop}\n"                                                              \
	"expect: {signature: tcp/timeout, by: unknown, client: {curl: {exit: 28}}}\n"
#define EXPIRED                                                                                                        \
	"title: t\nstory: s\nserver: {certificate: expired}\n"                                                         \
	"expect: {signature: client-flight/alert/encrypted, by: client, certainty: inferred,\n"                        \
	"  server: {handshake: failed, error: alert}, client: {curl: {exit: 60}}}\n"
#define HEALTHY                                                                                                        \
	"title: t\nstory: s\nexpect: {outcome: established, server: {handshake: done}, client: {curl: {exit: 0}}}\n"

#define READY "{'event':'ready'}"
#define STEP(c, name) ",{'event':'step','connection':" #c ",'step':'" name "'}"
#define STEPS READY STEP(1, "read client-hello") STEP(1, "send-text") STEP(1, "reset")
#define HANDSHAKE(ok, error) ",{'event':'handshake','connection':1,'ok':" ok ",'error':'" error "'}"

#define CLIENT(status, output) "'client':{'status':" #status ",'signal':0,'late':false,'output':'" output "'}"
#define CELL(client, server, counters) "{" client ",'server':[" server "],'counters':[" counters "]}"
#define RESET_CELL CELL(CLIENT(35, "curl: Recv failure: Connection reset by peer\\n"), STEPS, "")
#define DROP_CELL CELL(CLIENT(28, ""), READY, "{'chain':'forward','name':'','packets':3}")
#define EXPIRED_CELL CELL(CLIENT(60, "words"), READY HANDSHAKE("false", "tlsv1 alert expired"), "")
#define HEALTHY_CELL CELL(CLIENT(0, "ok\\n"), READY HANDSHAKE("true", ""), "")

/* A verdict on one line, as the JSON string that analyzer.json holds. */
#define VERDICT(address, outcome, signature, by, certainty)                                                            \
	"{\\'server\\':{\\'address\\':\\'" address "\\',\\'port\\':443},\\'outcome\\':\\'" outcome                     \
	"\\',\\'signature\\':\\'" signature "\\',\\'by\\':\\'" by "\\',\\'certainty\\':\\'" certainty "\\'}\\n"
#define FAILED(signature, by, certainty) VERDICT("203.0.113.20", "failed", signature, by, certainty)
#define ANALYSIS(status, output) "{'status':" #status ",'signal':0,'late':false,'output':'" output "'}"
#define RESET_ANALYSIS ANALYSIS(1, FAILED("server-hello/reset", "server", "seen"))
#define HEALTHY_ANALYSIS ANALYSIS(0, VERDICT("203.0.113.20", "established", "", "", "seen"))

/* What a comparison of both captures says of the dropped SYN. */
#define LOST                                                                                                           \
	"title: t\nstory: s\npath: {nft: counter drop}\n"                                                              \
	"expect: {signature: tcp/timeout, by: unknown, between: {dropped: to-server, by: network},\n"                  \
	"  client: {curl: {exit: 28}}}\n"
#define LOST_PERHAPS                                                                                                   \
	"title: t\nstory: s\npath: {nft: counter drop}\n"                                                              \
	"expect: {signature: tcp/timeout, by: unknown, between: {may: dropped, by: network},\n"                        \
	"  client: {curl: {exit: 28}}}\n"
#define SAID(what, direction) "{\\'what\\':\\'" what "\\',\\'direction\\':\\'" direction "\\',\\'field\\':null}"
#define CHANGED(field) "{\\'what\\':\\'changed\\',\\'direction\\':\\'to-client\\',\\'field\\':\\'" field "\\'}"
#define BOTH(by, differences)                                                                                          \
	"{\\'server\\':{\\'address\\':\\'203.0.113.20\\',\\'port\\':443},\\'outcome\\':\\'failed\\',"                  \
	"\\'signature\\':\\'tcp/timeout\\',\\'by\\':\\'" by "\\',\\'certainty\\':\\'seen\\',"                          \
	"\\'between\\':{\\'differences\\':[" differences "]}}\\n"
#define COMPARED(status, output)                                                                                       \
	"{'status':1,'signal':0,'late':false,'output':'" FAILED(                                                       \
		"tcp/timeout", "unknown", "seen") "','between':{'status':" status ",'output':'" output                 \
						  "','words':'what it said'}}"

struct row {
	const char *scenario, *cell, *analysis; /* JSON with ' for " */
	enum check_result result;
	const char *why; /* part of it */
};

static const struct row rows[] = {
	{RESET, RESET_CELL, RESET_ANALYSIS, CHECK_PASS, ""},
	{HEALTHY, HEALTHY_CELL, HEALTHY_ANALYSIS, CHECK_PASS, ""},
	{DROP, DROP_CELL, ANALYSIS(1, FAILED("tcp/timeout", "unknown", "seen")), CHECK_PASS, ""},
	{EXPIRED, EXPIRED_CELL, ANALYSIS(1, FAILED("client-flight/alert/encrypted", "client", "inferred")), CHECK_PASS,
	 ""},
	/* A verdict on another connection is none of ours. */
	{RESET, RESET_CELL,
	 ANALYSIS(1, VERDICT("203.0.113.99", "established", "", "", "seen")
			     FAILED("server-hello/reset", "server", "seen")),
	 CHECK_PASS, ""},

	/* Both captures compared: neither more nor less than the scenario says. */
	{LOST, DROP_CELL, COMPARED("1", BOTH("network", SAID("dropped", "to-server"))), CHECK_PASS, ""},
	{LOST, DROP_CELL, COMPARED("1", BOTH("network", SAID("partly-dropped", "to-server"))), CHECK_PASS, ""},
	{LOST, DROP_CELL, ANALYSIS(1, FAILED("tcp/timeout", "unknown", "seen")), CHECK_PASS, ""}, /* nobody was asked */
	{LOST_PERHAPS, DROP_CELL, COMPARED("1", BOTH("network", "")), CHECK_PASS, ""},
	{LOST_PERHAPS, DROP_CELL, COMPARED("1", BOTH("network", SAID("dropped", "to-client"))), CHECK_PASS, ""},
	{LOST, DROP_CELL, COMPARED("1", BOTH("unknown", SAID("dropped", "to-server"))), CHECK_FAIL,
	 "of both captures the analyzer's by is 'unknown', not 'network'"},
	{LOST, DROP_CELL, COMPARED("1", BOTH("network", "")), CHECK_FAIL,
	 "of both captures the analyzer does not say 'dropped to-server'"},
	{LOST, DROP_CELL, COMPARED("1", BOTH("network", SAID("dropped", "to-server") "," CHANGED("mss"))), CHECK_FAIL,
	 "says 'changed mss', which the scenario does not"},
	{DROP, DROP_CELL, COMPARED("1", BOTH("unknown", SAID("dropped", "to-server"))), CHECK_FAIL,
	 "says 'dropped to-server', which the scenario does not"},
	{LOST, DROP_CELL, COMPARED("2", ""), CHECK_FAIL, "could not do its work: what it said"},
	{LOST, DROP_CELL, COMPARED("null", ""), CHECK_FAIL, "could not do its work"},
	{LOST, DROP_CELL, COMPARED("1", FAILED("tcp/timeout", "network", "seen")), CHECK_FAIL,
	 "says nothing of the way between them"},
	{LOST, DROP_CELL,
	 COMPARED("1", BOTH("network", SAID("dropped", "to-server")) BOTH("network", SAID("dropped", "to-server"))),
	 CHECK_FAIL, "of both captures the analyzer gave 2 verdicts"},
	{LOST, DROP_CELL, COMPARED("1", "words\\n" BOTH("network", SAID("dropped", "to-server"))), CHECK_FAIL,
	 "of both captures the analyzer printed a line that is no JSON object: words"},

	/* The analyzer is wrong. */
	{RESET, RESET_CELL, ANALYSIS(1, FAILED("server-hello/closed", "server", "seen")), CHECK_FAIL,
	 "the analyzer's signature is 'server-hello/closed', not 'server-hello/reset'"},
	{RESET, RESET_CELL, ANALYSIS(1, FAILED("server-hello/reset/injected", "server", "seen")), CHECK_FAIL,
	 "signature"},
	{RESET, RESET_CELL, ANALYSIS(1, FAILED("server-hello/reset", "network", "seen")), CHECK_FAIL,
	 "the analyzer's by is 'network', not 'server'"},
	{RESET, RESET_CELL, ANALYSIS(1, FAILED("server-hello/reset", "server", "inferred")), CHECK_FAIL,
	 "the analyzer's certainty is 'inferred', not 'seen'"},
	{EXPIRED, EXPIRED_CELL, ANALYSIS(1, FAILED("client-flight/alert/encrypted", "client", "seen")), CHECK_FAIL,
	 "the analyzer's certainty is 'seen', not 'inferred'"},
	{RESET, RESET_CELL, HEALTHY_ANALYSIS, CHECK_FAIL, "the analyzer's outcome is 'established', not 'failed'"},
	{RESET, RESET_CELL, HEALTHY_ANALYSIS, CHECK_FAIL,
	 "the analyzer gives no signature, where 'server-hello/reset' is right"},
	{HEALTHY, HEALTHY_CELL, RESET_ANALYSIS, CHECK_FAIL, "the analyzer's outcome is 'failed', not 'established'"},
	{RESET, RESET_CELL, ANALYSIS(0, ""), CHECK_FAIL, "0 verdicts on 203.0.113.20 port 443 instead of 1"},
	{RESET, RESET_CELL,
	 ANALYSIS(1, FAILED("server-hello/reset", "server", "seen") FAILED("server-hello/reset", "server", "seen")),
	 CHECK_FAIL, "2 verdicts"},
	{RESET, RESET_CELL, ANALYSIS(1, "words\\n" FAILED("server-hello/reset", "server", "seen")), CHECK_FAIL,
	 "no JSON object: words"},
	{RESET, RESET_CELL, ANALYSIS(2, FAILED("server-hello/reset", "server", "seen")), CHECK_FAIL,
	 "the analyzer ended with 2"},
	{RESET, RESET_CELL, "{'status':-1,'signal':11,'late':false,'output':''}", CHECK_FAIL, "by signal 11"},
	{RESET, RESET_CELL, "{'status':-1,'signal':9,'late':true,'output':''}", CHECK_FAIL, "did not end"},
	{RESET, RESET_CELL, "{'error':'sh: no such program'}", CHECK_FAIL, "could not be run: sh: no such program"},

	/* The client did not see what the scenario says; what the analyzer said is not blamed then. */
	{RESET, CELL(CLIENT(0, "Connection reset by peer"), STEPS, ""), RESET_ANALYSIS, CHECK_BROKEN,
	 "curl ended with 0, not 35"},
	{RESET, CELL(CLIENT(35, "first\\nother words\\n"), STEPS, ""), RESET_ANALYSIS, CHECK_BROKEN,
	 "curl did not say 'reset by peer'; its last words: other words"},
	{RESET, CELL("'client':{'status':-1,'signal':9,'late':true,'output':''}", STEPS, ""), RESET_ANALYSIS,
	 CHECK_BROKEN, "curl did not end in time"},
	{RESET, CELL("'client':{'status':-1,'signal':11,'late':false,'output':''}", STEPS, ""), RESET_ANALYSIS,
	 CHECK_BROKEN, "curl was ended by signal 11"},
	{"title: t\nstory: s\nexpect: {outcome: established}\n", HEALTHY_CELL, HEALTHY_ANALYSIS, CHECK_BROKEN,
	 "the scenario does not say what curl sees; it saw exit 0: ok"},

	/* The fault did not fire. */
	{RESET, CELL(CLIENT(35, "reset by peer"), READY, ""), RESET_ANALYSIS, CHECK_BROKEN,
	 "the server did not come to its step 'read client-hello': the fault did not fire"},
	{RESET, CELL(CLIENT(35, "reset by peer"), READY STEP(1, "read client-hello") STEP(1, "reset"), ""),
	 RESET_ANALYSIS, CHECK_BROKEN, "step 'send-text'"},
	{RESET,
	 CELL(CLIENT(35, "reset by peer"), READY STEP(1, "read client-hello") STEP(1, "send-text") STEP(2, "reset"),
	      ""),
	 RESET_ANALYSIS, CHECK_BROKEN, "step 'reset'"},
	{DROP, CELL(CLIENT(28, ""), READY, "{'chain':'forward','name':'','packets':0}"),
	 ANALYSIS(1, FAILED("tcp/timeout", "unknown", "seen")), CHECK_BROKEN, "rule 1 of forward matched no packet"},
	{DROP, CELL(CLIENT(28, ""), READY, ""), ANALYSIS(1, FAILED("tcp/timeout", "unknown", "seen")), CHECK_BROKEN,
	 "no firewall rule has a counter"},
	{EXPIRED, CELL(CLIENT(60, ""), READY HANDSHAKE("true", ""), ""), RESET_ANALYSIS, CHECK_BROKEN,
	 "the server should have said of its handshake: failed, alert; it said: done"},
	{EXPIRED, CELL(CLIENT(60, ""), READY HANDSHAKE("false", "no shared cipher"), ""), RESET_ANALYSIS, CHECK_BROKEN,
	 "it said: no shared cipher"},
	{HEALTHY, CELL(CLIENT(0, ""), READY, ""), HEALTHY_ANALYSIS, CHECK_BROKEN, "it said: nothing"},
	{HEALTHY, CELL(CLIENT(0, ""), READY HANDSHAKE("true", "") ",{'event':'error','message':'oops'}", ""),
	 HEALTHY_ANALYSIS, CHECK_BROKEN, "the server: oops"},

	/* The case was not run. */
	{RESET, "{'error':'no room'}", NULL, CHECK_BROKEN, "no room"},
	{RESET, "{'skip':'this kernel has no IPv6'}", NULL, CHECK_SKIP, "this kernel has no IPv6"},
};

static json_t *parse(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	json = json_loads(copy, 0, NULL);
	free(copy);
	if (!json)
		abort();
	return json;
}

static void check_row(size_t number, const struct row *row, const struct variant *variant)
{
	json_t *cell = parse(row->cell), *analysis = row->analysis ? parse(row->analysis) : NULL;
	struct check check;

	check_case(variant, cell, analysis, &check);
	CU_ASSERT_EQUAL(check.result, row->result);
	CU_ASSERT_PTR_NOT_NULL(strstr(check.why, row->why));
	CU_ASSERT_TRUE((check.result == CHECK_PASS) == (check.why[0] == '\0'));
	CU_ASSERT_TRUE(check.injected && check.proof && check.client && check.analyzer && check.expected);
	if (check.result != row->result || !strstr(check.why, row->why))
		printf("# row %zu: %s: %s\n", number, check_result_name(check.result), check.why);
	check_free(&check);
	json_decref(cell);
	json_decref(analysis);
}

static void with_scenario(const char *text, void (*run)(size_t number, const struct row *row, const struct variant *),
			  size_t number, const struct row *row)
{
	static const struct variant_filter all = {.tls = "1.3"};
	struct temporary files;
	struct variants variants;

	temporary_open(&files);
	temporary_write(&files, "clients.yaml", CLIENTS);
	temporary_write(&files, "tcp/x.yaml", text);
	CU_ASSERT_FATAL(variants_load(&variants, files.folder, &all));
	CU_ASSERT_FATAL(variants.count == 1);
	run(number, row, &variants.items[0]);
	variants_free(&variants);
	temporary_close(&files);
}

static void test_results(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		with_scenario(rows[i].scenario, check_row, i, &rows[i]);
}

static void check_words(size_t number, const struct row *row, const struct variant *variant)
{
	json_t *cell = parse(row->cell), *analysis = parse(row->analysis);
	struct check check;

	(void)number;
	check_case(variant, cell, analysis, &check);
	CU_ASSERT_STRING_EQUAL(check.injected, "server: read client-hello, send-text \"x\", reset");
	CU_ASSERT_STRING_EQUAL(check.proof, "the server did all its 3 steps");
	CU_ASSERT_STRING_EQUAL(check.client, "35 reset by peer");
	CU_ASSERT_STRING_EQUAL(check.analyzer, "server-hello/reset by server");
	CU_ASSERT_STRING_EQUAL(check.expected, "server-hello/reset by server");
	check_free(&check);
	json_decref(cell);
	json_decref(analysis);
}

static void test_words(void)
{
	with_scenario(RESET, check_words, 0, &rows[0]);
}

/* Two proofs in one line. */
static void check_both_proofs(size_t number, const struct row *row, const struct variant *variant)
{
	json_t *cell = parse(row->cell), *analysis = parse(row->analysis);
	struct check check;

	(void)number;
	check_case(variant, cell, analysis, &check);
	CU_ASSERT_STRING_EQUAL(check.proof, "rule 1 of forward matched 3; no server was started");
	check_free(&check);
	json_decref(cell);
	json_decref(analysis);
}

static void test_proofs(void)
{
	static const struct row row = {NULL, DROP_CELL, ANALYSIS(1, FAILED("tcp/timeout", "unknown", "seen")),
				       CHECK_PASS, ""};

	with_scenario("title: t\nstory: s\npath: {nft: counter drop}\nserver: {listen: false}\n"
		      "expect: {signature: tcp/timeout, by: unknown, client: {curl: {exit: 28}}}\n",
		      check_both_proofs, 0, &row);
}

const struct unit_test unit_tests[] = {
	{"every result has its reason", test_results},
	{"a case is told in its own words", test_words},
	{"each proof is told by itself", test_proofs},
	{NULL, NULL},
};
