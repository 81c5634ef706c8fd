/* sanitize_certificate.h: X.509 certificates and names rewritten at equal length, so that they still read as what they
 * were.
 *
 * Names, serial numbers, key identifiers, URLs, object identifiers that OpenSSL does not know, and all that is not
 * understood get aliases or are erased. Versions, algorithms, usages, constraints and dates stay, for a verdict's
 * evidence is made of them. Each public key becomes a fresh one of the same kind and size, and what a certificate in
 * the list signed is signed again with that, so that a chain which held together still does.
 */
#ifndef ANALYZER_SANITIZE_CERTIFICATE_H
#define ANALYZER_SANITIZE_CERTIFICATE_H

#include "alias.h"
#include "rewrite.h"

struct key_ring; /* fresh keys for those of the capture */

/* NULL when out of memory. */
struct key_ring *key_ring_new(void);
void key_ring_free(struct key_ring *keys); /* NULL is fine; the keys are lost for good */

struct certificate_rules {
	struct alias_table *aliases;
	struct key_ring *keys;
	int64_t shift_s; /* to add to dates */
	int64_t now_s; /* of the packets, seconds since 1970 */
};

/* The list of a Certificate message (RFC 5246 section 7.4.2), from behind its length on. */
void sanitize_certificates(const struct certificate_rules *rules, struct rewrite *list);

/* A distinguished name, as CertificateRequest and certificate_authorities have it. */
void sanitize_distinguished_name(const struct certificate_rules *rules, struct rewrite *name);

#endif
