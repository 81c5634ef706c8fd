/* preamble_binary.c: the protocols whose messages carry their length: PROXY, SOCKS, PostgreSQL, MySQL, LDAP, RDP and
 * SQL Server's TDS.
 *
 * Each has a function that tells where a message ends and one that reads it.
 */
#include "ber.h"
#include "preamble_protocol.h"
#include "tds.h"

/* Little-endian, as MySQL and RDP have it. */
static bool read_little(struct cursor *c, size_t n, uint32_t *out)
{
	uint32_t value = 0;

	if (n > c->left)
		return false;
	for (size_t i = n; i > 0; i--)
		value = value << 8 | c->at[i - 1];
	*out = value;
	return cursor_skip(c, n);
}

/* Up to and including a zero byte. */
static bool skip_string(struct cursor *c)
{
	const uint8_t *end = c->left ? memchr(c->at, 0, c->left) : NULL;

	return end && cursor_skip(c, (size_t)(end - c->at) + 1);
}

/* ---- PROXY protocol (haproxy.org, proxy-protocol.txt) ---- */

#define PROXY_V1_MAX 107 /* section 2.1 */

static size_t proxy_size(const struct preamble *p, bool from_client, struct cursor c)
{
	const uint8_t *end = memchr(c.at, '\n', c.left < PROXY_V1_MAX ? c.left : PROXY_V1_MAX);
	uint16_t length;

	(void)p;
	if (!from_client)
		return PREAMBLE_SIZE_BAD;
	if (*c.at == 'P' && end)
		return (size_t)(end - c.at) + 1;
	if (*c.at == 'P')
		return c.left < PROXY_V1_MAX ? 0 : PREAMBLE_SIZE_BAD;
	return cursor_skip(&c, 14) && cursor_u16(&c, &length) ? (size_t)16 + length : 0;
}

static void proxy_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	(void)from_client;
	(void)bytes;
	(void)n;
	preamble_grant(p, 0);
}

/* ---- SOCKS 4 and 4a (openssh.com/txt/socks4.protocol) ---- */

static size_t socks4_size(const struct preamble *p, bool from_client, struct cursor c)
{
	struct cursor whole = c;
	uint32_t address;

	(void)p;
	if (*c.at != (from_client ? 4 : 0))
		return PREAMBLE_SIZE_BAD;
	if (!from_client)
		return 8;
	if (!cursor_skip(&c, 4) || !cursor_u32(&c, &address) || !skip_string(&c))
		return 0;
	if (address && address < 256 && !skip_string(&c)) /* 4a: 0.0.0.x, a name follows */
		return 0;
	return whole.left - c.left;
}

static void socks4_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	struct cursor c = cursor_over(bytes, n);
	uint8_t code;

	if (!cursor_skip(&c, 1) || !cursor_u8(&c, &code))
		return;
	if (from_client) {
		cursor_u16(&c, &p->port);
		preamble_ask(p);
	} else if (p->state == PREAMBLE_ASKED) {
		if (code == 0x5a)
			preamble_grant(p, code);
		else
			preamble_refuse(p, code);
	}
}

/* ---- SOCKS 5 (RFC 1928, RFC 1929) ---- */

enum { SOCKS_GREETED = 1, SOCKS_METHOD = 2, SOCKS_PASSWORD = 4 };
enum { SOCKS_NO_AUTHENTICATION = 0, SOCKS_USER_PASSWORD = 2, SOCKS_NO_METHOD = 0xff };

/* ATYP, the address and the port, which end requests and replies. */
static size_t socks5_address_size(struct cursor c)
{
	uint8_t type, length;

	if (!cursor_skip(&c, 3) || !cursor_u8(&c, &type))
		return 0;
	switch (type) {
	case 1:
		return 4 + 4 + 2;
	case 4:
		return 4 + 16 + 2;
	case 3:
		return cursor_u8(&c, &length) ? (size_t)4 + 1 + length + 2 : 0;
	default:
		return PREAMBLE_SIZE_BAD;
	}
}

/* The client's messages are told by their first byte, so that it may send its request without waiting. */
static size_t socks5_client_size(const struct preamble *p, struct cursor c)
{
	struct cursor whole = c, user, password;
	uint8_t version, count;

	if (!cursor_u8(&c, &version))
		return 0;
	if (version == 5 && (p->step & SOCKS_GREETED))
		return socks5_address_size(whole);
	if (version == 5)
		return cursor_u8(&c, &count) ? (size_t)2 + count : 0;
	if (version != 1)
		return PREAMBLE_SIZE_BAD;
	return cursor_prefixed(&c, 1, &user) && cursor_prefixed(&c, 1, &password) ? whole.left - c.left : 0;
}

static size_t socks5_size(const struct preamble *p, bool from_client, struct cursor c)
{
	if (from_client)
		return socks5_client_size(p, c);
	if (*c.at != (p->step & SOCKS_PASSWORD ? 1 : 5))
		return PREAMBLE_SIZE_BAD;
	if ((p->step & SOCKS_PASSWORD) || !(p->step & SOCKS_METHOD))
		return 2;
	return socks5_address_size(c);
}

static void socks5_client_message(struct preamble *p, struct cursor c)
{
	uint8_t version, command;

	if (!(p->step & SOCKS_GREETED)) {
		p->step |= SOCKS_GREETED;
		preamble_ask(p);
	} else if (cursor_u8(&c, &version) && version == 5 && cursor_u8(&c, &command)) {
		if (command != 1) { /* BIND and UDP ASSOCIATE carry no TLS from this client */
			p->state = PREAMBLE_PLAIN;
			preamble_stop_parsing(p);
		} else if (c.left >= 2) {
			cursor_skip(&c, c.left - 2);
			cursor_u16(&c, &p->port);
		}
	}
}

static void socks5_server_message(struct preamble *p, struct cursor c)
{
	uint8_t version, value;

	if (p->state != PREAMBLE_ASKED || !cursor_u8(&c, &version) || !cursor_u8(&c, &value))
		return;
	if (p->step & SOCKS_PASSWORD) {
		p->step &= (uint16_t)~SOCKS_PASSWORD;
		if (value)
			preamble_refuse(p, value);
	} else if (!(p->step & SOCKS_METHOD)) {
		p->step |= SOCKS_METHOD;
		if (value == SOCKS_USER_PASSWORD)
			p->step |= SOCKS_PASSWORD;
		else if (value == SOCKS_NO_METHOD)
			preamble_refuse(p, value);
		else if (value != SOCKS_NO_AUTHENTICATION)
			preamble_stop_parsing(p);
	} else if (value) {
		preamble_refuse(p, value);
	} else {
		preamble_grant(p, 0);
	}
}

static void socks5_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	if (from_client)
		socks5_client_message(p, cursor_over(bytes, n));
	else
		socks5_server_message(p, cursor_over(bytes, n));
}

/* ---- PostgreSQL (documentation, "Message Formats") ---- */

enum { POSTGRES_TLS_ASKED = 1, POSTGRES_GSS_ASKED, POSTGRES_STARTED };
enum { POSTGRES_SSL_REQUEST = 80877103, POSTGRES_GSSENC_REQUEST = 80877104, POSTGRES_PACKET_MAX = 10000 };

static size_t postgres_size(const struct preamble *p, bool from_client, struct cursor c)
{
	static const uint8_t answers[] = {'S', 'N', 'G', 'E'};
	bool answer = !from_client && (p->step == POSTGRES_TLS_ASKED || p->step == POSTGRES_GSS_ASKED);
	bool startup = from_client && p->step != POSTGRES_STARTED;
	uint32_t length;
	uint8_t type;

	if (answer)
		return memchr(answers, *c.at, sizeof(answers)) ? 1 : PREAMBLE_SIZE_BAD;
	if (!startup)
		cursor_u8(&c, &type);
	if (!cursor_u32(&c, &length))
		return 0;
	if (startup)
		return length < 8 || length > POSTGRES_PACKET_MAX ? PREAMBLE_SIZE_BAD : length;
	return length < 4 ? PREAMBLE_SIZE_BAD : (size_t)1 + length;
}

static void postgres_client_message(struct preamble *p, struct cursor c)
{
	uint32_t code;

	if (p->step == POSTGRES_STARTED || !cursor_skip(&c, 4) || !cursor_u32(&c, &code))
		return;
	if (code == POSTGRES_SSL_REQUEST) {
		p->step = POSTGRES_TLS_ASKED;
		preamble_ask(p);
	} else if (code == POSTGRES_GSSENC_REQUEST) {
		p->step = POSTGRES_GSS_ASKED;
	} else {
		p->step = POSTGRES_STARTED;
		preamble_go_on(p);
	}
}

/* A no to GSSENCRequest is no refusal of TLS: SSLRequest comes next. An error, from a server that knows neither, ends
 * the connection. */
static void postgres_answer(struct preamble *p, uint8_t answer)
{
	bool tls = p->step == POSTGRES_TLS_ASKED;

	p->step = 0;
	if (answer == 'E') {
		preamble_refuse(p, 0);
		preamble_stop_parsing(p);
	} else if (answer == 'G') {
		preamble_stop_parsing(p);
	} else if (tls && answer == 'S') {
		preamble_grant(p, 0);
	} else if (tls) {
		preamble_refuse(p, 0);
	}
}

static void postgres_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	if (from_client)
		postgres_client_message(p, cursor_over(bytes, n));
	else if (p->step == POSTGRES_TLS_ASKED || p->step == POSTGRES_GSS_ASKED)
		postgres_answer(p, *bytes);
}

/* ---- MySQL (dev.mysql.com, "Connection Phase Packets") ---- */

#define MYSQL_CLIENT_SSL 0x0800
enum { MYSQL_GREETED = 1, MYSQL_PLAIN };

static size_t mysql_size(const struct preamble *p, bool from_client, struct cursor c)
{
	uint32_t length;

	(void)p;
	(void)from_client;
	return read_little(&c, 3, &length) ? (size_t)4 + length : 0;
}

static void mysql_greeting(struct preamble *p, struct cursor c)
{
	uint32_t code, capabilities;
	uint8_t kind;

	p->step = MYSQL_PLAIN;
	if (!cursor_u8(&c, &kind))
		return;
	if (kind == 0xff && read_little(&c, 2, &code))
		p->code = code;
	if (kind != 10 || !skip_string(&c) || !cursor_skip(&c, 4 + 8 + 1) || !read_little(&c, 2, &capabilities))
		return;
	p->step = MYSQL_GREETED;
	p->offer = capabilities & MYSQL_CLIENT_SSL ? PREAMBLE_OFFERED : PREAMBLE_NOT_OFFERED;
}

/* SSLRequest is the login packet cut off after its fixed part: 32 bytes, or 5 in the form before 4.1. */
static void mysql_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	struct cursor c = cursor_over(bytes, n);
	uint32_t length, capabilities;

	if (!read_little(&c, 3, &length) || !cursor_skip(&c, 1))
		return;
	if (!from_client && !p->step) {
		mysql_greeting(p, c);
	} else if (from_client && p->step == MYSQL_GREETED) {
		p->step = MYSQL_PLAIN;
		if ((length == 32 || length == 5) && read_little(&c, 2, &capabilities) &&
		    (capabilities & MYSQL_CLIENT_SSL))
			preamble_grant(p, 0);
	}
}

/* ---- LDAP (RFC 4511) ---- */

enum { LDAP_UNBIND = 0x42, LDAP_EXTENDED_REQUEST = 0x77, LDAP_EXTENDED_RESPONSE = 0x78 };

static size_t ldap_size(const struct preamble *p, bool from_client, struct cursor c)
{
	struct cursor whole = c;
	uint64_t length;
	uint8_t tag;

	(void)p;
	(void)from_client;
	if (*c.at != 0x30)
		return PREAMBLE_SIZE_BAD;
	switch (ber_header(&c, &tag, &length)) {
	case PARSE_OK:
		return whole.left - c.left + (size_t)length;
	case PARSE_NEED_MORE:
		return 0;
	default:
		return PREAMBLE_SIZE_BAD;
	}
}

static void ldap_request(struct preamble *p, uint32_t id, uint8_t operation, struct cursor c)
{
	static const char start_tls[] = "1.3.6.1.4.1.1466.20037";
	uint64_t length;
	uint8_t tag;

	if (operation == LDAP_EXTENDED_REQUEST && ber_header(&c, &tag, &length) == PARSE_OK && tag == 0x80 &&
	    length == sizeof(start_tls) - 1 && c.left >= length &&
	    memcmp(c.at, start_tls, sizeof(start_tls) - 1) == 0) {
		p->tag = id;
		preamble_ask(p);
	} else if (operation != LDAP_UNBIND) {
		preamble_go_on(p);
	}
}

static void ldap_answer(struct preamble *p, uint32_t id, uint8_t operation, struct cursor c)
{
	uint64_t length, code;
	uint8_t tag;

	if (p->state != PREAMBLE_ASKED || id != p->tag || operation != LDAP_EXTENDED_RESPONSE)
		return;
	if (ber_header(&c, &tag, &length) != PARSE_OK || tag != 0x0a || length < 1 || length > 4 ||
	    !cursor_uint(&c, (size_t)length, &code))
		return;
	if (code == 0)
		preamble_grant(p, 0);
	else
		preamble_refuse(p, (uint32_t)code);
}

static void ldap_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	struct cursor c = cursor_over(bytes, n);
	uint64_t length, id;
	uint8_t tag;

	if (ber_header(&c, &tag, &length) != PARSE_OK)
		return;
	if (ber_header(&c, &tag, &length) != PARSE_OK || tag != 0x02 || length < 1 || length > 4 ||
	    !cursor_uint(&c, (size_t)length, &id))
		return;
	if (ber_header(&c, &tag, &length) != PARSE_OK)
		return;
	if (from_client)
		ldap_request(p, (uint32_t)id, tag, c);
	else
		ldap_answer(p, (uint32_t)id, tag, c);
}

/* ---- RDP (MS-RDPBCGR 2.2.1.1 and 2.2.1.2; TPKT RFC 1006; X.224 section 13) ---- */

enum { X224_CONNECTION_REQUEST = 0xe0, X224_CONNECTION_CONFIRM = 0xd0 };
enum { RDP_NEGOTIATION_REQUEST = 1, RDP_NEGOTIATION_RESPONSE, RDP_NEGOTIATION_FAILURE };
enum { RDP_SSL_REQUIRED = 1, RDP_HYBRID_REQUIRED = 5, RDP_SSL_WITH_USER_AUTH_REQUIRED = 6 };

static size_t rdp_size(const struct preamble *p, bool from_client, struct cursor c)
{
	uint16_t length;

	(void)p;
	(void)from_client;
	if (*c.at != 3)
		return PREAMBLE_SIZE_BAD;
	if (!cursor_skip(&c, 2) || !cursor_u16(&c, &length))
		return 0;
	return length < 7 ? PREAMBLE_SIZE_BAD : length;
}

static void rdp_request(struct preamble *p, struct cursor c)
{
	const uint8_t *end = c.left && *c.at == 'C' ? memchr(c.at, '\n', c.left) : NULL;
	uint32_t protocols;
	uint8_t kind;

	if (end)
		cursor_skip(&c, (size_t)(end - c.at) + 1);
	if (cursor_u8(&c, &kind) && kind == RDP_NEGOTIATION_REQUEST && cursor_skip(&c, 3) &&
	    read_little(&c, 4, &protocols) && protocols)
		preamble_ask(p);
}

/* Protocol 0 is RDP's own encryption. A server from before the negotiation answers without a word about it. */
static void rdp_confirm(struct preamble *p, struct cursor c)
{
	uint32_t value = 0;
	uint8_t kind = 0;

	if (cursor_u8(&c, &kind) && cursor_skip(&c, 3))
		read_little(&c, 4, &value);
	if (p->state == PREAMBLE_ASKED && kind == RDP_NEGOTIATION_RESPONSE && value)
		preamble_grant(p, 0);
	else if (p->state == PREAMBLE_ASKED)
		preamble_refuse(p, value);
	else if (kind == RDP_NEGOTIATION_FAILURE && (value == RDP_SSL_REQUIRED || value == RDP_HYBRID_REQUIRED ||
						     value == RDP_SSL_WITH_USER_AUTH_REQUIRED))
		p->complained = true;
}

static void rdp_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	struct cursor c = cursor_over(bytes, n);
	uint8_t kind;

	if (!cursor_skip(&c, 5) || !cursor_u8(&c, &kind) || !cursor_skip(&c, 5))
		return;
	if (from_client && kind == X224_CONNECTION_REQUEST)
		rdp_request(p, c);
	else if (!from_client && kind == X224_CONNECTION_CONFIRM)
		rdp_confirm(p, c);
	else if (from_client)
		preamble_go_on(p);
}

/* ---- SQL Server (MS-TDS 2.2.3.1 and 2.2.6.5; before TDS 8.0) ---- */

enum { PRELOGIN_VERSION, PRELOGIN_ENCRYPTION, PRELOGIN_END = 0xff };
enum { ENCRYPT_OFF, ENCRYPT_ON, ENCRYPT_NOT_SUP, ENCRYPT_REQ, ENCRYPT_LAST = ENCRYPT_REQ };

/* What p->step holds: what the client said of encryption, and that one. */
enum { MSSQL_ASKED = 1 };

static size_t mssql_size(const struct preamble *p, bool from_client, struct cursor c)
{
	uint16_t length;

	(void)p;
	if (from_client ? *c.at != TDS_PRELOGIN && *c.at != TDS_LOGIN7 : *c.at != TDS_REPLY)
		return PREAMBLE_SIZE_BAD;
	if (!cursor_skip(&c, 2) || !cursor_u16(&c, &length))
		return 0;
	return length < TDS_HEADER ? PREAMBLE_SIZE_BAD : length;
}

/* Options are a token, an offset from the first of them, and a length; VERSION comes first. False: it says nothing of
 * encryption. */
static bool prelogin_encryption(struct cursor options, uint8_t *encryption)
{
	struct cursor c = options, value = options;
	uint16_t offset, length;
	uint8_t token;

	if (c.left == 0 || *c.at != PRELOGIN_VERSION)
		return false;
	while (cursor_u8(&c, &token) && token != PRELOGIN_END && cursor_u16(&c, &offset) && cursor_u16(&c, &length)) {
		if (token == PRELOGIN_ENCRYPTION)
			return length >= 1 && cursor_skip(&value, offset) && cursor_u8(&value, encryption);
	}
	return false;
}

/* ENCRYPT_OFF asks for no more than that the login be encrypted, if that is possible. */
static void mssql_client_message(struct preamble *p, uint8_t type, struct cursor c)
{
	uint8_t encryption;

	if (type == TDS_LOGIN7) {
		preamble_go_on(p);
	} else if (!p->step && prelogin_encryption(c, &encryption) && encryption <= ENCRYPT_LAST) {
		p->step = (uint16_t)(MSSQL_ASKED + encryption);
		if (encryption == ENCRYPT_ON || encryption == ENCRYPT_REQ)
			preamble_ask(p);
	}
}

static void mssql_server_message(struct preamble *p, struct cursor c)
{
	bool able = p->step != MSSQL_ASKED + ENCRYPT_NOT_SUP;
	uint8_t encryption;

	if (!p->step || !prelogin_encryption(c, &encryption) || encryption > ENCRYPT_LAST)
		return;
	if (encryption == ENCRYPT_NOT_SUP && p->state == PREAMBLE_ASKED)
		preamble_refuse(p, 0);
	else if (encryption != ENCRYPT_NOT_SUP && able)
		preamble_grant(p, 0);
	else if (encryption == ENCRYPT_ON || encryption == ENCRYPT_REQ)
		p->complained = true;
	p->login_only = p->step == MSSQL_ASKED + ENCRYPT_OFF && encryption == ENCRYPT_OFF;
}

static void mssql_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	struct cursor c = cursor_over(bytes, n);

	if (!cursor_skip(&c, TDS_HEADER))
		return;
	if (from_client)
		mssql_client_message(p, *bytes, c);
	else
		mssql_server_message(p, c);
}

const struct preamble_protocol preamble_binary_protocols[] = {
	{"proxy", .tunnel = true, .size = proxy_size, .message = proxy_message},
	{"socks4", .tunnel = true, .size = socks4_size, .message = socks4_message},
	{"socks5", .tunnel = true, .size = socks5_size, .message = socks5_message},
	{"postgres", .size = postgres_size, .message = postgres_message},
	{"mysql", .size = mysql_size, .message = mysql_message},
	{"ldap", .size = ldap_size, .message = ldap_message},
	{"rdp", .size = rdp_size, .message = rdp_message},
	{"mssql", .envelopes = true, .size = mssql_size, .message = mssql_message},
	{.name = NULL},
};
