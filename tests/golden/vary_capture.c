/* vary_capture.c: packets that were captured twice, in another order, in part, or not at all. */
#include <netinet/in.h>
#include <string.h>

#include "vary.h"

/* A router's copy: one hop less. */
static void forwarded(uint8_t *frame, const struct parts *p)
{
	frame[IP_AT + (p->v6 ? 7 : 8)]--;
	checksums_fix(frame, p->end, p->intact);
}

/* The copy of frame i, `hops` further on, and with a tag when it says so. */
static void copy(struct capture *to, const struct capture *from, size_t i, bool hop, bool tagged, int64_t time_ns)
{
	const struct frame *f = &from->frames[i];
	struct parts p = parts_of(from, f);
	uint8_t bytes[FRAME_MAX + 4];
	size_t tag = tagged ? 4 : 0;

	memcpy(bytes, f->bytes, f->captured);
	if (hop)
		forwarded(bytes, &p);
	if (tagged) {
		memmove(bytes + 16, bytes + 12, f->captured - 12);
		put16(bytes + 12, 0x8100);
		put16(bytes + 14, 7);
	}
	capture_add(to, time_ns, bytes, f->captured + tag);
}

static bool mirror(const struct capture *from, size_t late, bool hop, bool tagged, struct capture *to)
{
	for (size_t i = 0; i < from->count + late; i++) {
		int64_t now = from->frames[i < from->count ? i : from->count - 1].time_ns;

		if (i < from->count)
			capture_copy(to, &from->frames[i]);
		if (i >= late)
			copy(to, from, i - late, hop, tagged, now + 1000);
	}
	return true;
}

bool vary_mirror(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)at;
	return mirror(from, v->size, false, false, to);
}

bool vary_mirror_hop(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)at;
	return mirror(from, v->size, true, false, to);
}

bool vary_mirror_tagged(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)at;
	return mirror(from, v->size, true, true, to);
}

bool order_shows(const struct parts *a, const struct parts *b)
{
	uint32_t length = (uint32_t)(a->end - a->payload) + !!(a->flags & TCP_SYN) + !!(a->flags & TCP_FIN);

	if (!a->tcp || !b->tcp || (a->flags | b->flags) & TCP_RST)
		return false;
	if (a->from_client == b->from_client)
		return a->end > a->payload && b->end > b->payload && a->seq != b->seq &&
		       !((a->flags | b->flags) & TCP_SYN);
	return length > 0 && (b->flags & TCP_ACK) && b->ack == a->seq + length;
}

bool vary_swap(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	struct parts a, b;
	int64_t time;

	(void)v;
	if (at + 1 >= from->count)
		return false;
	a = parts_of(from, &from->frames[at]);
	b = parts_of(from, &from->frames[at + 1]);
	/* Further apart, they would not come in another order. */
	if (!order_shows(&a, &b) || from->frames[at + 1].time_ns - from->frames[at].time_ns > 1000000)
		return false;
	capture_copy_part(to, from, 0, at);
	capture_copy(to, &from->frames[at + 1])->time_ns = from->frames[at].time_ns;
	time = from->frames[at + 1].time_ns;
	capture_copy(to, &from->frames[at])->time_ns = time;
	capture_copy_part(to, from, at + 2, from->count);
	return true;
}

bool vary_end(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)v;
	capture_copy_part(to, from, 0, at);
	return true;
}

bool vary_begin(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)v;
	capture_copy_part(to, from, at + 1, from->count);
	return true;
}

bool vary_without(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)v;
	capture_copy_part(to, from, 0, at);
	capture_copy_part(to, from, at + 1, from->count);
	return true;
}

bool vary_one_side(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)at;
	for (size_t i = 0; i < from->count; i++)
		if (parts_of(from, &from->frames[i]).from_client == (v->size == 0))
			capture_copy(to, &from->frames[i]);
	return true;
}

bool vary_snaplen(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)at;
	for (size_t i = 0; i < from->count; i++) {
		struct frame *f = capture_copy(to, &from->frames[i]);

		if (f->captured > v->size)
			f->captured = (uint32_t)v->size;
	}
	return true;
}

static void put_port(uint8_t *transport, bool source, uint16_t port)
{
	put16(transport + (source ? 0 : 2), port);
}

/* The packet that an ICMP error is about is the client's if its source is. Its own checksum is not looked at. */
static void quoted_client(const struct capture *c, uint8_t *quoted, uint16_t port)
{
	bool v6 = quoted[0] >> 4 == 6;
	bool source = memcmp(quoted + (v6 ? 8 : 12), c->client, v6 ? 16 : 4) == 0;

	if (quoted[v6 ? 6 : 9] == IPPROTO_TCP)
		put_port(quoted + (v6 ? 40 : 20), source, port);
}

void vary_client(struct capture *c, uint16_t port, int64_t begin_ns)
{
	int64_t first = c->count ? c->frames[0].time_ns : 0;

	for (size_t i = 0; i < c->count; i++) {
		struct frame *f = &c->frames[i];
		struct parts p = parts_of(c, f);

		if (p.tcp)
			put_port(f->bytes + p.transport, p.from_client, port);
		else
			quoted_client(c, f->bytes + p.payload, port);
		checksums_fix(f->bytes, p.end, p.intact);
		f->time_ns += begin_ns - first;
	}
}
