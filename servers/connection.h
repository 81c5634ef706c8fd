/* connection.h: one client's connection and its way through the steps.
 *
 * A connection never blocks: it runs steps until one has to wait, says with connection_interest() and its deadline what
 * for, and goes on when connection_ready() is called. What a step sends is queued and leaves, as segments of the wanted
 * size, before the next step begins; only then is the step reported. After the last step it is closing (our FIN is
 * sent, everything the client still says is read, so that no RST follows), holding, or gone.
 */
#ifndef SERVERS_CONNECTION_H
#define SERVERS_CONNECTION_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/arrival.h"
#include "servers/buffer.h"
#include "servers/session.h"
#include "servers/steps.h"

struct control;
struct spec;

enum connection_state { CONNECTION_RUNS, CONNECTION_HOLDS, CONNECTION_CLOSES, CONNECTION_GONE };

enum connection_wait { WAIT_NOTHING, WAIT_READ, WAIT_WRITE, WAIT_ACKED, WAIT_ARRIVAL, WAIT_TIMER };

struct connection {
	int fd;
	unsigned id; /* 1 for the first */
	struct control *control; /* where events go */
	const struct spec *spec;
	SSL_CTX *tls;
	enum connection_state state;
	enum connection_wait wait;
	struct arrival peer;
	bool arrived; /* data has, whether or not it was taken in */
	bool eof; /* the client has ended its side */
	bool broken; /* by a reset, or by more data than fits */
	bool shut; /* our FIN is sent */
	bool told; /* the end has been reported */
	int64_t deadline; /* ms of CLOCK_MONOTONIC, of WAIT_TIMER, or after which nothing is waited for; 0: none */
	size_t step; /* the one that runs */
	size_t reported; /* steps done that have been reported */
	unsigned phase; /* how far the running step is; 0 when it begins */
	struct buffer hello; /* the last ClientHello that a step read, a handshake message */
	struct buffer in; /* received; a ClientHello that was read stays here for a handshake */
	size_t looked; /* how much of in the steps have read */
	struct buffer out; /* to be sent */
	size_t segment; /* bytes a segment; 0: as TCP likes */
	bool each_acked; /* the next segment waits until the one before has been acknowledged */
	size_t record; /* bytes a plaintext record; 0: as they come */
	const struct step *corrupt; /* which message is changed on its way out, and where; NULL: none */
	struct session *session;
	enum session_result answer; /* of the session, while what it wrote is held back */
	bool secured; /* the handshake is through */
	struct buffer heard; /* decrypted, and not yet read by a step */
};

/* The clock of deadlines: ms of CLOCK_MONOTONIC. */
int64_t connection_now(void);

/* Takes over fd. NULL, and fd closed, without memory. */
struct connection *connection_new(int fd, unsigned id, struct control *control, const struct spec *spec, SSL_CTX *tls);
/* Closes what is still open without waiting. */
void connection_free(struct connection *connection);

/* Goes on as far as possible; events are epoll's, 0 to begin with or when the deadline has passed. */
void connection_ready(struct connection *connection, uint32_t events);
/* The epoll events that it waits for. */
uint32_t connection_interest(const struct connection *connection);
/* Nothing will come of it any more: the server ends. */
bool connection_lingers(const struct connection *connection);

/* For the steps. */
bool connection_send(struct connection *connection, const void *bytes, size_t length);
/* Queues what the session has written up to a position of its output, changed and cut as the steps before want it. */
bool connection_send_session(struct connection *connection, size_t end);
/* Reports that the running step cannot be done, and why. */
enum step_result connection_fail(struct connection *connection, const char *why);

#endif
