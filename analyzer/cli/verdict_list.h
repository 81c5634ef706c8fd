/* verdict_list.h: the verdicts of a capture in eight bytes each, to tell whether another has the same ones.
 *
 * Compared are outcome, signature, party, certainty and the frames of the milestones, connection by connection.
 */
#ifndef CLI_VERDICT_LIST_H
#define CLI_VERDICT_LIST_H

#include "analyzer/tlsdiag.h"

struct verdict_list {
	uint64_t *verdicts; /* by the number of the connection, from 0 */
	size_t count, room;
	bool failed; /* out of memory */
};

/* A tlsdiag_verdict_fn; the context is a list. */
void verdict_list_add(const struct tlsdiag_verdict *verdict, void *context);
void verdict_list_free(struct verdict_list *list);

/* How many connections have another verdict, and the number of the first one of them. */
uint64_t verdict_list_differ(const struct verdict_list *a, const struct verdict_list *b, uint64_t *first);

#endif
