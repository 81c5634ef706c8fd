/* report_between.h: what two captures show of the way between them, in a report: lines for people, an object for
 * machines. */
#ifndef CLI_REPORT_BETWEEN_H
#define CLI_REPORT_BETWEEN_H

#include "analyzer/cli/between.h"
#include "analyzer/cli/json_writer.h"
#include "analyzer/cli/layout.h"

/* Whether there is anything to say of a connection that did not fail. */
bool between_differs(const struct between *between);

/* Lines beneath a connection's. */
void between_text(struct layout *l, const struct between *between);

/* The member "between" of an object. */
void between_json(struct json_writer *w, const struct between *between);

#endif
