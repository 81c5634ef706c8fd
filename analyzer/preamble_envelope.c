/* preamble_envelope.c: TLS in packets of TDS. A TLS record may go on in the next packet; behind the handshake records
 * come without packets around them, or, where only the login is encrypted, the server's packets without TLS in them.
 */
#include "preamble.h"

#include "preamble_protocol.h"
#include "record.h"
#include "tds.h"

#define ENVELOPES_MAX 256 /* of a side; the largest handshake needs fewer */

bool preamble_has_envelopes(const struct preamble *p)
{
	return p->state == PREAMBLE_GRANTED && p->spoken && p->spoken->envelopes;
}

static uint16_t envelope_size(const struct preamble_side *s)
{
	return (uint16_t)(s->held[2] << 8 | s->held[3]);
}

/* Old servers reply with TLS in the packets that else hold words in clear. */
static bool holds_tls(const struct preamble_side *s, uint8_t first)
{
	return envelope_size(s) > TDS_HEADER && s->envelopes < ENVELOPES_MAX &&
	       (s->held[0] == TDS_PRELOGIN || (s->held[0] == TDS_REPLY && (s->continued || record_may_begin(first))));
}

enum preamble_piece preamble_open(struct preamble *p, bool from_client, const uint8_t *bytes, size_t *n)
{
	struct preamble_side *s = &p->side[from_client ? 0 : 1];

	if (s->length == 0 && s->inside == 0 && record_may_begin(*bytes))
		s->bare = true;
	if (s->bare)
		return PREAMBLE_TLS;
	if (s->inside == 0 && s->length < TDS_HEADER) {
		if (*n > (size_t)TDS_HEADER - s->length)
			*n = (size_t)TDS_HEADER - s->length;
		memcpy(s->held + s->length, bytes, *n);
		s->length = (uint16_t)(s->length + *n);
		return PREAMBLE_ENVELOPE;
	}
	if (s->inside == 0) {
		if (!holds_tls(s, *bytes))
			return PREAMBLE_CLEAR;
		s->inside = (uint16_t)(envelope_size(s) - TDS_HEADER);
		s->continued = !(s->held[1] & TDS_STATUS_END);
		s->envelopes++;
		s->length = 0;
	}
	if (*n > s->inside)
		*n = s->inside;
	s->inside = (uint16_t)(s->inside - *n);
	return PREAMBLE_TLS;
}

bool preamble_pass_hole(struct preamble *p, bool from_client, uint64_t n)
{
	struct preamble_side *s = &p->side[from_client ? 0 : 1];

	if (s->bare)
		return true;
	if (n > s->inside)
		return false;
	s->inside = (uint16_t)(s->inside - n);
	return true;
}
