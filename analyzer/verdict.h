/* verdict.h: from an attempt to a verdict: a pure function, without input or output.
 *
 * Theory of operation. reading_make() finds the event that ended the wait, if any. The milestones before it give the
 * stage. An ordered table of rules then says the rest; the first rule that applies has the word. Each rule is one
 * function and one row of a test.
 */
#ifndef ANALYZER_VERDICT_H
#define ANALYZER_VERDICT_H

#include "conclusion.h"
#include "reading.h"

/* Says what became of it; *c holds nothing that is to be freed. */
void verdict_decide(const struct reading *r, struct conclusion *c);

#endif
