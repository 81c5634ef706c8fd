/* trace_test.c: packets as lines, at every length they may be cut to, and the client's words between them. */
#include "harness/trace.h"

#include "tests/unit/harness/temporary.h"
#include "tests/unit/suite.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#define ETHERNET "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02"
#define IPV4(total, protocol, from, to) "\x08\x00\x45\x00" total "\x00\x00\x40\x00\x40" protocol "\x00\x00" from to
#define CLIENT "\xc0\x00\x02\x28"
#define SERVER "\xcb\x00\x71\x14"
#define PATH "\xc0\x00\x02\x01"
#define FROM_CLIENT "\xb4\x9a\x01\xbb"
#define FROM_SERVER "\x01\xbb\xb4\x9a"
#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* 192.0.2.40:46234 > 203.0.113.20:443 SYN seq 0x1000 */
#define SYN                                                                                                            \
	ETHERNET IPV4("\x00\x28", "\x06", CLIENT, SERVER) FROM_CLIENT                                                  \
		"\x00\x00\x10\x00\x00\x00\x00\x00\x50\x02\xfa\xf0\x00\x00\x00\x00"
/* SYN-ACK seq 0x2000 ack 0x1001 */
#define SYN_ACK                                                                                                        \
	ETHERNET IPV4("\x00\x28", "\x06", SERVER, CLIENT) FROM_SERVER                                                  \
		"\x00\x00\x20\x00\x00\x00\x10\x01\x50\x12\xfe\x88\x00\x00\x00\x00"
/* PSH-ACK seq 0x1001 ack 0x2001: a handshake record of 5 bytes with a ClientHello of 1, a CCS, an alert 2 70 */
#define HELLO                                                                                                          \
	ETHERNET IPV4("\x00\x45", "\x06", CLIENT, SERVER) FROM_CLIENT                                                  \
		"\x00\x00\x10\x01\x00\x00\x20\x01\x50\x18\x00\x3f\x00\x00\x00\x00"                                     \
		"\x16\x03\x01\x00\x05\x01\x00\x00\x01\xaa"                                                             \
		"\x14\x03\x03\x00\x01\x01"                                                                             \
		"\x15\x03\x03\x00\x02\x02\x46"                                                                         \
		"\x17\x03\x03\x00\x09"                                                                                 \
		"\x00"
/* PSH-ACK seq 0x2001 ack 0x101e: a line in clear; and bytes that are none */
#define GREETING                                                                                                       \
	ETHERNET IPV4("\x00\x31", "\x06", SERVER, CLIENT) FROM_SERVER                                                  \
		"\x00\x00\x20\x01\x00\x00\x10\x1e\x50\x18\x00\x3f\x00\x00\x00\x00"                                     \
		"220 hi\r\n\x00"
#define BYTES_OF_NONE                                                                                                  \
	ETHERNET IPV4("\x00\x2e", "\x06", SERVER, CLIENT) FROM_SERVER                                                  \
		"\x00\x00\x20\x0a\x00\x00\x10\x1e\x50\x18\x00\x3f\x00\x00\x00\x00"                                     \
		"abcd\x80!"
/* RST-ACK */
#define RST                                                                                                            \
	ETHERNET IPV4("\x00\x28", "\x06", SERVER, CLIENT) FROM_SERVER                                                  \
		"\x00\x00\x20\x01\x00\x00\x10\x1e\x50\x14\x00\x3f\x00\x00\x00\x00"
/* destination unreachable, administratively prohibited */
#define ICMP ETHERNET IPV4("\x00\x38", "\x01", PATH, CLIENT) "\x03\x0d\x00\x00\x00\x00\x00\x00"

struct row {
	const uint8_t *bytes;
	size_t length;
	const char *line;
};

static const struct row rows[] = {
	{BYTES(SYN), "client  [S] seq 0, win 64240, length 0"},
	{BYTES(SYN_ACK), "server  [S.] seq 0, ack 1, win 65160, length 0"},
	{BYTES(HELLO), "client  [P.] seq 1:30, ack 1, win 63, length 29: TLS handshake client_hello, "
		       "change_cipher_spec, alert fatal 70, application_data 9"},
	{BYTES(GREETING), "server  [P.] seq 1:10, ack 30, win 63, length 9: 220 hi"},
	{BYTES(BYTES_OF_NONE), "server  [P.] seq 10:16, ack 30, win 63, length 6"},
	{BYTES(RST), "server  [R.] seq 1, ack 30, win 63, length 0"},
	{BYTES(ICMP), "192.0.2.1  ICMP type 3, code 13"},
};

static char *line_of(struct trace_ends *ends, const uint8_t *bytes, size_t length)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	trace_packet(out, ends, bytes, length);
	fclose(out);
	return text;
}

static void expect_lines(const struct row *expected, size_t count)
{
	struct trace_ends ends = {0};

	for (size_t i = 0; i < count; i++) {
		char *line = line_of(&ends, expected[i].bytes, expected[i].length);

		CU_ASSERT_STRING_EQUAL(line, expected[i].line);
		if (strcmp(line, expected[i].line) != 0)
			printf("# %s\n", line);
		free(line);
	}
}

static void test_lines(void)
{
	expect_lines(rows, sizeof(rows) / sizeof(rows[0]));
}

/* From the server, PSH-ACK, relative to seq 0x2000. */
#define SEGMENT(total, sequence, payload)                                                                              \
	BYTES(ETHERNET IPV4(total, "\x06", SERVER, CLIENT) FROM_SERVER                                                 \
	      "\x00\x00\x20" sequence "\x00\x00\x10\x01\x50\x18\x00\x3f\x00\x00\x00\x00" payload)

/* A record is told where its head is complete, whatever segments it comes in; the middle of one is no text, and what is
 * sent again is told again. */
static void test_segments(void)
{
	static const struct row segments[] = {
		{BYTES(SYN_ACK), "server  [S.] seq 0, ack 0, win 65160, length 0"},
		{SEGMENT("\x00\x2c", "\x01", "\x16\x03\x03\x00"), "server  [P.] seq 1:5, ack 0, win 63, length 4"},
		{SEGMENT("\x00\x2d", "\x05", "\x05\x02\x00\x00\x01"),
		 "server  [P.] seq 5:10, ack 0, win 63, length 5: TLS handshake server_hello"},
		{SEGMENT("\x00\x2f", "\x0a", "\xaa\x17\x03\x03\x00\x08\x99"),
		 "server  [P.] seq 10:17, ack 0, win 63, length 7: TLS application_data 8"},
		{SEGMENT("\x00\x2f", "\x11", "220 hi\r"), "server  [P.] seq 17:24, ack 0, win 63, length 7"},
		{SEGMENT("\x00\x2f", "\x18", "\x15\x03\x03\x00\x02\x02\x28"),
		 "server  [P.] seq 24:31, ack 0, win 63, length 7: TLS alert fatal 40"},
		{SEGMENT("\x00\x2f", "\x18", "\x15\x03\x03\x00\x02\x02\x28"),
		 "server  [P.] seq 24:31, ack 0, win 63, length 7: TLS alert fatal 40"},
	};

	expect_lines(segments, sizeof(segments) / sizeof(segments[0]));
}

/* A copy of just that length: the sanitizer sees a read beyond it. */
static void test_cut(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t length = 0; length < rows[i].length; length++) {
			struct trace_ends ends = {0};
			uint8_t *bytes = malloc(length ? length : 1);
			char *line;

			memcpy(bytes, rows[i].bytes, length);
			line = line_of(&ends, bytes, length);
			CU_ASSERT_TRUE(*line != '\0');
			CU_ASSERT_PTR_NULL(strchr(line, '\n'));
			free(line);
			free(bytes);
		}
	}
}

static void test_words(void)
{
	json_t *cell = json_pack("{s{sIsIs[{sIss}{sIss}]}}", "times", "started", (json_int_t)1000000000, "ended",
				 (json_int_t)3500000000, "lines", "time", (json_int_t)1500000000, "text", "first",
				 "time", (json_int_t)2000001000, "text", "second");
	char *text = trace_text("/nonexistent", cell);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "the capture cannot be read: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "+0.500000  says  first\n"
					    "+1.000001  says  second\n"
					    "+2.500000  the client ends\n"));
	free(text);
	json_decref(cell);
}

/* A packet a second, of which the file says what a capture at the client would: SYN, SYN-ACK, RST. */
static void write_capture(const struct temporary *files)
{
	char path[PATH_MAX];
	pcap_t *dead = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535, PCAP_TSTAMP_PRECISION_NANO);
	pcap_dumper_t *out;

	snprintf(path, sizeof(path), "%s/client.pcap", files->folder);
	out = pcap_dump_open(dead, path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	for (size_t i = 0; i < 4; i++) {
		struct pcap_pkthdr header = {{(time_t)i + 1, 0}, (uint32_t)rows[i].length, (uint32_t)rows[i].length};

		pcap_dump((u_char *)out, &header, rows[i].bytes);
	}
	pcap_dump_close(out);
	pcap_close(dead);
}

static void test_order(void)
{
	struct temporary files;
	json_t *cell = json_pack("{s{sIsIs[{sIss}]}}", "times", "started", (json_int_t)1000000000, "ended",
				 (json_int_t)2600000000, "lines", "time", (json_int_t)2500000000, "text", "words");
	char *text;

	temporary_open(&files);
	write_capture(&files);
	text = trace_text(files.folder, cell);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "+1.500000  says  words\n"
					    "+1.600000  the client ends\n"
					    "+2.000000  client  [P.]"));
	free(text);
	json_decref(cell);
	temporary_close(&files);
}

static void test_killed(void)
{
	json_t *cell =
		json_pack("{s{sIsIs[]}}", "times", "started", (json_int_t)1000000000, "ended", (json_int_t)0, "lines");
	char *text = trace_text("/nonexistent", cell);

	CU_ASSERT_PTR_NULL(strstr(text, "ends"));
	free(text);
	json_decref(cell);
}

static void test_never_started(void)
{
	json_t *cell = json_pack("{ss}", "error", "nft: syntax error");
	char *text = trace_text("/nonexistent", cell);

	CU_ASSERT_STRING_EQUAL(text, "");
	free(text);
	json_decref(cell);
}

const struct unit_test unit_tests[] = {
	{"a record that comes in pieces is told once", test_segments},
	{"packets are lines in tcpdump's manner", test_lines},
	{"so are those that were cut, at every length", test_cut},
	{"the client's words have their times", test_words},
	{"packets, words and the client's end are in the order of time", test_order},
	{"a client that did not end is not said to", test_killed},
	{"a case that was not run has none of them", test_never_started},
	{NULL, NULL},
};
