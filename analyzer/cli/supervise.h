/* supervise.h: lets the command run: passes its output on, tells the packets' reader what happens, ends when both
 * have. */
#ifndef CLI_SUPERVISE_H
#define CLI_SUPERVISE_H

#include "analyzer/cli/client_process.h"

struct supervision {
	struct client_process *client;
	pid_t reader; /* of the packets */
	int channel; /* to it */
	int signals; /* a signalfd(2) of those that supervise_signals() names */
	int target[CLIENT_STREAMS]; /* where the command's output goes */
};

/* The signals to be blocked before anything is started. */
void supervise_signals(sigset_t *set);

/* Executes the command and stays until it and the reader are gone. 0; or the error of execvp(3). *reader_status is then
 * the reader's, as wait(2) gives it. */
int supervise(struct supervision *s, int *reader_status);

#endif
