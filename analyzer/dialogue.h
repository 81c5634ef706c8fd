/* dialogue.h: what the bytes of an attempt say: the preamble in clear, then TLS records and messages, as events.
 *
 * The part of attempt.h that reads bytes; only attempt.c calls it.
 */
#ifndef ANALYZER_DIALOGUE_H
#define ANALYZER_DIALOGUE_H

#include "attempt.h"

struct dialogue {
	struct attempt *attempt;
	int from; /* the side whose bytes they are */
	const struct keylog *keylog; /* NULL: no keys, or none any more */
	bool decrypted; /* what is being read was encrypted */
	struct tlsdiag_moment at;
};

/* A reader for stream.h that appends to d's attempt. */
struct stream_reader dialogue_reader(struct dialogue *d);

/* No more bytes of this side will come. */
void dialogue_finish(struct attempt *a, int from);

#endif
