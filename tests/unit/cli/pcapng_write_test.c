/* pcapng_write_test.c: what the writer writes, as bytes, as the reader reads it back, and where it cannot be
 * written. */
#include "tests/unit/suite.h"

#include "analyzer/cli/capture_file.h"
#include "analyzer/cli/pcapng_write.h"

#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_COMMENTS ((struct pcapng_comments){0})

/* What is written into memory. */
struct written {
	FILE *file;
	char *bytes;
	size_t n;
	struct pcapng_writer *writer;
};

static struct written begin(struct pcapng_comments comments)
{
	struct written w = {.file = tmpfile()};

	CU_ASSERT_FATAL(w.file != NULL);
	w.writer = pcapng_writer_new(w.file, comments);
	CU_ASSERT_FATAL(w.writer != NULL);
	return w;
}

static void end(struct written *w, uint64_t dropped)
{
	CU_ASSERT(pcapng_write_end(w->writer, dropped));
	CU_ASSERT_STRING_EQUAL(pcapng_write_error(w->writer), "");
	pcapng_writer_free(w->writer);
	w->n = (size_t)ftell(w->file);
	w->bytes = malloc(w->n);
	CU_ASSERT_FATAL(w->bytes && pread(fileno(w->file), w->bytes, w->n, 0) == (ssize_t)w->n);
	CU_ASSERT_EQUAL(w->n % 4, 0);
}

static struct source *read_back(struct written *w)
{
	char error[256];
	struct source *source;

	rewind(w->file);
	source = capture_file_open_fd(dup(fileno(w->file)), error, sizeof(error));
	CU_ASSERT_FATAL(source != NULL);
	return source;
}

static void forget(struct written *w)
{
	free(w->bytes);
	fclose(w->file);
}

static void put_packet(struct written *w, int linktype, const char *interface, struct tlsdiag_packet packet,
		       struct pcapng_comments comments)
{
	pcapng_write_packet(w->writer, &(struct pcapng_packet){linktype, interface, &packet, comments});
}

static size_t occurrences(const struct written *w, const void *bytes, size_t n)
{
	const char *at = w->bytes, *end_of_file = w->bytes + w->n;
	size_t count = 0;

	while ((at = memmem(at, (size_t)(end_of_file - at), bytes, n))) {
		count++;
		at += n;
	}
	return count;
}

/* ---- */

static void test_bytes(void)
{
	static const char *const texts[] = {"a", "four"};
	static const char expected[] =
		/* Interface Description: Ethernet, no snap length; if_name, if_tsresol 9 */
		"\x01\0\0\0\x28\0\0\0"
		"\x01\0\0\0"
		"\0\0\0\0"
		"\x02\0\x04\0"
		"eth0"
		"\x09\0\x01\0"
		"\x09\0\0\0"
		"\0\0\0\0"
		"\x28\0\0\0"
		/* Enhanced Packet: interface 0, time, 3 bytes of 1514, two comments */
		"\x06\0\0\0\x38\0\0\0"
		"\0\0\0\0"
		"\x02\0\0\0\x01\0\0\0"
		"\x03\0\0\0"
		"\xea\x05\0\0"
		"abc\0"
		"\x01\0\x01\0"
		"a\0\0\0"
		"\x01\0\x04\0"
		"four"
		"\0\0\0\0"
		"\x38\0\0\0";
	static const char section[] = "\x0a\x0d\x0d\x0a";
	struct written w = begin(NO_COMMENTS);
	size_t n = sizeof(expected) - 1;

	put_packet(&w, DLT_EN10MB, "eth0",
		   (struct tlsdiag_packet){.time_ns = (INT64_C(2) << 32) + 1,
					   .bytes = (const uint8_t *)"abc",
					   .captured = 3,
					   .wire = 1514},
		   (struct pcapng_comments){texts, 2});
	end(&w, 0);
	CU_ASSERT_FATAL(w.n > n);
	CU_ASSERT(memcmp(w.bytes, section, 4) == 0);
	CU_ASSERT(memcmp(w.bytes + w.n - n, expected, n) == 0);
	forget(&w);
}

static const struct sample {
	int linktype;
	const char *interface;
	int64_t time_ns;
	uint32_t captured, wire;
} samples[] = {
	{DLT_EN10MB, "eth0", 1700000000123456789, 60, 60},
	{DLT_RAW, "tun0", 1700000000123456788, 41, 1500}, /* earlier: order is kept, not time */
	{DLT_EN10MB, "eth1", 0, 1, 1},
	{DLT_LINUX_SLL2, NULL, INT64_MAX / 2, 0, 0},
	{DLT_EN10MB, NULL, 1, 62, 62},
	{DLT_EN10MB, "eth0", UINT32_MAX, 63, 262144},
	{DLT_PKTAP, NULL, INT64_C(1) << 32, 300, 300},
};
#define SAMPLES (sizeof(samples) / sizeof(*samples))

static const char *const said[] = {"tlsdiag 3: ClientHello", "", "h\xc3\xa9llo"};

struct comments {
	size_t count;
};

static void take_comment(void *context, const char *text, size_t length)
{
	struct comments *c = context;

	CU_ASSERT_FATAL(c->count < sizeof(said) / sizeof(*said));
	CU_ASSERT(length == strlen(said[c->count]) && memcmp(text, said[c->count], length) == 0);
	c->count++;
}

static void write_samples(struct written *w, const uint8_t *bytes)
{
	for (size_t i = 0; i < SAMPLES; i++)
		put_packet(w, samples[i].linktype, samples[i].interface,
			   (struct tlsdiag_packet){.time_ns = samples[i].time_ns,
						   .bytes = bytes + i,
						   .captured = samples[i].captured,
						   .wire = samples[i].wire},
			   (struct pcapng_comments){said, i % 4});
}

static void test_read_back(void)
{
	static const char *const summary[] = {"1 connection: 1 failed"};
	struct written w = begin((struct pcapng_comments){summary, 1});
	struct comments comments;
	uint8_t bytes[512];
	struct source *source;
	struct source_packet p;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	write_samples(&w, bytes);
	end(&w, 17);
	source = read_back(&w);
	source->on_comment = take_comment;
	source->comment_context = &comments;
	for (size_t i = 0; i < SAMPLES; i++) {
		comments.count = 0;
		CU_ASSERT_FATAL(source_next(source, &p) == SOURCE_PACKET);
		CU_ASSERT_EQUAL(p.linktype, samples[i].linktype);
		CU_ASSERT_EQUAL(comments.count, i % 4);
		CU_ASSERT_EQUAL(!p.interface, !samples[i].interface);
		if (p.interface && samples[i].interface)
			CU_ASSERT_STRING_EQUAL(p.interface, samples[i].interface);
		CU_ASSERT_EQUAL(p.packet.frame, i + 1);
		CU_ASSERT_EQUAL(p.packet.time_ns, samples[i].time_ns);
		CU_ASSERT_EQUAL(p.packet.wire, samples[i].wire);
		CU_ASSERT_FATAL(p.packet.captured == samples[i].captured);
		CU_ASSERT(memcmp(p.packet.bytes, bytes + i, p.packet.captured) == 0);
	}
	CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_END);
	CU_ASSERT_EQUAL(source->dropped, 17);
	source_close(source);
	CU_ASSERT_EQUAL(occurrences(&w, summary[0], strlen(summary[0])), 1);
	CU_ASSERT_EQUAL(occurrences(&w, "eth0", 4), 1);
	forget(&w);
}

/* libpcap's numbers within a program and within a file differ for old types. */
static void test_linktypes(void)
{
	static const struct {
		int linktype;
		char in_file;
		int read;
	} types[] = {
		{DLT_RAW, 101, DLT_RAW},  {14, 101, DLT_RAW},    {DLT_ATM_RFC1483, 100, 100},
		{DLT_ATM_CLIP, 106, 106}, {DLT_PPP, 9, DLT_PPP},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		char interface[12] = "\x01\0\0\0\x1c\0\0\0";
		struct written w = begin(NO_COMMENTS);
		struct source_packet p;
		struct source *source;

		put_packet(&w, types[i].linktype, NULL, (struct tlsdiag_packet){.bytes = (const uint8_t *)""},
			   NO_COMMENTS);
		end(&w, 0);
		interface[4] = 0x20;
		interface[8] = types[i].in_file;
		CU_ASSERT_EQUAL(occurrences(&w, interface, sizeof(interface)), 1);
		source = read_back(&w);
		CU_ASSERT_FATAL(source_next(source, &p) == SOURCE_PACKET);
		CU_ASSERT_EQUAL(p.linktype, types[i].read);
		source_close(source);
		forget(&w);
	}
}

static void test_times_before_1970(void)
{
	struct written w = begin(NO_COMMENTS);
	struct source_packet p;
	struct source *source;

	put_packet(&w, 1, NULL, (struct tlsdiag_packet){.time_ns = INT64_MIN, .bytes = (const uint8_t *)""},
		   NO_COMMENTS);
	end(&w, 0);
	source = read_back(&w);
	CU_ASSERT_FATAL(source_next(source, &p) == SOURCE_PACKET);
	CU_ASSERT_EQUAL(p.packet.time_ns, 0);
	source_close(source);
	forget(&w);
}

/* An option's length has 16 bits, and a character is not cut in two. */
static void test_long_comments(void)
{
	char *text = malloc(PCAPNG_COMMENT_MAX + 100);
	const char *texts[PCAPNG_COMMENTS_MAX + 1];

	CU_ASSERT_FATAL(text != NULL);
	for (unsigned shift = 0; shift < 2; shift++) {
		struct written w = begin(NO_COMMENTS);
		struct source *source;
		struct source_packet p;

		memset(text, 'x', shift);
		for (size_t i = shift; i < PCAPNG_COMMENT_MAX + 96; i += 2)
			memcpy(text + i, "\xc3\xa9", 3);
		texts[0] = text;
		for (size_t i = 1; i <= PCAPNG_COMMENTS_MAX; i++)
			texts[i] = "more";
		put_packet(&w, 1, NULL,
			   (struct tlsdiag_packet){.bytes = (const uint8_t *)"abcd", .captured = 4, .wire = 4},
			   (struct pcapng_comments){texts, PCAPNG_COMMENTS_MAX + 1});
		end(&w, 0);
		CU_ASSERT_EQUAL(occurrences(&w, "\xc3\xa9...", 5), 1);
		CU_ASSERT_EQUAL(occurrences(&w, "\xc3...", 4), 0);
		CU_ASSERT_EQUAL(occurrences(&w, "\x01\0\x04\0more", 8), PCAPNG_COMMENTS_MAX - 1);
		source = read_back(&w);
		CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_PACKET);
		CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_END);
		source_close(source);
		forget(&w);
	}
	free(text);
}

struct secrets {
	char *text;
	size_t length, pieces;
};

static void take_secrets(void *context, const char *text, size_t length)
{
	struct secrets *s = context;

	CU_ASSERT_EQUAL(text[length - 1], '\n');
	s->text = realloc(s->text, s->length + length);
	CU_ASSERT_FATAL(s->text != NULL);
	memcpy(s->text + s->length, text, length);
	s->length += length;
	s->pieces++;
}

/* A large key log takes several blocks, each of whole lines. */
static void test_secrets(void)
{
	static const char line[] = "CLIENT_RANDOM 00112233 445566\n";
	size_t length = 100000 * (sizeof(line) - 1);
	struct written w = begin(NO_COMMENTS);
	struct secrets s = {0};
	char *text = malloc(length);
	struct source *source;
	struct source_packet p;

	CU_ASSERT_FATAL(text != NULL);
	for (size_t at = 0; at < length; at += sizeof(line) - 1)
		memcpy(text + at, line, sizeof(line) - 1);
	pcapng_write_secrets(w.writer, text, length);
	pcapng_write_secrets(w.writer, line, 0);
	put_packet(&w, 1, NULL, (struct tlsdiag_packet){.bytes = (const uint8_t *)""}, NO_COMMENTS);
	end(&w, 0);
	source = read_back(&w);
	source->on_secrets = take_secrets;
	source->context = &s;
	CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_PACKET);
	CU_ASSERT_EQUAL(s.pieces, 3);
	CU_ASSERT(s.length == length && memcmp(s.text, text, length) == 0);
	CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_END);
	source_close(source);
	free(s.text);
	free(text);
	forget(&w);
}

static void test_no_packets(void)
{
	struct written w = begin(NO_COMMENTS);
	struct source_packet p;
	struct source *source;

	end(&w, 5);
	source = read_back(&w);
	CU_ASSERT_EQUAL(source_next(source, &p), SOURCE_END);
	source_close(source);
	forget(&w);
}

/* ---- Failures ---- */

static void test_full_disk(void)
{
	static const uint8_t bytes[1000];
	FILE *full = fopen("/dev/full", "w");
	struct pcapng_writer *w;

	CU_ASSERT_FATAL(full != NULL);
	w = pcapng_writer_new(full, NO_COMMENTS);
	CU_ASSERT_FATAL(w != NULL);
	for (size_t i = 0; i < 100; i++)
		pcapng_write_packet(
			w, &(struct pcapng_packet){
				   .linktype = 1,
				   .packet = &(struct tlsdiag_packet){.bytes = bytes, .captured = 1000, .wire = 1000}});
	CU_ASSERT(!pcapng_write_end(w, 0));
	CU_ASSERT_STRING_EQUAL(pcapng_write_error(w), "No space left on device");
	pcapng_writer_free(w);
	fclose(full);
}

static void test_linktype_too_large(void)
{
	struct written w = begin(NO_COMMENTS);

	put_packet(&w, 65536, NULL, (struct tlsdiag_packet){.bytes = (const uint8_t *)""}, NO_COMMENTS);
	CU_ASSERT(!pcapng_write_end(w.writer, 0));
	CU_ASSERT_PTR_NOT_NULL(strstr(pcapng_write_error(w.writer), "link type"));
	pcapng_writer_free(w.writer);
	forget(&w);
}

static void test_too_many_interfaces(void)
{
	struct written w = begin(NO_COMMENTS);

	for (unsigned i = 0; i <= PCAPNG_INTERFACES_MAX; i++) {
		char name[16];

		CU_ASSERT_STRING_EQUAL(pcapng_write_error(w.writer), "");
		snprintf(name, sizeof(name), "veth%u", i);
		put_packet(&w, 1, name, (struct tlsdiag_packet){.bytes = (const uint8_t *)""}, NO_COMMENTS);
	}
	CU_ASSERT(!pcapng_write_end(w.writer, 0));
	CU_ASSERT_PTR_NOT_NULL(strstr(pcapng_write_error(w.writer), "interfaces"));
	pcapng_writer_free(w.writer);
	forget(&w);
}

const struct unit_test unit_tests[] = {
	{"an interface and a packet with comments, byte by byte", test_bytes},
	{"every packet is read back as it was written", test_read_back},
	{"link types have the file's numbers", test_linktypes},
	{"times before 1970 become 1970", test_times_before_1970},
	{"comments too long are cut between characters, and too many are left out", test_long_comments},
	{"a large key log takes several blocks of whole lines", test_secrets},
	{"a file without packets is one", test_no_packets},
	{"a full disk is told", test_full_disk},
	{"a link type that pcapng cannot number is told", test_linktype_too_large},
	{"interfaces are bounded", test_too_many_interfaces},
	{0},
};
