/* report.h: what people see of a run: a line a case in the order of the cases, the whole story of each that did not
 * pass, and a summary.
 *
 * On a terminal cases are grouped under their scenario in a table that fits the width, with colours, and below it
 * stands how far the run is, how long is left, and which cases are running, the oldest first. In a log every line
 * stands for itself, whole. Lines are held back until their turn, so that a report does not depend on the order in
 * which cases end.
 */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/results.h"

struct report;

enum {
	REPORT_VERBOSE = 1, /* the packets of every case beside the client's words (check.trace) */
	REPORT_BRIEF = 4, /* only what did not pass, and the summary */
	REPORT_NO_SKIP = 2, /* tell the story of skipped cases too: they fail the run */
};

/* The report writes down in `results` what it is told, and prints it. NULL when out of memory. `results` must outlive
 * it. */
struct report *report_new(FILE *out, struct results *results, int flags);
void report_free(struct report *report);

/* A case has started. */
void report_started(struct report *report, size_t index);

/* A case has ended; the results take over what the check holds. */
void report_ended(struct report *report, size_t index, const struct check *check);

/* Whether the check of a case should hold a trace: it is costly, and only some cases show it. */
bool report_wants_trace(const struct report *report, const struct check *check);

/* Draws anew what is running. How often it wants to be called, in milliseconds; -1 for never. */
void report_progress(struct report *report);
int report_interval(const struct report *report);

/* The run was interrupted: says on a terminal that the cells are being ended, which takes its time where there are
 * many. */
void report_stopping(struct report *report);

/* Ends the report with what was skipped and why, and "N passed, N failed, N broken, N skipped in S s", after all lines
 * that are still held back. Cases without a result are counted as not run. */
void report_summary(struct report *report);

#endif
