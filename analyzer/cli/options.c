/* options.c: tcpdump's letters where tcpdump has one. */
#include "analyzer/cli/options.h"

#include "analyzer/cli/command.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECONDS_MAX 86400.0
#define BOUND_MAX 100000000
#define SNAPLEN_MAX 262144 /* libpcap's */

enum long_option {
	OPTION_JSON = 256,
	OPTION_KEYLOG,
	OPTION_CLIENT_LOG,
	OPTION_REDACT,
	OPTION_PATIENCE,
	OPTION_AT_CLIENT,
	OPTION_AT_SERVER,
	OPTION_SAVE,
	OPTION_SAVE_KEYLOG,
	OPTION_MAX_FLOWS,
	OPTION_MAX_MEMORY,
	OPTION_MAX_STREAM,
	OPTION_MAX_BYTES,
	OPTION_MAX_TIME,
};

static const struct argp_option entries[] = {
	{"read", 'r', "FILE", 0, "Read FILE, '-' is standard input; repeatable", 0},
	{"at-client", OPTION_AT_CLIENT, "FILE", 0, "With --at-server FILE: compare two captures", 0},
	{"at-server", OPTION_AT_SERVER, "FILE", OPTION_HIDDEN, "The same attempts, at the server", 0},
	{"interface", 'i', "IFACE", 0, "Capture from IFACE, or from 'any'", 0},
	{NULL, 'D', NULL, 0, "List the interfaces", 0},
	{"write", 'w', "FILE", 0, "Keep the packets of -i in FILE (pcap)", 0},
	{"count", 'c', "COUNT", 0, "Stop after COUNT packets of each file or of -i", 0},
	{NULL, 's', "BYTES", 0, "Take so much of each packet of -i (default all)", 0},
	{"max-bytes", OPTION_MAX_BYTES, "BYTES", 0, "Stop after BYTES of packets of -i (k, M, G)", 0},
	{"max-time", OPTION_MAX_TIME, "SECONDS", 0, "Stop -i after SECONDS", 0},
	{NULL, 'p', NULL, 0, "Only packets to and from this host", 0},
	{NULL, 'Z', "USER", 0, "Become USER once all is open, not sudo's caller", 0},
	{NULL, 'n', NULL, OPTION_HIDDEN, "Addresses are never resolved", 0},
	{NULL, 'h', NULL, OPTION_HIDDEN, "tcpdump's letter for help", 0},
	{"quiet", 'q', NULL, 0, "Report only the connections that failed", 0},
	{"json", OPTION_JSON, NULL, 0, "Print one JSON object a connection", 0},
	{"redact", OPTION_REDACT, NULL, 0, "Report with aliases for addresses and names", 0},
	{"keylog", OPTION_KEYLOG, "FILE", 0, "Decrypt with FILE (SSLKEYLOGFILE); repeatable", 0},
	{"client-log", OPTION_CLIENT_LOG, "FILE", 0, "Weigh what the client printed, saved in FILE", 0},
	{"patience", OPTION_PATIENCE, "SECONDS", 0, "Call longer silence a time-out (default 1)", 0},
	{"save", OPTION_SAVE, "FILE", 0, "Write packets and verdicts to FILE (pcapng)", 0},
	{"save-keylog", OPTION_SAVE_KEYLOG, NULL, 0, "With --save: the secrets too, to decrypt", 0},
	/* Rarely needed: the remark on what they cost names them. */
	{"max-flows", OPTION_MAX_FLOWS, "COUNT", OPTION_HIDDEN, NULL, 0},
	{"max-memory", OPTION_MAX_MEMORY, "MIB", OPTION_HIDDEN, NULL, 0},
	{"max-stream", OPTION_MAX_STREAM, "KIB", OPTION_HIDDEN, NULL, 0},
	{0},
};

static const char doc[] =
	"Say for each TLS connection how far it got, what stopped it, who did it, and which frames prove it."
	"\vFILE is pcap or pcapng, gzip or not. FILTER is tcpdump's, see pcap-filter(7); with COMMAND the default is "
	"its own connections. Without COMMAND -i shows failures as they happen.\n"
	"Exit status: 0 nothing failed, 1 a connection failed, 2 could not do its work.\n"
	"\n"
	"  tlsdiag -i any -- curl --verbose https://api.example.net/\n"
	"  tlsdiag -r web.pcap 'host 203.0.113.20 and tcp port 443'\n"
	"  ssh gateway tcpdump -i eth0 -w - -U tcp port 443 | tlsdiag -r -\n"
	"  tlsdiag explain server-hello/reset; tlsdiag sanitize web.pcap shared.pcap";

static error_t add_name(const char ***names, size_t *count, const char *name)
{
	const char **more = reallocarray(*names, *count + 1, sizeof(*more));

	if (!more)
		return ENOMEM;
	more[(*count)++] = name;
	*names = more;
	return 0;
}

/* A word of a filter that names a file is a mistake, most often a shell's *.pcap behind one -r. */
static void note_stray_file(struct options *options, const char *word)
{
	struct stat status;

	if (!options->stray_file && stat(word, &status) == 0 && S_ISREG(status.st_mode))
		options->stray_file = word;
}

int options_join(char **text, const char *word)
{
	size_t have = *text ? strlen(*text) + 1 : 0, size = strlen(word) + 1;
	char *longer = realloc(*text, have + size);

	if (!longer)
		return ENOMEM;
	if (have)
		longer[have - 1] = ' ';
	memcpy(longer + have, word, size);
	*text = longer;
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

static int64_t parse_seconds(const char *option, const char *text, struct argp_state *state)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !isfinite(seconds) || seconds < 0.001 || seconds > SECONDS_MAX)
		argp_error(state, "%s %s: not a number of seconds from 0.001 to %.0f", option, text, SECONDS_MAX);
	return (int64_t)(seconds * 1e9);
}

static void check_save(const struct options *options, struct argp_state *state)
{
	if (options->save && !strcmp(options->save, "-"))
		argp_error(state, "--save -: standard output is for the report; name a file");
	if (options->save && options->write_file && !strcmp(options->save, options->write_file))
		argp_error(state, "-w and --save write different formats: name two files");
	if (options->save && options->file_count > 1)
		argp_error(state, "--save writes what comes from one capture: give -r once");
	if (options->save_keylog && !options->save)
		argp_error(state, "--save-keylog puts secrets into what --save writes: give --save too");
}

/* A bound, in units of so many. */
static size_t parse_bound(const char *name, const char *text, size_t unit, struct argp_state *state)
{
	unsigned long long value;

	errno = 0;
	value = strtoull(text, NULL, 10);
	if (!is_digits(text) || errno || !value || value > BOUND_MAX)
		argp_error(state, "--%s %s: not a number from 1 to %d", name, text, BOUND_MAX);
	return value * unit;
}

/* "4096", "64M": tcpdump's and dumpcap's users write both. */
static uint64_t parse_bytes(const char *text, struct argp_state *state)
{
	static const char units[] = "kMG";
	char *end;
	const char *unit;
	unsigned long long value;
	unsigned shift = 0;

	errno = 0;
	value = strtoull(text, &end, 10);
	unit = *end ? strchr(units, *end == 'K' ? 'k' : *end == 'm' ? 'M' : *end) : NULL;
	if (unit) {
		shift = 10U * (unsigned)(unit - units + 1);
		end++;
	}
	if (strspn(text, "0123456789") == 0 || *end || errno || !value || value > UINT64_MAX >> shift)
		argp_error(state, "--max-bytes %s: not a number of bytes", text);
	return value << shift;
}

static int parse_snaplen(const char *text, struct argp_state *state)
{
	long value;

	errno = 0;
	value = strtol(text, NULL, 10);
	if (!is_digits(text) || errno || value > SNAPLEN_MAX)
		argp_error(state, "-s %s: not a number of bytes up to %d", text, SNAPLEN_MAX);
	return value ? (int)value : SNAPLEN_MAX;
}

static error_t parse_live(int key, char *argument, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'i':
		options->interface = argument;
		return 0;
	case 'D':
		options->list_interfaces = true;
		return 0;
	case 'w':
		options->write_file = argument;
		return 0;
	case 's':
		options->snaplen = parse_snaplen(argument, state);
		return 0;
	case 'p':
		options->not_promiscuous = true;
		return 0;
	case 'n':
		return 0;
	case 'h':
		argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
		return 0;
	case 'Z':
		options->user = argument;
		return 0;
	case OPTION_MAX_BYTES:
		options->bytes_max = parse_bytes(argument, state);
		return 0;
	case OPTION_MAX_TIME:
		options->time_max_ns = parse_seconds("--max-time", argument, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Two captures of the same attempts, and nothing beside them. */
static void check_pair(const struct options *o, struct argp_state *state)
{
	bool both = o->at_client && o->at_server;

	if (!both)
		argp_error(state, "--at-client and --at-server belong together: a capture of either end");
	if (o->file_count || o->interface || o->command)
		argp_error(state, "--at-client and --at-server compare two captures: not with -r, -i or a command");
	if (o->redact)
		argp_error(state, "--redact makes aliases for one capture: not with --at-client and --at-server");
	if (o->save)
		argp_error(state, "--save writes what comes from one capture: not with --at-client and --at-server");
	if (o->client_log_count)
		argp_error(state, "--client-log goes with one capture: not with --at-client and --at-server");
	if (both && strcmp(o->at_client, "-") == 0 && strcmp(o->at_server, "-") == 0)
		argp_error(state, "--at-client and --at-server cannot both be standard input");
}

static void check_redact(const struct options *o, struct argp_state *state)
{
	if (!o->redact)
		return;
	if (o->interface)
		argp_error(state,
			   "--redact needs all packets before the first report: keep them with -w, then read that");
	if (o->keylog_count)
		argp_error(state, "--redact and --keylog: what is redacted can no longer be decrypted");
	if (o->client_log_count)
		argp_error(state, "--redact and --client-log: what a client printed names names");
	if (o->save)
		argp_error(state,
			   "--redact and --save: tlsdiag sanitize makes the capture, -r with --save adds the verdicts");
}

static void nothing_to_read(const struct options *o, struct argp_state *state)
{
	if (o->stray_file)
		argp_error(state, "nothing to read: if %s is a capture, -r %s reads it", o->stray_file, o->stray_file);
	else if (o->filter)
		argp_error(state,
			   "'%s' is a filter, or no command: -r FILE names a capture, -r - standard input, -i an "
			   "interface; the commands are explain and sanitize",
			   o->filter);
	else
		argp_error(state, "nothing to read: -r FILE names a capture, -r - standard input, -i an interface");
}

/* What does not go together. */
static void check(const struct options *o, struct argp_state *state)
{
	if (o->list_interfaces)
		return;
	if (o->at_client || o->at_server)
		check_pair(o, state);
	if (!o->interface && o->command)
		argp_error(state,
			   "-- %s: a command runs while an interface is captured: -i names it, -i any all of them",
			   o->command[0] ? o->command[0] : "");
	if (o->command && !o->command[0])
		argp_error(state, "no command behind --");
	if (o->interface && o->file_count)
		argp_error(state, "-i and -r: either an interface or files");
	if (!o->interface && !o->file_count && !o->at_client)
		nothing_to_read(o, state);
	if (o->interface && o->client_log_count)
		argp_error(state, "--client-log goes with -r: with -i what COMMAND prints is read as it comes");
	if (!o->interface && (o->bytes_max || o->time_max_ns))
		argp_error(state, "--max-bytes and --max-time end the capture of an interface: -i names it");
	if (!o->interface && o->write_file)
		argp_error(state, "-w keeps the packets of an interface: -i names it");
	if (o->write_file && strcmp(o->write_file, "-") == 0)
		argp_error(state, "-w -: standard output is for the verdicts");
	check_redact(o, state);
	check_save(o, state);
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
	case OPTION_REDACT:
		options->redact = true;
		return 0;
	case OPTION_KEYLOG:
		return add_name(&options->keylogs, &options->keylog_count, argument);
	case OPTION_CLIENT_LOG:
		return add_name(&options->client_logs, &options->client_log_count, argument);
	case OPTION_PATIENCE:
		options->patience_ns = parse_seconds("--patience", argument, state);
		return 0;
	case OPTION_SAVE:
		options->save = argument;
		return 0;
	case OPTION_SAVE_KEYLOG:
		options->save_keylog = true;
		return 0;
	case OPTION_MAX_FLOWS:
		options->flows_max = parse_bound("max-flows", argument, 1, state);
		return 0;
	case OPTION_MAX_MEMORY:
		options->memory_max = parse_bound("max-memory", argument, (size_t)1 << 20, state);
		return 0;
	case OPTION_MAX_STREAM:
		options->stream_max = parse_bound("max-stream", argument, (size_t)1 << 10, state);
		return 0;
	case OPTION_AT_CLIENT:
		options->at_client = argument;
		return 0;
	case OPTION_AT_SERVER:
		options->at_server = argument;
		return 0;
	case ARGP_KEY_ARG:
		note_stray_file(options, argument);
		return options_join(&options->filter, argument);
	case ARGP_KEY_END:
		check(options, state);
		return 0;
	default:
		return parse_live(key, argument, state);
	}
}

/* Cuts the command behind "--" off: its words are not ours to read. The words that are left. */
static int take_command(struct options *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			options->command = argv + i + 1;
			return i;
		}
	}
	return argc;
}

/* A capture beside a command always ends. */
static void bound(struct options *options)
{
	if (!options->command)
		return;
	if (!options->count)
		options->count = COMMAND_PACKETS_MAX;
	if (!options->bytes_max)
		options->bytes_max = COMMAND_BYTES_MAX;
	if (!options->time_max_ns)
		options->time_max_ns = COMMAND_TIME_MAX_NS;
}

void options_parse(struct options *options, int argc, char **argv)
{
	static const struct argp argp = {.options = entries,
					 .parser = parse_option,
					 .args_doc = "-r FILE [FILTER]\n-i IFACE [FILTER] [-- COMMAND...]",
					 .doc = doc};

	static char name[] = "tlsdiag"; /* whatever its path: errors of argp's begin as all others do */

	*options = (struct options){.snaplen = SNAPLEN_MAX};
	if (argc > 0)
		argv[0] = name;
	argc = take_command(options, argc, argv);
	argp_program_version = "tlsdiag " VERSION;
	argp_err_exit_status = STATUS_TROUBLE;
	errno = argp_parse(&argp, argc, argv, 0, NULL, options);
	if (errno) {
		perror(program_invocation_short_name);
		exit(STATUS_TROUBLE);
	}
	bound(options);
}

void options_free(struct options *options)
{
	free(options->files);
	free(options->keylogs);
	free(options->client_logs);
	free(options->filter);
}
