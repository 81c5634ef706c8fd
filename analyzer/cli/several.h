/* several.h: captures analyzed at once: a thread each, on the processors that there are, told in the order of the
 * command line (turns.h). What is said is the same, byte by byte, as if they had been read one after the other.
 *
 * Each thread has an analysis of its own, hence the library's bounds on memory count for each.
 */
#ifndef CLI_SEVERAL_H
#define CLI_SEVERAL_H

#include "analyzer/cli/analysis.h"
#include "analyzer/cli/inputs.h"

/* Reads capture i of the inputs. Whether it could be opened. */
typedef bool several_read_fn(struct analysis *a, struct inputs *captures, size_t i);

/* Whether there is anything to gain, and reading them at once changes nothing: pipes and standard input may be one and
 * the same, named twice. */
bool several_possible(const struct inputs *captures);

/* Reads them all; report and key logs of `a` are ready. Whether any could be opened. */
bool several_read(struct analysis *a, struct inputs *captures, several_read_fn *read);

#endif
