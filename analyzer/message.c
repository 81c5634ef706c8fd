/* message.c: see message.h. */
#include "message.h"

#include <stdlib.h>

static uint32_t body_length(const struct message_reader *r)
{
	return (uint32_t)r->header[1] << 16 | (uint32_t)r->header[2] << 8 | r->header[3];
}

static bool kept(uint8_t type)
{
	return type == HS_CLIENT_HELLO || type == HS_SERVER_HELLO || type == HS_HELLO_RETRY_REQUEST_DRAFT ||
	       type == HS_CERTIFICATE;
}

static void hand_out(const struct message_reader *r, const uint8_t *bytes, uint32_t n, bool unfinished,
		     const struct tlsdiag_moment *at, const struct message_handler *h)
{
	struct message m = {.type = r->header[0],
			    .length = body_length(r),
			    .body = cursor_over(bytes, kept(r->header[0]) ? n : 0),
			    .unfinished = unfinished,
			    .at = *at};

	h->message(h->context, &m);
}

static void finish(struct message_reader *r, const uint8_t *bytes, uint32_t n, const struct tlsdiag_moment *at,
		   const struct message_handler *h)
{
	hand_out(r, bytes, n, false, at, h);
	r->header_length = 0;
	message_clear(r);
}

static void keep(struct message_reader *r, const uint8_t *bytes, uint32_t n)
{
	if (r->torn || !kept(r->header[0]))
		return;
	if (r->held_length + n > r->held_size) {
		/* Grown by what has come, not by what the header claims: 16 MiB are claimed in four bytes. */
		uint32_t size = (r->held_length + n) * 2 < body_length(r) ? (r->held_length + n) * 2 : body_length(r);
		uint8_t *held = r->held_length + n <= MESSAGE_BODY_MAX ? realloc(r->held, size) : NULL;

		if (!held) {
			r->torn = true;
			return;
		}
		r->held = held;
		r->held_size = size;
	}
	memcpy(r->held + r->held_length, bytes, n);
	r->held_length += n;
}

static void body(struct message_reader *r, struct cursor *c, const struct tlsdiag_moment *at,
		 const struct message_handler *h)
{
	const uint8_t *bytes = c->at;
	uint32_t n = c->left < r->left ? (uint32_t)c->left : r->left;
	bool whole = n == body_length(r);

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

void message_bytes(struct message_reader *r, const uint8_t *bytes, size_t n, const struct tlsdiag_moment *at,
		   const struct message_handler *h)
{
	struct cursor c = cursor_over(bytes, n);

	while (c.left > 0 && !r->lost) {
		if (r->header_length == sizeof(r->header)) {
			body(r, &c, at, h);
			continue;
		}
		if (!cursor_copy(&c, 1, &r->header[r->header_length]))
			return;
		if (++r->header_length < sizeof(r->header))
			continue;
		r->left = body_length(r);
		if (r->left == 0)
			finish(r, NULL, 0, at, h);
	}
}

void message_hole(struct message_reader *r, uint64_t n, const struct tlsdiag_moment *at,
		  const struct message_handler *h)
{
	if (r->lost || n == 0)
		return;
	if (r->header_length == sizeof(r->header)) {
		uint32_t inside = n < r->left ? (uint32_t)n : r->left;

		r->torn = true;
		r->left -= inside;
		n -= inside;
		if (r->left == 0)
			finish(r, r->held, r->held_length, at, h);
	}
	if (n > 0)
		r->lost = true;
}

void message_clear(struct message_reader *r)
{
	free(r->held);
	r->held = NULL;
	r->held_length = 0;
	r->held_size = 0;
	r->torn = false;
}

void message_peek(const struct message_reader *r, const struct tlsdiag_moment *at, const struct message_handler *h)
{
	if (!r->lost && r->header_length == sizeof(r->header))
		hand_out(r, r->held, r->held_length, true, at, h);
}
