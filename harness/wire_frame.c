/* wire_frame.c: see wire_frame.h. Layouts: IEEE 802.3, RFC 791 section 3.1, RFC 8200 section 3, RFC 9293 section
 * 3.1. */
#include "harness/wire_frame.h"

#include <string.h>

#include "analyzer/cursor.h"

enum {
	ETHERNET_HEADER = 14,
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	TCP_HEADER = 20,
	PROTOCOL_TCP = 6,
	OPTION_END = 0,
	OPTION_NOP = 1,
};

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)(value >> 16));
	put16(at + 2, (uint16_t)value);
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* ---- Taking apart ---- */

/* Leaves the cursor at the TCP header and cut to the packet's length. False: no TCP, a fragment, or cut short. */
static bool read_ipv4(struct cursor *c)
{
	uint16_t total, fragment;
	uint8_t first, protocol;
	size_t header;

	if (!cursor_u8(c, &first) || !cursor_skip(c, 1) || !cursor_u16(c, &total) || !cursor_skip(c, 2) ||
	    !cursor_u16(c, &fragment) || !cursor_skip(c, 1) || !cursor_u8(c, &protocol) || !cursor_skip(c, 10))
		return false;
	header = (size_t)(first & 0xf) * 4;
	/* more fragments, or an offset */
	if (header < IPV4_HEADER || total < header || protocol != PROTOCOL_TCP || (fragment & 0x3fff) != 0 ||
	    !cursor_skip(c, header - IPV4_HEADER) || total - header > c->left)
		return false;
	c->left = total - header;
	return true;
}

static bool read_ipv6(struct cursor *c)
{
	uint16_t length;
	uint8_t next;

	if (!cursor_skip(c, 4) || !cursor_u16(c, &length) || !cursor_u8(c, &next) || !cursor_skip(c, 33) ||
	    next != PROTOCOL_TCP || length > c->left)
		return false;
	c->left = length;
	return true;
}

static bool read_tcp(struct wire_frame *frame, struct cursor c)
{
	uint16_t offset_and_flags;
	size_t header;

	frame->segment = (size_t)(c.at - frame->bytes);
	frame->end = frame->segment + c.left;
	if (!cursor_skip(&c, 4) || !cursor_u32(&c, &frame->seq) || !cursor_u32(&c, &frame->ack) ||
	    !cursor_u16(&c, &offset_and_flags))
		return false;
	header = (size_t)(offset_and_flags >> 12) * 4;
	frame->flags = (uint8_t)offset_and_flags;
	frame->payload = frame->segment + header;
	return header >= TCP_HEADER && frame->payload <= frame->end;
}

void wire_frame_read(struct wire_frame *frame, uint8_t *bytes, size_t length)
{
	struct cursor c = cursor_over(bytes, length);
	uint16_t type = 0;

	*frame = (struct wire_frame){.bytes = bytes, .length = length};
	if (!cursor_skip(&c, 12) || !cursor_u16(&c, &type))
		return;
	frame->ip = ETHERNET_HEADER;
	if (type == ETHERTYPE_IPV4 && c.left >= IPV4_HEADER) {
		frame->version = 4;
		frame->tcp = read_ipv4(&c) && read_tcp(frame, c);
	} else if (type == ETHERTYPE_IPV6 && c.left >= IPV6_HEADER) {
		frame->version = 6;
		frame->tcp = read_ipv6(&c) && read_tcp(frame, c);
	}
}

static size_t address_size(int version)
{
	return version == 4 ? 4 : 16;
}

static size_t source_offset(int version)
{
	return version == 4 ? 12 : 8;
}

void wire_frame_addresses(const struct wire_frame *frame, struct wire_address *source, struct wire_address *destination)
{
	const uint8_t *at = frame->bytes + frame->ip + source_offset(frame->version);
	size_t size = address_size(frame->version);

	memset(source, 0, sizeof(*source));
	memset(destination, 0, sizeof(*destination));
	memcpy(source->ip, at, size);
	memcpy(destination->ip, at + size, size);
	source->port = get16(frame->bytes + frame->segment);
	destination->port = get16(frame->bytes + frame->segment + 2);
}

uint32_t wire_frame_span(const struct wire_frame *frame)
{
	return (uint32_t)(frame->end - frame->payload) + ((frame->flags & WIRE_SYN) != 0) +
	       ((frame->flags & WIRE_FIN) != 0);
}

/* ---- Fields ---- */

static uint8_t *ttl_of(const struct wire_frame *frame)
{
	return frame->bytes + frame->ip + (frame->version == 4 ? 8 : 7);
}

uint8_t wire_frame_ttl(const struct wire_frame *frame)
{
	return *ttl_of(frame);
}

void wire_frame_set_ttl(struct wire_frame *frame, uint8_t ttl)
{
	*ttl_of(frame) = ttl;
}

uint16_t wire_frame_id(const struct wire_frame *frame)
{
	return frame->version == 4 ? get16(frame->bytes + frame->ip + 4) : 0;
}

void wire_frame_set_id(struct wire_frame *frame, uint16_t id)
{
	if (frame->version == 4)
		put16(frame->bytes + frame->ip + 4, id);
}

uint16_t wire_frame_window(const struct wire_frame *frame)
{
	return get16(frame->bytes + frame->segment + 14);
}

void wire_frame_set_window(struct wire_frame *frame, uint16_t window)
{
	put16(frame->bytes + frame->segment + 14, window);
}

void wire_frame_set_ack(struct wire_frame *frame, uint32_t ack)
{
	put32(frame->bytes + frame->segment + 8, ack);
	frame->ack = ack;
}

/* ---- Options ---- */

/* Where the option begins, its length in *whole; 0 if it is not there. */
static size_t find_option(const struct wire_frame *frame, uint8_t wanted, size_t *whole)
{
	size_t start = frame->segment + TCP_HEADER;
	struct cursor c = cursor_over(frame->bytes + start, frame->payload - start);
	uint8_t kind, length;

	while (cursor_u8(&c, &kind) && kind != OPTION_END) {
		size_t at = (size_t)(c.at - frame->bytes) - 1;

		if (kind == OPTION_NOP)
			continue;
		if (!cursor_u8(&c, &length) || length < 2 || !cursor_skip(&c, length - 2U))
			return 0;
		if (kind == wanted) {
			*whole = length;
			return at;
		}
	}
	return 0;
}

uint8_t *wire_frame_option(struct wire_frame *frame, uint8_t kind, size_t *length)
{
	size_t at = find_option(frame, kind, length);

	if (!at)
		return NULL;
	*length -= 2;
	return frame->bytes + at + 2;
}

bool wire_frame_strip_option(struct wire_frame *frame, uint8_t kind)
{
	size_t length, at = find_option(frame, kind, &length);

	if (at)
		memset(frame->bytes + at, OPTION_NOP, length);
	return at != 0;
}

bool wire_frame_cut(struct wire_frame *frame, size_t keep)
{
	if (frame->end - frame->payload <= keep)
		return false;
	frame->end = frame->payload + keep;
	frame->length = frame->end;
	return true;
}

/* ---- Checksums: RFC 1071 ---- */

static uint32_t sum_up(const uint8_t *bytes, size_t length, uint32_t sum)
{
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += get16(bytes + i);
	return length % 2 ? sum + ((uint32_t)bytes[length - 1] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void wire_frame_seal(struct wire_frame *frame)
{
	uint8_t *ip = frame->bytes + frame->ip, *tcp = frame->bytes + frame->segment;
	size_t header = frame->segment - frame->ip, length = frame->end - frame->segment;
	uint32_t sum;

	if (frame->version == 4) {
		put16(ip + 2, (uint16_t)(header + length));
		put16(ip + 10, 0);
		put16(ip + 10, fold(sum_up(ip, header, 0)));
	} else {
		put16(ip + 4, (uint16_t)length);
	}
	put16(tcp + 16, 0);
	/* the pseudo header: both addresses, protocol and length */
	sum = sum_up(ip + source_offset(frame->version), 2 * address_size(frame->version), PROTOCOL_TCP);
	put16(tcp + 16, fold(sum_up(tcp, length, sum + (uint32_t)length)));
}

void wire_frame_spoil(struct wire_frame *frame)
{
	/* Neither 0x0000 nor 0xffff, which are the same to RFC 1071, can come of this from the other. */
	frame->bytes[frame->segment + 16] ^= 0x55;
}

/* ---- Making ---- */

static void make_ip(uint8_t *ip, const struct wire_made *made)
{
	size_t size = address_size(made->version);
	uint8_t *addresses = ip + source_offset(made->version);

	ip[0] = made->version == 4 ? 0x45 : 0x60;
	if (made->version == 4) {
		put16(ip + 4, made->id);
		ip[6] = 0x40; /* don't fragment */
		ip[8] = made->ttl;
		ip[9] = PROTOCOL_TCP;
	} else {
		ip[6] = PROTOCOL_TCP;
		ip[7] = made->ttl;
	}
	memcpy(addresses, made->source.ip, size);
	memcpy(addresses + size, made->destination.ip, size);
}

static void make_tcp(uint8_t *tcp, const struct wire_made *made)
{
	put16(tcp, made->source.port);
	put16(tcp + 2, made->destination.port);
	put32(tcp + 4, made->seq);
	put32(tcp + 8, made->ack);
	tcp[12] = TCP_HEADER / 4 << 4;
	tcp[13] = made->flags;
	put16(tcp + 14, made->window);
	if (made->payload_length)
		memcpy(tcp + TCP_HEADER, made->payload, made->payload_length);
}

void wire_frame_make(struct wire_frame *frame, uint8_t *bytes, const struct wire_made *made)
{
	size_t ip_header = made->version == 4 ? IPV4_HEADER : IPV6_HEADER;
	size_t tcp = ETHERNET_HEADER + ip_header, payload = tcp + TCP_HEADER;

	*frame = (struct wire_frame){.bytes = bytes,
				     .version = made->version,
				     .ip = ETHERNET_HEADER,
				     .tcp = true,
				     .segment = tcp,
				     .payload = payload,
				     .end = payload + made->payload_length,
				     .length = payload + made->payload_length,
				     .seq = made->seq,
				     .ack = made->ack,
				     .flags = made->flags};
	memset(bytes, 0, payload);
	memcpy(bytes, made->destination_mac, 6);
	memcpy(bytes + 6, made->source_mac, 6);
	put16(bytes + 12, made->version == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
	make_ip(bytes + ETHERNET_HEADER, made);
	make_tcp(bytes + tcp, made);
	wire_frame_seal(frame);
}
