/* command_record.c: `tlslab record`: runs the cases that have no words for a client yet, and writes down what it says.
 *
 * The result is a file of the client's words (words.h). It is for somebody to read: what the client says is only true
 * where the fault fired, which the run knows, and where the words are about it, which it does not. A verdict is never
 * taken over: where the analyzer says something else than the scenario expects, a comment says so, and the case fails
 * until somebody has decided what is right for this client.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/options.h"
#include "harness/run.h"

enum { WORDS_MAX = 120 };

static error_t parse_record(int key, char *argument, struct argp_state *state)
{
	struct options *o = state->input;

	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = o;
		return 0;
	}
	if (key == 'j') {
		o->jobs = options_number("-j", 1, argument, state);
		return 0;
	}
	if (key == 'o') {
		o->output = argument;
		return 0;
	}
	if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	if (!o->filter.client)
		argp_error(state, "name a client of clients.yaml with --client");
	return 0;
}

static const struct argp_option record_options[] = {
	{"jobs", 'j', "N", 0, "Run N cases at once", 2},
	{"output", 'o', "FILE", 0, "Write to this file, not to standard output", 2},
	{NULL, 0, NULL, 0, NULL, 0},
};

const struct argp record_argp = {record_options,
				 parse_record,
				 "--client=NAME [SCENARIO...]",
				 "Runs the cases that have no words for a client yet, and writes what it says\n"
				 "as a file to read, correct and put into scenarios/clients/NAME.yaml.",
				 choice_child,
				 options_filter_help,
				 NULL};

/* ---- Which cases ---- */

/* The scenario is made for other clients' own options or commands. */
static bool is_made_for_others(const struct variant *v)
{
	const struct scenario_client *c = &v->settings.client;

	return (c->options.count && !client_options_find(&c->options, v->choice.client)) ||
	       (c->command.count && !client_options_find(&c->command, v->choice.client));
}

/* Leaves those that have no words yet and can have some, and lets them accept any. */
static void select_cases(struct variants *variants)
{
	size_t left = 0;

	for (size_t i = 0; i < variants->count; i++) {
		struct variant *v = &variants->items[i];
		struct scenario_expect *e = &v->settings.expect;

		if (scenario_words(e, v->choice.client) || is_made_for_others(v) ||
		    e->client_count == SCENARIO_CLIENTS_MAX) {
			free(v->name);
			continue;
		}
		e->clients[e->client_count++] = (struct scenario_client_words){v->choice.client, SCENARIO_ANY_EXIT, ""};
		variants->items[left++] = *v;
	}
	variants->count = left;
	if (left == 0)
		give_up("there are words for all these cases, or they are made for other clients");
}

/* ---- What the client said ---- */

/* How many signs of a failure are in the line. */
static int count_signs(const char *line, size_t length)
{
	static const char *const signs[] = {"error",   "fail",   "alert", "refused", "reset", "timed out",
					    "timeout", "closed", "verif", "unable",  "eof",   "version"};
	int count = 0;

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t size = strlen(signs[i]), at = 0;

		while (at + size <= length && strncasecmp(line + at, signs[i], size) != 0)
			at++;
		count += at + size <= length;
	}
	return count;
}

/* The line with most of them, the first of equals; its last line, where there are none. */
static void find_line(const char *output, const char **line, size_t *length)
{
	int best = 0;

	*line = "";
	*length = 0;
	for (; *output; output += strcspn(output, "\n"), output += *output == '\n') {
		size_t size = strcspn(output, "\n");
		int count = count_signs(output, size);

		if (strspn(output, " \t\r") >= size || (best > 0 && count <= best))
			continue;
		best = count;
		*line = output;
		*length = size;
	}
}

/* A word that may be another one the next time: a number, an address, a time. */
static bool varies(const char *word, size_t length)
{
	size_t digits = 0;

	for (size_t i = 0; i < length; i++)
		digits += isdigit((unsigned char)word[i]) != 0;
	return digits >= 4;
}

/* The longest part of the line without words that vary; what YAML would have to escape ends a part too. */
static void find_words(const char *output, char *words, size_t size)
{
	const char *line, *part;
	size_t length, run = 0, best = 0;

	find_line(output, &line, &length);
	part = line;
	for (size_t at = 0; at <= length;) {
		size_t word = 0;

		while (at + word < length && line[at + word] != ' ')
			word++;
		if (varies(line + at, word) || memchr(line + at, '\'', word) || memchr(line + at, '\t', word)) {
			run = 0;
		} else {
			run += word + (run > 0);
			if (run > best && run < size) {
				best = run;
				part = line + at + word - run;
			}
		}
		at += word + 1;
	}
	snprintf(words, size, "%.*s", (int)best, part);
	words[strcspn(words, "\r")] = '\0';
}

/* ---- The file ---- */

static void write_comment(FILE *out, const char *name, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		fprintf(out, "# %s: %.*s\n", name, (int)length, text);
		text += length + (text[length] == '\n');
	}
}

/* The entry without its TLS version, in `said`. */
static void say(const struct check *check, char *said, size_t size)
{
	char words[WORDS_MAX];

	find_words(check->words, words, sizeof(words));
	snprintf(said, size, "exit: %d%s%s%s", check->exit, check->exit != 0 && *words ? ", error: '" : "",
		 check->exit != 0 ? words : "", check->exit != 0 && *words ? "'" : "");
}

static bool is_usable(const struct result *result)
{
	return result->ended && result->check.result < CHECK_BROKEN && result->check.exit >= 0;
}

/* Where the words are others in the other family, only the exit status is left. */
static void agree(const struct check *check, char *said, size_t size)
{
	char other[WORDS_MAX + 32];

	say(check, other, sizeof(other));
	if (strcmp(said, other) != 0)
		snprintf(said, size, "exit: %d", check->exit);
}

/* Cases that differ in the family alone have one entry, and so have the versions of TLS if the client says the same. */
static void write_scenario(FILE *out, const struct variants *variants, const struct results *results, size_t first,
			   size_t end)
{
	char said[2][WORDS_MAX + 32] = {"", ""};
	const char *versions[2];
	size_t count = 0;

	for (size_t i = first; i < end; i++) {
		const struct variant *v = &variants->items[i];
		const struct check *check = &results->items[i].check;

		if (!results->items[i].ended)
			continue;
		if (check->result != CHECK_PASS)
			write_comment(out, v->name, check->why);
		if (!is_usable(&results->items[i]))
			continue;
		if (count && strcmp(versions[count - 1], v->choice.tls) == 0) {
			agree(check, said[count - 1], sizeof(said[count - 1]));
			continue;
		}
		versions[count] = v->choice.tls;
		say(check, said[count], sizeof(said[count]));
		count++;
	}
	if (count == 2 && strcmp(said[0], said[1]) == 0)
		fprintf(out, "%s: {%s}\n", variants->items[first].scenario->name, said[0]);
	else if (count)
		fprintf(out, "%s:\n", variants->items[first].scenario->name);
	for (size_t i = 0; i < count && (count == 1 || strcmp(said[0], said[1]) != 0); i++)
		fprintf(out, "  - {tls: \"%s\", %s}\n", versions[i], said[i]);
}

static void write_file(FILE *out, const struct variants *variants, const struct results *results)
{
	size_t end;

	fprintf(out,
		"# What %s says, as 'tlslab record' heard it. To be read: is each about the failure that was injected, "
		"and is\n"
		"# the verdict right for this client? What an entry may say beside it: tlslab(1), \"Clients\".\n",
		variants->items[0].choice.client);
	for (size_t first = 0; first < variants->count; first = end) {
		for (end = first;
		     end < variants->count && variants->items[end].scenario == variants->items[first].scenario;)
			end++;
		write_scenario(out, variants, results, first, end);
	}
}

/* ---- The command ---- */

static FILE *open_output(const struct options *o)
{
	FILE *out = o->output ? fopen(o->output, "wxe") : stdout;

	if (!out)
		give_up("%s: %s", o->output,
			errno == EEXIST ? "it is there already; choose another name" : strerror(errno));
	return out;
}

static int run_and_write(const struct run_settings *settings, struct results *results, FILE *out)
{
	struct error error = {""};
	int signal = 0;

	enum run_end end = run_cases(settings, &signal, &error);

	if (end == RUN_IMPOSSIBLE)
		give_up("%s", error.text);
	results->seconds = results_age(results);
	report_summary(settings->report);
	write_file(out, settings->variants, results);
	if (fflush(out) != 0 || ferror(out))
		give_up("the words could not be written: %s", strerror(errno));
	if (end == RUN_STOPPED)
		give_up("%s", error.text);
	return signal || results->counts[CHECK_BROKEN] || results->counts[CHECK_SKIP] ? EXIT_NOT_PASSED : EXIT_OK;
}

int command_record(struct options *o, const char *program)
{
	struct variants variants;
	char *server = find_server(o), *analyzer = find_analyzer(o);
	struct results *results;
	struct run_settings settings = {
		.variants = &variants, .server_program = server, .analyzer = analyzer, .jobs = o->jobs};
	FILE *out;
	int status;

	(void)program;
	o->filter.wordless = true;
	load_variants(o, &variants);
	select_cases(&variants);
	out = open_output(o);
	if (!o->jobs)
		run_set_default_jobs(&settings);
	results = results_new(&variants, analyzer, "tlslab run");
	settings.report = results ? report_new(stderr, results, 0) : NULL;
	if (!settings.report)
		give_up("out of memory");
	status = run_and_write(&settings, results, out);
	if (out != stdout)
		fclose(out);
	report_free(settings.report);
	results_free(results);
	variants_free(&variants);
	free(analyzer);
	free(server);
	return status;
}
