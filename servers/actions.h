/* actions.h: what each step of the table in steps.c does. Each is called again, with connection->phase as it left it, until
 * it is done; what it queues is sent by connection.c. */
#ifndef SERVERS_ACTIONS_H
#define SERVERS_ACTIONS_H

#include "servers/steps.h"

/* Nothing: the step is only a way to end the connection. */
enum step_result action_end(struct connection *connection, const struct step *step);
/* Waits until what was sent has been acknowledged, so that the client has it before the connection ends. */
enum step_result action_await_acknowledged(struct connection *connection, const struct step *step);
/* Waits step->number ms. */
enum step_result action_stall(struct connection *connection, const struct step *step);
/* Sends step->bytes, as often as step->number says. */
enum step_result action_send(struct connection *connection, const struct step *step);
/* Reads a whole ClientHello without taking it from a later handshake. */
enum step_result action_read_client_hello(struct connection *connection, const struct step *step);
/* Goes through the handshake to its end. */
enum step_result action_handshake(struct connection *connection, const struct step *step);
/* Reads one HTTP request, up to its empty line; over TLS once the handshake is through. */
enum step_result action_read_request(struct connection *connection, const struct step *step);
/* Sends step->bytes as application data; plain where there is no TLS. */
enum step_result action_send_data(struct connection *connection, const struct step *step);
/* Reads one HTTP request and answers it with 200 and a body of step->number bytes. */
enum step_result action_http(struct connection *connection, const struct step *step);
/* Sends close_notify where TLS is up; where it is not, does nothing if nobody asked for it. */
enum step_result action_close_notify(struct connection *connection, const struct step *step);

#endif
