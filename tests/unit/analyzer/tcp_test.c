/* tcp_test.c: TCP options and the TCP checksum. */
#include "../suite.h"

#include "analyzer/packet.h"
#include "hex.h"

#define LINKTYPE_RAW 101

/* IP 192.0.2.40 > 203.0.113.20: TCP, with the length left to the frame. */
#define IPV4 "4500 0000 1c46 4000 4006 0000 c000 0228 cb00 7114"

static uint8_t *frame;

/* The frame stays until the next call. */
static enum parse_result decode(const char *hex, size_t cut_by, struct packet *p)
{
	size_t length;

	free(frame);
	frame = hex_bytes(hex, &length);
	return packet_decode(LINKTYPE_RAW, frame, (uint32_t)(length - cut_by), (uint32_t)length, p);
}

/* 192.0.2.40.46188 > 203.0.113.20.443: Flags [SEW], seq 1, win 64240,
 * options [mss 1460,sackOK,TS val 101 ecr 0,nop,wscale 7,tfo cookie 0102030405060708,nop,nop], length 0 */
#define SYN                                                                                                            \
	IPV4 "b46c 01bb 0000 0001 0000 0000 d0c2 faf0 0000 0000"                                                       \
	     "0204 05b4 0402 080a 0000 0065 0000 0000 0103 0307 220a 0102 0304 0506 0708 0101"

static void options_of_a_syn(void)
{
	struct packet p;

	CU_ASSERT_EQUAL(decode(SYN, 0, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.kind, PACKET_TCP);
	CU_ASSERT_EQUAL(p.tcp.flags, TCP_SYN | TCP_ECE | TCP_CWR);
	CU_ASSERT_EQUAL(p.tcp.header_length, 52);
	CU_ASSERT_EQUAL(p.tcp.mss, 1460);
	CU_ASSERT_EQUAL(p.tcp.window_scale, 7);
	CU_ASSERT_TRUE(p.tcp.sack_permitted);
	CU_ASSERT_TRUE(p.tcp.has_timestamps);
	CU_ASSERT_EQUAL(p.tcp.timestamp_value, 101);
	CU_ASSERT_EQUAL(p.tcp.timestamp_echo, 0);
	CU_ASSERT_TRUE(p.tcp.has_fast_open);
	CU_ASSERT_EQUAL(p.tcp.sack_count, 0);
	CU_ASSERT_EQUAL(p.payload_wire, 0);
}

static void options_cut(void)
{
	/* How many bytes of the options must be there for each of them to be known. */
	for (size_t options = 0; options < 32; options++) {
		struct packet p;

		CU_ASSERT_EQUAL(decode(SYN, 32 - options, &p), PARSE_OK);
		CU_ASSERT_EQUAL(p.kind, PACKET_TCP);
		CU_ASSERT_TRUE(p.tcp.options_cut);
		CU_ASSERT_EQUAL(p.tcp.mss, options >= 4 ? 1460 : 0);
		CU_ASSERT_EQUAL(p.tcp.sack_permitted, options >= 6);
		CU_ASSERT_EQUAL(p.tcp.has_timestamps, options >= 16);
		CU_ASSERT_EQUAL(p.tcp.window_scale, options >= 20 ? 7 : -1);
		CU_ASSERT_EQUAL(p.tcp.has_fast_open, options >= 30);
		CU_ASSERT_EQUAL(p.payload_captured, 0);
		CU_ASSERT_EQUAL(p.payload_wire, 0);
		CU_ASSERT_EQUAL(packet_tcp_checksum(&p), CHECKSUM_UNKNOWN);
	}
}

/* Flags [.], options [nop,nop,sack 4 {1:2}{3:4}{5:6}{7:8},nop,nop] */
static void sack_blocks(void)
{
	struct packet p;

	CU_ASSERT_EQUAL(decode(IPV4 "b46c 01bb 0000 0001 0000 0001 e010 faf0 0000 0000 0101 0522 0000 0001 0000 0002"
				    "0000 0003 0000 0004 0000 0005 0000 0006 0000 0007 ffff ffff",
			       0, &p),
			PARSE_OK);
	CU_ASSERT_EQUAL(p.tcp.sack_count, 4);
	for (uint32_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(p.tcp.sack[i].start, 2 * i + 1);
		CU_ASSERT_EQUAL(p.tcp.sack[i].end, 2 * i + 2);
	}
	CU_ASSERT_EQUAL(p.tcp.sack[3].end, 0xffffffff);
	/* More blocks than there can be with a timestamp, and half a block. */
	CU_ASSERT_EQUAL(decode(IPV4 "b46c 01bb 0000 0001 0000 0001 9010 faf0 0000 0000 0101 050e 0000 0001 0000 0002"
				    "0000 0003",
			       0, &p),
			PARSE_OK);
	CU_ASSERT_EQUAL(p.tcp.sack_count, 1);
}

#define HEADER24 IPV4 "b46c 01bb 0000 0001 0000 0000 6002 faf0 0000 0000"
#define HEADER28 IPV4 "b46c 01bb 0000 0001 0000 0000 7002 faf0 0000 0000"

static void odd_options(void)
{
	struct packet p;

	/* Window scale 15 counts as 14 (RFC 7323 section 2.3). */
	CU_ASSERT_EQUAL(decode(HEADER24 "0103 03ff", 0, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.tcp.window_scale, 14);
	/* The experimental form of Fast Open (RFC 7413 appendix A), and another experiment. */
	CU_ASSERT_EQUAL(decode(HEADER24 "fe04 f989", 0, &p), PARSE_OK);
	CU_ASSERT_TRUE(p.tcp.has_fast_open);
	CU_ASSERT_EQUAL(decode(HEADER24 "fe04 f98a", 0, &p), PARSE_OK);
	CU_ASSERT_FALSE(p.tcp.has_fast_open);
	/* End of list, behind it what looks like an option. */
	CU_ASSERT_EQUAL(decode(HEADER28 "0000 0000 0204 05b4", 0, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.tcp.mss, 0);
	/* Lengths 0 and 1 would never end, length 9 leaves the list; what came before is kept. */
	CU_ASSERT_EQUAL(decode(HEADER28 "0204 05b4 1e00 0101", 0, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.tcp.mss, 1460);
	CU_ASSERT_EQUAL(decode(HEADER28 "1e01 0101 0204 05b4", 0, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.tcp.mss, 0);
	CU_ASSERT_EQUAL(decode(HEADER28 "1e09 0101 0204 05b4", 0, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.kind, PACKET_TCP);
	/* Options too short for what they are. */
	CU_ASSERT_EQUAL(decode(HEADER28 "0203 0508 0600 0001", 0, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.tcp.mss, 0);
	CU_ASSERT_FALSE(p.tcp.has_timestamps);
}

/* Flags [P.], seq 1000:1005, ack 2000, win 502, length 5: "hello", an odd number of bytes */
#define ODD(checksum) IPV4 "b46c 01bb 0000 03e8 0000 07d0 5018 01f6" checksum "0000 6865 6c6c 6f"

static void checksums(void)
{
	struct packet p;

	CU_ASSERT_EQUAL(decode(ODD("a9e2"), 0, &p), PARSE_OK);
	CU_ASSERT_EQUAL(packet_tcp_checksum(&p), CHECKSUM_GOOD);
	CU_ASSERT_EQUAL(decode(ODD("a9e3"), 0, &p), PARSE_OK);
	CU_ASSERT_EQUAL(packet_tcp_checksum(&p), CHECKSUM_BAD);
	CU_ASSERT_EQUAL(decode(ODD("a9e2"), 1, &p), PARSE_OK);
	CU_ASSERT_EQUAL(p.payload_captured, 4);
	CU_ASSERT_EQUAL(p.payload_wire, 5);
	CU_ASSERT_EQUAL(packet_tcp_checksum(&p), CHECKSUM_UNKNOWN);
	p.kind = PACKET_OTHER;
	CU_ASSERT_EQUAL(packet_tcp_checksum(&p), CHECKSUM_UNKNOWN);
	free(frame);
	frame = NULL;
}

const struct unit_test unit_tests[] = {
	{"the options of a SYN are read", options_of_a_syn},
	{"options are read as far as they were captured", options_cut},
	{"SACK blocks are read", sack_blocks},
	{"odd options neither stop nor mislead", odd_options},
	{"checksums are good, bad or unknown", checksums},
	{NULL, NULL},
};
