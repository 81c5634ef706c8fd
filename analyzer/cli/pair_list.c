/* pair_list.c: the packets of a trail that go one way, in the numbers of the first capture; see pair_compare.h. */
#include "analyzer/cli/pair_compare.h"

#include <stdlib.h>

static uint32_t span_of(const struct trail_packet *p)
{
	return p->icmp ? 0 : p->length + !!(p->flags & TRAIL_SYN) + !!(p->flags & TRAIL_FIN);
}

/* Whether a packet of this trail goes this way. An ICMP error about a packet goes back to who sent that. */
static bool goes(const struct trail_packet *p, enum way way)
{
	return (p->from == (way == TO_SERVER ? 0 : 1)) != (p->icmp != NULL);
}

bool compared_list(const struct trail *t, enum way way, const uint32_t delta[2], struct compared **out, uint32_t *count)
{
	uint32_t n = 0;

	*out = malloc((t && t->count ? t->count : 1) * sizeof(**out));
	if (!*out)
		return false;
	for (uint32_t i = 0; t && i < t->count; i++) {
		const struct trail_packet *p = &t->packets[i];

		if (!goes(p, way))
			continue;
		(*out)[n++] = (struct compared){.p = p,
						.seq = p->seq - delta[p->from],
						.ack = p->flags & TRAIL_ACK ? p->ack - delta[!p->from] : 0,
						.span = span_of(p),
						.twin = NO_TWIN};
	}
	*count = n;
	return true;
}
