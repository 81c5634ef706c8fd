/* handshake_test.c: hello and Certificate messages, whole, cut at every length, and broken one rule at a time. */
#include "analyzer/handshake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

struct bytes {
	uint8_t *at;
	size_t length;
};

/* Hexadecimal text with spaces. The result is as long as the message and no longer, so that a sanitizer sees
 * overreads. */
static struct bytes unhex(const char *text)
{
	struct bytes b = {.at = malloc(strlen(text) / 2 + 1)};
	unsigned value;
	int n;

	while (b.at && sscanf(text, " %2x%n", &value, &n) == 1) {
		b.at[b.length++] = (uint8_t)value;
		text += n;
	}
	b.at = realloc(b.at, b.length ? b.length : 1);
	return b;
}

static struct bytes copy_of(const uint8_t *at, size_t length)
{
	struct bytes b = {.at = malloc(length ? length : 1), .length = length};

	if (length)
		memcpy(b.at, at, length);
	return b;
}

#define RANDOM "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f"

/* A browser's ClientHello:
 *   legacy_version TLS 1.2, session id of 4 bytes
 *   cipher suites GREASE, 0x1301, 0xc02f, TLS_FALLBACK_SCSV; compression null
 *   GREASE extension
 *   server_name "a.example"
 *   status_request
 *   supported_groups GREASE, X25519MLKEM768, x25519
 *   signature_algorithms 0x0403, 0x0804
 *   ALPN GREASE, h2, http/1.1
 *   extended_master_secret, session_ticket (empty)
 *   key_share GREASE (1 byte), x25519 (4 bytes, shortened)
 *   supported_versions GREASE, TLS 1.3, TLS 1.2
 *   early_data, post_handshake_auth, encrypted_client_hello, pre_shared_key (contents not looked at)
 */
static const char client_hello_hex[] = "0303" RANDOM "04 a1a2a3a4"
				       "0008 3a3a 1301 c02f 5600"
				       "01 00"
				       "0085"
				       "2a2a 0001 00"
				       "0000 000e 000c 00 0009 612e6578616d706c65"
				       "0005 0005 01 0000 0000"
				       "000a 0008 0006 1a1a 11ec 001d"
				       "000d 0006 0004 0403 0804"
				       "0010 0011 000f 02 4a4a 02 6832 08 687474702f312e31"
				       "0017 0000"
				       "0023 0000"
				       "0033 000f 000d 1a1a 0001 00 001d 0004 01020304"
				       "002b 0007 06 8a8a 0304 0303"
				       "002a 0000"
				       "0031 0000"
				       "fe0d 0002 0001"
				       "0029 0002 0000";

static enum parse_result parse_client(struct bytes b, size_t length, struct client_hello *h, const char **why)
{
	return client_hello_parse(cursor_over(b.at, b.length), (uint32_t)length, h, why);
}

static enum parse_result parse_client_hex(const char *hex, struct client_hello *h, const char **why)
{
	struct bytes b = unhex(hex);
	enum parse_result result = parse_client(b, b.length, h, why);

	free(b.at);
	return result;
}

static void test_client_hello(void)
{
	struct client_hello h;
	const char *why;

	CU_ASSERT_EQUAL(parse_client_hex(client_hello_hex, &h, &why), PARSE_OK);
	CU_ASSERT_PTR_NULL(why);
	CU_ASSERT_TRUE(h.complete);
	CU_ASSERT_FALSE(h.sslv2);
	CU_ASSERT_EQUAL(h.legacy_version, TLS_1_2);
	CU_ASSERT(h.random[0] == 0 && h.random[31] == 0x1f);
	CU_ASSERT(h.session_id_length == 4 && h.session_id[3] == 0xa4);
	CU_ASSERT(h.cipher_count == 3 && h.cipher_total == 3);
	CU_ASSERT(h.ciphers[0] == 0x1301 && h.ciphers[1] == 0xc02f && h.ciphers[2] == 0x5600);
	CU_ASSERT(h.offers_fallback_scsv && !h.offers_renegotiation_scsv);
	CU_ASSERT_TRUE(h.has_extensions);
	CU_ASSERT_TRUE(h.has_server_name);
	CU_ASSERT_STRING_EQUAL(h.server_name, "a.example");
	CU_ASSERT_STRING_EQUAL(h.alpn, "h2,http/1.1");
	CU_ASSERT(h.group_count == 2 && h.groups[0] == 4588 && h.groups[1] == 29);
	CU_ASSERT(h.signature_count == 2 && h.signatures[0] == 0x0403 && h.signatures[1] == 0x0804);
	CU_ASSERT(h.has_key_share && h.key_share_count == 1 && h.key_shares[0] == 29);
	CU_ASSERT(h.has_supported_versions && h.version_count == 2);
	CU_ASSERT(h.versions[0] == TLS_1_3 && h.versions[1] == TLS_1_2);
	CU_ASSERT_FALSE(h.has_session_ticket);
	CU_ASSERT(h.has_early_data && h.has_pre_shared_key && h.has_encrypted_client_hello);
	CU_ASSERT(h.has_post_handshake_auth && h.has_status_request && h.has_extended_master_secret);
}

static void test_client_hello_cut(void)
{
	struct bytes whole = unhex(client_hello_hex);
	struct client_hello h, before = {0};
	const char *why;

	for (size_t n = 0; n < whole.length; n++) {
		struct bytes b = copy_of(whole.at, n);

		CU_ASSERT_EQUAL(parse_client(b, whole.length, &h, &why), PARSE_NEED_MORE);
		CU_ASSERT_PTR_NULL(why);
		CU_ASSERT_FALSE(h.complete);
		CU_ASSERT(h.cipher_count >= before.cipher_count && h.group_count >= before.group_count);
		CU_ASSERT(h.key_share_count >= before.key_share_count && h.version_count >= before.version_count);
		CU_ASSERT(h.has_server_name >= before.has_server_name);
		CU_ASSERT(!h.has_server_name || !strcmp(h.server_name, "a.example"));
		before = h;
		free(b.at);
	}
	/* The last cut is inside pre_shared_key: everything before it was read. */
	CU_ASSERT(before.version_count == 2 && before.has_encrypted_client_hello);
	free(whole.at);
}

static void test_client_hello_claims_less(void)
{
	struct bytes whole = unhex(client_hello_hex);
	struct client_hello h;
	const char *why;

	for (size_t n = 0; n < whole.length; n++) {
		/* 51 bytes up to the compression methods are a whole message of the time before extensions. */
		bool without_extensions = n == 51;

		CU_ASSERT_EQUAL(parse_client(whole, n, &h, &why), without_extensions ? PARSE_OK : PARSE_MALFORMED);
		CU_ASSERT(without_extensions || (why && *why));
	}
	CU_ASSERT_EQUAL(parse_client(whole, whole.length - 1, &h, &why), PARSE_MALFORMED);
	CU_ASSERT_STRING_EQUAL(why, "length of the extensions");
	free(whole.at);
}

static void test_client_hello_flipped(void)
{
	struct bytes b = unhex(client_hello_hex);
	struct client_hello h;
	const char *why;

	for (size_t i = 0; i < b.length; i++) {
		uint8_t kept = b.at[i];

		for (unsigned value = 0; value < 256; value++) {
			enum parse_result result;

			b.at[i] = (uint8_t)value;
			result = parse_client(b, b.length, &h, &why);
			/* Nothing is missing, so it is right or wrong, and wrong has a reason. */
			CU_ASSERT(result == PARSE_OK || result == PARSE_MALFORMED);
			CU_ASSERT((why != NULL) == (result == PARSE_MALFORMED));
			CU_ASSERT(h.complete == (result == PARSE_OK));
		}
		b.at[i] = kept;
	}
	free(b.at);
}

#define HEAD "0303" RANDOM "00 0002 1301 01 00"

struct broken {
	const char *hex, *why;
};

static const struct broken broken_client_hellos[] = {
	{"03", "ClientHello without a version"},
	{"0303 00", "ClientHello without a random"},
	{"0303" RANDOM "21 00", "length of the session id"},
	{"0303" RANDOM "21" RANDOM "00 0002 1301 01 00", "session id longer than 32 bytes"},
	{"0303" RANDOM "00 0000 01 00", "list of cipher suites"},
	{"0303" RANDOM "00 0003 130100 01 00", "list of cipher suites"},
	{"0303" RANDOM "00 0004 1301", "length of the cipher suites"},
	{"0303" RANDOM "00 0002 1301 00", "no compression method"},
	{"0303" RANDOM "00 0002 1301 02 00", "length of the compression methods"},
	{HEAD "00", "length of the extensions"},
	{HEAD "0001 0000", "bytes after the extensions"},
	{HEAD "0002 0000", "extension longer than the extensions"},
	{HEAD "0003 000000", "extension longer than the extensions"},
	{HEAD "0001 00", "extension cut by the length of the extensions"},
	{HEAD "0008 0017 0000 0017 0000", "extension sent twice"},
	{HEAD "0004 0000 0000", "extension server_name"},
	{HEAD "0006 0000 0002 0000", "extension server_name"},
	{HEAD "000b 0000 0007 0004 00 0002 6161", "extension server_name"},
	{HEAD "0004 0010 0000", "extension application_layer_protocol_negotiation"},
	{HEAD "0007 0010 0003 0001 00", "extension application_layer_protocol_negotiation"},
	{HEAD "0007 000a 0003 0001 00", "extension supported_groups"},
	{HEAD "0006 000a 0002 0000", "extension supported_groups"},
	{HEAD "0008 000d 0004 0003 0403", "extension signature_algorithms"},
	{HEAD "0007 002b 0003 03 0304", "extension supported_versions"},
	{HEAD "000a 0033 0006 0004 001d 0000", "extension key_share"},
	{HEAD "000a 0033 0006 0004 001d 0001", "extension key_share"},
};

static void test_client_hello_broken(void)
{
	struct client_hello h;
	const char *why;

	for (size_t i = 0; i < sizeof(broken_client_hellos) / sizeof(broken_client_hellos[0]); i++) {
		CU_ASSERT_EQUAL(parse_client_hex(broken_client_hellos[i].hex, &h, &why), PARSE_MALFORMED);
		CU_ASSERT_PTR_NOT_NULL_FATAL(why);
		CU_ASSERT_STRING_EQUAL(why, broken_client_hellos[i].why);
		CU_ASSERT_FALSE(h.complete);
	}
	/* What comes after a malformed extension is read all the same. */
	CU_ASSERT_EQUAL(parse_client_hex(HEAD "000f 000a 0003 000100 002b 0003 02 0304 0000", &h, &why),
			PARSE_MALFORMED);
	CU_ASSERT(h.version_count == 1 && h.versions[0] == TLS_1_3);
}

static void test_client_hello_old(void)
{
	struct client_hello h;
	const char *why;

	/* SSL 3.0: RC4 and the renegotiation SCSV, no extensions. */
	CU_ASSERT_EQUAL(parse_client_hex("0300" RANDOM "00 0004 0005 00ff 01 00", &h, &why), PARSE_OK);
	CU_ASSERT_EQUAL(h.legacy_version, SSL_3_0);
	CU_ASSERT_FALSE(h.has_extensions);
	CU_ASSERT_FALSE(h.has_server_name);
	CU_ASSERT_TRUE(h.offers_renegotiation_scsv);
	CU_ASSERT_EQUAL(h.version_count, 0);
	/* A resumption with a ticket. */
	CU_ASSERT_EQUAL(parse_client_hex(HEAD "0006 0023 0002 abcd", &h, &why), PARSE_OK);
	CU_ASSERT_TRUE(h.has_session_ticket);
}

static void test_key_share_of_drafts(void)
{
	struct client_hello h;
	const char *why;

	/* Draft 18, as Chrome 56 sent it: key_share has number 40. */
	CU_ASSERT_EQUAL(parse_client_hex(HEAD "0013 0028 0008 0006 001d 0002 0102 002b 0003 02 7f12", &h, &why),
			PARSE_OK);
	CU_ASSERT(h.has_key_share && h.key_share_count == 1 && h.key_shares[0] == 29);
	CU_ASSERT(h.version_count == 1 && h.versions[0] == 0x7f12);
	/* RSA BSAFE's extended_random under the same number is no key share, and no error. */
	CU_ASSERT_EQUAL(parse_client_hex(HEAD "000a 0028 0006 0004 deadbeef", &h, &why), PARSE_OK);
	CU_ASSERT(!h.has_key_share && h.key_share_count == 0);
	/* Nor does it replace the real ones. */
	CU_ASSERT_EQUAL(parse_client_hex(HEAD "0016 0033 0008 0006 001d 0002 0102 0028 0006 0004 deadbeef", &h, &why),
			PARSE_OK);
	CU_ASSERT(h.has_key_share && h.key_share_count == 1 && h.key_shares[0] == 29);
}

static void test_names_are_printable(void)
{
	struct client_hello h;
	const char *why;

	CU_ASSERT_EQUAL(parse_client_hex(HEAD "000f 0000 000b 0009 00 0006 61 00 0a ff 7f 62", &h, &why), PARSE_OK);
	CU_ASSERT_STRING_EQUAL(h.server_name, "a\\x00\\x0A\\xFF\\x7Fb");
}

static void put16(struct bytes *b, size_t value)
{
	b->at[b->length++] = (uint8_t)(value >> 8);
	b->at[b->length++] = (uint8_t)value;
}

/* A hello as large as lists can be: 32767 cipher suites, a name of 300 bytes, 100 protocols of 9 bytes, 500 groups. */
static void test_client_hello_limits(void)
{
	struct bytes b = unhex("0303" RANDOM "00");
	struct client_hello h;
	const char *why;

	b.at = realloc(b.at, 80000);
	put16(&b, 65534);
	for (size_t i = 0; i < 32767; i++)
		put16(&b, 0xc000);
	put16(&b, 0x0100); /* one compression method: null */
	put16(&b, 4 + 305 + 4 + 1002 + 4 + 1002);
	put16(&b, 0);
	put16(&b, 305);
	put16(&b, 303);
	b.at[b.length++] = 0;
	put16(&b, 300);
	memset(b.at + b.length, 'n', 300);
	b.length += 300;
	put16(&b, 16);
	put16(&b, 1002);
	put16(&b, 1000);
	for (size_t i = 0; i < 100; i++) {
		memcpy(b.at + b.length, "\x09protocol9", 10);
		b.length += 10;
	}
	put16(&b, 10);
	put16(&b, 1002);
	put16(&b, 1000);
	for (size_t i = 0; i < 500; i++)
		put16(&b, 23);

	CU_ASSERT_EQUAL(parse_client(b, b.length, &h, &why), PARSE_OK);
	CU_ASSERT_EQUAL(h.cipher_count, HELLO_CIPHERS_MAX);
	CU_ASSERT_EQUAL(h.cipher_total, 32767);
	CU_ASSERT_EQUAL(strlen(h.server_name), HELLO_NAME_MAX - 1);
	CU_ASSERT_EQUAL(strlen(h.alpn), 25 * 10 - 1); /* whole names only */
	CU_ASSERT_EQUAL(h.group_count, HELLO_LIST_MAX);
	free(b.at);
}

/* An SSLv2-compatible ClientHello for TLS 1.0, as OpenSSL 0.9.8 and Java 6 sent it:
 *   record of 49 bytes, CLIENT-HELLO, version 3.1, 18 bytes of ciphers, no session id, challenge of 16 bytes
 *   ciphers 0x00002f, 0x000005, SSL_CK_RC4_128 (0x010080), 0x00000a, SSL_CK_DES_192 (0x0700c0), 0x0000ff
 */
static const char sslv2_hex[] = "802b 01 0301 0012 0000 0010"
				"00002f 000005 010080 00000a 0700c0 0000ff"
				"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf";

static void test_sslv2(void)
{
	struct bytes b = unhex(sslv2_hex);
	struct client_hello h;
	const char *why;

	CU_ASSERT_EQUAL(client_hello_parse_sslv2(cursor_over(b.at, b.length), (uint32_t)b.length, &h, &why), PARSE_OK);
	CU_ASSERT(h.sslv2 && h.complete);
	CU_ASSERT_EQUAL(h.legacy_version, TLS_1_0);
	CU_ASSERT(h.cipher_count == 4 && h.cipher_total == 4);
	CU_ASSERT(h.ciphers[0] == 0x002f && h.ciphers[2] == 0x000a && h.ciphers[3] == 0x00ff);
	CU_ASSERT_TRUE(h.offers_renegotiation_scsv);
	CU_ASSERT(h.random[15] == 0 && h.random[16] == 0xc0 && h.random[31] == 0xcf);
	for (size_t n = 0; n < b.length; n++) {
		struct bytes cut = copy_of(b.at, n);

		CU_ASSERT_EQUAL(client_hello_parse_sslv2(cursor_over(cut.at, n), (uint32_t)b.length, &h, &why),
				PARSE_NEED_MORE);
		CU_ASSERT_EQUAL(client_hello_parse_sslv2(cursor_over(cut.at, n), (uint32_t)n, &h, &why),
				PARSE_MALFORMED);
		free(cut.at);
	}
	free(b.at);
}

static void test_sslv2_broken(void)
{
	static const char *const hex[] = {
		"802b 02 0301 0012 0000 0010" RANDOM RANDOM, /* another message */
		"800c 01 0301 0002 0000 0010 0000", /* ciphers of 2 bytes */
		"801c 01 0301 0003 0000 0010 00002f c0c1c2c3c4c5c6c7c8c9cacbcccdcecf 00 00 00", /* length */
		"8012 01 0301 0003 0000 0004 00002f c0c1c2c3 00000000", /* a short challenge */
		"801d 01 0301 0003 0000 0010 00002f c0c1c2c3c4c5c6c7c8c9cacbcccdcecf 00", /* a byte too many */
	};
	struct client_hello h;
	const char *why;

	for (size_t i = 0; i < sizeof(hex) / sizeof(hex[0]); i++) {
		struct bytes b = unhex(hex[i]);

		CU_ASSERT_EQUAL(client_hello_parse_sslv2(cursor_over(b.at, b.length), (uint32_t)b.length, &h, &why),
				PARSE_MALFORMED);
		CU_ASSERT_PTR_NOT_NULL(why);
		free(b.at);
	}
}

/* TLS 1.2: session id of 1 byte, 0xc02f; renegotiation_info, server_name, session_ticket, status_request, ALPN h2,
 * extended_master_secret. The random ends in the sentinel for TLS 1.2. */
static const char server_hello_12[] =
	"0303 00112233445566778899aabbccddeeff 0011223344556677 444f574e47524401"
	"01 ab c02f 00"
	"001e ff01 0001 00 0000 0000 0023 0000 0005 0000 0010 0005 0003 02 6832 0017 0000";
/* TLS 1.3: session id echoed, 0x1301; supported_versions, key_share x25519, pre_shared_key 0. */
static const char server_hello_13[] = "0303" RANDOM "04 a1a2a3a4 1301 00"
				      "0018 002b 0002 0304 0033 0008 001d 0004 01020304 0029 0002 0000";
/* HelloRetryRequest for secp256r1 with a cookie. */
static const char retry_13[] = "0303 cf21ad74e59a6111be1d8c021e65b891 c2a211167abb8c5e079e09e2c8a8339c"
			       "00 1301 00 0014 002b 0002 0304 0033 0002 0017 002c 0004 0002 abcd";
/* Draft 18: no session id, no compression, key_share under number 40. */
static const char server_hello_draft18[] = "7f12" RANDOM "1301 000a 0028 0006 001d 0002 0102";
/* Draft 18's and draft 21's own HelloRetryRequest message; the later one names the cipher suite. */
static const char retry_draft18[] = "7f12 0006 0028 0002 0017";
static const char retry_draft21[] = "7f15 1301 0006 0028 0002 0018";
/* Draft 23 as Facebook numbered it. */
static const char server_hello_fb[] = "0303" RANDOM "00 1301 00 0012 002b 0002 fb17 0033 0008 001d 0004 01020304";

static enum parse_result parse_server(enum handshake_type type, const char *hex, struct server_hello *h)
{
	struct bytes b = unhex(hex);
	enum parse_result result;
	const char *why;

	for (size_t n = 0; n < b.length; n++) {
		struct bytes cut = copy_of(b.at, n);

		CU_ASSERT_EQUAL(server_hello_parse(type, cursor_over(cut.at, n), (uint32_t)b.length, h, &why),
				PARSE_NEED_MORE);
		CU_ASSERT_FALSE(h->complete);
		free(cut.at);
	}
	result = server_hello_parse(type, cursor_over(b.at, b.length), (uint32_t)b.length, h, &why);
	CU_ASSERT((why != NULL) == (result == PARSE_MALFORMED));
	free(b.at);
	return result;
}

static void test_server_hello(void)
{
	struct server_hello h;

	CU_ASSERT_EQUAL(parse_server(HS_SERVER_HELLO, server_hello_12, &h), PARSE_OK);
	CU_ASSERT(h.complete && !h.is_retry && h.version == TLS_1_2 && h.cipher == 0xc02f && h.compression == 0);
	CU_ASSERT(h.session_id_length == 1 && h.session_id[0] == 0xab);
	CU_ASSERT(h.has_renegotiation_info && h.has_session_ticket && h.has_status_request);
	CU_ASSERT(h.has_extended_master_secret && !h.has_pre_shared_key && !h.has_key_share);
	CU_ASSERT_STRING_EQUAL(h.alpn, "h2");
	CU_ASSERT_EQUAL(h.downgrade, DOWNGRADE_TO_TLS12);

	CU_ASSERT_EQUAL(parse_server(HS_SERVER_HELLO, server_hello_13, &h), PARSE_OK);
	CU_ASSERT(h.legacy_version == TLS_1_2 && h.version == TLS_1_3 && h.cipher == 0x1301 && !h.is_retry);
	CU_ASSERT(h.has_key_share && h.key_share_group == 29 && h.has_pre_shared_key);
	CU_ASSERT_EQUAL(h.downgrade, DOWNGRADE_NONE);

	/* An SSL 3.0 server: no extensions; the sentinel for TLS 1.1 and older. */
	CU_ASSERT_EQUAL(parse_server(HS_SERVER_HELLO,
				     "0300 00112233445566778899aabbccddeeff 0011223344556677 444f574e47524400"
				     "00 0005 00",
				     &h),
			PARSE_OK);
	CU_ASSERT(h.version == SSL_3_0 && h.cipher == 5 && h.downgrade == DOWNGRADE_TO_TLS11);
}

static void test_retry_and_drafts(void)
{
	struct server_hello h;

	CU_ASSERT_EQUAL(parse_server(HS_SERVER_HELLO, retry_13, &h), PARSE_OK);
	CU_ASSERT(h.is_retry && h.version == TLS_1_3 && h.has_key_share && h.key_share_group == 23);
	CU_ASSERT_EQUAL(parse_server(HS_SERVER_HELLO, server_hello_draft18, &h), PARSE_OK);
	CU_ASSERT(!h.is_retry && h.version == 0x7f12 && h.cipher == 0x1301 && h.key_share_group == 29);
	CU_ASSERT_EQUAL(parse_server(HS_HELLO_RETRY_REQUEST_DRAFT, retry_draft18, &h), PARSE_OK);
	CU_ASSERT(h.is_retry && h.version == 0x7f12 && h.key_share_group == 23 && h.cipher == 0);
	CU_ASSERT_EQUAL(parse_server(HS_HELLO_RETRY_REQUEST_DRAFT, retry_draft21, &h), PARSE_OK);
	CU_ASSERT(h.is_retry && h.version == 0x7f15 && h.key_share_group == 24 && h.cipher == 0x1301);
	CU_ASSERT_EQUAL(parse_server(HS_SERVER_HELLO, server_hello_fb, &h), PARSE_OK);
	CU_ASSERT(h.version == 0xfb17 && version_is_tls13(h.version) && h.key_share_group == 29);
}

static void test_server_hello_broken(void)
{
	static const struct broken rows[] = {
		{"03", "ServerHello without a version"},
		{"0303 00", "ServerHello without a random"},
		{"0303" RANDOM "21" RANDOM "00 1301 00", "session id longer than 32 bytes"},
		{"0303" RANDOM "00 13", "ServerHello without a cipher suite"},
		{"0303" RANDOM "00 1301", "ServerHello without a compression method"},
		{"0303" RANDOM "00 1301 00 00", "length of the extensions"},
		{"0303" RANDOM "00 1301 00 0000 00", "bytes after the extensions"},
		{"0303" RANDOM "00 1301 00 0007 002b 0003 030400", "extension supported_versions"},
		{"0303" RANDOM "00 1301 00 0008 0033 0004 001d 0001", "extension key_share"},
	};
	struct server_hello h;
	const char *why;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes b = unhex(rows[i].hex);

		CU_ASSERT_EQUAL(
			server_hello_parse(HS_SERVER_HELLO, cursor_over(b.at, b.length), (uint32_t)b.length, &h, &why),
			PARSE_MALFORMED);
		CU_ASSERT_PTR_NOT_NULL_FATAL(why);
		CU_ASSERT_STRING_EQUAL(why, rows[i].why);
		free(b.at);
	}
	/* extended_random again, from a BSAFE server */
	CU_ASSERT_EQUAL(parse_server(HS_SERVER_HELLO, "0303" RANDOM "00 002f 00 000a 0028 0006 0004 deadbeef", &h),
			PARSE_OK);
	CU_ASSERT_FALSE(h.has_key_share);
}

/* Two certificates, of 3 and 2 bytes. In TLS 1.3 behind an empty context, the first with an extension. */
static const char certificate_12[] = "00000b 000003 300101 000002 3000";
static const char certificate_13[] = "00 000014 000003 300101 0005 0005 0001 ff 000002 3000 0000";

static void check_certificates(bool tls13, const char *hex)
{
	struct bytes b = unhex(hex);
	struct certificate_list list;
	const char *why;

	CU_ASSERT_EQUAL(certificate_parse(tls13, cursor_over(b.at, b.length), (uint32_t)b.length, &list, &why),
			PARSE_OK);
	CU_ASSERT_EQUAL(list.count, 2);
	CU_ASSERT(list.der[0].left == 3 && !memcmp(list.der[0].at, "\x30\x01\x01", 3));
	CU_ASSERT(list.der[1].left == 2 && !memcmp(list.der[1].at, "\x30\x00", 2));
	for (size_t n = 0; n < b.length; n++) {
		struct bytes cut = copy_of(b.at, n);

		CU_ASSERT_EQUAL(certificate_parse(tls13, cursor_over(cut.at, n), (uint32_t)b.length, &list, &why),
				PARSE_NEED_MORE);
		CU_ASSERT_EQUAL(list.count, n < (tls13 ? 10 : 9) ? 0 : n < b.length - (tls13 ? 2 : 0) ? 1 : 2);
		CU_ASSERT_EQUAL(certificate_parse(tls13, cursor_over(cut.at, n), (uint32_t)n, &list, &why),
				PARSE_MALFORMED);
		CU_ASSERT_PTR_NOT_NULL(why);
		free(cut.at);
	}
	free(b.at);
}

static void test_certificates(void)
{
	struct certificate_list list;
	uint8_t many[3 + 20 * 4] = {0, 0, 20 * 4};
	const char *why;

	check_certificates(false, certificate_12);
	check_certificates(true, certificate_13);
	/* A client without a certificate. */
	CU_ASSERT_EQUAL(certificate_parse(false, cursor_over("\0\0\0", 3), 3, &list, &why), PARSE_OK);
	CU_ASSERT_EQUAL(list.count, 0);
	CU_ASSERT_EQUAL(certificate_parse(true, cursor_over("\0\0\0\0", 4), 4, &list, &why), PARSE_OK);
	/* More than are kept. */
	for (size_t i = 0; i < 20; i++)
		memcpy(many + 3 + i * 4, "\0\0\1\x30", 4);
	CU_ASSERT_EQUAL(certificate_parse(false, cursor_over(many, sizeof(many)), sizeof(many), &list, &why), PARSE_OK);
	CU_ASSERT_EQUAL(list.count, CERTIFICATES_MAX);
	/* An empty certificate is none. */
	CU_ASSERT_EQUAL(certificate_parse(false, cursor_over("\0\0\3\0\0\0", 6), 6, &list, &why), PARSE_MALFORMED);
	CU_ASSERT_STRING_EQUAL(why, "empty certificate");
}

const struct unit_test unit_tests[] = {
	{"a ClientHello yields every fact, GREASE left out", test_client_hello},
	{"a ClientHello cut at every length needs more and keeps what was there", test_client_hello_cut},
	{"a ClientHello that claims less than it holds is malformed", test_client_hello_claims_less},
	{"a ClientHello with any byte changed is right or has a reason", test_client_hello_flipped},
	{"each broken rule of a ClientHello is named", test_client_hello_broken},
	{"ClientHellos without extensions are well-formed", test_client_hello_old},
	{"extension 40 is the drafts' key_share or somebody else's", test_key_share_of_drafts},
	{"names are shown in printable ASCII", test_names_are_printable},
	{"lists beyond their limits are counted and cut", test_client_hello_limits},
	{"an SSLv2-style ClientHello is read whole and cut at every length", test_sslv2},
	{"each broken rule of an SSLv2-style ClientHello is found", test_sslv2_broken},
	{"a ServerHello yields every fact, whole and cut", test_server_hello},
	{"HelloRetryRequest and the drafts' layouts are read", test_retry_and_drafts},
	{"each broken rule of a ServerHello is named", test_server_hello_broken},
	{"certificates are found where they lie", test_certificates},
	{NULL, NULL},
};
