/* results.h: what has become of each case of a run: the table that every report is written from.
 *
 * Not for: judging a case (check.h), or any form of a report.
 */
#ifndef HARNESS_RESULTS_H
#define HARNESS_RESULTS_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "harness/check.h"

struct result {
	bool started, ended;
	struct timespec since; /* CLOCK_MONOTONIC, when it started */
	double seconds; /* that it took, once it has ended */
	struct check check; /* once it has ended */
};

struct results {
	const struct variants *variants;
	const char *analyzer; /* command that was judged */
	const char *rerun; /* the start of the command that runs one case again */
	struct result *items; /* one for each variant, in their order */
	size_t counts[CHECK_RESULTS];
	time_t began;
	struct timespec since; /* the same by CLOCK_MONOTONIC */
	double seconds; /* that the run took; 0 while it runs */
};

/* The strings and variants must outlive the results. NULL when out of memory. */
struct results *results_new(const struct variants *variants, const char *analyzer, const char *rerun);
void results_free(struct results *results);

void results_started(struct results *results, size_t index);

/* A case has ended; the results take over what the check holds. */
void results_ended(struct results *results, size_t index, const struct check *check);

/* How long a case, or the run, has been running, in seconds. */
double result_age(const struct result *result);
double results_age(const struct results *results);

/* How many cases have no result. */
size_t results_not_run(const struct results *results);

/* "pass", "fail", "broken", "skip" or "not-run" */
const char *result_name(const struct result *result);

/* The command that runs a case alone and keeps its captures; allocated. */
char *results_again(const struct results *results, size_t index);

/* The part of a case's name before its first '/': the folder its scenario lies in, as a rule a stage. Its length. */
int results_stage(const struct variant *variant);

/* The whole story of a case that has ended, a line "label      text" each behind `indent`: scenario, injected, proof,
 * what was seen at both ends, what the analyzer said and should have said, why it did not pass, and how to run it
 * again. Control characters become '?', as clients and servers may print anything. */
void results_story(FILE *out, const struct results *results, size_t index, const char *indent);

#endif
