/* report_json.c: one JSON object a connection, a line each (https://jsonlines.org). docs/tlsdiag.schema.json describes
 * it.
 *
 * Every key is always there; null says that it does not apply. Only "file" is left out where one capture was read,
 * "between" where no second one was given, and "client_words" where no client's words are known.
 */
#include "analyzer/cli/capture_remarks.h"
#include "analyzer/cli/client_run.h"
#include "analyzer/cli/client_words.h"
#include "analyzer/cli/json_writer.h"
#include "analyzer/cli/offer_memo.h"
#include "analyzer/cli/report.h"
#include "analyzer/cli/report_between.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct json_report {
	struct report report;
	struct json_writer writer;
	struct offer_memo offers;
};

/* "h2,http/1.1" as an array. */
static void put_split(struct json_writer *w, const char *joined)
{
	printable_buffer list;
	char *rest = list, *one;

	printable(joined, list);
	json_begin(w, '[');
	while ((one = strsep(&rest, ",")))
		if (*one)
			json_put_text(w, one);
	json_end(w, ']');
}

typedef const char *name_fn(uint16_t number, char *buffer, size_t size);

static void put_name(struct json_writer *w, name_fn *name_of, uint16_t number)
{
	char buffer[64];

	json_put_text(w, name_of(number, buffer, sizeof(buffer)));
}

static void put_names(struct json_writer *w, const char *key, name_fn *name_of, const struct tlsdiag_numbers *numbers)
{
	json_key(w, key);
	json_begin(w, '[');
	for (size_t i = 0; i < numbers->count; i++)
		put_name(w, name_of, numbers->values[i]);
	json_end(w, ']');
}

static void put_endpoint(struct json_writer *w, const char *key, const struct tlsdiag_endpoint *e)
{
	printable_buffer buffer;

	json_key(w, key);
	json_begin(w, '{');
	json_member_text(w, "address", address_text(e, buffer));
	json_member_integer(w, "port", e->port);
	json_end(w, '}');
}

/* Members of an object: frame, time, and seconds since the connection's first packet; nulls for what lies before the
 * capture. */
static void put_moment(struct json_writer *w, const struct tlsdiag_verdict *v, const struct tlsdiag_moment *m)
{
	static const char *const keys[] = {"frame", "time", "elapsed"};

	if (m->frame) {
		json_put_moment(w, m->frame, m->time_ns, m->time_ns - v->first.time_ns);
		return;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		json_key(w, keys[i]);
		json_put_null(w);
	}
}

static void put_milestones(struct json_writer *w, const struct tlsdiag_verdict *v)
{
	json_key(w, "milestones");
	json_begin(w, '{');
	for (int i = 0; i < TLSDIAG_STAGES; i++) {
		const struct tlsdiag_milestone *m = &v->milestones[i];

		json_key(w, tlsdiag_stage_name((enum tlsdiag_stage)i));
		if (!m->reached) {
			json_put_null(w);
			continue;
		}
		json_begin(w, '{');
		put_moment(w, v, &m->at);
		json_member_bool(w, "inferred", m->inferred);
		json_end(w, '}');
	}
	json_end(w, '}');
}

static const char *direction_name(enum tlsdiag_direction direction)
{
	static const char *const directions[] = {
		[TLSDIAG_FROM_CLIENT] = "from-client",
		[TLSDIAG_FROM_SERVER] = "from-server",
		[TLSDIAG_FROM_NETWORK] = "from-network",
	};

	return directions[direction];
}

static const char *level_name(uint8_t level)
{
	static const char *const levels[] = {"unknown", "warning", "fatal"}; /* RFC 8446 section 6 */

	return level < sizeof(levels) / sizeof(*levels) ? levels[level] : "unknown";
}

static void put_evidence(struct json_writer *w, const struct tlsdiag_verdict *v)
{
	json_key(w, "evidence");
	json_begin(w, '[');
	for (size_t i = 0; i < v->evidence_count; i++) {
		const struct tlsdiag_evidence *e = &v->evidence[i];

		json_begin(w, '{');
		put_moment(w, v, &e->at);
		json_key(w, "direction");
		json_put_word(w, direction_name(e->direction));
		json_member_text(w, "shows", e->shows);
		json_member_bool(w, "decisive", e->decisive);
		json_end(w, '}');
	}
	json_end(w, ']');
}

static void put_alert(struct json_writer *w, const struct tlsdiag_alert *a)
{
	json_key(w, "alert");
	if (!a->present) {
		json_put_null(w);
		return;
	}
	json_begin(w, '{');
	json_member_text_or_null(w, "level", a->encrypted ? "" : level_name(a->level));
	json_member_text_or_null(w, "description", a->encrypted ? "" : a->name);
	json_key(w, "number");
	if (a->encrypted)
		json_put_null(w);
	else
		json_put_integer(w, a->description);
	json_member_text(w, "direction", direction_name(a->from));
	json_member_bool(w, "encrypted", a->encrypted);
	json_end(w, '}');
}

static void put_offer(struct json_writer *w, const struct tlsdiag_hello *h)
{
	json_begin(w, '{');
	json_member_bool(w, "complete", h->complete);
	json_key(w, "legacy_version");
	put_name(w, tlsdiag_version_name, h->legacy_version);
	put_names(w, "versions", tlsdiag_version_name, &h->versions);
	put_names(w, "ciphers", tlsdiag_cipher_name, &h->ciphers);
	put_names(w, "groups", tlsdiag_group_name, &h->groups);
	put_names(w, "signature_schemes", tlsdiag_signature_scheme_name, &h->signatures);
	json_end(w, '}');
}

static void put_offered(struct json_report *r, const struct tlsdiag_hello *h)
{
	struct json_writer *w = &r->writer;
	const char *text;
	size_t length, start;

	json_key(w, "offered");
	if (!h->seen) {
		json_put_null(w);
		return;
	}
	text = offer_memo_find(&r->offers, h, &length);
	if (text) {
		json_put_raw(w, text, length);
		return;
	}
	start = w->length;
	put_offer(w, h);
	if (!w->failed)
		offer_memo_add(&r->offers, w->text + start, w->length - start);
}

static void put_chosen(struct json_writer *w, const struct tlsdiag_choice *c)
{
	json_key(w, "chosen");
	if (!c->seen) {
		json_put_null(w);
		return;
	}
	json_begin(w, '{');
	json_key(w, "version");
	put_name(w, tlsdiag_version_name, c->version);
	json_key(w, "cipher");
	put_name(w, tlsdiag_cipher_name, c->cipher);
	json_key(w, "group");
	if (c->group)
		put_name(w, tlsdiag_group_name, c->group);
	else
		json_put_null(w);
	json_member_text_or_null(w, "alpn", c->alpn);
	json_member_bool(w, "retried", c->retried);
	json_member_bool(w, "resumed", c->resumed);
	json_end(w, '}');
}

static void put_date(struct json_writer *w, const char *key, const struct tlsdiag_certificate *c, int64_t seconds)
{
	printable_buffer buffer;

	json_member_text_or_null(w, key, c->seen ? seconds_text(seconds, buffer) : "");
}

static void put_certificate(struct json_writer *w, const struct tlsdiag_certificate *c)
{
	json_begin(w, '{');
	json_member_integer(w, "sent", c->sent);
	json_member_text_or_null(w, "subject", c->subject);
	json_member_text_or_null(w, "issuer", c->issuer);
	json_member_text_or_null(w, "names", c->names);
	put_date(w, "not_before", c, c->not_before);
	put_date(w, "not_after", c, c->not_after);
	json_key(w, "findings");
	json_put_texts(w, c->findings, c->finding_count);
	json_end(w, '}');
}

/* One that cannot be read is known by its finding alone. */
static bool certificate_known(const struct tlsdiag_certificate *c)
{
	return c->seen || c->finding_count;
}

/* The server's is null where there is none to tell of. Few clients have one: theirs is then left out, and empty where
 * the client was asked and had none. */
static void put_certificates(struct json_writer *w, const struct tlsdiag_verdict *v)
{
	json_key(w, "certificate");
	if (certificate_known(&v->certificate))
		put_certificate(w, &v->certificate);
	else
		json_put_null(w);
	if (!certificate_known(&v->client_certificate) && !v->client_certificate.none)
		return;
	json_key(w, "client_certificate");
	put_certificate(w, &v->client_certificate);
}

/* What adapters rely on; design of this part is fixed. */
static void put_core(struct json_writer *w, const struct tlsdiag_verdict *v)
{
	bool failed = v->outcome == TLSDIAG_FAILED;

	put_endpoint(w, "client", &v->client);
	put_endpoint(w, "server", &v->server);
	json_member_text(w, "outcome", tlsdiag_outcome_name(v->outcome));
	json_member_text_or_null(w, "stage", failed ? tlsdiag_stage_name(v->stage) : "");
	json_member_text_or_null(w, "signature", failed ? v->signature : "");
	json_member_text_or_null(w, "by", failed ? tlsdiag_party_name(v->by) : "");
	json_member_text(w, "certainty", tlsdiag_certainty_name(v->certainty));
	json_member_text(w, "summary", v->summary);
}

static void put_packets(struct json_writer *w, const struct tlsdiag_verdict *v)
{
	const struct tlsdiag_moment *const ends[] = {&v->first, &v->last};
	static const char *const names[] = {"first", "last"};

	json_key(w, "packets");
	json_begin(w, '{');
	json_member_integer(w, "client", v->packets[0]);
	json_member_integer(w, "server", v->packets[1]);
	json_end(w, '}');
	for (int i = 0; i < 2; i++) {
		json_key(w, names[i]);
		json_begin(w, '{');
		put_moment(w, v, ends[i]);
		json_end(w, '}');
	}
}

static void put_beside(struct json_report *r, const struct tlsdiag_verdict *v)
{
	struct json_writer *w = &r->writer;

	json_member_integer(w, "number", v->number);
	json_member_text_or_null(w, "sni", v->hello.server_name);
	json_key(w, "alpn");
	put_split(w, v->hello.alpn);
	put_alert(w, &v->alert);
	put_milestones(w, v);
	put_evidence(w, v);
	put_offered(r, &v->hello);
	put_chosen(w, &v->choice);
	put_certificates(w, v);
	json_member_text_or_null(w, "protocol", v->protocol);
	json_key(w, "notes");
	json_put_texts(w, v->notes, v->note_count);
	json_key(w, "warnings");
	json_put_texts(w, v->warnings, v->warning_count);
	json_key(w, "advice");
	json_put_texts(w, v->advice, v->advice_count);
	put_packets(w, v);
}

/* An object a line. */
static void put_object(struct report *report, const struct json_writer *w)
{
	if (w->failed) {
		report->failed = true;
		return;
	}
	fwrite(w->text, 1, w->length, report->out);
	putc('\n', report->out);
}

/* What the client's words are worth; null where they are about nothing that is known. */
static void put_client_words(struct json_writer *w, const struct client_words *words, const struct tlsdiag_verdict *v)
{
	struct client_opinion o;
	char name[64];

	json_key(w, "client_words");
	if (!client_words_compare(words, v, &o)) {
		json_put_null(w);
		return;
	}
	json_begin(w, '{');
	json_member_text(w, "relation", client_relation_name(o.relation));
	json_member_text(w, "text", o.statement->said);
	json_member_text_or_null(w, "claim", o.statement->claim ? o.statement->claim->name : "");
	json_key(w, "alert");
	json_put_text_or_null(
		w, o.statement->alert < 0 ? "" : tlsdiag_alert_name((uint8_t)o.statement->alert, name, sizeof(name)));
	json_member_text(w, "sentence", o.sentence);
	json_end(w, '}');
}

static void json_verdict(struct report *report, const char *capture, const struct tlsdiag_verdict *v)
{
	struct json_report *r = (struct json_report *)report;
	struct json_writer *w = &r->writer;

	if (report->quiet && v->outcome != TLSDIAG_FAILED)
		return;
	json_writer_clear(w);
	json_begin(w, '{');
	put_core(w, v);
	if (capture) {
		json_member_text(w, "file", capture);
	}
	if (report->client_words)
		put_client_words(w, report->client_words, v);
	put_beside(r, v);
	if (report->between)
		between_json(w, report->between);
	json_end(w, '}');
	put_object(report, w);
}

/* Standard output is for objects alone. */
static void json_capture(struct report *report, const struct report_capture *capture)
{
	(void)report;
	for (unsigned i = 0; i < CAPTURE_REMARKS; i++) {
		capture_remark_buffer buffer;
		const char *remark = capture_remark(capture, i, buffer);

		if (remark)
			fprintf(stderr, "tlsdiag: %s: %s\n", capture->name, remark);
	}
}

static void put_lines(struct json_writer *w, const struct client_output *o)
{
	static const char *const streams[] = {[CLIENT_STDOUT] = "stdout", [CLIENT_STDERR] = "stderr"};

	json_begin(w, '[');
	for (size_t i = 0; i < o->count; i++) {
		json_begin(w, '{');
		json_key(w, "time");
		json_put_time(w, o->lines[i].time_ns);
		json_member_text(w, "stream", streams[o->lines[i].stream]);
		json_member_text(w, "text", o->lines[i].text);
		json_end(w, '}');
	}
	json_end(w, ']');
}

static void put_client_capture(struct json_writer *w, const struct client_run *run,
			       const struct report_capture *capture)
{
	json_begin(w, '{');
	json_member_text(w, "interface", run->interface);
	json_member_integer(w, "packets", capture->counts.packets);
	json_member_integer(w, "dropped", capture->dropped);
	json_member_text(w, "selection", run->selection);
	json_member_text_or_null(w, "bound", capture->bound ? capture->bound : "");
	json_member_text_or_null(w, "remark", run->remark);
	json_end(w, '}');
}

static void put_status(struct json_writer *w, const struct client_run *run)
{
	json_key(w, "exit_status");
	if (run->ended && WIFEXITED(run->status))
		json_put_integer(w, WEXITSTATUS(run->status));
	else
		json_put_null(w);
	json_key(w, "signal");
	if (run->ended && WIFSIGNALED(run->status))
		json_put_integer(w, WTERMSIG(run->status));
	else
		json_put_null(w);
}

static void put_client(struct json_writer *w, const struct client_run *run, const struct report_capture *capture)
{
	json_key(w, "argv");
	json_begin(w, '[');
	for (char *const *word = run->argv; *word; word++)
		json_put_text(w, *word);
	json_end(w, ']');
	put_status(w, run);
	json_key(w, "began");
	json_put_time(w, run->began_ns);
	json_key(w, "ended");
	if (run->ended)
		json_put_time(w, run->ended_ns);
	else
		json_put_null(w);
	json_key(w, "output");
	put_lines(w, &run->output);
	json_key(w, "output_left_out");
	json_put_integer(w,
			 (int64_t)run->output.left_out[CLIENT_STDOUT] + (int64_t)run->output.left_out[CLIENT_STDERR]);
	json_key(w, "capture");
	put_client_capture(w, run, capture);
}

/* The command's object has the one key that no connection has. */
static void json_client(struct report *report, const struct client_run *run, const struct report_capture *capture)
{
	struct json_writer *w = &((struct json_report *)report)->writer;

	json_writer_clear(w);
	json_begin(w, '{');
	json_key(w, "command");
	json_begin(w, '{');
	put_client(w, run, capture);
	json_end(w, '}');
	json_end(w, '}');
	put_object(report, w);
}

static void json_finish(struct report *report)
{
	(void)report;
}

static void json_free(struct report *report)
{
	struct json_report *r = (struct json_report *)report;

	json_writer_free(&r->writer);
	offer_memo_free(&r->offers);
	free(report);
}

struct report *report_json_new(FILE *out, bool quiet)
{
	static const struct report_ops ops = {.verdict = json_verdict,
					      .capture = json_capture,
					      .client = json_client,
					      .end = json_finish,
					      .free = json_free};
	struct json_report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->report = (struct report){.ops = &ops, .out = out, .quiet = quiet};
	return &r->report;
}
