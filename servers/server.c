/* server.c: accepts and serves many connections side by side with epoll; see server.h.
 *
 * The control socket closes when tlslab has seen enough or has died. Connections whose client is about to end get a
 * moment to end in order; the rest vanish without a packet, so that nothing on the wire comes from the lab's own end.
 */
#include "servers/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "servers/connection.h"
#include "servers/control.h"
#include "servers/socket.h"
#include "servers/spec.h"
#include "servers/tls.h"

#define SPEC_SIZE_MAX (1u << 20)
#define EVENTS 64
#define FINISH_MS 100 /* how long clients that are about to end may take when the server ends */

/* What an epoll event is about; connections are the other thing it can be. */
struct source {
	enum { SOURCE_CONTROL, SOURCE_LISTENER, SOURCE_ARRIVALS, SOURCE_CONNECTION } kind;
	int fd;
	struct connection *connection;
	uint32_t interest;
	struct source *next;
};

struct server {
	struct control control;
	int epoll;
	struct spec *spec;
	SSL_CTX *tls;
	struct source control_source;
	struct source listeners[SPEC_LISTEN_MAX];
	struct source arrivals; /* fd 0: not wanted */
	struct source *connections;
	unsigned accepted;
	bool ending;
};

static int fail(struct control *control, const char *message)
{
	control_event(control, json_pack("{s:s, s:s}", "event", "error", "message", message));
	return 2;
}

/* The specification is the first line. NULL, with a line in error, when the control socket does not give one. */
static struct spec *read_spec(int control, char *error)
{
	struct buffer text = {0};
	struct spec *spec = NULL;
	uint8_t *newline = NULL;

	snprintf(error, COMPLAINT_MAX, "the control socket closed before the specification was whole");
	while (!newline && text.length < SPEC_SIZE_MAX) {
		uint8_t *room = buffer_room(&text, 4096);
		ssize_t n = room ? recv(control, room, 4096, 0) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		text.length += (size_t)n;
		newline = memchr(room, '\n', (size_t)n);
	}
	if (newline)
		spec = spec_parse((const char *)text.data, (size_t)(newline - text.data), error);
	else if (text.length >= SPEC_SIZE_MAX)
		snprintf(error, COMPLAINT_MAX, "the specification is longer than %u bytes", SPEC_SIZE_MAX);
	buffer_free(&text);
	return spec;
}

static bool watch(struct server *server, struct source *source, uint32_t interest)
{
	struct epoll_event event = {.events = interest, .data.ptr = source};

	source->interest = interest;
	return epoll_ctl(server->epoll, EPOLL_CTL_ADD, source->fd, &event) == 0;
}

/* Before anything can arrive. */
static bool watch_arrivals(struct server *server, char *error)
{
	if (!server->spec->steps.awaits_data)
		return true;
	server->arrivals = (struct source){.kind = SOURCE_ARRIVALS, .fd = arrival_open()};
	return (server->arrivals.fd >= 0 && watch(server, &server->arrivals, EPOLLIN)) ||
	       complain(error, "to await data, a packet socket is needed: %s", strerror(errno));
}

static bool listen_all(struct server *server, char *error)
{
	json_t *where = json_array();

	for (size_t i = 0; i < server->spec->listen_count; i++) {
		const struct spec_listen *wanted = &server->spec->listen[i];
		struct source *source = &server->listeners[i];
		uint16_t port = 0;

		*source = (struct source){.kind = SOURCE_LISTENER};
		source->fd = socket_listen(wanted, server->spec->steps.deaf, &port);
		/* a full backlog stays full only when nobody accepts from it */
		if (source->fd < 0 || (!wanted->full && !watch(server, source, EPOLLIN))) {
			snprintf(error, COMPLAINT_MAX, "listen on %s port %u: %s", wanted->address, wanted->port,
				 strerror(errno));
			json_decref(where);
			return false;
		}
		json_array_append_new(where, json_pack("{s:s, s:i}", "address", wanted->address, "port", port));
	}
	control_event(&server->control, json_pack("{s:s, s:o}", "event", "ready", "listen", where));
	return true;
}

static void release(struct server *server, struct source *source)
{
	struct source **at = &server->connections;

	while (*at && *at != source)
		at = &(*at)->next;
	*at = source->next;
	connection_free(source->connection);
	free(source);
}

/* Lets a connection go on, then waits for what it wants next. */
static void go_on(struct server *server, struct source *source, uint32_t events)
{
	struct epoll_event event = {.data.ptr = source};

	connection_ready(source->connection, events);
	if (source->connection->state == CONNECTION_GONE) {
		release(server, source);
		return;
	}
	event.events = connection_interest(source->connection);
	if (event.events != source->interest)
		epoll_ctl(server->epoll, EPOLL_CTL_MOD, source->fd, &event);
	source->interest = event.events;
}

static void accept_all(struct server *server, int listener)
{
	int fd;

	while ((fd = socket_accept(listener)) >= 0) {
		struct source *source = calloc(1, sizeof(*source));

		if (!source) {
			close(fd);
			continue;
		}
		*source = (struct source){.kind = SOURCE_CONNECTION, .fd = fd, .next = server->connections};
		source->connection =
			connection_new(fd, ++server->accepted, &server->control, server->spec, server->tls);
		if (!source->connection || !watch(server, source, 0)) {
			connection_free(source->connection);
			free(source);
			continue;
		}
		server->connections = source;
		go_on(server, source, 0);
	}
}

/* Tells the connections whose client's data has arrived. They have been established before, so that they can be
 * accepted. */
static void note_arrivals(struct server *server)
{
	struct arrival from;

	for (size_t i = 0; i < server->spec->listen_count; i++)
		if (!server->spec->listen[i].full)
			accept_all(server, server->listeners[i].fd);
	while (arrival_next(server->arrivals.fd, &from))
		for (struct source *s = server->connections, *next; s; s = next) {
			next = s->next;
			if (!s->connection->arrived && arrival_same(&s->connection->peer, &from)) {
				s->connection->arrived = true;
				go_on(server, s, 0);
			}
		}
}

/* ms until the first deadline has passed; -1: there is none. */
static int until_deadline(const struct server *server, int64_t last)
{
	int64_t first = last;

	for (const struct source *s = server->connections; s; s = s->next)
		if (s->connection->deadline && (first == 0 || s->connection->deadline < first))
			first = s->connection->deadline;
	if (first == 0)
		return -1;
	return first > connection_now() ? (int)(first - connection_now()) : 0;
}

static void run_deadlines(struct server *server)
{
	int64_t time = connection_now();

	for (struct source *s = server->connections, *next; s; s = next) {
		next = s->next;
		if (s->connection->deadline && s->connection->deadline <= time)
			go_on(server, s, 0);
	}
}

/* How many connections there have been up to now, those included that nobody has looked at yet. */
static void answer_question(struct server *server)
{
	for (size_t i = 0; i < server->spec->listen_count; i++)
		if (!server->spec->listen[i].full)
			accept_all(server, server->listeners[i].fd);
	control_event(&server->control,
		      json_pack("{s:s, s:i}", "event", "asked", "connections", (int)server->accepted));
}

/* Whatever comes on the control socket after the specification is a question, and its end is the command to end. */
static void go_on_control(struct server *server, uint32_t events)
{
	char scrap[256];
	ssize_t n;

	if (events & EPOLLOUT)
		control_flush(&server->control, false);
	if (!(events & ~(uint32_t)EPOLLOUT))
		return;
	n = recv(server->control.fd, scrap, sizeof(scrap), MSG_DONTWAIT);
	if (n > 0)
		answer_question(server);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		server->ending = true;
}

/* The control socket is written to only while something is pending. */
static void watch_control(struct server *server)
{
	uint32_t wanted = server->control.pending.length ? EPOLLIN | EPOLLOUT : EPOLLIN;
	struct epoll_event event = {.events = wanted, .data.ptr = &server->control_source};

	if (wanted != server->control_source.interest)
		epoll_ctl(server->epoll, EPOLL_CTL_MOD, server->control.fd, &event);
	server->control_source.interest = wanted;
}

/* One turn of the loop: waits at most until last (ms, 0: for ever) and serves what is ready. */
static void turn(struct server *server, int64_t last)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(server->epoll, events, EVENTS, until_deadline(server, last));

	for (int i = 0; i < count; i++) {
		struct source *source = events[i].data.ptr;

		if (source->kind == SOURCE_CONNECTION)
			go_on(server, source, events[i].events);
		else if (source->kind == SOURCE_LISTENER)
			accept_all(server, source->fd);
		else if (source->kind == SOURCE_ARRIVALS)
			note_arrivals(server);
		else
			go_on_control(server, events[i].events);
	}
	run_deadlines(server);
	watch_control(server);
}

static bool lingering(const struct server *server)
{
	for (const struct source *s = server->connections; s; s = s->next)
		if (connection_lingers(s->connection))
			return true;
	return false;
}

static void finish(struct server *server)
{
	int64_t last = connection_now() + FINISH_MS;

	epoll_ctl(server->epoll, EPOLL_CTL_DEL, server->control.fd, NULL);
	while (lingering(server) && connection_now() < last)
		turn(server, last);
}

static int serve(struct server *server, struct stock *stock)
{
	char error[COMPLAINT_MAX] = "";

	server->tls = tls_context(server->spec, stock, error);
	if (!server->tls)
		return fail(&server->control, error);
	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	server->control_source = (struct source){.kind = SOURCE_CONTROL, .fd = server->control.fd};
	if (server->epoll < 0 || !watch(server, &server->control_source, EPOLLIN))
		return fail(&server->control, strerror(errno));
	if (!watch_arrivals(server, error) || !listen_all(server, error))
		return fail(&server->control, error);
	while (!server->ending)
		turn(server, 0);
	finish(server);
	return 0;
}

int server_run(int control, struct stock *stock)
{
	struct server server = {.control.fd = control, .epoll = -1};
	char error[COMPLAINT_MAX] = "";
	int status;

	server.spec = read_spec(control, error);
	status = server.spec ? serve(&server, stock) : fail(&server.control, error);
	while (server.connections)
		release(&server, server.connections);
	for (size_t i = 0; i < SPEC_LISTEN_MAX; i++)
		if (server.listeners[i].fd > 0)
			close(server.listeners[i].fd);
	if (server.arrivals.fd > 0)
		close(server.arrivals.fd);
	if (server.epoll >= 0)
		close(server.epoll);
	SSL_CTX_free(server.tls);
	spec_free(server.spec);
	control_flush(&server.control, true);
	buffer_free(&server.control.pending);
	return status;
}
