/* run.h: runs cases in parallel, each in its cell, and reports them.
 *
 * One process and one loop: each running case is a pidfd. First its cell (case_run), then its analyzer (case_analyze), then
 * the check. All files of a run lie in one folder, readable by their owner alone, that is removed unless it is kept. When
 * this process ends, however that happens, the kernel ends all cells with it.
 */
#ifndef HARNESS_RUN_H
#define HARNESS_RUN_H

#include "harness/error.h"
#include "harness/report.h"
#include "harness/variant.h"

struct run_settings {
	const struct variants *variants;
	struct report *report;
	const char *server_program; /* path of tlslab-server */
	const char *analyzer; /* command line for sh */
	const char *pair_analyzer; /* the same, for both captures of a case; NULL: none */
	const char *keep; /* folder for all files, made by the run; NULL: none are kept */
	int jobs; /* cases at once; at least 1 */
};

enum run_end {
	RUN_ENDED, /* every case has a result */
	RUN_INTERRUPTED, /* by the signal in *signal; the cases that had ended have results */
	RUN_IMPOSSIBLE, /* nothing could be run; see error */
};

/* SIGINT, SIGTERM and SIGHUP are taken as wishes to stop while it runs. */
enum run_end run_cases(const struct run_settings *settings, int *signal, struct error *error);

/* How many cases to run at once when nobody says: most of them wait most of the time. */
int run_default_jobs(void);

#endif
