/* keylog_select.c: see keylog_select.h. */
#include "analyzer/cli/keylog_select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS ((size_t)2 * KEYLOG_SELECT_RANDOM)

bool keylog_select_add(struct keylog_select *s, const uint8_t random[KEYLOG_SELECT_RANDOM])
{
	if (s->count == KEYLOG_SELECT_MAX)
		return true;
	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 16;
		uint8_t(*more)[KEYLOG_SELECT_RANDOM] = reallocarray(s->randoms, room, sizeof(*more));

		if (!more)
			return false;
		s->randoms = more;
		s->room = room;
	}
	memcpy(s->randoms[s->count++], random, KEYLOG_SELECT_RANDOM);
	return true;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, KEYLOG_SELECT_RANDOM);
}

/* The line's second word, where it is a random. */
static bool random_of(const char *line, size_t length, uint8_t random[KEYLOG_SELECT_RANDOM])
{
	static const char hexadecimal[] = "0123456789abcdefABCDEF";
	const char *blank = memchr(line, ' ', length), *word = blank ? blank + 1 : line;

	if (!blank || length - (size_t)(word - line) <= DIGITS || word[DIGITS] != ' ')
		return false;
	for (size_t i = 0; i < KEYLOG_SELECT_RANDOM; i++) {
		char digits[3] = {word[2 * i], word[2 * i + 1], '\0'};

		if (strspn(digits, hexadecimal) != 2)
			return false;
		random[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

static bool is_wanted(const struct keylog_select *s, const char *line, size_t length)
{
	uint8_t random[KEYLOG_SELECT_RANDOM];

	return s->count && random_of(line, length, random) &&
	       bsearch(random, s->randoms, s->count, sizeof(*s->randoms), compare);
}

size_t keylog_select(struct keylog_select *s, char *text, size_t length)
{
	size_t kept = 0, at = 0;

	if (s->count)
		qsort(s->randoms, s->count, sizeof(*s->randoms), compare);
	while (at < length) {
		const char *newline = memchr(text + at, '\n', length - at);
		size_t n = newline ? (size_t)(newline - text) + 1 - at : length - at;

		if (is_wanted(s, text + at, n)) {
			memmove(text + kept, text + at, n);
			kept += n;
		}
		at += n;
	}
	if (length > kept)
		explicit_bzero(text + kept, length - kept);
	return kept;
}

void keylog_select_free(struct keylog_select *s)
{
	free(s->randoms);
	*s = (struct keylog_select){0};
}
