/* redact.h: a source whose packets are those of another, sanitized: what is reported of them is what would be reported
 * of the capture that `tlsdiag sanitize` makes.
 *
 * All packets have to be seen before the first can be rewritten, so they are held in memory: REDACT_MAX bytes at most.
 */
#ifndef CLI_REDACT_H
#define CLI_REDACT_H

#include "analyzer/cli/filter.h"
#include "analyzer/cli/source.h"

#define REDACT_MAX ((size_t)1 << 30)

/* The source owns `inner`. The filter, NULL for none, sees packets as they were, and stays the caller's. NULL when out
 * of memory; `inner` is then still the caller's. Secrets of the inner source are not told: they would decrypt
 * nothing. */
struct source *redacted_source_new(struct source *inner, struct filter *filter);

#endif
