/* words.h: what one client says in each scenario, where the scenario files leave it to a file of the client's own,
 * scenarios/clients/CLIENT.yaml. So a client that comes later is one file, which `tlslab record` writes and somebody
 * reads, and no change to hundreds of others.
 *
 *     server-hello/reset: {exit: 4, error: Connection reset by peer}
 *     client-flight/expired:
 *       - {tls: "1.2", exit: 1, error: CERT_HAS_EXPIRED}
 *       - {tls: "1.3", exit: 1, error: CERT_HAS_EXPIRED, signature: client-flight/closed, certainty: inferred}
 *
 * Beside exit status and words an entry has the keys of `expect` that differ from the scenario's for this client.
 */
#ifndef HARNESS_WORDS_H
#define HARNESS_WORDS_H

#include "harness/scenario.h"

struct words_entry {
	const char *scenario;
	yaml_node_t *name; /* for errors */
	size_t count;
	yaml_node_t **variants; /* the mappings, in the file's order */
};

struct words {
	const char *client; /* NULL: there is no such file */
	struct document document;
	size_t count;
	struct words_entry *items;
};

/* Reads FOLDER/clients/CLIENT.yaml; that there is none is no error. False: document.error says why. words_free() is due
 * either way. `client` must outlive it. */
bool words_load(struct words *words, const char *folder, const char *client);
void words_free(struct words *words);

/* Lays what the file says of a case over what the scenario expects. False: document.error says why; one reason is that
 * both have words for the client. Words that the file has not change nothing. */
bool words_apply(struct words *words, const struct scenario *scenario, const struct scenario_choice *choice,
		 struct scenario_expect *expect);

/* Refuses entries for scenarios that are not among these. */
bool words_check(struct words *words, struct scenario *const *scenarios, size_t count);

#endif
