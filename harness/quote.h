/* quote.h: words for a command line that people copy into a shell. */
#ifndef HARNESS_QUOTE_H
#define HARNESS_QUOTE_H

#include <stddef.h>
#include <stdio.h>

/* How many bytes at the front sh takes as they are, in a word that is not the first: there '=' makes an assignment. */
size_t quote_plain(const char *text);

/* `text` as one word for sh: as it is where sh would leave it alone, else between ''. */
void quote_put(FILE *out, const char *text);

#endif
