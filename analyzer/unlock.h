/* unlock.h: the records of one attempt, read with the secrets of a key log.
 *
 * Between keylog.h (which secrets there are) and decrypt.h (one direction under one set of keys): knows which keys are
 * in force in which direction, and moves on from the handshake's to the application's (RFC 8446 section 7.1).
 */
#ifndef ANALYZER_UNLOCK_H
#define ANALYZER_UNLOCK_H

#include "handshake.h"
#include "keylog.h"
#include "record.h"

struct unlocked;

/* The keys of a session once its ServerHello has been read. NULL when the log lacks them, or the suite is not
 * supported. */
struct unlocked *unlock_new(const struct keylog *keylog, const struct client_hello *ch, const struct server_hello *sh);
void unlock_free(struct unlocked *u); /* NULL is fine */

struct plaintext {
	uint8_t type; /* enum record_type */
	const uint8_t *bytes; /* live until the next call */
	size_t length;
};

/* Decrypts the next encrypted record of a direction. False: not with these keys (early data, or something was lost). */
bool unlock_record(struct unlocked *u, bool from_server, const struct record *r, struct plaintext *out);

/* The direction sent a KeyUpdate (RFC 8446 section 4.6.3). */
void unlock_update(struct unlocked *u, bool from_server);

size_t unlock_memory(const struct unlocked *u);

#endif
