/* ip.c: IPv4 (RFC 791), IPv6 and its extension headers (RFC 8200), and which layer an IP protocol number means. */
#include "decode.h"

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define IPV4_DONT_FRAGMENT 0x4000
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_OFFSET 0x1fff /* in units of 8 bytes */
#define IPV6_MORE_FRAGMENTS 0x0001
#define IPV6_OFFSET 0xfff8 /* in bytes, for its lower bits are flags */

static bool read_address(struct cursor *c, uint8_t version, struct ip_address *out)
{
	*out = (struct ip_address){.version = version};
	return cursor_copy(c, version == 4 ? 4 : 16, out->bytes);
}

/* A fragment's payload is all that is left of the packet. */
static enum parse_result fragment(struct decode *d, struct ip_fragment f)
{
	f.bytes = d->in.at;
	f.captured = (uint32_t)d->in.left;
	f.wire = (uint32_t)decode_wire(d);
	d->out->fragment = f;
	d->out->kind = PACKET_FRAGMENT;
	return PARSE_OK;
}

enum parse_result layer_ipv4(struct decode *d)
{
	struct packet *out = d->out;
	struct cursor header;
	uint32_t header_length;
	uint16_t total, place;
	uint8_t first, protocol;

	if (!cursor_sub(&d->in, IPV4_HEADER, &header))
		return decode_cut(d);
	if (!cursor_u8(&header, &first) || !cursor_u8(&header, &out->dscp_ecn) || !cursor_u16(&header, &total) ||
	    !cursor_u16(&header, &out->ip_id) || !cursor_u16(&header, &place) || !cursor_u8(&header, &out->ttl) ||
	    !cursor_u8(&header, &protocol) || !cursor_skip(&header, 2) || !read_address(&header, 4, &out->src) ||
	    !read_address(&header, 4, &out->dst))
		return decode_cut(d);
	header_length = (first & 0x0f) * 4U;
	if (first >> 4 != 4 || header_length < IPV4_HEADER || (total && total < header_length))
		return PARSE_MALFORMED;
	out->has_ip_id = true;
	out->dont_fragment = place & IPV4_DONT_FRAGMENT;
	if (total) /* 0: the kernel left it to the network card, which will segment the packet */
		decode_limit(d, total - IPV4_HEADER);
	out->ip_length = (uint32_t)(IPV4_HEADER + decode_wire(d));
	if (!cursor_skip(&d->in, header_length - IPV4_HEADER))
		return decode_cut(d);
	if (place & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET))
		return fragment(d, (struct ip_fragment){
					   .id = out->ip_id,
					   .offset = (place & IPV4_OFFSET) * 8U,
					   .more = place & IPV4_MORE_FRAGMENTS,
					   .protocol = protocol,
				   });
	d->next = ip_protocol_layer(protocol);
	return PARSE_OK;
}

enum parse_result layer_ipv6(struct decode *d)
{
	struct packet *out = d->out;
	struct cursor header;
	uint32_t first;
	uint16_t length;
	uint8_t next;

	if (!cursor_sub(&d->in, IPV6_HEADER, &header))
		return decode_cut(d);
	if (!cursor_u32(&header, &first) || !cursor_u16(&header, &length) || !cursor_u8(&header, &next) ||
	    !cursor_u8(&header, &out->ttl) || !read_address(&header, 6, &out->src) ||
	    !read_address(&header, 6, &out->dst))
		return decode_cut(d);
	if (first >> 28 != 6)
		return PARSE_MALFORMED;
	if (length) /* 0: a jumbogram (RFC 2675), or left to the network card */
		decode_limit(d, length);
	out->ip_length = (uint32_t)(IPV6_HEADER + decode_wire(d));
	out->dscp_ecn = (uint8_t)(first >> 20);
	out->has_ip_id = false;
	out->dont_fragment = false;
	d->next = ip_protocol_layer(next);
	return PARSE_OK;
}

enum parse_result layer_ip(struct decode *d)
{
	struct cursor ahead = d->in;
	uint8_t first;

	if (!cursor_u8(&ahead, &first))
		return decode_cut(d);
	switch (first >> 4) {
	case 4:
		return layer_ipv4(d);
	case 6:
		return layer_ipv6(d);
	default:
		return PARSE_MALFORMED;
	}
}

/* An extension header of the common form: next header, length in units of 8 bytes without the first (RFC 6564). `body`
 * is what lies behind these two. */
static bool extension(struct decode *d, uint8_t *next, struct cursor *body)
{
	struct cursor ahead = d->in;
	uint8_t length;

	if (!cursor_u8(&ahead, next) || !cursor_u8(&ahead, &length) || !cursor_sub(&ahead, 6 + length * 8U, body))
		return false;
	d->in = ahead;
	return true;
}

enum parse_result layer_extension(struct decode *d)
{
	struct cursor body;
	uint8_t next;

	if (!extension(d, &next, &body))
		return decode_cut(d);
	d->next = ip_protocol_layer(next);
	return PARSE_OK;
}

/* While segments are left, the header's destination is only the next stop. The last one, where the connection and the
 * TCP checksum belong to, stands at the end of the list, or at its beginning in a segment routing header. */
enum parse_result layer_routing(struct decode *d)
{
	enum { SOURCE_ROUTE = 0, HOME_ADDRESS = 2, SEGMENT_ROUTING = 4 }; /* RFC 8200, RFC 6275, RFC 8754 */
	struct cursor body;
	struct ip_address last;
	uint8_t next, type, segments_left;

	if (!extension(d, &next, &body))
		return decode_cut(d);
	d->next = ip_protocol_layer(next);
	if (!cursor_u8(&body, &type) || !cursor_u8(&body, &segments_left) || !cursor_skip(&body, 4))
		return PARSE_MALFORMED;
	if (segments_left == 0 || (type != SOURCE_ROUTE && type != HOME_ADDRESS && type != SEGMENT_ROUTING))
		return PARSE_OK;
	if (type != SEGMENT_ROUTING && body.left > 16)
		cursor_skip(&body, body.left - 16);
	if (read_address(&body, 6, &last))
		d->out->dst = last;
	return PARSE_OK;
}

enum parse_result layer_fragment(struct decode *d)
{
	uint16_t place;
	uint32_t id;
	uint8_t next;

	if (!cursor_u8(&d->in, &next) || !cursor_skip(&d->in, 1) || !cursor_u16(&d->in, &place) ||
	    !cursor_u32(&d->in, &id))
		return decode_cut(d);
	if (place & (IPV6_OFFSET | IPV6_MORE_FRAGMENTS))
		return fragment(d, (struct ip_fragment){
					   .id = id,
					   .offset = place & IPV6_OFFSET,
					   .more = place & IPV6_MORE_FRAGMENTS,
					   .protocol = next,
				   });
	d->next = ip_protocol_layer(next); /* an atomic fragment (RFC 6946) */
	return PARSE_OK;
}

/* RFC 4302 section 2.2: the length counts units of 4 bytes, less 2. */
enum parse_result layer_authentication(struct decode *d)
{
	uint8_t next, length;

	if (!cursor_u8(&d->in, &next) || !cursor_u8(&d->in, &length) || !cursor_skip(&d->in, 6 + length * 4U))
		return decode_cut(d);
	d->next = ip_protocol_layer(next);
	return PARSE_OK;
}

/* https://www.iana.org/assignments/protocol-numbers */
layer_fn *ip_protocol_layer(uint8_t protocol)
{
	static layer_fn *const layers[256] = {
		[0] = layer_extension, /* hop-by-hop options */
		[1] = layer_icmp,        [4] = layer_ip_in_ip, /* RFC 2003, RFC 2473 */
		[6] = layer_tcp,         [17] = layer_udp,       [41] = layer_ip_in_ip, /* RFC 4213, RFC 2473 */
		[43] = layer_routing,    [44] = layer_fragment,  [47] = layer_gre,        [51] = layer_authentication,
		[58] = layer_icmpv6,     [60] = layer_extension, /* destination options */
		[97] = layer_etherip,    [115] = layer_l2tpv3,   [135] = layer_extension, /* mobility */
		[137] = layer_mpls, /* RFC 4023 */
		[139] = layer_extension, /* host identity */
		[140] = layer_extension, /* shim6 */
	};

	return layers[protocol];
}
