/* pair_captures_test.c: the lab's captures of both ends (tests/golden), compared as they are and as other people have
 * them: one clock hours off, the client behind a NAT, numbers rewritten, one capture late or at its end early.
 *
 * What is claimed as seen of the captures as they are must be claimed of none of the variations unless it is as true of
 * them: a capture that holds less may make tlsdiag say less, never anything else.
 */
#include "tests/unit/suite.h"

#include "analyzer/cli/capture_file.h"
#include "analyzer/cli/pair_all.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_NS (INT64_C(3600) * 1000000000)
#define PATIENCE_NS INT64_C(1000000000)
#define ETHERNET 14

struct packet {
	int linktype;
	struct tlsdiag_packet packet;
	uint8_t *bytes;
};

struct capture {
	struct packet *packets;
	size_t count;
};

/* What is said of both: each kind of difference and way that is seen, as bits; and the judgement. */
struct said {
	size_t connections, paired, arrived; /* at the server, be it paired or not */
	unsigned seen, presumed; /* 1 << kind * 2 + way */
	enum tlsdiag_party by;
	struct pair_clock clock;
};

struct variation {
	const char *name;
	int64_t ahead_ns; /* of the server's clock */
	void (*alter)(uint8_t *frame, const struct tlsdiag_packet *packet); /* of each of the server's packets */
	double from, to; /* the part of the server's packets that its capture holds; 0, 0: all */
	bool less; /* it may say less */
};

/* ---- Captures ---- */

static void load(const char *name, struct capture *c)
{
	char error[256];
	struct source *source = capture_file_open(name, error, sizeof(error));
	struct source_packet p;

	*c = (struct capture){0};
	CU_ASSERT_PTR_NOT_NULL_FATAL(source);
	while (source_next(source, &p) == SOURCE_PACKET) {
		struct packet *more = realloc(c->packets, (c->count + 1) * sizeof(*more));

		CU_ASSERT_PTR_NOT_NULL_FATAL(more);
		c->packets = more;
		more[c->count] =
			(struct packet){.linktype = p.linktype, .packet = p.packet, .bytes = malloc(p.packet.captured)};
		memcpy(more[c->count].bytes, p.packet.bytes, p.packet.captured);
		more[c->count].packet.bytes = more[c->count].bytes;
		c->count++;
	}
	source_close(source);
}

static void unload(struct capture *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->packets[i].bytes);
	free(c->packets);
}

static bool within(const struct variation *v, size_t i, size_t count)
{
	return v->to == 0 || ((double)i >= v->from * (double)count && (double)i < v->to * (double)count);
}

static void read_trails(const struct capture *c, const struct variation *v, struct trails *trails)
{
	struct tlsdiag *d = tlsdiag_new(NULL, trails_verdict, trails);
	uint64_t frame = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	*trails = (struct trails){.memory_max = (size_t)64 << 20};
	tlsdiag_on_segment(d, trails_segment, trails);
	for (size_t i = 0; i < c->count; i++) {
		struct tlsdiag_packet packet = c->packets[i].packet;
		uint8_t frame_bytes[65536];

		if (v && !within(v, i, c->count))
			continue;
		packet.frame = ++frame;
		packet.time_ns += v ? v->ahead_ns : 0;
		memcpy(frame_bytes, packet.bytes, packet.captured);
		packet.bytes = frame_bytes;
		if (v && v->alter)
			v->alter(frame_bytes, &packet);
		trails_span(trails, packet.time_ns);
		tlsdiag_packet(d, c->packets[i].linktype, &packet);
	}
	tlsdiag_finish(d);
	tlsdiag_free(d);
	trails_finish(trails);
}

static bool note(const struct between *b, void *context)
{
	struct said *s = context;

	s->connections++;
	s->paired += b->a && b->b;
	s->arrived += b->b != NULL;
	s->clock = b->clock;
	if (b->a)
		s->by = b->judgement.by;
	for (size_t i = 0; i < b->difference_count; i++) {
		unsigned bit = 1U << (b->differences[i].kind * 2U + b->differences[i].way);

		*(b->differences[i].presumed ? &s->presumed : &s->seen) |= bit;
	}
	return true;
}

static struct said compare(const struct capture *a, const struct capture *b, const struct variation *v)
{
	struct trails trails[2];
	struct said said = {0};

	read_trails(a, NULL, &trails[0]);
	read_trails(b, v, &trails[1]);
	CU_ASSERT_TRUE(pair_all(trails, PATIENCE_NS, note, &said));
	trails_free(&trails[0]);
	trails_free(&trails[1]);
	return said;
}

/* ---- Variations ---- */

static bool is_ipv4(const uint8_t *frame)
{
	return frame[ETHERNET] >> 4 == 4;
}

static uint8_t *tcp_of(uint8_t *frame)
{
	return frame + ETHERNET + (is_ipv4(frame) ? (frame[ETHERNET] & 15) * 4 : 40);
}

static bool is_tcp(const uint8_t *frame)
{
	return frame[ETHERNET + (is_ipv4(frame) ? 9 : 6)] == 6;
}

static bool from_server(const uint8_t *tcp)
{
	return tcp[0] == 443 >> 8 && tcp[1] == (443 & 0xff);
}

/* The client's address and port become others. */
static void translate(uint8_t *frame, const struct tlsdiag_packet *packet)
{
	uint8_t *tcp = tcp_of(frame);
	bool back = from_server(tcp);

	(void)packet;
	if (!is_tcp(frame))
		return;
	if (is_ipv4(frame))
		frame[ETHERNET + (back ? 19 : 15)] ^= 0x55;
	else
		frame[ETHERNET + (back ? 39 : 23)] ^= 0x55;
	tcp[back ? 2 : 0] ^= 0x11;
}

static void add_to(uint8_t *at, uint32_t add)
{
	uint32_t value = ((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]) + add;

	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A firewall that chooses the client's sequence numbers anew. */
static void renumber(uint8_t *frame, const struct tlsdiag_packet *packet)
{
	uint8_t *tcp = tcp_of(frame);

	(void)packet;
	if (is_tcp(frame) && !from_server(tcp))
		add_to(tcp + 4, 0x12345678);
	else if (is_tcp(frame) && tcp[13] & 0x10)
		add_to(tcp + 8, 0x12345678);
}

static const struct variation variations[] = {
	{.name = "the server's clock is 7 hours behind", .ahead_ns = -7 * HOUR_NS},
	{.name = "the client is behind a NAT", .alter = translate, .ahead_ns = HOUR_NS},
	{.name = "the client's sequence numbers are rewritten", .alter = renumber},
	{.name = "the server's capture begins late", .from = 0.4, .to = 1, .less = true},
	{.name = "the server's capture ends early", .from = 0, .to = 0.6, .less = true},
	{.name = "the server's capture is a part of it, by another clock",
	 .from = 0.3,
	 .to = 0.7,
	 .less = true,
	 .ahead_ns = 30 * HOUR_NS},
};

/* An ICMP error that quotes what is translated is not followed: those captures are looked at as they are. */
static bool fits(const struct variation *v, const struct capture *b)
{
	for (size_t i = 0; v->alter && i < b->count; i++)
		if (!is_tcp(b->packets[i].bytes))
			return false;
	return true;
}

static bool holds(const struct variation *v, const struct said *plain, const struct said *varied)
{
	if (v->less)
		return (varied->seen & ~(plain->seen | plain->presumed)) == 0;
	return varied->seen == plain->seen && varied->presumed == plain->presumed && varied->by == plain->by &&
	       varied->connections == plain->connections && varied->paired == plain->paired;
}

/* Captures that were kept of two runs are none of the same attempt. */
static bool of_one_run(const struct capture *a, const struct capture *b)
{
	int64_t apart = a->packets[0].packet.time_ns - b->packets[0].packet.time_ns;

	return apart < 30 * INT64_C(1000000000) && apart > -30 * INT64_C(1000000000);
}

/* False: they are not of one run. */
static bool check_pair(const char *server_name)
{
	char client_name[512];
	size_t stem = strlen(server_name) - strlen(".server.pcap");
	struct capture a, b;
	struct said plain;

	snprintf(client_name, sizeof(client_name), "%.*s.pcap", (int)stem, server_name);
	load(client_name, &a);
	load(server_name, &b);
	if (!of_one_run(&a, &b)) {
		unload(&a);
		unload(&b);
		return false;
	}
	plain = compare(&a, &b, NULL);
	CU_ASSERT_TRUE(plain.paired > 0);
	CU_ASSERT_EQUAL(plain.paired, plain.arrived);
	for (size_t i = 0; i < sizeof(variations) / sizeof(*variations); i++) {
		const struct variation *v = &variations[i];
		struct said varied;
		bool good;

		if (!fits(v, &b))
			continue;
		varied = compare(&a, &b, v);
		good = holds(v, &plain, &varied);
		if (!good)
			printf("# %s, %s: by %s and %s, seen %x and %x, presumed %x and %x, paired %zu and %zu of "
			       "%zu\n",
			       server_name, v->name, tlsdiag_party_name(plain.by), tlsdiag_party_name(varied.by),
			       plain.seen, varied.seen, plain.presumed, varied.presumed, plain.paired, varied.paired,
			       varied.connections);
		CU_ASSERT_TRUE(good);
		if (v->ahead_ns && pair_clock_bounded(&plain.clock) && pair_clock_bounded(&varied.clock) && !v->less)
			CU_ASSERT_EQUAL(pair_clock_offset(&varied.clock) - pair_clock_offset(&plain.clock),
					v->ahead_ns);
	}
	unload(&a);
	unload(&b);
	return true;
}

static void test_golden(void)
{
	size_t checked = 0;
	glob_t found;

	CU_ASSERT_EQUAL_FATAL(glob("tests/golden/*/*.server.pcap", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		checked += check_pair(found.gl_pathv[i]);
	CU_ASSERT_TRUE(checked > 50);
	globfree(&found);
}

const struct unit_test unit_tests[] = {
	{"both ends' captures of the lab, as they are and varied", test_golden},
	{NULL, NULL},
};
