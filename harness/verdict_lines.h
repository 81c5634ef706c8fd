/* verdict_lines.h: reads what an analyzer printed, a JSON object a line. */
#ifndef HARNESS_VERDICT_LINES_H
#define HARNESS_VERDICT_LINES_H

#include <jansson.h>

#include "harness/variant.h"

struct verdict_line {
	json_t *verdict; /* the caller's to release; NULL: the line is no JSON object */
	const char *text; /* the line, within what was printed … */
	int length; /* … and how many bytes of it are worth showing */
};

/* Takes the next line that is not empty, and moves `rest` behind it. False: there is none. */
bool verdict_line_next(const char **rest, struct verdict_line *line);

/* Whether a verdict is about the server under test: by the server's end, as the path may translate the client's. */
bool verdict_under_test(const struct variant *variant, const json_t *verdict);

#endif
