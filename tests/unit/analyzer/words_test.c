/* words_test.c: every signature that can occur has words, and the right ones. */
#include "tests/unit/suite.h"

#include "analyzer/iana.h"
#include "analyzer/tlsdiag.h"

#include <stdio.h>
#include <string.h>

static const char *row_of(const char *signature)
{
	const struct tlsdiag_words *w = tlsdiag_explain(signature);

	return w ? w->signature : "";
}

static void test_longest_part_wins(void)
{
	static const struct {
		const char *signature, *row;
	} cases[] = {
		{"server-hello/alert/handshake_failure", "server-hello/alert/handshake_failure"},
		{"server-hello/alert/record_overflow", "any/alert/record_overflow"},
		{"server-hello/alert/199", "server-hello/alert"},
		{"client-flight/malformed/bad-length", "any/malformed"},
		{"server-hello/not-tls/http/1", "server-hello/not-tls/http"},
		{"client-hello/refused/postgres", "client-hello/refused/postgres"},
		{"client-hello/refused/unheard-of", "client-hello/refused"},
		{"tcp/unreachable/admin-prohibited", "any/unreachable/admin-prohibited"},
		{"tcp/unreachable/other", "tcp/unreachable"},
		{"server-flight/unreachable/other", "any/unreachable"},
		{"any/alert/unknown_ca", "any/alert/unknown_ca"},
		{"client-flight", "client-flight"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CU_ASSERT_STRING_EQUAL(row_of(cases[i].signature), cases[i].row);
}

/* Who refuses whose bytes is told by the stage: the same alert has other causes at each. */
static void test_alerts_differ_by_stage(void)
{
	static const char *const stages[] = {"server-hello", "server-flight", "client-flight", "finished"};
	static const struct {
		const char *alert;
		bool at[4]; /* has a row of its own at that stage */
	} alerts[] = {
		{"handshake_failure", {true, true, true, true}},
		{"protocol_version", {true, true, true, false}},
		{"illegal_parameter", {true, true, true, false}},
		{"decode_error", {true, true, true, false}},
		{"unexpected_message", {true, true, true, true}},
		{"missing_extension", {true, true, true, false}},
		{"unsupported_extension", {false, true, true, false}},
		{"internal_error", {true, true, true, true}},
		{"decrypt_error", {true, false, true, true}},
		{"bad_record_mac", {false, false, true, true}},
		{"insufficient_security", {true, false, true, true}},
		{"access_denied", {true, false, false, true}},
		{"close_notify", {true, false, true, true}},
		{"bad_certificate", {false, false, true, true}},
		{"certificate_expired", {false, false, true, true}},
		{"unknown_ca", {false, false, true, true}},
		{"encrypted", {false, false, true, true}},
	};

	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
		for (size_t s = 0; s < sizeof(stages) / sizeof(stages[0]); s++) {
			char signature[96], any[96];

			snprintf(signature, sizeof(signature), "%s/alert/%s", stages[s], alerts[i].alert);
			snprintf(any, sizeof(any), "any/alert/%s", alerts[i].alert);
			CU_ASSERT_STRING_EQUAL(row_of(signature), alerts[i].at[s] ? signature : any);
		}
	}
}

static void test_only_signatures_are_explained(void)
{
	static const char *const not_signatures[] = {
		"",
		"/",
		"server",
		"server-hello/",
		"server-hello/nonsense",
		"tcp/timed",
		"server-hellos",
		"SERVER-HELLO/closed",
		"unknown_ca",
		"server-hello//http",
		"any/",
	};

	for (size_t i = 0; i < sizeof(not_signatures) / sizeof(*not_signatures); i++)
		CU_ASSERT_PTR_NULL(tlsdiag_explain(not_signatures[i]));
}

static void test_every_stage_and_cause_has_words(void)
{
	for (int s = 0; s < TLSDIAG_STAGES; s++) {
		CU_ASSERT_STRING_EQUAL(row_of(tlsdiag_stage_name((enum tlsdiag_stage)s)),
				       tlsdiag_stage_name((enum tlsdiag_stage)s));
		for (int c = TLSDIAG_TIMEOUT; c < TLSDIAG_CAUSES; c++) {
			const char *cause = tlsdiag_cause_name((enum tlsdiag_cause)c);
			char signature[64];

			snprintf(signature, sizeof(signature), "%s/%s", tlsdiag_stage_name((enum tlsdiag_stage)s),
				 cause);
			/* A row about the stage alone would say nothing of the cause. */
			CU_ASSERT_PTR_NOT_NULL(strstr(row_of(signature), cause));
		}
	}
}

static void test_every_assigned_alert_has_words(void)
{
	for (int i = 0; i < 256; i++) {
		iana_buffer buffer;
		const char *name = iana_alert_name((uint8_t)i, buffer);
		char signature[96];

		if (!iana_alert_assigned((uint8_t)i))
			continue;
		snprintf(signature, sizeof(signature), "any/alert/%s", name);
		CU_ASSERT_STRING_EQUAL(row_of(signature), signature);
	}
}

static void check_row(const struct tlsdiag_words *w)
{
	CU_ASSERT_FATAL(w != NULL);
	CU_ASSERT(w->title[0] && strlen(w->title) <= 64);
	CU_ASSERT(w->meaning[0] && w->meaning[strlen(w->meaning) - 1] == '.');
	CU_ASSERT(w->advice_count > 0);
	for (size_t i = 0; i < w->advice_count; i++) {
		const char *advice = w->advice[i];

		CU_ASSERT(advice[0] && strchr(".?", advice[strlen(advice) - 1]));
		for (const char *c = advice; *c; c++)
			CU_ASSERT(*c >= ' ' && *c <= '~');
	}
}

/* All details that verdicts have beside alerts. */
static const char details[] =
	" /mtu /partial /injected /encrypted /http /http2 /text /ssh /smtp /lmtp /imap /pop3 /ftp /nntp /sieve "
	"/irc "
	"/xmpp /ldap /mysql /mssql /postgres /redis /amqp /mqtt /nats /rdp /vnc /proxy /connect /socks4 /socks5 /net "
	"/host /protocol /port /source-route /admin-prohibited /reject-route /ttl-exceeded /other /record-oversize "
	"/record-unknown /sslv2 /hello-truncated /application-data-first /empty-records /ccs-first /ccs-flood ";

/* Every row that a stage and a cause can lead to. */
static void check_rows_of(const char *stage, const char *cause)
{
	char signature[128];

	for (const char *d = details; *d; d += strcspn(d, " ") + 1) {
		snprintf(signature, sizeof(signature), "%s/%s%.*s", stage, cause, (int)strcspn(d, " "), d);
		check_row(tlsdiag_explain(signature));
	}
	for (int alert = 0; alert < 256; alert++) {
		iana_buffer buffer;

		snprintf(signature, sizeof(signature), "%s/%s/%s", stage, cause,
			 iana_alert_name((uint8_t)alert, buffer));
		check_row(tlsdiag_explain(signature));
	}
}

static void test_rows_are_whole(void)
{
	for (int s = 0; s < TLSDIAG_STAGES; s++)
		for (int c = TLSDIAG_TIMEOUT; c < TLSDIAG_CAUSES; c++)
			check_rows_of(tlsdiag_stage_name((enum tlsdiag_stage)s),
				      tlsdiag_cause_name((enum tlsdiag_cause)c));
}

static void test_names(void)
{
	CU_ASSERT_STRING_EQUAL(tlsdiag_outcome_name(TLSDIAG_NOT_TLS), "not-tls");
	CU_ASSERT_STRING_EQUAL(tlsdiag_stage_name(TLSDIAG_STAGES), "");
	CU_ASSERT_STRING_EQUAL(tlsdiag_cause_name(TLSDIAG_HALF_OPEN), "half-open");
	CU_ASSERT_STRING_EQUAL(tlsdiag_cause_name(TLSDIAG_NO_CAUSE), "");
	CU_ASSERT_STRING_EQUAL(tlsdiag_cause_name((enum tlsdiag_cause)99), "");
	CU_ASSERT_STRING_EQUAL(tlsdiag_party_name(TLSDIAG_BY_NOBODY), "");
	CU_ASSERT_STRING_EQUAL(tlsdiag_party_name(TLSDIAG_BY_NETWORK), "network");
	CU_ASSERT_STRING_EQUAL(tlsdiag_certainty_name(TLSDIAG_INFERRED), "inferred");
}

const struct unit_test unit_tests[] = {
	{"the row that matches most whole parts wins", test_longest_part_wins},
	{"the same alert is explained by its stage", test_alerts_differ_by_stage},
	{"what is no signature is not explained", test_only_signatures_are_explained},
	{"every stage and cause has words about the cause", test_every_stage_and_cause_has_words},
	{"every assigned alert has words", test_every_assigned_alert_has_words},
	{"every row has title, meaning and advice", test_rows_are_whole},
	{"names of the vocabulary", test_names},
	{NULL, NULL},
};
