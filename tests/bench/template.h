/* template.h: the lab's golden captures as what large captures are made of: each with the verdicts that belong to it,
 * and with the place where application data can be put into it.
 *
 * For the bench: what cannot be read ends the program.
 */
#ifndef TESTS_BENCH_TEMPLATE_H
#define TESTS_BENCH_TEMPLATE_H

#include "tests/golden/capture.h"

#define CONNECTIONS_MAX 8 /* in one golden capture */
#define KINDS_MAX 512

/* What is said of a connection, as in "failed server-hello/reset by server", and how many such there are. */
struct kinds {
	struct kind {
		char said[160];
		uint64_t count;
	} of[KINDS_MAX];
	size_t count;
};

/* Where an answer of the server begins at a record's first byte, the request having come: more can be put before it. */
struct gap {
	size_t frame; /* the one before which data goes; 0: there is no such place */
	size_t client_ack; /* a frame of the client's without data, as a pattern for acknowledgments */
	uint32_t server_seq, client_seq; /* that come next there */
};

struct template
{
	struct capture capture;
	struct parts *parts; /* of each frame */
	uint8_t *connection; /* that each frame belongs to */
	uint16_t ports[CONNECTIONS_MAX]; /* of the client, in order of their first packet */
	size_t kinds[CONNECTIONS_MAX]; /* indices: what is said of each */
	size_t connections;
	struct gap gap;
	bool failed; /* at least one connection */
	bool plain; /* the most usual: nothing special happens */
};

struct templates {
	struct template *of;
	size_t count;
	struct kinds kinds;
};

/* All golden captures at the client's end of which each connection is established or failed. */
struct templates templates_load(void);
void templates_free(struct templates *t);

#endif
