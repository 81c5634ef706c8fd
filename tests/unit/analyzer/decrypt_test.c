/* decrypt_test.c: every record of real OpenSSL sessions, held in memory, read with the secrets that they logged.
 *
 * A session is a client and a server joined by two byte strings, the wire. Afterwards only the wire and the key log are
 * looked at, as an analyzer would: hellos in clear, then each protected record.
 */
#include "analyzer/decrypt.h"

#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/handshake.h"
#include "analyzer/iana.h"
#include "analyzer/keylog.h"
#include "tests/unit/suite.h"

#define WIRE_MAX (1 << 20)

struct wire {
	uint8_t bytes[WIRE_MAX];
	size_t length;
};

struct session {
	SSL_CTX *context[2]; /* [0] the client's, [1] the server's, as everywhere here */
	SSL *ssl[2];
	struct wire wire[2]; /* what each of them sent */
	struct keylog *keylog;
};

struct options {
	int version; /* TLS1_2_VERSION … */
	const char *ciphers, *suites13; /* NULL: the library's */
	const char *groups; /* the server's, to force a HelloRetryRequest */
	uint64_t flags; /* SSL_OP_… */
	bool client_certificate;
	bool key_updates; /* TLS 1.3 */
};

/* ---- Certificates ---- */

static X509 *self_signed(EVP_PKEY *key)
{
	X509 *x = X509_new();

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1,
				   0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	return x;
}

struct identity {
	EVP_PKEY *key;
	X509 *certificate;
};

/* Made once: RSA keys take time. */
static struct identity identities[2];

static void make_identities(void)
{
	if (identities[0].key)
		return;
	identities[0].key = EVP_RSA_gen(2048);
	identities[1].key = EVP_EC_gen("P-256");
	for (int i = 0; i < 2; i++)
		identities[i].certificate = self_signed(identities[i].key);
}

/* The last test: a sanitizer would take what is still held for a leak. */
static void free_identities(void)
{
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_PTR_NOT_NULL(identities[i].key);
		EVP_PKEY_free(identities[i].key);
		X509_free(identities[i].certificate);
		identities[i] = (struct identity){NULL, NULL};
	}
}

/* ---- Sessions ---- */

static void log_line(const SSL *ssl, const char *line)
{
	struct keylog *k = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	keylog_feed(k, line, strlen(line));
	keylog_feed(k, "\n", 1);
}

static const unsigned char psk[16] = "sixteen bytes ..";

static unsigned psk_client(SSL *ssl, const char *hint, char *identity, unsigned identity_max, unsigned char *key,
			   unsigned key_max)
{
	(void)ssl, (void)hint;
	if (identity_max < 3 || key_max < sizeof(psk))
		return 0;
	memcpy(identity, "me", 3);
	memcpy(key, psk, sizeof(psk));
	return sizeof(psk);
}

static unsigned psk_server(SSL *ssl, const char *identity, unsigned char *key, unsigned key_max)
{
	(void)ssl, (void)identity;
	if (key_max < sizeof(psk))
		return 0;
	memcpy(key, psk, sizeof(psk));
	return sizeof(psk);
}

static int accept_any(int ok, X509_STORE_CTX *store)
{
	(void)ok, (void)store;
	return 1;
}

static void use_identities(SSL_CTX *context)
{
	for (int i = 0; i < 2; i++) {
		SSL_CTX_use_certificate(context, identities[i].certificate);
		SSL_CTX_use_PrivateKey(context, identities[i].key);
	}
}

static struct session *session_new(const struct options *o)
{
	struct session *s = calloc(1, sizeof(*s));

	make_identities();
	s->keylog = keylog_new(4);
	for (int i = 0; i < 2; i++) {
		s->context[i] = SSL_CTX_new(i ? TLS_server_method() : TLS_client_method());
		SSL_CTX_set_min_proto_version(s->context[i], o->version);
		SSL_CTX_set_max_proto_version(s->context[i], o->version);
		SSL_CTX_set_cipher_list(s->context[i], o->ciphers ? o->ciphers : "ALL:@SECLEVEL=0");
		if (o->suites13)
			SSL_CTX_set_ciphersuites(s->context[i], o->suites13);
		SSL_CTX_set_options(s->context[i], o->flags);
	}
	SSL_CTX_set_app_data(s->context[0], s->keylog);
	SSL_CTX_set_keylog_callback(s->context[0], log_line);
	if (o->version != TLS1_3_VERSION) {
		SSL_CTX_set_psk_client_callback(s->context[0], psk_client);
		SSL_CTX_set_psk_server_callback(s->context[1], psk_server);
	}
	SSL_CTX_set_dh_auto(s->context[1], 1);
	if (o->groups)
		SSL_CTX_set1_groups_list(s->context[1], o->groups);
	use_identities(s->context[1]);
	if (o->client_certificate) {
		use_identities(s->context[0]);
		SSL_CTX_set_verify(s->context[1], SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
	}
	for (int i = 0; i < 2; i++) {
		s->ssl[i] = SSL_new(s->context[i]);
		SSL_set_bio(s->ssl[i], BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	}
	SSL_set_connect_state(s->ssl[0]);
	SSL_set_accept_state(s->ssl[1]);
	return s;
}

static void session_free(struct session *s)
{
	for (int i = 0; i < 2; i++) {
		SSL_free(s->ssl[i]);
		SSL_CTX_free(s->context[i]);
	}
	keylog_free(s->keylog);
	free(s);
}

/* Carries what each end wrote to the other, and records it. */
static void carry(struct session *s)
{
	for (int i = 0; i < 2; i++) {
		struct wire *w = &s->wire[i];
		int n;

		while ((n = BIO_read(SSL_get_wbio(s->ssl[i]), w->bytes + w->length, (int)(WIRE_MAX - w->length))) > 0) {
			BIO_write(SSL_get_rbio(s->ssl[1 - i]), w->bytes + w->length, n);
			w->length += (size_t)n;
		}
	}
}

static bool handshake(struct session *s)
{
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 2; i++) {
			SSL_do_handshake(s->ssl[i]);
			carry(s);
		}
		if (SSL_is_init_finished(s->ssl[0]) && SSL_is_init_finished(s->ssl[1]))
			return true;
	}
	return false;
}

/* What both ends send, in records of each of these sizes. */
static const size_t sizes[] = {1, 15, 16, 17, 255, 256, 1000, 16384, 3};
#define TALK_MAX 32768

static size_t talk_bytes(int side, uint8_t out[TALK_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		n += sizes[i];
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(i * 7 + i / 256 + (size_t)side);
	return n;
}

static void talk(struct session *s, bool key_updates)
{
	static uint8_t bytes[TALK_MAX], sink[TALK_MAX];

	for (int side = 0; side < 2; side++) {
		const uint8_t *at = bytes;

		talk_bytes(side, bytes);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			if (key_updates && i % 3 == 1)
				SSL_key_update(s->ssl[side],
					       i == 1 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
			CU_ASSERT_EQUAL(SSL_write(s->ssl[side], at, (int)sizes[i]), (int)sizes[i]);
			at += sizes[i];
			carry(s);
			while (SSL_read(s->ssl[1 - side], sink, sizeof(sink)) > 0)
				;
			carry(s);
		}
	}
	for (int i = 0; i < 2; i++)
		SSL_shutdown(s->ssl[i]);
	carry(s);
}

/* ---- What an analyzer does ---- */

struct reading {
	struct client_hello client;
	struct server_hello server;
	const struct keylog_session *secrets;
	struct record_cipher
		*ciphers[2]; /* of the direction at hand: [0] handshake, [1] application; before 1.3 only [0] */
	int current;
	size_t protected_records, finished, alerts, key_updates;
	uint8_t contents[TALK_MAX];
	size_t contents_length;
};

struct record_at {
	uint8_t type;
	uint16_t version;
	struct cursor fragment;
};

static bool next_record(struct cursor *c, struct record_at *r)
{
	return cursor_u8(c, &r->type) && cursor_u16(c, &r->version) && cursor_prefixed(c, 2, &r->fragment);
}

/* The first message of a direction that is a hello and no HelloRetryRequest; both may fill only one record here. */
static void read_hellos(const struct session *s, struct reading *reading)
{
	for (int side = 0; side < 2; side++) {
		struct cursor c = cursor_over(s->wire[side].bytes, s->wire[side].length), body;
		struct record_at r;
		const char *why;
		uint8_t type;
		bool found = false;

		while (!found && next_record(&c, &r)) {
			if (r.type != 22 || !cursor_u8(&r.fragment, &type) || !cursor_prefixed(&r.fragment, 3, &body))
				continue;
			if (side == 0)
				CU_ASSERT_EQUAL(client_hello_parse(body, (uint32_t)body.left, &reading->client, &why),
						PARSE_OK);
			if (side == 1)
				CU_ASSERT_EQUAL(
					server_hello_parse(type, body, (uint32_t)body.left, &reading->server, &why),
					PARSE_OK);
			found = side == 0 || !reading->server.is_retry;
		}
		CU_ASSERT_TRUE(found);
	}
}

static struct record_cipher *cipher_of(const struct reading *reading, int side, enum keylog_label label)
{
	const struct keylog_secret *secret = &reading->secrets->secrets[label];
	const struct record_secrets secrets = {
		.version = reading->server.version,
		.cipher = reading->server.cipher,
		.from_server = side == 1,
		.encrypt_then_mac = reading->server.has_encrypt_then_mac,
		.secret = secret->bytes,
		.secret_length = secret->length,
		.client_random = reading->client.random,
		.server_random = reading->server.random,
	};

	return record_cipher_new(&secrets);
}

static void make_ciphers(struct reading *reading, int side)
{
	reading->current = 0;
	if (!version_is_tls13(reading->server.version)) {
		reading->ciphers[0] = cipher_of(reading, side, KEYLOG_MASTER_SECRET);
		reading->ciphers[1] = NULL;
	} else {
		reading->ciphers[0] =
			cipher_of(reading, side, side ? KEYLOG_SERVER_HANDSHAKE : KEYLOG_CLIENT_HANDSHAKE);
		reading->ciphers[1] =
			cipher_of(reading, side, side ? KEYLOG_SERVER_APPLICATION : KEYLOG_CLIENT_APPLICATION);
		CU_ASSERT_PTR_NOT_NULL_FATAL(reading->ciphers[1]);
	}
	CU_ASSERT_PTR_NOT_NULL_FATAL(reading->ciphers[0]);
}

static bool try_record(struct record_cipher *c, const struct record_at *r, const uint8_t *fragment, size_t length,
		       uint8_t *out, size_t *out_length, uint8_t *inner)
{
	return record_decrypt(c, r->type, r->version, fragment, length, out, out_length, inner);
}

/* A record changed anywhere is refused and leaves the cipher at the true one. */
static void try_forgeries(struct record_cipher *c, const struct record_at *r)
{
	size_t n = r->fragment.left, out_length;
	uint8_t *forged = malloc(n), *out = malloc(n), inner;
	const size_t places[] = {0, n / 2, n - 1};

	for (size_t i = 0; i < 3; i++) {
		memcpy(forged, r->fragment.at, n);
		forged[places[i]] ^= 1;
		CU_ASSERT_FALSE(try_record(c, r, forged, n, out, &out_length, &inner));
	}
	CU_ASSERT_FALSE(try_record(c, r, r->fragment.at, n - 1, out, &out_length, &inner));
	CU_ASSERT_FALSE(record_decrypt(c, r->type ^ 1, r->version, r->fragment.at, n, out, &out_length, &inner));
	free(forged);
	free(out);
}

static void take_plaintext(struct reading *reading, uint8_t type, const uint8_t *bytes, size_t n)
{
	if (type == 23 && reading->contents_length + n <= TALK_MAX) {
		memcpy(reading->contents + reading->contents_length, bytes, n);
		reading->contents_length += n;
	} else if (type == 21) {
		CU_ASSERT(n == 2 && bytes[1] == 0);
		reading->alerts++;
	} else if (type == 22) {
		struct cursor c = cursor_over(bytes, n), body;
		uint8_t message;

		while (cursor_u8(&c, &message) && cursor_prefixed(&c, 3, &body)) {
			reading->finished += message == HS_FINISHED;
			if (message == HS_KEY_UPDATE) {
				CU_ASSERT_TRUE(record_cipher_update(reading->ciphers[reading->current]));
				reading->key_updates++;
			}
		}
		CU_ASSERT_EQUAL(c.left, 0);
	}
}

static void read_protected(struct reading *reading, const struct record_at *r)
{
	size_t n = r->fragment.left, out_length = 0;
	uint8_t *out = malloc(n), inner = 0;
	bool ok;

	try_forgeries(reading->ciphers[reading->current], r);
	ok = try_record(reading->ciphers[reading->current], r, r->fragment.at, n, out, &out_length, &inner);
	if (!ok && reading->current == 0 && reading->ciphers[1]) {
		reading->current = 1;
		ok = try_record(reading->ciphers[1], r, r->fragment.at, n, out, &out_length, &inner);
	}
	CU_ASSERT_TRUE(ok);
	reading->protected_records++;
	if (ok)
		take_plaintext(reading, inner, out, out_length);
	free(out);
}

static void read_direction(const struct session *s, struct reading *reading, int side)
{
	struct cursor c = cursor_over(s->wire[side].bytes, s->wire[side].length);
	bool tls13 = version_is_tls13(reading->server.version), protected = false;
	uint8_t *expected = malloc(TALK_MAX);
	struct record_at r;

	make_ciphers(reading, side);
	reading->contents_length = reading->finished = reading->alerts = reading->protected_records = 0;
	while (next_record(&c, &r)) {
		if (r.type == 20)
		protected = !tls13;
		else if (protected || (tls13 && r.type == 23)) read_protected(reading, &r);
	}
	CU_ASSERT_EQUAL(c.left, 0);
	CU_ASSERT_EQUAL(reading->finished, 1);
	CU_ASSERT_EQUAL(reading->alerts, 1);
	CU_ASSERT_EQUAL(reading->contents_length, talk_bytes(side, expected));
	CU_ASSERT_EQUAL(memcmp(reading->contents, expected, reading->contents_length), 0);
	CU_ASSERT(reading->protected_records >= sizeof(sizes) / sizeof(sizes[0]) + 2);
	free(expected);
	record_cipher_free(reading->ciphers[0]);
	record_cipher_free(reading->ciphers[1]);
}

/* Runs one session and reads all of it. False when the two ends did not agree. */
static bool run(const struct options *o, uint16_t *cipher, size_t *key_updates)
{
	struct session *s = session_new(o);
	struct reading *reading = calloc(1, sizeof(*reading));
	bool ok = handshake(s);

	if (ok) {
		talk(s, o->key_updates);
		read_hellos(s, reading);
		reading->secrets = keylog_find(s->keylog, reading->client.random);
		CU_ASSERT_PTR_NOT_NULL_FATAL(reading->secrets);
		for (int side = 0; side < 2; side++)
			read_direction(s, reading, side);
		*cipher = reading->server.cipher;
		*key_updates = reading->key_updates;
	}
	free(reading);
	session_free(s);
	return ok;
}

/* ---- Tests ---- */

static void test_tls13(void)
{
	static const char *const suites[] = {
		"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",   "TLS_CHACHA20_POLY1305_SHA256",
		"TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256",
	};

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		struct options o = {.version = TLS1_3_VERSION, .suites13 = suites[i]};
		size_t updates = 0;
		uint16_t cipher = 0;
		iana_buffer name;

		CU_ASSERT_TRUE(run(&o, &cipher, &updates));
		CU_ASSERT_STRING_EQUAL(iana_cipher_name(cipher, name), suites[i]);
		CU_ASSERT_EQUAL(updates, 0);
		o.client_certificate = true;
		o.groups = "P-384";
		CU_ASSERT_TRUE(run(&o, &cipher, &updates));
	}
}

static void test_key_updates(void)
{
	static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"};

	for (size_t i = 0; i < 2; i++) {
		const struct options o = {.version = TLS1_3_VERSION, .suites13 = suites[i], .key_updates = true};
		size_t updates = 0;
		uint16_t cipher;

		CU_ASSERT_TRUE(run(&o, &cipher, &updates));
		CU_ASSERT(updates >= 6);
	}
}

/* Whether this test has the credentials for a suite's authentication. */
static bool can_authenticate(const SSL_CIPHER *c)
{
	int auth = SSL_CIPHER_get_auth_nid(c), exchange = SSL_CIPHER_get_kx_nid(c);

	return (auth == NID_auth_rsa || auth == NID_auth_ecdsa || auth == NID_auth_null || auth == NID_auth_psk) &&
	       exchange != NID_kx_srp;
}

static size_t run_every_suite(int version, uint64_t flags)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	STACK_OF(SSL_CIPHER) * all;
	size_t count = 0;

	SSL_CTX_set_cipher_list(context, "ALL:COMPLEMENTOFALL:@SECLEVEL=0");
	all = SSL_CTX_get_ciphers(context);
	for (int i = 0; i < sk_SSL_CIPHER_num(all); i++) {
		const SSL_CIPHER *c = sk_SSL_CIPHER_value(all, i);
		struct options o = {.version = version, .flags = flags};
		bool for_12 = !strcmp(SSL_CIPHER_get_version(c), "TLSv1.2");
		char list[128];
		size_t updates;
		uint16_t cipher = 0;

		if (!strcmp(SSL_CIPHER_get_version(c), "TLSv1.3") || !can_authenticate(c) ||
		    (for_12 && version != TLS1_2_VERSION))
			continue;
		snprintf(list, sizeof(list), "%s:@SECLEVEL=0", SSL_CIPHER_get_name(c));
		o.ciphers = list;
		CU_ASSERT_TRUE(run(&o, &cipher, &updates));
		CU_ASSERT_EQUAL(cipher, SSL_CIPHER_get_protocol_id(c));
		count++;
	}
	SSL_CTX_free(context);
	return count;
}

static void test_tls12(void)
{
	/* Debian's OpenSSL 3.0 has 120 of them; what matters is that no class is silently missing. */
	CU_ASSERT(run_every_suite(TLS1_2_VERSION, 0) > 80);
}

static void test_older(void)
{
	CU_ASSERT(run_every_suite(TLS1_VERSION, 0) > 20);
	CU_ASSERT(run_every_suite(TLS1_1_VERSION, 0) > 20);
}

static void test_mac_then_encrypt(void)
{
	static const char *const ciphers[] = {
		"ECDHE-RSA-AES128-SHA:@SECLEVEL=0",
		"ECDHE-RSA-AES256-SHA384:@SECLEVEL=0",
		"AES128-SHA256:@SECLEVEL=0",
	};

	for (int version = TLS1_VERSION; version <= TLS1_2_VERSION; version++) {
		for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
			const struct options o = {.version = version,
						  .ciphers = ciphers[i],
						  .flags = SSL_OP_NO_ENCRYPT_THEN_MAC |
							   SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS * (i & 1)};
			size_t updates;
			uint16_t cipher;

			if (i == 0 || version == TLS1_2_VERSION)
				CU_ASSERT_TRUE(run(&o, &cipher, &updates));
		}
	}
}

static void test_support(void)
{
	static const struct {
		uint16_t version, cipher;
		bool supported;
	} rows[] = {
		{TLS_1_3, 0x1301, true},  {0x7f12, 0x1301, true},   {TLS_1_3, 0x1305, true},
		{TLS_1_3, 0xc02f, false}, /* a suite of TLS 1.2 */
		{TLS_1_2, 0x1301, false}, {TLS_1_2, 0xc02f, true},  {TLS_1_1, 0xc02f, false}, /* AEAD before TLS 1.2 */
		{TLS_1_2, 0xcca8, true},  {TLS_1_2, 0xcc13, false}, /* ChaCha20 of the draft */
		{TLS_1_0, 0x002f, true},  {SSL_3_0, 0x002f, false}, {TLS_1_0, 0x0003, false}, /* export */
		{TLS_1_2, 0xc102, false}, /* GOST */
		{TLS_1_2, 0x00ff, false}, {TLS_1_2, 0x5600, false}, {TLS_1_3, 0xc0b4, false}, /* integrity only */
		{TLS_1_2, 0x1a1a, false},
	};
	const uint8_t secret[48] = {0};
	const struct record_secrets short_secret = {
		.version = TLS_1_3, .cipher = 0x1302, .secret = secret, .secret_length = 32};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CU_ASSERT_EQUAL(record_cipher_supports(rows[i].version, rows[i].cipher), rows[i].supported);
	CU_ASSERT_PTR_NULL(record_cipher_new(&short_secret));
	record_cipher_free(NULL);
}

/* ---- What OpenSSL no longer speaks ---- */

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned value;

	while (sscanf(text + 2 * n, "%2x", &value) == 1)
		out[n++] = (uint8_t)value;
	return n;
}

/* A GnuTLS 3.7 client's records after its ChangeCipherSpec: Finished, then "hello from the client\n", "and again\n". */
struct fixture {
	uint16_t cipher;
	bool legacy; /* needs OpenSSL's legacy provider */
	const char *client_random, *server_random, *master_secret;
	const char *records[3];
};

static const struct fixture fixtures[] = {
	{
		0x0005,
		true,
		"b0bb8c2b2a376ad3d777b350e5c21888250254d24e3984550e27956f06f7f163",
		"6756e4c681d3c28b58a1fa8e69c3dc99229d32a875bf0126dcde6b65e92869be",
		"5d5f95a18b8fc1ca2b48124ece9f61530da0c059972755f6cb7e07d466817da5fddf421a4af43eadacd4b68187ac708c",
		{
			"561667ecc222c986319bd2cb8f26fee2c6734950523be631427cfa0877872a7c2392a923",
			"ec432d68877f563c4e0c11ec6a38f2cf6c4471d3af9130bf0685d84bfa208a07d1a034b6c6fb966e050d",
			"9eaaace29f436d6bc68f3434cdef69dd36d3edef6a82baa08995693516b9",
		},
	},
	{
		0x000a,
		false,
		"7f487bfb74d902dfc06f69ece715c15eb292791a59d4e74b661794822efc9c85",
		"949f09847fcf6c652615bd4ebb0b83723d01b9f9c42add80d400f45f07875fb7",
		"9cb6816939067410611c8b14c2dcbe18abc1f8666157a6329dff71e87ddce3c24c24c9e41b590b3236316082c142ff23",
		{
			"8899bea13c4759a467b758bb2d6e3677a9f209c3c52b9cf0c32a6b7c89228cd3dc7f1aa13500dd6d4909a577a23658"
			"ff",
			"69413b87f3edb68cee393c541916d154c6176906cb12676eb527244ad506463a16aa94914ccbf7608d017e08147a18"
			"71"
			"8e04e0b8cef988a8",
			"9124a202235c9489426cbca8a081e4e83732d909b51efd4102bc40ea94f0fd262145711089bebfb2",
		},
	},
};

static void check_fixture(const struct fixture *f)
{
	static const char *const contents[] = {NULL, "hello from the client\n", "and again\n"};
	uint8_t client_random[32], server_random[32], secret[48], fragment[128], out[128], inner;
	const struct record_secrets secrets = {
		.version = TLS_1_2,
		.cipher = f->cipher,
		.secret = secret,
		.secret_length = unhex(f->master_secret, secret),
		.client_random = client_random,
		.server_random = server_random,
	};
	struct record_cipher *c;
	size_t length;

	unhex(f->client_random, client_random);
	unhex(f->server_random, server_random);
	c = record_cipher_new(&secrets);
	if (!c && f->legacy) {
		unit_skip("OpenSSL's legacy provider is not installed");
		return;
	}
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	for (size_t i = 0; i < 3; i++) {
		uint8_t type = i == 0 ? 22 : 23;
		size_t n = unhex(f->records[i], fragment);

		fragment[n - 1] ^= 1;
		CU_ASSERT_FALSE(record_decrypt(c, type, TLS_1_2, fragment, n, out, &length, &inner));
		fragment[n - 1] ^= 1;
		CU_ASSERT_TRUE(record_decrypt(c, type, TLS_1_2, fragment, n, out, &length, &inner));
		CU_ASSERT_EQUAL(inner, type);
		if (i == 0)
			CU_ASSERT(length == 16 && out[0] == HS_FINISHED);
		if (i > 0)
			CU_ASSERT(length == strlen(contents[i]) && !memcmp(out, contents[i], length));
	}
	record_cipher_free(c);
}

static void test_fixtures(void)
{
	for (size_t i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++)
		check_fixture(&fixtures[i]);
}

/* HKDF-Expand for up to 32 bytes, from HMAC alone (RFC 5869 section 2.3). */
static void expand(const uint8_t secret[32], const char *label, uint8_t *out, size_t length)
{
	uint8_t info[64] = {0, (uint8_t)length, (uint8_t)strlen(label)}, digest[32];
	size_t n = 3;

	memcpy(info + n, label, strlen(label));
	n += strlen(label);
	info[n++] = 0;
	info[n++] = 1;
	HMAC(EVP_sha256(), secret, 32, info, n, digest, NULL);
	memcpy(out, digest, length);
}

struct sealing {
	const EVP_CIPHER *evp;
	uint8_t key[16], iv[12];
	uint8_t aad[5];
	int aad_length;
};

/* Seals `contents`, the type last, as record number `sequence`; returns the fragment's length. */
static size_t seal(const struct sealing *s, uint8_t sequence, const void *contents, int n, uint8_t *out)
{
	EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
	bool ccm = EVP_CIPHER_get_mode(s->evp) == EVP_CIPH_CCM_MODE;
	uint8_t nonce[12];
	int wrote = 0, rest = 0;

	memcpy(nonce, s->iv, 12);
	nonce[11] ^= sequence;
	EVP_EncryptInit_ex(x, s->evp, NULL, NULL, NULL);
	EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL);
	if (ccm)
		EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_TAG, 16, NULL);
	EVP_EncryptInit_ex(x, NULL, NULL, s->key, nonce);
	if (ccm)
		EVP_EncryptUpdate(x, NULL, &wrote, NULL, n);
	if (s->aad_length)
		EVP_EncryptUpdate(x, NULL, &wrote, s->aad, s->aad_length);
	EVP_EncryptUpdate(x, out, &wrote, contents, n);
	EVP_EncryptFinal_ex(x, out + wrote, &rest);
	EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_GET_TAG, 16, out + n);
	EVP_CIPHER_CTX_free(x);
	return (size_t)n + 16;
}

/* Drafts differ in the labels (before 20) and in what is authenticated (before 25); nobody speaks them any more. */
static void test_drafts(void)
{
	static const struct {
		uint16_t version;
		const char *key_label, *iv_label, *update_label;
		int aad_length;
	} rows[] = {
		{0x7f12, "TLS 1.3, key", "TLS 1.3, iv", "TLS 1.3, application traffic secret", 0},
		{0x7f17, "tls13 key", "tls13 iv", "tls13 traffic upd", 0},
		{0xfb17, "tls13 key", "tls13 iv", "tls13 traffic upd", 0},
		{0x7f1a, "tls13 key", "tls13 iv", "tls13 traffic upd", 5},
		{0xfb1a, "tls13 key", "tls13 iv", "tls13 traffic upd", 5},
		{0x7f1c, "tls13 key", "tls13 iv", "tls13 traffic upd", 5},
		{0x0304, "tls13 key", "tls13 iv", "tls13 traffic upd", 5},
	};
	static const uint8_t contents[] = {2, 40, 21, 0, 0}; /* an alert, padded */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t secret[32] = "any secret will do for this one", fragment[64], out[64], inner = 0;
		struct sealing s = {.evp = EVP_aes_128_gcm(),
				    .aad = {23, 3, 1, 0, sizeof(contents) + 16},
				    .aad_length = rows[i].aad_length};
		const struct record_secrets secrets = {
			.version = rows[i].version, .cipher = 0x1301, .secret = secret, .secret_length = 32};
		struct record_cipher *c = record_cipher_new(&secrets);
		size_t n, length = 0;

		CU_ASSERT_PTR_NOT_NULL_FATAL(c);
		for (uint8_t generation = 0; generation < 3; generation++) {
			expand(secret, rows[i].key_label, s.key, 16);
			expand(secret, rows[i].iv_label, s.iv, 12);
			for (uint8_t sequence = 0; sequence < 3; sequence++) {
				n = seal(&s, sequence, contents, sizeof(contents), fragment);
				CU_ASSERT_TRUE(record_decrypt(c, 23, 0x0301, fragment, n, out, &length, &inner));
				CU_ASSERT(length == 2 && inner == 21 && out[0] == 2 && out[1] == 40);
				CU_ASSERT_FALSE(record_decrypt(c, 23, 0x0301, fragment, n, out, &length, &inner));
			}
			CU_ASSERT_TRUE(record_cipher_update(c));
			expand(secret, rows[i].update_label, secret, 32);
		}
		record_cipher_free(c);
	}
}

static void test_odd_records(void)
{
	static const EVP_CIPHER *(*const ciphers[])(void) = {EVP_aes_128_gcm, EVP_aes_128_ccm};
	static const uint16_t suites[] = {0x1301, 0x1304};
	static const uint8_t zeros[4] = {0}, contents[] = {1, 2, 23};

	for (size_t i = 0; i < 2; i++) {
		uint8_t secret[32] = "any secret will do for this one", fragment[64], out[64], inner = 0;
		const struct record_secrets secrets = {
			.version = TLS_1_3, .cipher = suites[i], .secret = secret, .secret_length = 32};
		struct record_cipher *c = record_cipher_new(&secrets);
		struct sealing s = {.evp = ciphers[i](), .aad = {23, 3, 3}, .aad_length = 5};
		size_t n, length = 0;

		CU_ASSERT_PTR_NOT_NULL_FATAL(c);
		expand(secret, "tls13 key", s.key, 16);
		expand(secret, "tls13 iv", s.iv, 12);
		/* Only padding, and nothing at all: authentic, but without a content type (RFC 8446 section 5.4). */
		for (int size = 0; size <= 4; size += 4) {
			s.aad[4] = (uint8_t)(size + 16);
			n = seal(&s, 0, zeros, size, fragment);
			CU_ASSERT_FALSE(record_decrypt(c, 23, TLS_1_2, fragment, n, out, &length, &inner));
		}
		/* A later record is not taken for this one. */
		s.aad[4] = sizeof(contents) + 16;
		n = seal(&s, 2, contents, sizeof(contents), fragment);
		CU_ASSERT_FALSE(record_decrypt(c, 23, TLS_1_2, fragment, n, out, &length, &inner));
		n = seal(&s, 0, contents, sizeof(contents), fragment);
		CU_ASSERT_TRUE(record_decrypt(c, 23, TLS_1_2, fragment, n, out, &length, &inner));
		CU_ASSERT(length == 2 && inner == 23);
		/* Too short and too long for any record. */
		for (n = 0; n < 17; n++)
			CU_ASSERT_FALSE(record_decrypt(c, 23, TLS_1_2, fragment, n, out, &length, &inner));
		CU_ASSERT_FALSE(
			record_decrypt(c, 23, TLS_1_2, fragment, RECORD_FRAGMENT_MAX + 1, out, &length, &inner));
		record_cipher_free(c);
	}
}

/* The records of TLS 1.2 may be empty (RFC 5246 section 6.2.1), and CCM has one call for text and tag. */
static void test_empty_records(void)
{
	static const uint16_t suites[] = {0xc09c, 0x009c, 0xcca8};
	uint8_t secret[48] = "secret", random[32] = "random", fragment[24] = {0}, out[24], inner;

	for (size_t i = 0; i < 3; i++) {
		const struct record_secrets secrets = {.version = TLS_1_2,
						       .cipher = suites[i],
						       .secret = secret,
						       .secret_length = 48,
						       .client_random = random,
						       .server_random = random};
		struct record_cipher *c = record_cipher_new(&secrets);
		size_t n;

		CU_ASSERT_PTR_NOT_NULL_FATAL(c);
		CU_ASSERT_FALSE(
			record_decrypt(c, 23, TLS_1_2, fragment, suites[i] == 0xcca8 ? 16 : 24, out, &n, &inner));
		record_cipher_free(c);
	}
}

const struct unit_test unit_tests[] = {
	{"suites are supported under the versions that they belong to", test_support},
	{"every record of TLS 1.3 sessions is read, with each of its suites", test_tls13},
	{"key updates of both directions are followed", test_key_updates},
	{"every record of TLS 1.2 sessions is read, with every suite OpenSSL has", test_tls12},
	{"so are those of TLS 1.0 and 1.1", test_older},
	{"CBC records with the MAC inside are read", test_mac_then_encrypt},
	{"RC4 and 3DES records of a GnuTLS client are read", test_fixtures},
	{"records of the drafts of TLS 1.3 are read with their labels", test_drafts},
	{"records without a content type, out of sequence or of impossible length are refused", test_odd_records},
	{"an empty record needs its tag as any other", test_empty_records},
	{"the keys that the tests share are given back", free_identities},
	{NULL, NULL},
};
