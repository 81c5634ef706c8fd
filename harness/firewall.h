/* firewall.h: nftables rules at one place of a cell, and the proof that they fired.
 *
 * Rules are in nft's own syntax, unchanged, and applied by the program nft (`nft -f -`). Proof are the counters, read
 * back by `nft -j list ruleset`: a rule that is meant as a fault carries a `counter`.
 */
#ifndef HARNESS_FIREWALL_H
#define HARNESS_FIREWALL_H

#include "harness/cell.h"

#include <stdint.h>

/* A counter: of a rule (chain set), or a named one (name set). */
struct firewall_counter {
	char *family, *table;
	char *chain; /* NULL for a named counter */
	char *name; /* the named counter's name, or the rule's comment; may be NULL */
	uint64_t handle; /* of the rule within its table; 0 for a named counter */
	uint64_t packets, bytes;
};

struct firewall_counters {
	struct firewall_counter *list; /* in the order of the rule set */
	size_t count;
};

/* Applies the rules, all or none. If nft rejects them, the error is nft's own first message. The thread is in that
 * place afterwards. */
bool firewall_apply(const struct cell *cell, enum cell_place place, const char *rules, struct error *error);

/* Reads every counter of the place. Free with firewall_counters_free(), which is fine with an all-zero struct. */
bool firewall_counters(const struct cell *cell, enum cell_place place, struct firewall_counters *counters,
		       struct error *error);
void firewall_counters_free(struct firewall_counters *counters);

/* Whether nft is there. If not, the error names it and its package. */
bool firewall_available(struct error *error);

#endif
