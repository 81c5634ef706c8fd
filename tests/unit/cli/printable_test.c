/* printable_test.c: addresses as other programs write them. */
#include "analyzer/cli/printable.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"

static void check(const struct tlsdiag_endpoint *e)
{
	char expected[64];
	printable_buffer buffer;
	const char *text = address_text(e, buffer);

	inet_ntop(e->version == 4 ? AF_INET : AF_INET6, e->address, expected, sizeof(expected));
	CU_ASSERT_STRING_EQUAL(text, expected);
	if (strcmp(text, expected) != 0)
		printf("# %s, not %s\n", text, expected);
}

static void test_ipv4(void)
{
	struct tlsdiag_endpoint e = {.version = 4};

	for (int i = 0; i < 256; i++) {
		memcpy(e.address, (uint8_t[]){(uint8_t)i, (uint8_t)(255 - i), 0, 10}, 4);
		check(&e);
	}
}

/* Zeros in any of the eight groups, and digits in none to all of four. */
static void test_ipv6(void)
{
	static const uint16_t groups[] = {0x1, 0x10, 0xabc, 0x2001, 0xffff};

	for (unsigned zeros = 0; zeros < 256; zeros++)
		for (unsigned first = 0; first < sizeof(groups) / sizeof(*groups); first++) {
			struct tlsdiag_endpoint e = {.version = 6};

			for (unsigned i = 0; i < 8; i++) {
				uint16_t group = zeros >> i & 1 ? 0 : groups[(first + i) % 5];

				e.address[2 * i] = (uint8_t)(group >> 8);
				e.address[2 * i + 1] = (uint8_t)group;
			}
			check(&e);
		}
}

const struct unit_test unit_tests[] = {
	{"IPv4", test_ipv4},
	{"IPv6, the longest run of zeros left out", test_ipv6},
	{NULL, NULL},
};
