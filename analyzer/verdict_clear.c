/* verdict_clear.c: the rules for connections in which something was said in clear, before TLS or instead of it; see
 * verdict_rules.h. */
#include "verdict_rules.h"

#include <string.h>

bool rule_refused(const struct reading *r, struct conclusion *c)
{
	const struct preamble *p = r->a->preamble;

	if (!p || !r->end || r->end->kind != EVENT_REFUSED)
		return false;
	/* A capability that was blanked out on the way is no server's refusal. */
	return conclude_failed(c, TLSDIAG_REFUSED,
			       p->offer == PREAMBLE_OFFER_BLANKED ? TLSDIAG_BY_NETWORK : TLSDIAG_BY_SERVER,
			       p->protocol);
}

/* Asked for TLS or a tunnel in one protocol, the server answers in another. */
bool rule_answered_otherwise(const struct reading *r, struct conclusion *c)
{
	const struct preamble *p = r->a->preamble;

	if (!p || p->state != PREAMBLE_MISMATCH || reading_hello_seen(r))
		return false;
	return conclude_failed(c, TLSDIAG_CAUSE_NOT_TLS, TLSDIAG_BY_SERVER, p->protocol);
}

/* Where nothing else tells, the port does: a server on one of these wants TLS from the first byte (IANA "Service Name
 * and Transport Protocol Port Number"; 8443 and 4433 by custom). */
static bool port_is_tls(uint16_t port)
{
	static const uint16_t ports[] = {443,  465,  563,  636,  853,  989,  990,  992,  993,  994,  995,  2376, 3269,
					 4433, 5061, 5223, 5349, 5671, 5986, 6443, 6514, 6697, 8443, 8883, 9443};

	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* On such a port a server that says nothing to what the client said in clear shows that it wanted TLS: by closing, or
 * by its silence where what was said is known and was received. */
static bool shunned(const struct reading *r)
{
	const struct preamble *p = r->a->preamble;
	const struct attempt_side *client = &r->a->side[r->client];

	if (p->side[1].total > 0 || r->missing || !port_is_tls(r->a->port[r->server]))
		return false;
	return reading_ended_by(r, EVENT_FIN, r->server) || reading_ended_by(r, EVENT_RST, r->server) ||
	       (p->protocol && reading_late(r) && client->stream.acked >= client->stream.end);
}

/* An HTTP server speaks when it is spoken to: what it says before the client has said anything behind a PROXY header is
 * its answer to that, and the ClientHello comes too late. */
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
	return first && first->from == r->server && reading_hello_seen(r) && !r->hello_sent;
}

/* A PROXY header that was cut short in the capture: TLS may have followed. */
static bool header_cut(const struct reading *r)
{
	return r->a->unreadable && strcmp(r->a->preamble->protocol, "proxy") == 0;
}

/* The client speaks something else to a server that shows it wants TLS. */
bool rule_plain_to_tls(const struct reading *r, struct conclusion *c)
{
	const struct preamble *p = r->a->preamble;

	if (p && header_answered(r))
		return conclude_failed(c, TLSDIAG_CAUSE_NOT_TLS, TLSDIAG_BY_CLIENT, p->tunnel);
	if (!p || p->side[0].total == 0 || reading_hello_seen(r) || p->state == PREAMBLE_ASKED ||
	    p->state == PREAMBLE_GRANTED)
		return false;
	if (preamble_wants_tls(p) ||
	    (p->protocol && !r->a->server_hello && reading_ended_by(r, EVENT_ALERT, r->server) && !header_cut(r)))
		return conclude_failed(c, TLSDIAG_CAUSE_NOT_TLS, TLSDIAG_BY_CLIENT, p->protocol);
	if (!r->a->began || r->a->unreadable || (r->a->side[r->server].mode != SIDE_TLS && !shunned(r)))
		return false;
	return conclude_failed(c, TLSDIAG_CAUSE_NOT_TLS, TLSDIAG_BY_CLIENT, p->protocol);
}

static unsigned client_words(const struct reading *r)
{
	unsigned words = 0;

	for (const struct event *e = r->a->events; e < reading_end(r); e++)
		words += e->kind == EVENT_PLAIN && e->from == r->client;
	return words;
}

/* The greetings of a protocol in which the server speaks first and TLS can still be asked for, and then the capture
 * ends. */
static bool just_greeted(const struct reading *r)
{
	const struct preamble *p = r->a->preamble;
	const struct event *e = r->a->events;

	while (e < reading_end(r) && e->kind != EVENT_PLAIN)
		e++;
	return e < reading_end(r) && e->from == r->server && p->spoken && !r->end && !reading_late(r) &&
	       p->offer != PREAMBLE_NOT_OFFERED && client_words(r) <= 1;
}

/* A server that lists what it can do, TLS not among it (MySQL does so unasked), and a client that leaves at once
 * without another word: it wanted TLS and nothing else. */
static bool insisted(const struct reading *r)
{
	const char *protocol = r->a->preamble->protocol;
	unsigned questions = protocol && strcmp(protocol, "mysql") == 0 ? 0 : 1;

	if (r->a->preamble->offer != PREAMBLE_NOT_OFFERED || !reading_ended_by(r, EVENT_FIN, r->client) ||
	    reading_late(r))
		return false;
	return client_words(r) <= questions && r->end > r->a->events && r->end[-1].kind == EVENT_PLAIN &&
	       r->end[-1].from == r->server;
}

/* In these what opens the conversation cannot be told from the consent to a request that is not in the capture: "220
 * Ready to start TLS", "+OK", "HTTP/1.1 200". */
static bool like_consent(const char *protocol)
{
	static const char *const protocols[] = {"http", "smtp", "lmtp", "pop3", "rdp", "text"};

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (protocol && strcmp(protocols[i], protocol) == 0)
			return true;
	return !protocol;
}

/* The server greets in clear, as SSH, mail servers and MySQL do, and the client begins TLS without having asked for it.
 * How the client then leaves says nothing more. */
bool rule_greeted(const struct reading *r, struct conclusion *c)
{
	const struct preamble *p = r->a->preamble;

	if (!p || p->state != PREAMBLE_PLAIN || p->side[1].total == 0 || p->side[0].total > 0 || !reading_hello_seen(r))
		return false;
	if (!r->a->began && like_consent(p->protocol))
		return false;
	if (r->stage != TLSDIAG_SERVER_HELLO || r->a->side[r->server].mode == SIDE_TLS)
		return false;
	return conclude_failed(c, TLSDIAG_CAUSE_NOT_TLS, TLSDIAG_BY_SERVER, p->protocol);
}

bool rule_not_tls(const struct reading *r, struct conclusion *c)
{
	const struct preamble *p = r->a->preamble;

	if (!p || reading_hello_seen(r) || r->a->side[0].mode == SIDE_TLS || r->a->side[1].mode == SIDE_TLS)
		return false;
	if (p->state != PREAMBLE_PLAIN && p->state != PREAMBLE_NONE)
		return false;
	if (!r->a->began && !(p->protocol && p->side[0].total > 0 && p->side[1].total > 0))
		return conclude_incomplete(c, BECAUSE_JOINED_LATE);
	if (r->one_sided[0] || r->one_sided[1])
		return conclude_incomplete(c, BECAUSE_ONE_SIDED);
	if (r->a->unreadable)
		return conclude_incomplete(c, r->a->cut_short ? BECAUSE_CUT : BECAUSE_MISSING);
	if ((r->missing || r->a->torn) && !(p->side[0].total > 0 && p->side[1].total > 0))
		return conclude_incomplete(c, BECAUSE_MISSING);
	if (just_greeted(r))
		return conclude_incomplete(c, BECAUSE_ENDS_EARLY);
	if (insisted(r)) {
		c->certainty = TLSDIAG_INFERRED;
		return conclude_failed(c, TLSDIAG_REFUSED, TLSDIAG_BY_SERVER, p->protocol);
	}
	c->outcome = TLSDIAG_NOT_TLS;
	return true;
}

/* A client that offers SSL 2.0 and nothing newer, and a server that speaks it: what came before TLS, and no failure of
 * it. */
bool rule_sslv2(const struct reading *r, struct conclusion *c)
{
	struct client_hello hello;

	if (!r->end || r->end->kind != EVENT_FAULT || r->end->value != FAULT_SSLV2 || !attempt_hello(r->a, &hello) ||
	    !hello.sslv2 || hello.legacy_version >= 0x0300)
		return false;
	c->outcome = TLSDIAG_NOT_TLS;
	return true;
}
