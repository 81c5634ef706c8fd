/* scenario_test.c: what scenario files and clients.yaml may hold, and what is said of those that hold something
 * else. */
#include "harness/scenario.h"

#include "tests/unit/harness/temporary.h"
#include "tests/unit/suite.h"

#define CLIENTS                                                                                                        \
	"curl:\n"                                                                                                      \
	"  program: curl\n"                                                                                            \
	"  command: [curl, \"{tls}\", --cacert, \"{trust}\", \"{family}\", \"{options}\", "                            \
	"\"https://{host}:{port}/{patience}\"]\n"                                                                      \
	"  tls: {\"1.2\": [--tls-max, \"1.2\"], \"1.3\": []}\n"                                                        \
	"  family: {ipv4: -4, ipv6: -6}\n"                                                                             \
	"openssl:\n"                                                                                                   \
	"  program: openssl\n"                                                                                         \
	"  command: openssl\n"                                                                                         \
	"  tls: {}\n"                                                                                                  \
	"  family: {}\n"                                                                                               \
	"  input: \"GET\\r\\n\"\n"

#define HEAD "title: t\nstory: s\n"
#define TAIL "expect: {signature: tcp/timeout, by: unknown}\n"

struct fixture {
	struct temporary files;
	struct clients clients;
	struct scenario scenario;
	bool loaded;
};

static void load(struct fixture *f, const char *text)
{
	temporary_open(&f->files);
	CU_ASSERT_FATAL(clients_load(&f->clients, temporary_write(&f->files, "clients.yaml", CLIENTS)));
	f->loaded = scenario_load(&f->scenario, temporary_write(&f->files, "tcp/x.yaml", text), &f->clients);
}

static void unload(struct fixture *f)
{
	scenario_free(&f->scenario);
	clients_free(&f->clients);
	temporary_close(&f->files);
}

/* ---- Errors ---- */

static const struct {
	const char *text;
	const char *error; /* after the file's path */
} bad[] = {
	{HEAD "sever: {}\n" TAIL, ":3:1: unknown key 'sever'; did you mean 'server'?"},
	{HEAD "server:\n  certificat: good\n" TAIL, ":4:3: unknown key 'certificat'; did you mean 'certificate'?"},
	{HEAD "server: {xyzzy: 1}\n" TAIL,
	 ":3:10: unknown key 'xyzzy'; known: certificate, tls, steps, listen, alpn, server-names, "
	 "staple, psk, rotate-ticket-keys, wait-for-request, nft, "
	 "routes, sysctl"},
	{HEAD "expect: {signature: tcp/timeout, by: unknown, between: {dropped: to-srever}}\n",
	 ":3:66: unknown value 'to-srever'; did you mean 'to-server'?"},
	{HEAD "expect: {signature: tcp/timeout, by: unknown, between: {dropped: [to-client, to-srever]}}\n",
	 ":3:78: unknown value 'to-srever'; did you mean 'to-server'?"},
	{HEAD "expect: {signature: tcp/timeout, by: unknown, between: {vanished: to-server}}\n",
	 ":3:57: unknown key 'vanished'; known: dropped, appeared, duplicated, changed, may, signature, by, certainty"},
	{HEAD "server: 7\n" TAIL, ":3:9: a mapping (key: value) must stand here"},
	{HEAD "server: {listen: perhaps}\n" TAIL, ":3:18: unknown value 'perhaps'; known: true, false, full"},
	{HEAD "server: {psk: \"0g\"}\n" TAIL, ":3:15: must be bytes in hexadecimal, two digits each"},
	{HEAD "server: {psk: \"012\"}\n" TAIL, ":3:15: must be bytes in hexadecimal, two digits each"},
	{HEAD "server: {alpn: {}}\n" TAIL, ":3:16: this must be a single value"},
	{HEAD "server: {rotate-ticket-keys: 1}\n" TAIL, ":3:30: must be true or false"},
	{HEAD "expect: {outcome: established, connections: 0}\n", ":3:45: must be a whole number from 1 to 16"},
	{HEAD "server: {steps: reset}\n" TAIL, ":3:17: a list of steps must stand here"},
	{HEAD "server: {steps: [{a: 1, b: 2}]}\n" TAIL, ":3:18: a step has one key; make each key a step of its own"},
	{HEAD "server: {steps: []}\n" TAIL, ":3:17: steps: must be a list that is not empty"},
	{HEAD "server: {steps: [read cleint-hello, reset]}\n" TAIL,
	 ":3:18: unknown step 'read cleint-hello'; did you mean 'read client-hello'?"},
	{HEAD "server: {steps: [reset, {alrt: 40}]}\n" TAIL, ":3:25: nothing can follow \"reset\""},
	{HEAD "server: {steps: [{alrt: 40}]}\n" TAIL, ":3:18: unknown step 'alrt'; did you mean 'alert'?"},
	{HEAD "server: {steps: [{alert: nonesuch}]}\n" TAIL,
	 ":3:18: \"alert\": must be an alert's IANA name or its number, 0 to 255"},
	{HEAD "server: {steps: [read client-hello, xyzzyxyzzy]}\n" TAIL,
	 ":3:37: unknown step \"xyzzyxyzzy\"; there are: read client-hello, handshake, handshake until, split, "
	 "corrupt, "
	 "send server-hello, send hello-retry-request, preamble, expect, expect-hex, read-bytes, answer-lines, http, "
	 "read "
	 "request, read to the end, send-data, send-text, send-hex, alert, stall, await data, close-notify, close, "
	 "reset, "
	 "hold"},
	{HEAD "server: {tls: {MinProtokol: TLSv1.2}}\n" TAIL,
	 ":3:16: unknown option 'MinProtokol'; SSL_CONF_cmd(3) has those there are, under "
	 "CONFIGURATION FILE COMMANDS"},
	{HEAD TAIL "overrides: [{when: {tls: \"1.2\"}, server: {steps: [hld]}}]\n",
	 ":4:51: unknown step 'hld'; did you mean 'hold'?"},
	{HEAD "server: {tls: {MinProtocol: [a]}}\n" TAIL, ":3:29: the value must be a single value"},
	{HEAD "client: {patience-ms: 1}\n" TAIL, ":3:23: must be a whole number from 100 to 60000"},
	{HEAD "client: {patience-ms: 2.5}\n" TAIL, ":3:23: must be a whole number from 100 to 60000"},
	{HEAD "client: {options: {crul: [-v]}}\n" TAIL, ":3:20: unknown client 'crul'; did you mean 'curl'?"},
	{HEAD "client: {command: {opensl: true}}\n" TAIL, ":3:20: unknown client 'opensl'; did you mean 'openssl'?"},
	{HEAD "client: {options: {curl: {a: b}}}\n" TAIL, ":3:26: this must be a single value"},
	{HEAD "path: {mtu: {clinet: 1400}}\n" TAIL, ":3:14: unknown key 'clinet'; did you mean 'client'?"},
	{HEAD "path: {mtu: {server: 60}}\n" TAIL, ":3:22: must be a whole number from 68 to 65535"},
	{HEAD "path: {mtu: 1400}\n" TAIL, ":3:13: a mapping (key: value) must stand here"},
	{HEAD "path: {routes: {to: default}}\n" TAIL, ":3:16: a list of routes must stand here"},
	{HEAD "path: {routes: [{type: blackhole}]}\n" TAIL, ":3:17: the key 'to' is missing"},
	{HEAD "path: {routes: [{to: 203.0.113.0/33, type: blackhole}]}\n" TAIL,
	 ":3:22: '203.0.113.0/33' is no destination: an address, a prefix, 'default' or 'default6'"},
	{HEAD "path: {routes: [{to: 203.0.113/24, type: blackhole}]}\n" TAIL,
	 ":3:22: '203.0.113/24' is no destination: an address, a prefix, 'default' or 'default6'"},
	{HEAD "path: {routes: [{to: \"2001:db8::/-1\", type: blackhole}]}\n" TAIL,
	 ":3:22: '2001:db8::/-1' is no destination: an address, a prefix, 'default' or 'default6'"},
	{HEAD "path: {routes: [{to: default, type: blackhol}]}\n" TAIL,
	 ":3:37: unknown value 'blackhol'; did you mean 'blackhole'?"},
	{HEAD "path: {routes: [{to: default}]}\n" TAIL, ":3:17: a route without a type needs 'via'"},
	{HEAD "path: {routes: [{to: default, via: gate}]}\n" TAIL, ":3:36: 'gate' is no address"},
	{HEAD "path: {routes: [{to: default, type: throw, mtu: big}]}\n" TAIL,
	 ":3:49: must be a whole number from 0 to 2147483647"},
	{HEAD "server: {sysctl: {kernel.panic: 1}}\n" TAIL,
	 ":3:19: 'kernel.panic': only settings below 'net.' belong to a place"},
	{HEAD "server: {sysctl: {net.ipv4.tcp_ecn: [1]}}\n" TAIL, ":3:37: the value must be a single value"},
	{HEAD TAIL "tags: [look alike]\n", ":4:7: 'look alike' is no tag: lower-case letters, digits and '-'"},
	{HEAD TAIL "title: again\n", ":4:1: the key 'title' stands here a second time"},
	{"title: t\n" TAIL, ":1:1: the key 'story' is missing"},
	{HEAD "expect: {by: server}\n", ":3:9: must say a signature, or an outcome (for curl, TLS 1.2, ipv4)"},
	{HEAD "expect: {signature: tcp/timeout}\n",
	 ":3:9: a failure needs both 'signature' and 'by' (for curl, TLS 1.2, ipv4)"},
	{HEAD "expect: {signature: tpc/timeout, by: unknown}\n",
	 ":3:21: unknown stage in the signature 'tpc'; did you mean 'tcp'?"},
	{HEAD "expect: {signature: tcp/timout, by: unknown}\n",
	 ":3:21: unknown cause in the signature 'timout'; did you mean 'timeout'?"},
	{HEAD "expect: {signature: tcp, by: unknown}\n",
	 ":3:21: unknown cause in the signature ''; known: timeout, lost, refused, unreachable, half-open, reset, "
	 "closed, abandoned, alert, not-tls, malformed"},
	{HEAD "expect: {signature: tcp/timeout, by: sever}\n", ":3:38: unknown value 'sever'; did you mean 'server'?"},
	{HEAD "expect: {outcome: established, by: server}\n",
	 ":3:9: signature and by belong to the outcome 'failed', not 'established'"},
	{HEAD "expect: {outcome: established, client: {crul: {exit: 0}}}\n",
	 ":3:41: unknown client 'crul'; did you mean 'curl'?"},
	{HEAD "expect: {outcome: established, client: {curl: {error: x}}}\n", ":3:47: the key 'exit' is missing"},
	{HEAD "expect: {outcome: established, client: {curl: {exit: 300}}}\n",
	 ":3:54: must be a whole number from 0 to 255"},
	{HEAD TAIL "variants: {tls: [\"1.2\", \"1.4\"]}\n", ":4:25: unknown value '1.4'; did you mean '1.2'?"},
	{HEAD TAIL "variants: {client: []}\n", ":4:20: an empty list; leave the key out to mean all"},
	{HEAD TAIL "overrides: {when: {}}\n", ":4:12: a list must stand here, each entry with a 'when'"},
	{HEAD TAIL "overrides:\n  - expect: {by: server}\n", ":5:5: the key 'when' is missing"},
	{HEAD TAIL "overrides:\n  - when: {tls: \"1.2\"}\n    expect: {bye: server}\n",
	 ":6:14: unknown key 'bye'; did you mean 'by'?"},
	{HEAD TAIL "overrides:\n  - when: {client: curl}\n    expect: {client: {opnessl: {exit: 0}}}\n",
	 ":6:23: unknown client 'opnessl'; did you mean 'openssl'?"},
	{"title: [\n", ":2:1: while parsing a flow node: did not find expected node content"},
	{"", ":1:1: the file is empty"},
	{HEAD TAIL "---\ntitle: two\n", ":5:1: a second YAML document; one file holds one"},
	{"- title\n", ":1:1: a mapping (key: value) must stand here"},
};

static void test_errors(void)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fixture f;
		char expected[2 * PATH_MAX];

		load(&f, bad[i].text);
		snprintf(expected, sizeof(expected), "%s/tcp/x.yaml%s", f.files.folder, bad[i].error);
		CU_ASSERT_FALSE(f.loaded);
		CU_ASSERT_STRING_EQUAL(f.scenario.document.error, expected);
		if (strcmp(f.scenario.document.error, expected) != 0)
			printf("# %zu: %s\n", i, f.scenario.document.error);
		unload(&f);
	}
}

/* A file cut short anywhere is loaded or refused, never a crash; libyaml and the tables meet every half word. */
static void test_cut(void)
{
	static const char whole[] =
		HEAD "server:\n  tls: {MinProtocol: TLSv1.2}\n  steps: [read client-hello, {alert: 40}]\n"
		     "variants: {tls: \"1.2\"}\n" TAIL;

	for (size_t length = 0; length < sizeof(whole); length++) {
		struct fixture f;
		char text[sizeof(whole)];

		memcpy(text, whole, length);
		text[length] = '\0';
		load(&f, text);
		CU_ASSERT_TRUE(f.loaded == (f.scenario.document.error[0] == '\0'));
		CU_ASSERT_TRUE(f.loaded || length < sizeof(whole) - 1);
		unload(&f);
	}
}

static void test_missing_file(void)
{
	struct clients clients = {.names = NULL};
	struct scenario scenario;

	CU_ASSERT_FALSE(scenario_load(&scenario, "/nonexistent/tcp/x.yaml", &clients));
	CU_ASSERT_STRING_EQUAL(scenario.document.error, "/nonexistent/tcp/x.yaml: No such file or directory");
	scenario_free(&scenario);
}

/* ---- Values ---- */

static const struct scenario_choice curl12 = {"curl", "1.2", "ipv4"};
static const struct scenario_choice curl13 = {"curl", "1.3", "ipv4"};
static const struct scenario_choice openssl12 = {"openssl", "1.2", "ipv4"};

static void test_defaults(void)
{
	struct fixture f;
	struct scenario_settings s;

	load(&f, HEAD TAIL);
	CU_ASSERT_FATAL(f.loaded);
	CU_ASSERT_STRING_EQUAL(f.scenario.name, "tcp/x");
	CU_ASSERT_FATAL(scenario_settings(&f.scenario, &curl12, &s));
	CU_ASSERT_STRING_EQUAL(s.server.certificate.text, "good");
	CU_ASSERT_TRUE(s.server.listen);
	CU_ASSERT_PTR_NULL(s.server.steps);
	CU_ASSERT_EQUAL(s.server.tls.count, 0);
	CU_ASSERT_EQUAL(s.client.patience_ms, SCENARIO_PATIENCE_MS);
	CU_ASSERT_STRING_EQUAL(s.expect.outcome, "failed");
	CU_ASSERT_STRING_EQUAL(s.expect.signature, "tcp/timeout");
	CU_ASSERT_STRING_EQUAL(s.expect.by, "unknown");
	CU_ASSERT_PTR_NULL(scenario_words(&s.expect, "curl"));
	unload(&f);
}

static void test_overrides(void)
{
	struct fixture f;
	struct scenario_settings s;

	load(&f, HEAD "server: {tls: {MinProtocol: TLSv1, MaxProtocol: TLSv1.2}}\n"
		      "expect:\n"
		      "  signature: tcp/reset\n"
		      "  by: server\n"
		      "  client: {curl: {exit: 7, error: no}, openssl: {exit: 1}}\n"
		      "overrides:\n"
		      "  - when: {tls: \"1.3\", client: [curl]}\n"
		      "    server: {tls: {CipherString: ALL}}\n"
		      "    expect: {by: network, client: {curl: {exit: 35}}}\n"
		      "  - when: {tls: \"1.3\"}\n"
		      "    expect: {outcome: established}\n");
	CU_ASSERT_FATAL(f.loaded);
	CU_ASSERT_FATAL(scenario_settings(&f.scenario, &openssl12, &s));
	CU_ASSERT_EQUAL(s.server.tls.count, 2);
	CU_ASSERT_STRING_EQUAL(s.server.tls.items[1].name, "MaxProtocol");
	CU_ASSERT_STRING_EQUAL(s.server.tls.items[1].value, "TLSv1.2");
	CU_ASSERT_STRING_EQUAL(s.expect.by, "server");
	CU_ASSERT_STRING_EQUAL(scenario_words(&s.expect, "curl")->error, "no");
	CU_ASSERT_FATAL(scenario_settings(&f.scenario, &curl13, &s));
	CU_ASSERT_EQUAL(s.server.tls.count, 1);
	CU_ASSERT_STRING_EQUAL(s.server.tls.items[0].name, "CipherString");
	CU_ASSERT_STRING_EQUAL(s.expect.outcome, "established");
	CU_ASSERT_STRING_EQUAL(s.expect.signature, "");
	CU_ASSERT_EQUAL(scenario_words(&s.expect, "curl")->exit, 35);
	CU_ASSERT_STRING_EQUAL(scenario_words(&s.expect, "curl")->error, "");
	CU_ASSERT_EQUAL(scenario_words(&s.expect, "openssl")->exit, 1);
	unload(&f);
}

static void test_places(void)
{
	struct fixture f;
	struct scenario_settings s;
	const struct cell_route *route;

	load(&f, HEAD TAIL
	     "tags: [drop, look-alike]\n"
	     "path:\n"
	     "  mtu: {path-server: 1400, client: 1300}\n"
	     "  routes: [{to: 203.0.113.0/24, type: blackhole}]\n"
	     "client:\n"
	     "  nft: rules\n"
	     "  routes: [{to: \"2001:db8::/32\", via: \"2001:db8:c::1\", mtu: 1280, rto_min: 20}, {to: default, "
	     "type: unreachable}]\n"
	     "server: {sysctl: {net.ipv4.tcp_ecn: 1, net.ipv4.tcp_sack: 0}}\n"
	     "overrides:\n"
	     "  - when: {tls: \"1.3\"}\n"
	     "    server: {sysctl: {net.ipv4.tcp_sack: 1}, nft: other}\n"
	     "    path: {mtu: {client: 1350}}\n");
	CU_ASSERT_FATAL(f.loaded);
	CU_ASSERT_EQUAL_FATAL(f.scenario.tags.count, 2);
	CU_ASSERT_STRING_EQUAL(f.scenario.tags.items[1], "look-alike");
	CU_ASSERT_FATAL(scenario_settings(&f.scenario, &curl12, &s));
	CU_ASSERT_EQUAL(s.path.mtu[CELL_CLIENT_ETH0], 1300);
	CU_ASSERT_EQUAL(s.path.mtu[CELL_PATH_CLIENT], 0);
	CU_ASSERT_EQUAL(s.path.mtu[CELL_PATH_SERVER], 1400);
	CU_ASSERT_EQUAL_FATAL(scenario_place(&s, CELL_PATH)->routes.count, 1);
	route = &scenario_place(&s, CELL_PATH)->routes.items[0];
	CU_ASSERT_STRING_EQUAL(route->to, "203.0.113.0/24");
	CU_ASSERT_STRING_EQUAL(route->type, "blackhole");
	CU_ASSERT_PTR_NULL(route->via);
	CU_ASSERT_PTR_NULL(route->metrics[0].name);
	CU_ASSERT_EQUAL_FATAL(scenario_place(&s, CELL_CLIENT)->routes.count, 2);
	route = &scenario_place(&s, CELL_CLIENT)->routes.items[0];
	CU_ASSERT_STRING_EQUAL(route->via, "2001:db8:c::1");
	CU_ASSERT_STRING_EQUAL(route->metrics[0].name, "mtu");
	CU_ASSERT_EQUAL(route->metrics[0].value, 1280);
	CU_ASSERT_STRING_EQUAL(route->metrics[1].name, "rto_min");
	CU_ASSERT_EQUAL(route->metrics[1].value, 20);
	CU_ASSERT_PTR_NULL(route->metrics[2].name);
	CU_ASSERT_STRING_EQUAL(scenario_place(&s, CELL_CLIENT)->nft, "rules");
	CU_ASSERT_STRING_EQUAL(scenario_place(&s, CELL_SERVER)->nft, "");
	CU_ASSERT_TRUE(scenario_has_rules(&s));
	CU_ASSERT_EQUAL(scenario_place(&s, CELL_SERVER)->sysctl.count, 2);
	CU_ASSERT_FATAL(scenario_settings(&f.scenario, &curl13, &s));
	CU_ASSERT_EQUAL(scenario_place(&s, CELL_SERVER)->sysctl.count, 1);
	CU_ASSERT_STRING_EQUAL(scenario_place(&s, CELL_SERVER)->sysctl.items[0].value, "1");
	CU_ASSERT_STRING_EQUAL(scenario_place(&s, CELL_SERVER)->nft, "other");
	CU_ASSERT_EQUAL(s.path.mtu[CELL_CLIENT_ETH0], 1350);
	CU_ASSERT_EQUAL(s.path.mtu[CELL_PATH_SERVER], 1400);
	unload(&f);
}

static void test_steps_as_json(void)
{
	static const char expected[] = "[\"read client-hello\",{\"alert\":40},{\"send-text\":\"a\\r\\n\"},"
				       "{\"send-hex\":\"1603\"},{\"answer-lines\":[[\"a\",\"b\"]]},"
				       "{\"split\":{\"segments\":1,\"acknowledged\":true}}]";
	struct fixture f;
	struct scenario_settings s;
	json_t *json;
	char *text;

	load(&f, HEAD TAIL "server:\n  steps:\n  - read client-hello\n  - {alert: 40}\n  - send-text: \"a\\r\\n\"\n"
			   "  - {send-hex: \"1603\"}\n  - {answer-lines: [[a, b]]}\n"
			   "  - {split: {segments: 1, acknowledged: true}}\n");
	CU_ASSERT_FATAL(f.loaded);
	CU_ASSERT_FATAL(scenario_settings(&f.scenario, &curl12, &s));
	json = document_json(&f.scenario.document, s.server.steps);
	text = json_dumps(json, JSON_COMPACT);
	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
	json_decref(json);
	unload(&f);
}

/* An alias that names what it is part of has no end; it is cut where JSON becomes too deep. */
static void test_endless_alias(void)
{
	struct fixture f;

	load(&f, HEAD TAIL "server:\n  steps:\n  - split: &a [*a]\n");
	CU_ASSERT_FALSE(f.loaded);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.scenario.document.error, ":6:5: \"split\": "));
	unload(&f);
}

static const struct {
	const char *text, *injected;
} faults[] = {
	{"", "nothing"},
	{"server: {listen: false}\n", "server: listens nowhere"},
	{"server: {listen: full}\n", "server: its queue is full"},
	{"server: {alpn: [h2, h3], server-names: a.example.net, psk: 00ff}\n",
	 "server: ALPN h2, ALPN h3, name a.example.net, PSK 00ff"},
	{"server: {staple: good.ocsp, rotate-ticket-keys: true}\n", "server: staple good.ocsp, rotates ticket keys"},
	{"server: {certificate: expired, tls: {MinProtocol: TLSv1.2}}\n",
	 "server: certificate expired, MinProtocol TLSv1.2"},
	{"server: {steps: [read client-hello, {alert: 40}, reset]}\n", "server: read client-hello, alert 40, reset"},
	{"path:\n  nft: |\n    table ip t {\n      chain c {\n        tcp dport 443 counter drop\n      }\n    }\n",
	 "path: tcp dport 443 counter drop"},
	{"path: {nft: \"a counter drop\\nb counter drop\\n\"}\nserver: {steps: [close]}\n",
	 "path: a counter drop; path: b counter drop; server: close"},
	{"path: {routes: [{to: default, type: prohibit}, {to: 192.0.2.9, via: 192.0.2.1, mtu: 600}], mtu: {client: "
	 "900}}\n",
	 "path: route prohibit default; path: route 192.0.2.9 via 192.0.2.1 mtu 600; path: mtu client 900"},
	{"client: {nft: \"x counter drop\\n\", sysctl: {net.ipv4.tcp_ecn: 1}}\nserver: {listen: false, nft: counter}\n",
	 "client: x counter drop; client: net.ipv4.tcp_ecn 1; server: counter; server: listens nowhere"},
	{"client: {options: {openssl: [-x], curl: [--ciphers, X]}, command: {curl: [\"true\"], openssl: [no]}}\n",
	 "curl: with --ciphers X; curl: is true"},
};

static void test_injected(void)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct fixture f;
		struct scenario_settings s;
		char text[1024], *injected;

		snprintf(text, sizeof(text), HEAD TAIL "%s", faults[i].text);
		load(&f, text);
		CU_ASSERT_FATAL(f.loaded);
		CU_ASSERT_FATAL(scenario_settings(&f.scenario, &curl12, &s));
		injected = scenario_injected(&f.scenario, &s, "curl");
		CU_ASSERT_STRING_EQUAL(injected, faults[i].injected);
		if (strcmp(injected, faults[i].injected) != 0)
			printf("# %zu: %s\n", i, injected);
		free(injected);
		unload(&f);
	}
}

/* ---- Clients ---- */

static void test_client_command(void)
{
	static const char *const expected[] = {
		"curl", "--tls-max", "1.2", "--cacert", "/r.pem", "-6", "https://api.example.net:443/2.500", NULL};
	const struct client_setting setting = {"1.2", "ipv6", "api.example.net", "2001:db8::1", "/r.pem", 443, 2500,
					       NULL,  NULL};
	struct fixture f;
	char **command;

	load(&f, HEAD TAIL);
	command = client_command(clients_find(&f.clients, "curl"), &setting);
	CU_ASSERT_FATAL(command != NULL);
	for (size_t i = 0; expected[i]; i++) {
		CU_ASSERT_FATAL(command[i] != NULL);
		CU_ASSERT_STRING_EQUAL(command[i], expected[i]);
	}
	CU_ASSERT_PTR_NULL(command[7]);
	client_command_free(command);
	CU_ASSERT_STRING_EQUAL(clients_find(&f.clients, "openssl")->input, "GET\r\n");
	CU_ASSERT_PTR_NULL(client_options_find(&clients_find(&f.clients, "openssl")->tls, "1.3"));
	CU_ASSERT_PTR_NULL(clients_find(&f.clients, "wget"));
	unload(&f);
}

static void expect_words(const char *const *expected, char **command)
{
	CU_ASSERT_FATAL(command != NULL);
	for (size_t i = 0; expected[i]; i++) {
		CU_ASSERT_FATAL(command[i] != NULL);
		CU_ASSERT_STRING_EQUAL(command[i], expected[i]);
	}
	client_command_free(command);
}

static void test_client_words_of_scenario(void)
{
	static const char *const longer[] = {"curl",   "--cacert",          "/r.pem", "-4", "-k",
					     "/r.pem", "https://h:1/0.001", NULL};
	static const char *const other[] = {"nc", "h", "1", "-k", "/r.pem", NULL};
	struct fixture f;
	struct scenario_settings s;
	struct client_setting setting = {"1.3", "ipv4", "h", "192.0.2.9", "/r.pem", 1, 1, NULL, NULL};

	load(&f, HEAD TAIL "client:\n  options: {curl: [-k, \"{trust}\"]}\n"
			   "  command: {curl: [nc, \"{host}\", \"{port}\", \"{options}\"]}\n");
	CU_ASSERT_FATAL(f.loaded);
	CU_ASSERT_FATAL(scenario_settings(&f.scenario, &curl13, &s));
	setting.options = client_options_find(&s.client.options, "curl");
	expect_words(longer, client_command(clients_find(&f.clients, "curl"), &setting));
	setting.command = client_options_find(&s.client.command, "curl");
	expect_words(other, client_command(clients_find(&f.clients, "curl"), &setting));
	CU_ASSERT_PTR_NULL(client_options_find(&s.client.options, "openssl"));
	unload(&f);
}

static void test_client_errors(void)
{
	struct temporary files;
	struct clients clients;
	char expected[2 * PATH_MAX];

	temporary_open(&files);
	CU_ASSERT_FALSE(clients_load(&clients, temporary_write(&files, "c.yaml", "curl:\n  programm: curl\n")));
	snprintf(expected, sizeof(expected), "%s:2:3: unknown key 'programm'; did you mean 'program'?", files.path);
	CU_ASSERT_STRING_EQUAL(clients.document.error, expected);
	clients_free(&clients);
	temporary_close(&files);
}

const struct unit_test unit_tests[] = {
	{"each mistake is told with file, line, column and a hint", test_errors},
	{"a file cut at any length is loaded or refused", test_cut},
	{"a file that is not there is told", test_missing_file},
	{"what a file leaves out has its default", test_defaults},
	{"overrides apply where they should, in order, and leave the rest", test_overrides},
	{"each place takes rules, routes and kernel settings, and links an MTU", test_places},
	{"steps become the JSON that the server reads", test_steps_as_json},
	{"an alias without end has an end", test_endless_alias},
	{"what is injected fits one line", test_injected},
	{"a client's command has its placeholders replaced", test_client_command},
	{"a scenario adds to a client's command, or has another", test_client_words_of_scenario},
	{"a mistake in clients.yaml is told", test_client_errors},
	{NULL, NULL},
};
