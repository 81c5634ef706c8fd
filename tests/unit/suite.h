/* suite.h: what a unit test program is: a table of CUnit tests, run in order and reported as TAP on standard output.
 *
 * A NAME_test.c defines the two below and nothing else that is visible; suite.c holds main(). A program's exit status
 * is 0 when no test failed.
 */
#ifndef TESTS_UNIT_SUITE_H
#define TESTS_UNIT_SUITE_H

#include <CUnit/CUnit.h>

struct unit_test {
	const char *name; /* a sentence that is true when the test passes */
	CU_TestFunc run;
};

extern const struct unit_test unit_tests[]; /* ends with a NULL name */

/* Marks the running test as skipped, with the reason that the report shows; the test then returns. */
void unit_skip(const char *why);

#endif
