/* printable.c: see printable.h. */
#include "printable.h"

#include <string.h>

bool printable_append(char *text, size_t size, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t at = strlen(text), i;

	for (i = 0; i < n; i++) {
		bool printable = bytes[i] >= 0x20 && bytes[i] < 0x7f;

		if (at + (printable ? 1 : 4) >= size)
			break;
		if (printable) {
			text[at++] = (char)bytes[i];
		} else {
			text[at++] = '\\';
			text[at++] = 'x';
			text[at++] = digits[bytes[i] >> 4];
			text[at++] = digits[bytes[i] & 15];
		}
	}
	text[at] = '\0';
	return i == n;
}
