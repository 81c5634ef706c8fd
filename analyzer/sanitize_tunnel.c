/* sanitize_tunnel.c: the rules for tunnels; see sanitize_header.h. */
#include "sanitize_header.h"

/* Flags, type and numbers; the checksum covers all that follows. */
static void gre(struct frame *f, const struct decode *d, struct rewrite h)
{
	size_t at = (size_t)(h.in - f->in), rest = h.left + d->in.left;

	if (h.left >= 8 && h.in[0] & 0x80 && (h.in[1] & 7) == 0)
		header_mend(f, (struct mend){.at = at + 4, .start = at, .length = rest, .cut = d->beyond > 0});
	rewrite_keep(&h, h.left);
}

/* Its options are anybody's. */
static void geneve(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	rewrite_keep(&h, 8);
}

/* The endpoint's number is a session's; extensions keep their lengths. */
static void gtp(struct frame *f, const struct decode *d, struct rewrite h)
{
	uint32_t flags, next = 0, length;

	(void)f;
	(void)d;
	if (!rewrite_uint(&h, 1, &flags) || !rewrite_keep(&h, 3))
		return;
	rewrite_erase(&h, 4);
	if (flags & 7) {
		rewrite_erase(&h, 3);
		rewrite_uint(&h, 1, &next);
	}
	while (next && rewrite_uint(&h, 1, &length) && length > 0) {
		rewrite_erase(&h, length * 4 - 2);
		if (!rewrite_uint(&h, 1, &next))
			return;
	}
}

/* RFC 4380 section 5.1.1: which indications there are, and their lengths. */
static void teredo(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	if (h.left > 8)
		rewrite_keep(&h, 4);
}

/* RFC 2661 section 3.1: flags and lengths; tunnel, session and sequence are numbers of the ends. Version 3 has flags
 * alone. */
static void l2tp(struct frame *f, const struct decode *d, struct rewrite h)
{
	enum { LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200 };
	uint32_t flags;

	(void)f;
	(void)d;
	if (!rewrite_uint(&h, 2, &flags))
		return;
	if (flags & LENGTH)
		rewrite_keep(&h, 2);
	rewrite_erase(&h, flags & SEQUENCE ? 8 : 4);
	if (flags & OFFSET)
		rewrite_keep(&h, 2);
}

/* RFC 3931 section 4.1: whether there is a session, for 0 is control. Its number is one of the ends', as is the
 * cookie. */
static void l2tpv3(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	if (h.left >= 4)
		// cppcheck-suppress unreadVariable // it is the frame's
		h.out[3] = memcmp(h.in, "\0\0\0", 4) != 0;
}

/* Fields keep their kinds and lengths; see tunnel_udp.c. */
static void tzsp(struct frame *f, const struct decode *d, struct rewrite h)
{
	uint32_t kind, length;

	(void)f;
	(void)d;
	rewrite_keep(&h, 4);
	while (rewrite_uint(&h, 1, &kind) && kind != 1)
		if (kind != 0 && rewrite_uint(&h, 1, &length))
			rewrite_erase(&h, length);
}

/* RFC 8300 section 2: the path and what a service chain adds are erased. */
static void nsh(struct frame *f, const struct decode *d, struct rewrite h)
{
	(void)f;
	(void)d;
	rewrite_keep(&h, 4);
}

const struct header_entry sanitize_tunnel_headers[] = {
	{layer_ip_in_ip, header_erase},
	{layer_gre, gre},
	{layer_etherip, header_keep},
	{layer_erspan_ii, header_keep},
	{layer_erspan_iii, header_keep},
	{layer_wccp, header_keep},
	{layer_vxlan, header_keep},
	{layer_vxlan_gpe, header_keep},
	{layer_geneve, geneve},
	{layer_gtp, gtp},
	{layer_teredo, teredo},
	{layer_l2tp, l2tp},
	{layer_l2tpv3, l2tpv3},
	{layer_tzsp, tzsp},
	{layer_nsh, nsh},
	{layer_lisp, header_erase},
	{NULL, NULL},
};
