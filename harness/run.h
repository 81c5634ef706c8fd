/* run.h: runs cases in parallel, each in its cell, and reports them.
 *
 * One process and one loop: each running case is a pidfd: its cell, in which the analyzer runs too (case_run). When it
 * has ended, what it left is checked. Cases that mostly wait have places of their own, and are started in turn with the
 * others, the longest waits first: so the waits of all overlap with the work of the rest. All files of a run lie in one
 * folder, readable by their owner alone, that is removed unless it is kept. When this process ends, however that
 * happens, the kernel ends all cells with it.
 */
#ifndef HARNESS_RUN_H
#define HARNESS_RUN_H

#include "harness/error.h"
#include "harness/report.h"
#include "harness/variant.h"

struct run_settings {
	const struct variants *variants;
	struct report *report;
	const char *server_program; /* path of tlslab-server, which makes the certificates */
	const char *analyzer; /* command line for sh */
	const char *pair_analyzer; /* the same, for both captures of a case; NULL: none */
	bool every_pair; /* compare them in every case: see tlslab(1) */
	const char *keep; /* folder for all files, made by the run; NULL: none are kept */
	bool shapes; /* note the order of packets in each check, to be compared */
	int jobs; /* cases at once, of those that have something to do all the time; at least 1 */
	int waiting; /* further cases at once, of those that mostly wait (scenario_waits_ms()) */
};

enum {
	RUN_ROOM_MIB = 64, /* that a run needs at most for its files, with some to spare; kept files take more */
};

/* Where a run makes its folder: TMPDIR, else in memory where there is room, else /tmp. */
const char *run_parent_folder(void);

enum run_end {
	RUN_ENDED, /* every case has a result */
	RUN_INTERRUPTED, /* by the signal in *signal; the cases that had ended have results */
	RUN_STOPPED, /* its folder takes no more files, see error; the cases that had ended have results */
	RUN_IMPOSSIBLE, /* nothing could be run; see error */
};

/* SIGINT, SIGTERM and SIGHUP are taken as wishes to stop while it runs. */
enum run_end run_cases(const struct run_settings *settings, int *signal, struct error *error);

/* How many cases to run at once when nobody says: sets jobs and waiting. */
void run_set_default_jobs(struct run_settings *settings);

#endif
