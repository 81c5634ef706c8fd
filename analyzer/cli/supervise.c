/* supervise.c: see supervise.h.
 *
 * Theory of operation. One loop over poll(2): the command's two outputs, the calls of connect(2) that wait to be looked
 * at, and signals. Output is written on before it is told, so that a slow terminal slows the command down as it would
 * alone. When the command has ended, what is still in its pipes is passed on, and the reader of the packets is told; it
 * decides by the packets when it has seen enough, reports, and ends.
 *
 * Signals. What the terminal sends (Ctrl-C) goes to the whole process group, so the command has it already; what
 * somebody sends to tlsdiag alone is passed on to the command. Once the command is gone, either means: report now; and
 * the second time: end at once.
 */
#include "analyzer/cli/supervise.h"

#include "analyzer/cli/connect_watch.h"
#include "analyzer/cli/line_splitter.h"
#include "analyzer/cli/run_channel.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LEFTOVERS_MAX (1 << 20) /* bytes of a pipe that processes left behind may still fill */

struct state {
	struct supervision *s;
	struct line_splitter lines[CLIENT_STREAMS];
	enum client_stream stream; /* being read */
	bool client_gone, reader_gone, stop_sent;
	int reader_status;
};

void supervise_signals(sigset_t *set)
{
	static const int signals[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH};

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(set, signals[i]);
}

/* A reader that is gone is noticed when it is waited for. */
static void tell(struct state *state, struct run_message *m)
{
	m->time_ns = run_clock_ns();
	run_channel_send(state->s->channel, m);
}

static void tell_kind(struct state *state, enum run_message_kind kind)
{
	struct run_message m = {.kind = kind};

	tell(state, &m);
}

/* ---- Output ---- */

static void tell_line(int64_t time_ns, const char *text, size_t length, void *context)
{
	struct state *state = context;
	struct run_message m = {.kind = RUN_LINE, .time_ns = time_ns, .stream = state->stream, .length = length};

	memcpy(m.text, text, length);
	run_channel_send(state->s->channel, &m);
}

static bool write_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t written = write(fd, bytes, n);
		struct pollfd writable = {.fd = fd, .events = POLLOUT};

		if (written < 0 && errno == EAGAIN)
			poll(&writable, 1, -1);
		else if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			bytes += written;
			n -= (size_t)written;
		}
	}
	return true;
}

static void stream_over(struct state *state, enum client_stream stream)
{
	int *fd = &state->s->client->output[stream];

	if (*fd < 0)
		return;
	close(*fd);
	*fd = -1;
	state->stream = stream;
	line_splitter_end(&state->lines[stream], tell_line, state);
}

/* Bytes passed on; 0 when the stream is over. Where nobody takes them any more the command is to notice, as it
 * would. */
static size_t pass_on(struct state *state, enum client_stream stream)
{
	char bytes[16384];
	ssize_t n = read(state->s->client->output[stream], bytes, sizeof(bytes));

	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0 || !write_all(state->s->target[stream], bytes, (size_t)n)) {
		stream_over(state, stream); /* a terminal says EIO at its end */
		return 0;
	}
	state->stream = stream;
	line_splitter_feed(&state->lines[stream], run_clock_ns(), bytes, (size_t)n, tell_line, state);
	return (size_t)n;
}

/* The command is gone; what it wrote is there already. Others may hold the pipe open. */
static void pass_on_rest(struct state *state, enum client_stream stream)
{
	struct pollfd readable = {.fd = state->s->client->output[stream], .events = POLLIN};
	size_t total = 0, n = 1;

	while (readable.fd >= 0 && n && total < LEFTOVERS_MAX && poll(&readable, 1, 0) > 0) {
		n = pass_on(state, stream);
		total += n;
	}
	stream_over(state, stream);
}

/* ---- Connections ---- */

static void tell_connect(enum connect_seen seen, const struct tlsdiag_endpoint *to, void *context)
{
	struct run_message m = {.kind = seen == CONNECT_TO ? RUN_CONNECTING : RUN_CANNOT_TELL};

	if (seen == CONNECT_NOTHING)
		return;
	if (seen == CONNECT_TO)
		m.endpoint = *to;
	tell(context, &m);
}

/* Nobody is left who could connect. */
static void connects_over(struct client_process *c)
{
	close(c->connects);
	c->connects = -1;
}

/* ---- Signals and ends ---- */

static void client_ended(struct state *state, int status)
{
	struct run_message m = {.kind = RUN_ENDED, .status = status};

	for (int i = 0; i < CLIENT_STREAMS; i++)
		pass_on_rest(state, (enum client_stream)i);
	state->client_gone = true;
	tell(state, &m);
}

static void reap(struct state *state)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == state->s->client->pid) {
			client_ended(state, status);
		} else if (pid == state->s->reader) {
			state->reader_gone = true;
			state->reader_status = status;
		}
	}
}

static void end_soon(struct state *state)
{
	if (state->stop_sent && !state->reader_gone)
		kill(state->s->reader, SIGKILL);
	state->stop_sent = true;
	tell_kind(state, RUN_STOP);
}

static void take_signal(struct state *state)
{
	struct signalfd_siginfo info;

	if (read(state->s->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGCHLD:
		reap(state);
		break;
	case SIGWINCH:
		client_process_resize(state->s->client, state->s->target);
		break;
	default:
		if (state->client_gone)
			end_soon(state);
		else if (info.ssi_code <= 0) /* SI_USER and the like: not the kernel's */
			kill(state->s->client->pid, (int)info.ssi_signo);
		break;
	}
}

static void wait_for_something(struct state *state)
{
	struct client_process *c = state->s->client;
	struct pollfd fds[] = {
		{.fd = state->s->signals, .events = POLLIN},
		{.fd = c->connects, .events = POLLIN},
		{.fd = c->output[CLIENT_STDOUT], .events = POLLIN},
		{.fd = c->output[CLIENT_STDERR], .events = POLLIN},
	};

	if (poll(fds, sizeof(fds) / sizeof(*fds), -1) <= 0)
		return;
	/* What was printed before a call of connect() is told before the call goes on. */
	for (int i = 0; i < CLIENT_STREAMS; i++)
		if (fds[2 + i].revents)
			pass_on(state, (enum client_stream)i);
	if (fds[1].revents & POLLIN)
		connect_watch_take(c->connects, tell_connect, state);
	else if (fds[1].revents)
		connects_over(c);
	if (fds[0].revents)
		take_signal(state);
}

/* A program that was killed may have left the terminal without echo or lines, or to a process group that is gone. One
 * that belongs to somebody else by now (a shell, while this runs in the background) is left alone. */
static void restore_terminal(const struct termios *mode)
{
	pid_t owner = tcgetpgrp(STDIN_FILENO);
	void (*old)(int);

	if (owner != getpgrp() && kill(-owner, 0) == 0)
		return;
	old = signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(STDIN_FILENO, getpgrp());
	tcsetattr(STDIN_FILENO, TCSADRAIN, mode);
	signal(SIGTTOU, old);
}

int supervise(struct supervision *s, int *reader_status)
{
	struct state state = {.s = s};
	struct termios mode;
	bool terminal = tcgetattr(STDIN_FILENO, &mode) == 0 && tcgetpgrp(STDIN_FILENO) == getpgrp();
	int why;

	tell_kind(&state, RUN_BEGAN);
	if (s->client->connects < 0)
		tell_kind(&state, RUN_CANNOT_TELL);
	why = client_process_go(s->client);
	if (why) {
		close(s->channel);
		waitpid(s->reader, reader_status, 0);
		return why;
	}
	while (!state.client_gone || !state.reader_gone) {
		wait_for_something(&state);
		if (terminal && state.client_gone) {
			restore_terminal(&mode);
			terminal = false;
		}
	}
	*reader_status = state.reader_status;
	return 0;
}
