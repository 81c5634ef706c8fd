/* printable.c: see printable.h. */
#include "printable.h"

#include <string.h>

bool printable_append(char *text, size_t size, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t at = strlen(text);

	for (size_t i = 0; i < n; i++) {
		bool printable = bytes[i] >= 0x20 && bytes[i] < 0x7f;
		const char escaped[4] = {'\\', 'x', digits[bytes[i] >> 4], digits[bytes[i] & 15]};
		size_t wrote = printable ? 1 : sizeof(escaped);

		if (at + wrote >= size)
			return false;
		memcpy(text + at, printable ? (const char *)&bytes[i] : escaped, wrote);
		at += wrote;
		text[at] = '\0';
	}
	return true;
}
