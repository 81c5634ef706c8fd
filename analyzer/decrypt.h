/* decrypt.h: TLS records made readable with secrets from a key log (RFC 8446 section 5.2, RFC 5246 section 6.2.3).
 *
 * A record_cipher stands for one direction under one set of keys, and counts that direction's records. Every record is
 * authenticated before its plaintext is given out; a record that fails changes nothing, so that a caller who does not
 * know which keys are in force may try one cipher after the other (handshake, then application traffic secrets).
 *
 * Reads TLS 1.0 to TLS 1.3 and the drafts of 1.3: AES and ARIA in GCM and CCM, ChaCha20-Poly1305, CBC suites with HMAC
 * in either order, NULL, and what OpenSSL's legacy provider has where it is installed (RC4, single DES, SEED). Not
 * read: SSL 3.0, export suites, GOST, ChaCha20 before RFC 7905, records under TLS compression.
 */
#ifndef ANALYZER_DECRYPT_H
#define ANALYZER_DECRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 5246 section 6.2.3; RFC 8446 section 5.2 allows less. */
#define RECORD_FRAGMENT_MAX (16384 + 2048)

struct record_cipher;

struct record_secrets {
	uint16_t version; /* as the ServerHello chose it, drafts as on the wire */
	uint16_t cipher; /* IANA number of the suite */
	bool from_server; /* which direction's records */
	bool encrypt_then_mac; /* TLS 1.2 and older: the ServerHello agreed (RFC 7366) */
	const uint8_t *secret; /* TLS 1.3: this direction's traffic secret; before: the master secret of 48 bytes */
	size_t secret_length;
	const uint8_t *client_random, *server_random; /* TLS 1.2 and older: 32 bytes each */
};

/* Nothing of *secrets is referred to afterwards. NULL when the version or suite is not supported, the secret has not
 * the suite's length, or memory or the crypto library fails. */
struct record_cipher *record_cipher_new(const struct record_secrets *secrets);
void record_cipher_free(struct record_cipher *c); /* NULL is fine; wipes the keys */

/* Whether record_cipher_new() knows the suite under that version. */
bool record_cipher_supports(uint16_t version, uint16_t cipher);

/* Decrypts the next record of the direction. `type` and `version` are the record header's, `fragment` is what follows
 * the header. `out` has room for `length` bytes and does not overlap. *inner_type is the type of the contents: in TLS
 * 1.3 the encrypted one, else `type`. Returns false, and stays at this record, when the record is not authentic under
 * these keys. */
bool record_decrypt(struct record_cipher *c, uint8_t type, uint16_t version, const uint8_t *fragment, size_t length,
		    uint8_t *out, size_t *out_length, uint8_t *inner_type);

/* Goes on to the next keys after a KeyUpdate of this direction (RFC 8446 section 4.6.3). False for TLS 1.2 and
 * older. */
bool record_cipher_update(struct record_cipher *c);

#endif
