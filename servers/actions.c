/* actions.c: what the steps do on a connection; see actions.h. */
#include "servers/actions.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "servers/connection.h"
#include "servers/control.h"
#include "servers/hello.h"
#include "servers/record.h"
#include "servers/session.h"
#include "servers/socket.h"
#include "servers/spec.h"
#include "servers/tls.h"

#define HEARD_MAX (64 * 1024) /* without what was waited for */
#define CROSSING_MS 1000 /* how long a client may be silent behind its Finished before the server goes on */

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

enum step_result action_await_data(struct connection *connection, const struct step *step)
{
	(void)step;
	return connection->arrived ? STEP_DONE : STEP_ARRIVAL;
}

enum step_result action_stall(struct connection *connection, const struct step *step)
{
	if (connection->phase++ == 0)
		connection->deadline = connection_now() + step->number;
	if (connection_now() < connection->deadline)
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
	if (hello) {
		connection->looked += used;
		buffer_free(&connection->hello);
		connection->hello = message;
	} else {
		buffer_free(&message);
	}
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

/* In TLS 1.3 the client goes on right behind its Finished, and what it says crosses the server's answer: tickets, or an
 * alert. On a path of any length its words leave first; here they are waited for, so that it is not up to the
 * scheduling. */
static bool hold_back(struct connection *connection)
{
	if (connection->phase == 0 && !connection->spec->hasty && session_answers_flight(connection->session) &&
	    !connection->eof) {
		connection->phase = 1;
		connection->deadline = connection_now() + CROSSING_MS;
		return true;
	}
	if (connection->phase == 0 || connection->eof || connection_now() >= connection->deadline)
		return false;
	/* one that says close_notify, and not a request, is about to close */
	return connection->in.length == 0 ||
	       (connection->answer == SESSION_OK && session_supply(connection) && session_ended(connection->session));
}

enum step_result action_handshake(struct connection *connection, const struct step *step)
{
	(void)step;
	if (connection->phase == 0) {
		if (!session_start(connection) || !session_supply(connection))
			return connection_fail(connection, "no memory for TLS");
		connection->answer = session_handshake(connection->session);
	}
	if (hold_back(connection))
		return STEP_READ;
	connection->deadline = 0;
	if (!connection_send_session(connection, session_written(connection->session)))
		return connection_fail(connection, "too much to send");
	connection->phase = 0;
	if (connection->answer == SESSION_READ)
		return STEP_READ;
	if (connection->answer == SESSION_FAILED)
		return handshake_failed(connection);
	connection->secured = true;
	handshake_done(connection);
	return STEP_DONE;
}

enum step_result action_handshake_until(struct connection *connection, const struct step *step)
{
	enum session_result result;
	bool reached;
	size_t end;

	if (!session_start(connection) || !session_supply(connection))
		return connection_fail(connection, "no memory for TLS");
	result = session_handshake(connection->session);
	end = session_written(connection->session);
	reached = session_reached(connection->session, step->target, &end);
	if (!connection_send_session(connection, end))
		return connection_fail(connection, "too much to send");
	if (reached)
		return STEP_DONE;
	if (result == SESSION_FAILED)
		return handshake_failed(connection);
	return result == SESSION_READ ? STEP_READ : connection_fail(connection, "the handshake has no such message");
}

enum step_result action_split(struct connection *connection, const struct step *step)
{
	connection->segment = (size_t)step->number;
	connection->record = (size_t)step->second;
	connection->each_acked = step->flag;
	return STEP_DONE;
}

enum step_result action_corrupt(struct connection *connection, const struct step *step)
{
	connection->corrupt = step;
	return STEP_DONE;
}

enum step_result action_send_hello(struct connection *connection, const struct step *step)
{
	char error[COMPLAINT_MAX];
	struct buffer message = {0};
	bool good;

	if (!connection->hello.length)
		return connection_fail(connection, "there is no \"read client-hello\" before it");
	good = hello_make(&message, step->object, step->flag, connection->hello.data, connection->hello.length, error);
	if (good && !record_append(&connection->out, RECORD_HANDSHAKE, TLS1_2_VERSION, message.data, message.length,
				   connection->record))
		good = complain(error, "too much to send");
	buffer_free(&message);
	return good ? STEP_DONE : connection_fail(connection, error);
}

/* What the client has said and no step has read yet: plain text before TLS, decrypted after the handshake. SESSION_OK
 * and SESSION_READ: more may come; SESSION_FAILED: no more will. */
static enum session_result hear(struct connection *connection, const char **text, size_t *length)
{
	enum session_result result = connection->secured && !session_supply(connection) ? SESSION_FAILED : SESSION_OK;

	while (connection->secured && result == SESSION_OK) {
		uint8_t bytes[4096];
		size_t fresh = 0;

		result = session_read(connection->session, bytes, sizeof(bytes), &fresh);
		if (!buffer_append(&connection->heard, bytes, fresh) ||
		    !connection_send_session(connection, session_written(connection->session)))
			result = SESSION_FAILED;
	}
	*length = connection->secured ? connection->heard.length : connection->in.length - connection->looked;
	if (*length == 0)
		*text = "";
	else
		*text = (const char *)(connection->secured ? connection->heard.data
							   : connection->in.data + connection->looked);
	return result;
}

/* Takes the first bytes of what was heard, for good: a handshake begins after them. */
static void take(struct connection *connection, size_t length)
{
	if (connection->secured) {
		buffer_consume(&connection->heard, length);
		return;
	}
	buffer_consume(&connection->in, connection->looked + length);
	connection->looked = 0;
}

/* What a step answers that has not heard enough. */
static enum step_result hear_more(struct connection *connection, enum session_result result, size_t length)
{
	if (result == SESSION_FAILED)
		return connection_fail(connection, connection->session->error);
	return length > HEARD_MAX ? connection_fail(connection, "the client says something else") : STEP_READ;
}

static enum step_result hear_up_to(struct connection *connection, const void *wanted, size_t wanted_length)
{
	const char *text, *found;
	size_t length;
	enum session_result result = hear(connection, &text, &length);

	found = memmem(text, length, wanted, wanted_length);
	if (!found)
		return hear_more(connection, result, length);
	take(connection, (size_t)(found - text) + wanted_length);
	return STEP_DONE;
}

enum step_result action_expect(struct connection *connection, const struct step *step)
{
	return hear_up_to(connection, step->bytes.data, step->bytes.length);
}

enum step_result action_read_request(struct connection *connection, const struct step *step)
{
	(void)step;
	return hear_up_to(connection, "\r\n\r\n", 4);
}

enum step_result action_expect_exactly(struct connection *connection, const struct step *step)
{
	const char *bytes;
	size_t length;
	enum session_result result = hear(connection, &bytes, &length);
	size_t known = length < step->bytes.length ? length : step->bytes.length;

	if (memcmp(bytes, step->bytes.data, known) != 0)
		return connection_fail(connection, "the client says something else");
	if (known < step->bytes.length)
		return hear_more(connection, result, length);
	take(connection, known);
	return STEP_DONE;
}

enum step_result action_read_bytes(struct connection *connection, const struct step *step)
{
	const char *bytes;
	size_t length;
	enum session_result result = hear(connection, &bytes, &length);

	if (length < (size_t)step->number)
		return result == SESSION_FAILED ? connection_fail(connection, connection->session->error) : STEP_READ;
	take(connection, (size_t)step->number);
	return STEP_DONE;
}

enum step_result action_read_to_end(struct connection *connection, const struct step *step)
{
	const char *bytes;
	size_t length;

	(void)step;
	hear(connection, &bytes, &length);
	take(connection, length);
	return connection->eof ? STEP_DONE : STEP_READ;
}

static bool say(struct connection *connection, const void *bytes, size_t length)
{
	if (!connection->secured)
		return connection_send(connection, bytes, length);
	return length == 0 || (session_write(connection->session, bytes, length) == SESSION_OK &&
			       connection_send_session(connection, session_written(connection->session)));
}

static bool line_contains(const char *line, size_t length, const char *word)
{
	size_t wanted = strlen(word);

	for (size_t at = 0; at + wanted <= length; at++)
		if (strncasecmp(line + at, word, wanted) == 0)
			return true;
	return false;
}

/* The answer's text, with the line's first word, which IMAP calls the tag, for ${tag}. */
static bool say_answer(struct connection *connection, const char *answer, const char *line, size_t length)
{
	static const char mark[] = "${tag}";
	const char *space = memchr(line, ' ', length);
	struct buffer whole = {0};
	const char *at;
	bool good = true;

	for (; good && (at = strstr(answer, mark)); answer = at + strlen(mark))
		good = buffer_append(&whole, answer, (size_t)(at - answer)) &&
		       buffer_append(&whole, line, space ? (size_t)(space - line) : length);
	good = good && buffer_append(&whole, answer, strlen(answer)) && say(connection, whole.data, whole.length);
	buffer_free(&whole);
	return good;
}

/* Answers one line; *last tells whether by the last pair. False when no pair is for it. */
static bool answer_line(struct connection *connection, json_t *pairs, const char *line, size_t length, bool *last)
{
	json_t *pair;
	size_t i;

	json_array_foreach(pairs, i, pair)
		if (line_contains(line, length, json_string_value(json_array_get(pair, 0)))) {
			*last = i + 1 == json_array_size(pairs);
			return say_answer(connection, json_string_value(json_array_get(pair, 1)), line, length);
		}
	return false;
}

enum step_result action_answer_lines(struct connection *connection, const struct step *step)
{
	bool last = false;

	while (!last) {
		const char *text, *end;
		size_t length, line;
		enum session_result result = hear(connection, &text, &length);

		end = memchr(text, '\n', length);
		if (!end)
			return hear_more(connection, result, length);
		line = (size_t)(end - text) + 1;
		if (!answer_line(connection, step->object, text, line, &last))
			return connection_fail(connection, "the client says something that has no answer");
		take(connection, line);
	}
	return STEP_DONE;
}

enum step_result action_send_data(struct connection *connection, const struct step *step)
{
	return say(connection, step->bytes.data, step->bytes.length) ? STEP_DONE
								     : connection_fail(connection, "it cannot be sent");
}

/* The body ends with the connection, so that a client notices when the end is not an orderly one. */
enum step_result action_http(struct connection *connection, const struct step *step)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n";
	static const char line[] = "ok\n";
	struct buffer answer = {0};
	enum step_result result = hear_up_to(connection, "\r\n\r\n", 4);
	bool good;

	if (result != STEP_DONE)
		return result;
	good = buffer_append(&answer, head, strlen(head));
	for (long left = step->number; good && left > 0; left -= (long)strlen(line))
		good = buffer_append(&answer, line, left < (long)strlen(line) ? (size_t)left : strlen(line));
	if (!good || !say(connection, answer.data, answer.length))
		result = connection_fail(connection, "it cannot be sent");
	buffer_free(&answer);
	return result;
}

enum step_result action_close_notify(struct connection *connection, const struct step *step)
{
	if (!connection->secured)
		return step->label ? connection_fail(connection, "TLS is not up") : STEP_DONE;
	if (session_close_notify(connection->session) == SESSION_FAILED ||
	    !connection_send_session(connection, session_written(connection->session)))
		return connection_fail(connection, connection->session->error);
	return STEP_DONE;
}
