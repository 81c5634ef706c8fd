/* check_between.c: see check_between.h. */
#include "harness/check_between.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/case.h"
#include "harness/json_text.h"
#include "harness/verdict_lines.h"

struct judging {
	const struct variant *variant;
	FILE *why;
	bool right;
	json_t *seen; /* "dropped" etc.: {"to-server": true}; "changed": {"mss": true} */
	size_t connections;
	json_t *last; /* of them */
};

static void __attribute__((format(printf, 2, 3))) blame(struct judging *j, const char *format, ...)
{
	va_list arguments;

	j->right = false;
	fputs("of both captures ", j->why);
	va_start(arguments, format);
	vfprintf(j->why, format, arguments);
	va_end(arguments);
	fputc('\n', j->why);
}

/* ---- What was said ---- */

static void note(struct judging *j, json_t *difference)
{
	const char *what = json_text(difference, "what");
	const char *which = json_text(difference, strcmp(what, "changed") == 0 ? "field" : "direction");
	json_t *set;

	if (strcmp(what, "partly-dropped") == 0)
		what = "dropped";
	if (!json_object_get(j->seen, what))
		json_object_set_new(j->seen, what, json_object());
	set = json_object_get(j->seen, what);
	json_object_set_new(set, which, json_true());
}

static void take_verdict(struct judging *j, json_t *verdict)
{
	json_t *between = json_object_get(verdict, "between"), *difference;
	size_t i;

	if (!verdict_under_test(j->variant, verdict))
		return;
	j->connections++;
	json_decref(j->last);
	j->last = json_incref(verdict);
	if (!json_is_object(between))
		blame(j, "the analyzer says nothing of the way between them");
	json_array_foreach(json_object_get(between, "differences"), i, difference)
		note(j, difference);
}

static void take_lines(struct judging *j, const char *output)
{
	struct verdict_line line;

	while (verdict_line_next(&output, &line)) {
		if (line.verdict)
			take_verdict(j, line.verdict);
		else
			blame(j, "the analyzer printed a line that is no JSON object: %.*s", line.length, line.text);
		json_decref(line.verdict);
	}
}

/* ---- Against what was expected ---- */

static bool listed(const struct document_strings *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], word) == 0)
			return true;
	return false;
}

static void compare_set(struct judging *j, const char *what, const struct document_strings *expected)
{
	json_t *set = json_object_get(j->seen, what), *value;
	const char *which;

	if (listed(&j->variant->settings.expect.between.may, what))
		return;
	json_object_foreach(set, which, value) {
		if (!listed(expected, which))
			blame(j, "the analyzer says '%s %s', which the scenario does not", what, which);
	}
	for (size_t i = 0; i < expected->count; i++)
		if (!json_object_get(set, expected->items[i]))
			blame(j, "the analyzer does not say '%s %s'", what, expected->items[i]);
}

static void compare(struct judging *j, const char *what, const char *expected)
{
	const char *said = json_text(j->last, what);

	if (*expected && strcmp(said, expected) != 0)
		blame(j, "the analyzer's %s is '%s', not '%s'", what, said, expected);
}

static void judge_verdict(struct judging *j)
{
	const struct scenario_expect *e = &j->variant->settings.expect;
	const struct scenario_between *b = &e->between;

	compare(j, "outcome", e->outcome);
	compare(j, "signature", *b->signature && *e->signature ? b->signature : e->signature);
	compare(j, "by", *b->by && *e->signature ? b->by : e->by);
	compare(j, "certainty", *e->signature ? b->certainty : "");
	compare_set(j, "dropped", &b->dropped);
	compare_set(j, "appeared", &b->appeared);
	compare_set(j, "changed", &b->changed);
	compare_set(j, "duplicated", &b->duplicated);
}

bool check_between(const struct variant *variant, json_t *said, FILE *why)
{
	struct judging j = {.variant = variant, .why = why, .right = true, .seen = json_object()};
	size_t expected = (size_t)variant->settings.expect.connections;
	json_int_t status = json_integer_value(json_object_get(said, "status"));

	if (!json_is_integer(json_object_get(said, "status")) || status > 1)
		blame(&j, "the analyzer could not do its work: %s", json_text(said, "words"));
	take_lines(&j, json_text(said, "output"));
	if (j.connections == expected)
		judge_verdict(&j);
	else
		blame(&j, "the analyzer gave %zu verdicts on %s port %d instead of %zu", j.connections,
		      case_server_address(variant->choice.family), CASE_PORT, expected);
	json_decref(j.seen);
	json_decref(j.last);
	return j.right;
}
