/* tunnel.c: tunnels with an IP protocol number of their own: IP in IP, GRE and its uses, EtherIP, L2TPv3. Those that
 * are known by their UDP port: tunnel_udp.c. */
#include "decode.h"

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
	GRE_WCCP = 0x883e,
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

/* Section 4.3. The last 16 bits hold the mirrored frame's type (5 bits: 0 Ethernet, 2 IP) and at their end whether 8
 * bytes more follow. */
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

/* What a router redirects to a proxy (draft-wilson-wrec-wccp-v2-01 section 4.12): version 2 puts 4 bytes before the
 * packet. */
enum parse_result layer_wccp(struct decode *d)
{
	struct cursor ahead = d->in;
	uint8_t first;

	if (!cursor_u8(&ahead, &first))
		return decode_cut(d);
	if (first >> 4 != 4 && !cursor_skip(&d->in, 4))
		return decode_cut(d);
	d->next = layer_ip;
	return PARSE_OK;
}

/* NVGRE (RFC 7637 section 3.2) puts the tenant in the upper 24 bits of the key, from 0x1000 on, and hashes the flow
 * into the rest, which then is another in each direction. */
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
	else if (protocol == GRE_WCCP)
		d->next = layer_wccp;
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

/* RFC 3931 section 4.1. Neither the cookie's length nor whether a sublayer follows it is in the packet: an Ethernet
 * header has to be found behind them (RFC 4719). */
enum parse_result layer_l2tpv3(struct decode *d)
{
	enum { COOKIE_AND_SUBLAYER_MAX = 12 };
	uint32_t session;

	if (!cursor_u32(&d->in, &session))
		return decode_cut(d);
	if (session == 0) /* a control message */
		return PARSE_OK;
	d->guessed = true;
	for (unsigned before = 0; before <= COOKIE_AND_SUBLAYER_MAX; before += 4) {
		if (!decode_ethernet_at(d, before))
			continue;
		cursor_skip(&d->in, before);
		decode_tunnel(d, TUNNEL_L2TP, 0);
		d->next = layer_ethernet;
		return PARSE_OK;
	}
	return d->in.left < COOKIE_AND_SUBLAYER_MAX + 14 ? decode_cut(d) : PARSE_OK;
}
