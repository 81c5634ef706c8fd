/* record.h: TLS records (RFC 8446 section 5.1, RFC 5246 section 6.2) cut out of one direction's bytes.
 *
 * Bytes come in pieces of any size, with holes. A record whose header was read keeps the framing even when part of its
 * body is missing; a hole that swallows a header loses it, until a later piece begins like a record again (stacks begin
 * records at the beginning of a segment more often than not).
 */
#ifndef ANALYZER_RECORD_H
#define ANALYZER_RECORD_H

#include "body.h"
#include "tlsdiag.h"

enum record_type {
	RECORD_CHANGE_CIPHER_SPEC = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_APPLICATION_DATA = 23,
	RECORD_HEARTBEAT = 24,
};

/* Whether a byte is the type of a record with which either end may begin, or go on: of all but a heartbeat. */
static inline bool record_may_begin(uint8_t first)
{
	return first >= RECORD_CHANGE_CIPHER_SPEC && first <= RECORD_APPLICATION_DATA;
}

enum alert_level { ALERT_WARNING = 1, ALERT_FATAL = 2 }; /* RFC 8446 section 6 */

#define RECORD_HEADER 5
#define RECORD_LENGTH_MAX ((1 << 14) + 2048) /* RFC 5246 section 6.2.3; TLS 1.3 allows less */

struct record {
	uint8_t type;
	uint16_t version;
	uint32_t length; /* of the body, as the header says */
	const uint8_t *body; /* its first `captured` bytes; NULL for types that are not kept */
	uint32_t captured; /* less than length: a hole follows */
	bool resumed; /* the first one after the framing was lost */
	struct tlsdiag_moment at; /* the packet that completed it */
};

enum record_fault {
	RECORD_OVERSIZE, /* a length that no version allows */
	RECORD_UNKNOWN, /* a content type that does not exist */
	RECORD_NOT_A_RECORD, /* no version of TLS or SSL 3.0 in the header */
};

struct record_handler {
	void (*record)(void *context, const struct record *record);
	/* The bytes are no record; nothing more is read. `header` holds the five bytes. */
	void (*fault)(void *context, enum record_fault fault, const uint8_t *header, const struct tlsdiag_moment *at);
	void *context;
};

struct record_reader {
	enum { RECORD_IN_HEADER, RECORD_IN_BODY, RECORD_LOST, RECORD_DEAD } state;
	uint8_t header[RECORD_HEADER];
	uint8_t header_length;
	bool keep_all; /* keep application data too (for decryption) */
	bool resumed;
	struct body body;
};

/* The header of a record that can be one: known type, version 3.x, plausible length. */
bool record_plausible(const uint8_t *header);

/* The next bytes of the direction, from the packet `at`; what they complete goes to the handler, valid during the
 * call. */
void record_bytes(struct record_reader *r, const uint8_t *bytes, size_t n, const struct tlsdiag_moment *at,
		  const struct record_handler *handler);
/* Instead of bytes: n that the capture does not have. */
void record_hole(struct record_reader *r, uint64_t n, const struct tlsdiag_moment *at,
		 const struct record_handler *handler);
void record_clear(struct record_reader *r); /* frees what is held */

/* Whether a handshake record is in clear. Behind its sender's ChangeCipherSpec only the hellos around a TLS 1.3 retry
 * are (RFC 8446 appendix D.4 lets the ChangeCipherSpec come before them). */
bool record_handshake_in_clear(const struct record *r, bool changed_cipher);

/* Whether an alert record is. Two bytes are an alert in clear, or are taken for one; four are two of them, which is
 * rare and legal in TLS 1.2. */
bool record_alert_in_clear(const struct record *r, bool changed_cipher);

/* Whether the bytes so far end in the middle of a record. */
bool record_unfinished(const struct record_reader *r);

#endif
