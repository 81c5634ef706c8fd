/* explanation.h: all that is known about a signature, an alert or a client's words, gathered from the one table of
 * words, the table of clients' claims and the lab's scenarios. Text, JSON and HTML show the same struct.
 */
#ifndef CLI_EXPLANATION_H
#define CLI_EXPLANATION_H

#include "analyzer/cli/client_words.h"
#include "analyzer/cli/scenario_table.h"

#define EXPLANATION_ITEMS_MAX 24
#define EXPLANATION_SCENARIOS_MAX 96
#define EXPLANATION_LOOK_ALIKES_MAX 6
#define EXPLANATION_NAME_MAX 96

enum explanation_kind {
	EXPLAINS_SIGNATURE, /* or the front of one, or a cause at any stage */
	EXPLAINS_ALERT,
	EXPLAINS_WORDS, /* a client's */
};

/* A signature that it may be, or one of those that it stands for. */
struct explanation_candidate {
	char signature[EXPLANATION_NAME_MAX];
	const char *title;
	char wire[4 *
		  EXPLANATION_NAME_MAX]; /* how it ends on the wire, and behind what: how to tell it from the others */
	enum client_relation relation; /* of a client's words to it */
	const char *note; /* what such words hide then; NULL: nothing */
};

struct explanation {
	enum explanation_kind kind;
	char name[EXPLANATION_NAME_MAX]; /* "server-hello/reset", "unknown_ca", "reset" */
	const char *title, *meaning;
	int alert; /* its number, or -1 */
	struct client_statement said; /* of a client's words: what says most */
	struct client_statement also[CLIENT_STATEMENTS_MAX]; /* what else the text says */
	size_t also_count;
	struct tlsdiag_step steps[TLSDIAG_STEPS_MAX];
	size_t step_count;
	const char *causes[EXPLANATION_ITEMS_MAX]; /* most frequent first */
	size_t cause_count;
	struct tlsdiag_check checks[EXPLANATION_ITEMS_MAX]; /* at least one for each place */
	size_t check_count;
	struct explanation_candidate candidates[EXPLANATION_ITEMS_MAX];
	size_t candidate_count;
	/* Of a signature: others for which clients print the same words. */
	struct explanation_candidate look_alikes[EXPLANATION_LOOK_ALIKES_MAX];
	size_t look_alike_count;
	const struct client_phrase *phrases[EXPLANATION_ITEMS_MAX]; /* what clients print, one for each client */
	size_t phrase_count;
	const struct scenario_row *scenarios[EXPLANATION_SCENARIOS_MAX];
	size_t scenario_count;
};

/* Explains a signature or the front of one, a cause ("reset", "lost/mtu"), an alert by name or number ("unknown_ca",
 * "alert 48", "0x30"), or what a client printed, which may have many lines. False: nothing of it is known. */
bool explanation_find(struct explanation *e, const char *text);

/* The index-th thing that there is to explain, in the order of a reference: signatures, alerts, clients' claims. False:
 * there are no more. */
bool explanation_at(struct explanation *e, size_t index);

#define EXPLANATION_SUGGESTIONS 3

/* The names nearest to a text of which nothing is known, nearest first; returns how many. */
size_t explanation_suggest(const char *text, char names[EXPLANATION_SUGGESTIONS][EXPLANATION_NAME_MAX]);

#endif
