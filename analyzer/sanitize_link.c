/* sanitize_link.c: the rules for link-layer headers and for those that the capturing system puts in front; see
 * sanitize_header.h.
 */
#include "sanitize_header.h"

/* ---- Link layer ---- */

/* Broadcast stays, and of a group address that it is one. */
static void mac(struct rewrite *h)
{
	struct rewrite field = rewrite_sub(h, 6);

	if (field.left < 6)
		return;
	if (!memcmp(field.in, "\xff\xff\xff\xff\xff\xff", 6))
		rewrite_keep(&field, 6);
	else
		field.out[0] = field.in[0] & 1;
}

/* RFC 826, for IPv4 over Ethernet. */
static void arp(struct frame *f, struct rewrite body)
{
	static const uint8_t ethernet_ipv4[] = {0, 1, 8, 0, 6, 4};

	if (body.left < 28 || memcmp(body.in, ethernet_ipv4, sizeof(ethernet_ipv4)) != 0)
		return;
	rewrite_keep(&body, 8);
	for (int i = 0; i < 2; i++) {
		rewrite_erase(&body, 6);
		header_address(f, &body, 4);
	}
}

static void arp_behind(struct frame *f, const struct decode *d, const uint8_t *type)
{
	if (type[0] == 8 && type[1] == 6 && d->in.left > 0)
		arp(f, header_behind(f, d));
}

static void ethernet(struct frame *f, const struct decode *d, struct rewrite h)
{
	mac(&h);
	mac(&h);
	if (rewrite_keep(&h, 2))
		arp_behind(f, d, h.in - 2);
}

static void vlan(struct frame *f, const struct decode *d, struct rewrite h)
{
	if (rewrite_keep(&h, 4))
		arp_behind(f, d, h.in - 2);
}

/* Packet type, ARPHRD_ type and length of the address; the address; the protocol. */
static void sll(struct frame *f, const struct decode *d, struct rewrite h)
{
	rewrite_keep(&h, 6);
	rewrite_erase(&h, 8);
	if (rewrite_keep(&h, 2))
		arp_behind(f, d, h.in - 2);
}

static void sll2(struct frame *f, const struct decode *d, struct rewrite h)
{
	rewrite_keep(&h, 12);
	if (h.left == 8)
		arp_behind(f, d, h.in - 12);
}

/* ---- What the capturing system put in front ---- */

/* Length, type and link type; the rest names processes and interfaces. */
static void pktap(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	rewrite_keep(&h, 12);
}

/* Its own length; with no fields present the rest is padding. */
static void radiotap(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	rewrite_keep(&h, 4);
}

/* Frame control, sequence control, and what follows the addresses. */
static void wifi(struct frame *f, const struct decode *d, struct rewrite h)
{
	bool four = h.left >= 30 && (h.in[1] & 3) == 3;

	(void)f;
	(void)d;
	rewrite_keep(&h, 2);
	rewrite_erase(&h, 2);
	for (int i = 0; i < 3; i++)
		mac(&h);
	rewrite_keep(&h, 2);
	if (four)
		mac(&h);
	rewrite_keep(&h, 2);
}

/* What their length and link type are in, of PPI, Prism and AVS. */
static void eight(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	rewrite_keep(&h, 8);
}

/* Attributes without what they hold; see capture_header.c for their byte order. */
static void nflog(struct frame *f, const struct decode *d, struct rewrite h)
{
	uint32_t length, type;

	(void)f;
	(void)d;
	rewrite_keep(&h, 2);
	rewrite_erase(&h, 2);
	while (rewrite_uint(&h, 2, &length) && rewrite_uint(&h, 2, &type)) {
		if (type & 0x3f00)
			length = (length & 0xff) << 8 | length >> 8;
		rewrite_erase(&h, length < 4 ? 0 : (length - 4 + 3) & ~3U);
	}
}

/* Its own length. */
static void pflog(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	rewrite_keep(&h, 1);
}

/* ---- Tags ---- */

/* Bytes of a switch's own, then an EtherType. */
static void tag(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	rewrite_erase(&h, h.left - 2);
	rewrite_keep(&h, 2);
}

/* IEEE 802.1AE: what it says of the form; the channel is a MAC address. */
static void macsec(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	rewrite_keep(&h, 2);
	if (h.left > 2)
		rewrite_erase(&h, h.left - 2);
	rewrite_keep(&h, 2);
}

const struct header_entry sanitize_link_headers[] = {
	{layer_ethernet, ethernet},
	{layer_vlan, vlan},
	{layer_sll, sll},
	{layer_sll2, sll2},
	{layer_loopback, header_keep},
	{layer_llc, header_keep},
	{layer_ppp, header_keep},
	{layer_ppp_direction, header_keep},
	{layer_ppp_serial, header_erase},
	{layer_pppoe, header_keep},
	{layer_mpls, header_keep},
	{layer_chdlc, header_keep},
	{layer_vntag, tag},
	{layer_cisco_metadata, tag},
	{layer_macsec, macsec},
	{layer_pbb, header_erase},
	{layer_fabricpath, header_erase},
	{layer_80211, wifi},
	{layer_radiotap, radiotap},
	{layer_pktap, pktap},
	{layer_ppi, eight},
	{layer_prism, eight},
	{layer_avs, eight},
	{layer_nflog, nflog},
	{layer_pflog, pflog},
	{layer_enc, header_erase},
	{NULL, NULL},
};
