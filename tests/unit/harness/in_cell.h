/* in_cell.h: runs a check inside a cell of its own, for tests, and brings its complaint back to the test.
 *
 * A check runs in another process, so it cannot use CUnit: it returns false with a sentence in the error.
 */
#ifndef TESTS_UNIT_HARNESS_IN_CELL_H
#define TESTS_UNIT_HARNESS_IN_CELL_H

#include "harness/cell.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

/* For checks: `return EXPECT(error, a == b)`, or `if (!EXPECT(...)) goto out`. */
#define EXPECT(error, condition) ((condition) || error_set((error), "%s:%d: %s", __FILE__, __LINE__, #condition))

struct check {
	const struct cell_options *options; /* NULL: the plain cell */
	bool (*run)(struct cell *cell, void *context, struct error *error);
	void *context; /* memory of the test; what a check writes there is lost, unless it is shared memory */
	struct error *error; /* in shared memory */
};

static inline int live_check(void *context)
{
	static const struct cell_options plain;
	struct check *check = context;
	struct cell *cell = cell_new(check->options ? check->options : &plain, check->error);
	bool ok = cell && check->run(cell, check->context, check->error);

	cell_free(cell);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Exit status of a cell's process, or -1. Closes the pidfd. */
static inline int wait_for_cell(int pidfd)
{
	siginfo_t end = {0};

	if (waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED) < 0 || end.si_code != CLD_EXITED)
		end.si_status = -1;
	close(pidfd);
	return end.si_status;
}

static inline struct error *shared_error(void)
{
	void *memory = mmap(NULL, sizeof(struct error), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static inline bool in_cell(const struct cell_options *options,
			   bool (*run)(struct cell *cell, void *context, struct error *error), void *context)
{
	struct check check = {options, run, context, shared_error()};
	struct error error = {""};
	pid_t pid;
	int pidfd;
	bool ok;

	if (!check.error)
		return false;
	ok = cell_fork(&pid, &pidfd, 0, live_check, &check, &error);
	if (!ok)
		printf("# %s\n", error.text);
	else
		ok = wait_for_cell(pidfd) == EXIT_SUCCESS;
	if (!ok && check.error->text[0])
		printf("# %s\n", check.error->text);
	munmap(check.error, sizeof(*check.error));
	return ok;
}

/* Runs a function in a child that is an ordinary user, whoever we are; true if it returned true. A process that changed
 * its user does not own its /proc files until it is dumpable again; one that was started by its user does. */
static inline bool as_ordinary_user(bool (*run)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool ok = geteuid() != 0 || (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
					     setresuid(NOBODY, NOBODY, NOBODY) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0);

		if (!ok)
			perror("# setresuid");
		ok = ok && run();
		fflush(stdout);
		_exit(ok ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

/* True, and the test is marked as skipped, where no cell can be made. */
static inline bool skipped_without_cells(void)
{
	static struct error error;

	if (cell_permitted(&error))
		return false;
	unit_skip(error.text);
	return true;
}

#endif
