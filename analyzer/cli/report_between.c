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
	printable_buffer text;
	size_t at = (size_t)snprintf(text, sizeof(text), "%" PRIu64 " sent, %" PRIu64 " arrived", n->sent, n->arrived);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].count)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %" PRIu64 " %s", i ? "," : ":",
					       words[i].count, words[i].word);
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

/* "dropped to the server: 5 ClientHello (client's frames 4, 5, 6)" */
static void difference_text(struct layout *l, const struct difference *d, const char *name)
{
	static const char *const kinds[] = {[DIFFERENCE_DROPPED] = "dropped",
					    [DIFFERENCE_PARTLY] = "dropped in part",
					    [DIFFERENCE_APPEARED] = "appeared",
					    [DIFFERENCE_CHANGED] = "changed",
					    [DIFFERENCE_TWICE] = "duplicated"};
	printable_buffer text;
	size_t at = (size_t)snprintf(text, sizeof(text), "%s on the way to the %s: %" PRIu64 " x ", kinds[d->kind],
				     d->way == TO_SERVER ? "server" : "client", d->count);

	if (d->kind == DIFFERENCE_CHANGED)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s%s%s%s", d->field, *d->before ? " from " : "",
				       d->before, *d->before ? " to " : "", d->after);
	else
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", d->label,
				       d->presumed ? ", presumably" : "");
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

static json_t *frames_json(const struct difference *d, int capture)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < d->frame_count[capture]; i++)
		json_array_append_new(array, json_integer((json_int_t)d->frames[capture][i]));
	return array;
}

static json_t *string_or_null(const char *s)
{
	printable_buffer buffer;

	return *s ? json_string(printable(s, buffer)) : json_null();
}

static json_t *differences_json(const struct between *b)
{
	json_t *array = json_array();

	for (size_t i = 0; i < b->difference_count; i++) {
		const struct difference *d = &b->differences[i];

		json_array_append_new(array,
				      json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:b, s:o, s:o}", "what",
						kind_names[d->kind], "direction", way_names[d->way], "packet",
						string_or_null(d->label), "field", string_or_null(d->field), "before",
						string_or_null(d->before), "after", string_or_null(d->after), "count",
						(json_int_t)d->count, "presumed", d->presumed, "frames_at_client",
						frames_json(d, 0), "frames_at_server", frames_json(d, 1)));
	}
	return array;
}

static json_t *counts_json(const struct between *b, enum way way)
{
	const struct between_counts *n = &b->counts[way];

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "sent", (json_int_t)n->sent,
			 "arrived", (json_int_t)n->arrived, "passed", (json_int_t)n->passed, "resegmented",
			 (json_int_t)n->resegmented, "dropped", (json_int_t)n->dropped, "appeared",
			 (json_int_t)n->appeared, "changed", (json_int_t)n->changed, "duplicated", (json_int_t)n->twice,
			 "not_caught", (json_int_t)n->missed, "outside", (json_int_t)n->outside, "hops",
			 b->hops[way] >= 0 ? json_integer(b->hops[way]) : json_null());
}

static json_t *clock_json(const struct pair_clock *clock)
{
	if (!pair_clock_known(clock))
		return json_null();
	return json_pack("{s:f, s:o, s:b}", "offset", (double)pair_clock_offset(clock) / 1e9, "uncertainty",
			 pair_clock_bounded(clock) ? json_real((double)pair_clock_uncertainty(clock) / 1e9)
						   : json_null(),
			 "drifts", clock->drifts);
}

static json_t *paired_by_json(const struct pair *pair)
{
	json_t *array = json_array();

	for (size_t i = 0; i < EVIDENCE_NAMES; i++)
		if (told(pair, i))
			json_array_append_new(array, json_string(evidence_names[i].name));
	return array;
}

static json_t *end_json(const struct tlsdiag_endpoint *e)
{
	printable_buffer buffer;

	return json_pack("{s:s, s:i}", "address", address_text(e, buffer), "port", (int)e->port);
}

/* A capture's own verdict on the connection. */
static json_t *own_json(const struct tlsdiag_verdict *v)
{
	bool failed;

	if (!v)
		return json_null();
	failed = v->outcome == TLSDIAG_FAILED;
	return json_pack("{s:I, s:o, s:o, s:s, s:o, s:o, s:s}", "number", (json_int_t)v->number, "client",
			 end_json(&v->client), "server", end_json(&v->server), "outcome",
			 tlsdiag_outcome_name(v->outcome), "signature", string_or_null(failed ? v->signature : ""),
			 "by", string_or_null(failed ? tlsdiag_party_name(v->by) : ""), "certainty",
			 tlsdiag_certainty_name(v->certainty));
}

static json_t *similar_json(const struct between *b)
{
	if (!b->pair->similar)
		return json_null();
	return json_pack("{s:I, s:s}", "number", (json_int_t)b->pair->similar->verdict->number, "same",
			 b->pair->likeness == PAIR_SAME_ADDRESSES ? "addresses" : "sni");
}

json_t *between_json(const struct between *b)
{
	const struct judgement *j = &b->judgement;

	return json_pack("{s:s, s:b, s:o, s:o, s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:[I, I]}",
			 "seen_at", seen_in(b), "settled", j->settled, "finding", string_or_null(j->finding),
			 "incomplete", string_or_null(j->incomplete ? j->incomplete : ""), "paired_by",
			 paired_by_json(b->pair), "relayed", b->pair->relayed, "frames_from",
			 j->from_b ? "server" : "client", "at_client", own_json(b->a), "at_server", own_json(b->b),
			 "similar_at_server", similar_json(b), "clock", clock_json(&b->clock), "to_server",
			 counts_json(b, TO_SERVER), "to_client", counts_json(b, TO_CLIENT), "differences",
			 differences_json(b), "differences_left_out", (json_int_t)b->differences_left_out,
			 "sequence_shift", (json_int_t)b->pair->delta[0], (json_int_t)b->pair->delta[1]);
}
