/* recognize.h: which protocol the first bytes of one direction are, when they are not TLS.
 *
 * One table of openings, asked in order: a name is given only when the bytes leave no reasonable doubt, because a
 * wrong name in a diagnosis is worse than none. Pure functions of the bytes; nothing is kept between calls.
 *
 * Not for: following a conversation (preamble.h).
 */
#ifndef ANALYZER_RECOGNIZE_H
#define ANALYZER_RECOGNIZE_H

#include "cursor.h"

#define RECOGNIZE_MAX 512 /* bytes that can matter; more are not looked at */

enum recognition {
	RECOGNIZE_NO, /* none of the table, whatever follows */
	RECOGNIZE_MORE, /* more bytes may tell */
	RECOGNIZE_YES, /* *name is set; more bytes will not change it */
};

/* For bytes that are still arriving. The answer for a prefix never contradicts the answer for more bytes, so that it
 * does not matter how they were cut. Knows no "text". */
enum recognition recognize_opening(bool from_client, uint16_t server_port, const uint8_t *bytes, size_t n,
				   const char **name);

/* Whether the bytes, four at least, are printable text and nothing else. */
bool recognize_text(const uint8_t *bytes, size_t n);

/* For bytes that are all there is. The protocol's short name in lower case ("http", "ssh", "smtp", "mysql", "ftp",
 * "imap", "pop3", "postgres", "redis", "vnc", "rdp", "telnet", "smb", "xmpp", "irc", "proxy" …), "html" for a bare
 * page, "text" for other printable text, or NULL when they say nothing. `from_client` chooses between requests and
 * answers; `server_port` only breaks ties ("220 …" is smtp or ftp). A first line that was cut short is not guessed
 * at. */
const char *recognize_protocol(bool from_client, uint16_t server_port, const uint8_t *bytes, size_t n);

/* The names that can be given, an opening each, so most of them several times; NULL behind the last. */
const char *recognize_name(size_t index);

#endif
