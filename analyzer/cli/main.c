/* main.c: tlsdiag's commands by their names. */
#include "analyzer/cli/command.h"

#include <stddef.h>
#include <string.h>

/* What has no name is done when none is given: the last. */
static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"explain", command_explain},
	{"sanitize", command_sanitize},
	{NULL, command_analyze},
};

int main(int argc, char **argv)
{
	const struct command *command = commands;

	while (command->name && (argc < 2 || strcmp(command->name, argv[1]) != 0))
		command++;
	return command->name ? command->run(argc - 1, argv + 1) : command->run(argc, argv);
}
