/* tunnel.c: IP in IP, GRE and its uses, EtherIP, and the tunnels that are known by their UDP port. */
#include "decode.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

void decode_tunnel(struct decode *d, enum tunnel_kind kind, uint32_t id)
{
	uint32_t number = (uint32_t)kind << 28 ^ id;

	/* A tunnel in a tunnel: both numbers mixed (FNV's prime), and never 0, which is no tunnel. */
	d->out->tunnel = d->out->tunnel * 16777619U ^ number;
	if (!d->out->tunnel)
		d->out->tunnel = 1;
}

enum parse_result layer_ip_in_ip(struct decode *d)
{
	decode_tunnel(d, TUNNEL_IP, 0);
	d->next = layer_ip;
	return PARSE_OK;
}

/* RFC 3378. */
enum parse_result layer_etherip(struct decode *d)
{
	if (!cursor_skip(&d->in, 2))
		return decode_cut(d);
	decode_tunnel(d, TUNNEL_IP, 0);
	d->next = layer_ethernet;
	return PARSE_OK;
}

enum gre_flag {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACKNOWLEDGEMENT = 0x0080, /* version 1 */
	GRE_VERSION = 0x0007,
};

enum gre_protocol {
	GRE_ETHERNET = 0x6558,
	GRE_ERSPAN = 0x88be,
	GRE_ERSPAN_III = 0x22eb,
};

/* draft-foschiano-erspan-03 section 4.2 */
enum parse_result layer_erspan_ii(struct decode *d)
{
	if (!cursor_skip(&d->in, 8))
		return decode_cut(d);
	d->next = layer_ethernet;
	return PARSE_OK;
}

/* Section 4.3. The last 16 bits hold the mirrored frame's type (5 bits: 0 Ethernet, 2 IP) and at their end whether 8 bytes
 * more follow. */
enum parse_result layer_erspan_iii(struct decode *d)
{
	uint16_t last;

	if (!cursor_skip(&d->in, 10) || !cursor_u16(&d->in, &last))
		return decode_cut(d);
	if (last & 1 && !cursor_skip(&d->in, 8))
		return decode_cut(d);
	if ((last & 0x7c00) == 0)
		d->next = layer_ethernet;
	else if ((last & 0x7c00) == 0x0800)
		d->next = layer_ip;
	return PARSE_OK;
}

/* NVGRE (RFC 7637 section 3.2) puts the tenant in the upper 24 bits of the key, from 0x1000 on, and hashes the flow into the
 * rest, which then is another in each direction. */
static uint32_t gre_tenant(uint16_t protocol, uint32_t key)
{
	return protocol == GRE_ETHERNET && key >> 8 >= 0x1000 ? key >> 8 : key;
}

/* RFC 2784, RFC 2890 */
static enum parse_result gre(struct decode *d, uint16_t flags, uint16_t protocol)
{
	uint32_t key = 0;

	if (flags & GRE_ROUTING) /* RFC 1701's, given up in RFC 2784 */
		return PARSE_OK;
	if (flags & GRE_CHECKSUM && !cursor_skip(&d->in, 4))
		return decode_cut(d);
	if (flags & GRE_KEY && !cursor_u32(&d->in, &key))
		return decode_cut(d);
	if (flags & GRE_SEQUENCE && !cursor_skip(&d->in, 4))
		return decode_cut(d);
	if (protocol == GRE_ERSPAN || protocol == GRE_ERSPAN_III)
		decode_tunnel(d, TUNNEL_ERSPAN, 0);
	else
		decode_tunnel(d, TUNNEL_GRE, gre_tenant(protocol, key));
	if (protocol == GRE_ERSPAN_III)
		d->next = layer_erspan_iii;
	else if (protocol == GRE_ERSPAN)
		d->next = flags & GRE_SEQUENCE ? layer_erspan_ii : layer_ethernet; /* type I has no header */
	else
		decode_ethertype(d, protocol);
	return PARSE_OK;
}

/* PPTP's version (RFC 2637 section 4.1): the key is the payload's length and the call ID. */
static enum parse_result gre_pptp(struct decode *d, uint16_t flags, uint16_t protocol)
{
	uint16_t length;

	if (!(flags & GRE_KEY))
		return PARSE_MALFORMED;
	if (!cursor_u16(&d->in, &length) || !cursor_skip(&d->in, 2))
		return decode_cut(d);
	if (!(flags & GRE_SEQUENCE)) /* an acknowledgement alone */
		return PARSE_OK;
	if (!cursor_skip(&d->in, flags & GRE_ACKNOWLEDGEMENT ? 8 : 4))
		return decode_cut(d);
	decode_limit(d, length);
	decode_tunnel(d, TUNNEL_GRE, 0);
	decode_ethertype(d, protocol);
	return PARSE_OK;
}

enum parse_result layer_gre(struct decode *d)
{
	uint16_t flags, protocol;

	if (!cursor_u16(&d->in, &flags) || !cursor_u16(&d->in, &protocol))
		return decode_cut(d);
	switch (flags & GRE_VERSION) {
	case 0:
		return gre(d, flags, protocol);
	case 1:
		return gre_pptp(d, flags, protocol);
	default:
		return PARSE_OK;
	}
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

/* 3GPP TS 29.281 section 5.2: extension headers count their length in units of 4 bytes and end with the next one's type. */
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

/* https://www.iana.org/assignments/service-names-port-numbers */
static layer_fn *udp_port_layer(uint16_t sport, uint16_t dport)
{
	static const struct {
		uint16_t port;
		bool either; /* both ends use it, not only the receiver */
		layer_fn *layer;
	} tunnels[] = {
		{4789, false, layer_vxlan},  {8472, false, layer_vxlan}, /* Linux's before one was assigned */
		{6081, false, layer_geneve}, {2152, true, layer_gtp},    {3544, true, layer_teredo},
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
