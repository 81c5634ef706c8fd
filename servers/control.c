/* control.c: writes events as JSON lines; see control.h. */
#include "servers/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void control_flush(struct control *control, bool wait)
{
	while (control->pending.length) {
		ssize_t n = send(control->fd, control->pending.data, control->pending.length,
				 MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		buffer_consume(&control->pending, n < 0 ? control->pending.length : (size_t)n);
	}
}

void control_event(struct control *control, json_t *event)
{
	char *text = event ? json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	size_t length = text ? strlen(text) : 0;

	if (text) {
		text[length] = '\n';
		buffer_append(&control->pending, text, length + 1);
	}
	free(text);
	json_decref(event);
	control_flush(control, false);
}
