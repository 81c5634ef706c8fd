/* sanitize_plain.h: what one end said in clear before TLS, or instead of it, rewritten at equal length so that it is
 * still recognised and means the same to preamble.h.
 *
 * Protocols of lines are rewritten as text. Of PROXY headers, SOCKS, PostgreSQL, MySQL, LDAP, RDP and DNS the fields
 * are known. Anything else is erased but for so many of its first bytes as it is recognised by.
 */
#ifndef ANALYZER_SANITIZE_PLAIN_H
#define ANALYZER_SANITIZE_PLAIN_H

#include "alias.h"

struct plain_context {
	struct alias_table *aliases;
	bool from_client;
	uint16_t port; /* the server's */
	const char *protocol; /* what is spoken in the end, as preamble.h names it; NULL: not known */
	const char *tunnel; /* what it went through; NULL: nothing */
};

/* `out` has zeros. */
void sanitize_plain(const struct plain_context *c, const uint8_t *in, size_t n, uint8_t *out);

#endif
