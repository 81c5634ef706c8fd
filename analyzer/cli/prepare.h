/* prepare.h: what every way of reading packets does before the first one: gives up privileges, opens what it needs,
 * locks itself in. Each says what went wrong and returns false. */
#ifndef CLI_PREPARE_H
#define CLI_PREPARE_H

#include "analyzer/cli/analysis.h"
#include "analyzer/cli/inputs.h"
#include "analyzer/cli/privilege.h"
#include "analyzer/cli/source.h"

/* Finds out whom to become, with `who` to be freed by the caller. */
bool prepare_identity(struct analysis *a, struct identity *who);
/* Becomes whoever -Z names or called sudo. */
bool prepare_privilege(struct analysis *a);

/* Opens the interface; `promiscuous` where -p does not forbid it. NULL when it could not. */
struct source *prepare_interface(struct analysis *a, const char *filter, bool promiscuous);

/* Opens what --save writes, where that is wanted, unless one of those files is it. Then says where the packets come
 * from: `fd` as save_begin() takes it. */
bool prepare_save(struct analysis *a, const struct inputs *captures, const struct inputs *keylogs);
bool prepare_saving(struct analysis *a, int fd);

/* Locks the process in (confine.h); `fd` may be written to, -1: none, and what --save needs. A kernel without seccomp
 * is worth a warning where nobody's privileges are at stake, and forbids to go on where an interface is open. */
bool prepare_confinement(struct analysis *a, int fd);

/* The filter for what a source gives. */
bool prepare_filter(struct analysis *a);
bool prepare_keylogs(struct analysis *a, struct inputs *keylogs);
/* What the client printed, for the report, which there must be. */
bool prepare_client_logs(struct analysis *a, struct inputs *logs);

#endif
