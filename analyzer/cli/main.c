/* main.c: tlsdiag's commands by their names. */
#include "analyzer/cli/command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What has no name is done when none is given: the last. */
static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"explain", command_explain},
	{"sanitize", command_sanitize},
	{NULL, command_analyze},
};

/* A connection's object has about the size of the C library's own buffer: each would be a call of the kernel. */
static void buffer_output(void)
{
	static char buffer[64 << 10];

	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

int main(int argc, char **argv)
{
	const struct command *command = commands;

	buffer_output();
	while (command->name && (argc < 2 || strcmp(command->name, argv[1]) != 0))
		command++;
	return command->name ? command->run(argc - 1, argv + 1) : command->run(argc, argv);
}
