/* reading_ask.c: what several rules ask of a reading; see reading.h. */
#include "reading.h"

enum tlsdiag_party reading_party(const struct reading *r, int side)
{
	return side == r->client ? TLSDIAG_BY_CLIENT : TLSDIAG_BY_SERVER;
}

bool reading_ended_by(const struct reading *r, enum event_kind kind, int side)
{
	return r->end && r->end->kind == kind && r->end->from == side;
}

const struct event *reading_alert(const struct reading *r)
{
	return r->end && r->end->kind == EVENT_ALERT ? r->end : NULL;
}

/* A client's own time limit runs from its first packet on, and most of it was spent waiting: "curl --connect-timeout
 * 1". */
static bool time_limit(const struct reading *r)
{
	int64_t whole = r->end ? r->end->at.time_ns - r->a->first.time_ns : 0;

	return r->end && r->end->from == r->client && whole >= r->patience_ns - r->patience_ns / 20 &&
	       r->waited_ns >= whole / 2;
}

bool reading_late(const struct reading *r)
{
	return r->waited_ns >= r->patience_ns || time_limit(r);
}

bool reading_hello_seen(const struct reading *r)
{
	return r->a->hello_end[r->client] != 0;
}

/* The last event of one of two kinds before the end is of the first kind. */
static bool open_before_end(const struct reading *r, enum event_kind opens, enum event_kind closes)
{
	bool open = false;

	for (const struct event *e = r->a->events; e < reading_end(r); e++)
		open = e->kind == opens || (open && e->kind != closes);
	return open;
}

/* A HelloRetryRequest came, and the client has not sent its second ClientHello. */
static bool retry_open(const struct reading *r)
{
	bool open = false;

	for (const struct event *e = r->a->events; e < reading_end(r); e++)
		open = e->kind == EVENT_RETRY ||
		       (open && !(e->kind == EVENT_HANDSHAKE && e->value == HS_CLIENT_HELLO && e->from == r->client));
	return open;
}

bool reading_flight_hidden(const struct reading *r)
{
	const struct attempt_side *s = &r->a->side[r->server];

	return r->stage == TLSDIAG_SERVER_FLIGHT && r->before.server_joins && !r->before.decrypted &&
	       !record_unfinished(&s->record) && s->stream.acked >= s->stream.end;
}

/* The end whose turn it is at this stage. Asked for TLS in clear, the server owes the answer. */
int reading_awaited(const struct reading *r)
{
	bool asked = open_before_end(r, EVENT_ASKED, EVENT_GRANTED) && !r->hello_sent;

	switch (r->stage) {
	case TLSDIAG_CLIENT_HELLO:
		return asked ? r->server : r->client;
	case TLSDIAG_SERVER_HELLO:
		return retry_open(r) ? r->client : r->server;
	case TLSDIAG_CLIENT_FLIGHT:
		return r->client;
	default:
		return r->server;
	}
}

/* An end whose peer advertises a window of 0 may not speak (RFC 9293 section 3.8.6.1). */
enum tlsdiag_party reading_whose_silence(const struct reading *r)
{
	int side = reading_awaited(r);

	if (reading_flight_hidden(r))
		return TLSDIAG_BY_UNKNOWN;
	return reading_party(r, r->a->side[!side].window_closed ? !side : side);
}

uint64_t reading_never_came(const struct reading *r, int side)
{
	const struct attempt_side *a = &r->a->side[side];
	const struct stream *s = &a->stream;
	uint64_t sent = s->has_fin ? s->fin : a->next_sent > s->end ? a->next_sent : s->end;

	return sent > s->next && s->acked <= s->next ? sent : 0;
}

/* Whoever has reset a connection sends nothing for it any more. A single packet may have been overtaken by the reset,
 * where its IP ID does not speak against that. */
static bool spoke_on(const struct reset *reset)
{
	bool overtaken =
		!reset->has_ip_id || reset->ip_id == 0 || (uint16_t)(reset->ip_id - reset->later_ip_id) <= IP_ID_STEP;

	return reset->later_packets > 1 || (reset->later_packets == 1 && !overtaken);
}

/* Whether a reset cannot be its claimed sender's. */
bool reading_forged(const struct reading *r, const struct reset *reset)
{
	const struct attempt_side *s = &r->a->side[reset->from];
	bool went_on = s->last_data.frame > reset->at.frame && (int64_t)s->stream.end > reset->offset;

	/* RFC 9293 section 3.10.7.1: a SYN-ACK for a SYN that a raw socket sent is reset by its host's own TCP, which
	 * knows nothing of it and has a TTL of its own. An acknowledgment shows that there was a connection. */
	if (r->stage == TLSDIAG_TCP && reset->from == r->client && s->stream.end == 0 && reset->offset == 0 &&
	    !reset->has_ack && !reset->ack_zero)
		return spoke_on(reset);
	for (int i = 0; i < r->a->reset_count; i++) {
		const struct reset *other = &r->a->resets[i];

		/* Several resets racing ahead of the stream, each with a number of its own: nobody's socket does
		 * that. */
		if (other != reset && other->from == reset->from && other->offset != reset->offset &&
		    other->sequence_ahead)
			return true;
	}
	return reset->accepted || reset->other_ttl || reset->other_ip_id || reset->ack_zero || went_on ||
	       spoke_on(reset);
}
