/* command.h: the commands of tlsdiag, each a file of its own, and what they exit with. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

enum exit_status {
	STATUS_NOTHING_FAILED,
	STATUS_FAILED, /* at least one connection did */
	STATUS_TROUBLE, /* the work could not be done; standard error says why */
};

/* Each takes the arguments behind its own name, argv[0] being the name, and returns an exit status. */
int command_analyze(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_sanitize(int argc, char **argv); /* sanitize */

#endif
