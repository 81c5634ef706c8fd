/* control.h: the events that the server reports, one JSON object a line: the proof of what it did.
 *
 * Nobody waits for the reader: what the socket does not take is kept, and sent when it can be.
 */
#ifndef SERVERS_CONTROL_H
#define SERVERS_CONTROL_H

#include <jansson.h>
#include <stdbool.h>

#include "servers/buffer.h"

struct control {
	int fd;
	struct buffer pending;
};

/* Sends the event, in its turn, and releases it. */
void control_event(struct control *control, json_t *event);
/* Sends what is pending: as much as the socket takes, or all of it. When nobody listens any more it is lost. */
void control_flush(struct control *control, bool wait);

#endif
