/* report.h: what people see of a run: a line a case in the order of the cases, the whole story of each that did not pass,
 * and a summary.
 *
 * On a terminal cases are grouped under their scenario in a table that fits the width, with colours, and the last line
 * shows what is running. In a log every line stands for itself, whole. Lines are held back until their turn, so that a
 * report does not depend on the order in which cases end.
 */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/check.h"

struct report;

/* `rerun` is the start of the command that runs one case again, to which its name and --keep are added. NULL when out of
 * memory. `variants` must outlive the report. */
struct report *report_new(FILE *out, const struct variants *variants, const char *rerun);
void report_free(struct report *report);

/* A case has started. */
void report_started(struct report *report, size_t index);

/* A case has ended; the report takes over what the check holds. */
void report_ended(struct report *report, size_t index, const struct check *check);

/* Draws the line of what is running anew. How often it wants to be called, in milliseconds; -1 for never. */
void report_progress(struct report *report);
int report_interval(const struct report *report);

/* Ends the report with "N passed, N failed, N broken, N skipped in S s", after all lines that are still held back. Cases
 * without a result are counted as not run. */
void report_summary(struct report *report, double seconds);

/* How many cases had a result. */
size_t report_count(const struct report *report, enum check_result result);

#endif
