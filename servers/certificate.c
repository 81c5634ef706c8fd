/* certificate.c: X.509 certificates, revocation lists and OCSP responses with OpenSSL; see certificate.h. */
#include "servers/certificate.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define DAY (24L * 60 * 60)

static bool given(const char *text)
{
	return text && *text;
}

static bool set_name(X509 *x509, const char *common_name)
{
	X509_NAME *name = X509_get_subject_name(x509);

	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) ==
	       1;
}

static bool set_serial(X509 *x509)
{
	uint64_t serial;

	/* positive and not zero (RFC 5280, 4.1.2.2) */
	return RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), (serial >> 1) | 1) == 1;
}

static bool set_time(X509 *x509, const struct certificate_plan *plan)
{
	bool usual = plan->from == 0 && plan->to == 0;

	return X509_gmtime_adj(X509_getm_notBefore(x509), DAY * (usual ? -1 : plan->from)) &&
	       X509_gmtime_adj(X509_getm_notAfter(x509), DAY * (usual ? 30 : plan->to));
}

static bool add_extension(X509 *x509, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension;
	bool good;

	if (!given(value))
		return true;
	extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	good = extension && X509_add_ext(x509, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return good;
}

static bool add_unknown_extension(X509 *x509, const char *identifier)
{
	ASN1_OBJECT *object = given(identifier) ? OBJ_txt2obj(identifier, 1) : NULL;
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension = NULL;
	bool good = !given(identifier);

	if (object && value && ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05\x00", 2) == 1)
		extension = X509_EXTENSION_create_by_OBJ(NULL, object, 1, value);
	if (extension)
		good = X509_add_ext(x509, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(object);
	return good;
}

static bool add_extensions(X509 *x509, X509 *issuer, const struct certificate_plan *plan)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	return add_extension(x509, &context, NID_basic_constraints, plan->basic) &&
	       add_extension(x509, &context, NID_key_usage, plan->usage) &&
	       add_extension(x509, &context, NID_ext_key_usage, plan->purpose) &&
	       add_extension(x509, &context, NID_subject_alt_name, plan->alternative) &&
	       add_extension(x509, &context, NID_name_constraints, plan->constraint) &&
	       add_extension(x509, &context, NID_tlsfeature, plan->feature) &&
	       add_extension(x509, &context, NID_subject_key_identifier, "hash") &&
	       (issuer == x509 || add_extension(x509, &context, NID_authority_key_identifier, "keyid")) &&
	       add_unknown_extension(x509, plan->unknown);
}

/* Three primes (RFC 8017 section 3.1) are found in a quarter of the time that two of their size take, and each run
 * waits for them; the public key, which is all that a client sees, is like any other. */
static EVP_PKEY *make_rsa_key(unsigned bits)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;

	if (context && EVP_PKEY_keygen_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits) == 1 &&
	    EVP_PKEY_CTX_set_rsa_keygen_primes(context, 3) == 1 && EVP_PKEY_keygen(context, &key) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

/* A reference to free. */
static EVP_PKEY *make_key(const struct certificate_plan *plan)
{
	if (plan->key)
		return EVP_PKEY_up_ref(plan->key) == 1 ? plan->key : NULL;
	return plan->rsa_bits ? make_rsa_key(plan->rsa_bits) : EVP_EC_gen("P-256");
}

static struct certificate *make_one(const struct certificate_plan *plan, const struct certificate *issuer)
{
	struct certificate *made = calloc(1, sizeof(*made));
	const struct certificate *by = issuer ? issuer : made;

	if (!made)
		return NULL;
	made->issuer = issuer;
	made->revoked = plan->revoked;
	made->key = make_key(plan);
	made->x509 = X509_new();
	if (made->key && made->x509 && X509_set_version(made->x509, X509_VERSION_3) == 1 && set_serial(made->x509) &&
	    set_time(made->x509, plan) && set_name(made->x509, plan->subject) &&
	    X509_set_issuer_name(made->x509, X509_get_subject_name(by->x509)) == 1 &&
	    X509_set_pubkey(made->x509, made->key) == 1 && add_extensions(made->x509, by->x509, plan) &&
	    X509_sign(made->x509, by->key, EVP_get_digestbyname(plan->digest ? plan->digest : "SHA256")) > 0)
		return made;
	certificate_free(made);
	return NULL;
}

struct certificate *certificate_make(const struct certificate_plan *plan, const struct certificate *issuer,
				     unsigned links)
{
	struct certificate *link = NULL, *made;

	for (unsigned i = 1; i <= links; i++) {
		char name[32];
		struct certificate *next;

		snprintf(name, sizeof(name), "Lab Link CA %u", i);
		next = make_one(&(struct certificate_plan){.subject = name,
							   .basic = "critical,CA:TRUE",
							   .usage = "critical,keyCertSign"},
				link ? link : issuer);
		if (!next) {
			certificate_free(link);
			return NULL;
		}
		next->link = link;
		link = next;
	}
	made = make_one(plan, link ? link : issuer);
	if (made)
		made->link = link;
	else
		certificate_free(link);
	return made;
}

void certificate_free(struct certificate *certificate)
{
	while (certificate) {
		struct certificate *link = certificate->link;

		X509_free(certificate->x509);
		EVP_PKEY_free(certificate->key);
		free(certificate);
		certificate = link;
	}
}

/* The parts of a P-256 key: another's private number beside this public point. */
static OSSL_PARAM *mixed_parameters(const EVP_PKEY *key, const EVP_PKEY *other)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *parameters = NULL;
	BIGNUM *private = NULL;
	unsigned char point[256];
	size_t length = 0;

	if (builder && EVP_PKEY_get_bn_param(other, OSSL_PKEY_PARAM_PRIV_KEY, &private) == 1 &&
	    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &length) == 1 &&
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, length) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, private) == 1)
		parameters = OSSL_PARAM_BLD_to_param(builder);
	BN_clear_free(private);
	OSSL_PARAM_BLD_free(builder);
	return parameters;
}

EVP_PKEY *certificate_wrong_key(const struct certificate *certificate)
{
	EVP_PKEY *other = EVP_EC_gen("P-256"), *wrong = NULL;
	OSSL_PARAM *parameters = other ? mixed_parameters(certificate->key, other) : NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

	if (!parameters || !context || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &wrong, EVP_PKEY_KEYPAIR, parameters) != 1)
		wrong = NULL;
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	EVP_PKEY_free(other);
	return wrong;
}

static bool add_revoked(X509_CRL *crl, const struct certificate *certificate)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *when = X509_gmtime_adj(NULL, -DAY / 2);
	bool good = entry && when && X509_REVOKED_set_revocationDate(entry, when) == 1 &&
		    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate->x509)) == 1 &&
		    X509_CRL_add0_revoked(crl, entry) == 1;

	if (!good)
		X509_REVOKED_free(entry);
	ASN1_TIME_free(when);
	return good;
}

bool certificate_write_crl(const struct certificate *authority, const struct certificate *revoked, FILE *file)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *last = X509_gmtime_adj(NULL, -DAY), *next = X509_gmtime_adj(NULL, 30 * DAY);
	bool good = crl && last && next && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
		    X509_CRL_set_issuer_name(crl, X509_get_subject_name(authority->x509)) == 1 &&
		    X509_CRL_set1_lastUpdate(crl, last) == 1 && X509_CRL_set1_nextUpdate(crl, next) == 1 &&
		    (!revoked || add_revoked(crl, revoked)) && X509_CRL_sign(crl, authority->key, EVP_sha256()) > 0 &&
		    PEM_write_X509_CRL(file, crl) == 1;

	ASN1_TIME_free(last);
	ASN1_TIME_free(next);
	X509_CRL_free(crl);
	return good;
}

/* RFC 6960: one answer, signed by the issuer itself. */
static OCSP_BASICRESP *make_status(const struct certificate *certificate, ASN1_TIME *from, ASN1_TIME *to)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), certificate->x509, certificate->issuer->x509);
	int status = certificate->revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD;

	if (basic && id &&
	    OCSP_basic_add1_status(basic, id, status, OCSP_REVOKED_STATUS_NOSTATUS, certificate->revoked ? from : NULL,
				   from, to) &&
	    OCSP_basic_sign(basic, certificate->issuer->x509, certificate->issuer->key, EVP_sha256(), NULL,
			    OCSP_NOCERTS) == 1) {
		OCSP_CERTID_free(id);
		return basic;
	}
	OCSP_CERTID_free(id);
	OCSP_BASICRESP_free(basic);
	return NULL;
}

bool certificate_write_status(const struct certificate *certificate, FILE *file)
{
	ASN1_TIME *from = X509_gmtime_adj(NULL, -DAY / 2), *to = X509_gmtime_adj(NULL, 7 * DAY);
	OCSP_BASICRESP *basic = from && to && certificate->issuer ? make_status(certificate, from, to) : NULL;
	OCSP_RESPONSE *response = basic ? OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic) : NULL;
	unsigned char *der = NULL;
	int length = response ? i2d_OCSP_RESPONSE(response, &der) : -1;
	bool good = length > 0 && fwrite(der, 1, (size_t)length, file) == (size_t)length;

	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return good;
}
