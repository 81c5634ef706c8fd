/* tap.h: a run as TAP version 13 (https://testanything.org/tap-version-13-specification.html): a test a case. Nothing
 * here needs what version 14 adds, and prove(1) and Jenkins refuse to read that.
 *
 * The story of a case that did not pass is its YAML diagnostic. A run that was interrupted bails out.
 */
#ifndef HARNESS_TAP_H
#define HARNESS_TAP_H

#include <stdio.h>

#include "harness/results.h"

/* no_skip: skipped cases are not ok. `signal`: the one that interrupted the run, 0 for none. False: it could not be
 * written; errno says why. */
bool tap_write(FILE *out, const struct results *results, int signal, bool no_skip);

#endif
