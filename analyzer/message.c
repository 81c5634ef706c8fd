/* message.c: see message.h. */
#include "message.h"

static uint32_t body_length(const struct message_reader *r)
{
	return (uint32_t)r->header[1] << 16 | (uint32_t)r->header[2] << 8 | r->header[3];
}

static bool kept(uint8_t type)
{
	return type == HS_CLIENT_HELLO || type == HS_SERVER_HELLO || type == HS_HELLO_RETRY_REQUEST_DRAFT ||
	       type == HS_CERTIFICATE || type == HS_COMPRESSED_CERTIFICATE;
}

static void hand_out(const struct message_reader *r, struct cursor there, bool unfinished,
		     const struct tlsdiag_moment *at, const struct message_handler *h)
{
	struct message m = {.type = r->header[0],
			    .length = body_length(r),
			    .body = kept(r->header[0]) ? there : cursor_over(NULL, 0),
			    .unfinished = unfinished,
			    .at = *at};

	h->message(h->context, &m);
}

static void finish(struct message_reader *r, struct cursor there, const struct tlsdiag_moment *at,
		   const struct message_handler *h)
{
	hand_out(r, there, false, at, h);
	r->header_length = 0;
	message_clear(r);
}

void message_bytes(struct message_reader *r, const uint8_t *bytes, size_t n, const struct tlsdiag_moment *at,
		   const struct message_handler *h)
{
	struct cursor c = cursor_over(bytes, n), there;
	size_t more;

	while (c.left > 0 && !r->lost) {
		if (r->header_length == sizeof(r->header)) {
			if (body_take(&r->body, &c, kept(r->header[0]), MESSAGE_BODY_MAX, &there))
				finish(r, there, at, h);
			continue;
		}
		more = sizeof(r->header) - r->header_length;
		more = more < c.left ? more : c.left;
		if (!cursor_copy(&c, more, &r->header[r->header_length]))
			return;
		r->header_length = (uint8_t)(r->header_length + more);
		if (r->header_length < sizeof(r->header))
			continue;
		body_begin(&r->body, body_length(r));
		if (r->body.left == 0)
			finish(r, cursor_over(NULL, 0), at, h);
	}
}

void message_hole(struct message_reader *r, uint64_t n, const struct tlsdiag_moment *at,
		  const struct message_handler *h)
{
	struct cursor there;

	if (r->lost || n == 0)
		return;
	if (r->header_length == sizeof(r->header) && body_skip(&r->body, &n, &there))
		finish(r, there, at, h);
	if (n > 0)
		r->lost = true;
}

void message_clear(struct message_reader *r)
{
	body_clear(&r->body);
}

void message_restart(struct message_reader *r)
{
	r->lost = false;
	r->header_length = 0;
	message_clear(r);
}

void message_peek(const struct message_reader *r, const struct tlsdiag_moment *at, const struct message_handler *h)
{
	if (!r->lost && r->header_length == sizeof(r->header))
		hand_out(r, cursor_over(r->body.held, r->body.held_length), true, at, h);
}
