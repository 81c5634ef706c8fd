/* turns.h: what is said of captures that are read at the same time, told one capture after the other, in their order.
 *
 * Theory of operation. One capture has the turn: what its analysis says is told at once. What the others say is kept,
 * in copies, until they have it; when they keep more than the bound between them, who would keep more waits for its
 * turn. A capture that is over gives the turn to the next, and tells for those behind it that are over already.
 * Captures are begun in order, so the one that has the turn has a thread that does not wait: there is no deadlock.
 *
 * Each capture is one thread's; the real report is used by whoever has the turn and by nobody else.
 */
#ifndef CLI_TURNS_H
#define CLI_TURNS_H

#include "analyzer/cli/report.h"

/* Says on standard error what went wrong with a capture. */
typedef void turn_trouble_fn(void *context, const char *what, const char *why);

struct turns;

/* Turns for `count` captures that keep `held_max` bytes at most. The report stays the caller's. NULL when out of
 * memory. */
struct turns *turns_new(size_t count, size_t held_max, struct report *report, turn_trouble_fn *trouble, void *context);
void turns_free(struct turns *t); /* NULL is fine */

/* The report of capture i: for struct report_ops' verdict and capture. Owned by the turns. */
struct report *turns_report(struct turns *t, size_t i);
void turns_trouble(struct turns *t, size_t i, const char *what, const char *why);

/* Nothing more will be said of capture i. Each must be over once, those that were never begun too. */
void turns_over(struct turns *t, size_t i);

/* Whether telling makes no sense any more: the report failed, or its output did. */
bool turns_broken(struct turns *t);

#endif
