/* publisher.h: a process whose one work is to give a private file its name, when it is told that the file is whole.
 *
 * Who parses packets may be locked in, without any right to make, name or remove files; it keeps the descriptor to
 * write to. The publisher was started before, and knows nothing but that file. When the other ends without a word,
 * however, it removes what there is.
 */
#ifndef CLI_PUBLISHER_H
#define CLI_PUBLISHER_H

#include "analyzer/cli/private_file.h"

struct publisher {
	int ask, answer; /* pipes; -1: there is none */
};

#define NO_PUBLISHER ((struct publisher){.ask = -1, .answer = -1})

/* Starts it for a file that nothing was written to yet. From now on only `f->out` is the caller's: the directory is
 * closed, and private_file_discard() closes the file without removing it. False with errno set. */
bool publisher_start(struct publisher *p, struct private_file *f);

/* The descriptor that publisher_publish() writes to. */
int publisher_fd(const struct publisher *p);

/* Flushes the file and has it published. False, with a sentence in error, when that could not be; it is gone then. */
bool publisher_publish(struct publisher *p, struct private_file *f, char *error, size_t size);

/* Without publisher_publish(), the file goes. NO_PUBLISHER is fine. */
void publisher_end(struct publisher *p);

#endif
