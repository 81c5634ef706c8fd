/* vary_link.c: the same packets on another link, in a tunnel, or with the other version of IP. */
#include <netinet/in.h>
#include <string.h>

#include "vary.h"

enum { ETHERTYPE_4 = 0x0800, ETHERTYPE_6 = 0x86dd, BEFORE_MAX = 256 };

/* A packet that gets headers in front. */
struct wrapped {
	uint8_t bytes[BEFORE_MAX + FRAME_MAX];
	size_t start, end;
	uint32_t ethertype; /* of what is at `start` */
	bool from_client;
};

static uint8_t *prepend(struct wrapped *w, size_t n)
{
	w->start -= n;
	memset(w->bytes + w->start, 0, n);
	return w->bytes + w->start;
}

static void tag(struct wrapped *w, uint32_t ethertype)
{
	uint8_t *at = prepend(w, 4);

	put16(at, 100);
	put16(at + 2, w->ethertype);
	w->ethertype = ethertype;
}

static void ethernet(struct wrapped *w)
{
	uint8_t *at = prepend(w, 14);

	at[0] = at[6] = 2;
	at[w->from_client ? 11 : 5] = 0x40;
	put16(at + 12, w->ethertype);
}

/* RFC 2516 section 4, and the PPP protocol numbers of IPv4 and IPv6. */
static void pppoe(struct wrapped *w)
{
	size_t length = w->end - w->start + 2;
	uint8_t *at = prepend(w, 8);

	at[0] = 0x11;
	put16(at + 2, 1);
	put16(at + 4, (uint32_t)length);
	put16(at + 6, w->ethertype == ETHERTYPE_6 ? 0x0057 : 0x0021);
	w->ethertype = 0x8864;
}

/* Two labels, RFC 3032 section 2.1. */
static void mpls(struct wrapped *w)
{
	uint8_t *at = prepend(w, 8);

	put32(at, 16U << 12 | 64);
	put32(at + 4, 17U << 12 | 0x100 | 64);
	w->ethertype = 0x8847;
}

static void gre(struct wrapped *w)
{
	put16(prepend(w, 4) + 2, w->ethertype);
	w->ethertype = IPPROTO_GRE;
}

/* RFC 7348 section 5, around Ethernet. A UDP checksum of zero: none. */
static void vxlan(struct wrapped *w)
{
	uint8_t *at;

	ethernet(w);
	at = prepend(w, 16);
	put16(at, 50000);
	put16(at + 2, 4789);
	put16(at + 4, (uint32_t)(w->end - w->start));
	at[8] = 0x08;
	at[14] = 1;
	w->ethertype = IPPROTO_UDP;
}

static uint8_t *udp(struct wrapped *w, uint32_t port, size_t length)
{
	uint8_t *at = prepend(w, 8 + length);

	put16(at, port);
	put16(at + 2, port);
	put16(at + 4, (uint32_t)(w->end - w->start));
	w->ethertype = IPPROTO_UDP;
	return at + 8;
}

/* RFC 8926 section 3.4, around Ethernet, with an option of 8 bytes. */
static void geneve(struct wrapped *w)
{
	uint8_t *at;

	ethernet(w);
	at = udp(w, 6081, 16);
	at[0] = 2;
	put16(at + 2, 0x6558);
	at[6] = 1;
	at[11] = 1;
}

/* 3GPP TS 29.281 section 5.1: each direction has a tunnel of its own. */
static void gtp(struct wrapped *w)
{
	size_t length = w->end - w->start;
	uint8_t *at = udp(w, 2152, 8);

	at[0] = 0x30;
	at[1] = 255;
	put16(at + 2, (uint32_t)length);
	put32(at + 4, w->from_client ? 1 : 2);
}

/* A mirror's GRE with a sequence number, ERSPAN type II, Ethernet. */
static void erspan(struct wrapped *w)
{
	uint8_t *at;

	ethernet(w);
	at = prepend(w, 16);
	put16(at, 0x1000);
	put16(at + 2, 0x88be);
	put16(at + 8, 0x1064);
	put16(at + 10, w->from_client ? 1 : 2);
	w->ethertype = IPPROTO_GRE;
}

/* linux/netfilter/nfnetlink_log.h: the packet is the attribute of type 9, behind one of a prefix. */
static void nflog(struct wrapped *w)
{
	size_t length = w->end - w->start + 4;
	uint8_t *at = prepend(w, 16);

	at[0] = w->ethertype == ETHERTYPE_6 ? 10 : 2;
	at[4] = 8;
	at[6] = 10;
	at[12] = (uint8_t)length;
	at[13] = (uint8_t)(length >> 8);
	at[14] = 9;
}

static uint8_t protocol_of(uint32_t ethertype)
{
	switch (ethertype) {
	case ETHERTYPE_4:
		return IPPROTO_IPIP;
	case ETHERTYPE_6:
		return IPPROTO_IPV6;
	default:
		return (uint8_t)ethertype;
	}
}

static void outer_ipv4(struct wrapped *w)
{
	uint8_t protocol = protocol_of(w->ethertype), *ip = prepend(w, 20);

	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)(w->end - w->start));
	ip[8] = 250;
	ip[9] = protocol;
	put32(ip + 12, w->from_client ? 0xc6336401 : 0xc6336402);
	put32(ip + 16, w->from_client ? 0xc6336402 : 0xc6336401);
	put16(ip + 10, checksum(ip, 20, 0));
	w->ethertype = ETHERTYPE_4;
}

static void outer_ipv6(struct wrapped *w)
{
	size_t length = w->end - w->start;
	uint8_t protocol = protocol_of(w->ethertype), *ip = prepend(w, 40);

	ip[0] = 0x60;
	put16(ip + 4, (uint32_t)length);
	ip[6] = protocol;
	ip[7] = 250;
	put32(ip + 8, 0x20010db8);
	ip[23] = w->from_client ? 1 : 2;
	put32(ip + 24, 0x20010db8);
	ip[39] = w->from_client ? 2 : 1;
	w->ethertype = ETHERTYPE_6;
}

/* LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2, from an Ethernet interface. */
static void cooked(struct wrapped *w)
{
	uint8_t *at = prepend(w, 16);

	put16(at, w->from_client ? 4 : 0);
	put16(at + 2, 1);
	put16(at + 4, 6);
	put16(at + 14, w->ethertype);
}

static void cooked_2(struct wrapped *w)
{
	uint8_t *at = prepend(w, 20);

	put16(at, w->ethertype);
	put32(at + 4, 2);
	put16(at + 8, 1);
	at[10] = w->from_client ? 4 : 0;
	at[11] = 6;
}

/* LINKTYPE_NULL: the address family, here of a little-endian FreeBSD. */
static void loopback(struct wrapped *w)
{
	prepend(w, 4)[0] = w->ethertype == ETHERTYPE_6 ? 28 : 2;
}

static void put_layer(struct wrapped *w, enum layer layer)
{
	switch (layer) {
	case NO_LAYER:
		return;
	case ETHERNET:
		return ethernet(w);
	case VLAN:
		return tag(w, 0x8100);
	case SERVICE_VLAN:
		return tag(w, 0x88a8);
	case PPPOE:
		return pppoe(w);
	case MPLS:
		return mpls(w);
	case GRE:
		return gre(w);
	case VXLAN:
		return vxlan(w);
	case GENEVE:
		return geneve(w);
	case GTP:
		return gtp(w);
	case ERSPAN:
		return erspan(w);
	case NFLOG:
		return nflog(w);
	case OUTER_IPV4:
		return outer_ipv4(w);
	case OUTER_IPV6:
		return outer_ipv6(w);
	case COOKED:
		return cooked(w);
	case COOKED_2:
		return cooked_2(w);
	case LOOPBACK:
		return loopback(w);
	}
}

bool vary_link(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)at;
	to->linktype = v->linktype;
	for (size_t i = 0; i < from->count; i++) {
		const struct frame *f = &from->frames[i];
		struct parts p = parts_of(from, f);
		struct wrapped w;

		w.start = BEFORE_MAX;
		w.ethertype = p.v6 ? ETHERTYPE_6 : ETHERTYPE_4;
		w.from_client = p.from_client;
		w.end = BEFORE_MAX + p.end - IP_AT;
		memcpy(w.bytes + w.start, f->bytes + IP_AT, p.end - IP_AT);
		for (size_t n = 0; n < LAYERS_MAX; n++)
			put_layer(&w, v->layers[n]);
		capture_add(to, f->time_ns, w.bytes + w.start, w.end - w.start);
	}
	return true;
}

/* An address as the other version of IP has it: in the prefix of RFC 6052 section 2.1, or out of its last 32 bits. */
static void translate(const uint8_t *from, bool v6, uint8_t *to)
{
	static const uint8_t prefix[12] = {0x00, 0x64, 0xff, 0x9b};

	if (v6) {
		memcpy(to, from + 12, 4);
		to[0] = 192; /* so that it is not 0.0.0.x */
		return;
	}
	memcpy(to, prefix, sizeof(prefix));
	memcpy(to + 12, from, 4);
}

/* Not for ICMP, whose messages would have to be others. */
bool vary_ip_version(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)at;
	(void)v;
	for (size_t i = 0; i < from->count; i++) {
		const struct frame *f = &from->frames[i];
		struct parts p = parts_of(from, f);
		const uint8_t *old = f->bytes + IP_AT;
		uint8_t bytes[FRAME_MAX], *ip = bytes + IP_AT;
		size_t header = p.v6 ? 20 : 40, addresses = p.v6 ? 12 : 8;

		if (!p.tcp)
			return false;
		memset(bytes, 0, IP_AT + 40);
		memcpy(bytes, f->bytes, 12);
		put16(bytes + 12, p.v6 ? ETHERTYPE_4 : ETHERTYPE_6);
		ip[0] = p.v6 ? 0x45 : 0x60;
		ip[p.v6 ? 8 : 7] = old[p.v6 ? 7 : 8];
		ip[p.v6 ? 9 : 6] = IPPROTO_TCP;
		if (p.v6)
			put16(ip + 6, 0x4000);
		translate(old + (p.v6 ? 8 : 12), p.v6, ip + addresses);
		translate(old + (p.v6 ? 24 : 16), p.v6, ip + addresses + (p.v6 ? 4 : 16));
		memcpy(ip + header, f->bytes + p.transport, p.end - p.transport);
		checksums_fix(bytes, IP_AT + header + (p.end - p.transport), p.intact);
		capture_add(to, f->time_ns, bytes, IP_AT + header + (p.end - p.transport));
	}
	return true;
}
