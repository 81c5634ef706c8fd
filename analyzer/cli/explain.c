/* explain.c: tlsdiag explain: what a signature, an alert or a client's error text means, what it looks like on the
 * wire, and what to check. */
#include "analyzer/cli/command.h"
#include "analyzer/cli/explain_print.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/report.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX ((size_t)1 << 20) /* a pasted text, not a log of a year */

enum form {
	FORM_TEXT,
	FORM_JSON,
	FORM_HTML,
};

enum long_option {
	OPTION_JSON = 256,
	OPTION_HTML,
	OPTION_ALL,
};

struct explain_options {
	enum form form;
	bool all, two_forms;
	char *text; /* the words joined by blanks; NULL: none were given */
};

static const struct argp_option entries[] = {
	{"json", OPTION_JSON, NULL, 0, "Print one JSON object", 0},
	{"html", OPTION_HTML, NULL, 0, "Print a page of HTML", 0},
	{NULL, 'h', NULL, OPTION_HIDDEN, NULL, 0},
	{"all", OPTION_ALL, NULL, 0, "Explain all there is: signatures, alerts, error texts", 0},
	{0},
};

static const char doc[] =
	"Explain a signature, a TLS alert or what a client printed: what it means, what it looks like on the wire, its "
	"usual causes, what to check at the client, on the path and at the server, and how to try it in the lab."
	"\vWithout TEXT, or when it is '-', the text is read from standard input: paste the output of curl --verbose, "
	"for "
	"example.\n"
	"Exit status: 0 explained, 2 nothing of the text is known.\n"
	"\n"
	"  tlsdiag explain server-hello/reset\n"
	"  tlsdiag explain unknown_ca        tlsdiag explain alert 40\n"
	"  tlsdiag explain 'curl: (35) Recv failure: Connection reset by peer'\n"
	"  tlsdiag explain --all --html >signatures.html";

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct explain_options *options = state->input;

	switch (key) {
	case OPTION_JSON:
		options->two_forms |= options->form == FORM_HTML;
		options->form = FORM_JSON;
		return 0;
	case OPTION_HTML:
		options->two_forms |= options->form == FORM_JSON;
		options->form = FORM_HTML;
		return 0;
	case 'h':
		argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
		return 0;
	case OPTION_ALL:
		options->all = true;
		return 0;
	case ARGP_KEY_ARG:
		return options_join(&options->text, argument);
	case ARGP_KEY_END:
		if (options->all && options->text)
			argp_error(state, "--all explains everything: leave out '%s'", options->text);
		if (options->two_forms)
			argp_error(state, "--json and --html: one of them");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* All of standard input, bytes that would end a string made blanks. NULL: errno says why. */
static char *read_input(void)
{
	char *text = malloc(INPUT_MAX + 1);
	size_t n;

	if (!text)
		return NULL;
	if (isatty(STDIN_FILENO))
		fputs("tlsdiag: paste what the client printed, then Ctrl-D\n", stderr);
	n = fread(text, 1, INPUT_MAX, stdin);
	if (ferror(stdin)) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
	return text;
}

static bool show(const struct explain_options *options, const struct explanation *e)
{
	switch (options->form) {
	case FORM_JSON:
		return explain_json(stdout, e);
	case FORM_HTML:
		explain_html(stdout, e, options->all);
		return true;
	default:
		explain_text(stdout, e, report_wants_colour(stdout), report_columns(stdout));
		return true;
	}
}

static bool show_all(const struct explain_options *options)
{
	struct explanation e;
	bool shown = true;

	if (options->form == FORM_HTML) {
		explain_html_head(stdout, "TLS failures and their signatures");
		explain_html_contents(stdout);
	}
	for (size_t i = 0; shown && explanation_at(&e, i); i++) {
		if (i && options->form == FORM_TEXT)
			fputs("\n\n", stdout);
		shown = show(options, &e);
	}
	if (options->form == FORM_HTML)
		explain_html_foot(stdout);
	return shown;
}

/* Says that nothing is known, and what is near. */
static void not_known(const char *text)
{
	char names[EXPLANATION_SUGGESTIONS][EXPLANATION_NAME_MAX];
	size_t count = explanation_suggest(text, names), length = strcspn(text, "\r\n");

	if (!text[strspn(text, " \t\r\n")]) {
		fputs("tlsdiag: nothing to explain: give a signature (server-hello/reset), an alert (unknown_ca, 48) "
		      "or a line "
		      "that a client printed\n",
		      stderr);
		return;
	}
	fprintf(stderr, "tlsdiag: nothing is known of '%.*s%s'", length < 60 ? (int)length : 60, text,
		text[length < 60 ? length : 60] ? "..." : "");
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%s'%s'", !i ? ". Did you mean " : i + 1 == count ? " or " : ", ", names[i]);
	fputs(count ? "?\n"
		    : ": give a signature (server-hello/reset), an alert (unknown_ca, 48) or a line that a client "
		      "printed\n",
	      stderr);
}

static bool show_one(const struct explain_options *options, const char *text)
{
	struct explanation e;
	bool shown;

	if (!explanation_find(&e, text)) {
		not_known(text);
		return false;
	}
	if (options->form == FORM_HTML)
		explain_html_head(stdout, e.title);
	shown = show(options, &e);
	if (options->form == FORM_HTML)
		explain_html_foot(stdout);
	return shown;
}

/* NULL: standard input could not be read. */
static char *text_of(struct explain_options *options)
{
	if (options->text && strcmp(options->text, "-") != 0)
		return options->text;
	free(options->text);
	options->text = read_input();
	if (!options->text)
		perror("tlsdiag: standard input");
	return options->text;
}

int command_explain(int argc, char **argv)
{
	static const struct argp argp = {
		.options = entries, .parser = parse_option, .args_doc = "[TEXT...]", .doc = doc};
	static char name[] = "tlsdiag explain";
	struct explain_options options = {FORM_TEXT, false, false, NULL};
	bool done;

	argp_err_exit_status = STATUS_TROUBLE;
	argv[0] = name;
	errno = argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (errno) {
		perror("tlsdiag");
		exit(STATUS_TROUBLE);
	}
	done = options.all ? show_all(&options) : text_of(&options) && show_one(&options, options.text);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "tlsdiag: standard output: %s\n", errno ? strerror(errno) : "could not be written");
		done = false;
	}
	free(options.text);
	return done ? STATUS_NOTHING_FAILED : STATUS_TROUBLE;
}
