/* report_text.c: verdicts for people. A failure is a block: who, what, why in a sentence, then the proof and what to
 * check; everything else is a line. The summary groups the failures by signature.
 */
#include "analyzer/cli/capture_remarks.h"
#include "analyzer/cli/client_words.h"
#include "analyzer/cli/decimal.h"
#include "analyzer/cli/layout.h"
#include "analyzer/cli/printable.h"
#include "analyzer/cli/report.h"
#include "analyzer/cli/report_between.h"
#include "analyzer/cli/summary.h"
#include "analyzer/cli/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define INDENT 4
#define VALUE_COLUMN 14 /* where what a label names begins */
#define TIME_COLUMN 20 /* of a frame of the evidence */
#define DIRECTION_COLUMN 30
#define SHOWS_COLUMN 40
#define COLUMNS_MIN 60 /* a narrower terminal breaks the lines itself */
#define COLUMNS_MAX 120 /* longer lines are hard to read */

struct text_report {
	struct report report;
	struct layout layout;
	struct tally tally;
	uint64_t packets; /* of all captures */
	bool begun; /* something was printed */
	bool after_block; /* and it was a failure's block */
};

/* ---- Pieces ---- */

static void label(struct layout *l, const char *name)
{
	layout_to_column(l, INDENT);
	layout_put(l, PAINT_DIM, name);
	layout_to_column(l, VALUE_COLUMN);
}

static void labelled(struct layout *l, const char *name, const char *text)
{
	label(l, name);
	layout_words(l, PAINT_PLAIN, VALUE_COLUMN, text);
	layout_newline(l);
}

static void labelled_each(struct layout *l, const char *name, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		labelled(l, i ? "" : name, texts[i]);
}

#define NS_PER_S INT64_C(1000000000)

/* "+0.001022", "+12.34567": seconds since the connection's first packet, in as many columns. */
static const char *elapsed(const struct tlsdiag_verdict *v, const struct tlsdiag_moment *at, printable_buffer buffer)
{
	int64_t ns = at->time_ns - v->first.time_ns;
	int decimals = 6;

	if (ns >= 0 && ns < 10 * NS_PER_S && ns % 1000 == 0) { /* as a rule: nothing is to be rounded */
		char *to = buffer;

		*to++ = '+';
		to = decimal_put(to, (uint64_t)(ns / NS_PER_S));
		*to++ = '.';
		to = decimal_put_nano(to, (uint32_t)(ns % NS_PER_S));
		to[-3] = '\0';
		return buffer;
	}
	for (int64_t limit = INT64_C(10000000000); decimals && ns >= limit; limit *= 10)
		decimals--;
	snprintf(buffer, PRINTABLE_MAX, "%+.*f", decimals, (double)ns / 1e9);
	return buffer;
}

/* "4: 192.0.2.40:46188 > 203.0.113.20:443 api.example.net" */
static void headline(struct layout *l, const char *capture, const struct tlsdiag_verdict *v, const char *end)
{
	printable_buffer client, server, line;

	snprintf(line, sizeof(line), "%.400s%s%" PRIu64 ": %.80s > %.80s%s%.300s%s", capture ? capture : "",
		 capture ? " " : "", v->number, endpoint_text(&v->client, client), endpoint_text(&v->server, server),
		 *v->hello.server_name ? " " : "", v->hello.server_name, end);
	layout_item(l, PAINT_BOLD, INDENT, line);
}

/* ---- A failure ---- */

/* "tcp, client-hello, server-hello; inferred: server-flight" */
static void milestones(struct layout *l, const struct tlsdiag_verdict *v)
{
	char line[256] = "";
	size_t at = 0;

	for (int inferred = 0; inferred < 2; inferred++) {
		const char *separator = inferred ? "; inferred: " : ", ";

		for (int i = 0; i < TLSDIAG_STAGES; i++) {
			if (!v->milestones[i].reached || v->milestones[i].inferred != inferred)
				continue;
			at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%s", at ? separator : "",
					       tlsdiag_stage_name((enum tlsdiag_stage)i));
			separator = ", ";
		}
	}
	labelled(l, "reached", at ? line : "nothing");
}

/* The line of a frame begins: its number, time and direction. */
static void frame(struct layout *l, const struct tlsdiag_verdict *v, const struct tlsdiag_evidence *e, const char *name)
{
	static const char *const arrows[] = {
		[TLSDIAG_FROM_CLIENT] = "client >",
		[TLSDIAG_FROM_SERVER] = "< server",
		[TLSDIAG_FROM_NETWORK] = "< network",
	};
	printable_buffer time;
	char number[DECIMAL_MAX + 1];

	label(l, name);
	*decimal_put(number, e->at.frame) = '\0';
	layout_put(l, PAINT_PLAIN, number);
	layout_to_column(l, TIME_COLUMN);
	layout_put(l, PAINT_DIM, elapsed(v, &e->at, time));
	layout_to_column(l, DIRECTION_COLUMN);
	layout_put(l, PAINT_DIM, arrows[e->direction]);
	layout_to_column(l, SHOWS_COLUMN);
}

/* Whether one line tells both: the frame that ended it has a line of its own. */
static bool together(const struct tlsdiag_evidence *a, const struct tlsdiag_evidence *b)
{
	return a->at.frame == b->at.frame && a->direction == b->direction && !a->decisive && !b->decisive;
}

/* A ladder of the frames that prove it: what came before the end, what ended it, what came after. */
static void evidence(struct layout *l, const struct tlsdiag_verdict *v)
{
	const char *name = "frames";

	for (size_t i = 0; i < v->evidence_count; i++) {
		const struct tlsdiag_evidence *e = &v->evidence[i];
		bool more = i + 1 < v->evidence_count && together(e, e + 1);
		printable_buffer words;

		if (!i || !together(e - 1, e)) {
			frame(l, v, e, e->decisive ? "ended" : name);
			name = e->decisive ? "after" : "";
		}
		snprintf(words, sizeof(words), "%.1000s%s", e->shows, more ? ";" : "");
		layout_words(l, e->decisive ? PAINT_BOLD : PAINT_PLAIN, SHOWS_COLUMN, words);
		if (!more)
			layout_newline(l);
	}
}

/* What an end's certificate shows by itself; whether it is the reason, the other end's alert says. */
static void certificate(struct layout *l, const char *whose, const struct tlsdiag_certificate *c)
{
	printable_buffer from, until, line;

	if (!c->seen && !c->finding_count)
		return;
	label(l, whose);
	if (c->seen) {
		bool named = c->names[0] && strcmp(c->names, c->subject) != 0;

		snprintf(line, sizeof(line), "%.200s, issued by %.200s%s%.300s, valid %s to %s; %zu sent",
			 c->subject[0] ? c->subject : "no common name", c->issuer[0] ? c->issuer : "no common name",
			 named ? ", for " : "", named ? c->names : "", seconds_text(c->not_before, from),
			 seconds_text(c->not_after, until), c->sent);
		layout_words(l, PAINT_PLAIN, VALUE_COLUMN, line);
		layout_newline(l);
	}
	for (size_t i = 0; i < c->finding_count; i++) {
		layout_to_column(l, VALUE_COLUMN);
		layout_words(l, PAINT_YELLOW, VALUE_COLUMN, c->findings[i]);
		layout_newline(l);
	}
}

#define ALPN_SHOWN 60 /* characters of a list that may be long */

/* "TLS 1.2, TLS 1.3; 17 ciphers; ALPN h2,http/1.1" */
static void offer(struct layout *l, const struct tlsdiag_hello *h)
{
	printable_buffer line;
	size_t at = 0;

	if (!h->seen)
		return;
	if (!h->complete && !(h->versions.count && h->ciphers.count)) {
		labelled(l, "offered", "unknown: the ClientHello was not captured whole");
		return;
	}
	for (size_t i = 0; i < h->versions.count && at < PRINTABLE_MAX / 2; i++) {
		char name[64];

		at += (size_t)snprintf(line + at, PRINTABLE_MAX - at, "%s%s", at ? ", " : "",
				       tlsdiag_version_name(h->versions.values[i], name, sizeof(name)));
	}
	snprintf(line + at, PRINTABLE_MAX - at, "; %zu cipher%s%s%.*s%s", h->ciphers.count,
		 h->ciphers.count == 1 ? "" : "s", h->alpn[0] ? "; ALPN " : "", ALPN_SHOWN, h->alpn,
		 strlen(h->alpn) > ALPN_SHOWN ? "..." : "");
	labelled(l, "offered", line);
}

static void choice(struct layout *l, const struct tlsdiag_choice *c)
{
	char version[64], cipher[64], group[64];
	printable_buffer line;

	if (!c->seen)
		return;
	snprintf(line, sizeof(line), "%s, %s%s%s%s%.300s%s%s",
		 tlsdiag_version_name(c->version, version, sizeof(version)),
		 tlsdiag_cipher_name(c->cipher, cipher, sizeof(cipher)), c->group ? ", " : "",
		 c->group ? tlsdiag_group_name(c->group, group, sizeof(group)) : "", c->alpn[0] ? "; ALPN " : "",
		 c->alpn, c->retried ? "; after a HelloRetryRequest" : "", c->resumed ? "; resumed" : "");
	labelled(l, "chosen", line);
}

/* What the signature means, unless a second capture has shown what it was, and what to check: told once for each.
 * Numbers are not unique over several captures. */
static void explanation(struct layout *l, const char *capture, const struct tlsdiag_verdict *v,
			const struct tally_group *group, const struct between *between)
{
	const struct tlsdiag_words *words;

	if (group && group->count > 1) {
		char line[64];

		snprintf(line, sizeof(line), "as for connection %" PRIu64, group->first);
		labelled(l, "check", capture ? "as above" : line);
		return;
	}
	words = tlsdiag_explain_by(v->signature, v->by);
	if (words && !(between && between->judgement.settled))
		labelled(l, "meaning", words->meaning);
	labelled_each(l, "check", v->advice, v->advice_count);
}

/* What the client's own words are worth beside this. */
static void client_words(struct layout *l, const struct client_words *words, const struct tlsdiag_verdict *v)
{
	struct client_opinion o;

	if (!client_words_compare(words, v, &o))
		return;
	label(l, "client");
	layout_words(l, o.relation == CLIENT_MISLEADS ? PAINT_YELLOW : PAINT_PLAIN, VALUE_COLUMN, o.sentence);
	layout_newline(l);
}

static void failure(struct layout *l, const char *capture, const struct tlsdiag_verdict *v,
		    const struct tally_group *group, const struct between *between, const struct client_words *words)
{
	printable_buffer line;

	layout_newline(l);
	layout_to_column(l, INDENT);
	snprintf(line, sizeof(line), "%s: %s", tlsdiag_outcome_name(TLSDIAG_FAILED), v->signature);
	layout_put(l, outcome_paint(TLSDIAG_FAILED), line);
	snprintf(line, sizeof(line), ", by %s%s", tlsdiag_party_name(v->by),
		 v->certainty == TLSDIAG_INFERRED ? ", inferred" : "");
	layout_put(l, PAINT_PLAIN, line);
	layout_newline(l);
	layout_to_column(l, INDENT);
	layout_words(l, PAINT_PLAIN, INDENT, v->summary);
	layout_newline(l);
	labelled(l, "began", time_text(v->first.time_ns, 6, line));
	milestones(l, v);
	if (v->protocol[0] && v->cause != TLSDIAG_CAUSE_NOT_TLS)
		labelled(l, "inside", v->protocol);
	offer(l, &v->hello);
	choice(l, &v->choice);
	evidence(l, v);
	if (between)
		between_text(l, between);
	certificate(l, "server's certificate:", &v->certificate);
	certificate(l, "client's certificate:", &v->client_certificate);
	if (v->client_certificate.none)
		labelled(l, "client's certificate:", "none, though the server asked for one");
	client_words(l, words, v);
	labelled_each(l, "note", v->notes, v->note_count);
	labelled_each(l, "warning", v->warnings, v->warning_count);
	explanation(l, capture, v, group, between);
}

/* ---- Anything else: one line ---- */

/* What an outcome other than failure is about: a version, a protocol, a reason; "" when there is no more to say. */
static const char *about(const struct tlsdiag_verdict *v, char *buffer, size_t size)
{
	switch (v->outcome) {
	case TLSDIAG_ESTABLISHED:
		return v->choice.seen ? tlsdiag_version_name(v->choice.version, buffer, size) : "";
	case TLSDIAG_NOT_TLS:
		return v->protocol;
	default:
		return v->summary;
	}
}

static void remark(struct layout *l, const struct tlsdiag_verdict *v, const struct client_words *words)
{
	struct client_opinion opinion;
	char buffer[64];
	const char *what = about(v, buffer, sizeof(buffer));

	layout_item(l, outcome_paint(v->outcome), INDENT, tlsdiag_outcome_name(v->outcome));
	if (*what) {
		layout_put(l, PAINT_PLAIN, ":");
		layout_item(l, PAINT_PLAIN, INDENT, what);
	}
	for (size_t i = 0; i < v->note_count; i++) {
		layout_put(l, PAINT_PLAIN, i ? "," : ";");
		layout_item(l, PAINT_PLAIN, INDENT, v->notes[i]);
	}
	if (client_words_compare(words, v, &opinion)) {
		layout_put(l, PAINT_PLAIN, ";");
		layout_item(l, PAINT_PLAIN, INDENT, opinion.sentence);
	}
	layout_newline(l);
}

static void text_verdict(struct report *report, const char *capture, const struct tlsdiag_verdict *v)
{
	struct text_report *t = (struct text_report *)report;
	const struct tally_group *group = tally_add(&t->tally, v);
	bool failed = v->outcome == TLSDIAG_FAILED;

	if (report->quiet && !failed)
		return;
	if (t->begun && (failed || t->after_block))
		layout_newline(&t->layout);
	headline(&t->layout, capture, v, failed ? "" : ",");
	if (failed)
		failure(&t->layout, capture, v, group, report->between, report->client_words);
	else
		remark(&t->layout, v, report->client_words);
	if (!failed && report->between && between_differs(report->between))
		between_text(&t->layout, report->between);
	t->after_block = failed || (report->between && between_differs(report->between));
	t->begun = true;
}

/* ---- The end ---- */

static void text_capture(struct report *report, const struct report_capture *capture)
{
	struct text_report *t = (struct text_report *)report;
	struct layout *l = &t->layout;

	t->packets += capture->counts.packets;
	for (unsigned i = 0; i < CAPTURE_REMARKS; i++) {
		capture_remark_buffer buffer;
		const char *text = capture_remark(capture, i, buffer);

		if (!text)
			continue;
		if (t->after_block)
			layout_newline(l);
		t->after_block = false;
		t->begun = true;
		layout_put(l, PAINT_PLAIN, capture->name);
		layout_put(l, PAINT_PLAIN, ":");
		layout_item(l, PAINT_YELLOW, INDENT, text);
		layout_newline(l);
	}
}

/* "curl ended with exit status 35; 14 packets on eth0: its own connections, to 203.0.113.20:443" */
static void text_client(struct report *report, const struct client_run *run, const struct report_capture *capture)
{
	struct text_report *t = (struct text_report *)report;
	struct layout *l = &t->layout;
	char ending[256], line[1024];

	if (t->begun)
		layout_newline(l);
	t->begun = true;
	t->after_block = false;
	layout_item(l, PAINT_BOLD, INDENT, client_ending(run, ending, sizeof(ending)));
	snprintf(line, sizeof(line), "; %" PRIu64 " packet%s on %s: %s", capture->counts.packets,
		 capture->counts.packets == 1 ? "" : "s", run->interface, run->selection);
	layout_put(l, PAINT_PLAIN, ";");
	layout_item(l, PAINT_PLAIN, INDENT, line + 2);
	layout_newline(l);
	if (capture->bound) {
		snprintf(line, sizeof(line), "the capture was over after %s, before it ended", capture->bound);
		labelled(l, "warning", line);
	}
	if (*run->remark)
		labelled(l, "note", run->remark);
}

static void text_end(struct report *report)
{
	struct text_report *t = (struct text_report *)report;

	if (t->begun)
		layout_newline(&t->layout);
	summary_text(&t->layout, &t->tally, t->packets);
	if (report->filtered && !t->packets)
		labelled(&t->layout, "note",
			 "No packet passed the filter. It sees what is in VLAN tags and tunnels only where it says so: "
			 "'vlan and port 443'.");
}

static void text_free(struct report *report)
{
	free(report);
}

struct report *report_text_new(FILE *out, bool quiet, bool colour, unsigned columns)
{
	static const struct report_ops ops = {.verdict = text_verdict,
					      .capture = text_capture,
					      .client = text_client,
					      .end = text_end,
					      .free = text_free};
	struct text_report *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->report = (struct report){.ops = &ops, .out = out, .quiet = quiet};
	t->layout = (struct layout){.out = out, .colour = colour, .columns = columns};
	return &t->report;
}

bool report_wants_colour(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(out)) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

unsigned report_columns(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)))
		return 0;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || !size.ws_col)
		return LAYOUT_COLUMNS;
	if (size.ws_col < COLUMNS_MIN)
		return COLUMNS_MIN;
	return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}
