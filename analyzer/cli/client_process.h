/* client_process.h: the client's command as a child process: made ready, held until the capture is, then executed.
 *
 * Its standard input is tlsdiag's own. Its standard output and standard error are read here, to be passed on unaltered:
 * each is a pipe, or a terminal of its own (a pty in raw mode, as wide as the real one) where tlsdiag's is a terminal,
 * so that a program that asks isatty(3) behaves as it would alone. It stays in tlsdiag's process group and session:
 * Ctrl-C, Ctrl-Z and its password prompts are the real terminal's business.
 */
#ifndef CLI_CLIENT_PROCESS_H
#define CLI_CLIENT_PROCESS_H

#include "analyzer/cli/client_output.h"
#include "analyzer/cli/privilege.h"

#include <signal.h>
#include <sys/types.h>

struct client_settings {
	char *const *argv;
	const struct identity *who; /* it runs as */
	bool watch_connects;
	int target[CLIENT_STREAMS]; /* where its output goes in the end */
	sigset_t mask; /* of signals, that it starts with */
};

struct client_process {
	pid_t pid;
	int control; /* holds it back, then says whether it could be executed */
	int output[CLIENT_STREAMS]; /* to be read; -1: over */
	bool terminal[CLIENT_STREAMS]; /* … it is one */
	int connects; /* of connect_watch.h; -1: not watched */
	bool ready; /* its privileges are dropped */
};

/* Makes the child; it waits. Needs the privileges that it is to drop. False, with a sentence in error. */
bool client_process_prepare(struct client_process *c, const struct client_settings *settings, char *error, size_t size);

/* Executes the command. 0, or the error of execvp(3). */
int client_process_go(struct client_process *c);

/* Gives its terminals the size of the real ones. */
void client_process_resize(const struct client_process *c, const int target[CLIENT_STREAMS]);

/* Closes what is open; a child that was not let go ends. */
void client_process_close(struct client_process *c);

#endif
