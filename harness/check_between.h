/* check_between.h: judges what an analyzer says of the way between a case's two captures, the client's and the
 * server's.
 *
 * A scenario says what it makes happen there (`between` of its expectation); one that says nothing expects nothing: no
 * packet dropped, none appeared, none changed. So that a false alarm is found in every case.
 */
#ifndef HARNESS_CHECK_BETWEEN_H
#define HARNESS_CHECK_BETWEEN_H

#include <jansson.h>
#include <stdio.h>

#include "harness/variant.h"

/* `said`: {"status": 1, "output": "{…verdict with between…}\n", "words": "standard error"}, see case.h. Writes each
 * thing that is wrong as a line to `why`. Returns whether nothing is. */
bool check_between(const struct variant *variant, json_t *said, FILE *why);

#endif
