/* place.h: what a scenario changes at one place of a cell: firewall rules, routes, kernel settings.
 *
 * Client, path and server take the same three keys; what they mean is left to nft, the kernel's routing and its
 * sysctls. Not for: the plain cell (cell.h), the programs that run in it (case.h).
 */
#ifndef HARNESS_PLACE_H
#define HARNESS_PLACE_H

#include "harness/cell.h"
#include "harness/document.h"

struct place_routes {
	size_t count;
	struct cell_route *items; /* `place` is the business of place_apply() */
};

/* All zero but for nft: the plain place. */
struct place {
	const char *nft; /* rules for nft -f, "" for none */
	struct place_routes routes; /* in order */
	struct document_pairs sysctl; /* names below net, and values, in order */
};

/* Takers for the keys "routes" (struct place_routes) and "sysctl" (struct document_pairs), see document.h. */
bool place_take_routes(struct document *d, yaml_node_t *node, const void *unused, void *into);
bool place_take_sysctl(struct document *d, yaml_node_t *node, const void *unused, void *into);

/* Sets it all up in a place of the cell: sysctls, then routes, then rules. */
bool place_apply(const struct cell *cell, enum cell_place where, const struct place *place, struct error *error);

#endif
