/* printable.c: see printable.h. */
#include "printable.h"

#include <stdio.h>
#include <string.h>

bool printable_append(char *text, size_t size, const uint8_t *bytes, size_t n)
{
	size_t at = strlen(text);

	for (size_t i = 0; i < n; i++) {
		char escaped[sizeof("\\xNN")];
		bool printable = bytes[i] >= 0x20 && bytes[i] < 0x7f;
		size_t wrote = (size_t)snprintf(escaped, sizeof(escaped), printable ? "%c" : "\\x%02X", bytes[i]);

		if (at + wrote >= size)
			return false;
		memcpy(text + at, escaped, wrote + 1);
		at += wrote;
	}
	return true;
}
