/* certificate.h: makes one X.509 certificate from a plan, with OpenSSL; which certificates there are is mint.c's
 * table. */
#ifndef SERVERS_CERTIFICATE_H
#define SERVERS_CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>

/* Strings are values as in OpenSSL's x509v3_config(5); NULL or "" leaves the extension out. */
struct certificate_plan {
	const char *subject; /* common name */
	const char *alternative; /* subjectAltName */
	const char *basic; /* basicConstraints */
	const char *usage; /* keyUsage */
	const char *purpose; /* extendedKeyUsage */
	const char *constraint; /* nameConstraints */
	const char *feature; /* tlsfeature */
	const char *unknown; /* the object identifier of a critical extension without meaning */
	const char *digest; /* NULL: SHA256 */
	int from, to; /* days relative to now; both 0: from yesterday for 30 days */
	EVP_PKEY *key; /* another certificate's; NULL: a new one */
	unsigned rsa_bits; /* of a new key; 0: P-256 */
	bool revoked;
};

struct certificate {
	X509 *x509;
	EVP_PKEY *key;
	const struct certificate *issuer; /* NULL: itself */
	struct certificate *link; /* issuer, where it was made for this certificate alone */
	bool revoked;
};

/* Makes a certificate, with so many further authorities between it and its issuer, which must outlive it; NULL issuer:
 * signed by itself. NULL on error, with OpenSSL's error queue saying why. Free with certificate_free(). */
struct certificate *certificate_make(const struct certificate_plan *plan, const struct certificate *issuer,
				     unsigned links);
void certificate_free(struct certificate *certificate);

/* A key that names the certificate's public key and holds another private one; NULL on error. P-256 only. */
EVP_PKEY *certificate_wrong_key(const struct certificate *certificate);

/* Writes an authority's list of revoked certificates, PEM: that one, or none. */
bool certificate_write_crl(const struct certificate *authority, const struct certificate *revoked, FILE *file);
/* Writes its issuer's OCSP response on it, DER. */
bool certificate_write_status(const struct certificate *certificate, FILE *file);

#endif
