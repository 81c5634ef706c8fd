/* client_output.c: see client_output.h. */
#include "analyzer/cli/client_output.h"

#include <stdlib.h>
#include <string.h>

static bool make_room(struct client_output *o)
{
	size_t size = o->size ? o->size * 2 : 32;
	struct client_line *grown;

	if (o->count < o->size)
		return true;
	grown = reallocarray(o->lines, size, sizeof(*grown));
	if (!grown)
		return false;
	o->lines = grown;
	o->size = size;
	return true;
}

/* A line is told when it ends and bears the time of its beginning: it may belong before others. */
static size_t place_for(const struct client_output *o, int64_t time_ns)
{
	size_t i = o->count;

	while (i > 0 && o->lines[i - 1].time_ns > time_ns)
		i--;
	return i;
}

bool client_output_add(struct client_output *o, enum client_stream stream, int64_t time_ns, const char *text,
		       size_t length)
{
	size_t at;
	char *copy;

	if (!length)
		return true;
	if (o->of_stream[stream] == CLIENT_LINES_MAX) {
		o->left_out[stream]++;
		return true;
	}
	copy = strndup(text, length < CLIENT_LINE_MAX ? length : CLIENT_LINE_MAX);
	if (!copy || !make_room(o)) {
		free(copy);
		return false;
	}
	at = place_for(o, time_ns);
	memmove(&o->lines[at + 1], &o->lines[at], (o->count - at) * sizeof(*o->lines));
	o->lines[at] = (struct client_line){.time_ns = time_ns, .stream = stream, .text = copy};
	o->count++;
	o->of_stream[stream]++;
	return true;
}

void client_output_free(struct client_output *o)
{
	for (size_t i = 0; i < o->count; i++)
		free(o->lines[i].text);
	free(o->lines);
	*o = (struct client_output){0};
}
