/* report_test.c: verdicts made by hand, as text and as JSON; every object is checked against the schema. */
#include "tests/unit/suite.h"

#include "analyzer/cli/client_run.h"
#include "analyzer/cli/report.h"
#include "tests/json_schema.h"
#include "tests/unit/cli/verdicts.h"

#include <stdlib.h>
#include <string.h>

#define BEGAN_NS (1714564800 * INT64_C(1000000000) + 123456789) /* 2024-05-01T12:00:00Z */
#define AFTER(frame, microseconds) ((struct tlsdiag_moment){frame, BEGAN_NS + (microseconds)*INT64_C(1000)})

static const uint16_t versions[] = {0x0302, 0x0301};
static const uint16_t ciphers[] = {0xc02f, 0x002f};
static const struct tlsdiag_evidence evidence[] = {
	{{1, BEGAN_NS}, TLSDIAG_FROM_CLIENT, false, "SYN"},
	{{4, BEGAN_NS + 900000}, TLSDIAG_FROM_CLIENT, false, "ACK"},
	{{4, BEGAN_NS + 900000}, TLSDIAG_FROM_CLIENT, false, "ClientHello"},
	{{6, BEGAN_NS + 1522000}, TLSDIAG_FROM_SERVER, true, "alert fatal protocol_version (70)"},
	{{6, BEGAN_NS + 1522000}, TLSDIAG_FROM_SERVER, false, "FIN"},
	{{8, BEGAN_NS + INT64_C(61600000000)}, TLSDIAG_FROM_CLIENT, false, "FIN"},
};
static const char *const findings[] = {"the certificate expired on 2024-04-30, 1 day before this connection",
				       "the certificate has an RSA key of 1024 bits"};
static const char *const notes[] = {"SYN was sent 2 times"};
static const char *const advice[] = {"Versions offered against the server's.", "An old client."};

static struct tlsdiag_verdict unknown_verdict(void)
{
	struct tlsdiag_verdict v = empty_verdict(1);

	v.first = AFTER(1, 0);
	v.last = AFTER(9, 2500);
	v.packets[0] = 5;
	v.packets[1] = 4;
	return v;
}

static struct tlsdiag_verdict failed_verdict(void)
{
	struct tlsdiag_verdict v = unknown_verdict();

	v.outcome = TLSDIAG_FAILED;
	v.stage = TLSDIAG_SERVER_HELLO;
	v.cause = TLSDIAG_ALERT;
	v.detail = "protocol_version";
	v.signature = "server-hello/alert/protocol_version";
	v.by = TLSDIAG_BY_SERVER;
	v.summary = "The server answered the ClientHello with a fatal alert: protocol_version.";
	v.milestones[TLSDIAG_TCP] = (struct tlsdiag_milestone){.reached = true, .at = AFTER(3, 412)};
	v.milestones[TLSDIAG_CLIENT_HELLO] = (struct tlsdiag_milestone){true, true, AFTER(5, 1022)};
	v.evidence = evidence;
	v.evidence_count = sizeof(evidence) / sizeof(*evidence);
	v.alert = (struct tlsdiag_alert){true, false, TLSDIAG_FROM_SERVER, 2, 70, "protocol_version"};
	v.hello = (struct tlsdiag_hello){.seen = true,
					 .complete = true,
					 .server_name = "api.example.net",
					 .alpn = "h2,http/1.1",
					 .legacy_version = 0x0302,
					 .versions = {2, versions},
					 .ciphers = {2, ciphers}};
	v.notes = notes;
	v.note_count = 1;
	v.advice = advice;
	v.advice_count = 2;
	return v;
}

static const struct tlsdiag_certificate expired = {
	.seen = true,
	.sent = 2,
	.subject = "api.example.net",
	.issuer = "Example Issuing CA",
	.names = "api.example.net, www.example.net and 3 more",
	.not_before = 1706745600,
	.not_after = 1714521599,
	.findings = findings,
	.finding_count = 2,
};

static struct tlsdiag_verdict established_verdict(void)
{
	struct tlsdiag_verdict v = unknown_verdict();

	v.number = 2;
	v.client = (struct tlsdiag_endpoint){6, {0x20, 1, 0xd, 0xb8, 0, 0xc, [15] = 0x40}, 50000};
	v.server = (struct tlsdiag_endpoint){6, {0x20, 1, 0xd, 0xb8, 0, 5, [15] = 0x20}, 443};
	v.outcome = TLSDIAG_ESTABLISHED;
	v.stage = TLSDIAG_STAGES;
	v.certainty = TLSDIAG_INFERRED;
	v.summary = "The handshake succeeded.";
	v.milestones[TLSDIAG_TCP].reached = true; /* before the capture */
	v.choice = (struct tlsdiag_choice){.seen = true, .version = 0x0304, .cipher = 0x1301, .group = 29, .alpn = ""};
	return v;
}

/* ---- What a report prints ---- */

struct printed {
	char *text;
	size_t size;
};

static struct printed print(struct report *(*make)(FILE *), const char *capture, const struct tlsdiag_verdict *verdicts,
			    size_t count)
{
	struct printed p = {0};
	FILE *out = open_memstream(&p.text, &p.size);
	struct report *report;

	CU_ASSERT_FATAL(out != NULL);
	report = make(out);
	CU_ASSERT_FATAL(report != NULL);
	for (size_t i = 0; i < count; i++)
		report->ops->verdict(report, capture, &verdicts[i]);
	report->ops->end(report);
	CU_ASSERT_FALSE(report->failed);
	report_free(report);
	fclose(out);
	return p;
}

static struct report *make_json(FILE *out)
{
	return report_json_new(out, false);
}

static struct report *make_quiet_json(FILE *out)
{
	return report_json_new(out, true);
}

static struct report *make_text(FILE *out)
{
	return report_text_new(out, false, false, 0);
}

static struct report *make_terminal_text(FILE *out)
{
	return report_text_new(out, false, false, 80);
}

static struct report *make_wide_text(FILE *out)
{
	return report_text_new(out, false, false, 120);
}

static struct report *make_quiet_text(FILE *out)
{
	return report_text_new(out, true, false, 0);
}

static struct report *make_colour_text(FILE *out)
{
	return report_text_new(out, false, true, 80);
}

/* The one object printed, checked against the schema. */
static json_t *object_of(const char *capture, const struct tlsdiag_verdict *v)
{
	struct printed p = print(make_json, capture, v, 1);
	json_t *schema = json_load_file("docs/tlsdiag.schema.json", JSON_REJECT_DUPLICATES, NULL);
	json_t *object = json_loads(p.text, JSON_REJECT_DUPLICATES, NULL);
	char why[512] = "";

	CU_ASSERT_FATAL(schema != NULL && object != NULL);
	CU_ASSERT_EQUAL(strchr(p.text, '\n'), p.text + p.size - 1);
	if (!json_schema_check(schema, object, why, sizeof(why)))
		CU_ASSERT_STRING_EQUAL(why, "");
	free(p.text);
	json_decref(schema);
	return object;
}

static void expect_json(json_t *object, const char *expected)
{
	json_t *value = json_loads(expected, JSON_DECODE_ANY, NULL);
	const char *key;
	json_t *one;

	CU_ASSERT_FATAL(value != NULL);
	json_object_foreach(value, key, one) {
		json_t *is = json_object_get(object, key);

		if (!json_equal(is, one)) {
			char *text = json_dumps(is, JSON_ENCODE_ANY);

			printf("# %s is %s\n", key, text);
			free(text);
		}
		CU_ASSERT(json_equal(is, one));
	}
	json_decref(value);
	json_decref(object);
}

static void test_json_of_a_failure(void)
{
	struct tlsdiag_verdict v = failed_verdict();

	expect_json(
		object_of(NULL, &v),
		"{\"client\":{\"address\":\"192.0.2.40\",\"port\":46188},"
		"\"server\":{\"address\":\"203.0.113.20\",\"port\":443},"
		"\"outcome\":\"failed\",\"stage\":\"server-hello\","
		"\"signature\":\"server-hello/alert/protocol_version\",\"by\":\"server\",\"certainty\":\"seen\","
		"\"summary\":\"The server answered the ClientHello with a fatal alert: protocol_version.\","
		"\"number\":1,\"sni\":\"api.example.net\",\"alpn\":[\"h2\",\"http/1.1\"],"
		"\"alert\":{\"level\":\"fatal\",\"description\":\"protocol_version\",\"number\":70,"
		"\"direction\":\"from-server\",\"encrypted\":false},"
		"\"offered\":{\"complete\":true,\"legacy_version\":\"TLS 1.1\",\"versions\":[\"TLS 1.1\",\"TLS 1.0\"],"
		"\"ciphers\":[\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\",\"TLS_RSA_WITH_AES_128_CBC_SHA\"],"
		"\"groups\":[],\"signature_schemes\":[]},\"chosen\":null,\"protocol\":null,"
		"\"milestones\":{\"tcp\":{\"frame\":3,\"time\":\"2024-05-01T12:00:00.123868789Z\","
		"\"elapsed\":0.000412,\"inferred\":false},\"client-hello\":{\"frame\":5,"
		"\"time\":\"2024-05-01T12:00:00.124478789Z\",\"elapsed\":0.001022,\"inferred\":true},"
		"\"server-hello\":null,\"server-flight\":null,\"client-flight\":null,\"finished\":null,"
		"\"application\":null},\"notes\":[\"SYN was sent 2 times\"],\"warnings\":[],"
		"\"advice\":[\"Versions offered against the server's.\",\"An old client.\"],"
		"\"packets\":{\"client\":5,\"server\":4}}");
}

static void test_json_of_other_outcomes(void)
{
	struct tlsdiag_verdict v = unknown_verdict();

	expect_json(object_of(NULL, &v), "{\"outcome\":\"incomplete\",\"stage\":null,\"signature\":null,\"by\":null,"
					 "\"sni\":null,\"alpn\":[],\"alert\":null,\"offered\":null,\"evidence\":[]}");
	v = established_verdict();
	expect_json(object_of("a.pcap", &v),
		    "{\"file\":\"a.pcap\",\"outcome\":\"established\",\"stage\":null,\"by\":null,"
		    "\"certainty\":\"inferred\",\"client\":{\"address\":\"2001:db8:c::40\",\"port\":50000},"
		    "\"chosen\":{\"version\":\"TLS 1.3\",\"cipher\":\"TLS_AES_128_GCM_SHA256\",\"group\":\"x25519\","
		    "\"alpn\":null,\"retried\":false,\"resumed\":false}}");
	v.outcome = TLSDIAG_NOT_TLS;
	v.protocol = "ssh";
	expect_json(object_of(NULL, &v), "{\"outcome\":\"not-tls\",\"protocol\":\"ssh\"}");
}

static void test_json_of_an_encrypted_alert(void)
{
	struct tlsdiag_verdict v = failed_verdict();

	v.signature = "client-flight/alert/encrypted";
	v.stage = TLSDIAG_CLIENT_FLIGHT;
	v.alert = (struct tlsdiag_alert){true, true, TLSDIAG_FROM_CLIENT, 0, 0, "encrypted"};
	expect_json(object_of(NULL, &v), "{\"alert\":{\"level\":null,\"description\":null,\"number\":null,"
					 "\"direction\":\"from-client\",\"encrypted\":true}}");
}

/* Of the evidence, in order: frames, and which of them was decisive. */
static void test_json_marks_the_decisive_frame(void)
{
	struct tlsdiag_verdict v = failed_verdict();
	json_t *object = object_of(NULL, &v), *array = json_object_get(object, "evidence");

	CU_ASSERT_EQUAL_FATAL(json_array_size(array), v.evidence_count);
	for (size_t i = 0; i < v.evidence_count; i++) {
		json_t *one = json_array_get(array, i);

		CU_ASSERT_EQUAL(json_integer_value(json_object_get(one, "frame")), (json_int_t)evidence[i].at.frame);
		CU_ASSERT_EQUAL(json_is_true(json_object_get(one, "decisive")), i == 3);
	}
	json_decref(object);
}

static void test_json_of_a_certificate(void)
{
	struct tlsdiag_verdict v = failed_verdict();

	expect_json(object_of(NULL, &v), "{\"certificate\":null}");
	v.certificate = expired;
	expect_json(
		object_of(NULL, &v),
		"{\"certificate\":{\"sent\":2,\"subject\":\"api.example.net\",\"issuer\":\"Example Issuing CA\","
		"\"names\":\"api.example.net, www.example.net and 3 more\",\"not_before\":\"2024-02-01T00:00:00Z\","
		"\"not_after\":\"2024-04-30T23:59:59Z\",\"findings\":[\"the certificate expired on 2024-04-30, 1 day "
		"before this connection\",\"the certificate has an RSA key of 1024 bits\"]}}");
	/* RFC 5280 section 4.1.2.5: no expiry; and the first year there is. */
	v.certificate = (struct tlsdiag_certificate){.seen = true,
						     .sent = 1,
						     .subject = "",
						     .issuer = "",
						     .names = "",
						     .not_before = -62135596800,
						     .not_after = 253402300799};
	expect_json(object_of(NULL, &v),
		    "{\"certificate\":{\"sent\":1,\"subject\":null,\"issuer\":null,\"names\":null,\"not_before\":"
		    "\"0001-01-01T00:00:00Z\",\"not_after\":\"9999-12-31T23:59:59Z\",\"findings\":[]}}");
	v.certificate = (struct tlsdiag_certificate){
		.sent = 1, .subject = "", .issuer = "", .names = "", .findings = findings, .finding_count = 1};
	expect_json(object_of(NULL, &v),
		    "{\"certificate\":{\"sent\":1,\"subject\":null,\"issuer\":null,\"names\":null,\"not_before\":null,"
		    "\"not_after\":null,\"findings\":[\"the certificate expired on 2024-04-30, 1 day before this "
		    "connection\"]}}");
}

static void test_json_of_client_certificates(void)
{
	struct tlsdiag_verdict v = failed_verdict();
	json_t *object = object_of(NULL, &v);

	CU_ASSERT_PTR_NULL(json_object_get(object, "client_certificate"));
	json_decref(object);
	v.client_certificate = expired;
	object = object_of(NULL, &v);
	CU_ASSERT_STRING_EQUAL(
		json_string_value(json_object_get(json_object_get(object, "client_certificate"), "issuer")),
		"Example Issuing CA");
	json_decref(object);
	v.client_certificate = (struct tlsdiag_certificate){.none = true, .subject = "", .issuer = "", .names = ""};
	expect_json(object_of(NULL, &v),
		    "{\"client_certificate\":{\"sent\":0,\"subject\":null,\"issuer\":null,\"names\":null,"
		    "\"not_before\":null,\"not_after\":null,\"findings\":[]}}");
}

/* Milestones before the capture have no frame. */
static void test_json_of_what_lies_before(void)
{
	struct tlsdiag_verdict v = established_verdict();
	json_t *object = object_of(NULL, &v);

	expect_json(json_incref(json_object_get(object, "milestones")),
		    "{\"tcp\":{\"frame\":null,\"time\":null,\"elapsed\":null,\"inferred\":false}}");
	json_decref(object);
}

/* Bytes from the wire that would break UTF-8, JSON or a terminal. */
static void test_hostile_text(void)
{
	static const char hostile[] = "a\033[2J\"\\\n\xff\xc3";
	struct tlsdiag_verdict v = failed_verdict();
	struct printed p;

	v.hello.server_name = hostile;
	v.summary = hostile;
	expect_json(object_of(NULL, &v), "{\"sni\":\"a\\\\x1B[2J\\\"\\\\\\\\x0A\\\\xFF\\\\xC3\"}");
	p = print(make_text, NULL, &v, 1);
	for (size_t i = 0; i < p.size; i++)
		CU_ASSERT(p.text[i] == '\n' || (p.text[i] >= ' ' && p.text[i] <= '~'));
	free(p.text);
}

static void test_schema_refuses(void)
{
	static const char *const changes[] = {
		"{\"outcome\":\"dead\"}",
		"{\"stage\":\"hello\"}",
		"{\"number\":0}",
		"{\"more\":1}",
		"{\"signature\":\"a/b\"}",
		"{\"alpn\":[1]}",
		"{\"client\":{\"port\":443}}",
		"{\"summary\":\"\"}",
		"{\"certificate\":{}}",
		"{\"evidence\":[{\"frame\":1,\"time\":null,\"elapsed\":null,\"direction\":\"from-client\",\"shows\":"
		"\"SYN\"}]}",
	};
	json_t *schema = json_load_file("docs/tlsdiag.schema.json", 0, NULL);
	struct tlsdiag_verdict v = failed_verdict();
	char why[512];

	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		json_t *object = object_of(NULL, &v), *change = json_loads(changes[i], 0, NULL);

		CU_ASSERT_FATAL(json_object_update(object, change) == 0);
		CU_ASSERT_FALSE(json_schema_check(schema, object, why, sizeof(why)));
		json_decref(change);
		json_decref(object);
	}
	json_decref(schema);
}

/* ---- Text ---- */

static void test_text_of_a_failure(void)
{
	static const char expected[] =
		"1: 192.0.2.40:46188 > 203.0.113.20:443 api.example.net\n"
		"    failed: server-hello/alert/protocol_version, by server\n"
		"    The server answered the ClientHello with a fatal alert: protocol_version.\n"
		"    began     2024-05-01T12:00:00.123456Z\n"
		"    reached   tcp; inferred: client-hello\n"
		"    offered   TLS 1.1, TLS 1.0; 2 ciphers; ALPN h2,http/1.1\n"
		"    frames    1     +0.000000 client >  SYN\n"
		"              4     +0.000900 client >  ACK; ClientHello\n"
		"    ended     6     +0.001522 < server  alert fatal protocol_version (70)\n"
		"    after     6     +0.001522 < server  FIN\n"
		"              8     +61.60000 client >  FIN\n"
		"    server's certificate: api.example.net, issued by Example Issuing CA, for\n"
		"              api.example.net, www.example.net and 3 more, valid\n"
		"              2024-02-01T00:00:00Z to 2024-04-30T23:59:59Z; 2 sent\n"
		"              the certificate expired on 2024-04-30, 1 day before this\n"
		"              connection\n"
		"              the certificate has an RSA key of 1024 bits\n"
		"    note      SYN was sent 2 times\n"
		"    meaning   The server accepts none of the versions that the client offers.\n"
		"    check     Versions offered against the server's.\n"
		"              An old client.\n"
		"\n"
		"1 connection: 1 failed\n"
		"      1  server-hello/alert/protocol_version, by server: No common TLS version\n";
	struct tlsdiag_verdict v = failed_verdict();
	struct printed p;

	v.certificate = expired;
	p = print(make_text, NULL, &v, 1);
	CU_ASSERT_STRING_EQUAL(p.text, expected);
	if (strcmp(p.text, expected) != 0)
		fprintf(stderr, "%s", p.text);
	free(p.text);
}

static void test_text_of_many(void)
{
	static const char expected[] =
		"a.pcap 1: 192.0.2.40:46188 > 203.0.113.20:443, incomplete: The capture begins in the middle of "
		"this connection.\n"
		"a.pcap 2: [2001:db8:c::40]:50000 > [2001:db8:5::20]:443, established: TLS 1.3\n";
	struct tlsdiag_verdict v[5] = {unknown_verdict(), established_verdict(), failed_verdict(), failed_verdict(),
				       established_verdict()};
	struct printed p;

	v[2].number = 3;
	v[3].number = 4;
	v[4].outcome = TLSDIAG_NOT_TLS;
	v[4].protocol = "ssh";
	p = print(make_text, "a.pcap", v, 5);
	CU_ASSERT(!strncmp(p.text, expected, strlen(expected)));
	CU_ASSERT_PTR_NOT_NULL(strstr(p.text, "    check     as above\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(p.text, "443, not-tls: ssh\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(p.text, "5 connections: 2 failed, 1 established, 1 incomplete, 1 not-tls\n"
					      "      2  server-hello/alert/protocol_version, by server: "));
	free(p.text);
	p = print(make_text, NULL, v, 5);
	CU_ASSERT_PTR_NOT_NULL(strstr(p.text, "    check     as for connection 3\n"));
	free(p.text);
}

static void test_quiet(void)
{
	struct tlsdiag_verdict v[2] = {established_verdict(), failed_verdict()};
	struct printed text = print(make_quiet_text, NULL, v, 2), json = print(make_quiet_json, NULL, v, 2);

	CU_ASSERT(!strncmp(text.text, "1: ", 3));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.text, "2 connections: 1 failed, 1 established\n"));
	CU_ASSERT_PTR_NULL(strstr(json.text, "established"));
	CU_ASSERT_PTR_NOT_NULL(strstr(json.text, "\"failed\""));
	free(text.text);
	free(json.text);
}

/* No line of a report is longer than a terminal, and colours change nothing but colours. */
static void test_layout(void)
{
	struct tlsdiag_verdict v = failed_verdict();
	struct printed plain, coloured;
	size_t column = 0, at = 0;

	v.client = v.server = established_verdict().client;
	v.certificate = expired;
	v.summary = advice[0];
	for (int i = 0; i < TLSDIAG_STAGES; i++)
		v.milestones[i] = (struct tlsdiag_milestone){true, i > 2, AFTER(3, 412)};
	plain = print(make_terminal_text, NULL, &v, 1);
	coloured = print(make_colour_text, NULL, &v, 1);
	for (size_t i = 0; i < plain.size; i++) {
		column = plain.text[i] == '\n' ? 0 : column + 1;
		CU_ASSERT(column <= 80);
	}
	for (size_t i = 0; i < coloured.size; i++) {
		if (coloured.text[i] == '\033')
			i += strcspn(coloured.text + i, "m");
		else
			CU_ASSERT_EQUAL(coloured.text[i], plain.text[at++]);
	}
	CU_ASSERT_EQUAL(at, plain.size);
	CU_ASSERT_PTR_NOT_NULL(strstr(coloured.text, "\033[1;31mfailed: server-hello/alert"));
	free(plain.text);
	free(coloured.text);
}

static size_t longest_line(const char *text)
{
	size_t longest = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");

		longest = n > longest ? n : longest;
		text += n + (text[n] == '\n');
	}
	return longest;
}

/* A terminal gets lines as wide as it is; a pipe a line for each connection that did not fail, however long. */
static void test_widths(void)
{
	struct tlsdiag_verdict v[2] = {failed_verdict(), unknown_verdict()};
	struct printed narrow, wide, piped;

	v[0].certificate = expired;
	v[1].hello.server_name = "a-name-that-is-rather-long.example.net";
	v[1].summary = advice[0];
	narrow = print(make_terminal_text, NULL, v, 2);
	wide = print(make_wide_text, NULL, v, 2);
	piped = print(make_text, NULL, v, 2);
	CU_ASSERT(longest_line(narrow.text) <= 80);
	CU_ASSERT(longest_line(wide.text) > 80 && longest_line(wide.text) <= 120);
	CU_ASSERT_PTR_NOT_NULL(strstr(piped.text, " a-name-that-is-rather-long.example.net, incomplete: Versions "
						  "offered against the server's.\n"));
	free(narrow.text);
	free(wide.text);
	free(piped.text);
}

/* What a frame shows is broken so that its separator too keeps within the line. */
static void test_separators_keep_within_the_line(void)
{
	for (int n = 1; n < 60; n++) {
		struct tlsdiag_evidence two[2] = {{{1, BEGAN_NS}, TLSDIAG_FROM_SERVER, false, "SYN-ACK"},
						  {{1, BEGAN_NS}, TLSDIAG_FROM_SERVER, false, "FIN"}};
		struct tlsdiag_verdict v = failed_verdict();
		struct printed p;
		char shows[64];

		snprintf(shows, sizeof(shows), "a %.*s", n,
			 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
		two[0].shows = shows;
		v.evidence = two;
		v.evidence_count = 2;
		p = print(make_terminal_text, NULL, &v, 1);
		CU_ASSERT(n > 39 || longest_line(p.text) <= 80);
		CU_ASSERT_PTR_NOT_NULL(strstr(p.text, "b;"));
		free(p.text);
	}
}

static void test_remarks_on_a_capture(void)
{
	struct report_capture capture = {.name = "a.pcap", .dropped = 1, .counts = {.packets = 9, .cut_short = 2}};
	struct printed p = {0};
	FILE *out = open_memstream(&p.text, &p.size);
	struct report *report = make_text(out);

	report->ops->capture(report, &capture);
	report->ops->end(report);
	report_free(report);
	fclose(out);
	CU_ASSERT_STRING_EQUAL(p.text, "a.pcap: 1 packet was lost by the capture itself\n"
				       "a.pcap: 2 packets are cut short (take more with tcpdump -s 0)\n"
				       "\n"
				       "no TCP connection in 9 packets\n");
	free(p.text);
}

/* ---- The command of a live run ---- */

static char command_word[] = "curl", url_word[] = "https://api.example.net/";
static char *const command[] = {command_word, url_word, NULL};

/* What is said of a run with one line of output; it ended with that wait(2) status. */
static struct printed print_client(struct report *(*make)(FILE *), int status, const char *bound)
{
	struct client_line line = {.time_ns = BEGAN_NS, .stream = CLIENT_STDERR, .text = url_word};
	struct client_run run = {.argv = command,
				 .name = command_word,
				 .ended = true,
				 .status = status,
				 .began_ns = BEGAN_NS,
				 .ended_ns = BEGAN_NS + 1000,
				 .output = {.lines = &line, .count = 1},
				 .interface = "eth0",
				 .selection = "its own connections, to 203.0.113.20:443"};
	const struct report_capture capture = {.name = "eth0", .counts = {.packets = 14}, .bound = bound};
	struct printed p = {0};
	FILE *out = open_memstream(&p.text, &p.size);
	struct report *report;

	CU_ASSERT_FATAL(out != NULL);
	report = make(out);
	CU_ASSERT_FATAL(report != NULL);
	report->ops->client(report, &run, &capture);
	CU_ASSERT_FALSE(report->failed);
	report_free(report);
	fclose(out);
	return p;
}

static void test_text_of_a_command(void)
{
	struct printed p = print_client(make_text, 35 << 8, "100 packets");

	CU_ASSERT_STRING_EQUAL(
		p.text, "curl ended with exit status 35; 14 packets on eth0: its own connections, to 203.0.113.20:443\n"
			"    warning   the capture was over after 100 packets, before it ended\n");
	free(p.text);
}

static void test_json_of_a_command(void)
{
	static const char *const expected[] = {"{\"exit_status\":35,\"signal\":null,\"output_left_out\":0}",
					       "{\"exit_status\":null,\"signal\":15}"};
	static const int statuses[] = {35 << 8, 15};

	for (size_t i = 0; i < 2; i++) {
		struct printed p = print_client(make_json, statuses[i], NULL);
		json_t *schema = json_load_file("docs/tlsdiag.schema.json", JSON_REJECT_DUPLICATES, NULL);
		json_t *object = json_loads(p.text, JSON_REJECT_DUPLICATES, NULL);
		char why[512] = "";

		CU_ASSERT_FATAL(schema != NULL && object != NULL);
		CU_ASSERT_TRUE(json_schema_check(schema, object, why, sizeof(why)));
		expect_json(json_incref(json_object_get(object, "command")), expected[i]);
		json_object_set_new(json_object_get(object, "command"), "more", json_null());
		CU_ASSERT_FALSE(json_schema_check(schema, object, why, sizeof(why)));
		free(p.text);
		json_decref(object);
		json_decref(schema);
	}
}

const struct unit_test unit_tests[] = {
	{"JSON of a failure", test_json_of_a_failure},
	{"JSON of other outcomes has nulls", test_json_of_other_outcomes},
	{"JSON of an encrypted alert claims nothing of it", test_json_of_an_encrypted_alert},
	{"JSON marks the frame that ended it", test_json_marks_the_decisive_frame},
	{"JSON of a certificate", test_json_of_a_certificate},
	{"JSON of the client's certificate, or that it has none", test_json_of_client_certificates},
	{"JSON of milestones before the capture", test_json_of_what_lies_before},
	{"bytes from the wire cannot break a report", test_hostile_text},
	{"the schema refuses what is wrong", test_schema_refuses},
	{"text of a failure", test_text_of_a_failure},
	{"text of several connections", test_text_of_many},
	{"quiet reports failures and the summary", test_quiet},
	{"lines fit a terminal, colours change only colours", test_layout},
	{"a terminal's width is used, a pipe gets whole lines", test_widths},
	{"separators keep within the line", test_separators_keep_within_the_line},
	{"remarks on a capture", test_remarks_on_a_capture},
	{"text of a command that ran meanwhile", test_text_of_a_command},
	{"JSON of a command, by its status or by a signal", test_json_of_a_command},
	{NULL, NULL},
};
