/* handshake.c: hello and Certificate messages taken apart.
 *
 * A message has two lengths: what it claims and what the capture holds. Both travel together in a `part`, and every
 * read is checked against both: beyond the claimed length the message is malformed, beyond the captured one it is
 * merely cut. The first failure is kept in the message's `outcome`; a malformed extension does not keep the others from
 * being read.
 */
#include "handshake.h"

#include <stddef.h>

#include "iana.h"
#include "printable.h"

struct outcome {
	enum parse_result result;
	const char *why;
};

struct part {
	struct cursor there; /* never longer than `length` */
	size_t length; /* claimed */
	struct outcome *outcome; /* of the whole message */
};

static struct part part_over(struct cursor there, size_t length, struct outcome *outcome)
{
	if (there.left > length)
		there.left = length;
	return (struct part){.there = there, .length = length, .outcome = outcome};
}

static void fail(struct part *p, enum parse_result result, const char *why)
{
	if (p->outcome->result == PARSE_OK)
		*p->outcome = (struct outcome){.result = result, .why = why};
}

static bool malformed(struct part *p, const char *why)
{
	fail(p, PARSE_MALFORMED, why);
	return false;
}

/* The next n bytes as a part of their own, as far as they are there. */
static inline bool part_sub(struct part *p, size_t n, struct part *out, const char *what)
{
	size_t there = n < p->there.left ? n : p->there.left;

	if (n > p->length) {
		malformed(p, what);
		return false;
	}
	*out = part_over(p->there, n, p->outcome);
	p->length -= n;
	return cursor_skip(&p->there, there);
}

static inline bool part_bytes(struct part *p, size_t n, const uint8_t **out, const char *what)
{
	if (n > p->length) {
		malformed(p, what);
		return false;
	}
	if (!cursor_bytes(&p->there, n, out)) {
		fail(p, PARSE_NEED_MORE, NULL);
		return false;
	}
	p->length -= n;
	return true;
}

static inline bool part_uint(struct part *p, size_t n, uint32_t *out, const char *what)
{
	const uint8_t *bytes;

	if (!part_bytes(p, n, &bytes, what))
		return false;
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out = *out << 8 | bytes[i];
	return true;
}

static inline bool part_u16(struct part *p, uint16_t *out, const char *what)
{
	const uint8_t *bytes;

	if (!part_bytes(p, 2, &bytes, what))
		return false;
	*out = (uint16_t)(bytes[0] << 8 | bytes[1]);
	return true;
}

static bool part_copy(struct part *p, size_t n, uint8_t *out, const char *what)
{
	const uint8_t *bytes;

	if (!part_bytes(p, n, &bytes, what))
		return false;
	memcpy(out, bytes, n);
	return true;
}

static inline bool part_prefixed(struct part *p, size_t prefix, struct part *out, const char *what)
{
	uint32_t length;

	return part_uint(p, prefix, &length, what) && part_sub(p, length, out, what);
}

static bool part_ended(struct part *p, const char *why)
{
	return p->length == 0 || malformed(p, why);
}

/* Reads a list of two-byte numbers that fills `list`: the first `max` of them, all of them counted in *total, GREASE in
 * neither. Returns how many were stored. */
static size_t part_numbers(struct part *list, uint16_t *values, size_t max, size_t *total, const char *what)
{
	size_t count = list->length / 2, there = list->there.left / 2, stored = 0, n = 0;
	const uint8_t *at = list->there.at;

	if (list->length == 0 || list->length % 2)
		malformed(list, what);
	if (there < count)
		fail(list, PARSE_NEED_MORE, NULL);
	for (size_t i = 0; i < count && i < there; i++, at += 2) {
		uint16_t value = (uint16_t)(at[0] << 8 | at[1]);

		if (iana_is_grease(value))
			continue;
		n++;
		if (stored < max)
			values[stored++] = value;
	}
	*total = n;
	return stored;
}

/* ---- Extensions ---- */

/* A known extension of one of the hellos: the flag that its presence sets, and what reads it where its contents
 * matter. */
struct extension {
	uint16_t type;
	size_t flag; /* offset of a bool in the hello, or NO_FLAG */
	void (*read)(struct part *body, void *hello); /* may be NULL */
};

#define EXTENSION_EARLY_DATA 42
#define NO_FLAG SIZE_MAX
#define EXTENSIONS_MAX 32

static void extension_read(const struct extension *known, struct part *body, void *hello)
{
	if (known->flag != NO_FLAG)
		*(bool *)((char *)hello + known->flag) = true;
	if (known->read)
		known->read(body, hello);
}

/* Each known type may come once (RFC 8446 section 4.2); of unknown ones nothing is remembered. Those known are in the
 * order of their types. */
static void extensions_read(struct part *p, const struct extension *known, size_t count, void *hello)
{
	bool seen[EXTENSIONS_MAX] = {false};
	struct part list, body;
	uint16_t type;
	size_t at;

	if (!part_prefixed(p, 2, &list, "length of the extensions"))
		return;
	part_ended(p, "bytes after the extensions");
	while (list.length > 0) {
		if (!part_u16(&list, &type, "extension cut by the length of the extensions") ||
		    !part_prefixed(&list, 2, &body, "extension longer than the extensions"))
			return;
		for (at = 0; at < count && known[at].type < type; at++)
			;
		if (at == count || known[at].type != type)
			continue;
		if (seen[at])
			malformed(&body, "extension sent twice");
		seen[at] = true;
		extension_read(&known[at], &body, hello);
	}
}

static void read_server_name(struct part *body, void *hello)
{
	static const char what[] = "extension server_name";
	struct client_hello *h = hello;
	struct part list, name;
	const uint8_t *bytes;
	uint32_t type;

	if (!part_prefixed(body, 2, &list, what) || !part_ended(body, what))
		return;
	if (list.length == 0)
		malformed(&list, what);
	while (list.length > 0) {
		size_t n;

		if (!part_uint(&list, 1, &type, what) || !part_prefixed(&list, 2, &name, what))
			return;
		n = name.length;
		if (!part_bytes(&name, n, &bytes, what))
			return;
		if (type == 0 && !h->has_server_name) {
			h->has_server_name = true;
			printable_append(h->server_name, HELLO_NAME_MAX, bytes, n);
		}
	}
}

/* Adds a name to the list in `text`, whole or not at all. */
static bool append_name(char text[HELLO_NAME_MAX], const uint8_t *name, size_t n)
{
	size_t before = strlen(text);

	if ((before == 0 || printable_append(text, HELLO_NAME_MAX, (const uint8_t *)",", 1)) &&
	    printable_append(text, HELLO_NAME_MAX, name, n))
		return true;
	text[before] = '\0';
	return false;
}

/* One or more names (RFC 7301 section 3.1), into `text`. */
static void read_alpn(struct part *body, char text[HELLO_NAME_MAX])
{
	static const char what[] = "extension application_layer_protocol_negotiation";
	struct part list, name;
	const uint8_t *bytes;
	bool room = true;

	if (!part_prefixed(body, 2, &list, what) || !part_ended(body, what))
		return;
	if (list.length == 0)
		malformed(&list, what);
	while (list.length > 0) {
		size_t n;

		if (!part_prefixed(&list, 1, &name, what))
			return;
		n = name.length;
		if (n == 0)
			malformed(&name, what);
		if (!part_bytes(&name, n, &bytes, what))
			return;
		if (n == 2 && iana_is_grease((uint16_t)(bytes[0] << 8 | bytes[1])))
			continue;
		room = room && append_name(text, bytes, n);
	}
}

static void read_client_alpn(struct part *body, void *hello)
{
	read_alpn(body, ((struct client_hello *)hello)->alpn);
}

/* A list of numbers behind its length, as three extensions of a ClientHello have it. */
static uint8_t read_numbers(struct part *body, size_t prefix, uint16_t values[HELLO_LIST_MAX], const char *what)
{
	struct part list;
	size_t total;

	if (!part_prefixed(body, prefix, &list, what))
		return 0;
	part_ended(body, what);
	return (uint8_t)part_numbers(&list, values, HELLO_LIST_MAX, &total, what);
}

static void read_groups(struct part *body, void *hello)
{
	struct client_hello *h = hello;

	h->group_count = read_numbers(body, 2, h->groups, "extension supported_groups");
}

static void read_signatures(struct part *body, void *hello)
{
	struct client_hello *h = hello;

	h->signature_count = read_numbers(body, 2, h->signatures, "extension signature_algorithms");
}

static void read_versions(struct part *body, void *hello)
{
	struct client_hello *h = hello;

	h->version_count = read_numbers(body, 1, h->versions, "extension supported_versions");
}

static void read_client_key_share(struct part *body, void *hello)
{
	static const char what[] = "extension key_share";
	struct client_hello *h = hello;
	struct part list, key;
	uint16_t group;

	h->has_key_share = true;
	h->key_share_count = 0;
	if (!part_prefixed(body, 2, &list, what))
		return;
	part_ended(body, what);
	while (list.length > 0) {
		if (!part_u16(&list, &group, what))
			return;
		if (!iana_is_grease(group) && h->key_share_count < HELLO_LIST_MAX)
			h->key_shares[h->key_share_count++] = group;
		if (!part_prefixed(&list, 2, &key, what))
			return;
		if (key.length == 0)
			malformed(&key, what);
	}
}

/* Number 40 was key_share up to draft 22, but also RSA BSAFE's extended_random, which is why it was given up. What does
 * not read as key shares is taken for that, and the hello stays as it was. `size`: of the hello. */
static void read_key_share_40(const struct part *body, void (*read)(struct part *, void *), void *hello, size_t size)
{
	struct outcome outcome = {.result = PARSE_OK};
	struct part copy = part_over(body->there, body->length, &outcome);
	uint8_t before[sizeof(struct client_hello)];

	_Static_assert(sizeof(struct server_hello) <= sizeof(before), "either hello fits");
	memcpy(before, hello, size);
	read(&copy, hello);
	if (outcome.result == PARSE_MALFORMED)
		memcpy(hello, before, size);
}

static void read_client_key_share_40(struct part *body, void *hello)
{
	if (!((struct client_hello *)hello)->has_key_share)
		read_key_share_40(body, read_client_key_share, hello, sizeof(struct client_hello));
}

static void read_client_session_ticket(struct part *body, void *hello)
{
	((struct client_hello *)hello)->has_session_ticket = body->length > 0;
}

#define FLAG(field) offsetof(struct client_hello, field)
static const struct extension client_extensions[] = {
	{0, NO_FLAG, read_server_name},
	{5, FLAG(has_status_request), NULL},
	{10, NO_FLAG, read_groups},
	{13, NO_FLAG, read_signatures},
	{16, NO_FLAG, read_client_alpn},
	{17, FLAG(has_status_request), NULL}, /* status_request_v2, RFC 6961 */
	{23, FLAG(has_extended_master_secret), NULL},
	{35, NO_FLAG, read_client_session_ticket},
	{40, NO_FLAG, read_client_key_share_40},
	{41, FLAG(has_pre_shared_key), NULL},
	{EXTENSION_EARLY_DATA, FLAG(has_early_data), NULL},
	{43, FLAG(has_supported_versions), read_versions},
	{49, FLAG(has_post_handshake_auth), NULL},
	{51, NO_FLAG, read_client_key_share},
	{0xfe08, FLAG(has_encrypted_client_hello), NULL}, /* the drafts before 0xfe0d, 0xffce the first of them */
	{0xfe09, FLAG(has_encrypted_client_hello), NULL},
	{0xfe0a, FLAG(has_encrypted_client_hello), NULL},
	{0xfe0d, FLAG(has_encrypted_client_hello), NULL},
	{0xffce, FLAG(has_encrypted_client_hello), NULL},
};
#undef FLAG

static void read_server_alpn(struct part *body, void *hello)
{
	read_alpn(body, ((struct server_hello *)hello)->alpn);
}

static void read_selected_version(struct part *body, void *hello)
{
	static const char what[] = "extension supported_versions";
	struct server_hello *h = hello;

	if (part_u16(body, &h->version, what))
		part_ended(body, what);
}

static void read_server_key_share(struct part *body, void *hello)
{
	static const char what[] = "extension key_share";
	struct server_hello *h = hello;
	struct part key;

	if (!part_u16(body, &h->key_share_group, what))
		return;
	h->has_key_share = true;
	/* A HelloRetryRequest names the group alone (RFC 8446 section 4.2.8). */
	if (h->is_retry || part_prefixed(body, 2, &key, what))
		part_ended(body, what);
}

static void read_server_key_share_40(struct part *body, void *hello)
{
	if (!((struct server_hello *)hello)->has_key_share)
		read_key_share_40(body, read_server_key_share, hello, sizeof(struct server_hello));
}

#define FLAG(field) offsetof(struct server_hello, field)
static const struct extension server_extensions[] = {
	{5, FLAG(has_status_request), NULL},    {16, NO_FLAG, read_server_alpn},
	{17, FLAG(has_status_request), NULL}, /* status_request_v2, RFC 6961 */
	{22, FLAG(has_encrypt_then_mac), NULL}, {23, FLAG(has_extended_master_secret), NULL},
	{35, FLAG(has_session_ticket), NULL},   {40, NO_FLAG, read_server_key_share_40},
	{41, FLAG(has_pre_shared_key), NULL},   {43, NO_FLAG, read_selected_version},
	{51, NO_FLAG, read_server_key_share},   {0xff01, FLAG(has_renegotiation_info), NULL},
};
#undef FLAG

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
_Static_assert(COUNT(client_extensions) <= EXTENSIONS_MAX && COUNT(server_extensions) <= EXTENSIONS_MAX,
	       "extensions_read() remembers so many");

/* ---- Messages ---- */

bool handshake_type_exists(uint8_t type)
{
	return type <= HS_KEY_UPDATE || type == HS_COMPRESSED_CERTIFICATE || type == HS_NEXT_PROTOCOL ||
	       type == HS_CHANNEL_ID;
}

bool version_is_tls13(uint16_t version)
{
	switch (version) {
	case TLS_1_3:
	case 0xfb17: /* Facebook's builds of drafts 23 and 26 */
	case 0xfb1a:
	case 0x7a12: /* Chrome's experiments of 2017 */
	case 0x7e01:
	case 0x7e02:
	case 0x7e03:
		return true;
	default:
		return version >> 8 == 0x7f;
	}
}

/* The message's result. Bytes may also be missing where none were read: at the end of an unknown extension, for
 * example. */
static enum parse_result finish(const struct outcome *outcome, bool cut, bool *complete, const char **why)
{
	enum parse_result result = outcome->result == PARSE_OK && cut ? PARSE_NEED_MORE : outcome->result;

	*complete = result == PARSE_OK;
	*why = outcome->why;
	return result;
}

static bool read_session_id(struct part *p, uint8_t *length, uint8_t id[32])
{
	struct part field;

	if (!part_prefixed(p, 1, &field, "length of the session id"))
		return false;
	if (field.length > 32)
		return malformed(p, "session id longer than 32 bytes");
	*length = (uint8_t)field.length;
	return part_copy(&field, field.length, id, "session id");
}

/* Signalling cipher suites are facts of their own. They stay in the list, as offered. */
static void note_scsv(struct client_hello *h)
{
	for (size_t i = 0; i < h->cipher_count; i++) {
		h->offers_fallback_scsv |= h->ciphers[i] == 0x5600;
		h->offers_renegotiation_scsv |= h->ciphers[i] == 0x00ff;
	}
}

static bool read_ciphers(struct part *p, struct client_hello *h)
{
	struct part list;
	size_t total;

	if (!part_prefixed(p, 2, &list, "length of the cipher suites"))
		return false;
	h->cipher_count = (uint16_t)part_numbers(&list, h->ciphers, HELLO_CIPHERS_MAX, &total, "list of cipher suites");
	h->cipher_total = (uint16_t)total;
	note_scsv(h);
	return true;
}

enum parse_result client_hello_parse(struct cursor there, uint32_t length, struct client_hello *out, const char **why)
{
	struct outcome outcome = {.result = PARSE_OK};
	struct part p = part_over(there, length, &outcome);
	struct part compression;

	*out = (struct client_hello){0};
	if (!part_u16(&p, &out->legacy_version, "ClientHello without a version") ||
	    !part_copy(&p, sizeof(out->random), out->random, "ClientHello without a random") ||
	    !read_session_id(&p, &out->session_id_length, out->session_id) || !read_ciphers(&p, out) ||
	    !part_prefixed(&p, 1, &compression, "length of the compression methods"))
		return finish(&outcome, there.left < length, &out->complete, why);
	if (compression.length == 0)
		malformed(&p, "no compression method");
	/* Extensions came with RFC 3546; before it a ClientHello ends here. */
	out->has_extensions = p.length > 0;
	if (out->has_extensions)
		extensions_read(&p, client_extensions, COUNT(client_extensions), out);
	return finish(&outcome, there.left < length, &out->complete, why);
}

bool client_hello_offers_early_data(struct cursor there, uint32_t length)
{
	static const char what[] = "ClientHello";
	struct outcome outcome = {.result = PARSE_OK};
	struct part p = part_over(there, length, &outcome);
	struct part session_id, ciphers, compression, list, body;
	const uint8_t *version_and_random;
	uint16_t type;

	if (!part_bytes(&p, 34, &version_and_random, what) || !part_prefixed(&p, 1, &session_id, what) ||
	    session_id.length > 32 || !part_prefixed(&p, 2, &ciphers, what) ||
	    !part_prefixed(&p, 1, &compression, what) || !part_prefixed(&p, 2, &list, what))
		return false;
	while (part_u16(&list, &type, what) && part_prefixed(&list, 2, &body, what))
		if (type == EXTENSION_EARLY_DATA)
			return true;
	return false;
}

/* SSLv2 cipher kinds have three bytes; those that start with zero are TLS cipher suites (RFC 5246 appendix E.2). */
static void read_sslv2_ciphers(struct part *list, struct client_hello *h)
{
	uint32_t kind;

	while (list->length > 0 && part_uint(list, 3, &kind, "cipher specs of SSLv2")) {
		if (kind > UINT16_MAX || iana_is_grease((uint16_t)kind))
			continue;
		if (h->cipher_count < HELLO_CIPHERS_MAX)
			h->ciphers[h->cipher_count++] = (uint16_t)kind;
		h->cipher_total++;
	}
	note_scsv(h);
}

enum parse_result client_hello_parse_sslv2(struct cursor there, uint32_t length, struct client_hello *out,
					   const char **why)
{
	static const char cut[] = "SSLv2 ClientHello ends inside its header";
	struct outcome outcome = {.result = PARSE_OK};
	struct part p = part_over(there, length, &outcome);
	struct part ciphers, challenge, session_id;
	uint32_t header, type, cipher_length, session_id_length, challenge_length;

	*out = (struct client_hello){.sslv2 = true};
	if (!part_uint(&p, 2, &header, cut) || !part_uint(&p, 1, &type, cut) ||
	    !part_u16(&p, &out->legacy_version, cut) || !part_uint(&p, 2, &cipher_length, cut) ||
	    !part_uint(&p, 2, &session_id_length, cut) || !part_uint(&p, 2, &challenge_length, cut))
		return finish(&outcome, there.left < length, &out->complete, why);
	if (header != (0x8000U | (length - 2)) || type != HS_CLIENT_HELLO)
		malformed(&p, "not the header of an SSLv2 ClientHello");
	else if (cipher_length % 3 || session_id_length > 32 || challenge_length < 16 || challenge_length > 32)
		malformed(&p, "lengths in the header of an SSLv2 ClientHello");
	else if (part_sub(&p, cipher_length, &ciphers, "cipher specs of SSLv2")) {
		read_sslv2_ciphers(&ciphers, out);
		if (part_sub(&p, session_id_length, &session_id, "session id of SSLv2") &&
		    part_copy(&session_id, session_id_length, out->session_id, "session id of SSLv2"))
			out->session_id_length = (uint8_t)session_id_length;
		/* The challenge is the end of the random, zeros before it (same appendix). */
		if (part_sub(&p, challenge_length, &challenge, "challenge of SSLv2") &&
		    part_copy(&challenge, challenge_length, out->random + 32 - challenge_length, "challenge of SSLv2"))
			part_ended(&p, "bytes after the challenge of SSLv2");
	}
	return finish(&outcome, there.left < length, &out->complete, why);
}

/* RFC 8446 section 4.1.3: this random says HelloRetryRequest; these last eight bytes say that TLS 1.3 or 1.2 was
 * possible. */
static void judge_random(struct server_hello *h)
{
	static const uint8_t retry[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
					  0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
					  0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

	h->is_retry = !memcmp(h->random, retry, sizeof(retry));
	if (!memcmp(h->random + 24, "DOWNGRD\1", 8))
		h->downgrade = DOWNGRADE_TO_TLS12;
	if (!memcmp(h->random + 24, "DOWNGRD\0", 8))
		h->downgrade = DOWNGRADE_TO_TLS11;
}

/* The fields between version and extensions. Up to draft 21 TLS 1.3 had neither session id nor compression, and wrote
 * its own number where draft 22 went back to 0x0303. */
static bool read_server_fields(struct part *p, struct server_hello *h)
{
	bool short_form = version_is_tls13(h->version);
	uint32_t compression;

	if (!part_copy(p, sizeof(h->random), h->random, "ServerHello without a random"))
		return false;
	judge_random(h);
	if (!short_form && !read_session_id(p, &h->session_id_length, h->session_id))
		return false;
	if (!part_u16(p, &h->cipher, "ServerHello without a cipher suite"))
		return false;
	if (short_form)
		return true;
	if (!part_uint(p, 1, &compression, "ServerHello without a compression method"))
		return false;
	h->compression = (uint8_t)compression;
	return true;
}

/* Message 6 of the drafts: extensions alone up to draft 18, behind a cipher suite up to draft 21. */
static bool read_draft_retry(struct part *p, struct server_hello *h)
{
	h->is_retry = true;
	return (h->version & 0xff) < 19 || part_u16(p, &h->cipher, "HelloRetryRequest without a cipher suite");
}

enum parse_result server_hello_parse(enum handshake_type type, struct cursor there, uint32_t length,
				     struct server_hello *out, const char **why)
{
	struct outcome outcome = {.result = PARSE_OK};
	struct part p = part_over(there, length, &outcome);
	bool fields;

	*out = (struct server_hello){0};
	if (!part_u16(&p, &out->legacy_version, "ServerHello without a version"))
		return finish(&outcome, there.left < length, &out->complete, why);
	out->version = out->legacy_version;
	if (type == HS_HELLO_RETRY_REQUEST_DRAFT)
		fields = read_draft_retry(&p, out);
	else
		fields = read_server_fields(&p, out);
	if (fields && p.length > 0)
		extensions_read(&p, server_extensions, COUNT(server_extensions), out);
	return finish(&outcome, there.left < length, &out->complete, why);
}

enum parse_result certificate_parse(bool tls13, struct cursor there, uint32_t length, struct certificate_list *out,
				    const char **why)
{
	struct outcome outcome = {.result = PARSE_OK};
	struct part p = part_over(there, length, &outcome);
	struct part context, list, der, extensions;
	const uint8_t *bytes;
	bool complete;

	*out = (struct certificate_list){0};
	if (tls13 && !part_prefixed(&p, 1, &context, "certificate_request_context"))
		return finish(&outcome, there.left < length, &complete, why);
	if (!part_prefixed(&p, 3, &list, "length of the certificate list"))
		return finish(&outcome, there.left < length, &complete, why);
	part_ended(&p, "bytes after the certificate list");
	while (list.length > 0) {
		size_t n;

		if (!part_prefixed(&list, 3, &der, "length of a certificate"))
			break;
		n = der.length;
		if (n == 0)
			malformed(&der, "empty certificate");
		if (!part_bytes(&der, n, &bytes, "certificate"))
			break;
		if (n > 0 && out->count < CERTIFICATES_MAX)
			out->der[out->count++] = cursor_over(bytes, n);
		if (tls13 && !part_prefixed(&list, 2, &extensions, "extensions of a certificate"))
			break;
	}
	return finish(&outcome, there.left < length, &complete, why);
}
