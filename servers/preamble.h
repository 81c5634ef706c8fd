/* preamble.h: what a server says in plain text before TLS (STARTTLS, CONNECT), as dialogues in a table.
 *
 * A dialogue is nothing but steps: {"preamble": "smtp"} stands for the greeting, and the lines that are answered until
 * STARTTLS is. The last answer is the protocol's yes, its no, or a text of the scenario.
 */
#ifndef SERVERS_PREAMBLE_H
#define SERVERS_PREAMBLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The steps of a protocol's preamble, a list as in a specification, with the last answer: answer, or if that is NULL
 * the protocol's no or yes. NULL for an unknown protocol; the caller releases the list. */
json_t *preamble_steps(const char *protocol, bool refuse, const char *answer);
/* The index-th protocol's name; NULL past the last. */
const char *preamble_name(size_t index);

#endif
