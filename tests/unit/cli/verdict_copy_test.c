/* verdict_copy_test.c: a copy says the same when what it was copied from is gone. */
#include "tests/unit/suite.h"

#include "analyzer/cli/verdict_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A verdict whose every text and list lies in one place, so that all can be overwritten at once. */
struct original {
	struct tlsdiag_verdict v;
	struct tlsdiag_evidence evidence[3];
	uint16_t numbers[4];
	const char *sentences[2];
	char texts[16][32];
};

static void fill(struct original *o)
{
	const char **const texts[] = {&o->v.detail,
				      &o->v.signature,
				      &o->v.summary,
				      &o->v.alert.name,
				      &o->v.hello.server_name,
				      &o->v.hello.alpn,
				      &o->v.choice.alpn,
				      &o->v.certificate.subject,
				      &o->v.certificate.issuer,
				      &o->v.certificate.names,
				      &o->v.protocol,
				      &o->evidence[0].shows,
				      &o->evidence[1].shows,
				      &o->evidence[2].shows,
				      &o->sentences[0],
				      &o->sentences[1]};

	*o = (struct original){.v = {.number = 7, .outcome = TLSDIAG_FAILED, .packets = {3, 4}}};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		snprintf(o->texts[i], sizeof(o->texts[i]), "text %zu", i);
		*texts[i] = o->texts[i];
	}
	for (uint16_t i = 0; i < 4; i++)
		o->numbers[i] = (uint16_t)(0x0300 + i);
	o->v.evidence = o->evidence;
	o->v.evidence_count = 3;
	o->v.hello.ciphers = (struct tlsdiag_numbers){.count = 4, .values = o->numbers};
	o->v.notes = o->v.warnings = o->v.advice = o->v.certificate.findings = o->sentences;
	o->v.note_count = 2;
	o->v.advice_count = 1;
	o->v.certificate.finding_count = 2;
}

static void test_outlives(void)
{
	struct original *o = malloc(sizeof(*o));
	struct tlsdiag_verdict *copy;
	size_t size = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	fill(o);
	copy = verdict_copy(&o->v, &size);
	memset(o, 'x', sizeof(*o));
	free(o);
	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	CU_ASSERT_TRUE(size > sizeof(*copy));
	CU_ASSERT_EQUAL(copy->number, 7);
	CU_ASSERT_STRING_EQUAL(copy->detail, "text 0");
	CU_ASSERT_STRING_EQUAL(copy->protocol, "text 10");
	CU_ASSERT_STRING_EQUAL(copy->evidence[2].shows, "text 13");
	CU_ASSERT_STRING_EQUAL(copy->notes[1], "text 15");
	CU_ASSERT_STRING_EQUAL(copy->advice[0], "text 14");
	CU_ASSERT_STRING_EQUAL(copy->certificate.findings[1], "text 15");
	CU_ASSERT_EQUAL(copy->hello.ciphers.values[3], 0x0303);
	CU_ASSERT_EQUAL(copy->warning_count, 0);
	free(copy);
}

const struct unit_test unit_tests[] = {
	{"a copy outlives what it was copied from", test_outlives},
	{NULL, NULL},
};
