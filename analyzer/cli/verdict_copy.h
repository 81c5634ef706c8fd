/* verdict_copy.h: a verdict that outlives its callback.
 *
 * The library's verdicts are gone when the callback returns; whoever must wait for a second capture keeps a copy.
 */
#ifndef CLI_VERDICT_COPY_H
#define CLI_VERDICT_COPY_H

#include "analyzer/tlsdiag.h"

/* One block of memory that holds the verdict and all it points to; free() it. *size, where not NULL: its bytes. NULL
 * when out of memory. */
struct tlsdiag_verdict *verdict_copy(const struct tlsdiag_verdict *verdict, size_t *size);

#endif
