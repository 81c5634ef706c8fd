/* words_test.c: every signature that can occur has words, and the right ones. */
#include "tests/unit/suite.h"

#include "analyzer/decode.h"
#include "analyzer/describe.h"
#include "analyzer/iana.h"
#include "analyzer/preamble_protocol.h"
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
		{"tcp/unreachable/other", "any/unreachable/other"},
		{"server-flight/unreachable/too-big", "any/unreachable"},
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

static const char *row_by(const char *signature, enum tlsdiag_party by)
{
	const struct tlsdiag_words *w = tlsdiag_explain_by(signature, by);

	return w ? w->signature : "";
}

/* "Server closed before a ClientHello" is not said of a client that did. */
static void test_words_are_about_one_end(void)
{
	CU_ASSERT_STRING_EQUAL(row_by("client-hello/closed", TLSDIAG_BY_SERVER), "client-hello/closed");
	CU_ASSERT_STRING_EQUAL(row_by("client-hello/closed", TLSDIAG_BY_CLIENT), "any/closed");
	CU_ASSERT_STRING_EQUAL(row_by("client-flight/closed", TLSDIAG_BY_CLIENT), "client-flight/closed");
	CU_ASSERT_STRING_EQUAL(row_by("client-flight/closed", TLSDIAG_BY_SERVER), "any/closed");
	CU_ASSERT_STRING_EQUAL(row_by("client-flight/alert/unknown_ca", TLSDIAG_BY_SERVER), "any/alert/unknown_ca");
	CU_ASSERT_STRING_EQUAL(row_by("server-hello/timeout", TLSDIAG_BY_CLIENT), "any/timeout");
	CU_ASSERT_STRING_EQUAL(row_by("server-hello/reset/injected", TLSDIAG_BY_NETWORK),
			       "server-hello/reset/injected");
	CU_ASSERT_STRING_EQUAL(row_by("tcp/timeout", TLSDIAG_BY_UNKNOWN), "tcp/timeout");
	CU_ASSERT_STRING_EQUAL(row_by("tcp/refused", TLSDIAG_BY_SERVER), "tcp/refused");
	CU_ASSERT_PTR_NULL(tlsdiag_explain_by("", TLSDIAG_BY_CLIENT));
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

static void check_sentence(const char *text)
{
	CU_ASSERT(text[0] && strchr(".?", text[strlen(text) - 1]));
	for (const char *c = text; *c; c++)
		CU_ASSERT(*c >= ' ' && *c <= '~');
}

static void check_row(const struct tlsdiag_words *w)
{
	CU_ASSERT_FATAL(w != NULL);
	CU_ASSERT(w->title[0] && strlen(w->title) <= 64);
	CU_ASSERT(w->meaning[0] && w->meaning[strlen(w->meaning) - 1] == '.');
	CU_ASSERT(w->cause_count > 0);
	for (size_t i = 0; i < w->cause_count; i++)
		check_sentence(w->causes[i]);
	CU_ASSERT(w->check_count > 0 && w->check_count <= DESCRIPTION_ADVICE_MAX);
	for (size_t i = 0; i < w->check_count; i++) {
		CU_ASSERT(w->checks[i].places && w->checks[i].places < 8);
		check_sentence(w->checks[i].text);
	}
}

/* Calls `check` for every detail that a verdict of this cause can have, "" among them. */
typedef void detail_fn(const char *stage, const char *cause, const char *detail);

static void each_listed(const char *stage, const char *cause, const char *const *details, detail_fn *check)
{
	for (; *details; details++)
		check(stage, cause, *details);
}

static void each_protocol(const char *stage, const char *cause, detail_fn *check)
{
	static const struct preamble_protocol *const tables[] = {preamble_line_protocols, preamble_http_protocols,
								 preamble_binary_protocols};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct preamble_protocol *p = tables[i]; p->name; p++)
			check(stage, cause, p->name);
}

static void each_detail(const char *stage, enum tlsdiag_cause c, detail_fn *check)
{
	static const char *const lost[] = {"mtu", "partial", NULL}, *const reset[] = {"injected", NULL};
	static const char *const malformed[] = {"record-oversize",
						"record-unknown",
						"sslv2",
						"hello-truncated",
						"application-data-first",
						"empty-records",
						"ccs-first",
						"ccs-flood",
						NULL};
	const char *cause = tlsdiag_cause_name(c), *name;
	iana_buffer buffer;

	check(stage, cause, "");
	if (c == TLSDIAG_LOST)
		each_listed(stage, cause, lost, check);
	if (c == TLSDIAG_RESET)
		each_listed(stage, cause, reset, check);
	if (c == TLSDIAG_MALFORMED)
		each_listed(stage, cause, malformed, check);
	if (c == TLSDIAG_REFUSED)
		each_protocol(stage, cause, check);
	for (int i = 0; c == TLSDIAG_UNREACHABLE && i <= ICMP_UNREACHABLE_OTHER; i++)
		check(stage, cause, icmp_reason_name((enum icmp_reason)i));
	for (size_t i = 0; c == TLSDIAG_CAUSE_NOT_TLS && (name = recognize_name(i)); i++)
		check(stage, cause, name);
	if (c == TLSDIAG_CAUSE_NOT_TLS)
		check(stage, cause, "text");
	for (int alert = 0; c == TLSDIAG_ALERT && alert < 256; alert++)
		check(stage, cause, iana_alert_name((uint8_t)alert, buffer));
	if (c == TLSDIAG_ALERT)
		check(stage, cause, "encrypted");
}

static void each_signature(detail_fn *check)
{
	for (int s = 0; s < TLSDIAG_STAGES; s++)
		for (int c = TLSDIAG_TIMEOUT; c < TLSDIAG_CAUSES; c++)
			each_detail(tlsdiag_stage_name((enum tlsdiag_stage)s), (enum tlsdiag_cause)c, check);
}

static void put_signature(char *signature, size_t size, const char *stage, const char *cause, const char *detail)
{
	snprintf(signature, size, "%s/%s%s%s", stage, cause, *detail ? "/" : "", detail);
}

static void check_words(const char *stage, const char *cause, const char *detail)
{
	char signature[128];

	put_signature(signature, sizeof(signature), stage, cause, detail);
	check_row(tlsdiag_explain(signature));
}

static void test_rows_are_whole(void)
{
	each_signature(check_words);
}

/* Whether a row ends in what is special about it: for some stage, where others have no row for the detail. */
static void check_detail(const char *stage, const char *cause, const char *detail)
{
	char end[96];
	const struct tlsdiag_words *w;

	snprintf(end, sizeof(end), "/%s/%s", cause, detail);
	(void)stage;
	if (strcmp(cause, "refused") == 0 && (strcmp(detail, "http") == 0 || strcmp(detail, "proxy") == 0))
		return; /* these grant or are only followed */
	if (!*detail || (strcmp(cause, "alert") == 0 && *detail >= '0' && *detail <= '9') ||
	    strcmp(detail, "too-big") == 0) /* no verdict of its own: lost/mtu */
		return;
	for (size_t i = 0; (w = tlsdiag_words_row(i)); i++) {
		size_t n = strlen(w->signature);

		if (n > strlen(end) && strcmp(w->signature + n - strlen(end), end) == 0)
			return;
	}
	CU_FAIL("a detail has no row of its own");
	printf("# %s\n", end);
}

static void test_details_have_words(void)
{
	for (int c = TLSDIAG_TIMEOUT; c < TLSDIAG_CAUSES; c++)
		each_detail("any", (enum tlsdiag_cause)c, check_detail);
}

static void test_rows_are_unique(void)
{
	const struct tlsdiag_words *w;

	for (size_t i = 0; (w = tlsdiag_words_row(i)); i++)
		CU_ASSERT_PTR_EQUAL(tlsdiag_explain(w->signature), w);
	CU_ASSERT(tlsdiag_words_row(SIZE_MAX) == NULL);
}

static bool checks_every_place(const char *signature)
{
	const struct tlsdiag_words *w = tlsdiag_explain(signature);
	unsigned places = 0;

	for (size_t i = 0; i < w->check_count; i++)
		places |= w->checks[i].places;
	return places == (TLSDIAG_AT_CLIENT | TLSDIAG_ON_PATH | TLSDIAG_AT_SERVER);
}

/* So that for any signature there is something to check at every place: of its own, or of its cause. */
static void test_every_place_has_checks(void)
{
	for (int s = 0; s < TLSDIAG_STAGES; s++)
		CU_ASSERT(checks_every_place(tlsdiag_stage_name((enum tlsdiag_stage)s)));
	for (int c = TLSDIAG_TIMEOUT; c < TLSDIAG_CAUSES; c++) {
		char any[64];

		snprintf(any, sizeof(any), "any/%s", tlsdiag_cause_name((enum tlsdiag_cause)c));
		CU_ASSERT(checks_every_place(any));
	}
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
	{"the words for one end are not told of the other", test_words_are_about_one_end},
	{"what is no signature is not explained", test_only_signatures_are_explained},
	{"every stage and cause has words about the cause", test_every_stage_and_cause_has_words},
	{"every assigned alert has words", test_every_assigned_alert_has_words},
	{"every signature has title, meaning, causes and checks", test_rows_are_whole},
	{"every detail that can occur has words of its own", test_details_have_words},
	{"a row is what is found by its own name", test_rows_are_unique},
	{"every stage and every cause has checks at the client, on the path and at the server",
	 test_every_place_has_checks},
	{"names of the vocabulary", test_names},
	{NULL, NULL},
};
