/* stream_test.c: one direction of a connection comes out once, in order, whatever happened to its segments. */
#include "analyzer/stream.h"

#include "tests/unit/suite.h"

#include <stdlib.h>

#define BASE 0xfffffff0u /* wraps within the first 16 bytes */
#define ROOM 4096

/* What the reader was given: bytes as they are, a hole as dots. */
struct output {
	char text[256];
	size_t length;
	uint64_t frames[64];
	size_t pieces;
};

static void on_bytes(void *context, const uint8_t *bytes, size_t n, const struct tlsdiag_moment *at)
{
	struct output *o = context;

	memcpy(o->text + o->length, bytes, n);
	o->length += n;
	o->frames[o->pieces++] = at->frame;
}

static void on_hole(void *context, uint64_t n, const struct tlsdiag_moment *at)
{
	struct output *o = context;

	(void)at;
	memset(o->text + o->length, '.', n);
	o->length += n;
}

static struct stream_reader reader_for(struct output *o)
{
	return (struct stream_reader){.bytes = on_bytes, .hole = on_hole, .context = o};
}

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";

/* Adds alphabet[from .. from + n) of which `captured` bytes are there. */
static enum stream_add_result add_cut(struct stream *s, struct output *o, uint32_t from, uint32_t n, uint32_t captured,
				      uint64_t frame)
{
	const struct stream_reader reader = reader_for(o);
	const struct stream_piece piece = {.seq = BASE + from,
					   .bytes = (const uint8_t *)alphabet + from,
					   .captured = captured,
					   .wire = n,
					   .at = {.frame = frame}};

	return stream_add(s, &piece, ROOM, &reader);
}

static enum stream_add_result add(struct stream *s, struct output *o, uint32_t from, uint32_t n, uint64_t frame)
{
	return add_cut(s, o, from, n, n, frame);
}

static void in_order(void)
{
	struct stream s = {0};
	struct output o = {0};

	stream_start(&s, BASE);
	CU_ASSERT_EQUAL(add(&s, &o, 0, 10, 1), STREAM_NEW);
	CU_ASSERT_EQUAL(add(&s, &o, 10, 16, 2), STREAM_NEW);
	CU_ASSERT_STRING_EQUAL(o.text, alphabet);
	CU_ASSERT_EQUAL(s.next, 26);
	CU_ASSERT_EQUAL(s.end, 26);
}

/* Every order of four segments gives the same bytes. */
static void any_order(void)
{
	static const uint32_t starts[] = {0, 7, 8, 20, 26};

	for (int code = 0; code < 256; code++) {
		struct stream s = {0};
		struct output o = {0};
		unsigned seen = 0;

		stream_start(&s, BASE);
		for (int k = 0; k < 4; k++) {
			unsigned i = (unsigned)code >> (2 * k) & 3;

			seen |= 1u << i;
			add(&s, &o, starts[i], starts[i + 1] - starts[i], (uint64_t)k + 1);
		}
		if (seen == 15) {
			CU_ASSERT_STRING_EQUAL(o.text, alphabet);
			CU_ASSERT_EQUAL(s.held_bytes, 0);
		}
		stream_clear(&s);
	}
}

static void overlaps(void)
{
	struct stream s = {0};
	struct output o = {0};

	stream_start(&s, BASE);
	add(&s, &o, 10, 6, 1);
	add(&s, &o, 12, 10, 2); /* half of it held already */
	add(&s, &o, 8, 16, 3); /* covers both */
	CU_ASSERT_EQUAL(add(&s, &o, 11, 3, 4), STREAM_REPEAT);
	add(&s, &o, 0, 9, 5);
	add(&s, &o, 20, 6, 6);
	CU_ASSERT_STRING_EQUAL(o.text, alphabet);
	stream_clear(&s);
}

static void repeats(void)
{
	struct stream s = {0};
	struct output o = {0};

	stream_start(&s, BASE);
	add(&s, &o, 0, 10, 1);
	CU_ASSERT_EQUAL(add(&s, &o, 0, 10, 2), STREAM_REPEAT);
	CU_ASSERT_EQUAL(add(&s, &o, 3, 4, 3), STREAM_REPEAT);
	CU_ASSERT_EQUAL(add(&s, &o, 5, 21, 4), STREAM_NEW);
	CU_ASSERT_STRING_EQUAL(o.text, alphabet);
}

/* The packet that makes bytes readable is the one they are dated by. */
static void dated_by_completion(void)
{
	struct stream s = {0};
	struct output o = {0};

	stream_start(&s, BASE);
	add(&s, &o, 13, 13, 1);
	add(&s, &o, 0, 13, 7);
	CU_ASSERT_EQUAL(o.pieces, 2);
	CU_ASSERT_EQUAL(o.frames[0], 7);
	CU_ASSERT_EQUAL(o.frames[1], 7);
}

static void snap_length(void)
{
	struct stream s = {0};
	struct output o = {0};

	stream_start(&s, BASE);
	add_cut(&s, &o, 0, 10, 4, 1);
	add(&s, &o, 10, 16, 2);
	CU_ASSERT_STRING_EQUAL(o.text, "abcd......klmnopqrstuvwxyz");
}

static void gap_acknowledged(void)
{
	struct stream s = {0};
	struct output o = {0};
	const struct stream_reader reader = reader_for(&o);
	const struct tlsdiag_moment at = {.frame = 9};

	stream_start(&s, BASE);
	add(&s, &o, 0, 5, 1);
	add(&s, &o, 10, 16, 2);
	CU_ASSERT_FALSE(stream_lacks_acked(&s));
	stream_ack(&s, BASE + 26);
	CU_ASSERT_TRUE(stream_lacks_acked(&s));
	stream_skip_gap(&s, &at, &reader);
	CU_ASSERT_FALSE(stream_lacks_acked(&s));
	CU_ASSERT_STRING_EQUAL(o.text, "abcde.....klmnopqrstuvwxyz");
}

static void late_start(void)
{
	struct stream s = {0};
	struct output o = {0};

	add(&s, &o, 5, 5, 1); /* nothing said where the stream begins */
	CU_ASSERT_EQUAL(add(&s, &o, 0, 5, 2), STREAM_REPEAT);
	add(&s, &o, 0, 26, 3); /* begins before, ends behind */
	CU_ASSERT_STRING_EQUAL(o.text, alphabet + 5);
}

static void fin_and_ack(void)
{
	struct stream s = {0};
	struct output o = {0};
	const struct tlsdiag_moment at = {.frame = 3};

	stream_start(&s, BASE);
	add(&s, &o, 0, 26, 1);
	stream_fin(&s, BASE + 26, &at);
	stream_ack(&s, BASE + 27); /* the FIN takes a number of its own */
	CU_ASSERT_EQUAL(s.acked, 26);
	CU_ASSERT_FALSE(stream_lacks_acked(&s));
	CU_ASSERT_EQUAL(s.fin, 26);
}

static void room_is_bounded(void)
{
	struct stream s = {0};
	struct output o = {0};
	const struct stream_reader reader = reader_for(&o);
	uint8_t bytes[100] = {0};
	unsigned full = 0;

	stream_start(&s, 0);
	for (uint32_t i = 0; i < 1000; i++) {
		const struct stream_piece piece = {
			.seq = 1 + i * 101, .bytes = bytes, .captured = sizeof(bytes), .wire = sizeof(bytes)};

		full += stream_add(&s, &piece, ROOM, &reader) == STREAM_FULL;
		CU_ASSERT_TRUE(s.held_bytes <= ROOM);
	}
	CU_ASSERT_TRUE(full > 900);
	stream_clear(&s);
}

const struct unit_test unit_tests[] = {
	{"segments in order come out as they are, across the wrap of sequence numbers", in_order},
	{"every order of segments gives the same bytes", any_order},
	{"overlapping segments give every byte once", overlaps},
	{"repeats are told and give nothing", repeats},
	{"bytes are dated by the packet that completed them", dated_by_completion},
	{"what the snap length cut is a hole", snap_length},
	{"an acknowledged gap becomes a hole when given up", gap_acknowledged},
	{"a stream without a beginning starts at the first segment", late_start},
	{"an acknowledged FIN is no missing byte", fin_and_ack},
	{"held-back bytes stay within their limit", room_is_bounded},
	{NULL, NULL},
};
