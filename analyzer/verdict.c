/* verdict.c: the order of the rules, and those that are neither about what was said in clear (verdict_clear.c) nor
 * about what did not arrive (verdict_lost.c); see verdict.h. */
#include "verdict.h"

#include "iana.h"
#include "verdict_rules.h"

/* ---- TLS itself says it ---- */

/* An alert that says what happened though not all before it is known. A client's at the very beginning may answer
 * anything. */
static bool telling_alert(const struct reading *r)
{
	enum tlsdiag_stage known = r->a->torn ? TLSDIAG_SERVER_HELLO : TLSDIAG_CLIENT_HELLO;
	const struct event *alert = reading_alert(r);

	return alert && (alert->from == r->server || r->stage > known);
}

/* It may have been a HelloRetryRequest (RFC 8446 section 4.1.3 tells them apart by the random). */
static bool hello_cut(const struct reading *r)
{
	return r->a->cut_short && r->a->server_hello && !r->a->server_hello->complete;
}

static bool rule_alert(const struct reading *r, struct conclusion *c)
{
	bool doubtful = r->one_sided[0] || r->one_sided[1] || r->a->torn || r->a->unreadable || hello_cut(r);
	bool hidden =
		r->end && (r->end->kind == EVENT_ENCRYPTED_ALERT || (r->end->kind == EVENT_DATA && r->before.tls13));
	const struct event *alert = reading_alert(r);
	iana_buffer buffer;

	if (alert)
		conclude_failed(c, TLSDIAG_ALERT, reading_party(r, alert->from),
				iana_alert_name(alert_description(alert), buffer));
	else if (hidden)
		conclude_failed(c, TLSDIAG_ALERT, reading_party(r, r->end->from), "encrypted");
	else
		return false;
	c->certainty = hidden || doubtful ? TLSDIAG_INFERRED : TLSDIAG_SEEN;
	return true;
}

/* ---- Established ---- */

/* An encrypted alert of the client's before the server's Finished (see reading.c): one that waited for what it
 * acknowledges came behind it, whatever the capture's order. In a resumption the client has had that Finished before it
 * sends its own. */
static bool alert_before_finished(const struct reading *r)
{
	return r->end->kind == EVENT_ENCRYPTED_ALERT && !r->all.resumed &&
	       r->end->order < r->all.reached[TLSDIAG_FINISHED].at.frame;
}

/* Before the end the client had taken its leave, by a FIN or by what is, or by its length may be, a close_notify: to a
 * server that then leaves as well it may have had nothing to ask (syslog, metrics). Tickets that cross such a leave
 * make it no less one. */
static bool client_left_first(const struct reading *r)
{
	bool left = false;

	for (const struct event *e = r->a->events; e < reading_end(r); e++) {
		if (e->from != r->client)
			continue;
		if (e->kind == EVENT_FIN)
			return true;
		left = e->kind == EVENT_ALERT || e->kind == EVENT_ENCRYPTED_ALERT ||
		       (e->kind == EVENT_DATA && r->all.tls13 && !r->all.decrypted &&
			milestones_alert_length(r->a, &r->all, e));
	}
	return left;
}

/* Handshake done: only an unanswered request can still have failed. */
static bool rule_application(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *server = &r->a->side[r->server], *client = &r->a->side[r->client];
	bool open = r->all.request_open;

	if (!r->all.reached[TLSDIAG_FINISHED].reached || r->all.reached[TLSDIAG_APPLICATION].reached || r->missing ||
	    r->a->torn)
		return false;
	if (r->end && (r->end->kind == EVENT_ALERT ? alert_level(r->end) == ALERT_FATAL : alert_before_finished(r)))
		return rule_alert(r, c);
	if (!open)
		return false;
	if (verdict_lost(r, c, r->server))
		return true;
	if (reading_late(r) && verdict_lost(r, c, r->client)) /* before that the next repeat may still arrive */
		return true;
	if (client->stream.acked < client->stream.end && rule_unreachable(r, c))
		return true;
	/* A client that goes on after a while without an answer awaits none (syslog, metrics). */
	if (!r->end || r->all.request_pause_ns >= r->patience_ns)
		return false;
	if (r->end->kind == EVENT_RST && reading_forged(r, &r->a->resets[r->end->value]))
		return conclude_failed(c, TLSDIAG_RESET, TLSDIAG_BY_NETWORK, "injected");
	if (r->end->from == r->server && client_left_first(r))
		return false;
	if (reading_ended_by(r, EVENT_RST, r->server))
		return conclude_failed(c, TLSDIAG_RESET, TLSDIAG_BY_SERVER, "");
	if (reading_ended_by(r, EVENT_FIN, r->server))
		return conclude_failed(c, TLSDIAG_CLOSED, TLSDIAG_BY_SERVER, "");
	/* A client that takes its leave in order may have asked for nothing (syslog, metrics). */
	if ((reading_ended_by(r, EVENT_FIN, r->client) || reading_ended_by(r, EVENT_RST, r->client)) &&
	    reading_late(r) && !record_unfinished(&server->record)) /* no answer has begun */
		return conclude_failed(c, TLSDIAG_TIMEOUT, reading_whose_silence(r), "");
	return false;
}

static bool rule_established(const struct reading *r, struct conclusion *c)
{
	const struct tlsdiag_milestone *finished = &r->all.reached[TLSDIAG_FINISHED];

	return finished->reached && conclude_established(c, finished->inferred);
}

/* A resumption that the client aborts behind its own Finished: it had read the server's. The reset of a host that knows
 * of no connection any more acknowledges nothing. */
static bool aborts_resumed(const struct reading *r)
{
	const struct reset *reset;

	if (!r->end || r->end->kind != EVENT_RST || r->end->from != r->client)
		return false;
	reset = &r->a->resets[r->end->value];
	return r->before.resumed && reset->has_ack && !reading_forged(r, reset);
}

/* Where nothing more is due from the server (TLS 1.3, or a resumption), a client that closes in order behind its
 * Finished, or holds the connection without asking anything, has what it wanted. */
static bool rule_left_in_order(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *client = &r->a->side[r->client];
	bool leaves = r->end && r->end->from == r->client && r->end->kind != EVENT_RST && r->end->kind != EVENT_ICMP &&
		      !(r->end->kind == EVENT_ALERT && alert_level(r->end) == ALERT_FATAL);
	bool aborts = aborts_resumed(r);
	bool rests = !r->end && reading_late(r);

	if (r->stage != TLSDIAG_FINISHED || !(r->before.tls13 || r->before.resumed))
		return false;
	if (client->stream.acked < client->stream.end) /* the server never took it, as far as the capture goes */
		return leaves && !reading_late(r) && r->a->side[r->server].last.frame < r->end->at.frame &&
		       r->now_ns - r->end->at.time_ns < r->patience_ns && conclude_incomplete(c, BECAUSE_ENDS_EARLY);
	if (rests && verdict_lost(r, c, r->server)) /* the tickets, the proof that the server accepted it */
		return true;
	if ((leaves || rests) && !r->before.request_open)
		return conclude_established(c, true);
	return (leaves || aborts) && !reading_late(r) && conclude_established(c, true);
}

/* ---- Not enough to say ---- */

static bool event_seen(const struct attempt *a, enum event_kind kind)
{
	for (size_t i = 0; i < a->event_count; i++)
		if (a->events[i].kind == kind)
			return true;
	return false;
}

static bool rule_joined_late(const struct reading *r, struct conclusion *c)
{
	bool left = reading_ended_by(r, EVENT_FIN, r->client) || reading_ended_by(r, EVENT_RST, r->client);
	bool flight = r->a->server_hello && !(left && r->stage < TLSDIAG_CLIENT_FLIGHT);
	bool known = r->stage > TLSDIAG_CLIENT_HELLO &&
		     (reading_hello_seen(r) || flight || event_seen(r->a, EVENT_UNFINISHED));

	if (r->a->began || known)
		return false;
	return conclude_incomplete(c, BECAUSE_JOINED_LATE);
}

static bool rule_one_sided(const struct reading *r, struct conclusion *c)
{
	/* Where the client's flight is due and not in the capture, a server's alert may answer its FIN as well. */
	bool answer = r->end && r->end->from == r->server && r->stage == TLSDIAG_CLIENT_FLIGHT;

	if (!(r->one_sided[0] || r->one_sided[1]))
		return false;
	if (telling_alert(r) && !answer && !r->missing && r->stage > TLSDIAG_CLIENT_HELLO)
		return false;
	return conclude_incomplete(c, BECAUSE_ONE_SIDED);
}

/* Bytes were sent, but the capture holds none of them. */
static bool rule_no_content(const struct reading *r, struct conclusion *c)
{
	const struct attempt *a = r->a;

	if (!(a->cut_short || a->torn || a->unreadable) || reading_hello_seen(r) || a->preamble || a->server_hello ||
	    event_seen(a, EVENT_UNFINISHED))
		return false;
	return a->side[r->client].stream.end > 0 && conclude_incomplete(c, BECAUSE_NO_CONTENT);
}

/* What ended it may be an answer to something that the capture does not have. */
static bool rule_missing(const struct reading *r, struct conclusion *c)
{
	bool alien = r->end && r->end->kind == EVENT_RST && reading_forged(r, &r->a->resets[r->end->value]);

	return r->missing && !alien && r->stage > TLSDIAG_TCP && conclude_incomplete(c, BECAUSE_MISSING);
}

static bool rule_torn(const struct reading *r, struct conclusion *c)
{
	if (telling_alert(r) || r->stage == TLSDIAG_TCP)
		return false;
	if (r->a->torn)
		return conclude_incomplete(c, BECAUSE_MISSING);
	return (r->a->unreadable || hello_cut(r)) && conclude_incomplete(c, BECAUSE_HANDSHAKE_CUT);
}

/* An end that takes its leave behind a long silence of the other does not say what went wrong: the silence did. What is
 * encrypted is a leave only where it is the client's: a server would rather tell that it is not content. */
static bool rule_gave_up(const struct reading *r, struct conclusion *c)
{
	const struct event *e = r->end;
	bool clear = e && e->kind == EVENT_ALERT && alert_level(e) == ALERT_WARNING;
	bool hidden = e && e->from == r->client &&
		      (e->kind == EVENT_ENCRYPTED_ALERT || (e->kind == EVENT_DATA && r->before.tls13));

	return (clear || hidden) && reading_awaited(r) != e->from && reading_late(r) &&
	       conclude_failed(c, TLSDIAG_TIMEOUT, reading_whose_silence(r), "");
}

/* ---- Bytes that break the protocol ---- */

static bool rule_wrong_bytes(const struct reading *r, struct conclusion *c)
{
	static const char *const faults[] = {[FAULT_RECORD_OVERSIZE] = "record-oversize",
					     [FAULT_RECORD_UNKNOWN] = "record-unknown",
					     [FAULT_SSLV2] = "sslv2",
					     [FAULT_HELLO] = "hello-truncated"};
	enum tlsdiag_party by;

	if (!r->end)
		return false;
	by = reading_party(r, r->end->from);
	switch (r->end->kind) {
	case EVENT_NOT_TLS:
		return conclude_failed(c, TLSDIAG_CAUSE_NOT_TLS, by, r->a->wrong_protocol);
	case EVENT_FAULT:
		return conclude_failed(c, TLSDIAG_MALFORMED, by, faults[r->end->value]);
	case EVENT_DATA:
		return conclude_failed(c, TLSDIAG_MALFORMED, by, "application-data-first");
	case EVENT_EMPTY:
		return conclude_failed(c, TLSDIAG_MALFORMED, by, "empty-records");
	case EVENT_CHANGE_CIPHER_SPEC:
		return conclude_failed(c, TLSDIAG_MALFORMED, by, r->end->count > 1 ? "ccs-flood" : "ccs-first");
	default:
		return false;
	}
}

/* A ServerHello that begins and is cut off by the server's own FIN. */
static bool rule_truncated(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *s = &r->a->side[r->server];

	if (!reading_ended_by(r, EVENT_FIN, r->server) || r->stage != TLSDIAG_SERVER_HELLO || s->mode != SIDE_TLS)
		return false;
	if (!record_unfinished(&s->record) && s->message.header_length == 0)
		return false;
	return conclude_failed(c, TLSDIAG_MALFORMED, TLSDIAG_BY_SERVER, "hello-truncated");
}

/* ---- TCP says it ---- */

static bool rule_tcp_refused(const struct reading *r, struct conclusion *c)
{
	if (r->stage != TLSDIAG_TCP || !reading_ended_by(r, EVENT_RST, r->server) || event_seen(r->a, EVENT_SYN_ACK))
		return false;
	return conclude_failed(c, TLSDIAG_REFUSED, TLSDIAG_BY_SERVER, "");
}

/* A server that has repeated itself in vain for a while resets because of that. */
static bool tired(const struct reading *r)
{
	const struct attempt_side *s = &r->a->side[r->server];

	return r->stage >= TLSDIAG_SERVER_HELLO && s->repeats > 1 && s->stream.acked < s->stream.end &&
	       r->end->at.time_ns - s->first_repeat.time_ns >= r->patience_ns;
}

/* The server has waited for the client in vain, and has not merely left unread what the client sent. */
static bool rule_client_silent(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *client = &r->a->side[r->client];

	return r->stage > TLSDIAG_TCP && reading_awaited(r) == r->client && reading_late(r) &&
	       client->stream.end <= client->stream.acked && conclude_failed(c, TLSDIAG_TIMEOUT, TLSDIAG_BY_CLIENT, "");
}

static bool rule_reset(const struct reading *r, struct conclusion *c)
{
	const struct reset *reset;

	if (!r->end || r->end->kind != EVENT_RST)
		return false;
	reset = &r->a->resets[r->end->value];
	if (reading_forged(r, reset))
		return conclude_failed(c, TLSDIAG_RESET, TLSDIAG_BY_NETWORK, "injected");
	if (reset->from == r->server)
		return (tired(r) && verdict_lost(r, c, r->server)) || rule_client_silent(r, c) ||
		       conclude_failed(c, TLSDIAG_RESET, TLSDIAG_BY_SERVER, "");
	if (r->stage == TLSDIAG_TCP || r->stage == TLSDIAG_CLIENT_FLIGHT)
		return conclude_failed(c, TLSDIAG_RESET, TLSDIAG_BY_CLIENT, "");
	return false; /* the client gave up: see rule_client_left */
}

/* ---- Who left ---- */

static bool rule_server_left(const struct reading *r, struct conclusion *c)
{
	if (!reading_ended_by(r, EVENT_FIN, r->server))
		return false;
	if (reading_awaited(r) == r->client && reading_late(r))
		return conclude_failed(c, TLSDIAG_TIMEOUT, TLSDIAG_BY_CLIENT, "");
	if (reading_flight_hidden(r) && reading_late(r))
		return conclude_failed(c, TLSDIAG_TIMEOUT, TLSDIAG_BY_UNKNOWN, "");
	return conclude_failed(c, TLSDIAG_CLOSED, TLSDIAG_BY_SERVER, "");
}

/* The packet that ended it acknowledges what the other end had said by then. */
static bool received(const struct reading *r)
{
	for (const struct event *e = r->a->events; e < r->end; e++)
		if (e->from != r->end->from && e->kind != EVENT_FIN && r->end->acked >= 0 &&
		    r->end->acked < (int64_t)e->end)
			return false;
	return true;
}

static bool rule_client_left(const struct reading *r, struct conclusion *c)
{
	if (!reading_ended_by(r, EVENT_FIN, r->client) && !reading_ended_by(r, EVENT_RST, r->client))
		return false;
	if (r->stage == TLSDIAG_CLIENT_FLIGHT && !received(r))
		return conclude_incomplete(c, BECAUSE_FLIGHT_UNKNOWN);
	if (r->stage == TLSDIAG_CLIENT_FLIGHT)
		return conclude_failed(c, TLSDIAG_CLOSED, TLSDIAG_BY_CLIENT, "");
	if (r->stage == TLSDIAG_CLIENT_HELLO && r->hello_sent)
		return conclude_incomplete(c, BECAUSE_HELLO_UNKNOWN);
	if (reading_awaited(r) == r->server && reading_late(r))
		return conclude_failed(c, TLSDIAG_TIMEOUT, reading_whose_silence(r), "");
	if (reading_late(r)) /* nothing was due but its own ClientHello, and that had time */
		return conclude_failed(c, r->end->kind == EVENT_RST ? TLSDIAG_RESET : TLSDIAG_CLOSED, TLSDIAG_BY_CLIENT,
				       "");
	/* RFC 9293 section 3.10.7.1: so answers an end that knows of no connection. An application's abort
	 * acknowledges. */
	if (r->stage > TLSDIAG_CLIENT_HELLO && r->end->kind == EVENT_RST && !r->a->resets[r->end->value].has_ack)
		return conclude_incomplete(c, BECAUSE_CLIENT_GONE);
	return conclude_failed(c, TLSDIAG_ABANDONED, TLSDIAG_BY_CLIENT, "");
}

/* ---- Silence ---- */

static bool rule_half_open(const struct reading *r, struct conclusion *c)
{
	if (r->stage != TLSDIAG_TCP || r->end || r->a->side[r->server].syns == 0 || !reading_late(r))
		return false;
	return conclude_failed(c, TLSDIAG_HALF_OPEN, TLSDIAG_BY_UNKNOWN, "");
}

static bool rule_silence(const struct reading *r, struct conclusion *c)
{
	if (r->end || !reading_late(r))
		return false;
	if (r->stage == TLSDIAG_TCP)
		return conclude_failed(c, TLSDIAG_TIMEOUT, TLSDIAG_BY_UNKNOWN, "");
	for (int i = 0; i < 2; i++) {
		const struct attempt_side *s = &r->a->side[i];

		/* TCP would have repeated it, and a living peer acknowledged it: the capture is not telling all. */
		if (s->stream.end > s->stream.acked && s->repeats == 0)
			return conclude_incomplete(c, BECAUSE_STOPS_TELLING);
	}
	return conclude_failed(c, TLSDIAG_TIMEOUT, reading_whose_silence(r), "");
}

static bool rule_ends_early(const struct reading *r, struct conclusion *c)
{
	return conclude_incomplete(c, r->a->evicted ? BECAUSE_EVICTED : BECAUSE_ENDS_EARLY);
}

/* ---- The table ---- */

static rule_fn *const rules[] = {
	rule_application,
	rule_established,
	rule_refused,
	rule_answered_otherwise,
	rule_plain_to_tls,
	rule_greeted,
	rule_not_tls,
	rule_sslv2,
	rule_one_sided,
	rule_joined_late,
	rule_no_content,
	rule_hello_never_arrived,
	rule_missing,
	rule_torn,
	rule_left_in_order,
	rule_gave_up,
	rule_alert,
	rule_wrong_bytes,
	rule_truncated,
	/* Nobody said it: what TCP and ICMP tell. */
	rule_tcp_refused,
	rule_unreachable,
	rule_reset,
	rule_client_lost,
	rule_server_lost,
	rule_never_arrived,
	rule_client_flight_lost,
	rule_server_left,
	rule_client_left,
	rule_half_open,
	rule_silence,
	rule_ends_early,
};

/* What lengths alone tell behind a TLS 1.3 ServerHello makes every conclusion there an inference, but for an alert in
 * clear. */
static void mind_certainty(const struct reading *r, struct conclusion *c)
{
	const struct milestones *m = &r->before;

	if (c->outcome == TLSDIAG_FAILED && !r->a->began)
		c->certainty = TLSDIAG_INFERRED;
	if (c->outcome == TLSDIAG_FAILED && c->cause != TLSDIAG_ALERT && m->tls13 && !m->decrypted &&
	    (c->stage > TLSDIAG_SERVER_FLIGHT || reading_flight_hidden(r)))
		c->certainty = TLSDIAG_INFERRED;
}

void verdict_decide(const struct reading *r, struct conclusion *c)
{
	*c = (struct conclusion){.certainty = TLSDIAG_SEEN};
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i](r, c))
			break;
	c->stage = c->outcome == TLSDIAG_FAILED && !r->all.reached[TLSDIAG_FINISHED].reached
			   ? r->stage
			   : milestones_stage(&r->all);
	mind_certainty(r, c);
}
