/* sanitize_handshake.h: handshake messages in clear, rewritten at equal length.
 *
 * What was offered and chosen stays: versions, cipher suites, groups, signature schemes by their registered numbers,
 * which extensions there are, ALPN's registered names. Randoms, session IDs, names, keys, tickets, cookies and what an
 * unknown extension holds do not. Lengths stay, also where they contradict each other: that is a finding, and no field
 * of such a message is trusted to be what it seems.
 */
#ifndef ANALYZER_SANITIZE_HANDSHAKE_H
#define ANALYZER_SANITIZE_HANDSHAKE_H

#include "handshake.h"
#include "sanitize_certificate.h"

/* The body of a message, of which `there` is what the capture holds; `out` has zeros and as much room. */
void sanitize_message(const struct certificate_rules *rules, uint8_t type, struct cursor there, uint32_t length,
		      uint8_t *out);

/* An SSLv2-compatible ClientHello with its header. */
void sanitize_sslv2_hello(const struct certificate_rules *rules, struct cursor there, uint8_t *out);

#endif
