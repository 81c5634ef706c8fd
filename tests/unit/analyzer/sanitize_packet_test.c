/* sanitize_packet_test.c: one segment in every wrapping, and what else frames hold: what is read of it stays, whose it
 * is does not.
 */
#include "analyzer/sanitize_packet.h"

#include <stdio.h>
#include <stdlib.h>

#include "frames.h"
#include "hex.h"
#include "tests/unit/suite.h"

/* The segments' connection is known to have said "HELLO\n". */
static void on_payload(void *context, uint64_t frame, const struct segment *s, uint8_t *out, size_t n)
{
	static const uint8_t said[] = "HELLO\n";

	(void)context;
	CU_ASSERT_EQUAL(frame, 7);
	CU_ASSERT_EQUAL(s->seq, 1000);
	CU_ASSERT_EQUAL(s->dport, 443);
	memcpy(out, said, n < 6 ? n : 6);
}

static void on_timestamps(void *context, uint64_t frame, const struct segment *s, uint32_t *value, uint32_t *echo)
{
	(void)context;
	(void)frame;
	(void)s;
	*value -= 100;
	*echo -= 200;
}

static void on_fragment(void *context, const struct packet *p, uint8_t *out, size_t n)
{
	(void)context;
	(void)p;
	memset(out, 'F', n);
}

static uint8_t *sanitize(int linktype, const uint8_t *bytes, size_t n, enum parse_result *result, struct packet *p)
{
	const struct packet_rules rules = {.aliases = alias_table_new(),
					   .frame = 7,
					   .payload = on_payload,
					   .timestamps = on_timestamps,
					   .fragment = on_fragment};
	uint8_t *out = malloc(n ? n : 1);

	if (!rules.aliases || !out)
		abort();
	*result = sanitize_frame(&rules, linktype, bytes, (uint32_t)n, (uint32_t)n, out, p);
	alias_table_free(rules.aliases);
	return out;
}

static bool holds(const uint8_t *bytes, size_t n, const char *hex)
{
	size_t length;
	uint8_t *what = hex_bytes(hex, &length);
	bool found = memmem(bytes, n, what, length);

	free(what);
	return found;
}

/* Whether the TCP checksum is right, wrong or unknown stays; so does all that the analyzer reads. */
static void check_frame(const struct frame *f)
{
	size_t n;
	uint8_t *in = hex_bytes(f->hex, &n), *out;
	struct packet was = {0}, is = {0}, p = {0};
	enum parse_result result;

	packet_decode(f->linktype, in, (uint32_t)n, (uint32_t)n, &was);
	out = sanitize(f->linktype, in, n, &result, &p);
	CU_ASSERT_EQUAL(result, PARSE_OK);
	CU_ASSERT_EQUAL(packet_decode(f->linktype, out, (uint32_t)n, (uint32_t)n, &is), PARSE_OK);
	CU_ASSERT_EQUAL(is.kind, PACKET_TCP);
	CU_ASSERT_EQUAL(is.src.version, was.src.version);
	CU_ASSERT_EQUAL(is.tcp.seq, 1000);
	CU_ASSERT_EQUAL(is.tcp.ack, 2000);
	CU_ASSERT_EQUAL(is.tcp.timestamp_value, 1);
	CU_ASSERT_EQUAL(is.tcp.timestamp_echo, 1);
	CU_ASSERT_EQUAL(is.ttl, was.ttl);
	CU_ASSERT_EQUAL(is.payload_wire, was.payload_wire);
	CU_ASSERT_EQUAL(memcmp(is.payload, "HELLO\n", is.payload_captured < 6 ? is.payload_captured : 6), 0);
	CU_ASSERT_EQUAL(packet_tcp_checksum(&is), packet_tcp_checksum(&was));
	CU_ASSERT_FALSE(holds(out, n, "c000 0228"));
	CU_ASSERT_FALSE(holds(out, n, "cb00 7114"));
	CU_ASSERT_FALSE(holds(out, n, "0200 5e00"));
	CU_ASSERT_FALSE(holds(out, n, "dead beef"));
	if (is.kind != PACKET_TCP || packet_tcp_checksum(&is) != packet_tcp_checksum(&was))
		printf("# %s\n", f->name);
	free(in);
	free(out);
}

static void every_wrapping(void)
{
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++)
		check_frame(&frames[i]);
}

/* ---- Every layer ---- */

#define ENTRY(name) {layer_##name, #name, 0},
static struct layer_seen {
	layer_fn *layer;
	const char *name;
	size_t times; /* in frames[] */
} layers[] = {LAYERS(ENTRY)};
#undef ENTRY

// cppcheck-suppress constParameter // a function has no const
static void on_layer(void *context, layer_fn *layer, const struct decode *d, const uint8_t *at, size_t n)
{
	(void)context;
	(void)d;
	(void)at;
	(void)n;
	for (size_t i = 0; i < sizeof(layers) / sizeof(*layers); i++)
		layers[i].times += layers[i].layer == layer;
}

/* A layer that is new needs a rule, and a frame that shows that it reads the same. ICMP's are in rows[]. */
static void every_layer(void)
{
	const struct decode_watcher watcher = {.header = on_layer};

	for (size_t i = 0; i < FRAMES; i++) {
		size_t n;
		uint8_t *bytes = hex_bytes(frames[i].hex, &n);
		struct packet p;

		decode_frame(frames[i].linktype, bytes, (uint32_t)n, (uint32_t)n, &watcher, &p);
		free(bytes);
	}
	for (size_t i = 0; i < sizeof(layers) / sizeof(*layers); i++) {
		bool icmp = layers[i].layer == layer_icmp || layers[i].layer == layer_icmpv6;
		bool right = sanitize_has_rule(layers[i].layer) && (icmp || layers[i].times > 0);

		CU_ASSERT_TRUE(right);
		if (!right)
			printf("# %s: no rule, or no frame\n", layers[i].name);
	}
}

/* What identifies in the headers of some of frames[]. */
static const struct {
	const char *frame, *hex;
} identifiers[] = {
	{"NFLOG of a big-endian machine", "7465 7374"}, /* a prefix */
	{"Prism", "7769 6669"}, /* an interface */
	{"pflog", "656d 30"}, /* one more */
	{"enc", "0000 0001 0000 0000"}, /* the SPI */
	{"802.1ah", "0000 0042"}, /* a service */
	{"Cisco metadata", "0001 0010"}, /* a security group */
	{"VN-Tag", "8001"}, /* an interface of a switch */
	{"FabricPath", "8903 0060"}, /* a tree */
	{"L2TPv3 with a cookie and a sublayer", "4000 0001"},
	{"L2TPv2", "0010 0020"}, /* tunnel and session */
	{"VXLAN-GPE with a service chain", "0000 01ff"}, /* its path */
	{"TZSP with Ethernet", "0a01 c4"}, /* the signal's strength */
	{"LISP", "0800 0000 0000 0100"}, /* locators and instance */
};

static const struct frame *frame_named(const char *name)
{
	for (size_t i = 0; i < FRAMES; i++)
		if (!strcmp(frames[i].name, name))
			return &frames[i];
	return NULL;
}

static void identifiers_of_headers(void)
{
	for (size_t i = 0; i < sizeof(identifiers) / sizeof(*identifiers); i++) {
		const struct frame *f = frame_named(identifiers[i].frame);
		enum parse_result result;
		uint8_t *in, *out;
		struct packet p;
		size_t n;
		bool gone;

		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		in = hex_bytes(f->hex, &n);
		CU_ASSERT_TRUE(holds(in, n, identifiers[i].hex));
		out = sanitize(f->linktype, in, n, &result, &p);
		gone = !holds(out, n, identifiers[i].hex);
		CU_ASSERT_TRUE(gone);
		if (!gone)
			printf("# %s\n", f->name);
		free(in);
		free(out);
	}
}

/* IP 198.51.100.77 > 192.0.2.40: ICMP host 203.0.113.20 unreachable - admin prohibited: IP 192.0.2.40.46188 >
 * 203.0.113.20.443: Flags [P.], seq 1000, with four bytes of data and a checksum that is the original's */
static void quoted(void)
{
	static const char hex[] = "4500 004c 0000 0000 4001 0000 c633 644d c000 0228 030d 0000 0000 0000"
				  "4500 003c 1c46 4000 0106 0000 c000 0228 cb00 7114"
				  "b46c 01bb 0000 03e8 0000 07d0 5018 01f6 6f92 0000 6865 6c6c";
	size_t n;
	uint8_t *in = hex_bytes(hex, &n), *out;
	enum parse_result result;
	struct packet p, is;

	out = sanitize(101, in, n, &result, &p);
	CU_ASSERT_EQUAL(packet_decode(101, out, (uint32_t)n, (uint32_t)n, &is), PARSE_OK);
	CU_ASSERT_EQUAL_FATAL(is.kind, PACKET_ICMP_ERROR);
	CU_ASSERT_EQUAL(is.icmp.reason, ICMP_ADMIN_PROHIBITED);
	CU_ASSERT_TRUE(is.icmp.quotes_seq);
	CU_ASSERT_EQUAL(is.icmp.seq, 1000);
	CU_ASSERT_EQUAL(memcmp(&is.dst, &is.icmp.src, sizeof(is.dst)), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(&is.dst, &is.icmp.dst, sizeof(is.dst)), 0);
	CU_ASSERT_FALSE(holds(out, n, "c000 0228"));
	CU_ASSERT_FALSE(holds(out, n, "6f92"));
	CU_ASSERT_EQUAL(memcmp(out + n - 4, "HELL", 4), 0);
	free(in);
	free(out);
}

/* What is in the frame, and what has to be in its place; dots are anything. */
static const struct {
	const char *what;
	int linktype;
	const char *in, *out;
} rows[] = {
	/* ARP, Request who-has 10.1.2.3 tell 10.1.2.4 */
	{"ARP", 1,
	 "ffff ffff ffff 9c1d 36a7 52e8 0806 0001 0800 0604 0001 9c1d 36a7 52e8 0a01 0204 0000 0000 0000 0a01 0203",
	 "ffff ffff ffff 0000 0000 0000 0806 0001 0800 0604 0001 0000 0000 0000 c633 6401 0000 0000 0000 c633 6402"},
	/* IP 10.1.2.4.5353 > 10.1.2.3.53: UDP, length 8 */
	{"UDP without a checksum", 12,
	 "4500 0024 0001 0000 4011 0000 0a01 0204 0a01 0203 14e9 0035 0010 0000 7365 6372 6574 6c79",
	 "4500 0024 0001 0000 4011 0000 c633 6401 c633 6402 14e9 0035 0010 0000 0000 0000 0000 0000"},
	/* IP 10.1.2.4 > 10.1.2.3: ICMP echo request, id 1, seq 2 */
	{"an echo", 12, "4500 0020 0001 0000 4001 0000 0a01 0204 0a01 0203 0800 3ab5 0001 0002 7365 6372",
	 "4500 0020 0001 0000 4001 0000 c633 6401 c633 6402 0800 .... 0001 0002 0000 0000"},
	/* The second fragment of a datagram */
	{"a fragment", 12, "4500 001c 0001 0001 4006 0000 0a01 0204 0a01 0203 7365 6372 6574 6c79",
	 "4500 001c 0001 0001 4006 0000 c633 6401 c633 6402 4646 4646 4646 4646"},
	/* Options: MSS, a Fast Open cookie, MD5, one that is not known */
	{"TCP options", 12,
	 "4500 0050 0001 0000 4006 0000 0a01 0204 0a01 0203 b46c 01bb 0000 03e7 0000 0000 f002 fa00 0000 0000"
	 "0204 05b4 220a 1122 3344 5566 7788 0101 1306 1122 3344 0101 4d06 a1b2 c3d4 0000 0000 0000 0000 0000",
	 "4500 0050 0001 0000 4006 0000 c633 6401 c633 6402 b46c 01bb 0000 03e7 0000 0000 f002 fa00 .... 0000"
	 "0204 05b4 220a 0000 0000 0000 0000 0101 1306 0000 0000 0101 4d06 0000 0000 0000 0000 0000 0000 0000"},
	{"a link type that nobody knows the rest of", 1, "ffff ffff ffff 9c1d 36a7 52e8 88cc 7365 6372 6574",
	 "ffff ffff ffff 0000 0000 0000 88cc 0000 0000 0000"},
};

static bool like(const uint8_t *out, size_t n, const char *pattern)
{
	for (size_t i = 0; i < n; i++) {
		while (*pattern == ' ')
			pattern++;
		if (pattern[0] != '.' && (hex_digit(pattern[0]) << 4 | hex_digit(pattern[1])) != out[i])
			return false;
		pattern += 2;
	}
	return *pattern == '\0';
}

static void other_packets(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n;
		uint8_t *in = hex_bytes(rows[i].in, &n), *out;
		enum parse_result result;
		struct packet p;
		bool right;

		out = sanitize(rows[i].linktype, in, n, &result, &p);
		right = like(out, n, rows[i].out);
		CU_ASSERT_TRUE(right);
		if (!right)
			printf("# %s\n", rows[i].what);
		free(in);
		free(out);
	}
}

/* Cut anywhere, nothing of what was behind is read or kept. */
static void cut_anywhere(void)
{
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		size_t n;
		uint8_t *in = hex_bytes(frames[i].hex, &n);

		for (size_t cut = 0; cut <= n; cut++) {
			uint8_t *part = malloc(cut ? cut : 1), *out;
			enum parse_result result;
			struct packet p;

			if (!part)
				abort();
			memcpy(part, in, cut);
			out = sanitize(frames[i].linktype, part, cut, &result, &p);
			CU_ASSERT_FALSE(holds(out, cut, "c000 0228"));
			free(out);
			free(part);
		}
		free(in);
	}
}

const struct unit_test unit_tests[] = {
	{"a segment reads the same in every wrapping, but for whose it is", every_wrapping},
	{"every layer that is decoded has a rule", every_layer},
	{"nothing that identifies stays in the headers of link types, tags and tunnels", identifiers_of_headers},
	{"what ICMP quotes is rewritten like the packet itself", quoted},
	{"other packets keep what they are and nothing that they hold", other_packets},
	{"a frame may be cut anywhere", cut_anywhere},
	{NULL, NULL},
};
