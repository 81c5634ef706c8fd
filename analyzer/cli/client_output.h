/* client_output.h: what the client program of a live run printed, line by line, each with its time and stream.
 *
 * The bytes themselves went where the client sent them, unaltered; this is the copy that is read: put beside the
 * packets in the timeline, and held against what the wire shows. It is bounded: lines beyond the bounds are counted and
 * not kept.
 *
 * Not for: what a line means.
 */
#ifndef CLI_CLIENT_OUTPUT_H
#define CLI_CLIENT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_LINES_MAX 2000 /* of each stream */
#define CLIENT_LINE_MAX 1000 /* bytes of a line; the rest is not kept */

enum client_stream {
	CLIENT_STDOUT,
	CLIENT_STDERR,
	CLIENT_STREAMS,
};

struct client_line {
	int64_t time_ns; /* when its first byte was read, nanoseconds since 1970: the packets' clock */
	enum client_stream stream;
	char *text; /* as printed, without its end ("\n", "\r\n"): control characters and any encoding are possible */
};

struct client_output {
	struct client_line *lines; /* in the order of time; no empty ones */
	size_t count, size;
	size_t of_stream[CLIENT_STREAMS]; /* lines kept of each */
	uint64_t left_out[CLIENT_STREAMS]; /* lines that there was no room for */
};

/* Takes a whole line of `length` bytes (line_splitter.h); empty ones are left out. False when out of memory. */
bool client_output_add(struct client_output *o, enum client_stream stream, int64_t time_ns, const char *text,
		       size_t length);
void client_output_free(struct client_output *o);

#endif
