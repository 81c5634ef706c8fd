/* json_report.h: a run as one JSON object on one line, described by docs/tlslab.schema.json; and the cases of `tlslab
 * list`, an object a line, described by docs/tlslab-list.schema.json.
 *
 * A later run can be compared with it (baseline.h).
 */
#ifndef HARNESS_JSON_REPORT_H
#define HARNESS_JSON_REPORT_H

#include <stdio.h>

#include "harness/results.h"

/* False: it could not be written; errno says why. `signal`: the one that interrupted the run, 0 for none. */
bool json_report_write(FILE *out, const struct results *results, int signal);

bool json_report_list(FILE *out, const struct variants *variants);

#endif
