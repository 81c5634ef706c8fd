/* options.c: see options.h. */
#include "harness/options.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_ONLY = 0x100, KEY_TAG, KEY_USAGE };

void give_up(const char *format, ...)
{
	va_list arguments;

	fputs("tlslab: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(EXIT_IMPOSSIBLE);
}

char *find_beside(const struct options *o, const char *const *places)
{
	char path[PATH_MAX];

	for (; *places; places++) {
		if (snprintf(path, sizeof(path), "%s/%s", o->own_folder, *places) < PATH_MAX && access(path, F_OK) == 0)
			return realpath(path, NULL);
	}
	return NULL;
}

char *find_server(const struct options *o)
{
	static const char *const places[] = {"tlslab-server", "../libexec/tlslab-server", NULL};
	char *found = find_beside(o, places);

	if (!found)
		give_up("tlslab-server is not beside this program; build it with make");
	return found;
}

/* Between '' sh takes all but ' as it is. */
char *find_analyzer(const struct options *o)
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

/* Those that come with this program. */
static char *find_own_scenarios(const struct options *o)
{
	static const char *const places[] = {"../scenarios", "../../scenarios", "../share/tlslab/scenarios", NULL};
	return find_beside(o, places);
}

void load_variants(struct options *o, struct variants *variants)
{
	char *own = find_own_scenarios(o);
	const char *folder = o->scenarios ? o->scenarios : own;

	if (!folder)
		give_up("no folder of scenarios beside this program; name one with --scenarios DIR");
	o->filter.clients = own;
	if (!variants_load(variants, folder, &o->filter))
		give_up("%s", variants->error);
	o->filter.clients = NULL;
	free(own);
}

char *options_filter_help(int key, const char *text, void *input)
{
	(void)input;
	return key == ARGP_KEY_HELP_DUP_ARGS_NOTE ? NULL : (char *)(uintptr_t)text;
}

int options_number(const char *option, int least, const char *argument, struct argp_state *state)
{
	char *end;
	long number = strtol(argument, &end, 10);

	if (*end || end == argument || number < least || number > 1024)
		argp_error(state, "%s takes a whole number from %d to 1024, not '%s'", option, least, argument);
	return (int)number;
}

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
		o->filter.family = strcmp(argument, "both") == 0 ? NULL : argument;
		return 0;
	case 'h':
	case '?':
		argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
		return 0;
	case KEY_USAGE:
		argp_state_help(state, state->out_stream, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
		return 0;
	case KEY_ONLY:
		o->filter.only = argument;
		return 0;
	case KEY_TAG:
		o->filter.tag = argument;
		return 0;
	case ARGP_KEY_ARG:
		while (strlen(argument) > 1 && argument[strlen(argument) - 1] == '/') /* as shells complete a folder */
			argument[strlen(argument) - 1] = '\0';
		o->patterns[o->pattern_count++] = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option choice_options[] = {
	{"client", 'c', "NAME", 0, "Only cases of this client", 1},
	{"family", 'f', "FAMILY", 0, "Only cases over ipv4, ipv6, or both", 1},
	{"only", KEY_ONLY, "GLOB", 0, "Only cases whose name fits this too", 1},
	{"scenarios", 's', "DIR", 0, "Folder of scenarios (STAGE/NAME.yaml)", 1},
	{"tag", KEY_TAG, "TAG", 0, "Only scenarios with this tag", 1},
	{"tls", 't', "VERSION", 0, "Only cases of TLS 1.2 or 1.3", 1},
	{NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1}, /* of curl, nft and tcpdump */
	{"help", '?', NULL, 0, "Give this help list", -1},
	{"usage", KEY_USAGE, NULL, OPTION_HIDDEN, "Give a short usage message", -1},
	{NULL, 0, NULL, 0, NULL, 0},
};

static const struct argp choice_argp = {choice_options, parse_choice, NULL, NULL, NULL, NULL, NULL};
const struct argp_child choice_child[] = {{&choice_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};
