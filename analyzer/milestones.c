/* milestones.c: see milestones.h. */
#include "milestones.h"

#define TICKET_MAX 2048 /* bytes, with the client's certificate in it */
#define JSSE_PADDING 16 /* bytes, of every record (RFC 8446 section 5.4) */
#define EXTENSIONS_MIN 6 /* bytes of an EncryptedExtensions */
#define EXTENSIONS_MAX 300 /* bytes that it rarely exceeds, and a Certificate with its CertificateVerify always */

/* Where the walk over the events stands. */
struct walk {
	const struct attempt *a;
	struct milestones *m;
	int client;
	uint32_t finished_length; /* of an encrypted Finished record */
	bool hello, syn_ack;
	bool client_ccs, server_ccs;
	bool server_finished; /* a record of a Finished's length came, and not as the first */
	bool early; /* early data was offered: the client's records may still be it */
	bool client_padding_known; /* its Finished was seen, padded or not */
	bool server_spoke; /* application data */
	int64_t asked_ns; /* when the client last did */
	const struct event *tickets; /* the first of them: see ticket() */
};

/* RFC 8446 appendix B.4: SHA-384 with 0x1302, tags of 8 bytes with 0x1305. */
static uint32_t tag_length(const struct attempt *a)
{
	return a->server_hello && a->server_hello->cipher == 0x1305 ? 8 : 16;
}

static uint32_t finished_length(const struct attempt *a)
{
	uint32_t hash = a->server_hello && a->server_hello->cipher == 0x1302 ? 48 : 32;

	return 4 + hash + 1 + tag_length(a);
}

bool milestones_alert_length(const struct attempt *a, const struct milestones *m, const struct event *e)
{
	uint32_t bare = 2 + 1 + tag_length(a);

	return e->length == bare || (e->length == bare + JSSE_PADDING && !m->unpadded[e->from]);
}

static void reach(struct milestones *m, enum tlsdiag_stage stage, const struct tlsdiag_moment *at, bool inferred)
{
	if (m->reached[stage].reached)
		return;
	for (int i = 0; i < (int)stage; i++) /* what must have come before, though the capture does not show it */
		if (!m->reached[i].reached)
			m->reached[i] = (struct tlsdiag_milestone){.reached = true, .inferred = true};
	m->reached[stage] = (struct tlsdiag_milestone){.reached = true, .inferred = inferred, .at = *at};
}

static bool reached(const struct walk *w, enum tlsdiag_stage stage)
{
	return w->m->reached[stage].reached;
}

bool milestones_met_nobody(const struct attempt *a, const struct milestones *m, const struct sent_segment *g, int from)
{
	const struct attempt_side *s = &a->side[from], *other = &a->side[!from];
	const struct reset *last = a->reset_count > 0 ? &a->resets[a->reset_count - 1] : NULL;

	if (!m->asked || g->times != 2 || other->fin_told || !last || last->from == from || last->has_ack ||
	    last->ack_zero)
		return false;
	return !last->other_ttl && !last->other_ip_id && !last->sequence_ahead && last->later_packets == 0 &&
	       s->last_repeat.frame && s->last_repeat.frame < last->at.frame;
}

/* A message that needs a segment which was repeated and never acknowledged did not arrive. */
static bool arrived(const struct walk *w, const struct event *e)
{
	const struct attempt_side *s = &w->a->side[e->from];

	for (size_t i = 0; i < s->sent_count; i++) {
		const struct sent_segment *g = &s->sent[i];

		if (g->times > 1 && g->offset < e->end && (uint64_t)g->offset + g->length > s->stream.acked &&
		    !milestones_met_nobody(w->a, w->m, g, e->from))
			return false;
	}
	return true;
}

/* The other end has, or asks for, something that this end sent. */
static bool some_passed(const struct walk *w, int from)
{
	const struct attempt_side *s = &w->a->side[from];

	return s->stream.acked > 0 || s->sacked_end > 0 || w->a->side[!from].duplicate_acks > 0;
}

/* TLS 1.2 and older: a handshake record behind ChangeCipherSpec is the Finished. */
static void walk_finished(struct walk *w, const struct event *e)
{
	if (e->from == w->client) {
		if (w->client_ccs && (w->hello || reached(w, TLSDIAG_SERVER_HELLO)))
			reach(w->m, TLSDIAG_CLIENT_FLIGHT, &e->at, false);
		return;
	}
	if (!w->server_ccs || !(w->hello || reached(w, TLSDIAG_SERVER_HELLO)))
		return;
	if (reached(w, TLSDIAG_CLIENT_FLIGHT)) {
		if (arrived(w, e))
			reach(w->m, TLSDIAG_FINISHED, &e->at, false);
	} else if (!w->client_ccs) {
		w->m->resumed = true;
		if (arrived(w, e))
			reach(w->m, TLSDIAG_SERVER_FLIGHT, &e->at, false);
	}
}

static void walk_handshake(struct walk *w, const struct event *e)
{
	bool client = e->from == w->client;

	switch (e->value) {
	case HS_CLIENT_HELLO:
		w->hello = w->hello || client;
		break;
	case HS_SERVER_HELLO:
		if (client)
			break;
		/* Where more of the flight that it begins arrived, its own loss is that of the flight. */
		if (arrived(w, e) || some_passed(w, e->from))
			reach(w->m, TLSDIAG_SERVER_HELLO, &e->at, false);
		w->m->tls13 = w->a->server_hello && version_is_tls13(w->a->server_hello->version);
		break;
	case HS_SERVER_HELLO_DONE:
		if (!client && arrived(w, e))
			reach(w->m, TLSDIAG_SERVER_FLIGHT, &e->at, false);
		break;
	case HS_CERTIFICATE:
	case HS_SERVER_KEY_EXCHANGE:
	case HS_CERTIFICATE_REQUEST:
	case HS_CLIENT_KEY_EXCHANGE:
		if (client || arrived(w, e) || some_passed(w, e->from))
			reach(w->m, client ? TLSDIAG_SERVER_FLIGHT : TLSDIAG_SERVER_HELLO, &e->at, true);
		break;
	case HS_FINISHED: /* only ever decrypted */
		if (!w->m->tls13)
			walk_finished(w, e);
		else
			reach(w->m, client ? TLSDIAG_CLIENT_FLIGHT : TLSDIAG_SERVER_FLIGHT, &e->at, false);
		break;
	case HS_NEW_SESSION_TICKET:
		if (w->m->tls13 && !client && reached(w, TLSDIAG_CLIENT_FLIGHT))
			reach(w->m, TLSDIAG_FINISHED, &e->at, false);
		break;
	default:
		break;
	}
}

static void walk_exchange(struct walk *w, const struct event *e)
{
	if (e->from == w->client) {
		w->m->asked = true;
		if (w->m->request_open && e->at.time_ns - w->asked_ns > w->m->request_pause_ns)
			w->m->request_pause_ns = e->at.time_ns - w->asked_ns;
		w->m->request_open = true;
		w->asked_ns = e->last_ns;
	} else if (arrived(w, e)) {
		w->server_spoke = true;
		w->m->request_open = false;
	}
	/* In TLS 1.3 what the server sends unasked may be tickets. */
	if (w->m->asked && w->server_spoke && reached(w, TLSDIAG_FINISHED) &&
	    (!w->m->tls13 || w->m->decrypted || e->from != w->client))
		reach(w->m, TLSDIAG_APPLICATION, &e->at, w->m->tls13 && !w->m->decrypted);
}

static void walk_data12(struct walk *w, const struct event *e)
{
	if (!reached(w, TLSDIAG_CLIENT_FLIGHT))
		return;
	if (e->from != w->client)
		reach(w->m, TLSDIAG_FINISHED, &e->at, !w->m->resumed);
	walk_exchange(w, e);
}

/* The client's Finished tells whether the client pads. */
static void mind_client_padding(struct walk *w, const struct event *e)
{
	bool finished = e->length == w->finished_length;

	if (w->client_padding_known || !(finished || e->length == w->finished_length + JSSE_PADDING))
		return;
	w->client_padding_known = true;
	w->m->unpadded[w->client] = finished;
}

static void walk_client_data13(struct walk *w, const struct event *e)
{
	bool finished = e->length == w->finished_length;
	bool alert;

	if (!reached(w, TLSDIAG_SERVER_HELLO))
		return; /* early data */
	mind_client_padding(w, e);
	alert = milestones_alert_length(w->a, w->m, e);
	if (!reached(w, TLSDIAG_CLIENT_FLIGHT)) {
		if (w->early && !finished)
			return;
		reach(w->m, TLSDIAG_SERVER_FLIGHT, &e->at, true);
		if (!alert)
			reach(w->m, TLSDIAG_CLIENT_FLIGHT, &e->at, true);
		return;
	}
	if (!alert && (!finished || e->at.frame != w->m->reached[TLSDIAG_CLIENT_FLIGHT].at.frame))
		walk_exchange(w, e);
}

/* The record that its sender sent next, without having received anything in between; NULL when there is none yet. */
static const struct event *next_record(const struct walk *w, const struct event *e)
{
	for (const struct event *next = e + 1; next < w->a->events + w->a->event_count; next++)
		if (next->from == e->from)
			return next->kind == EVENT_DATA && next->acked == e->acked ? next : NULL;
	return NULL;
}

/* Two short records of one length are the server's first words behind a client's Finished when they are session tickets
 * (RFC 8446 section 4.6.1), of which most servers send two: no answer to whatever the client has asked. */
static bool ticket(struct walk *w, const struct event *e)
{
	const struct event *next = next_record(w, e);

	if (w->tickets)
		return e == next_record(w, w->tickets);
	if (reached(w, TLSDIAG_FINISHED) || e->count > 1 || e->length > TICKET_MAX)
		return false;
	w->m->may_be_ticket = e + 1 == w->a->events + w->a->event_count;
	if (!next || next->length != e->length || next->count > 1)
		return false;
	w->tickets = e;
	return true;
}

/* EncryptedExtensions come first: whether they are alone in their record tells how this server packs its messages. A
 * Finished in a record of its own is known by its length; behind it may be tickets, or data (Go and BoringSSL do not
 * wait with them). */
static void walk_server_flight13(struct walk *w, const struct event *e)
{
	struct milestones *m = w->m;
	bool first = !m->server_encrypted, finished = e->length == w->finished_length;
	bool resumed = w->a->server_hello && w->a->server_hello->has_pre_shared_key;

	m->server_encrypted = true;
	if (first)
		m->server_joins = e->length >= (resumed ? EXTENSIONS_MIN + w->finished_length : EXTENSIONS_MAX);
	w->server_finished = w->server_finished || (finished && !first);
	m->server_finished_size = finished || w->server_finished;
	m->unpadded[e->from] = m->server_finished_size;
}

static void walk_server_data13(struct walk *w, const struct event *e)
{
	bool unasked;

	if (!reached(w, TLSDIAG_SERVER_HELLO))
		return;
	if (!reached(w, TLSDIAG_CLIENT_FLIGHT)) {
		walk_server_flight13(w, e);
		return;
	}
	if (!reached(w, TLSDIAG_FINISHED) && (milestones_alert_length(w->a, w->m, e) || !arrived(w, e)))
		return;
	unasked = ticket(w, e);
	reach(w->m, TLSDIAG_FINISHED, &e->at, true);
	if (!unasked)
		walk_exchange(w, e);
}

static void walk_data(struct walk *w, const struct event *e)
{
	if (w->m->decrypted && e->decrypted) {
		if (e->from != w->client && reached(w, TLSDIAG_CLIENT_FLIGHT))
			reach(w->m, TLSDIAG_FINISHED, &e->at, false);
		walk_exchange(w, e);
	} else if (!w->m->tls13) {
		walk_data12(w, e);
	} else if (e->from == w->client) {
		walk_client_data13(w, e);
	} else {
		walk_server_data13(w, e);
	}
}

/* Bytes of any kind prove TCP's handshake. */
static void walk_bytes(struct walk *w, const struct event *e)
{
	bool bytes = e->kind != EVENT_SYN && e->kind != EVENT_SYN_ACK && e->kind != EVENT_RST && e->kind != EVENT_ICMP;

	/* What came with a SYN (RFC 7413) shows nothing yet. */
	if (bytes && (!w->a->began || w->syn_ack || e->kind == EVENT_ACK || e->from == 1)) {
		/* A FIN or data of the end that opened is its acknowledgment too; the frame counts only if TCP was seen
		 * opening. */
		bool seen = w->a->began && (e->kind == EVENT_ACK || w->syn_ack);

		reach(w->m, TLSDIAG_TCP, w->a->began ? &e->at : &(struct tlsdiag_moment){0}, !seen);
	}
}

/* Whether its acknowledgment says so. Sent with the SYN (RFC 7413), a ClientHello may be acknowledged by a refusal: it
 * needs a connection to arrive on. */
static bool hello_arrived(const struct walk *w, uint64_t until)
{
	const struct tlsdiag_moment *acked = &w->a->hello_acked;

	return w->hello && acked->frame && acked->frame <= until && (reached(w, TLSDIAG_TCP) || w->syn_ack);
}

static void walk_hello_acked(struct walk *w, uint64_t until)
{
	if (hello_arrived(w, until))
		reach(w->m, TLSDIAG_CLIENT_HELLO, &w->a->hello_acked, false);
}

/* The frame by which what this event's packet acknowledges had been read; one that came early waits for that. */
static uint64_t known_by(const struct event *e)
{
	return e->order > e->at.frame ? e->order : e->at.frame;
}

/* The server's answer in TLS proves that the ClientHello arrived, as its acknowledgment does. */
static void walk_answered(struct walk *w, const struct event *e)
{
	if (e->from != w->client && w->hello && e->kind >= EVENT_HANDSHAKE && e->kind <= EVENT_FAULT)
		reach(w->m, TLSDIAG_CLIENT_HELLO, &e->at, false);
	walk_hello_acked(w, known_by(e));
}

static void walk_event(struct walk *w, const struct event *e)
{
	if (!reached(w, TLSDIAG_TCP))
		walk_bytes(w, e);
	if (!reached(w, TLSDIAG_CLIENT_HELLO))
		walk_answered(w, e);
	switch (e->kind) {
	case EVENT_SYN_ACK:
		w->syn_ack = true;
		break;
	case EVENT_HANDSHAKE:
		walk_handshake(w, e);
		break;
	case EVENT_RETRY:
		w->m->retried = true;
		break;
	case EVENT_CHANGE_CIPHER_SPEC:
		if (e->from == w->client)
			w->client_ccs = true;
		else
			w->server_ccs = true;
		break;
	case EVENT_ENCRYPTED_HANDSHAKE:
		if (!w->m->tls13)
			walk_finished(w, e);
		break;
	case EVENT_DATA:
		walk_data(w, e);
		break;
	default:
		break;
	}
}

/* Whether reading is to stop before an event. If so, *m is what its packet found: an acknowledgment may have come with
 * nothing else to tell, or in this very packet. */
static bool stops(const struct walk *w, size_t event, milestones_stop_fn *stop, void *context, struct milestones *m)
{
	struct milestones found;

	if (reached(w, TLSDIAG_CLIENT_HELLO) || !hello_arrived(w, known_by(&w->a->events[event])))
		return stop(context, event, m);
	found = *m;
	reach(&found, TLSDIAG_CLIENT_HELLO, &w->a->hello_acked, false);
	if (!stop(context, event, &found))
		return false;
	*m = found;
	return true;
}

size_t milestones_until(const struct attempt *a, milestones_stop_fn *stop, void *context, struct milestones *out)
{
	struct walk w = {.a = a, .m = out, .client = attempt_client(a), .finished_length = finished_length(a)};
	size_t i = 0;

	*out = (struct milestones){.decrypted = a->decrypted};
	w.early = a->offers_early_data;
	for (; i < a->event_count; i++) {
		if (stop && stops(&w, i, stop, context, out))
			return i;
		walk_event(&w, &a->events[i]);
	}
	walk_hello_acked(&w, UINT64_MAX);
	return i;
}

void milestones_read(const struct attempt *a, struct milestones *out)
{
	milestones_until(a, NULL, NULL, out);
}

enum tlsdiag_stage milestones_stage(const struct milestones *m)
{
	int stage = TLSDIAG_TCP;

	while (stage < TLSDIAG_STAGES && m->reached[stage].reached)
		stage++;
	return (enum tlsdiag_stage)stage;
}
