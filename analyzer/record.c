/* record.c: see record.h. */
#include "record.h"

#include "handshake.h"

static uint32_t header_length_field(const uint8_t *header)
{
	return (uint32_t)header[3] << 8 | header[4];
}

static bool type_known(uint8_t type)
{
	return type >= RECORD_CHANGE_CIPHER_SPEC && type <= RECORD_HEARTBEAT;
}

/* Record versions are 3.0 to 3.4 (RFC 8446 section 5.1 freezes 3.3; no stack has sent more than 3.4). */
static bool version_known(const uint8_t *header)
{
	return header[1] == 3 && header[2] <= 4;
}

bool record_plausible(const uint8_t *header)
{
	uint32_t length = header_length_field(header);

	return type_known(header[0]) && version_known(header) && length > 0 && length <= RECORD_LENGTH_MAX;
}

static bool kept(const struct record_reader *r, const uint8_t *header)
{
	return r->keep_all || header[0] != RECORD_APPLICATION_DATA;
}

static void hand_out(struct record_reader *r, const uint8_t *header, struct cursor there,
		     const struct tlsdiag_moment *at, const struct record_handler *h)
{
	struct record record = {.type = header[0],
				.version = (uint16_t)(header[1] << 8 | header[2]),
				.length = header_length_field(header),
				.body = kept(r, header) ? there.at : NULL,
				.captured = (uint32_t)there.left,
				.resumed = r->resumed,
				.at = *at};

	r->resumed = false;
	h->record(h->context, &record);
}

static void finish(struct record_reader *r, struct cursor there, const struct tlsdiag_moment *at,
		   const struct record_handler *h)
{
	r->state = RECORD_IN_HEADER;
	r->header_length = 0;
	hand_out(r, r->header, there, at, h);
	body_clear(&r->body);
}

/* Most records lie whole in one piece: nothing of such a one is kept. False when what comes first is not one. */
static bool take_whole(struct record_reader *r, struct cursor *c, const struct tlsdiag_moment *at,
		       const struct record_handler *h)
{
	const uint8_t *header = c->at;
	struct cursor body;

	if (c->left < RECORD_HEADER || !record_plausible(header))
		return false;
	if (c->left < RECORD_HEADER + header_length_field(header))
		return false;
	cursor_skip(c, RECORD_HEADER);
	cursor_sub(c, header_length_field(header), &body);
	hand_out(r, header, body, at, h);
	return true;
}

static bool begin(struct record_reader *r, const struct tlsdiag_moment *at, const struct record_handler *h)
{
	enum record_fault fault;

	if (!version_known(r->header))
		fault = RECORD_NOT_A_RECORD;
	else if (!type_known(r->header[0]))
		fault = RECORD_UNKNOWN;
	else if (header_length_field(r->header) > RECORD_LENGTH_MAX)
		fault = RECORD_OVERSIZE;
	else
		goto good;
	r->state = RECORD_DEAD;
	h->fault(h->context, fault, r->header, at);
	return false;
good:
	body_begin(&r->body, header_length_field(r->header));
	r->state = RECORD_IN_BODY;
	if (r->body.left == 0)
		finish(r, cursor_over(NULL, 0), at, h);
	return true;
}

void record_bytes(struct record_reader *r, const uint8_t *bytes, size_t n, const struct tlsdiag_moment *at,
		  const struct record_handler *h)
{
	struct cursor c = cursor_over(bytes, n), there;
	size_t more;

	if (r->state == RECORD_LOST && n >= RECORD_HEADER && record_plausible(bytes)) {
		r->state = RECORD_IN_HEADER;
		r->header_length = 0;
		r->resumed = true;
	}
	while (c.left > 0) {
		switch (r->state) {
		case RECORD_LOST:
		case RECORD_DEAD:
			return;
		case RECORD_IN_BODY:
			if (body_take(&r->body, &c, kept(r, r->header), RECORD_LENGTH_MAX, &there))
				finish(r, there, at, h);
			break;
		case RECORD_IN_HEADER:
			if (r->header_length == 0 && take_whole(r, &c, at, h))
				break;
			more = RECORD_HEADER - r->header_length;
			more = more < c.left ? more : c.left;
			if (!cursor_copy(&c, more, &r->header[r->header_length]))
				return;
			r->header_length = (uint8_t)(r->header_length + more);
			if (r->header_length == RECORD_HEADER && !begin(r, at, h))
				return;
			break;
		}
	}
}

void record_hole(struct record_reader *r, uint64_t n, const struct tlsdiag_moment *at, const struct record_handler *h)
{
	struct cursor there;

	if (r->state == RECORD_DEAD || r->state == RECORD_LOST)
		return;
	if (r->state == RECORD_IN_BODY && body_skip(&r->body, &n, &there))
		finish(r, there, at, h);
	if (n > 0 && r->state == RECORD_IN_HEADER)
		r->state = RECORD_LOST;
}

void record_clear(struct record_reader *r)
{
	body_clear(&r->body);
}

bool record_unfinished(const struct record_reader *r)
{
	return r->state == RECORD_IN_BODY || (r->state == RECORD_IN_HEADER && r->header_length > 0);
}

bool record_handshake_in_clear(const struct record *r, bool changed_cipher)
{
	if (!changed_cipher)
		return true;
	return r->captured >= 4 && (r->body[0] == HS_CLIENT_HELLO || r->body[0] == HS_SERVER_HELLO) &&
	       ((uint32_t)r->body[1] << 16 | (uint32_t)r->body[2] << 8 | r->body[3]) + 4 == r->length;
}

bool record_alert_in_clear(const struct record *r, bool changed_cipher)
{
	bool level_known = r->captured >= 1 && (r->body[0] == ALERT_WARNING || r->body[0] == ALERT_FATAL);

	return r->length == 2 || (!changed_cipher && r->length == 4 && level_known);
}
