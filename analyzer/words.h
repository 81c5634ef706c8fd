/* words.h: the table of words, for those who look something up in it. */
#ifndef ANALYZER_WORDS_H
#define ANALYZER_WORDS_H

#include "analyzer/tlsdiag.h"

extern const struct tlsdiag_words words_table[];
extern const size_t words_count;

/* A stage or "any", or one of these and a cause, with or without a detail. */
bool words_is_signature(const char *signature);

#endif
