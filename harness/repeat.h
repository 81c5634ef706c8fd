/* repeat.h: whether a run says the same as an earlier one of the same cases: results, verdicts, the client's exit
 * status, and which packets came in which order.
 */
#ifndef HARNESS_REPEAT_H
#define HARNESS_REPEAT_H

#include <stdio.h>

#include "harness/results.h"

/* Prints a line for each case that is different in `again`, the run with this number, from what it was in `first`. How
 * many. */
size_t repeat_compare(FILE *out, const struct results *first, const struct results *again, int number);

#endif
