/* tally.h: verdicts counted by outcome and, of the failed ones, by signature and party. Bounded, whatever the
 * signatures. */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include "analyzer/tlsdiag.h"

#define TALLY_GROUPS_MAX 512
#define TALLY_SIGNATURE_MAX 96

struct tally_group {
	char signature[TALLY_SIGNATURE_MAX];
	enum tlsdiag_party by;
	uint64_t count;
	uint64_t first; /* number of the group's first connection */
};

struct tally {
	uint64_t outcomes[TLSDIAG_NOT_TLS + 1];
	struct tally_group groups[TALLY_GROUPS_MAX];
	size_t group_count;
	uint64_t ungrouped; /* failed ones that found no room */
};

/* Counts a verdict. Returns its group, NULL when it has none. */
const struct tally_group *tally_add(struct tally *tally, const struct tlsdiag_verdict *verdict);
uint64_t tally_total(const struct tally *tally);
/* Most frequent first, then by signature. */
void tally_sort(struct tally *tally);

#endif
