/* endpoint.h: whether two ends of connections are one. */
#ifndef CLI_ENDPOINT_H
#define CLI_ENDPOINT_H

#include "analyzer/tlsdiag.h"

#include <stdbool.h>
#include <string.h>

static inline bool endpoint_same(const struct tlsdiag_endpoint *a, const struct tlsdiag_endpoint *b)
{
	return a->port == b->port && a->version == b->version &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

#endif
