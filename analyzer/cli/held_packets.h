/* held_packets.h: copies of packets that are analyzed later: the secrets for them are still to come. */
#ifndef CLI_HELD_PACKETS_H
#define CLI_HELD_PACKETS_H

#include "analyzer/cli/source.h"

struct held_packets {
	struct source_packet *list; /* in order; their bytes are the holder's */
	size_t count, size;
};

/* False when out of memory. How many there may be is the caller's to bound. */
bool held_packets_add(struct held_packets *h, const struct source_packet *p);
void held_packets_free(struct held_packets *h);

#endif
