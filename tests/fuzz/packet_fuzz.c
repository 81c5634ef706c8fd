/* packet_fuzz.c: libFuzzer target for packet_decode() and the table of fragments.
 *
 * The input is a series of frames, as they could follow each other in one capture: each has a byte that chooses the
 * link type, one that says how many bytes the capture cut off, two for the frame's length (big-endian), then the frame.
 * corpus/packet holds one input for each frame of tests/unit/analyzer/frames.h, and fragments and ICMP errors.
 */
#include <stdlib.h>

#include "analyzer/fragment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int linktypes[] = {1, 0, 9, 12, 50, 51, 101, 104, 105, 108, 113, 127, 228, 229, 258, 276, 147};

#define LINKTYPES (sizeof(linktypes) / sizeof(linktypes[0]))

/* Not assert(), which a build may switch off. */
static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool within(const uint8_t *at, size_t length, const uint8_t *frame, size_t captured)
{
	return at >= frame && at + length <= frame + captured;
}

static void check_tcp(const struct packet *p)
{
	volatile uint8_t byte;

	require(p->src.version == 4 || p->src.version == 6);
	require(p->src.version == p->dst.version);
	require(p->tcp.header_length >= 20 && p->tcp.header_length <= 60);
	require(p->tcp.window_scale >= -1 && p->tcp.window_scale <= 14);
	require(p->tcp.sack_count <= TCP_SACK_BLOCKS_MAX);
	require(p->payload_captured <= p->payload_wire);
	require(!p->tcp.options_cut || p->payload_captured == 0);
	for (uint32_t i = 0; i < p->payload_captured; i++)
		byte = p->payload[i]; /* every one can be read */
	(void)byte;
	require(packet_tcp_checksum(p) <= CHECKSUM_BAD);
}

static void check(const struct packet *p, enum parse_result result)
{
	require(result == PARSE_OK || result == PARSE_SNAPLEN || result == PARSE_MALFORMED);
	if (result != PARSE_OK) {
		require(p->kind == PACKET_OTHER);
		return;
	}
	if (p->kind == PACKET_TCP)
		check_tcp(p);
	if (p->kind == PACKET_ICMP_ERROR) {
		require(icmp_reason_name(p->icmp.reason)[0] != '\0');
		require(p->icmp.quotes_tcp || !p->icmp.quotes_seq);
		require(!p->icmp.quotes_tcp || p->icmp.src.version == 4 || p->icmp.src.version == 6);
	}
}

static void one_frame(struct fragment_table *table, int linktype, const uint8_t *bytes, uint32_t captured,
		      uint32_t wire, int64_t time_ns)
{
	uint8_t *frame = malloc(captured ? captured : 1);
	struct packet p;
	enum parse_result result;

	require(frame != NULL);
	memcpy(frame, bytes, captured);
	result = packet_decode(linktype, frame, captured, wire, &p);
	check(&p, result);
	if (result == PARSE_OK && p.kind == PACKET_TCP)
		require(within(p.payload, p.payload_captured, frame, captured));
	if (result == PARSE_OK && p.kind == PACKET_FRAGMENT) {
		require(within(p.fragment.bytes, p.fragment.captured, frame, captured));
		require(p.fragment.captured <= p.fragment.wire);
		result = fragment_add(table, time_ns, &p);
		free(frame); /* a datagram that is whole must not need its fragments */
		frame = NULL;
		require(result != PARSE_OK || p.kind != PACKET_FRAGMENT);
		if (result == PARSE_OK)
			check(&p, result);
	}
	free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fragment_limits limits = {.datagrams = 4, .bytes = 200000, .timeout_ns = 5};
	struct fragment_table *table = fragment_table_new(&limits);
	struct cursor input = cursor_over(data, size);
	uint8_t linktype, cut;
	uint16_t length;

	require(table != NULL);
	for (int64_t time_ns = 0;
	     cursor_u8(&input, &linktype) && cursor_u8(&input, &cut) && cursor_u16(&input, &length); time_ns++) {
		size_t captured = length < input.left ? length : input.left;
		const uint8_t *bytes;

		cursor_bytes(&input, captured, &bytes);
		one_frame(table, linktypes[linktype % LINKTYPES], bytes, (uint32_t)captured, (uint32_t)captured + cut,
			  time_ns);
	}
	fragment_table_free(table);
	return 0;
}
