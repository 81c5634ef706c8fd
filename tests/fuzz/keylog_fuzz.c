/* keylog_fuzz.c: libFuzzer target for key logs, and for the keys and records that follow from them.
 *
 * The input is a byte for the store's bound, one for the length of the pieces in which the text is fed, then the text.
 * Cut into pieces it must say what it says whole. The text is then taken for a record, under a suite and secrets of its
 * own.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -I. -o keylog_fuzz tests/fuzz/keylog_fuzz.c \
 *         analyzer/{keylog,decrypt,handshake,iana,iana_tables,printable}.c -lcrypto
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/decrypt.h"
#include "analyzer/keylog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(), which a build may switch off. */
static void require(bool holds)
{
	if (!holds)
		abort();
}

static struct keylog *fed(const uint8_t *text, size_t length, size_t sessions, size_t piece)
{
	struct keylog *k = keylog_new(sessions);

	for (size_t at = 0; at < length; at += piece)
		keylog_feed(k, text + at, length - at < piece ? length - at : piece);
	keylog_end(k);
	return k;
}

static void check_store(const uint8_t *text, size_t length, size_t sessions, size_t piece)
{
	struct keylog *whole = fed(text, length, sessions, length ? length : 1);
	struct keylog *cut = fed(text, length, sessions, piece);
	struct keylog_counts a, b;
	uint8_t random[KEYLOG_RANDOM_SIZE] = {0};
	const struct keylog_session *s;

	keylog_counts(whole, &a);
	keylog_counts(cut, &b);
	require(!memcmp(&a, &b, sizeof(a)));
	/* One label, a random and a secret of 32 bytes are the least that is taken. */
	require(a.secrets * (14 + 64 + 64) <= length);
	memcpy(random, text, length < sizeof(random) ? length : sizeof(random));
	s = keylog_find(whole, random);
	require((s != NULL) == (keylog_find(cut, random) != NULL));
	for (int i = 0; s && i < KEYLOG_LABELS; i++)
		require(s->secrets[i].length <= KEYLOG_SECRET_MAX);
	keylog_free(whole);
	keylog_free(cut);
}

/* Ten suites of all kinds; the record is hardly ever authentic, so that reading it must change nothing. */
static void check_record(const uint8_t *bytes, size_t length, uint8_t choice)
{
	static const struct {
		uint16_t version, cipher;
	} suites[] = {{0x0304, 0x1301}, {0x0304, 0x1304}, {0x7f12, 0x1303}, {0x0303, 0xc02f}, {0x0303, 0xcca8},
		      {0x0303, 0xc0a2}, {0x0303, 0xc013}, {0x0301, 0x002f}, {0x0302, 0x000a}, {0x0303, 0x003b}};
	const size_t i = choice % (sizeof(suites) / sizeof(suites[0]));
	static const uint8_t secret[48] = {1}, random[32] = {2};
	const struct record_secrets secrets = {
		.version = suites[i].version,
		.cipher = suites[i].cipher,
		.from_server = choice & 0x40,
		.encrypt_then_mac = choice & 0x80,
		.secret = secret,
		.secret_length = suites[i].version == 0x0304 || suites[i].version == 0x7f12 ? 32 : 48,
		.client_random = random,
		.server_random = random,
	};
	struct record_cipher *c = record_cipher_new(&secrets);
	uint8_t *out = malloc(length ? length : 1), inner;
	size_t n = 0;

	require(c && out);
	if (record_decrypt(c, 23, 0x0303, bytes, length, out, &n, &inner))
		require(n <= length);
	record_cipher_free(c);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	check_store(data + 2, size - 2, data[0] % 8, 1 + data[1] % 64);
	check_record(data + 2, size - 2, data[0]);
	return 0;
}
