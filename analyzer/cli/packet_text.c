/* packet_text.c: see packet_text.h. The order and spelling of fields are those of tcpdump's print-tcp.c, print-icmp.c
 * and print-icmp6.c, without -v. */
#include "analyzer/cli/packet_text.h"

#include "analyzer/cli/printable.h"
#include "analyzer/cursor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10 };

struct line {
	char *text;
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void put(struct line *l, const char *format, ...)
{
	size_t room = PACKET_TEXT_MAX - l->length;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(l->text + l->length, room, format, args);
	va_end(args);
	if (n > 0)
		l->length += (size_t)n < room ? (size_t)n : room - 1;
}

static void put_end(struct line *l, const struct tlsdiag_endpoint *e, bool with_port)
{
	printable_buffer address;

	put(l, "%s", address_text(e, address));
	if (with_port)
		put(l, ".%u", e->port);
}

static void put_ends(struct line *l, const struct tlsdiag_headers *h)
{
	bool ports = h->kind == TLSDIAG_PACKET_TCP;

	put(l, "%s ", h->src.version == 6 ? "IP6" : "IP");
	put_end(l, &h->src, ports);
	put(l, " > ");
	put_end(l, &h->dst, ports);
	put(l, ": ");
}

/* ---- TCP ---- */

static void put_flags(struct line *l, uint8_t flags)
{
	static const char letters[] = "FSRP.UEW";

	put(l, "Flags [");
	for (unsigned i = 0; i < 8; i++)
		if (flags & 1U << i)
			put(l, "%c", letters[i]);
	put(l, "%s]", flags ? "" : "none");
}

/* https://www.iana.org/assignments/tcp-parameters, with tcpdump's names. */
static const struct {
	uint8_t kind;
	const char *name;
} option_names[] = {
	{1, "nop"},  {2, "mss"},  {3, "wscale"},  {4, "sackOK"}, {5, "sack"}, {8, "TS"},
	{19, "md5"}, {28, "uto"}, {29, "tcp-ao"}, {30, "mptcp"}, {34, "tfo"}, {254, "exp"},
};

static void put_option_name(struct line *l, uint8_t kind)
{
	for (size_t i = 0; i < sizeof(option_names) / sizeof(*option_names); i++) {
		if (option_names[i].kind == kind) {
			put(l, "%s", option_names[i].name);
			return;
		}
	}
	put(l, "unknown-%u", kind);
}

static void put_option_value(struct line *l, uint8_t kind, struct cursor value, uint32_t acked_base)
{
	uint8_t byte = 0;
	uint16_t half = 0;
	uint32_t first = 0, second = 0;

	switch (kind) {
	case 2:
		if (cursor_u16(&value, &half))
			put(l, " %u", half);
		break;
	case 3:
		if (cursor_u8(&value, &byte))
			put(l, " %u", byte);
		break;
	case 5:
		put(l, " %zu ", value.left / 8);
		while (cursor_u32(&value, &first) && cursor_u32(&value, &second))
			put(l, "{%" PRIu32 ":%" PRIu32 "}", first - acked_base, second - acked_base);
		break;
	case 8:
		if (cursor_u32(&value, &first) && cursor_u32(&value, &second))
			put(l, " val %" PRIu32 " ecr %" PRIu32, first, second);
		break;
	default:
		break;
	}
}

/* Behind the SYNs, which tell what the ends can do, only what was selectively acknowledged is worth the room. */
static bool shown(const struct tlsdiag_headers *h, uint8_t kind)
{
	return (h->tcp_flags & SYN) || kind == 5;
}

static void put_options(struct line *l, const struct tlsdiag_headers *h, uint32_t acked_base)
{
	struct cursor list = cursor_over(h->tcp_options, h->tcp_options_length), value;
	const char *separator = ", options [";
	uint8_t kind, length;

	while (cursor_u8(&list, &kind) && kind != 0) {
		value = cursor_over(NULL, 0);
		if (kind > 1 && (!cursor_u8(&list, &length) || length < 2 || !cursor_sub(&list, length - 2U, &value)))
			break;
		if (!shown(h, kind))
			continue;
		put(l, "%s", separator);
		separator = ",";
		put_option_name(l, kind);
		put_option_value(l, kind, value, acked_base);
	}
	if (*separator == ',' && !separator[1])
		put(l, "]");
}

/* The first packet that acknowledges something shows its own numbers, and those after it are relative to them. */
static void relate(const struct tlsdiag_headers *h, struct sequence_base *b, int from, uint32_t *seq, uint32_t *ack)
{
	if (!b || !(h->tcp_flags & ACK))
		return;
	if (b->set && !(h->tcp_flags & SYN)) {
		*seq -= b->base[from];
		*ack -= b->base[!from];
		return;
	}
	b->set = true;
	b->base[from] = h->seq;
	b->base[!from] = h->ack - 1;
}

static void put_tcp(struct line *l, const struct tlsdiag_headers *h, struct sequence_base *b, int from)
{
	uint32_t seq = h->seq, ack = h->ack;

	relate(h, b, from, &seq, &ack);
	put_flags(l, h->tcp_flags);
	if (h->payload_length > 0)
		put(l, ", seq %" PRIu32 ":%" PRIu32, seq, seq + h->payload_length);
	else if (h->tcp_flags & (SYN | FIN | RST))
		put(l, ", seq %" PRIu32, seq);
	if (h->tcp_flags & ACK)
		put(l, ", ack %" PRIu32, ack);
	put(l, ", win %u", h->window);
	put_options(l, h, b && b->set ? b->base[!from] : 0);
	put(l, ", length %" PRIu32, h->payload_length);
}

/* ---- ICMP ---- */

/* "%h": the host that was not reached, "%p": its port, "%m": the MTU. */
struct icmp_words {
	uint8_t type;
	int16_t code; /* -1: any other */
	const char *words;
};

static const struct icmp_words icmp_words[] = {
	{3, 0, "net %h unreachable"},
	{3, 1, "host %h unreachable"},
	{3, 2, "%h protocol 6 unreachable"},
	{3, 3, "%h tcp port %p unreachable"},
	{3, 4, "%h unreachable - need to frag%m"},
	{3, 5, "%h unreachable - source route failed"},
	{3, 6, "net %h unreachable - unknown"},
	{3, 7, "host %h unreachable - unknown"},
	{3, 8, "%h unreachable - source host isolated"},
	{3, 9, "net %h unreachable - admin prohibited"},
	{3, 10, "host %h unreachable - admin prohibited"},
	{3, 11, "net %h unreachable - tos prohibited"},
	{3, 12, "host %h unreachable - tos prohibited"},
	{3, 13, "host %h unreachable - admin prohibited filter"},
	{3, 14, "host %h unreachable - host precedence violation"},
	{3, 15, "host %h unreachable - precedence cutoff"},
	{3, -1, "%h unreachable"},
	{11, 0, "time exceeded in-transit"},
	{11, 1, "ip reassembly time exceeded"},
	{11, -1, "time exceeded"},
};

static const struct icmp_words icmp6_words[] = {
	{1, 0, "destination unreachable, unreachable route %h"},
	{1, 1, "destination unreachable, unreachable prohibited %h"},
	{1, 2, "destination unreachable, beyond scope %h"},
	{1, 3, "destination unreachable, unreachable address %h"},
	{1, 4, "destination unreachable, unreachable port, %h tcp port %p"},
	{1, -1, "destination unreachable, %h"},
	{2, -1, "packet too big%m"},
	{3, 0, "time exceeded in-transit for %h"},
	{3, 1, "ip reassembly time exceeded for %h"},
	{3, -1, "time exceeded for %h"},
};

static const char *find_words(const struct icmp_words *table, size_t count, const struct tlsdiag_headers *h)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].type == h->icmp_type && (table[i].code == h->icmp_code || table[i].code < 0))
			return table[i].words;
	return "error";
}

static void put_icmp(struct line *l, const struct tlsdiag_headers *h)
{
	bool six = h->src.version == 6;
	const char *words = six ? find_words(icmp6_words, sizeof(icmp6_words) / sizeof(*icmp6_words), h)
				: find_words(icmp_words, sizeof(icmp_words) / sizeof(*icmp_words), h);

	put(l, "%s", six ? "ICMP6, " : "ICMP ");
	for (; *words; words++) {
		if (*words != '%') {
			put(l, "%c", *words);
			continue;
		}
		switch (*++words) {
		case 'h':
			put_end(l, &h->quoted_dst, false);
			break;
		case 'p':
			put(l, "%u", h->quoted_dst.port);
			break;
		default: /* m */
			if (h->icmp_mtu)
				put(l, six ? ", mtu %" PRIu32 : " (mtu %" PRIu32 ")", h->icmp_mtu);
			break;
		}
	}
	put(l, ", length %" PRIu32, h->icmp_length);
}

const char *packet_text(const struct tlsdiag_headers *h, struct sequence_base *base, int from,
			char buffer[PACKET_TEXT_MAX])
{
	struct line l = {.text = buffer};

	buffer[0] = '\0';
	put_ends(&l, h);
	if (h->kind == TLSDIAG_PACKET_TCP)
		put_tcp(&l, h, base, from);
	else if (h->kind == TLSDIAG_PACKET_ICMP_ERROR)
		put_icmp(&l, h);
	else
		put(&l, "%s", h->kind == TLSDIAG_PACKET_FRAGMENT ? "fragment" : "other");
	return buffer;
}
