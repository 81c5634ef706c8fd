/* arrival_test.c: TCP segments with data are told from those without, and from everything else, at every length. */
#include "servers/arrival.h"

#include <arpa/inet.h>
#include <string.h>

#include "servers/steps.h"
#include "tests/unit/suite.h"

/* 192.0.2.40:46188 > 203.0.113.20:443, with two bytes of data, TTL 64, no options */
static const char v4_data[] =
	"4500002a00004000 4006 0000 c0000228 cb007114 b46c01bb 00000001 00000001 5018 00ff 00000000 1603";
/* the same without data, 12 bytes of TCP options */
static const char v4_empty[] =
	"4500003400004000 4006 0000 c0000228 cb007114 b46c01bb 00000001 00000001 8010 00ff 00000000"
	"0101080a0000000100000001";
/* 2001:db8:c::40 port 46188 > 2001:db8:5::20 port 443, two bytes of data */
static const char v6_data[] = "60000000 0016 06 40 20010db8000c00000000000000000040 20010db8000500000000000000000020"
			      "b46c01bb 00000001 00000001 5018 00ff 00000000 1603";
/* a UDP packet */
static const char v4_udp[] = "4500001e00004000 4011 0000 c0000228 cb007114 b46c01bb 000a0000 1603";

static bool parse(const char *hex, struct arrival *from)
{
	struct buffer packet = {0};
	bool found;

	CU_ASSERT(steps_hex(hex, &packet));
	found = arrival_parse(packet.data, packet.length, from);
	buffer_free(&packet);
	return found;
}

static void test_segments(void)
{
	struct arrival from, wanted = {.family = AF_INET, .port = 46188};

	inet_pton(AF_INET, "192.0.2.40", wanted.address);
	CU_ASSERT(parse(v4_data, &from));
	CU_ASSERT(arrival_same(&from, &wanted));
	wanted = (struct arrival){.family = AF_INET6, .port = 46188};
	inet_pton(AF_INET6, "2001:db8:c::40", wanted.address);
	CU_ASSERT(parse(v6_data, &from));
	CU_ASSERT(arrival_same(&from, &wanted));
	wanted.port++;
	CU_ASSERT_FALSE(arrival_same(&from, &wanted));
	CU_ASSERT_FALSE(parse(v4_empty, &from));
	CU_ASSERT_FALSE(parse(v4_udp, &from));
}

/* What is needed of a packet ends with TCP's data offset. */
static void test_cut_everywhere(void)
{
	struct buffer packet = {0};
	struct arrival from;

	CU_ASSERT(steps_hex(v4_data, &packet));
	for (size_t length = 0; length <= packet.length; length++)
		CU_ASSERT_EQUAL(arrival_parse(packet.data, length, &from), length >= 20 + 13);
	buffer_free(&packet);
}

const struct unit_test unit_tests[] = {
	{"only TCP segments with data are arrivals, of IPv4 and IPv6", test_segments},
	{"a packet cut anywhere is read within its bounds", test_cut_everywhere},
	{NULL, NULL},
};
