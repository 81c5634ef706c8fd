/* offer_memo_test.c: an offer is found again when all its numbers are the same, and never another one's text. */
#include "analyzer/cli/offer_memo.h"

#include "tests/unit/suite.h"

#include <string.h>

static const uint16_t numbers[2 * OFFER_NUMBERS_MAX] = {1, 2, 3, 4, 5, 6, 7, 8};

static struct tlsdiag_hello hello_of(size_t versions, size_t ciphers, size_t groups, size_t signatures)
{
	return (struct tlsdiag_hello){.seen = true,
				      .complete = true,
				      .legacy_version = 0x0303,
				      .versions = {versions, numbers},
				      .ciphers = {ciphers, numbers},
				      .groups = {groups, numbers},
				      .signatures = {signatures, numbers}};
}

static bool finds(struct offer_memo *memo, const struct tlsdiag_hello *hello, const char *text)
{
	size_t length = 0;
	const char *found = offer_memo_find(memo, hello, &length);

	return found && length == strlen(text) && memcmp(found, text, length) == 0;
}

static bool knows(struct offer_memo *memo, const struct tlsdiag_hello *hello)
{
	size_t length;

	return offer_memo_find(memo, hello, &length);
}

static void test_the_same_alone(void)
{
	static const uint16_t other[] = {1, 2, 3, 5};
	const struct tlsdiag_hello usual = hello_of(1, 4, 2, 3);
	const struct tlsdiag_hello lengths[] = {hello_of(2, 4, 2, 3), hello_of(1, 3, 2, 3), hello_of(1, 4, 3, 2),
						hello_of(1, 4, 2, 4), hello_of(0, 4, 2, 3), hello_of(1, 2, 4, 3)};
	struct tlsdiag_hello changed;
	struct offer_memo memo = {0};

	CU_ASSERT_FALSE(knows(&memo, &usual));
	offer_memo_add(&memo, "usual", 5);
	CU_ASSERT_TRUE(finds(&memo, &usual, "usual"));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		CU_ASSERT_FALSE(knows(&memo, &lengths[i]));
	changed = usual;
	changed.complete = false;
	CU_ASSERT_FALSE(knows(&memo, &changed));
	changed = usual;
	changed.legacy_version = 0x0302;
	CU_ASSERT_FALSE(knows(&memo, &changed));
	changed = usual;
	changed.ciphers.values = other;
	CU_ASSERT_FALSE(knows(&memo, &changed));
	offer_memo_add(&memo, "changed", 7);
	CU_ASSERT_TRUE(finds(&memo, &changed, "changed"));
	CU_ASSERT_TRUE(finds(&memo, &usual, "usual"));
	offer_memo_free(&memo);
	CU_ASSERT_FALSE(knows(&memo, &usual));
}

static void test_bounds(void)
{
	struct offer_memo memo = {0};
	struct tlsdiag_hello hello;
	char text[2] = "a";

	/* What is too long is not found, and takes nobody's place. */
	for (size_t n = OFFER_NUMBERS_MAX - 8; n < OFFER_NUMBERS_MAX + 8; n++) {
		hello = hello_of(1, n, 0, 0);
		CU_ASSERT_FALSE(knows(&memo, &hello));
		offer_memo_add(&memo, "long", 4);
		CU_ASSERT_EQUAL(knows(&memo, &hello), n <= OFFER_NUMBERS_MAX - 7);
	}
	for (size_t i = 0; i < 3 * OFFER_MEMO_SIZE; i++) {
		hello = hello_of(i, 0, 0, 0);
		CU_ASSERT_FALSE(knows(&memo, &hello));
		text[0] = (char)('a' + i);
		offer_memo_add(&memo, text, 1);
		for (size_t back = 0; back < OFFER_MEMO_SIZE && back <= i; back++) {
			text[0] = (char)('a' + i - back);
			hello = hello_of(i - back, 0, 0, 0);
			CU_ASSERT_TRUE(finds(&memo, &hello, text));
		}
	}
	hello = hello_of(0, 0, 0, 0);
	CU_ASSERT_FALSE(knows(&memo, &hello));
	offer_memo_free(&memo);
}

const struct unit_test unit_tests[] = {
	{"an offer is found again when all of it is the same", test_the_same_alone},
	{"so many are remembered, the latest, and none too long", test_bounds},
	{NULL, NULL},
};
