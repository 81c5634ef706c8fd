/* sanitize_header.h: what the rules for headers share. Private to sanitize_packet.c, sanitize_link.c and
 * sanitize_tunnel.c.
 *
 * A rule gets a header and writes what of it stays. Every layer of decode.h has one. What was written must read the
 * same to the decoder: lengths, types and flags stay.
 */
#ifndef ANALYZER_SANITIZE_HEADER_H
#define ANALYZER_SANITIZE_HEADER_H

#include "decode.h"
#include "rewrite.h"
#include "sanitize_packet.h"

#define MENDS_MAX 24 /* checksums in one frame */

/* A checksum to be put right when all that it covers is written. */
struct mend {
	size_t at; /* of its field */
	size_t start, length; /* what it covers */
	bool covers_addresses; /* with a pseudo header of these: */
	struct ip_address src, dst; /* as they were */
	uint8_t protocol;
	bool optional; /* 0 says that there is none */
	bool cut; /* more was covered than was captured */
};

struct frame {
	const struct packet_rules *rules;
	const uint8_t *in;
	uint8_t *out; /* zeros at first */
	size_t captured;
	struct mend mends[MENDS_MAX];
	size_t mend_count;
};

typedef void header_rule(struct frame *f, const struct decode *d, struct rewrite h);

struct header_entry {
	layer_fn *layer; /* NULL ends a table */
	header_rule *rule;
};

extern const struct header_entry sanitize_link_headers[], sanitize_tunnel_headers[];

static inline void header_mend(struct frame *f, struct mend m)
{
	if (f->mend_count < MENDS_MAX)
		f->mends[f->mend_count++] = m;
}

/* An address of n bytes becomes its alias. */
static inline void header_address(struct frame *f, struct rewrite *h, size_t n)
{
	struct rewrite field = rewrite_sub(h, n);

	alias_address_bytes(f->rules->aliases, field.in, field.left, field.out);
}

/* What lies behind the header just read. */
static inline struct rewrite header_behind(const struct frame *f, const struct decode *d)
{
	return rewrite_over(d->in.at, f->out + (d->in.at - f->in), d->in.left);
}

/* The rule for a header that says nothing about whose it is. */
header_rule header_keep;

/* The rule for one that is skipped whatever it says, and for layers that have none of their own. */
header_rule header_erase;

#endif
