/* pair_all.h: two captures' trails, compared: every connection of either is told once, with what happened on the way
 * between.
 *
 * Theory of operation. Connections are paired (pair_match.h). The packets of each pair are paired once to learn how far
 * the clocks are apart, a second time with that to see whether a capture ended before the other, and a third time for
 * what became of them (pair_compare.h); what follows for the verdict is a table of rules (pair_judge.h). Three passes
 * cost less than keeping what the first one found.
 */
#ifndef CLI_PAIR_ALL_H
#define CLI_PAIR_ALL_H

#include "analyzer/cli/between.h"

/* Told for each connection: those of A in A's order, then those in B alone. False ends the telling. */
typedef bool pair_tell_fn(const struct between *between, void *context);

/* trails[0] are of the capture nearer to the clients (A), [1] of the other (B); both are finished. False when out of
 * memory. */
bool pair_all(const struct trails trails[2], int64_t patience_ns, pair_tell_fn *tell, void *context);

#endif
