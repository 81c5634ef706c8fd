/* options.h: what the command line asks for. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What bounds a capture that runs beside a command, unless said otherwise. */
#define COMMAND_PACKETS_MAX 100000
#define COMMAND_BYTES_MAX (UINT64_C(256) << 20)
#define COMMAND_TIME_MAX_NS (600 * INT64_C(1000000000))

struct options {
	const char **files; /* "-": standard input */
	size_t file_count;
	const char **keylogs; /* files of secrets */
	size_t keylog_count;
	const char *at_client, *at_server; /* two captures of the same attempts; NULL: no such */
	const char **client_logs; /* files of what the client printed */
	size_t client_log_count;
	char *filter; /* NULL: every packet */
	const char *stray_file; /* a word of the filter that names a file, as *.pcap behind -r does; NULL: none */
	uint64_t count; /* packets to take from each file or interface; 0: all */
	int64_t patience_ns; /* 0: the library's */
	const char *save; /* file to write the packets and verdicts to; NULL: none */
	bool save_keylog; /* with the secrets */
	size_t flows_max, memory_max, stream_max; /* connections, bytes, bytes; 0: the library's */
	bool json;
	bool quiet; /* only what failed */
	bool redact; /* report what sanitized packets show */

	/* Live captures */
	bool list_interfaces; /* … and do nothing else */
	const char *interface; /* NULL: files are read */
	char *const *command; /* to run meanwhile, NULL at its end; NULL: none */
	const char *write_file; /* NULL: packets are not kept */
	const char *user; /* to become; NULL: whoever called sudo */
	int snaplen; /* bytes of each packet */
	bool not_promiscuous;
	uint64_t bytes_max; /* 0: all */
	int64_t time_max_ns; /* 0: no end */
};

/* Fills in *options, which keeps pointers into argv. On --help and --version prints and exits with 0; on a bad command
 * line says why on standard error and exits with 2. */
void options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

/* Puts a word behind those that are there, with a blank between them, as tcpdump joins a filter's. *text: NULL or
 * allocated. 0, or ENOMEM, and *text is as it was. */
int options_join(char **text, const char *word);

#endif
