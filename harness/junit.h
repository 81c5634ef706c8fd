/* junit.h: a run as JUnit XML, as Jenkins and GitLab read it: a test suite for each stage, a test case for each case.
 *
 * A case that failed is a failure, a broken one an error, a skipped or not run one skipped; the text of each is the
 * whole story. The elements and attributes are those on which the schemas of Jenkins' xUnit plugin and of Ant agree.
 */
#ifndef HARNESS_JUNIT_H
#define HARNESS_JUNIT_H

#include <stdio.h>

#include "harness/results.h"

/* no_skip: skipped cases are failures. False: it could not be written; errno says why. */
bool junit_write(FILE *out, const struct results *results, bool no_skip);

#endif
