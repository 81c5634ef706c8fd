/* sanitize_key.c: see sanitize_key.h. */
#include "sanitize_key.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdlib.h>

#define KEYS_MAX 64
#define BITS_MAX 4096 /* of RSA; larger keys take seconds to make */
#define TRIES 200 /* of an ECDSA signature, whose length varies: one in 256 is two bytes shorter than most */

struct key_ring {
	struct made {
		uint8_t digest[SHA256_DIGEST_LENGTH]; /* of the original */
		EVP_PKEY *key; /* NULL: none could be made */
		size_t length; /* of the original */
	} made[KEYS_MAX];
	size_t count;
};

struct key_ring *key_ring_new(void)
{
	return calloc(1, sizeof(struct key_ring));
}

void key_ring_free(struct key_ring *keys)
{
	for (size_t i = 0; keys && i < keys->count; i++)
		EVP_PKEY_free(keys->made[i].key);
	free(keys);
}

static bool prepare(EVP_PKEY_CTX *context, EVP_PKEY *like)
{
	char group[64];
	BIGNUM *exponent = NULL;
	bool ok = EVP_PKEY_keygen_init(context) == 1;

	switch (EVP_PKEY_get_base_id(like)) {
	case EVP_PKEY_RSA:
		ok = ok && EVP_PKEY_get_bits(like) <= BITS_MAX &&
		     EVP_PKEY_CTX_set_rsa_keygen_bits(context, EVP_PKEY_get_bits(like)) == 1 &&
		     EVP_PKEY_get_bn_param(like, "e", &exponent) == 1 &&
		     EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, exponent) == 1;
		break;
	case EVP_PKEY_EC:
		ok = ok && EVP_PKEY_get_group_name(like, group, sizeof(group), NULL) == 1 &&
		     EVP_PKEY_CTX_set_group_name(context, group) == 1;
		break;
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		break;
	default:
		ok = false;
	}
	BN_free(exponent);
	return ok;
}

static EVP_PKEY *make(EVP_PKEY *like)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, EVP_PKEY_get0_type_name(like), NULL);
	EVP_PKEY *key = NULL;

	if (!context || !prepare(context, like) || EVP_PKEY_generate(context, &key) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

/* With the ring full, a key made earlier, of the same kind and length. */
static EVP_PKEY *used_again(const struct key_ring *keys, EVP_PKEY *like, size_t n)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->made[i].key && keys->made[i].length == n &&
		    EVP_PKEY_is_a(keys->made[i].key, EVP_PKEY_get0_type_name(like)))
			return keys->made[i].key;
	return NULL;
}

EVP_PKEY *key_ring_find(struct key_ring *keys, const uint8_t *info, size_t n)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	const uint8_t *at = info;
	EVP_PKEY *like, *key = NULL;

	SHA256(info, n, digest);
	for (size_t i = 0; i < keys->count; i++)
		if (!memcmp(keys->made[i].digest, digest, sizeof(digest)))
			return keys->made[i].key;
	like = d2i_PUBKEY(NULL, &at, (long)n);
	if (!like)
		return NULL;
	if (keys->count == KEYS_MAX) {
		key = used_again(keys, like, n);
	} else {
		key = make(like);
		keys->made[keys->count] = (struct made){.key = key, .length = n};
		memcpy(keys->made[keys->count++].digest, digest, sizeof(digest));
	}
	EVP_PKEY_free(like);
	return key;
}

/* The bits of the key alone change: what stands before them, the algorithm and its parameters, is known to nobody by
 * itself. */
bool key_ring_write(struct key_ring *keys, const uint8_t *info, size_t n, uint8_t *out)
{
	EVP_PKEY *key = key_ring_find(keys, info, n);
	const uint8_t *at = info, *old = NULL, *new = NULL;
	X509_PUBKEY *was = key ? d2i_X509_PUBKEY(NULL, &at, (long)n) : NULL, *is = NULL;
	int old_length = 0, new_length = 0;
	bool ok = false;

	if (was && X509_PUBKEY_set(&is, key) == 1 && X509_PUBKEY_get0_param(NULL, &old, &old_length, NULL, was) == 1 &&
	    X509_PUBKEY_get0_param(NULL, &new, &new_length, NULL, is) == 1 && old_length == new_length &&
	    (size_t)old_length < n) {
		memcpy(out, info, n - (size_t)old_length);
		memcpy(out + n - (size_t)old_length, new, (size_t)new_length);
		ok = true;
	}
	X509_PUBKEY_free(was);
	X509_PUBKEY_free(is);
	return ok;
}

/* RFC 4055: the salt's length is the algorithm's parameter. */
static bool set_padding(EVP_PKEY_CTX *context, X509 *like)
{
	const X509_ALGOR *algorithm = X509_get0_tbs_sigalg(like);
	const void *value;
	RSA_PSS_PARAMS *parameters;
	long salt = 20;
	int type;

	X509_ALGOR_get0(NULL, &type, &value, algorithm);
	parameters = type == V_ASN1_SEQUENCE
			     ? ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), algorithm->parameter)
			     : NULL;
	if (parameters && parameters->saltLength)
		salt = ASN1_INTEGER_get(parameters->saltLength);
	RSA_PSS_PARAMS_free(parameters);
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, (int)salt) == 1;
}

bool key_sign(EVP_PKEY *key, X509 *like, const uint8_t *tbs, size_t tbs_length, uint8_t *signature, size_t n)
{
	int digest = NID_undef;
	bool ok = false, varies = EVP_PKEY_is_a(key, "EC");
	uint8_t *made = malloc((size_t)EVP_PKEY_get_size(key));

	if (!made || X509_get_signature_info(like, &digest, NULL, NULL, NULL) != 1)
		goto out;
	for (int i = 0; i < (varies ? TRIES : 1) && !ok; i++) {
		EVP_MD_CTX *context = EVP_MD_CTX_new();
		EVP_PKEY_CTX *padding = NULL;
		size_t length = (size_t)EVP_PKEY_get_size(key);

		ok = context &&
		     EVP_DigestSignInit(context, &padding, digest ? EVP_get_digestbynid(digest) : NULL, NULL, key) ==
			     1 &&
		     (X509_get_signature_nid(like) != NID_rsassaPss || set_padding(padding, like)) &&
		     EVP_DigestSign(context, made, &length, tbs, tbs_length) == 1 && length == n;
		EVP_MD_CTX_free(context);
	}
	if (ok)
		memcpy(signature, made, n);
out:
	free(made);
	return ok;
}
