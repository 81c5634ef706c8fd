/* options.h: what the command line asks for. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
	const char **files; /* "-": standard input */
	size_t file_count;
	const char **keylogs; /* files of secrets */
	size_t keylog_count;
	const char *at_client, *at_server; /* two captures of the same attempts; NULL: no such */
	size_t pair_memory; /* bytes for each of them; 0: the default */
	char *filter; /* NULL: every packet */
	uint64_t count; /* packets to take from each file; 0: all */
	int64_t patience_ns; /* 0: the library's */
	bool json;
	bool quiet; /* only what failed */
};

/* Fills in *options. On --help and --version prints and exits with 0; on a bad command line says why on standard error and
 * exits with 2. */
void options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

#endif
