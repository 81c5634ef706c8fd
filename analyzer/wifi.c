/* wifi.c: data frames of IEEE 802.11 that are not encrypted, with or without a radiotap header.
 *
 * Fragments and aggregates (A-MSDU) are left alone: in the air nearly all of them are encrypted.
 */
#include "decode.h"

enum {
	TYPE_MASK = 0x0f, /* version and type */
	TYPE_DATA = 0x08,
	SUBTYPE_NULL = 0x40, /* no data inside */
	SUBTYPE_QOS = 0x80,
	FLAGS_BOTH_DS = 0x03, /* from one access point to another: a fourth address */
	FLAG_MORE_FRAGMENTS = 0x04,
	FLAG_PROTECTED = 0x40,
	FLAG_ORDER = 0x80, /* with QoS: an HT control field */
	QOS_AGGREGATE = 0x80,
};

enum parse_result layer_80211(struct decode *d)
{
	uint16_t sequence;
	uint8_t type, flags, qos = 0;

	if (!cursor_u8(&d->in, &type) || !cursor_u8(&d->in, &flags))
		return decode_cut(d);
	if ((type & TYPE_MASK) != TYPE_DATA || type & SUBTYPE_NULL || flags & (FLAG_MORE_FRAGMENTS | FLAG_PROTECTED))
		return PARSE_OK;
	if (!cursor_skip(&d->in, 20) || !cursor_u16(&d->in, &sequence))
		return decode_cut(d);
	if ((flags & FLAGS_BOTH_DS) == FLAGS_BOTH_DS && !cursor_skip(&d->in, 6))
		return decode_cut(d);
	if (type & SUBTYPE_QOS && (!cursor_u8(&d->in, &qos) || !cursor_skip(&d->in, flags & FLAG_ORDER ? 5 : 1)))
		return decode_cut(d);
	if (sequence & 0x0f00 || qos & QOS_AGGREGATE) /* little-endian: its low bits, the fragment number, come first */
		return PARSE_OK;
	d->next = layer_llc;
	return PARSE_OK;
}

/* https://www.radiotap.org: version, padding and the header's whole length, little-endian. */
enum parse_result layer_radiotap(struct decode *d)
{
	struct cursor ahead = d->in;
	uint16_t version, length;

	if (!cursor_u16(&ahead, &version) || !cursor_u16(&ahead, &length))
		return decode_cut(d);
	length = __builtin_bswap16(length);
	if (version >> 8 != 0 || length < 8)
		return PARSE_MALFORMED;
	if (!cursor_skip(&d->in, length))
		return decode_cut(d);
	d->next = layer_80211;
	return PARSE_OK;
}
