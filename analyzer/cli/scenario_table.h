/* scenario_table.h: the lab's scenarios by the signatures that they make, for those who look for one to try. The rows
 * are made from the scenario files when tlsdiag is built (tools/scenario-table), so that it needs neither them nor
 * YAML. */
#ifndef CLI_SCENARIO_TABLE_H
#define CLI_SCENARIO_TABLE_H

#include <stddef.h>

/* One for each signature that a scenario's cases expect; rows of one scenario stand together. */
struct scenario_row {
	const char *name; /* "server-hello/reset", as tlslab run takes it */
	const char *title;
	const char *signature;
};

extern const struct scenario_row scenario_rows[];
extern const size_t scenario_row_count;

#endif
