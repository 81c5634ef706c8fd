/* tunnel_udp.c: UDP, and the tunnels that are known by their UDP port. */
#include "decode.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* What draft-ietf-nvo3-vxlan-gpe-12 section 3.2 and RFC 8300 section 2.2 number alike. */
static layer_fn *next_protocol(uint8_t protocol)
{
	static layer_fn *const layers[] = {
		[1] = layer_ipv4, [2] = layer_ipv6, [3] = layer_ethernet, [4] = layer_nsh, [5] = layer_mpls,
	};

	return protocol < COUNT(layers) ? layers[protocol] : NULL;
}

/* RFC 8300 section 2: a service chain's header, its length in units of 4 bytes. */
enum parse_result layer_nsh(struct decode *d)
{
	uint16_t first;
	uint8_t protocol;

	if (!cursor_u16(&d->in, &first) || !cursor_skip(&d->in, 1) || !cursor_u8(&d->in, &protocol))
		return decode_cut(d);
	if (first >> 14 != 0 || (first & 0x3f) < 2)
		return PARSE_MALFORMED;
	if (!cursor_skip(&d->in, (first & 0x3f) * 4U - 4))
		return decode_cut(d);
	d->next = next_protocol(protocol);
	return PARSE_OK;
}

/* RFC 7348 section 5. */
enum parse_result layer_vxlan(struct decode *d)
{
	uint32_t flags, vni;

	if (!cursor_u32(&d->in, &flags) || !cursor_u32(&d->in, &vni))
		return decode_cut(d);
	if (!(flags & 0x08000000))
		return PARSE_OK;
	decode_tunnel(d, TUNNEL_VXLAN, vni >> 8);
	d->next = layer_ethernet;
	return PARSE_OK;
}

enum parse_result layer_vxlan_gpe(struct decode *d)
{
	enum { HAS_PROTOCOL = 0x04000000 };
	uint32_t flags, vni;

	if (!cursor_u32(&d->in, &flags) || !cursor_u32(&d->in, &vni))
		return decode_cut(d);
	if (flags & 0x30000000) /* its version */
		return PARSE_OK;
	decode_tunnel(d, TUNNEL_VXLAN, vni >> 8);
	d->next = flags & HAS_PROTOCOL ? next_protocol(flags & 0xff) : layer_ethernet;
	return PARSE_OK;
}

/* RFC 8926 section 3.4. */
enum parse_result layer_geneve(struct decode *d)
{
	uint32_t vni;
	uint16_t protocol;
	uint8_t version_length;

	if (!cursor_u8(&d->in, &version_length) || !cursor_skip(&d->in, 1) || !cursor_u16(&d->in, &protocol) ||
	    !cursor_u32(&d->in, &vni) || !cursor_skip(&d->in, 4UL * (version_length & 0x3f)))
		return decode_cut(d);
	if (version_length >> 6 != 0)
		return PARSE_OK;
	decode_tunnel(d, TUNNEL_GENEVE, vni >> 8);
	decode_ethertype(d, protocol);
	return PARSE_OK;
}

/* 3GPP TS 29.281 section 5.2: extension headers count their length in units of 4 bytes and end with the next one's
 * type. */
static bool skip_gtp_extensions(struct decode *d, uint8_t next)
{
	uint8_t length;

	while (next) {
		if (!cursor_u8(&d->in, &length) || length == 0 || !cursor_skip(&d->in, length * 4U - 2) ||
		    !cursor_u8(&d->in, &next))
			return false;
	}
	return true;
}

/* Section 5.1. */
enum parse_result layer_gtp(struct decode *d)
{
	enum { VERSION_1 = 0x30, OPTIONAL_FIELDS = 0x07, HAS_EXTENSION = 0x04, USER_DATA = 255 };
	uint16_t length;
	uint8_t flags, type, next = 0;

	if (!cursor_u8(&d->in, &flags) || !cursor_u8(&d->in, &type) || !cursor_u16(&d->in, &length) ||
	    !cursor_skip(&d->in, 4))
		return decode_cut(d);
	if ((flags & 0xf0) != VERSION_1 || type != USER_DATA)
		return PARSE_OK;
	decode_limit(d, length);
	if (flags & OPTIONAL_FIELDS && (!cursor_skip(&d->in, 3) || !cursor_u8(&d->in, &next)))
		return decode_cut(d);
	if (flags & HAS_EXTENSION && !skip_gtp_extensions(d, next))
		return decode_cut(d);
	decode_tunnel(d, TUNNEL_GTP, 0);
	d->next = layer_ip;
	return PARSE_OK;
}

/* RFC 4380 section 5.1.1: IPv6, before it an authentication and an origin indication. */
enum parse_result layer_teredo(struct decode *d)
{
	enum { ORIGIN = 0x0000, AUTHENTICATION = 0x0001 };
	struct cursor ahead = d->in;
	uint16_t indication;
	uint8_t id_length, value_length;

	if (!cursor_u16(&ahead, &indication))
		return decode_cut(d);
	if (indication == AUTHENTICATION) {
		if (!cursor_u8(&ahead, &id_length) || !cursor_u8(&ahead, &value_length) ||
		    !cursor_skip(&ahead, 9U + id_length + value_length))
			return decode_cut(d);
		d->in = ahead;
		if (!cursor_u16(&ahead, &indication))
			return decode_cut(d);
	}
	if (indication == ORIGIN && !cursor_skip(&d->in, 8))
		return decode_cut(d);
	decode_tunnel(d, TUNNEL_TEREDO, 0);
	d->next = layer_ipv6;
	return PARSE_OK;
}

/* RFC 2661 section 3.1, and version 3 (RFC 3931 section 4.1.2.1). */
enum parse_result layer_l2tp(struct decode *d)
{
	enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200, VERSION_MASK = 0x000f };
	uint16_t flags, length, offset = 0;

	if (!cursor_u16(&d->in, &flags))
		return decode_cut(d);
	if (flags & CONTROL)
		return PARSE_OK;
	if ((flags & VERSION_MASK) == 3) {
		if (!cursor_skip(&d->in, 2))
			return decode_cut(d);
		d->next = layer_l2tpv3;
		return PARSE_OK;
	}
	if ((flags & VERSION_MASK) != 2)
		return PARSE_OK;
	if ((flags & LENGTH && !cursor_u16(&d->in, &length)) || !cursor_skip(&d->in, 4) ||
	    (flags & SEQUENCE && !cursor_skip(&d->in, 4)) ||
	    (flags & OFFSET && (!cursor_u16(&d->in, &offset) || !cursor_skip(&d->in, offset))))
		return decode_cut(d);
	decode_tunnel(d, TUNNEL_L2TP, 0);
	d->next = layer_ppp;
	return PARSE_OK;
}

/* TaZmen Sniffer Protocol, which MikroTik's and Aruba's equipment mirrors in: fields of type, length and value until
 * one ends them. */
enum parse_result layer_tzsp(struct decode *d)
{
	enum { PACKET = 0, PACKET_TO_SEND = 1, ETHERNET = 1, RAW_80211 = 18, PADDING = 0, END = 1 };
	uint16_t encapsulation;
	uint8_t version, type, tag = PADDING, length;

	if (!cursor_u8(&d->in, &version) || !cursor_u8(&d->in, &type) || !cursor_u16(&d->in, &encapsulation))
		return decode_cut(d);
	if (version != 1 || type > PACKET_TO_SEND)
		return PARSE_OK;
	while (tag != END) {
		if (!cursor_u8(&d->in, &tag))
			return decode_cut(d);
		if (tag != END && tag != PADDING && (!cursor_u8(&d->in, &length) || !cursor_skip(&d->in, length)))
			return decode_cut(d);
	}
	decode_tunnel(d, TUNNEL_TZSP, 0);
	if (encapsulation == ETHERNET)
		d->next = layer_ethernet;
	else if (encapsulation == RAW_80211)
		d->next = layer_80211;
	return PARSE_OK;
}

/* RFC 9300 section 5.3. */
enum parse_result layer_lisp(struct decode *d)
{
	if (!cursor_skip(&d->in, 8))
		return decode_cut(d);
	decode_tunnel(d, TUNNEL_IP, 0);
	d->next = layer_ip;
	return PARSE_OK;
}

/* https://www.iana.org/assignments/service-names-port-numbers */
static layer_fn *udp_port_layer(uint16_t sport, uint16_t dport)
{
	static const struct {
		uint16_t port;
		bool either; /* both ends use it, not only the receiver */
		layer_fn *layer;
	} tunnels[] = {
		{4789, false, layer_vxlan},     {8472, false, layer_vxlan}, /* Linux's before one was assigned */
		{4790, false, layer_vxlan_gpe}, {6081, false, layer_geneve}, {2152, true, layer_gtp},
		{3544, true, layer_teredo},     {1701, true, layer_l2tp},    {37008, false, layer_tzsp},
		{4341, false, layer_lisp},      {6635, false, layer_mpls}, /* RFC 7510 */
		{4754, false, layer_gre}, /* RFC 8086 */
	};

	for (size_t i = 0; i < COUNT(tunnels); i++)
		if (dport == tunnels[i].port || (tunnels[i].either && sport == tunnels[i].port))
			return tunnels[i].layer;
	return NULL;
}

enum parse_result layer_udp(struct decode *d)
{
	uint16_t sport, dport, length;

	if (!cursor_u16(&d->in, &sport) || !cursor_u16(&d->in, &dport) || !cursor_u16(&d->in, &length) ||
	    !cursor_skip(&d->in, 2))
		return decode_cut(d);
	d->next = udp_port_layer(sport, dport);
	if (!d->next)
		return PARSE_OK;
	d->guessed = true;
	if (length >= 8) /* 0: a jumbogram (RFC 2675 section 4), or left to the network card */
		decode_limit(d, length - 8U);
	return PARSE_OK;
}
