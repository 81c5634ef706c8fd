/* capture_file_test.c: captures in every flavour, whole, in single bytes, packed, cut at every length, and damaged. */
#include "tests/unit/suite.h"

#include "analyzer/cli/capture_file.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

/* ---- Captures made by hand ---- */

struct bytes {
	uint8_t at[4096];
	size_t n;
	bool little_endian;
};

static void put(struct bytes *b, const void *from, size_t n)
{
	CU_ASSERT_FATAL(b->n + n <= sizeof(b->at));
	memcpy(b->at + b->n, from, n);
	b->n += n;
}

static void put_uint(struct bytes *b, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		size_t shift = b->little_endian ? i : size - 1 - i;
		uint8_t byte = (uint8_t)(value >> (8 * shift));

		put(b, &byte, 1);
	}
}

static void put_u16(struct bytes *b, uint16_t value)
{
	put_uint(b, value, 2);
}

static void put_u32(struct bytes *b, uint32_t value)
{
	put_uint(b, value, 4);
}

/* A packet's bytes are its length's worth of its own number, so that mixed-up packets show. */
static void put_payload(struct bytes *b, uint8_t number, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(b, &number, 1);
}

static void put_pcap_header(struct bytes *b, uint32_t magic, uint32_t linktype)
{
	put_u32(b, magic);
	put_u16(b, 2);
	put_u16(b, 4);
	put_uint(b, 0, 8);
	put_u32(b, 262144);
	put_u32(b, linktype);
}

static void put_pcap_packet(struct bytes *b, uint8_t number, uint32_t fraction, uint32_t captured, uint32_t wire)
{
	put_u32(b, 1700000000u + number);
	put_u32(b, fraction);
	put_u32(b, captured);
	put_u32(b, wire);
	put_payload(b, number, captured);
}

/* Begins a block; put_block_end() fills in its length at both ends. */
static size_t put_block(struct bytes *b, uint32_t type)
{
	size_t start = b->n;

	put_u32(b, type);
	put_u32(b, 0);
	return start;
}

static void put_block_end(struct bytes *b, size_t start)
{
	size_t end;

	while ((b->n - start) % 4)
		put_uint(b, 0, 1);
	put_u32(b, (uint32_t)(b->n + 4 - start));
	end = b->n;
	b->n = start + 4;
	put_u32(b, (uint32_t)(end - start));
	b->n = end;
}

static void put_section(struct bytes *b)
{
	size_t start = put_block(b, 0x0a0d0d0a);

	put_u32(b, 0x1a2b3c4d);
	put_u16(b, 1);
	put_u16(b, 0);
	put_uint(b, UINT64_MAX, 8);
	put_block_end(b, start);
}

static void put_interface(struct bytes *b, uint16_t linktype, int resolution, int64_t offset)
{
	size_t start = put_block(b, 1);

	put_u16(b, linktype);
	put_u16(b, 0);
	put_u32(b, 0);
	put_u16(b, 2); /* if_name, to be passed over, with padding */
	put_u16(b, 5);
	put(b, "eth0\0\0\0\0", 8);
	if (resolution >= 0) {
		put_u16(b, 9);
		put_u16(b, 1);
		put_uint(b, (uint8_t)resolution, 1);
		put(b, "\0\0\0", 3);
	}
	if (offset) {
		put_u16(b, 14);
		put_u16(b, 8);
		put_uint(b, (uint64_t)offset, 8);
	}
	put_uint(b, 0, 4);
	put_block_end(b, start);
}

static void put_packet(struct bytes *b, uint32_t interface, uint8_t number, uint64_t stamp, uint32_t captured,
		       uint32_t wire)
{
	size_t start = put_block(b, 6);

	put_u32(b, interface);
	put_u32(b, (uint32_t)(stamp >> 32));
	put_u32(b, (uint32_t)stamp);
	put_u32(b, captured);
	put_u32(b, wire);
	put_payload(b, number, captured);
	put_block_end(b, start);
}

/* ---- Ways to hand them over ---- */

static int as_file(const uint8_t *bytes, size_t n)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);

	CU_ASSERT_FATAL(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* A socket that keeps message borders gives one byte to each read(2). */
static int as_single_bytes(const uint8_t *bytes, size_t n)
{
	int pair[2];
	pid_t child;

	CU_ASSERT_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (!child) {
		close(pair[0]);
		for (size_t i = 0; i < n; i++) {
			if (send(pair[1], bytes + i, 1, MSG_NOSIGNAL) != 1)
				break;
		}
		_exit(0);
	}
	close(pair[1]);
	return pair[0];
}

static size_t packed(const uint8_t *bytes, size_t n, uint8_t *out, size_t size)
{
	z_stream z = {0};

	CU_ASSERT_FATAL(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	z.next_in = (uint8_t *)(uintptr_t)bytes;
	z.avail_in = (uInt)n;
	z.next_out = out;
	z.avail_out = (uInt)size;
	CU_ASSERT_FATAL(deflate(&z, Z_FINISH) == Z_STREAM_END);
	deflateEnd(&z);
	return size - z.avail_out;
}

/* Reads all of it. Every packet's bytes are checked; `last` is the last packet. */
static enum source_result read_all(int fd, struct source_packet *last, uint64_t *packets, char error[256])
{
	struct source *source = capture_file_open_fd(fd, error, 256);
	struct source_packet p;
	enum source_result result;

	*packets = 0;
	if (!source)
		return SOURCE_FAILED;
	while ((result = source_next(source, &p)) == SOURCE_PACKET) {
		CU_ASSERT_EQUAL(p.packet.frame, ++*packets);
		for (uint32_t i = 0; i < p.packet.captured; i++)
			CU_ASSERT_EQUAL(p.packet.bytes[i], (uint8_t)p.packet.frame);
		*last = p;
		last->packet.bytes = NULL;
	}
	snprintf(error, 256, "%s", source->error);
	source_close(source);
	while (wait(NULL) > 0)
		;
	return result;
}

/* ---- pcap ---- */

static void test_pcap_flavours(void)
{
	static const struct {
		uint32_t magic, fraction;
		int64_t ns;
	} flavours[] = {{0xa1b2c3d4, 123456, 123456000}, {0xa1b23c4d, 123456789, 123456789}};

	for (size_t i = 0; i < 4; i++) {
		struct bytes b = {.little_endian = i & 1};
		struct source_packet p;
		uint64_t packets;
		char error[256];

		put_pcap_header(&b, flavours[i / 2].magic, 101);
		put_pcap_packet(&b, 1, 0, 60, 60);
		put_pcap_packet(&b, 2, flavours[i / 2].fraction, 5, 1500);
		CU_ASSERT_EQUAL(read_all(as_file(b.at, b.n), &p, &packets, error), SOURCE_END);
		CU_ASSERT_EQUAL(packets, 2);
		CU_ASSERT_EQUAL(p.linktype, DLT_RAW);
		CU_ASSERT_EQUAL(p.packet.captured, 5);
		CU_ASSERT_EQUAL(p.packet.wire, 1500);
		CU_ASSERT_EQUAL(p.packet.time_ns, 1700000002 * INT64_C(1000000000) + flavours[i / 2].ns);
	}
}

static void test_kuznetzov_pcap(void)
{
	struct bytes b = {.little_endian = true};
	struct source_packet p;
	uint64_t packets;
	char error[256];

	put_pcap_header(&b, 0xa1b2cd34, 1);
	for (uint8_t number = 1; number <= 2; number++) {
		put_u32(&b, 1700000000);
		put_u32(&b, 5);
		put_u32(&b, 20);
		put_u32(&b, 20);
		put_uint(&b, 0, 8);
		put_payload(&b, number, 20);
	}
	CU_ASSERT_EQUAL(read_all(as_file(b.at, b.n), &p, &packets, error), SOURCE_END);
	CU_ASSERT_EQUAL(packets, 2);
}

static void test_pcap_damage(void)
{
	struct bytes b = {0};
	struct source_packet p;
	uint64_t packets;
	char error[256];

	put_pcap_header(&b, 0xa1b2c3d4, 1);
	put_pcap_packet(&b, 1, 0, 60, 60);
	put_u32(&b, 1700000000);
	put_u32(&b, 0);
	put_u32(&b, 0x7fffffff);
	put_u32(&b, 60);
	CU_ASSERT_EQUAL(read_all(as_file(b.at, b.n), &p, &packets, error), SOURCE_FAILED);
	CU_ASSERT_EQUAL(packets, 1);
	CU_ASSERT_STRING_EQUAL(error, "damaged: packet 2 claims 2147483647 bytes at byte 100");
	b.at[5] = 9; /* version 9.4 */
	CU_ASSERT_EQUAL(read_all(as_file(b.at, b.n), &p, &packets, error), SOURCE_FAILED);
	CU_ASSERT_EQUAL(packets, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "version 9"));
}

/* ---- pcapng ---- */

/* Two sections of different byte order, interfaces with different link types and clocks, a block of unknown type, the
 * obsolete packet block, and a simple packet. */
static void put_mixed_pcapng(struct bytes *b)
{
	size_t start;

	b->little_endian = true;
	put_section(b);
	put_interface(b, 1, -1, 0);
	put_interface(b, 101, 9, 0);
	put_interface(b, 113, 0x80 | 10, 0);
	put_packet(b, 0, 1, 1700000000123456, 7, 7);
	put_packet(b, 1, 2, 1700000000123456789, 60, 1514);
	start = put_block(b, 0x0bad0bad);
	put_payload(b, 0xee, 20);
	put_block_end(b, start);
	put_packet(b, 2, 3, (UINT64_C(1700000000) << 10) + 512, 5, 5);
	start = put_block(b, 2);
	put_u16(b, 1);
	put_u16(b, 0);
	put_uint(b, 0, 8);
	put_u32(b, 3);
	put_u32(b, 3);
	put_payload(b, 4, 3);
	put_block_end(b, start);
	b->little_endian = false;
	put_section(b);
	put_interface(b, 113, 6, 100);
	put_packet(b, 0, 5, 1000001, 9, 9);
	start = put_block(b, 3);
	put_u32(b, 6);
	put_payload(b, 6, 6);
	put_block_end(b, start);
}

static void test_mixed_pcapng(void)
{
	static const struct {
		int linktype;
		int64_t time_ns;
		uint32_t captured, wire;
	} expected[] = {
		{DLT_EN10MB, 1700000000123456000, 7, 7},    {DLT_RAW, 1700000000123456789, 60, 1514},
		{DLT_LINUX_SLL, 1700000000500000000, 5, 5}, {DLT_RAW, 0, 3, 3},
		{DLT_LINUX_SLL, 101000001000, 9, 9},        {DLT_LINUX_SLL, 101000001000, 6, 6},
	};
	struct bytes b = {0};
	struct source *source;
	struct source_packet p;
	char error[256];

	put_mixed_pcapng(&b);
	source = capture_file_open_fd(as_file(b.at, b.n), error, sizeof(error));
	CU_ASSERT_FATAL(source != NULL);
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		CU_ASSERT_FATAL(source_next(source, &p) == SOURCE_PACKET);
		CU_ASSERT_EQUAL(p.packet.frame, i + 1);
		CU_ASSERT_EQUAL(p.linktype, expected[i].linktype);
		CU_ASSERT_EQUAL(p.packet.time_ns, expected[i].time_ns);
		CU_ASSERT_EQUAL(p.packet.captured, expected[i].captured);
		CU_ASSERT_EQUAL(p.packet.wire, expected[i].wire);
		CU_ASSERT_EQUAL(p.packet.bytes[0], i + 1);
	}
	CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_END);
	source_close(source);
}

/* Whatever the stamps, times can be added and subtracted. */
static void test_times_are_bounded(void)
{
	static const struct {
		uint64_t stamp;
		int64_t offset;
	} stamps[] = {{UINT64_MAX, 0}, {UINT64_MAX, INT64_MAX}, {0, INT64_MIN}, {5, 0}};
	static const int64_t expected[] = {INT64_MAX / 2, INT64_MAX / 2, -(INT64_MAX / 2), 5000};

	for (size_t i = 0; i < sizeof(stamps) / sizeof(*stamps); i++) {
		struct bytes b = {0};
		struct source_packet p;
		uint64_t packets;
		char error[256];

		put_section(&b);
		put_interface(&b, 1, 6, stamps[i].offset);
		put_packet(&b, 0, 1, stamps[i].stamp, 20, 20);
		CU_ASSERT_EQUAL(read_all(as_file(b.at, b.n), &p, &packets, error), SOURCE_END);
		CU_ASSERT_EQUAL(p.packet.time_ns, expected[i]);
	}
}

static void put_statistics(struct bytes *b, uint64_t ifdrop, uint64_t osdrop)
{
	size_t start = put_block(b, 5);

	put_u32(b, 0);
	put_uint(b, 0, 8);
	put_u16(b, 5);
	put_u16(b, 8);
	put_uint(b, ifdrop, 8);
	put_u16(b, 7);
	put_u16(b, 8);
	put_uint(b, osdrop, 8);
	put_block_end(b, start);
}

static void test_drops_are_counted(void)
{
	struct bytes b = {0};
	struct source *source;
	struct source_packet p;
	char error[256];

	put_section(&b);
	put_interface(&b, 1, 6, 0);
	put_statistics(&b, 3, 1);
	put_statistics(&b, 5, 2); /* counters run on: the later ones hold */
	put_section(&b);
	put_interface(&b, 1, 6, 0);
	put_statistics(&b, 10, 0);
	source = capture_file_open_fd(as_file(b.at, b.n), error, sizeof(error));
	CU_ASSERT_FATAL(source != NULL);
	CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_END);
	CU_ASSERT_EQUAL(source->dropped, 17);
	source_close(source);
}

static void put_secrets(struct bytes *b, uint32_t type, const char *text)
{
	size_t start = put_block(b, 10);

	put_u32(b, type);
	put_u32(b, (uint32_t)strlen(text));
	put(b, text, strlen(text));
	while (b->n % 4)
		put_uint(b, 0, 1);
	put_u16(b, 1); /* opt_comment, to be passed over */
	put_u16(b, 4);
	put(b, "keys", 4);
	put_uint(b, 0, 4);
	put_block_end(b, start);
}

struct secrets {
	char text[64];
	unsigned count;
};

static void take_secrets(void *context, const char *text, size_t length)
{
	struct secrets *s = context;

	CU_ASSERT_FATAL(length < sizeof(s->text));
	snprintf(s->text, sizeof(s->text), "%.*s", (int)length, text);
	s->count++;
}

#define TLSK 0x544c534b
#define WIREGUARD 0x57474b4c

static void put_secret_pcapng(struct bytes *b)
{
	put_section(b);
	put_interface(b, 1, 6, 0);
	put_secrets(b, TLSK, "CLIENT_RANDOM 01 02\n");
	put_packet(b, 0, 1, 1, 20, 20);
	put_secrets(b, WIREGUARD, "LOCAL_STATIC_PRIVATE_KEY = x");
	put_secrets(b, TLSK, "CLIENT_RANDOM 03 04");
	put_packet(b, 0, 2, 2, 20, 20);
	put_packet(b, 0, 3, 3, 20, 20);
}

static void test_secrets_come_before_their_packets(void)
{
	for (int order = 0; order < 2; order++) {
		struct bytes b = {.little_endian = order};
		struct secrets s = {.count = 0};
		struct source *source;
		struct source_packet p;
		char error[256];

		put_secret_pcapng(&b);
		source = capture_file_open_fd(as_file(b.at, b.n), error, sizeof(error));
		CU_ASSERT_FATAL(source != NULL);
		source->on_secrets = take_secrets;
		source->context = &s;
		CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_PACKET);
		CU_ASSERT_EQUAL(s.count, 1);
		CU_ASSERT_STRING_EQUAL(s.text, "CLIENT_RANDOM 01 02\n");
		CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_PACKET);
		CU_ASSERT_EQUAL(s.count, 2);
		CU_ASSERT_STRING_EQUAL(s.text, "CLIENT_RANDOM 03 04");
		CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_PACKET);
		CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_END);
		CU_ASSERT_EQUAL(s.count, 2);
		source_close(source);
	}
}

/* Puts damage after one good packet and expects its words. */
static void expect_damage(void (*damage)(struct bytes *), const char *words)
{
	struct bytes b = {.little_endian = true};
	struct source_packet p;
	uint64_t packets;
	char error[256], place[64];

	put_section(&b);
	put_interface(&b, 1, 6, 0);
	put_packet(&b, 0, 1, 1000000, 60, 60);
	snprintf(place, sizeof(place), "at byte %zu", b.n);
	damage(&b);
	CU_ASSERT_EQUAL(read_all(as_file(b.at, b.n), &p, &packets, error), SOURCE_FAILED);
	CU_ASSERT_EQUAL(packets, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, words));
	CU_ASSERT_PTR_NOT_NULL(strstr(error, place));
}

static void damage_interface(struct bytes *b)
{
	put_packet(b, 7, 2, 0, 60, 60);
}

static void damage_captured(struct bytes *b)
{
	put_packet(b, 0, 2, 0, 60, 60);
	b->at[b->n - 60 - 12] = 200; /* the packet's length, beyond its block */
}

static void damage_length(struct bytes *b)
{
	put_u32(b, 6);
	put_u32(b, 5);
	put_u32(b, 0);
}

static void damage_huge(struct bytes *b)
{
	put_u32(b, 6);
	put_u32(b, 0x7ffffffc);
	put_u32(b, 0);
}

static void damage_trailer(struct bytes *b)
{
	put_packet(b, 0, 2, 0, 60, 60);
	b->at[b->n - 4]++;
}

static void damage_order(struct bytes *b)
{
	put_section(b);
	b->at[b->n - 20] ^= 1;
}

static void damage_version(struct bytes *b)
{
	put_section(b);
	b->at[b->n - 16] = 2;
}

static void damage_clock(struct bytes *b)
{
	put_interface(b, 1, 30, 0);
}

static void damage_short_block(struct bytes *b)
{
	put_block_end(b, put_block(b, 6));
}

static void damage_secrets(struct bytes *b)
{
	size_t start = b->n;

	put_secrets(b, TLSK, "abc");
	b->at[start + 12] = 60; /* the text's length, beyond its block */
}

static void damage_short_secrets(struct bytes *b)
{
	size_t start = put_block(b, 10);

	put_u32(b, TLSK);
	put_block_end(b, start);
}

static void test_pcapng_damage(void)
{
	expect_damage(damage_secrets, "secrets are longer than their block");
	expect_damage(damage_short_secrets, "a block of secrets is too short");
	expect_damage(damage_interface, "interface that was not described");
	expect_damage(damage_captured, "longer than its block");
	expect_damage(damage_length, "claims a length of 5");
	expect_damage(damage_huge, "claims a length of 2147483644");
	expect_damage(damage_trailer, "two lengths differ");
	expect_damage(damage_order, "without its byte order");
	expect_damage(damage_version, "unknown version");
	expect_damage(damage_clock, "time resolution is impossible");
	expect_damage(damage_short_block, "too short");
}

/* ---- Both ---- */

static void make_plain(struct bytes *b)
{
	b->little_endian = true;
	put_pcap_header(b, 0xa1b2c3d4, 1);
	for (uint8_t number = 1; number <= 3; number++)
		put_pcap_packet(b, number, 0, 20u * number, 20u * number);
}

static void make_pcapng(struct bytes *b)
{
	b->little_endian = true;
	put_section(b);
	put_interface(b, 1, 6, 0);
	for (uint8_t number = 1; number <= 3; number++)
		put_packet(b, 0, number, number, 20u * number, 20u * number);
}

typedef void make_fn(struct bytes *b);
static make_fn *const formats[] = {make_plain, make_pcapng, put_secret_pcapng, put_mixed_pcapng};

/* A capture cut anywhere gives its whole packets and then, unless the cut falls between two, a failure with its
 * place. */
static void test_cut_at_every_length(void)
{
	for (size_t f = 0; f < sizeof(formats) / sizeof(*formats); f++) {
		uint64_t before = 0, packets = 0;
		struct bytes b = {0};

		formats[f](&b);
		for (size_t n = 0; n <= b.n; n++) {
			struct source_packet p;
			char error[256];
			enum source_result result = read_all(as_file(b.at, n), &p, &packets, error);

			CU_ASSERT(packets == before || packets == before + 1);
			before = packets;
			CU_ASSERT(result == SOURCE_END || error[0]);
			if (result == SOURCE_FAILED && n >= 4)
				CU_ASSERT_PTR_NOT_NULL(strstr(error, "at byte"));
			if (n < 24)
				CU_ASSERT_EQUAL(result, SOURCE_FAILED);
		}
		CU_ASSERT_EQUAL(packets, formats[f] == put_mixed_pcapng ? 6 : 3);
	}
}

static void test_in_single_bytes(void)
{
	for (size_t f = 0; f < sizeof(formats) / sizeof(*formats); f++) {
		uint64_t whole, bytewise;
		struct source_packet one, other;
		struct bytes b = {0};
		uint8_t gz[4096];
		char error[256];
		size_t n;

		formats[f](&b);
		CU_ASSERT_EQUAL(read_all(as_file(b.at, b.n), &one, &whole, error), SOURCE_END);
		CU_ASSERT_EQUAL(read_all(as_single_bytes(b.at, b.n), &other, &bytewise, error), SOURCE_END);
		CU_ASSERT_EQUAL(whole, bytewise);
		CU_ASSERT_EQUAL(one.packet.time_ns, other.packet.time_ns);
		n = packed(b.at, b.n, gz, sizeof(gz));
		CU_ASSERT_EQUAL(read_all(as_single_bytes(gz, n), &other, &bytewise, error), SOURCE_END);
		CU_ASSERT_EQUAL(whole, bytewise);
	}
}

static void test_packed(void)
{
	struct source_packet p;
	struct bytes b = {0};
	uint64_t packets;
	uint8_t gz[8192];
	char error[256];
	size_t n, half;

	make_pcapng(&b);
	half = b.n / 2;
	/* Two members, as `cat a.gz b.gz` makes them, and padding as tapes leave it. */
	n = packed(b.at, half, gz, sizeof(gz));
	n += packed(b.at + half, b.n - half, gz + n, sizeof(gz) - n);
	CU_ASSERT_EQUAL(read_all(as_file(gz, n), &p, &packets, error), SOURCE_END);
	CU_ASSERT_EQUAL(packets, 3);
	memset(gz + n, 0, 100);
	CU_ASSERT_EQUAL(read_all(as_file(gz, n + 100), &p, &packets, error), SOURCE_END);
	CU_ASSERT_EQUAL(packets, 3);

	n = packed(b.at, b.n, gz, sizeof(gz));
	for (size_t cut = 2; cut < n; cut++) {
		CU_ASSERT_EQUAL(read_all(as_file(gz, cut), &p, &packets, error), SOURCE_FAILED);
		CU_ASSERT_PTR_NOT_NULL(strstr(error, "gzip data is cut short"));
	}
	gz[n - 6] ^= 1; /* its checksum */
	CU_ASSERT_EQUAL(read_all(as_file(gz, n), &p, &packets, error), SOURCE_FAILED);
	CU_ASSERT_EQUAL(packets, 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "of the unpacked data"));
}

/* More packets than the buffer holds at once. */
static void test_long_capture(void)
{
	struct bytes header = {.little_endian = true}, packet;
	int fd = memfd_create("capture", MFD_CLOEXEC);
	struct source_packet p;
	uint64_t packets;
	char error[256];

	put_pcap_header(&header, 0xa1b2c3d4, 1);
	CU_ASSERT_FATAL(fd >= 0 && write(fd, header.at, header.n) == (ssize_t)header.n);
	for (unsigned i = 1; i <= 1000; i++) {
		packet = (struct bytes){.little_endian = true};
		put_pcap_packet(&packet, (uint8_t)i, 0, 1000 + i, 1000 + i);
		CU_ASSERT_FATAL(write(fd, packet.at, packet.n) == (ssize_t)packet.n);
	}
	CU_ASSERT_FATAL(lseek(fd, 0, SEEK_SET) == 0);
	CU_ASSERT_EQUAL(read_all(fd, &p, &packets, error), SOURCE_END);
	CU_ASSERT_EQUAL(packets, 1000);
}

static void expect_stranger(const char *bytes, size_t n, const char *words)
{
	struct source_packet p;
	uint64_t packets;
	char error[256] = "";

	CU_ASSERT_EQUAL(read_all(as_file((const uint8_t *)bytes, n), &p, &packets, error), SOURCE_FAILED);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, words));
}

static void test_strangers(void)
{
	expect_stranger("", 0, "empty");
	expect_stranger("GET / HTTP/1.1\r\n\r\n", 18, "not a capture but text");
	expect_stranger("#\n", 2, "not a capture but text");
	expect_stranger("\xfd"
			"7zXZ\0\0\4",
			8, "xz -dc FILE | tlsdiag -r -");
	expect_stranger("snoop\0\0\0\0\0\0\2\0\0\0\4", 16, "editcap");
	expect_stranger("\x80\x01\x02\x03zzz", 7, "it begins with 80 01 02 03");
	expect_stranger("\xa1\xb2", 2, "not a capture");
}

static void test_not_to_be_opened(void)
{
	char error[256];

	CU_ASSERT_PTR_NULL(capture_file_open("/nonexistent/capture.pcap", error, sizeof(error)));
	CU_ASSERT_STRING_EQUAL(error, "No such file or directory");
	CU_ASSERT_PTR_NULL(capture_file_open("/", error, sizeof(error)));
	CU_ASSERT_STRING_EQUAL(error, "Is a directory");
}

const struct unit_test unit_tests[] = {
	{"pcap in both byte orders, microseconds and nanoseconds", test_pcap_flavours},
	{"pcap with Kuznetzov's packet header", test_kuznetzov_pcap},
	{"a damaged pcap gives its good packets and the place", test_pcap_damage},
	{"pcapng with several sections, link types and clocks", test_mixed_pcapng},
	{"times from damaged stamps are bounded", test_times_are_bounded},
	{"packets that the capture lost are counted", test_drops_are_counted},
	{"secrets of a pcapng come before their packets", test_secrets_come_before_their_packets},
	{"a damaged pcapng gives its good packets and the place", test_pcapng_damage},
	{"a capture cut at every length gives its whole packets", test_cut_at_every_length},
	{"a capture that arrives in single bytes reads the same", test_in_single_bytes},
	{"gzip, in several members, cut short and damaged", test_packed},
	{"a capture longer than the buffer", test_long_capture},
	{"what is no capture is named", test_strangers},
	{"what cannot be opened says why", test_not_to_be_opened},
	{NULL, NULL},
};
