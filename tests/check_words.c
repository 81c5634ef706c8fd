/* check_words.c: holds tlsdiag's tables against the lab's scenarios, an object of `tlslab list --json` a line on
 * standard input: what a client must print is explained, and fits what must be diagnosed; and the scenarios that
 * tlsdiag names for a signature are those that expect it. Prints what does not fit and exits with 1; else prints how
 * many words it was.
 */
#include "analyzer/cli/explanation.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An alert's name alone is explained as the alert, which any stage may expect. */
static bool alert_fits(const struct explanation *e, const char *signature)
{
	const char *alert = strstr(signature, "/alert/");

	return alert &&
	       (tlsdiag_alert_number(alert + strlen("/alert/")) == e->alert || strcmp(alert, "/alert/encrypted") == 0);
}

static bool words_fit(const char *text, const char *signature)
{
	struct client_words words = {.count = 0};

	client_words_text(&words, text);
	for (size_t i = 0; i < words.count; i++) {
		const struct client_view *view;

		if (client_relation_to(&words.list[i], signature, &view) != CLIENT_DIFFERS)
			return true;
	}
	return false;
}

static bool fits(const char *text, const char *signature)
{
	struct explanation e;

	if (!explanation_find(&e, text))
		return false;
	return (e.kind == EXPLAINS_ALERT && alert_fits(&e, signature)) || words_fit(text, signature);
}

static bool check_client(json_t *row, const char *signature)
{
	json_t *says = json_object_get(row, "client_says");
	const char *text = json_string_value(json_object_get(says, "error"));
	const char *name = json_string_value(json_object_get(row, "name"));

	/* A client that succeeds says so in words of its own. */
	if (!text || json_integer_value(json_object_get(says, "exit")) == 0 || fits(text, signature))
		return true;
	printf("%s: \"%s\" does not fit %s\n", name, text, signature);
	return false;
}

static bool check_scenario(json_t *row, const char *signature, bool *seen)
{
	const char *name = json_string_value(json_object_get(row, "scenario"));
	const char *title = json_string_value(json_object_get(row, "title"));

	for (size_t i = 0; i < scenario_row_count; i++) {
		const struct scenario_row *r = &scenario_rows[i];

		if (strcmp(r->name, name) != 0 || strcmp(r->signature, signature) != 0)
			continue;
		seen[i] = true;
		if (strcmp(r->title, title) == 0)
			return true;
		printf("%s: its title is \"%s\", not \"%s\"\n", name, title, r->title);
		return false;
	}
	printf("%s: %s is missing in the table of scenarios\n", name, signature);
	return false;
}

static bool check_row(json_t *row, bool *seen, size_t *words)
{
	json_t *expected = json_object_get(row, "expected");
	const char *signature = json_string_value(json_object_get(expected, "signature"));
	const char *outcome = json_string_value(json_object_get(expected, "outcome"));
	bool known = !signature || check_scenario(row, signature, seen);

	*words += json_is_string(json_object_get(json_object_get(row, "client_says"), "error"));
	if (!signature && strcmp(outcome, "established") != 0) /* incomplete or not TLS: nothing is said of it */
		return true;
	return check_client(row, signature ? signature : outcome) && known;
}

int main(void)
{
	bool *seen = calloc(scenario_row_count, sizeof(*seen)), ok = seen;
	size_t words = 0;
	json_t *row;

	while (seen && (row = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, NULL))) {
		ok = check_row(row, seen, &words) && ok;
		json_decref(row);
	}
	for (size_t i = 0; seen && i < scenario_row_count; i++) {
		if (!seen[i])
			printf("%s: no case expects %s\n", scenario_rows[i].name, scenario_rows[i].signature);
		ok = ok && seen[i];
	}
	free(seen);
	printf("%zu\n", words);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
