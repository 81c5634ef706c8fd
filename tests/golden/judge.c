/* judge.c: runs the analyzer over captures in memory, and compares what it says with what may be said. */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_verdict(const struct tlsdiag_verdict *v, void *context)
{
	struct judgements *all = context;
	struct judgement *j;

	if (all->count == all->room) {
		all->room = all->room ? 2 * all->room : 4;
		all->of = realloc(all->of, all->room * sizeof(*all->of));
		if (!all->of)
			abort();
	}
	j = &all->of[all->count++];
	*j = (struct judgement){
		.ports = {v->client.port, v->server.port},
		.outcome = v->outcome,
		.cause = v->cause,
		.by = v->by,
		.certainty = v->certainty,
		.version = v->choice.version,
		.cipher = v->choice.cipher,
	};
	snprintf(j->signature, sizeof(j->signature), "%s", v->signature);
	/* Of the alerts that close a healthy connection any may be the one that is shown. */
	if (v->alert.present && v->outcome == TLSDIAG_FAILED)
		snprintf(j->alert, sizeof(j->alert), "%s", v->alert.name);
	snprintf(j->server_name, sizeof(j->server_name), "%s", v->hello.server_name);
	for (int i = 0; i < TLSDIAG_STAGES; i++)
		j->reached |= v->milestones[i].reached ? 1U << i : 0;
}

static void feed(struct tlsdiag *d, const struct capture *c, size_t i)
{
	const struct frame *f = &c->frames[i];
	struct tlsdiag_packet packet = {i + 1, f->time_ns, f->bytes, f->captured, f->wire};

	tlsdiag_packet(d, c->linktype, &packet);
}

static struct tlsdiag *analyzer(struct judgements *j)
{
	struct tlsdiag_settings settings;
	struct tlsdiag *d;

	/* A smaller table is sooner made, and one is for each variation. */
	tlsdiag_settings_init(&settings);
	settings.flows_max = 4096;
	d = tlsdiag_new(&settings, on_verdict, j);
	j->count = 0;
	if (!d)
		abort();
	return d;
}

void judge(const struct capture *c, struct judgements *j)
{
	struct tlsdiag *d = analyzer(j);

	for (size_t i = 0; i < c->count; i++)
		feed(d, c, i);
	tlsdiag_finish(d);
	tlsdiag_free(d);
}

void judge_beside(const struct capture *c, struct judgements *j)
{
	struct judgements aside = {0};
	struct tlsdiag *first = analyzer(&aside), *second = analyzer(j);

	for (size_t i = 0; i < c->count; i++) {
		feed(first, c, c->count - 1 - i);
		feed(second, c, i);
	}
	tlsdiag_finish(first);
	tlsdiag_free(first);
	tlsdiag_finish(second);
	tlsdiag_free(second);
	judgements_free(&aside);
}

void judgements_free(struct judgements *j)
{
	free(j->of);
	*j = (struct judgements){0};
}

/* Prints a judgement into text, as `failed server-hello/reset by server, seen`. */
static const char *judgement_text(const struct judgement *j, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s%s%s, %s", tlsdiag_outcome_name(j->outcome), *j->signature ? " " : "", j->signature,
		 j->by ? " by " : "", tlsdiag_party_name(j->by), tlsdiag_certainty_name(j->certainty));
	return text;
}

/* ---- Expectations ---- */

static const unsigned APPLICATION = 1U << TLSDIAG_APPLICATION;

static bool same_verdict(const struct judgement *a, const struct judgement *b)
{
	return a->outcome == b->outcome && a->by == b->by && strcmp(a->signature, b->signature) == 0;
}

static bool same(const struct judgement *whole, const struct judgement *now, const struct capture *varied)
{
	(void)varied;
	return same_verdict(whole, now) && whole->certainty == now->certainty && whole->reached == now->reached &&
	       whole->version == now->version && whole->cipher == now->cipher &&
	       strcmp(whole->alert, now->alert) == 0 && strcmp(whole->server_name, now->server_name) == 0;
}

/* The same but for the milestone after the handshake: whether data was answered cannot be told when the answer comes
 * first. */
static bool same_handshake(const struct judgement *whole, const struct judgement *now, const struct capture *varied)
{
	(void)varied;
	return same_verdict(whole, now) && whole->certainty == now->certainty &&
	       (whole->reached & ~APPLICATION) == (now->reached & ~APPLICATION);
}

/* The same, but what was lost is another size of segments now. */
static bool same_bytes(const struct judgement *whole, const struct judgement *now, const struct capture *varied)
{
	if (whole->cause == TLSDIAG_LOST && now->cause == TLSDIAG_LOST)
		return whole->by == now->by && whole->reached == now->reached;
	return same(whole, now, varied);
}

/* The longest silence between two packets of the capture. */
static int64_t silence(const struct capture *c)
{
	int64_t longest = 0;

	for (size_t i = 1; i < c->count; i++) {
		int64_t gap = c->frames[i].time_ns - c->frames[i - 1].time_ns;

		if (gap > longest)
			longest = gap;
	}
	return longest;
}

/* Some ICMP error is there as far as the ports of the packet that it quotes. */
static bool shows_error(const struct capture *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct parts p = parts_of(c, &c->frames[i]);

		if (!p.tcp && c->frames[i].captured >= p.payload + (p.v6 ? 40 : 20) + 4)
			return true;
	}
	return false;
}

static bool only_syns(const struct capture *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (parts_of(c, &c->frames[i]).flags != TCP_SYN)
			return false;
	return true;
}

static bool cut_short(const struct capture *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->frames[i].captured < c->frames[i].wire)
			return true;
	return false;
}

/* It failed before either end spoke TLS. */
static bool in_clear(const struct judgement *j)
{
	return j->cause == TLSDIAG_REFUSED || (j->cause == TLSDIAG_CAUSE_NOT_TLS && j->by == TLSDIAG_BY_CLIENT);
}

/* Packets that can be missing without a trace, and what is then to be seen: */
static bool untold(const struct judgement *whole, const struct judgement *now, const struct capture *varied)
{
	const char *detail = strrchr(whole->signature, '/');

	/* The only answer to SYNs. */
	if (only_syns(varied))
		return strcmp(now->signature, "tcp/timeout") == 0;
	/* An ICMP error: what it is about is repeated in vain. */
	if (whole->cause == TLSDIAG_UNREACHABLE && !shows_error(varied))
		return now->cause == TLSDIAG_TIMEOUT || now->cause == TLSDIAG_LOST;
	/* The words in clear that TLS was wanted, or refused. */
	if (in_clear(whole) && cut_short(varied))
		return now->outcome == TLSDIAG_NOT_TLS;
	/* A reset: to whom it was sent nothing came. */
	if (whole->cause == TLSDIAG_RESET && now->cause == TLSDIAG_TIMEOUT)
		return whole->by == now->by && whole->reached == now->reached;
	/* The repeats of what the server said last, as only the server's end has them. */
	if (strcmp(whole->signature, "finished/lost") == 0)
		return now->outcome == TLSDIAG_ESTABLISHED;
	/* The one sequence number that tells a loss from a silence. */
	if (whole->cause == TLSDIAG_LOST && whole->certainty == TLSDIAG_INFERRED && now->cause == TLSDIAG_TIMEOUT)
		return whole->reached == now->reached;
	/* The acknowledgment of what was repeated. */
	if (whole->cause == TLSDIAG_TIMEOUT && now->cause == TLSDIAG_LOST)
		return whole->reached == now->reached;
	/* The one that a reset contradicts, or that shows how far the connection was before it. */
	return now->cause == TLSDIAG_RESET && detail && strcmp(detail, "/injected") == 0;
}

/* A capture that ends early shows no failure that the whole one does not have, unless a silence had already lasted
 * longer than the patience. What failed after it was established, was established before; an end that speaks something
 * else has not been told so yet. */
static bool beginning(const struct judgement *whole, const struct judgement *now, const struct capture *varied)
{
	struct tlsdiag_settings settings;

	if (now->outcome == TLSDIAG_INCOMPLETE || same_verdict(whole, now) || untold(whole, now, varied))
		return true;
	tlsdiag_settings_init(&settings);
	if (now->cause == TLSDIAG_TIMEOUT || now->cause == TLSDIAG_LOST || now->cause == TLSDIAG_HALF_OPEN)
		return silence(varied) >= settings.patience_ns;
	if (now->outcome == TLSDIAG_NOT_TLS)
		return in_clear(whole);
	return now->outcome == TLSDIAG_ESTABLISHED && strncmp(whole->signature, "application/", 12) == 0;
}

/* A capture that lacks something may say less, and what it concludes it marks; it never invents a failure, and what
 * failed is not healthy. */
static bool less(const struct judgement *whole, const struct judgement *now, const struct capture *varied)
{
	size_t n = strlen(now->signature);

	if (now->outcome == TLSDIAG_INCOMPLETE || same_verdict(whole, now) || untold(whole, now, varied))
		return true;
	if (whole->outcome != TLSDIAG_FAILED)
		return false;
	if (now->outcome == TLSDIAG_ESTABLISHED)
		return strncmp(whole->signature, "application/", 12) == 0;
	if (now->outcome != TLSDIAG_FAILED)
		return false;
	return (now->by == whole->by && strncmp(whole->signature, now->signature, n) == 0) ||
	       (now->certainty == TLSDIAG_INFERRED && now->cause == whole->cause);
}

const struct expectation expect_same = {"the same verdict, milestones and names", true, same};
const struct expectation expect_same_bytes = {"the same verdict, milestones and names", true, same_bytes};
const struct expectation expect_same_handshake = {"the same verdict and milestones", true, same_handshake};
const struct expectation expect_beginning = {"the same verdict, incomplete, or a time-out after a silence", false,
					     beginning};
const struct expectation expect_less = {"the same verdict, less detail, incomplete, or the same cause inferred", false,
					less};

/* The whole capture's judgement on the same connection; its ends may have been taken for each other. */
static const struct judgement *counterpart(const struct judgements *whole, const struct judgement *now)
{
	for (size_t i = 0; i < whole->count; i++) {
		const uint16_t *a = whole->of[i].ports, *b = now->ports;

		if ((a[0] == b[0] && a[1] == b[1]) || (a[0] == b[1] && a[1] == b[0]))
			return &whole->of[i];
	}
	return NULL;
}

const char *judgements_differ(const struct expectation *e, const struct judgements *whole, const struct judgements *now,
			      const struct capture *varied, char *text, size_t size)
{
	char was[160], is[160];

	if (e->exact && whole->count != now->count) {
		snprintf(text, size, "expected %zu connections, got %zu", whole->count, now->count);
		return text;
	}
	for (size_t i = 0; i < now->count; i++) {
		/* Of several connections the order is that in which they were decided, which the variation may
		 * change. */
		const struct judgement *n = &now->of[i], *w = counterpart(whole, n);

		if (w && e->met(w, n, varied) && !(e->exact && memcmp(w->ports, n->ports, sizeof(n->ports)) != 0))
			continue;
		snprintf(text, size, "expected %s, got '%s' (milestones %#x) instead of '%s' (%#x)", e->words,
			 judgement_text(n, is, sizeof(is)), n->reached,
			 w ? judgement_text(w, was, sizeof(was)) : "no such connection", w ? w->reached : 0);
		return text;
	}
	return NULL;
}
