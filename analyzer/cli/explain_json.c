/* explain_json.c: an explanation as one JSON object on one line; docs/tlsdiag-explain.schema.json describes it. Every
 * key is always there. */
#include "analyzer/cli/explain_print.h"

#include "analyzer/cli/json_writer.h"

static void put_alert(struct json_writer *w, int alert)
{
	char name[64];

	json_key(w, "alert");
	if (alert < 0) {
		json_put_null(w);
		return;
	}
	json_begin(w, '{');
	json_member_integer(w, "number", alert);
	json_member_text_or_null(w, "name", tlsdiag_alert_name((uint8_t)alert, name, sizeof(name)));
	json_end(w, '}');
}

static void put_statement(struct json_writer *w, const struct client_statement *s)
{
	json_begin(w, '{');
	json_member_text_or_null(w, "text", s->said);
	json_member_text_or_null(w, "client", s->client);
	json_member_text_or_null(w, "claim", s->claim ? s->claim->name : NULL);
	put_alert(w, s->alert);
	json_end(w, '}');
}

static void put_said(struct json_writer *w, const struct explanation *e)
{
	json_key(w, "said");
	json_begin(w, '[');
	if (e->kind == EXPLAINS_WORDS && e->said.said[0])
		put_statement(w, &e->said);
	for (size_t i = 0; i < e->also_count; i++)
		put_statement(w, &e->also[i]);
	json_end(w, ']');
}

static void put_ladder(struct json_writer *w, const struct explanation *e)
{
	static const char *const kinds[] = {
		[TLSDIAG_STEP_ARRIVES] = "arrives", [TLSDIAG_STEP_LOST] = "lost", [TLSDIAG_STEP_SILENCE] = "silence"};

	json_key(w, "ladder");
	json_begin(w, '[');
	for (size_t i = 0; i < e->step_count; i++) {
		json_begin(w, '{');
		json_member_text_or_null(w, "from", explain_direction(e->steps[i].from));
		json_member_text_or_null(w, "kind", kinds[e->steps[i].kind]);
		json_member_bool(w, "ending", e->steps[i].ending);
		json_member_text_or_null(w, "text", e->steps[i].text);
		json_end(w, '}');
	}
	json_end(w, ']');
}

static void put_checks(struct json_writer *w, const struct explanation *e)
{
	json_key(w, "checks");
	json_begin(w, '{');
	for (unsigned place = 0; place < EXPLAIN_PLACES; place++) {
		json_key(w, explain_places[place]);
		json_begin(w, '[');
		for (size_t i = 0; i < e->check_count; i++)
			if (e->checks[i].places & 1U << place)
				json_put_text(w, e->checks[i].text);
		json_end(w, ']');
	}
	json_end(w, '}');
}

static void put_candidates(struct json_writer *w, const char *key, const struct explanation_candidate *candidates,
			   size_t count)
{
	json_key(w, key);
	json_begin(w, '[');
	for (size_t i = 0; i < count; i++) {
		const struct explanation_candidate *c = &candidates[i];

		json_begin(w, '{');
		json_member_text_or_null(w, "signature", c->signature);
		json_member_text_or_null(w, "title", c->title);
		json_member_text_or_null(w, "wire", c->wire);
		json_member_text_or_null(w, "words", client_relation_name(c->relation));
		json_member_text_or_null(w, "note", c->note);
		json_end(w, '}');
	}
	json_end(w, ']');
}

static void put_phrases(struct json_writer *w, const struct explanation *e)
{
	json_key(w, "clients");
	json_begin(w, '[');
	for (size_t i = 0; i < e->phrase_count; i++) {
		json_begin(w, '{');
		json_member_text_or_null(w, "client", e->phrases[i]->client);
		json_member_text_or_null(w, "text", e->phrases[i]->text);
		json_end(w, '}');
	}
	json_end(w, ']');
}

static void put_scenarios(struct json_writer *w, const struct explanation *e)
{
	json_key(w, "scenarios");
	json_begin(w, '[');
	for (size_t i = 0; i < e->scenario_count; i++) {
		json_begin(w, '{');
		json_member_text_or_null(w, "name", e->scenarios[i]->name);
		json_member_text_or_null(w, "title", e->scenarios[i]->title);
		json_end(w, '}');
	}
	json_end(w, ']');
}

bool explain_json(FILE *out, const struct explanation *e)
{
	static const char *const kinds[] = {
		[EXPLAINS_SIGNATURE] = "signature", [EXPLAINS_ALERT] = "alert", [EXPLAINS_WORDS] = "client-words"};
	struct json_writer w = {.length = 0};
	bool written;

	json_begin(&w, '{');
	json_member_text_or_null(&w, "kind", kinds[e->kind]);
	json_member_text_or_null(&w, "name", e->name);
	json_member_text_or_null(&w, "title", e->title);
	json_member_text_or_null(&w, "meaning", e->meaning);
	put_alert(&w, e->alert);
	put_said(&w, e);
	put_ladder(&w, e);
	json_key(&w, "causes");
	json_put_texts(&w, e->causes, e->cause_count);
	put_checks(&w, e);
	put_candidates(&w, "candidates", e->candidates, e->candidate_count);
	put_candidates(&w, "look_alikes", e->look_alikes, e->look_alike_count);
	put_phrases(&w, e);
	put_scenarios(&w, e);
	json_end(&w, '}');
	written = !w.failed;
	if (written) {
		fwrite(w.text, 1, w.length, out);
		putc('\n', out);
	}
	json_writer_free(&w);
	return written;
}
