/* actions.h: what each step of the table in steps.c does. Each is called again, with connection->phase as it left it,
 * until it is done; what it queues is sent by connection.c. */
#ifndef SERVERS_ACTIONS_H
#define SERVERS_ACTIONS_H

#include "servers/steps.h"

/* Nothing: the step is only a way to end the connection. */
enum step_result action_end(struct connection *connection, const struct step *step);
/* Waits until what was sent has been acknowledged, so that the client has it before the connection ends. */
enum step_result action_await_acknowledged(struct connection *connection, const struct step *step);
/* Waits until the client's data has arrived, whether or not it was taken in. */
enum step_result action_await_data(struct connection *connection, const struct step *step);
/* Waits step->number ms. */
enum step_result action_stall(struct connection *connection, const struct step *step);
/* Sends step->bytes, as often as step->number says. */
enum step_result action_send(struct connection *connection, const struct step *step);
/* Reads a whole ClientHello without taking it from a later handshake. */
enum step_result action_read_client_hello(struct connection *connection, const struct step *step);
/* Goes through the handshake to its end. */
enum step_result action_handshake(struct connection *connection, const struct step *step);
/* Goes through the handshake until step->target has been sent or read, and keeps back what OpenSSL says after it. */
enum step_result action_handshake_until(struct connection *connection, const struct step *step);
/* From here on, segments of step->number bytes, each acknowledged before the next if step->flag, and records of
 * step->second bytes in the clear; 0: as they come. */
enum step_result action_split(struct connection *connection, const struct step *step);
/* Changes byte step->number of the next step->target that is sent. */
enum step_result action_corrupt(struct connection *connection, const struct step *step);
/* Answers the ClientHello that was read with a ServerHello made by hand, or a HelloRetryRequest if step->flag. */
enum step_result action_send_hello(struct connection *connection, const struct step *step);
/* Reads up to and including the text, or exactly the bytes, of step->bytes. This and what follows is about plain text
 * until the handshake is through, and about application data from then on. */
enum step_result action_expect(struct connection *connection, const struct step *step);
enum step_result action_expect_exactly(struct connection *connection, const struct step *step);
/* Reads step->number bytes, and no matter which. */
enum step_result action_read_bytes(struct connection *connection, const struct step *step);
/* Answers lines by the pairs of step->object until the last pair has been used. */
enum step_result action_answer_lines(struct connection *connection, const struct step *step);
/* Reads an HTTP request without a body. */
enum step_result action_read_to_end(struct connection *connection, const struct step *step);
enum step_result action_read_request(struct connection *connection, const struct step *step);
/* Sends step->bytes, over TLS once the handshake is through. */
enum step_result action_send_data(struct connection *connection, const struct step *step);
/* Reads one HTTP request and answers it with 200 and a body of step->number bytes. */
enum step_result action_http(struct connection *connection, const struct step *step);
/* Sends close_notify where TLS is up; where it is not, does nothing if nobody asked for it. */
enum step_result action_close_notify(struct connection *connection, const struct step *step);

#endif
