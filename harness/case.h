/* case.h: one case in its cell: server, client and captures; then the analyzer on what was captured.
 *
 * The body for cell_fork(): it runs in the first process of fresh namespaces, writes what happened as two JSON
 * objects into the case's folder, and judges nothing (check.h does). The analyzer runs in the same namespaces, because
 * making others would cost as much again as the cell: the only network that it sees is the lab's.
 *
 * cell.json:
 *     {"client": {"status": 35, "signal": 0, "late": false, "output": "curl: (35) …"},
 *      "times": {"started": 1795416391440614370, "ended": …, "lines": [{"time": …, "text": "curl: (35) …"}]},
 *      "server": [events of tlslab-server …],
 *      "counters": [{"chain": "forward", "name": "", "packets": 3}],
 *      "packets": {"client": 8, "server": 8}}
 *   or {"error": "why the case could not be run"} or {"skip": "what the machine lacks"}
 * analyzer.json, if the cell came to its end:
 *     {"status": 1, "signal": 0, "late": false, "output": "{…verdict…}\n", "words": "standard error"}
 *   with, where the analyzer compares captures, "between": {"status": 1, "output": "{…}\n", "words": "standard error"}
 *   or {"error": …}
 */
#ifndef HARNESS_CASE_H
#define HARNESS_CASE_H

#include "harness/variant.h"

#include <sched.h>

enum {
	CASE_PORT = 443,
};

struct case_setting {
	const struct variant *variant;
	const char *folder; /* of this case; exists */
	const char *certificates; /* folder made by `tlslab-server mint` */
	struct stock *stock; /* of them, for the server */
	const cpu_set_t *cpus; /* where the analyzer may run */
	const char *analyzer; /* command line for sh, to which the capture's path is added */
	const char *pair_analyzer; /* the same, to which --at-client PATH --at-server PATH is added; NULL: none */
};

/* context: const struct case_setting *. Returns the exit status: 0 when the JSON files have been written, else the
 * errno that says why the folder takes no more. */
int case_run(void *context);

/* The server's address in a family: "203.0.113.20" for "ipv4". */
const char *case_server_address(const char *family);

/* How long case_run() may take at most, in milliseconds, waits of the client and of the analyzer included. */
int case_limit_ms(const struct variant *variant);

/* The path of a file in a case's folder, in buffer (PATH_MAX bytes); returned. */
const char *case_file(const char *folder, const char *name, char *buffer);

#endif
