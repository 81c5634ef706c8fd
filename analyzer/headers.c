/* headers.c: the headers of one packet, for those outside who print or choose packets. */
#include "packet.h"
#include "tlsdiag.h"

static struct tlsdiag_endpoint endpoint(const struct ip_address *a, uint16_t port)
{
	struct tlsdiag_endpoint e = {.version = a->version, .port = port};

	memcpy(e.address, a->bytes, sizeof(e.address));
	return e;
}

static void tcp_headers(const struct packet *p, struct tlsdiag_headers *h)
{
	const struct tcp_segment *t = &p->tcp;

	h->kind = TLSDIAG_PACKET_TCP;
	h->src.port = p->sport;
	h->dst.port = p->dport;
	h->tcp_flags = t->flags;
	h->seq = t->seq;
	h->ack = t->ack;
	h->window = t->window;
	h->payload_length = p->payload_wire;
	if (t->options_cut)
		return;
	h->tcp_options_length = t->header_length - 20U;
	h->tcp_options = p->payload - h->tcp_options_length;
}

static void icmp_headers(const struct packet *p, struct tlsdiag_headers *h)
{
	const struct icmp_error *i = &p->icmp;
	uint32_t ip_header = p->src.version == 6 ? 40 : 20;

	h->kind = TLSDIAG_PACKET_ICMP_ERROR;
	h->icmp_type = i->type;
	h->icmp_code = i->code;
	h->icmp_mtu = i->reason == ICMP_TOO_BIG ? i->mtu : 0;
	h->icmp_length = p->ip_length > ip_header ? p->ip_length - ip_header : 0;
	h->quotes_tcp = i->quotes_tcp;
	if (!i->quotes_tcp)
		return;
	h->quoted_src = endpoint(&i->src, i->sport);
	h->quoted_dst = endpoint(&i->dst, i->dport);
}

bool tlsdiag_decode(int linktype, const struct tlsdiag_packet *packet, struct tlsdiag_headers *headers)
{
	struct packet p;

	*headers = (struct tlsdiag_headers){.kind = TLSDIAG_PACKET_OTHER};
	if (!packet_linktype_known(linktype) ||
	    packet_decode(linktype, packet->bytes, packet->captured, packet->wire, &p) != PARSE_OK)
		return false;
	headers->src = endpoint(&p.src, 0);
	headers->dst = endpoint(&p.dst, 0);
	if (p.kind == PACKET_TCP)
		tcp_headers(&p, headers);
	else if (p.kind == PACKET_ICMP_ERROR)
		icmp_headers(&p, headers);
	else if (p.kind == PACKET_FRAGMENT)
		headers->kind = TLSDIAG_PACKET_FRAGMENT;
	return true;
}
