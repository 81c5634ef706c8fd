/* headers.c: see headers.h. */
#include "headers.h"

static struct tlsdiag_endpoint endpoint(const struct ip_address *a, uint16_t port)
{
	struct tlsdiag_endpoint e = {.version = a->version, .port = port};

	memcpy(e.address, a->bytes, sizeof(e.address));
	return e;
}

static void ip_header(const struct packet *p, struct tlsdiag_headers *h)
{
	h->src = endpoint(&p->src, 0);
	h->dst = endpoint(&p->dst, 0);
	h->ttl = p->ttl;
	h->dscp_ecn = p->dscp_ecn;
	h->has_ip_id = p->has_ip_id;
	h->dont_fragment = p->dont_fragment;
	h->ip_id = p->has_ip_id ? p->ip_id : 0;
}

static void tcp_header(const struct packet *p, struct tlsdiag_headers *h)
{
	const struct tcp_segment *t = &p->tcp;

	h->kind = TLSDIAG_PACKET_TCP;
	h->src.port = p->sport;
	h->dst.port = p->dport;
	h->tcp_flags = t->flags;
	h->seq = t->seq;
	h->ack = t->ack;
	h->window = t->window;
	h->mss = t->mss;
	h->window_scale = t->window_scale;
	h->sack_permitted = t->sack_permitted;
	h->has_timestamps = t->has_timestamps;
	h->timestamp_value = t->has_timestamps ? t->timestamp_value : 0;
	h->timestamp_echo = t->has_timestamps ? t->timestamp_echo : 0;
	h->payload = p->payload;
	h->payload_captured = p->payload_captured;
	h->payload_length = p->payload_wire;
	if (t->options_cut)
		return;
	h->tcp_options_length = t->header_length - 20U;
	h->tcp_options = p->payload - h->tcp_options_length;
}

static void icmp_header(const struct packet *p, struct tlsdiag_headers *h)
{
	const struct icmp_error *i = &p->icmp;
	uint32_t fixed = p->src.version == 6 ? 40 : 20;

	h->kind = TLSDIAG_PACKET_ICMP_ERROR;
	h->icmp_type = i->type;
	h->icmp_code = i->code;
	h->icmp_reason = icmp_reason_name(i->reason);
	h->icmp_mtu = i->reason == ICMP_TOO_BIG ? i->mtu : 0;
	h->icmp_length = p->ip_length > fixed ? p->ip_length - fixed : 0;
	h->quotes_tcp = i->quotes_tcp;
	if (!i->quotes_tcp)
		return;
	h->quoted_src = endpoint(&i->src, i->sport);
	h->quoted_dst = endpoint(&i->dst, i->dport);
	h->quotes_seq = i->quotes_seq;
	h->quoted_seq = i->quotes_seq ? i->seq : 0;
}

void headers_fill(const struct packet *p, struct tlsdiag_headers *headers)
{
	*headers = (struct tlsdiag_headers){.kind = TLSDIAG_PACKET_OTHER, .window_scale = -1};
	if (p->src.version)
		ip_header(p, headers);
	if (p->kind == PACKET_TCP)
		tcp_header(p, headers);
	else if (p->kind == PACKET_ICMP_ERROR)
		icmp_header(p, headers);
	else if (p->kind == PACKET_FRAGMENT)
		headers->kind = TLSDIAG_PACKET_FRAGMENT;
	headers->fragmented = p->kind == PACKET_FRAGMENT;
}

bool tlsdiag_decode(int linktype, const struct tlsdiag_packet *packet, struct tlsdiag_headers *headers)
{
	struct packet p = {.kind = PACKET_OTHER};
	bool whole = packet_linktype_known(linktype) &&
		     packet_decode(linktype, packet->bytes, packet->captured, packet->wire, &p) == PARSE_OK;

	if (!whole)
		p = (struct packet){.kind = PACKET_OTHER};
	headers_fill(&p, headers);
	return whole;
}
