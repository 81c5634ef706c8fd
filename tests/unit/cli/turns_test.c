/* turns_test.c: what several threads say of their captures is told in the captures' order, whoever says it first, and
 * however little may be kept meanwhile. */
#include "analyzer/cli/turns.h"

#include "tests/unit/suite.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CAPTURES 5
#define VERDICTS 40

/* A report that writes down what it is told: letter of the capture, number of the verdict. */
struct notes {
	struct report report;
	char text[16384];
	size_t told, fail_at; /* verdicts; 0: never */
};

static void note(struct notes *n, const char *line)
{
	size_t at = strlen(n->text);

	snprintf(n->text + at, sizeof(n->text) - at, "%s\n", line);
}

static void note_verdict(struct report *report, const char *capture, const struct tlsdiag_verdict *v)
{
	struct notes *n = (struct notes *)report;
	char line[64];

	snprintf(line, sizeof(line), "%.8s %d %.16s", capture, (int)v->number, v->notes[0]);
	note(n, line);
	n->report.failed = ++n->told == n->fail_at;
}

static void note_capture(struct report *report, const struct report_capture *capture)
{
	char line[64];

	snprintf(line, sizeof(line), "%.8s of %d", capture->name, (int)capture->counts.connections);
	note((struct notes *)report, line);
}

static void note_trouble(void *context, const char *what, const char *why)
{
	char line[64];

	snprintf(line, sizeof(line), "%.8s: %.16s", what, why);
	note(context, line);
}

static void notes_init(struct notes *n)
{
	static const struct report_ops ops = {.verdict = note_verdict, .capture = note_capture};

	*n = (struct notes){.report = {.ops = &ops, .out = stdout}};
}

struct job {
	struct turns *turns;
	size_t capture;
};

/* Strings that live on the stack of whoever says them. */
static void *speak(void *context)
{
	const struct job *job = context;
	static const char *const names[CAPTURES] = {"a", "b", "c", "d", "e"};
	struct report *report = turns_report(job->turns, job->capture);
	const char *name = names[job->capture];

	for (int i = 1; i <= VERDICTS; i++) {
		char word[16];
		const char *const words[] = {word};
		struct tlsdiag_verdict v = {.number = (uint64_t)i, .notes = words, .note_count = 1};

		snprintf(word, sizeof(word), "%s%d", name, i);
		report->ops->verdict(report, name, &v);
	}
	report->ops->capture(report, &(struct report_capture){.name = name, .counts.connections = VERDICTS});
	if (job->capture == 2)
		turns_trouble(job->turns, 2, name, "broken");
	turns_over(job->turns, job->capture);
	return NULL;
}

/* What is told when each says its own, one after the other in order. */
static void expected(char *text, size_t size)
{
	size_t at = 0;

	for (int c = 'a'; c < 'a' + CAPTURES; c++) {
		for (int i = 1; i <= VERDICTS; i++)
			at += (size_t)snprintf(text + at, size - at, "%c %d %c%d\n", c, i, c, i);
		at += (size_t)snprintf(text + at, size - at, "%c of %d\n", c, VERDICTS);
		if (c == 'c')
			at += (size_t)snprintf(text + at, size - at, "c: broken\n");
	}
}

static void speak_all(size_t held_max, const size_t *order, bool together)
{
	static struct notes notes;
	static char due[sizeof(notes.text)];
	pthread_t threads[CAPTURES];
	struct job jobs[CAPTURES];
	struct turns *turns;

	notes_init(&notes);
	turns = turns_new(CAPTURES, held_max, &notes.report, note_trouble, &notes);
	CU_ASSERT_FATAL(turns != NULL);
	for (size_t i = 0; i < CAPTURES; i++) {
		jobs[i] = (struct job){.turns = turns, .capture = order[i]};
		CU_ASSERT_FATAL(pthread_create(&threads[i], NULL, speak, &jobs[i]) == 0);
		if (!together)
			pthread_join(threads[i], NULL);
	}
	for (size_t i = 0; together && i < CAPTURES; i++)
		pthread_join(threads[i], NULL);
	expected(due, sizeof(due));
	CU_ASSERT_STRING_EQUAL(notes.text, due);
	CU_ASSERT_FALSE(turns_broken(turns));
	turns_free(turns);
}

static const size_t forwards[CAPTURES] = {0, 1, 2, 3, 4}, backwards[CAPTURES] = {4, 3, 2, 1, 0},
		    mixed[CAPTURES] = {3, 0, 4, 1, 2};

static void test_one_after_another(void)
{
	speak_all(0, forwards, false);
	speak_all(1 << 20, backwards, false);
	speak_all(1 << 20, mixed, false);
}

static void test_at_once(void)
{
	for (int i = 0; i < 20; i++) {
		speak_all(0, forwards, true);
		speak_all(0, backwards, true);
		speak_all(2000, mixed, true);
		speak_all(1 << 20, backwards, true);
	}
}

static void test_failure(void)
{
	static struct notes notes;
	struct turns *turns;

	notes_init(&notes);
	notes.fail_at = 3;
	turns = turns_new(CAPTURES, 1 << 20, &notes.report, note_trouble, &notes);
	CU_ASSERT_FATAL(turns != NULL);
	for (size_t i = CAPTURES; i-- > 0;)
		speak(&(struct job){.turns = turns, .capture = i});
	CU_ASSERT(turns_broken(turns));
	CU_ASSERT_STRING_EQUAL(notes.text, "a 1 a1\na 2 a2\na 3 a3\n");
	turns_free(turns);
	/* What nobody got to hear is freed too. */
	turns = turns_new(CAPTURES, 1 << 20, &notes.report, note_trouble, &notes);
	CU_ASSERT_FATAL(turns != NULL);
	speak(&(struct job){.turns = turns, .capture = 1});
	turns_free(turns);
}

const struct unit_test unit_tests[] = {
	{"captures are told in order, whichever is over first", test_one_after_another},
	{"captures read at once are told in order, however little is kept", test_at_once},
	{"after a failure nothing is told", test_failure},
	{NULL, NULL},
};
