/* words.h: the table of words, and how well the name of one of its rows fits a signature. */
#ifndef ANALYZER_WORDS_H
#define ANALYZER_WORDS_H

#include "analyzer/tlsdiag.h"

extern const struct tlsdiag_words words_table[];
extern const size_t words_count;

/* How well a row's name fits a signature; 0: not at all. More parts fit better, and the stage by its name better than
 * "any". */
int words_fit(const char *name, const char *signature);
/* A stage or "any", or one of these and a cause, with or without a detail. */
bool words_is_signature(const char *signature);

#endif
