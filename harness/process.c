/* process.c: see process.h.
 *
 * Theory of operation. A process is a pidfd and the read end of a pipe. Waiting is one poll(2) over the pidfds, the
 * pipes, the caller's watches and a timerfd; what is readable is served, until the caller's condition holds. When a
 * process has ended, what its pipe holds at that moment is read and the pipe is closed: a grandchild that lives on
 * cannot delay anything.
 *
 * The program is started by posix_spawn(3), which tells why a program could not be executed, after this thread has
 * entered the program's namespace; so nothing runs between fork and exec that could go wrong in another way.
 */
#include "harness/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_OUTPUT_LIMIT ((size_t)1 << 20)
#define MAX_PIECES 65536
#define NANOSECONDS 1000000000LL

struct process {
	pid_t pid;
	int pidfd, output; /* output: -1 when closed */
	int input; /* the writing end of an input that stays open; -1: none */
	bool ended;
	int status, signal;
	int64_t start, end;
	size_t limit, length, space;
	char *text;
	bool cut;
	struct process_piece *pieces;
	size_t piece_count, piece_space;
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NANOSECONDS + t.tv_nsec;
}

static bool is_program(const char *path)
{
	return access(path, X_OK) == 0;
}

bool process_find(const char *program, char *path, size_t size)
{
	static const char administration[] = "/usr/local/sbin:/usr/sbin:/sbin";
	const char *from_environment = getenv("PATH");
	char *list = NULL, *state = NULL;
	bool found = false;

	if (strchr(program, '/'))
		return (size_t)snprintf(path, size, "%s", program) < size && is_program(path);
	if (asprintf(&list, "%s:%s", from_environment ? from_environment : "/usr/bin:/bin", administration) < 0)
		return false;
	for (char *d = strtok_r(list, ":", &state); d && !found; d = strtok_r(NULL, ":", &state))
		found = (size_t)snprintf(path, size, "%s/%s", d, program) < size && is_program(path);
	free(list);
	return found;
}

/* A memory file, so that no one has to feed a pipe while the program runs. */
static int open_input(const char *text)
{
	size_t left = text ? strlen(text) : 0;
	int fd;

	if (!text)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = memfd_create("input", MFD_CLOEXEC);
	while (fd >= 0 && left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0) {
			close(fd);
			return -1;
		}
		text += n;
		left -= (size_t)n;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

/* A pipe that holds the text; *end is where more could come from. */
static int open_endless_input(const char *text, int *end)
{
	size_t length = text ? strlen(text) : 0;
	int pipes[2];

	if (length > PIPE_BUF) {
		errno = EMSGSIZE;
		return -1;
	}
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -1;
	*end = pipes[1];
	if (write(pipes[1], text, length) == (ssize_t)length)
		return pipes[0];
	close(pipes[0]);
	return -1;
}

/* Dispositions and mask are those of a fresh login, whatever the caller's are. */
static int prepare_attributes(posix_spawnattr_t *attributes)
{
	sigset_t all, none;
	int code;

	sigfillset(&all);
	sigemptyset(&none);
	code = posix_spawnattr_setflags(attributes,
					POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	if (code == 0)
		code = posix_spawnattr_setsigdefault(attributes, &all);
	if (code == 0)
		code = posix_spawnattr_setsigmask(attributes, &none);
	return code;
}

/* dup2 of a descriptor to itself clears FD_CLOEXEC there (POSIX.1-2024, posix_spawn_file_actions_adddup2). */
static int prepare_files(posix_spawn_file_actions_t *files, const struct process_command *command, int input,
			 int output)
{
	int keep = command->keep;
	int code = posix_spawn_file_actions_adddup2(files, input, STDIN_FILENO);

	if (code == 0)
		code = posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO);
	if (code == 0)
		code = posix_spawn_file_actions_adddup2(files, command->errors ? command->errors : output,
							STDERR_FILENO);
	if (code == 0 && keep > STDERR_FILENO)
		code = posix_spawn_file_actions_adddup2(files, keep, keep);
	if (code == 0 && command->folder)
		code = posix_spawn_file_actions_addchdir_np(files, command->folder);
	return code;
}

static int spawn(pid_t *pid, const struct process_command *command, int input, int output)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	char path[PATH_MAX];
	int code;

	if (!process_find(command->argv[0], path, sizeof(path)))
		return ENOENT;
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	code = prepare_files(&files, command, input, output);
	if (code == 0)
		code = prepare_attributes(&attributes);
	if (code == 0) /* the kernel copies the strings; only C's history makes them writable */
		code = posix_spawn(pid, path, &files, &attributes, (char *const *)(uintptr_t)command->argv,
				   command->environment ? (char *const *)(uintptr_t)command->environment : environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return code;
}

static bool start(struct process *process, const struct process_command *command, struct error *error)
{
	const char *name = command->argv[0];
	int pipes[2] = {-1, -1}, code,
	    input = command->open_input ? open_endless_input(command->input, &process->input)
					: open_input(command->input);
	bool ok = false;

	if (input < 0 || pipe2(pipes, O_CLOEXEC) < 0 || fcntl(pipes[0], F_SETFL, O_NONBLOCK) < 0) {
		error_errno(error, "starting %s", name);
		goto out;
	}
	process->start = now();
	code = spawn(&process->pid, command, input, pipes[1]);
	if (code == ENOENT)
		error_set(error, "%s: no such program", name);
	else if (code != 0)
		error_set(error, "starting %s: %s", name, strerror(code));
	if (code != 0)
		goto out;
	process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (process->pidfd < 0) {
		error_errno(error, "starting %s", name);
		kill(process->pid, SIGKILL);
		waitpid(process->pid, NULL, 0);
		goto out;
	}
	process->output = pipes[0];
	pipes[0] = -1;
	ok = true;
out:
	for (int i = 0; i < 2; i++)
		if (pipes[i] >= 0)
			close(pipes[i]);
	if (input >= 0)
		close(input);
	return ok;
}

struct process *process_start(const struct cell *cell, enum cell_place place, const struct process_command *command,
			      struct error *error)
{
	struct process *process;

	if (cell && !cell_enter(cell, place, error))
		return NULL;
	if (close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0) {
		error_errno(error, "starting %s", command->argv[0]);
		return NULL;
	}
	process = calloc(1, sizeof(*process));
	if (!process) {
		error_set(error, "out of memory");
		return NULL;
	}
	process->limit = command->output_limit ? command->output_limit : DEFAULT_OUTPUT_LIMIT;
	process->pidfd = process->output = process->input = -1;
	process->status = -1;
	if (start(process, command, error))
		return process;
	if (process->input >= 0)
		close(process->input);
	free(process);
	return NULL;
}

static bool grow(struct process *process, size_t wanted)
{
	size_t space = process->space ? process->space : 4096;
	char *text;

	while (space < wanted)
		space *= 2;
	if (space == process->space)
		return true;
	text = realloc(process->text, space);
	if (!text)
		return false;
	process->text = text;
	process->space = space;
	return true;
}

static void note_piece(struct process *process, size_t length)
{
	if (process->piece_count == process->piece_space) {
		size_t space = process->piece_space ? 2 * process->piece_space : 16;
		struct process_piece *pieces =
			space <= MAX_PIECES ? realloc(process->pieces, space * sizeof(*pieces)) : NULL;

		if (!pieces) { /* the text goes on; the last piece takes it in */
			if (process->piece_count > 0)
				process->pieces[process->piece_count - 1].length += length;
			return;
		}
		process->pieces = pieces;
		process->piece_space = space;
	}
	process->pieces[process->piece_count++] =
		(struct process_piece){.time = now(), .offset = process->length, .length = length};
}

static void keep_words(struct process *process, const char *words, size_t length)
{
	size_t room = process->limit - process->length;

	if (length > room) {
		process->cut = true;
		length = room;
	}
	if (length == 0)
		return;
	if (!grow(process, process->length + length + 1)) {
		process->cut = true;
		return;
	}
	note_piece(process, length);
	memcpy(process->text + process->length, words, length);
	process->length += length;
	process->text[process->length] = '\0';
}

static void close_output(struct process *process)
{
	if (process->output >= 0)
		close(process->output);
	process->output = -1;
}

/* Reads once; returns how much, 0 when there is nothing now or will never be. */
static size_t read_output(struct process *process, size_t most)
{
	char words[16384];
	ssize_t n = read(process->output, words, most < sizeof(words) ? most : sizeof(words));

	if (n > 0) {
		keep_words(process, words, (size_t)n);
		return (size_t)n;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		close_output(process);
	return 0;
}

/* What is in the pipe now, and not what a grandchild may still write. */
static void read_rest(struct process *process)
{
	int left = 0;

	if (process->output < 0 || ioctl(process->output, FIONREAD, &left) < 0)
		return;
	while (left > 0 && process->output >= 0) {
		size_t n = read_output(process, (size_t)left);

		if (n == 0)
			break;
		left -= (int)n;
	}
	close_output(process);
}

static void note_end(struct process *process)
{
	siginfo_t info = {0};

	if (process->ended || waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return;
	process->end = now();
	process->ended = true;
	if (info.si_code == CLD_EXITED)
		process->status = info.si_status;
	else
		process->signal = info.si_status;
	read_rest(process);
}

/* What one wait is about. polls[] is: the timer, then a pidfd and a pipe for each process, then the watches. */
struct wait {
	struct process *const *processes;
	size_t count;
	const struct process_watch *watches;
	size_t watch_count;
	struct pollfd *polls;
	int timer;
};

static bool begin_wait(struct wait *wait, int timeout, struct error *error)
{
	struct itimerspec late = {0};

	wait->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	wait->polls = calloc(1 + 2 * wait->count + wait->watch_count, sizeof(*wait->polls));
	if (wait->timer < 0 || !wait->polls)
		return error_errno(error, "waiting");
	if (timeout >= 0) {
		late.it_value.tv_sec = timeout / 1000;
		late.it_value.tv_nsec = timeout % 1000 * 1000000L;
		if (timeout == 0)
			late.it_value.tv_nsec = 1; /* 0 would mean never */
		if (timerfd_settime(wait->timer, 0, &late, NULL) < 0)
			return error_errno(error, "waiting");
	}
	wait->polls[0] = (struct pollfd){.fd = wait->timer, .events = POLLIN};
	for (size_t i = 0; i < wait->watch_count; i++)
		wait->polls[1 + 2 * wait->count + i] = (struct pollfd){.fd = wait->watches[i].fd, .events = POLLIN};
	return true;
}

static void end_wait(struct wait *wait)
{
	if (wait->timer >= 0)
		close(wait->timer);
	free(wait->polls);
}

static bool poll_once(struct wait *wait, struct error *error)
{
	for (size_t i = 0; i < wait->count; i++) {
		const struct process *process = wait->processes[i];
		struct pollfd *own = &wait->polls[1 + 2 * i];

		own[0] = (struct pollfd){.fd = process->ended ? -1 : process->pidfd, .events = POLLIN};
		own[1] = (struct pollfd){.fd = process->output, .events = POLLIN};
	}
	if (poll(wait->polls, 1 + 2 * wait->count + wait->watch_count, -1) >= 0)
		return true;
	if (errno != EINTR)
		return error_errno(error, "poll");
	for (size_t i = 0; i < 1 + 2 * wait->count + wait->watch_count; i++)
		wait->polls[i].revents = 0;
	return true;
}

/* Watches first: a packet or an event that was there before the end is served before the end is noticed. */
static void serve(struct wait *wait)
{
	struct pollfd *watched = &wait->polls[1 + 2 * wait->count];

	for (size_t i = 0; i < wait->watch_count; i++)
		if (watched[i].revents && !wait->watches[i].ready(wait->watches[i].context))
			watched[i].fd = -1;
	for (size_t i = 0; i < wait->count; i++) {
		const struct pollfd *own = &wait->polls[1 + 2 * i];

		if (own[1].revents && wait->processes[i]->output >= 0)
			read_output(wait->processes[i], SIZE_MAX);
		if (own[0].revents)
			note_end(wait->processes[i]);
	}
}

static bool all_ended(const struct wait *wait)
{
	for (size_t i = 0; i < wait->count; i++)
		if (!wait->processes[i]->ended)
			return false;
	return true;
}

/* The three ways to be done, in the order in which they count when they come together. */
static bool decide(const struct wait *wait, const bool *done, enum process_wait *result)
{
	if (all_ended(wait) && (wait->count > 0 || !done)) {
		*result = PROCESS_ENDED;
		return true;
	}
	if (done && *done) {
		*result = PROCESS_DONE;
		return true;
	}
	*result = PROCESS_LATE;
	return wait->polls[0].revents != 0;
}

enum process_wait process_wait_for(const bool *done, struct process *const *processes, size_t count, int timeout,
				   const struct process_watch *watches, size_t watch_count, struct error *error)
{
	struct wait wait = {processes, count, watches, watch_count, NULL, -1};
	enum process_wait result = PROCESS_WAIT_FAILED;

	if (!begin_wait(&wait, timeout, error))
		goto out;
	while (!decide(&wait, done, &result)) {
		if (!poll_once(&wait, error)) {
			result = PROCESS_WAIT_FAILED;
			goto out;
		}
		serve(&wait);
	}
out:
	end_wait(&wait);
	return result;
}

enum process_wait process_wait(struct process *const *processes, size_t count, int timeout,
			       const struct process_watch *watches, size_t watch_count, struct error *error)
{
	return process_wait_for(NULL, processes, count, timeout, watches, watch_count, error);
}

/* Until it is reaped, its number belongs to nobody else, and neither does its group's. */
void process_signal(const struct process *process, int signal)
{
	if (process->ended)
		return;
	kill(-process->pid, signal);
	kill(process->pid, signal);
}

int process_status(const struct process *process)
{
	return process->status;
}

int process_ended_by(const struct process *process)
{
	return process->signal;
}

int64_t process_start_time(const struct process *process)
{
	return process->start;
}

int64_t process_end_time(const struct process *process)
{
	return process->end;
}

struct process_output process_output(const struct process *process)
{
	return (struct process_output){
		.text = process->text ? process->text : "",
		.length = process->length,
		.cut = process->cut,
		.pieces = process->pieces,
		.piece_count = process->piece_count,
	};
}

void process_free(struct process *process)
{
	if (!process)
		return;
	if (!process->ended) {
		process_signal(process, SIGKILL);
		waitid(P_PIDFD, (id_t)process->pidfd, &(siginfo_t){0}, WEXITED);
	}
	close_output(process);
	if (process->input >= 0)
		close(process->input);
	close(process->pidfd);
	free(process->text);
	free(process->pieces);
	free(process);
}
