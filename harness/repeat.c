/* repeat.c: see repeat.h. */
#include "harness/repeat.h"

#include <stdlib.h>
#include <string.h>

static const char *word(const char *text)
{
	return text && *text ? text : "nothing";
}

/* A word of the two cases that is not the same, or nothing. */
static size_t differs(FILE *out, const char *what, const char *first, const char *again)
{
	if (strcmp(word(first), word(again)) == 0)
		return 0;
	fprintf(out, "    %s: %s\n    %*s  %s\n", what, word(first), (int)strlen(what), "", word(again));
	return 1;
}

static size_t compare_case(FILE *out, const struct result *first, const struct result *again)
{
	size_t count = differs(out, "result", result_name(first), result_name(again)) +
		       differs(out, "client", first->check.client, again->check.client) +
		       differs(out, "analyzer", first->check.analyzer, again->check.analyzer) +
		       differs(out, "packets", first->check.shape, again->check.shape);

	return count > 0;
}

size_t repeat_compare(FILE *out, const struct results *first, const struct results *again, int number)
{
	size_t count = 0;

	for (size_t i = 0; i < first->variants->count; i++) {
		char *text = NULL;
		size_t size;
		FILE *lines = open_memstream(&text, &size);

		if (!lines)
			abort();
		if (compare_case(lines, &first->items[i], &again->items[i])) {
			fclose(lines);
			fprintf(out, "run %d differs from the first: %s\n%s", number, first->variants->items[i].name,
				text);
			count++;
		} else {
			fclose(lines);
		}
		free(text);
	}
	return count;
}
