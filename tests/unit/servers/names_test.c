/* names_test.c: names of the IANA registries become numbers. */
#include "servers/names.h"

#include "tests/unit/suite.h"

static void test_alerts(void)
{
	CU_ASSERT_EQUAL(names_alert("protocol_version"), 70);
	CU_ASSERT_EQUAL(names_alert("UNKNOWN_CA"), 48);
	CU_ASSERT_EQUAL(names_alert("close_notify"), 0);
	CU_ASSERT_EQUAL(names_alert("255"), 255);
	CU_ASSERT_EQUAL(names_alert("256"), -1);
	CU_ASSERT_EQUAL(names_alert("-1"), -1);
	CU_ASSERT_EQUAL(names_alert("70x"), -1);
	CU_ASSERT_EQUAL(names_alert(""), -1);
}

static void test_versions_groups_suites(void)
{
	CU_ASSERT_EQUAL(names_version("TLSv1.2"), 0x0303);
	CU_ASSERT_EQUAL(names_version("0x0305"), 0x0305);
	CU_ASSERT_EQUAL(names_version("0x10000"), -1);
	CU_ASSERT_EQUAL(names_version("TLS"), -1);
	CU_ASSERT_EQUAL(names_group("secp384r1"), 24);
	CU_ASSERT_EQUAL(names_group("0x001d"), 29);
	CU_ASSERT_EQUAL(names_group("secp"), -1);
	CU_ASSERT_EQUAL(names_cipher_suite("TLS_AES_128_GCM_SHA256"), 0x1301);
	CU_ASSERT_EQUAL(names_cipher_suite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"), 0xc02b);
	CU_ASSERT_EQUAL(names_cipher_suite("0x0005"), 5);
	CU_ASSERT_EQUAL(names_cipher_suite("TLS_NULL"), -1);
}

const struct unit_test unit_tests[] = {
	{"alerts are known by registered name, whatever the case, and by number", test_alerts},
	{"versions, groups and cipher suites are known by name and by number", test_versions_groups_suites},
	{NULL, NULL},
};
