/* control.h: the events that the server reports, one JSON object a line: the proof of what it did. */
#ifndef SERVERS_CONTROL_H
#define SERVERS_CONTROL_H

#include <jansson.h>

/* Sends the event and releases it. When nobody listens any more it is lost: the server is about to end anyway. */
void control_event(int fd, json_t *event);

#endif
