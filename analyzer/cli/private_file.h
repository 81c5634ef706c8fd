/* private_file.h: files that only their owner may read (0600), and that appear whole or not at all.
 *
 * Until private_file_publish() a file has no name where the file system allows it (O_TMPFILE), so that nothing is left
 * behind, whatever happens to the process; elsewhere (NFS, FAT) it has a temporary name beside the one it will get.
 */
#ifndef CLI_PRIVATE_FILE_H
#define CLI_PRIVATE_FILE_H

#include <stdbool.h>
#include <stdio.h>

struct private_file {
	FILE *out; /* to be written to */
	int directory; /* descriptor; -1: not open */
	char *name; /* that it will have in the directory */
	char *temporary; /* that it has; NULL: none */
};

/* Opens what will be `path`. Something other than a regular file that is there already is refused, for it would be
 * replaced: a pipe, a device, a symbolic link (/dev/stdout is one). False, with a sentence in error, when that
 * cannot be; nothing needs to be discarded then. */
bool private_file_open(struct private_file *f, const char *path, char *error, size_t size);

/* Everything written reaches the disk, then the file gets its name, in the place of one that had it. False, with a
 * sentence in error, when that cannot be: discard it then. */
bool private_file_publish(struct private_file *f, char *error, size_t size);

/* Closes it; without private_file_publish() nothing of it remains. {.directory = -1} is fine. */
void private_file_discard(struct private_file *f);

/* Keeps only `out`: another process is to publish or discard the file (publisher.h). */
void private_file_forget(struct private_file *f);

/* A file without a name, on the same file system, to be written and read again. NULL with errno set. */
FILE *private_file_spool(const struct private_file *f);

#endif
