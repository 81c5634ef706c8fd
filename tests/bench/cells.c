/* cells.c: what making and removing cells costs, without anything that runs in them.
 *
 *     cells N        makes N cells at once, and removes them when the last is made
 *
 * Prints: wall-clock seconds until all were made, and until all were removed; processor milliseconds for each. What the
 * kernel does later, in threads of its own, is nobody's processor time and in none of these.
 */
#include "harness/cell.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CELLS_MAX 4096

/* How a cell says that it is made, and learns that it may end: the parent closes its end. */
struct pipes {
	int made[2], end[2];
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int body(void *context)
{
	const struct pipes *pipes = context;
	struct error error;
	struct cell *cell = cell_new(&(struct cell_options){0}, &error);
	char byte = 0;

	close(pipes->end[1]);
	if (!cell)
		fprintf(stderr, "cells: %s\n", error.text);
	else if (write(pipes->made[1], &byte, 1) == 1)
		(void)!read(pipes->end[0], &byte, 1);
	cell_free(cell);
	return cell ? EXIT_SUCCESS : EXIT_FAILURE;
}

static double processor_ms(void)
{
	struct rusage own, children;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec + children.ru_utime.tv_sec +
			children.ru_stime.tv_sec) *
		       1e3 +
	       (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec + children.ru_utime.tv_usec +
			children.ru_stime.tv_usec) /
		       1e3;
}

/* Waits for as many bytes. False when the cells that write them have ended. */
static bool await(int fd, int count)
{
	char bytes[256];

	while (count > 0) {
		ssize_t n = read(fd, bytes, sizeof(bytes));

		if (n <= 0)
			return false;
		count -= (int)n;
	}
	return true;
}

static int measure(int count)
{
	static int pidfds[CELLS_MAX];
	struct pipes pipes;
	struct error error;
	double began = now(), made;
	bool good;

	if (pipe(pipes.made) != 0 || pipe(pipes.end) != 0)
		return EXIT_FAILURE;
	for (int i = 0; i < count; i++) {
		pid_t pid;

		if (!cell_fork(&pid, &pidfds[i], i, body, &pipes, &error)) {
			fprintf(stderr, "cells: %s\n", error.text);
			return EXIT_FAILURE; /* those that there are end with this process */
		}
	}
	close(pipes.made[1]);
	good = await(pipes.made[0], count);
	made = now();
	close(pipes.end[1]);
	for (int i = 0; i < count; i++) {
		siginfo_t ended = {0};

		waitid(P_PIDFD, (id_t)pidfds[i], &ended, WEXITED);
		good = good && ended.si_code == CLD_EXITED && ended.si_status == EXIT_SUCCESS;
	}
	printf("%.3f %.3f %.2f\n", made - began, now() - made, processor_ms() / count);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0;

	if (count < 1 || count > CELLS_MAX) {
		fputs("usage: cells N\n", stderr);
		return EXIT_FAILURE;
	}
	return measure(count);
}
