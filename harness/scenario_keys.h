/* scenario_keys.h: the keys of a scenario file and what they may hold: for scenario.c, which puts a scenario
 * together. */
#ifndef HARNESS_SCENARIO_KEYS_H
#define HARNESS_SCENARIO_KEYS_H

#include "harness/scenario.h"

enum { SCENARIO_PARTS = 4 /* server, path, client, expect */ };

/* The interfaces of the cell by the names that files use; the offset is that of its number in an array of int. */
extern const struct document_key scenario_mtu_keys[];

/* What a file has at its top, for a struct scenario: variants and overrides as nodes. */
extern const struct document_key scenario_file_keys[];

/* Takes the parts that a file, or one of its overrides, has, in the order above; NULL: it has none. What they do not
 * say stays as it is. False: the document's error says why. */
bool scenario_take_parts(struct document *d, yaml_node_t *const nodes[SCENARIO_PARTS],
			 struct scenario_settings *settings);

/* Takes a mapping into a struct scenario_choices: variants, or an override's `when`. client_names: const char *const[],
 * ended by NULL. */
bool scenario_take_choices(struct document *d, yaml_node_t *node, const void *client_names, void *into);

/* Takes one entry of `overrides`. client_names: as above. */
bool scenario_take_override(struct document *d, yaml_node_t *node, const char *const *client_names,
			    struct scenario_override *into);

#endif
