/* explain_text.c: an explanation for people at a terminal: what it is, what it looks like, what causes it, what to
 * check. */
#include "analyzer/cli/explain_print.h"

#include "analyzer/cli/layout.h"
#include "analyzer/cli/printable.h"

#include <string.h>

#define INDENT 4
#define ITEM_COLUMN 6
#define PLACE_COLUMN 14
#define STEP_COLUMN 16
#define SCENARIOS_SHOWN 8

const char *const explain_places[EXPLAIN_PLACES] = {"client", "path", "server"};

const char *explain_direction(enum tlsdiag_direction from)
{
	static const char *const names[] = {
		[TLSDIAG_FROM_CLIENT] = "client", [TLSDIAG_FROM_SERVER] = "server", [TLSDIAG_FROM_NETWORK] = "network"};

	return names[from];
}

static void heading(struct layout *l, const char *text)
{
	layout_newline(l);
	layout_put(l, PAINT_DIM, text);
	layout_newline(l);
}

static void item(struct layout *l, unsigned column, unsigned indent, const char *text)
{
	layout_to_column(l, column);
	layout_words(l, PAINT_PLAIN, indent, text);
	layout_newline(l);
}

/* ---- What it is ---- */

/* The words themselves, as far as they fit. */
static void put_said(struct layout *l, const struct client_statement *said)
{
	printable_buffer text;

	snprintf(text, sizeof(text), "\"%s\"", said->said);
	layout_words(l, PAINT_BOLD, INDENT, text);
}

static void title(struct layout *l, const struct explanation *e)
{
	printable_buffer line;

	if (e->kind == EXPLAINS_WORDS && e->said.said[0]) {
		put_said(l, &e->said);
	} else {
		layout_words(l, PAINT_BOLD, INDENT, e->name);
	}
	snprintf(line, sizeof(line), ": %s", e->title);
	layout_put(l, PAINT_PLAIN, line);
	layout_newline(l);
	if (e->kind == EXPLAINS_WORDS && e->alert >= 0) {
		snprintf(line, sizeof(line), "alert %s, sent by the %s", e->name, e->said.sent ? "client" : "server");
		item(l, INDENT, INDENT, line);
	}
	item(l, INDENT, INDENT, e->meaning);
}

/* ---- What it looks like ---- */

/* "    client >    SYN" */
static void step(struct layout *l, const struct tlsdiag_step *s)
{
	static const char *const arrows[] = {
		[TLSDIAG_FROM_CLIENT] = "client >",
		[TLSDIAG_FROM_SERVER] = "< server",
		[TLSDIAG_FROM_NETWORK] = "< network",
	};

	layout_to_column(l, INDENT);
	if (s->kind == TLSDIAG_STEP_SILENCE) {
		layout_put(l, PAINT_DIM, explain_direction(s->from));
		layout_put(l, PAINT_DIM, " ...");
	} else {
		layout_put(l, PAINT_DIM, arrows[s->from]);
	}
	layout_to_column(l, STEP_COLUMN);
	layout_words(l, s->ending ? PAINT_BOLD : PAINT_PLAIN, STEP_COLUMN, s->text);
	if (s->kind == TLSDIAG_STEP_LOST)
		layout_words(l, PAINT_DIM, STEP_COLUMN, "(lost)");
	layout_newline(l);
}

static void wire(struct layout *l, const struct explanation *e)
{
	printable_buffer line;

	if (e->kind == EXPLAINS_ALERT) {
		heading(l, "on the wire");
		snprintf(line, sizeof(line), "15 03 03 00 02 02 %02x: a record of type alert, level fatal, in clear",
			 e->alert);
		item(l, INDENT, INDENT, line);
		item(l, INDENT, INDENT,
		     "In TLS 1.3, after the ServerHello: a record of 19 bytes, type application data.");
		snprintf(line, sizeof(line), "tshark -Y 'tls.alert_message.desc == %d'", e->alert);
		item(l, INDENT, INDENT, line);
	} else if (e->step_count) {
		heading(l, "on the wire");
		for (size_t i = 0; i < e->step_count; i++)
			step(l, &e->steps[i]);
	}
}

/* ---- What it may be ---- */

static void candidate(struct layout *l, const struct explanation_candidate *c)
{
	printable_buffer line;

	layout_to_column(l, INDENT);
	layout_put(l, PAINT_BOLD, c->signature);
	snprintf(line, sizeof(line), ": %s", c->title);
	layout_put(l, PAINT_PLAIN, line);
	layout_newline(l);
	if (c->wire[0])
		item(l, ITEM_COLUMN, ITEM_COLUMN + 2, c->wire);
	if (!c->note)
		return;
	snprintf(line, sizeof(line), "%s%s.", c->relation == CLIENT_MISLEADS ? "These words mislead then: " : "Then ",
		 c->note);
	layout_to_column(l, ITEM_COLUMN);
	layout_words(l, c->relation == CLIENT_MISLEADS ? PAINT_YELLOW : PAINT_PLAIN, ITEM_COLUMN + 2, line);
	layout_newline(l);
}

static void candidates(struct layout *l, const struct explanation *e)
{
	if (!e->candidate_count)
		return;
	heading(l, e->kind == EXPLAINS_WORDS   ? "it may be, told apart on the wire by"
		   : e->kind == EXPLAINS_ALERT ? "where it comes, told apart by who sends it and when"
					       : "more precisely, it may be");
	for (size_t i = 0; i < e->candidate_count; i++)
		candidate(l, &e->candidates[i]);
}

static void look_alikes(struct layout *l, const struct explanation *e)
{
	if (!e->look_alike_count)
		return;
	heading(l, "what looks the same to the client, told apart on the wire by");
	for (size_t i = 0; i < e->look_alike_count; i++)
		candidate(l, &e->look_alikes[i]);
}

/* ---- What to do ---- */

static void causes(struct layout *l, const struct explanation *e)
{
	char number[32];

	if (!e->cause_count)
		return;
	heading(l, e->kind == EXPLAINS_WORDS ? "usual causes" : "usual causes, most frequent first");
	for (size_t i = 0; i < e->cause_count; i++) {
		snprintf(number, sizeof(number), "%2zu.", i + 1);
		layout_to_column(l, INDENT);
		layout_put(l, PAINT_DIM, number);
		item(l, INDENT + 4, INDENT + 4, e->causes[i]);
	}
}

static void checks(struct layout *l, const struct explanation *e)
{
	if (!e->check_count)
		return;
	heading(l, "what to check");
	for (unsigned place = 0; place < EXPLAIN_PLACES; place++) {
		const char *name = explain_places[place];

		for (size_t i = 0; i < e->check_count; i++) {
			if (!(e->checks[i].places & 1U << place))
				continue;
			layout_to_column(l, INDENT);
			layout_put(l, PAINT_DIM, name);
			item(l, PLACE_COLUMN, PLACE_COLUMN, e->checks[i].text);
			name = "";
		}
	}
}

static void phrases(struct layout *l, const struct explanation *e)
{
	if (!e->phrase_count)
		return;
	heading(l, e->kind == EXPLAINS_WORDS ? "what others print for it" : "what clients print");
	for (size_t i = 0; i < e->phrase_count; i++) {
		const char *client = e->phrases[i]->client;

		layout_to_column(l, INDENT);
		layout_put(l, PAINT_DIM, strcmp(client, "libc") == 0 ? "any" : client);
		item(l, PLACE_COLUMN, PLACE_COLUMN, e->phrases[i]->text);
	}
}

static void also(struct layout *l, const struct explanation *e)
{
	if (!e->also_count)
		return;
	heading(l, "the text says also");
	for (size_t i = 0; i < e->also_count; i++) {
		const struct client_statement *s = &e->also[i];
		char name[64];
		printable_buffer line;

		layout_to_column(l, INDENT);
		put_said(l, s);
		snprintf(line, sizeof(line), ": %s",
			 s->claim ? s->claim->title : tlsdiag_alert_name((uint8_t)s->alert, name, sizeof(name)));
		layout_put(l, PAINT_PLAIN, line);
		layout_newline(l);
	}
}

static void scenarios(struct layout *l, const struct explanation *e)
{
	printable_buffer line;

	if (!e->scenario_count)
		return;
	heading(l, "to try it in the lab");
	for (size_t i = 0; i < e->scenario_count && i < SCENARIOS_SHOWN; i++) {
		snprintf(line, sizeof(line), "tlslab run %s", e->scenarios[i]->name);
		layout_to_column(l, INDENT);
		layout_put(l, PAINT_CYAN, line);
		snprintf(line, sizeof(line), "  # %s", e->scenarios[i]->title);
		layout_put(l, PAINT_DIM, line);
		layout_newline(l);
	}
	if (e->scenario_count > SCENARIOS_SHOWN) {
		snprintf(line, sizeof(line), "and %zu more: tlslab list; tlsdiag explain --json has all of them",
			 e->scenario_count - SCENARIOS_SHOWN);
		item(l, INDENT, INDENT, line);
	}
}

void explain_text(FILE *out, const struct explanation *e, bool colour, unsigned columns)
{
	struct layout l = {.out = out, .colour = colour, .columns = columns};

	title(&l, e);
	wire(&l, e);
	candidates(&l, e);
	look_alikes(&l, e);
	causes(&l, e);
	checks(&l, e);
	phrases(&l, e);
	also(&l, e);
	scenarios(&l, e);
}
