/* analyze.c: see analyze.h.
 *
 * An analyzer is a command line for sh. One of plain words needs no shell, and a process less is a good part of the
 * time that a case takes: it is executed as it is.
 */
#include "harness/analyze.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/process.h"
#include "harness/quote.h"
#include "harness/record.h"

enum {
	OUTPUT_MAX = 16 << 20,
	WORDS_MAX = 4096, /* of standard error, its end */
	ARGUMENTS_MAX = 64,
};

/* The end of a word that sh would take as it is, with or without '' around it; NULL: it is another. */
static char *end_of_word(char *word)
{
	char *end = *word == '\'' ? strchr(word + 1, '\'') : word + quote_plain(word);

	if (!end || end == word)
		return NULL;
	end += *word == '\'';
	return !*end || *end == ' ' ? end : NULL;
}

/* Cuts the command into argv, in place; how many words, 0: it needs a shell. */
static size_t split(char *command, const char **argv)
{
	char path[PATH_MAX];
	size_t count = 0;

	for (char *word = command + strspn(command, " "); *word; word += strspn(word, " ")) {
		char *end = end_of_word(word), *next;

		if (!end || count == ARGUMENTS_MAX)
			return 0;
		next = end + (*end == ' ');
		if (*word == '\'') {
			word++;
			end[-1] = '\0';
		}
		*end = '\0';
		argv[count++] = word;
		word = next;
	}
	return count > 0 && !strchr(argv[0], '=') && process_find(argv[0], path, sizeof(path)) ? count : 0;
}

/* `arguments` end with NULL. */
static struct process *start(const char *command, const char *const *arguments, int errors, struct error *error)
{
	const char *argv[ARGUMENTS_MAX + 8] = {NULL};
	const struct process_command start = {.argv = argv, .output_limit = OUTPUT_MAX, .errors = errors};
	char *words = strdup(command), *script = NULL;
	struct process *process = NULL;
	size_t count;

	/* sh's "$@" are the arguments, so that a path needs no quoting; the command's own words stay as the user gave
	 * them. */
	if (!words || asprintf(&script, "%s \"$@\"", command) < 0) {
		error_set(error, "out of memory");
		goto out;
	}
	count = split(words, argv);
	if (count == 0) {
		argv[count++] = "sh";
		argv[count++] = "-c";
		argv[count++] = script;
		argv[count++] = "sh";
	}
	for (; *arguments; arguments++)
		argv[count++] = *arguments;
	argv[count] = NULL;
	process = process_start(NULL, CELL_CLIENT, &start, error);
out:
	free(script);
	free(words);
	return process;
}

/* The end of what it said on standard error. */
static json_t *last_words(int errors)
{
	char text[WORDS_MAX];
	off_t size = lseek(errors, 0, SEEK_END), from = size > (off_t)sizeof(text) ? size - (off_t)sizeof(text) : 0;
	ssize_t length = pread(errors, text, sizeof(text), from);

	return record_words(text, length > 0 ? (size_t)length : 0);
}

/* Asks one analyzer; `file` is for its standard error. */
static json_t *ask(const struct case_setting *setting, const char *command, const char *const *arguments,
		   const char *file)
{
	char path[PATH_MAX];
	struct error error = {""};
	int errors = open(case_file(setting->folder, file, path), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct process *process = NULL;
	json_t *record = NULL;

	if (errors < 0)
		error_errno(&error, "%s", path);
	else
		process = start(command, arguments, errors, &error);
	if (process) {
		enum process_wait wait = process_wait(&process, 1, ANALYZE_MS, NULL, 0, &error);

		record = record_outcome(process, wait == PROCESS_LATE);
		json_object_set_new(record, "words", last_words(errors));
	}
	process_free(process);
	if (errors >= 0)
		close(errors);
	return record ? record : json_pack("{ssss}", "error", error.text, "words", error.text);
}

int analyze_case(const struct case_setting *setting)
{
	char client[PATH_MAX], server[PATH_MAX];
	const char *const one[] = {case_file(setting->folder, "client.pcap", client), NULL};
	const char *const both[] = {"--at-client", client, "--at-server",
				    case_file(setting->folder, "server.pcap", server), NULL};
	json_t *record = ask(setting, setting->analyzer, one, "analyzer.txt");
	int status;

	if (setting->pair_analyzer)
		json_object_set_new(record, "between", ask(setting, setting->pair_analyzer, both, "between.txt"));
	status = record_write(setting->folder, "analyzer.json", record);
	json_decref(record);
	return status;
}
