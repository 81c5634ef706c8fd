/* output.h: a pcap file with times in nanoseconds, written fast. */
#ifndef TESTS_BENCH_OUTPUT_H
#define TESTS_BENCH_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct output {
	FILE *file;
	uint64_t packets, bytes; /* bytes of packets */
	int64_t first_ns, last_ns;
};

/* "-" is standard output. False, with errno, when it cannot be written. */
bool output_open(struct output *o, const char *name);
void output_packet(struct output *o, int64_t time_ns, const uint8_t *bytes, size_t n);
bool output_close(struct output *o);

#endif
