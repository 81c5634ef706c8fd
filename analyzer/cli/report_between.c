/* report_between.c: see report_between.h. */
#include "analyzer/cli/report_between.h"

#include "analyzer/cli/printable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define INDENT 4
#define VALUE_COLUMN 14

static const char *const way_names[] = {[TO_SERVER] = "to-server", [TO_CLIENT] = "to-client"};
static const char *const kind_names[] = {
	[DIFFERENCE_DROPPED] = "dropped", [DIFFERENCE_PARTLY] = "partly-dropped", [DIFFERENCE_APPEARED] = "appeared",
	[DIFFERENCE_CHANGED] = "changed", [DIFFERENCE_TWICE] = "duplicated",
};

static const struct {
	enum pair_evidence bit;
	const char *name;
} evidence_names[] = {
	{PAIR_ADDRESSES, "addresses"},
	{PAIR_SERVER_END, "server address"},
	{PAIR_CLIENT_ISN, "client sequence number"},
	{PAIR_SERVER_ISN, "server sequence number"},
	{PAIR_SYN_TIME, "SYN timestamp"},
	{PAIR_RANDOM, "ClientHello random"},
	{PAIR_PACKETS, "packets"},
	{PAIR_IP_ID, "IP ID"},
};
#define EVIDENCE_NAMES (sizeof(evidence_names) / sizeof(*evidence_names))

/* The server's end is in the addresses, where those are the same. */
static bool told(const struct pair *pair, size_t i)
{
	return pair->evidence & evidence_names[i].bit &&
	       !(evidence_names[i].bit == PAIR_SERVER_END && pair->evidence & PAIR_ADDRESSES);
}

static const char *seen_in(const struct between *b)
{
	return b->a && b->b ? "both" : b->a ? "client" : "server";
}

bool between_differs(const struct between *b)
{
	return *b->judgement.finding || b->difference_count || b->translated || b->pair->delta[0] ||
	       b->pair->delta[1] || !b->a || !b->b;
}

/* ---- Text ---- */

static void line(struct layout *l, const char *name, const char *text)
{
	layout_to_column(l, INDENT);
	layout_put(l, PAINT_DIM, name);
	layout_to_column(l, VALUE_COLUMN);
	layout_words(l, PAINT_PLAIN, VALUE_COLUMN, text);
	layout_newline(l);
}

static void duration(char *text, size_t size, int64_t ns)
{
	double magnitude = (double)(ns < 0 ? -ns : ns);

	if (magnitude < 1e6)
		snprintf(text, size, "%.1f us", magnitude / 1e3);
	else if (magnitude < 1e9)
		snprintf(text, size, "%.3f ms", magnitude / 1e6);
	else
		snprintf(text, size, "%.6f s", magnitude / 1e9);
}

static void clock_text(struct layout *l, const struct pair_clock *clock)
{
	char offset[48], within[48];
	printable_buffer text;

	duration(offset, sizeof(offset), pair_clock_offset(clock));
	duration(within, sizeof(within), pair_clock_uncertainty(clock));
	if (!pair_clock_known(clock))
		snprintf(text, sizeof(text), "no packet is in both captures: their clocks are taken for equal");
	else if (!pair_clock_bounded(clock))
		snprintf(text, sizeof(text), "the server's is about %s %s, less or more by the time a packet takes",
			 offset, pair_clock_offset(clock) < 0 ? "behind" : "ahead");
	else
		snprintf(text, sizeof(text), "the server's is %s %s, give or take %s%s", offset,
			 pair_clock_offset(clock) < 0 ? "behind" : "ahead", within,
			 clock->drifts ? "; they drift apart" : "");
	line(l, "clocks", text);
}

static void counts_text(struct layout *l, const char *name, const struct between_counts *n, int hops)
{
	const struct {
		uint64_t count;
		const char *word;
	} words[] = {{n->passed, "passed"},
		     {n->resegmented, "passed in other segments"},
		     {n->dropped, "dropped"},
		     {n->appeared, "appeared"},
		     {n->changed, "changed"},
		     {n->twice, "duplicated"},
		     {n->missed, "not caught by one capture"},
		     {n->outside, "outside the other capture's time"}};
	const char *separator = ":";
	printable_buffer text;
	size_t at = (size_t)snprintf(text, sizeof(text), "%" PRIu64 " sent, %" PRIu64 " arrived", n->sent, n->arrived);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!words[i].count)
			continue;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %" PRIu64 " %s", separator, words[i].count,
				       words[i].word);
		separator = ",";
	}
	if (hops >= 0)
		snprintf(text + at, sizeof(text) - at, "; %d hop%s", hops, hops == 1 ? "" : "s");
	line(l, name, text);
}

static size_t frames_text(char *text, size_t size, const char *where, const struct difference *d, int capture)
{
	size_t at = 0;

	for (unsigned i = 0; i < d->frame_count[capture] && at < size; i++)
		at += (size_t)snprintf(text + at, size - at, "%s%s%" PRIu64, i ? ", " : where,
				       i                              ? ""
				       : d->frame_count[capture] == 1 ? "frame "
								      : "frames ",
				       d->frames[capture][i]);
	if (d->count > d->frame_count[capture] && d->frame_count[capture] && at < size)
		at += (size_t)snprintf(text + at, size - at, " ...");
	return at < size ? at : size - 1;
}

/* "5 x ClientHello dropped on the way to the server; at the client frames 4, 5, 6", "mss changed from 1460 to 1220 on
 * …" */
static void difference_text(struct layout *l, const struct difference *d, const char *name)
{
	static const char *const kinds[] = {[DIFFERENCE_DROPPED] = "dropped",
					    [DIFFERENCE_PARTLY] = "dropped in part",
					    [DIFFERENCE_APPEARED] = "appeared",
					    [DIFFERENCE_CHANGED] = "changed",
					    [DIFFERENCE_TWICE] = "came twice"};
	printable_buffer text;
	size_t at = 0;

	if (d->count > 1 && d->kind != DIFFERENCE_CHANGED)
		at = (size_t)snprintf(text, sizeof(text), "%" PRIu64 " x ", d->count);
	at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %s", *d->field ? d->field : d->label, kinds[d->kind]);
	if (*d->before)
		at += (size_t)snprintf(text + at, sizeof(text) - at, " from %s to %s", d->before, d->after);
	at += (size_t)snprintf(text + at, sizeof(text) - at, " on the way to the %s%s",
			       d->way == TO_SERVER ? "server" : "client", d->presumed ? ", presumably" : "");
	if (d->count > 1 && d->kind == DIFFERENCE_CHANGED)
		at += (size_t)snprintf(text + at, sizeof(text) - at, ", %" PRIu64 " times", d->count);
	at += frames_text(text + at, sizeof(text) - at, "; at the client ", d, 0);
	frames_text(text + at, sizeof(text) - at, "; at the server ", d, 1);
	line(l, name, text);
}

static void pairing_text(struct layout *l, const struct between *b)
{
	printable_buffer text, client, server;
	size_t at;

	if (!b->a || !b->b || (!b->translated && !b->pair->delta[0] && !b->pair->delta[1]))
		return;
	at = (size_t)snprintf(text, sizeof(text), "at the server it is %.80s > %.80s, connection %" PRIu64 "; known by",
			      endpoint_text(&b->b->client, client), endpoint_text(&b->b->server, server), b->b->number);
	for (size_t i = 0; i < EVIDENCE_NAMES; i++)
		if (told(b->pair, i))
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %s", text[at - 1] == 'y' ? "" : ",",
					       evidence_names[i].name);
	line(l, "paired", text);
	for (int side = 0; side < 2; side++) {
		if (!b->pair->delta[side] || b->pair->relayed)
			continue;
		snprintf(text, sizeof(text), "sequence numbers of the %s are rewritten on the way, by %" PRIu32,
			 side ? "server" : "client", b->pair->delta[side]);
		line(l, "", text);
	}
}

static void similar_text(struct layout *l, const struct between *b)
{
	const struct trail *other = b->pair->similar;
	printable_buffer text, client;

	if (!other)
		return;
	snprintf(text, sizeof(text),
		 "at the server connection %" PRIu64
		 " (from %.80s) has %s and is another connection: something between may "
		 "end TLS and begin it anew",
		 other->verdict->number, endpoint_text(&other->verdict->client, client),
		 b->pair->likeness == PAIR_SAME_ADDRESSES ? "the same addresses and ports" : "the same server name");
	line(l, "compare", text);
}

void between_text(struct layout *l, const struct between *b)
{
	const char *name = "between";

	if (*b->judgement.finding) {
		line(l, name, b->judgement.finding);
		name = "";
	}
	for (size_t i = 0; i < b->difference_count; i++, name = "")
		difference_text(l, &b->differences[i], name);
	pairing_text(l, b);
	similar_text(l, b);
	if (!b->pair->relayed) {
		counts_text(l, "> server", &b->counts[TO_SERVER], b->hops[TO_SERVER]);
		counts_text(l, "< server", &b->counts[TO_CLIENT], b->hops[TO_CLIENT]);
	}
	clock_text(l, &b->clock);
}

/* ---- JSON ---- */

static void put_frames(struct json_writer *w, const char *key, const struct difference *d, int capture)
{
	json_key(w, key);
	json_begin(w, '[');
	for (unsigned i = 0; i < d->frame_count[capture]; i++)
		json_put_integer(w, (int64_t)d->frames[capture][i]);
	json_end(w, ']');
}

static void put_differences(struct json_writer *w, const struct between *b)
{
	json_key(w, "differences");
	json_begin(w, '[');
	for (size_t i = 0; i < b->difference_count; i++) {
		const struct difference *d = &b->differences[i];

		json_begin(w, '{');
		json_member_text_or_null(w, "what", kind_names[d->kind]);
		json_member_text_or_null(w, "direction", way_names[d->way]);
		json_member_text_or_null(w, "packet", d->label);
		json_member_text_or_null(w, "field", d->field);
		json_member_text_or_null(w, "before", d->before);
		json_member_text_or_null(w, "after", d->after);
		json_member_integer(w, "count", d->count);
		json_member_bool(w, "presumed", d->presumed);
		put_frames(w, "frames_at_client", d, 0);
		put_frames(w, "frames_at_server", d, 1);
		json_end(w, '}');
	}
	json_end(w, ']');
	json_member_integer(w, "differences_left_out", b->differences_left_out);
}

static void put_passage(struct json_writer *w, const char *key, const struct between *b, enum way way)
{
	const struct between_counts *n = &b->counts[way];

	json_key(w, key);
	json_begin(w, '{');
	json_member_integer(w, "sent", n->sent);
	json_member_integer(w, "arrived", n->arrived);
	json_member_integer(w, "passed", n->passed);
	json_member_integer(w, "resegmented", n->resegmented);
	json_member_integer(w, "dropped", n->dropped);
	json_member_integer(w, "appeared", n->appeared);
	json_member_integer(w, "changed", n->changed);
	json_member_integer(w, "duplicated", n->twice);
	json_member_integer(w, "not_caught", n->missed);
	json_member_integer(w, "outside", n->outside);
	json_key(w, "hops");
	if (b->hops[way] >= 0)
		json_put_integer(w, b->hops[way]);
	else
		json_put_null(w);
	json_end(w, '}');
}

static void put_clock(struct json_writer *w, const struct pair_clock *clock)
{
	json_key(w, "clock");
	if (!pair_clock_known(clock)) {
		json_put_null(w);
		return;
	}
	json_begin(w, '{');
	json_key(w, "offset");
	json_put_seconds(w, pair_clock_offset(clock));
	json_key(w, "uncertainty");
	if (pair_clock_bounded(clock))
		json_put_seconds(w, pair_clock_uncertainty(clock));
	else
		json_put_null(w);
	json_member_bool(w, "drifts", clock->drifts);
	json_end(w, '}');
}

static void put_paired_by(struct json_writer *w, const struct pair *pair)
{
	json_key(w, "paired_by");
	json_begin(w, '[');
	for (size_t i = 0; i < EVIDENCE_NAMES; i++)
		if (told(pair, i))
			json_put_text(w, evidence_names[i].name);
	json_end(w, ']');
}

static void put_end(struct json_writer *w, const char *key, const struct tlsdiag_endpoint *e)
{
	printable_buffer buffer;

	json_key(w, key);
	json_begin(w, '{');
	json_member_text_or_null(w, "address", address_text(e, buffer));
	json_member_integer(w, "port", e->port);
	json_end(w, '}');
}

/* A capture's own verdict on the connection. */
static void put_own(struct json_writer *w, const char *key, const struct tlsdiag_verdict *v)
{
	bool failed = v && v->outcome == TLSDIAG_FAILED;

	json_key(w, key);
	if (!v) {
		json_put_null(w);
		return;
	}
	json_begin(w, '{');
	json_member_integer(w, "number", v->number);
	put_end(w, "client", &v->client);
	put_end(w, "server", &v->server);
	json_member_text_or_null(w, "outcome", tlsdiag_outcome_name(v->outcome));
	json_member_text_or_null(w, "signature", failed ? v->signature : "");
	json_member_text_or_null(w, "by", failed ? tlsdiag_party_name(v->by) : "");
	json_member_text_or_null(w, "certainty", tlsdiag_certainty_name(v->certainty));
	json_end(w, '}');
}

static void put_similar(struct json_writer *w, const struct pair *pair)
{
	json_key(w, "similar_at_server");
	if (!pair->similar) {
		json_put_null(w);
		return;
	}
	json_begin(w, '{');
	json_member_integer(w, "number", pair->similar->verdict->number);
	json_member_text_or_null(w, "same", pair->likeness == PAIR_SAME_ADDRESSES ? "addresses" : "sni");
	json_end(w, '}');
}

void between_json(struct json_writer *w, const struct between *b)
{
	const struct judgement *j = &b->judgement;

	json_key(w, "between");
	json_begin(w, '{');
	json_member_text_or_null(w, "seen_at", seen_in(b));
	json_member_bool(w, "settled", j->settled);
	json_member_text_or_null(w, "finding", j->finding);
	json_member_text_or_null(w, "incomplete", j->incomplete ? j->incomplete : "");
	put_paired_by(w, b->pair);
	json_member_bool(w, "relayed", b->pair->relayed);
	json_member_text_or_null(w, "frames_from", j->from_b ? "server" : "client");
	put_own(w, "at_client", b->a);
	put_own(w, "at_server", b->b);
	put_similar(w, b->pair);
	put_clock(w, &b->clock);
	put_passage(w, "to_server", b, TO_SERVER);
	put_passage(w, "to_client", b, TO_CLIENT);
	put_differences(w, b);
	json_key(w, "sequence_shift");
	json_begin(w, '[');
	for (int side = 0; side < 2; side++)
		json_put_integer(w, b->pair->delta[side]);
	json_end(w, ']');
	json_end(w, '}');
}
