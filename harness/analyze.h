/* analyze.h: asks the analyzer about the captures of a case. */
#ifndef HARNESS_ANALYZE_H
#define HARNESS_ANALYZE_H

#include "harness/case.h"

enum { ANALYZE_MS = 60000 /* for an analyzer to answer; then it is killed */ };

/* Runs in the cell. Writes analyzer.json into the case's folder: what record_outcome() says, with "words", the end of
 * its standard error, and, where both captures are compared, "between": the same of the analyzer that compares them.
 * {"error": "…"} where it could not be started. What it said on standard error is in analyzer.txt and between.txt too.
 * 0, or the errno that says why the folder takes no more. */
int analyze_case(const struct case_setting *setting);

#endif
