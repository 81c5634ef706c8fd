/* offer_memo.h: what clients offered, as it was last written: a client offers the same in each of its connections, and
 * the names of all its numbers are half of a connection's object.
 */
#ifndef CLI_OFFER_MEMO_H
#define CLI_OFFER_MEMO_H

#include "analyzer/tlsdiag.h"

#define OFFER_NUMBERS_MAX 384 /* of an offer that is remembered: more than the hellos of today have */
#define OFFER_MEMO_SIZE 8

struct offer {
	uint16_t numbers[OFFER_NUMBERS_MAX]; /* all that its text depends on */
	size_t count; /* 0: too many to be remembered */
	char *text;
	size_t length;
};

/* All zero: nothing yet. */
struct offer_memo {
	struct offer offers[OFFER_MEMO_SIZE];
	size_t oldest;
	struct offer asked; /* the one that was last looked for; without text */
};

/* The text of that offer, with its length in *length; NULL: not known. */
const char *offer_memo_find(struct offer_memo *memo, const struct tlsdiag_hello *hello, size_t *length);
/* Remembers the text of the offer that was not found, in place of the oldest. Without memory it is forgotten. */
void offer_memo_add(struct offer_memo *memo, const char *text, size_t length);
void offer_memo_free(struct offer_memo *memo);

#endif
