/* sanitize_key.h: a fresh key for each public key of a capture, of the same kind and size, to sign with it again.
 *
 * Only for sanitize_certificate.c. After so many keys the earlier ones are used again: making them takes long.
 */
#ifndef ANALYZER_SANITIZE_KEY_H
#define ANALYZER_SANITIZE_KEY_H

#include "sanitize_certificate.h"

#include <openssl/x509.h>

/* The fresh key for a SubjectPublicKeyInfo of n bytes; NULL when its kind is not known. It is the ring's. */
EVP_PKEY *key_ring_find(struct key_ring *keys, const uint8_t *info, size_t n);

/* Writes the fresh key's SubjectPublicKeyInfo, which is as long. False: it cannot be. */
bool key_ring_write(struct key_ring *keys, const uint8_t *info, size_t n, uint8_t *out);

/* Signs `tbs` with a fresh key into `signature`, whose length stays. `like` has the algorithm. False: it cannot be. */
bool key_sign(EVP_PKEY *key, X509 *like, const uint8_t *tbs, size_t tbs_length, uint8_t *signature, size_t n);

#endif
