/* hello.h: a ServerHello or HelloRetryRequest made by hand, with fields that no honest server would send.
 *
 * The fields come from the step's argument, an object; each has its row in hello.c, and what is left out is what a good
 * server would answer to that ClientHello:
 *
 *     "version"       "TLSv1.3" (default), "TLSv1.2", …, or a number such as "0x0305"
 *     "random"        "fresh" (default), "downgrade-tls12" or "downgrade-tls11" (the sentinels of RFC 8446, 4.1.3), or
 *                     32 bytes in hexadecimal
 *     "session-id"    "echo" (default), "other", "none", or hexadecimal
 *     "cipher-suite"  "offered" (default), "not-offered", an IANA name or a number
 *     "compression"   a number (0)
 *     "key-share"     "offered" (default), "not-offered", "none", a group's name or a number; for a HelloRetryRequest,
 *                     "not-offered" (default) is a group that the client supports and sent no share for
 *     "renegotiation-info"  true (default) or false; TLS 1.2 and before
 *     "extensions"    further ones: a list of [type, "hexadecimal"] pairs
 */
#ifndef SERVERS_HELLO_H
#define SERVERS_HELLO_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/buffer.h"
#include "servers/complain.h"

/* Whether the fields are known and their values make sense, as far as this shows before there is a ClientHello. */
bool hello_check(json_t *fields, char error[static COMPLAINT_MAX]);
/* Appends the handshake message, with its header, that answers a ClientHello message. False, with one line in error,
 * when the ClientHello cannot be read or does not have what the fields refer to. */
bool hello_make(struct buffer *message, json_t *fields, bool retry, const uint8_t *client_hello, size_t length,
		char error[static COMPLAINT_MAX]);

#endif
