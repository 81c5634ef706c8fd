/* wire_tls.h: where the TLS messages of one direction of a connection lie, as far as the wire shows them without keys.
 *
 * Bytes are given with their offset from the stream's first one; what comes early waits for what is before it, what
 * comes again is known already. Messages have the names of RFC 8446 and RFC 5246, in small letters ("client-hello"); a
 * handshake record that is encrypted, behind a ChangeCipherSpec, is "finished" (TLS 1.2), and an encrypted one of TLS
 * 1.3 is "application-data", which is what its record says.
 *
 * A segment that does not go on with a TLS record is taken for plain text (STARTTLS, CONNECT), and TLS looked for anew
 * at the next.
 */
#ifndef HARNESS_WIRE_TLS_H
#define HARNESS_WIRE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_tls;

struct wire_message {
	const char *name; /* one of wire_tls_names */
	unsigned ordinal; /* first, second … of its name in this direction: from 1 */
	/* Offsets of its first byte and of the byte behind the last one that has come. A handshake message begins with
	 * its own header, any other with that of its record. */
	uint32_t start, end;
	bool whole; /* `end` is the message's end */
};

/* Every name there is, ended by NULL. */
extern const char *const wire_tls_names[];

/* NULL when out of memory. */
struct wire_tls *wire_tls_new(void);
void wire_tls_free(struct wire_tls *tls);

/* Bytes of the stream, in segments as they come. Those ahead of a gap are kept up to a limit. */
void wire_tls_add(struct wire_tls *tls, uint32_t offset, const uint8_t *bytes, size_t length);

/* The first message of that name (and ordinal, unless 0) of which one byte at least is in [start, end). NULL: none. */
const struct wire_message *wire_tls_find(const struct wire_tls *tls, const char *name, unsigned ordinal, uint32_t start,
					 uint32_t end);

/* The server name of the last ClientHello, "" as long as it is not known. */
const char *wire_tls_sni(const struct wire_tls *tls);

#endif
