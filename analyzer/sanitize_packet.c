/* sanitize_packet.c: see sanitize_packet.h.
 *
 * Theory of operation. The decoder tells of each header that it read; a table has a rule for each kind, which copies
 * what may stay. Checksums are noted on the way and mended at the end, the innermost first, because the outer ones
 * cover it.
 */
#include "sanitize_packet.h"

#include "checksum.h"
#include "sanitize_header.h"

#include <stdlib.h>

/* ---- Checksums ---- */

static uint16_t sum_of(const struct mend *m, const uint8_t *bytes, const struct ip_address *src,
		       const struct ip_address *dst)
{
	uint64_t sum = 0;

	if (m->covers_addresses) {
		sum = checksum_add(m->protocol + m->length, src->bytes, sizeof(src->bytes));
		sum = checksum_add(sum, dst->bytes, sizeof(dst->bytes));
	}
	return checksum_fold(checksum_add(sum, bytes + m->start, m->length));
}

static void mend(struct frame *f, const struct mend *m)
{
	struct ip_address src = {0}, dst = {0};
	uint8_t *field = f->out + m->at;
	uint16_t sum;
	bool good;

	if (m->at + 2 > f->captured || m->start + m->length > f->captured || m->cut)
		return;
	if (m->optional && !f->in[m->at] && !f->in[m->at + 1])
		return;
	if (m->covers_addresses) {
		alias_address(f->rules->aliases, &m->src, ALIAS_OTHER, &src);
		alias_address(f->rules->aliases, &m->dst, ALIAS_OTHER, &dst);
	}
	good = sum_of(m, f->in, &m->src, &m->dst) == 0xffff;
	field[0] = field[1] = 0;
	sum = sum_of(m, f->out, &src, &dst);
	/* 0 would say that there is none. */
	sum = m->optional && sum == 0xffff ? sum : (uint16_t)~sum;
	if (!good)
		sum ^= 0x0101; /* another value, and no other way to write the right one */
	field[0] = (uint8_t)(sum >> 8);
	field[1] = (uint8_t)sum;
}

static int inner_first(const void *a, const void *b)
{
	const struct mend *left = a, *right = b;

	return (left->start < right->start) - (left->start > right->start);
}

static void mend_all(struct frame *f)
{
	qsort(f->mends, f->mend_count, sizeof(*f->mends), inner_first);
	for (size_t i = 0; i < f->mend_count; i++)
		mend(f, &f->mends[i]);
}

/* ---- IP ---- */

void header_keep(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	rewrite_keep(&h, h.left);
}

void header_erase(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	(void)h;
}

/* Options are erased: zero ends their list. */
static void ipv4(struct frame *f, const struct decode *d, struct rewrite h)
{
	size_t at = (size_t)(h.in - f->in), length = h.left;

	(void)d;
	rewrite_keep(&h, 10);
	rewrite_erase(&h, 2);
	header_address(f, &h, 4);
	header_address(f, &h, 4);
	if (f->in[at + 10] || f->in[at + 11]) /* 0: left to the network card */
		header_mend(f, (struct mend){.at = at + 10, .start = at, .length = length});
}

static void ipv6(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)d;
	rewrite_keep(&h, 2);
	h.out[-1] &= 0xf0; /* the flow label */
	rewrite_erase(&h, 2);
	rewrite_keep(&h, 4);
	header_address(f, &h, 16);
	header_address(f, &h, 16);
}

/* IPv4 or IPv6, and through which layer. */
static void ip(struct frame *f, const struct decode *d, struct rewrite h)
{
	if (h.left >= 40 && h.in[0] >> 4 == 6)
		ipv6(f, d, h);
	else if (h.left >= 20 && h.in[0] >> 4 == 4)
		ipv4(f, d, h);
}

/* Next header and length, as in an authentication header; options of zeros are padding. */
static void extension(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	rewrite_keep(&h, 2);
}

static void routing(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)d;
	rewrite_keep(&h, 8);
	while (h.left >= 16)
		header_address(f, &h, 16);
}

/* ---- UDP, ICMP ---- */

static void udp(struct frame *f, const struct decode *d, struct rewrite h)
{
	size_t at = (size_t)(h.in - f->in);
	size_t length = h.left >= 6 ? (size_t)(h.in[4] << 8 | h.in[5]) : 0;

	rewrite_keep(&h, 6);
	if (length < 8)
		length = 8 + d->in.left;
	header_mend(f, (struct mend){.at = at + 6,
				     .start = at,
				     .length = length,
				     .covers_addresses = true,
				     .src = d->out->src,
				     .dst = d->out->dst,
				     .protocol = 17,
				     .optional = true,
				     .cut = length > 8 + d->in.left});
}

/* RFC 4861 section 4: the target of a solicitation or advertisement, and options without what they hold. */
static void neighbour(struct frame *f, uint8_t type, struct rewrite body)
{
	uint32_t kind, length;

	if (type == 133) /* solicitation of a router */
		rewrite_erase(&body, 0);
	else if (type == 134) /* advertisement of one */
		rewrite_keep(&body, 8);
	else
		header_address(f, &body, 16);
	while (rewrite_uint(&body, 1, &kind) && rewrite_uint(&body, 1, &length) && length > 0)
		rewrite_erase(&body, length * 8 - 2);
}

/* Type, code, and four bytes that say which: an MTU, a number and a sequence of echoes; a redirect's are an address. */
static void icmp(struct frame *f, const struct decode *d, struct rewrite h)
{
	struct rewrite whole = rewrite_over(h.in, h.out, h.left + d->in.left);
	size_t at = (size_t)(h.in - f->in);
	bool v6 = d->out->src.version == 6;
	uint32_t type;

	if (h.left < 8 || !rewrite_uint(&whole, 1, &type)) /* quoted by another */
		return;
	rewrite_keep(&whole, 1);
	rewrite_erase(&whole, 2);
	if (!v6 && type == 5)
		header_address(f, &whole, 4);
	else
		rewrite_keep(&whole, 4);
	if (v6 && type >= 133 && type <= 136)
		neighbour(f, (uint8_t)type, whole);
	header_mend(f, (struct mend){.at = at + 2,
				     .start = at,
				     .length = h.left + d->in.left,
				     .covers_addresses = v6,
				     .src = d->out->src,
				     .dst = d->out->dst,
				     .protocol = 58,
				     .cut = d->beyond > 0});
}

/* ---- TCP ---- */

/* RFC 7323: a host's clock, or a counter that began at random. */
static void timestamps(const struct frame *f, const struct segment *s, struct rewrite body)
{
	struct cursor c = cursor_over(body.in, body.left);
	uint32_t value, echo;

	if (!cursor_u32(&c, &value) || !cursor_u32(&c, &echo))
		return;
	f->rules->timestamps(f->rules->context, f->rules->frame, s, &value, &echo);
	rewrite_put_u32(body.out, value);
	rewrite_put_u32(body.out + 4, echo);
}

/* https://www.iana.org/assignments/tcp-parameters; of others, cookies and signatures among them, kind and length
 * stay. */
static void tcp_option(const struct frame *f, const struct segment *s, uint32_t kind, struct rewrite body)
{
	enum { MSS = 2, WINDOW_SCALE = 3, SACK = 5, TIMESTAMPS = 8, EXPERIMENT_1 = 253, EXPERIMENT_2 = 254 };

	if (kind == MSS || kind == WINDOW_SCALE || kind == SACK)
		rewrite_keep(&body, body.left);
	else if (kind == TIMESTAMPS)
		timestamps(f, s, body);
	else if (kind == EXPERIMENT_1 || kind == EXPERIMENT_2)
		rewrite_keep(&body, 2); /* whose it is (RFC 6994) */
}

static void tcp_options(const struct frame *f, const struct segment *s, struct rewrite w)
{
	uint32_t kind, length;

	while (rewrite_uint(&w, 1, &kind) && kind != 0) {
		if (kind == 1)
			continue;
		if (!rewrite_uint(&w, 1, &length) || length < 2 || length - 2 > w.left)
			return;
		tcp_option(f, s, kind, rewrite_sub(&w, length - 2));
	}
}

/* A segment, of which less than its header may be there where ICMP quotes it. */
static void segment(struct frame *f, const struct decode *d, struct rewrite w)
{
	struct segment s = {.src = &d->out->src, .dst = &d->out->dst, .quoted = d->stop_before != NULL};
	struct cursor c = cursor_over(w.in, w.left);
	uint8_t offset = 0, flags = 0;

	if (!rewrite_keep(&w, 8) || !cursor_u16(&c, &s.sport) || !cursor_u16(&c, &s.dport) || !cursor_u32(&c, &s.seq))
		return;
	if (!rewrite_keep(&w, 8) || !cursor_skip(&c, 4) || !cursor_u8(&c, &offset) || !cursor_u8(&c, &flags))
		return;
	rewrite_erase(&w, 2);
	rewrite_keep(&w, 2); /* the urgent pointer */
	if (offset >> 4 < 5)
		return;
	s.seq += flags & TCP_SYN ? 1 : 0;
	tcp_options(f, &s, rewrite_sub(&w, (offset >> 4) * 4U - 20));
	if (w.left > 0)
		f->rules->payload(f->rules->context, f->rules->frame, &s, w.out, w.left);
}

/* A whole one is told up to its options, a quoted one with all that is there. What of a quote is cut off, its checksum
 * covers. */
static void tcp(struct frame *f, const struct decode *d, struct rewrite h)
{
	size_t at = (size_t)(h.in - f->in);
	bool quoted = d->stop_before != NULL;

	if (!quoted)
		h.left += d->in.left;
	segment(f, d, h);
	if (h.left >= 18)
		header_mend(f, (struct mend){.at = at + 16,
					     .start = at,
					     .length = h.left,
					     .covers_addresses = true,
					     .src = d->out->src,
					     .dst = d->out->dst,
					     .protocol = 6,
					     .cut = quoted || d->beyond > 0});
}

/* ---- All ---- */

static const struct header_entry headers[] = {
	{layer_tcp, tcp},
	{layer_ipv4, ipv4},
	{layer_ipv6, ipv6},
	{layer_ip, ip},
	{layer_extension, extension},
	{layer_routing, routing},
	{layer_fragment, header_keep},
	{layer_authentication, extension},
	{layer_udp, udp},
	{layer_icmp, icmp},
	{layer_icmpv6, icmp},
	{NULL, NULL},
};

// cppcheck-suppress constParameter // a function has no const
static header_rule *rule_for(layer_fn *layer)
{
	static const struct header_entry *const tables[] = {headers, sanitize_link_headers, sanitize_tunnel_headers};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct header_entry *e = tables[i]; e->layer; e++)
			if (e->layer == layer)
				return e->rule;
	return NULL;
}

bool sanitize_has_rule(layer_fn *layer)
{
	return rule_for(layer) != NULL;
}

/* cppcheck-suppress constParameter ; a function cannot be const */
static void on_header(void *context, layer_fn *layer, const struct decode *d, const uint8_t *at, size_t n)
{
	header_rule *rule = rule_for(layer);
	struct frame *f = context;

	if (rule && n > 0)
		rule(f, d, rewrite_over(at, f->out + (at - f->in), n));
}

/* A fragment's part of its datagram. */
static void fill_fragment(struct frame *f, const struct packet *p)
{
	const struct ip_fragment *part = &p->fragment;

	if (p->kind == PACKET_FRAGMENT && part->captured > 0)
		f->rules->fragment(f->rules->context, p, f->out + (part->bytes - f->in), part->captured);
}

enum parse_result sanitize_frame(const struct packet_rules *rules, int linktype, const uint8_t *frame,
				 uint32_t captured, uint32_t wire, uint8_t *out, struct packet *p)
{
	struct frame f = {.rules = rules, .in = frame, .out = out, .captured = captured};
	const struct decode_watcher watcher = {.header = on_header, .context = &f};
	enum parse_result result;

	if (captured)
		memset(out, 0, captured);
	result = decode_frame(linktype, frame, captured, wire, &watcher, p);
	if (result == PARSE_OK)
		fill_fragment(&f, p);
	mend_all(&f);
	return result;
}

enum parse_result sanitize_datagram(const struct packet_rules *rules, uint8_t protocol, const uint8_t *bytes,
				    uint32_t length, uint8_t *out, struct packet *p)
{
	struct frame f = {.rules = rules, .in = bytes, .out = out, .captured = length};
	const struct decode_watcher watcher = {.header = on_header, .context = &f};
	enum parse_result result;

	memset(out, 0, length);
	result = decode_ip_payload(protocol, bytes, length, length, &watcher, p);
	mend_all(&f);
	return result;
}
