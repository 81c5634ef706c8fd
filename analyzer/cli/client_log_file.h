/* client_log_file.h: what a client printed, saved by hand while the packets were captured: the output of curl
 * --verbose, a program's log. Read as it comes, of any size; lines longer than CLIENT_LINE_MAX are cut. Not for: what a
 * line means (client_words.h). */
#ifndef CLI_CLIENT_LOG_FILE_H
#define CLI_CLIENT_LOG_FILE_H

#include "analyzer/cli/client_words.h"

/* Takes the lines that a descriptor gives, and closes it. False, with a sentence in error, when it cannot be read. */
bool client_log_read(struct client_words *words, int fd, char *error, size_t size);

#endif
