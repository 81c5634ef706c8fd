/* actions.c: what the steps do on a connection; see actions.h. */
#include "servers/actions.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "servers/connection.h"
#include "servers/control.h"
#include "servers/record.h"
#include "servers/session.h"
#include "servers/socket.h"
#include "servers/spec.h"
#include "servers/tls.h"

#define REQUEST_MAX (64 * 1024)

enum step_result action_end(struct connection *connection, const struct step *step)
{
	(void)connection;
	(void)step;
	return STEP_DONE;
}

enum step_result action_await_acknowledged(struct connection *connection, const struct step *step)
{
	(void)step;
	return socket_acknowledged(connection->fd) ? STEP_DONE : STEP_ACKED;
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

enum step_result action_stall(struct connection *connection, const struct step *step)
{
	if (connection->phase++ == 0)
		connection->deadline = now() + step->number;
	if (now() < connection->deadline)
		return STEP_TIMER;
	connection->deadline = 0;
	return STEP_DONE;
}

enum step_result action_send(struct connection *connection, const struct step *step)
{
	for (long i = 0; i < step->number; i++)
		if (!connection_send(connection, step->bytes.data, step->bytes.length))
			return connection_fail(connection, "too much to send");
	return STEP_DONE;
}

enum step_result action_read_client_hello(struct connection *connection, const struct step *step)
{
	struct buffer message = {0};
	size_t used = 0;
	enum record_found found = record_message(connection->in.data + connection->looked,
						 connection->in.length - connection->looked, &message, &used);
	bool hello = found == RECORD_WHOLE && message.data[0] == SSL3_MT_CLIENT_HELLO;

	(void)step;
	if (hello)
		connection->looked += used;
	buffer_free(&message);
	if (found == RECORD_NEED_MORE)
		return STEP_READ;
	return hello ? STEP_DONE : connection_fail(connection, "what the client sent is not a ClientHello");
}

static bool session_start(struct connection *connection)
{
	if (connection->session)
		return true;
	if (!tls_prepare(connection->tls, connection->spec))
		return false;
	connection->session = session_new(connection->tls);
	return connection->session != NULL;
}

/* Hands over to OpenSSL what has come. */
static bool session_supply(struct connection *connection)
{
	bool good = session_feed(connection->session, connection->in.data, connection->in.length);

	buffer_consume(&connection->in, connection->in.length);
	connection->looked = 0;
	if (connection->eof)
		session_feed_end(connection->session);
	return good;
}

static enum step_result handshake_failed(struct connection *connection)
{
	control_event(connection->control,
		      json_pack("{s:s, s:i, s:b, s:s}", "event", "handshake", "connection", (int)connection->id, "ok",
				0, "error", connection->session->error));
	return STEP_FAILED;
}

static void handshake_done(struct connection *connection)
{
	const SSL *ssl = connection->session->ssl;

	control_event(connection->control,
		      json_pack("{s:s, s:i, s:b, s:s, s:s, s:b}", "event", "handshake", "connection",
				(int)connection->id, "ok", 1, "version", SSL_get_version(ssl), "cipher",
				SSL_get_cipher_name(ssl), "resumed", SSL_session_reused(ssl)));
}

enum step_result action_handshake(struct connection *connection, const struct step *step)
{
	enum session_result result;

	(void)step;
	if (!session_start(connection) || !session_supply(connection))
		return connection_fail(connection, "no memory for TLS");
	result = session_handshake(connection->session);
	if (!connection_send_session(connection, session_written(connection->session)))
		return connection_fail(connection, "too much to send");
	if (result == SESSION_READ)
		return STEP_READ;
	if (result == SESSION_FAILED)
		return handshake_failed(connection);
	handshake_done(connection);
	return STEP_DONE;
}

static bool secured(const struct connection *connection)
{
	return connection->session && SSL_is_init_finished(connection->session->ssl);
}

/* Moves plain text that has come to request. SESSION_READ: more is needed for anything new. */
static enum session_result receive(struct connection *connection)
{
	uint8_t bytes[4096];
	size_t length = 0;
	enum session_result result;

	if (!secured(connection)) {
		const uint8_t *fresh = connection->in.data + connection->looked;

		length = connection->in.length - connection->looked;
		connection->looked += length;
		if (!buffer_append(&connection->request, fresh, length))
			return SESSION_FAILED;
		return length ? SESSION_OK : SESSION_READ;
	}
	if (!session_supply(connection))
		return SESSION_FAILED;
	result = session_read(connection->session, bytes, sizeof(bytes), &length);
	if (!connection_send_session(connection, session_written(connection->session)) ||
	    !buffer_append(&connection->request, bytes, length))
		return SESSION_FAILED;
	return result;
}

/* Reads up to and including the text, which it takes from what was asked. */
static enum step_result read_up_to(struct connection *connection, const char *text)
{
	enum session_result result = SESSION_OK;

	for (;;) {
		const uint8_t *asked = connection->request.data;
		const uint8_t *found = asked ? memmem(asked, connection->request.length, text, strlen(text)) : NULL;

		if (found) {
			buffer_consume(&connection->request, (size_t)(found - asked) + strlen(text));
			return STEP_DONE;
		}
		if (connection->request.length > REQUEST_MAX)
			return connection_fail(connection, "the request is too long");
		if (result == SESSION_READ)
			return STEP_READ;
		result = receive(connection);
		if (result == SESSION_FAILED)
			return connection_fail(connection,
					       secured(connection) ? connection->session->error : "no memory");
	}
}

enum step_result action_read_request(struct connection *connection, const struct step *step)
{
	(void)step;
	return read_up_to(connection, "\r\n\r\n");
}

static enum step_result send_data(struct connection *connection, const void *bytes, size_t length)
{
	if (!secured(connection))
		return connection_send(connection, bytes, length) ? STEP_DONE
								  : connection_fail(connection, "too much to send");
	if (session_write(connection->session, bytes, length) != SESSION_OK ||
	    !connection_send_session(connection, session_written(connection->session)))
		return connection_fail(connection, connection->session->error);
	return STEP_DONE;
}

enum step_result action_send_data(struct connection *connection, const struct step *step)
{
	return send_data(connection, step->bytes.data, step->bytes.length);
}

/* The body ends with the connection, so that a client notices when the end is not an orderly one. */
enum step_result action_http(struct connection *connection, const struct step *step)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n";
	static const char line[] = "ok\n";
	struct buffer answer = {0};
	enum step_result result = read_up_to(connection, "\r\n\r\n");
	bool good = true;

	if (result != STEP_DONE)
		return result;
	good = buffer_append(&answer, head, strlen(head));
	for (long left = step->number; good && left > 0; left -= (long)strlen(line))
		good = buffer_append(&answer, line, left < (long)strlen(line) ? (size_t)left : strlen(line));
	result = good ? send_data(connection, answer.data, answer.length) : connection_fail(connection, "no memory");
	buffer_free(&answer);
	return result;
}

enum step_result action_close_notify(struct connection *connection, const struct step *step)
{
	if (!secured(connection))
		return step->label ? connection_fail(connection, "TLS is not up") : STEP_DONE;
	if (session_close_notify(connection->session) == SESSION_FAILED ||
	    !connection_send_session(connection, session_written(connection->session)))
		return connection_fail(connection, connection->session->error);
	return STEP_DONE;
}
