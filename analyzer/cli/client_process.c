/* client_process.c: see client_process.h. */
#include "analyzer/cli/client_process.h"

#include "analyzer/cli/connect_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#define CANNOT_EXECUTE 127 /* the shell's status for it */

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- Where its output goes ---- */

static void copy_size(int from, int to)
{
	struct winsize size;

	if (ioctl(from, TIOCGWINSZ, &size) == 0)
		ioctl(to, TIOCSWINSZ, &size);
}

/* A terminal that passes bytes through as they are: the real one does the rest. */
static bool open_terminal(int like, int *ours, int *its)
{
	struct termios mode;
	char name[64];

	*its = -1;
	*ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*ours < 0)
		return false;
	if (grantpt(*ours) == 0 && unlockpt(*ours) == 0 && ptsname_r(*ours, name, sizeof(name)) == 0)
		*its = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*its < 0 || tcgetattr(like, &mode) != 0) {
		shut(ours);
		shut(its);
		return false;
	}
	mode.c_oflag &= ~(tcflag_t)OPOST;
	mode.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	tcsetattr(*its, TCSANOW, &mode);
	copy_size(like, *its);
	return true;
}

static bool open_output(struct client_process *c, int stream, int target, int *its)
{
	int ends[2];

	if (isatty(target) && open_terminal(target, &c->output[stream], its)) {
		c->terminal[stream] = true;
		return true;
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	c->output[stream] = ends[0];
	*its = ends[1];
	return true;
}

/* ---- The child ---- */

/* Says "ready", with a descriptor beside it where there is one. */
static bool send_ready(int control, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} beside = {.room = {0}};
	char ready = 1;
	struct iovec data = {.iov_base = &ready, .iov_len = 1};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = beside.room;
		message.msg_controllen = sizeof(beside.room);
		beside.header = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&beside.header), &fd, sizeof(fd));
	}
	return sendmsg(control, &message, MSG_NOSIGNAL) == 1;
}

static bool receive_ready(int control, int *fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} beside = {.room = {0}};
	char ready = 0;
	struct iovec data = {.iov_base = &ready, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = beside.room, .msg_controllen = sizeof(beside.room)};
	const struct cmsghdr *header;

	*fd = -1;
	if (recvmsg(control, &message, MSG_CMSG_CLOEXEC) != 1 || ready != 1)
		return false;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(header), sizeof(*fd));
	return true;
}

__attribute__((noreturn)) static void give_up(int control, int why)
{
	send(control, &why, sizeof(why), MSG_NOSIGNAL);
	_exit(CANNOT_EXECUTE);
}

__attribute__((noreturn)) static void child(const struct client_settings *s, int control, const int its[CLIENT_STREAMS])
{
	pid_t parent = getppid();
	char error[256], go;
	int connects = s->watch_connects ? connect_watch_install() : -1;

	if (!privilege_drop(s->who, error, sizeof(error)) || !privilege_environment(s->who))
		give_up(control, errno);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || !send_ready(control, connects) || recv(control, &go, 1, 0) != 1)
		_exit(CANNOT_EXECUTE);
	shut(&connects);
	if (dup2(its[CLIENT_STDOUT], STDOUT_FILENO) < 0 || dup2(its[CLIENT_STDERR], STDERR_FILENO) < 0)
		give_up(control, errno);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
	execvp(s->argv[0], s->argv);
	give_up(control, errno);
}

/* ---- The parent ---- */

static bool start(struct client_process *c, const struct client_settings *s, int its[CLIENT_STREAMS])
{
	int control[2] = {-1, -1};

	for (int i = 0; i < CLIENT_STREAMS; i++)
		if (!open_output(c, i, s->target[i], &its[i]))
			return false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0)
		return false;
	c->pid = fork();
	if (c->pid == 0) {
		close(control[0]);
		child(s, control[1], its);
	}
	close(control[1]);
	c->control = control[0];
	return c->pid > 0;
}

bool client_process_prepare(struct client_process *c, const struct client_settings *settings, char *error, size_t size)
{
	int its[CLIENT_STREAMS] = {-1, -1};
	bool started;

	*c = (struct client_process){.pid = -1, .control = -1, .output = {-1, -1}, .connects = -1};
	started = start(c, settings, its);
	if (!started)
		snprintf(error, size, "%s", strerror(errno));
	for (int i = 0; i < CLIENT_STREAMS; i++)
		shut(&its[i]);
	if (!started)
		return false;
	c->ready = receive_ready(c->control, &c->connects);
	if (!c->ready)
		snprintf(error, size, "it could not be made ready to run");
	return c->ready;
}

int client_process_go(struct client_process *c)
{
	char go = 1;
	int why = 0;

	if (send(c->control, &go, 1, MSG_NOSIGNAL) != 1)
		return errno;
	if (recv(c->control, &why, sizeof(why), 0) == (ssize_t)sizeof(why))
		return why;
	shut(&c->control);
	return 0;
}

void client_process_resize(const struct client_process *c, const int target[CLIENT_STREAMS])
{
	for (int i = 0; i < CLIENT_STREAMS; i++)
		if (c->terminal[i] && c->output[i] >= 0)
			copy_size(target[i], c->output[i]);
}

void client_process_close(struct client_process *c)
{
	shut(&c->control);
	shut(&c->connects);
	for (int i = 0; i < CLIENT_STREAMS; i++)
		shut(&c->output[i]);
}
