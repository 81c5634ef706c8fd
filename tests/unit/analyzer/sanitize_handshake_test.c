/* sanitize_handshake_test.c: hellos whose fields are known, and the same ones damaged at every byte. */
#include "analyzer/sanitize_handshake.h"

#include <stdio.h>
#include <stdlib.h>

#include "hex.h"
#include "tests/unit/suite.h"

#define RANDOM "71727374 71727374 71727374 71727374 71727374 71727374 71727374 71727374"

/* ClientHello, version 0x0303, session ID of 4 bytes; 1301, c02f; then extensions: server_name www.corp.net;
 * supported_groups x25519; ALPN h2, corp-rpc; session_ticket; key_share x25519; pre_shared_key; supported_versions; one
 * that is not known */
static const char client[] = "0303" RANDOM "04 51525354 0004 1301 c02f 01 00"
			     "0076"
			     "0000 0011 000f 00 000c 7777772e636f72702e6e6574"
			     "000a 0004 0002 001d"
			     "0010 000e 000c 02 6832 08 636f72702d727063"
			     "0023 0006 736563726574"
			     "0033 000c 000a 001d 0006 736563726574"
			     "002b 0005 04 0304 0303"
			     "abcd 0006 736563726574"
			     "0029 0016 000c 0006 736563726574 61626364 0006 05 7365637265";

/* ServerHello, 0x0303, 1301; supported_versions 0x0304, key_share x25519 */
static const char server[] = "0303" RANDOM "04 51525354 1301 00"
			     "0014"
			     "002b 0002 0304"
			     "0033 000a 001d 0006 736563726574";

static const char sslv2[] = "8031 01 0303 0006 0000 0010 00002f 000035 73656372 65747365 63726574 73656372";

static const struct certificate_rules *rules(void)
{
	static struct certificate_rules r;

	if (!r.aliases)
		r = (struct certificate_rules){.aliases = alias_table_new(), .keys = key_ring_new()};
	return &r;
}

static void free_rules(void)
{
	struct certificate_rules r = *rules();

	alias_table_free(r.aliases);
	key_ring_free(r.keys);
}

static bool identifies(const uint8_t *out, size_t n)
{
	return memmem(out, n, "corp", 4) || memmem(out, n, "secr", 4) || memmem(out, n, "qrst", 4) ||
	       memmem(out, n, "QRST", 4) || memmem(out, n, "www.", 4);
}

static uint8_t *sanitize(uint8_t type, const uint8_t *in, size_t n, uint32_t length)
{
	uint8_t *out = calloc(1, n ? n : 1);

	if (!out)
		abort();
	sanitize_message(rules(), type, cursor_over(in, n), length, out);
	return out;
}

static void client_hellos(void)
{
	size_t n;
	uint8_t *in = hex_bytes(client, &n), *out = sanitize(HS_CLIENT_HELLO, in, n, (uint32_t)n);
	struct client_hello was, is;
	const char *why;

	CU_ASSERT_EQUAL(client_hello_parse(cursor_over(in, n), (uint32_t)n, &was, &why), PARSE_OK);
	CU_ASSERT_EQUAL(client_hello_parse(cursor_over(out, n), (uint32_t)n, &is, &why), PARSE_OK);
	CU_ASSERT_FALSE(identifies(out, n));
	CU_ASSERT_STRING_EQUAL(is.server_name, "xxa.xxxa.xxb");
	CU_ASSERT_STRING_EQUAL(is.alpn, "h2,xxxxxxxa");
	CU_ASSERT_EQUAL(is.cipher_count, 2);
	CU_ASSERT_EQUAL(is.ciphers[1], 0xc02f);
	CU_ASSERT_EQUAL(is.groups[0], 29);
	CU_ASSERT_EQUAL(is.versions[0], TLS_1_3);
	CU_ASSERT_EQUAL(is.session_id_length, 4);
	CU_ASSERT(is.has_session_ticket && is.has_pre_shared_key && is.has_key_share);
	free(in);
	free(out);
}

static void server_hellos(void)
{
	size_t n;
	uint8_t *in = hex_bytes(server, &n), *out;
	struct server_hello h;
	const char *why;

	memcpy(in + 26, "DOWNGRD\1", 8);
	out = sanitize(HS_SERVER_HELLO, in, n, (uint32_t)n);
	CU_ASSERT_EQUAL(server_hello_parse(HS_SERVER_HELLO, cursor_over(out, n), (uint32_t)n, &h, &why), PARSE_OK);
	CU_ASSERT_FALSE(identifies(out, n));
	CU_ASSERT_EQUAL(h.version, TLS_1_3);
	CU_ASSERT_EQUAL(h.cipher, 0x1301);
	CU_ASSERT_EQUAL(h.key_share_group, 29);
	CU_ASSERT_EQUAL(h.downgrade, DOWNGRADE_TO_TLS12);
	free(in);
	free(out);
}

/* A session ID that the server repeats is the client's in both. */
static void same_session(void)
{
	size_t n, m;
	uint8_t *ch = hex_bytes(client, &n), *sh = hex_bytes(server, &m);
	uint8_t *a = sanitize(HS_CLIENT_HELLO, ch, n, (uint32_t)n), *b = sanitize(HS_SERVER_HELLO, sh, m, (uint32_t)m);

	CU_ASSERT_EQUAL(memcmp(a + 35, b + 35, 4), 0);
	CU_ASSERT_EQUAL(memcmp(a + 2, b + 2, 32), 0);
	free(ch);
	free(sh);
	free(a);
	free(b);
}

static void old_hello(void)
{
	size_t n;
	uint8_t *in = hex_bytes(sslv2, &n), *out;
	struct client_hello h;
	const char *why;

	in[1] = (uint8_t)(n - 2);
	out = calloc(1, n);
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	sanitize_sslv2_hello(rules(), cursor_over(in, n), out);
	CU_ASSERT_EQUAL(client_hello_parse_sslv2(cursor_over(out, n), (uint32_t)n, &h, &why), PARSE_OK);
	CU_ASSERT_EQUAL(h.ciphers[0], 0x002f);
	CU_ASSERT_FALSE(identifies(out, n));
	free(in);
	free(out);
}

/* Lengths that reach into what follows do not carry it along; nor is anything read behind the end. */
static void damaged(void)
{
	static const struct {
		uint8_t type;
		const char *hex;
	} messages[] = {{HS_CLIENT_HELLO, client}, {HS_SERVER_HELLO, server}, {HS_HELLO_RETRY_REQUEST_DRAFT, server}};

	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		size_t n;
		uint8_t *in = hex_bytes(messages[i].hex, &n);

		for (size_t at = 34; at < n; at++)
			for (int value = 0; value < 256; value += value < 64 ? 1 : 37) {
				uint8_t kept = in[at], *out;

				in[at] = (uint8_t)value;
				out = sanitize(messages[i].type, in, n, (uint32_t)n);
				CU_ASSERT_FALSE(identifies(out, n));
				in[at] = kept;
				free(out);
			}
		for (size_t cut = 0; cut <= n; cut++) {
			uint8_t *part = malloc(cut ? cut : 1), *out;

			CU_ASSERT_PTR_NOT_NULL_FATAL(part);
			memcpy(part, in, cut);
			out = sanitize(messages[i].type, part, cut, (uint32_t)n);
			CU_ASSERT_FALSE(identifies(out, cut));
			free(part);
			free(out);
		}
		free(in);
	}
	free_rules();
}

const struct unit_test unit_tests[] = {
	{"a ClientHello offers the same, and nothing of whose it is", client_hellos},
	{"a ServerHello chooses the same, and warns of a downgrade", server_hellos},
	{"randoms and session IDs are the same where they were", same_session},
	{"an SSLv2-compatible ClientHello", old_hello},
	{"a damaged message carries nothing along", damaged},
	{NULL, NULL},
};
