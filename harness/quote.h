/* quote.h: words for a command line that people copy into a shell. */
#ifndef HARNESS_QUOTE_H
#define HARNESS_QUOTE_H

#include <stdio.h>

/* `text` as one word for sh: as it is where sh would leave it alone, else between ''. */
void quote_put(FILE *out, const char *text);

#endif
