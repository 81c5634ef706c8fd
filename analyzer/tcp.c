/* tcp.c: the TCP header, its options and its checksum (RFC 9293 section 3.1). */
#include "checksum.h"
#include "decode.h"

#define TCP_HEADER 20

/* https://www.iana.org/assignments/tcp-parameters */
enum tcp_option {
	TCPOPT_EOL = 0,
	TCPOPT_NOP = 1,
	TCPOPT_MSS = 2,
	TCPOPT_WINDOW_SCALE = 3,
	TCPOPT_SACK_PERMITTED = 4,
	TCPOPT_SACK = 5,
	TCPOPT_TIMESTAMPS = 8,
	TCPOPT_FAST_OPEN = 34,
	TCPOPT_EXPERIMENT = 254,
};

#define WINDOW_SCALE_MAX 14 /* RFC 7323 section 2.3: a larger one counts as this */
#define FAST_OPEN_EXID 0xf989 /* RFC 7413 appendix A, before a number was assigned */

static void sack_blocks(struct cursor body, struct tcp_segment *tcp)
{
	uint32_t start, end;

	while (tcp->sack_count < TCP_SACK_BLOCKS_MAX && cursor_u32(&body, &start) && cursor_u32(&body, &end)) {
		tcp->sack[tcp->sack_count].start = start;
		tcp->sack[tcp->sack_count].end = end;
		tcp->sack_count++;
	}
}

static void option(uint8_t kind, struct cursor body, struct tcp_segment *tcp)
{
	uint8_t shift;
	uint16_t experiment;

	switch (kind) {
	case TCPOPT_MSS:
		cursor_u16(&body, &tcp->mss);
		break;
	case TCPOPT_WINDOW_SCALE:
		if (cursor_u8(&body, &shift))
			tcp->window_scale = (int8_t)(shift > WINDOW_SCALE_MAX ? WINDOW_SCALE_MAX : shift);
		break;
	case TCPOPT_SACK_PERMITTED:
		tcp->sack_permitted = true;
		break;
	case TCPOPT_SACK:
		sack_blocks(body, tcp);
		break;
	case TCPOPT_TIMESTAMPS:
		tcp->has_timestamps =
			cursor_u32(&body, &tcp->timestamp_value) && cursor_u32(&body, &tcp->timestamp_echo);
		break;
	case TCPOPT_FAST_OPEN:
		tcp->has_fast_open = true;
		break;
	case TCPOPT_EXPERIMENT:
		if (cursor_u16(&body, &experiment) && experiment == FAST_OPEN_EXID)
			tcp->has_fast_open = true;
		break;
	default:
		break;
	}
}

/* Most segments have these options alone, laid out as RFC 7323 appendix A recommends: NOP, NOP, timestamps. */
static bool timestamps_alone(struct cursor list, struct tcp_segment *tcp)
{
	enum { LENGTH = 12, NOP_NOP_TIMESTAMPS = 0x0101080a };
	uint32_t head;

	return list.left == LENGTH && cursor_u32(&list, &head) && head == NOP_NOP_TIMESTAMPS &&
	       cursor_u32(&list, &tcp->timestamp_value) && cursor_u32(&list, &tcp->timestamp_echo);
}

/* An option whose length makes no sense ends the list: a receiver ignores the rest, and keeps the segment. */
static void options(struct cursor list, struct tcp_segment *tcp)
{
	struct cursor body;
	uint8_t kind, length;

	if (timestamps_alone(list, tcp)) {
		tcp->has_timestamps = true;
		return;
	}
	while (cursor_u8(&list, &kind) && kind != TCPOPT_EOL) {
		if (kind == TCPOPT_NOP)
			continue;
		if (!cursor_u8(&list, &length) || length < 2 || !cursor_sub(&list, length - 2U, &body))
			return;
		option(kind, body, tcp);
	}
}

/* Takes the options off, as many as were captured: a snapshot length of 68 bytes cuts every SYN there. */
static enum parse_result take_options(struct decode *d, size_t length, struct tcp_segment *tcp)
{
	struct cursor captured;
	size_t present = length < d->in.left ? length : d->in.left;

	if (length > decode_wire(d))
		return PARSE_MALFORMED;
	cursor_sub(&d->in, present, &captured);
	options(captured, tcp);
	tcp->options_cut = present < length;
	d->beyond -= length - present;
	return PARSE_OK;
}

enum parse_result layer_tcp(struct decode *d)
{
	struct packet *out = d->out;
	struct tcp_segment *tcp = &out->tcp;
	struct cursor header;
	uint16_t sport, dport;
	uint8_t offset;
	enum parse_result result;

	if (!cursor_sub(&d->in, TCP_HEADER, &header))
		return decode_cut(d);
	*tcp = (struct tcp_segment){.window_scale = -1};
	if (!cursor_u16(&header, &sport) || !cursor_u16(&header, &dport) || !cursor_u32(&header, &tcp->seq) ||
	    !cursor_u32(&header, &tcp->ack) || !cursor_u8(&header, &offset) || !cursor_u8(&header, &tcp->flags) ||
	    !cursor_u16(&header, &tcp->window))
		return decode_cut(d);
	tcp->header_length = (uint8_t)((offset >> 4) * 4);
	if (tcp->header_length < TCP_HEADER)
		return PARSE_MALFORMED;
	result = take_options(d, tcp->header_length - TCP_HEADER, tcp);
	if (result != PARSE_OK)
		return result;
	out->sport = sport;
	out->dport = dport;
	out->payload = d->in.at;
	out->payload_captured = (uint32_t)d->in.left;
	out->payload_wire = (uint32_t)decode_wire(d);
	out->kind = PACKET_TCP;
	return PARSE_OK;
}

enum checksum_state packet_tcp_checksum(const struct packet *p)
{
	size_t length = (size_t)p->tcp.header_length + p->payload_wire;
	uint64_t sum = 6 + length; /* of the pseudo header: protocol, length and the addresses */

	if (p->kind != PACKET_TCP || p->tcp.options_cut || p->payload_captured < p->payload_wire)
		return CHECKSUM_UNKNOWN;
	sum = checksum_add(sum, p->src.bytes, sizeof(p->src.bytes));
	sum = checksum_add(sum, p->dst.bytes, sizeof(p->dst.bytes));
	sum = checksum_add(sum, p->payload - p->tcp.header_length, length);
	return checksum_fold(sum) == 0xffff ? CHECKSUM_GOOD : CHECKSUM_BAD;
}
