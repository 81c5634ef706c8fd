/* check.h: the judgement of one case: a pure function from what was expected and what happened to one of four results.
 *
 *   pass    the fault fired, the client saw what the scenario says, and the analyzer is right
 *   fail    the analyzer is wrong
 *   broken  the fault did not fire, or the client did not see what the scenario says: the lab is wrong
 *   skip    this machine lacks something, named
 */
#ifndef HARNESS_CHECK_H
#define HARNESS_CHECK_H

#include <jansson.h>

#include "harness/variant.h"

enum check_result { CHECK_PASS, CHECK_FAIL, CHECK_BROKEN, CHECK_SKIP, CHECK_RESULTS };

/* All strings are allocated; those before `trace` are never NULL after check_case(): "" where there is nothing to
 * say. */
struct check {
	enum check_result result;
	char *injected; /* the fault, in one line */
	char *proof; /* what shows that it fired */
	char *client; /* what the client said: its exit status and words */
	int exit; /* the client's exit status; -1: it did not end by itself */
	char *words; /* all that the client printed */
	char *server; /* what was seen at the server: packets, steps, its handshake */
	char *analyzer; /* what the analyzer said: the signature and by whom, or the outcome */
	char *expected; /* what it should have said */
	char *why; /* why it is no pass, one reason a line; of a skip what is missing */
	char *trace; /* packets and the client's words in the order of time; NULL: nobody asked */
	char *shape; /* which packets came in which order (shape.h); NULL: nobody asked */
	json_t *verdict; /* the analyzer's verdict on the case's connection; NULL: it gave none, or several */
};

/* Judges by the JSON objects that case.h describes. `analysis` NULL: the analyzer was not run, because `cell` already
 * says skip or error. */
void check_case(const struct variant *variant, json_t *cell, json_t *analysis, struct check *check);

/* A skip for want of something that shows before anything is run. */
void check_skip(const struct variant *variant, const char *missing, struct check *check);

/* A case that could not be brought to its end. */
void check_broken(const struct variant *variant, const char *why, struct check *check);

void check_free(struct check *check);

/* What the analyzer should say: "server-hello/reset by server", or an outcome. Allocated. */
char *check_expected(const struct scenario_expect *expect);

/* "pass", "fail", "broken", "skip" */
const char *check_result_name(enum check_result result);

#endif
