/* pair_judge.c: the rules, in order; see pair_judge.h. */
#include "analyzer/cli/pair_judge.h"

#include <stdarg.h>
#include <stdio.h>

struct case_at_hand {
	const struct tlsdiag_verdict *a, *b;
	const struct between_facts *f;
};

/* ---- What rules are made of ---- */

static bool __attribute__((format(printf, 2, 3))) find(struct judgement *j, const char *finding, ...)
{
	va_list arguments;

	va_start(arguments, finding);
	vsnprintf(j->finding, sizeof(j->finding), finding, arguments);
	va_end(arguments);
	return true;
}

/* The second capture decides it. `presumed`: if it ran on until then. */
static void settle(struct judgement *j, enum tlsdiag_party by, bool presumed)
{
	j->settled = true;
	j->by = by;
	j->certainty = presumed ? TLSDIAG_INFERRED : TLSDIAG_SEEN;
}

static bool failed_by(const struct case_at_hand *c, enum tlsdiag_cause cause)
{
	return c->a && c->a->outcome == TLSDIAG_FAILED && c->a->cause == cause;
}

static bool silence(const struct case_at_hand *c)
{
	return failed_by(c, TLSDIAG_TIMEOUT) || failed_by(c, TLSDIAG_LOST) || failed_by(c, TLSDIAG_HALF_OPEN);
}

static bool appeared(enum fate fate)
{
	return fate == FATE_APPEARED || fate == FATE_APPEARED_PRESUMED;
}

static const char *if_running(bool presumed)
{
	return presumed ? "; the capture there shows nothing at all that late, so this holds if it was still running"
			: "";
}

/* ---- In one capture alone ---- */

static bool rule_only_in_b(const struct case_at_hand *c, struct judgement *j)
{
	if (c->a)
		return false;
	j->from_b = true;
	if (c->f->a_began_late)
		return find(j, "the capture at the client begins later than this connection");
	return find(j, "the capture at the client does not have this connection: it came from elsewhere, under other "
		       "addresses, or was not caught there");
}

static bool rule_relayed(const struct case_at_hand *c, struct judgement *j)
{
	if (!c->f->relayed)
		return false;
	return find(j, "something between ends the TCP connection and carries its bytes on in another one: the two "
		       "captures show the same TLS, not the same connection, and packets cannot be compared");
}

static bool rule_began_late(const struct case_at_hand *c, struct judgement *j)
{
	if (c->b || !c->f->b_began_late)
		return false;
	j->incomplete = "the capture at the server begins later than this connection, and does not have it";
	return find(j, "%s", j->incomplete);
}

static bool rule_ended_before(const struct case_at_hand *c, struct judgement *j)
{
	if (c->b || c->f->b_empty || !c->f->b_ended_early || c->f->lost[TO_SERVER].any)
		return false;
	j->incomplete = "the capture at the server ended earlier, and does not have this connection";
	return find(j, "%s", j->incomplete);
}

/* RST or ICMP for a SYN that never arrived: from something between. */
static bool rule_answered_between(const struct case_at_hand *c, struct judgement *j)
{
	bool presumed = c->f->lost[TO_SERVER].presumed || c->f->end == FATE_APPEARED_PRESUMED;

	if (c->b || c->a->stage != TLSDIAG_TCP ||
	    !(failed_by(c, TLSDIAG_REFUSED) || failed_by(c, TLSDIAG_RESET) || failed_by(c, TLSDIAG_UNREACHABLE)) ||
	    c->f->end_way != TO_CLIENT || !appeared(c->f->end))
		return false;
	settle(j, TLSDIAG_BY_NETWORK, presumed);
	return find(j, "the SYN never arrived at the server; something between answered it with %s%s",
		    c->f->end_icmp ? "an ICMP error" : "a RST", if_running(presumed));
}

static bool rule_syn_lost(const struct case_at_hand *c, struct judgement *j)
{
	const struct loss *lost = &c->f->lost[TO_SERVER];

	if (c->f->syn_arrived || !lost->any || !silence(c) || c->a->stage != TLSDIAG_TCP || c->f->synack_sent)
		return false;
	settle(j, TLSDIAG_BY_NETWORK, lost->presumed);
	return find(j, "the SYN never arrived at the server%s", if_running(lost->presumed));
}

static bool rule_elsewhere(const struct case_at_hand *c, struct judgement *j)
{
	if (c->b)
		return false;
	if (!c->f->answered) {
		j->incomplete = "the capture at the server does not have this connection, and does not show that it "
				"should";
		return find(j, "%s", j->incomplete);
	}
	return find(j, "the capture at the server does not have this connection, and yet it was answered: by something "
		       "between, or by a server whose packets do not pass there");
}

/* ---- What ended it at the client ---- */

static bool rule_moved(const struct case_at_hand *c, struct judgement *j)
{
	if (c->a->outcome != TLSDIAG_FAILED || !c->f->moved)
		return false;
	settle(j, TLSDIAG_BY_NETWORK, false);
	return find(j,
		    "the ClientHello arrived at the server from another address or port, as its connection %llu, of "
		    "which it knew nothing: address translation on the way forgot this one",
		    (unsigned long long)c->f->moved);
}

static bool rule_end_appeared(const struct case_at_hand *c, struct judgement *j)
{
	bool presumed = c->f->end == FATE_APPEARED_PRESUMED;

	if (c->a->outcome != TLSDIAG_FAILED || !appeared(c->f->end) || c->f->end_way != TO_CLIENT || silence(c))
		return false;
	settle(j, TLSDIAG_BY_NETWORK, presumed);
	switch (c->a->cause) {
	case TLSDIAG_RESET:
		j->injected = true;
		return find(j,
			    "the server did not send the reset that the client received: something between forged it%s",
			    if_running(presumed));
	case TLSDIAG_REFUSED:
		return find(j, "the server did not send the refusal that the client received: something between did%s",
			    if_running(presumed));
	case TLSDIAG_UNREACHABLE:
		return find(j, "the ICMP error did not come from the server's end: something between sent it%s",
			    if_running(presumed));
	default:
		return find(j, "the server did not send what ended it at the client: something between did%s",
			    if_running(presumed));
	}
}

static bool rule_end_changed(const struct case_at_hand *c, struct judgement *j)
{
	bool to_server = c->f->payload_changed[TO_SERVER], to_client = c->f->payload_changed[TO_CLIENT];

	if (c->a->outcome != TLSDIAG_FAILED || silence(c) || failed_by(c, TLSDIAG_ABANDONED) ||
	    !(to_server || to_client))
		return false;
	settle(j, TLSDIAG_BY_NETWORK, false);
	return find(j, "bytes were changed on the way to the %s%s before it failed", to_server ? "server" : "client",
		    to_server && to_client ? " and to the client" : "");
}

static bool rule_ack_changed(const struct case_at_hand *c, struct judgement *j)
{
	if (c->a->outcome != TLSDIAG_FAILED || c->a->stage != TLSDIAG_TCP || !c->f->ack_changed[TO_CLIENT])
		return false;
	settle(j, TLSDIAG_BY_NETWORK, false);
	return find(j, "what the server acknowledged was changed on the way to the client");
}

static bool truly(const struct case_at_hand *c, enum way way)
{
	return c->f->end == FATE_PASSED && c->f->end_way == way;
}

/* One capture took it for forged; the other shows it being sent at the server's end. */
static bool rule_truly_sent(const struct case_at_hand *c, struct judgement *j)
{
	bool ends = failed_by(c, TLSDIAG_RESET) || failed_by(c, TLSDIAG_REFUSED) || failed_by(c, TLSDIAG_UNREACHABLE) ||
		    failed_by(c, TLSDIAG_CLOSED) || failed_by(c, TLSDIAG_ALERT) ||
		    failed_by(c, TLSDIAG_CAUSE_NOT_TLS) || failed_by(c, TLSDIAG_MALFORMED);

	if (!ends || !(truly(c, TO_CLIENT) || truly(c, TO_SERVER)))
		return false;
	if (c->f->end_icmp)
		return find(j, "the ICMP error came from the server's end");
	if (failed_by(c, TLSDIAG_RESET) && c->a->by == TLSDIAG_BY_NETWORK) {
		settle(j, c->f->end_way == TO_CLIENT ? TLSDIAG_BY_SERVER : TLSDIAG_BY_CLIENT, false);
		j->genuine = true;
		return find(j, "the reset looks forged at the client, but the %s's end did send it",
			    c->f->end_way == TO_CLIENT ? "server" : "client");
	}
	return find(j, "what ended it was sent by the %s's end and arrived unchanged",
		    c->f->end_way == TO_CLIENT ? "server" : "client");
}

/* ---- Silence ---- */

static bool rule_window_closed(const struct case_at_hand *c, struct judgement *j)
{
	if (!silence(c) || !(c->f->window_closed[TO_CLIENT] || c->f->window_closed[TO_SERVER]))
		return false;
	settle(j, TLSDIAG_BY_NETWORK, false);
	return find(j, "the receive window of the %s was changed to 0 on the way",
		    c->f->window_closed[TO_CLIENT] ? "server" : "client");
}

static bool rule_lost_to_server(const struct case_at_hand *c, struct judgement *j)
{
	const struct loss *lost = &c->f->lost[TO_SERVER], *back = &c->f->lost[TO_CLIENT];

	if (!silence(c) || !lost->any || (back->any && c->a->stage == TLSDIAG_TCP))
		return false;
	settle(j, TLSDIAG_BY_NETWORK, lost->presumed);
	return find(j, "%s left the client and never arrived at the server%s", lost->label, if_running(lost->presumed));
}

static bool rule_lost_to_client(const struct case_at_hand *c, struct judgement *j)
{
	const struct loss *lost = &c->f->lost[TO_CLIENT];

	if (!silence(c) || !lost->any)
		return false;
	settle(j, TLSDIAG_BY_NETWORK, lost->presumed);
	return find(j, "the server answered, and its answer never came back: %s was sent and did not arrive%s",
		    lost->label, if_running(lost->presumed));
}

static bool rule_syn_unanswered(const struct case_at_hand *c, struct judgement *j)
{
	if (!failed_by(c, TLSDIAG_TIMEOUT) || c->a->stage != TLSDIAG_TCP || !c->f->syn_arrived || c->f->synack_sent)
		return false;
	settle(j, TLSDIAG_BY_SERVER, !c->f->b_shows_wait);
	return find(j, "the SYN arrived at the server's end and nobody answered%s", if_running(!c->f->b_shows_wait));
}

static bool rule_half_open(const struct case_at_hand *c, struct judgement *j)
{
	if (!failed_by(c, TLSDIAG_HALF_OPEN) || !c->f->synack_arrived)
		return false;
	return find(j, "the SYN-ACK arrived at the client's end and its host took no notice of it: a host firewall, or "
		       "frames for another Ethernet address");
}

static bool rule_unanswered(const struct case_at_hand *c, struct judgement *j)
{
	bool server = c->a && c->a->by == TLSDIAG_BY_SERVER;

	if (!failed_by(c, TLSDIAG_TIMEOUT) || c->a->stage == TLSDIAG_TCP || !(server || c->a->by == TLSDIAG_BY_CLIENT))
		return false;
	if (c->f->b_ended_early || !c->f->b_shows_wait || c->f->end != FATE_PASSED)
		return find(j, "what the captures share shows no packet that was lost between them; the one at the "
			       "server does not go on for long enough to say more");
	settle(j, c->a->by, false);
	return find(j, "all that was sent arrived, and the %s sent no answer", server ? "server" : "client");
}

/* ---- Nothing to decide ---- */

static bool rule_client_cannot_say(const struct case_at_hand *c, struct judgement *j)
{
	if (c->a->outcome != TLSDIAG_INCOMPLETE || c->b->outcome == TLSDIAG_INCOMPLETE)
		return false;
	j->from_b = true;
	j->settled = true;
	return find(j, "the capture at the client does not tell enough; the one at the server does");
}

static bool rule_nothing(const struct case_at_hand *c, struct judgement *j)
{
	(void)c;
	(void)j;
	return true;
}

/* ---- The table ---- */

typedef bool rule_fn(const struct case_at_hand *c, struct judgement *j);

static rule_fn *const rules[] = {
	rule_only_in_b,      rule_relayed,        rule_answered_between,  rule_syn_lost,      rule_began_late,
	rule_ended_before,   rule_elsewhere,      rule_client_cannot_say, rule_moved,         rule_end_appeared,
	rule_end_changed,    rule_ack_changed,    rule_truly_sent,        rule_window_closed, rule_lost_to_server,
	rule_lost_to_client, rule_syn_unanswered, rule_half_open,         rule_unanswered,    rule_nothing,
};

void pair_judge(const struct tlsdiag_verdict *a, const struct tlsdiag_verdict *b, const struct between_facts *facts,
		struct judgement *out)
{
	const struct case_at_hand c = {.a = a, .b = b, .f = facts};
	const struct tlsdiag_verdict *base = a ? a : b;

	*out = (struct judgement){.by = base->by, .certainty = base->certainty};
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i](&c, out))
			break;
	if (out->from_b && b) {
		out->by = b->by;
		out->certainty = b->certainty;
	}
	/* Clocks taken for equal, for want of a packet in both captures. */
	if (out->settled && !facts->clock_known && !facts->b_empty)
		out->certainty = TLSDIAG_INFERRED;
	/* What A alone shows to be the network's doing needs no second capture to be certain. */
	if (out->settled && a && a->by == TLSDIAG_BY_NETWORK && out->by == a->by && a->certainty == TLSDIAG_SEEN)
		out->certainty = TLSDIAG_SEEN;
}
