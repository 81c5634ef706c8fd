/* server_check.h: whether a server can be what a scenario says, found out when the file is read: the server itself says
 * so only in the cell, and knows no file and line. */
#ifndef HARNESS_SERVER_CHECK_H
#define HARNESS_SERVER_CHECK_H

#include <stdbool.h>

#include "harness/scenario.h"

/* The names of options and the steps. What OpenSSL thinks of an option's value depends on its version and on the files
 * of the run: that is for the server to say. False, with the place in the document's error. */
bool server_check(struct document *document, const struct scenario_server *server);

#endif
