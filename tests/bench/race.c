/* race.c: runs commands in turns, so that whatever else the machine does happens to all of them, and says what each
 * took.
 *
 *     race ROUNDS COMMAND...        COMMAND is for sh; its output goes nowhere
 *
 * Prints a line for each: least wall-clock seconds, least processor seconds (user and system, children included), the
 * same two as medians, and the most memory (KiB, resident) that any run took. What a command exits with does not matter
 * up to 1.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 99

struct runner {
	const char *command;
	double wall[ROUNDS_MAX], cpu[ROUNDS_MAX];
	long memory;
};

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void start(const char *command)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void run(struct runner *r, int round)
{
	struct rusage used;
	double began = now();
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		start(r->command);
	if (child < 0 || wait4(child, &status, 0, &used) < 0) {
		perror("race");
		exit(EXIT_FAILURE);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		fprintf(stderr, "race: %s: failed (%d)\n", r->command, status);
		exit(EXIT_FAILURE);
	}
	r->wall[round] = now() - began;
	r->cpu[round] = seconds(used.ru_utime) + seconds(used.ru_stime);
	if (used.ru_maxrss > r->memory)
		r->memory = used.ru_maxrss;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[1]) : 0, count = argc - 2;
	struct runner *runners = calloc((size_t)(count > 0 ? count : 1), sizeof(*runners));

	if (rounds < 1 || rounds > ROUNDS_MAX || !runners) {
		fputs("usage: race ROUNDS COMMAND...\n", stderr);
		return EXIT_FAILURE;
	}
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++) {
			runners[i].command = argv[i + 2];
			run(&runners[i], round);
		}
	for (int i = 0; i < count; i++) {
		struct runner *r = &runners[i];

		qsort(r->wall, (size_t)rounds, sizeof(double), ascending);
		qsort(r->cpu, (size_t)rounds, sizeof(double), ascending);
		printf("%.6f %.6f %.6f %.6f %ld\n", r->wall[0], r->cpu[0], r->wall[rounds / 2], r->cpu[rounds / 2],
		       r->memory);
	}
	free(runners);
	return EXIT_SUCCESS;
}
