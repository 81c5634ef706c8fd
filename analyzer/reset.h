/* reset.h: what resets an attempt has seen, and what tells of each whether its claimed sender sent it.
 *
 * The part of attempt.h that keeps this; what it means is asked in reading_ask.c. Only attempt.c calls it.
 */
#ifndef ANALYZER_RESET_H
#define ANALYZER_RESET_H

#include "attempt.h"

/* A packet of this end that is no reset: its TTL and IP ID, by which a forged one is known. */
void reset_learn(struct attempt_side *s, const struct packet *p);

/* The same of a packet of which the TTL alone counts. */
void reset_learn_ttl(struct attempt_side *s, const struct packet *p);

/* A reset that this end seems to have sent. It becomes an event; those over RESETS_MAX are forgotten. */
void reset_take(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at);

/* A packet that is no reset, from either end, behind resets: before what it says is taken in. */
void reset_mind(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at);

#endif
