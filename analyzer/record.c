/* record.c: see record.h. */
#include "record.h"

#include <stdlib.h>

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

static bool kept(const struct record_reader *r)
{
	return r->keep_all || r->header[0] != RECORD_APPLICATION_DATA;
}

static void finish(struct record_reader *r, const uint8_t *body, uint32_t captured, const struct tlsdiag_moment *at,
		   const struct record_handler *h)
{
	struct record record = {.type = r->header[0],
				.version = (uint16_t)(r->header[1] << 8 | r->header[2]),
				.length = header_length_field(r->header),
				.body = kept(r) ? body : NULL,
				.captured = captured,
				.resumed = r->resumed,
				.at = *at};

	r->state = RECORD_IN_HEADER;
	r->header_length = 0;
	r->resumed = false;
	h->record(h->context, &record);
	free(r->held);
	r->held = NULL;
	r->held_length = 0;
	r->torn = false;
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
	r->left = header_length_field(r->header);
	r->state = RECORD_IN_BODY;
	if (r->left == 0)
		finish(r, NULL, 0, at, h);
	return true;
}

/* Copies a piece of a body that does not lie whole in one piece. */
static void keep(struct record_reader *r, const uint8_t *bytes, uint32_t n)
{
	uint32_t length = header_length_field(r->header);

	if (r->torn || !kept(r))
		return;
	if (!r->held) {
		r->held = malloc(length);
		if (!r->held) { /* as good as a hole: the framing stays */
			r->torn = true;
			return;
		}
	}
	memcpy(r->held + r->held_length, bytes, n);
	r->held_length += n;
}

static void body(struct record_reader *r, struct cursor *c, const struct tlsdiag_moment *at,
		 const struct record_handler *h)
{
	const uint8_t *bytes = c->at;
	uint32_t n = c->left < r->left ? (uint32_t)c->left : r->left;
	bool whole = n == header_length_field(r->header);

	cursor_skip(c, n);
	r->left -= n;
	if (whole) {
		finish(r, bytes, n, at, h);
		return;
	}
	keep(r, bytes, n);
	if (r->left == 0)
		finish(r, r->held, r->held_length, at, h);
}

void record_bytes(struct record_reader *r, const uint8_t *bytes, size_t n, const struct tlsdiag_moment *at,
		  const struct record_handler *h)
{
	struct cursor c = cursor_over(bytes, n);

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
			body(r, &c, at, h);
			break;
		case RECORD_IN_HEADER:
			if (!cursor_copy(&c, 1, &r->header[r->header_length]))
				return;
			if (++r->header_length == RECORD_HEADER && !begin(r, at, h))
				return;
			break;
		}
	}
}

void record_hole(struct record_reader *r, uint64_t n, const struct tlsdiag_moment *at, const struct record_handler *h)
{
	if (r->state == RECORD_DEAD || r->state == RECORD_LOST)
		return;
	if (r->state == RECORD_IN_BODY) {
		uint32_t inside = n < r->left ? (uint32_t)n : r->left;

		r->torn = true;
		r->left -= inside;
		n -= inside;
		if (r->left == 0)
			finish(r, r->held, r->held_length, at, h);
	}
	if (n > 0 && r->state == RECORD_IN_HEADER)
		r->state = RECORD_LOST;
}

void record_clear(struct record_reader *r)
{
	free(r->held);
	r->held = NULL;
	r->held_length = 0;
}

bool record_unfinished(const struct record_reader *r)
{
	return r->state == RECORD_IN_BODY || (r->state == RECORD_IN_HEADER && r->header_length > 0);
}
