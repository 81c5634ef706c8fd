/* preamble_http.c: HTTP/1 as far as CONNECT needs it (RFC 9110 section 9.3.6): requests and answers are told from
 * their header fields and bodies, line by line. `tag` is the length of the body to come.
 *
 * A proxy that refuses may send a body, and the client may then try again with credentials on the same connection
 * (407): a body is passed over by its Content-Length, and what is left of one without is forgotten when the client
 * asks again.
 */
#include <ctype.h>
#include <strings.h>

#include "preamble_protocol.h"

/* Steps. */
enum {
	CLIENT_FIELDS = 1, /* between the request line and the empty line */
	SERVER_FIELDS = 2,
	CONNECT = 4, /* the request is a CONNECT */
	INTERIM = 8, /* the answer is a 1xx: another follows */
};

static bool starts(const uint8_t *bytes, size_t n, const char *words)
{
	size_t length = strlen(words);

	return n >= length && strncasecmp((const char *)bytes, words, length) == 0;
}

/* The number that follows the first `skip` bytes and blanks. */
static uint32_t number_after(const uint8_t *bytes, size_t n, size_t skip)
{
	struct cursor c = cursor_over(bytes, n);
	uint32_t value = 0;
	uint8_t byte = ' ';

	cursor_skip(&c, skip);
	while (byte == ' ' && cursor_u8(&c, &byte))
		;
	while (isdigit(byte) && value < PREAMBLE_MESSAGE_MAX) {
		value = value * 10 + (uint32_t)(byte - '0');
		if (!cursor_u8(&c, &byte))
			break;
	}
	return value;
}

/* "CONNECT host:port HTTP/1.1": the port inside the tunnel. */
static uint16_t connect_port(const uint8_t *bytes, size_t n)
{
	static const size_t method = sizeof("CONNECT ") - 1;
	const uint8_t *blank = memchr(bytes + method, ' ', n - method);
	const uint8_t *colon = blank ? memrchr(bytes + method, ':', (size_t)(blank - bytes) - method) : NULL;

	return colon ? (uint16_t)number_after(colon, (size_t)(blank - colon), 1) : 0;
}

static void client_line(struct preamble *p, const uint8_t *bytes, size_t n)
{
	bool empty = *bytes == '\n' || starts(bytes, n, "\r\n");

	if (!(p->step & CLIENT_FIELDS)) {
		if (!memmem(bytes, n, " HTTP/", 6))
			return;
		p->step |= CLIENT_FIELDS;
		if (starts(bytes, n, "CONNECT ")) {
			p->step |= CONNECT;
			p->port = connect_port(bytes, n);
		} else {
			preamble_go_on(p);
		}
	} else if (empty) {
		if (p->step & CONNECT) {
			p->protocol = "connect";
			p->step = 0;
			p->side[1].length = 0;
			p->side[1].skip = 0;
			p->side[1].skip_line = false;
			preamble_ask(p);
		}
		p->step &= (uint16_t) ~(CLIENT_FIELDS | CONNECT);
	}
}

static void status_line(struct preamble *p, const uint8_t *bytes, size_t n)
{
	uint32_t code = starts(bytes, n, "HTTP/1.") ? number_after(bytes, n, sizeof("HTTP/1.1") - 1) : 0;

	if (p->state == PREAMBLE_ASKED && !code) {
		preamble_mismatch(p);
		return;
	}
	if (!code)
		return;
	p->step |= SERVER_FIELDS;
	p->step &= (uint16_t)~INTERIM;
	p->tag = 0;
	if (code < 200)
		p->step |= INTERIM;
	else if (p->state == PREAMBLE_ASKED && code >= 300)
		preamble_refuse(p, code);
	else if (p->state == PREAMBLE_ASKED)
		p->code = code;
}

static void server_line(struct preamble *p, const uint8_t *bytes, size_t n)
{
	bool empty = *bytes == '\n' || starts(bytes, n, "\r\n");

	if (!(p->step & SERVER_FIELDS)) {
		if (!empty)
			status_line(p, bytes, n);
		return;
	}
	if (!empty) {
		if (starts(bytes, n, "Content-Length:"))
			p->tag = number_after(bytes, n, sizeof("Content-Length:") - 1);
		return;
	}
	p->step &= (uint16_t)~SERVER_FIELDS;
	if (p->state == PREAMBLE_REFUSED)
		p->side[1].skip = p->tag;
	if (p->state == PREAMBLE_ASKED && !(p->step & INTERIM))
		preamble_grant(p, p->code);
}

static void http_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	if (from_client)
		client_line(p, bytes, n);
	else
		server_line(p, bytes, n);
}

const struct preamble_protocol preamble_http_protocols[] = {
	{"http", '\n', .tunnel = true, .message = http_message},
	{.name = NULL},
};
