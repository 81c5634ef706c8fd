/* pair.h: two captures of the same attempts, at the client and at the server, compared: `tlsdiag --at-client A --at-server B`. */
#ifndef CLI_PAIR_H
#define CLI_PAIR_H

#include "analyzer/cli/command.h"
#include "analyzer/cli/filter.h"
#include "analyzer/cli/keylog_file.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/report.h"

struct pair_run {
	const struct options *options;
	struct report *report;
	struct filter *filter; /* NULL: every packet */
	const struct keylog_files *keylogs;
};

/* Reads both captures and reports one verdict for each connection that either has. Says on standard error what it could not
 * do; without both captures nothing is reported. */
enum exit_status pair_captures(const struct pair_run *run);

#endif
