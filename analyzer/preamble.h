/* preamble.h: what two ends say in clear on a connection before TLS starts, or instead of it.
 *
 * Both directions' bytes are fed in the order they were captured until TLS begins. The preamble learns which protocol
 * is spoken (by content; the port only breaks ties), whether TLS was asked for (SMTP STARTTLS RFC 3207, IMAP RFC 9051,
 * POP3 STLS RFC 2595, FTP AUTH TLS RFC 4217, LDAP RFC 4511 section 4.14, XMPP RFC 6120 section 5, IRC, NNTP RFC 4642,
 * ManageSieve RFC 5804, PostgreSQL SSLRequest, MySQL CLIENT_SSL, RDP, SQL Server's PRELOGIN, HTTP CONNECT, SOCKS 4/5,
 * PROXY protocol 1 and 2)
 * and what the server answered. Other protocols are only named (recognize.h).
 *
 * How the bytes are cut into chunks makes no difference. A tunnel is followed to what is said inside it: after PROXY,
 * CONNECT or SOCKS comes TLS, or another preamble (PROXY, then SMTP with STARTTLS).
 *
 * Not for: TLS itself. It holds a bounded piece of a line or message for each direction, and never allocates.
 */
#ifndef ANALYZER_PREAMBLE_H
#define ANALYZER_PREAMBLE_H

#include "recognize.h"

enum preamble_state {
	PREAMBLE_NONE, /* nothing was said */
	PREAMBLE_PLAIN, /* something was said in clear; nobody has asked for TLS */
	PREAMBLE_ASKED, /* the client asked for TLS or a tunnel and awaits the answer */
	PREAMBLE_GRANTED, /* yes: what follows should be TLS. Also after a PROXY header, which needs no answer */
	PREAMBLE_REFUSED, /* no */
	PREAMBLE_MISMATCH, /* the client asked, and the server speaks something else: `protocol` is its, or NULL */
};

/* What the server has said about its ability to do TLS, where the protocol lists capabilities. */
enum preamble_offer {
	PREAMBLE_OFFER_UNKNOWN,
	PREAMBLE_OFFERED,
	PREAMBLE_NOT_OFFERED, /* a list without it: a client that insists on TLS leaves here without asking */
	PREAMBLE_OFFER_BLANKED, /* overwritten on the way ("250-XXXXXXXA"): refused, unless the client asks */
};

#define PREAMBLE_LINE_MAX RECOGNIZE_MAX

struct preamble_protocol;

struct preamble_side {
	uint8_t held[PREAMBLE_LINE_MAX]; /* the beginning of an unfinished line or message */
	uint16_t length;
	bool unknown; /* what is held is no opening that is known, whatever follows */
	bool skip_line; /* the rest of a line too long to hold, still to pass over */
	uint32_t skip; /* the same of a message, in bytes */
	uint16_t inside; /* of an envelope: so many bytes of its contents are to come */
	uint16_t envelopes; /* how many were opened */
	bool continued; /* what is in this one goes on in the next */
	bool bare; /* no envelopes any more */
	uint64_t total; /* bytes taken so far */
};

struct preamble {
	enum preamble_state state;
	enum preamble_offer offer;
	/* "smtp", "postgres", "connect", "socks5", "proxy" …; of a plain conversation also "http", "ssh", "text" …;
	 * NULL: not recognised */
	const char *protocol;
	/* The tunnel that was granted before and that all this goes through: "connect", "socks5", "proxy" …, or NULL */
	const char *tunnel;
	/* The server's numeric answer to the request where the protocol has one (HTTP 407, SMTP 454), else 0. Also of a
	 * MySQL error in place of the greeting */
	uint32_t code;
	bool continued; /* refused, and the client went on in clear all the same: it wanted TLS only if possible */

	/* The module's own, with side[]. */
	bool complained; /* see preamble_wants_tls() */
	bool login_only; /* behind the client's first data both go on in clear */
	uint16_t port; /* the server's, a hint only */
	uint16_t step; /* where the protocol stands; each has its own meaning for it */
	uint16_t due; /* answers outstanding, the greeting included */
	uint16_t before; /* of these, those in front of the answer to the request for TLS */
	uint16_t messages;
	uint32_t tag; /* of the request: a hash of IMAP's tag, LDAP's messageID */
	const struct preamble_protocol *spoken; /* NULL until recognised */
	struct preamble_side side[2]; /* [0] the client's, [1] the server's */
};

void preamble_init(struct preamble *p, uint16_t server_port);

/* The next bytes of one direction, in order and without holes. Stops in front of the first byte that belongs to TLS
 * and returns how many bytes it took. Fewer than n: TLS begins there. That is so when TLS was granted (a PROXY header
 * with a ClientHello behind it), and also while the state is PREAMBLE_ASKED: a client may send its ClientHello without
 * waiting for the answer, of which the server's side can then still be fed; or a server answers a request in clear
 * with a TLS alert.
 *
 * A ClientHello at the start of a connection, where nothing was asked, is for the caller to notice: it is not fed. */
size_t preamble_feed(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n);

/* Some protocols carry the handshake in envelopes of their own: TDS packets (MS-TDS 2.2.6.5). Once TLS was granted, the
 * caller asks of each piece of a direction how it begins. */
enum preamble_piece {
	PREAMBLE_TLS, /* with *n bytes of TLS */
	PREAMBLE_ENVELOPE, /* with *n bytes that belong to an envelope, and to nobody else */
	PREAMBLE_CLEAR, /* with words in clear, all of it */
};
enum preamble_piece preamble_open(struct preamble *p, bool from_client, const uint8_t *bytes, size_t *n);
bool preamble_has_envelopes(const struct preamble *p);

/* The same of bytes that are not in the capture. False: there is no telling what comes behind them. */
bool preamble_pass_hole(struct preamble *p, bool from_client, uint64_t n);

/* Whether the server has said in clear that it expects TLS here: "The plain HTTP request was sent to HTTPS port",
 * "Must issue a STARTTLS command first", an RDP or MySQL server that insists on it. */
bool preamble_wants_tls(const struct preamble *p);

/* The words by which that is told, one after another; NULL behind the last. */
const char *preamble_phrase(size_t i);

/* The same of any bytes that came from a server. */
bool preamble_server_expected_tls(const uint8_t *bytes, size_t n);

#endif
