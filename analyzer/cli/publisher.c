/* publisher.c: see publisher.h. */
#include "analyzer/cli/publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ERROR_MAX 256

struct answer {
	bool published;
	char error[ERROR_MAX];
};

static int compare(const void *a, const void *b)
{
	const int *one = a, *other = b;

	return *one < *other ? -1 : *one > *other;
}

/* Leaves nothing open but what it needs: a pipe that it kept would not end for who reads from it. */
static void close_others(const struct private_file *f, int ask, int answer)
{
	int kept[] = {f->directory, fileno(f->out), ask, answer};
	unsigned from = 0;

	qsort(kept, sizeof(kept) / sizeof(*kept), sizeof(*kept), compare);
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		unsigned fd = (unsigned)kept[i];

		if (fd > from)
			syscall(SYS_close_range, from, fd - 1, 0u);
		from = fd + 1;
	}
	syscall(SYS_close_range, from, ~0u, 0u);
}

/* Signals to the whole of a job (Ctrl-C) are for the other process to act upon: it ends, or it publishes what it
 * has. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGTSTP};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
}

static ssize_t read_retrying(int fd, void *bytes, size_t n)
{
	ssize_t result;

	do {
		result = read(fd, bytes, n);
	} while (result < 0 && errno == EINTR);
	return result;
}

__attribute__((noreturn)) static void be_publisher(struct private_file *f, int ask, int answer)
{
	struct answer a = {0};
	char byte;

	ignore_signals();
	close_others(f, ask, answer);
	if (read_retrying(ask, &byte, 1) == 1) {
		a.published = private_file_publish(f, a.error, sizeof(a.error));
		if (!a.published)
			private_file_discard(f);
		_exit(write(answer, &a, sizeof(a)) == (ssize_t)sizeof(a) ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	private_file_discard(f);
	_exit(EXIT_SUCCESS);
}

bool publisher_start(struct publisher *p, struct private_file *f)
{
	int ask[2], answer[2];
	pid_t pid = -1;

	*p = NO_PUBLISHER;
	if (pipe2(ask, O_CLOEXEC) != 0)
		return false;
	if (pipe2(answer, O_CLOEXEC) == 0) {
		pid = fork();
		if (pid == 0) {
			close(ask[1]);
			close(answer[0]);
			be_publisher(f, ask[0], answer[1]);
		}
		close(answer[1]);
		if (pid > 0)
			*p = (struct publisher){.ask = ask[1], .answer = answer[0]};
		else
			close(answer[0]);
	}
	close(ask[0]);
	if (pid < 0) {
		close(ask[1]);
		return false;
	}
	private_file_forget(f);
	return true;
}

int publisher_fd(const struct publisher *p)
{
	return p->ask;
}

/* Whether it is still there to be asked: a write to a pipe without a reader would be a signal. */
static bool is_there(const struct publisher *p)
{
	struct pollfd poll_answer = {.fd = p->answer, .events = POLLIN};

	return p->ask >= 0 && poll(&poll_answer, 1, 0) == 0;
}

bool publisher_publish(struct publisher *p, struct private_file *f, char *error, size_t size)
{
	struct answer a = {.published = false, .error = "the process that was to name it has ended"};

	if (fflush(f->out) != 0 || ferror(f->out)) {
		snprintf(error, size, "%s", strerror(errno));
		return false;
	}
	if (is_there(p) && write(p->ask, "", 1) == 1) {
		struct answer given;

		/* Shorter than PIPE_BUF: it comes whole. */
		if (read_retrying(p->answer, &given, sizeof(given)) == (ssize_t)sizeof(given))
			a = given;
	}
	if (!a.published)
		snprintf(error, size, "%.*s", ERROR_MAX - 1, a.error);
	return a.published;
}

void publisher_end(struct publisher *p)
{
	if (p->ask >= 0)
		close(p->ask);
	/* It closes its end when it is done: whoever waits for this process finds nothing half removed. */
	if (p->answer >= 0) {
		char byte;

		(void)!read_retrying(p->answer, &byte, 1);
		close(p->answer);
	}
	*p = NO_PUBLISHER;
}
