/* capture_header.c: link types whose header was put in front by what captured: pktap, PPI, Prism, AVS, NFLOG, pflog,
 * enc. */
#include "decode.h"

/* What macOS writes for "-i any" and "-i pktap": a header in little-endian order that names the real link type. */
enum parse_result layer_pktap(struct decode *d)
{
	struct cursor ahead = d->in;
	uint32_t length, linktype;

	if (!cursor_u32(&ahead, &length) || !cursor_skip(&ahead, 4) || !cursor_u32(&ahead, &linktype))
		return decode_cut(d);
	length = __builtin_bswap32(length);
	if (length < 12)
		return PARSE_MALFORMED;
	if (!cursor_skip(&d->in, length))
		return decode_cut(d);
	d->next = link_layer((int)__builtin_bswap32(linktype));
	return PARSE_OK;
}

/* Per-Packet Information of CACE: version, flags, the header's length and the real link type, little-endian. */
enum parse_result layer_ppi(struct decode *d)
{
	struct cursor ahead = d->in;
	uint32_t linktype;
	uint16_t length;

	if (!cursor_skip(&ahead, 2) || !cursor_u16(&ahead, &length) || !cursor_u32(&ahead, &linktype))
		return decode_cut(d);
	length = __builtin_bswap16(length);
	if (length < 8)
		return PARSE_MALFORMED;
	if (!cursor_skip(&d->in, length))
		return decode_cut(d);
	d->next = link_layer((int)__builtin_bswap32(linktype));
	return PARSE_OK;
}

/* Skips a header whose length stands at its bytes 4 to 7, in either byte order. */
static enum parse_result skip_80211_header(struct decode *d)
{
	struct cursor ahead = d->in;
	uint32_t length;

	if (!cursor_skip(&ahead, 4) || !cursor_u32(&ahead, &length))
		return decode_cut(d);
	if (length > 0xffff)
		length = __builtin_bswap32(length);
	if (length < 8)
		return PARSE_MALFORMED;
	if (!cursor_skip(&d->in, length))
		return decode_cut(d);
	d->next = layer_80211;
	return PARSE_OK;
}

enum parse_result layer_prism(struct decode *d)
{
	return skip_80211_header(d);
}

enum parse_result layer_avs(struct decode *d)
{
	return skip_80211_header(d);
}

/* What "tcpdump -i nflog" writes: address family, version, group, then attributes in the byte order of the machine that
 * wrote them, each padded to 4 bytes; one of them is the packet (linux/netfilter/nfnetlink_log.h). */
enum parse_result layer_nflog(struct decode *d)
{
	enum { HEADER = 4, PAYLOAD = 9, TYPE = 0x3fff };
	uint16_t length, type;

	if (!cursor_skip(&d->in, HEADER))
		return decode_cut(d);
	while (cursor_u16(&d->in, &length) && cursor_u16(&d->in, &type)) {
		if (type & 0xff00 & TYPE) { /* the types have small numbers */
			length = __builtin_bswap16(length);
			type = __builtin_bswap16(type);
		}
		if (length < HEADER)
			return PARSE_MALFORMED;
		length -= HEADER;
		if ((type & TYPE) == PAYLOAD) {
			decode_limit(d, length);
			d->next = layer_ip;
			return PARSE_OK;
		}
		if (!cursor_skip(&d->in, (length + 3U) & ~3U))
			return decode_cut(d);
	}
	return d->beyond ? PARSE_SNAPLEN : PARSE_OK;
}

/* OpenBSD's packet filter log: the header's length, which does not count its padding to 4 bytes. */
enum parse_result layer_pflog(struct decode *d)
{
	struct cursor ahead = d->in;
	uint8_t length;

	if (!cursor_u8(&ahead, &length))
		return decode_cut(d);
	if (!cursor_skip(&d->in, (length + 3U) & ~3U))
		return decode_cut(d);
	d->next = layer_ip;
	return PARSE_OK;
}

/* OpenBSD's enc: what IPsec carries, behind address family, SPI and flags. */
enum parse_result layer_enc(struct decode *d)
{
	if (!cursor_skip(&d->in, 12))
		return decode_cut(d);
	d->next = layer_ip;
	return PARSE_OK;
}

/* PPP behind a byte that says whether it was sent or received. */
enum parse_result layer_ppp_direction(struct decode *d)
{
	if (!cursor_skip(&d->in, 1))
		return decode_cut(d);
	d->next = layer_ppp;
	return PARSE_OK;
}
