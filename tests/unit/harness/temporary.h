/* temporary.h: files that a test writes and a folder that goes away with them. */
#ifndef TESTS_UNIT_HARNESS_TEMPORARY_H
#define TESTS_UNIT_HARNESS_TEMPORARY_H

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct temporary {
	char folder[64];
	char path[PATH_MAX]; /* of the file written last */
};

static inline void temporary_open(struct temporary *t)
{
	strcpy(t->folder, "/tmp/tlslab-test.XXXXXX");
	if (!mkdtemp(t->folder))
		abort();
}

/* Writes FOLDER/name, making the one folder that name may hold; returns its path. */
static inline const char *temporary_write(struct temporary *t, const char *name, const char *text)
{
	const char *slash = strchr(name, '/');
	FILE *file;

	if (slash) {
		snprintf(t->path, sizeof(t->path), "%s/%.*s", t->folder, (int)(slash - name), name);
		mkdir(t->path, 0700);
	}
	snprintf(t->path, sizeof(t->path), "%s/%s", t->folder, name);
	file = fopen(t->path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
	return t->path;
}

static inline int temporary_remove(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline void temporary_close(const struct temporary *t)
{
	if (nftw(t->folder, temporary_remove, 8, FTW_DEPTH | FTW_PHYS) != 0)
		abort();
}

#endif
