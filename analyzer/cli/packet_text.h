/* packet_text.h: a packet in a line, in tcpdump's notation:
 *
 *     IP 192.0.2.40.46188 > 203.0.113.20.443: Flags [P.], seq 1:518, ack 1, win 502, length 517
 *     IP 203.0.113.1 > 192.0.2.40: ICMP host 203.0.113.20 unreachable - admin prohibited, length 68
 *
 * As there, sequence numbers are relative to the connection's first packet that acknowledges something. Options are
 * shown of SYNs, and selective acknowledgments; timestamps would make every line long. Without the time, which each
 * caller writes in its own way.
 */
#ifndef CLI_PACKET_TEXT_H
#define CLI_PACKET_TEXT_H

#include "analyzer/tlsdiag.h"

/* What sequence numbers of a connection are relative to; zeroed before its first packet. */
struct sequence_base {
	bool set;
	uint32_t base[2]; /* of the numbers that side 0 and side 1 send */
};

#define PACKET_TEXT_MAX 512

/* Writes the line for a packet that side `from` (0 or 1) of its connection sent; `base` is read and kept up, NULL where
 * the packet belongs to no connection. Returns the buffer. */
const char *packet_text(const struct tlsdiag_headers *h, struct sequence_base *base, int from,
			char buffer[PACKET_TEXT_MAX]);

#endif
