/* keylog_test.c: the same text whole, byte by byte and cut everywhere; bad lines; the bound. */
#include "analyzer/keylog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define R "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define Q "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define S32 "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define S48 S32 "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"

static const uint8_t first_random[32] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
					 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
					 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

/* Four secrets of two sessions, two labels without use, two bad lines, a CR, and a last line without newline. */
static const char text[] = "# a comment\n"
			   "\n"
			   "CLIENT_HANDSHAKE_TRAFFIC_SECRET " R " " S32 "\n"
			   "SERVER_HANDSHAKE_TRAFFIC_SECRET " R " " S48 "\r\n"
			   "EXPORTER_SECRET " R " " S32 "\n"
			   "RSA 0123456789abcdef " S48 "\n"
			   "CLIENT_RANDOM " Q " " S48 "\n"
			   "CLIENT_RANDOM " Q " " S48 "00\n"
			   "no label\n"
			   "SERVER_TRAFFIC_SECRET_0 " R " " S32;

static void check_text(const struct keylog *k)
{
	const struct keylog_session *s = keylog_find(k, first_random);
	struct keylog_counts counts;
	uint8_t second_random[32];

	keylog_counts(k, &counts);
	CU_ASSERT(counts.secrets == 4 && counts.ignored == 2 && counts.malformed == 2);
	CU_ASSERT_EQUAL(counts.sessions_given_up, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL(s->secrets[KEYLOG_CLIENT_HANDSHAKE].length, 32);
	CU_ASSERT_EQUAL(s->secrets[KEYLOG_CLIENT_HANDSHAKE].bytes[31], 0xbf);
	CU_ASSERT_EQUAL(s->secrets[KEYLOG_SERVER_HANDSHAKE].length, 48);
	CU_ASSERT_EQUAL(s->secrets[KEYLOG_SERVER_HANDSHAKE].bytes[47], 0xcf);
	CU_ASSERT_EQUAL(s->secrets[KEYLOG_SERVER_APPLICATION].length, 32);
	CU_ASSERT_EQUAL(s->secrets[KEYLOG_CLIENT_APPLICATION].length, 0);
	CU_ASSERT_EQUAL(s->secrets[KEYLOG_MASTER_SECRET].length, 0);
	memcpy(second_random, first_random, sizeof(second_random));
	second_random[0] = 0xff;
	s = keylog_find(k, second_random);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL(s->secrets[KEYLOG_MASTER_SECRET].length, 48);
	second_random[0] = 0xfe;
	CU_ASSERT_PTR_NULL(keylog_find(k, second_random));
}

static void test_pieces(void)
{
	size_t length = strlen(text);
	struct keylog *k;

	for (size_t cut = 0; cut <= length; cut++) {
		k = keylog_new(8);
		keylog_feed(k, text, cut);
		keylog_feed(k, text + cut, length - cut);
		keylog_end(k);
		check_text(k);
		keylog_free(k);
	}
	k = keylog_new(8);
	for (size_t i = 0; i < length; i++)
		keylog_feed(k, text + i, 1);
	keylog_end(k);
	check_text(k);
	keylog_free(k);
}

static void test_unfinished_line_waits(void)
{
	struct keylog *k = keylog_new(8);

	keylog_feed(k, "CLIENT_RANDOM " R " " S48, strlen("CLIENT_RANDOM " R " " S48));
	CU_ASSERT_PTR_NULL(keylog_find(k, first_random));
	keylog_feed(k, "\n", 1);
	CU_ASSERT_PTR_NOT_NULL(keylog_find(k, first_random));
	keylog_free(k);
}

static void test_malformed(void)
{
	static const char *const lines[] = {
		"CLIENT_RANDOM",
		"CLIENT_RANDOM " R,
		"CLIENT_RANDOM " R " ",
		"CLIENT_RANDOM " R " " S32, /* a master secret has 48 bytes */
		"CLIENT_RANDOM " R "00 " S48,
		"CLIENT_RANDOM  " R " " S48,
		"CLIENT_RANDOM " R "  " S48,
		"CLIENT_RANDOM " R " " S48 " " S48,
		"CLIENT_RANDOM\t" R " " S48,
		"CLIENT_TRAFFIC_SECRET_0 " R " a0",
		"CLIENT_TRAFFIC_SECRET_0 " R " " S48 S48,
		"SERVER_TRAFFIC_SECRET_0 0" R " " S32 "0",
		"SERVER_TRAFFIC_SECRET_0 g" Q " " S32,
		"client_random " R " " S48,
		" CLIENT_RANDOM " R " " S48,
		"\xff\xfe",
	};
	struct keylog *k = keylog_new(8);
	struct keylog_counts counts;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		keylog_feed(k, lines[i], strlen(lines[i]));
		keylog_feed(k, "\n", 1);
		keylog_counts(k, &counts);
		CU_ASSERT_EQUAL(counts.malformed, i + 1);
	}
	CU_ASSERT_EQUAL(counts.secrets, 0);
	keylog_feed(k, "CLIENT_RANDOM\0 " R " " S48 "\n", strlen("CLIENT_RANDOM  " R " " S48 "\n"));
	keylog_counts(k, &counts);
	CU_ASSERT_EQUAL(counts.malformed, 1 + sizeof(lines) / sizeof(lines[0]));
	/* Good lines are taken after bad ones. */
	keylog_feed(k, text, strlen(text));
	CU_ASSERT_PTR_NOT_NULL(keylog_find(k, first_random));
	keylog_free(k);
}

static void test_long_lines(void)
{
	struct keylog *k = keylog_new(8);
	struct keylog_counts counts;

	for (unsigned i = 0; i < 100000; i++)
		keylog_feed(k, "CLIENT_RANDOM ", 14);
	keylog_feed(k, "\n#", 2);
	for (unsigned i = 0; i < 100000; i++)
		keylog_feed(k, "comment", 7);
	keylog_feed(k, "\nECH_CONFIG ", 12);
	for (unsigned i = 0; i < 100000; i++)
		keylog_feed(k, "00", 2);
	keylog_feed(k, "\n", 1);
	keylog_counts(k, &counts);
	CU_ASSERT(counts.malformed == 1 && counts.ignored == 1 && counts.secrets == 0);
	keylog_free(k);
}

static void feed_session(struct keylog *k, unsigned number)
{
	char line[300];

	snprintf(line, sizeof(line), "CLIENT_RANDOM %064x %s\n", number, S48);
	keylog_feed(k, line, strlen(line));
}

static bool has_session(const struct keylog *k, unsigned number)
{
	uint8_t random[32] = {0};

	random[29] = (uint8_t)(number >> 16);
	random[30] = (uint8_t)(number >> 8);
	random[31] = (uint8_t)number;
	return keylog_find(k, random);
}

static void test_bound(void)
{
	struct keylog *k = keylog_new(100);
	struct keylog_counts counts;

	for (unsigned i = 0; i < 1000; i++)
		feed_session(k, i);
	keylog_counts(k, &counts);
	CU_ASSERT(counts.secrets == 1000 && counts.sessions_given_up == 900);
	for (unsigned i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(has_session(k, i), i >= 900);
	/* A second secret of a known session takes no room. */
	feed_session(k, 950);
	CU_ASSERT_TRUE(has_session(k, 900));
	keylog_free(k);

	k = keylog_new(0);
	feed_session(k, 1);
	CU_ASSERT_FALSE(has_session(k, 1));
	keylog_free(k);
	keylog_free(NULL);
}

const struct unit_test unit_tests[] = {
	{"text gives the same secrets whole, byte by byte and cut anywhere", test_pieces},
	{"an unfinished line waits for its newline", test_unfinished_line_waits},
	{"lines that cannot be used are counted and passed over", test_malformed},
	{"lines without end are judged by their beginning", test_long_lines},
	{"the oldest session is given up when the store is full", test_bound},
	{NULL, NULL},
};
