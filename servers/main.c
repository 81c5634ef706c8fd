/* main.c: tlslab-server, a table of subcommands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "servers/mint.h"
#include "servers/server.h"
#include "servers/steps.h"

static const char usage[] = "Usage: tlslab-server serve --control FD      be one server, as the control socket says\n"
			    "       tlslab-server mint DIRECTORY [NAME…]    make certificates, all or those named\n"
			    "       tlslab-server certificates              list the certificates that mint can make\n"
			    "       tlslab-server steps                     list the steps that a server can do\n";

static int wrong_usage(void)
{
	fputs(usage, stderr);
	return 2;
}

static void allow_many_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int serve_command(int argc, char **argv)
{
	char *end;
	long fd;

	if (argc != 2 || strcmp(argv[0], "--control") != 0)
		return wrong_usage();
	fd = strtol(argv[1], &end, 10);
	if (!*argv[1] || *end || fd < 0 || fd > INT16_MAX)
		return wrong_usage();
	allow_many_descriptors();
	return server_run((int)fd, NULL);
}

static int mint_command(int argc, char **argv)
{
	char error[COMPLAINT_MAX];

	if (argc < 1)
		return wrong_usage();
	if (mint(argv[0], argv + 1, (size_t)argc - 1, error))
		return 0;
	fprintf(stderr, "tlslab-server: mint: %s\n", error);
	return 2;
}

static int certificates_command(int argc, char **argv)
{
	const char *story;

	(void)argv;
	if (argc != 0)
		return wrong_usage();
	for (size_t i = 0; mint_name(i, &story); i++)
		printf("%-28s %s\n", mint_name(i, &story), story);
	return 0;
}

static int steps_command(int argc, char **argv)
{
	const struct step_kind *kind;

	(void)argv;
	if (argc != 0)
		return wrong_usage();
	for (size_t i = 0; (kind = steps_kind(i)); i++)
		printf("%s%s%s\n        %s\n", kind->name, kind->argument ? ": " : "",
		       kind->argument ? kind->argument : "", kind->help);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"serve", serve_command},
	{"mint", mint_command},
	{"certificates", certificates_command},
	{"steps", steps_command},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	return wrong_usage();
}
