/* baseline.h: an earlier run, read from what `tlslab run --json` wrote, and how a new run compares with it.
 *
 * Results are ranked pass, skip, fail, broken: a case got worse when it went down, better when it went up. A case that
 * the baseline does not know is new; one whose result was the same is not worth a word.
 */
#ifndef HARNESS_BASELINE_H
#define HARNESS_BASELINE_H

#include <jansson.h>
#include <stdio.h>

#include "harness/error.h"
#include "harness/results.h"

struct baseline {
	json_t *results; /* case's name → result */
};

/* baseline_free() is due either way; it takes an all-zero struct too. */
bool baseline_load(struct baseline *baseline, const char *path, struct error *error);
void baseline_free(struct baseline *baseline);

/* Prints a line for each case that is worse, better or new, and a summary; returns how many are worse. */
size_t baseline_compare(FILE *out, const struct baseline *baseline, const struct results *results);

#endif
