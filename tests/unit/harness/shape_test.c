/* shape_test.c: what is left of a packet when two runs are compared, and the report of differences. */
#include "harness/shape.h"

#include <stdlib.h>
#include <string.h>

#include "harness/repeat.h"
#include "tests/unit/suite.h"

static const struct {
	const char *packet, *shape;
} rows[] = {
	{"client  [S] seq 0, win 64240, length 0", "client S"},
	{"server  [S.] seq 0, ack 1, win 65160, length 0", "server S"},
	{"client  [.] seq 1, ack 1, win 63, length 0", ""},
	{"client  [P.] seq 1:518, ack 1, win 63, length 517: TLS handshake client_hello",
	 "client  TLS handshake client_hello"},
	{"server  [.] seq 518:1966, ack 1, win 63, length 1448", ""},
	{"server  [F.] seq 8, ack 518, win 64, length 0", "server F"},
	{"server  [FP.] seq 1:8, ack 518, win 64, length 7: TLS alert fatal 40", "server F TLS alert fatal"},
	{"server  [P.] seq 1:9, ack 5, win 64, length 8: TLS handshake server_hello, application_data 36, "
	 "application_data 867, "
	 "application_data 69",
	 "server  TLS handshake server_hello, application_data"},
	{"client  [R] seq 1, win 0, length 0", "client R"},
	{"192.0.2.1  ICMP type 3, code 1", "192.0.2.1  ICMP type 3, code 1"},
};

static void test_packets(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char words[256];

		snprintf(words, sizeof(words), "%s", rows[i].packet);
		shape_packet(words);
		CU_ASSERT_STRING_EQUAL(words, rows[i].shape);
	}
}

static void test_no_capture(void)
{
	char *text = shape_text("/nonexistent");

	CU_ASSERT_STRING_EQUAL(text, "");
	free(text);
}

/* The results of one case whose client, analyzer and packets are these. */
static struct results *make(const struct variants *variants, const char *client, const char *analyzer,
			    const char *shape)
{
	struct results *results = results_new(variants, "", "");
	struct check check = {
		.result = CHECK_PASS, .client = strdup(client), .analyzer = strdup(analyzer), .shape = strdup(shape)};

	results_started(results, 0);
	results_ended(results, 0, &check);
	return results;
}

static void test_differences(void)
{
	static const struct {
		const char *client, *analyzer, *shape;
		size_t count;
		const char *line;
	} others[] = {
		{"0", "established", "client S", 0, ""},
		{"7", "established", "client S", 1, "    client: 0\n            7\n"},
		{"0", "tcp/reset by client", "client S", 1, "    analyzer: established\n"},
		{"0", "established", "client S, server R", 1, "    packets: client S\n"},
	};
	char name[] = "tcp/one/curl/tls1.3/ipv4";
	struct variant variant = {.name = name};
	const struct variants variants = {.count = 1, .items = &variant};
	struct results *first = make(&variants, "0", "established", "client S");

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct results *again = make(&variants, others[i].client, others[i].analyzer, others[i].shape);
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		CU_ASSERT_EQUAL(repeat_compare(out, first, again, 2), others[i].count);
		fclose(out);
		CU_ASSERT(strstr(text, others[i].line) != NULL);
		CU_ASSERT_EQUAL(strstr(text, "run 2 differs from the first: tcp/one/curl/tls1.3/ipv4") != NULL,
				others[i].count > 0);
		free(text);
		results_free(again);
	}
	results_free(first);
}

const struct unit_test unit_tests[] = {
	{"of a packet its sender, flags and messages are left, and no sizes", test_packets},
	{"a capture that is not there has no shape", test_no_capture},
	{"every kind of difference between two runs is told", test_differences},
	{NULL, NULL},
};
