/* verdict.c: the rules, in order; see verdict.h. */
#include "iana.h"
#include "verdict.h"

#include <stdio.h>
#include <string.h>

/* ---- What rules are made of ---- */

static bool fail(struct conclusion *c, enum tlsdiag_cause cause, enum tlsdiag_party by, const char *detail)
{
	c->outcome = TLSDIAG_FAILED;
	c->cause = cause;
	c->by = by;
	snprintf(c->detail, sizeof(c->detail), "%s", detail ? detail : "");
	return true;
}

static bool incomplete(struct conclusion *c, const char *because)
{
	c->outcome = TLSDIAG_INCOMPLETE;
	c->because = because;
	return true;
}

static bool established(struct conclusion *c, bool inferred)
{
	c->outcome = TLSDIAG_ESTABLISHED;
	c->certainty = inferred ? TLSDIAG_INFERRED : TLSDIAG_SEEN;
	return true;
}

static enum tlsdiag_party party(const struct reading *r, int side)
{
	return side == r->client ? TLSDIAG_BY_CLIENT : TLSDIAG_BY_SERVER;
}

static bool ended_by(const struct reading *r, enum event_kind kind, int side)
{
	return r->end && r->end->kind == kind && r->end->from == side;
}

/* A client's own time limit runs from its first packet on, and most of it was spent waiting: "curl --connect-timeout 1". */
static bool time_limit(const struct reading *r)
{
	int64_t whole = r->end ? r->end->at.time_ns - r->a->first.time_ns : 0;

	return r->end && r->end->from == r->client && whole >= r->patience_ns - r->patience_ns / 20 &&
	       r->waited_ns >= whole / 2;
}

static bool late(const struct reading *r)
{
	return r->waited_ns >= r->patience_ns || time_limit(r);
}

static bool event_seen(const struct attempt *a, enum event_kind kind)
{
	for (size_t i = 0; i < a->event_count; i++)
		if (a->events[i].kind == kind)
			return true;
	return false;
}

static bool hello_seen(const struct reading *r)
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

/* The end whose turn it is at this stage. Asked for TLS in clear, the server owes the answer. */
static int awaited(const struct reading *r)
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
static enum tlsdiag_party whose_silence(const struct reading *r)
{
	int side = awaited(r);

	return party(r, r->a->side[!side].window_closed ? !side : side);
}

static const char what_is_cut[] = "the packets were cut too short to read what was said";
static const char what_is_one_sided[] = "only one direction of the connection was captured";
static const char what_is_missing[] = "packets that the ends exchanged are missing from the capture";

/* Whoever has reset a connection sends nothing for it any more. A single packet may have been overtaken by the reset, where its
 * IP ID does not speak against that. */
static bool spoke_on(const struct reset *reset)
{
	bool overtaken = !reset->has_ip_id || reset->ip_id == 0 || (uint16_t)(reset->ip_id - reset->later_ip_id) <= 64;

	return reset->later_packets > 1 || (reset->later_packets == 1 && !overtaken);
}

/* Whether a reset cannot be its claimed sender's. */
static bool forged(const struct reading *r, const struct reset *reset)
{
	const struct attempt_side *s = &r->a->side[reset->from];
	bool went_on = s->last_data.frame > reset->at.frame && (int64_t)s->stream.end > reset->offset;

	/* RFC 9293 section 3.10.7.1: a SYN-ACK for a SYN that a raw socket sent is reset by its host's own TCP, which knows
	 * nothing of it and has a TTL of its own. */
	if (reset->from == r->client && s->stream.end == 0 && reset->offset == 0 && !reset->has_ack && !reset->ack_zero)
		return spoke_on(reset);
	for (int i = 0; i < r->a->reset_count; i++) {
		const struct reset *other = &r->a->resets[i];

		/* Several resets racing ahead of the stream, each with a number of its own: nobody's socket does that. */
		if (other != reset && other->from == reset->from && other->offset != reset->offset &&
		    other->sequence_ahead)
			return true;
	}
	return reset->other_ttl || reset->other_ip_id || reset->ack_zero || went_on || spoke_on(reset);
}

/* ---- TLS itself says it ---- */

static bool clear_alert(const struct reading *r)
{
	return r->end && r->end->kind == EVENT_ALERT;
}

/* An alert that says what happened though not all before it is known. A client's at the very beginning may answer anything. */
static bool telling_alert(const struct reading *r)
{
	enum tlsdiag_stage known = r->a->torn ? TLSDIAG_SERVER_HELLO : TLSDIAG_CLIENT_HELLO;

	return clear_alert(r) && (r->end->from == r->server || r->stage > known);
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
	iana_buffer buffer;

	if (clear_alert(r))
		fail(c, TLSDIAG_ALERT, party(r, r->end->from), iana_alert_name(r->end->value & 0xff, buffer));
	else if (hidden)
		fail(c, TLSDIAG_ALERT, party(r, r->end->from), "encrypted");
	else
		return false;
	c->certainty = hidden || doubtful ? TLSDIAG_INFERRED : TLSDIAG_SEEN;
	return true;
}

/* ---- Established ---- */

/* An encrypted alert of the client's before the server's Finished (see reading.c). */
static bool alert_before_finished(const struct reading *r)
{
	return r->end->kind == EVENT_ENCRYPTED_ALERT && r->end->at.frame < r->all.reached[TLSDIAG_FINISHED].at.frame;
}

static bool rule_lost_unacked(const struct reading *r, struct conclusion *c, int side);

/* Handshake done: only an unanswered request can still have failed. */
static bool rule_application(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *client = &r->a->side[r->client], *server = &r->a->side[r->server];
	bool open = r->all.request_open;

	if (!r->all.reached[TLSDIAG_FINISHED].reached || r->all.reached[TLSDIAG_APPLICATION].reached || r->missing ||
	    r->a->torn)
		return false;
	if (r->end && (r->end->kind == EVENT_ALERT ? r->end->value >> 8 == 2 : alert_before_finished(r)))
		return rule_alert(r, c);
	if (!open)
		return false;
	if (rule_lost_unacked(r, c, r->server))
		return true;
	if (client->stream.end > client->stream.acked && client->repeats > 1 && late(r) &&
	    client->last_repeat.frame > r->all.request_at.frame)
		return fail(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK, "");
	/* A client that goes on after a while without an answer awaits none (syslog, metrics). */
	if (!r->end || r->all.request_pause_ns >= r->patience_ns)
		return false;
	if (r->end->kind == EVENT_RST && forged(r, &r->a->resets[r->end->value]))
		return fail(c, TLSDIAG_RESET, TLSDIAG_BY_NETWORK, "injected");
	if (ended_by(r, EVENT_RST, r->server))
		return fail(c, TLSDIAG_RESET, TLSDIAG_BY_SERVER, "");
	if (ended_by(r, EVENT_FIN, r->server))
		return fail(c, TLSDIAG_CLOSED, TLSDIAG_BY_SERVER, "");
	/* A client that takes its leave in order may have asked for nothing (syslog, metrics). */
	if ((ended_by(r, EVENT_FIN, r->client) || ended_by(r, EVENT_RST, r->client)) && late(r) &&
	    !record_unfinished(&server->record)) /* no answer has begun */
		return fail(c, TLSDIAG_TIMEOUT, whose_silence(r), "");
	return false;
}

static bool rule_established(const struct reading *r, struct conclusion *c)
{
	const struct tlsdiag_milestone *finished = &r->all.reached[TLSDIAG_FINISHED];

	return finished->reached && established(c, finished->inferred);
}

/* Where nothing more is due from the server (TLS 1.3, or a resumption), a client that closes in order behind its Finished, or
 * holds the connection without asking anything, has what it wanted. */
static bool rule_left_in_order(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *client = &r->a->side[r->client];
	bool leaves = r->end && r->end->from == r->client && r->end->kind != EVENT_RST && r->end->kind != EVENT_ICMP &&
		      !(r->end->kind == EVENT_ALERT && r->end->value >> 8 == 2);
	bool rests = !r->end && late(r);

	if (r->stage != TLSDIAG_FINISHED || !(r->before.tls13 || r->before.resumed))
		return false;
	if (client->stream.acked < client->stream.end) /* the server never took it, as far as the capture goes */
		return leaves && !late(r) && r->a->side[r->server].last.frame < r->end->at.frame &&
		       r->now_ns - r->end->at.time_ns < r->patience_ns &&
		       incomplete(c, "the capture ends before the connection was decided");
	if ((leaves || rests) && !r->before.request_open)
		return established(c, true);
	return leaves && !late(r) && established(c, true);
}

/* ---- In clear ---- */

static bool rule_refused(const struct reading *r, struct conclusion *c)
{
	const struct preamble *p = r->a->preamble;

	if (!p || !r->end || r->end->kind != EVENT_REFUSED)
		return false;
	/* A capability that was blanked out on the way is no server's refusal. */
	return fail(c, TLSDIAG_REFUSED, p->offer == PREAMBLE_OFFER_BLANKED ? TLSDIAG_BY_NETWORK : TLSDIAG_BY_SERVER,
		    p->protocol);
}

/* Asked for TLS or a tunnel in one protocol, the server answers in another. */
static bool rule_answered_otherwise(const struct reading *r, struct conclusion *c)
{
	const struct preamble *p = r->a->preamble;

	if (!p || p->state != PREAMBLE_MISMATCH || hello_seen(r))
		return false;
	return fail(c, TLSDIAG_CAUSE_NOT_TLS, TLSDIAG_BY_SERVER, p->protocol);
}

/* Where nothing else tells, the port does: a server on one of these wants TLS from the first byte (IANA "Service Name and
 * Transport Protocol Port Number"; 8443 and 4433 by custom). */
static bool port_is_tls(uint16_t port)
{
	static const uint16_t ports[] = {443,  465,  563,  636,  853,  989,  990,  992,  993,  994,  995,  2376, 3269,
					 4433, 5061, 5223, 5349, 5671, 5986, 6443, 6514, 6697, 8443, 8883, 9443};

	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* On such a port a server that says nothing to what the client said in clear shows that it wanted TLS: by closing, or by its
 * silence where what was said is known and was received. */
static bool shunned(const struct reading *r)
{
	const struct preamble *p = r->a->preamble;
	const struct attempt_side *client = &r->a->side[r->client];

	if (p->side[1].total > 0 || r->missing || !port_is_tls(r->a->port[r->server]))
		return false;
	return ended_by(r, EVENT_FIN, r->server) || ended_by(r, EVENT_RST, r->server) ||
	       (p->protocol && late(r) && client->stream.acked >= client->stream.end);
}

/* An HTTP server speaks when it is spoken to: what it says before the client has said anything behind a PROXY header is its
 * answer to that, and the ClientHello comes too late. */
static bool header_answered(const struct reading *r)
{
	const struct preamble *p = r->a->preamble;
	const struct event *first = NULL;

	if (!p->tunnel || strcmp(p->tunnel, "proxy") != 0 || !p->protocol || strcmp(p->protocol, "http") != 0)
		return false;
	for (const struct event *e = r->a->events; e < reading_end(r); e++) {
		if (e->kind == EVENT_GRANTED)
			first = NULL;
		else if (e->kind == EVENT_PLAIN && !first)
			first = e;
	}
	return first && first->from == r->server && hello_seen(r) && !r->hello_sent;
}

/* A PROXY header that was cut short in the capture: TLS may have followed. */
static bool header_cut(const struct reading *r)
{
	return r->a->unreadable && strcmp(r->a->preamble->protocol, "proxy") == 0;
}

/* The client speaks something else to a server that shows it wants TLS. */
static bool rule_plain_to_tls(const struct reading *r, struct conclusion *c)
{
	const struct preamble *p = r->a->preamble;

	if (p && header_answered(r))
		return fail(c, TLSDIAG_CAUSE_NOT_TLS, TLSDIAG_BY_CLIENT, p->tunnel);
	if (!p || p->side[0].total == 0 || hello_seen(r) || p->state == PREAMBLE_ASKED || p->state == PREAMBLE_GRANTED)
		return false;
	if (preamble_wants_tls(p) ||
	    (p->protocol && !r->a->server_hello && clear_alert(r) && r->end->from == r->server && !header_cut(r)))
		return fail(c, TLSDIAG_CAUSE_NOT_TLS, TLSDIAG_BY_CLIENT, p->protocol);
	if (!r->a->began || r->a->unreadable || (r->a->side[r->server].mode != SIDE_TLS && !shunned(r)))
		return false;
	return fail(c, TLSDIAG_CAUSE_NOT_TLS, TLSDIAG_BY_CLIENT, p->protocol);
}

static unsigned client_words(const struct reading *r)
{
	unsigned words = 0;

	for (const struct event *e = r->a->events; e < reading_end(r); e++)
		words += e->kind == EVENT_PLAIN && e->from == r->client;
	return words;
}

/* The greetings of a protocol in which the server speaks first and TLS can still be asked for, and then the capture ends. */
static bool just_greeted(const struct reading *r)
{
	const struct preamble *p = r->a->preamble;
	const struct event *e = r->a->events;

	while (e < reading_end(r) && e->kind != EVENT_PLAIN)
		e++;
	return e < reading_end(r) && e->from == r->server && p->spoken && !r->end && !late(r) &&
	       p->offer != PREAMBLE_NOT_OFFERED && client_words(r) <= 1;
}

/* A server that lists what it can do, TLS not among it (MySQL does so unasked), and a client that leaves at once without another
 * word: it wanted TLS and nothing else. */
static bool insisted(const struct reading *r)
{
	const char *protocol = r->a->preamble->protocol;
	unsigned questions = protocol && strcmp(protocol, "mysql") == 0 ? 0 : 1;

	if (r->a->preamble->offer != PREAMBLE_NOT_OFFERED || !ended_by(r, EVENT_FIN, r->client) || late(r))
		return false;
	return client_words(r) <= questions && r->end > r->a->events && r->end[-1].kind == EVENT_PLAIN &&
	       r->end[-1].from == r->server;
}

/* In these what opens the conversation cannot be told from the consent to a request that is not in the capture: "220 Ready to start
 * TLS", "+OK", "HTTP/1.1 200". */
static bool like_consent(const char *protocol)
{
	static const char *const protocols[] = {"http", "smtp", "lmtp", "pop3", "rdp", "text"};

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (protocol && strcmp(protocols[i], protocol) == 0)
			return true;
	return !protocol;
}

/* The server greets in clear, as SSH, mail servers and MySQL do, and the client begins TLS without having asked for it. How
 * the client then leaves says nothing more. */
static bool rule_greeted(const struct reading *r, struct conclusion *c)
{
	const struct preamble *p = r->a->preamble;

	if (!p || p->state != PREAMBLE_PLAIN || p->side[1].total == 0 || p->side[0].total > 0 || !hello_seen(r))
		return false;
	if (!r->a->began && like_consent(p->protocol))
		return false;
	if (r->stage != TLSDIAG_SERVER_HELLO || r->a->side[r->server].mode == SIDE_TLS)
		return false;
	return fail(c, TLSDIAG_CAUSE_NOT_TLS, TLSDIAG_BY_SERVER, p->protocol);
}

static bool rule_not_tls(const struct reading *r, struct conclusion *c)
{
	const struct preamble *p = r->a->preamble;

	if (!p || hello_seen(r) || r->a->side[0].mode == SIDE_TLS || r->a->side[1].mode == SIDE_TLS)
		return false;
	if (p->state != PREAMBLE_PLAIN && p->state != PREAMBLE_NONE)
		return false;
	if (!r->a->began && !(p->protocol && p->side[0].total > 0 && p->side[1].total > 0))
		return incomplete(c, "the capture begins in the middle of the connection");
	if (r->one_sided[0] || r->one_sided[1])
		return incomplete(c, what_is_one_sided);
	if (r->a->unreadable)
		return incomplete(c, r->a->cut_short ? what_is_cut : what_is_missing);
	if ((r->missing || r->a->torn) && !(p->side[0].total > 0 && p->side[1].total > 0))
		return incomplete(c, what_is_missing);
	if (just_greeted(r))
		return incomplete(c, "the capture ends before the connection was decided");
	if (insisted(r)) {
		c->certainty = TLSDIAG_INFERRED;
		return fail(c, TLSDIAG_REFUSED, TLSDIAG_BY_SERVER, p->protocol);
	}
	c->outcome = TLSDIAG_NOT_TLS;
	return true;
}

/* A client that offers SSL 2.0 and nothing newer, and a server that speaks it: what came before TLS, and no failure of it. */
static bool rule_sslv2(const struct reading *r, struct conclusion *c)
{
	const struct client_hello *hello = r->a->client_hello;

	if (!hello || !hello->sslv2 || hello->legacy_version >= 0x0300 || !r->end || r->end->kind != EVENT_FAULT ||
	    r->end->value != FAULT_SSLV2)
		return false;
	c->outcome = TLSDIAG_NOT_TLS;
	return true;
}

/* ---- Not enough to say ---- */

static bool rule_joined_late(const struct reading *r, struct conclusion *c)
{
	bool left = ended_by(r, EVENT_FIN, r->client) || ended_by(r, EVENT_RST, r->client);
	bool flight = r->a->server_hello && !(left && r->stage < TLSDIAG_CLIENT_FLIGHT);
	bool known = r->stage > TLSDIAG_CLIENT_HELLO && (hello_seen(r) || flight || event_seen(r->a, EVENT_UNFINISHED));

	if (r->a->began || known)
		return false;
	return incomplete(c, "the capture begins in the middle of the connection");
}

static bool rule_one_sided(const struct reading *r, struct conclusion *c)
{
	/* Where the client's flight is due and not in the capture, a server's alert may answer its FIN as well. */
	bool answer = r->end && r->end->from == r->server && r->stage == TLSDIAG_CLIENT_FLIGHT;

	if (!(r->one_sided[0] || r->one_sided[1]))
		return false;
	if (telling_alert(r) && !answer && !r->missing && r->stage > TLSDIAG_CLIENT_HELLO)
		return false;
	return incomplete(c, what_is_one_sided);
}

/* Bytes were sent, but the capture holds none of them. */
static bool rule_no_content(const struct reading *r, struct conclusion *c)
{
	const struct attempt *a = r->a;

	if (!(a->cut_short || a->torn || a->unreadable) || hello_seen(r) || a->preamble || a->server_hello ||
	    event_seen(a, EVENT_UNFINISHED))
		return false;
	return a->side[r->client].stream.end > 0 && incomplete(c, "the packets were captured without what they said");
}

/* What ended it may be an answer to something that the capture does not have. */
static bool rule_missing(const struct reading *r, struct conclusion *c)
{
	bool alien = r->end && r->end->kind == EVENT_RST && forged(r, &r->a->resets[r->end->value]);

	return r->missing && !alien && r->stage > TLSDIAG_TCP && incomplete(c, what_is_missing);
}

static bool rule_torn(const struct reading *r, struct conclusion *c)
{
	if (telling_alert(r) || r->stage == TLSDIAG_TCP)
		return false;
	if (r->a->torn)
		return incomplete(c, what_is_missing);
	return (r->a->unreadable || hello_cut(r)) &&
	       incomplete(c, "the packets were cut too short to read the handshake");
}

/* An end that takes its leave behind a long silence of the other does not say what went wrong: the silence did. What is encrypted
 * is a leave only where it is the client's: a server would rather tell that it is not content. */
static bool rule_gave_up(const struct reading *r, struct conclusion *c)
{
	const struct event *e = r->end;
	bool clear = e && e->kind == EVENT_ALERT && e->value >> 8 == 1;
	bool hidden = e && e->from == r->client &&
		      (e->kind == EVENT_ENCRYPTED_ALERT || (e->kind == EVENT_DATA && r->before.tls13));

	return (clear || hidden) && awaited(r) != e->from && late(r) && fail(c, TLSDIAG_TIMEOUT, whose_silence(r), "");
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
	by = party(r, r->end->from);
	switch (r->end->kind) {
	case EVENT_NOT_TLS:
		return fail(c, TLSDIAG_CAUSE_NOT_TLS, by, r->a->wrong_protocol);
	case EVENT_FAULT:
		return fail(c, TLSDIAG_MALFORMED, by, faults[r->end->value]);
	case EVENT_DATA:
		return fail(c, TLSDIAG_MALFORMED, by, "application-data-first");
	case EVENT_EMPTY:
		return fail(c, TLSDIAG_MALFORMED, by, "empty-records");
	case EVENT_CHANGE_CIPHER_SPEC:
		return fail(c, TLSDIAG_MALFORMED, by, r->end->count > 1 ? "ccs-flood" : "ccs-first");
	default:
		return false;
	}
}

/* A ServerHello that begins and is cut off by the server's own FIN. */
static bool rule_truncated(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *s = &r->a->side[r->server];

	if (!ended_by(r, EVENT_FIN, r->server) || r->stage != TLSDIAG_SERVER_HELLO || s->mode != SIDE_TLS)
		return false;
	if (!record_unfinished(&s->record) && s->message.header_length == 0)
		return false;
	return fail(c, TLSDIAG_MALFORMED, TLSDIAG_BY_SERVER, "hello-truncated");
}

/* ---- TCP and the network say it ---- */

static bool rule_tcp_refused(const struct reading *r, struct conclusion *c)
{
	if (r->stage != TLSDIAG_TCP || !ended_by(r, EVENT_RST, r->server) || event_seen(r->a, EVENT_SYN_ACK))
		return false;
	return fail(c, TLSDIAG_REFUSED, TLSDIAG_BY_SERVER, "");
}

static bool unreachable(const struct reading *r, struct conclusion *c, const struct event *e)
{
	/* length is 1 where the error came from the other end itself */
	return fail(c, TLSDIAG_UNREACHABLE, e->length ? party(r, !e->from) : TLSDIAG_BY_NETWORK,
		    icmp_reason_name((enum icmp_reason)e->value));
}

static bool rule_unreachable(const struct reading *r, struct conclusion *c)
{
	return r->end && r->end->kind == EVENT_ICMP && unreachable(r, c, r->end);
}

/* A server that has repeated itself in vain for a while resets because of that. */
static bool tired(const struct reading *r)
{
	const struct attempt_side *s = &r->a->side[r->server];

	return r->stage >= TLSDIAG_SERVER_HELLO && s->repeats > 1 && s->stream.acked < s->stream.end &&
	       r->end->at.time_ns - s->first_repeat.time_ns >= r->patience_ns;
}

static bool rule_reset(const struct reading *r, struct conclusion *c)
{
	const struct reset *reset;

	if (!r->end || r->end->kind != EVENT_RST)
		return false;
	reset = &r->a->resets[r->end->value];
	if (forged(r, reset))
		return fail(c, TLSDIAG_RESET, TLSDIAG_BY_NETWORK, "injected");
	if (reset->from == r->server)
		return (tired(r) && rule_lost_unacked(r, c, r->server)) ||
		       fail(c, TLSDIAG_RESET, TLSDIAG_BY_SERVER, "");
	if (r->stage == TLSDIAG_TCP || r->stage == TLSDIAG_CLIENT_FLIGHT)
		return fail(c, TLSDIAG_RESET, TLSDIAG_BY_CLIENT, "");
	return false; /* the client gave up: see rule_client_left */
}

/* ---- What was sent and never arrived ---- */

/* The first segment that was repeated and not acknowledged. One before it that was sent only once was acknowledged, whether that
 * was captured or not: TCP repeats from the first byte missing. */
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
	uint32_t full = peer->mss ? peer->mss : 1460;

	if (full > 1460)
		full = 1460; /* a path of Ethernets carries no more, whatever the ends announce */
	return full - (peer->has_timestamps && s->has_timestamps ? 12 : 0);
}

/* Short segments passed, none as large as the missing one did. Bare acknowledgments are short segments that passed, too, where
 * the missing one is full-size and no short one is missing. */
static bool size_decides(const struct reading *r, int side, uint32_t missing)
{
	const struct attempt_side *s = &r->a->side[side];
	bool shorter = r->a->side[!side].duplicate_acks > 0, short_lost = false;

	if (r->a->icmp_too_big)
		return true;
	if (missing < 500 || s->passed_max >= missing)
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
	return shorter || (missing + 12 >= full_size(r, side) && !short_lost);
}

/* An error about packets of this side behind which the other side said nothing more: a mere hint while the connection stands
 * (RFC 1122 section 4.2.3.9), but the reason where what was sent never arrived. */
static const struct event *unanswered_error(const struct reading *r, int side)
{
	for (const struct event *e = r->a->events; e < r->a->events + r->a->event_count; e++)
		if (e->kind == EVENT_ICMP && e->from == side && e->value != ICMP_TOO_BIG &&
		    r->a->side[!side].last.frame < e->at.frame)
			return e;
	return NULL;
}

static bool rule_lost_unacked(const struct reading *r, struct conclusion *c, int side)
{
	const struct attempt_side *s = &r->a->side[side];
	const struct sent_segment *g = first_unacked(s);
	/* The server's last word may have been lost itself, and the client waits on. */
	bool arrived = r->end && (r->end->from == r->client || side == r->client || r->end->end <= s->stream.acked);
	uint64_t until = arrived ? r->end->at.frame : UINT64_MAX;

	if (s->stream.end <= s->stream.acked || s->repeats == 0 || s->first_repeat.frame > until || !g)
		return false;
	if (!arrived && !(r->end ? r->now_ns - s->first_repeat.time_ns >= r->patience_ns : late(r)))
		return false;
	if (unanswered_error(r, side))
		return unreachable(r, c, unanswered_error(r, side));
	if (size_decides(r, side, g->length))
		return fail(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK, "mtu");
	return fail(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK,
		    g->offset > 0 && r->stage == TLSDIAG_CLIENT_HELLO ? "partial" : "");
}

static bool rule_client_lost(const struct reading *r, struct conclusion *c)
{
	return r->stage == TLSDIAG_CLIENT_HELLO && rule_lost_unacked(r, c, r->client);
}

/* At the server's end the flight is seen sent and not acknowledged; at the client's end later segments arrive without the
 * earlier ones. */
static bool rule_server_lost(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *s = &r->a->side[r->server];
	uint32_t largest = 0;

	if (r->stage < TLSDIAG_SERVER_HELLO || ended_by(r, EVENT_RST, r->server))
		return false;
	if (rule_lost_unacked(r, c, r->server))
		return true;
	if (!s->stream.held || s->stream.acked > s->stream.next)
		return false;
	if (!late(r) && !r->end)
		return false;
	for (size_t i = 0; i < s->sent_count; i++)
		if (s->sent[i].length > largest)
			largest = s->sent[i].length;
	return fail(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK,
		    r->a->icmp_too_big || largest + 12 < full_size(r, r->server) ? "mtu" : "");
}

/* At the client's end: the server's own sequence numbers say that it sent more than a FIN which never came, and the client, which
 * had time, acknowledges none of it. So it is not only the capture that lacks it. */
static bool rule_never_arrived(const struct reading *r, struct conclusion *c)
{
	const struct attempt_side *s = &r->a->side[r->server];

	if (r->stage < TLSDIAG_SERVER_HELLO || s->next_sent <= stream_sent(&s->stream) + 1 ||
	    s->stream.acked > stream_sent(&s->stream) || !late(r))
		return false;
	c->certainty = TLSDIAG_INFERRED;
	return fail(c, TLSDIAG_LOST, TLSDIAG_BY_NETWORK, r->a->icmp_too_big ? "mtu" : "");
}

/* Behind the first ClientHello: a second one, early data, its flight. */
static bool rule_client_flight_lost(const struct reading *r, struct conclusion *c)
{
	return r->stage >= TLSDIAG_SERVER_HELLO && rule_lost_unacked(r, c, r->client);
}

/* ---- Who left ---- */

static bool rule_server_left(const struct reading *r, struct conclusion *c)
{
	if (!ended_by(r, EVENT_FIN, r->server))
		return false;
	if (awaited(r) == r->client && late(r))
		return fail(c, TLSDIAG_TIMEOUT, TLSDIAG_BY_CLIENT, "");
	return fail(c, TLSDIAG_CLOSED, TLSDIAG_BY_SERVER, "");
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
	if (!ended_by(r, EVENT_FIN, r->client) && !ended_by(r, EVENT_RST, r->client))
		return false;
	if (r->stage == TLSDIAG_CLIENT_FLIGHT && !received(r))
		return incomplete(c, "the capture does not show whether the server's flight arrived");
	if (r->stage == TLSDIAG_CLIENT_FLIGHT)
		return fail(c, TLSDIAG_CLOSED, TLSDIAG_BY_CLIENT, "");
	if (r->stage == TLSDIAG_CLIENT_HELLO && r->hello_sent)
		return incomplete(c, "the capture does not show whether the ClientHello arrived");
	if (awaited(r) == r->server && late(r))
		return fail(c, TLSDIAG_TIMEOUT, whose_silence(r), "");
	if (late(r)) /* nothing was due but its own ClientHello, and that had time */
		return fail(c, r->end->kind == EVENT_RST ? TLSDIAG_RESET : TLSDIAG_CLOSED, TLSDIAG_BY_CLIENT, "");
	/* RFC 9293 section 3.10.7.1: so answers an end that knows of no connection. An application's abort acknowledges. */
	if (r->stage > TLSDIAG_CLIENT_HELLO && r->end->kind == EVENT_RST && !r->a->resets[r->end->value].has_ack)
		return incomplete(c, "the client's end of the connection was gone; the capture does not show why");
	return fail(c, TLSDIAG_ABANDONED, TLSDIAG_BY_CLIENT, "");
}

/* ---- Silence ---- */

static bool rule_half_open(const struct reading *r, struct conclusion *c)
{
	if (r->stage != TLSDIAG_TCP || r->end || r->a->side[r->server].syns == 0 || !late(r))
		return false;
	return fail(c, TLSDIAG_HALF_OPEN, TLSDIAG_BY_UNKNOWN, "");
}

static bool rule_silence(const struct reading *r, struct conclusion *c)
{
	if (r->end || !late(r))
		return false;
	if (r->stage == TLSDIAG_TCP)
		return fail(c, TLSDIAG_TIMEOUT, TLSDIAG_BY_UNKNOWN, "");
	for (int i = 0; i < 2; i++) {
		const struct attempt_side *s = &r->a->side[i];

		/* TCP would have repeated it, and a living peer acknowledged it: the capture is not telling all. */
		if (s->stream.end > s->stream.acked && s->repeats == 0)
			return incomplete(c, "the capture stops telling before the connection was decided");
	}
	return fail(c, TLSDIAG_TIMEOUT, whose_silence(r), "");
}

static bool rule_ends_early(const struct reading *r, struct conclusion *c)
{
	return incomplete(c, r->a->evicted ? "given up early to stay within the limits of memory"
					   : "the capture ends before the connection was decided");
}

/* ---- The table ---- */

typedef bool rule_fn(const struct reading *r, struct conclusion *c);

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
	rule_missing,
	rule_torn,
	rule_left_in_order,
	rule_gave_up,
	rule_alert,
	rule_wrong_bytes,
	rule_truncated,
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

/* What lengths alone tell behind a TLS 1.3 ServerHello makes every conclusion there an inference, but for an alert in clear. */
static void mind_certainty(const struct reading *r, struct conclusion *c)
{
	const struct milestones *m = &r->before;

	if (c->outcome == TLSDIAG_FAILED && !r->a->began)
		c->certainty = TLSDIAG_INFERRED;
	if (c->outcome == TLSDIAG_FAILED && c->cause != TLSDIAG_ALERT && m->tls13 && !m->decrypted &&
	    c->stage > TLSDIAG_SERVER_FLIGHT)
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
