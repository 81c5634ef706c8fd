/* fragment_test.c: one TCP segment cut into IP fragments, which arrive in every order, twice, contradicting, or
 * never. */
#include "../suite.h"

#include "analyzer/fragment.h"
#include "hex.h"

#define LINKTYPE_RAW 101
#define SECOND 1000000000LL

static const struct fragment_limits ample = {.datagrams = 16, .bytes = 1 << 20, .timeout_ns = 60 * SECOND};

/* 46188 > 443: Flags [P.], seq 1000:1020, ack 2000, length 20; what the fragments are parts of */
#define PART1 "b46c 01bb 0000 03e8 0000 07d0 5018 01f6" /* offset 0 */
#define PART2 "0000 0000 4142 4344" /* offset 16 */
#define PART3 "4546 4748 494a 4b4c 4d4e 4f50 5152 5354" /* offset 24 */

/* IP 192.0.2.40 > 203.0.113.20, id 7238: `flags` is the field of flags and offset, in units of 8 bytes. */
#define IP(length, flags) "4500 00" length "1c46" flags "4006 0000 c000 0228 cb00 7114"

static const char *const thirds[] = {
	IP("24", "2000") PART1, /* offset 0, flags [+], length 36 */
	IP("1c", "2002") PART2, /* offset 16, flags [+], length 28 */
	IP("24", "0003") PART3, /* offset 24, flags [none], length 36 */
};

/* Decodes the frame and, if it is a fragment, adds it. */
static enum parse_result add_at(struct fragment_table *table, int64_t time_ns, const char *hex, struct packet *p)
{
	size_t length;
	uint8_t *bytes = hex_bytes(hex, &length);
	enum parse_result result = packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length, (uint32_t)length, p);

	CU_ASSERT_EQUAL(result, PARSE_OK);
	CU_ASSERT_EQUAL(p->kind, PACKET_FRAGMENT);
	result = fragment_add(table, time_ns, p);
	free(bytes);
	return result;
}

static enum parse_result add(struct fragment_table *table, const char *hex, struct packet *p)
{
	return add_at(table, 0, hex, p);
}

static void check_segment(const struct packet *p)
{
	CU_ASSERT_EQUAL(p->kind, PACKET_TCP);
	CU_ASSERT_EQUAL(p->sport, 46188);
	CU_ASSERT_EQUAL(p->dport, 443);
	CU_ASSERT_EQUAL(p->tcp.seq, 1000);
	CU_ASSERT_EQUAL(p->payload_wire, 20);
	CU_ASSERT_EQUAL(p->payload_captured, 20);
	CU_ASSERT(p->payload_captured == 20 && memcmp(p->payload, "ABCDEFGHIJKLMNOPQRST", 20) == 0);
}

static void every_order(void)
{
	static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	for (size_t i = 0; i < 6; i++) {
		struct fragment_table *table = fragment_table_new(&ample);
		struct packet p;

		CU_ASSERT_EQUAL(add(table, thirds[orders[i][0]], &p), PARSE_NEED_MORE);
		CU_ASSERT_EQUAL(add(table, thirds[orders[i][1]], &p), PARSE_NEED_MORE);
		CU_ASSERT_EQUAL(add(table, thirds[orders[i][2]], &p), PARSE_OK);
		check_segment(&p);
		CU_ASSERT_EQUAL(p.src.version, 4);
		CU_ASSERT_EQUAL(p.ttl, 64);
		CU_ASSERT_EQUAL(p.ip_id, 7238);
		CU_ASSERT_EQUAL(p.ip_length, 60);
		CU_ASSERT_EQUAL(fragment_given_up(table), 0);
		fragment_table_free(table);
	}
	fragment_table_free(NULL);
}

static void twice_the_same(void)
{
	struct fragment_table *table = fragment_table_new(&ample);
	struct packet p;

	CU_ASSERT_EQUAL(add(table, thirds[0], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, thirds[0], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, thirds[2], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, thirds[2], &p), PARSE_NEED_MORE);
	/* offset 8, flags [+], length 36: the ends of both neighbours once more */
	CU_ASSERT_EQUAL(add(table, IP("2c", "2001") "0000 07d0 5018 01f6" PART2 "4546 4748 494a 4b4c", &p), PARSE_OK);
	check_segment(&p);
	/* And the whole datagram again, as "-i any" shows it. */
	CU_ASSERT_EQUAL(add(table, thirds[2], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, thirds[1], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, thirds[0], &p), PARSE_OK);
	check_segment(&p);
	CU_ASSERT_EQUAL(fragment_given_up(table), 0);
	fragment_table_free(table);
}

static void contradictions(void)
{
	static const char *const liars[] = {
		IP("24", "2001") "ffff 07d0 5018 01f6" PART2, /* an overlap that disagrees */
		IP("1c", "2006") PART2, /* past the last fragment's end */
		IP("1c", "0002") PART2, /* another end */
		IP("1b", "2002") "0000 0000 4142 43", /* not a multiple of 8, though not the last */
		IP("14", "2002"), /* nothing */
		IP("1c", "3fff") PART2, /* past the end of any datagram */
	};

	for (size_t i = 0; i < sizeof(liars) / sizeof(liars[0]); i++) {
		struct fragment_table *table = fragment_table_new(&ample);
		struct packet p;

		CU_ASSERT_EQUAL(add(table, thirds[0], &p), PARSE_NEED_MORE);
		CU_ASSERT_EQUAL(add(table, thirds[2], &p), PARSE_NEED_MORE);
		CU_ASSERT_EQUAL(add(table, liars[i], &p), PARSE_MALFORMED);
		CU_ASSERT_EQUAL(fragment_given_up(table), 1);
		/* RFC 5722 section 3: its other fragments go the same way, until it is too old. */
		CU_ASSERT_EQUAL(add(table, thirds[1], &p), PARSE_MALFORMED);
		CU_ASSERT_EQUAL(add(table, thirds[0], &p), PARSE_MALFORMED);
		CU_ASSERT_EQUAL(add_at(table, 61 * SECOND, thirds[0], &p), PARSE_NEED_MORE);
		CU_ASSERT_EQUAL(add_at(table, 61 * SECOND, thirds[1], &p), PARSE_NEED_MORE);
		CU_ASSERT_EQUAL(add_at(table, 61 * SECOND, thirds[2], &p), PARSE_OK);
		check_segment(&p);
		CU_ASSERT_EQUAL(fragment_given_up(table), 1);
		fragment_table_free(table);
	}
}

static void cut_short(void)
{
	struct fragment_table *table = fragment_table_new(&ample);
	struct packet p;
	size_t length;
	uint8_t *bytes = hex_bytes(thirds[0], &length);

	CU_ASSERT_EQUAL(packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length - 1, (uint32_t)length, &p), PARSE_OK);
	CU_ASSERT_EQUAL(fragment_add(table, 0, &p), PARSE_SNAPLEN);
	CU_ASSERT_EQUAL(add(table, thirds[1], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, thirds[2], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(fragment_given_up(table), 0);
	free(bytes);
	fragment_table_free(table);
}

static void too_late(void)
{
	struct fragment_table *table = fragment_table_new(&ample);
	struct packet p;

	CU_ASSERT_EQUAL(add_at(table, 0, thirds[0], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add_at(table, 60 * SECOND, thirds[1], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add_at(table, 60 * SECOND + 1, thirds[2], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(fragment_given_up(table), 1);
	fragment_table_free(table);
}

/* The first fragment of the datagram with this ID. */
static enum parse_result add_first_of(struct fragment_table *table, uint8_t id)
{
	struct packet p;
	size_t length;
	uint8_t *bytes = hex_bytes(thirds[0], &length);
	enum parse_result result;

	bytes[5] = id;
	CU_ASSERT_EQUAL(packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length, (uint32_t)length, &p), PARSE_OK);
	result = fragment_add(table, 0, &p);
	free(bytes);
	return result;
}

static void oldest_goes_first(void)
{
	static const struct fragment_limits two = {.datagrams = 2, .bytes = 1 << 20, .timeout_ns = 60 * SECOND};
	struct fragment_table *table = fragment_table_new(&two);
	struct packet p;

	CU_ASSERT_EQUAL(add_first_of(table, 1), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, thirds[0], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add_first_of(table, 2), PARSE_NEED_MORE); /* 1 is given up */
	CU_ASSERT_EQUAL(fragment_given_up(table), 1);
	CU_ASSERT_EQUAL(add(table, thirds[1], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, thirds[2], &p), PARSE_OK);
	check_segment(&p);
	CU_ASSERT_EQUAL(fragment_given_up(table), 1);
	fragment_table_free(table);
}

/* Every fragment claims the last bytes of a datagram of 64 KiB, which costs that much room. */
static void bytes_are_bounded(void)
{
	static const struct fragment_limits limits = {.datagrams = 1000, .bytes = 1 << 18, .timeout_ns = 60 * SECOND};
	struct fragment_table *table = fragment_table_new(&limits);
	struct packet p;
	size_t length;
	uint8_t *bytes = hex_bytes(IP("1c", "3ffe") PART2, &length);

	for (uint8_t id = 0; id < 100; id++) {
		bytes[5] = id;
		CU_ASSERT_EQUAL(packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length, (uint32_t)length, &p), PARSE_OK);
		CU_ASSERT_EQUAL(fragment_add(table, 0, &p), PARSE_NEED_MORE);
	}
	CU_ASSERT_EQUAL(fragment_given_up(table), 97);
	free(bytes);
	fragment_table_free(table);
}

static void no_room_at_all(void)
{
	static const struct fragment_limits nothing = {.datagrams = 0, .bytes = 0, .timeout_ns = 0};
	static const struct fragment_limits no_bytes = {.datagrams = 4, .bytes = 100, .timeout_ns = SECOND};
	struct fragment_table *table = fragment_table_new(&nothing);
	struct packet p;

	CU_ASSERT_EQUAL(add(table, thirds[0], &p), PARSE_MALFORMED);
	fragment_table_free(table);
	table = fragment_table_new(&no_bytes);
	CU_ASSERT_EQUAL(add(table, thirds[0], &p), PARSE_MALFORMED);
	CU_ASSERT_EQUAL(fragment_given_up(table), 1);
	fragment_table_free(table);
}

/* The same addresses and ID, but another protocol or VLAN: other datagrams. */
static void kept_apart(void)
{
	struct fragment_table *table = fragment_table_new(&ample);
	struct packet p;
	size_t length;
	uint8_t *bytes = hex_bytes(thirds[1], &length);

	CU_ASSERT_EQUAL(add(table, thirds[0], &p), PARSE_NEED_MORE);
	/* UDP, offset 16: other bytes, no contradiction */
	CU_ASSERT_EQUAL(add(table, "4500 001c 1c46 2002 4011 0000 c000 0228 cb00 7114 ffff ffff ffff ffff", &p),
			PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(packet_decode(LINKTYPE_RAW, bytes, (uint32_t)length, (uint32_t)length, &p), PARSE_OK);
	p.vlan = 100;
	CU_ASSERT_EQUAL(fragment_add(table, 0, &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, thirds[2], &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, thirds[1], &p), PARSE_OK);
	check_segment(&p);
	free(bytes);
	fragment_table_free(table);
}

/* IP6 2001:db8:c::40 > 2001:db8:5::20: frag (0x01020304:`place`) */
#define IP6(length, next, place)                                                                                       \
	"6000 0000 00" length                                                                                          \
	"2c40 2001 0db8 000c 0000 0000 0000 0000 0040 2001 0db8 0005 0000 0000 0000 0000 0020" next "00" place         \
	"0102 0304"

static void ipv6(void)
{
	struct fragment_table *table = fragment_table_new(&ample);
	struct packet p;

	/* The first says that destination options follow, the others' next header does not count (RFC 8200 section
	 * 4.5). */
	CU_ASSERT_EQUAL(add(table, IP6("18", "06", "0020") PART3, &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, IP6("10", "06", "0019") PART2, &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, IP6("20", "3c", "0001") "0600 0104 0000 0000" PART1, &p), PARSE_OK);
	check_segment(&p);
	CU_ASSERT_EQUAL(p.src.version, 6);
	CU_ASSERT_EQUAL(p.ip_length, 40 + 8 + 8 + 40);
	fragment_table_free(table);
}

/* The outer packet of a tunnel in two fragments: IP 10.0.0.1 > 10.0.0.2, IPIP. */
#define OUTER(length, id, flags) "4500 00" length id flags "4004 0000 0a00 0001 0a00 0002"

static void tunnels(void)
{
	struct fragment_table *table = fragment_table_new(&ample);
	struct packet p;

	CU_ASSERT_EQUAL(add(table, OUTER("2c", "0007", "2000") IP("3c", "4000") "b46c 01bb", &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, OUTER("38", "0007", "0003") "0000 03e8 0000 07d0 5018 01f6" PART2 PART3, &p),
			PARSE_OK);
	check_segment(&p);
	CU_ASSERT_EQUAL(p.src.bytes[0], 192);
	CU_ASSERT_EQUAL(p.ip_length, 60);
	CU_ASSERT_NOT_EQUAL(p.tunnel, 0);
	fragment_table_free(table);
}

/* Outer packets that carry a fragment of the inner packet each and are in two fragments themselves. */
static void fragments_of_fragments(void)
{
	struct fragment_table *table = fragment_table_new(&ample);
	struct packet p;

	CU_ASSERT_EQUAL(add(table, OUTER("24", "0001", "2000") "4500 0024 1c46 2000 4006 0000 c000 0228", &p),
			PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, OUTER("28", "0001", "0002") "cb00 7114" PART1, &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, OUTER("24", "0002", "2000") "4500 001c 1c46 2002 4006 0000 c000 0228", &p),
			PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, OUTER("20", "0002", "0002") "cb00 7114" PART2, &p), PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, OUTER("24", "0003", "2000") "4500 0024 1c46 0003 4006 0000 c000 0228", &p),
			PARSE_NEED_MORE);
	CU_ASSERT_EQUAL(add(table, OUTER("28", "0003", "0002") "cb00 7114" PART3, &p), PARSE_OK);
	check_segment(&p);
	CU_ASSERT_EQUAL(p.src.bytes[0], 192);
	CU_ASSERT_EQUAL(fragment_given_up(table), 0);
	fragment_table_free(table);
}

const struct unit_test unit_tests[] = {
	{"fragments are joined in whatever order they come", every_order},
	{"what comes twice and is the same does no harm", twice_the_same},
	{"a datagram whose fragments contradict is dropped whole", contradictions},
	{"a fragment that was cut short is not kept", cut_short},
	{"fragments are too late after the time-out", too_late},
	{"the oldest datagram goes when there are too many", oldest_goes_first},
	{"the oldest datagrams go when there are too many bytes", bytes_are_bounded},
	{"a table without room gives up", no_room_at_all},
	{"datagrams of another protocol or VLAN are kept apart", kept_apart},
	{"IPv6 fragments are joined, by the first one's next header", ipv6},
	{"the outer packet of a tunnel is joined and then unwrapped", tunnels},
	{"fragments within fragments are joined", fragments_of_fragments},
	{NULL, NULL},
};
