/* tap.h: a listener beside the analyzer, told which connection a packet belongs to and what the bytes of each direction
 * were taken for.
 *
 * For whoever must treat bytes by their meaning and may not find another meaning than the verdict rests on
 * (sanitize.h). With a tap an analyzer gives no verdicts: it follows every connection to its end instead.
 *
 * Offsets are those of stream.h; they ascend within a direction, and bytes of a kind that is not told are of no
 * meaning.
 */
#ifndef ANALYZER_TAP_H
#define ANALYZER_TAP_H

#include "packet.h"
#include "tlsdiag.h"

struct attempt;

enum tap_kind {
	TAP_PLAIN, /* said in clear before TLS, or instead of it; always from offset 0 on */
	TAP_TLS, /* records */
	TAP_SSLV2_HELLO, /* an SSLv2-compatible ClientHello with its header, as far as it came */
	TAP_SSLV2_ANSWER, /* to a ClientHello: SSLv2's, what came of it at once */
	TAP_UNDECIDED, /* too few to tell, and no more came: of a record's header, or SSLv2's */
	TAP_ENVELOPE, /* what carries TLS, in front of it and in the midst of it (preamble_open()) */
	TAP_STRANGE, /* no TLS where TLS was due: the first bytes of it, told again with more of them */
};

struct tap {
	/* The first packet of a connection. */
	void (*began)(void *context, const struct attempt *a, const struct tlsdiag_moment *at);
	/* Every packet, before its bytes. */
	void (*packet)(void *context, const struct attempt *a, int from, const struct packet *p);
	void (*bytes)(void *context, const struct attempt *a, int from, enum tap_kind kind, uint64_t offset,
		      const uint8_t *bytes, size_t n);
	/* Bytes that the capture does not have, among those of TLS. */
	void (*hole)(void *context, const struct attempt *a, int from, uint64_t offset, uint64_t n);
	/* No more will come; the attempt is read as far as possible. */
	void (*ended)(void *context, const struct attempt *a);
	void *context;
};

/* Before the first packet. The tap lives as long as the analyzer. */
void tlsdiag_set_tap(struct tlsdiag *d, const struct tap *tap);

#endif
