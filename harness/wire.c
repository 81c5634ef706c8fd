/* wire.c: see wire.h. The process and its sockets; what it does to frames is wire_engine.c's. */
#include "harness/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/json_text.h"
#include "harness/wire_engine.h"

enum {
	RECEIVE_BUFFER = 16 << 20,
	ANSWER_MAX = 65536,
	ANSWER_MS = 10000,
	FRAMES_AT_ONCE = 64, /* before time is looked at again */
};

#define NS_PER_S 1000000000

/* ---- The process ---- */

struct wire_loop {
	int control, frames, timer;
	int links[WIRE_DIRECTIONS]; /* interface numbers; a frame in a direction leaves there */
	struct wire_engine *engine;
	struct error error; /* why frames could not be sent; "" */
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static void say(int control, json_t *event)
{
	char *text = event ? json_dumps(event, JSON_COMPACT) : NULL;
	struct iovec parts[] = {{text, text ? strlen(text) : 0}, {(void *)(uintptr_t) "\n", 1}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	/* nobody is left to tell that nobody listens */
	if (text && sendmsg(control, &message, MSG_NOSIGNAL) < 0)
		text[0] = '\0';
	free(text);
	json_decref(event);
}

static void send_frame(void *context, enum wire_direction direction, const uint8_t *bytes, size_t length)
{
	struct wire_loop *loop = context;
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = loop->links[direction], .sll_halen = ETH_ALEN};

	memcpy(to.sll_addr, bytes, ETH_ALEN);
	if (sendto(loop->frames, bytes, length, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		error_errno(&loop->error, "sending a frame of %zu bytes", length);
}

/* Hears of what comes in at the two links, and at no other interface of this place. */
static bool open_frames(struct wire_loop *loop, struct error *error)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)loop->links[WIRE_TO_SERVER], 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)loop->links[WIRE_TO_CLIENT], 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = {.len = sizeof(program) / sizeof(program[0]), .filter = program};
	struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int one = 1, size = RECEIVE_BUFFER, fd;

	/* Protocol 0 hears nothing; so nothing is heard before the filter is there. */
	fd = loop->frames = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) < 0)
		return error_errno(error, "the wire's packet socket");
	/* Only the machine's root may have more than others. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		return error_errno(error, "the wire's packet socket");
	return bind(fd, (struct sockaddr *)&all, sizeof(all)) == 0 || error_errno(error, "the wire's packet socket");
}

static bool open_loop(struct wire_loop *loop, const struct wire_rules *rules, struct error *error)
{
	loop->links[WIRE_TO_CLIENT] = (int)if_nametoindex(cell_interface_name(CELL_WIRE_CLIENT));
	loop->links[WIRE_TO_SERVER] = (int)if_nametoindex(cell_interface_name(CELL_WIRE_PATH));
	if (!loop->links[WIRE_TO_CLIENT] || !loop->links[WIRE_TO_SERVER])
		return error_errno(error, "the wire's links");
	loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (loop->timer < 0)
		return error_errno(error, "the wire's timer");
	loop->engine = wire_engine_new(rules, send_frame, loop, error);
	return loop->engine && open_frames(loop, error);
}

/* Takes the frames that have come, a bounded number. False on error. */
static bool take_frames(struct wire_loop *loop)
{
	uint8_t bytes[WIRE_FRAME_MAX];

	for (int i = 0; i < FRAMES_AT_ONCE; i++) {
		struct sockaddr_ll from;
		socklen_t size = sizeof(from);
		ssize_t length =
			recvfrom(loop->frames, bytes, sizeof(bytes), MSG_TRUNC, (struct sockaddr *)&from, &size);

		if (length < 0)
			return errno == EAGAIN || errno == EINTR || error_errno(&loop->error, "receiving frames");
		if ((size_t)length > sizeof(bytes))
			return error_set(&loop->error, "a frame of %zd bytes", length);
		/* What comes in at the client's link goes to the server. */
		wire_engine_take(loop->engine,
				 from.sll_ifindex == loop->links[WIRE_TO_CLIENT] ? WIRE_TO_SERVER : WIRE_TO_CLIENT,
				 bytes, (size_t)length, now());
	}
	return true;
}

static bool set_timer(struct wire_loop *loop)
{
	int64_t due = wire_engine_due(loop->engine);
	struct itimerspec when = {.it_value = {0, 0}};

	if (due >= 0)
		when.it_value = (struct timespec){due / NS_PER_S, due % NS_PER_S};
	return timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &when, NULL) == 0 ||
	       error_errno(&loop->error, "the wire's timer");
}

/* Until the control socket closes. */
static bool forward(struct wire_loop *loop)
{
	struct pollfd fds[] = {{.fd = loop->frames, .events = POLLIN},
			       {.fd = loop->timer, .events = POLLIN},
			       {.fd = loop->control, .events = POLLIN}};

	while (!*loop->error.text && set_timer(loop)) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return error_errno(&loop->error, "poll");
		if (fds[2].revents)
			return true;
		wire_engine_run(loop->engine, now());
		if (!take_frames(loop))
			return false;
	}
	return false;
}

static void check_losses(struct wire_loop *loop)
{
	struct tpacket_stats stats = {0};
	socklen_t size = sizeof(stats);

	if (getsockopt(loop->frames, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0 && stats.tp_drops)
		error_set(&loop->error, "%u frames came faster than the wire could take them", stats.tp_drops);
}

static void say_error(int control, const struct error *error)
{
	say(control, json_pack("{ssss}", "event", "error", "message", error->text));
}

static int live(int control, const struct wire_rules *rules)
{
	struct wire_loop loop = {.control = control, .frames = -1, .timer = -1};
	struct error error = {""};

	/* A wire takes no time: frames go on before any program of the cell runs again, as they would in the kernel, so
	 * that neither timers of TCP nor the programs' turns depend on the load. */
	cell_come_first(CELL_RANK_WIRE);
	/* What other processes wait to see closed must not stay open here. */
	if (dup2(control, STDERR_FILENO + 1) < 0)
		return EXIT_FAILURE;
	loop.control = STDERR_FILENO + 1;
	syscall(SYS_close_range, STDERR_FILENO + 2, ~0U, 0);
	if (!open_loop(&loop, rules, &error)) {
		say_error(loop.control, &error);
		return EXIT_FAILURE;
	}
	say(loop.control, json_pack("{ss}", "event", "ready"));
	forward(&loop);
	check_losses(&loop);
	if (*loop.error.text)
		say_error(loop.control, &loop.error);
	else
		say(loop.control, wire_engine_report(loop.engine));
	wire_engine_free(loop.engine);
	return EXIT_SUCCESS;
}

/* ---- Seen from the case ---- */

struct wire_process {
	pid_t pid;
	int control;
	char answer[ANSWER_MAX];
	size_t used;
};

/* The next line that the process says; NULL, with the reason, when it says none. */
static json_t *hear(struct wire_process *wire, struct error *error)
{
	char *end;

	while (!(end = memchr(wire->answer, '\n', wire->used))) {
		struct pollfd p = {.fd = wire->control, .events = POLLIN};
		int ready = poll(&p, 1, ANSWER_MS);
		ssize_t got = ready > 0 ? read(wire->control, wire->answer + wire->used, ANSWER_MAX - wire->used) : -1;

		if (ready < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			error_set(error, "the wire %s", ready == 0 ? "does not answer" : "has ended");
			return NULL;
		}
		wire->used += (size_t)got;
	}
	{
		size_t length = (size_t)(end - wire->answer) + 1;
		json_t *event = json_loadb(wire->answer, length, 0, NULL);

		memmove(wire->answer, wire->answer + length, wire->used -= length);
		if (!event)
			error_set(error, "the wire says something unreadable");
		return event;
	}
}

/* The next event, which has to be the one of that name. */
static json_t *expect(struct wire_process *wire, const char *name, struct error *error)
{
	json_t *event = hear(wire, error);
	const char *message = json_text(event, "message"), *said = json_text(event, "event");

	if (!event || strcmp(said, name) == 0)
		return event;
	error_set(error, "the wire: %s", *message ? message : *said ? said : "an event without a name");
	json_decref(event);
	return NULL;
}

struct wire_process *wire_start(const struct cell *cell, const struct wire_rules *rules, struct error *error)
{
	struct wire_process *wire = calloc(1, sizeof(*wire));
	int ends[2];
	json_t *ready;

	if (!wire || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		error_errno(error, "starting the wire");
		free(wire);
		return NULL;
	}
	wire->control = ends[0];
	wire->pid = cell_enter(cell, CELL_PATH, error) ? fork() : -1;
	if (wire->pid == 0)
		_exit(live(ends[1], rules));
	close(ends[1]);
	if (wire->pid < 0)
		error_errno(error, "starting the wire");
	ready = wire->pid > 0 ? expect(wire, "ready", error) : NULL;
	if (!ready) {
		wire_process_free(wire);
		return NULL;
	}
	json_decref(ready);
	return wire;
}

json_t *wire_finish(struct wire_process *wire, struct error *error)
{
	json_t *report, *rules;

	shutdown(wire->control, SHUT_WR);
	report = expect(wire, "rules", error);
	if (json_integer_value(json_object_get(report, "lost")) > 0) {
		error_set(error, "the wire: more frames waited than it can hold");
		json_decref(report);
		return NULL;
	}
	rules = json_incref(json_object_get(report, "rules"));
	json_decref(report);
	return rules;
}

void wire_process_free(struct wire_process *wire)
{
	if (!wire)
		return;
	close(wire->control);
	if (wire->pid > 0) {
		kill(wire->pid, SIGKILL);
		waitpid(wire->pid, NULL, 0);
	}
	free(wire);
}
