/* session.h: one OpenSSL connection over memory, and which handshake message lies where in what it wrote.
 *
 * OpenSSL writes a whole flight at once. To send it only up to a message, or with one message changed, its output is
 * kept here together with an event for each message written or read; the caller takes from it as much as it wants to
 * send.
 */
#ifndef SERVERS_SESSION_H
#define SERVERS_SESSION_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/buffer.h"

#define SESSION_EVENTS_MAX 128 /* handshake messages of one connection that are remembered */

/* Handshake types as IANA has them, and two that it has not. */
enum {
	SESSION_HELLO_RETRY_REQUEST = 0x100, /* a ServerHello with the random of RFC 8446, 4.1.3 */
	SESSION_CHANGE_CIPHER_SPEC = 0x101,
	SESSION_APPLICATION_DATA = 0x102, /* what one session_write() wrote */
};

extern const uint8_t session_retry_random[32]; /* what makes a ServerHello a HelloRetryRequest (RFC 8446, 4.1.3) */

enum session_result { SESSION_OK, SESSION_READ, SESSION_FAILED };

struct session_event {
	bool written;
	bool encrypted;
	int message;
	size_t start; /* where its records lie in the output, counted from the first byte ever written; */
	size_t end; /* for a message read, both are how much was written before it was answered */
};

struct session {
	SSL *ssl;
	BIO *in;
	BIO *output;
	size_t announced; /* bytes of records written, as their headers said */
	size_t boundary; /* where the next message's first record starts */
	bool ciphered; /* we have sent ChangeCipherSpec or an encrypted record */
	struct session_event events[SESSION_EVENTS_MAX];
	size_t event_count;
	struct buffer out; /* written and not yet taken */
	size_t taken;
	bool alerted; /* the client sent an alert, or what OpenSSL makes of one */
	char error[256]; /* after SESSION_FAILED */
};

/* NULL without memory. Free with session_free(). */
struct session *session_new(SSL_CTX *context);
void session_free(struct session *session);

/* Bytes that came from the client. */
bool session_feed(struct session *session, const uint8_t *bytes, size_t length);
/* The client has ended its side: what is missing now will not come. */
void session_feed_end(struct session *session);

/* Each answers SESSION_READ when it needs more bytes from the client; output may be there after any result. */
enum session_result session_handshake(struct session *session);
enum session_result session_read(struct session *session, uint8_t *bytes, size_t size, size_t *length);
enum session_result session_write(struct session *session, const void *bytes, size_t length);
enum session_result session_close_notify(struct session *session);

/* Messages, or the end of a flight, by the names of the step language: "server-hello", "server-flight",
 * "client-finished". */
struct session_target {
	const char *name;
	bool written; /* by the server */
	int messages[2]; /* either of them; -1: none */
};

/* NULL when there is no such name. */
const struct session_target *session_target(const char *name);
/* The index-th name; NULL past the last. */
const char *session_target_name(size_t index);
/* Whether the first such message has been written or read; *end is then how much was written up to it. */
bool session_reached(const struct session *session, const struct session_target *target, size_t *end);

/* How much has ever been written, taken or not. */
size_t session_written(const struct session *session);
/* Whether the client has said close_notify and will say nothing more; what is fed has then been read. */
bool session_ended(struct session *session);
/* Whether this is TLS 1.3, and what is written and not taken answers the client's second flight. */
bool session_answers_flight(const struct session *session);

#endif
