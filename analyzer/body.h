/* body.h: the body of a record or of a handshake message, put together from the pieces in which it comes.
 *
 * A body that lies whole in one piece is not copied. A hole ends what is kept; the length still counts down, so that
 * the framing survives.
 */
#ifndef ANALYZER_BODY_H
#define ANALYZER_BODY_H

#include "cursor.h"

struct body {
	uint32_t length; /* as its header says */
	uint32_t left; /* still to come */
	bool torn; /* has a hole, or was too long to keep: what follows is not kept */
	uint32_t held_length, held_size;
	uint8_t *held; /* its beginning, when it came in several pieces */
};

void body_begin(struct body *b, uint32_t length); /* bytes, as the header in front of it says */
void body_clear(struct body *b); /* frees what is held */

/* Takes what belongs to the body from the front of *c; copies it if `keep`, up to `max` bytes. True when the body is
 * complete: *there is then its beginning as far as it is known, valid until body_clear() or the end of the bytes under
 * *c. */
bool body_take(struct body *b, struct cursor *c, bool keep, uint32_t max, struct cursor *there);

/* The same for a hole of *n bytes; *n becomes what of it lies behind the body. */
bool body_skip(struct body *b, uint64_t *n, struct cursor *there);

#endif
