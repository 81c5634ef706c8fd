/* icmp.c: ICMP and ICMPv6 errors and the packet they quote (RFC 792, RFC 1191, RFC 1812 section 5.2.7, RFC 4443). */
#include "decode.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
	UNREACHABLE = 3,
	TIME_EXCEEDED = 11,
	V6_UNREACHABLE = 1,
	V6_PACKET_TOO_BIG = 2,
	V6_TIME_EXCEEDED = 3,
};

/* https://www.iana.org/assignments/icmp-parameters, type 3 by code */
static const enum icmp_reason unreachable[] = {
	ICMP_NET,
	ICMP_HOST,
	ICMP_PROTOCOL,
	ICMP_PORT,
	ICMP_TOO_BIG,
	ICMP_SOURCE_ROUTE,
	ICMP_NET,
	ICMP_HOST,
	ICMP_HOST,
	ICMP_ADMIN_PROHIBITED,
	ICMP_ADMIN_PROHIBITED,
	ICMP_NET,
	ICMP_HOST,
	ICMP_ADMIN_PROHIBITED,
};

/* https://www.iana.org/assignments/icmpv6-parameters, type 1 by code */
static const enum icmp_reason unreachable_v6[] = {
	ICMP_NET,  ICMP_ADMIN_PROHIBITED, ICMP_UNREACHABLE_OTHER, ICMP_HOST,
	ICMP_PORT, ICMP_ADMIN_PROHIBITED, ICMP_REJECT_ROUTE,
};

static const char *const reason_names[] = {
	[ICMP_NET] = "net",
	[ICMP_HOST] = "host",
	[ICMP_PROTOCOL] = "protocol",
	[ICMP_PORT] = "port",
	[ICMP_TOO_BIG] = "too-big",
	[ICMP_SOURCE_ROUTE] = "source-route",
	[ICMP_ADMIN_PROHIBITED] = "admin-prohibited",
	[ICMP_REJECT_ROUTE] = "reject-route",
	[ICMP_TTL_EXCEEDED] = "ttl-exceeded",
	[ICMP_UNREACHABLE_OTHER] = "other",
};

const char *icmp_reason_name(enum icmp_reason reason)
{
	return (unsigned)reason < COUNT(reason_names) ? reason_names[reason] : "other";
}

/* The quote is read by the same layers as any packet, up to its TCP header, of which as little as the first 8 bytes are
 * there (RFC 792). A quote that ends earlier leaves what was found. */
static void read_quote(struct decode *d)
{
	struct icmp_error *icmp = &d->out->icmp;
	struct packet quoted = {.vlan = d->out->vlan, .tunnel = d->out->tunnel};
	struct decode q = {
		.in = d->in,
		.beyond = d->beyond,
		.next = layer_ip,
		.stop_before = layer_tcp,
		.watcher = d->watcher,
		.out = &quoted,
	};
	struct cursor tcp = {0};

	if (decode_run(&q) == PARSE_OK && q.next == layer_tcp)
		tcp = q.in;
	else if (quoted.kind == PACKET_FRAGMENT && quoted.fragment.offset == 0 &&
		 ip_protocol_layer(quoted.fragment.protocol) == layer_tcp)
		tcp = cursor_over(quoted.fragment.bytes, quoted.fragment.captured);
	if (d->watcher && tcp.left > 0)
		d->watcher->header(d->watcher->context, layer_tcp, &q, tcp.at, tcp.left);
	icmp->src = quoted.src;
	icmp->dst = quoted.dst;
	d->out->vlan = quoted.vlan;
	d->out->tunnel = quoted.tunnel;
	icmp->quotes_tcp = tcp.left >= 4 && cursor_u16(&tcp, &icmp->sport) && cursor_u16(&tcp, &icmp->dport);
	icmp->quotes_seq = icmp->quotes_tcp && cursor_u32(&tcp, &icmp->seq);
}

static bool reason_v4(struct icmp_error *icmp, uint32_t rest)
{
	if (icmp->type == UNREACHABLE) {
		icmp->reason = icmp->code < COUNT(unreachable) ? unreachable[icmp->code] : ICMP_UNREACHABLE_OTHER;
		if (icmp->reason == ICMP_TOO_BIG)
			icmp->mtu = rest & 0xffff; /* RFC 1191 section 4 */
		return true;
	}
	icmp->reason = ICMP_TTL_EXCEEDED;
	return icmp->type == TIME_EXCEEDED && icmp->code == 0;
}

static bool reason_v6(struct icmp_error *icmp, uint32_t rest)
{
	switch (icmp->type) {
	case V6_UNREACHABLE:
		icmp->reason = icmp->code < COUNT(unreachable_v6) ? unreachable_v6[icmp->code] : ICMP_UNREACHABLE_OTHER;
		return true;
	case V6_PACKET_TOO_BIG:
		icmp->reason = ICMP_TOO_BIG;
		icmp->mtu = rest;
		return true;
	case V6_TIME_EXCEEDED:
		icmp->reason = ICMP_TTL_EXCEEDED;
		return icmp->code == 0;
	default:
		return false;
	}
}

static enum parse_result icmp_error(struct decode *d, bool (*reason)(struct icmp_error *icmp, uint32_t rest))
{
	struct icmp_error icmp = {0};
	uint32_t rest;

	if (d->stop_before) /* an error about an error, which nobody may send (RFC 1122 section 3.2.2) */
		return PARSE_OK;
	if (!cursor_u8(&d->in, &icmp.type) || !cursor_u8(&d->in, &icmp.code) || !cursor_skip(&d->in, 2) ||
	    !cursor_u32(&d->in, &rest))
		return decode_cut(d);
	if (!reason(&icmp, rest))
		return PARSE_OK;
	d->out->kind = PACKET_ICMP_ERROR;
	d->out->icmp = icmp;
	read_quote(d);
	return PARSE_OK;
}

enum parse_result layer_icmp(struct decode *d)
{
	return icmp_error(d, reason_v4);
}

enum parse_result layer_icmpv6(struct decode *d)
{
	return icmp_error(d, reason_v6);
}
