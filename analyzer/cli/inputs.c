/* inputs.c: see inputs.h. */
#include "analyzer/cli/inputs.h"

#include "analyzer/cli/capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* As many files as were named may be open at once, where the hard limit permits. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int make(const char *name)
{
	return open(name, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
}

static bool open_all(struct inputs *in, const char *const *names, size_t count, int (*open_one)(const char *name))
{
	*in = (struct inputs){.list = calloc(count ? count : 1, sizeof(*in->list)), .count = count};
	if (!in->list)
		return false;
	raise_limit();
	for (size_t i = 0; i < count; i++) {
		int fd = open_one(names[i]);

		in->list[i] = (struct opened){.name = names[i], .fd = fd, .failed = fd < 0 ? errno : 0};
	}
	return true;
}

bool inputs_open(struct inputs *in, const char *const *names, size_t count)
{
	return open_all(in, names, count, capture_file_descriptor);
}

bool inputs_make(struct inputs *in, const char *const *names, size_t count)
{
	return open_all(in, names, count, make);
}

int inputs_take(struct inputs *in, size_t i)
{
	int fd = in->list[i].fd;

	in->list[i].fd = -1;
	if (fd < 0)
		errno = in->list[i].failed;
	return fd;
}

void inputs_close(struct inputs *in)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->list[i].fd >= 0)
			close(in->list[i].fd);
	free(in->list);
	*in = (struct inputs){0};
}
