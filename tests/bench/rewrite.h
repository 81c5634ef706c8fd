/* rewrite.h: a golden capture's packet as another client's: other addresses, ports and sequence numbers, right
 * checksums. */
#ifndef TESTS_BENCH_REWRITE_H
#define TESTS_BENCH_REWRITE_H

#include "tests/bench/template.h"

/* Data of the server's that was put into the connection. */
struct inserted {
	uint32_t length; /* bytes so far, or in the end */
	uint16_t packets[2]; /* from the client, from the server: they have an IP ID each */
};

/* Who the client is now. */
struct identity {
	uint64_t number; /* of the capture's instance; its address and ports follow from it */
	uint32_t isn[2]; /* added to the sequence numbers of the client, of the server */
};

/* Copies frame `i` of the template to `out` (FRAME_MAX bytes), rewritten. `inserted` stands before it; NULL: nothing
 * does. Returns its length. */
size_t rewrite_frame(const struct template *t, size_t i, const struct identity *who, const struct inserted *inserted,
		     uint8_t *out);

/* Makes a data segment of the server's, or a bare acknowledgment of the client's, which stands at the template's gap
 * behind what was inserted so far. `payload` NULL and 0 bytes: an acknowledgment. */
size_t rewrite_segment(const struct template *t, const struct identity *who, const struct inserted *inserted,
		       const uint8_t *payload, size_t n, uint8_t *out);

#endif
