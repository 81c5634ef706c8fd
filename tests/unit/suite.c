/* suite.c: runs unit_tests[] under CUnit and reports in TAP (https://testanything.org), one line a test. */
#include "suite.h"

#include <CUnit/TestRun.h>
#include <stdio.h>
#include <stdlib.h>

static const char *skipped;

void unit_skip(const char *why)
{
	skipped = why;
}

static void report(unsigned number, const char *name, CU_pFailureRecord failures)
{
	printf("%s %u - %s%s%s\n", failures ? "not ok" : "ok", number, name, skipped ? " # SKIP " : "",
	       skipped ? skipped : "");
	for (CU_pFailureRecord f = failures; f; f = f->pNext)
		printf("#   %s:%u: %s\n", f->strFileName, f->uiLineNumber, f->strCondition);
	fflush(stdout);
}

int main(void)
{
	unsigned count = 0, failed = 0;
	CU_pSuite suite;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return EXIT_FAILURE;
	suite = CU_add_suite("unit", NULL, NULL);
	while (unit_tests[count].name)
		count++;
	printf("1..%u\n", count);
	for (unsigned i = 0; i < count; i++) {
		CU_pTest test = CU_add_test(suite, unit_tests[i].name, unit_tests[i].run);

		skipped = NULL;
		if (!test || CU_run_test(suite, test) != CUE_SUCCESS || CU_get_number_of_failures() > 0)
			failed++;
		report(i + 1, unit_tests[i].name, CU_get_failure_list());
	}
	CU_cleanup_registry();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
