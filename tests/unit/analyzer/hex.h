/* hex.h: bytes for tests, written as hexadecimal digits with blanks anywhere between them. */
#ifndef TESTS_UNIT_ANALYZER_HEX_H
#define TESTS_UNIT_ANALYZER_HEX_H

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint8_t hex_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : tolower(c) - 'a' + 10);
}

/* The bytes in memory of exactly their length, so that a read past them is an error under ASan. The caller frees
 * them. */
static inline uint8_t *hex_bytes(const char *hex, size_t *length)
{
	uint8_t *bytes = calloc(1, strlen(hex) / 2 + 1), *exact;
	size_t digits = 0;

	if (!bytes)
		abort();
	for (; *hex; hex++) {
		if (!isxdigit((unsigned char)*hex))
			continue;
		bytes[digits / 2] = (uint8_t)(bytes[digits / 2] << 4 | hex_digit(*hex));
		digits++;
	}
	*length = digits / 2;
	exact = malloc(*length ? *length : 1);
	if (!exact)
		abort();
	memcpy(exact, bytes, *length);
	free(bytes);
	return exact;
}

#endif
