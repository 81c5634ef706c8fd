/* client_words.h: what clients print when a connection fails, and what that says of the wire.
 *
 * A phrase (client_phrases.c) is a piece of a client's error text. It makes a claim (client_claims.c): what the words
 * say when they are taken literally, and which signatures that fits. Several clients make one claim in words of their
 * own. An alert that a client names or numbers is a claim too, made for each alert (client_alerts.c).
 *
 * Words are compared with a verdict, which never changes because of them: packets are evidence, an error text is a
 * report. Pure functions over text lines; they open nothing and print nothing.
 */
#ifndef CLI_CLIENT_WORDS_H
#define CLI_CLIENT_WORDS_H

#include "analyzer/tlsdiag.h"

enum client_relation {
	CLIENT_SAYS_NOTHING, /* no words of an error that is known */
	CLIENT_AGREES, /* says what the wire shows */
	CLIENT_SAYS_LESS, /* fits, and fits other failures as well */
	CLIENT_SAYS_MORE, /* names what the wire hides: a reason that is encrypted or was never sent */
	CLIENT_MISLEADS, /* blames what the wire acquits */
	CLIENT_DIFFERS, /* fits nothing that the wire shows: about another connection, perhaps */
};

/* "agrees", "says-less", "says-more", "misleads", "differs"; "" for CLIENT_SAYS_NOTHING. */
const char *client_relation_name(enum client_relation relation);

/* How a claim stands to one signature, or to all that begin with it. */
struct client_view {
	const char *signature; /* as rows of words are named; or "established" */
	enum client_relation relation;
	const char *note; /* the middle of a sentence: what the wire then shows; NULL: nothing worth adding */
};

struct client_claim {
	const char *name; /* "reset", for machines */
	const char *title;
	const char *meaning; /* what the words say, and what they leave open */
	const struct client_view *views; /* the likelier signature first */
	size_t view_count;
	bool general; /* whatever else the line says says more */
};

enum claim_id {
	CLAIM_ADDRESS,
	CLAIM_REFUSED,
	CLAIM_CANNOT_CONNECT,
	CLAIM_UNREACHABLE,
	CLAIM_PROHIBITED,
	CLAIM_PROTOCOL_UNREACHABLE,
	CLAIM_CONNECT_TIMEOUT,
	CLAIM_HANDSHAKE_TIMEOUT,
	CLAIM_TIMEOUT,
	CLAIM_RESET,
	CLAIM_BROKEN_PIPE,
	CLAIM_EOF,
	CLAIM_CLOSE_NOTIFY,
	CLAIM_EMPTY_REPLY,
	CLAIM_HANDSHAKE_FAILED,
	CLAIM_NOT_TLS,
	CLAIM_PLAIN_HTTP_REFUSED,
	CLAIM_STARTTLS_REFUSED,
	CLAIM_PROXY_REFUSED,
	CLAIM_ANY_ALERT,
	CLAIM_NO_COMMON_GROUND,
	CLAIM_OWN_VERSIONS,
	CLAIM_RETRY_NEEDED,
	CLAIM_SERVER_CHOICE,
	CLAIM_RENEGOTIATION,
	CLAIM_WEAK_DH,
	CLAIM_UNKNOWN_ISSUER,
	CLAIM_SELF_SIGNED,
	CLAIM_EXPIRED,
	CLAIM_NOT_YET_VALID,
	CLAIM_HOST_NAME,
	CLAIM_PINNED,
	CLAIM_REVOKED,
	CLAIM_STAPLE,
	CLAIM_PURPOSE,
	CLAIM_WEAK_CERTIFICATE,
	CLAIM_CHAIN,
	CLAIM_CERTIFICATE,
	CLAIM_SIGNATURE,
	CLAIM_DECRYPTION,
	CLAIM_UNEXPECTED_MESSAGE,
	CLAIM_BROKEN_MESSAGE,
	CLAIM_CLIENT_CERTIFICATE,
	CLAIM_ALPN,
	CLAIM_TRUST_FILE,
	CLAIMS,
};

extern const struct client_claim client_claims[CLAIMS];

struct client_phrase {
	const char *client; /* "curl", "Java"; several that share a library are named by it */
	const char *text; /* compared without regard to case, '_' being a blank; '*' stands for anything between */
	enum claim_id claim;
};

extern const struct client_phrase client_phrases[];
extern const size_t client_phrase_count;

#define CLIENT_SAID_MAX 160

/* What one line of text says. */
struct client_statement {
	const struct client_claim *claim; /* NULL: an alert is named */
	const char *client; /* who speaks: as the line itself shows, else whose phrase it is; "" for nobody known */
	int alert; /* the alert that was received or sent, or -1 */
	bool sent; /* and it was sent */
	char said[CLIENT_SAID_MAX]; /* the words themselves, as they stood there; "": no text was read */
	size_t weight; /* how much of the line is known: the longer the phrase, the more it says */
};

#define CLIENT_STATEMENTS_MAX 16

/* What a client's text says: each claim and alert once, what says most first. All zero: nothing. Bounded; what says
 * least is given up. */
struct client_words {
	struct client_statement list[CLIENT_STATEMENTS_MAX];
	size_t count;
	const char *client; /* whose they are where they do not show it; NULL: not known */
};

/* Takes the next line, of any bytes. */
void client_words_line(struct client_words *words, const char *line, size_t length);
/* Takes all lines of a text that ends with a NUL. */
void client_words_text(struct client_words *words, const char *text);

#define CLIENT_WORDS_LINE_MAX 1024 /* of a longer line the beginning is read */

/* A line ready to be looked through. */
struct folded_line {
	const char *text; /* not terminated */
	size_t length;
	char folded[CLIENT_WORDS_LINE_MAX]; /* the same in lower case, '_' a blank */
};

/* A fatal alert that a client names or numbers in a line: fills in *statement. False: none. */
bool client_alert_read(const struct folded_line *line, struct client_statement *statement);

/* Sets the words of a statement, cut to what there is room for. */
void client_statement_say(struct client_statement *statement, const char *said, size_t length);

/* Where a phrase begins in the line's text, and in *span how much of it it covers; NULL: nowhere. */
const char *client_phrase_in(const struct folded_line *line, const char *phrase, size_t *span);

/* How a statement stands to a signature ("established" for that outcome), with the row that says so in *view, which may
 * be NULL, as for an alert. */
enum client_relation client_relation_to(const struct client_statement *statement, const char *signature,
					const struct client_view **view);

/* What the client's words are worth beside the wire. */
struct client_opinion {
	enum client_relation relation;
	const struct client_statement *statement; /* the one that was weighed; NULL of CLIENT_SAYS_NOTHING */
	char sentence[512]; /* "curl says reset by peer; the reset came from the path, not from the peer." */
};

/* Holds what the client said against a verdict. True where it is worth telling: a failure, or a connection that was
 * established and of which the words know more. Of words that are NULL nothing is. */
bool client_words_compare(const struct client_words *words, const struct tlsdiag_verdict *verdict,
			  struct client_opinion *opinion);

#endif
