/* main.c: tlslab's command line: a table of subcommands, and what each prints. */
#include <argp.h>
#include <libgen.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/run.h"

#ifndef VERSION
#define VERSION "0.1"
#endif

/* As in design.md: 1 when a case did not pass, 2 when the work could not be done. */
enum { EXIT_OK, EXIT_NOT_PASSED, EXIT_IMPOSSIBLE };

/* ---- Options ---- */

struct options {
	const char *scenarios; /* folder */
	struct variant_filter filter;
	const char **patterns; /* of the filter */
	size_t pattern_count;
	const char *analyzer, *keep;
	int jobs;
	char own_folder[PATH_MAX]; /* where this program lies */
};

static error_t parse_choice(int key, char *argument, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 's':
		o->scenarios = argument;
		return 0;
	case 'c':
		o->filter.client = argument;
		return 0;
	case 't':
		o->filter.tls = argument;
		return 0;
	case 'f':
		o->filter.family = argument;
		return 0;
	case ARGP_KEY_ARG:
		o->patterns[o->pattern_count++] = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option choice_options[] = {
	{"client", 'c', "NAME", 0, "Only cases of this client", 1},
	{"tls", 't', "VERSION", 0, "Only cases of this TLS version: 1.2 or 1.3", 1},
	{"family", 'f', "FAMILY", 0, "Only cases of this address family: ipv4 or ipv6", 1},
	{"scenarios", 's', "DIR", 0, "The folder of scenario files and clients.yaml", 1},
	{NULL, 0, NULL, 0, NULL, 0},
};

static const struct argp choice_argp = {choice_options, parse_choice, NULL, NULL, NULL, NULL, NULL};

static int parse_jobs(const char *argument, struct argp_state *state)
{
	char *end;
	long jobs = strtol(argument, &end, 10);

	if (*end || end == argument || jobs < 1 || jobs > 1024)
		argp_error(state, "-j takes a whole number from 1 to 1024, not '%s'", argument);
	return (int)jobs;
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
	case 'k':
		o->keep = argument;
		return 0;
	case 'j':
		o->jobs = parse_jobs(argument, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option run_options[] = {
	{"analyzer", 'a', "CMD", 0, "Judge this command instead of tlsdiag; a capture's path is added to it", 2},
	{"keep", 'k', "DIR", 0, "Keep captures, logs and verdicts in this new folder", 2},
	{"jobs", 'j', "N", 0, "Run N cases at once", 2},
	{NULL, 0, NULL, 0, NULL, 0},
};

/* ---- Commands ---- */

static void __attribute__((noreturn)) give_up(const char *message)
{
	fprintf(stderr, "tlslab: %s\n", message);
	exit(EXIT_IMPOSSIBLE);
}

/* Another program or folder of this project, beside tlslab in the build tree or where `make install` puts it. */
static char *find_beside(const struct options *o, const char *const *places)
{
	char path[PATH_MAX];

	for (; *places; places++) {
		if (snprintf(path, sizeof(path), "%s/%s", o->own_folder, *places) < PATH_MAX && access(path, F_OK) == 0)
			return realpath(path, NULL);
	}
	return NULL;
}

/* A default must be found only where nothing else was said. */
static char *find_scenarios(const struct options *o)
{
	static const char *const places[] = {"../scenarios", "../../scenarios", "../share/tlslab/scenarios", NULL};
	char *found = o->scenarios ? strdup(o->scenarios) : find_beside(o, places);

	if (!found)
		give_up("no folder of scenarios beside this program; name one with --scenarios DIR");
	return found;
}

static void load(struct options *o, struct variants *variants)
{
	char *folder = find_scenarios(o);

	if (!variants_load(variants, folder, &o->filter))
		give_up(variants->error);
	free(folder);
}

static char *find_server(const struct options *o)
{
	static const char *const places[] = {"tlslab-server", "../libexec/tlslab-server", NULL};
	char *found = find_beside(o, places);

	if (!found)
		give_up("tlslab-server is not beside this program; build it with make");
	return found;
}

/* The command for --analyzer; a path within it is quoted for sh, which takes all but ' as it is between ''. */
static char *find_analyzer(const struct options *o)
{
	static const char *const places[] = {"tlsdiag", NULL};
	char *found, *command;

	if (o->analyzer)
		return strdup(o->analyzer);
	found = find_beside(o, places);
	if (!found)
		give_up("tlsdiag is not beside this program; build it with make, or name an analyzer with --analyzer");
	if (strchr(found, '\'') || asprintf(&command, "'%s' --json -r", found) < 0)
		give_up("the path of tlsdiag cannot be used; name it with --analyzer");
	free(found);
	return command;
}

/* What runs a case again: this command line without the names of cases. */
static char *rerun_command(const struct options *o, const char *program)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		give_up("out of memory");
	fprintf(out, "%s run", program);
	if (o->scenarios)
		fprintf(out, " --scenarios '%s'", o->scenarios);
	if (o->analyzer)
		fprintf(out, " --analyzer '%s'", o->analyzer);
	fclose(out);
	return text;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* After a signal the shell must learn that it ended this program, or a loop around it would go on. */
static int end_status(enum run_end end, int signal_number, const struct report *report, const struct error *error)
{
	if (end == RUN_IMPOSSIBLE)
		give_up(error->text);
	if (end == RUN_INTERRUPTED) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	return report_count(report, CHECK_FAIL) || report_count(report, CHECK_BROKEN) ? EXIT_NOT_PASSED : EXIT_OK;
}

static int command_run(struct options *o, const char *program)
{
	struct variants variants;
	struct error error = {""};
	char *server = find_server(o), *analyzer = find_analyzer(o), *rerun = rerun_command(o, program);
	int signal_number = 0, status;
	double start = now();
	struct run_settings settings = {.variants = &variants,
					.server_program = server,
					.analyzer = analyzer,
					.keep = o->keep,
					.jobs = o->jobs ? o->jobs : run_default_jobs()};
	enum run_end end;

	load(o, &variants);
	settings.report = report_new(stdout, &variants, rerun);
	if (!settings.report)
		give_up("out of memory");
	end = run_cases(&settings, &signal_number, &error);
	if (end != RUN_IMPOSSIBLE)
		report_summary(settings.report, now() - start);
	if (end != RUN_IMPOSSIBLE && o->keep)
		printf("kept in %s\n", o->keep);
	fflush(stdout);
	status = end_status(end, signal_number, settings.report, &error);
	report_free(settings.report);
	variants_free(&variants);
	free(rerun);
	free(analyzer);
	free(server);
	return status;
}

static int command_list(struct options *o, const char *program)
{
	struct variants variants;

	(void)program;
	load(o, &variants);
	for (size_t i = 0; i < variants.count; i++)
		printf("%s\n", variants.items[i].name);
	variants_free(&variants);
	return EXIT_OK;
}

static void print_indented(const char *text)
{
	for (; *text; text += *text == '\n') {
		size_t length = strcspn(text, "\n");

		printf("    %.*s\n", (int)length, text);
		text += length;
	}
}

/* Text of the story, broken into lines; the file's own breaks were folded away by YAML. */
static void print_wrapped(const char *text)
{
	size_t column = 0;

	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
		size_t length = strcspn(text, " \n");

		if (column && column + 1 + length > 100)
			column = 0, putchar('\n');
		column += (size_t)printf("%s%.*s", column ? " " : "    ", (int)length, text);
		text += length;
	}
	putchar('\n');
}

static void print_scenario(const struct scenario *s)
{
	printf("%s: %s\n", s->name, s->title);
	print_wrapped(s->story);
	printf("  %s\n", s->document.file);
}

static void print_case(struct variant *v)
{
	const struct scenario_expect *e = &v->settings.expect;
	const struct scenario_client_words *words = scenario_words(e, v->choice.client);
	char *injected = scenario_injected(v->scenario, &v->settings);

	printf("  %s\n", v->name);
	printf("    injected: %s\n", injected ? injected : "");
	if (words)
		printf("    %s: exit %d%s%s\n", words->client, words->exit, *words->error ? ", says: " : "",
		       words->error);
	printf("    analyzer: %s%s%s%s%s\n", *e->signature ? e->signature : e->outcome, *e->by ? " by " : "", e->by,
	       *e->certainty ? ", " : "", e->certainty);
	free(injected);
}

static void print_rules(const struct scenario_settings *settings)
{
	static const char *const names[CELL_PLACES] = {
		[CELL_CLIENT] = "client",
		[CELL_PATH] = "path",
		[CELL_SERVER] = "server",
	};

	for (enum cell_place place = 0; place < CELL_PLACES; place++) {
		if (*scenario_place(settings, place)->nft) {
			printf("  rules at the %s:\n", names[place]);
			print_indented(scenario_place(settings, place)->nft);
		}
	}
}

static int command_show(struct options *o, const char *program)
{
	struct variants variants;
	const struct scenario *shown = NULL;

	(void)program;
	load(o, &variants);
	for (size_t i = 0; i < variants.count; i++) {
		if (variants.items[i].scenario != shown) {
			shown = variants.items[i].scenario;
			print_scenario(shown);
			print_rules(&variants.items[i].settings);
		}
		print_case(&variants.items[i]);
	}
	variants_free(&variants);
	return EXIT_OK;
}

/* ---- The table of commands ---- */

static const struct argp_child choice_child[] = {{&choice_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};
static const struct argp run_argp = {run_options,
				     parse_run,
				     "[SCENARIO...]",
				     "Runs scenarios and checks what an analyzer says of them.\vA SCENARIO is the "
				     "beginning of a case's name in whole "
				     "parts (server-hello, tcp/syn-dropped/curl), a glob, or a scenario file. Exit "
				     "status: 0 all passed, 1 some did not, "
				     "2 nothing could be run.",
				     choice_child,
				     NULL,
				     NULL};
static const struct argp list_argp = {choice_options, parse_choice, "[SCENARIO...]", "Lists the names of cases.", NULL,
				      NULL,           NULL};
static const struct argp show_argp = {
	choice_options, parse_choice, "SCENARIO...", "Shows what scenarios are about and what they expect.",
	NULL,           NULL,         NULL};

static const struct command {
	const char *name, *purpose;
	const struct argp *argp;
	int (*run)(struct options *options, const char *program);
} commands[] = {
	{"run", "run scenarios and check what an analyzer says of them", &run_argp, command_run},
	{"list", "list the names of cases", &list_argp, command_list},
	{"show", "show what scenarios are about and what they expect", &show_argp, command_show},
};

static void print_help(FILE *out)
{
	fputs("Usage: tlslab COMMAND [OPTION...] [SCENARIO...]\n"
	      "Makes TLS handshakes fail on purpose, each in a network of its own, and checks the analyzer.\n\n",
	      out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-6s %s\n", commands[i].name, commands[i].purpose);
	fputs("\n'tlslab COMMAND --help' lists a command's options; see also tlslab(1).\n", out);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static void find_own_folder(struct options *o)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length < 0)
		give_up("/proc is not mounted");
	path[length] = '\0';
	snprintf(o->own_folder, sizeof(o->own_folder), "%s", dirname(path));
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct options options = {.jobs = 0};
	char name[64], *program = argv[0];
	int status;

	options.patterns = calloc((size_t)argc + 1, sizeof(*options.patterns));
	if (!options.patterns)
		give_up("out of memory");
	options.filter.patterns = options.patterns;
	snprintf(name, sizeof(name), "tlslab %s", command->name);
	argv[1] = name;
	argp_err_exit_status = EXIT_IMPOSSIBLE;
	argp_parse(command->argp, argc - 1, argv + 1, 0, NULL, &options);
	find_own_folder(&options);
	status = command->run(&options, program);
	free(options.patterns);
	return status;
}

int main(int argc, char **argv)
{
	const struct command *command;

	setlocale(LC_CTYPE, "");
	if (argc > 1 && strcmp(argv[1], "--version") == 0)
		return puts("tlslab " VERSION) < 0;
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0)) {
		print_help(stdout);
		return EXIT_OK;
	}
	command = argc > 1 ? find_command(argv[1]) : NULL;
	if (command)
		return run_command(command, argc, argv);
	if (argc > 1)
		fprintf(stderr, "tlslab: no command '%s'\n", argv[1]);
	print_help(stderr);
	return EXIT_IMPOSSIBLE;
}
