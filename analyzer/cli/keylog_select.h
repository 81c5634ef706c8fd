/* keylog_select.h: of a key log, the lines for some connections alone.
 *
 * A client's key log has the secrets of all that it did; who gives away one capture means those of its connections.
 * Lines are told by the random of the ClientHello, their second word (draft-ietf-tls-keylogfile); the old lines that
 * name an RSA key exchange instead are not for tlsdiag.
 */
#ifndef CLI_KEYLOG_SELECT_H
#define CLI_KEYLOG_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEYLOG_SELECT_MAX ((size_t)1 << 20) /* connections; later ones are left out */
#define KEYLOG_SELECT_RANDOM 32

/* {0}: no connection. */
struct keylog_select {
	uint8_t (*randoms)[KEYLOG_SELECT_RANDOM];
	size_t count, room;
};

/* Adds a connection. False when out of memory. */
bool keylog_select_add(struct keylog_select *s, const uint8_t random[KEYLOG_SELECT_RANDOM]);

/* Moves the lines for those connections to the front of the text and wipes what is behind them. Returns their
 * length. */
size_t keylog_select(struct keylog_select *s, char *text, size_t length);

void keylog_select_free(struct keylog_select *s);

#endif
