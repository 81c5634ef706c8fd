/* pair_all_test.c: two captures of one connection made in memory: what each end sent is the same, what each capture
 * holds is not.
 *
 * A script builds the connection once (tests/unit/wire.h); a list says which packets a capture lacks and what the way
 * did to them. B's clock may be hours off, and its packets come a hop later.
 */
#include "tests/unit/suite.h"
#include "tests/unit/wire.h"

#include "analyzer/cli/pair_all.h"

#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)
#define HOUR (INT64_C(3600) * 1000 * MS)
#define DELAY (2 * MS)
#define PATIENCE (1000 * MS)
#define IP 14 /* where it begins in a frame */
#define TCP 34

/* Changes a frame on its way; `to_b`: it goes to the server. */
typedef void alter_fn(uint8_t *frame, size_t index, enum wire_side from);

struct both {
	struct trails trails[2];
	struct between found; /* the last connection told */
	struct judgement first; /* of the first pair */
	struct pair pair; /* a copy of what it points to */
	size_t told;
	enum pair_likeness likeness; /* of one in A alone to one in B */
	int64_t ahead_ns; /* of B's clock */
	alter_fn *alter; /* NULL: nothing is changed but TTL */
	size_t budget; /* bytes for each capture; 0: plenty */
};

/* The packets of a capture: those of `w` but for the ones in `missing`, a string of digits and letters by index (0-9,
 * a-z). */
static bool missing(const char *list, size_t index)
{
	return index < 36 && strchr(list, "0123456789abcdefghijklmnopqrstuvwxyz"[index]);
}

/* As it is at the other end: altered, a hop later. */
static void pass(uint8_t *frame, size_t index, enum wire_side from, alter_fn *alter)
{
	frame[IP + 8]--;
	if (alter)
		alter(frame, index, from);
}

/* `capture` 0: A, at the client's end; a packet is there when it leaves the client, or DELAY after it left the
 * server. */
static void capture(struct both *t, int which, const struct wire *w, const char *lacks)
{
	struct trails *trails = &t->trails[which];
	struct tlsdiag *d = tlsdiag_new(NULL, trails_verdict, trails);
	uint64_t frame = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	trails->memory_max = t->budget ? t->budget : (size_t)64 << 20;
	tlsdiag_on_segment(d, trails_segment, trails);
	for (size_t i = 0; i < w->count; i++) {
		const struct wire_packet *p = &w->packets[i];
		bool arrives = (which == 0) == (p->from == SERVER);
		int64_t time = p->time_ns + (arrives ? DELAY : 0) + (which ? t->ahead_ns : 0);
		uint8_t bytes[2048];
		struct tlsdiag_packet packet = {frame + 1, time, bytes, p->captured, p->wire};

		if (missing(lacks, i))
			continue;
		frame++;
		memcpy(bytes, p->bytes, p->captured);
		if (arrives)
			pass(bytes, i, p->from, t->alter);
		trails_span(trails, time);
		CU_ASSERT_TRUE(tlsdiag_packet(d, WIRE_LINKTYPE, &packet));
	}
	tlsdiag_finish(d);
	tlsdiag_free(d);
}

static bool keep(const struct between *b, void *context)
{
	struct both *t = context;

	if (t->told == 0)
		t->first = b->judgement;
	t->found = *b;
	t->pair = *b->pair;
	t->found.pair = &t->pair;
	if (b->pair->similar)
		t->likeness = b->pair->likeness;
	t->told++;
	return true;
}

static void compare(struct both *t)
{
	for (int i = 0; i < 2; i++)
		trails_finish(&t->trails[i]);
	CU_ASSERT_TRUE(pair_all(t->trails, PATIENCE, keep, t));
}

static void compare_wire(struct both *t, const struct wire *w, const char *a_lacks, const char *b_lacks)
{
	capture(t, 0, w, a_lacks);
	capture(t, 1, w, b_lacks);
	compare(t);
}

static void end(struct both *t)
{
	trails_free(&t->trails[0]);
	trails_free(&t->trails[1]);
}

/* 0 SYN, 1 SYN-ACK, 2 ACK, 3 ClientHello, 4 ServerHello, 5 its ACK, 6 FIN of the server, 7 ACK, 8 FIN, 9 ACK. */
static struct wire *conversation(void)
{
	struct wire *w = wire_new(4);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net"});
	struct wire_bytes answer = wire_server_hello(0x0303, 0xc02f, false);

	w->timestamps = true;
	wire_segment(w, CLIENT, "S", .mss = 1460, .sack_permitted = true);
	wire_wait(w, 10);
	wire_segment(w, SERVER, "S.", .mss = 1460, .sack_permitted = true);
	wire_wait(w, 10);
	wire_segment(w, CLIENT, ".");
	wire_data(w, CLIENT, &hello, 1400);
	wire_wait(w, 10);
	wire_data(w, SERVER, &answer, 1400);
	wire_wait(w, 10);
	wire_segment(w, CLIENT, ".");
	wire_wait(w, 10);
	wire_segment(w, SERVER, "F.");
	wire_wait(w, 10);
	wire_segment(w, CLIENT, ".");
	wire_segment(w, CLIENT, "F.");
	wire_wait(w, 10);
	wire_segment(w, SERVER, ".");
	return w;
}

static const struct difference *difference(const struct both *t, enum difference_kind kind, enum way way)
{
	for (size_t i = 0; i < t->found.difference_count; i++)
		if (t->found.differences[i].kind == kind && t->found.differences[i].way == way)
			return &t->found.differences[i];
	return NULL;
}

/* ---- What passes ---- */

static void test_all_passes(void)
{
	struct both t = {.ahead_ns = 5 * HOUR};
	struct wire *w = conversation();

	compare_wire(&t, w, "", "");
	CU_ASSERT_EQUAL(t.told, 1);
	CU_ASSERT_EQUAL(t.found.difference_count, 0);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].passed, 6);
	CU_ASSERT_EQUAL(t.found.counts[TO_CLIENT].passed, 4);
	CU_ASSERT_EQUAL(t.found.hops[TO_SERVER], 1);
	CU_ASSERT_EQUAL(t.found.hops[TO_CLIENT], 1);
	CU_ASSERT_EQUAL(pair_clock_offset(&t.found.clock), 5 * HOUR);
	CU_ASSERT_EQUAL(pair_clock_uncertainty(&t.found.clock), DELAY);
	end(&t);
	wire_free(w);
}

/* The packet again at once, as it was: its twin in the capture is not another packet of the sender. */
static void test_duplicated(void)
{
	struct both t = {0};
	struct wire *w = conversation();
	struct wire_packet ack = w->packets[2], twin = w->packets[3];

	capture(&t, 0, w, "");
	twin.time_ns = w->packets[2].time_ns;
	w->packets[2] = twin; /* B has the ClientHello twice, and lacks the ACK before it */
	capture(&t, 1, w, "");
	w->packets[2] = ack;
	compare(&t);
	CU_ASSERT_PTR_NOT_NULL(difference(&t, DIFFERENCE_TWICE, TO_SERVER));
	CU_ASSERT_PTR_NULL(difference(&t, DIFFERENCE_APPEARED, TO_SERVER));
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].dropped, 1);
	end(&t);
	wire_free(w);
}

/* ---- What does not arrive ---- */

static void test_syn_lost(void)
{
	struct both t = {0};
	struct wire *w = wire_new(4);

	wire_segment(w, CLIENT, "S", .mss = 1460);
	wire_wait(w, 1000);
	wire_repeat(w, 0);
	capture(&t, 0, w, "");
	/* B was running all the time, as other packets show. */
	trails_span(&t.trails[1], w->packets[0].time_ns - MS);
	trails_span(&t.trails[1], w->packets[1].time_ns + MS);
	compare(&t);
	CU_ASSERT_EQUAL(t.found.judgement.by, TLSDIAG_BY_NETWORK);
	CU_ASSERT_PTR_NOT_NULL(strstr(t.found.judgement.finding, "the SYN never arrived"));
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].dropped, 2);
	end(&t);
	wire_free(w);
}

static void test_syn_lost_and_b_began_later(void)
{
	struct both t = {0};
	struct wire *w = wire_new(4);

	wire_segment(w, CLIENT, "S", .mss = 1460);
	wire_wait(w, 1000);
	wire_repeat(w, 0);
	capture(&t, 0, w, "");
	trails_span(&t.trails[1], w->packets[1].time_ns + 5 * MS);
	compare(&t);
	CU_ASSERT_EQUAL(t.found.judgement.by, TLSDIAG_BY_UNKNOWN);
	CU_ASSERT_PTR_NOT_NULL(t.found.judgement.incomplete);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].dropped, 0);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].outside, 2);
	end(&t);
	wire_free(w);
}

static void test_answer_lost(void)
{
	struct both t = {0};
	struct wire *w = wire_new(4);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){0});
	struct wire_bytes answer = wire_server_hello(0x0303, 0xc02f, false);

	wire_connect(w);
	wire_data(w, CLIENT, &hello, 1400); /* 3 */
	wire_wait(w, 5);
	wire_segment(w, SERVER, "."); /* 4 */
	wire_data(w, SERVER, &answer, 1400); /* 5 */
	wire_wait(w, 400);
	wire_repeat(w, 5); /* 6 */
	wire_wait(w, 1500);
	wire_segment(w, CLIENT, "F.", .ack_back = (uint32_t)answer.n); /* 7 */
	compare_wire(&t, w, "56", "");
	CU_ASSERT_EQUAL(t.found.a->by, TLSDIAG_BY_SERVER);
	CU_ASSERT_EQUAL(t.found.judgement.by, TLSDIAG_BY_NETWORK);
	CU_ASSERT_EQUAL(t.found.judgement.certainty, TLSDIAG_SEEN);
	CU_ASSERT_PTR_NOT_NULL(strstr(t.found.judgement.finding, "ServerHello was sent and did not arrive"));
	CU_ASSERT_EQUAL(difference(&t, DIFFERENCE_DROPPED, TO_CLIENT)->count, 2);
	CU_ASSERT_EQUAL(difference(&t, DIFFERENCE_DROPPED, TO_CLIENT)->frames[1][0], 6);
	end(&t);
	wire_free(w);
}

/* B's kernel lost the ClientHello, not the network: the server acknowledged it. */
static void test_not_caught(void)
{
	struct both t = {0};
	struct wire *w = conversation();

	compare_wire(&t, w, "", "3");
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].missed, 1);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].dropped, 0);
	end(&t);
	t = (struct both){0};
	compare_wire(&t, w, "", "4"); /* what the server sent, and went on behind */
	CU_ASSERT_EQUAL(t.found.counts[TO_CLIENT].missed, 1);
	CU_ASSERT_EQUAL(t.found.counts[TO_CLIENT].appeared, 0);
	end(&t);
	wire_free(w);
}

/* A capture that ends early, or begins late, loses nothing between the two. */
static void test_other_times(void)
{
	static const struct {
		const char *a_lacks, *b_lacks;
	} cases[] = {{"", "56789"}, {"56789", ""}, {"", "0123"}, {"0123", ""}, {"", "012345678"}};
	struct wire *w = conversation();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct both t = {.ahead_ns = -3 * HOUR};

		compare_wire(&t, w, cases[i].a_lacks, cases[i].b_lacks);
		CU_ASSERT_EQUAL(t.told, 1);
		CU_ASSERT_EQUAL(t.found.difference_count, 0);
		CU_ASSERT_TRUE(t.found.counts[TO_SERVER].outside + t.found.counts[TO_CLIENT].outside > 0);
		end(&t);
	}
	wire_free(w);
}

/* ---- What appears ---- */

static void test_forged_reset(void)
{
	struct both t = {0};
	struct wire *w = wire_new(4);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){0});

	wire_connect(w);
	wire_data(w, CLIENT, &hello, 1400); /* 3 */
	wire_wait(w, 5);
	wire_segment(w, SERVER, "."); /* 4 */
	wire_wait(w, 1);
	wire_segment(w, SERVER, "R.", .forged = true); /* 5: at the client alone */
	wire_wait(w, 20);
	wire_segment(w, SERVER, "."); /* 6: what B has later */
	compare_wire(&t, w, "", "5");
	CU_ASSERT_EQUAL(t.found.judgement.by, TLSDIAG_BY_NETWORK);
	CU_ASSERT_TRUE(t.found.judgement.injected);
	CU_ASSERT_EQUAL(difference(&t, DIFFERENCE_APPEARED, TO_CLIENT)->frames[0][0], 6);
	CU_ASSERT_EQUAL(difference(&t, DIFFERENCE_APPEARED, TO_CLIENT)->frame_count[1], 0);
	end(&t);
	wire_free(w);
}

static void test_icmp_from_between(void)
{
	struct both t = {0};
	struct wire *w = wire_new(4);

	wire_segment(w, CLIENT, "S", .mss = 1460);
	wire_icmp(w, 0, 3, 13, 0);
	compare_wire(&t, w, "", "01");
	CU_ASSERT_EQUAL(t.found.judgement.by, TLSDIAG_BY_NETWORK);
	CU_ASSERT_PTR_NOT_NULL(strstr(t.found.judgement.finding, "an ICMP error"));
	CU_ASSERT_STRING_EQUAL(difference(&t, DIFFERENCE_APPEARED, TO_CLIENT)->label, "ICMP admin-prohibited");
	CU_ASSERT_TRUE(difference(&t, DIFFERENCE_DROPPED, TO_SERVER)->presumed);
	end(&t);
	wire_free(w);
}

/* ---- What is changed ---- */

static void clamp(uint8_t *frame, size_t index, enum wire_side from)
{
	(void)from;
	if (index == 0) { /* MSS is the SYN's first option */
		frame[TCP + 22] = 1200 >> 8;
		frame[TCP + 23] = 1200 & 0xff;
	}
}

static void damage(uint8_t *frame, size_t index, enum wire_side from)
{
	(void)from;
	if (index == 3)
		frame[TCP + 32 + 60] ^= 0x55;
}

static void age(uint8_t *frame, size_t index, enum wire_side from)
{
	(void)from;
	if (index == 5)
		frame[IP + 8] = 7;
}

static void test_changes(void)
{
	static const struct {
		alter_fn *alter;
		const char *field, *before, *after;
	} cases[] = {{clamp, "mss", "1460", "1200"}, {damage, "payload", NULL, NULL}, {age, "ttl", "64", "7"}};
	struct wire *w = conversation();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct both t = {.alter = cases[i].alter};
		const struct difference *d;

		compare_wire(&t, w, "", "");
		d = difference(&t, DIFFERENCE_CHANGED, TO_SERVER);
		CU_ASSERT_EQUAL(t.found.difference_count, 1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(d);
		CU_ASSERT_STRING_EQUAL(d->field, cases[i].field);
		if (cases[i].before) {
			CU_ASSERT_STRING_EQUAL(d->before, cases[i].before);
			CU_ASSERT_STRING_EQUAL(d->after, cases[i].after);
		} else {
			CU_ASSERT_PTR_NOT_NULL(strstr(d->before, "at byte 60"));
			CU_ASSERT_PTR_NOT_NULL(strstr(d->after, "1 byte differs"));
		}
		end(&t);
	}
	wire_free(w);
}

/* ---- Through middleboxes ---- */

/* The client's address and port, as a NAT changes them in both directions: B has the translated ones, so that all of
 * B's packets are altered, whichever way they go. */
static void translate(struct wire *w)
{
	for (size_t i = 0; i < w->count; i++) {
		uint8_t *ip = w->packets[i].bytes + IP, *tcp = w->packets[i].bytes + TCP;
		bool client = w->packets[i].from == CLIENT;

		ip[client ? 15 : 19] = 99;
		tcp[client ? 0 : 2] = 0x77;
	}
}

static void add_to(uint8_t *at, uint32_t add)
{
	uint32_t value = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];

	value += add;
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Sequence numbers of the client and of the server, and what acknowledges them. */
static void renumber(struct wire *w, uint32_t client, uint32_t server)
{
	for (size_t i = 0; i < w->count; i++) {
		uint8_t *tcp = w->packets[i].bytes + TCP;
		bool from_client = w->packets[i].from == CLIENT;

		add_to(tcp + 4, from_client ? client : server);
		if (tcp[13] & 0x10)
			add_to(tcp + 8, from_client ? server : client);
	}
}

/* Another host's packets: no IP ID, and timestamps that differ, which are the last option of each. */
static void clear_marks(struct wire *w)
{
	for (size_t i = 0; i < w->count; i++) {
		uint8_t *frame = w->packets[i].bytes, *behind = frame + TCP + (frame[TCP + 12] >> 4) * 4;

		memset(frame + IP + 4, 0, 2);
		add_to(behind - 8, 99999);
	}
}

static void test_translated(void)
{
	struct both t = {.ahead_ns = HOUR};
	struct wire *w = conversation();

	capture(&t, 0, w, "");
	translate(w);
	capture(&t, 1, w, "");
	compare(&t);
	CU_ASSERT_EQUAL(t.told, 1);
	CU_ASSERT_TRUE(t.found.translated);
	CU_ASSERT_FALSE(t.found.pair->evidence & PAIR_ADDRESSES);
	CU_ASSERT_EQUAL(t.found.difference_count, 0);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].passed, 6);
	end(&t);
	wire_free(w);
}

/* The NAT forgets the connection, and takes the ClientHello for the beginning of another one, from another port. */
static void test_forgotten(void)
{
	struct both t = {0};
	struct wire *w = wire_new(4);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){0});

	wire_connect(w);
	wire_wait(w, 1500);
	wire_data(w, CLIENT, &hello, 1400); /* 3 */
	wire_wait(w, 5);
	wire_segment(w, SERVER, "R"); /* 4 */
	capture(&t, 0, w, "");
	translate(w);
	for (size_t i = 3; i < w->count; i++)
		w->packets[i].bytes[TCP + (w->packets[i].from == CLIENT ? 0 : 2)] = 0x66;
	capture(&t, 1, w, "");
	compare(&t);
	CU_ASSERT_EQUAL(t.told, 2);
	CU_ASSERT_EQUAL(t.first.by, TLSDIAG_BY_NETWORK);
	CU_ASSERT_FALSE(t.first.injected);
	CU_ASSERT_PTR_NOT_NULL(strstr(t.first.finding, "as its connection 2"));
	end(&t);
	wire_free(w);
}

static void test_renumbered(void)
{
	struct both t = {0};
	struct wire *w = conversation();

	capture(&t, 0, w, "");
	renumber(w, 1000000, 0);
	capture(&t, 1, w, "6"); /* and the server's FIN is not caught */
	compare(&t);
	CU_ASSERT_EQUAL(t.told, 1);
	CU_ASSERT_EQUAL(t.found.pair->delta[0], 1000000);
	CU_ASSERT_EQUAL(t.found.pair->delta[1], 0);
	CU_ASSERT_FALSE(t.found.pair->relayed);
	CU_ASSERT_EQUAL(t.found.difference_count, 0);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].passed, 6);
	end(&t);
	wire_free(w);
}

/* Translated and renumbered: the ClientHello alone is left to know it by, and the marks of its packets. */
static void test_known_by_its_random(void)
{
	struct both t = {0};
	struct wire *w = conversation();

	capture(&t, 0, w, "");
	translate(w);
	renumber(w, 77777, 0x80000000);
	capture(&t, 1, w, "");
	compare(&t);
	CU_ASSERT_EQUAL(t.told, 1);
	CU_ASSERT_TRUE(t.found.pair->evidence & PAIR_RANDOM);
	CU_ASSERT_FALSE(t.found.pair->relayed);
	CU_ASSERT_EQUAL(t.found.difference_count, 0);
	end(&t);
	wire_free(w);
}

/* The same bytes in two TCP connections that share nothing else. */
static void test_relayed(void)
{
	struct both t = {0};
	struct wire *w = conversation(), *other = conversation();

	capture(&t, 0, w, "");
	translate(other);
	renumber(other, 5000, 6000);
	clear_marks(other);
	capture(&t, 1, other, "");
	compare(&t);
	CU_ASSERT_EQUAL(t.told, 1);
	CU_ASSERT_TRUE(t.found.pair->relayed);
	CU_ASSERT_EQUAL(t.found.difference_count, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(t.found.judgement.finding, "not the same connection"));
	end(&t);
	wire_free(w);
	wire_free(other);
}

/* Something between ends TLS: another ClientHello to the same name. */
static void test_another_hello(void)
{
	struct both t = {0};
	struct wire *w = conversation(), *other = conversation();

	capture(&t, 0, w, "");
	translate(other);
	renumber(other, 5000, 6000);
	other->packets[3].bytes[TCP + 32 + 20] ^= 0xff; /* in its random */
	clear_marks(other);
	capture(&t, 1, other, "");
	compare(&t);
	CU_ASSERT_EQUAL(t.told, 2);
	CU_ASSERT_EQUAL(t.likeness, PAIR_SAME_NAME);
	CU_ASSERT_PTR_NULL(t.found.a);
	CU_ASSERT_TRUE(t.found.judgement.from_b);
	end(&t);
	wire_free(w);
	wire_free(other);
}

/* ---- Segments cut and joined by network cards ---- */

static void test_joined_segments(void)
{
	struct both t = {0};
	struct wire *cut = wire_new(4), *whole = wire_new(4);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.size = 900});

	for (int i = 0; i < 2; i++) {
		struct wire *w = i ? whole : cut;

		wire_connect(w);
		wire_data(w, CLIENT, &hello, i ? 1400 : 300);
		wire_wait(w, 5);
		wire_segment(w, SERVER, ".");
		wire_wait(w, 5);
		wire_segment(w, CLIENT, "F.");
	}
	capture(&t, 0, cut, "");
	capture(&t, 1, whole, "");
	compare(&t);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].resegmented, cut->count - whole->count + 1);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].dropped, 0);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].appeared, 0);
	end(&t);
	t = (struct both){0}; /* and the other way: a sender whose card cuts */
	capture(&t, 0, whole, "");
	capture(&t, 1, cut, "");
	compare(&t);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].resegmented, 1);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].dropped, 0);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].appeared, 0);
	end(&t);
	wire_free(cut);
	wire_free(whole);
}

/* ---- Several connections ---- */

/* Ports are used again: the first attempt's SYN is lost, the second passes. */
static void test_port_reuse(void)
{
	struct both t = {0};
	struct wire *lost = wire_new(4), *passes = conversation();

	wire_segment(lost, CLIENT, "S", .mss = 1460);
	renumber(passes, 4000000, 4000000);
	for (size_t i = 0; i < passes->count; i++)
		passes->packets[i].time_ns += 3000 * MS;
	/* A holds both, one after the other. */
	lost->packets = realloc(lost->packets, (1 + passes->count) * sizeof(*lost->packets));
	memcpy(lost->packets + 1, passes->packets, passes->count * sizeof(*passes->packets));
	lost->count = 1 + passes->count;
	capture(&t, 0, lost, "");
	lost->count = 1;
	capture(&t, 1, passes, "");
	compare(&t);
	CU_ASSERT_EQUAL(t.told, 2);
	CU_ASSERT_EQUAL(t.found.a->number, 2);
	CU_ASSERT_PTR_NOT_NULL(t.found.b);
	CU_ASSERT_EQUAL(t.found.difference_count, 0);
	end(&t);
	wire_free(lost);
	wire_free(passes);
}

/* ---- Bounds ---- */

static void test_bounds(void)
{
	struct both t = {.budget = 40000};
	struct wire *w = conversation();

	for (int i = 0; i < 3000; i++) {
		wire_wait(w, 1);
		wire_segment(w, CLIENT, ".");
	}
	compare_wire(&t, w, "", "");
	CU_ASSERT_TRUE(t.trails[0].packets_left_out > 0);
	CU_ASSERT_TRUE(t.trails[0].memory <= 40000 + 4096); /* and the one verdict */
	CU_ASSERT_EQUAL(t.told, 1);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].dropped, 0);
	CU_ASSERT_EQUAL(t.found.counts[TO_SERVER].appeared, 0);
	end(&t);
	wire_free(w);
}

const struct unit_test unit_tests[] = {
	{"a conversation that passes shows no difference, and the clocks' offset", test_all_passes},
	{"a packet that comes twice is told so", test_duplicated},
	{"a SYN that never arrives", test_syn_lost},
	{"a SYN before the other capture began is not called lost", test_syn_lost_and_b_began_later},
	{"an answer that never comes back", test_answer_lost},
	{"what a capture did not catch was not lost", test_not_caught},
	{"packets outside the other's time are not lost", test_other_times},
	{"a reset that the server did not send", test_forged_reset},
	{"an ICMP error from between", test_icmp_from_between},
	{"MSS, payload and TTL changed on the way", test_changes},
	{"through address translation", test_translated},
	{"a NAT that forgot the connection is not taken for a forger", test_forgotten},
	{"through rewritten sequence numbers", test_renumbered},
	{"by the ClientHello's random, where nothing else is left", test_known_by_its_random},
	{"a proxy makes two connections of one", test_relayed},
	{"another ClientHello is another connection", test_another_hello},
	{"segments that were cut or joined", test_joined_segments},
	{"ports that are used again", test_port_reuse},
	{"within the bounds of memory", test_bounds},
	{NULL, NULL},
};
