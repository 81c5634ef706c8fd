/* record.h: TLS records (RFC 8446, 5.1) as bytes: making them, cutting them smaller, changing one. */
#ifndef SERVERS_RECORD_H
#define SERVERS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/buffer.h"

#define RECORD_HEADER 5
#define RECORD_PAYLOAD_MAX 16384

enum record_type {
	RECORD_CHANGE_CIPHER_SPEC = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_APPLICATION_DATA = 23
};

/* Appends the payload as records of at most max bytes each; 0: the protocol's limit. False without room. */
bool record_append(struct buffer *to, uint8_t type, uint16_t version, const uint8_t *payload, size_t length,
		   size_t max);
/* Appends whole records, cut into records of at most max bytes of payload. */
bool record_split(struct buffer *to, const uint8_t *records, size_t length, size_t max);
/* Changes one byte of the records' payloads, counted from the first, or from the end when negative (-1: the last).
 * False when there is no such byte. */
bool record_corrupt(uint8_t *records, size_t length, long byte);

enum record_found { RECORD_WHOLE, RECORD_NEED_MORE, RECORD_OTHER };

/* Collects the next handshake message from the client's plaintext records, over as many records as it takes; a lone
 * ChangeCipherSpec before it is passed over (RFC 8446, D.4). *used is how many bytes of records it took. The message,
 * with its header, is appended to *message. RECORD_OTHER: what is there is not a handshake record. */
enum record_found record_message(const uint8_t *bytes, size_t length, struct buffer *message, size_t *used);

#endif
