/* trace.h: what happened in a case in the order of time: the packets at the client's end, a line each in tcpdump's
 * manner, and between them what the client printed.
 *
 *     +0.000000  client  [S] seq 0, win 64240, length 0
 *     +0.000041  server  [S.] seq 0, ack 1, win 65160, length 0
 *     +0.000530  client  [P.] seq 1:518, ack 1, length 517: TLS handshake client_hello
 *     +0.001201  says  curl: (35) Recv failure: Connection reset by peer
 *
 * It shows what was captured and concludes nothing: any analyzer's verdict can be held against it.
 */
#ifndef HARNESS_TRACE_H
#define HARNESS_TRACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TRACE_LINES_MAX = 400 }; /* a longer trace is cut, and says so */

/* Of the case's folder (client.pcap) and what its cell wrote (cell.json). Allocated; a capture that cannot be read is
 * told within the text. */
char *trace_text(const char *folder, json_t *cell);

enum { TRACE_HEAD_MAX = 9 }; /* of a record and the message in it (RFC 8446 sections 5.1 and 4) */

/* What the packets before have shown of an end. All sequence numbers but the first are relative to that. */
struct trace_end {
	uint32_t first;
	bool known;
	bool tls; /* it has sent a record: where the next begins is known */
	uint32_t sent, next; /* behind the last byte in order; where the next record begins */
	uint8_t head[TRACE_HEAD_MAX]; /* of that record, as far as it has come */
	size_t head_length;
};

struct trace_ends {
	struct trace_end ends[2]; /* client, server: the end whose port is 443 is the server */
};

/* One packet from its Ethernet header on, without a newline. */
void trace_packet(FILE *out, struct trace_ends *ends, const uint8_t *bytes, size_t length);

#endif
