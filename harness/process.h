/* process.h: a program that runs in the cell: started, watched until it ends or is late, and its words kept.
 *
 * Its standard input is empty or a given text. Standard output and standard error are one pipe, so that the words are
 * in the order in which a person at a terminal would see them; each piece has the time at which it came, on the
 * clock of the captures. Ends are noticed by pidfd, lateness by timerfd: nothing sleeps, nothing polls on a timer.
 */
#ifndef HARNESS_PROCESS_H
#define HARNESS_PROCESS_H

#include "harness/cell.h"

#include <stddef.h>
#include <stdint.h>

struct process;

/* How to start one. All strings are copied by the kernel; nothing has to outlive process_start(). */
struct process_command {
	const char *const *argv; /* ends with NULL; argv[0] is looked up as in process_find() */
	const char *const *environment; /* ends with NULL; NULL: the caller's */
	const char *folder; /* that it runs in; NULL: the caller's */
	const char *input; /* standard input; NULL: empty */
	bool open_input; /* the input's end does not come as long as the process is there; at most 4 KiB */
	int keep; /* a descriptor given to the program under the same number; 0: none */
	int errors; /* a descriptor for standard error; 0: it is output like the other */
	size_t output_limit; /* bytes of output kept; 0: 1 MiB. What comes after is read and thrown away. */
};

/* A piece of output: text[offset .. offset + length). */
struct process_piece {
	int64_t time; /* CLOCK_REALTIME, nanoseconds */
	size_t offset, length;
};

struct process_output {
	const char *text; /* ends with a NUL that length does not count; may contain others */
	size_t length;
	bool cut; /* there was more than the limit */
	const struct process_piece *pieces;
	size_t piece_count;
};

/* What is to be done meanwhile: ready(context) is called when fd is readable or closed by the other side; when it
 * returns false (end of file, error) the fd is not watched any longer. */
struct process_watch {
	int fd;
	bool (*ready)(void *context);
	void *context;
};

enum process_wait {
	PROCESS_ENDED, /* all have ended */
	PROCESS_DONE, /* what process_wait_for() waited for has come */
	PROCESS_LATE, /* the time is over and at least one still runs */
	PROCESS_WAIT_FAILED, /* poll(2) or such failed; see error */
};

/* Starts a program in one place of the cell, as leader of a session of its own. It gets no open file but those that the
 * command names: every other of the caller's is set to close on exec, also what was inherited from elsewhere. cell may
 * be NULL: where the caller is. Fails if there is no such program ("curl: no such program"), or it cannot be
 * executed. */
struct process *process_start(const struct cell *cell, enum cell_place place, const struct process_command *command,
			      struct error *error);

/* Waits until all of the processes have ended, at most timeout milliseconds (-1: for ever), keeping their output and
 * serving the watches. Can be called again. */
enum process_wait process_wait(struct process *const *processes, size_t count, int timeout,
			       const struct process_watch *watches, size_t watch_count, struct error *error);

/* The same, but returns PROCESS_DONE as soon as *done is true (a watch's ready() sets it). Without processes it waits
 * for *done alone. When processes have ended it returns PROCESS_ENDED, whatever *done is. */
enum process_wait process_wait_for(const bool *done, struct process *const *processes, size_t count, int timeout,
				   const struct process_watch *watches, size_t watch_count, struct error *error);

/* Sends a signal to the process and all of its session's first process group; nothing if it has ended. */
void process_signal(const struct process *process, int signal);

/* Exit status 0-255, or -1 if a signal ended it or it has not ended. */
int process_status(const struct process *process);

/* The signal that ended it, or 0. */
int process_ended_by(const struct process *process);

/* When it was started and when its end was noticed (0: not yet): CLOCK_REALTIME, nanoseconds. */
int64_t process_start_time(const struct process *process);
int64_t process_end_time(const struct process *process);

/* All output so far; valid until the next wait or free. */
struct process_output process_output(const struct process *process);

/* Kills it (SIGKILL) if it still runs, and forgets it. NULL is fine. */
void process_free(struct process *process);

/* The path of a program: itself if it contains a slash, else by PATH and then /usr/local/sbin, /usr/sbin and /sbin,
 * where nft lives and ordinary users do not look. False if there is none. */
bool process_find(const char *program, char *path, size_t size);

#endif
