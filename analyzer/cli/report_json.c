/* report_json.c: one JSON object a connection, a line each (https://jsonlines.org). docs/tlsdiag.schema.json describes it.
 *
 * Every key is always there; null says that it does not apply. Only "file" is left out where one capture was read, and
 * "between" where no second one was given.
 */
#include "analyzer/cli/capture_remarks.h"
#include "analyzer/cli/printable.h"
#include "analyzer/cli/report.h"
#include "analyzer/cli/report_between.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Enough digits for nanoseconds within a day. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(14))

static json_t *text(const char *s)
{
	printable_buffer buffer;

	return json_string(printable(s, buffer));
}

static json_t *text_or_null(const char *s)
{
	return *s ? text(s) : json_null();
}

static json_t *texts(const char *const *strings, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, text(strings[i]));
	return array;
}

/* "h2,http/1.1" as an array. */
static json_t *split(const char *joined)
{
	json_t *array = json_array();
	printable_buffer buffer;
	const char *list = printable(joined, buffer);

	while (*list) {
		size_t n = strcspn(list, ",");

		json_array_append_new(array, json_stringn(list, n));
		list += n;
		list += *list == ',';
	}
	return array;
}

typedef const char *name_fn(uint16_t number, char *buffer, size_t size);

static json_t *name(name_fn *name_of, uint16_t number)
{
	printable_buffer buffer;

	return json_string(name_of(number, buffer, sizeof(buffer)));
}

static json_t *names(name_fn *name_of, const struct tlsdiag_numbers *numbers)
{
	json_t *array = json_array();

	for (size_t i = 0; i < numbers->count; i++)
		json_array_append_new(array, name(name_of, numbers->values[i]));
	return array;
}

static json_t *endpoint(const struct tlsdiag_endpoint *e)
{
	printable_buffer buffer;

	return json_pack("{s:s, s:i}", "address", address_text(e, buffer), "port", (int)e->port);
}

/* Frame, time, and seconds since the connection's first packet; nulls for what lies before the capture. */
static json_t *moment(const struct tlsdiag_verdict *v, const struct tlsdiag_moment *m)
{
	printable_buffer buffer;

	if (!m->frame)
		return json_pack("{s:n, s:n, s:n}", "frame", "time", "elapsed");
	return json_pack("{s:I, s:s, s:f}", "frame", (json_int_t)m->frame, "time", time_text(m->time_ns, 9, buffer),
			 "elapsed", (double)(m->time_ns - v->first.time_ns) / 1e9);
}

static json_t *milestones(const struct tlsdiag_verdict *v)
{
	json_t *object = json_object();

	for (int i = 0; i < TLSDIAG_STAGES; i++) {
		const struct tlsdiag_milestone *m = &v->milestones[i];
		json_t *value = m->reached ? moment(v, &m->at) : json_null();

		if (m->reached)
			json_object_set_new(value, "inferred", json_boolean(m->inferred));
		json_object_set_new(object, tlsdiag_stage_name((enum tlsdiag_stage)i), value);
	}
	return object;
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

static json_t *evidence(const struct tlsdiag_verdict *v)
{
	json_t *array = json_array();

	for (size_t i = 0; i < v->evidence_count; i++) {
		const struct tlsdiag_evidence *e = &v->evidence[i];
		json_t *object = moment(v, &e->at);

		json_object_set_new(object, "direction", json_string(direction_name(e->direction)));
		json_object_set_new(object, "shows", text(e->shows));
		json_object_set_new(object, "decisive", json_boolean(e->decisive));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *alert(const struct tlsdiag_alert *a)
{
	if (!a->present)
		return json_null();
	if (a->encrypted)
		return json_pack("{s:n, s:n, s:n, s:s, s:b}", "level", "description", "number", "direction",
				 direction_name(a->from), "encrypted", 1);
	return json_pack("{s:s, s:s, s:i, s:s, s:b}", "level", level_name(a->level), "description", a->name, "number",
			 (int)a->description, "direction", direction_name(a->from), "encrypted", 0);
}

static json_t *offered(const struct tlsdiag_hello *h)
{
	if (!h->seen)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "legacy_version", name(tlsdiag_version_name, h->legacy_version),
			 "versions", names(tlsdiag_version_name, &h->versions), "ciphers",
			 names(tlsdiag_cipher_name, &h->ciphers), "groups", names(tlsdiag_group_name, &h->groups),
			 "signature_schemes", names(tlsdiag_signature_scheme_name, &h->signatures));
}

static json_t *chosen(const struct tlsdiag_choice *c)
{
	if (!c->seen)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:b}", "version", name(tlsdiag_version_name, c->version), "cipher",
			 name(tlsdiag_cipher_name, c->cipher), "group",
			 c->group ? name(tlsdiag_group_name, c->group) : json_null(), "alpn", text_or_null(c->alpn),
			 "retried", c->retried, "resumed", c->resumed);
}

static json_t *date(const struct tlsdiag_certificate *c, int64_t seconds)
{
	printable_buffer buffer;

	return c->seen ? json_string(seconds_text(seconds, buffer)) : json_null();
}

/* One that cannot be read is known by its finding alone. */
static json_t *certificate(const struct tlsdiag_certificate *c)
{
	if (!c->seen && !c->finding_count)
		return json_null();
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "sent", (json_int_t)c->sent, "subject",
			 text_or_null(c->subject), "issuer", text_or_null(c->issuer), "names", text_or_null(c->names),
			 "not_before", date(c, c->not_before), "not_after", date(c, c->not_after), "findings",
			 texts(c->findings, c->finding_count));
}

/* What adapters rely on; design of this part is fixed. */
static json_t *core(const struct tlsdiag_verdict *v)
{
	bool failed = v->outcome == TLSDIAG_FAILED;

	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:s, s:o}", "client", endpoint(&v->client), "server",
			 endpoint(&v->server), "outcome", tlsdiag_outcome_name(v->outcome), "stage",
			 text_or_null(failed ? tlsdiag_stage_name(v->stage) : ""), "signature",
			 text_or_null(failed ? v->signature : ""), "by",
			 text_or_null(failed ? tlsdiag_party_name(v->by) : ""), "certainty",
			 tlsdiag_certainty_name(v->certainty), "summary", text(v->summary));
}

static json_t *beside(const struct tlsdiag_verdict *v)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:I, s:I}, s:o, s:o}",
			 "number", (json_int_t)v->number, "sni", text_or_null(v->hello.server_name), "alpn",
			 split(v->hello.alpn), "alert", alert(&v->alert), "milestones", milestones(v), "evidence",
			 evidence(v), "offered", offered(&v->hello), "chosen", chosen(&v->choice), "certificate",
			 certificate(&v->certificate), "protocol", text_or_null(v->protocol), "notes",
			 texts(v->notes, v->note_count), "warnings", texts(v->warnings, v->warning_count), "advice",
			 texts(v->advice, v->advice_count), "packets", "client", (json_int_t)v->packets[0], "server",
			 (json_int_t)v->packets[1], "first", moment(v, &v->first), "last", moment(v, &v->last));
}

static void json_verdict(struct report *report, const char *capture, const struct tlsdiag_verdict *v)
{
	json_t *object, *rest;

	if (report->quiet && v->outcome != TLSDIAG_FAILED)
		return;
	object = core(v);
	rest = beside(v);
	if (capture)
		json_object_set_new(object, "file", text(capture));
	if (report->between)
		json_object_set_new(object, "between", between_json(report->between));
	if (!object || !rest || json_object_update(object, rest) != 0 ||
	    json_dumpf(object, report->out, DUMP_FLAGS) != 0)
		report->failed = true;
	else
		putc('\n', report->out);
	json_decref(rest);
	json_decref(object);
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

static void json_end(struct report *report)
{
	(void)report;
}

static void json_free(struct report *report)
{
	free(report);
}

struct report *report_json_new(FILE *out, bool quiet)
{
	static const struct report_ops ops = {
		.verdict = json_verdict, .capture = json_capture, .end = json_end, .free = json_free};
	struct report *report = calloc(1, sizeof(*report));

	if (report)
		*report = (struct report){.ops = &ops, .out = out, .quiet = quiet};
	return report;
}
