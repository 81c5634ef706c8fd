/* hello_test.c: a hand-made ServerHello says what its fields say, and otherwise what a good server would answer. */
#include "servers/hello.h"

#include <openssl/ssl.h>
#include <string.h>

#include "analyzer/cursor.h"
#include "servers/session.h"
#include "servers/steps.h"
#include "tests/unit/suite.h"

/* ClientHello, TLS 1.2 and 1.3
 *   legacy_version 0303, random 32 x 11
 *   session_id 4 bytes: a1 a2 a3 a4
 *   cipher_suites: GREASE 0a0a, TLS_AES_128_GCM_SHA256 1301, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 c02b, SCSV 00ff
 *   compression: null
 *   extensions: supported_groups 0a0a x25519 001d secp256r1 0017; key_share x25519, 2 bytes
 */
static const char client_hello_hex[] = "01 000055 0303 1111111111111111111111111111111111111111111111111111111111111111"
				       "04 a1a2a3a4 0008 0a0a 1301 c02b 00ff 01 00"
				       "0022 000a 0008 0006 0a0a 001d 0017"
				       "0033 0008 0006 001d 0002 beef"
				       "ff00 0006 000000000000";

static struct buffer client_hello(void)
{
	struct buffer message = {0};
	size_t length;

	CU_ASSERT_FATAL(steps_hex(client_hello_hex, &message));
	length = message.length - 4;
	message.data[2] = (uint8_t)(length >> 8);
	message.data[3] = (uint8_t)length;
	return message;
}

struct parsed {
	uint16_t version, suite;
	uint8_t compression;
	const uint8_t *random;
	struct cursor session_id;
	struct cursor extensions;
	struct buffer message;
};

static void parse(struct parsed *parsed)
{
	struct cursor c = cursor_over(parsed->message.data, parsed->message.length), body = {0};
	uint8_t type = 0;

	CU_ASSERT(cursor_u8(&c, &type) && type == SSL3_MT_SERVER_HELLO && cursor_prefixed(&c, 3, &body) && c.left == 0);
	CU_ASSERT(cursor_u16(&body, &parsed->version) && cursor_bytes(&body, 32, &parsed->random) &&
		  cursor_prefixed(&body, 1, &parsed->session_id) && cursor_u16(&body, &parsed->suite) &&
		  cursor_u8(&body, &parsed->compression));
	parsed->extensions = cursor_over("", 0);
	if (body.left)
		CU_ASSERT(cursor_prefixed(&body, 2, &parsed->extensions));
	CU_ASSERT_EQUAL(body.left, 0);
}

/* fields are JSON text with ' for ". */
static struct parsed make(const char *fields, bool retry)
{
	struct parsed parsed = {0};
	struct buffer hello = client_hello();
	char text[512], error[COMPLAINT_MAX] = "";
	json_t *object;

	snprintf(text, sizeof(text), "%s", fields);
	for (char *at = text; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	object = json_loads(text, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(object);
	CU_ASSERT(hello_check(object, error));
	CU_ASSERT(hello_make(&parsed.message, object, retry, hello.data, hello.length, error));
	CU_ASSERT_STRING_EQUAL(error, "");
	json_decref(object);
	buffer_free(&hello);
	if (parsed.message.length)
		parse(&parsed);
	return parsed;
}

static bool extension(const struct parsed *parsed, uint16_t wanted, struct cursor *body)
{
	struct cursor c = parsed->extensions;
	uint16_t type;

	while (cursor_u16(&c, &type) && cursor_prefixed(&c, 2, body))
		if (type == wanted)
			return true;
	return false;
}

static void test_usual_tls13(void)
{
	struct parsed p = make("{}", false);
	struct cursor body, key;
	uint16_t value = 0;

	CU_ASSERT(p.version == 0x0303 && p.suite == 0x1301 && p.compression == 0);
	CU_ASSERT(p.session_id.left == 4 && memcmp(p.session_id.at, "\xa1\xa2\xa3\xa4", 4) == 0);
	CU_ASSERT(extension(&p, 43, &body) && cursor_u16(&body, &value) && value == 0x0304);
	CU_ASSERT(extension(&p, 51, &body) && cursor_u16(&body, &value) && value == 29 &&
		  cursor_prefixed(&body, 2, &key));
	CU_ASSERT(key.left == 32 && body.left == 0);
	buffer_free(&p.message);
}

static void test_usual_tls12(void)
{
	struct parsed p = make("{'version': 'TLSv1.2'}", false);
	struct cursor body;

	CU_ASSERT(p.version == 0x0303 && p.suite == 0xc02b);
	CU_ASSERT_FALSE(extension(&p, 43, &body) || extension(&p, 51, &body));
	CU_ASSERT(extension(&p, 0xff01, &body) && body.left == 1);
	buffer_free(&p.message);
	p = make("{'version': 'TLSv1.2', 'renegotiation-info': false}", false);
	CU_ASSERT_EQUAL(p.extensions.left, 0);
	buffer_free(&p.message);
}

static void test_wrong_fields(void)
{
	struct parsed p =
		make("{'version': '0x0305', 'session-id': 'other', 'cipher-suite': 'not-offered', 'compression': 1, "
		     "'random': 'downgrade-tls12', 'extensions': [[13, '0011']]}",
		     false);
	struct cursor body;

	CU_ASSERT(p.version == 0x0305 && p.compression == 1);
	CU_ASSERT(p.suite != 0x1301 && p.suite != 0xc02b);
	CU_ASSERT(p.session_id.left == 32);
	CU_ASSERT(memcmp(p.random + 24, "DOWNGRD\x01", 8) == 0);
	CU_ASSERT(extension(&p, 13, &body) && body.left == 2);
	buffer_free(&p.message);
}

static void test_key_shares(void)
{
	static const struct {
		const char *fields;
		uint16_t group;
		size_t length;
	} rows[] = {{"{'key-share': 'secp521r1'}", 25, 133},
		    {"{'key-share': 'not-offered'}", 23, 65},
		    {"{'key-share': 'offered'}", 29, 32},
		    {"{'key-share': 'x448'}", 30, 56}};
	struct parsed p;
	struct cursor body;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint16_t group = 0, length = 0;

		p = make(rows[i].fields, false);
		CU_ASSERT(extension(&p, 51, &body) && cursor_u16(&body, &group) && cursor_u16(&body, &length));
		CU_ASSERT(group == rows[i].group && length == rows[i].length && body.left == length);
		buffer_free(&p.message);
	}
	p = make("{'key-share': 'none'}", false);
	CU_ASSERT_FALSE(extension(&p, 51, &body));
	buffer_free(&p.message);
}

static void test_retry(void)
{
	struct parsed p = make("{}", true);
	struct cursor body;
	uint16_t group = 0;

	CU_ASSERT(memcmp(p.random, session_retry_random, 32) == 0);
	CU_ASSERT(extension(&p, 51, &body) && cursor_u16(&body, &group) && group == 23 && body.left == 0);
	buffer_free(&p.message);
	p = make("{'key-share': 'offered'}", true);
	CU_ASSERT(extension(&p, 51, &body) && cursor_u16(&body, &group) && group == 29);
	buffer_free(&p.message);
}

/* Cut anywhere, a ClientHello is refused or, where only its extensions were to come, read as far as it goes. */
static void test_client_hello_cut_everywhere(void)
{
	struct buffer hello = client_hello();
	json_t *object = json_object();

	for (size_t length = 0; length <= hello.length; length++) {
		char error[COMPLAINT_MAX] = "";
		struct buffer message = {0};

		CU_ASSERT_EQUAL(hello_make(&message, object, false, hello.data, length, error), length == hello.length);
		buffer_free(&message);
	}
	json_decref(object);
	buffer_free(&hello);
}

const struct unit_test unit_tests[] = {
	{"by default it is what a good TLS 1.3 server answers", test_usual_tls13},
	{"asked for TLS 1.2, it is what a good one answers", test_usual_tls12},
	{"each field can be wrong", test_wrong_fields},
	{"a key share is of the group that was asked for, in its size, or missing", test_key_shares},
	{"a HelloRetryRequest asks for a group that was not shared, or was", test_retry},
	{"a ClientHello that is cut anywhere is refused", test_client_hello_cut_everywhere},
	{NULL, NULL},
};
