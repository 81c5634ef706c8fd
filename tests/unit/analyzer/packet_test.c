/* packet_test.c: frames of every link type and tunnel, whole, cut at every length and spoilt byte by byte. */
#include "../suite.h"

#include "analyzer/packet.h"
#include "frames.h"
#include "hex.h"

static const struct ip_address client4 = {4, {192, 0, 2, 40}}, server4 = {4, {203, 0, 113, 20}};
static const struct ip_address client6 = {6, {0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 0x40}};
static const struct ip_address server6 = {6, {0x20, 0x01, 0x0d, 0xb8, 0, 0x05, [15] = 0x20}};

#define LINKTYPE_RAW 101

static bool address_equal(const struct ip_address *a, const struct ip_address *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* The packet that every frame in frames.h carries; its payload may be cut. */
static void check_segment(const struct packet *p, const struct frame *f)
{
	CU_ASSERT_EQUAL(p->kind, PACKET_TCP);
	CU_ASSERT(address_equal(&p->src, f->version == 4 ? &client4 : &client6));
	CU_ASSERT(address_equal(&p->dst, f->version == 4 ? &server4 : &server6));
	CU_ASSERT_EQUAL(p->sport, 46188);
	CU_ASSERT_EQUAL(p->dport, 443);
	CU_ASSERT_EQUAL(p->ttl, 64);
	CU_ASSERT_EQUAL(p->has_ip_id, f->version == 4);
	CU_ASSERT_EQUAL(p->dont_fragment, f->version == 4);
	CU_ASSERT(!p->has_ip_id || p->ip_id == 7238);
	CU_ASSERT_EQUAL(p->tcp.seq, 1000);
	CU_ASSERT_EQUAL(p->tcp.ack, 2000);
	CU_ASSERT_EQUAL(p->tcp.flags, TCP_PSH | TCP_ACK);
	CU_ASSERT_EQUAL(p->tcp.window, 502);
	CU_ASSERT_EQUAL(p->tcp.header_length, 32);
	CU_ASSERT_EQUAL(p->tcp.window_scale, -1);
	CU_ASSERT_EQUAL(p->vlan, f->vlan);
	CU_ASSERT_EQUAL(p->tunnel != 0, f->tunneled);
}

static void check_frame(const struct frame *f)
{
	struct packet p;
	size_t length;
	uint8_t *bytes = hex_bytes(f->hex, &length);
	unsigned before = CU_get_number_of_failures();

	CU_ASSERT(packet_linktype_known(f->linktype));
	CU_ASSERT_EQUAL(packet_decode(f->linktype, bytes, (uint32_t)length, (uint32_t)length, &p), PARSE_OK);
	check_segment(&p, f);
	CU_ASSERT_EQUAL(p.payload_captured, 6);
	CU_ASSERT_EQUAL(p.payload_wire, 6);
	CU_ASSERT(p.payload_captured == 6 && memcmp(p.payload, "hello\n", 6) == 0);
	CU_ASSERT(!p.tcp.options_cut);
	CU_ASSERT(p.tcp.has_timestamps && p.tcp.timestamp_value == 101 && p.tcp.timestamp_echo == 201);
	CU_ASSERT_EQUAL(packet_tcp_checksum(&p), CHECKSUM_GOOD);
	if (CU_get_number_of_failures() != before)
		CU_FAIL(f->name);
	free(bytes);
}

static void every_wrapping(void)
{
	for (size_t i = 0; i < FRAMES; i++)
		check_frame(&frames[i]);
}

/* Copies the first `captured` bytes so that a read past them is an error under ASan; p->payload is gone afterwards. */
static enum parse_result decode_cut_to(const struct frame *f, const uint8_t *bytes, size_t captured, size_t wire,
				       struct packet *p, enum checksum_state *checksum)
{
	uint8_t *cut = malloc(captured ? captured : 1);
	enum parse_result result;

	if (!cut)
		abort();
	memcpy(cut, bytes, captured);
	result = packet_decode(f->linktype, cut, (uint32_t)captured, (uint32_t)wire, p);
	*checksum = CHECKSUM_UNKNOWN;
	if (result == PARSE_OK && p->kind == PACKET_TCP) {
		*checksum = packet_tcp_checksum(p);
		CU_ASSERT(p->payload >= cut && p->payload + p->payload_captured <= cut + captured);
	}
	free(cut);
	return result;
}

/* Where the segment's header starts in the frame: the ports and the sequence number are found nowhere else. */
static size_t segment_offset(const uint8_t *bytes, size_t length)
{
	const uint8_t *at = memmem(bytes, length, "\xb4\x6c\x01\xbb\x00\x00\x03\xe8", 8);

	return at ? (size_t)(at - bytes) : length;
}

static void check_cut_by_the_capture(const struct frame *f)
{
	size_t length, fixed;
	uint8_t *bytes = hex_bytes(f->hex, &length);
	unsigned before = CU_get_number_of_failures();
	struct packet p;

	fixed = segment_offset(bytes, length) + 20;
	for (size_t n = 0; n < length; n++) {
		enum checksum_state checksum;
		enum parse_result result = decode_cut_to(f, bytes, n, length, &p, &checksum);

		if (n < fixed) {
			CU_ASSERT_EQUAL(result, PARSE_SNAPLEN);
			CU_ASSERT_EQUAL(p.kind, PACKET_OTHER);
			continue;
		}
		CU_ASSERT_EQUAL(result, PARSE_OK);
		check_segment(&p, f);
		CU_ASSERT_EQUAL(p.payload_wire, 6);
		CU_ASSERT_EQUAL(p.payload_captured, n < fixed + 12 ? 0 : n - fixed - 12 < 6 ? n - fixed - 12 : 6);
		CU_ASSERT_EQUAL(p.tcp.options_cut, n < fixed + 12);
		CU_ASSERT_EQUAL(checksum, n < fixed + 18 ? CHECKSUM_UNKNOWN : CHECKSUM_GOOD);
	}
	if (CU_get_number_of_failures() != before)
		CU_FAIL(f->name);
	free(bytes);
}

static void cut_by_the_capture(void)
{
	for (size_t i = 0; i < FRAMES; i++)
		check_cut_by_the_capture(&frames[i]);
}

static void cut_on_the_wire(void)
{
	for (size_t i = 0; i < FRAMES; i++) {
		size_t length;
		uint8_t *bytes = hex_bytes(frames[i].hex, &length);

		for (size_t n = 0; n < length; n++) {
			struct packet p;
			enum checksum_state checksum;
			enum parse_result result = decode_cut_to(&frames[i], bytes, n, n, &p, &checksum);

			CU_ASSERT(result == PARSE_OK || result == PARSE_MALFORMED);
			if (n < segment_offset(bytes, length) + 32)
				CU_ASSERT_NOT_EQUAL(p.kind, PACKET_TCP);
		}
		free(bytes);
	}
}

static void spoilt_bytes(void)
{
	static const uint8_t spoils[] = {0x00, 0x01, 0x45, 0x60, 0x7f, 0x80, 0xff};

	for (size_t i = 0; i < FRAMES; i++) {
		size_t length;
		uint8_t *bytes = hex_bytes(frames[i].hex, &length);

		for (size_t at = 0; at < length; at++) {
			uint8_t was = bytes[at];
			struct packet p;

			for (size_t s = 0; s < sizeof(spoils); s++) {
				enum checksum_state checksum;
				enum parse_result result;

				bytes[at] = spoils[s];
				result = decode_cut_to(&frames[i], bytes, length, length, &p, &checksum);
				CU_ASSERT(result == PARSE_OK || result == PARSE_MALFORMED);
			}
			bytes[at] = was;
		}
		free(bytes);
	}
}

static enum parse_result decode(int linktype, const char *hex, struct packet *p)
{
	size_t length;
	uint8_t *bytes = hex_bytes(hex, &length);
	enum parse_result result = packet_decode(linktype, bytes, (uint32_t)length, (uint32_t)length, p);

	free(bytes); /* the tests that use this look at no payload */
	return result;
}

struct verdict {
	const char *name;
	int linktype;
	const char *hex;
	enum parse_result result;
};

static void check_other(const struct verdict *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct packet p;
		enum parse_result result = decode(cases[i].linktype, cases[i].hex, &p);

		CU_ASSERT_EQUAL(p.kind, PACKET_OTHER);
		CU_ASSERT_EQUAL(result, cases[i].result);
		if (p.kind != PACKET_OTHER || result != cases[i].result)
			CU_FAIL(cases[i].name);
	}
}

/* IP 192.0.2.40.2152 > 203.0.113.20.2152: UDP, length 6 */
#define UDP_HEADER(sport, dport) "4500 0022 0000 4000 4011 0000 c000 0228 cb00 7114" sport dport "000e 0000"

static void not_for_us(void)
{
	static const struct verdict cases[] = {
		{"an unknown link type", 147, IPV4_TCP, PARSE_OK},
		{"a link type past every table", 100000, IPV4_TCP, PARSE_OK},
		{"a negative link type", -1, IPV4_TCP, PARSE_OK},
		/* ARP, Request who-has 192.0.2.1 tell 192.0.2.40, length 28 */
		{"ARP", 1,
		 "ffff ffff ffff 0200 5e00 0028 0806 0001 0800 0604 0001 0200 5e00 0028 c000 0228 0000 0000 0000"
		 "c000 0201",
		 PARSE_OK},
		/* 802.3: STP 802.1d */
		{"spanning tree", 1, "0180 c200 0000 0200 5e00 0028 0007 4242 0300 0000 00", PARSE_OK},
		{"PPP's own control protocol", 9, "ff03 c021 0101 0004", PARSE_OK},
		{"PPPoE discovery", 1, "0200 5e00 1014 0200 5e00 0028 8864 1109 0000 0000", PARSE_OK},
		{"an encrypted 802.11 frame", 105, "0841 2c00 0200 0000 0001 0200 5e00 0028 0200 5e00 1014 1000 0000",
		 PARSE_OK},
		{"an 802.11 beacon", 105, "8000 0000 ffff ffff ffff 0200 0000 0001 0200 0000 0001 1000", PARSE_OK},
		{"UDP of another port", LINKTYPE_RAW, UDP_HEADER("cfc8", "01bb") "0102 0304 0506", PARSE_OK},
		{"another protocol on GTP's port", LINKTYPE_RAW, UDP_HEADER("0868", "0868") "0102 0304 0506", PARSE_OK},
		{"another protocol on Teredo's port", LINKTYPE_RAW, UDP_HEADER("0dd8", "0035") "4502 0304 0506",
		 PARSE_OK},
		{"GTP whose user data is no IP", LINKTYPE_RAW, UDP_HEADER("0868", "0868") "30ff 0000 0000", PARSE_OK},
		{"no next header", LINKTYPE_RAW,
		 "6000 0000 0000 3b40 2001 0db8 000c 0000 0000 0000 0000 0040 2001 0db8 0005 0000 0000 0000 0000 0020",
		 PARSE_OK},
	};

	check_other(cases, sizeof(cases) / sizeof(cases[0]));
	CU_ASSERT_FALSE(packet_linktype_known(147));
	CU_ASSERT_FALSE(packet_linktype_known(100000));
	CU_ASSERT_FALSE(packet_linktype_known(-1));
}

static void contradictions(void)
{
	static const struct verdict cases[] = {
		{"no bytes at all", 1, "", PARSE_MALFORMED},
		{"IP version 5", LINKTYPE_RAW, "5500 003a 1c46 4000 4006 203b c000 0228 cb00 7114" TCP4,
		 PARSE_MALFORMED},
		{"IPv6 under IPv4's EtherType", 1, "0200 5e00 1014 0200 5e00 0028 0800" IPV6_TCP, PARSE_MALFORMED},
		{"IPv4 under IPv6's EtherType", 1, "0200 5e00 1014 0200 5e00 0028 86dd" IPV4_TCP, PARSE_MALFORMED},
		{"an IPv4 header of 16 bytes", LINKTYPE_RAW, "4400 003a 1c46 4000 4006 203b c000 0228 cb00 7114" TCP4,
		 PARSE_MALFORMED},
		{"a total length less than the header", LINKTYPE_RAW,
		 "4500 0013 1c46 4000 4006 203b c000 0228 cb00 7114" TCP4, PARSE_MALFORMED},
		{"a total length that cuts the TCP header", LINKTYPE_RAW,
		 "4500 0027 1c46 4000 4006 203b c000 0228 cb00 7114" TCP4, PARSE_MALFORMED},
		{"a TCP header of 16 bytes", LINKTYPE_RAW,
		 "4500 0028 1c46 4000 4006 203b c000 0228 cb00 7114"
		 "b46c 01bb 0000 03e8 0000 07d0 4018 01f6 6f92 0000",
		 PARSE_MALFORMED},
		{"a TCP header longer than the packet", LINKTYPE_RAW,
		 "4500 0028 1c46 4000 4006 203b c000 0228 cb00 7114"
		 "b46c 01bb 0000 03e8 0000 07d0 6018 01f6 6f92 0000",
		 PARSE_MALFORMED},
	};

	check_other(cases, sizeof(cases) / sizeof(cases[0]));
}

/* IPv4 total length 4148 in a frame of 66 bytes: the sender's mistake, or a tool cut the frame and lost its length. */
static void length_past_the_frame(void)
{
	size_t length;
	uint8_t *bytes = hex_bytes("4500 1034 1c46 4000 4006 203b c000 0228 cb00 7114" TCP4, &length);
	struct packet p;

	CU_ASSERT_EQUAL(packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length, (uint32_t)length, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.kind, PACKET_TCP);
	CU_ASSERT_EQUAL(p.payload_captured, 6);
	CU_ASSERT_EQUAL(p.payload_wire, 6);
	CU_ASSERT_EQUAL(p.ip_length, 58);
	/* Where the capture cut the frame, the header is right. */
	CU_ASSERT_EQUAL(packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length, 4148, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.payload_captured, 6);
	CU_ASSERT_EQUAL(p.payload_wire, 4148 - 52);
	CU_ASSERT_EQUAL(p.ip_length, 4148);
	/* Some tools write 0 as the original length. */
	CU_ASSERT_EQUAL(packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length, 0, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.payload_wire, 6);
	free(bytes);
}

/* IP (tos 0x2,ECT(0), ttl 64, id 7238, offset 0, flags [none], proto TCP (6), length 58) */
static void ip_fields(void)
{
	struct packet p;

	CU_ASSERT_EQUAL(decode(LINKTYPE_RAW, "4502 003a 1c46 0000 8006 203b c000 0228 cb00 7114" TCP4, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.dscp_ecn, 2);
	CU_ASSERT_EQUAL(p.ttl, 128);
	CU_ASSERT_FALSE(p.dont_fragment);
	CU_ASSERT_EQUAL(p.ip_length, 58);
	/* IP6 (class 0xb8, flowlabel 0x12345, hlim 64, next-header TCP (6) payload length: 38) */
	CU_ASSERT_EQUAL(decode(LINKTYPE_RAW,
			       "6b81 2345 0026 06ff 2001 0db8 000c 0000 0000 0000 0000 0040 2001 0db8 0005 0000 0000"
			       "0000 0000 0020" TCP6,
			       &p),
			PARSE_OK);
	CU_ASSERT_EQUAL(p.dscp_ecn, 0xb8);
	CU_ASSERT_EQUAL(p.ttl, 255);
	CU_ASSERT_EQUAL(p.ip_length, 78);
}

/* 10.0.0.1 > 10.0.0.2, the payload left to be measured by the frame (total length 0). */
#define OUTER(protocol) "4500 0000 0000 0000 40" protocol "0000 0a00 0001 0a00 0002"
#define VXLAN(vni) OUTER("11") "c738 12b5 0000 0000 0800 0000" vni "00"
#define ETHERNET "0200 5e00 1014 0200 5e00 0028 0800"

static uint32_t tunnel_of(const char *hex)
{
	struct packet p;

	CU_ASSERT_EQUAL(decode(LINKTYPE_RAW, hex, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.kind, PACKET_TCP);
	return p.tunnel;
}

static void tunnel_numbers(void)
{
	uint32_t vxlan1 = tunnel_of(VXLAN("000001") ETHERNET IPV4_TCP);

	CU_ASSERT_EQUAL(vxlan1, tunnel_of(VXLAN("000001") "0200 5e00 1014 0200 5e00 0028 86dd" IPV6_TCP));
	CU_ASSERT_NOT_EQUAL(vxlan1, tunnel_of(VXLAN("000002") ETHERNET IPV4_TCP));
	CU_ASSERT_NOT_EQUAL(vxlan1, tunnel_of(OUTER("04") VXLAN("000001") ETHERNET IPV4_TCP));
	CU_ASSERT_NOT_EQUAL(tunnel_of(OUTER("2f") "2000 0800 0000 0001" IPV4_TCP),
			    tunnel_of(OUTER("2f") "2000 0800 0000 0002" IPV4_TCP));
	/* A key that cancels the kind out must not come to 0, which is no tunnel. */
	CU_ASSERT_NOT_EQUAL(tunnel_of(OUTER("2f") "2000 0800 2000 0000" IPV4_TCP), 0);
	/* NVGRE: tenant 0x1388, the flow's hash differs. */
	CU_ASSERT_EQUAL(tunnel_of(OUTER("2f") "2000 6558 0013 8811" ETHERNET IPV4_TCP),
			tunnel_of(OUTER("2f") "2000 6558 0013 8822" ETHERNET IPV4_TCP));
	/* GTP: the TEID is another in each direction. */
	CU_ASSERT_EQUAL(tunnel_of(OUTER("11") "0868 0868 0000 0000 30ff 003a 0000 0001" IPV4_TCP),
			tunnel_of(OUTER("11") "0868 0868 0000 0000 30ff 003a 0000 0002" IPV4_TCP));
}

/* The innermost packet of so many IP headers around it. */
static enum packet_kind nested_kind(size_t depth)
{
	size_t outer_length, inner_length;
	uint8_t *outer = hex_bytes(OUTER("04"), &outer_length), *inner = hex_bytes(IPV4_TCP, &inner_length);
	size_t length = depth * outer_length + inner_length;
	uint8_t *bytes = malloc(length);
	struct packet p;

	if (!bytes)
		abort();
	for (size_t i = 0; i < depth; i++)
		memcpy(bytes + i * outer_length, outer, outer_length);
	memcpy(bytes + depth * outer_length, inner, inner_length);
	CU_ASSERT_EQUAL(packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length, (uint32_t)length, &p), PARSE_OK);
	free(bytes);
	free(outer);
	free(inner);
	return p.kind;
}

static void bounded_depth(void)
{
	CU_ASSERT_EQUAL(nested_kind(8), PACKET_TCP);
	CU_ASSERT_EQUAL(nested_kind(3000), PACKET_OTHER);
}

/* IP (id 7238, offset 24, flags [+], proto TCP (6), length 28); then the same of IPv6, id 0x01020304 */
static void fragments(void)
{
	struct packet p;

	CU_ASSERT_EQUAL(
		decode(LINKTYPE_RAW, "4500 001c 1c46 2003 4006 0000 c000 0228 cb00 7114 0102 0304 0506 0708", &p),
		PARSE_OK);
	CU_ASSERT_EQUAL(p.kind, PACKET_FRAGMENT);
	CU_ASSERT(address_equal(&p.src, &client4) && address_equal(&p.dst, &server4));
	CU_ASSERT_EQUAL(p.fragment.id, 7238);
	CU_ASSERT_EQUAL(p.fragment.offset, 24);
	CU_ASSERT_TRUE(p.fragment.more);
	CU_ASSERT_EQUAL(p.fragment.protocol, 6);
	CU_ASSERT_EQUAL(p.fragment.captured, 8);
	CU_ASSERT_EQUAL(p.fragment.wire, 8);
	CU_ASSERT_EQUAL(decode(LINKTYPE_RAW,
			       "6000 0000 0010 2c40 2001 0db8 000c 0000 0000 0000 0000 0040 2001 0db8 0005 0000 0000"
			       "0000 0000 0020 0600 05a8 0102 0304 0102 0304 0506 0708",
			       &p),
			PARSE_OK);
	CU_ASSERT_EQUAL(p.kind, PACKET_FRAGMENT);
	CU_ASSERT(address_equal(&p.src, &client6) && address_equal(&p.dst, &server6));
	CU_ASSERT_EQUAL(p.fragment.id, 0x01020304);
	CU_ASSERT_EQUAL(p.fragment.offset, 1448);
	CU_ASSERT_FALSE(p.fragment.more);
	CU_ASSERT_EQUAL(p.fragment.captured, 8);
}

const struct unit_test unit_tests[] = {
	{"one segment is found in every link type and tunnel", every_wrapping},
	{"a frame cut by the capture gives what was captured, or SNAPLEN", cut_by_the_capture},
	{"a frame cut on the wire is never read past its end", cut_on_the_wire},
	{"a spoilt byte never leads out of the frame", spoilt_bytes},
	{"what is neither TCP nor an ICMP error is OTHER", not_for_us},
	{"headers that contradict themselves are MALFORMED", contradictions},
	{"a length field past the frame's end is not believed", length_past_the_frame},
	{"the fields of the innermost IP header are kept", ip_fields},
	{"tunnel numbers tell tenants apart and both directions alike", tunnel_numbers},
	{"nesting is bounded", bounded_depth},
	{"fragments are recognised", fragments},
	{NULL, NULL},
};
