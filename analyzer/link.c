/* link.c: link types, Ethernet and its tags, and the other ways of carrying IP below IP: LLC, PPP, PPPoE, MPLS. */
#include "decode.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define LENGTH_MAX 1500 /* IEEE 802.3: up to here the EtherType is a length */

/* https://www.iana.org/assignments/ieee-802-numbers, the frequent ones first */
static layer_fn *ethertype_layer(uint16_t type)
{
	static const struct {
		uint16_t type;
		layer_fn *layer;
	} layers[] = {
		{0x0800, layer_ipv4},       {0x86dd, layer_ipv6},
		{0x8100, layer_vlan}, /* 802.1Q */
		{0x88a8, layer_vlan}, /* 802.1ad */
		{0x9100, layer_vlan}, /* QinQ before 802.1ad */
		{0x9200, layer_vlan},       {0x8864, layer_pppoe},
		{0x8847, layer_mpls},       {0x8848, layer_mpls},
		{0x6558, layer_ethernet}, /* transparent Ethernet bridging */
		{0x880b, layer_ppp},        {0x88e7, layer_pbb},
		{0x8926, layer_vntag},      {0x8909, layer_cisco_metadata},
		{0x8903, layer_fabricpath}, {0x894f, layer_nsh},
		{0x88e5, layer_macsec},
	};

	for (size_t i = 0; i < COUNT(layers); i++)
		if (layers[i].type == type)
			return layers[i].layer;
	return NULL;
}

void decode_ethertype(struct decode *d, uint16_t type)
{
	d->next = ethertype_layer(type);
}

/* What follows two MAC addresses or a tag: an EtherType, or a length and then LLC. */
static void type_or_length(struct decode *d, uint16_t type)
{
	if (type > LENGTH_MAX) {
		decode_ethertype(d, type);
		return;
	}
	decode_limit(d, type);
	d->next = layer_llc;
}

enum parse_result layer_ethernet(struct decode *d)
{
	uint16_t type;

	if (!cursor_skip(&d->in, 12) || !cursor_u16(&d->in, &type))
		return decode_cut(d);
	type_or_length(d, type);
	return PARSE_OK;
}

/* IEEE 802.1Q. ID 0 only carries a priority. */
enum parse_result layer_vlan(struct decode *d)
{
	uint16_t control, type, id;

	if (!cursor_u16(&d->in, &control) || !cursor_u16(&d->in, &type))
		return decode_cut(d);
	id = control & 0x0fff;
	if (id)
		d->out->vlan = d->out->vlan << 12 | id;
	type_or_length(d, type);
	return PARSE_OK;
}

/* A tag of so many bytes in front of an EtherType. */
static enum parse_result tag(struct decode *d, size_t length)
{
	uint16_t type;

	if (!cursor_skip(&d->in, length) || !cursor_u16(&d->in, &type))
		return decode_cut(d);
	type_or_length(d, type);
	return PARSE_OK;
}

/* IEEE 802.1BR's forerunner, between Cisco's fabric extenders and switches. */
enum parse_result layer_vntag(struct decode *d)
{
	return tag(d, 4);
}

/* The security group tag of Cisco TrustSec. */
enum parse_result layer_cisco_metadata(struct decode *d)
{
	return tag(d, 6);
}

/* IEEE 802.1ah: a service's ID, then the customer's frame. */
enum parse_result layer_pbb(struct decode *d)
{
	if (!cursor_skip(&d->in, 4))
		return decode_cut(d);
	d->next = layer_ethernet;
	return PARSE_OK;
}

/* Cisco FabricPath: tree and time to live behind a header of Ethernet's form, then the frame. */
enum parse_result layer_fabricpath(struct decode *d)
{
	if (!cursor_skip(&d->in, 2))
		return decode_cut(d);
	d->next = layer_ethernet;
	return PARSE_OK;
}

/* IEEE 802.1AE section 9: what is only protected, not encrypted, can be read. A check value of 16 bytes follows the
 * frame. */
enum parse_result layer_macsec(struct decode *d)
{
	enum { CHANNEL = 0x20, ENCRYPTED = 0x0c };
	uint8_t control;

	if (!cursor_u8(&d->in, &control))
		return decode_cut(d);
	return control & ENCRYPTED ? PARSE_OK : tag(d, control & CHANNEL ? 13 : 5);
}

/* IEEE 802.2, with SNAP for EtherTypes (RFC 1042) or with IP itself as the service access point. */
enum parse_result layer_llc(struct decode *d)
{
	enum { SNAP = 0xaaaa03, IP = 0x060603, RFC1042 = 0x000000, BRIDGE_TUNNEL = 0x0000f8 };
	uint32_t service, organization;
	uint16_t type;

	if (!cursor_u24(&d->in, &service))
		return decode_cut(d);
	if (service == IP)
		d->next = layer_ipv4;
	if (service != SNAP)
		return PARSE_OK;
	if (!cursor_u24(&d->in, &organization) || !cursor_u16(&d->in, &type))
		return decode_cut(d);
	if (organization == RFC1042 || organization == BRIDGE_TUNNEL)
		decode_ethertype(d, type);
	return PARSE_OK;
}

/* RFC 1661 section 2 and RFC 1662: the address and control bytes may be left out, and the protocol number may be
 * compressed to its lower byte, which alone is odd. */
enum parse_result layer_ppp(struct decode *d)
{
	enum { IPV4 = 0x21, IPV6 = 0x57, MPLS_UNICAST = 0x281, MPLS_MULTICAST = 0x283 };
	uint16_t protocol;
	uint8_t byte;

	if (!cursor_u8(&d->in, &byte))
		return decode_cut(d);
	if (byte == 0xff && (!cursor_skip(&d->in, 1) || !cursor_u8(&d->in, &byte)))
		return decode_cut(d);
	protocol = byte;
	if (!(byte & 1)) {
		if (!cursor_u8(&d->in, &byte))
			return decode_cut(d);
		protocol = (uint16_t)(protocol << 8 | byte);
	}
	if (protocol == IPV4)
		d->next = layer_ipv4;
	else if (protocol == IPV6)
		d->next = layer_ipv6;
	else if (protocol == MPLS_UNICAST || protocol == MPLS_MULTICAST)
		d->next = layer_mpls;
	return PARSE_OK;
}

/* RFC 2516 section 4; only session data (code 0) carries PPP. */
enum parse_result layer_pppoe(struct decode *d)
{
	uint16_t session, length;
	uint8_t version_type, code;

	if (!cursor_u8(&d->in, &version_type) || !cursor_u8(&d->in, &code) || !cursor_u16(&d->in, &session) ||
	    !cursor_u16(&d->in, &length))
		return decode_cut(d);
	if (version_type != 0x11)
		return PARSE_MALFORMED;
	if (code != 0)
		return PARSE_OK;
	decode_tunnel(d, TUNNEL_PPPOE, session);
	decode_limit(d, length);
	d->next = layer_ppp;
	return PARSE_OK;
}

bool decode_ethernet_at(const struct decode *d, size_t offset)
{
	struct cursor ahead = d->in;
	uint16_t type;

	return cursor_skip(&ahead, offset + 12) && cursor_u16(&ahead, &type) && ethertype_layer(type) != NULL;
}

/* RFC 3032. Nothing says what the bottom label carries: IP by its version, else a pseudowire (RFC 4448) if an Ethernet
 * header is there, with a control word, whose first nibble is 0 (RFC 4385 section 3), or without one. Labels are
 * another in each direction, hence no part of packet.tunnel. */
enum parse_result layer_mpls(struct decode *d)
{
	struct cursor ahead;
	uint32_t entry;
	uint8_t first;

	do {
		if (!cursor_u32(&d->in, &entry))
			return decode_cut(d);
	} while (!(entry & 0x100)); /* bottom of stack */
	ahead = d->in;
	if (!cursor_u8(&ahead, &first))
		return decode_cut(d);
	d->guessed = true;
	if (first >> 4 == 4 || first >> 4 == 6) {
		d->next = layer_ip;
	} else if (first >> 4 == 0 && decode_ethernet_at(d, 4)) {
		cursor_skip(&d->in, 4);
		d->next = layer_ethernet;
	} else if (decode_ethernet_at(d, 0)) {
		d->next = layer_ethernet;
	} else if (d->in.left < 18) { /* too little to tell by */
		return decode_cut(d);
	}
	return PARSE_OK;
}

/* BSD loopback: an address family, whose numbers differ between systems, in the byte order of the machine that wrote
 * it. */
enum parse_result layer_loopback(struct decode *d)
{
	uint32_t family;

	if (!cursor_u32(&d->in, &family))
		return decode_cut(d);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	if (family == 2)
		d->next = layer_ipv4;
	else if (family == 10 || family == 24 || family == 28 || family == 30) /* Linux, NetBSD, FreeBSD, macOS */
		d->next = layer_ipv6;
	return PARSE_OK;
}

/* What "tcpdump -i any" writes. The protocol is an EtherType or, below 1536, a number of Linux's own, of which 4 is
 * LLC. */
static void cooked_protocol(struct decode *d, uint16_t protocol)
{
	if (protocol == 4)
		d->next = layer_llc;
	else
		decode_ethertype(d, protocol);
}

enum parse_result layer_sll(struct decode *d)
{
	uint16_t protocol;

	if (!cursor_skip(&d->in, 14) || !cursor_u16(&d->in, &protocol))
		return decode_cut(d);
	cooked_protocol(d, protocol);
	return PARSE_OK;
}

enum parse_result layer_sll2(struct decode *d)
{
	uint16_t protocol;

	if (!cursor_u16(&d->in, &protocol) || !cursor_skip(&d->in, 18))
		return decode_cut(d);
	cooked_protocol(d, protocol);
	return PARSE_OK;
}

/* Cisco HDLC: address, control, EtherType. */
enum parse_result layer_chdlc(struct decode *d)
{
	uint16_t type;

	if (!cursor_skip(&d->in, 2) || !cursor_u16(&d->in, &type))
		return decode_cut(d);
	decode_ethertype(d, type);
	return PARSE_OK;
}

/* PPP or Cisco HDLC on a serial line, told by the address byte (RFC 1547 section 4.3.1). */
enum parse_result layer_ppp_serial(struct decode *d)
{
	struct cursor ahead = d->in;
	uint8_t address;

	if (!cursor_u8(&ahead, &address))
		return decode_cut(d);
	d->next = address == 0x0f || address == 0x8f ? layer_chdlc : layer_ppp;
	return PARSE_OK;
}

/* https://www.tcpdump.org/linktypes.html */
layer_fn *link_layer(int linktype)
{
	static layer_fn *const layers[] = {
		[0] = layer_loopback, /* NULL */
		[1] = layer_ethernet,    [9] = layer_ppp,     [11] = layer_llc, /* ATM, RFC 1483 */
		[12] = layer_ip, /* DLT_RAW */
		[14] = layer_ip, /* DLT_RAW of OpenBSD */
		[50] = layer_ppp_serial, /* PPP_HDLC */
		[51] = layer_pppoe, /* PPP_ETHER */
		[101] = layer_ip, /* RAW */
		[104] = layer_chdlc,     [105] = layer_80211, [108] = layer_loopback, /* LOOP */
		[109] = layer_enc,       [113] = layer_sll,   [117] = layer_pflog,    [119] = layer_prism,
		[127] = layer_radiotap,  [163] = layer_avs,   [192] = layer_ppi,      [204] = layer_ppp_direction,
		[219] = layer_mpls,      [228] = layer_ipv4,  [229] = layer_ipv6,     [239] = layer_nflog,
		[258] = layer_pktap,     [276] = layer_sll2,
	};

	return linktype >= 0 && (size_t)linktype < COUNT(layers) ? layers[linktype] : NULL;
}
