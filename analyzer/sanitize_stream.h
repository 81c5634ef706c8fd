/* sanitize_stream.h: one direction of a connection as it is to be shared: what its bytes become, by their offsets.
 *
 * It is told by a tap what the analyzer took them for, and holds what of them survives in an overlay. TLS records keep
 * their headers; handshake messages in clear are rewritten, alerts and ChangeCipherSpec stay, everything else is
 * erased. Envelopes around TLS stay; in between, all is reckoned as if there were none.
 */
#ifndef ANALYZER_SANITIZE_STREAM_H
#define ANALYZER_SANITIZE_STREAM_H

#include "message.h"
#include "overlay.h"
#include "record.h"
#include "sanitize_certificate.h"
#include "tap.h"

struct handshake_piece;
struct envelope;

struct sanitized_stream {
	struct overlay overlay;
	bool failed; /* out of memory: bytes were erased that could have been rewritten */

	/* While it is being read: */
	const struct certificate_rules *rules;
	struct record_reader record;
	struct message_reader message;
	struct envelope *envelopes;
	size_t envelope_count, envelope_room;
	uint64_t record_at; /* offset, without envelopes, of the record that is next, or under way */
	bool changed_cipher;
	struct handshake_piece *pieces; /* where bodies of handshake records lie */
	size_t piece_count, piece_room;
	uint64_t handshake_bytes; /* of all handshake records so far */
	uint64_t message_at; /* in them: the message that is next, or under way */
	uint8_t *plain; /* said in clear, from offset 0 on */
	size_t plain_length, plain_size;
};

struct plain_context;

/* The next bytes, which begin at an offset of the stream and were taken for a kind of thing; and n that the capture
 * lacks. */
void sanitized_stream_bytes(struct sanitized_stream *s, const struct certificate_rules *rules, enum tap_kind kind,
			    uint64_t offset, const uint8_t *bytes, size_t n, const struct plain_context *plain);
void sanitized_stream_hole(struct sanitized_stream *s, const struct certificate_rules *rules, uint64_t n);

/* No more bytes will come: what they were in clear is known now. Frees all but the overlay. */
void sanitized_stream_end(struct sanitized_stream *s, const struct certificate_rules *rules,
			  const struct plain_context *plain);

void sanitized_stream_clear(struct sanitized_stream *s);

#endif
