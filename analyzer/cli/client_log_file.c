/* client_log_file.c: see client_log_file.h. */
#include "analyzer/cli/client_log_file.h"

#include "analyzer/cli/line_splitter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void take_line(int64_t time_ns, const char *text, size_t length, void *context)
{
	(void)time_ns; /* saved lines have none */
	client_words_line(context, text, length);
}

bool client_log_read(struct client_words *words, int fd, char *error, size_t size)
{
	struct line_splitter splitter = {.length = 0};
	char bytes[16384];
	ssize_t n;

	do {
		n = read(fd, bytes, sizeof(bytes));
		if (n > 0)
			line_splitter_feed(&splitter, 0, bytes, (size_t)n, take_line, words);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		snprintf(error, size, "%s", strerror(errno));
	line_splitter_end(&splitter, take_line, words);
	close(fd);
	return n == 0;
}
