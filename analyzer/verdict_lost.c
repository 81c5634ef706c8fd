/* verdict_lost.c: the rules for what was sent and never arrived: an ICMP error says so, or TCP repeats it in vain; see
 * verdict_rules.h. */
#include "verdict_rules.h"

#define ETHERNET_MSS 1460 /* 1500 bytes less 20 of IPv4 and 20 of TCP */
#define TIMESTAMPS 12 /* bytes of every segment, with two NOPs (RFC 7323 appendix A) */
#define SMALL 500 /* bytes that every path carries: hosts take packets of 576 (RFC 9293 section 3.7.1) */

/* ---- The network says it ---- */

static bool unreachable(const struct reading *r, struct conclusion *c, const struct event *e)
{
	bool other_end = e->length == 1;

	return conclude_failed(c, TLSDIAG_UNREACHABLE, other_end ? reading_party(r, !e->from) : TLSDIAG_BY_NETWORK,
			       icmp_reason_name((enum icmp_reason)e->value));
}

bool rule_unreachable(const struct reading *r, struct conclusion *c)
{
	return r->end && r->end->kind == EVENT_ICMP && unreachable(r, c, r->end);
}

/* ---- TCP repeats it ---- */

/* The first segment that was repeated and not acknowledged. One before it that was sent only once was acknowledged,
 * whether that was captured or not: TCP repeats from the first byte missing. */
static const struct sent_segment *first_unacked(const struct attempt_side *s)
{
	const struct sent_segment *first = NULL;

	for (size_t i = 0; i < s->sent_count; i++) {
		const struct sent_segment *g = &s->sent[i];

		if (g->times > 1 && g->offset + g->length > s->stream.acked && (!first || g->offset < first->offset))
			first = g;
	}
	return first;
}

/* What one segment of this direction holds at most, by what the ends announced (RFC 9293 section 3.7.1). */
static uint32_t full_size(const struct reading *r, int side)
{
	const struct attempt_side *s = &r->a->side[side], *peer = &r->a->side[!side];
	uint32_t full = peer->mss ? peer->mss : ETHERNET_MSS;

	if (full > ETHERNET_MSS)
		full = ETHERNET_MSS; /* a path of Ethernets carries no more, whatever the ends announce */
	return full - (peer->has_timestamps && s->has_timestamps ? TIMESTAMPS : 0);
}

/* Short segments passed, none as large as the missing one did. Bare acknowledgments are short segments that passed,
 * too, where the missing one is full-size and no short one is missing. */
static bool size_decides(const struct reading *r, int side, uint32_t missing)
{
	const struct attempt_side *s = &r->a->side[side];
	bool shorter = r->a->side[!side].duplicate_acks > 0, short_lost = false;

	if (r->a->icmp_too_big)
		return true;
	if (missing < SMALL || s->passed_max >= missing)
		return false;
	shorter = shorter || s->passed_max > 0;
	for (size_t i = 0; i < s->sent_count; i++) {
		const struct sent_segment *g = &s->sent[i];
		bool passed = g->sacked || g->offset + g->length <= s->stream.acked;

		if (passed && g->length >= missing)
			return false;
		shorter = shorter || passed;
		short_lost = short_lost || (!passed && g->length < missing / 2);
	}
	return shorter || (missing + TIMESTAMPS >= full_size(r, side) && !short_lost);
}

/* An error about packets of this side behind which the other side said nothing more, or never took in what it is about:
 * a mere hint while the connection stands (RFC 1122 section 4.2.3.9), but the reason where what was sent never
 * arrived. */
static const struct event *unanswered_error(const struct reading *r, int side)
{
	for (const struct event *e = r->a->events; e < r->a->events + r->a->event_count; e++)
		if (e->kind == EVENT_ICMP && e->from == side && e->value != ICMP_TOO_BIG &&
		    (r->a->side[!side].last.frame < e->at.frame || e->acked >= (int64_t)r->a->side[side].stream.acked))
			return e;
	return NULL;
}

bool verdict_lost(const struct reading *r, struct conclusion *c, int side)
{
	const struct attempt_side *s = &r->a->side[side];
	const struct sent_segment *g = first_unacked(s);
	const struct event *error = unanswered_error(r, side);
	/* The server's last word may have been lost itself, and the client waits on. */
	bool arrived = r->end && (r->end->from == r->client || side == r->client || r->end->end <= s->stream.acked);
	uint64_t until = arrived ? r->end->at.frame : UINT64_MAX;

	if (s->stream.end <= s->stream.acked || s->repeats == 0 || s->first_repeat.frame > until || !g)
		return false;
	if (milestones_met_nobody(r->a, &r->all, g, side))
		return false;
	if (!arrived && !(r->end ? r->now_ns - s->first_repeat.time_ns >= r->patience_ns : reading_late(r)))
		return false;
	if (error)
		return unreachable(r, c, error);
	if (size_decides(r, side, g->length))
		return conclude_failed(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK, "mtu");
	return conclude_failed(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK,
			       g->offset > 0 && r->stage == TLSDIAG_CLIENT_HELLO ? "partial" : "");
}

bool rule_client_lost(const struct reading *r, struct conclusion *c)
{
	return r->stage == TLSDIAG_CLIENT_HELLO && verdict_lost(r, c, r->client);
}

/* Later segments arrived without the earlier ones: whether only short ones did. */
static const char *without_head(const struct reading *r, int side)
{
	const struct attempt_side *s = &r->a->side[side];
	uint32_t largest = 0;

	for (size_t i = 0; i < s->sent_count; i++)
		if (s->sent[i].length > largest)
			largest = s->sent[i].length;
	return r->a->icmp_too_big || largest + TIMESTAMPS < full_size(r, side) ? "mtu" : "";
}

/* At the server's end the flight is seen sent and not acknowledged; at the client's end later segments arrive without
 * the earlier ones. */
bool rule_server_lost(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *s = &r->a->side[r->server];

	if (r->stage < TLSDIAG_SERVER_HELLO || reading_ended_by(r, EVENT_RST, r->server))
		return false;
	if (verdict_lost(r, c, r->server))
		return true;
	if (!s->stream.held || s->stream.acked > s->stream.next)
		return false;
	if (!reading_late(r) && !r->end)
		return false;
	return conclude_failed(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK, without_head(r, r->server));
}

/* At the server's end: the client's later segments, or its sequence numbers, say that it sent a ClientHello of which
 * all or the beginning never came. The server acknowledges none of that, so it is not only the capture that lacks it;
 * where all that tells is the client's FIN, an answer to it has to show that. */
bool rule_hello_never_arrived(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *client = &r->a->side[r->client], *server = &r->a->side[r->server];
	const struct stream *s = &client->stream;

	if (r->stage != TLSDIAG_CLIENT_HELLO || reading_hello_seen(r) || !r->a->began || r->a->torn || !reading_late(r))
		return false;
	if (reading_never_came(r, r->client) == 0)
		return false;
	if (reading_ended_by(r, EVENT_FIN, r->client) && server->last.frame < r->end->at.frame)
		return false;
	if (s->held)
		return conclude_failed(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK, without_head(r, r->client));
	if (client->repeats > 0) /* seen at the client's end: some of it is missing from the capture alone */
		return false;
	c->certainty = TLSDIAG_INFERRED;
	return conclude_failed(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK,
			       r->a->icmp_too_big ? "mtu"
			       : s->next > 0      ? "partial"
						  : "");
}

/* At the client's end: the server's own sequence numbers say that it sent more than a FIN which never came, and the
 * client, which had time, acknowledges none of it. So it is not only the capture that lacks it. */
bool rule_never_arrived(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *s = &r->a->side[r->server];

	if (r->stage < TLSDIAG_SERVER_HELLO || s->next_sent <= stream_sent(&s->stream) + 1 ||
	    s->stream.acked > stream_sent(&s->stream) || !reading_late(r))
		return false;
	c->certainty = TLSDIAG_INFERRED;
	return conclude_failed(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK, r->a->icmp_too_big ? "mtu" : "");
}

/* Behind the first ClientHello: a second one, early data, its flight. */
bool rule_client_flight_lost(const struct reading *r, struct conclusion *c)
{
	return r->stage >= TLSDIAG_SERVER_HELLO && verdict_lost(r, c, r->client);
}
