/* timeline.h: what happened in order: the packets in tcpdump's notation, each with what it means, and the client's own
 * lines.
 *
 *     12:00:00.001022  IP 192.0.2.40.46188 > 203.0.113.20.443: Flags [S], seq 3024, win 64240, length 0: SYN
 *     12:00:00.001190  curl: * Connected to api.example.net (203.0.113.20) port 443 (#0)
 *
 * What a packet means is what the verdict's evidence says of its frame. Runs of packets that mean nothing by themselves
 * are folded. Bounded: packets beyond the bound are counted and not kept.
 */
#ifndef CLI_TIMELINE_H
#define CLI_TIMELINE_H

#include "analyzer/cli/client_run.h"
#include "analyzer/cli/layout.h"
#include "analyzer/tlsdiag.h"

#define TIMELINE_PACKETS_MAX 20000

struct timeline;

/* NULL when out of memory. */
struct timeline *timeline_new(void);
void timeline_free(struct timeline *t); /* NULL is fine */

enum timeline_weight {
	TIMELINE_PLAIN,
	TIMELINE_NOTABLE, /* never folded */
	TIMELINE_REPEATED, /* sent again, which is what it means if no evidence says more; never folded */
};

/* Adds a packet: its line as packet_text() makes it. False when out of memory. */
bool timeline_packet(struct timeline *t, uint64_t frame, int64_t time_ns, enum timeline_weight weight,
		     const char *text);
/* Takes the meaning of frames from a verdict's evidence, before or after the packets. False when out of memory. */
bool timeline_verdict(struct timeline *t, const struct tlsdiag_verdict *v);

/* Prints all of it, with the client's lines between the packets and how the client ended behind them. */
void timeline_print(struct timeline *t, const struct client_run *run, struct layout *l);

/* "curl ended with exit status 35", "curl was ended by signal 2 (Interrupt)". */
const char *client_ending(const struct client_run *run, char *buffer, size_t size);

#endif
