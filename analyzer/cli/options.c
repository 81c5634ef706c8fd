/* options.c: tcpdump's letters where tcpdump has one. */
#include "analyzer/cli/options.h"

#include "analyzer/cli/command.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MAX_S 86400.0

enum long_option {
	OPTION_JSON = 256,
	OPTION_KEYLOG,
	OPTION_PATIENCE,
	OPTION_AT_CLIENT,
	OPTION_AT_SERVER,
	OPTION_PAIR_MEMORY,
};

static const struct argp_option entries[] = {
	{"read", 'r', "FILE", 0, "Read FILE, '-' is standard input; repeatable", 0},
	{"at-client", OPTION_AT_CLIENT, "FILE", 0, "With --at-server: what was captured at the client", 0},
	{"at-server", OPTION_AT_SERVER, "FILE", 0, "The same attempts at the server: what became of each packet", 0},
	{"pair-memory", OPTION_PAIR_MEMORY, "MIB", 0, "Keep so much of each of the two (default 256)", 0},
	{"count", 'c', "COUNT", 0, "Stop after COUNT packets of each file", 0},
	{"quiet", 'q', NULL, 0, "Report only the connections that failed", 0},
	{"json", OPTION_JSON, NULL, 0, "Print one JSON object a connection", 0},
	{"keylog", OPTION_KEYLOG, "FILE", 0, "Decrypt with FILE (SSLKEYLOGFILE); repeatable", 0},
	{"patience", OPTION_PATIENCE, "SECONDS", 0, "Call longer silence a time-out (default 1)", 0},
	{0},
};

static const char doc[] =
	"Say for each TLS connection in a capture how far it got, what stopped it, who did it, and which frames prove "
	"it."
	"\vFILE is pcap or pcapng, gzip or not. FILTER is tcpdump's, see pcap-filter(7).\n"
	"Exit status: 0 nothing failed, 1 a connection failed, 2 could not do its work.\n"
	"\n"
	"  tlsdiag -r web.pcap 'host 203.0.113.20 and tcp port 443'\n"
	"  ssh gateway tcpdump -i eth0 -w - -U tcp port 443 | tlsdiag -r -\n"
	"  tlsdiag --json -r web.pcap | jq -r 'select(.outcome == \"failed\").signature'";

static error_t add_name(const char ***names, size_t *count, const char *name)
{
	const char **more = reallocarray(*names, *count + 1, sizeof(*more));

	if (!more)
		return ENOMEM;
	more[(*count)++] = name;
	*names = more;
	return 0;
}

/* The words of the filter joined by blanks, as tcpdump does. */
static error_t add_word(struct options *options, const char *word)
{
	size_t have = options->filter ? strlen(options->filter) + 1 : 0, size = strlen(word) + 1;
	char *longer = realloc(options->filter, have + size);

	if (!longer)
		return ENOMEM;
	if (have)
		longer[have - 1] = ' ';
	memcpy(longer + have, word, size);
	options->filter = longer;
	return 0;
}

static bool is_digits(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static uint64_t parse_count(const char *text, struct argp_state *state)
{
	unsigned long long value;

	errno = 0;
	value = strtoull(text, NULL, 10);
	if (!is_digits(text) || errno || !value)
		argp_error(state, "-c %s: not a number of packets", text);
	return value;
}

static int64_t parse_patience(const char *text, struct argp_state *state)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !isfinite(seconds) || seconds < 0.001 || seconds > PATIENCE_MAX_S)
		argp_error(state, "--patience %s: not a number of seconds from 0.001 to %.0f", text, PATIENCE_MAX_S);
	return (int64_t)(seconds * 1e9);
}

static size_t parse_mebibytes(const char *text, struct argp_state *state)
{
	unsigned long value = strtoul(text, NULL, 10);

	if (!is_digits(text) || value < 1 || value > 65536)
		argp_error(state, "--pair-memory %s: not a number of MiB from 1 to 65536", text);
	return (size_t)value << 20;
}

/* One capture, or two of the same attempts. */
static void check_captures(const struct options *options, struct argp_state *state)
{
	if (!options->at_client != !options->at_server)
		argp_error(state, "--at-client and --at-server belong together: one capture of either end");
	if (options->at_client && options->file_count)
		argp_error(state, "-r reads captures one by one; --at-client and --at-server compare two: not both");
	if (options->at_client && strcmp(options->at_client, "-") == 0 && strcmp(options->at_server, "-") == 0)
		argp_error(state, "--at-client and --at-server cannot both be standard input");
	if (!options->at_client && !options->file_count)
		argp_error(state, "nothing to read: -r FILE names a capture, -r - standard input");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'r':
		return add_name(&options->files, &options->file_count, argument);
	case 'c':
		options->count = parse_count(argument, state);
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case OPTION_JSON:
		options->json = true;
		return 0;
	case OPTION_KEYLOG:
		return add_name(&options->keylogs, &options->keylog_count, argument);
	case OPTION_PATIENCE:
		options->patience_ns = parse_patience(argument, state);
		return 0;
	case OPTION_AT_CLIENT:
		options->at_client = argument;
		return 0;
	case OPTION_AT_SERVER:
		options->at_server = argument;
		return 0;
	case OPTION_PAIR_MEMORY:
		options->pair_memory = parse_mebibytes(argument, state);
		return 0;
	case ARGP_KEY_ARG:
		return add_word(options, argument);
	case ARGP_KEY_END:
		check_captures(options, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void options_parse(struct options *options, int argc, char **argv)
{
	static const struct argp argp = {.options = entries,
					 .parser = parse_option,
					 .args_doc = "-r FILE [FILTER]\n--at-client FILE --at-server FILE [FILTER]",
					 .doc = doc};

	*options = (struct options){0};
	argp_program_version = "tlsdiag " VERSION;
	argp_err_exit_status = STATUS_TROUBLE;
	errno = argp_parse(&argp, argc, argv, 0, NULL, options);
	if (errno) {
		perror(program_invocation_short_name);
		exit(STATUS_TROUBLE);
	}
}

void options_free(struct options *options)
{
	free(options->files);
	free(options->keylogs);
	free(options->filter);
}
