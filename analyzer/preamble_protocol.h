/* preamble_protocol.h: what a protocol is to preamble.c: how its messages are told apart, and what they do to the
 * state.
 *
 * Only for preamble*.c. Protocols are rows of tables, found by the name that recognize.c gives.
 */
#ifndef ANALYZER_PREAMBLE_PROTOCOL_H
#define ANALYZER_PREAMBLE_PROTOCOL_H

#include "preamble.h"

#define PREAMBLE_SIZE_BAD SIZE_MAX /* the bytes cannot be a message of this protocol */
#define PREAMBLE_MESSAGE_MAX 0x1000003 /* the largest message of any of them: MySQL's */

struct line_rules;

struct preamble_protocol {
	const char *name;
	char delimiter; /* a message ends with it; 0: size() tells */
	bool tunnel; /* granting it opens a tunnel, in which anything may follow */
	bool greets; /* the server's greeting counts as an answer */
	bool envelopes; /* the handshake is carried in messages of this protocol: preamble_open() */
	const struct line_rules *rules; /* of preamble_line.c */

	/* The whole length of the message that starts at the cursor, which may be more than has arrived. 0: its length
	 * has not arrived. For a prefix of a message it must not contradict what it says for more of it. */
	size_t (*size)(const struct preamble *p, bool from_client, struct cursor c);

	/* One message, delimiter included; of one longer than PREAMBLE_LINE_MAX only the beginning. */
	void (*message)(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n);
};

/* Tables that end with a NULL name. */
extern const struct preamble_protocol preamble_line_protocols[];
extern const struct preamble_protocol preamble_http_protocols[];
extern const struct preamble_protocol preamble_binary_protocols[];

/* What can happen to the state. */
void preamble_ask(struct preamble *p);
void preamble_grant(struct preamble *p, uint32_t code);
void preamble_refuse(struct preamble *p, uint32_t code);

/* The server's message fits no answer of the protocol in which it was asked: the bytes are looked at afresh, to say
 * what they are. */
void preamble_mismatch(struct preamble *p);

/* A refused client says more, which is not another request. */
void preamble_go_on(struct preamble *p);

/* No more messages are told apart; the state stays. */
void preamble_stop_parsing(struct preamble *p);

#endif
