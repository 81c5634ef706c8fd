/* own_flows_test.c: which packets are the command's, and how long the last ones are waited for. */
#include "tests/unit/suite.h"

#include "analyzer/cli/own_flows.h"

#define MS INT64_C(1000000)

static const struct tlsdiag_endpoint client = {.version = 4, .address = {192, 0, 2, 40}, .port = 46188},
				     server = {.version = 4, .address = {203, 0, 113, 20}, .port = 443},
				     other = {.version = 4, .address = {203, 0, 113, 21}, .port = 443};

enum { SYN = 0x02, ACK = 0x10 };

static struct own_flows *flows(enum own_choice choice)
{
	struct own_flows *o = own_flows_new(choice);

	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	return o;
}

static bool take(struct own_flows *o, const struct tlsdiag_endpoint *src, const struct tlsdiag_endpoint *dst,
		 uint8_t flags, int64_t time_ns)
{
	const struct tlsdiag_headers h = {.kind = TLSDIAG_PACKET_TCP, .src = *src, .dst = *dst, .tcp_flags = flags};
	struct own_flow *flow;
	int from;

	return own_flows_take(o, &h, time_ns, &flow, &from);
}

static bool take_icmp(struct own_flows *o, const struct tlsdiag_endpoint *src, const struct tlsdiag_endpoint *dst)
{
	const struct tlsdiag_headers h = {
		.kind = TLSDIAG_PACKET_ICMP_ERROR, .quotes_tcp = true, .quoted_src = *src, .quoted_dst = *dst};
	struct own_flow *flow;
	int from;

	return own_flows_take(o, &h, 0, &flow, &from);
}

static void test_destinations(void)
{
	struct own_flows *o = flows(OWN_BY_DESTINATION);

	CU_ASSERT_FALSE(take(o, &client, &server, SYN, 0));
	own_flows_connecting(o, &server);
	CU_ASSERT_FALSE(take(o, &client, &server, ACK, 0)); /* it began before */
	CU_ASSERT_TRUE(take(o, &client, &server, SYN, 0));
	CU_ASSERT_TRUE(take(o, &server, &client, SYN | ACK, 0));
	CU_ASSERT_TRUE(take(o, &client, &server, ACK, 0));
	CU_ASSERT_FALSE(take(o, &client, &other, SYN, 0));
	CU_ASSERT_TRUE(take_icmp(o, &client, &server));
	CU_ASSERT_FALSE(take_icmp(o, &client, &other));
	own_flows_free(o);
}

static void test_by_time(void)
{
	struct own_flows *o = flows(OWN_BY_DESTINATION);

	own_flows_cannot_tell(o);
	CU_ASSERT_TRUE(take(o, &client, &other, SYN, 0));
	CU_ASSERT_FALSE(take(o, &client, &server, ACK, 0));
	own_flows_free(o);
}

static void test_by_filter(void)
{
	struct own_flows *o = flows(OWN_BY_FILTER);

	own_flows_cannot_tell(o);
	CU_ASSERT_EQUAL(own_flows_choice(o), OWN_BY_FILTER);
	CU_ASSERT_TRUE(take(o, &client, &server, ACK, 0));
	CU_ASSERT_TRUE(take_icmp(o, &client, &other));
	CU_ASSERT_EQUAL(own_flows_over_ns(o), 0);
	own_flows_free(o);
}

/* Which packet is of which side, and the same ports again. */
static void test_sides(void)
{
	struct own_flows *o = flows(OWN_BY_TIME);
	struct tlsdiag_headers h = {.kind = TLSDIAG_PACKET_TCP, .src = client, .dst = server, .tcp_flags = SYN};
	struct own_flow *flow;
	int from;

	CU_ASSERT_TRUE(own_flows_take(o, &h, 0, &flow, &from));
	CU_ASSERT_EQUAL(from, 0);
	flow->base.set = true;
	h = (struct tlsdiag_headers){.kind = TLSDIAG_PACKET_TCP, .src = server, .dst = client, .tcp_flags = SYN | ACK};
	CU_ASSERT_TRUE(own_flows_take(o, &h, 1, &flow, &from));
	CU_ASSERT_EQUAL(from, 1);
	CU_ASSERT_TRUE(flow->base.set);
	CU_ASSERT_TRUE(take(o, &client, &server, SYN, 2));
	CU_ASSERT_FALSE(flow->base.set);
	own_flows_free(o);
}

static void test_waiting(void)
{
	static const struct {
		int64_t round_trip, wait; /* ms */
	} rows[] = {{1, 20}, {30, 120}, {200, 800}, {2000, 1000}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct own_flows *o = flows(OWN_BY_TIME);
		int64_t last = (rows[i].round_trip + 1) * MS;

		take(o, &client, &server, SYN, 1 * MS);
		CU_ASSERT_EQUAL(own_flows_over_ns(o), 251 * MS);
		take(o, &server, &client, SYN | ACK, last);
		take(o, &client, &server, ACK, last + 300 * MS);
		CU_ASSERT_EQUAL(own_flows_over_ns(o), last + (300 + rows[i].wait) * MS);
		own_flows_free(o);
	}
}

static void test_bounds(void)
{
	struct own_flows *o = flows(OWN_BY_TIME);
	struct tlsdiag_endpoint from = client;

	for (unsigned i = 0; i < OWN_FLOWS_MAX + 10; i++) {
		from.port = (uint16_t)(i + 1);
		CU_ASSERT_EQUAL(take(o, &from, &server, SYN, 0), i < OWN_FLOWS_MAX);
	}
	CU_ASSERT_EQUAL(own_flows_left_out(o), 10);
	own_flows_free(o);
	o = flows(OWN_BY_DESTINATION);
	for (unsigned i = 0; i <= OWN_DESTINATIONS_MAX; i++) {
		from.port = (uint16_t)(i + 1);
		own_flows_connecting(o, &from);
	}
	CU_ASSERT_EQUAL(own_flows_choice(o), OWN_BY_TIME);
	own_flows_free(o);
}

static void test_repeats(void)
{
	static const struct {
		int from;
		uint8_t flags;
		uint32_t seq, length;
		bool repeats;
	} rows[] = {
		{0, SYN, 0xfffffffe, 0, false},   {0, SYN, 0xfffffffe, 0, true},
		{1, SYN | ACK, 500, 0, false},    {0, ACK, 0xffffffff, 0, false}, /* nothing in it */
		{0, ACK, 0xffffffff, 100, false}, {0, ACK, 0xffffffff, 100, true},
		{0, ACK, 49, 100, false}, /* half of it is new */
		{0, ACK, 99, 20, true},           {1, ACK, 501, 10, false},
	};
	struct own_flow flow = {.known = true};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct tlsdiag_headers h = {.kind = TLSDIAG_PACKET_TCP,
						  .tcp_flags = rows[i].flags,
						  .seq = rows[i].seq,
						  .payload_length = rows[i].length};

		CU_ASSERT_EQUAL(own_flow_repeats(&flow, rows[i].from, &h), rows[i].repeats);
	}
}

const struct unit_test unit_tests[] = {
	{"a connection is the command's when it begins to where the command connects", test_destinations},
	{"where that cannot be told, whatever begins is", test_by_time},
	{"with a filter every packet is taken", test_by_filter},
	{"sides, and a connection anew on the same ports", test_sides},
	{"what is sent again is told from what is new", test_repeats},
	{"the last packets are waited for as long as the handshake's round trip says", test_waiting},
	{"what is beyond the bounds is counted", test_bounds},
	{NULL, NULL},
};
