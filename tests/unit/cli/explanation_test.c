/* explanation_test.c: what is found for a text, what is gathered of it, and what is suggested where nothing is. */
#include "tests/unit/suite.h"

#include "analyzer/cli/explanation.h"

#include <stdio.h>
#include <string.h>

static void test_found(void)
{
	static const struct {
		const char *text;
		enum explanation_kind kind;
		const char *name;
	} rows[] = {
		{"server-hello/reset", EXPLAINS_SIGNATURE, "server-hello/reset"},
		{" Server-Hello/RESET\n", EXPLAINS_SIGNATURE, "server-hello/reset"},
		{"server-hello/", EXPLAINS_SIGNATURE, "server-hello"},
		{"finished", EXPLAINS_SIGNATURE, "finished"},
		{"half-open", EXPLAINS_SIGNATURE, "any/half-open"},
		{"alert", EXPLAINS_SIGNATURE, "any/alert"},
		{"not-tls/kafka", EXPLAINS_SIGNATURE, "any/not-tls/kafka"},
		{"client-hello/not-tls/kafka", EXPLAINS_SIGNATURE, "client-hello/not-tls/kafka"},
		{"client-flight/alert/48", EXPLAINS_SIGNATURE, "client-flight/alert/unknown_ca"},
		{"finished/alert/NO_CERTIFICATE", EXPLAINS_SIGNATURE, "finished/alert/no_certificate_RESERVED"},
		{"server-hello/alert/199", EXPLAINS_SIGNATURE, "server-hello/alert/199"},
		{"client-flight/alert/encrypted", EXPLAINS_SIGNATURE, "client-flight/alert/encrypted"},
		{"48", EXPLAINS_ALERT, "unknown_ca"},
		{"0x30", EXPLAINS_ALERT, "unknown_ca"},
		{"SSL alert number 48", EXPLAINS_ALERT, "unknown_ca"},
		{"TLS alert, unknown CA", EXPLAINS_ALERT, "unknown_ca"},
		{"no-application-protocol", EXPLAINS_ALERT, "no_application_protocol"},
		{"no_renegotiation", EXPLAINS_ALERT, "no_renegotiation_RESERVED"},
		{"0", EXPLAINS_ALERT, "close_notify"},
		{"255", EXPLAINS_ALERT, "255"},
		{"Connection refused", EXPLAINS_WORDS, "refused"},
		{"remote error: tls: bad certificate", EXPLAINS_WORDS, "bad_certificate"},
		{"x\ny\ncurl: (52) Empty reply from server\n", EXPLAINS_WORDS, "empty-reply"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct explanation e;

		CU_ASSERT_TRUE_FATAL(explanation_find(&e, rows[i].text));
		CU_ASSERT_EQUAL(e.kind, rows[i].kind);
		CU_ASSERT_STRING_EQUAL(e.name, rows[i].name);
	}
}

static void test_not_found(void)
{
	static const char *const texts[] = {
		"",
		" \n",
		"256",
		"0x100",
		"0x",
		"-1",
		"any",
		"any/",
		"/",
		"server",
		"server-hello/nonsense",
		"server-hello/not-tls/htpt",
		"tcp//timeout",
		"server-hello/alert/256",
		"the weather",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct explanation e;

		CU_ASSERT_FALSE(explanation_find(&e, texts[i]));
	}
}

static bool has_candidate(const struct explanation *e, const char *signature)
{
	for (size_t i = 0; i < e->candidate_count; i++)
		if (strcmp(e->candidates[i].signature, signature) == 0)
			return true;
	return false;
}

static void test_candidates(void)
{
	static const struct {
		const char *text, *candidate;
		bool has;
	} rows[] = {
		{"server-hello", "server-hello/timeout", true},
		{"server-hello", "server-hello/reset/injected", false}, /* two parts longer */
		{"server-hello/reset", "server-hello/reset/injected", true},
		{"reset", "tcp/reset", true},
		{"reset", "any/reset/injected", true},
		{"unknown_ca", "client-flight/alert/unknown_ca", true},
		{"unknown_ca", "finished/alert/unknown_ca", true},
		{"unknown_ca", "finished/alert/encrypted", true},
		{"unknown_ca", "server-hello/alert/unknown_ca", false},
		/* a received alert came from the server, a sent one did not */
		{"alert unknown ca (560) (IN)", "finished/alert/unknown_ca", true},
		{"TLSv1.3 (OUT), TLS alert, unknown CA (560):", "client-flight/alert/unknown_ca", true},
		{"TLSv1.3 (OUT), TLS alert, unknown CA (560):", "client-flight/alert/encrypted", true},
		{"TLSv1.3 (OUT), TLS alert, unknown CA (560):", "finished/alert/unknown_ca", false},
		{"Received fatal alert: protocol_version", "server-hello/alert/protocol_version", true},
		{"Received fatal alert: protocol_version", "client-flight/alert/protocol_version", false},
		{"certificate has expired", "client-flight/alert/certificate_expired", true},
		{"certificate has expired", "established", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct explanation e;

		CU_ASSERT_TRUE_FATAL(explanation_find(&e, rows[i].text));
		CU_ASSERT_EQUAL(has_candidate(&e, rows[i].candidate), rows[i].has);
	}
}

/* What clients word alike is told apart on the wire. */
static void test_look_alikes(void)
{
	static const struct {
		const char *signature, *other;
		bool alike;
	} rows[] = {
		{"server-hello/reset", "client-hello/reset", true},
		{"server-hello/reset/injected", "finished/reset", true},
		{"server-hello/reset/injected", "server-hello/reset", true},
		{"tcp/timeout", "tcp/half-open", true},
		{"server-hello/closed", "client-hello/closed", true},
		{"tcp/refused", "tcp/refused", false}, /* itself */
		{"server-hello/reset", "server-hello/reset/injected", false}, /* which it may be more precisely */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct explanation e;
		bool alike = false;

		CU_ASSERT_TRUE_FATAL(explanation_find(&e, rows[i].signature));
		for (size_t k = 0; k < e.look_alike_count; k++) {
			CU_ASSERT(e.look_alikes[k].wire[0]);
			alike = alike || strcmp(e.look_alikes[k].signature, rows[i].other) == 0;
		}
		CU_ASSERT_EQUAL(alike, rows[i].alike);
	}
}

static void check_whole(const struct explanation *e)
{
	unsigned places = 0;

	CU_ASSERT(e->name[0] && e->title[0] && e->meaning[0]);
	for (size_t i = 0; i < e->check_count; i++)
		places |= e->checks[i].places;
	/* what no packet tells of has neither signatures nor checks */
	CU_ASSERT_EQUAL(places, e->kind == EXPLAINS_WORDS && !e->candidate_count ? 0 : 7);
	CU_ASSERT(e->cause_count > 0 || !places);
	for (size_t i = 0; i < e->candidate_count; i++)
		CU_ASSERT(e->candidates[i].title[0]);
	CU_ASSERT(e->kind != EXPLAINS_WORDS || e->phrase_count > 0);
}

/* Every row of words, every alert, every claim: each once. */
static void test_all(void)
{
	size_t counts[3] = {0}, rows = 0, alerts = 0;
	struct explanation e;

	for (size_t i = 0; explanation_at(&e, i); i++) {
		counts[e.kind]++;
		check_whole(&e);
	}
	for (size_t i = 0; tlsdiag_words_row(i); i++)
		rows++;
	for (int i = 0; i < 256; i++)
		alerts += tlsdiag_alert_assigned((uint8_t)i);
	CU_ASSERT_EQUAL(counts[EXPLAINS_SIGNATURE], rows - alerts);
	CU_ASSERT_EQUAL(counts[EXPLAINS_ALERT], alerts);
	CU_ASSERT_EQUAL(counts[EXPLAINS_WORDS], CLAIMS);
}

static void test_scenarios(void)
{
	struct explanation e;

	CU_ASSERT_TRUE_FATAL(explanation_find(&e, "server-hello/reset"));
	CU_ASSERT(e.scenario_count > 1);
	/* what expects just this stands first */
	CU_ASSERT_STRING_EQUAL(e.scenarios[0]->signature, "server-hello/reset");
	CU_ASSERT_STRING_EQUAL(e.scenarios[e.scenario_count - 1]->signature, "server-hello/reset/injected");
	for (size_t i = 1; i < e.scenario_count; i++)
		CU_ASSERT_STRING_NOT_EQUAL(e.scenarios[i]->name, e.scenarios[i - 1]->name);
}

static void test_suggestions(void)
{
	static const struct {
		const char *text, *nearest;
	} rows[] = {
		{"unknwon_ca", "unknown_ca"},
		{"Unknown-CAs", "unknown_ca"},
		{"tcp/timeot", "tcp/timeout"},
		{"client-flight/allert", "client-flight/alert"},
		{"rest", "reset"},
		{"ECONNRESE", "ECONNRESET"},
		{"PR_END_OF_FILE", "PR_END_OF_FILE_ERROR"},
		{"completely unheard of", NULL},
		{"", NULL},
	};
	char names[EXPLANATION_SUGGESTIONS][EXPLANATION_NAME_MAX], endless[300];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t count = explanation_suggest(rows[i].text, names);

		CU_ASSERT_EQUAL(count > 0, rows[i].nearest != NULL);
		if (count && rows[i].nearest)
			CU_ASSERT_STRING_EQUAL(names[0], rows[i].nearest);
		for (size_t k = 1; k < count; k++)
			CU_ASSERT_STRING_NOT_EQUAL(names[k], names[k - 1]);
	}
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	CU_ASSERT_EQUAL(explanation_suggest(endless, names), 0);
}

const struct unit_test unit_tests[] = {
	{"what is explained", test_found},
	{"what is not", test_not_found},
	{"the signatures that it may be", test_candidates},
	{"what looks the same to a client", test_look_alikes},
	{"all there is, each once and whole", test_all},
	{"scenarios, those that make just this first", test_scenarios},
	{"suggestions, the nearest first", test_suggestions},
	{NULL, NULL},
};
