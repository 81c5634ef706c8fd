/* iana_test.c: the tables' order and the names that other modules and scenario files rely on. */
#include "analyzer/iana.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/handshake.h"
#include "analyzer/iana_tables.h"
#include "analyzer/tlsdiag.h"
#include "tests/unit/suite.h"

static void test_order(void)
{
	const struct iana_table *tables[] = {&iana_alerts,     &iana_ciphers,  &iana_groups,
					     &iana_signatures, &iana_versions, &iana_handshakes};

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		CU_ASSERT(tables[t]->count > 0);
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct iana_entry *e = &tables[t]->entries[i];

			CU_ASSERT(i == 0 || e[-1].number < e->number);
			CU_ASSERT(e->name[0] && strlen(e->name) < IANA_NAME_MAX);
		}
	}
}

static void test_greases_are_unnamed(void)
{
	iana_buffer b;

	for (unsigned i = 0; i < 16; i++) {
		uint16_t value = (uint16_t)(0x0a0a + i * 0x1010);
		char expected[8];

		snprintf(expected, sizeof(expected), "0x%04X", value);
		CU_ASSERT(iana_is_grease(value));
		CU_ASSERT_STRING_EQUAL(iana_cipher_name(value, b), expected);
		CU_ASSERT_STRING_EQUAL(iana_group_name(value, b), expected);
	}
	CU_ASSERT_FALSE(iana_is_grease(0x1a0a));
	CU_ASSERT_FALSE(iana_is_grease(0x0a1a));
	CU_ASSERT_FALSE(iana_is_grease(0x1301));
}

struct row {
	uint16_t number;
	const char *name;
};

static void test_alerts(void)
{
	static const struct row rows[] = {
		{0, "close_notify"},
		{10, "unexpected_message"},
		{21, "decryption_failed_RESERVED"},
		{40, "handshake_failure"},
		{48, "unknown_ca"},
		{70, "protocol_version"},
		{71, "insufficient_security"},
		{72, "72"},
		{86, "inappropriate_fallback"},
		{116, "certificate_required"},
		{117, "general_error"},
		{121, "ech_required"},
		{255, "255"},
	};
	iana_buffer b;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_STRING_EQUAL(iana_alert_name((uint8_t)rows[i].number, b), rows[i].name);
		CU_ASSERT_EQUAL(iana_alert_number(rows[i].name), rows[i].number);
	}
	CU_ASSERT_TRUE(iana_alert_assigned(0));
	CU_ASSERT_TRUE(iana_alert_assigned(121));
	CU_ASSERT_FALSE(iana_alert_assigned(1));
	CU_ASSERT_FALSE(iana_alert_assigned(255));
}

static void test_every_alert_is_found_by_its_name(void)
{
	for (size_t i = 0; i < iana_alerts.count; i++)
		CU_ASSERT_EQUAL(iana_alert_number(iana_alerts.entries[i].name), iana_alerts.entries[i].number);
	CU_ASSERT_EQUAL(iana_alert_number("Protocol_Version"), 70);
	CU_ASSERT_EQUAL(iana_alert_number("no_renegotiation"), 100);
	CU_ASSERT_EQUAL(iana_alert_number("NO_RENEGOTIATION_RESERVED"), 100);
	CU_ASSERT_EQUAL(iana_alert_number("bad_certificate"), 42);
	CU_ASSERT_EQUAL(iana_alert_number("bad_certificate_hash_value"), 114);
	CU_ASSERT_EQUAL(iana_alert_number(""), -1);
	CU_ASSERT_EQUAL(iana_alert_number("bad"), -1);
	CU_ASSERT_EQUAL(iana_alert_number("protocol_versions"), -1);
	CU_ASSERT_EQUAL(iana_alert_number("256"), -1);
	CU_ASSERT_EQUAL(iana_alert_number("99999999999999"), -1);
	CU_ASSERT_EQUAL(iana_alert_number("40 "), -1);
	CU_ASSERT_EQUAL(iana_alert_number("-1"), -1);
}

static void check_rows(const char *(*name)(uint16_t, iana_buffer), const struct row *rows, size_t count)
{
	iana_buffer b;

	for (size_t i = 0; i < count; i++)
		CU_ASSERT_STRING_EQUAL(name(rows[i].number, b), rows[i].name);
}

static void test_ciphers(void)
{
	static const struct row rows[] = {
		{0x0000, "TLS_NULL_WITH_NULL_NULL"},
		{0x001D, "SSL_FORTEZZA_KEA_WITH_FORTEZZA_CBC_SHA"},
		{0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA"},
		{0x0081, "TLS_GOSTR341001_WITH_28147_CNT_IMIT"},
		{0x00FF, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
		{0x1301, "TLS_AES_128_GCM_SHA256"},
		{0x1305, "TLS_AES_128_CCM_8_SHA256"},
		{0x5600, "TLS_FALLBACK_SCSV"},
		{0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
		{0xC102, "TLS_GOSTR341112_256_WITH_28147_CNT_IMIT"},
		{0xCC13, "OLD_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
		{0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
		{0xFEFF, "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA"},
		{0x1399, "0x1399"},
	};

	check_rows(iana_cipher_name, rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_groups_and_signatures(void)
{
	static const struct row groups[] = {
		{23, "secp256r1"},
		{29, "x25519"},
		{31, "brainpoolP256r1tls13"},
		{256, "ffdhe2048"},
		{4587, "SecP256r1MLKEM768"},
		{4588, "X25519MLKEM768"},
		{4589, "SecP384r1MLKEM1024"},
		{25497, "X25519Kyber768Draft00"},
		{0xffff, "0xFFFF"},
	};
	static const struct row signatures[] = {
		{0x0403, "ecdsa_secp256r1_sha256"},
		{0x0804, "rsa_pss_rsae_sha256"},
		{0x0201, "rsa_pkcs1_sha1"},
		{0x0402, "dsa_sha256"},
		{0x0905, "mldsa65"},
		{0x081A, "ecdsa_brainpoolP256r1tls13_sha256"},
		{0x0000, "0x0000"},
	};

	check_rows(iana_group_name, groups, sizeof(groups) / sizeof(groups[0]));
	check_rows(iana_signature_name, signatures, sizeof(signatures) / sizeof(signatures[0]));
}

static void test_versions(void)
{
	static const struct row rows[] = {
		{0x0002, "SSL 2.0"},          {0x0300, "SSL 3.0"},
		{0x0303, "TLS 1.2"},          {0x0304, "TLS 1.3"},
		{0x7f12, "TLS 1.3 draft 18"}, {0x7f17, "TLS 1.3 draft 23"},
		{0x0305, "0x0305"},           {0xfb1a, "TLS 1.3 draft 26 (Facebook)"},
	};

	check_rows(iana_version_name, rows, sizeof(rows) / sizeof(rows[0]));
	CU_ASSERT_TRUE(version_is_tls13(0x0304));
	CU_ASSERT_TRUE(version_is_tls13(0x7f1c));
	CU_ASSERT_TRUE(version_is_tls13(0xfb17));
	CU_ASSERT_FALSE(version_is_tls13(0x0303));
	CU_ASSERT_FALSE(version_is_tls13(0x7a7a));
	CU_ASSERT_FALSE(version_is_tls13(0xfefc));
}

static void test_handshakes(void)
{
	iana_buffer b;

	CU_ASSERT_STRING_EQUAL(iana_handshake_name(HS_CLIENT_HELLO, b), "ClientHello");
	CU_ASSERT_STRING_EQUAL(iana_handshake_name(HS_SERVER_HELLO_DONE, b), "ServerHelloDone");
	CU_ASSERT_STRING_EQUAL(iana_handshake_name(99, b), "99");
}

static void test_public_names(void)
{
	char buffer[64], small[5];

	CU_ASSERT_STRING_EQUAL(tlsdiag_version_name(0x0303, buffer, sizeof(buffer)), "TLS 1.2");
	CU_ASSERT_STRING_EQUAL(tlsdiag_cipher_name(0x1302, buffer, sizeof(buffer)), "TLS_AES_256_GCM_SHA384");
	CU_ASSERT_STRING_EQUAL(tlsdiag_group_name(0x6a6a, buffer, sizeof(buffer)), "0x6A6A");
	CU_ASSERT_STRING_EQUAL(tlsdiag_signature_scheme_name(0x0807, buffer, sizeof(buffer)), "ed25519");
	CU_ASSERT_PTR_EQUAL(tlsdiag_group_name(29, small, sizeof(small)), small);
	CU_ASSERT_STRING_EQUAL(small, "x255");
}

const struct unit_test unit_tests[] = {
	{"every table is in ascending order, so that binary search finds all of it", test_order},
	{"GREASE values are recognised and have no name", test_greases_are_unnamed},
	{"alerts have their registered names", test_alerts},
	{"every alert is found by its name, in any case, with or without _RESERVED",
	 test_every_alert_is_found_by_its_name},
	{"cipher suites have their registered or customary names", test_ciphers},
	{"groups and signature schemes have their registered names", test_groups_and_signatures},
	{"versions are named, drafts of TLS 1.3 by rule", test_versions},
	{"handshake messages are named as in the RFCs", test_handshakes},
	{"the public functions give the same names, cut to the caller's buffer", test_public_names},
	{NULL, NULL},
};
