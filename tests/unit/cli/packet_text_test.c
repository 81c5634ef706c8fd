/* packet_text_test.c: packets in tcpdump's notation. What is expected is what tcpdump 4.99 prints of the same
 * packets. */
#include "tests/unit/suite.h"
#include "tests/unit/wire.h"

#include "analyzer/cli/packet_text.h"

#include <stdio.h>
#include <string.h>

/* The line of a packet of a wire; `from` as the wire says. */
static const char *line_of(const struct wire *w, size_t i, struct sequence_base *base, char buffer[PACKET_TEXT_MAX])
{
	const struct wire_packet *p = &w->packets[i];
	const struct tlsdiag_packet packet = {i + 1, p->time_ns, p->bytes, p->captured, p->wire};
	struct tlsdiag_headers h;

	CU_ASSERT_TRUE_FATAL(tlsdiag_decode(WIRE_LINKTYPE, &packet, &h));
	return packet_text(&h, base, p->from == SERVER, buffer);
}

static void check_line(const char *is, const char *expected)
{
	CU_ASSERT_STRING_EQUAL(is, expected);
	if (strcmp(is, expected) != 0)
		printf("# is       %s\n# expected %s\n", is, expected);
}

static void test_connection(void)
{
	static const char *const expected[] = {
		"IP 192.0.2.40.46188 > 203.0.113.20.443: Flags [S], seq 1000, win 64240, options [mss 1460], length 0",
		"IP 203.0.113.20.443 > 192.0.2.40.46188: Flags [S.], seq 2000, ack 1001, win 64240, options [mss "
		"1460], "
		"length 0",
		"IP 192.0.2.40.46188 > 203.0.113.20.443: Flags [.], ack 1, win 64240, length 0",
		"IP 192.0.2.40.46188 > 203.0.113.20.443: Flags [P.], seq 1:6, ack 1, win 64240, length 5",
		"IP 203.0.113.20.443 > 192.0.2.40.46188: Flags [R.], seq 1, ack 6, win 64240, length 0",
	};
	struct wire *w = wire_new(4);
	struct sequence_base base = {0};
	char buffer[PACKET_TEXT_MAX];

	w->end[CLIENT].seq = 1000;
	w->end[SERVER].seq = 2000;
	w->end[CLIENT].window = w->end[SERVER].window = 64240;
	wire_segment(w, CLIENT, "S", .mss = 1460);
	wire_segment(w, SERVER, "S.", .mss = 1460);
	wire_segment(w, CLIENT, ".");
	wire_segment(w, CLIENT, "P.", .payload = "hello", .length = 5);
	wire_segment(w, SERVER, "R.");
	CU_ASSERT_EQUAL_FATAL(w->count, 5);
	for (size_t i = 0; i < w->count; i++)
		check_line(line_of(w, i, &base, buffer), expected[i]);
	wire_free(w);
}

static void test_six(void)
{
	struct wire *w = wire_new(6);
	struct sequence_base base = {0};
	char buffer[PACKET_TEXT_MAX];

	w->end[CLIENT].seq = 1000;
	w->end[CLIENT].window = 500;
	wire_segment(w, CLIENT, "S");
	check_line(line_of(w, 0, &base, buffer),
		   "IP6 2001:db8:c::40.46188 > 2001:db8:5::20.443: Flags [S], seq 1000, win 500, length 0");
	wire_free(w);
}

static struct tlsdiag_headers segment(uint8_t flags, const uint8_t *options, size_t length)
{
	return (struct tlsdiag_headers){
		.kind = TLSDIAG_PACKET_TCP,
		.src = {.version = 4, .address = {192, 0, 2, 40}, .port = 1},
		.dst = {.version = 4, .address = {203, 0, 113, 20}, .port = 2},
		.tcp_flags = flags,
		.seq = 100,
		.ack = 200,
		.window = 9,
		.tcp_options = options,
		.tcp_options_length = length,
	};
}

static void test_options(void)
{
	static const uint8_t syn[] = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 8, 1, 3, 3, 7};
	static const uint8_t sack[] = {1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 8, 1, 1, 5, 10, 0, 0, 0, 150, 0, 0, 0, 160};
	static const uint8_t broken[] = {2, 4, 5, 180, 3, 0};
	struct sequence_base base = {.set = true, .base = {0, 100}};
	struct tlsdiag_headers h = segment(0x02, syn, sizeof(syn));
	char buffer[PACKET_TEXT_MAX];

	check_line(packet_text(&h, NULL, 0, buffer),
		   "IP 192.0.2.40.1 > 203.0.113.20.2: Flags [S], seq 100, win 9, options [mss 1460,sackOK,TS val 7 ecr "
		   "8,nop,wscale 7], length 0");
	h = segment(0x10, sack, sizeof(sack));
	check_line(packet_text(&h, &base, 0, buffer),
		   "IP 192.0.2.40.1 > 203.0.113.20.2: Flags [.], ack 100, win 9, options [sack 1 {50:60}], length 0");
	h = segment(0x02, broken, sizeof(broken));
	check_line(packet_text(&h, NULL, 0, buffer),
		   "IP 192.0.2.40.1 > 203.0.113.20.2: Flags [S], seq 100, win 9, options [mss 1460], length 0");
}

static void test_flags(void)
{
	static const struct {
		uint8_t flags;
		const char *shown;
	} rows[] = {{0, "[none]"}, {0x01, "[F]"}, {0x19, "[FP.]"}, {0xc2, "[SEW]"}, {0x24, "[RU]"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct tlsdiag_headers h = segment(rows[i].flags, NULL, 0);
		char buffer[PACKET_TEXT_MAX];

		CU_ASSERT_PTR_NOT_NULL(strstr(packet_text(&h, NULL, 0, buffer), rows[i].shown));
	}
}

static void test_icmp(void)
{
	static const struct {
		uint8_t version, type, code;
		uint32_t mtu;
		const char *expected;
	} rows[] = {
		{4, 3, 1, 0, "IP 192.0.2.1 > 192.0.2.40: ICMP host 203.0.113.20 unreachable, length 68"},
		{4, 3, 3, 0, "IP 192.0.2.1 > 192.0.2.40: ICMP 203.0.113.20 tcp port 443 unreachable, length 68"},
		{4, 3, 4, 1400,
		 "IP 192.0.2.1 > 192.0.2.40: ICMP 203.0.113.20 unreachable - need to frag (mtu 1400), "
		 "length 68"},
		{4, 3, 13, 0,
		 "IP 192.0.2.1 > 192.0.2.40: ICMP host 203.0.113.20 unreachable - admin prohibited filter, length 68"},
		{4, 3, 99, 0, "IP 192.0.2.1 > 192.0.2.40: ICMP 203.0.113.20 unreachable, length 68"},
		{4, 11, 0, 0, "IP 192.0.2.1 > 192.0.2.40: ICMP time exceeded in-transit, length 68"},
		{6, 2, 0, 1280, "IP6 c000:201:: > c000:228::: ICMP6, packet too big, mtu 1280, length 68"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct tlsdiag_headers h = {
			.kind = TLSDIAG_PACKET_ICMP_ERROR,
			.src = {.version = rows[i].version, .address = {192, 0, 2, 1}},
			.dst = {.version = rows[i].version, .address = {192, 0, 2, 40}},
			.icmp_type = rows[i].type,
			.icmp_code = rows[i].code,
			.icmp_mtu = rows[i].mtu,
			.icmp_length = 68,
			.quotes_tcp = true,
			.quoted_dst = {.version = rows[i].version, .address = {203, 0, 113, 20}, .port = 443},
		};
		char buffer[PACKET_TEXT_MAX];

		check_line(packet_text(&h, NULL, 0, buffer), rows[i].expected);
	}
}

const struct unit_test unit_tests[] = {
	{"a connection: numbers relative to the first that acknowledges", test_connection},
	{"IPv6", test_six},
	{"options of a SYN, selective acknowledgments of the others, broken ones", test_options},
	{"flags in tcpdump's letters and order", test_flags},
	{"ICMP errors and the packet that they quote", test_icmp},
	{NULL, NULL},
};
