/* keylog_select_test.c: lines of a key log for some connections, and nothing of the others. */
#include "tests/unit/suite.h"

#include "analyzer/cli/keylog_select.h"

#include <string.h>

#define A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define B "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define C "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static const uint8_t a[32] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
			      0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
			      0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
static const uint8_t b[32] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45,
			      0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab,
			      0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};

static void selects(struct keylog_select *s, const char *text, const char *expected)
{
	char buffer[2048];
	size_t n = strlen(text), kept;

	memcpy(buffer, text, n);
	kept = keylog_select(s, buffer, n);
	CU_ASSERT_FATAL(kept == strlen(expected));
	CU_ASSERT(memcmp(buffer, expected, kept) == 0);
	for (size_t i = kept; i < n; i++)
		CU_ASSERT_EQUAL(buffer[i], 0);
}

static void test_lines(void)
{
	struct keylog_select s = {0};

	selects(&s, "CLIENT_RANDOM " A " 0011\n", "");
	CU_ASSERT(keylog_select_add(&s, b));
	CU_ASSERT(keylog_select_add(&s, a));
	selects(&s, "", "");
	selects(&s,
		"# a remark\nCLIENT_RANDOM " C " 00\nCLIENT_RANDOM " A " 0011\n\nRSA 0011223344556677 0011\n"
		"CLIENT_TRAFFIC_SECRET_0 " B " 2233\r\nEXPORTER_SECRET " C " 44\nEXPORTER_SECRET " A " 55",
		"CLIENT_RANDOM " A " 0011\nCLIENT_TRAFFIC_SECRET_0 " B " 2233\r\nEXPORTER_SECRET " A " 55");
	selects(&s, "CLIENT_RANDOM 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF 00\n",
		"CLIENT_RANDOM 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF 00\n");
	keylog_select_free(&s);
}

/* Nothing behind the line's end is looked at. */
static void test_cut_lines(void)
{
	static const char text[] = "CLIENT_RANDOM " A " 0011\n";
	struct keylog_select s = {0};

	CU_ASSERT(keylog_select_add(&s, a));
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char buffer[sizeof(text)] = {0};

		memcpy(buffer, text, n);
		CU_ASSERT_EQUAL(keylog_select(&s, buffer, n), n > sizeof("CLIENT_RANDOM " A) - 1 ? n : 0);
	}
	selects(&s, "CLIENT_RANDOM\n" A " 0011\n", "");
	selects(&s, "X " A "\n 0011\n", "");
	selects(&s, "X  " A " 0011\n", "");
	keylog_select_free(&s);
}

const struct unit_test unit_tests[] = {
	{"lines of the connections are kept, others wiped", test_lines},
	{"lines cut anywhere are none", test_cut_lines},
	{0},
};
