/* sanitize_stream.c: see sanitize_stream.h. */
#include "sanitize_stream.h"

#include "sanitize_handshake.h"
#include "recognize.h"
#include "sanitize_plain.h"

#include <stdlib.h>

#define PLAIN_MAX (64u << 10) /* more than the analyzer reads in clear; what follows is erased */

/* Where a part of the handshake's bytes lies in the stream. */
struct handshake_piece {
	uint64_t handshake_at, offset;
	uint32_t length;
};

/* ---- Envelopes ---- */

/* Where one stands, reckoned without envelopes, and how many bytes of all of them there are up to its end. */
struct envelope {
	uint64_t at, total;
};

static uint64_t all_envelopes(const struct sanitized_stream *s)
{
	return s->envelope_count ? s->envelopes[s->envelope_count - 1].total : 0;
}

static void add_envelope(struct sanitized_stream *s, uint64_t at, uint64_t total)
{
	if (s->envelope_count > 0 && s->envelopes[s->envelope_count - 1].at == at)
		s->envelope_count--;
	if (s->envelope_count == s->envelope_room) {
		size_t room = s->envelope_room ? s->envelope_room * 2 : 8;
		struct envelope *more = reallocarray(s->envelopes, room, sizeof(*more));

		if (!more) {
			s->failed = true;
			return;
		}
		s->envelopes = more;
		s->envelope_room = room;
	}
	s->envelopes[s->envelope_count++] = (struct envelope){at, total};
}

/* Puts bytes that lie, reckoned without envelopes, at an offset. */
static void put(struct sanitized_stream *s, uint64_t offset, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; n > 0; i++) {
		uint64_t shift = i > 0 ? s->envelopes[i - 1].total : 0;
		size_t part = n;

		if (i < s->envelope_count && s->envelopes[i].at <= offset)
			continue;
		if (i < s->envelope_count && s->envelopes[i].at - offset < n)
			part = (size_t)(s->envelopes[i].at - offset);
		if (!overlay_put(&s->overlay, offset + shift, bytes, part))
			s->failed = true;
		offset += part;
		bytes += part;
		n -= part;
	}
}

static void take_envelope(struct sanitized_stream *s, uint64_t offset, const uint8_t *bytes, size_t n)
{
	uint64_t before = all_envelopes(s);

	add_envelope(s, offset - before, before + n);
	if (!overlay_put(&s->overlay, offset, bytes, n))
		s->failed = true;
}

/* ---- Handshake messages ---- */

static void add_piece(struct sanitized_stream *s, uint64_t offset, uint32_t length)
{
	if (s->piece_count == s->piece_room) {
		size_t room = s->piece_room ? s->piece_room * 2 : 8;
		struct handshake_piece *more = reallocarray(s->pieces, room, sizeof(*more));

		if (!more) {
			s->failed = true;
			return;
		}
		s->pieces = more;
		s->piece_room = room;
	}
	s->pieces[s->piece_count++] =
		(struct handshake_piece){.handshake_at = s->handshake_bytes, .offset = offset, .length = length};
}

/* Puts bytes of the handshake where they lie in the stream. */
static void put_handshake(struct sanitized_stream *s, uint64_t at, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < s->piece_count; i++) {
		const struct handshake_piece *p = &s->pieces[i];
		uint64_t start = p->handshake_at > at ? p->handshake_at : at;
		uint64_t end = p->handshake_at + p->length < at + n ? p->handshake_at + p->length : at + n;

		if (start < end)
			put(s, p->offset + (start - p->handshake_at), bytes + (start - at), (size_t)(end - start));
	}
}

static void forget_pieces(struct sanitized_stream *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->piece_count; i++)
		if (s->pieces[i].handshake_at + s->pieces[i].length > s->message_at)
			s->pieces[kept++] = s->pieces[i];
	s->piece_count = kept;
}

static void on_message(void *context, const struct message *m)
{
	struct sanitized_stream *s = context;
	const uint8_t header[4] = {m->type, (uint8_t)(m->length >> 16), (uint8_t)(m->length >> 8), (uint8_t)m->length};
	uint8_t *body = m->body.left ? calloc(1, m->body.left) : NULL;

	put_handshake(s, s->message_at, header, sizeof(header));
	if (body) {
		sanitize_message(s->rules, m->type, m->body, m->length, body);
		put_handshake(s, s->message_at + sizeof(header), body, m->body.left);
		free(body);
	} else if (m->body.left) {
		s->failed = true;
	}
	if (m->unfinished)
		return;
	if (!handshake_type_exists(m->type)) /* as dialogue.c has it: encrypted */
		s->message.lost = true;
	s->message_at += sizeof(header) + m->length;
	forget_pieces(s);
}

/* The header of a message that never ends decides what the bytes behind it are. */
static void put_header_begun(struct sanitized_stream *s)
{
	if (!s->message.lost)
		put_handshake(s, s->message_at, s->message.header, s->message.header_length);
}

/* ---- Records ---- */

static void take_handshake(struct sanitized_stream *s, const struct record *r)
{
	const struct message_handler handler = {.message = on_message, .context = s};

	if (r->resumed) {
		message_restart(&s->message);
		s->message_at = s->handshake_bytes;
	}
	if (r->captured) {
		add_piece(s, s->record_at + RECORD_HEADER, r->captured);
		s->handshake_bytes += r->captured;
		message_bytes(&s->message, r->body, r->captured, &r->at, &handler);
	}
	s->handshake_bytes += r->length - r->captured;
	message_hole(&s->message, r->length - r->captured, &r->at, &handler);
	put_header_begun(s);
}

/* What stays: an alert in clear, a ChangeCipherSpec. */
static bool tells_nothing(const struct sanitized_stream *s, const struct record *r)
{
	if (r->type == RECORD_ALERT)
		return record_alert_in_clear(r, s->changed_cipher);
	return r->type == RECORD_CHANGE_CIPHER_SPEC && r->length == 1;
}

static void on_record(void *context, const struct record *r)
{
	struct sanitized_stream *s = context;
	const uint8_t header[RECORD_HEADER] = {r->type, (uint8_t)(r->version >> 8), (uint8_t)r->version,
					       (uint8_t)(r->length >> 8), (uint8_t)r->length};

	put(s, s->record_at, header, sizeof(header));
	if (r->type == RECORD_HANDSHAKE && record_handshake_in_clear(r, s->changed_cipher))
		take_handshake(s, r);
	else if (tells_nothing(s, r))
		put(s, s->record_at + RECORD_HEADER, r->body, r->captured);
	if (r->type == RECORD_CHANGE_CIPHER_SPEC)
		s->changed_cipher = true;
	s->record_at += RECORD_HEADER + r->length;
}

/* No record: what was read of the header is what shows it. */
static void on_fault(void *context, enum record_fault fault, const uint8_t *header, const struct tlsdiag_moment *at)
{
	struct sanitized_stream *s = context;

	(void)fault;
	(void)at;
	put(s, s->record_at, header, RECORD_HEADER);
}

static struct record_handler record_handler(struct sanitized_stream *s)
{
	return (struct record_handler){.record = on_record, .fault = on_fault, .context = s};
}

static void take_tls(struct sanitized_stream *s, uint64_t offset, const uint8_t *bytes, size_t n)
{
	const struct record_handler handler = record_handler(s);
	const struct tlsdiag_moment at = {0};

	bool begins = s->record.state == RECORD_IN_HEADER && s->record.header_length == 0;
	/* As record.c finds the framing again. */
	bool resumes = s->record.state == RECORD_LOST && n >= RECORD_HEADER && record_plausible(bytes);

	if (begins || resumes)
		s->record_at = offset;
	record_bytes(&s->record, bytes, n, &at, &handler);
}

/* ---- Before TLS ---- */

static void take_plain(struct sanitized_stream *s, const uint8_t *bytes, size_t n)
{
	if (s->plain_length + n > PLAIN_MAX)
		n = PLAIN_MAX - s->plain_length;
	if (s->plain_length + n > s->plain_size) {
		size_t size = 2 * (s->plain_length + n);
		uint8_t *more = realloc(s->plain, size);

		if (!more) {
			s->failed = true;
			return;
		}
		s->plain = more;
		s->plain_size = size;
	}
	if (n)
		memcpy(s->plain + s->plain_length, bytes, n);
	s->plain_length += n;
}

static void put_plain(struct sanitized_stream *s, const struct plain_context *plain, uint64_t offset,
		      const uint8_t *bytes, size_t n)
{
	uint8_t *out = calloc(1, n);

	if (!out) {
		s->failed = true;
		return;
	}
	sanitize_plain(plain, bytes, n, out);
	put(s, offset, out, n);
	free(out);
}

/* As much of a beginning as dialogue.c looks at while it cannot tell: fields of a header. */
static size_t undecided_length(const uint8_t *bytes, size_t n)
{
	enum { SSLV2_HEADER = 11 };
	size_t known = 1;

	if (bytes[0] & 0x80 && (n < 3 || bytes[2] == HS_CLIENT_HELLO))
		known = SSLV2_HEADER;
	else if (n > 1 && bytes[1] == 3)
		known = RECORD_HEADER;
	return n < known ? n : known;
}

/* ---- All ---- */

void sanitized_stream_bytes(struct sanitized_stream *s, const struct certificate_rules *rules, enum tap_kind kind,
			    uint64_t offset, const uint8_t *bytes, size_t n, const struct plain_context *plain)
{
	uint8_t *out;

	s->rules = rules;
	if (kind == TAP_ENVELOPE) {
		take_envelope(s, offset, bytes, n);
		return;
	}
	offset -= all_envelopes(s);
	switch (kind) {
	case TAP_PLAIN:
		take_plain(s, bytes, n);
		break;
	case TAP_TLS:
		take_tls(s, offset, bytes, n);
		break;
	case TAP_STRANGE:
		put_plain(s, plain, offset, bytes, n < RECOGNIZE_MAX ? n : RECOGNIZE_MAX);
		break;
	case TAP_SSLV2_ANSWER: /* length, type, and what tells it from other bytes */
		put(s, offset, bytes, n < RECORD_HEADER ? n : RECORD_HEADER);
		break;
	case TAP_UNDECIDED:
		put(s, offset, bytes, undecided_length(bytes, n));
		break;
	case TAP_SSLV2_HELLO:
		out = calloc(1, n);
		if (out) {
			sanitize_sslv2_hello(rules, cursor_over(bytes, n), out);
			put(s, offset, out, n);
		}
		s->failed = s->failed || !out;
		free(out);
		break;
	case TAP_ENVELOPE: /* see above */
		break;
	}
}

void sanitized_stream_hole(struct sanitized_stream *s, const struct certificate_rules *rules, uint64_t n)
{
	const struct record_handler handler = record_handler(s);
	const struct tlsdiag_moment at = {0};

	s->rules = rules;
	record_hole(&s->record, n, &at, &handler);
}

/* What began and never ended: a record's header, a handshake message. */
static void take_unfinished(struct sanitized_stream *s)
{
	const struct message_handler handler = {.message = on_message, .context = s};
	const struct tlsdiag_moment at = {0};
	const struct record_reader *r = &s->record;

	if (r->state == RECORD_IN_BODY)
		put(s, s->record_at, r->header, RECORD_HEADER);
	else if (r->state == RECORD_IN_HEADER && r->header_length > 0)
		put(s, s->record_at, r->header, r->header_length);
	if (r->state == RECORD_IN_BODY && r->header[0] == RECORD_HANDSHAKE && !s->changed_cipher &&
	    r->body.held_length) {
		add_piece(s, s->record_at + RECORD_HEADER, r->body.held_length);
		s->handshake_bytes += r->body.held_length;
		message_bytes(&s->message, r->body.held, r->body.held_length, &at, &handler);
	}
	put_header_begun(s);
	message_peek(&s->message, &at, &handler);
}

void sanitized_stream_end(struct sanitized_stream *s, const struct certificate_rules *rules,
			  const struct plain_context *plain)
{
	s->rules = rules;
	take_unfinished(s);
	if (s->plain_length)
		put_plain(s, plain, 0, s->plain, s->plain_length);
	record_clear(&s->record);
	message_clear(&s->message);
	free(s->pieces);
	free(s->envelopes);
	free(s->plain);
	s->pieces = NULL;
	s->piece_count = s->piece_room = 0;
	s->envelopes = NULL;
	s->envelope_count = s->envelope_room = 0;
	s->plain = NULL;
	s->plain_length = s->plain_size = 0;
}

void sanitized_stream_clear(struct sanitized_stream *s)
{
	record_clear(&s->record);
	message_clear(&s->message);
	free(s->pieces);
	free(s->envelopes);
	free(s->plain);
	overlay_clear(&s->overlay);
}
