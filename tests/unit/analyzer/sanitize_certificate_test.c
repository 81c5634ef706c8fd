/* sanitize_certificate_test.c: chains minted here, sanitized, and held against the originals with OpenSSL. */
#include "analyzer/sanitize_certificate.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/certificate.h"
#include "tests/unit/suite.h"

/* 2024-06-01 at noon. */
#define NOW 1717243200
#define DAY 86400
#define COUNT_MAX 3

struct minted {
	X509 *at[COUNT_MAX];
	size_t count, n; /* n: bytes of the list */
	uint8_t list[16384];
	char name[32]; /* the alias of one that was asked for */
};

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *e;

	X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	CU_ASSERT_PTR_NOT_NULL_FATAL(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static X509 *mint(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, const EVP_MD *digest)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);

	X509_set_version(x, 2);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), UINT64_C(0x5eed5eed12345678));
	X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const uint8_t *)"Corp M\xc3\xbcller", -1, -1, 0);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const uint8_t *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	ASN1_TIME_set(X509_getm_notBefore(x), NOW - 30 * DAY + 4711);
	ASN1_TIME_set(X509_getm_notAfter(x), NOW + 60 * DAY + 4711);
	X509_set_pubkey(x, key);
	extend(x, issuer ? issuer : x, NID_subject_key_identifier, "hash");
	extend(x, issuer ? issuer : x, NID_authority_key_identifier, "keyid:always,issuer:always");
	if (!issuer || strcmp(name, "www.corp.net") != 0) {
		extend(x, issuer ? issuer : x, NID_basic_constraints, "critical,CA:TRUE,pathlen:1");
	} else {
		extend(x, issuer, NID_subject_alt_name,
		       "DNS:www.corp.net,DNS:*.corp.net,IP:10.77.31.209,email:ann@corp.net");
		extend(x, issuer, NID_info_access, "caIssuers;URI:http://pki.corp.net/ca.crt");
		extend(x, issuer, NID_ext_key_usage, "serverAuth,1.3.6.1.4.1.55555.17.4");
	}
	CU_ASSERT(X509_sign(x, issuer ? issuer_key : key, digest) > 0);
	return x;
}

static void add(struct minted *m, X509 *x)
{
	uint8_t *at = m->list + m->n + 3;
	int n = i2d_X509(x, &at);

	CU_ASSERT_FATAL(n > 0);
	m->list[m->n] = (uint8_t)(n >> 16);
	m->list[m->n + 1] = (uint8_t)(n >> 8);
	m->list[m->n + 2] = (uint8_t)n;
	m->n += 3 + (size_t)n;
	m->at[m->count++] = x;
}

static void sanitize(struct minted *m, int64_t shift_s, const char *name, struct minted *out)
{
	const struct certificate_rules rules = {
		.aliases = alias_table_new(), .keys = key_ring_new(), .shift_s = shift_s, .now_s = NOW};
	struct rewrite list = rewrite_over(m->list, out->list, m->n);

	CU_ASSERT_FATAL(rules.aliases && rules.keys);
	*out = (struct minted){.n = m->n};
	sanitize_certificates(&rules, &list);
	alias_text(rules.aliases, (const uint8_t *)name, strlen(name), (uint8_t *)out->name);
	for (size_t at = 0; at < out->n;) {
		size_t n = (size_t)out->list[at] << 16 | (size_t)out->list[at + 1] << 8 | out->list[at + 2];
		const uint8_t *der = out->list + at + 3;

		out->at[out->count] = d2i_X509(NULL, &der, (long)n);
		CU_ASSERT_PTR_NOT_NULL_FATAL(out->at[out->count++]);
		at += 3 + n;
	}
	alias_table_free(rules.aliases);
	key_ring_free(rules.keys);
}

static void free_all(struct minted *m)
{
	while (m->count > 0)
		X509_free(m->at[--m->count]);
}

/* What the analyzer finds of a list, its sentences without names. */
static void findings(const struct minted *m, const char *name, int64_t now, char *text)
{
	struct certificate_list list = {0};
	struct certificate_report report;

	for (size_t at = 0; at < m->n;) {
		size_t n = (size_t)m->list[at] << 16 | (size_t)m->list[at + 1] << 8 | m->list[at + 2];

		list.der[list.count++] = cursor_over(m->list + at + 3, n);
		at += 3 + n;
	}
	certificate_examine(NULL, &list, true, name, now * 1000000000, &report);
	*text = '\0';
	for (size_t i = 0; i < report.count; i++)
		sprintf(text + strlen(text), "%d@%d ", report.findings[i].kind, report.findings[i].index);
}

static bool left(const struct minted *out, const char *words)
{
	return memmem(out->list, out->n, words, strlen(words));
}

static void check_chain(EVP_PKEY *key, const EVP_MD *digest)
{
	struct minted m = {0}, out;
	X509 *root = mint("Corp Root", key, NULL, NULL, digest);
	char was[512], is[512];

	add(&m, mint("www.corp.net", key, root, key, digest));
	add(&m, root);
	sanitize(&m, 0, "www.corp.net", &out);
	CU_ASSERT_EQUAL_FATAL(out.count, 2);
	CU_ASSERT_EQUAL(X509_verify(out.at[0], X509_get0_pubkey(out.at[1])), 1);
	CU_ASSERT_EQUAL(X509_self_signed(out.at[1], 1), 1);
	CU_ASSERT_EQUAL(X509_check_issued(out.at[1], out.at[0]), X509_V_OK);
	CU_ASSERT_EQUAL(X509_check_host(out.at[0], out.name, 0, 0, NULL), 1);
	CU_ASSERT_EQUAL(X509_check_ip_asc(out.at[0], "198.51.100.1", 0), 1);
	CU_ASSERT_NOT_EQUAL(EVP_PKEY_eq(X509_get0_pubkey(out.at[0]), key), 1);
	CU_ASSERT_EQUAL(EVP_PKEY_get_bits(X509_get0_pubkey(out.at[0])), EVP_PKEY_get_bits(key));
	CU_ASSERT_FALSE(left(&out, "corp"));
	CU_ASSERT_FALSE(left(&out, "Corp"));
	CU_ASSERT_FALSE(left(&out, "\x12\x34\x56\x78"));
	CU_ASSERT_FALSE(left(&out, "\x0a\x4d\x1f\xd1"));
	findings(&m, "www.corp.net", NOW, was);
	findings(&out, out.name, NOW, is);
	CU_ASSERT_STRING_EQUAL(was, is);
	free_all(&m);
	free_all(&out);
}

static void chains(void)
{
	EVP_PKEY *keys[] = {EVP_RSA_gen(2048), EVP_RSA_gen(1024), EVP_EC_gen("P-256"), EVP_EC_gen("P-384"),
			    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(keys[i]);
		check_chain(keys[i], i == 4 ? NULL : i == 1 ? EVP_sha1() : EVP_sha256());
		EVP_PKEY_free(keys[i]);
	}
}

/* A chain in which the issuer's name is right and its key is another stays so. */
static void broken_chain(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	struct minted m = {0}, out;
	X509 *root = mint("Corp Root", key, NULL, NULL, EVP_sha256());
	char was[512], is[512];

	add(&m, mint("www.corp.net", key, root, other, EVP_sha256()));
	add(&m, root);
	sanitize(&m, 0, "other.corp.org", &out);
	CU_ASSERT_NOT_EQUAL(X509_verify(out.at[0], X509_get0_pubkey(out.at[1])), 1);
	findings(&m, "other.corp.org", NOW + 100 * DAY, was);
	findings(&out, out.name, NOW + 100 * DAY, is);
	CU_ASSERT_STRING_EQUAL(was, is);
	free_all(&m);
	free_all(&out);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static int64_t seconds(const ASN1_TIME *t)
{
	struct tm tm;

	CU_ASSERT_EQUAL_FATAL(ASN1_TIME_to_tm(t, &tm), 1);
	return timegm(&tm);
}

static void dates(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct minted m = {0}, out;

	add(&m, mint("Corp Root", key, NULL, NULL, EVP_sha256()));
	for (int64_t shift = -400 * DAY; shift <= 0; shift += 400 * DAY) {
		sanitize(&m, shift, "", &out);
		CU_ASSERT_EQUAL(seconds(X509_get0_notBefore(out.at[0])), NOW - 30 * DAY - NOW % DAY + shift);
		CU_ASSERT_EQUAL(seconds(X509_get0_notAfter(out.at[0])), NOW + 60 * DAY - NOW % DAY + DAY - 1 + shift);
		free_all(&out);
	}
	free_all(&m);
	EVP_PKEY_free(key);
}

/* Every byte changed in turn, and cut at every length: nothing is read past the end, and what does not parse is
 * erased. */
static void hostile(void)
{
	const struct certificate_rules rules = {.aliases = alias_table_new(), .keys = key_ring_new(), .now_s = NOW};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct minted m = {0};

	add(&m, mint("www.corp.net", key, NULL, NULL, EVP_sha256()));
	for (size_t i = 0; i < m.n; i++) {
		uint8_t *in = malloc(i + 1), *out = calloc(1, i + 1);
		struct rewrite list = rewrite_over(in, out, i + 1);

		CU_ASSERT_FATAL(in && out);
		memcpy(in, m.list, i + 1);
		sanitize_certificates(&rules, &list);
		CU_ASSERT_PTR_NULL(memmem(out, i + 1, "corp", 4));
		free(in);
		free(out);
	}
	for (size_t i = 3; i < m.n; i += 7) {
		uint8_t *out = calloc(1, m.n);
		struct rewrite list = rewrite_over(m.list, out, m.n);

		CU_ASSERT_PTR_NOT_NULL_FATAL(out);
		m.list[i] ^= 0x2b;
		sanitize_certificates(&rules, &list);
		CU_ASSERT_PTR_NULL(memmem(out, m.n, "www.corp", 8));
		m.list[i] ^= 0x2b;
		free(out);
	}
	free_all(&m);
	EVP_PKEY_free(key);
	alias_table_free(rules.aliases);
	key_ring_free(rules.keys);
}

const struct unit_test unit_tests[] = {
	{"a chain that holds together still does, with other keys and names", chains},
	{"a signature that is not the issuer's still is none", broken_chain},
	{"dates lose the time of day, and are shifted", dates},
	{"hostile certificates", hostile},
	{NULL, NULL},
};
