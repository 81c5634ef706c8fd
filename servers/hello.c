/* hello.c: ServerHello and HelloRetryRequest from a table of fields; see hello.h. */
#include "servers/hello.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/cursor.h"
#include "servers/names.h"
#include "servers/session.h"
#include "servers/steps.h"

#define RANDOM 32
#define SESSION_ID_MAX 32
#define SHARE_MAX 2048

enum {
	EXTENSION_SUPPORTED_GROUPS = 10,
	EXTENSION_SUPPORTED_VERSIONS = 43,
	EXTENSION_KEY_SHARE = 51,
	EXTENSION_RENEGOTIATION = 0xff01
};

/* What a ClientHello offers. */
struct offer {
	struct cursor session_id;
	struct cursor suites;
	struct cursor groups; /* supported_groups */
	struct cursor shares; /* key_share entries */
};

/* What the answer says. */
struct answer {
	const struct offer *offer;
	bool retry;
	uint16_t version;
	uint8_t random[RANDOM];
	struct buffer session_id;
	uint16_t suite;
	uint8_t compression;
	int group; /* -1: no key_share */
	bool renegotiation;
	struct buffer extensions;
};

static void read_extension(struct offer *offer, uint16_t type, struct cursor body)
{
	if (type == EXTENSION_SUPPORTED_GROUPS)
		cursor_prefixed(&body, 2, &offer->groups);
	else if (type == EXTENSION_KEY_SHARE)
		cursor_prefixed(&body, 2, &offer->shares);
}

/* RFC 8446, 4.1.2 */
static bool read_offer(struct offer *offer, const uint8_t *message, size_t length)
{
	struct cursor c = cursor_over(message, length), body, compressions, extensions;
	uint8_t type;

	*offer = (struct offer){0};
	if (!cursor_u8(&c, &type) || type != SSL3_MT_CLIENT_HELLO || !cursor_prefixed(&c, 3, &body) ||
	    !cursor_skip(&body, 2 + RANDOM) || !cursor_prefixed(&body, 1, &offer->session_id) ||
	    !cursor_prefixed(&body, 2, &offer->suites) || !cursor_prefixed(&body, 1, &compressions))
		return false;
	if (offer->session_id.left > SESSION_ID_MAX)
		return false;
	if (!cursor_prefixed(&body, 2, &extensions))
		return true;
	while (extensions.left) {
		uint16_t number;
		struct cursor inner;

		if (!cursor_u16(&extensions, &number) || !cursor_prefixed(&extensions, 2, &inner))
			return false;
		read_extension(offer, number, inner);
	}
	return true;
}

/* RFC 8701; the signalling values of RFC 5746 and RFC 7507 are no suites either. */
static bool real(uint16_t value)
{
	bool grease = (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);

	return !grease && value != 0x00ff && value != 0x5600;
}

static bool contains(struct cursor list, uint16_t value)
{
	uint16_t one;

	while (cursor_u16(&list, &one))
		if (one == value)
			return true;
	return false;
}

static bool shared(struct cursor shares, uint16_t group)
{
	struct cursor key;
	uint16_t one;

	while (cursor_u16(&shares, &one) && cursor_prefixed(&shares, 2, &key))
		if (one == group)
			return true;
	return false;
}

/* The text of a field that may be a number too, as "" when it is neither. */
static const char *text_of(const json_t *value, char number[static 24])
{
	if (json_is_integer(value))
		snprintf(number, 24, "%lld", (long long)json_integer_value(value));
	else if (!json_is_string(value))
		number[0] = 0;
	return json_is_string(value) ? json_string_value(value) : number;
}

static bool set_version(struct answer *answer, json_t *value, char *error)
{
	char number[24];
	int version = names_version(text_of(value, number));

	if (version < 0)
		return complain(error, "version: must be a name such as TLSv1.3, or a number");
	answer->version = (uint16_t)version;
	return true;
}

static bool set_random(struct answer *answer, json_t *value, char *error)
{
	const char *text = json_is_string(value) ? json_string_value(value) : "";
	struct buffer bytes = {0};
	bool good = true;

	if (strcmp(text, "downgrade-tls12") == 0)
		memcpy(answer->random + RANDOM - 8, "DOWNGRD\x01", 8);
	else if (strcmp(text, "downgrade-tls11") == 0)
		memcpy(answer->random + RANDOM - 8, "DOWNGRD\x00", 8);
	else if (strcmp(text, "fresh") != 0) {
		good = steps_hex(text, &bytes) && bytes.length == RANDOM;
		if (good)
			memcpy(answer->random, bytes.data, RANDOM);
	}
	buffer_free(&bytes);
	return good ||
	       complain(error, "random: must be fresh, downgrade-tls12, downgrade-tls11 or 32 bytes in hexadecimal");
}

static bool set_session_id(struct answer *answer, json_t *value, char *error)
{
	const char *text = json_is_string(value) ? json_string_value(value) : "";
	uint8_t other[SESSION_ID_MAX];
	bool good = true;

	answer->session_id.length = 0;
	if (strcmp(text, "echo") == 0)
		good = buffer_append(&answer->session_id, answer->offer->session_id.at, answer->offer->session_id.left);
	else if (strcmp(text, "other") == 0)
		good = RAND_bytes(other, sizeof(other)) == 1 &&
		       buffer_append(&answer->session_id, other, sizeof(other));
	else if (strcmp(text, "none") != 0)
		good = *text && steps_hex(text, &answer->session_id) && answer->session_id.length <= UINT8_MAX;
	return good || complain(error, "session-id: must be echo, other, none or hexadecimal");
}

/* The first suite that the client offers and that the version can use (RFC 8446, B.4: TLS 1.3 has suites of its
 * own). */
static bool offered_suite(struct answer *answer, char *error)
{
	struct cursor suites = answer->offer->suites;
	uint16_t suite;

	while (cursor_u16(&suites, &suite))
		if (real(suite) && (suite >> 8 == 0x13) == (answer->version == TLS1_3_VERSION)) {
			answer->suite = suite;
			return true;
		}
	return complain(error, "cipher-suite: the client offers none for this version");
}

static bool set_suite(struct answer *answer, json_t *value, char *error)
{
	static const uint16_t others[] = {0x1305, 0x1304, 0x1301, 0xc0ae, 0x009c, 0x0005};
	char number[24];
	const char *text = text_of(value, number);
	int suite;

	if (strcmp(text, "offered") == 0)
		return offered_suite(answer, error);
	for (size_t i = 0; strcmp(text, "not-offered") == 0 && i < sizeof(others) / sizeof(*others); i++)
		if (!contains(answer->offer->suites, others[i]) &&
		    (others[i] >> 8 == 0x13) == (answer->version == TLS1_3_VERSION)) {
			answer->suite = others[i];
			return true;
		}
	suite = names_cipher_suite(text);
	if (suite < 0)
		return complain(error, "cipher-suite: must be offered, not-offered, an IANA name or a number");
	answer->suite = (uint16_t)suite;
	return true;
}

static bool set_compression(struct answer *answer, json_t *value, char *error)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > UINT8_MAX)
		return complain(error, "compression: must be a number from 0 to 255");
	answer->compression = (uint8_t)json_integer_value(value);
	return true;
}

/* A group with, or for a retry without, a share in the ClientHello. */
static bool offered_group(struct answer *answer, bool wanted, char *error)
{
	struct cursor groups = answer->offer->groups;
	uint16_t group;

	while (cursor_u16(&groups, &group))
		if (real(group) && shared(answer->offer->shares, group) == wanted) {
			answer->group = group;
			return true;
		}
	return complain(error, "key-share: the client supports no group %s a share", wanted ? "with" : "without");
}

static bool set_group(struct answer *answer, json_t *value, char *error)
{
	char number[24];
	const char *text = text_of(value, number);

	if (strcmp(text, "offered") == 0 || strcmp(text, "not-offered") == 0)
		return offered_group(answer, strcmp(text, "offered") == 0, error);
	answer->group = strcmp(text, "none") == 0 ? -1 : names_group(text);
	return answer->group >= 0 || strcmp(text, "none") == 0 ||
	       complain(error, "key-share: must be offered, not-offered, none, a group's IANA name or a number");
}

static bool set_renegotiation(struct answer *answer, json_t *value, char *error)
{
	answer->renegotiation = json_is_true(value);
	return json_is_boolean(value) || complain(error, "renegotiation-info: must be true or false");
}

static bool append_number(struct buffer *to, size_t bytes, size_t value)
{
	uint8_t number[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};

	return buffer_append(to, number + sizeof(number) - bytes, bytes);
}

static bool append_extension(struct buffer *to, uint16_t type, const void *body, size_t length)
{
	return append_number(to, 2, type) && append_number(to, 2, length) && buffer_append(to, body, length);
}

static bool set_extensions(struct answer *answer, json_t *value, char *error)
{
	json_t *pair;
	size_t i;

	if (!json_is_array(value))
		return complain(error, "extensions: must be a list of [type, \"hexadecimal\"] pairs");
	json_array_foreach(value, i, pair) {
		struct buffer body = {0};
		const char *hex = NULL;
		int type = -1;
		bool good = !json_unpack(pair, "[i, s!]", &type, &hex) && type >= 0 && type <= UINT16_MAX &&
			    steps_hex(hex, &body) && body.length <= UINT16_MAX &&
			    append_extension(&answer->extensions, (uint16_t)type, body.data, body.length);

		buffer_free(&body);
		if (!good)
			return complain(error, "extensions[%zu]: must be a pair [type, \"hexadecimal\"]", i);
	}
	return true;
}

/* In this order: later fields depend on the version. */
static const struct field {
	const char *name;
	const char *usual;
	const char *usual_retry;
	bool (*set)(struct answer *answer, json_t *value, char *error);
} fields_table[] = {
	{"version", "TLSv1.3", "TLSv1.3", set_version},        {"random", "fresh", NULL, set_random},
	{"session-id", "echo", "echo", set_session_id},        {"cipher-suite", "offered", "offered", set_suite},
	{"compression", NULL, NULL, set_compression},          {"key-share", "offered", "not-offered", set_group},
	{"renegotiation-info", NULL, NULL, set_renegotiation}, {"extensions", NULL, NULL, set_extensions},
};

#define FIELDS (sizeof(fields_table) / sizeof(*fields_table))

static bool known(const char *name)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (strcmp(fields_table[i].name, name) == 0)
			return true;
	return false;
}

static bool set_field(struct answer *answer, const struct field *field, json_t *fields, char *error)
{
	const char *usual = answer->retry ? field->usual_retry : field->usual;
	json_t *value = json_object_get(fields, field->name);
	json_t *own = !value && usual ? json_string(usual) : NULL;
	bool good = (!value && !usual) || field->set(answer, value ? value : own, error);

	json_decref(own);
	return good;
}

/* Before TLS 1.3 there is no key_share, unless the step asks for one. */
static bool applies(const struct answer *answer, const struct field *field, json_t *fields)
{
	return field->set != set_group || answer->version == TLS1_3_VERSION || json_object_get(fields, field->name);
}

static bool set_fields(struct answer *answer, json_t *fields, char *error)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (applies(answer, &fields_table[i], fields) && !set_field(answer, &fields_table[i], fields, error))
			return false;
	return true;
}

static void free_answer(struct answer *answer)
{
	buffer_free(&answer->session_id);
	buffer_free(&answer->extensions);
}

bool hello_check(json_t *fields, char error[static COMPLAINT_MAX])
{
	/* A ClientHello that has everything a field may refer to. */
	static const uint8_t suites[] = {0x13, 0x01, 0xc0, 0x2b}, groups[] = {0, 29, 0, 23},
			     shares[] = {0, 29, 0, 1, 0};
	const struct offer offer = {.suites = {suites, sizeof(suites)},
				    .groups = {groups, sizeof(groups)},
				    .shares = {shares, sizeof(shares)}};
	struct answer answer = {.offer = &offer, .group = -1};
	const char *name;
	json_t *value;
	bool good;

	if (!json_is_object(fields))
		return complain(error, "must be an object");
	json_object_foreach(fields, name, value)
		if (!known(name))
			return complain(error, "unknown field \"%.60s\"", name);
	good = set_fields(&answer, fields, error);
	free_answer(&answer);
	return good;
}

/* A key share of the group: a real one where OpenSSL can make it, else as many bytes as a P-256 share has. */
static size_t make_share(int group, uint8_t share[static SHARE_MAX])
{
	static const struct {
		int group;
		const char *type, *name;
	} kinds[] = {{29, "X25519", NULL},
		     {30, "X448", NULL},
		     {23, "EC", "P-256"},
		     {24, "EC", "P-384"},
		     {25, "EC", "P-521"}};
	EVP_PKEY *key = NULL;
	unsigned char *encoded = NULL;
	size_t length;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].group == group)
			key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i].type, kinds[i].name);
	length = key ? EVP_PKEY_get1_encoded_public_key(key, &encoded) : 0;
	if (length > 0 && length <= SHARE_MAX) {
		memcpy(share, encoded, length);
	} else {
		length = 65;
		RAND_bytes(share, (int)length);
	}
	OPENSSL_free(encoded);
	EVP_PKEY_free(key);
	return length;
}

/* RFC 8446, 4.2.8: in a HelloRetryRequest the group alone. */
static bool append_key_share(struct buffer *to, const struct answer *answer)
{
	uint8_t share[SHARE_MAX];
	struct buffer body = {0};
	size_t length = answer->retry ? 0 : make_share(answer->group, share);
	bool good = append_number(&body, 2, (size_t)answer->group) &&
		    (answer->retry || (append_number(&body, 2, length) && buffer_append(&body, share, length))) &&
		    append_extension(to, EXTENSION_KEY_SHARE, body.data, body.length);

	buffer_free(&body);
	return good;
}

static bool append_extensions(struct buffer *to, const struct answer *answer)
{
	bool tls13 = answer->version == TLS1_3_VERSION;

	if (tls13 && !append_extension(to, EXTENSION_SUPPORTED_VERSIONS, "\x03\x04", 2))
		return false;
	if (answer->group >= 0 && !append_key_share(to, answer))
		return false;
	if (!tls13 && answer->renegotiation && !append_extension(to, EXTENSION_RENEGOTIATION, "", 1))
		return false;
	return buffer_append(to, answer->extensions.data, answer->extensions.length);
}

/* RFC 8446, 4.1.3; RFC 5246, 7.4.1.3 */
static bool append_body(struct buffer *to, const struct answer *answer)
{
	struct buffer extensions = {0};
	uint16_t legacy = answer->version == TLS1_3_VERSION ? TLS1_2_VERSION : answer->version;
	bool good = append_number(to, 2, legacy) && buffer_append(to, answer->random, RANDOM) &&
		    append_number(to, 1, answer->session_id.length) &&
		    buffer_append(to, answer->session_id.data, answer->session_id.length) &&
		    append_number(to, 2, answer->suite) && append_number(to, 1, answer->compression) &&
		    append_extensions(&extensions, answer) &&
		    (extensions.length == 0 || (append_number(to, 2, extensions.length) &&
						buffer_append(to, extensions.data, extensions.length)));

	buffer_free(&extensions);
	return good;
}

bool hello_make(struct buffer *message, json_t *fields, bool retry, const uint8_t *client_hello, size_t length,
		char error[static COMPLAINT_MAX])
{
	struct offer offer;
	struct answer answer = {.offer = &offer, .retry = retry, .group = -1, .renegotiation = true};
	struct buffer body = {0};
	bool good;

	if (!read_offer(&offer, client_hello, length))
		return complain(error, "the ClientHello cannot be read");
	if (retry)
		memcpy(answer.random, session_retry_random, RANDOM);
	else if (RAND_bytes(answer.random, RANDOM) != 1)
		return complain(error, "no random bytes");
	good = set_fields(&answer, fields, error);
	if (good && (!append_body(&body, &answer) || !append_number(message, 1, SSL3_MT_SERVER_HELLO) ||
		     !append_number(message, 3, body.length) || !buffer_append(message, body.data, body.length)))
		good = complain(error, "no memory");
	free_answer(&answer);
	buffer_free(&body);
	return good;
}
