/* engine_test.c: the public calls of tlsdiag.h: bounds whatever the input, what is given up is counted, handles that
 * know nothing of each other, captures one after the other. */
#include "analyzer/tlsdiag.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/wire.h"

#define MEBIBYTE ((size_t)1 << 20)

/* What was said, added up. */
struct tally {
	size_t verdicts, outcomes[4], warned;
	uint64_t last_number;
	bool disordered; /* numbers that do not ascend */
	char signature[96]; /* of the last one */
	size_t evidence;
};

static void add(const struct tlsdiag_verdict *v, void *context)
{
	struct tally *t = context;

	t->verdicts++;
	t->outcomes[v->outcome]++;
	t->warned += v->warning_count > 0;
	t->disordered |= v->number <= t->last_number;
	t->last_number = v->number;
	t->evidence = v->evidence_count;
	snprintf(t->signature, sizeof(t->signature), "%s", v->signature);
}

static struct tlsdiag *analyzer(const struct tlsdiag_settings *settings, struct tally *t)
{
	struct tlsdiag *d = tlsdiag_new(settings, add, t);

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	return d;
}

static struct tlsdiag_counts counts(const struct tlsdiag *d)
{
	struct tlsdiag_counts c;

	tlsdiag_counts(d, &c);
	return c;
}

static void feed(struct tlsdiag *d, const struct wire *w)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct wire_packet *p = &w->packets[i];
		struct tlsdiag_packet packet = {i + 1, p->time_ns, p->bytes, p->captured, p->wire};

		CU_ASSERT_TRUE(tlsdiag_packet(d, WIRE_LINKTYPE, &packet));
	}
}

/* Bytes allocated by this program. Nothing under ASan, which allocates by itself: the counts remain to be looked at
 * there. */
static size_t allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* ---- Many connections ---- */

enum crowd { SYN_ONLY, REFUSED, CONNECTED, HOLDING };

/* One connection of many: its client's port and address are its own. */
static void join(struct wire *w, unsigned number, enum crowd crowd)
{
	static const uint8_t data[1400];

	w->end[CLIENT].port = (uint16_t)(1024 + number % 50000);
	w->end[CLIENT].address[2] = (uint8_t)(number / 50000);
	w->now_ns += 5000;
	if (crowd != SYN_ONLY && crowd != REFUSED)
		wire_connect(w);
	else
		wire_segment(w, CLIENT, "S", .mss = 1460);
	if (crowd == REFUSED)
		wire_segment(w, SERVER, "R.");
	for (uint32_t i = 0; crowd == HOLDING && i < 10; i++)
		wire_segment(w, CLIENT, ".", .payload = data, .length = sizeof(data), .ahead = 1 + 1400 * i,
			     .lost = true);
}

/* Feeds n connections; returns the most memory that was taken meanwhile. */
static size_t feed_crowd(struct tlsdiag *d, unsigned n, enum crowd crowd)
{
	size_t before = allocated(), most = before;
	int64_t now = 0;

	for (unsigned i = 0; i < n; i++) {
		struct wire *w = wire_new(4);

		w->now_ns += now;
		now += 5000;
		join(w, i, crowd);
		feed(d, w);
		wire_free(w);
		if (i % 256 == 0 && allocated() > most)
			most = allocated();
	}
	return most - before;
}

static void test_flows_max(void)
{
	struct tlsdiag_settings settings;
	struct tally t = {0};
	struct tlsdiag *d;

	tlsdiag_settings_init(&settings);
	settings.flows_max = 100;
	d = analyzer(&settings, &t);
	feed_crowd(d, 1000, CONNECTED);
	CU_ASSERT_EQUAL(t.verdicts, 900);
	CU_ASSERT_EQUAL(counts(d).flows_evicted, 900);
	CU_ASSERT_EQUAL(t.warned, 900);
	tlsdiag_finish(d);
	CU_ASSERT_EQUAL(t.verdicts, 1000);
	CU_ASSERT_EQUAL(t.outcomes[TLSDIAG_INCOMPLETE], 1000);
	CU_ASSERT_FALSE(t.disordered);
	CU_ASSERT_EQUAL(counts(d).connections, 1000);
	CU_ASSERT_EQUAL(counts(d).flows_evicted, 900);
	tlsdiag_free(d);
}

static void check_flood(enum crowd crowd, enum tlsdiag_outcome outcome)
{
	enum { CONNECTIONS = 200000 };
	struct tlsdiag_settings settings;
	struct tally t = {0};
	struct tlsdiag *d;
	size_t taken;

	tlsdiag_settings_init(&settings);
	settings.flows_max = 2000;
	settings.memory_max = 2 * MEBIBYTE;
	d = analyzer(&settings, &t);
	taken = feed_crowd(d, CONNECTIONS, crowd);
	CU_ASSERT_TRUE(taken < 4 * MEBIBYTE);
	if (taken >= 4 * MEBIBYTE)
		printf("# %zu bytes were taken\n", taken);
	tlsdiag_finish(d);
	CU_ASSERT_EQUAL(t.verdicts, CONNECTIONS);
	CU_ASSERT_EQUAL(t.outcomes[outcome], CONNECTIONS);
	CU_ASSERT_TRUE(counts(d).flows_evicted >= CONNECTIONS - settings.flows_max);
	tlsdiag_free(d);
}

static void test_syn_flood(void)
{
	check_flood(SYN_ONLY, TLSDIAG_INCOMPLETE);
}

static void test_port_scan(void)
{
	check_flood(REFUSED, TLSDIAG_FAILED);
}

static void test_memory_max(void)
{
	struct tlsdiag_settings settings;
	struct tally t = {0};
	struct tlsdiag *d;
	size_t taken;

	tlsdiag_settings_init(&settings);
	settings.flows_max = 2000;
	settings.memory_max = 2 * MEBIBYTE;
	d = analyzer(&settings, &t);
	taken = feed_crowd(d, 1000, HOLDING); /* 14 MB of data that waits for a first byte */
	CU_ASSERT_TRUE(taken < 3 * MEBIBYTE);
	CU_ASSERT_TRUE(counts(d).flows_evicted > 500);
	tlsdiag_finish(d);
	CU_ASSERT_EQUAL(t.outcomes[TLSDIAG_INCOMPLETE], 1000);
	tlsdiag_free(d);
}

static void test_stream_max(void)
{
	struct wire *w = wire_new(4);
	struct tlsdiag_settings settings;
	struct tally t = {0};
	struct tlsdiag *d;

	tlsdiag_settings_init(&settings);
	settings.stream_max = 5000;
	d = analyzer(&settings, &t);
	wire_connect(w);
	for (uint32_t i = 0; i < 10; i++)
		wire_segment(w, CLIENT, ".", .payload = "\x16\x03\x01", .length = 3, .ahead = 1 + 3 * i, .lost = true);
	for (uint32_t i = 0; i < 10; i++) {
		static const uint8_t data[1000];

		wire_segment(w, CLIENT, ".", .payload = data, .length = sizeof(data), .ahead = 31 + 1000 * i,
			     .lost = true);
	}
	feed(d, w);
	tlsdiag_finish(d);
	CU_ASSERT_TRUE(counts(d).stream_bytes_given_up >= 5000);
	CU_ASSERT_EQUAL(t.outcomes[TLSDIAG_INCOMPLETE], 1);
	tlsdiag_free(d);
	wire_free(w);
}

/* ---- Captures, handles, threads ---- */

/* A connection up to the ClientHello, which the server answers with a bare segment. */
static struct wire *answered(const char *flags)
{
	struct wire *w = wire_new(4);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net"});

	wire_connect(w);
	wire_data(w, CLIENT, &hello, 1460);
	wire_segment(w, SERVER, flags);
	return w;
}

/* A connection that the server resets after the ClientHello. */
static struct wire *reset(void)
{
	return answered("R.");
}

static void test_again(void)
{
	struct wire *w = reset();
	struct tally t = {0};
	struct tlsdiag *d = analyzer(NULL, &t);

	for (size_t i = 1; i <= 3; i++) {
		feed(d, w);
		tlsdiag_finish(d);
		CU_ASSERT_EQUAL(t.verdicts, i);
		CU_ASSERT_STRING_EQUAL(t.signature, "server-hello/reset");
	}
	tlsdiag_finish(d);
	CU_ASSERT_EQUAL(t.verdicts, 3);
	CU_ASSERT_EQUAL(counts(d).packets, 3 * w->count);
	tlsdiag_free(d);
	wire_free(w);
}

static void test_failures_only(void)
{
	struct wire *w = reset(), *open = wire_new(4);
	struct tlsdiag_settings settings;
	struct tally t = {0};
	struct tlsdiag *d;

	tlsdiag_settings_init(&settings);
	settings.failures_only = true;
	d = analyzer(&settings, &t);
	wire_connect(open);
	feed(d, open);
	tlsdiag_finish(d);
	CU_ASSERT_EQUAL(t.outcomes[TLSDIAG_INCOMPLETE], 1);
	CU_ASSERT_EQUAL(t.evidence, 0);
	feed(d, w);
	tlsdiag_finish(d);
	CU_ASSERT_STRING_EQUAL(t.signature, "server-hello/reset");
	CU_ASSERT_TRUE(t.evidence > 0);
	tlsdiag_free(d);
	wire_free(open);
	wire_free(w);
}

static void test_free(void)
{
	struct wire *w = reset();
	struct tally t = {0};
	struct tlsdiag *d = analyzer(NULL, &t);

	feed(d, w);
	tlsdiag_free(d);
	CU_ASSERT_EQUAL(t.verdicts, 0);
	tlsdiag_free(NULL);
	d = tlsdiag_new(NULL, NULL, NULL); /* counts alone */
	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	feed(d, w);
	tlsdiag_finish(d);
	CU_ASSERT_EQUAL(counts(d).connections, 1);
	tlsdiag_free(d);
	wire_free(w);
}

static void test_linktype(void)
{
	struct tally t = {0};
	struct tlsdiag *d = analyzer(NULL, &t);
	struct tlsdiag_packet packet = {1, 0, (const uint8_t *)"", 0, 0};

	CU_ASSERT_FALSE(tlsdiag_packet(d, 9999, &packet));
	CU_ASSERT_TRUE(tlsdiag_packet(d, WIRE_LINKTYPE, &packet));
	CU_ASSERT_EQUAL(counts(d).packets, 2);
	CU_ASSERT_EQUAL(counts(d).unknown_linktype, 1);
	tlsdiag_finish(d);
	CU_ASSERT_EQUAL(t.verdicts, 0);
	tlsdiag_free(d);
}

static void *work(void *context)
{
	struct wire *w = reset();
	struct tally *t = context;

	for (int i = 0; i < 200; i++) {
		struct tlsdiag *d = tlsdiag_new(NULL, add, t);

		for (size_t n = 0; d && n < w->count; n++) {
			const struct wire_packet *p = &w->packets[n];
			struct tlsdiag_packet packet = {n + 1, p->time_ns, p->bytes, p->captured, p->wire};

			tlsdiag_packet(d, WIRE_LINKTYPE, &packet);
		}
		if (d)
			tlsdiag_finish(d);
		tlsdiag_free(d);
	}
	wire_free(w);
	return NULL;
}

static void test_threads(void)
{
	struct tally t[2] = {{0}, {0}};
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, work, &t[i]), 0);
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		CU_ASSERT_EQUAL(t[i].verdicts, 200);
		CU_ASSERT_EQUAL(t[i].outcomes[TLSDIAG_FAILED], 200);
		CU_ASSERT_STRING_EQUAL(t[i].signature, "server-hello/reset");
	}
}

/* ---- Time without packets ---- */

#define SECOND_NS INT64_C(1000000000)

/* What is said after so many seconds without a packet: how many verdicts. */
static size_t after_silence(struct wire *w, int64_t seconds, struct tally *t)
{
	struct tlsdiag *d = analyzer(NULL, t);
	size_t verdicts;

	feed(d, w);
	tlsdiag_advance(d, w->packets[w->count - 1].time_ns + seconds * SECOND_NS);
	verdicts = t->verdicts;
	tlsdiag_finish(d);
	CU_ASSERT_EQUAL(t->verdicts, 1);
	tlsdiag_free(d);
	return verdicts;
}

static void check_silence(struct wire *w, int64_t undecided, int64_t decided, const char *signature)
{
	struct tally before = {0}, after = {0};

	CU_ASSERT_EQUAL(after_silence(w, undecided, &before), 0);
	CU_ASSERT_EQUAL(after_silence(w, decided, &after), 1);
	CU_ASSERT_STRING_EQUAL(after.signature, signature);
	wire_free(w);
}

static void test_advance_ended(void)
{
	struct wire *w = wire_new(4);

	wire_segment(w, CLIENT, "S", .mss = 1460);
	wire_segment(w, SERVER, "R.");
	check_silence(w, 1, 2, "tcp/refused");
}

/* SYN, 1 s, SYN, 2 s, SYN: the next would come 4 s later. */
static void test_advance_unanswered(void)
{
	struct wire *w = wire_new(4);

	wire_segment(w, CLIENT, "S", .mss = 1460);
	for (int64_t seconds = 1; seconds <= 2; seconds *= 2) {
		wire_wait(w, seconds * 1000);
		w->end[CLIENT].seq--; /* the same SYN again */
		wire_segment(w, CLIENT, "S", .mss = 1460);
	}
	check_silence(w, 11, 12, "tcp/timeout");
}

static struct wire *asked(void)
{
	return answered(".");
}

static void test_advance_silent(void)
{
	check_silence(asked(), 129, 130, "server-hello/timeout");
}

static void test_advance_closing(void)
{
	struct wire *w = asked();

	wire_wait(w, 5000);
	wire_segment(w, CLIENT, "F.");
	wire_segment(w, SERVER, ".");
	check_silence(w, 9, 10, "server-hello/timeout");
}

/* A clock that is behind, or that runs before the first packet, says nothing. */
static void test_advance_backwards(void)
{
	struct wire *w = asked();
	struct tally t = {0};
	struct tlsdiag *d = analyzer(NULL, &t);

	tlsdiag_advance(d, w->packets[0].time_ns + 1000 * SECOND_NS);
	feed(d, w);
	tlsdiag_advance(d, w->packets[0].time_ns - 1000 * SECOND_NS);
	tlsdiag_advance(d, INT64_MAX);
	CU_ASSERT_EQUAL(t.verdicts, 0);
	tlsdiag_free(d);
	wire_free(w);
}

/* ---- Packets, decoded ---- */

struct segments {
	size_t count, icmp, data;
	uint64_t connection;
	struct tlsdiag_headers first, last;
	uint8_t byte; /* the first one of the last payload */
};

static void take_segment(const struct tlsdiag_segment *segment, void *context)
{
	const struct tlsdiag_headers *h = &segment->headers;
	struct segments *s = context;

	if (s->count++ == 0)
		s->first = *h;
	s->last = *h;
	s->connection = segment->connection;
	s->icmp += h->kind == TLSDIAG_PACKET_ICMP_ERROR;
	if (h->payload_captured) {
		s->data++;
		s->byte = h->payload[0];
	}
}

static void test_segments_are_told(void)
{
	struct segments s = {0};
	struct tally t = {0};
	struct tlsdiag *d = analyzer(NULL, &t);
	struct wire *w = wire_new(4);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net"});

	wire_connect(w);
	wire_data(w, CLIENT, &hello, 1400);
	wire_icmp(w, 3, 3, 13, 0);
	tlsdiag_on_segment(d, take_segment, &s);
	feed(d, w);
	CU_ASSERT_EQUAL(s.count, 5);
	CU_ASSERT_EQUAL(s.connection, 1);
	CU_ASSERT_EQUAL(s.first.tcp_flags, 2);
	CU_ASSERT_EQUAL(s.first.mss, 1460);
	CU_ASSERT_TRUE(s.first.tcp_options_length > 0 && s.first.tcp_options[0] == 2);
	CU_ASSERT_EQUAL(s.first.src.port, 46188);
	CU_ASSERT_EQUAL(s.data, 1);
	CU_ASSERT_EQUAL(s.byte, 0x16);
	CU_ASSERT_EQUAL(s.icmp, 1);
	CU_ASSERT_STRING_EQUAL(s.last.icmp_reason, "admin-prohibited");
	CU_ASSERT_EQUAL(s.last.quoted_src.port, 46188);
	CU_ASSERT_TRUE(s.last.quotes_seq && s.last.quoted_seq == s.first.seq + 1);
	CU_ASSERT_EQUAL(s.last.window_scale, -1);
	tlsdiag_on_segment(d, NULL, NULL);
	feed(d, w);
	CU_ASSERT_EQUAL(s.count, 5);
	tlsdiag_free(d);
	wire_free(w);
}

const struct unit_test unit_tests[] = {
	{"more connections than may be followed: those idle longest are decided early, counted, and say so",
	 test_flows_max},
	{"a SYN flood stays within the memory", test_syn_flood},
	{"a port scan stays within the memory", test_port_scan},
	{"data that waits for its beginning stays within the memory", test_memory_max},
	{"one direction holds back no more than it may, which is counted", test_stream_max},
	{"after tlsdiag_finish() another capture may follow", test_again},
	{"of what did not fail only the outcome is told, where that is wished", test_failures_only},
	{"tlsdiag_free() gives no verdicts", test_free},
	{"packets of an unknown link type are counted and refused", test_linktype},
	{"two handles in two threads say what one says", test_threads},
	{"without packets, a connection that ended is decided when time goes on", test_advance_ended},
	{"… one whose SYN is no longer repeated", test_advance_unanswered},
	{"… one on which both ends are silent for longer than TCP waits", test_advance_silent},
	{"… one that its client has closed and its server has not", test_advance_closing},
	{"a clock that is behind decides nothing", test_advance_backwards},
	{"packets are told, decoded, to who asks", test_segments_are_told},
	{NULL, NULL},
};
