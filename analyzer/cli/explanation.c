/* explanation.c: see explanation.h. */
#include "analyzer/cli/explanation.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool starts(const char *text, const char *front)
{
	return strncmp(text, front, strlen(front)) == 0;
}

/* The signature with "any" for its stage and without its detail. */
static void cause_of(const char *signature, char *cause, size_t size)
{
	const char *at = strchr(signature, '/');

	snprintf(cause, size, "any%.*s", at ? (int)(1 + strcspn(at + 1, "/")) : 0, at ? at : "");
}

/* ---- What is gathered ---- */

static void add_cause(struct explanation *e, const char *cause)
{
	for (size_t i = 0; i < e->cause_count; i++)
		if (strcmp(e->causes[i], cause) == 0)
			return;
	if (e->cause_count < EXPLANATION_ITEMS_MAX)
		e->causes[e->cause_count++] = cause;
}

static void add_check(struct explanation *e, const struct tlsdiag_check *check)
{
	for (size_t i = 0; i < e->check_count; i++)
		if (strcmp(e->checks[i].text, check->text) == 0)
			return;
	if (e->check_count < EXPLANATION_ITEMS_MAX)
		e->checks[e->check_count++] = *check;
}

static unsigned places_checked(const struct explanation *e)
{
	unsigned places = 0;

	for (size_t i = 0; i < e->check_count; i++)
		places |= e->checks[i].places;
	return places;
}

/* Of another row only what is about places that have nothing yet. */
static void fill_places(struct explanation *e, const char *signature)
{
	const struct tlsdiag_words *w = tlsdiag_explain(signature);
	unsigned have = places_checked(e);

	for (size_t i = 0; w && i < w->check_count; i++) {
		struct tlsdiag_check check = {w->checks[i].places & ~have, w->checks[i].text};

		if (check.places)
			add_check(e, &check);
	}
}

static void add_words(struct explanation *e, const char *signature)
{
	const struct tlsdiag_words *w = tlsdiag_explain(signature);
	char front[EXPLANATION_NAME_MAX];

	if (!w)
		return;
	for (size_t i = 0; i < w->cause_count; i++)
		add_cause(e, w->causes[i]);
	for (size_t i = 0; i < w->check_count; i++)
		add_check(e, &w->checks[i]);
	cause_of(signature, front, sizeof(front));
	fill_places(e, front);
}

/* The ending of a ladder in one line, and what it follows: "client > ClientHello; < server RST". */
static void put_wire(char *line, size_t size, const char *signature)
{
	static const char *const arrows[] = {
		[TLSDIAG_FROM_CLIENT] = "client >",
		[TLSDIAG_FROM_SERVER] = "< server",
		[TLSDIAG_FROM_NETWORK] = "< network",
	};
	struct tlsdiag_step steps[TLSDIAG_STEPS_MAX];
	size_t count = tlsdiag_ladder(signature, steps), at = 0;

	line[0] = '\0';
	for (size_t i = 0; i < count && at + 1 < size; i++) {
		if (!steps[i].ending && !(i + 1 < count && steps[i + 1].ending))
			continue;
		at += (size_t)snprintf(line + at, size - at, "%s%s %s%s", at ? "; " : "", arrows[steps[i].from],
				       steps[i].text, steps[i].kind == TLSDIAG_STEP_LOST ? " (lost)" : "");
	}
}

static struct explanation_candidate candidate(const char *signature, const struct client_view *view)
{
	const struct tlsdiag_words *w = tlsdiag_explain(signature);
	struct explanation_candidate c = {.title = w ? w->title : "The connection was established",
					  .relation = view ? view->relation : CLIENT_SAYS_NOTHING,
					  .note = view ? view->note : NULL};

	snprintf(c.signature, sizeof(c.signature), "%s", signature);
	put_wire(c.wire, sizeof(c.wire), signature);
	return c;
}

static void add_candidate(struct explanation *e, const char *signature, const struct client_view *view)
{
	for (size_t i = 0; i < e->candidate_count; i++)
		if (strcmp(e->candidates[i].signature, signature) == 0)
			return;
	if (e->candidate_count < EXPLANATION_ITEMS_MAX)
		e->candidates[e->candidate_count++] = candidate(signature, view);
}

static bool scenario_is_new(const struct explanation *e, const struct scenario_row *row)
{
	for (size_t i = 0; i < e->scenario_count; i++)
		if (strcmp(e->scenarios[i]->name, row->name) == 0)
			return false;
	return true;
}

/* At most `max` more. */
static void add_scenarios(struct explanation *e, const char *signature, bool exactly, size_t max)
{
	for (size_t i = 0; i < scenario_row_count && max; i++) {
		const struct scenario_row *row = &scenario_rows[i];
		bool fits =
			exactly ? strcmp(signature, row->signature) == 0 : tlsdiag_fit(signature, row->signature) > 0;

		if (fits && e->scenario_count < EXPLANATION_SCENARIOS_MAX && scenario_is_new(e, row)) {
			e->scenarios[e->scenario_count++] = row;
			max--;
		}
	}
}

/* How near the top of a claim's views the one for this signature stands; PHRASE_VIEWS: farther down than what the claim
 * is about. */
#define PHRASE_VIEWS 6
static size_t view_index(const struct client_claim *claim, const char *signature)
{
	struct client_statement statement = {.claim = claim, .alert = -1};
	const struct client_view *view;

	if (client_relation_to(&statement, signature, &view) == CLIENT_DIFFERS || view - claim->views >= PHRASE_VIEWS ||
	    !strchr(view->signature, '/')) /* what fits a whole stage is about nothing */
		return PHRASE_VIEWS;
	return (size_t)(view - claim->views);
}

static void add_phrase(struct explanation *e, const struct client_phrase *phrase)
{
	for (size_t i = 0; i < e->phrase_count; i++)
		if (strcmp(e->phrases[i]->client, phrase->client) == 0)
			return;
	if (*phrase->client && e->phrase_count < EXPLANATION_ITEMS_MAX)
		e->phrases[e->phrase_count++] = phrase;
}

/* How each client prints a claim. */
static void add_claim_phrases(struct explanation *e, const struct client_claim *claim)
{
	for (size_t i = 0; i < client_phrase_count; i++)
		if (&client_claims[client_phrases[i].claim] == claim)
			add_phrase(e, &client_phrases[i]);
}

/* What clients print of a signature: of the claims about it the most telling first, one phrase for each client. */
static void add_phrases(struct explanation *e, const char *signature)
{
	for (size_t index = 0; index < PHRASE_VIEWS; index++)
		for (size_t i = 0; i < CLAIMS; i++)
			if (view_index(&client_claims[i], signature) == index)
				add_claim_phrases(e, &client_claims[i]);
}

/* The claim that is about this signature more than any other is; NULL: none is. */
static const struct client_claim *claim_about(const char *signature)
{
	for (size_t index = 0; index < PHRASE_VIEWS; index++)
		for (size_t i = 0; i < CLAIMS; i++)
			if (view_index(&client_claims[i], signature) == index)
				return &client_claims[i];
	return NULL;
}

static void add_look_alikes(struct explanation *e, const char *signature)
{
	const struct client_claim *claim = claim_about(signature);

	for (size_t i = 0; claim && i < claim->view_count; i++) {
		const char *other = claim->views[i].signature;
		bool kin = tlsdiag_fit(signature, other) || starts(other, "any/"); /* itself, or what it may be */

		if (!kin && strcmp(other, "established") != 0 && e->look_alike_count < EXPLANATION_LOOK_ALIKES_MAX)
			e->look_alikes[e->look_alike_count++] = candidate(other, NULL);
	}
}

/* ---- Signatures ---- */

/* The signatures one part longer, as far as they have words of their own. */
static void add_narrower(struct explanation *e, const char *signature)
{
	size_t n = strlen(signature);
	const char *rest = strchr(signature, '/');
	const struct tlsdiag_words *w;

	for (size_t i = 0; (w = tlsdiag_words_row(i)); i++) {
		bool longer =
			starts(w->signature, signature) && w->signature[n] == '/' && !strchr(w->signature + n + 1, '/');
		bool at_stage = rest && starts(signature, "any/") && !starts(w->signature, "any") &&
				strchr(w->signature, '/') && strcmp(strchr(w->signature, '/'), rest) == 0;

		if (longer || at_stage)
			add_candidate(e, w->signature, NULL);
	}
}

static void explain_signature(struct explanation *e, const char *signature)
{
	const struct tlsdiag_words *w = tlsdiag_explain(signature);
	const char *cause = strchr(signature, '/');

	*e = (struct explanation){.kind = EXPLAINS_SIGNATURE, .title = w->title, .meaning = w->meaning, .alert = -1};
	snprintf(e->name, sizeof(e->name), "%s", signature);
	if (cause && starts(cause, "/alert/"))
		e->alert = tlsdiag_alert_number(cause + strlen("/alert/"));
	e->step_count = tlsdiag_ladder(signature, e->steps);
	add_words(e, signature);
	add_narrower(e, signature);
	if (cause && e->alert < 0)
		add_phrases(e, signature);
	if (cause)
		add_look_alikes(e, signature);
	add_scenarios(e, signature, true, EXPLANATION_SCENARIOS_MAX);
	add_scenarios(e, signature, false, EXPLANATION_SCENARIOS_MAX);
}

/* Whether the last part is one that can occur: a row says so for some stage, or it is an alert. */
static bool detail_is_known(const char *signature)
{
	const char *cause = strchr(signature, '/');
	const struct tlsdiag_words *w;

	if (!cause || !strchr(cause + 1, '/'))
		return true;
	if (starts(cause, "/alert/") && tlsdiag_alert_number(cause + strlen("/alert/")) >= 0)
		return true;
	for (size_t i = 0; (w = tlsdiag_words_row(i)); i++) {
		const char *own = strchr(w->signature, '/');

		if (own && strcmp(own, cause) == 0)
			return true;
	}
	return false;
}

/* The signature that a word stands for: itself, "any" before a cause, alerts by the registry's name. False: none. */
static bool signature_named(const char *word, char *signature, size_t size)
{
	const char *alert = strstr(word, "alert/");
	size_t length = strlen(word);
	char name[64];
	int number;

	while (length && word[length - 1] == '/')
		length--;
	snprintf(signature, size, "%.*s", (int)length, word);
	if (!tlsdiag_explain(signature))
		snprintf(signature, size, "any/%.*s", (int)length, word);
	if (!tlsdiag_explain(signature) || !detail_is_known(signature))
		return false;
	number = alert ? tlsdiag_alert_number(alert + strlen("alert/")) : -1;
	if (number >= 0)
		snprintf(strstr(signature, "alert/"), size - (size_t)(strstr(signature, "alert/") - signature),
			 "alert/%s", tlsdiag_alert_name((uint8_t)number, name, sizeof(name)));
	return true;
}

/* ---- Alerts ---- */

static void explain_alert(struct explanation *e, int alert)
{
	static const char *const stages[] = {
		"client-hello", "server-hello", "server-flight", "client-flight", "finished", "application", "any"};
	char name[64], signature[EXPLANATION_NAME_MAX];

	tlsdiag_alert_name((uint8_t)alert, name, sizeof(name));
	snprintf(signature, sizeof(signature), "any/alert/%s", name);
	explain_signature(e, signature);
	e->kind = EXPLAINS_ALERT;
	e->alert = alert;
	snprintf(e->name, sizeof(e->name), "%s", name);
	if (!tlsdiag_alert_assigned((uint8_t)alert)) {
		e->title = "Not assigned by IANA";
		e->meaning =
			"No standard gives this number a meaning: a private extension, a faulty stack, or a test tool.";
	}
	e->candidate_count = e->look_alike_count = 0; /* those of a stage below, not of any */
	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++) {
		const struct tlsdiag_words *w;

		snprintf(signature, sizeof(signature), "%s/alert/%s", stages[i], name);
		w = tlsdiag_explain(signature);
		if (w && strcmp(w->signature, signature) == 0 && strcmp(stages[i], "any") != 0)
			add_candidate(e, signature, NULL);
	}
	add_candidate(e, "client-flight/alert/encrypted", NULL);
	add_candidate(e, "finished/alert/encrypted", NULL);
}

/* "48", "0x30", "alert 48", "TLS alert unknown_ca", "unknown CA"; -1: no alert. */
static int alert_named(const char *text)
{
	static const char *const before[] = {"tls", "ssl", "fatal", "alert", "number", "description"};
	char word[64] = "";
	size_t n = 0;

	for (bool more = true; more;) {
		more = false;
		text += strspn(text, " :,[(");
		for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
			size_t length = strlen(before[i]);

			if (strncasecmp(text, before[i], length) == 0 && text[length] &&
			    strchr(" :,[(", text[length])) {
				text += length;
				more = true;
			}
		}
	}
	for (; *text && n + 1 < sizeof(word); text++)
		word[n++] = (char)(*text == ' ' || *text == '-' ? '_' : *text);
	while (n && strchr("_.])", word[n - 1]))
		n--;
	word[n] = '\0';
	if (*text || !n)
		return -1;
	if (starts(word, "0x")) {
		char *end;
		long number = strtol(word, &end, 16);

		return *end || !word[2] || number > UINT8_MAX ? -1 : (int)number;
	}
	return tlsdiag_alert_number(word);
}

/* ---- Clients' words ---- */

/* An alert that a client tells of came from the server, or the client sent it; where, by the handshake's own order. */
static void add_alert_candidates(struct explanation *e, const struct client_statement *said)
{
	static const char *const received[] = {"server-hello", "server-flight", "finished", "application"};
	static const char *const sent[] = {"client-flight", "server-flight"};
	const char *const *stages = said->sent ? sent : received;
	size_t count = said->sent ? sizeof(sent) / sizeof(*sent) : sizeof(received) / sizeof(*received);
	char name[64], signature[EXPLANATION_NAME_MAX];

	tlsdiag_alert_name((uint8_t)said->alert, name, sizeof(name));
	for (int encrypted = 0; encrypted < 2; encrypted++) {
		for (size_t i = encrypted && !said->sent ? 1 : 0; i < count - (encrypted && said->sent); i++) {
			const struct client_view *view;

			snprintf(signature, sizeof(signature), "%s/alert/%s", stages[i],
				 encrypted ? "encrypted" : name);
			client_relation_to(said, signature, &view);
			add_candidate(e, signature, view);
		}
	}
	if (!said->sent) {
		const struct client_view *view;

		client_relation_to(said, "established", &view);
		add_candidate(e, "established", view);
	}
}

/* What stands for a cause at any stage is told only where there is more to say of it. */
static void add_views(struct explanation *e, const struct client_claim *claim)
{
	for (size_t i = 0; i < claim->view_count; i++) {
		const struct client_view *view = &claim->views[i];

		if (view->note || !starts(view->signature, "any/"))
			add_candidate(e, view->signature, view);
	}
}

/* The two likeliest causes and the likeliest checks of each signature that it may be. */
static void gather_from_candidates(struct explanation *e)
{
	unsigned places;

	for (size_t i = 0; i < e->candidate_count; i++) {
		const struct tlsdiag_words *w = tlsdiag_explain(e->candidates[i].signature);

		for (size_t k = 0; w && k < w->cause_count && k < 2 && e->cause_count < 8; k++)
			add_cause(e, w->causes[k]);
		places = 0;
		for (size_t k = 0; w && k < w->check_count && e->check_count < 9; k++) {
			if (!(w->checks[k].places & ~places))
				continue;
			places |= w->checks[k].places;
			add_check(e, &w->checks[k]);
		}
		add_scenarios(e, e->candidates[i].signature, true, 1);
	}
	for (size_t i = 0; i < e->candidate_count; i++)
		add_scenarios(e, e->candidates[i].signature, false, EXPLANATION_SCENARIOS_MAX);
	for (size_t i = 0; i < e->candidate_count; i++) {
		char cause[EXPLANATION_NAME_MAX];

		cause_of(e->candidates[i].signature, cause, sizeof(cause));
		fill_places(e, cause);
	}
}

static void explain_statement(struct explanation *e, const struct client_statement *said)
{
	char name[64], signature[EXPLANATION_NAME_MAX];

	*e = (struct explanation){.kind = EXPLAINS_WORDS, .alert = said->alert, .said = *said};
	if (said->alert >= 0) {
		const struct tlsdiag_words *w;

		tlsdiag_alert_name((uint8_t)said->alert, name, sizeof(name));
		snprintf(e->name, sizeof(e->name), "%s", name);
		snprintf(signature, sizeof(signature), "any/alert/%s", name);
		w = tlsdiag_explain(signature);
		e->title = w->title;
		e->meaning = w->meaning;
		add_alert_candidates(e, said);
	} else {
		snprintf(e->name, sizeof(e->name), "%s", said->claim->name);
		e->title = said->claim->title;
		e->meaning = said->claim->meaning;
		add_views(e, said->claim);
		add_claim_phrases(e, said->claim);
	}
	gather_from_candidates(e);
}

static bool explain_words(struct explanation *e, const char *text)
{
	struct client_words words = {.count = 0};

	client_words_text(&words, text);
	if (!words.count)
		return false;
	explain_statement(e, &words.list[0]);
	e->also_count = words.count - 1;
	memcpy(e->also, words.list + 1, e->also_count * sizeof(*e->also));
	return true;
}

/* ---- Finding ---- */

bool explanation_find(struct explanation *e, const char *text)
{
	char word[EXPLANATION_NAME_MAX], signature[EXPLANATION_NAME_MAX];
	size_t n;
	int alert;

	text += strspn(text, " \t\r\n");
	n = strlen(text);
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	if (n && n < sizeof(word)) {
		for (size_t i = 0; i < n; i++)
			word[i] = (char)tolower((unsigned char)text[i]);
		word[n] = '\0';
		if (signature_named(word, signature, sizeof(signature))) {
			explain_signature(e, signature);
			return true;
		}
		alert = alert_named(word);
		if (alert >= 0) {
			explain_alert(e, alert);
			return true;
		}
	}
	return explain_words(e, text);
}

/* Alerts have an explanation of their own, so their rows for any stage are none beside it. */
static bool row_is_listed(const struct tlsdiag_words *w, const char *stage)
{
	bool alert = starts(w->signature, "any/alert/") && strcmp(w->signature, "any/alert/encrypted") != 0;
	size_t n = strlen(stage);

	return !alert && starts(w->signature, stage) && (!w->signature[n] || w->signature[n] == '/');
}

/* The index-th row, those of a stage together and in the order of stages; NULL, and what is left of *index, behind the
 * last. */
static const struct tlsdiag_words *listed_row(size_t *index)
{
	for (int s = 0; s <= TLSDIAG_STAGES; s++) {
		const char *stage = s < TLSDIAG_STAGES ? tlsdiag_stage_name((enum tlsdiag_stage)s) : "any";
		const struct tlsdiag_words *w;

		for (size_t i = 0; (w = tlsdiag_words_row(i)); i++)
			if (row_is_listed(w, stage) && (*index)-- == 0)
				return w;
	}
	return NULL;
}

bool explanation_at(struct explanation *e, size_t index)
{
	const struct tlsdiag_words *w = listed_row(&index);

	if (w) {
		explain_signature(e, w->signature);
		return true;
	}
	for (int alert = 0; alert <= UINT8_MAX; alert++) {
		if (tlsdiag_alert_assigned((uint8_t)alert) && index-- == 0) {
			explain_alert(e, alert);
			return true;
		}
	}
	if (index >= CLAIMS)
		return false;
	explain_statement(e, &(struct client_statement){.claim = &client_claims[index], .client = "", .alert = -1});
	return true;
}
