/* inputs.c: see inputs.h. */
#include "analyzer/cli/inputs.h"

#include "analyzer/cli/capture_file.h"

#include <errno.h>
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

bool inputs_open(struct inputs *in, const char *const *names, size_t count)
{
	*in = (struct inputs){.list = calloc(count ? count : 1, sizeof(*in->list)), .count = count};
	if (!in->list)
		return false;
	raise_limit();
	for (size_t i = 0; i < count; i++) {
		int fd = capture_file_descriptor(names[i]);

		in->list[i] = (struct opened){.name = names[i], .fd = fd, .failed = fd < 0 ? errno : 0};
	}
	return true;
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
