/* buffer.h: a byte buffer that grows at its end and is consumed at its front, up to a fixed limit. */
#ifndef SERVERS_BUFFER_H
#define SERVERS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUFFER_LIMIT (16u << 20) /* bytes; far above what any scenario sends or reads */

struct buffer {
	uint8_t *data;
	size_t length;
	size_t capacity;
};

/* Appends a copy. False, and the buffer unchanged, beyond BUFFER_LIMIT or without memory. */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t length);
/* Room for more bytes after the end, which the caller may write before adding them to length; NULL as above. */
uint8_t *buffer_room(struct buffer *buffer, size_t more);
/* Removes the first bytes; length is at most buffer->length. */
void buffer_consume(struct buffer *buffer, size_t length);
/* Leaves an empty buffer that may be used again. */
void buffer_free(struct buffer *buffer);

#endif
