/* variant.h: the cases of a run. Every scenario is expanded into one case for each client, TLS version and address
 * family that it admits, named SCENARIO/CLIENT/tlsVERSION/FAMILY, as "server-hello/reset/curl/tls1.3/ipv4".
 */
#ifndef HARNESS_VARIANT_H
#define HARNESS_VARIANT_H

#include "harness/scenario.h"
#include "harness/words.h"

struct variant {
	struct scenario *scenario;
	const struct client *client;
	struct scenario_choice choice;
	struct scenario_settings settings;
	char *name;
};

/* Every scenario of a folder, and the cases made of them. */
struct variants {
	struct clients clients;
	struct words *words; /* one for each client, from files of their own */
	size_t scenario_count;
	struct scenario **scenarios; /* by name */
	size_t count;
	struct variant *items; /* by scenario, then version, client and family in the order of their lists */
	char error[1024]; /* of the call that returned false */
};

/* Which of them are wanted. NULL or an empty list stands for all. */
struct variant_filter {
	const char *const
		*patterns; /* prefixes in whole parts ("server-hello", "tcp/syn-dropped/curl"), globs, or paths of
					.yaml files; ended by NULL */
	const char *client, *tls, *family; /* one value each, or NULL */
	const char *tag; /* of the scenario */
	bool wordless; /* also cases for which a client with a file of words has none */
	const char *clients; /* the folder whose clients.yaml is meant where FOLDER has none; NULL: there must be one */
	const char *only; /* a pattern that must match too, whatever `patterns` are */
};

/* Loads FOLDER/clients.yaml and FOLDER/STAGE/NAME.yaml, or only the files that patterns name, and expands what the
 * filter admits. Cases of clients that are optional are made only where the scenario itself has words for them, or
 * the filter names the client. False: error says what is wrong where, or which pattern matches nothing, with the
 * nearest known name. variants_free() is due either way. */
bool variants_load(struct variants *variants, const char *folder, const struct variant_filter *filter);
void variants_free(struct variants *variants);

#endif
