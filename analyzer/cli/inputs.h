/* inputs.h: files that are all opened before the first is read, so that whoever reads them needs no right to open
 * any. */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

struct inputs {
	struct opened {
		const char *name;
		int fd; /* -1: it could not be opened, or was taken */
		int failed; /* errno of that */
	} * list;
	size_t count;
};

/* Opens captures ('-' is standard input) or other files. False when out of memory; a file that cannot be opened is for
 * the reader to say when its turn comes. */
bool inputs_open(struct inputs *in, const char *const *names, size_t count);

/* The same for files that somebody else may be about to write: those that are not there are made, their owner's
 * alone. */
bool inputs_make(struct inputs *in, const char *const *names, size_t count);

/* The descriptor, the caller's from now on; -1 with errno set. */
int inputs_take(struct inputs *in, size_t i);

void inputs_close(struct inputs *in);

#endif
