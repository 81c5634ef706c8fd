/* quote.c: see quote.h. */
#include "harness/quote.h"

#include <string.h>

size_t quote_plain(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,@%=");
}

void quote_put(FILE *out, const char *text)
{
	if (*text && !text[quote_plain(text)]) {
		fputs(text, out);
		return;
	}
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}
