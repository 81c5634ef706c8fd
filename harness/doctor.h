/* doctor.h: what this machine lacks: permissions, kernel features and programs; what cannot run without each, and how
 * to get it. Nothing is guessed from version numbers: each thing is tried, and rules, routes and kernel settings are
 * tried as the scenarios have them, in cells that are thrown away.
 */
#ifndef HARNESS_DOCTOR_H
#define HARNESS_DOCTOR_H

#include <stdio.h>

#include "harness/variant.h"

/* A program that is no client: where it is, or what to do. */
struct doctor_program {
	const char *name, *path; /* NULL: it was not found */
	const char *needed_for, *remedy;
};

/* Prints a line for each thing, in order, with two more for each that is missing. Programs end with a NULL name.
 * Returns how many are missing; an optional client that is not installed does not count. */
int doctor_examine(FILE *out, const struct variants *variants, const struct doctor_program *programs);

#endif
