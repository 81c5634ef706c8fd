/* control.c: writes events as JSON lines; see control.h. */
#include "servers/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "servers/buffer.h"

void control_event(int fd, json_t *event)
{
	struct buffer line = {0};
	char *text = event ? json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	size_t sent = 0;

	if (text && buffer_append(&line, text, strlen(text)) && buffer_append(&line, "\n", 1))
		while (sent < line.length) {
			ssize_t n = send(fd, line.data + sent, line.length - sent, MSG_NOSIGNAL);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				break;
			sent += (size_t)n;
		}
	free(text);
	buffer_free(&line);
	json_decref(event);
}
