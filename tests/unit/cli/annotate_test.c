/* annotate_test.c: verdicts made by hand, as comments of frames and of a section. */
#include "tests/unit/suite.h"

#include "analyzer/cli/annotate.h"
#include "tests/unit/cli/verdicts.h"

#include <stdlib.h>
#include <string.h>

#define EVIDENCE(list) (list), sizeof(list) / sizeof(*(list))

static struct tlsdiag_verdict failed_verdict(uint64_t number, const struct tlsdiag_evidence *evidence, size_t count)
{
	struct tlsdiag_verdict v = empty_verdict(number);

	v.outcome = TLSDIAG_FAILED;
	v.signature = "server-hello/reset";
	v.by = TLSDIAG_BY_SERVER;
	v.certainty = TLSDIAG_SEEN;
	v.summary = "Reset after the ClientHello";
	v.hello.server_name = "api.example.net";
	v.evidence = evidence;
	v.evidence_count = count;
	return v;
}

static struct annotations *annotations_with(uint64_t frames, uint64_t step)
{
	struct annotations *a = annotations_new();

	CU_ASSERT_FATAL(a != NULL);
	for (uint64_t i = step; i <= frames; i += step)
		annotations_frame(a, i);
	return a;
}

static void finish(struct annotations *a)
{
	CU_ASSERT_FATAL(annotations_finish(a, &(struct report_capture){.name = "x", .dropped = 3}));
}

/* The frame has this comment alone; NULL: none. */
static void comments_are(struct annotations *a, uint64_t frame, const char *expected)
{
	struct pcapng_comments c = annotations_of(a, frame);

	CU_ASSERT_EQUAL(c.count, expected != NULL);
	if (expected && c.count)
		CU_ASSERT_STRING_EQUAL(c.texts[0], expected);
}

/* Another connection's frames are between those of the first, and the filter takes every second frame. */
static void test_failure(void)
{
	static const struct tlsdiag_evidence one[] = {
		{{2, 0}, TLSDIAG_FROM_CLIENT, false, "SYN"},
		{{8, 0}, TLSDIAG_FROM_CLIENT, false, "ACK"},
		{{8, 0}, TLSDIAG_FROM_CLIENT, false, "ClientHello, SNI api.example.net"},
		{{12, 0}, TLSDIAG_FROM_SERVER, true, "RST"},
	};
	static const struct tlsdiag_evidence other[] = {
		{{4, 0}, TLSDIAG_FROM_CLIENT, false, "SYN"},
		{{6, 0}, TLSDIAG_FROM_SERVER, true, "RST\x1b[31m"},
	};
	struct annotations *a = annotations_with(20, 2);
	struct tlsdiag_verdict v = failed_verdict(2, EVIDENCE(other));

	v.certainty = TLSDIAG_INFERRED;
	annotations_verdict(a, &v);
	v = failed_verdict(1, EVIDENCE(one));
	annotations_verdict(a, &v);
	finish(a);
	comments_are(a, 1, "tlsdiag 1: SYN");
	comments_are(a, 2, "tlsdiag 2: SYN");
	comments_are(a, 3,
		     "tlsdiag 2: RST\\x1B[31m; failed: server-hello/reset, by server, inferred: Reset after the "
		     "ClientHello");
	comments_are(a, 4, "tlsdiag 1: ACK; ClientHello, SNI api.example.net");
	comments_are(a, 5, NULL);
	comments_are(a, 6, "tlsdiag 1: RST; failed: server-hello/reset, by server: Reset after the ClientHello");
	comments_are(a, 7, NULL);
	CU_ASSERT(frame_set_has(annotations_frames(a), 20));
	CU_ASSERT(!frame_set_has(annotations_frames(a), 19));
	annotations_free(a);
}

/* A frame in the way of two connections (an ICMP error, a tunnel) has a comment of each. */
static void test_shared_frame(void)
{
	static const struct tlsdiag_evidence one[] = {{{3, 0}, TLSDIAG_FROM_NETWORK, true, "ICMP host unreachable"}};
	struct annotations *a = annotations_with(3, 1);
	struct pcapng_comments c;

	for (uint64_t number = 1; number <= 2; number++) {
		struct tlsdiag_verdict v = failed_verdict(number, EVIDENCE(one));

		annotations_verdict(a, &v);
	}
	finish(a);
	c = annotations_of(a, 3);
	CU_ASSERT_FATAL(c.count == 2);
	CU_ASSERT(strncmp(c.texts[0], "tlsdiag 1: ", 11) == 0);
	CU_ASSERT(strncmp(c.texts[1], "tlsdiag 2: ", 11) == 0);
	annotations_free(a);
}

static void test_others(void)
{
	static const struct tlsdiag_evidence late[] = {
		{{0, 0}, TLSDIAG_FROM_CLIENT, true, "something before the capture"},
		{{5, 0}, TLSDIAG_FROM_CLIENT, false, "FIN"},
	};
	struct annotations *a = annotations_with(10, 1);
	struct tlsdiag_verdict v = empty_verdict(1);
	char expected[1024];

	annotations_verdict(a, &v);
	v = empty_verdict(2);
	v.outcome = TLSDIAG_ESTABLISHED;
	v.milestones[TLSDIAG_FINISHED] = (struct tlsdiag_milestone){.reached = true, .at = {4, 0}};
	v.choice.seen = true;
	v.choice.version = 0x0304;
	annotations_verdict(a, &v);
	v = empty_verdict(3);
	v.outcome = TLSDIAG_NOT_TLS;
	v.protocol = "http";
	annotations_verdict(a, &v);
	v = failed_verdict(4, EVIDENCE(late)); /* it has no frame of its own: the connection's last says it */
	annotations_verdict(a, &v);
	finish(a);
	comments_are(a, 4, "tlsdiag 2: established: TLS 1.3");
	comments_are(a, 5, "tlsdiag 4: FIN");
	comments_are(a, 9, "tlsdiag 4: failed: server-hello/reset, by server: Reset after the ClientHello");
	snprintf(expected, sizeof(expected),
		 "4 connections: 1 failed, 1 established, 1 incomplete, 1 not-tls\n"
		 "      1  server-hello/reset, by server: %s\n"
		 "3 packets were lost by the capture itself\n"
		 "In a display filter: frame.comment contains \"tlsdiag 1:\" (connection 1),"
		 " frame.comment contains \"failed:\" (what ended one)\n"
		 "\n"
		 "4: 192.0.2.40:46188 > 203.0.113.20:443 api.example.net,"
		 " failed: server-hello/reset, by server: Reset after the ClientHello (frame 9)\n"
		 "1: 192.0.2.40:46188 > 203.0.113.20:443,"
		 " incomplete: The capture begins in the middle of this connection.\n"
		 "2: 192.0.2.40:46188 > 203.0.113.20:443, established: TLS 1.3 (frame 4)\n"
		 "3: 192.0.2.40:46188 > 203.0.113.20:443, not-tls: http\n",
		 tlsdiag_explain("server-hello/reset")->title);
	CU_ASSERT_STRING_EQUAL(annotations_section(a), expected);
	annotations_free(a);
}

static void test_nothing(void)
{
	struct annotations *a = annotations_new();

	CU_ASSERT_FATAL(a != NULL);
	CU_ASSERT_FATAL(annotations_finish(a, &(struct report_capture){.name = "x"}));
	CU_ASSERT_STRING_EQUAL(annotations_section(a), "no TCP connection in 0 packets\n");
	comments_are(a, 1, NULL);
	annotations_free(a);
}

/* However many connections there are, the section's comment fits an option, and says how many are not in it. */
static void test_many(void)
{
	static const struct tlsdiag_evidence one[] = {{{1, 0}, TLSDIAG_FROM_SERVER, true, "RST"}};
	struct annotations *a = annotations_with(1, 1);
	unsigned long long more = 0;
	size_t lines = 0;
	const char *at;

	for (uint64_t number = 1; number <= 5000; number++) {
		struct tlsdiag_verdict v = failed_verdict(number, EVIDENCE(one));

		annotations_verdict(a, &v);
		v = empty_verdict(number + 5000);
		annotations_verdict(a, &v);
	}
	finish(a);
	at = annotations_section(a);
	CU_ASSERT(strlen(at) <= PCAPNG_COMMENT_MAX);
	for (const char *p = at; (p = strstr(p, "443 api.example.net, failed")); p++)
		lines++;
	at = strstr(at, " more failed");
	CU_ASSERT_FATAL(at != NULL);
	while (at[-1] >= '0' && at[-1] <= '9')
		at--;
	more = strtoull(at, NULL, 10);
	CU_ASSERT(lines > 100 && more + lines == 5000);
	CU_ASSERT_PTR_NOT_NULL(strstr(at, " more did not fail\n"));
	CU_ASSERT_EQUAL(annotations_of(a, 1).count, 5000);
	annotations_free(a);
}

/* So many long comments that not all are kept: the section says how many connections have none. */
static void test_bound(void)
{
	struct tlsdiag_evidence long_ones[100];
	struct annotations *a = annotations_with(100, 1);
	char shows[901];
	uint64_t connections = ANNOTATIONS_MAX / (sizeof(long_ones) / sizeof(*long_ones) * sizeof(shows)) + 2;

	memset(shows, 'x', sizeof(shows) - 1);
	shows[sizeof(shows) - 1] = '\0';
	for (size_t i = 0; i < sizeof(long_ones) / sizeof(*long_ones); i++)
		long_ones[i] = (struct tlsdiag_evidence){{i + 1, 0}, TLSDIAG_FROM_CLIENT, false, shows};
	for (uint64_t number = 1; number <= connections; number++) {
		struct tlsdiag_verdict v = failed_verdict(number, EVIDENCE(long_ones));

		annotations_verdict(a, &v);
	}
	finish(a);
	CU_ASSERT_PTR_NOT_NULL(strstr(annotations_section(a), " connections have no comments: there were too many\n"));
	CU_ASSERT(annotations_of(a, 1).count < connections);
	annotations_free(a);
}

static void test_ours(void)
{
	static const char *const ours[] = {"tlsdiag 1: SYN", "tlsdiag 18446744073709551615:"};
	static const char *const theirs[] = {
		"", "tlsdiag", "tlsdiag ", "tlsdiag 1", "tlsdiag : x", "tlsdiag x: 1", "see tlsdiag 1: x"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		CU_ASSERT(annotation_is_one(ours[i], strlen(ours[i])));
	for (size_t i = 0; i < sizeof(theirs) / sizeof(*theirs); i++)
		CU_ASSERT(!annotation_is_one(theirs[i], strlen(theirs[i])));
	CU_ASSERT(!annotation_is_one("tlsdiag 1: SYN", 9));
}

const struct unit_test unit_tests[] = {
	{"a failure's frames say what they show, the decisive one the failure, by the saved file's numbers",
	 test_failure},
	{"a frame of two connections has a comment of each", test_shared_frame},
	{"other outcomes, and the section", test_others},
	{"a capture without connections", test_nothing},
	{"many connections", test_many},
	{"comments are bounded", test_bound},
	{"comments of an earlier time are known", test_ours},
	{0},
};
