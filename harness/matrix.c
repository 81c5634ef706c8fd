/* matrix.c: see matrix.h. */
#include "harness/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "harness/json_text.h"

static const char *const classes[MATRIX_CLASSES] = {
	"tcp",         "client-hello", "server-hello", "server-flight", "client-flight", "finished",
	"application", "established",  "incomplete",   "not-tls",       "none",
};

/* ---- Counting ---- */

static size_t class_of(const char *outcome, const char *signature)
{
	const char *word = strcmp(outcome, "failed") == 0 ? signature : outcome;
	size_t length = strcspn(word, "/");

	for (size_t i = 0; i < MATRIX_NONE; i++) {
		bool stage = word == signature;

		if (stage == (i < MATRIX_STAGES) && strlen(classes[i]) == length &&
		    strncmp(classes[i], word, length) == 0)
			return i;
	}
	return MATRIX_NONE;
}

static bool count_pair(struct matrix *m, const char *injected, const char *diagnosed)
{
	struct matrix_pair *pairs;

	for (size_t i = 0; i < m->pair_count; i++) {
		if (strcmp(m->pairs[i].injected, injected) == 0 && strcmp(m->pairs[i].diagnosed, diagnosed) == 0) {
			m->pairs[i].cases++;
			return true;
		}
	}
	pairs = reallocarray(m->pairs, m->pair_count + 1, sizeof(*pairs));
	if (!pairs)
		return false;
	m->pairs = pairs;
	m->pairs[m->pair_count++] = (struct matrix_pair){injected, diagnosed, 1};
	return true;
}

static bool count_case(struct matrix *m, const struct scenario_expect *expect, const struct check *check)
{
	const char *outcome = json_text(check->verdict, "outcome");
	const char *signature = strcmp(outcome, "failed") == 0 ? json_text(check->verdict, "signature") : "";
	const char *injected = *expect->signature ? expect->signature : expect->outcome;
	const char *diagnosed = *signature ? signature : *outcome ? outcome : "none";
	size_t row = class_of(expect->outcome, expect->signature), column = class_of(outcome, signature);
	struct matrix_score *score = &m->scores[row];

	m->cells[row][column]++;
	score->cases++;
	score->stage_right += row == column;
	score->signature_right += strcmp(injected, diagnosed) == 0;
	score->all_right += check->result == CHECK_PASS;
	if (row < MATRIX_STAGES)
		m->scores[column].misplaced += row != column;
	else if (column < MATRIX_STAGES)
		m->scores[column].false_alarms++;
	return count_pair(m, injected, diagnosed);
}

static void add_up(struct matrix *m)
{
	for (size_t i = 0; i < MATRIX_CLASSES; i++) {
		const struct matrix_score *s = &m->scores[i];

		m->total.cases += s->cases;
		m->total.stage_right += s->stage_right;
		m->total.signature_right += s->signature_right;
		m->total.all_right += s->all_right;
		m->total.misplaced += s->misplaced;
		m->total.false_alarms += s->false_alarms;
	}
}

struct matrix *matrix_new(const struct results *results)
{
	struct matrix *m = calloc(1, sizeof(*m));
	bool ok = m != NULL;

	for (size_t i = 0; ok && i < results->variants->count; i++) {
		const struct result *result = &results->items[i];

		if (result->ended && (result->check.result == CHECK_PASS || result->check.result == CHECK_FAIL))
			ok = count_case(m, &results->variants->items[i].settings.expect, &result->check);
	}
	if (ok) {
		add_up(m);
		return m;
	}
	matrix_free(m);
	return NULL;
}

void matrix_free(struct matrix *m)
{
	if (m)
		free(m->pairs);
	free(m);
}

/* ---- For people ---- */

/* Columns have letters, so that eleven of them fit. */
static void print_cells(FILE *out, const struct matrix *m)
{
	fputs("Stages: a row is what was injected, a column what the analyzer said\n  ", out);
	for (size_t c = 0; c < MATRIX_CLASSES; c++)
		fprintf(out, "%5c", (char)('a' + c));
	fputc('\n', out);
	for (size_t r = 0; r < MATRIX_CLASSES; r++) {
		fputs("  ", out);
		for (size_t c = 0; c < MATRIX_CLASSES; c++) {
			if (m->cells[r][c])
				fprintf(out, "%5zu", m->cells[r][c]);
			else
				fprintf(out, "%5s", ".");
		}
		fprintf(out, "  %c %s\n", (char)('a' + r), classes[r]);
	}
}

static void print_confused(FILE *out, const struct matrix *m)
{
	bool any = false;

	for (size_t i = 0; i < m->pair_count; i++) {
		const struct matrix_pair *p = &m->pairs[i];

		if (strcmp(p->injected, p->diagnosed) == 0)
			continue;
		if (!any)
			fputs("\nConfused: cases, what was injected, what the analyzer said\n", out);
		any = true;
		fprintf(out, "%5zu  %-36s %s\n", p->cases, p->injected, p->diagnosed);
	}
}

static void print_score(FILE *out, const char *name, const struct matrix_score *s)
{
	fprintf(out, "  %-14s%6zu%7zu%11zu%10zu", name, s->cases, s->stage_right, s->signature_right, s->all_right);
	if (s->cases)
		fprintf(out, "%7.1f %%", 100.0 * (double)s->signature_right / (double)s->cases);
	else
		fprintf(out, "%9s", "-");
	fprintf(out, "%11zu%8zu\n", s->misplaced, s->false_alarms);
}

void matrix_print(FILE *out, const struct matrix *m)
{
	print_cells(out, m);
	print_confused(out, m);
	fputs("\nScore         of cases       right:                       recall  misplaced   false\n"
	      "                       stage  signature  all of it                       alarms\n",
	      out);
	for (size_t i = 0; i < MATRIX_CLASSES; i++) {
		const struct matrix_score *s = &m->scores[i];

		if (s->cases || s->misplaced || s->false_alarms)
			print_score(out, classes[i], s);
	}
	print_score(out, "all", &m->total);
}

/* ---- For programs ---- */

static json_t *score_json(const char *name, const struct matrix_score *s)
{
	json_t *json = json_pack("{sssIsIsIsIsIsI}", "class", name, "cases", (json_int_t)s->cases, "stage_right",
				 (json_int_t)s->stage_right, "signature_right", (json_int_t)s->signature_right,
				 "all_right", (json_int_t)s->all_right, "misplaced", (json_int_t)s->misplaced,
				 "false_alarms", (json_int_t)s->false_alarms);

	json_object_set_new(json, "recall",
			    s->cases ? json_real((double)s->signature_right / (double)s->cases) : json_null());
	return json;
}

json_t *matrix_json(const struct matrix *m)
{
	json_t *scores = json_array(), *confusion = json_array();

	for (size_t i = 0; i < MATRIX_CLASSES; i++)
		json_array_append_new(scores, score_json(classes[i], &m->scores[i]));
	json_array_append_new(scores, score_json("all", &m->total));
	for (size_t i = 0; i < m->pair_count; i++)
		json_array_append_new(confusion,
				      json_pack("{sssssI}", "injected", m->pairs[i].injected, "diagnosed",
						m->pairs[i].diagnosed, "cases", (json_int_t)m->pairs[i].cases));
	return json_pack("{soso}", "scores", scores, "confusion", confusion);
}
