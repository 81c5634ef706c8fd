/* main.c: tlslab's command line: a table of subcommands, and what each prints. */
#include <argp.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/doctor.h"
#include "harness/json_report.h"
#include "harness/options.h"
#include "harness/process.h"

#ifndef VERSION
#define VERSION "0.1"
#endif

/* What a command has printed is out, or it has not done its work. */
static void finish_output(void)
{
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout))
		give_up("standard output: %s", errno ? strerror(errno) : "it could not be written");
}

/* The name, and behind it the tags of its scenario. */
static void print_name(const struct variant *v)
{
	const struct document_strings *tags = &v->scenario->tags;

	printf("%s", v->name);
	for (size_t i = 0; i < tags->count; i++)
		printf("%s%s", i ? ", " : "  ", tags->items[i]);
	putchar('\n');
}

static int command_list(struct options *o, const char *program)
{
	struct variants variants;
	bool ok = true;

	(void)program;
	load_variants(o, &variants);
	for (size_t i = 0; !o->json && i < variants.count; i++)
		print_name(&variants.items[i]);
	if (o->json)
		ok = json_report_list(stdout, &variants);
	variants_free(&variants);
	finish_output();
	if (!ok)
		give_up("the list could not be written");
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
	char *injected = scenario_injected(v->scenario, &v->settings, v->choice.client);

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
	load_variants(o, &variants);
	for (size_t i = 0; i < variants.count; i++) {
		if (variants.items[i].scenario != shown) {
			shown = variants.items[i].scenario;
			print_scenario(shown);
			print_rules(&variants.items[i].settings);
		}
		print_case(&variants.items[i]);
	}
	variants_free(&variants);
	finish_output();
	return EXIT_OK;
}

/* ---- The table of commands ---- */

enum { KEY_JSON = 0x100 };

static error_t parse_list(int key, char *argument, struct argp_state *state)
{
	struct options *o = state->input;

	(void)argument;
	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = o;
	else if (key == KEY_JSON)
		o->json = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static error_t parse_show(int key, char *argument, struct argp_state *state)
{
	(void)argument;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
}

static char *find_nft(void)
{
	char path[PATH_MAX];

	return process_find("nft", path, sizeof(path)) ? strdup(path) : NULL;
}

static int command_doctor(struct options *o, const char *program)
{
	static const char *const server_places[] = {"tlslab-server", "../libexec/tlslab-server", NULL};
	static const char *const analyzer_places[] = {"tlsdiag", NULL};
	char *server = find_beside(o, server_places), *analyzer = find_beside(o, analyzer_places), *nft = find_nft();
	const struct doctor_program programs[] = {
		{"tlslab-server", server, "nothing can run", "make"},
		{"tlsdiag", analyzer, "--analyzer must name another one", "make"},
		{"nft", nft, "faults on the path cannot be made", "apt-get install nftables"},
		{NULL, NULL, NULL, NULL},
	};
	struct variants variants;
	int missing;

	(void)program;
	load_variants(o, &variants);
	missing = doctor_examine(stdout, &variants, programs);
	if (missing)
		printf("%d missing\n", missing);
	else
		puts("nothing is missing");
	finish_output();
	variants_free(&variants);
	free(nft);
	free(analyzer);
	free(server);
	return missing ? EXIT_NOT_PASSED : EXIT_OK;
}

static const struct argp_option list_options[] = {
	{"json", KEY_JSON, NULL, 0, "Print a JSON object for each case, one a line", 2},
	{NULL, 0, NULL, 0, NULL, 0},
};
static const struct argp list_argp = {list_options,
				      parse_list,
				      "[SCENARIO...]",
				      "Lists the names of cases, and the tags of their scenarios.",
				      choice_child,
				      options_filter_help,
				      NULL};
static const struct argp show_argp = {
	NULL,         parse_show,          "SCENARIO...", "Shows what scenarios are about and what they expect.",
	choice_child, options_filter_help, NULL};

static const struct argp doctor_argp = {
	NULL,
	parse_show,
	"[SCENARIO...]",
	"Names what this machine lacks to run scenarios, what cannot run without it, and how "
	"to get it. Exit status: 0 nothing is missing, 1 something is.",
	choice_child,
	options_filter_help,
	NULL};

static const struct command {
	const char *name, *purpose;
	const struct argp *argp;
	int (*run)(struct options *options, const char *program);
} commands[] = {
	{"run", "run scenarios and check what an analyzer says of them", &run_argp, command_run},
	{"record", "write down what a client says, for somebody to read", &record_argp, command_record},
	{"list", "list the names of cases", &list_argp, command_list},
	{"doctor", "name what this machine lacks, and how to get it", &doctor_argp, command_doctor},
	{"show", "show what scenarios are about and what they expect", &show_argp, command_show},
};

static void print_help(FILE *out)
{
	fputs("Usage: tlslab COMMAND [OPTION...] [SCENARIO...]\n"
	      "Makes TLS handshakes fail, each in a network of its own; checks the analyzer.\n\n",
	      out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-7s %s\n", commands[i].name, commands[i].purpose);
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

/* With the one that was meant, if that can be told; else all of them follow. */
static void no_command(const char *name)
{
	const char *names[sizeof(commands) / sizeof(commands[0]) + 1] = {NULL}, *nearest;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		names[i] = commands[i].name;
	nearest = document_nearest(name, names);
	if (nearest)
		give_up("no command '%s'; did you mean '%s'?", name, nearest);
	fprintf(stderr, "tlslab: no command '%s'\n", name);
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0 || strcmp(word, "-h") == 0 ||
	       strcmp(word, "help") == 0;
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
	argp_parse(command->argp, argc - 1, argv + 1, ARGP_NO_HELP, NULL, &options);
	find_own_folder(&options);
	status = command->run(&options, program);
	free(options.patterns);
	return status;
}

int main(int argc, char **argv)
{
	const struct command *command;

	setlocale(LC_CTYPE, "");
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0))
		return puts("tlslab " VERSION) < 0;
	if (argc > 1 && asks_for_help(argv[1])) {
		print_help(stdout);
		return EXIT_OK;
	}
	command = argc > 1 ? find_command(argv[1]) : NULL;
	if (command)
		return run_command(command, argc, argv);
	if (argc > 1)
		no_command(argv[1]);
	print_help(stderr);
	return EXIT_IMPOSSIBLE;
}
