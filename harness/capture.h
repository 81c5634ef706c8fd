/* capture.h: what the wire carried, recorded by libpcap at the client's and at the server's end of a cell.
 *
 * Files are pcap with nanosecond times, Ethernet, whole packets, readable by their owner alone (0600), and must not
 * exist before. Recording starts before capture_start() returns, and ends without any fixed wait: capture_finish()
 * sends marker frames (EtherType 0x88b5, IEEE Std 802 local experimental) around client, path, server and back, through
 * the same queues as all packets, until one round brings no packet but its own. Then everything that was sent is
 * recorded. Markers are never written to the files.
 */
#ifndef HARNESS_CAPTURE_H
#define HARNESS_CAPTURE_H

#include "harness/cell.h"
#include "harness/process.h"

#include <stdint.h>

struct capture;

enum capture_end { CAPTURE_CLIENT, CAPTURE_SERVER, CAPTURE_ENDS };

struct capture_counts {
	uint64_t packets; /* written */
	uint64_t dropped; /* seen by the kernel but lost: the buffer was full */
};

/* What a buffer of the kernel holds if nobody says: it clears every one, so room costs time. */
#define CAPTURE_PACKETS 400

/* Starts recording at both ends; paths[] are the files. The kernel's buffers hold so many packets; 0: CAPTURE_PACKETS.
 * On failure no file is left. The calling thread is in some place of the cell afterwards. */
struct capture *capture_start(const struct cell *cell, const char *const paths[CAPTURE_ENDS], unsigned packets,
			      struct error *error);

/* Gives the watches that empty the kernel's buffers while process_wait() runs. Until
 * they are called, the buffers must hold what comes. */
void capture_watches(struct capture *capture, struct process_watch watches[CAPTURE_ENDS]);

/* Ends the recording, when the programs whose packets matter have ended, and closes the files. Fails if a file could
 * not be written or packets were lost. Call it once. */
bool capture_finish(struct capture *capture, struct error *error);

struct capture_counts capture_counts(const struct capture *capture, enum capture_end end);

/* Forgets it; files stay. NULL is fine. */
void capture_free(struct capture *capture);

#endif
