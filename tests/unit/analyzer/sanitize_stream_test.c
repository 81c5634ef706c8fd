/* sanitize_stream_test.c: what the bytes of one direction become, however they are cut.
 *
 * In the rows the bytes that come and those that are to stay stand below each other; what is to be erased is 00 below.
 */
#include "analyzer/sanitize_stream.h"

#include <stdio.h>
#include <stdlib.h>

#include "hex.h"
#include "tests/unit/suite.h"

static const struct {
	const char *what, *in, *out;
	size_t hole_at, hole; /* bytes that the capture does not have */
} rows[] = {
	{"application data", "17 03 03 00 08 73 65 63 72 65 74 6c 79  17 03 03 00 02 61 62",
	 "17 03 03 00 08 00 00 00 00 00 00 00 00  17 03 03 00 02 00 00", 0, 0},
	{"messages of which nothing is known, two in a record and one in two",
	 "16 03 03 00 0b 0e 00 00 00 14 00 00 06 61 62 63  16 03 03 00 03 64 65 66",
	 "16 03 03 00 0b 0e 00 00 00 14 00 00 06 00 00 00  16 03 03 00 03 00 00 00", 0, 0},
	{"a message that never ends, and whose bytes are no headers",
	 "16 03 03 00 0a 0e 00 00 00 0c 00 20 00 61 62  14 03 03 00 01 01  16 03 03 00 04 71 72 73 74",
	 "16 03 03 00 0a 0e 00 00 00 0c 00 20 00 00 00  14 03 03 00 01 01  16 03 03 00 04 00 00 00 00", 0, 0},
	{"the beginning of a message's header, and no more", "16 03 03 00 06 0e 00 00 00 0b 00  15 03 03 00 02 02 28",
	 "16 03 03 00 06 0e 00 00 00 0b 00  15 03 03 00 02 02 28", 0, 0},
	{"what is encrypted behind ChangeCipherSpec",
	 "14 03 03 00 01 01  16 03 03 00 05 14 61 62 63 64  15 03 03 00 04 71 72 73 74",
	 "14 03 03 00 01 01  16 03 03 00 05 00 00 00 00 00  15 03 03 00 04 00 00 00 00", 0, 0},
	{"alerts in clear, one and two in a record", "15 03 01 00 02 02 46  15 03 01 00 04 01 00 02 28",
	 "15 03 01 00 02 02 46  15 03 01 00 04 01 00 02 28", 0, 0},
	{"a record that has only begun", "17 03 03 40 00 73 65 63", "17 03 03 40 00 00 00 00", 0, 0},
	{"a record's header that has only begun", "15 03 03 00 02 02 28  16 03 03", "15 03 03 00 02 02 28  16 03 03", 0,
	 0},
	{"what is no record", "16 03 03 ff ff 73 65 63 72 65 74", "16 03 03 ff ff 00 00 00 00 00 00", 0, 0},
	{"a hole within a record", "17 03 03 00 06 61 62 63 64 65 66  15 03 03 00 02 02 28",
	 "17 03 03 00 06 00 00 00 00 00 00  15 03 03 00 02 02 28", 7, 2},
	{"a hole over a header, and a record behind it",
	 "17 03 03 00 03 61 62 63  17 03 03 00 03 64 65 66  15 03 03 00 02 02 28",
	 "17 03 03 00 03 00 00 00  00 00 00 00 00 00 00 00  15 03 03 00 02 02 28", 8, 8},
};

/* Pieces of `size` bytes; those of the hole are told as missing. */
static void feed(struct sanitized_stream *s, const struct certificate_rules *rules, size_t row, const uint8_t *in,
		 size_t n, size_t size)
{
	size_t hole = rows[row].hole_at, end = hole + rows[row].hole;

	for (size_t at = 0; at < n;) {
		size_t length = n - at < size ? n - at : size;

		if (rows[row].hole && at == hole) {
			sanitized_stream_hole(s, rules, rows[row].hole);
			at = end;
			continue;
		}
		/* The framing is found again where a piece begins. */
		if (rows[row].hole && at < hole && at + length > hole)
			length = hole - at;
		else if (at == end && rows[row].hole)
			length = n - at;
		sanitized_stream_bytes(s, rules, TAP_TLS, at, in + at, length, NULL);
		at += length;
	}
	sanitized_stream_end(s, rules, NULL);
}

static void in_pieces(void)
{
	const struct certificate_rules rules = {.aliases = alias_table_new(), .keys = key_ring_new()};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n, same;
		uint8_t *in = hex_bytes(rows[i].in, &n), *expected = hex_bytes(rows[i].out, &same), out[64];

		CU_ASSERT_EQUAL_FATAL(n, same);
		for (size_t size = 1; size <= n; size++) {
			struct sanitized_stream s = {0};

			feed(&s, &rules, i, in, n, size);
			overlay_get(&s.overlay, 0, out, n);
			CU_ASSERT_EQUAL(memcmp(out, expected, n), 0);
			if (memcmp(out, expected, n) != 0)
				printf("# %s, in pieces of %zu\n", rows[i].what, size);
			sanitized_stream_clear(&s);
		}
		free(in);
		free(expected);
	}
	alias_table_free(rules.aliases);
	key_ring_free(rules.keys);
}

const struct unit_test unit_tests[] = {
	{"framing and alerts stay, contents do not, however they are cut", in_pieces},
	{NULL, NULL},
};
