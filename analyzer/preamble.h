/* preamble.h: what two ends say in clear on a connection before TLS starts, or instead of it.
 *
 * Both directions' bytes are fed in the order they were captured until the caller sees a TLS record. The preamble learns
 * which protocol is spoken (by content; the port only breaks ties), whether TLS was asked for (SMTP STARTTLS RFC 3207,
 * IMAP RFC 9051, POP3 STLS RFC 2595, FTP AUTH TLS RFC 4217, LDAP RFC 4511 section 4.14, XMPP RFC 6120 section 5, IRC, NNTP
 * RFC 4642, ManageSieve, PostgreSQL SSLRequest, MySQL CLIENT_SSL, RDP, HTTP CONNECT, SOCKS 4/5, PROXY protocol 1 and 2)
 * and what the server answered.
 *
 * Not for: TLS itself. It holds a bounded piece of a line or message for each direction, and never allocates.
 */
#ifndef ANALYZER_PREAMBLE_H
#define ANALYZER_PREAMBLE_H

#include "cursor.h"

enum preamble_state {
	PREAMBLE_NONE, /* nothing was said */
	PREAMBLE_PLAIN, /* something was said in clear; nobody has asked for TLS */
	PREAMBLE_ASKED, /* the client asked for TLS or a tunnel and awaits the answer */
	PREAMBLE_GRANTED, /* yes: what follows should be TLS. Also after a PROXY header, which needs no answer */
	PREAMBLE_REFUSED, /* no */
};

#define PREAMBLE_LINE_MAX 512

struct preamble_side {
	uint8_t held[PREAMBLE_LINE_MAX]; /* the beginning of an unfinished line or message */
	uint16_t length;
	uint32_t skip; /* bytes of a message too long to hold, still to pass over */
	uint64_t total; /* bytes fed so far */
};

struct preamble {
	enum preamble_state state;
	const char *
		protocol; /* "smtp", "postgres", "connect", "socks5", "proxy" …; of a plain conversation also "http", "ssh" …;
				 NULL: not recognised */
	uint32_t
		code; /* the server's numeric answer to the request where the protocol has one (HTTP 407, SMTP 454), else 0 */
	uint16_t step; /* the module's own, with side[] */
	uint16_t port; /* the server's, a hint only */
	struct preamble_side side[2]; /* [0] the client's, [1] the server's */
};

void preamble_init(struct preamble *p, uint16_t server_port);

/* The next bytes of one direction, in order and without holes. Stops at the first byte that belongs to TLS: returns how
 * many bytes it took; fewer than n only when state is PREAMBLE_GRANTED and the rest follows the preamble in the same
 * chunk (a PROXY header with a ClientHello behind it). */
size_t preamble_feed(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n);

/* What the first bytes of one direction are, when they are not TLS: a protocol's short name in lower case ("http", "ssh",
 * "smtp", "mysql", "ftp", "imap", "pop3", "postgres", "redis", "vnc", "rdp", "telnet", "smb", "xmpp", "irc", "proxy" …),
 * "text" for other printable text, or NULL when they say nothing. `from_client` chooses between requests and answers;
 * `server_port` only breaks ties ("220 …" is smtp or ftp). */
const char *recognize_protocol(bool from_client, uint16_t server_port, const uint8_t *bytes, size_t n);

#endif
