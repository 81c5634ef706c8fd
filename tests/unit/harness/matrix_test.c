/* matrix_test.c: what counts as right, misplaced and a false alarm, and that broken and skipped cases do not count. */
#include "harness/matrix.h"

#include "tests/unit/harness/results.h"

enum { TCP = 0, SERVER_HELLO = 2, ESTABLISHED = 7 };

static void test_scores(void)
{
	struct run_fixture f;
	struct matrix *m;

	open_run(&f);
	end_case(&f, 0, CHECK_FAIL, "why", VERDICT_RESET);
	end_case(&f, 1, CHECK_PASS, "", VERDICT_TIMEOUT);
	end_case(&f, 2, CHECK_FAIL, "why", VERDICT_TIMEOUT);
	end_case(&f, 3, CHECK_FAIL, "why", VERDICT_RESET);
	m = matrix_new(f.results);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(m->cells[TCP][TCP], 2);
	CU_ASSERT_EQUAL(m->cells[TCP][SERVER_HELLO], 1);
	CU_ASSERT_EQUAL(m->cells[ESTABLISHED][SERVER_HELLO], 1);
	CU_ASSERT_EQUAL(m->scores[TCP].cases, 3);
	CU_ASSERT_EQUAL(m->scores[TCP].stage_right, 2);
	CU_ASSERT_EQUAL(m->scores[TCP].signature_right, 2);
	CU_ASSERT_EQUAL(m->scores[TCP].all_right, 1);
	CU_ASSERT_EQUAL(m->scores[TCP].misplaced, 0);
	CU_ASSERT_EQUAL(m->scores[SERVER_HELLO].misplaced, 1);
	CU_ASSERT_EQUAL(m->scores[SERVER_HELLO].false_alarms, 1);
	CU_ASSERT_EQUAL(m->scores[ESTABLISHED].cases, 1);
	CU_ASSERT_EQUAL(m->scores[ESTABLISHED].signature_right, 0);
	CU_ASSERT_EQUAL(m->total.cases, 4);
	CU_ASSERT_EQUAL(m->total.false_alarms, 1);
	CU_ASSERT_EQUAL(m->pair_count, 3);
	matrix_print(f.out, m);
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "    1  established                          server-hello/reset\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "    1  tcp/timeout                          server-hello/reset\n"));
	CU_ASSERT_PTR_NULL(strstr(printed(&f), "tcp/timeout                          tcp/timeout"));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed(&f), "66.7 %"));
	matrix_free(m);
	close_run(&f);
}

/* A miss is no false alarm; a verdict that is none has a column of its own. */
static void test_misses(void)
{
	struct run_fixture f;
	struct matrix *m;

	open_run(&f);
	end_case(&f, 0, CHECK_PASS, "", VERDICT_HEALTHY);
	end_case(&f, 1, CHECK_FAIL, "why", NULL);
	end_case(&f, 2, CHECK_FAIL, "why", VERDICT_HEALTHY);
	end_case(&f, 3, CHECK_FAIL, "why", "{'outcome':'failed','signature':'elsewhere/reset'}");
	m = matrix_new(f.results);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(m->cells[TCP][MATRIX_NONE], 2);
	CU_ASSERT_EQUAL(m->cells[TCP][ESTABLISHED], 1);
	CU_ASSERT_EQUAL(m->scores[ESTABLISHED].misplaced, 1);
	CU_ASSERT_EQUAL(m->total.false_alarms, 0);
	CU_ASSERT_EQUAL(m->total.signature_right, 1);
	matrix_free(m);
	close_run(&f);
}

static void test_not_counted(void)
{
	struct run_fixture f;
	struct matrix *m;

	open_run(&f);
	end_case(&f, 1, CHECK_BROKEN, "why", VERDICT_RESET);
	end_case(&f, 2, CHECK_SKIP, "why", NULL);
	m = matrix_new(f.results);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(m->total.cases, 0);
	CU_ASSERT_EQUAL(m->pair_count, 0);
	matrix_free(m);
	close_run(&f);
}

const struct unit_test unit_tests[] = {
	{"right, misplaced and false alarms are told apart", test_scores},
	{"a miss is no false alarm", test_misses},
	{"broken, skipped and missing cases do not count", test_not_counted},
	{NULL, NULL},
};
