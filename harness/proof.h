/* proof.h: what the server's events prove: which steps were done, how the handshake went, whether it is over.
 *
 * Events are the JSON objects that tlslab-server writes on its control socket, in an array in the order in which they
 * came. A case waits until they are complete; the check judges by the same rules.
 */
#ifndef HARNESS_PROOF_H
#define HARNESS_PROOF_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/scenario.h"

/* The first of the listed steps that no connection did, all before it done in order; NULL when one did all. `steps` is
 * the list as given to the server. The string lives as long as `steps`. */
const char *proof_missing_step(json_t *events, json_t *steps);

/* Whether some handshake event says what is demanded. */
bool proof_handshake(json_t *events, const struct scenario_server_words *demand);

/* The text of the last handshake event, "done" or its error; NULL when there is none. Lives as long as `events`. */
const char *proof_handshake_said(json_t *events);

/* The message of an error event, or NULL. Lives as long as `events`. */
const char *proof_error(json_t *events);

/* Whether nothing more is to be expected: all that is demanded is there, and every connection is closed of those that
 * the server counted when it was asked. Before it was, there may be some that it does not know of. Where the demand
 * says that it does not notice the end, they need not be closed. */
bool proof_complete(json_t *events, json_t *steps, const struct scenario_server_words *demand);

#endif
