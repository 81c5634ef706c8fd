/* own_flows.c: see own_flows.h. */
#include "analyzer/cli/own_flows.h"

#include "analyzer/cli/endpoint.h"

#include <stdlib.h>
#include <string.h>

enum { FIN = 0x01, SYN = 0x02, ACK = 0x10 };

#define SLOTS (2 * OWN_FLOWS_MAX) /* a power of two; open addressing, nothing is ever removed */
#define QUIET_ROUND_TRIPS 4
#define QUIET_MIN_NS 20000000
#define QUIET_MAX_NS 1000000000
#define QUIET_UNANSWERED_NS 250000000 /* an answer later than this would have been late for the client, too */

struct own_flows {
	enum own_choice choice;
	struct tlsdiag_endpoint destinations[OWN_DESTINATIONS_MAX];
	size_t destination_count, flow_count;
	uint64_t left_out;
	int64_t over_ns;
	struct own_flow slots[SLOTS];
};

struct own_flows *own_flows_new(enum own_choice choice)
{
	struct own_flows *o = calloc(1, sizeof(*o));

	if (o)
		o->choice = choice;
	return o;
}

void own_flows_free(struct own_flows *o)
{
	free(o);
}

static bool is_destination(const struct own_flows *o, const struct tlsdiag_endpoint *e)
{
	for (size_t i = 0; i < o->destination_count; i++)
		if (endpoint_same(&o->destinations[i], e))
			return true;
	return false;
}

/* Without room for one more there is no telling any longer. */
void own_flows_connecting(struct own_flows *o, const struct tlsdiag_endpoint *to)
{
	if (is_destination(o, to))
		return;
	if (o->destination_count < OWN_DESTINATIONS_MAX)
		o->destinations[o->destination_count++] = *to;
	else
		own_flows_cannot_tell(o);
}

void own_flows_cannot_tell(struct own_flows *o)
{
	if (o->choice == OWN_BY_DESTINATION)
		o->choice = OWN_BY_TIME;
}

enum own_choice own_flows_choice(const struct own_flows *o)
{
	return o->choice;
}

/* The same for both directions. */
static size_t hash(const struct tlsdiag_endpoint *a, const struct tlsdiag_endpoint *b)
{
	uint64_t sum = 0;

	for (int i = 0; i < 2; i++) {
		const struct tlsdiag_endpoint *e = i ? b : a;
		uint64_t h = e->port + UINT64_C(0x9e3779b97f4a7c15);

		for (size_t k = 0; k < sizeof(e->address); k++)
			h = (h ^ e->address[k]) * UINT64_C(1099511628211);
		sum += h ^ h >> 29;
	}
	return (size_t)(sum ^ sum >> 32) & (SLOTS - 1);
}

/* The connection between two ends, or the free slot where it would be; *from is the side that `src` is. */
static struct own_flow *find(struct own_flows *o, const struct tlsdiag_endpoint *src,
			     const struct tlsdiag_endpoint *dst, int *from)
{
	for (size_t i = hash(src, dst);; i = (i + 1) & (SLOTS - 1)) {
		struct own_flow *f = &o->slots[i];

		*from = f->known && endpoint_same(&f->end[1], src) && endpoint_same(&f->end[0], dst);
		if (!f->known || *from || (endpoint_same(&f->end[0], src) && endpoint_same(&f->end[1], dst)))
			return f;
	}
}

/* A connection begins, or begins anew on the same ports. */
static void begin(struct own_flows *o, struct own_flow *f, const struct tlsdiag_headers *h, int64_t time_ns)
{
	if (!f->known)
		o->flow_count++;
	*f = (struct own_flow){.end = {h->src, h->dst}, .known = true, .syn_ns = time_ns};
}

static void expect_more(struct own_flows *o, const struct own_flow *f, int64_t time_ns)
{
	int64_t quiet = f->round_trip_ns ? f->round_trip_ns * QUIET_ROUND_TRIPS : QUIET_UNANSWERED_NS;

	if (quiet < QUIET_MIN_NS)
		quiet = QUIET_MIN_NS;
	if (quiet > QUIET_MAX_NS)
		quiet = QUIET_MAX_NS;
	if (time_ns + quiet > o->over_ns)
		o->over_ns = time_ns + quiet;
}

static bool take_tcp(struct own_flows *o, const struct tlsdiag_headers *h, int64_t time_ns, struct own_flow **flow,
		     int *from)
{
	struct own_flow *f = find(o, &h->src, &h->dst, from);
	bool opens = (h->tcp_flags & (SYN | ACK)) == SYN;

	if (!f->known && (!opens || (o->choice == OWN_BY_DESTINATION && !is_destination(o, &h->dst))))
		return o->choice == OWN_BY_FILTER;
	if (!f->known && o->flow_count == OWN_FLOWS_MAX) {
		o->left_out++;
		return o->choice == OWN_BY_FILTER;
	}
	if (!f->known || (opens && *from == 0 && f->round_trip_ns))
		begin(o, f, h, time_ns);
	else if (*from == 1 && !f->round_trip_ns)
		f->round_trip_ns = time_ns > f->syn_ns ? time_ns - f->syn_ns : 1;
	expect_more(o, f, time_ns);
	*flow = f;
	return true;
}

/* A fragment shows no ports: it is ours when a connection of ours is between these hosts. */
static bool take_fragment(const struct own_flows *o, const struct tlsdiag_headers *h)
{
	for (size_t i = 0; i < SLOTS; i++) {
		const struct own_flow *f = &o->slots[i];

		for (int side = 0; f->known && side < 2; side++)
			if (memcmp(f->end[side].address, h->src.address, sizeof(h->src.address)) == 0 &&
			    memcmp(f->end[!side].address, h->dst.address, sizeof(h->dst.address)) == 0)
				return true;
	}
	return false;
}

bool own_flows_take(struct own_flows *o, const struct tlsdiag_headers *h, int64_t time_ns, struct own_flow **flow,
		    int *from)
{
	struct own_flow *f;

	*flow = NULL;
	*from = 0;
	switch (h->kind) {
	case TLSDIAG_PACKET_TCP:
		return take_tcp(o, h, time_ns, flow, from);
	case TLSDIAG_PACKET_ICMP_ERROR:
		f = h->quotes_tcp ? find(o, &h->quoted_src, &h->quoted_dst, from) : NULL;
		*from = 0;
		if (!f || !f->known)
			return o->choice == OWN_BY_FILTER;
		expect_more(o, f, time_ns);
		return true;
	case TLSDIAG_PACKET_FRAGMENT:
		return o->choice == OWN_BY_FILTER || take_fragment(o, h);
	default:
		return o->choice == OWN_BY_FILTER;
	}
}

bool own_flow_repeats(struct own_flow *flow, int from, const struct tlsdiag_headers *h)
{
	uint32_t length = h->payload_length + ((h->tcp_flags & SYN) != 0) + ((h->tcp_flags & FIN) != 0);
	uint32_t end = h->seq + length;

	if (h->kind != TLSDIAG_PACKET_TCP || !length)
		return false;
	if (flow->sent[from] && (int32_t)(end - flow->next[from]) <= 0)
		return true;
	flow->sent[from] = true;
	flow->next[from] = end;
	return false;
}

int64_t own_flows_over_ns(const struct own_flows *o)
{
	return o->over_ns;
}

size_t own_flows_destinations(const struct own_flows *o, const struct tlsdiag_endpoint **list)
{
	*list = o->destinations;
	return o->destination_count;
}

uint64_t own_flows_left_out(const struct own_flows *o)
{
	return o->left_out;
}
