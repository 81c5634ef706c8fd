/* pair.h: two captures of the same attempts, at the client and at the server, compared: `tlsdiag --at-client A
 * --at-server B`. */
#ifndef CLI_PAIR_H
#define CLI_PAIR_H

#include "analyzer/cli/command.h"
#include "analyzer/cli/options.h"

/* Reads both captures and reports one verdict for each connection that either has. Says on standard error what it could
 * not do; without both captures nothing is reported. */
enum exit_status pair_captures(const struct options *options);

#endif
