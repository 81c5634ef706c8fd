/* session.c: OpenSSL over memory BIOs, with its messages noted by the message callback; see session.h. */
#include "servers/session.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SHA-256 of "HelloRetryRequest" */
const uint8_t session_retry_random[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
					  0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
					  0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

static const struct session_target targets[] = {
	{"server-hello", true, {SSL3_MT_SERVER_HELLO, -1}},
	{"hello-retry-request", true, {SESSION_HELLO_RETRY_REQUEST, -1}},
	{"encrypted-extensions", true, {SSL3_MT_ENCRYPTED_EXTENSIONS, -1}},
	{"certificate-request", true, {SSL3_MT_CERTIFICATE_REQUEST, -1}},
	{"certificate", true, {SSL3_MT_CERTIFICATE, -1}},
	{"certificate-status", true, {SSL3_MT_CERTIFICATE_STATUS, -1}},
	{"certificate-verify", true, {SSL3_MT_CERTIFICATE_VERIFY, -1}},
	{"server-key-exchange", true, {SSL3_MT_SERVER_KEY_EXCHANGE, -1}},
	{"server-hello-done", true, {SSL3_MT_SERVER_DONE, -1}},
	{"new-session-ticket", true, {SSL3_MT_NEWSESSION_TICKET, -1}},
	{"change-cipher-spec", true, {SESSION_CHANGE_CIPHER_SPEC, -1}},
	{"application-data", true, {SESSION_APPLICATION_DATA, -1}},
	{"finished", true, {SSL3_MT_FINISHED, -1}},
	/* TLS 1.2 ends it with ServerHelloDone, TLS 1.3 and a resumption with Finished */
	{"server-flight", true, {SSL3_MT_SERVER_DONE, SSL3_MT_FINISHED}},
	{"client-hello", false, {SSL3_MT_CLIENT_HELLO, -1}},
	{"client-certificate", false, {SSL3_MT_CERTIFICATE, -1}},
	{"client-key-exchange", false, {SSL3_MT_CLIENT_KEY_EXCHANGE, -1}},
	{"client-certificate-verify", false, {SSL3_MT_CERTIFICATE_VERIFY, -1}},
	{"client-finished", false, {SSL3_MT_FINISHED, -1}},
	{"client-flight", false, {SSL3_MT_FINISHED, -1}},
};

const struct session_target *session_target(const char *name)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (strcmp(targets[i].name, name) == 0)
			return &targets[i];
	return NULL;
}

const char *session_target_name(size_t index)
{
	return index < sizeof(targets) / sizeof(*targets) ? targets[index].name : NULL;
}

bool session_reached(const struct session *session, const struct session_target *target, size_t *end)
{
	for (size_t i = 0; i < session->event_count; i++) {
		const struct session_event *event = &session->events[i];

		if (event->written == target->written &&
		    (event->message == target->messages[0] || event->message == target->messages[1])) {
			*end = event->end;
			return true;
		}
	}
	return false;
}

static int message_type(int content_type, const uint8_t *bytes, size_t length)
{
	if (content_type == SSL3_RT_CHANGE_CIPHER_SPEC)
		return SESSION_CHANGE_CIPHER_SPEC;
	if (content_type != SSL3_RT_HANDSHAKE || length < SSL3_HM_HEADER_LENGTH)
		return -1;
	/* handshake header (4), legacy_version (2), random */
	if (bytes[0] == SSL3_MT_SERVER_HELLO && length >= 38 && memcmp(bytes + 6, session_retry_random, 32) == 0)
		return SESSION_HELLO_RETRY_REQUEST;
	return bytes[0];
}

/* OpenSSL announces each record's header when it writes it, and each message after its last record. */
static void note_message(int write_p, int version, int content_type, const void *data, size_t length, SSL *ssl,
			 void *arg)
{
	struct session *session = arg;
	struct session_event *event = &session->events[session->event_count];
	const uint8_t *bytes = data;
	int message;

	(void)version;
	(void)ssl;
	if (content_type == SSL3_RT_HEADER && write_p && length >= SSL3_RT_HEADER_LENGTH) {
		session->announced += SSL3_RT_HEADER_LENGTH + (size_t)(bytes[3] << 8 | bytes[4]);
		session->ciphered = session->ciphered || bytes[0] == SSL3_RT_APPLICATION_DATA;
		return;
	}
	/* One of another version than was agreed on is an error to OpenSSL, which does not say that it was an alert. */
	if (content_type == SSL3_RT_HEADER && length > 0 && bytes[0] == SSL3_RT_ALERT)
		session->alerted = true;
	message = message_type(content_type, bytes, length);
	if (content_type == SSL3_RT_ALERT)
		session->boundary = session->announced;
	if (message < 0 || session->event_count == SESSION_EVENTS_MAX)
		return;
	*event = (struct session_event){.written = write_p,
					.encrypted = session->ciphered,
					.message = message,
					.start = write_p ? session->boundary : session->announced,
					.end = session->announced};
	session->event_count++;
	session->boundary = session->announced;
	/* After its ChangeCipherSpec a TLS 1.2 server encrypts; in TLS 1.3 it stands for nothing (RFC 8446, 5). */
	if (write_p && message == SESSION_CHANGE_CIPHER_SPEC)
		session->ciphered = true;
}

struct session *session_new(SSL_CTX *context)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->ssl = SSL_new(context);
	session->in = BIO_new(BIO_s_mem());
	session->output = BIO_new(BIO_s_mem());
	if (!session->ssl || !session->in || !session->output) {
		BIO_free(session->in);
		BIO_free(session->output);
		SSL_free(session->ssl);
		free(session);
		return NULL;
	}
	SSL_set_bio(session->ssl, session->in, session->output);
	SSL_set_accept_state(session->ssl);
	SSL_set_msg_callback(session->ssl, note_message);
	SSL_set_msg_callback_arg(session->ssl, session);
	return session;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	SSL_free(session->ssl);
	buffer_free(&session->out);
	free(session);
}

bool session_feed(struct session *session, const uint8_t *bytes, size_t length)
{
	return length == 0 || BIO_write(session->in, bytes, (int)length) == (int)length;
}

void session_feed_end(struct session *session)
{
	BIO_set_mem_eof_return(session->in, 0);
}

static void say_why(struct session *session, int code)
{
	unsigned long error = ERR_peek_error();
	const char *reason = error ? ERR_reason_error_string(error) : NULL;

	session->alerted = session->alerted || code == SSL_ERROR_ZERO_RETURN ||
			   (error && ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET);
	if (code == SSL_ERROR_ZERO_RETURN)
		reason = "the client sent close_notify";
	snprintf(session->error, sizeof(session->error), "%s", reason ? reason : "the client closed the connection");
}

/* Moves what OpenSSL wrote to out and turns its answer into ours. */
static enum session_result settle(struct session *session, int answer)
{
	int code = SSL_get_error(session->ssl, answer);
	size_t length = BIO_ctrl_pending(session->output);
	uint8_t *room = buffer_room(&session->out, length);

	session->boundary = session->announced;
	if (room && length && BIO_read(session->output, room, (int)length) == (int)length)
		session->out.length += length;
	if (code == SSL_ERROR_NONE)
		return SESSION_OK;
	if (code == SSL_ERROR_WANT_READ)
		return SESSION_READ;
	say_why(session, code);
	return SESSION_FAILED;
}

enum session_result session_handshake(struct session *session)
{
	ERR_clear_error();
	return settle(session, SSL_do_handshake(session->ssl));
}

enum session_result session_read(struct session *session, uint8_t *bytes, size_t size, size_t *length)
{
	*length = 0;
	ERR_clear_error();
	return settle(session, SSL_read_ex(session->ssl, bytes, size, length));
}

enum session_result session_write(struct session *session, const void *bytes, size_t length)
{
	size_t written, start = session->announced;
	enum session_result result;

	ERR_clear_error();
	result = settle(session, SSL_write_ex(session->ssl, bytes, length, &written));
	if (result == SESSION_OK && session->event_count < SESSION_EVENTS_MAX)
		session->events[session->event_count++] = (struct session_event){.written = true,
										 .encrypted = true,
										 .message = SESSION_APPLICATION_DATA,
										 .start = start,
										 .end = session->announced};
	return result;
}

enum session_result session_close_notify(struct session *session)
{
	int answer;

	ERR_clear_error();
	answer = SSL_shutdown(session->ssl);
	/* 0: ours is sent, the client's has not come, which nobody waits for here */
	return settle(session, answer == 0 ? 1 : answer);
}

bool session_ended(struct session *session)
{
	char byte;

	ERR_clear_error();
	return SSL_peek(session->ssl, &byte, 1) <= 0 && SSL_get_shutdown(session->ssl) & SSL_RECEIVED_SHUTDOWN;
}

bool session_answers_flight(const struct session *session)
{
	if (session->out.length == 0 || SSL_version(session->ssl) != TLS1_3_VERSION)
		return false;
	for (size_t i = 0; i < session->event_count; i++) {
		const struct session_event *event = &session->events[i];

		if (event->written && event->message == SSL3_MT_FINISHED)
			return event->end <= session->taken;
	}
	return false;
}

size_t session_written(const struct session *session)
{
	return session->taken + session->out.length;
}
