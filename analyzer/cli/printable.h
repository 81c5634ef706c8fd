/* printable.h: values as people and machines read them: text from the wire without its control characters, addresses,
 * times.
 *
 * Each writes into the caller's buffer and returns it.
 */
#ifndef CLI_PRINTABLE_H
#define CLI_PRINTABLE_H

#include "analyzer/tlsdiag.h"

#define PRINTABLE_MAX 1024
typedef char printable_buffer[PRINTABLE_MAX];

/* Bytes outside printable ASCII are shown as \xNN, so that nothing from the wire can steer a terminal or break UTF-8.
 * What does not fit ends in "...". */
const char *printable(const char *text, printable_buffer buffer);

/* "192.0.2.40", "2001:db8::1" */
const char *address_text(const struct tlsdiag_endpoint *endpoint, printable_buffer buffer);
/* "192.0.2.40:443", "[2001:db8::1]:443" */
const char *endpoint_text(const struct tlsdiag_endpoint *endpoint, printable_buffer buffer);

/* RFC 3339 in UTC with so many digits (1 to 9) of the second: "2024-05-01T12:00:00.123456Z". */
const char *time_text(int64_t time_ns, unsigned digits, printable_buffer buffer);
/* The same from whole seconds since 1970: "9999-12-31T23:59:59Z". */
const char *seconds_text(int64_t seconds, printable_buffer buffer);

#endif
