/* alias_test.c: aliases: the same for the same, another for another, as long, and from the ranges that are for it. */
#include "analyzer/alias.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

static struct alias_table *table(void)
{
	struct alias_table *t = alias_table_new();

	if (!t)
		abort();
	return t;
}

static struct ip_address v4(uint32_t value)
{
	return (struct ip_address){
		.version = 4,
		.bytes = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value}};
}

static uint32_t number(const struct ip_address *a)
{
	return (uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 | (uint32_t)a->bytes[2] << 8 | a->bytes[3];
}

static uint32_t alias_of(struct alias_table *t, uint32_t value, enum alias_role role)
{
	struct ip_address address = v4(value), alias;

	alias_address(t, &address, role, &alias);
	CU_ASSERT_EQUAL(alias.version, 4);
	return number(&alias);
}

static void roles(void)
{
	struct alias_table *t = table();

	CU_ASSERT_EQUAL(alias_of(t, 0x0a000001, ALIAS_CLIENT), 0xc0000201); /* 192.0.2.1 */
	CU_ASSERT_EQUAL(alias_of(t, 0x0a000002, ALIAS_SERVER), 0xcb007101); /* 203.0.113.1 */
	CU_ASSERT_EQUAL(alias_of(t, 0x0a000003, ALIAS_OTHER), 0xc6336401); /* 198.51.100.1 */
	CU_ASSERT_EQUAL(alias_of(t, 0x0a000001, ALIAS_SERVER), 0xc0000201);
	alias_table_free(t);
}

/* More clients than their range holds, then more than the benchmark's: each alias once, in order of the ranges. */
static void many(void)
{
	enum { N = 254 + (1 << 17) - 2 + 10 };
	struct alias_table *t = table();
	uint32_t last = 0;

	for (uint32_t i = 0; i < N; i++) {
		uint32_t alias = alias_of(t, 0x0a000000 + i, ALIAS_CLIENT);

		CU_ASSERT_FATAL(i == 0 || alias > last);
		CU_ASSERT_FATAL(alias >> 8 == 0xc00002 || (alias >> 17 == 0xc612 >> 1) || alias >> 28 == 0xf);
		last = alias;
	}
	CU_ASSERT_EQUAL(last >> 28, 0xf);
	CU_ASSERT_EQUAL(alias_of(t, 0x0a000000, ALIAS_CLIENT), 0xc0000201);
	alias_table_free(t);
}

static void special(void)
{
	static const uint32_t kept[] = {0, 0x7f000001, 0xffffffff, 0xe0000001, 0xe00000fb};
	struct alias_table *t = table();

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		CU_ASSERT_EQUAL(alias_of(t, kept[i], ALIAS_CLIENT), kept[i]);
	CU_ASSERT_EQUAL(alias_of(t, 0xa9fe7a3c, ALIAS_CLIENT) >> 16, 0xa9fe); /* link-local */
	CU_ASSERT_EQUAL(alias_of(t, 0xefc0ffee, ALIAS_OTHER) >> 8, 0xe9fc00); /* MCAST-TEST-NET */
	alias_table_free(t);
}

static void ipv6(void)
{
	static const struct ip_address host = {6, {0x2a, 0x0b, 0x46, 0x17, [15] = 0x20}},
				       link = {6, {0xfe, 0x80, [11] = 0xff, 0xfe, 0x3a, 0x91, 0x5d}},
				       nodes = {6, {0xff, 0x02, [15] = 1}},
				       solicited = {6, {0xff, 0x02, [11] = 1, 0xff, 0x3a, 0x91, 0x5d}},
				       loopback = {6, {[15] = 1}};
	struct alias_table *t = table();
	struct ip_address alias;

	alias_address(t, &host, ALIAS_SERVER, &alias);
	CU_ASSERT_EQUAL(memcmp(alias.bytes, "\x20\x01\x0d\xb8\0\5\0\0\0\0\0\0\0\0\0\1", 16), 0);
	alias_address(t, &link, ALIAS_OTHER, &alias);
	CU_ASSERT_EQUAL(memcmp(alias.bytes, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16), 0);
	alias_address(t, &nodes, ALIAS_OTHER, &alias);
	CU_ASSERT_EQUAL(memcmp(&alias, &nodes, sizeof(alias)), 0);
	alias_address(t, &loopback, ALIAS_OTHER, &alias);
	CU_ASSERT_EQUAL(memcmp(&alias, &loopback, sizeof(alias)), 0);
	alias_address(t, &solicited, ALIAS_OTHER, &alias);
	CU_ASSERT_EQUAL(memcmp(alias.bytes, "\xff\2\0\0\0\0\0\0\0\0\0\1\xff\0\0\0", 16), 0);
	alias_table_free(t);
}

/* One after another, with the same table. */
static void text(void)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"api.corp.net", "xxa.xxxa.xxb"},
		{"www.corp.net", "xxc.xxxa.xxb"},
		{"API.Corp.NET", "xxa.xxxa.xxb"},
		{"*.corp.net", "*.xxxa.xxb"},
		{".corp.net", ".xxxa.xxb"},
		{"", ""},
		{"Let's Encrypt", "xxd'a xxxxxxa"},
		{"a_b-c", "xxxxa"},
		{"M\xc3\xbcller GmbH", "xxxxxxb xxxb"},
		{"mailto:ann@corp.net", "xxxxxa:xxe@xxxa.xxb"},
		{"https://pki.corp.net/ca.crl", "xxxxb://xxf.xxxa.xxb/xa.xxg"},
		{"172.30.201.77", "000.00.000.00"}, /* its alias is shorter */
		{"10.1.2.3", "00.0.0.0"},
		{"1.2.3.4.5", "b.0.0.0.0"},
		{"10.1.2.300", "xb.b.c.xxh"},
	};
	struct alias_table *t = table();

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = strlen(rows[i].in);
		char out[64] = "";

		alias_text(t, (const uint8_t *)rows[i].in, n, (uint8_t *)out);
		CU_ASSERT_EQUAL(strlen(out), n);
		CU_ASSERT_STRING_EQUAL(out, rows[i].out);
	}
	alias_table_free(t);
}

/* 198.51.100.1 has twelve characters. */
static void address_in_text(void)
{
	struct ip_address address = v4(0x0a4d1fd1), alias;
	struct alias_table *t = table();
	char out[16] = "";

	alias_address(t, &address, ALIAS_OTHER, &alias);
	alias_text(t, (const uint8_t *)"10.77.31.209", 12, (uint8_t *)out);
	CU_ASSERT_STRING_EQUAL(out, "198.51.100.1");
	alias_text(t, (const uint8_t *)"10.77.31.20", 11, (uint8_t *)out);
	CU_ASSERT_EQUAL(memcmp(out, "00.00.00.00", 11), 0);
	alias_table_free(t);
}

static void words_differ(void)
{
	struct alias_table *t = table();
	char seen[676][3] = {{0}};

	for (unsigned i = 0; i < 600; i++) {
		uint8_t in[2] = {(uint8_t)('a' + i / 26), (uint8_t)('a' + i % 26)}, out[2];

		alias_text(t, in, 2, out);
		memcpy(seen[i], out, 2);
		for (unsigned k = 0; k < i; k++)
			CU_ASSERT_FATAL(memcmp(seen[k], seen[i], 2) != 0);
	}
	alias_table_free(t);
}

static void bytes(void)
{
	struct alias_table *t = table();
	uint8_t one[80], other[80], a[80], b[80];

	memset(one, 'q', sizeof(one));
	memset(other, 'q', sizeof(other));
	other[79] = 'r';
	alias_bytes(t, one, sizeof(one), a);
	alias_bytes(t, other, sizeof(other), b);
	CU_ASSERT_NOT_EQUAL(memcmp(a, b, sizeof(a)), 0);
	CU_ASSERT_PTR_NULL(memmem(a, sizeof(a), "qqqq", 4));
	alias_bytes(t, one, sizeof(one), b);
	CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
	alias_table_free(t);
}

const struct unit_test unit_tests[] = {
	{"clients, servers and others have ranges of their own", roles},
	{"a range that is used up is continued, and no alias is given twice", many},
	{"special addresses stay what they are", special},
	{"IPv6 addresses become documentation's, and none keeps a part of a MAC address", ipv6},
	{"text keeps its length and what is between its words", text},
	{"an address in text has its alias where that is as long", address_in_text},
	{"two words have two aliases", words_differ},
	{"bytes have the same alias wherever they are the same", bytes},
	{NULL, NULL},
};
