/* explain_json.c: an explanation as one JSON object on one line; docs/tlsdiag-explain.schema.json describes it. Every key is
 * always there. */
#include "analyzer/cli/explain_print.h"

#include "analyzer/cli/printable.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *text(const char *s)
{
	printable_buffer buffer;

	return json_string(printable(s, buffer));
}

static json_t *text_or_null(const char *s)
{
	return s && *s ? text(s) : json_null();
}

static json_t *alert_json(int alert)
{
	char name[64];

	if (alert < 0)
		return json_null();
	return json_pack("{siss}", "number", alert, "name", tlsdiag_alert_name((uint8_t)alert, name, sizeof(name)));
}

static json_t *statement_json(const struct client_statement *s)
{
	printable_buffer said;

	snprintf(said, sizeof(said), "%.*s", s->length < 250 ? (int)s->length : 250, s->said);
	return json_pack("{sosososo}", "text", text(said), "client", text_or_null(s->client), "claim",
			 text_or_null(s->claim ? s->claim->name : NULL), "alert", alert_json(s->alert));
}

static json_t *said_json(const struct explanation *e)
{
	json_t *array = json_array();

	if (e->kind == EXPLAINS_WORDS && e->said.said)
		json_array_append_new(array, statement_json(&e->said));
	for (size_t i = 0; i < e->also_count; i++)
		json_array_append_new(array, statement_json(&e->also[i]));
	return array;
}

static json_t *ladder_json(const struct explanation *e)
{
	static const char *const kinds[] = {
		[TLSDIAG_STEP_ARRIVES] = "arrives", [TLSDIAG_STEP_LOST] = "lost", [TLSDIAG_STEP_SILENCE] = "silence"};
	json_t *array = json_array();

	for (size_t i = 0; i < e->step_count; i++)
		json_array_append_new(array, json_pack("{sssssbss}", "from", explain_direction(e->steps[i].from),
						       "kind", kinds[e->steps[i].kind], "ending", e->steps[i].ending,
						       "text", e->steps[i].text));
	return array;
}

static json_t *causes_json(const struct explanation *e)
{
	json_t *array = json_array();

	for (size_t i = 0; i < e->cause_count; i++)
		json_array_append_new(array, text(e->causes[i]));
	return array;
}

static json_t *checks_json(const struct explanation *e)
{
	json_t *object = json_object();

	for (unsigned place = 0; place < EXPLAIN_PLACES; place++) {
		json_t *array = json_array();

		for (size_t i = 0; i < e->check_count; i++)
			if (e->checks[i].places & 1U << place)
				json_array_append_new(array, text(e->checks[i].text));
		json_object_set_new(object, explain_places[place], array);
	}
	return object;
}

static json_t *candidates_json(const struct explanation *e)
{
	json_t *array = json_array();

	for (size_t i = 0; i < e->candidate_count; i++) {
		const struct explanation_candidate *c = &e->candidates[i];

		json_array_append_new(array, json_pack("{sssssososo}", "signature", c->signature, "title", c->title,
						       "wire", text_or_null(c->wire), "words",
						       text_or_null(client_relation_name(c->relation)), "note",
						       text_or_null(c->note)));
	}
	return array;
}

static json_t *phrases_json(const struct explanation *e)
{
	json_t *array = json_array();

	for (size_t i = 0; i < e->phrase_count; i++)
		json_array_append_new(
			array, json_pack("{ssss}", "client", e->phrases[i]->client, "text", e->phrases[i]->text));
	return array;
}

static json_t *scenarios_json(const struct explanation *e)
{
	json_t *array = json_array();

	for (size_t i = 0; i < e->scenario_count; i++)
		json_array_append_new(
			array, json_pack("{ssss}", "name", e->scenarios[i]->name, "title", e->scenarios[i]->title));
	return array;
}

bool explain_json(FILE *out, const struct explanation *e)
{
	static const char *const kinds[] = {
		[EXPLAINS_SIGNATURE] = "signature", [EXPLAINS_ALERT] = "alert", [EXPLAINS_WORDS] = "client-words"};
	json_t *object =
		json_pack("{sssssssssosososososososo}", "kind", kinds[e->kind], "name", e->name, "title", e->title,
			  "meaning", e->meaning, "alert", alert_json(e->alert), "said", said_json(e), "ladder",
			  ladder_json(e), "causes", causes_json(e), "checks", checks_json(e), "candidates",
			  candidates_json(e), "clients", phrases_json(e), "scenarios", scenarios_json(e));
	char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;

	if (line)
		fprintf(out, "%s\n", line);
	free(line);
	json_decref(object);
	return line;
}
