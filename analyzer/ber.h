/* ber.h: the tag and length in front of every ASN.1 BER value (X.690 section 8.1), as LDAP messages use them.
 *
 * Not for: values, tags above 30 and indefinite lengths, which LDAP forbids (RFC 4511 section 5.1).
 */
#ifndef ANALYZER_BER_H
#define ANALYZER_BER_H

#include "cursor.h"

/* Reads one header; the cursor then stands on the value, of which *length bytes may not have arrived yet.
 * PARSE_NEED_MORE leaves the cursor where it was. */
static inline enum parse_result ber_header(struct cursor *c, uint8_t *tag, uint64_t *length)
{
	struct cursor ahead = *c;
	uint8_t first;

	if (!cursor_u8(&ahead, tag) || !cursor_u8(&ahead, &first))
		return PARSE_NEED_MORE;
	*length = first;
	if (first == 0x80 || first > 0x84)
		return PARSE_MALFORMED;
	if (first > 0x80 && !cursor_uint(&ahead, first & 0x7f, length))
		return PARSE_NEED_MORE;
	*c = ahead;
	return PARSE_OK;
}

#endif
