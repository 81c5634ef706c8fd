/* keylog_file.h: key logs (SSLKEYLOGFILE) as one text, for every capture of a run.
 *
 * They are read once, so that a pipe will do, and may be gzip as captures may. Not for: what the lines mean; the
 * library knows that.
 */
#ifndef CLI_KEYLOG_FILE_H
#define CLI_KEYLOG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define KEYLOG_FILES_MAX ((size_t)256 << 20) /* bytes of all of them together */

struct keylog_files {
	char *text; /* every line ends with a newline */
	size_t length, size;
};

/* Adds the text of a file, whose descriptor is closed in any case. False, with a sentence in error, when it cannot be
 * read, or is no key log: it has lines, and none of them is a secret. An empty one is good: its client got no
 * further. */
bool keylog_files_add_fd(struct keylog_files *k, int fd, char *error, size_t size);

/* Adds a text from elsewhere, as a text of its own. False when out of memory, or when it were too much. */
bool keylog_files_append(struct keylog_files *k, const char *text, size_t length);

void keylog_files_free(struct keylog_files *k); /* wipes the secrets */

#endif
