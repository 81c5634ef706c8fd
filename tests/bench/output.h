/* output.h: where generated packets go: into a pcap file with times in nanoseconds, or onto an interface, each when its
 * time has come.
 */
#ifndef TESTS_BENCH_OUTPUT_H
#define TESTS_BENCH_OUTPUT_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct output {
	FILE *file; /* NULL: an interface */
	pcap_t *interface;
	int64_t began_ns; /* by the monotonic clock: when the first packet was sent */
	int64_t late_ns; /* at most, that a packet was sent behind its time */
	uint64_t packets, bytes; /* bytes of packets */
	int64_t first_ns, last_ns;
	bool failed;
};

/* "-" is standard output. False, with a sentence in error (PCAP_ERRBUF_SIZE bytes), when it cannot be written. */
bool output_open_file(struct output *o, const char *name, char *error);
bool output_open_interface(struct output *o, const char *name, char *error);

/* Times must not run backwards. */
void output_packet(struct output *o, int64_t time_ns, const uint8_t *bytes, size_t n);
/* Whether all was written. */
bool output_close(struct output *o);

#endif
