/* buffer.c: a growing byte buffer with a limit; see buffer.h. */
#include "servers/buffer.h"

#include <stdlib.h>
#include <string.h>

uint8_t *buffer_room(struct buffer *buffer, size_t more)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 1024;
	uint8_t *data;

	if (more > BUFFER_LIMIT || buffer->length > BUFFER_LIMIT - more)
		return NULL;
	while (capacity < buffer->length + more)
		capacity *= 2;
	if (capacity != buffer->capacity) {
		data = realloc(buffer->data, capacity);
		if (!data)
			return NULL;
		buffer->data = data;
		buffer->capacity = capacity;
	}
	return buffer->data + buffer->length;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
	uint8_t *room = buffer_room(buffer, length);

	if (!room)
		return false;
	if (length)
		memcpy(room, bytes, length);
	buffer->length += length;
	return true;
}

void buffer_consume(struct buffer *buffer, size_t length)
{
	buffer->length -= length;
	if (buffer->length)
		memmove(buffer->data, buffer->data + length, buffer->length);
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){0};
}
