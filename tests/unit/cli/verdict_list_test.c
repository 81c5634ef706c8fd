/* verdict_list_test.c: lists of verdicts, the same and another. */
#include "analyzer/cli/verdict_list.h"

#include "tests/unit/suite.h"

static struct tlsdiag_verdict verdict(uint64_t number)
{
	struct tlsdiag_verdict v = {.number = number,
				    .outcome = TLSDIAG_FAILED,
				    .stage = TLSDIAG_SERVER_HELLO,
				    .cause = TLSDIAG_ALERT,
				    .detail = "protocol_version",
				    .by = TLSDIAG_BY_SERVER};

	v.milestones[TLSDIAG_TCP] = (struct tlsdiag_milestone){.reached = true, .at.frame = 3};
	return v;
}

static uint64_t differ(const struct tlsdiag_verdict *a, const struct tlsdiag_verdict *b, uint64_t *first)
{
	struct verdict_list one = {0}, other = {0};
	struct tlsdiag_verdict before = verdict(1);
	uint64_t n;

	verdict_list_add(&before, &one);
	verdict_list_add(&before, &other);
	verdict_list_add(a, &one);
	verdict_list_add(b, &other);
	n = verdict_list_differ(&one, &other, first);
	verdict_list_free(&one);
	verdict_list_free(&other);
	return n;
}

static void whatever_differs(void)
{
	const struct tlsdiag_verdict v = verdict(2);
	struct tlsdiag_verdict w[8];
	uint64_t first;

	for (size_t i = 0; i < sizeof(w) / sizeof(*w); i++)
		w[i] = v;
	CU_ASSERT_EQUAL(differ(&v, &w[0], &first), 0);
	w[0].outcome = TLSDIAG_INCOMPLETE;
	w[1].stage = TLSDIAG_TCP;
	w[2].cause = TLSDIAG_RESET;
	w[3].detail = "unknown_ca";
	w[4].by = TLSDIAG_BY_NETWORK;
	w[5].certainty = TLSDIAG_INFERRED;
	w[6].milestones[TLSDIAG_TCP].at.frame = 4;
	w[7].milestones[TLSDIAG_CLIENT_HELLO].reached = true;
	for (size_t i = 0; i < sizeof(w) / sizeof(*w); i++) {
		CU_ASSERT_EQUAL(differ(&v, &w[i], &first), 1);
		CU_ASSERT_EQUAL(first, 2);
	}
}

/* Verdicts come in the order in which they are decided. */
static void any_order(void)
{
	struct verdict_list one = {0}, other = {0};
	uint64_t first;

	for (uint64_t i = 1; i <= 1000; i++) {
		struct tlsdiag_verdict up = verdict(i), down = verdict(1001 - i);

		verdict_list_add(&up, &one);
		verdict_list_add(&down, &other);
	}
	CU_ASSERT_EQUAL(verdict_list_differ(&one, &other, &first), 0);
	verdict_list_free(&one);
	verdict_list_free(&other);
}

static void more_or_fewer(void)
{
	struct verdict_list one = {0}, other = {0};
	struct tlsdiag_verdict v = verdict(1), w = verdict(2);
	uint64_t first;

	verdict_list_add(&v, &one);
	CU_ASSERT_EQUAL(verdict_list_differ(&one, &other, &first), 1);
	CU_ASSERT_EQUAL(first, 1);
	verdict_list_add(&v, &other);
	verdict_list_add(&w, &other);
	CU_ASSERT_EQUAL(verdict_list_differ(&one, &other, &first), 1);
	CU_ASSERT_EQUAL(first, 2);
	verdict_list_free(&one);
	verdict_list_free(&other);
}

const struct unit_test unit_tests[] = {
	{"whatever differs is noticed", whatever_differs},
	{"in any order", any_order},
	{"more connections, or fewer", more_or_fewer},
	{NULL, NULL},
};
