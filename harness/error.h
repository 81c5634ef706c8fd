/* error.h: the sentence that says what went wrong, filled in by whoever failed and shown by whoever has a user.
 *
 * Functions of the harness return true or a pointer when they did their work; otherwise false or NULL, and the sentence
 * is in the caller's struct error. It begins with what was tried, in lower case, and has no newline at its end.
 */
#ifndef HARNESS_ERROR_H
#define HARNESS_ERROR_H

#include <stdbool.h>

struct error {
	char text[512];
};

/* Both return false, so that a function can say `return error_set(...)`. A longer sentence is cut. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, followed by ": " and what errno means. */
bool error_errno(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
