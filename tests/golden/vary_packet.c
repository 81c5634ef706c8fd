/* vary_packet.c: the same bytes of a connection in other packets: IP fragments, shorter and longer segments. */
#include <netinet/in.h>
#include <string.h>

#include "vary.h"

enum { IPV6_FRAGMENT = 44, FRAGMENT_HEADER = 8, MORE_FRAGMENTS = 0x2000 };

/* One fragment of a packet: bytes [start, end) of what follows its IP header. RFC 791 section 3.2, RFC 8200 section
 * 4.5. */
static void add_fragment(struct capture *to, const struct frame *f, const struct parts *p, uint32_t id, size_t start,
			 size_t end)
{
	uint8_t bytes[FRAME_MAX], *ip = bytes + IP_AT;
	size_t extra = p->v6 ? FRAGMENT_HEADER : 0, length = end - start;
	bool more = p->transport + end < p->end;

	memcpy(bytes, f->bytes, p->transport);
	memcpy(bytes + p->transport + extra, f->bytes + p->transport + start, length);
	if (p->v6) {
		uint8_t *header = bytes + p->transport;

		ip[6] = IPV6_FRAGMENT;
		put16(ip + 4, (uint32_t)(length + extra));
		header[0] = p->protocol;
		header[1] = 0;
		put16(header + 2, (uint32_t)start | more);
		put32(header + 4, id);
	} else {
		put16(ip + 2, (uint32_t)(20 + length));
		put16(ip + 6, (uint32_t)start / 8 | (more ? MORE_FRAGMENTS : 0));
		put16(ip + 10, 0);
		put16(ip + 10, checksum(ip, 20, 0));
	}
	capture_add(to, f->time_ns, bytes, p->transport + extra + length);
}

static bool fragments(const struct capture *from, size_t size, bool reversed, struct capture *to)
{
	bool any = false;

	for (size_t i = 0; i < from->count; i++) {
		const struct frame *f = &from->frames[i];
		struct parts p = parts_of(from, f);
		size_t length = p.end - p.transport, count = (length + size - 1) / size;

		/* Linux numbers no packets that it forbids to be fragmented before there is a connection: those stay
		 * whole. */
		if (count < 2 || (!p.v6 && get16(f->bytes + IP_AT + 4) == 0)) {
			capture_copy(to, f);
			continue;
		}
		any = true;
		for (size_t n = 0; n < count; n++) {
			size_t start = (reversed ? count - 1 - n : n) * size;

			add_fragment(to, f, &p, (uint32_t)i + 1, start, start + size < length ? start + size : length);
		}
	}
	return any;
}

bool vary_fragments(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)at;
	return fragments(from, v->size, false, to);
}

bool vary_fragments_reversed(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	(void)at;
	return fragments(from, v->size, true, to);
}

/* A segment like f's with payload of its own. */
static struct frame *add_segment(struct capture *to, const struct frame *f, const struct parts *p, uint32_t seq,
				 uint8_t flags, const uint8_t *payload, size_t n)
{
	uint8_t bytes[FRAME_MAX];

	memcpy(bytes, f->bytes, p->payload);
	memcpy(bytes + p->payload, payload, n);
	put32(bytes + p->transport + 4, seq);
	bytes[p->transport + 13] = flags;
	checksums_fix(bytes, p->payload + n, p->intact);
	return capture_add(to, f->time_ns, bytes, p->payload + n);
}

bool vary_split(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	bool any = false;

	(void)at;
	for (size_t i = 0; i < from->count; i++) {
		const struct frame *f = &from->frames[i];
		struct parts p = parts_of(from, f);
		size_t length = p.end - p.payload;

		if (!p.tcp || length <= v->size || p.flags & TCP_SYN) { /* a SYN with data cannot be split */
			capture_copy(to, f);
			continue;
		}
		any = true;
		for (size_t done = 0; done < length; done += v->size) {
			bool last = done + v->size >= length;
			uint8_t flags = last ? p.flags : p.flags & (uint8_t) ~(TCP_FIN | TCP_PSH);

			add_segment(to, f, &p, p.seq + (uint32_t)done, flags, f->bytes + p.payload + done,
				    last ? length - done : v->size);
		}
	}
	return any;
}

/* b's data follows a's, sent by the same end, in the next packet. */
static bool follows(const struct parts *a, const struct parts *b, size_t max)
{
	size_t length = a->end - a->payload;

	return a->tcp && b->tcp && a->from_client == b->from_client && length > 0 && b->end > b->payload &&
	       !((a->flags | b->flags) & (TCP_SYN | TCP_RST)) && !(a->flags & TCP_FIN) && a->intact && b->intact &&
	       b->seq == a->seq + (uint32_t)length && length + (b->end - b->payload) <= max;
}

bool vary_merge(const struct capture *from, const struct variation *v, size_t at, struct capture *to)
{
	bool any = false;

	(void)at;
	for (size_t i = 0; i < from->count; i++) {
		const struct frame *f = &from->frames[i];
		struct parts p = parts_of(from, f), last;
		uint8_t payload[FRAME_MAX];
		struct frame *previous = to->count ? &to->frames[to->count - 1] : NULL;
		size_t had;

		if (previous)
			last = parts_of(from, previous);
		if (!previous || !follows(&last, &p, v->size)) {
			capture_copy(to, f);
			continue;
		}
		any = true;
		had = last.end - last.payload;
		memcpy(payload, previous->bytes + last.payload, had);
		memcpy(payload + had, f->bytes + p.payload, p.end - p.payload);
		/* What the hardware puts together has the headers of the last and the number of the first. */
		add_segment(to, f, &p, last.seq, p.flags | last.flags, payload, had + p.end - p.payload);
		capture_drop(to, to->count - 2);
	}
	return any;
}
