/* message.h: handshake messages (RFC 8446 section 4, RFC 5246 section 7.4) cut out of one direction's handshake
 * records.
 *
 * A message may span records, and a record may hold several. Bodies are handed out only for the types that have facts
 * to read; of all others type and length are enough.
 */
#ifndef ANALYZER_MESSAGE_H
#define ANALYZER_MESSAGE_H

#include "body.h"
#include "handshake.h"
#include "tlsdiag.h"

#define MESSAGE_BODY_MAX (256u << 10) /* of a body that is kept; more is skipped, with the framing intact */

struct message {
	uint8_t type;
	uint32_t length; /* of the body, as the header says */
	struct cursor body; /* what was captured and kept of it, from its beginning */
	bool unfinished; /* handed out early: the rest has not come */
	struct tlsdiag_moment at;
};

struct message_handler {
	void (*message)(void *context, const struct message *message);
	void *context;
};

struct message_reader {
	uint8_t header[4];
	uint8_t header_length;
	bool lost; /* a hole swallowed a header: nothing more can be read */
	struct body body;
};

/* The next bytes of the direction's handshake records, from the packet `at`; messages go to the handler, valid during
 * the call. */
void message_bytes(struct message_reader *r, const uint8_t *bytes, size_t n, const struct tlsdiag_moment *at,
		   const struct message_handler *handler);
/* Instead of bytes: n that the capture does not have. */
void message_hole(struct message_reader *r, uint64_t n, const struct tlsdiag_moment *at,
		  const struct message_handler *handler);
void message_clear(struct message_reader *r); /* frees what is held */

/* What comes next is not the rest of what came before: it begins with a header. */
void message_restart(struct message_reader *r);

/* Hands out the message that has begun and not ended, if any, marked unfinished. */
void message_peek(const struct message_reader *r, const struct tlsdiag_moment *at,
		  const struct message_handler *handler);

#endif
