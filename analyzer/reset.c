/* reset.c: see reset.h. */
#include "reset.h"

#define COPIES_NS 20000000 /* a packet's copy from another interface or mirror comes within this */

#define IP_IDS_COUNTED 3 /* so many small steps show that a host counts its packets */
#define IP_ID_JUMP 8192 /* a host that counts does not get so far … */
#define IP_ID_JUMP_NS 1000000000 /* … within this */

/* A SYN-ACK with a window of 0 is a SYN proxy's, which opens it when it has a server: the TTL of the packets is another
 * then. */
static bool stands_in(const struct packet *p)
{
	return (p->tcp.flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) && p->tcp.window == 0;
}

void reset_learn_ttl(struct attempt_side *s, const struct packet *p)
{
	if (stands_in(p))
		return;
	if (s->ttl_max == 0 || p->ttl < s->ttl_min)
		s->ttl_min = p->ttl;
	if (p->ttl > s->ttl_max)
		s->ttl_max = p->ttl;
}

void reset_learn(struct attempt_side *s, const struct packet *p)
{
	uint16_t step = (uint16_t)(p->ip_id - s->last_ip_id);

	reset_learn_ttl(s, p);
	if (!p->has_ip_id || p->ip_id == 0)
		return;
	if (s->last_ip_id != 0) {
		if (step > 0 && step < IP_ID_STEP)
			s->ip_ids = s->ip_ids < UINT8_MAX ? s->ip_ids + 1 : s->ip_ids;
		else if (step != 0)
			s->ip_ids = 0; /* random, or too busy a host to tell */
	}
	s->last_ip_id = p->ip_id;
}

/* A host that counts its packets one by one, moments ago and from a short distance, does not jump. Linux sends ID 0
 * with a reset that no socket sent (RFC 6864 allows it for atomic datagrams). */
static bool strange_ip_id(const struct attempt_side *s, const struct packet *p, const struct tlsdiag_moment *at)
{
	uint16_t step = (uint16_t)(p->ip_id - s->last_ip_id);

	return p->has_ip_id && p->ip_id != 0 && s->ip_ids >= IP_IDS_COUNTED &&
	       at->time_ns - s->last.time_ns < IP_ID_JUMP_NS && step > IP_ID_JUMP && step < UINT16_MAX - IP_ID_JUMP;
}

/* RFC 9293 section 3.10.7.1: so answers a host that knows of no connection any more. */
static void mind_obeyed(struct attempt *a, int from, const struct packet *p)
{
	for (int i = 0; i < a->reset_count; i++) {
		struct reset *r = &a->resets[i];

		if (r->from != from)
			r->obeyed = r->obeyed || !(p->tcp.flags & TCP_ACK);
	}
}

void reset_take(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at)
{
	struct attempt_side *s = &a->side[from], *peer = &a->side[!from];
	struct reset *r;
	struct event *e;

	mind_obeyed(a, from, p);
	if (a->reset_count == RESETS_MAX)
		return;
	r = &a->resets[a->reset_count];
	*r = (struct reset){.at = *at, .from = (uint8_t)from, .ttl = p->ttl, .acked = -1};
	r->seq = p->tcp.seq;
	r->peer_syns = peer->syns;
	r->has_ip_id = p->has_ip_id;
	r->ip_id = p->ip_id;
	r->has_ack = (p->tcp.flags & TCP_ACK) && p->tcp.ack != 0;
	r->ack_zero = (p->tcp.flags & TCP_ACK) && p->tcp.ack == 0;
	r->other_ttl = s->ttl_max != 0 && (p->ttl < s->ttl_min || p->ttl > s->ttl_max);
	r->other_ip_id = strange_ip_id(s, p, at);
	r->checksum = packet_tcp_checksum(p);
	if (s->stream.started) {
		r->offset = stream_offset(&s->stream, p->tcp.seq);
		r->sequence_ahead = r->offset > (int64_t)s->stream.end + 1;
		r->beyond = s->allowed && s->stream.end <= s->allowed && r->offset > (int64_t)s->allowed;
	}
	if (r->has_ack && peer->stream.started)
		r->acked = stream_offset(&peer->stream, p->tcp.ack);
	e = attempt_event(a, EVENT_RST, from, at);
	if (!e)
		return;
	e->value = a->reset_count++;
}

/* A packet with the bytes that end where a reset of the same end begins was sent before it, whatever the capture's
 * order. */
static void mind_overtaken(struct attempt *a, const struct reset *r, int64_t end, const struct tlsdiag_moment *at)
{
	if (r->other_ttl || r->other_ip_id || end != r->offset)
		return;
	for (size_t i = 0; i < a->event_count; i++)
		if (a->events[i].kind == EVENT_RST && &a->resets[a->events[i].value] == r)
			a->events[i].order = at->frame + 1;
}

/* It sends or acknowledges what no packet before it did. */
static bool says_news(const struct attempt *a, int from, const struct packet *p)
{
	const struct attempt_side *s = &a->side[from];
	int64_t end = s->stream.started ? stream_offset(&s->stream, p->tcp.seq) + p->payload_wire : 0;
	bool fin = p->tcp.flags & TCP_FIN && !s->stream.has_fin;

	return fin || end > (int64_t)s->stream.end ||
	       (p->tcp.flags & TCP_ACK && (int32_t)(p->tcp.ack - s->spoken_ack) > 0);
}

/* A packet that is no reset, from an end that seems to have sent one. A SYN begins anew, and its answer answers
 * that. */
void reset_mind(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at)
{
	struct attempt_side *s = &a->side[from];
	bool news = says_news(a, from, p);
	int64_t end = s->stream.started ? stream_offset(&s->stream, p->tcp.seq) + p->payload_wire : 0;

	for (int i = 0; i < a->reset_count; i++) {
		struct reset *r = &a->resets[i];

		if (r->from != from)
			r->outlived = true;
		else if ((p->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
			r->still_opening = a->side[!from].syns == 0;
		else if (p->tcp.flags &
			 TCP_SYN) /* behind a SYN-ACK, and captured before it, a reset has the next number */
			r->accepted = a->side[!from].syns == r->peer_syns && r->seq != p->tcp.seq + 1;
		else if ((news || at->time_ns - r->at.time_ns >= COPIES_NS) && r->later_packets++ == 0)
			r->later_ip_id = p->ip_id;
		if (r->from == from && end > (int64_t)s->stream.end)
			mind_overtaken(a, r, end, at);
	}
}

/* Nobody minds a reset beyond the window (RFC 9293 section 3.10.7.4), or with a wrong checksum, unless a sender's own
 * offload leaves all its packets so in the capture. One from an end that goes on opening ends an older connection,
 * which the other end still knew (RFC 9293 section 3.5.2). */
bool attempt_ignores(const struct attempt *a, const struct reset *reset)
{
	return (reset->checksum == CHECKSUM_BAD && a->side[reset->from].checksums_good) || reset->still_opening ||
	       (reset->beyond && !reset->obeyed);
}

bool attempt_was_reset(const struct attempt *a)
{
	for (int i = 0; i < a->reset_count; i++)
		if (!attempt_ignores(a, &a->resets[i]))
			return true;
	return false;
}
