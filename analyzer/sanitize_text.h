/* sanitize_text.h: what was said in clear, in words: the vocabulary of protocols stays, host names get aliases, and all
 * other words become as many x: with aliases a text could be read by how often they come.
 *
 * Also kept: answer codes at the beginning of a line, the numbers that tell how an exchange goes on (the status in an
 * HTTP answer, the port in a CONNECT, Content-Length), a capability that was overwritten with X on the way, and all
 * between words. Other numbers become zeros.
 */
#ifndef ANALYZER_SANITIZE_TEXT_H
#define ANALYZER_SANITIZE_TEXT_H

#include "alias.h"

struct text_rules {
	struct alias_table *aliases;
	bool tagged; /* lines begin with a tag, as in IMAP, that has a digit */
	bool everywhere; /* the vocabulary stays within host names, too */
};

/* Up to the first line that has control characters; that and the rest are erased: `out` has zeros. */
void sanitize_text(const struct text_rules *rules, const uint8_t *in, size_t n, uint8_t *out);

/* Contents: where lines end, and the words in which a server says that it wants TLS. `out` has zeros. */
void sanitize_body(const uint8_t *in, size_t n, uint8_t *out);

#endif
