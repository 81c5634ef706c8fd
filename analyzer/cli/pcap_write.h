/* pcap_write.h: writes pcap (draft-ietf-opsawg-pcap), of one link type, in little-endian order.
 *
 * Not for: packets of several link types, comments (pcapng_write.h); making the file (private_file.h, packet_file.h).
 * Failures are seen in ferror(out).
 */
#ifndef CLI_PCAP_WRITE_H
#define CLI_PCAP_WRITE_H

#include "analyzer/tlsdiag.h"

#include <stdio.h>

/* The file's header. `linktype` is as pcap_datalink() says it; no packet is longer than `snaplen`. */
void pcap_write_header(FILE *out, int linktype, uint32_t snaplen, bool nanoseconds);

/* Time before 1970 is written as 1970, and time that 32 bits of seconds do not hold as their last second. */
void pcap_write_packet(FILE *out, const struct tlsdiag_packet *packet, bool nanoseconds);

#endif
