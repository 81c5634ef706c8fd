/* steps.h: the step language: what a server does on a connection, one step after the other.
 *
 * A step is a string, "NAME" or "NAME ARGUMENT", or an object with one key, {"NAME": ARGUMENT}. The table in steps.c is
 * the language: a row is a name, how its argument is read, and what it does (actions.h). After the last step the server
 * says close_notify where TLS is up and ends the connection with a FIN, unless the list itself ended it.
 */
#ifndef SERVERS_STEPS_H
#define SERVERS_STEPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/buffer.h"
#include "servers/complain.h"

#define STEPS_MAX 256
#define STEPS_STALL_MAX (3600 * 1000) /* ms */

struct connection;
struct session_target;
struct step;

enum step_result {
	STEP_DONE,
	STEP_READ, /* call again when more has been read, or the client has ended its side */
	STEP_ACKED, /* call again when all that was sent has been acknowledged */
	STEP_ARRIVAL, /* call again when data has arrived, taken in or not (connection->arrived) */
	STEP_TIMER, /* call again when connection->deadline has passed */
	STEP_FAILED, /* it cannot be done, and the event that says why has been sent */
};

/* How a connection goes on after a step. */
enum step_end {
	STEP_GOES_ON,
	STEP_CLOSES, /* our FIN, then everything is read until the client's, so that no RST follows */
	STEP_RESETS, /* RST */
	STEP_HOLDS, /* nothing more is sent or read until the client ends its side */
};

struct step_kind {
	const char *name;
	const char *argument; /* how it is written; NULL: none */
	const char *help;
	/* Reads the argument into the step; NULL when there is none. Adds one line to error and returns false when
	 * wrong. */
	bool (*read)(struct step *step, json_t *argument, char *error);
	/* Instead of read and run: the steps that it stands for, a list as in a specification. NULL, with one line in
	 * error, when the argument is wrong. */
	json_t *(*expand)(json_t *argument, char *error);
	enum step_result (*run)(struct connection *connection, const struct step *step);
	bool optional; /* the argument may be left out: read() is then given NULL */
	bool watches; /* wants to know of data that has not been taken in */
	bool reads; /* takes in bytes from the client */
	bool later; /* it is reported when what it asks for happens (connection.c), not when it has been run */
	bool joins; /* what it sends leaves together with what the step before it sent */
	enum step_end end;
};

struct step {
	const struct step_kind *kind;
	char *label; /* as the specification spells it, without an object's argument; NULL: not reported */
	struct buffer bytes; /* what to send or to expect */
	long number;
	long second;
	bool flag;
	const struct session_target *target;
	json_t *object; /* an argument that is read where it is used, already validated */
};

struct steps {
	struct step step[STEPS_MAX];
	size_t count;
	bool awaits_data; /* some step wants to know of data that has not been taken in */
	bool deaf; /* the list ends the connection before it reads: the client's data must not be taken in until then */
};

/* Reads a list of steps. False, with one line in error, when it is not valid; steps_free() then still has to be
 * called. */
bool steps_parse(struct steps *steps, json_t *list, char error[static COMPLAINT_MAX]);
/* The steps of a server that is well: handshake, http. */
bool steps_default(struct steps *steps, char error[static COMPLAINT_MAX]);
void steps_free(struct steps *steps);

/* The index-th kind of step; NULL past the last. */
const struct step_kind *steps_kind(size_t index);

/* Reads hexadecimal digits, in pairs that may be separated by white space, and appends the bytes. */
bool steps_hex(const char *text, struct buffer *bytes);

#endif
