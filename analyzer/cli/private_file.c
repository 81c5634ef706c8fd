/* private_file.c: see private_file.h. */
#include "analyzer/cli/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE (S_IRUSR | S_IWUSR)
#define SELF "/proc/self/fd" /* the way to name a file that has none, see open(2) */
#define TRIES 16 /* of names that are taken */

/* ".NAME.1f2e3d4c5b6a7988", to be freed. */
static char *temporary_name(const char *name)
{
	unsigned long long number = 0;
	char *text;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return NULL;
	/* Some of a long name is enough: with the number it may not be longer than a name can be. */
	return asprintf(&text, ".%.200s.%016llx", name, number) < 0 ? NULL : text;
}

/* A file with a temporary name, which the caller frees; for file systems that have none without. */
static int open_named(int directory, const char *name, char **temporary)
{
	for (int i = 0; i < TRIES; i++) {
		int fd;

		*temporary = temporary_name(name);
		if (!*temporary)
			return -1;
		fd = openat(directory, *temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
		if (fd >= 0)
			return fd;
		free(*temporary);
		*temporary = NULL;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* A file without a name; with one, in *temporary, where that cannot be. open(2) names the errors. */
static int open_unnamed(int directory, const char *name, int flags, char **temporary)
{
	int fd = -1;

	errno = ENOSYS;
	if (access(SELF, X_OK) == 0)
		fd = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC | flags, MODE);

	*temporary = NULL;
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == ENOSYS))
		fd = open_named(directory, name, temporary);
	if (fd >= 0 && fchmod(fd, MODE) != 0 && errno != EPERM) { /* whatever the umask; EPERM: FAT has no modes */
		close(fd);
		fd = -1;
	}
	return fd;
}

static FILE *stream(int fd)
{
	FILE *file = fd >= 0 ? fdopen(fd, "w+") : NULL;

	if (!file && fd >= 0)
		close(fd);
	return file;
}

static bool fail(char *error, size_t size, const char *why)
{
	snprintf(error, size, "%s", why);
	return false;
}

bool private_file_open(struct private_file *f, const char *path, char *error, size_t size)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	struct stat status;

	*f = (struct private_file){.directory = -1};
	if (directory)
		f->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(directory);
	if (f->directory < 0)
		return fail(error, size, strerror(errno));
	if (fstatat(f->directory, *name ? name : ".", &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(status.st_mode)) {
		private_file_discard(f);
		return fail(error, size, "is there and not a regular file: name another");
	}
	f->name = strdup(name);
	if (f->name)
		f->out = stream(open_unnamed(f->directory, name, 0, &f->temporary));
	if (!f->out) {
		fail(error, size, strerror(errno));
		private_file_discard(f);
		return false;
	}
	return true;
}

FILE *private_file_spool(const struct private_file *f)
{
	char *temporary;
	/* O_EXCL: it will never have a name. */
	FILE *file = stream(open_unnamed(f->directory, f->name, O_EXCL, &temporary));

	if (temporary) {
		unlinkat(f->directory, temporary, 0);
		free(temporary);
	}
	return file;
}

/* Gives the file a name: its own where that is free, else a temporary one, for link(2) replaces nothing. */
static bool give_name(struct private_file *f)
{
	char self[64];

	snprintf(self, sizeof(self), SELF "/%d", fileno(f->out));
	if (linkat(AT_FDCWD, self, f->directory, f->name, AT_SYMLINK_FOLLOW) == 0)
		return true;
	if (errno != EEXIST)
		return false;
	f->temporary = temporary_name(f->name);
	if (f->temporary && linkat(AT_FDCWD, self, f->directory, f->temporary, AT_SYMLINK_FOLLOW) == 0)
		return true;
	free(f->temporary);
	f->temporary = NULL;
	return false;
}

bool private_file_publish(struct private_file *f, char *error, size_t size)
{
	/* Some file systems tell only now that there is no room. EINVAL: what cannot be synchronized. */
	if (fflush(f->out) != 0 || ferror(f->out) || (fsync(fileno(f->out)) != 0 && errno != EINVAL))
		return fail(error, size, strerror(errno));
	if (!f->temporary && !give_name(f))
		return fail(error, size, strerror(errno));
	if (f->temporary && renameat(f->directory, f->temporary, f->directory, f->name) != 0)
		return fail(error, size, strerror(errno));
	free(f->temporary);
	f->temporary = NULL;
	return true;
}

void private_file_forget(struct private_file *f)
{
	if (f->directory >= 0)
		close(f->directory);
	free(f->temporary);
	free(f->name);
	*f = (struct private_file){.out = f->out, .directory = -1};
}

void private_file_discard(struct private_file *f)
{
	if (f->out)
		fclose(f->out);
	f->out = NULL;
	if (f->temporary)
		unlinkat(f->directory, f->temporary, 0);
	private_file_forget(f);
}
