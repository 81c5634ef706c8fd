/* decrypt.c: from secret to keys to plaintext, all cryptography by libcrypto.
 *
 * What a suite needs is read off its IANA name, "…_WITH_<algorithm>[_<hash>]" (TLS 1.3: "TLS_<algorithm>_<hash>"), with
 * one table row for each algorithm. So every registered suite with a known algorithm is covered, whatever its key
 * exchange.
 */
#include "decrypt.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <string.h>

#include "handshake.h"
#include "iana.h"

enum mode {
	MODE_GCM, /* nonce: 4 secret bytes, then 8 in the record (RFC 5288) */
	MODE_CCM, /* the same (RFC 6655) */
	MODE_CHACHA, /* nonce: 12 secret bytes and the sequence number (RFC 7905) */
	MODE_CBC,
	MODE_STREAM, /* RC4, and NULL with no cipher at all */
};

struct algorithm {
	const char *name; /* in the suite's IANA name */
	const char *evp;
	enum mode mode;
	uint8_t key, block, tag; /* bytes */
	bool legacy; /* in OpenSSL's legacy provider */
};

/* Longer names stand before those they begin with. */
static const struct algorithm algorithms[] = {
	{"AES_128_GCM", "AES-128-GCM", MODE_GCM, 16, 0, 16, false},
	{"AES_256_GCM", "AES-256-GCM", MODE_GCM, 32, 0, 16, false},
	{"AES_128_CCM_8", "AES-128-CCM", MODE_CCM, 16, 0, 8, false},
	{"AES_256_CCM_8", "AES-256-CCM", MODE_CCM, 32, 0, 8, false},
	{"AES_128_CCM", "AES-128-CCM", MODE_CCM, 16, 0, 16, false},
	{"AES_256_CCM", "AES-256-CCM", MODE_CCM, 32, 0, 16, false},
	{"ARIA_128_GCM", "ARIA-128-GCM", MODE_GCM, 16, 0, 16, false},
	{"ARIA_256_GCM", "ARIA-256-GCM", MODE_GCM, 32, 0, 16, false},
	{"CHACHA20_POLY1305", "ChaCha20-Poly1305", MODE_CHACHA, 32, 0, 16, false},
	{"AES_128_CBC", "AES-128-CBC", MODE_CBC, 16, 16, 0, false},
	{"AES_256_CBC", "AES-256-CBC", MODE_CBC, 32, 16, 0, false},
	{"CAMELLIA_128_CBC", "CAMELLIA-128-CBC", MODE_CBC, 16, 16, 0, false},
	{"CAMELLIA_256_CBC", "CAMELLIA-256-CBC", MODE_CBC, 32, 16, 0, false},
	{"ARIA_128_CBC", "ARIA-128-CBC", MODE_CBC, 16, 16, 0, false},
	{"ARIA_256_CBC", "ARIA-256-CBC", MODE_CBC, 32, 16, 0, false},
	{"3DES_EDE_CBC", "DES-EDE3-CBC", MODE_CBC, 24, 8, 0, false},
	{"DES_CBC", "DES-CBC", MODE_CBC, 8, 8, 0, true},
	{"SEED_CBC", "SEED-CBC", MODE_CBC, 16, 16, 0, true},
	{"RC4_128", "RC4", MODE_STREAM, 16, 0, 0, true},
	{"NULL", NULL, MODE_STREAM, 0, 0, 0, false},
};

struct hash {
	const char *name;
	const char *evp;
	uint8_t size;
};

/* An empty name is a suite that ends with its algorithm: the CCM suites of RFC 6655, whose PRF is SHA-256. */
static const struct hash hashes[] = {
	{"SHA256", "SHA256", 32}, {"SHA384", "SHA384", 48}, {"SHA", "SHA1", 20}, {"MD5", "MD5", 16}, {"", "SHA256", 32},
};

struct suite {
	const struct algorithm *algorithm;
	const struct hash *hash;
};

#define KEY_MAX 32
#define NONCE_SIZE 12
#define BLOCK_MAX 16
#define MAC_MAX 48
#define HEADER_SIZE 13 /* sequence number, type, version, length: what MACs cover (RFC 5246 section 6.2.3.1) */

/* What the drafts of TLS 1.3 did differently. */
struct dialect {
	uint8_t draft_before; /* applies to drafts below this number */
	const char *label_prefix;
	const char *update_label;
	bool header_authenticated;
};

static const struct dialect dialects[] = {
	{20, "TLS 1.3, ", "application traffic secret", false},
	{25, "tls13 ", "traffic upd", false},
	{UINT8_MAX, "tls13 ", "traffic upd", true},
};

struct record_cipher {
	struct suite suite;
	uint16_t version;
	const struct dialect *dialect; /* of TLS 1.3; else NULL */
	bool encrypt_then_mac;
	uint64_t sequence;
	size_t secret_length; /* TLS 1.3 */
	uint8_t secret[MAC_MAX];
	uint8_t key[KEY_MAX];
	uint8_t iv[BLOCK_MAX]; /* TLS 1.3 and ChaCha: 12 bytes; GCM and CCM: 4; TLS 1.0's CBC: the last block seen */
	uint8_t mac_key[MAC_MAX];
	OSSL_LIB_CTX *library; /* with the legacy provider; NULL: the default library context */
	OSSL_PROVIDER *legacy;
	EVP_CIPHER *cipher; /* NULL for NULL suites */
	EVP_CIPHER_CTX *context;
	EVP_MAC *hmac;
};

struct record {
	uint8_t type;
	uint16_t version;
	const uint8_t *fragment;
	size_t length;
	uint8_t *out;
	size_t out_length;
};

/* ---- Suites ---- */

static bool suite_read(uint16_t version, uint16_t number, struct suite *suite)
{
	iana_buffer buffer;
	const char *name = iana_cipher_name(number, buffer);
	const char *with = strstr(name, "_WITH_");
	bool tls13 = version_is_tls13(version);

	*suite = (struct suite){NULL, NULL};
	if (strncmp(name, "TLS_", 4) != 0 || strstr(name, "EXPORT") || tls13 != !with)
		return false;
	name = with ? with + strlen("_WITH_") : name + strlen("TLS_");
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]) && !suite->algorithm; i++) {
		size_t n = strlen(algorithms[i].name);

		if (strncmp(name, algorithms[i].name, n) != 0 || (name[n] && name[n] != '_'))
			continue;
		suite->algorithm = &algorithms[i];
		name += n + (name[n] == '_');
	}
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]) && suite->algorithm; i++)
		if (!strcmp(name, hashes[i].name))
			suite->hash = &hashes[i];
	return suite->hash;
}

static bool is_aead(const struct algorithm *a)
{
	return a->tag > 0;
}

bool record_cipher_supports(uint16_t version, uint16_t cipher)
{
	struct suite suite;

	if (!suite_read(version, cipher, &suite))
		return false;
	if (version_is_tls13(version))
		return is_aead(suite.algorithm);
	/* AEAD came with TLS 1.2 (RFC 5246 section 6.2.3.3). */
	return version == TLS_1_2 || (!is_aead(suite.algorithm) && (version == TLS_1_0 || version == TLS_1_1));
}

/* ---- Keys ---- */

/* HKDF-Expand-Label with an empty context (RFC 8446 section 7.1). */
static bool expand_label(const struct record_cipher *c, const char *label, uint8_t *out, size_t length)
{
	uint8_t info[64];
	size_t prefix_length = strlen(c->dialect->label_prefix), label_length = strlen(label);
	char *digest = (char *)(uintptr_t)c->suite.hash->evp;
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
	size_t n = 0;
	bool ok;

	info[n++] = 0;
	info[n++] = (uint8_t)length;
	info[n++] = (uint8_t)(prefix_length + label_length);
	memcpy(info + n, c->dialect->label_prefix, prefix_length);
	n += prefix_length;
	memcpy(info + n, label, label_length);
	n += label_length;
	info[n++] = 0;

	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)c->secret, c->secret_length),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, n),
		OSSL_PARAM_construct_end(),
	};
	ok = context && EVP_KDF_derive(context, out, length, params) == 1;
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return ok;
}

static bool derive_tls13(struct record_cipher *c)
{
	return expand_label(c, "key", c->key, c->suite.algorithm->key) && expand_label(c, "iv", c->iv, NONCE_SIZE);
}

/* The pseudo-random function of TLS 1.0 to 1.2 (RFC 2246 section 5, RFC 5246 section 5) for the key block. */
static bool key_block(const struct record_secrets *s, const struct suite *suite, uint8_t *out, size_t length)
{
	static const char label[] = "key expansion";
	uint8_t seed[sizeof(label) - 1 + 64];
	/* Hashes weaker than SHA-256 are the MAC's only; TLS 1.2's PRF has SHA-256 then. */
	const char *digest = s->version < TLS_1_2 ? "MD5-SHA1" : suite->hash->size < 32 ? "SHA256" : suite->hash->evp;
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
	bool ok;

	memcpy(seed, label, sizeof(label) - 1);
	memcpy(seed + sizeof(label) - 1, s->server_random, 32);
	memcpy(seed + sizeof(label) - 1 + 32, s->client_random, 32);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, (void *)(uintptr_t)s->secret,
						  s->secret_length),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof(seed)),
		OSSL_PARAM_construct_end(),
	};
	ok = context && EVP_KDF_derive(context, out, length, params) == 1;
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return ok;
}

/* The key block is client and server MAC key, client and server key, client and server IV (RFC 5246 section 6.3). */
static bool derive_tls12(struct record_cipher *c, const struct record_secrets *s)
{
	static const uint8_t fixed_iv[] = {
		[MODE_GCM] = 4, [MODE_CCM] = 4, [MODE_CHACHA] = NONCE_SIZE, [MODE_STREAM] = 0};
	const struct algorithm *a = c->suite.algorithm;
	size_t mac = is_aead(a) ? 0 : c->suite.hash->size;
	size_t iv = a->mode == MODE_CBC ? a->block : fixed_iv[a->mode];
	uint8_t block[2 * (MAC_MAX + KEY_MAX + BLOCK_MAX)];
	const uint8_t *at = block;
	bool ok = key_block(s, &c->suite, block, 2 * (mac + a->key + iv));

	memcpy(c->mac_key, at + (s->from_server ? mac : 0), mac);
	at += 2 * mac;
	memcpy(c->key, at + (s->from_server ? a->key : 0), a->key);
	at += 2 * (size_t)a->key;
	memcpy(c->iv, at + (s->from_server ? iv : 0), iv);
	OPENSSL_cleanse(block, sizeof(block));
	return ok;
}

/* ---- Life ---- */

static const struct dialect *dialect_of(uint16_t version)
{
	/* Facebook's and Chrome's numbers hold no draft number but for the first two. */
	unsigned draft = version >> 8 == 0x7f || version >> 8 == 0xfb ? version & 0xffU : UINT8_MAX - 1;
	const struct dialect *d = dialects;

	while (draft >= d->draft_before && d->draft_before != UINT8_MAX)
		d++;
	return d;
}

static bool fetch(struct record_cipher *c)
{
	const struct algorithm *a = c->suite.algorithm;

	if (a->legacy) {
		c->library = OSSL_LIB_CTX_new();
		c->legacy = c->library ? OSSL_PROVIDER_load(c->library, "legacy") : NULL;
		if (!c->legacy)
			return false;
	}
	if (a->evp) {
		c->cipher = EVP_CIPHER_fetch(c->library, a->evp, NULL);
		c->context = EVP_CIPHER_CTX_new();
		if (!c->cipher || !c->context)
			return false;
	}
	if (is_aead(a))
		return true;
	c->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	return c->hmac && (a->mode != MODE_STREAM || !c->cipher ||
			   EVP_DecryptInit_ex2(c->context, c->cipher, c->key, NULL, NULL) == 1);
}

static bool derive(struct record_cipher *c, const struct record_secrets *s)
{
	if (!version_is_tls13(s->version))
		return s->secret_length == 48 && derive_tls12(c, s);
	if (s->secret_length != c->suite.hash->size)
		return false;
	c->dialect = dialect_of(s->version);
	c->secret_length = s->secret_length;
	memcpy(c->secret, s->secret, s->secret_length);
	return derive_tls13(c);
}

struct record_cipher *record_cipher_new(const struct record_secrets *secrets)
{
	struct record_cipher *c;

	if (!record_cipher_supports(secrets->version, secrets->cipher))
		return NULL;
	c = OPENSSL_zalloc(sizeof(*c));
	if (!c)
		return NULL;
	suite_read(secrets->version, secrets->cipher, &c->suite);
	c->version = secrets->version;
	c->encrypt_then_mac = secrets->encrypt_then_mac;
	ERR_set_mark();
	if (!derive(c, secrets) || !fetch(c)) {
		record_cipher_free(c);
		c = NULL;
	}
	ERR_pop_to_mark();
	return c;
}

void record_cipher_free(struct record_cipher *c)
{
	if (!c)
		return;
	EVP_MAC_free(c->hmac);
	EVP_CIPHER_CTX_free(c->context);
	EVP_CIPHER_free(c->cipher);
	if (c->legacy)
		OSSL_PROVIDER_unload(c->legacy);
	OSSL_LIB_CTX_free(c->library);
	OPENSSL_clear_free(c, sizeof(*c));
}

bool record_cipher_update(struct record_cipher *c)
{
	uint8_t next[MAC_MAX];

	if (!c->dialect || !expand_label(c, c->dialect->update_label, next, c->secret_length))
		return false;
	memcpy(c->secret, next, c->secret_length);
	OPENSSL_cleanse(next, sizeof(next));
	c->sequence = 0;
	return derive_tls13(c);
}

/* ---- Records ---- */

static void put_uint(uint8_t *at, size_t n, uint64_t value)
{
	while (n > 0) {
		at[--n] = (uint8_t)value;
		value >>= 8;
	}
}

static void header_of(const struct record_cipher *c, const struct record *r, size_t length, uint8_t header[HEADER_SIZE])
{
	put_uint(header, 8, c->sequence);
	header[8] = r->type;
	put_uint(header + 9, 2, r->version);
	put_uint(header + 11, 2, length);
}

/* Opens ciphertext and tag into r->out. */
static bool aead_open(struct record_cipher *c, struct record *r, const uint8_t nonce[NONCE_SIZE], const uint8_t *aad,
		      size_t aad_length, const uint8_t *sealed, size_t length)
{
	const struct algorithm *a = c->suite.algorithm;
	bool ccm = a->mode == MODE_CCM;
	EVP_CIPHER_CTX *x = c->context;
	uint8_t tag[16], none[1] = {0};
	int n = 0, rest = 0;

	if (length < a->tag)
		return false;
	length -= a->tag;
	memcpy(tag, sealed + length, a->tag);
	r->out_length = length;
	if (EVP_DecryptInit_ex2(x, c->cipher, NULL, NULL, NULL) != 1 ||
	    EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_IVLEN, NONCE_SIZE, NULL) != 1 ||
	    EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_TAG, a->tag, tag) != 1 ||
	    EVP_DecryptInit_ex2(x, NULL, c->key, nonce, NULL) != 1)
		return false;
	/* CCM wants the length first, and says with its only update whether the tag fits. */
	if (ccm && EVP_DecryptUpdate(x, NULL, &n, NULL, (int)length) != 1)
		return false;
	if (aad_length > 0 && EVP_DecryptUpdate(x, NULL, &n, aad, (int)aad_length) != 1)
		return false;
	if ((length > 0 || ccm) && EVP_DecryptUpdate(x, length ? r->out : none, &n, sealed, (int)length) != 1)
		return false;
	return ccm || EVP_DecryptFinal_ex(x, length ? r->out + n : none, &rest) == 1;
}

/* The secret IV with the sequence number in its last bytes (RFC 8446 section 5.3, RFC 7905 section 2). */
static void xor_nonce(const struct record_cipher *c, uint8_t nonce[NONCE_SIZE])
{
	memset(nonce, 0, NONCE_SIZE);
	put_uint(nonce + 4, 8, c->sequence);
	for (size_t i = 0; i < NONCE_SIZE; i++)
		nonce[i] ^= c->iv[i];
}

/* The contents are followed by their type and any number of zeros (RFC 8446 section 5.2). */
static bool open_tls13(struct record_cipher *c, struct record *r)
{
	uint8_t nonce[NONCE_SIZE], header[HEADER_SIZE];

	if (r->type != 23)
		return false;
	xor_nonce(c, nonce);
	header_of(c, r, r->length, header);
	if (!aead_open(c, r, nonce, header + 8, c->dialect->header_authenticated ? 5 : 0, r->fragment, r->length))
		return false;
	while (r->out_length > 0 && r->out[r->out_length - 1] == 0)
		r->out_length--;
	if (r->out_length == 0)
		return false;
	r->type = r->out[--r->out_length];
	return true;
}

static bool open_aead(struct record_cipher *c, struct record *r)
{
	const struct algorithm *a = c->suite.algorithm;
	size_t in_record = a->mode == MODE_CHACHA ? 0 : 8;
	uint8_t nonce[NONCE_SIZE], header[HEADER_SIZE];

	if (r->length < in_record + a->tag)
		return false;
	header_of(c, r, r->length - in_record - a->tag, header);
	if (in_record) {
		memcpy(nonce, c->iv, 4);
		memcpy(nonce + 4, r->fragment, 8);
	} else {
		xor_nonce(c, nonce);
	}
	return aead_open(c, r, nonce, header, sizeof(header), r->fragment + in_record, r->length - in_record);
}

/* Whether `mac` is the HMAC of the header and the bytes. */
static bool mac_fits(const struct record_cipher *c, const struct record *r, const uint8_t *bytes, size_t length,
		     const uint8_t *mac)
{
	const struct hash *hash = c->suite.hash;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)hash->evp, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *x = EVP_MAC_CTX_new(c->hmac);
	uint8_t header[HEADER_SIZE], computed[MAC_MAX];
	size_t size = 0;
	bool ok;

	header_of(c, r, length, header);
	ok = x && EVP_MAC_init(x, c->mac_key, hash->size, params) == 1 &&
	     EVP_MAC_update(x, header, sizeof(header)) == 1 && EVP_MAC_update(x, bytes, length) == 1 &&
	     EVP_MAC_final(x, computed, &size, sizeof(computed)) == 1 && size == hash->size &&
	     CRYPTO_memcmp(computed, mac, size) == 0;
	EVP_MAC_CTX_free(x);
	return ok;
}

/* Every byte of the padding says how many come before it (RFC 5246 section 6.2.3.2). */
static bool strip_padding(struct record *r)
{
	size_t padding;

	if (r->out_length == 0)
		return false;
	padding = r->out[r->out_length - 1];
	if (padding + 1 > r->out_length)
		return false;
	for (size_t i = 0; i <= padding; i++)
		if (r->out[r->out_length - 1 - i] != padding)
			return false;
	r->out_length -= padding + 1;
	return true;
}

/* The contents are followed by their MAC, unless that stood outside the encryption. */
static bool strip_mac(const struct record_cipher *c, struct record *r)
{
	size_t mac = c->suite.hash->size;

	if (r->out_length < mac)
		return false;
	r->out_length -= mac;
	return mac_fits(c, r, r->out, r->out_length, r->out + r->out_length);
}

static bool cbc_decrypt(struct record_cipher *c, const uint8_t *iv, const uint8_t *bytes, size_t length, uint8_t *out)
{
	int n = 0;

	return EVP_DecryptInit_ex2(c->context, c->cipher, c->key, iv, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(c->context, 0) == 1 &&
	       EVP_DecryptUpdate(c->context, out, &n, bytes, (int)length) == 1 && (size_t)n == length;
}

static bool open_cbc(struct record_cipher *c, struct record *r)
{
	size_t block = c->suite.algorithm->block, mac = c->encrypt_then_mac ? c->suite.hash->size : 0;
	/* TLS 1.1 put the IV into the record; before, it is the last block of the record before (RFC 4346 section
	 * 6.2.3.2). */
	size_t in_record = c->version >= TLS_1_1 ? block : 0;
	const uint8_t *body = r->fragment + in_record;
	size_t length;

	if (r->length < in_record + block + mac)
		return false;
	length = r->length - in_record - mac;
	if (length % block)
		return false;
	/* RFC 7366 section 3: the MAC covers IV and ciphertext. */
	if (mac && !mac_fits(c, r, r->fragment, r->length - mac, r->fragment + r->length - mac))
		return false;
	if (!cbc_decrypt(c, in_record ? r->fragment : c->iv, body, length, r->out))
		return false;
	r->out_length = length;
	if (!strip_padding(r) || !(mac || strip_mac(c, r)))
		return false;
	memcpy(c->iv, body + length - block, block);
	return true;
}

/* The key stream runs on from record to record, so a failed one is tried on a copy. */
static bool open_stream(struct record_cipher *c, struct record *r)
{
	EVP_CIPHER_CTX *x = NULL;
	int n = 0;
	bool ok = true;

	r->out_length = r->length;
	if (c->cipher) {
		x = EVP_CIPHER_CTX_new();
		ok = x && EVP_CIPHER_CTX_copy(x, c->context) == 1 &&
		     EVP_DecryptUpdate(x, r->out, &n, r->fragment, (int)r->length) == 1;
	} else {
		memcpy(r->out, r->fragment, r->length);
	}
	ok = ok && strip_mac(c, r);
	if (ok && x) {
		EVP_CIPHER_CTX_free(c->context);
		c->context = x;
	} else {
		EVP_CIPHER_CTX_free(x);
	}
	return ok;
}

static bool open_record(struct record_cipher *c, struct record *r)
{
	static bool (*const by_mode[])(struct record_cipher * c, struct record * r) = {
		[MODE_GCM] = open_aead, [MODE_CCM] = open_aead,      [MODE_CHACHA] = open_aead,
		[MODE_CBC] = open_cbc,  [MODE_STREAM] = open_stream,
	};

	return c->dialect ? open_tls13(c, r) : by_mode[c->suite.algorithm->mode](c, r);
}

bool record_decrypt(struct record_cipher *c, uint8_t type, uint16_t version, const uint8_t *fragment, size_t length,
		    uint8_t *out, size_t *out_length, uint8_t *inner_type)
{
	struct record r = {.type = type, .version = version, .fragment = fragment, .length = length, .out = out};
	bool ok;

	if (length == 0 || length > RECORD_FRAGMENT_MAX)
		return false;
	ERR_set_mark();
	ok = open_record(c, &r);
	ERR_pop_to_mark();
	if (!ok)
		return false;
	c->sequence++;
	*out_length = r.out_length;
	*inner_type = r.type;
	return true;
}
