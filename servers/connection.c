/* connection.c: the engine that takes one connection through its steps; see connection.h. */
#include "servers/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "servers/control.h"
#include "servers/record.h"
#include "servers/socket.h"
#include "servers/spec.h"

#define READ_SIZE 16384
#define RESET_MS 50 /* how long a client's reset may take that comes behind its FIN */
#define CLOSING_MS 1000 /* how long a client may take to close after it has said that it will */

int64_t connection_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

struct connection *connection_new(int fd, unsigned id, struct control *control, const struct spec *spec, SSL_CTX *tls)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		close(fd);
		return NULL;
	}
	*connection = (struct connection){.fd = fd, .id = id, .control = control, .spec = spec, .tls = tls};
	if (spec->steps.awaits_data)
		arrival_peer(fd, &connection->peer);
	return connection;
}

static void report_closed(struct connection *connection)
{
	if (!connection->told)
		control_event(connection->control,
			      json_pack("{s:s, s:i}", "event", "closed", "connection", (int)connection->id));
	connection->told = true;
}

static void gone(struct connection *connection)
{
	connection->state = CONNECTION_GONE;
	connection->wait = WAIT_NOTHING;
	report_closed(connection);
}

void connection_free(struct connection *connection)
{
	if (!connection)
		return;
	if (connection->fd >= 0)
		socket_vanish(connection->fd);
	session_free(connection->session);
	buffer_free(&connection->hello);
	buffer_free(&connection->in);
	buffer_free(&connection->out);
	buffer_free(&connection->heard);
	free(connection);
}

static void close_descriptor(struct connection *connection)
{
	close(connection->fd);
	connection->fd = -1;
}

enum step_result connection_fail(struct connection *connection, const char *why)
{
	const struct step *step = &connection->spec->steps.step[connection->step];

	control_event(connection->control,
		      json_pack("{s:s, s:i, s:s, s:s}", "event", "failed", "connection", (int)connection->id, "step",
				step->label ? step->label : step->kind->name, "error", why));
	return STEP_FAILED;
}

bool connection_send(struct connection *connection, const void *bytes, size_t length)
{
	return buffer_append(&connection->out, bytes, length);
}

static void report_step(struct connection *connection, const struct step *step)
{
	if (step->label)
		control_event(connection->control, json_pack("{s:s, s:i, s:s}", "event", "step", "connection",
							     (int)connection->id, "step", step->label));
}

/* Whether the message is the one to be changed, and has been. */
static bool corrupt(struct connection *connection, const struct session_event *event, uint8_t *records, size_t length)
{
	const struct step *step = connection->corrupt;

	return step && event->message == step->target->messages[0] && record_corrupt(records, length, step->number);
}

/* One message, as its records lie in the session's output. */
static bool send_message(struct connection *connection, const struct session_event *event, uint8_t *records,
			 size_t length)
{
	if (corrupt(connection, event, records, length)) {
		report_step(connection, connection->corrupt);
		connection->corrupt = NULL;
	}
	if (connection->record && !event->encrypted)
		return record_split(&connection->out, records, length, connection->record);
	return connection_send(connection, records, length);
}

bool connection_send_session(struct connection *connection, size_t end)
{
	struct session *session = connection->session;
	bool good = true;

	if (end <= session->taken)
		return true;
	for (size_t i = 0; good && i < session->event_count; i++) {
		const struct session_event *event = &session->events[i];

		if (!event->written || event->start < session->taken || event->end > end)
			continue;
		good = connection_send(connection, session->out.data, event->start - session->taken);
		buffer_consume(&session->out, event->start - session->taken);
		good = good && send_message(connection, event, session->out.data, event->end - event->start);
		buffer_consume(&session->out, event->end - event->start);
		session->taken = event->end;
	}
	good = good && connection_send(connection, session->out.data, end - session->taken);
	buffer_consume(&session->out, end - session->taken);
	session->taken = end;
	return good;
}

/* Sends what is queued. WAIT_NOTHING when all has left. */
static enum connection_wait flush(struct connection *connection)
{
	while (connection->out.length) {
		size_t length = connection->out.length;
		int flags = MSG_NOSIGNAL;
		ssize_t sent;

		if (connection->segment) {
			/* MSG_EOR: TCP joins it with no later one, not even when it repeats them. */
			flags |= MSG_EOR;
			length = length < connection->segment ? length : connection->segment;
			if (connection->each_acked && !socket_acknowledged(connection->fd))
				return WAIT_ACKED;
		}
		if (connection->state == CONNECTION_CLOSES && length == connection->out.length)
			socket_cork(connection->fd);
		sent = send(connection->fd, connection->out.data, length, flags);
		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			return WAIT_WRITE;
		if (sent < 0) {
			if (connection->state == CONNECTION_RUNS)
				connection_fail(connection, "the client reset the connection");
			close_descriptor(connection);
			gone(connection);
			return WAIT_NOTHING;
		}
		buffer_consume(&connection->out, (size_t)sent);
	}
	return WAIT_NOTHING;
}

/* Takes in what has come, up to the end or the reset that followed it. */
static void take_in(struct connection *connection)
{
	for (;;) {
		uint8_t *room = buffer_room(&connection->in, READ_SIZE);
		ssize_t n;

		errno = 0;
		n = room ? recv(connection->fd, room, READ_SIZE, 0) : -1;

		if (n > 0)
			connection->in.length += (size_t)n;
		else if (n < 0 && room && errno == EINTR)
			continue;
		else if (n < 0 && room && errno == EAGAIN)
			return;
		else
			break;
	}
	connection->eof = true;
	connection->broken = errno != 0;
}

/* Reads and forgets. True when the client has ended its side, in whatever way. */
static bool discard(struct connection *connection)
{
	uint8_t scrap[READ_SIZE];
	ssize_t n;

	do
		n = recv(connection->fd, scrap, sizeof(scrap), 0);
	while (n > 0 || (n < 0 && errno == EINTR));
	return n == 0 || errno != EAGAIN;
}

static void report_steps(struct connection *connection)
{
	for (; connection->reported < connection->step; connection->reported++) {
		const struct step *step = &connection->spec->steps.step[connection->reported];

		if (!step->kind->later)
			report_step(connection, step);
	}
}

/* Our FIN, once what is queued has left; and the end when the client's has come too. The FIN is part of the last
 * segment: on its own it would race with what the client does when it has got the data. */
static void close_orderly(struct connection *connection)
{
	connection->state = CONNECTION_CLOSES;
	connection->deadline = 0;
	connection->wait = flush(connection);
	if (connection->state == CONNECTION_GONE || connection->wait != WAIT_NOTHING)
		return;
	if (!connection->shut)
		shutdown(connection->fd, SHUT_WR);
	connection->shut = true;
	report_steps(connection);
	/* A deaf connection takes in no data, so the FIN behind the client's data never comes to it. */
	if (connection->spec->steps.deaf)
		report_closed(connection);
	connection->wait = WAIT_READ;
	if (connection->eof || discard(connection)) {
		close_descriptor(connection);
		gone(connection);
	}
}

/* What follows a step that ends the connection. */
static void end_as(struct connection *connection, enum step_end end)
{
	if (end == STEP_CLOSES) {
		close_orderly(connection);
	} else if (end == STEP_RESETS) {
		socket_reset(connection->fd);
		connection->fd = -1;
		report_steps(connection);
		gone(connection);
	} else {
		connection->state = CONNECTION_HOLDS;
		connection->wait = WAIT_NOTHING;
		report_steps(connection);
	}
}

static void client_vanished(struct connection *connection)
{
	if (connection->state == CONNECTION_RUNS)
		connection_fail(connection, "the client reset the connection");
	close_descriptor(connection);
	gone(connection);
}

static enum connection_wait wait_of(enum step_result result)
{
	static const enum connection_wait waits[] = {[STEP_READ] = WAIT_READ,
						     [STEP_ACKED] = WAIT_ACKED,
						     [STEP_ARRIVAL] = WAIT_ARRIVAL,
						     [STEP_TIMER] = WAIT_TIMER};

	return waits[result];
}

/* A step cannot be done. A client that sent a fatal alert or close_notify is about to close: its end comes first,
 * whatever the scheduling; but some wait for ours. */
static void stop(struct connection *connection)
{
	if (connection->session && connection->session->alerted && !connection->eof) {
		connection->wait = flush(connection);
		if (connection->state != CONNECTION_GONE)
			connection->state = CONNECTION_HOLDS;
		connection->deadline = connection_now() + CLOSING_MS;
		return;
	}
	close_orderly(connection);
}

/* Runs the step that is next. False when the connection has to wait, or has ended. */
static bool run_step(struct connection *connection)
{
	const struct step *step = &connection->spec->steps.step[connection->step];
	enum step_result result;

	if (connection->phase > 0 || !step->kind->joins) {
		connection->wait = flush(connection);
		if (connection->state == CONNECTION_GONE || connection->wait != WAIT_NOTHING)
			return false;
		report_steps(connection);
	}
	result = step->kind->run(connection, step);
	if ((result == STEP_READ || result == STEP_ARRIVAL) && connection->eof)
		result = connection_fail(connection, connection->broken ? "the client reset the connection"
									: "the client closed the connection");
	if (result == STEP_FAILED) {
		stop(connection);
		return false;
	}
	if (result == STEP_DONE) {
		connection->step++;
		connection->phase = 0;
		if (step->kind->end == STEP_GOES_ON)
			return true;
		end_as(connection, step->kind->end);
		return false;
	}
	connection->wait = flush(connection);
	if (connection->state == CONNECTION_RUNS && connection->wait == WAIT_NOTHING)
		connection->wait = wait_of(result);
	return false;
}

/* The client has ended its side, or is given up. One that alerted may end the connection with a reset right behind its
 * FIN, which our FIN would race with. */
static void end_hold(struct connection *connection, uint32_t events)
{
	bool late = connection->deadline && connection->deadline <= connection_now();

	if (late || (events & EPOLLRDHUP && !connection->deadline)) {
		connection->state = CONNECTION_CLOSES;
	} else if (events & EPOLLRDHUP && !connection->eof) {
		connection->eof = true;
		connection->deadline = connection_now() + RESET_MS;
	}
}

void connection_ready(struct connection *connection, uint32_t events)
{
	if (events & EPOLLERR)
		socket_drain_reports(connection->fd);
	if (connection->state == CONNECTION_RUNS && connection->wait == WAIT_READ && events)
		take_in(connection);
	else if (connection->wait == WAIT_ARRIVAL && events & EPOLLRDHUP && !(events & EPOLLHUP))
		connection->eof = true;
	else if (events & EPOLLHUP && connection->state != CONNECTION_CLOSES) {
		client_vanished(connection);
		return;
	}
	if (connection->state == CONNECTION_HOLDS)
		end_hold(connection, events);
	if (connection->state == CONNECTION_CLOSES)
		close_orderly(connection);
	while (connection->state == CONNECTION_RUNS && run_step(connection))
		;
}

uint32_t connection_interest(const struct connection *connection)
{
	static const uint32_t interests[] = {
		[WAIT_NOTHING] = 0, [WAIT_READ] = EPOLLIN | EPOLLRDHUP, [WAIT_WRITE] = EPOLLOUT,
		[WAIT_ACKED] = 0,   [WAIT_ARRIVAL] = EPOLLRDHUP,        [WAIT_TIMER] = 0};

	if (connection->state == CONNECTION_HOLDS)
		return connection->eof ? 0 : EPOLLRDHUP;
	return interests[connection->wait];
}

bool connection_lingers(const struct connection *connection)
{
	return connection->state == CONNECTION_HOLDS || connection->state == CONNECTION_CLOSES;
}
