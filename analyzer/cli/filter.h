/* filter.h: a tcpdump filter expression (pcap-filter(7)), compiled for each link type that turns up. */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "analyzer/cli/pcap_library.h"
#include "analyzer/cli/source.h"

struct filter;

/* Checks the expression. NULL on failure, with libpcap's message in error. The library is kept. */
struct filter *filter_new(const struct pcap_library *library, const char *expression, char *error, size_t size);
void filter_free(struct filter *f); /* NULL is fine */

enum filter_result {
	FILTER_PASSES,
	FILTER_DROPS,
	FILTER_FAILED, /* the expression makes no sense for this link type: filter_error() */
};

enum filter_result filter_packet(struct filter *f, const struct source_packet *p);
const char *filter_error(const struct filter *f); /* libpcap's words, the filter's own */

#endif
