/* sanitize_handshake.c: see sanitize_handshake.h. */
#include "sanitize_handshake.h"

#include "iana.h"

/* An extension being rewritten. */
struct body {
	struct rewrite w;
	bool of_server;
	bool sound; /* the message's lengths agree: fields are what they seem */
	const struct certificate_rules *rules;
};

/* Keeps the length in front of a field. One of a message that is not sound may be any bytes: where it reaches too far
 * it becomes the largest, which does, too. */
static bool prefixed(struct rewrite *w, bool sound, size_t prefix, struct rewrite *field)
{
	uint8_t *at = w->out;
	uint32_t length;

	if (!rewrite_uint(w, prefix, &length))
		return false;
	if (!sound && length > w->left)
		memset(at, 0xff, prefix);
	*field = rewrite_sub(w, length);
	return true;
}

/* A size, or a list of small numbers. More is not what the type says. */
static void small(struct body *b)
{
	enum { SIZE = 2, NUMBER = 0x20 };

	if (b->w.left <= SIZE) {
		rewrite_keep(&b->w, b->w.left);
		return;
	}
	while (b->sound && b->w.left > 0) {
		if (*b->w.in < NUMBER)
			rewrite_keep(&b->w, 1);
		else
			rewrite_erase(&b->w, 1);
	}
}

typedef const char *name_fn(uint16_t number, iana_buffer buffer);

/* Numbers that are registered, or are none by intention (RFC 8701); others may be anything. */
static void numbers(struct rewrite list, name_fn *name_of)
{
	while (list.left >= 2) {
		uint16_t number = (uint16_t)(list.in[0] << 8 | list.in[1]);
		iana_buffer buffer;

		if (iana_is_grease(number) || name_of(number, buffer) != buffer)
			rewrite_keep(&list, 2);
		else
			rewrite_erase(&list, 2);
	}
}

static void list_of(struct body *b, size_t prefix, name_fn *name_of)
{
	struct rewrite list;

	if (prefixed(&b->w, b->sound, prefix, &list))
		numbers(list, name_of);
}

static void groups(struct body *b)
{
	list_of(b, 2, iana_group_name);
}

static void schemes(struct body *b)
{
	list_of(b, 2, iana_signature_name);
}

/* Of a server, the one that it chose. */
static void versions(struct body *b)
{
	if (b->of_server)
		small(b);
	else
		list_of(b, 1, iana_version_name);
}

static void server_name(struct body *b)
{
	struct rewrite list, name;

	if (!rewrite_prefixed(&b->w, 2, &list))
		return;
	while (rewrite_keep(&list, 1) && rewrite_prefixed(&list, 2, &name))
		alias_text(b->rules->aliases, name.in, name.left, name.out);
}

/* IANA "TLS Application-Layer Protocol Negotiation (ALPN) Protocol IDs". */
static bool is_registered_protocol(const uint8_t *name, size_t n)
{
	static const char *const registered[] = {"http/0.9",    "http/1.0",
						 "http/1.1",    "spdy/1",
						 "spdy/2",      "spdy/3",
						 "spdy/3.1",    "stun.turn",
						 "h2",          "h2c",
						 "h3",          "webrtc",
						 "c-webrtc",    "stun.nat-discovery",
						 "ftp",         "imap",
						 "pop3",        "managesieve",
						 "coap",        "co",
						 "xmpp-client", "xmpp-server",
						 "mqtt",        "dot",
						 "doq",         "acme-tls/1",
						 "ntske/1",     "sunrpc",
						 "irc",         "nntp",
						 "nnsp",        "smb",
						 "sip/2",       "tds/8.0",
						 "dicom",       "postgresql",
						 "radius/1.0",  "radius/1.1",
						 "grpc-exp"};

	for (size_t i = 0; i < sizeof(registered) / sizeof(*registered); i++)
		if (strlen(registered[i]) == n && !memcmp(registered[i], name, n))
			return true;
	return n == 2 && (name[0] & 0x0f) == 0x0a && name[0] == name[1]; /* GREASE, RFC 8701 */
}

static void alpn(struct body *b)
{
	struct rewrite list, name;

	if (!rewrite_prefixed(&b->w, 2, &list))
		return;
	while (rewrite_prefixed(&list, 1, &name)) {
		if (is_registered_protocol(name.in, name.left))
			rewrite_keep(&name, name.left);
		else
			alias_text(b->rules->aliases, name.in, name.left, name.out);
	}
}

static void key_share(struct body *b)
{
	struct rewrite list = b->w, key;

	if (!b->of_server && !rewrite_prefixed(&b->w, 2, &list))
		return;
	do {
		numbers(rewrite_sub(&list, 2), iana_group_name);
	} while (rewrite_prefixed(&list, 2, &key) && !b->of_server);
}

/* RFC 8446 section 4.2.11: the ages of the identities are those of tickets. */
static void pre_shared_key(struct body *b)
{
	struct rewrite list, one;

	if (b->of_server) {
		rewrite_keep(&b->w, 2);
		return;
	}
	if (prefixed(&b->w, false, 2, &list))
		while (prefixed(&list, false, 2, &one))
			rewrite_erase(&list, 4);
	if (prefixed(&b->w, false, 2, &list))
		while (prefixed(&list, false, 1, &one))
			;
}

static void prefixed_by_two(struct body *b)
{
	struct rewrite field;

	rewrite_prefixed(&b->w, 2, &field);
}

static void prefixed_by_one(struct body *b)
{
	struct rewrite field;

	rewrite_prefixed(&b->w, 1, &field);
}

/* RFC 6066 section 8: the type; nothing more in most. */
static void status_request(struct body *b)
{
	rewrite_keep(&b->w, 1);
}

/* RFC 9849 section 5: the type, the suite, an ID, a key and the hello within. */
static void encrypted_hello(struct body *b)
{
	struct rewrite field;
	uint32_t type;

	if (b->of_server || !rewrite_uint(&b->w, 1, &type) || type != 0 || !rewrite_keep(&b->w, 4))
		return;
	rewrite_erase(&b->w, 1);
	if (prefixed(&b->w, false, 2, &field))
		prefixed(&b->w, false, 2, &field);
}

static void authorities(struct body *b)
{
	struct rewrite list, name;

	if (!prefixed(&b->w, false, 2, &list))
		return;
	while (prefixed(&list, false, 2, &name))
		sanitize_distinguished_name(b->rules, &name);
}

/* https://www.iana.org/assignments/tls-extensiontype-values; what is not here keeps its type and length alone. */
static const struct {
	uint16_t type;
	void (*rewrite)(struct body *b);
} extensions[] = {
	{0, server_name},
	{1, small}, /* max_fragment_length */
	{5, status_request},
	{10, groups}, /* supported_groups */
	{11, small}, /* ec_point_formats */
	{13, schemes}, /* signature_algorithms */
	{16, alpn},
	{27, small}, /* compress_certificate */
	{28, small}, /* record_size_limit */
	{34, schemes}, /* delegated_credential: schemes */
	{40, key_share}, /* of drafts */
	{41, pre_shared_key},
	{42, small}, /* early_data */
	{43, versions}, /* supported_versions */
	{44, prefixed_by_two}, /* cookie */
	{45, small}, /* psk_key_exchange_modes */
	{47, authorities},
	{50, schemes}, /* signature_algorithms_cert */
	{51, key_share},
	{17513, alpn}, /* application_settings, Chromium's */
	{17613, alpn},
	{0xfe0d, encrypted_hello},
	{0xff01, prefixed_by_one}, /* renegotiation_info */
};

static void rewrite_extension(struct body *b, uint32_t type)
{
	for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++)
		if (extensions[i].type == type &&
		    (b->sound || extensions[i].rewrite == small || extensions[i].rewrite == versions))
			extensions[i].rewrite(b);
}

static void rewrite_extensions(const struct certificate_rules *rules, bool of_server, bool sound, struct rewrite *w)
{
	enum { COMMON = 64, NO_TYPE = 0xff }; /* nearly all that are registered are smaller; 0xffff is reserved */
	struct rewrite list;

	if (!prefixed(w, sound, 2, &list))
		return;
	while (list.left > 0) {
		struct body b = {.of_server = of_server, .sound = sound, .rules = rules};
		uint8_t *at = list.out;
		uint32_t type;

		if (!rewrite_uint(&list, 2, &type))
			return;
		if (!sound && type >= COMMON)
			memset(at, NO_TYPE, 2);
		if (!prefixed(&list, sound, 2, &b.w))
			return;
		rewrite_extension(&b, type);
	}
}

/* ---- Messages ---- */

static void alias(const struct certificate_rules *rules, struct rewrite field)
{
	alias_bytes(rules->aliases, field.in, field.left, field.out);
}

static void session_id(const struct certificate_rules *rules, struct rewrite *w)
{
	struct rewrite id;

	if (rewrite_prefixed(w, 1, &id))
		alias(rules, id);
}

static void client_hello(const struct certificate_rules *rules, uint32_t length, struct rewrite *w)
{
	struct client_hello h;
	const char *why;
	bool sound = client_hello_parse(cursor_over(w->in, w->left), length, &h, &why) != PARSE_MALFORMED;
	struct rewrite list;

	rewrite_keep(w, 2);
	alias(rules, rewrite_sub(w, 32));
	session_id(rules, w);
	if (prefixed(w, sound, 2, &list))
		numbers(list, iana_cipher_name);
	if (prefixed(w, sound, 1, &list) && sound) /* compression methods */
		rewrite_keep(&list, list.left);
	rewrite_extensions(rules, false, sound, w);
}

/* What the random says beside being random, handshake.c knows. */
static void server_random(const struct certificate_rules *rules, const struct server_hello *h, struct rewrite *w)
{
	struct rewrite random = rewrite_sub(w, 32);

	alias(rules, random);
	if (random.left == 32 && h->is_retry)
		memcpy(random.out, random.in, 32);
	else if (random.left == 32 && h->downgrade != DOWNGRADE_NONE)
		memcpy(random.out + 24, random.in + 24, 8);
}

/* TLS 1.3 up to draft 21 had neither session ID nor compression. */
static void server_hello(const struct certificate_rules *rules, uint32_t length, struct rewrite *w)
{
	struct cursor there = cursor_over(w->in, w->left), version = there;
	struct server_hello h;
	const char *why;
	uint16_t legacy = 0;
	bool sound = server_hello_parse(HS_SERVER_HELLO, there, length, &h, &why) != PARSE_MALFORMED;

	cursor_u16(&version, &legacy);
	rewrite_keep(w, 2);
	server_random(rules, &h, w);
	if (!version_is_tls13(legacy))
		session_id(rules, w);
	rewrite_keep(w, version_is_tls13(legacy) ? 2 : 3); /* cipher suite, compression method */
	rewrite_extensions(rules, true, sound, w);
}

static void draft_retry(const struct certificate_rules *rules, uint32_t length, struct rewrite *w)
{
	struct cursor there = cursor_over(w->in, w->left);
	struct server_hello h;
	const char *why;
	bool sound = server_hello_parse(HS_HELLO_RETRY_REQUEST_DRAFT, there, length, &h, &why) != PARSE_MALFORMED;
	uint32_t version;

	if (!rewrite_uint(w, 2, &version))
		return;
	if ((version & 0xff) >= 19) /* see handshake.c */
		rewrite_keep(w, 2);
	rewrite_extensions(rules, true, sound, w);
}

void sanitize_message(const struct certificate_rules *rules, uint8_t type, struct cursor there, uint32_t length,
		      uint8_t *out)
{
	struct rewrite w = rewrite_over(there.at, out, there.left), list;

	switch (type) {
	case HS_CLIENT_HELLO:
		client_hello(rules, length, &w);
		break;
	case HS_SERVER_HELLO:
		server_hello(rules, length, &w);
		break;
	case HS_HELLO_RETRY_REQUEST_DRAFT:
		draft_retry(rules, length, &w);
		break;
	case HS_CERTIFICATE: /* of TLS 1.2 and older: newer ones are encrypted */
		if (rewrite_prefixed(&w, 3, &list))
			sanitize_certificates(rules, &list);
		break;
	default:
		break;
	}
}

/* RFC 5246 appendix E.2. */
void sanitize_sslv2_hello(const struct certificate_rules *rules, struct cursor there, uint8_t *out)
{
	struct rewrite w = rewrite_over(there.at, out, there.left);
	uint32_t ciphers, id, challenge;
	struct client_hello h;
	const char *why;
	size_t length = there.left >= 2 ? ((size_t)(there.at[0] & 0x7f) << 8 | there.at[1]) + 2 : 0;
	bool sound = client_hello_parse_sslv2(there, (uint32_t)length, &h, &why) != PARSE_MALFORMED;

	if (!rewrite_keep(&w, 5) || !rewrite_uint(&w, 2, &ciphers) || !rewrite_uint(&w, 2, &id) ||
	    !rewrite_uint(&w, 2, &challenge))
		return;
	if (sound)
		rewrite_keep(&w, ciphers);
	else
		rewrite_erase(&w, ciphers);
	alias(rules, rewrite_sub(&w, id));
	alias(rules, rewrite_sub(&w, challenge));
}
