/* wire_frame_test.c: frames are taken apart as they were put together, and none that is cut short is taken for
 * whole. */
#include "harness/wire_frame.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/wire.h"

enum {
	OPTION_MSS = 2,
	OPTION_SACK_PERMITTED = 4,
	OPTION_TIMESTAMPS = 8,
};

/* SYN with options and a segment with data, in one IP version. */
static struct wire *two_packets(int version)
{
	struct wire *w = wire_new(version);

	wire_segment(w, CLIENT, "S", .mss = 1460, .sack_permitted = true);
	wire_segment(w, CLIENT, "P.", .payload = "abcde", .length = 5);
	return w;
}

static void test_reading(void)
{
	for (int version = 4; version <= 6; version += 2) {
		struct wire *w = two_packets(version);
		const struct wire_packet *p = &w->packets[1];
		struct wire_address source, destination;
		struct wire_frame f;

		wire_frame_read(&f, p->bytes, p->captured);
		CU_ASSERT_EQUAL(f.version, version);
		CU_ASSERT_FATAL(f.tcp);
		CU_ASSERT_EQUAL(f.seq, p->seq);
		CU_ASSERT_EQUAL(f.flags, WIRE_PSH | WIRE_ACK);
		CU_ASSERT_EQUAL(f.end - f.payload, 5);
		CU_ASSERT_EQUAL(wire_frame_span(&f), 5);
		CU_ASSERT(memcmp(f.bytes + f.payload, "abcde", 5) == 0);
		CU_ASSERT_EQUAL(wire_frame_ttl(&f), 64);
		CU_ASSERT_EQUAL(wire_frame_window(&f), 64240);
		wire_frame_addresses(&f, &source, &destination);
		CU_ASSERT_EQUAL(source.port, 46188);
		CU_ASSERT_EQUAL(destination.port, 443);
		CU_ASSERT(memcmp(source.ip, w->end[CLIENT].address, sizeof(source.ip)) == 0);
		wire_free(w);
	}
}

/* The bytes lie in memory of their own size, so that ASan sees a read past them. */
static void test_cut_short(void)
{
	for (int version = 4; version <= 6; version += 2) {
		struct wire *w = two_packets(version);
		const struct wire_packet *p = &w->packets[1];

		for (size_t n = 0; n < p->captured; n++) {
			uint8_t *bytes = malloc(n ? n : 1);
			struct wire_frame f;

			CU_ASSERT_FATAL(bytes != NULL);
			memcpy(bytes, p->bytes, n);
			wire_frame_read(&f, bytes, n);
			CU_ASSERT(!f.tcp);
			free(bytes);
		}
		wire_free(w);
	}
}

/* Every length field in turn says more than there is. */
static void test_lies(void)
{
	struct wire *w = two_packets(4);
	const struct wire_packet *p = &w->packets[1];

	for (size_t i = 0; i < p->captured; i++) {
		for (int bit = 0; bit < 8; bit++) {
			uint8_t *bytes = malloc(p->captured);
			struct wire_frame f;
			size_t length;

			CU_ASSERT_FATAL(bytes != NULL);
			memcpy(bytes, p->bytes, p->captured);
			bytes[i] ^= (uint8_t)(1U << bit);
			wire_frame_read(&f, bytes, p->captured);
			if (f.tcp) {
				CU_ASSERT(f.end <= p->captured && f.payload <= f.end);
				CU_ASSERT(!wire_frame_option(&f, OPTION_TIMESTAMPS, &length));
				wire_frame_seal(&f);
			}
			free(bytes);
		}
	}
	wire_free(w);
}

static void test_fragments_are_no_segments(void)
{
	struct wire *w = two_packets(4);
	struct wire_frame f;

	w->packets[1].bytes[14 + 6] |= 0x20; /* more fragments */
	wire_frame_read(&f, w->packets[1].bytes, w->packets[1].captured);
	CU_ASSERT_EQUAL(f.version, 4);
	CU_ASSERT(!f.tcp);
	wire_free(w);
}

/* What was sealed by the builder, which computes for itself, is the same when it is sealed again. */
static void test_sealing(void)
{
	for (int version = 4; version <= 6; version += 2) {
		struct wire *w = two_packets(version);

		for (size_t i = 0; i < w->count; i++) {
			struct wire_packet *p = &w->packets[i];
			uint8_t copy[256];
			struct wire_frame f;

			CU_ASSERT_FATAL(p->captured <= sizeof(copy));
			memcpy(copy, p->bytes, p->captured);
			wire_frame_read(&f, copy, p->captured);
			wire_frame_seal(&f);
			CU_ASSERT(memcmp(copy, p->bytes, p->captured) == 0);
			wire_frame_spoil(&f);
			CU_ASSERT(memcmp(copy, p->bytes, p->captured) != 0);
		}
		wire_free(w);
	}
}

static void test_options(void)
{
	struct wire *w = two_packets(4);
	struct wire_frame f;
	const uint8_t *mss;
	size_t length = 0;

	wire_frame_read(&f, w->packets[0].bytes, w->packets[0].captured);
	mss = wire_frame_option(&f, OPTION_MSS, &length);
	CU_ASSERT_FATAL(mss != NULL);
	CU_ASSERT_EQUAL(length, 2);
	CU_ASSERT_EQUAL(mss[0] << 8 | mss[1], 1460);
	CU_ASSERT(wire_frame_strip_option(&f, OPTION_MSS));
	CU_ASSERT_PTR_NULL(wire_frame_option(&f, OPTION_MSS, &length));
	CU_ASSERT_PTR_NOT_NULL(wire_frame_option(&f, OPTION_SACK_PERMITTED, &length));
	CU_ASSERT_EQUAL(length, 0);
	CU_ASSERT(!wire_frame_strip_option(&f, OPTION_TIMESTAMPS));
	wire_free(w);
}

/* A made segment is, byte for byte, the one that the test's builder makes. */
static void test_making(void)
{
	for (int version = 4; version <= 6; version += 2) {
		struct wire *w = two_packets(version);
		const struct wire_packet *p = &w->packets[1];
		struct wire_made made = {.version = version,
					 .ttl = 64,
					 .flags = WIRE_PSH | WIRE_ACK,
					 .window = 64240,
					 .seq = p->seq,
					 .payload = "abcde",
					 .payload_length = 5};
		uint8_t bytes[WIRE_FRAME_MAX];
		struct wire_frame real, f;

		wire_frame_read(&real, p->bytes, p->captured);
		made.ack = real.ack;
		made.id = wire_frame_id(&real);
		wire_frame_addresses(&real, &made.source, &made.destination);
		memcpy(made.destination_mac, p->bytes, 6);
		memcpy(made.source_mac, p->bytes + 6, 6);
		wire_frame_make(&f, bytes, &made);
		CU_ASSERT_EQUAL(f.length, p->captured);
		CU_ASSERT(memcmp(bytes, p->bytes, p->captured) == 0);
		wire_free(w);
	}
}

const struct unit_test unit_tests[] = {
	{"addresses, numbers, flags and data are read", test_reading},
	{"a frame that is cut short is no segment", test_cut_short},
	{"lengths that lie lead nowhere", test_lies},
	{"a fragment is no segment", test_fragments_are_no_segments},
	{"lengths and checksums are those of the standards", test_sealing},
	{"options are found and stripped", test_options},
	{"a made segment is as real ones are", test_making},
	{NULL, NULL},
};
