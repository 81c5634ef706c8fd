/* reading.c: finds what ended an attempt; see reading.h. */
#include "reading.h"

/* Bytes: RFC 5246's ClientKeyExchange, ChangeCipherSpec and Finished take more, an alert, encrypted and padded,
 * less. */
#define CLIENT_FLIGHT_MIN 64

/* Whether events behind index i show that both ends went on regardless: the end that seemed to have said it goes on,
 * and the other answers that. */
static bool both_went_on(const struct attempt *a, size_t i)
{
	const struct event *e = &a->events[i];
	bool same = false;

	for (size_t k = i + 1; k < a->event_count; k++) {
		const struct event *later = &a->events[k];

		if (later->kind == EVENT_RST || later->kind == EVENT_FIN || later->kind == EVENT_ICMP)
			continue;
		if (later->from == e->from)
			same = true;
		else if (same)
			return true;
	}
	return false;
}

static bool tls_event(const struct event *e)
{
	return e->kind >= EVENT_HANDSHAKE && e->kind <= EVENT_DATA && e->kind != EVENT_ALERT &&
	       e->kind != EVENT_ENCRYPTED_ALERT;
}

/* A later TLS event of the same side. */
static bool side_went_on(const struct attempt *a, size_t i)
{
	for (size_t k = i + 1; k < a->event_count; k++)
		if (a->events[k].from == a->events[i].from && tls_event(&a->events[k]))
			return true;
	return false;
}

/* The server had it and went on with more than an alert of its own: what seemed to be the client's was a short
 * request. */
static bool other_went_on(const struct reading *r, size_t i)
{
	const struct attempt *a = r->a;

	for (size_t k = i + 1; k < a->event_count; k++) {
		const struct event *e = &a->events[k];

		if (e->kind == EVENT_DATA && e->from != a->events[i].from && e->acked >= (int64_t)a->events[i].end &&
		    !milestones_alert_length(a, &r->all, e))
			return true;
	}
	return false;
}

static bool ended_behind(const struct attempt *a, size_t i)
{
	for (size_t k = i + 1; k < a->event_count; k++)
		if (a->events[k].kind == EVENT_FIN || a->events[k].kind == EVENT_RST)
			return true;
	return false;
}

/* A warning of the same end that a fatal alert follows is not the last word. */
static bool fatal_behind(const struct attempt *a, size_t i)
{
	for (size_t k = i + 1; k < a->event_count; k++)
		if (a->events[k].kind == EVENT_ALERT && a->events[k].from == a->events[i].from &&
		    alert_level(&a->events[k]) != ALERT_WARNING)
			return true;
	return false;
}

/* A refusal was followed by another request, as with credentials for a proxy, by consent, or by TLS all the same. */
static bool answered_behind(const struct attempt *a, size_t i)
{
	for (size_t k = i + 1; k < a->event_count; k++) {
		const struct event *e = &a->events[k];

		if (e->kind == EVENT_ASKED || e->kind == EVENT_GRANTED ||
		    (e->kind == EVENT_HANDSHAKE && e->from == a->events[i].from))
			return true;
	}
	return false;
}

/* Or the asker said more, and not all of what followed is in the capture or can be read: consent may be among it. */
static bool perhaps_answered_behind(const struct attempt *a, size_t i)
{
	const struct event *e = &a->events[i];

	return (a->torn || a->unreadable) && (int64_t)stream_sent(&a->side[!e->from].stream) > e->acked;
}

static bool icmp_ends(const struct attempt *a, size_t i)
{
	const struct event *e = &a->events[i];
	const struct attempt_side *other = &a->side[!e->from];

	/* An answer that came later shows that the error was passing or about something else. */
	return e->value != ICMP_TOO_BIG && other->last.frame < e->at.frame && !ended_behind(a, i);
}

/* Whether the event at i can be what ended the wait; m is what was reached before it. */
static bool ends(const struct reading *r, size_t i, const struct milestones *m)
{
	const struct attempt *a = r->a;
	const struct event *e = &a->events[i];
	bool server = e->from == r->server;
	bool hello_due =
		server && m->reached[TLSDIAG_CLIENT_HELLO].reached && !m->reached[TLSDIAG_SERVER_HELLO].reached;

	switch (e->kind) {
	case EVENT_ALERT:
		if (alert_level(e) != ALERT_WARNING)
			return true;
		/* A warning is, where nothing came behind it, be it missing from the capture. */
		return !a->torn && !side_went_on(a, i) && !fatal_behind(a, i) && ended_behind(a, i);
	case EVENT_ENCRYPTED_ALERT:
		return !side_went_on(a, i);
	case EVENT_DATA:
		if (m->tls13)
			return !m->decrypted && milestones_alert_length(a, m, e) && !side_went_on(a, i) &&
			       ended_behind(a, i) && (server || !other_went_on(r, i));
		return hello_due && !a->torn && !m->retried; /* application data first */
	case EVENT_CHANGE_CIPHER_SPEC:
		/* Where the capture joined late, one may follow a HelloRetryRequest (RFC 8446 appendix D.4). */
		return hello_due && !m->retried && !side_went_on(a, i) && (a->began || e->count > 1);
	case EVENT_EMPTY:
		return hello_due && !m->retried && !side_went_on(a, i);
	case EVENT_REFUSED:
		return !answered_behind(a, i) && !perhaps_answered_behind(a, i);
	case EVENT_NOT_TLS:
	case EVENT_FAULT:
	case EVENT_FIN:
		return true;
	case EVENT_RST:
		return !both_went_on(a, i) && !attempt_ignores(a, &a->resets[e->value]);
	case EVENT_ICMP:
		/* RFC 1122 section 4.2.3.9: no more than a hint once the connection stands. */
		return icmp_ends(a, i) &&
		       (!m->reached[TLSDIAG_TCP].reached || r->now_ns - e->at.time_ns >= r->patience_ns);
	default:
		return false;
	}
}

const struct event *reading_end(const struct reading *r)
{
	if (r->end || !r->a->events)
		return r->end;
	return r->a->events + r->a->event_count;
}

/* A client that checks the certificate while the handshake goes on, as NSS does, may finish its flight, refuse, and be
 * answered by the server's Finished all the same. */
static bool refused_meanwhile(const struct reading *r, size_t i)
{
	const struct event *e = &r->a->events[i];

	return e->kind == EVENT_ENCRYPTED_ALERT && e->from == r->client && !r->all.tls13;
}

/* The other end was gone behind it: what its sender said meanwhile, the server's Finished or tickets, met nobody. */
static bool obeyed(const struct reading *r, size_t i)
{
	const struct event *e = &r->a->events[i];

	return e->kind == EVENT_RST && r->a->resets[e->value].obeyed && !r->a->resets[e->value].outlived;
}

static bool is_end(void *context, size_t i, const struct milestones *before)
{
	const struct reading *r = context;
	const struct tlsdiag_milestone *finished = &r->all.reached[TLSDIAG_FINISHED];

	if (finished->reached && r->a->events[i].at.frame <= finished->at.frame && !refused_meanwhile(r, i) &&
	    !obeyed(r, i))
		return false; /* whatever it was, the handshake survived it */
	return ends(r, i, before);
}

static void find_end(struct reading *r)
{
	size_t i = milestones_until(r->a, is_end, r, &r->before);

	if (i == r->a->event_count)
		r->before = r->all;
	else
		r->end = &r->a->events[i];
	if (i < r->a->event_count && obeyed(r, i))
		r->all = r->before;
	for (const struct event *e = r->a->events; e < reading_end(r); e++)
		r->hello_sent |= e->kind == EVENT_HANDSHAKE && e->value == HS_CLIENT_HELLO && e->from == r->client;
}

/* Takes a milestone for reached at a time; NULL: at some time that the capture does not show. */
static void infer(struct reading *r, enum tlsdiag_stage stage, const struct tlsdiag_moment *at)
{
	r->before.reached[stage] = (struct tlsdiag_milestone){.reached = true, .inferred = true};
	if (at)
		r->before.reached[stage].at = *at;
}

/* A reset without an acknowledgment answers what was sent last (RFC 9293 section 3.10.7.1 takes its number from there):
 * a whole ClientHello then did arrive at whoever sent it. */
static void mind_bare_reset(struct reading *r)
{
	bool reached = r->before.reached[TLSDIAG_CLIENT_HELLO].reached;
	bool reset = r->end && r->end->kind == EVENT_RST && r->end->from == r->server;

	if (reset && !r->a->resets[r->end->value].has_ack && r->hello_sent && !reached)
		infer(r, TLSDIAG_CLIENT_HELLO, &r->end->at);
}

/* An end in anything but a reset or an ICMP error takes TCP's handshake for granted, whether it was captured or not. */
static void mind_tcp(struct reading *r)
{
	if (r->end && r->end->kind != EVENT_RST && r->end->kind != EVENT_ICMP &&
	    !r->before.reached[TLSDIAG_TCP].reached)
		infer(r, TLSDIAG_TCP, NULL);
}

/* A ClientHello that was sent once and acknowledged in the end had arrived the first time; only the first
 * acknowledgment is not in the capture. */
static void mind_late_ack(struct reading *r)
{
	bool reached = r->before.reached[TLSDIAG_CLIENT_HELLO].reached;

	if (!reached && r->end && r->end->end >= r->a->hello_end[r->client] && r->a->hello_acked.frame &&
	    r->a->side[r->client].repeats == 0 && r->end->from == r->client)
		infer(r, TLSDIAG_CLIENT_HELLO, &r->a->hello_acked);
}

/* TLS 1.3: a client that leaves or complains right behind the server's encrypted messages has read them. */
static void mind_hidden_flight(struct reading *r)
{
	const struct attempt_side *s = &r->a->side[r->server];
	const struct milestones *m = &r->before;
	const struct event *e = r->end;
	/* The same where records could not be read, but bytes behind the ServerHello's were seen. */
	bool unread = r->a->unreadable && r->a->server_hello && e && e->kind == EVENT_ALERT;
	bool answers = e && e->from == r->client &&
		       (e->kind == EVENT_ALERT || e->kind == EVENT_DATA || r->waited_ns < r->patience_ns);

	if (!unread && (!m->tls13 || !m->server_encrypted || m->decrypted))
		return;
	if (record_unfinished(&s->record)) /* nobody has read a record that is not whole */
		return;
	if (m->reached[TLSDIAG_SERVER_FLIGHT].reached || (s->repeats > 0 && s->stream.acked < s->stream.end))
		return;
	if (m->server_finished_size || answers)
		infer(r, TLSDIAG_SERVER_FLIGHT, &s->last_data);
}

/* Whether packets prove that something was sent that the capture does not have: before the end, by what the end's own
 * packet acknowledges and by its sequence number; else at all. */
static bool missing(const struct reading *r)
{
	const struct attempt *a = r->a;
	const struct event *e = r->end;
	const struct attempt_side *own, *other;

	if (!e) {
		for (int i = 0; i < 2; i++) {
			const struct attempt_side *s = &a->side[i];

			if (s->stream.acked > s->stream.end || s->next_sent > stream_sent(&s->stream) ||
			    s->sacked_end > stream_sent(&s->stream))
				return true;
		}
		return false;
	}
	own = &a->side[e->from];
	other = &a->side[!e->from];
	if (e->kind != EVENT_ICMP && e->acked > (int64_t)stream_sent(&other->stream))
		return true;
	if (other->sacked_end > stream_sent(&other->stream))
		return true;
	/* Bytes before the other's FIN. */
	if (other->stream.has_fin && other->stream.fin > other->stream.next && e->acked > (int64_t)other->stream.next)
		return true;
	if (e->kind == EVENT_FIN)
		return own->stream.fin > own->stream.next;
	return e->kind == EVENT_RST && a->resets[e->value].offset > (int64_t)stream_sent(&own->stream);
}

/* Something that an end said is not in the capture, or cannot be read in it. */
static bool hidden(const struct reading *r)
{
	return r->a->torn || r->a->unreadable || missing(r);
}

/* Whoever complains about a certificate has read it, whether the capture has it or not (RFC 8446 section 6.2). */
static void mind_certificate_alert(struct reading *r)
{
	const struct event *e = r->end;
	unsigned alert = e && e->kind == EVENT_ALERT ? alert_description(e) : 0;
	/* The flight of the other end that held it. */
	enum tlsdiag_stage flight = e && e->from == r->client ? TLSDIAG_SERVER_FLIGHT : TLSDIAG_CLIENT_FLIGHT;
	/* bad_certificate … certificate_unknown, unknown_ca */
	bool certificate = (alert >= 42 && alert <= 46) || alert == 48;

	if (!certificate || r->before.reached[flight].reached || !hidden(r))
		return;
	for (int i = 0; i <= (int)flight; i++)
		if (!r->before.reached[i].reached)
			infer(r, (enum tlsdiag_stage)i, NULL);
}

/* Later segments of the server's flight came without the first, which held the ServerHello: it was sent, and what is
 * lost is the flight. */
static void mind_headless_flight(struct reading *r)
{
	const struct attempt_side *s = &r->a->side[r->server];
	bool reached = r->before.reached[TLSDIAG_SERVER_HELLO].reached;

	if (!reached && r->before.reached[TLSDIAG_CLIENT_HELLO].reached && s->stream.held && s->stream.next == 0)
		infer(r, TLSDIAG_SERVER_HELLO, &s->last_data);
}

/* A server that complains when the client's flight is due, having received more than an alert that the capture does not
 * have or cannot show, has received that. */
static void mind_unread_flight(struct reading *r)
{
	const struct attempt *a = r->a;
	const struct event *e = r->end;
	struct milestones *m = &r->before;
	uint64_t hello = a->hello_end[r->client];

	if (!e || e->kind != EVENT_ALERT || e->from != r->server || !hidden(r))
		return;
	if (!hello || !m->reached[TLSDIAG_SERVER_FLIGHT].reached || m->reached[TLSDIAG_CLIENT_FLIGHT].reached)
		return;
	if (e->acked > (int64_t)hello + CLIENT_FLIGHT_MIN)
		infer(r, TLSDIAG_CLIENT_FLIGHT, NULL);
}

/* When anything but repeats was last said before the end. */
static int64_t last_progress(const struct reading *r)
{
	int64_t at = r->a->first.time_ns;

	for (const struct event *e = r->a->events; e < reading_end(r); e++)
		if (e->last_ns > at && !(r->end && e->at.frame == r->end->at.frame))
			at = e->last_ns;
	/* The answer to a ClientHello that had to be repeated is due when it has arrived. */
	if (r->a->side[r->client].repeats > 0 && r->a->hello_acked.time_ns > at &&
	    (!r->end || r->a->hello_acked.frame < r->end->at.frame))
		at = r->a->hello_acked.time_ns;
	for (int i = 0; i < 2 && !r->end; i++)
		if (r->a->side[i].last_data.frame && r->a->side[i].last_data.time_ns > at)
			at = r->a->side[i].last_data.time_ns;
	return at;
}

/* A side that was not captured, though the other acknowledges what it sent. */
static bool unseen(const struct attempt *a, int side)
{
	const struct attempt_side *s = &a->side[side], *other = &a->side[!side];

	if (s->packets == 0 && other->syns > 0 && side == 0) /* its SYN is not there, only the answer */
		return true;
	return s->packets == 0 && (other->stream.end > 0 || other->last_ack != 0) && other->packets > other->syns;
}

void reading_make(const struct attempt *a, const struct reading_settings *settings, struct reading *out)
{
	*out = (struct reading){
		.a = a, .client = attempt_client(a), .patience_ns = settings->patience_ns, .now_ns = settings->now_ns};
	out->server = !out->client;
	milestones_read(a, &out->all);
	if (settings->failures_only && out->all.reached[TLSDIAG_APPLICATION].reached)
		return;
	find_end(out);
	mind_tcp(out);
	mind_bare_reset(out);
	mind_late_ack(out);
	mind_headless_flight(out);
	out->waited_ns = (out->end ? out->end->at.time_ns : settings->now_ns) - last_progress(out);
	mind_hidden_flight(out);
	mind_certificate_alert(out);
	mind_unread_flight(out);
	out->stage = milestones_stage(&out->before);
	out->missing = missing(out);
	for (int i = 0; i < 2; i++)
		out->one_sided[i] = unseen(a, i);
}
