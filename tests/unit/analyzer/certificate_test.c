/* certificate_test.c: chains minted with one defect each, at a fixed time, and hostile DER. */
#include "analyzer/certificate.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

/* All connections here are made on 2024-06-01 at noon. */
#define NOW 1717243200
#define DAY 86400
#define AT(seconds) ((int64_t)(seconds)*1000000000)

struct extension {
	int nid;
	const char *value;
};

struct recipe {
	const char *subject;
	int64_t before, after; /* seconds relative to NOW; both 0: a year around it */
	EVP_PKEY *key; /* NULL: the shared EC key */
	const EVP_MD *digest; /* NULL: SHA-256 */
	struct extension extensions[6];
};

struct chain {
	struct certificate_list list;
	struct certificate_report report;
};

static EVP_PKEY *keys[2]; /* [0] everybody's but [1] a second one */

static void make_keys(void)
{
	for (int i = 0; i < 2; i++)
		if (!keys[i])
			keys[i] = EVP_EC_gen("P-256");
}

static void free_keys(void)
{
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_PTR_NOT_NULL(keys[i]);
		EVP_PKEY_free(keys[i]);
		keys[i] = NULL;
	}
}

static EVP_PKEY *key_of(const struct recipe *r)
{
	make_keys();
	return r->key ? r->key : keys[0];
}

static X509_NAME *name_of(const char *common_name)
{
	X509_NAME *n = X509_NAME_new();

	if (*common_name)
		X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC, (const unsigned char *)common_name, -1, -1, 0);
	return n;
}

static void add_extensions(X509 *x, const struct recipe *r)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
	for (size_t i = 0; i < 6 && r->extensions[i].value; i++) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, r->extensions[i].nid, r->extensions[i].value);

		CU_ASSERT_PTR_NOT_NULL_FATAL(e);
		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
}

static X509 *mint(const struct recipe *r, const char *issuer, EVP_PKEY *issuer_key)
{
	bool defaults = !r->before && !r->after;
	X509_NAME *subject = name_of(r->subject), *by = name_of(issuer);
	X509 *x = X509_new();

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	ASN1_TIME_set(X509_getm_notBefore(x), NOW + (defaults ? -100 * DAY : r->before));
	ASN1_TIME_set(X509_getm_notAfter(x), NOW + (defaults ? 265 * DAY : r->after));
	X509_set_subject_name(x, subject);
	X509_set_issuer_name(x, by);
	X509_set_pubkey(x, key_of(r));
	add_extensions(x, r);
	CU_ASSERT(X509_sign(x, issuer_key, r->digest ? r->digest : EVP_sha256()) > 0);
	X509_NAME_free(subject);
	X509_NAME_free(by);
	return x;
}

static void chain_add(struct chain *c, X509 *x)
{
	uint8_t *der = NULL;
	int n = i2d_X509(x, &der);

	c->list.der[c->list.count++] = cursor_over(der, (size_t)n);
	X509_free(x);
}

static void chain_free(struct chain *c)
{
	for (uint8_t i = 0; i < c->list.count; i++)
		OPENSSL_free((void *)(uintptr_t)c->list.der[i].at);
}

static const struct recipe leaf = {.subject = "a.example", .extensions = {{NID_subject_alt_name, "DNS:a.example"}}};
static const struct recipe intermediate = {
	.subject = "Test CA 1",
	.extensions = {{NID_basic_constraints, "critical,CA:TRUE"}, {NID_key_usage, "critical,keyCertSign,cRLSign"}}};
static const struct recipe root = {.subject = "Test Root", .extensions = {{NID_basic_constraints, "critical,CA:TRUE"}}};

/* The usual chain with one certificate in place of the usual one: the server's, and the CA that issued it. */
static void examine(struct chain *c, const struct recipe *first, const struct recipe *second, const char *sni)
{
	memset(c, 0, sizeof(*c));
	chain_add(c, mint(first, second->subject, key_of(second)));
	chain_add(c, mint(second, "Test Root", key_of(&root)));
	certificate_examine(NULL, &c->list, true, sni, AT(NOW), &c->report);
}

static void check_one(const struct chain *c, enum certificate_finding_kind kind, uint8_t index, const char *sentence)
{
	CU_ASSERT_EQUAL(c->report.count, 1);
	CU_ASSERT_EQUAL(c->report.findings[0].kind, kind);
	CU_ASSERT_EQUAL(c->report.findings[0].index, index);
	CU_ASSERT_STRING_EQUAL(c->report.findings[0].sentence, sentence);
}

static void test_good(void)
{
	struct chain c;

	examine(&c, &leaf, &intermediate, "a.example");
	CU_ASSERT_EQUAL(c.report.count, 0);
	CU_ASSERT(c.report.readable && c.report.sent == 2 && !c.report.self_signed && !c.report.must_staple);
	CU_ASSERT_STRING_EQUAL(c.report.subject, "a.example");
	CU_ASSERT_STRING_EQUAL(c.report.issuer, "Test CA 1");
	CU_ASSERT_STRING_EQUAL(c.report.names, "a.example");
	CU_ASSERT_EQUAL(c.report.not_before, NOW - 100 * DAY);
	CU_ASSERT_EQUAL(c.report.not_after, NOW + 265 * DAY);
	/* The root sent too is no defect. */
	chain_add(&c, mint(&root, "Test Root", key_of(&root)));
	certificate_examine(NULL, &c.list, true, "", AT(NOW), &c.report);
	CU_ASSERT_EQUAL(c.report.count, 0);
	chain_free(&c);
	memset(&c, 0, sizeof(c));
	certificate_examine(NULL, &c.list, true, "a.example", AT(NOW), &c.report);
	CU_ASSERT(c.report.count == 0 && c.report.sent == 0 && !c.report.readable);
}

/* One defect in the server's certificate or in its issuer's, and what is said about it. */
struct row {
	struct recipe recipe;
	bool of_issuer;
	const char *sni;
	enum certificate_finding_kind kind;
	const char *sentence;
};

#define SAN                                                                                                            \
	{                                                                                                              \
		NID_subject_alt_name, "DNS:a.example"                                                                  \
	}
#define CA                                                                                                             \
	{                                                                                                              \
		NID_basic_constraints, "critical,CA:TRUE"                                                              \
	}

static const struct row rows[] = {
	{{.subject = "x", .before = -30 * DAY, .after = -3 * DAY, .extensions = {SAN}},
	 false,
	 "a.example",
	 CERTIFICATE_EXPIRED,
	 "the certificate expired on 2024-05-29, 3 days before this connection"},
	{{.subject = "x", .before = -30 * DAY, .after = -3600, .extensions = {SAN}},
	 false,
	 "a.example",
	 CERTIFICATE_EXPIRED,
	 "the certificate expired on 2024-06-01, 1 hour before this connection"},
	{{.subject = "x", .before = 90, .after = DAY, .extensions = {SAN}},
	 false,
	 "a.example",
	 CERTIFICATE_NOT_YET_VALID,
	 "the certificate is not valid before 2024-06-01, 1 minute after this connection"},
	{{.subject = "Old CA", .before = -30 * DAY, .after = -2 * DAY, .extensions = {CA}},
	 true,
	 "a.example",
	 CERTIFICATE_EXPIRED,
	 "certificate 2 of 2 (Old CA) expired on 2024-05-30, 2 days before this connection"},
	{{.subject = "x", .extensions = {SAN}},
	 false,
	 "b.example",
	 CERTIFICATE_WRONG_NAME,
	 "the certificate is for a.example, not for b.example"},
	{{.subject = "b.example", .extensions = {SAN}},
	 false,
	 "b.example",
	 CERTIFICATE_WRONG_NAME,
	 "the certificate is for a.example, not for b.example"},
	{{.subject = "x",
	  .extensions = {{NID_subject_alt_name,
			  "DNS:*.a.example,DNS:b.example,IP:192.0.2.1,IP:2001:db8::1,DNS:c.example"}}},
	 false,
	 "a.b.a.example",
	 CERTIFICATE_WRONG_NAME,
	 "the certificate is for *.a.example, b.example, 192.0.2.1 and 2 more, not for a.b.a.example"},
	{{.subject = "a.example"},
	 false,
	 "a.example",
	 CERTIFICATE_NO_SAN,
	 "the certificate has no host name in subjectAltName, only the common name a.example, which most clients "
	 "ignore"},
	{{.subject = "c.example"},
	 false,
	 "a.example",
	 CERTIFICATE_WRONG_NAME,
	 "the certificate has no host name in subjectAltName, and its common name is \"c.example\", not a.example"},
	{{.subject = "x", .extensions = {SAN, {NID_ext_key_usage, "clientAuth,emailProtection"}}},
	 false,
	 "a.example",
	 CERTIFICATE_WRONG_PURPOSE,
	 "the certificate is not meant for TLS servers: its extended key usage lacks serverAuth"},
	{{.subject = "x", .extensions = {SAN, {NID_key_usage, "critical,keyEncipherment"}}},
	 false,
	 "a.example",
	 CERTIFICATE_NO_SIGNING,
	 "the certificate has a key usage without digitalSignature, which TLS 1.3 and every ephemeral key exchange "
	 "need"},
	{{.subject = "x", .extensions = {SAN, CA}},
	 false,
	 "a.example",
	 CERTIFICATE_IS_CA,
	 "the certificate is that of a certificate authority, not of a server"},
	{{.subject = "No CA", .extensions = {{NID_basic_constraints, "critical,CA:FALSE"}}},
	 true,
	 "a.example",
	 CERTIFICATE_NOT_CA,
	 "certificate 2 of 2 (No CA) is used as an issuer, but may not issue certificates"},
	{{.subject = "Other CA", .extensions = {CA, {NID_name_constraints, "permitted;DNS:other.example"}}},
	 true,
	 "a.example",
	 CERTIFICATE_NAME_NOT_PERMITTED,
	 "certificate 2 of 2 (Other CA) does not permit the names of the peer's certificate"},
};

static void test_defects(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct chain c;

		examine(&c, r->of_issuer ? &leaf : &r->recipe, r->of_issuer ? &r->recipe : &intermediate, r->sni);
		check_one(&c, r->kind, r->of_issuer, r->sentence);
		chain_free(&c);
	}
}

static void test_names_that_match(void)
{
	static const char *const names[] = {"a.example", "A.EXAMPLE", "x.b.example", "192.0.2.1", "2001:db8::1", ""};
	const struct recipe many = {
		.subject = "x",
		.extensions = {{NID_subject_alt_name, "DNS:a.example,DNS:*.b.example,IP:192.0.2.1,IP:2001:db8::1"}}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct chain c;

		examine(&c, &many, &intermediate, names[i]);
		CU_ASSERT_EQUAL(c.report.count, 0);
		chain_free(&c);
	}
}

static void test_weak(void)
{
	struct recipe weak = leaf;
	struct chain c;

	weak.key = EVP_RSA_gen(1024);
	examine(&c, &weak, &intermediate, "a.example");
	check_one(&c, CERTIFICATE_WEAK_KEY, 0, "the certificate has a weak key: RSA of 1024 bits");
	EVP_PKEY_free(weak.key);
	chain_free(&c);

	weak.key = EVP_EC_gen("secp192k1");
	examine(&c, &weak, &intermediate, "a.example");
	check_one(&c, CERTIFICATE_WEAK_KEY, 0, "the certificate has a weak key: EC of 192 bits");
	EVP_PKEY_free(weak.key);
	chain_free(&c);

	weak = leaf;
	weak.digest = EVP_sha1();
	examine(&c, &weak, &intermediate, "a.example");
	check_one(&c, CERTIFICATE_WEAK_SIGNATURE, 0, "the certificate is signed with SHA1");
	chain_free(&c);
}

static void test_root_signature_does_not_matter(void)
{
	struct recipe old_root = root;
	struct chain c;

	old_root.digest = EVP_sha1();
	examine(&c, &leaf, &intermediate, "a.example");
	chain_add(&c, mint(&old_root, "Test Root", key_of(&root)));
	certificate_examine(NULL, &c.list, true, "a.example", AT(NOW), &c.report);
	CU_ASSERT_EQUAL(c.report.count, 0);
	chain_free(&c);
}

static void check_chain(struct chain *c, enum certificate_finding_kind kind, uint8_t index, const char *sentence)
{
	certificate_examine(NULL, &c->list, true, "a.example", AT(NOW), &c->report);
	check_one(c, kind, index, sentence);
}

static void test_missing_issuers(void)
{
	struct chain c = {0};

	make_keys();
	chain_add(&c, mint(&leaf, "a.example", keys[0]));
	check_chain(&c, CERTIFICATE_SELF_SIGNED, 0, "the certificate is self-signed");
	CU_ASSERT_TRUE(c.report.self_signed);
	chain_free(&c);

	memset(&c, 0, sizeof(c));
	chain_add(&c, mint(&leaf, "Test CA 1", keys[0]));
	check_chain(&c, CERTIFICATE_ISSUER_NOT_SENT, 0,
		    "the certificate was sent alone, without that of its issuer \"Test CA 1\"");
	chain_add(&c, mint(&root, "Test Root", keys[0]));
	check_chain(&c, CERTIFICATE_ISSUER_NOT_SENT, 0,
		    "the certificate was sent without that of its issuer \"Test CA 1\"");
	chain_add(&c, mint(&intermediate, "Test Root", keys[0]));
	check_chain(
		&c, CERTIFICATE_OUT_OF_ORDER, 0,
		"the certificate is followed by another than its issuer \"Test CA 1\", which is certificate 3 of 3");
	chain_free(&c);
}

static void test_wrong_issuers(void)
{
	const struct recipe short_path = {.subject = "Test CA 0",
					  .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"}}};
	struct recipe impostor = {.subject = "Test CA 1", .extensions = {CA}};
	struct chain c = {0};

	make_keys();
	impostor.key = keys[1];
	chain_add(&c, mint(&leaf, "Test CA 1", keys[0]));
	chain_add(&c, mint(&impostor, "Test Root", keys[0]));
	check_chain(
		&c, CERTIFICATE_BAD_SIGNATURE, 0,
		"the certificate names \"Test CA 1\" as its issuer, but the key sent under that name did not sign it");
	chain_free(&c);
	/* A CA below one that allows none. */
	memset(&c, 0, sizeof(c));
	chain_add(&c, mint(&leaf, "Test CA 1", keys[0]));
	chain_add(&c, mint(&intermediate, "Test CA 0", keys[0]));
	chain_add(&c, mint(&short_path, "Test Root", keys[0]));
	check_chain(&c, CERTIFICATE_PATH_TOO_LONG, 2,
		    "certificate 3 of 3 (Test CA 0) allows 0 CAs below it, and 1 were sent");
	chain_free(&c);
}

static void test_clients(void)
{
	struct recipe r = {.subject = "someone", .extensions = {{NID_ext_key_usage, "serverAuth"}}};
	struct chain c;

	examine(&c, &r, &intermediate, "");
	CU_ASSERT_EQUAL(c.report.count, 0);
	certificate_examine(NULL, &c.list, false, "a.example", AT(NOW), &c.report);
	check_one(&c, CERTIFICATE_WRONG_PURPOSE, 0,
		  "the certificate is not meant for TLS clients: its extended key usage lacks clientAuth");
	chain_free(&c);
}

static void test_other_extensions(void)
{
	struct recipe r = {.subject = "x", .extensions = {SAN, {NID_tlsfeature, "status_request"}}};
	struct chain c;
	X509 *x;
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.32473.1", 1);
	X509_EXTENSION *e;

	examine(&c, &r, &intermediate, "a.example");
	CU_ASSERT(c.report.count == 0 && c.report.must_staple);
	chain_free(&c);

	memset(&c, 0, sizeof(c));
	ASN1_OCTET_STRING_set(value, (const unsigned char *)"\5\0", 2);
	e = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, value);
	x = mint(&leaf, "Test CA 1", keys[0]);
	X509_add_ext(x, e, -1);
	X509_sign(x, keys[0], EVP_sha256());
	chain_add(&c, x);
	chain_add(&c, mint(&intermediate, "Test Root", key_of(&root)));
	certificate_examine(NULL, &c.list, true, "a.example", AT(NOW), &c.report);
	check_one(&c, CERTIFICATE_CRITICAL_EXTENSION, 0,
		  "the certificate has a critical extension that is not widely known, 1.3.6.1.4.1.32473.1");
	chain_free(&c);
	X509_EXTENSION_free(e);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(value);
}

/* Text in a certificate may be anything. */
static void test_hostile_text(void)
{
	char name[65];
	struct recipe r = {.subject = name, .extensions = {SAN}};
	struct chain c;

	memset(name, '\x1b', 64);
	name[64] = '\0';
	examine(&c, &r, &intermediate, "\"]0;x");
	CU_ASSERT_EQUAL(strncmp(c.report.subject, "\\x1B\\x1B", 8), 0);
	CU_ASSERT(strlen(c.report.subject) < CERTIFICATE_NAME_MAX);
	for (const char *p = c.report.findings[0].sentence; *p; p++)
		CU_ASSERT(*p >= 0x20 && *p < 0x7f);
	chain_free(&c);
}

static void test_hostile_der(void)
{
	struct chain good, bad = {0};
	static uint8_t large[70000];

	examine(&good, &leaf, &intermediate, "a.example");
	for (size_t n = 0; n < good.list.der[0].left; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, good.list.der[0].at, n);
		bad.list = good.list;
		bad.list.der[0] = cursor_over(cut, n);
		certificate_examine(NULL, &bad.list, true, "a.example", AT(NOW), &bad.report);
		CU_ASSERT(bad.report.count > 0 && bad.report.findings[0].kind == CERTIFICATE_UNREADABLE);
		CU_ASSERT_STRING_EQUAL(bad.report.findings[0].sentence, "the certificate cannot be read");
		CU_ASSERT_FALSE(bad.report.readable);
		free(cut);
	}
	bad.list.der[0] = cursor_over(large, sizeof(large));
	certificate_examine(NULL, &bad.list, true, "a.example", AT(NOW), &bad.report);
	CU_ASSERT_EQUAL(bad.report.findings[0].kind, CERTIFICATE_UNREADABLE);
	/* Any byte changed: no crash, and never more findings than fit. */
	for (size_t i = 0; i < good.list.der[0].left; i++) {
		uint8_t *changed = malloc(good.list.der[0].left);

		memcpy(changed, good.list.der[0].at, good.list.der[0].left);
		changed[i] ^= (uint8_t)(1U << (i % 8));
		bad.list = good.list;
		bad.list.der[0] = cursor_over(changed, good.list.der[0].left);
		certificate_examine(NULL, &bad.list, true, "a.example", AT(NOW), &bad.report);
		CU_ASSERT(bad.report.count > 0 && bad.report.count <= CERTIFICATE_FINDINGS_MAX);
		free(changed);
	}
	/* The same certificate sixteen times, each a finding. */
	bad.list.count = CERTIFICATES_MAX;
	for (uint8_t i = 0; i < CERTIFICATES_MAX; i++)
		bad.list.der[i] = cursor_over("\x30\x00", 2);
	certificate_examine(NULL, &bad.list, true, "", AT(NOW), &bad.report);
	CU_ASSERT_EQUAL(bad.report.count, CERTIFICATE_FINDINGS_MAX);
	chain_free(&good);
}

/* ---- Chains that are kept ---- */

static void check_same(const struct certificate_report *a, const struct certificate_report *b)
{
	CU_ASSERT_EQUAL(a->sent, b->sent);
	CU_ASSERT_EQUAL(a->readable, b->readable);
	CU_ASSERT_EQUAL(a->self_signed, b->self_signed);
	CU_ASSERT_EQUAL(a->not_after, b->not_after);
	CU_ASSERT_STRING_EQUAL(a->subject, b->subject);
	CU_ASSERT_STRING_EQUAL(a->names, b->names);
	CU_ASSERT_EQUAL_FATAL(a->count, b->count);
	for (uint8_t i = 0; i < a->count; i++) {
		CU_ASSERT_EQUAL(a->findings[i].kind, b->findings[i].kind);
		CU_ASSERT_EQUAL(a->findings[i].index, b->findings[i].index);
		CU_ASSERT_STRING_EQUAL(a->findings[i].sentence, b->findings[i].sentence);
	}
}

/* What is kept answers as what is decoded anew, whatever is asked. */
static void check_kept(struct certificate_chains *chains, const struct certificate_list *list)
{
	static const int64_t times[] = {AT(NOW), AT(NOW + 86400 * 4000), AT(NOW - 86400 * 4000), AT(NOW)};
	static const char *const names[] = {"a.example", "b.example", "", "a.example"};
	struct certificate_report kept, anew;

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		certificate_examine(NULL, list, i < 3, names[i], times[i], &anew);
		certificate_examine(chains, list, i < 3, names[i], times[i], &kept);
		check_same(&anew, &kept);
	}
}

static bool is_kept(const struct certificate_chains *chains, const struct certificate_list *list)
{
	struct certificate_chains copy = *chains;
	struct certificate_chain *chain = certificate_chain_take(&copy, list);
	bool found = false;

	for (size_t i = 0; i < CERTIFICATE_CHAINS_KEPT; i++)
		found = found || chains->kept[i] == chain;
	if (!found)
		certificate_chain_leave(NULL, chain);
	return found;
}

static void test_kept_answers_alike(void)
{
	struct certificate_chains chains = {0};
	struct chain usual, forged = {0};

	examine(&usual, &leaf, &intermediate, "a.example");
	chain_add(&forged, mint(&leaf, intermediate.subject, key_of(&root)));
	chain_add(&forged, mint(&intermediate, "Test Root", key_of(&root)));
	for (int round = 0; round < 2; round++) {
		check_kept(&chains, &usual.list);
		check_kept(&chains, &forged.list);
		CU_ASSERT_TRUE(is_kept(&chains, &usual.list));
		CU_ASSERT_TRUE(is_kept(&chains, &forged.list));
	}
	/* The front of a chain is another one. */
	usual.list.count = 1;
	CU_ASSERT_FALSE(is_kept(&chains, &usual.list));
	check_kept(&chains, &usual.list);
	usual.list.count = 2;
	certificate_chains_clear(&chains);
	CU_ASSERT_FALSE(is_kept(&chains, &usual.list));
	chain_free(&usual);
	chain_free(&forged);
}

/* Not a byte may differ; and a list's bytes may be split elsewhere. */
static void test_kept_to_the_byte(void)
{
	struct certificate_chains chains = {0};
	struct certificate_report report;
	struct chain usual;
	struct certificate_list other;
	uint8_t *bytes;
	size_t n;

	examine(&usual, &leaf, &intermediate, "a.example");
	certificate_examine(&chains, &usual.list, true, "a.example", AT(NOW), &report);
	other = usual.list;
	n = other.der[0].left;
	bytes = malloc(n);
	for (size_t i = 0; i < n; i++) {
		memcpy(bytes, usual.list.der[0].at, n);
		other.der[0] = cursor_over(bytes, n);
		CU_ASSERT_TRUE(is_kept(&chains, &other));
		bytes[i] ^= (uint8_t)(1U << (i % 8));
		CU_ASSERT_FALSE(is_kept(&chains, &other));
	}
	free(bytes);
	other = usual.list;
	other.der[0].left--;
	CU_ASSERT_FALSE(is_kept(&chains, &other));
	certificate_chains_clear(&chains);
	chain_free(&usual);
}

static void test_kept_in_bounds(void)
{
	static uint8_t numbers[3 * CERTIFICATE_CHAINS_KEPT], large[CERTIFICATE_CHAIN_KEPT_MAX + 1];
	struct certificate_chains chains = {0};
	struct certificate_report report;
	struct certificate_list first = {0}, list = {.count = 1};

	first.count = 1;
	first.der[0] = cursor_over("first", 5);
	certificate_examine(&chains, &first, true, "", AT(NOW), &report);
	for (size_t i = 0; i < sizeof(numbers); i++) {
		numbers[i] = (uint8_t)i;
		list.der[0] = cursor_over(&numbers[i], 1);
		check_kept(&chains, &list);
		CU_ASSERT_TRUE(is_kept(&chains, &list));
		check_kept(&chains, &first); /* used again and again, it stays */
		CU_ASSERT_TRUE(is_kept(&chains, &first));
	}
	list.der[0] = cursor_over(&numbers[0], 1);
	CU_ASSERT_FALSE(is_kept(&chains, &list));
	list.der[0] = cursor_over(large, sizeof(large));
	check_kept(&chains, &list);
	CU_ASSERT_FALSE(is_kept(&chains, &list));
	list.der[0] = cursor_over(large, sizeof(large) - 1);
	check_kept(&chains, &list);
	CU_ASSERT_TRUE(is_kept(&chains, &list));
	certificate_chains_clear(&chains);
}

const struct unit_test unit_tests[] = {
	{"a good chain gives facts and no findings", test_good},
	{"each defect is found and said in a sentence", test_defects},
	{"names that cover the SNI are accepted", test_names_that_match},
	{"weak keys and signatures are found", test_weak},
	{"a root's signature does not matter", test_root_signature_does_not_matter},
	{"issuers that were not sent, or not in order, are named", test_missing_issuers},
	{"issuers that may not or did not issue are found", test_wrong_issuers},
	{"a client's certificate is held against a client's purpose", test_clients},
	{"OCSP stapling asked for, and unknown critical extensions", test_other_extensions},
	{"text in certificates is shown in printable ASCII", test_hostile_text},
	{"DER cut at every length or with any byte changed is survived", test_hostile_der},
	{"a chain that is kept answers as one that is decoded anew", test_kept_answers_alike},
	{"a chain is kept to the byte", test_kept_to_the_byte},
	{"so many chains are kept, the latest, and none too long", test_kept_in_bounds},
	{"the keys that the tests share are given back", free_keys},
	{NULL, NULL},
};
