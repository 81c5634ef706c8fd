/* live_source.h: an interface as a source of packets, by libpcap.
 *
 * Packets are taken from the moment live_source_open() returns on. The kernel hands them over in blocks, a block when
 * it is full or some milliseconds old, so that as many packets fit its ring as their lengths allow: with a slot of full
 * size for each, as libpcap's immediate mode has it, a few hundred would fill it. Times are the kernel's, in
 * nanoseconds where it keeps them.
 *
 * Not for: privileges; whoever opens one needs CAP_NET_RAW at that moment and never again.
 */
#ifndef CLI_LIVE_SOURCE_H
#define CLI_LIVE_SOURCE_H

#include "analyzer/cli/source.h"

#include <stdio.h>

/* A packet is given at the latest so long after its time. Twice the age of a block is 20 ms; the rest is for a busy
 * machine. */
#define LIVE_SOURCE_LAG_NS 100000000

struct live_settings {
	const char *interface; /* or "any"; lives as long as the source */
	const char *filter; /* pcap-filter(7); NULL: every packet */
	int snaplen; /* bytes of each packet */
	bool promiscuous;
};

/* NULL on failure, with one or more sentences in error that say what to do. */
struct source *live_source_open(const struct live_settings *settings, char *error, size_t size);

/* How long next() waits for a packet before it says SOURCE_IDLE, in milliseconds; 0, as it is at first: not at all. A
 * signal ends the wait. */
void live_source_wait(struct source *source, int milliseconds);

/* A descriptor to poll for reading, when next() does not wait. */
int live_source_fd(const struct source *source);

/* The link type of its packets, as pcap_datalink() says it. */
int live_source_linktype(const struct source *source);
/* Its name; NULL: it has none. */
const char *live_source_linktype_name(const struct source *source);

/* Prints the interfaces as tcpdump -D does. False, with a sentence in error, when there is no list. */
bool live_source_list(FILE *out, char *error, size_t size);

#endif
