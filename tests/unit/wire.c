/* wire.c: frames are written field by field with put(); checksums are set when a packet is whole. */
#include "tests/unit/wire.h"

#include <stdlib.h>
#include <string.h>

enum { ETHERNET_HEADER = 14, IPV4_HEADER = 20, IPV6_HEADER = 40, FRAME_MAX = 65536 };
enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_ICMPV6 = 58 };
enum { FLAG_FIN = 0x01, FLAG_SYN = 0x02, FLAG_RST = 0x04, FLAG_ACK = 0x10 };

struct frame {
	size_t n;
	uint8_t bytes[FRAME_MAX];
};

static void put(struct frame *f, size_t size, uint64_t value)
{
	if (f->n + size > sizeof(f->bytes))
		abort();
	while (size-- > 0)
		f->bytes[f->n++] = (uint8_t)(value >> (8 * size));
}

static void put_bytes(struct frame *f, const void *bytes, size_t n)
{
	if (f->n + n > sizeof(f->bytes))
		abort();
	if (n)
		memcpy(f->bytes + f->n, bytes, n);
	f->n += n;
}

static void set16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* RFC 1071, unfolded. */
static uint32_t sum(const uint8_t *bytes, size_t n, uint32_t start)
{
	for (size_t i = 0; i < n; i++)
		start += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return start;
}

static uint16_t fold(uint32_t value)
{
	while (value >> 16)
		value = (value & 0xffff) + (value >> 16);
	return (uint16_t)~value;
}

struct wire *wire_new(int ip_version)
{
	static const uint8_t addresses[2][2][16] = {
		{{192, 0, 2, 40}, {203, 0, 113, 20}},
		{{0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 0x40}, {0x20, 0x01, 0x0d, 0xb8, 0, 5, [15] = 0x20}},
	};
	struct wire *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->version = ip_version;
	w->now_ns = 1700000000000000000;
	for (int i = 0; i < 2; i++)
		memcpy(w->end[i].address, addresses[ip_version == 6][i], sizeof(w->end[i].address));
	w->end[CLIENT].port = 46188;
	w->end[SERVER].port = 443;
	w->end[CLIENT].ttl = 64;
	w->end[SERVER].ttl = 63;
	w->end[CLIENT].ip_id = 0x1c46;
	w->end[SERVER].ip_id = 0x7000;
	w->end[CLIENT].window = w->end[SERVER].window = 64240;
	w->end[CLIENT].seq = 0xfffffe00; /* sequence numbers wrap within the handshake */
	w->end[SERVER].seq = 1000;
	return w;
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->count; i++)
		free(w->packets[i].bytes);
	free(w->packets);
	free(w);
}

void wire_wait(struct wire *w, int64_t milliseconds)
{
	w->now_ns += milliseconds * 1000000;
}

/* ---- Headers ---- */

static size_t address_size(const struct wire *w)
{
	return w->version == 6 ? 16 : 4;
}

static size_t ip_header_size(const struct wire *w)
{
	return w->version == 6 ? IPV6_HEADER : IPV4_HEADER;
}

struct ip_fields {
	uint8_t protocol;
	uint8_t ttl;
	uint16_t id;
	const uint8_t *src, *dst;
	bool to_server;
};

/* Ethernet and IP, lengths and checksum still 0. */
static void put_headers(const struct wire *w, struct frame *f, const struct ip_fields *ip)
{
	static const uint8_t client[] = {0x02, 0, 0x5e, 0, 0, 0x28}, server[] = {0x02, 0, 0x5e, 0, 0x10, 0x14};

	put_bytes(f, ip->to_server ? server : client, sizeof(client));
	put_bytes(f, ip->to_server ? client : server, sizeof(client));
	if (w->version == 6) {
		put(f, 2, 0x86dd);
		put(f, 4, 0x60000000);
		put(f, 2, 0);
		put(f, 1, ip->protocol);
		put(f, 1, ip->ttl);
	} else {
		put(f, 2, 0x0800);
		put(f, 4, 0x45000000);
		put(f, 2, ip->id);
		put(f, 2, 0x4000); /* DF */
		put(f, 1, ip->ttl);
		put(f, 1, ip->protocol);
		put(f, 2, 0);
	}
	put_bytes(f, ip->src, address_size(w));
	put_bytes(f, ip->dst, address_size(w));
}

/* Sets the lengths and checksums of a whole frame; the one of TCP or ICMP lies `at` bytes into its header. */
static void finish(const struct wire *w, struct frame *f, uint8_t protocol, size_t at)
{
	uint8_t *ip = f->bytes + ETHERNET_HEADER, *payload = ip + ip_header_size(w);
	size_t length = f->n - ETHERNET_HEADER - ip_header_size(w);
	uint32_t pseudo = 0;

	if (w->version == 6) {
		set16(ip + 4, length);
	} else {
		set16(ip + 2, length + IPV4_HEADER);
		set16(ip + 10, 0);
		set16(ip + 10, fold(sum(ip, IPV4_HEADER, 0)));
	}
	if (protocol != PROTOCOL_ICMP)
		pseudo = sum(payload - 2 * address_size(w), 2 * address_size(w), protocol + (uint32_t)length);
	set16(payload + at, 0);
	set16(payload + at, fold(sum(payload, length, pseudo)));
}

static size_t capture(struct wire *w, const struct frame *f, struct wire_packet packet)
{
	struct wire_packet *packets = realloc(w->packets, (w->count + 1) * sizeof(*packets));

	packet.bytes = malloc(f->n);
	if (!packets || !packet.bytes)
		abort();
	memcpy(packet.bytes, f->bytes, f->n);
	packet.wire = (uint32_t)f->n;
	packet.captured = w->snaplen && w->snaplen < packet.wire ? w->snaplen : packet.wire;
	packet.time_ns = w->now_ns;
	w->packets = packets;
	w->packets[w->count] = packet;
	return w->count++;
}

/* ---- TCP ---- */

static uint8_t flag_bits(const char *flags)
{
	static const char letters[] = "FSRP.UEW"; /* from the lowest bit */
	uint8_t bits = 0;

	for (; *flags; flags++) {
		const char *letter = strchr(letters, *flags);

		if (!letter)
			abort();
		bits |= (uint8_t)(1u << (letter - letters));
	}
	return bits;
}

/* RFC 2018: three blocks at most, which leaves room for timestamps. */
static void put_sack(struct frame *f, const struct wire_end *from)
{
	size_t kind = f->n;

	put(f, 2, 0x0502);
	for (size_t i = 0; i < from->early_count && i < 3; i++) {
		put(f, 4, from->early[i].start);
		put(f, 4, from->early[i].end);
		f->bytes[kind + 1] += 8;
	}
	if (f->n == kind + 2)
		f->n = kind; /* nothing to report: no option */
}

static void put_tcp_options(const struct wire *w, struct frame *f, const struct wire_end *from,
			    const struct wire_options *o)
{
	size_t start = f->n;

	if (o->mss) {
		put(f, 2, 0x0204);
		put(f, 2, o->mss);
	}
	if (o->sack_permitted)
		put(f, 2, 0x0402);
	if (w->timestamps) {
		put(f, 2, 0x080a);
		put(f, 4, (uint64_t)w->now_ns / 1000000);
		put(f, 4, from->peer_time);
	}
	if (o->window_scale) {
		put(f, 2, 0x0303);
		put(f, 1, o->window_scale);
	}
	if (o->sack)
		put_sack(f, from);
	while ((f->n - start) % 4)
		put(f, 1, 1); /* NOP */
}

static bool after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static void forget_early(struct wire_end *e, size_t i)
{
	memmove(&e->early[i], &e->early[i + 1], (--e->early_count - i) * sizeof(e->early[0]));
}

/* Bytes that arrived ahead of `ack` are kept as ranges, ascending, until what is missing before them arrives. */
static void receive(struct wire_end *e, uint32_t start, uint32_t end)
{
	size_t i = 0;

	while (i < e->early_count) {
		struct wire_range *r = &e->early[i];

		if (after(start, r->end) || after(r->start, end)) {
			i++;
			continue;
		}
		start = after(start, r->start) ? r->start : start;
		end = after(r->end, end) ? r->end : end;
		forget_early(e, i);
	}
	if (!after(start, e->ack)) {
		e->ack = after(end, e->ack) ? end : e->ack;
		return;
	}
	if (start == end)
		return;
	if (e->early_count == WIRE_RANGES_MAX)
		abort();
	for (i = e->early_count++; i > 0 && after(e->early[i - 1].start, start); i--)
		e->early[i] = e->early[i - 1];
	e->early[i] = (struct wire_range){start, end};
}

static void deliver(struct wire *w, const struct wire_packet *p, uint8_t flags)
{
	struct wire_end *to = &w->end[!p->from];

	to->peer_time = (uint32_t)((uint64_t)w->now_ns / 1000000);
	if (flags & FLAG_SYN) {
		to->ack = p->seq + p->length;
		to->early_count = 0;
	} else {
		receive(to, p->seq, p->seq + p->length);
	}
}

size_t wire_send(struct wire *w, enum wire_side from, const char *flags, struct wire_options o)
{
	struct wire_end *e = &w->end[from];
	uint8_t bits = flag_bits(flags);
	struct wire_packet packet = {.from = from, .seq = e->seq - o.back + o.ahead};
	struct ip_fields ip = {.protocol = PROTOCOL_TCP,
			       .ttl = o.ttl ? o.ttl : e->ttl,
			       .id = (uint16_t)(o.ip_id ? o.ip_id : e->ip_id),
			       .src = e->address,
			       .dst = w->end[!from].address,
			       .to_server = from == CLIENT};
	struct frame f = {.n = 0};
	size_t tcp, index;

	put_headers(w, &f, &ip);
	tcp = f.n;
	put(&f, 2, e->port);
	put(&f, 2, w->end[!from].port);
	put(&f, 4, packet.seq);
	put(&f, 4, bits & FLAG_ACK ? e->ack - o.ack_back : 0);
	put(&f, 1, 0);
	put(&f, 1, bits);
	put(&f, 2, o.zero_window ? 0 : e->window);
	put(&f, 4, 0); /* checksum, urgent pointer */
	put_tcp_options(w, &f, e, &o);
	f.bytes[tcp + 12] = (uint8_t)((f.n - tcp) / 4 << 4);
	put_bytes(&f, o.payload, o.length);
	finish(w, &f, PROTOCOL_TCP, 16);
	if (o.bad_checksum)
		f.bytes[tcp + 16] ^= 0x55;

	packet.length = (uint32_t)o.length + !!(bits & FLAG_SYN) + !!(bits & FLAG_FIN);
	index = o.unseen ? w->count : capture(w, &f, packet);
	if (o.forged)
		return index;
	e->ip_id += !o.ip_id;
	if (after(packet.seq + packet.length, e->seq))
		e->seq = packet.seq + packet.length;
	if (!o.lost && !o.bad_checksum)
		deliver(w, &packet, bits);
	return index;
}

void wire_connect(struct wire *w)
{
	wire_segment(w, CLIENT, "S", .mss = 1460, .sack_permitted = true);
	wire_segment(w, SERVER, "S.", .mss = 1460, .sack_permitted = true);
	wire_segment(w, CLIENT, ".");
}

size_t wire_repeat(struct wire *w, size_t packet)
{
	const struct wire_packet *old = &w->packets[packet];
	struct wire_packet again = {.from = old->from, .seq = old->seq, .length = old->length};
	struct frame f = {.n = 0};
	uint8_t *ip = f.bytes + ETHERNET_HEADER;

	put_bytes(&f, old->bytes, old->wire);
	if (w->version == 4) {
		set16(ip + 4, w->end[again.from].ip_id++);
		finish(w, &f, PROTOCOL_TCP, 16);
	}
	deliver(w, &again, ip[ip_header_size(w) + 13]);
	return capture(w, &f, again);
}

size_t wire_copy(struct wire *w, size_t packet)
{
	const struct wire_packet *old = &w->packets[packet];
	struct wire_packet copy = {.from = old->from, .seq = old->seq, .length = old->length};
	struct frame f = {.n = 0};

	put_bytes(&f, old->bytes, old->wire);
	if (w->version == 4) {
		f.bytes[ETHERNET_HEADER + 8]--;
		finish(w, &f, PROTOCOL_TCP, 16);
	}
	return capture(w, &f, copy);
}

void wire_swap(struct wire *w)
{
	struct wire_packet *last = &w->packets[w->count - 1], *before = last - 1, overtaken = *before;
	int64_t first_ns = before->time_ns;

	if (w->count < 2)
		abort();
	*before = *last;
	*last = overtaken;
	last->time_ns = before->time_ns;
	before->time_ns = first_ns;
}

size_t wire_icmp(struct wire *w, size_t about, uint8_t type, uint8_t code, uint16_t mtu)
{
	const struct wire_packet *p = &w->packets[about];
	uint8_t router[16];
	size_t quote = ip_header_size(w) + 8;
	struct ip_fields ip = {.protocol = w->version == 6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP,
			       .ttl = 64,
			       .src = router,
			       .dst = w->end[p->from].address,
			       .to_server = p->from == SERVER};
	struct frame f = {.n = 0};

	memcpy(router, w->end[p->from].address, sizeof(router));
	router[address_size(w) - 1] = 1;
	put_headers(w, &f, &ip);
	put(&f, 1, type);
	put(&f, 1, code);
	put(&f, 2, 0);
	put(&f, 4, mtu);
	put_bytes(&f, p->bytes + ETHERNET_HEADER, quote);
	finish(w, &f, ip.protocol, 2);
	return capture(w, &f, (struct wire_packet){.from = p->from});
}

/* ---- Files ---- */

static void put_little(uint8_t **at, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size; i++)
		*(*at)++ = (uint8_t)(value >> (8 * i));
}

uint8_t *wire_pcap(const struct wire *w, size_t *size)
{
	uint8_t *file, *at;

	*size = 24;
	for (size_t i = 0; i < w->count; i++)
		*size += 16 + w->packets[i].captured;
	file = at = malloc(*size);
	if (!file)
		abort();
	put_little(&at, 4, 0xa1b23c4d);
	put_little(&at, 4, 4 << 16 | 2);
	put_little(&at, 8, 0);
	put_little(&at, 4, w->snaplen ? w->snaplen : FRAME_MAX);
	put_little(&at, 4, WIRE_LINKTYPE);
	for (size_t i = 0; i < w->count; i++) {
		const struct wire_packet *p = &w->packets[i];

		put_little(&at, 4, (uint64_t)p->time_ns / 1000000000);
		put_little(&at, 4, (uint64_t)p->time_ns % 1000000000);
		put_little(&at, 4, p->captured);
		put_little(&at, 4, p->wire);
		memcpy(at, p->bytes, p->captured);
		at += p->captured;
	}
	return file;
}
