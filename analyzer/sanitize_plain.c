/* sanitize_plain.c: see sanitize_plain.h. */
#include "sanitize_plain.h"

#include "ber.h"
#include "recognize.h"
#include "rewrite.h"
#include "sanitize_text.h"
#include "tds.h"

#include <ctype.h>

#define SOCKS5_METHOD_MAX 9 /* the highest that is registered */
#define BEGINNING_MAX 40 /* bytes that something unknown may be recognised by */

static void text(const struct plain_context *c, struct rewrite field)
{
	const struct text_rules rules = {.aliases = c->aliases};

	sanitize_text(&rules, field.in, field.left, field.out);
}

static void address(const struct plain_context *c, struct rewrite *w, size_t n)
{
	struct rewrite field = rewrite_sub(w, n);

	alias_address_bytes(c->aliases, field.in, field.left, field.out);
}

static void name(const struct plain_context *c, struct rewrite field)
{
	alias_text(c->aliases, field.in, field.left, field.out);
}

/* Up to and with a zero byte. */
static struct rewrite string(struct rewrite *w)
{
	const uint8_t *end = w->left ? memchr(w->in, 0, w->left) : NULL;
	struct rewrite s = rewrite_sub(w, end ? (size_t)(end - w->in) : w->left);

	rewrite_keep(w, 1);
	return s;
}

/* Up to and with the end of a line. */
static struct rewrite line(struct rewrite *w)
{
	const uint8_t *end = w->left ? memchr(w->in, '\n', w->left) : NULL;

	return rewrite_sub(w, end ? (size_t)(end - w->in) + 1 : w->left);
}

/* ---- What goes in front ---- */

/* haproxy.org, proxy-protocol.txt; version 2 is binary. */
static void proxy(const struct plain_context *c, struct rewrite *w)
{
	struct rewrite rest, value;
	uint32_t family, length;

	if (w->left && *w->in == 'P') {
		text(c, line(w));
		return;
	}
	if (!rewrite_keep(w, 13) || !rewrite_uint(w, 1, &family) || !rewrite_uint(w, 2, &length))
		return;
	rest = rewrite_sub(w, length);
	if (family >> 4 == 1 || family >> 4 == 2) {
		address(c, &rest, family >> 4 == 1 ? 4 : 16);
		address(c, &rest, family >> 4 == 1 ? 4 : 16);
		rewrite_keep(&rest, 4);
	} else if (family >> 4 == 3) {
		rewrite_erase(&rest, 216); /* two paths of AF_UNIX */
	}
	while (rewrite_keep(&rest, 1) && rewrite_prefixed(&rest, 2, &value))
		;
}

/* openssh.com/txt/socks4.protocol; 0.0.0.x: a name follows. */
static void socks4(const struct plain_context *c, struct rewrite *w)
{
	bool named = w->left >= 8 && !w->in[4] && !w->in[5] && !w->in[6] && w->in[7];

	if (!rewrite_keep(w, 4))
		return;
	address(c, w, 4);
	if (!c->from_client)
		return;
	name(c, string(w));
	if (named)
		name(c, string(w));
}

static void socks5_address(const struct plain_context *c, struct rewrite *w)
{
	struct rewrite host;
	uint32_t type;

	if (!rewrite_keep(w, 3) || !rewrite_uint(w, 1, &type))
		return;
	if (type == 3 && rewrite_prefixed(w, 1, &host))
		name(c, host);
	else if (type == 1 || type == 4)
		address(c, w, type == 1 ? 4 : 16);
	rewrite_keep(w, 2);
}

/* Of what a client offers only numbers that IANA has given stay: in a capture that begins late a name may stand
 * there. */
static void socks5_methods(struct rewrite *w)
{
	while (w->left)
		if (*w->in <= SOCKS5_METHOD_MAX)
			rewrite_keep(w, 1);
		else
			rewrite_erase(w, 1);
}

/* RFC 1928; the user's name and password (RFC 1929) are erased, and so is what has none of its beginnings. */
static void socks5(const struct plain_context *c, struct rewrite *w)
{
	struct rewrite field;
	uint32_t method;

	if (*w->in != 5) {
		rewrite_erase(w, w->left);
		return;
	}
	rewrite_keep(w, 1);
	if (c->from_client && rewrite_prefixed(w, 1, &field)) {
		socks5_methods(&field);
		if (w->left && *w->in == 1 && rewrite_keep(w, 1) && rewrite_prefixed(w, 1, &field))
			rewrite_prefixed(w, 1, &field);
	} else if (!c->from_client && rewrite_uint(w, 1, &method) && method == 2) {
		rewrite_keep(w, 2);
	}
	if (w->left && *w->in == 5)
		socks5_address(c, w);
}

/* Request or status and fields, up to the empty line. */
static void http(const struct plain_context *c, struct rewrite *w)
{
	const uint8_t *end = memmem(w->in, w->left, "\r\n\r\n", 4);

	text(c, rewrite_sub(w, end ? (size_t)(end - w->in) + 4 : w->left));
}

/* ---- Protocols that ask for TLS in messages ---- */

/* Fields of an error: a letter and a string; the severity and the code say what kind it is. */
static void postgres_error(const struct plain_context *c, struct rewrite *w)
{
	uint32_t kind;

	while (rewrite_uint(w, 1, &kind) && kind) {
		struct rewrite s = string(w);

		if (kind == 'S' || kind == 'V' || (kind == 'C' && s.left == 5))
			rewrite_keep(&s, s.left);
		else
			text(c, s);
	}
}

static void postgres_startup(const struct plain_context *c, struct rewrite *w)
{
	while (w->left > 0)
		text(c, string(w));
}

/* The client's first messages have no type, and the server's answers to them are a letter. */
static void postgres(const struct plain_context *c, struct rewrite *w)
{
	bool started = false;

	while (w->left > 0) {
		struct rewrite body;
		uint32_t kind = 0, length, code;
		struct cursor ahead = cursor_over(w->in, w->left);
		uint32_t next;

		if (!c->from_client && (*w->in == 'S' || *w->in == 'N' || *w->in == 'G') &&
		    (!cursor_skip(&ahead, 1) || !cursor_u32(&ahead, &next) || next > 10000)) {
			rewrite_keep(w, 1);
			continue;
		}
		if ((!c->from_client || started) && !rewrite_uint(w, 1, &kind))
			return;
		if (!rewrite_uint(w, 4, &length) || length < 4)
			return;
		body = rewrite_sub(w, length - 4);
		if (!kind && rewrite_uint(&body, 4, &code) && code == 0x30000) {
			started = true;
			postgres_startup(c, &body);
		} else if (!c->from_client && kind == 'E') {
			postgres_error(c, &body);
		} else if (!c->from_client && kind == 'R') {
			rewrite_keep(&body, 4); /* what authentication it wants */
		}
	}
}

/* Protocol::HandshakeV10 and ERR_Packet. */
static void mysql_server(const struct plain_context *c, struct rewrite *w)
{
	uint32_t kind;

	if (!rewrite_uint(w, 1, &kind))
		return;
	if (kind == 10) {
		text(c, string(w));
		rewrite_erase(w, 12); /* the connection's number, half of its nonce */
		rewrite_keep(w, 9); /* capabilities, character set, status */
		return;
	}
	if (kind != 0xff || !rewrite_keep(w, 2))
		return;
	if (w->left && *w->in == '#')
		rewrite_keep(w, 6); /* SQLSTATE */
	text(c, *w);
}

static void mysql(const struct plain_context *c, struct rewrite *w)
{
	bool first = true;

	while (w->left >= 4) {
		uint32_t length = w->in[0] | (uint32_t)w->in[1] << 8 | (uint32_t)w->in[2] << 16;
		struct rewrite body;

		rewrite_keep(w, 4);
		body = rewrite_sub(w, length);
		if (!c->from_client && (first || (body.left && *body.in == 0xff)))
			mysql_server(c, &body);
		else if (c->from_client && first)
			rewrite_keep(&body, length >= 32 ? 9 : 5); /* capabilities, largest packet, character set */
		first = false;
	}
}

/* RFC 4511: headers and numbers stay, and the one OID that matters. */
static void ldap(const struct plain_context *c, struct rewrite *w)
{
	static const char start_tls[] = "1.3.6.1.4.1.1466.20037";

	while (w->left > 0) {
		struct cursor ahead = cursor_over(w->in, w->left);
		struct rewrite value;
		uint64_t length;
		uint8_t tag;

		if (ber_header(&ahead, &tag, &length) != PARSE_OK)
			return;
		rewrite_keep(w, w->left - ahead.left);
		if (tag & 0x20)
			continue;
		value = rewrite_sub(w, length < w->left ? (size_t)length : w->left);
		if (((tag == 0x01 || tag == 0x02 || tag == 0x0a) && value.left <= 4) ||
		    (value.left == sizeof(start_tls) - 1 && !memcmp(value.in, start_tls, value.left)))
			rewrite_keep(&value, value.left);
		else if (tag == 0x04)
			text(c, value);
	}
}

/* MS-RDPBCGR 2.2.1.1 and 2.2.1.2. */
static void rdp(const struct plain_context *c, struct rewrite *w)
{
	while (w->left > 0) {
		struct cursor ahead = cursor_over(w->in, w->left);
		uint16_t length = 0;
		struct rewrite packet;
		uint32_t kind = 0;

		if (!cursor_skip(&ahead, 2) || !cursor_u16(&ahead, &length) || length < 7)
			return;
		packet = rewrite_sub(w, length);
		rewrite_keep(&packet, 5);
		rewrite_uint(&packet, 1, &kind);
		if (kind != 0xe0 && kind != 0xd0) /* connection request, connection confirm */
			continue;
		rewrite_keep(&packet, 5);
		if (packet.left && *packet.in == 'C')
			text(c, line(&packet));
		rewrite_keep(&packet, 8);
	}
}

/* MS-TDS 2.2.6.5: the table of options stays, and what is said of encryption. */
static void prelogin(struct rewrite *w)
{
	uint32_t token, offset, length, encryption = 0;
	size_t all = w->left, table;

	while (rewrite_uint(w, 1, &token) && token != 0xff && rewrite_uint(w, 2, &offset) &&
	       rewrite_uint(w, 2, &length))
		if (token == 1)
			encryption = offset;
	table = all - w->left;
	if (encryption >= table) {
		rewrite_erase(w, encryption - table);
		rewrite_keep(w, 1);
	}
}

static void mssql(const struct plain_context *c, struct rewrite *w)
{
	bool first = true;

	(void)c;
	while (w->left >= TDS_HEADER) {
		size_t length = (size_t)w->in[2] << 8 | w->in[3];
		struct rewrite packet;

		if (length < TDS_HEADER)
			return;
		packet = rewrite_sub(w, length);
		rewrite_keep(&packet, TDS_HEADER);
		if (first)
			prelogin(&packet);
		first = false;
	}
	rewrite_keep(w, w->left); /* of a header, as far as it came */
}

/* Over TCP (RFC 1035 section 4.2.2): the first question stays, its labels get aliases. */
static void dns(const struct plain_context *c, struct rewrite *w)
{
	struct rewrite label;

	rewrite_keep(w, 2);
	rewrite_erase(w, 2);
	rewrite_keep(w, 10);
	while (w->left && *w->in && rewrite_prefixed(w, 1, &label))
		name(c, label);
	rewrite_keep(w, 5);
	rewrite_erase(w, w->left);
}

/* ---- Any ---- */

static const struct {
	const char *name;
	bool in_front; /* something follows it */
	void (*rewrite)(const struct plain_context *c, struct rewrite *w);
} protocols[] = {
	{"proxy", true, proxy},  {"socks4", true, socks4},      {"socks5", true, socks5}, {"http", true, http},
	{"connect", true, http}, {"postgres", false, postgres}, {"mysql", false, mysql},  {"ldap", false, ldap},
	{"rdp", false, rdp},     {"mssql", false, mssql},       {"dns", false, dns},
};

static const char *recognized(const struct plain_context *c, const uint8_t *bytes, size_t n)
{
	const char *known;

	return recognize_opening(c->from_client, c->port, bytes, n, &known) == RECOGNIZE_YES ? known : NULL;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Whether it is still taken for the same, be it all or more to come. */
static bool still_recognized(const struct plain_context *c, const struct rewrite *w)
{
	return same(recognized(c, w->in, w->left), recognized(c, w->out, w->left)) &&
	       same(recognize_protocol(c->from_client, c->port, w->in, w->left),
		    recognize_protocol(c->from_client, c->port, w->out, w->left));
}

/* As much of what is recognised as is needed for that; where no beginning is enough, nothing. */
static void keep_beginning(const struct plain_context *c, struct rewrite *w)
{
	uint8_t aliased[BEGINNING_MAX];
	size_t n = 0;

	for (; n < w->left && n < BEGINNING_MAX && !still_recognized(c, w); n++) {
		aliased[n] = w->out[n];
		w->out[n] = w->in[n];
	}
	if (!still_recognized(c, w))
		memcpy(w->out, aliased, n);
}

/* Text of any kind, or bytes of which nothing is known. What they are recognised by stays. */
static void anything(const struct plain_context *c, const char *protocol, struct rewrite *w)
{
	struct text_rules rules = {.aliases = c->aliases, .tagged = same(protocol, "imap")};

	sanitize_text(&rules, w->in, w->left, w->out);
	if (!still_recognized(c, w)) {
		rules.everywhere = true;
		sanitize_text(&rules, w->in, w->left, w->out);
	}
	keep_beginning(c, w);
	rewrite_erase(w, w->left);
}

void sanitize_plain(const struct plain_context *c, const uint8_t *in, size_t n, uint8_t *out)
{
	struct rewrite w = rewrite_over(in, out, n);
	const char *expected = c->tunnel ? c->tunnel : c->protocol;
	bool in_body = false;

	while (w.left > 0) {
		const char *protocol = recognized(c, w.in, w.left);
		size_t i = 0, left = w.left;

		if (!protocol && in_body) {
			sanitize_body(w.in, w.left, w.out);
			return;
		}

		if (!protocol)
			protocol = expected;
		while (i < sizeof(protocols) / sizeof(*protocols) && !same(protocols[i].name, protocol))
			i++;
		if (i == sizeof(protocols) / sizeof(*protocols)) {
			anything(c, protocol, &w);
			return;
		}
		protocols[i].rewrite(c, &w);
		if (!protocols[i].in_front || w.left == left)
			return;
		expected = c->protocol;
		/* Behind a head comes a body, unless it opened a tunnel. */
		in_body = protocols[i].rewrite == http && !c->tunnel;
	}
}
