/* options.h: what tlslab's commands were told, what several of them share, and the command that runs cases.
 *
 * Part of the main program: unlike the rest of the harness these functions may print and end the process.
 */
#ifndef HARNESS_OPTIONS_H
#define HARNESS_OPTIONS_H

#include <argp.h>
#include <limits.h>
#include <stdbool.h>

#include "harness/variant.h"

/* As in design.md: 1 when a case did not pass, 2 when the work could not be done. */
enum { EXIT_OK, EXIT_NOT_PASSED, EXIT_IMPOSSIBLE };

enum output_form { OUTPUT_JSON, OUTPUT_JUNIT, OUTPUT_TAP, OUTPUT_FORMS };

struct options {
	const char *scenarios; /* folder */
	struct variant_filter filter;
	const char **patterns; /* of the filter */
	size_t pattern_count;
	const char *analyzer, *pair_analyzer, *keep, *baseline;
	const char *output; /* of record */
	const char *outputs[OUTPUT_FORMS]; /* paths, "-" for standard output; NULL: not wanted */
	bool matrix, no_skip, verbose;
	bool json; /* of list */
	int jobs;
	int repeat; /* runs; 0: one, that is compared with nothing */
	char own_folder[PATH_MAX]; /* where this program lies */
};

/* The options that choose cases, and --help; struct options is their input. argp's own help is off (ARGP_NO_HELP), as
 * its note on arguments cannot be filtered out then and costs three lines of a screen. */
extern const struct argp_child choice_child[];

/* For each command's argp.help_filter: leaves out that note. */
char *options_filter_help(int key, const char *text, void *input);

/* The number that an option takes, from `least` on; else argp_error(). */
int options_number(const char *option, int least, const char *argument, struct argp_state *state);

/* `tlslab record` */
extern const struct argp record_argp;
int command_record(struct options *options, const char *program);

/* `tlslab run` */
extern const struct argp run_argp;
int command_run(struct options *options, const char *program);

/* Prints to standard error and exits with EXIT_IMPOSSIBLE. */
void give_up(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* The first of the places, relative to this program's folder, where something is; allocated, or NULL. */
char *find_beside(const struct options *options, const char *const *places);

/* The path of tlslab-server, and the analyzer's command for sh: --analyzer or tlsdiag's. Allocated; gives up where
 * there is none. */
char *find_server(const struct options *options);
char *find_analyzer(const struct options *options);

/* Loads the cases that are chosen, or gives up. */
void load_variants(struct options *options, struct variants *variants);

#endif
