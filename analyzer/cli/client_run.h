/* client_run.h: how the client program of a live run went: what a report says of it. */
#ifndef CLI_CLIENT_RUN_H
#define CLI_CLIENT_RUN_H

#include "analyzer/cli/client_output.h"

struct client_run {
	char *const *argv; /* the command, NULL at its end */
	const char *name; /* of the program, without its folder */
	bool ended; /* the status below is known */
	int status; /* as wait(2) gives it */
	int64_t began_ns, ended_ns; /* nanoseconds since 1970 */
	struct client_output output;
	const char *interface;
	char selection[512]; /* which packets were taken: a clause */
	char remark[512]; /* why there may be no packets, a sentence; "": no need */
};

#endif
