/* headers.h: a decoded packet as the public header has it. */
#ifndef ANALYZER_HEADERS_H
#define ANALYZER_HEADERS_H

#include "packet.h"
#include "tlsdiag.h"

/* Pointers in *headers are those of the packet. `fragmented` is left to the caller where a datagram was joined. */
void headers_fill(const struct packet *p, struct tlsdiag_headers *headers);

#endif
