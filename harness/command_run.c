/* command_run.c: `tlslab run`: its options, what it needs, and what becomes of the results. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/baseline.h"
#include "harness/json_report.h"
#include "harness/junit.h"
#include "harness/matrix.h"
#include "harness/options.h"
#include "harness/process.h"
#include "harness/quote.h"
#include "harness/repeat.h"
#include "harness/run.h"
#include "harness/tap.h"

/* ---- Options ---- */

enum { KEY_BASELINE = 0x200, KEY_MATRIX, KEY_NO_SKIP, KEY_PAIR_ANALYZER, KEY_REPEAT, KEY_OUTPUT };

static void take_output(struct options *o, enum output_form form, const char *path, struct argp_state *state)
{
	for (enum output_form other = 0; other < OUTPUT_FORMS; other++) {
		if (other != form && strcmp(path, "-") == 0 && o->outputs[other] && strcmp(o->outputs[other], "-") == 0)
			argp_error(state, "only one of --json, --junit and --tap can go to standard output");
	}
	o->outputs[form] = path;
}

static error_t parse_run(int key, char *argument, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = o;
		return 0;
	case 'a':
		o->analyzer = argument;
		return 0;
	case KEY_PAIR_ANALYZER:
		o->pair_analyzer = argument;
		return 0;
	case 'k':
		o->keep = argument;
		return 0;
	case 'j':
		o->jobs = options_number("-j", 1, argument, state);
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	case KEY_BASELINE:
		o->baseline = argument;
		return 0;
	case KEY_MATRIX:
		o->matrix = true;
		return 0;
	case KEY_REPEAT:
		o->repeat = options_number("--repeat", 2, argument, state);
		return 0;
	case ARGP_KEY_END:
		if (o->repeat && o->keep)
			argp_error(state, "--keep holds one run: it cannot be had with --repeat");
		return 0;
	case KEY_NO_SKIP:
		o->no_skip = true;
		return 0;
	case KEY_OUTPUT + OUTPUT_JSON:
	case KEY_OUTPUT + OUTPUT_JUNIT:
	case KEY_OUTPUT + OUTPUT_TAP:
		take_output(o, (enum output_form)(key - KEY_OUTPUT), argument, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option run_options[] = {
	{"analyzer", 'a', "CMD", 0, "Judge this command instead of tlsdiag", 2},
	{"pair-analyzer", KEY_PAIR_ANALYZER, "CMD", 0, "And this one, on both captures of a case", 2},
	{"baseline", KEY_BASELINE, "FILE", 0, "Fail only where this run's --json was better", 2},
	{"jobs", 'j', "N", 0, "Run N cases at once", 2},
	{"json", KEY_OUTPUT + OUTPUT_JSON, "FILE", 0, "Write the results; - is standard output", 2},
	{"junit", KEY_OUTPUT + OUTPUT_JUNIT, NULL, OPTION_ALIAS, NULL, 2},
	{"tap", KEY_OUTPUT + OUTPUT_TAP, NULL, OPTION_ALIAS, NULL, 2},
	{"keep", 'k', "DIR", 0, "Keep captures, logs and verdicts in this folder", 2},
	{"matrix", KEY_MATRIX, NULL, 0, "Print what was injected against what was said", 2},
	{"no-skip", KEY_NO_SKIP, NULL, 0, "Skipped cases fail the run", 2},
	{"repeat", KEY_REPEAT, "N", 0, "Run N times; any difference fails", 2},
	{"verbose", 'v', NULL, 0, "Show each case's packets and the client's words", 2},
	{NULL, 0, NULL, 0, NULL, 0},
};

const struct argp run_argp = {run_options,
			      parse_run,
			      "[SCENARIO...]",
			      "Runs scenarios, checks what an analyzer says; exit status 1 if one failed.\v"
			      "SCENARIO: how names begin (tcp, tcp/syn-dropped/curl), a glob, or a file.",
			      choice_child,
			      options_filter_help,
			      NULL};

/* ---- What a run needs ---- */

/* The command for --pair-analyzer: tlsdiag where no other analyzer is judged. NULL: none compares captures. */
static char *find_pair_analyzer(const struct options *o)
{
	static const char *const places[] = {"tlsdiag", NULL};
	char *found, *command;

	if (o->pair_analyzer || o->analyzer)
		return o->pair_analyzer ? strdup(o->pair_analyzer) : NULL;
	found = find_beside(o, places);
	if (!found || asprintf(&command, "'%s' --json", found) < 0) /* find_analyzer() has seen to both */
		return NULL;
	free(found);
	return command;
}

/* Whether sh has something of that name: a program, or a word of its own. */
static bool shell_knows(const char *word)
{
	const char *const argv[] = {"sh", "-c", "command -v \"$0\"", word, NULL};
	const struct process_command command = {.argv = argv};
	struct error error = {""};
	struct process *process = process_start(NULL, CELL_CLIENT, &command, &error);
	bool known = !process || process_wait(&process, 1, -1, NULL, 0, &error) != PROCESS_ENDED ||
		     process_status(process) == 0;

	process_free(process);
	return known;
}

/* An analyzer that is not there would fail every case, one story after the other: it must show before the run. Only a
 * first word that is plainly a name is looked up; what else sh makes of a command line is its affair. */
static void check_command(const char *option, const char *command)
{
	char word[PATH_MAX];
	size_t length = strcspn(command, " \t\n;|&<>()");

	if (!command[strspn(command, " \t\n")])
		give_up("%s: no command", option);
	if (length == 0 || length >= sizeof(word))
		return;
	snprintf(word, sizeof(word), "%.*s", (int)length, command);
	if (!strpbrk(word, "'\"\\$`=*?[{~#!") && !shell_knows(word))
		give_up("%s %s: no such command", option, word);
}

/* What runs a case again: this command line without the names of cases. */
static char *rerun_command(const struct options *o, const char *program)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		give_up("out of memory");
	quote_put(out, program);
	fputs(" run", out);
	if (o->scenarios) {
		fputs(" --scenarios ", out);
		quote_put(out, o->scenarios);
	}
	if (o->analyzer) {
		fputs(" --analyzer ", out);
		quote_put(out, o->analyzer);
	}
	if (o->pair_analyzer) {
		fputs(" --pair-analyzer ", out);
		quote_put(out, o->pair_analyzer);
	}
	fclose(out);
	return text;
}

/* A run takes its time: that a file cannot be written must show before it. */
static void open_outputs(const struct options *o, FILE **files)
{
	for (enum output_form form = 0; form < OUTPUT_FORMS; form++) {
		const char *path = o->outputs[form];

		files[form] = NULL;
		if (!path)
			continue;
		files[form] = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
		if (!files[form])
			give_up("%s: %s", path, strerror(errno));
	}
}

/* ---- What becomes of the results ---- */

static bool write_output(FILE *file, enum output_form form, const struct results *results, int signal, bool no_skip)
{
	switch (form) {
	case OUTPUT_JSON:
		return json_report_write(file, results, signal);
	case OUTPUT_JUNIT:
		return junit_write(file, results, no_skip);
	default:
		return tap_write(file, results, signal, no_skip);
	}
}

/* Each is tried, even where another cannot be written. */
static bool write_outputs(const struct options *o, FILE **files, const struct results *results, int signal)
{
	bool ok = true;

	for (enum output_form form = 0; form < OUTPUT_FORMS; form++) {
		if (!files[form])
			continue;
		errno = 0;
		if (!write_output(files[form], form, results, signal, o->no_skip) ||
		    (files[form] != stdout && fclose(files[form]) != 0)) {
			fprintf(stderr, "tlslab: %s: %s\n", o->outputs[form], strerror(errno));
			ok = false;
		}
	}
	return ok;
}

static void print_matrix(FILE *out, const struct results *results)
{
	struct matrix *matrix = matrix_new(results);

	if (!matrix)
		give_up("out of memory");
	fputc('\n', out);
	matrix_print(out, matrix);
	matrix_free(matrix);
}

/* With a baseline, what it knows to be bad does not fail the run. */
static int judge(const struct options *o, FILE *out, const struct baseline *baseline, const struct results *results)
{
	const size_t *counts = results->counts;
	bool failed = o->no_skip && counts[CHECK_SKIP];

	if (o->baseline)
		failed |= baseline_compare(out, baseline, results) > 0;
	else
		failed |= counts[CHECK_FAIL] || counts[CHECK_BROKEN];
	return failed ? EXIT_NOT_PASSED : EXIT_OK;
}

static int conclude(const struct options *o, FILE *out, FILE **files, const struct baseline *baseline,
		    struct report *report, const struct results *results, int signal)
{
	int status;

	report_summary(report);
	if (o->matrix)
		print_matrix(out, results);
	status = judge(o, out, baseline, results);
	if (o->keep)
		fprintf(out, "kept in %s\n", o->keep);
	if (!write_outputs(o, files, results, signal))
		status = EXIT_IMPOSSIBLE;
	errno = 0;
	if (fflush(out) != 0 || ferror(out)) {
		/* Who has left knows it; of an earlier line's error the reason is gone. */
		if (signal != SIGPIPE)
			fprintf(stderr, "tlslab: the report could not be written%s%s\n", errno ? ": " : "",
				errno ? strerror(errno) : "");
		status = EXIT_IMPOSSIBLE;
	}
	return status;
}

/* After a signal the shell must learn that it ended this program, or a loop around it would go on. */
static void end_by(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

/* ---- The command ---- */

static bool to_stdout(const struct options *o)
{
	for (enum output_form form = 0; form < OUTPUT_FORMS; form++) {
		if (o->outputs[form] && strcmp(o->outputs[form], "-") == 0)
			return true;
	}
	return false;
}

static int run_and_report(const struct options *o, FILE *out, const struct run_settings *settings,
			  struct results *results, const struct baseline *baseline)
{
	FILE *files[OUTPUT_FORMS];
	struct error error = {""};
	int signal_number = 0, status;
	enum run_end end;

	open_outputs(o, files);
	end = run_cases(settings, &signal_number, &error);
	if (end == RUN_IMPOSSIBLE)
		give_up("%s", error.text);
	results->seconds = results_age(results);
	/* The files are written all the same. */
	if (signal_number == SIGPIPE)
		signal(SIGPIPE, SIG_IGN);
	status = conclude(o, out, files, baseline, settings->report, results, signal_number);
	if (end == RUN_STOPPED) {
		fprintf(stderr, "tlslab: %s\n", error.text);
		status = EXIT_IMPOSSIBLE;
	}
	if (end == RUN_INTERRUPTED)
		end_by(signal_number);
	return status;
}

/* Runs everything again, so many times, and compares. Returns the exit status. */
static int run_again(const struct options *o, FILE *out, struct run_settings settings, const struct results *first)
{
	size_t differences = 0, bad = 0;

	for (int number = 2; number <= o->repeat; number++) {
		struct results *results = results_new(first->variants, first->analyzer, first->rerun);
		struct error error = {""};
		int signal = 0;
		enum run_end end;

		settings.report = results ? report_new(out, results, REPORT_BRIEF) : NULL;
		if (!settings.report)
			give_up("out of memory");
		end = run_cases(&settings, &signal, &error);
		if (end == RUN_IMPOSSIBLE || end == RUN_STOPPED)
			give_up("%s", error.text);
		results->seconds = results_age(results);
		fprintf(out, "run %d of %d: ", number, o->repeat);
		report_summary(settings.report);
		if (end == RUN_INTERRUPTED)
			end_by(signal);
		differences += repeat_compare(out, first, results, number);
		bad += results->counts[CHECK_FAIL] + results->counts[CHECK_BROKEN];
		report_free(settings.report);
		results_free(results);
	}
	fprintf(out, "%zu differences in %d runs\n", differences, o->repeat);
	return differences || bad ? EXIT_NOT_PASSED : EXIT_OK;
}

int command_run(struct options *o, const char *program)
{
	FILE *out = to_stdout(o) ? stderr : stdout;
	struct variants variants;
	struct baseline baseline = {NULL};
	struct error error = {""};
	char *pair_analyzer = find_pair_analyzer(o);
	char *server = find_server(o), *analyzer = find_analyzer(o), *rerun = rerun_command(o, program);
	struct results *results;
	struct run_settings settings = {.variants = &variants,
					.server_program = server,
					.analyzer = analyzer,
					.pair_analyzer = pair_analyzer,
					.every_pair = o->pair_analyzer != NULL,
					.keep = o->keep,
					.jobs = o->jobs};
	int status;

	if (o->analyzer)
		check_command("--analyzer", o->analyzer);
	if (o->pair_analyzer)
		check_command("--pair-analyzer", o->pair_analyzer);
	if (!o->jobs)
		run_set_default_jobs(&settings);
	load_variants(o, &variants);
	if (o->baseline && !baseline_load(&baseline, o->baseline, &error))
		give_up("%s", error.text);
	results = results_new(&variants, analyzer, rerun);
	settings.report = results ? report_new(out, results,
					       (o->verbose ? REPORT_VERBOSE : 0) | (o->no_skip ? REPORT_NO_SKIP : 0))
				  : NULL;
	if (!settings.report)
		give_up("out of memory");
	settings.shapes = o->repeat > 0;
	status = run_and_report(o, out, &settings, results, &baseline);
	if (o->repeat && status != EXIT_IMPOSSIBLE) {
		int again = run_again(o, out, settings, results);

		status = again > status ? again : status;
	}
	report_free(settings.report);
	results_free(results);
	baseline_free(&baseline);
	variants_free(&variants);
	free(rerun);
	free(analyzer);
	free(pair_analyzer);
	free(server);
	return status;
}
