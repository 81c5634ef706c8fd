/* icmp_test.c: ICMP and ICMPv6 errors: their reasons, and the packet that they quote, however little of it. */
#include "../suite.h"

#include "analyzer/packet.h"
#include "hex.h"

#define LINKTYPE_RAW 101

/* IP 198.51.100.1 > 192.0.2.40: ICMP; IP6 2001:db8:c::1 > 2001:db8:c::40: ICMP6. Their length is left to the frame. */
#define ICMP "4500 0000 0000 0000 4001 0000 c633 6401 c000 0228"
#define ICMPV6 "6000 0000 0000 3a40 2001 0db8 000c 0000 0000 0000 0000 0001 2001 0db8 000c 0000 0000 0000 0000 0040"

/* IP (ttl 1, id 7238, flags [DF], length 60) 192.0.2.40 > 203.0.113.20: TCP; the same in IPv6 */
#define QUOTED "4500 003c 1c46 4000 0106 0000 c000 0228 cb00 7114"
#define QUOTED_V6 "6000 0000 0028 0601 2001 0db8 000c 0000 0000 0000 0000 0040 2001 0db8 0005 0000 0000 0000 0000 0020"

#define PORTS "b46c 01bb" /* 46188 > 443 */
#define SEQ "0000 03e8" /* seq 1000 */

static const struct ip_address client4 = {4, {192, 0, 2, 40}}, server4 = {4, {203, 0, 113, 20}};
static const struct ip_address client6 = {6, {0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 0x40}};
static const struct ip_address server6 = {6, {0x20, 0x01, 0x0d, 0xb8, 0, 0x05, [15] = 0x20}};

static enum parse_result decode(const char *hex, struct packet *p)
{
	size_t length;
	uint8_t *bytes = hex_bytes(hex, &length);
	enum parse_result result = packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length, (uint32_t)length, p);

	free(bytes);
	return result;
}

static bool address_equal(const struct ip_address *a, const struct ip_address *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void check_quote(const struct packet *p, uint8_t version)
{
	CU_ASSERT_EQUAL(p->kind, PACKET_ICMP_ERROR);
	CU_ASSERT(address_equal(&p->icmp.src, version == 4 ? &client4 : &client6));
	CU_ASSERT(address_equal(&p->icmp.dst, version == 4 ? &server4 : &server6));
	CU_ASSERT_TRUE(p->icmp.quotes_tcp);
	CU_ASSERT_EQUAL(p->icmp.sport, 46188);
	CU_ASSERT_EQUAL(p->icmp.dport, 443);
	CU_ASSERT_TRUE(p->icmp.quotes_seq);
	CU_ASSERT_EQUAL(p->icmp.seq, 1000);
}

struct reason {
	uint8_t type, code;
	const char *name;
};

/* `bytes` is a whole ICMP error; type and code are put in at `at`. */
static void check_reasons(const char *hex, size_t at, uint8_t version, const struct reason *reasons, size_t count)
{
	size_t length;
	uint8_t *bytes = hex_bytes(hex, &length);

	for (size_t i = 0; i < count; i++) {
		struct packet p;

		bytes[at] = reasons[i].type;
		bytes[at + 1] = reasons[i].code;
		CU_ASSERT_EQUAL(packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length, (uint32_t)length, &p), PARSE_OK);
		check_quote(&p, version);
		CU_ASSERT_EQUAL(p.icmp.type, reasons[i].type);
		CU_ASSERT_EQUAL(p.icmp.code, reasons[i].code);
		CU_ASSERT_STRING_EQUAL(icmp_reason_name(p.icmp.reason), reasons[i].name);
		CU_ASSERT_EQUAL(p.icmp.mtu, p.icmp.reason == ICMP_TOO_BIG ? 1400 : 0);
	}
	free(bytes);
}

static void reasons_of_icmp(void)
{
	static const struct reason reasons[] = {
		{3, 0, "net"},
		{3, 1, "host"},
		{3, 2, "protocol"},
		{3, 3, "port"},
		{3, 4, "too-big"},
		{3, 5, "source-route"},
		{3, 6, "net"},
		{3, 7, "host"},
		{3, 8, "host"},
		{3, 9, "admin-prohibited"},
		{3, 10, "admin-prohibited"},
		{3, 11, "net"},
		{3, 12, "host"},
		{3, 13, "admin-prohibited"},
		{3, 14, "other"},
		{3, 255, "other"},
		{11, 0, "ttl-exceeded"},
	};

	check_reasons(ICMP "0300 0000 0000 0578" QUOTED PORTS SEQ, 20, 4, reasons,
		      sizeof(reasons) / sizeof(reasons[0]));
}

static void reasons_of_icmpv6(void)
{
	static const struct reason reasons[] = {
		{1, 0, "net"},     {1, 1, "admin-prohibited"}, {1, 2, "other"},        {1, 3, "host"},
		{1, 4, "port"},    {1, 5, "admin-prohibited"}, {1, 6, "reject-route"}, {1, 7, "other"},
		{2, 0, "too-big"}, {3, 0, "ttl-exceeded"},
	};

	check_reasons(ICMPV6 "0100 0000 0000 0578" QUOTED_V6 PORTS SEQ, 40, 6, reasons,
		      sizeof(reasons) / sizeof(reasons[0]));
	CU_ASSERT_STRING_EQUAL(icmp_reason_name((enum icmp_reason)99), "other");
}

static void no_errors(void)
{
	static const char *const messages[] = {
		ICMP "0800 0000 0001 0001" QUOTED PORTS SEQ, /* echo request */
		ICMP "0501 0000 c000 0201" QUOTED PORTS SEQ, /* redirect */
		ICMP "0b01 0000 0000 0000" QUOTED PORTS SEQ, /* fragment reassembly time exceeded */
		ICMPV6 "8000 0000 0001 0001" QUOTED_V6 PORTS SEQ, /* echo request */
		ICMPV6 "0301 0000 0000 0000" QUOTED_V6 PORTS SEQ, /* fragment reassembly time exceeded */
		ICMPV6 "8700 0000 0000 0000 2001 0db8 000c 0000 0000 0000 0000 0040", /* neighbour solicitation */
	};

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct packet p;

		CU_ASSERT_EQUAL(decode(messages[i], &p), PARSE_OK);
		CU_ASSERT_EQUAL(p.kind, PACKET_OTHER);
	}
}

static void old_routers_tell_no_mtu(void)
{
	struct packet p;

	CU_ASSERT_EQUAL(decode(ICMP "0304 0000 0000 0000" QUOTED PORTS SEQ, &p), PARSE_OK);
	check_quote(&p, 4);
	CU_ASSERT_EQUAL(p.icmp.reason, ICMP_TOO_BIG);
	CU_ASSERT_EQUAL(p.icmp.mtu, 0);
}

struct quote {
	const char *name;
	uint8_t version;
	bool tunneled;
	const char *hex;
};

static void quotes_in_every_form(void)
{
	static const struct quote quotes[] = {
		{"more than 8 bytes of TCP", 4, false,
		 ICMP "0303 0000 0000 0000" QUOTED PORTS SEQ "0000 0000 a002 faf0 0000 0000 0204 05b4"},
		{"IPv4 options", 4, false,
		 ICMP "0303 0000 0000 0000 4600 003c 1c46 4000 0106 0000 c000 0228 cb00 7114 9404 0000" PORTS SEQ},
		{"the first fragment of a segment", 4, false,
		 ICMP "0b00 0000 0000 0000 4500 003c 1c46 2000 0106 0000 c000 0228 cb00 7114" PORTS SEQ},
		{"IPv4 in IPv4", 4, true,
		 ICMP "0304 0000 0000 0578 4500 0050 0000 4000 4004 0000 0a00 0001 0a00 0002" QUOTED PORTS SEQ},
		{"GRE with a key", 4, true,
		 ICMP "0304 0000 0000 0578 4500 0058 0000 4000 402f 0000 0a00 0001 0a00 0002 2000 0800 0000 0001" QUOTED
			 PORTS SEQ},
		{"VXLAN", 4, true,
		 ICMP "0304 0000 0000 0578 4500 006e 0000 4000 4011 0000 0a00 0001 0a00 0002 c738 12b5 005a 0000"
		      "0800 0000 0000 2a00 0200 5e00 1014 0200 5e00 0028 0800" QUOTED PORTS SEQ},
		{"IPv6 extension headers: hop-by-hop, destination options", 6, false,
		 ICMPV6 "0200 0000 0000 0578 6000 0000 0038 0001 2001 0db8 000c 0000 0000 0000 0000 0040 2001 0db8"
			"0005 0000 0000 0000 0000 0020 3c00 0502 0000 0100 0600 0104 0000 0000" PORTS SEQ},
		{"IPv6, the first fragment", 6, false,
		 ICMPV6 "0300 0000 0000 0000 6000 0000 0038 2c01 2001 0db8 000c 0000 0000 0000 0000 0040 2001 0db8"
			"0005 0000 0000 0000 0000 0020 0600 0001 0000 0007" PORTS SEQ},
		{"IPv6 in IPv4", 6, true,
		 ICMP "0304 0000 0000 0578 4500 0064 0000 4000 4029 0000 0a00 0001 0a00 0002" QUOTED_V6 PORTS SEQ},
	};

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		unsigned before = CU_get_number_of_failures();
		struct packet p;

		CU_ASSERT_EQUAL(decode(quotes[i].hex, &p), PARSE_OK);
		check_quote(&p, quotes[i].version);
		CU_ASSERT_EQUAL(p.tunnel != 0, quotes[i].tunneled);
		if (CU_get_number_of_failures() != before)
			CU_FAIL(quotes[i].name);
	}
}

/* The quote of a tunnelled packet carries the tunnel's number and VLANs, so that it is found where the connection
 * is. */
static void tunnel_of_a_quote(void)
{
	struct packet error, segment;

	CU_ASSERT_EQUAL(decode(ICMP "0304 0000 0000 0578 4500 0058 0000 4000 402f 0000 0a00 0001 0a00 0002"
				    "2000 0800 0000 0001" QUOTED PORTS SEQ,
			       &error),
			PARSE_OK);
	CU_ASSERT_EQUAL(decode("4500 0000 0000 4000 402f 0000 0a00 0001 0a00 0002 2000 0800 0000 0001"
			       "4500 0028 1c46 4000 0106 0000 c000 0228 cb00 7114" PORTS SEQ
			       "0000 0000 5002 faf0 0000 0000",
			       &segment),
			PARSE_OK);
	CU_ASSERT_EQUAL(segment.kind, PACKET_TCP);
	CU_ASSERT_EQUAL(error.tunnel, segment.tunnel);
	CU_ASSERT_EQUAL(decode(ICMP
			       "0304 0000 0000 0578 4500 0072 0000 4000 4011 0000 0a00 0001 0a00 0002 c738 12b5 005e"
			       "0000 0800 0000 0000 2a00 0200 5e00 1014 0200 5e00 0028 8100 0064 0800" QUOTED PORTS SEQ,
			       &error),
			PARSE_OK);
	check_quote(&error, 4);
	CU_ASSERT_EQUAL(error.vlan, 100);
}

static void quotes_of_no_use(void)
{
	static const char *const messages[] = {
		ICMP "0303 0000 0000 0000", /* nothing */
		ICMP "0303 0000 0000 0000 45", /* the beginning of an IP header */
		ICMP "0303 0000 0000 0000" QUOTED, /* no TCP header */
		ICMP "0303 0000 0000 0000" QUOTED "b46c 01", /* cut in the ports */
		ICMP "0303 0000 0000 0000 4500 003c 1c46 4000 0111 0000 c000 0228 cb00 7114" PORTS SEQ, /* UDP */
		ICMP "0303 0000 0000 0000 4500 003c 1c46 0003 0106 0000 c000 0228 cb00 7114" PORTS SEQ, /* offset 24 */
		ICMP "0303 0000 0000 0000" ICMP "0303 0000 0000 0000" QUOTED PORTS SEQ, /* an error on an error */
	};

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct packet p;

		CU_ASSERT_EQUAL(decode(messages[i], &p), PARSE_OK);
		CU_ASSERT_EQUAL(p.kind, PACKET_ICMP_ERROR);
		CU_ASSERT_EQUAL(p.icmp.reason, ICMP_PORT);
		CU_ASSERT_FALSE(p.icmp.quotes_tcp);
		CU_ASSERT_FALSE(p.icmp.quotes_seq);
	}
}

/* Cut by the capture at each length: what is left of the quote counts. */
static void quotes_cut_short(void)
{
	size_t length;
	uint8_t *whole = hex_bytes(ICMP "0303 0000 0000 0000" QUOTED PORTS SEQ, &length);

	for (size_t n = 0; n < length; n++) {
		uint8_t *bytes = malloc(n ? n : 1);
		struct packet p;
		enum parse_result result;

		if (!bytes)
			abort();
		memcpy(bytes, whole, n);
		result = packet_decode(LINKTYPE_RAW, bytes, (uint32_t)n, (uint32_t)length, &p);
		CU_ASSERT_EQUAL(result, n < 28 ? PARSE_SNAPLEN : PARSE_OK);
		CU_ASSERT_EQUAL(p.kind, n < 28 ? PACKET_OTHER : PACKET_ICMP_ERROR);
		if (p.kind == PACKET_ICMP_ERROR) {
			CU_ASSERT_EQUAL(p.icmp.src.version, n < 48 ? 0 : 4);
			CU_ASSERT_EQUAL(p.icmp.quotes_tcp, n >= 52);
			CU_ASSERT_EQUAL(p.icmp.quotes_seq, n >= 56);
		}
		free(bytes);
	}
	free(whole);
}

const struct unit_test unit_tests[] = {
	{"every ICMP error has its reason", reasons_of_icmp},
	{"every ICMPv6 error has its reason", reasons_of_icmpv6},
	{"other ICMP messages are no errors", no_errors},
	{"too big without an MTU has MTU 0", old_routers_tell_no_mtu},
	{"the quoted connection is found in every form of quote", quotes_in_every_form},
	{"a quote names the tunnel of its connection", tunnel_of_a_quote},
	{"a quote of no use is not taken for a connection", quotes_of_no_use},
	{"a quote cut short gives what is left of it", quotes_cut_short},
	{NULL, NULL},
};
