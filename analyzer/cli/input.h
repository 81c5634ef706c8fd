/* input.h: the bytes of a capture file, in order and with their offsets, unpacked where they are gzip (RFC 1952).
 *
 * Works on anything that can be read: files, pipes, sockets. It never waits for more bytes than are asked for, so that
 * a capture can be followed while it is written into a pipe.
 *
 * Not for: what the bytes mean (pcap_file.h, pcapng_file.h).
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_PEEK_MAX (32u << 20) /* most that input_peek() can be asked for */

enum input_result {
	INPUT_OK,
	INPUT_END, /* no byte is left */
	INPUT_SHORT, /* some bytes are left, but fewer than asked for */
	INPUT_FAILED, /* input_error() says why; earlier bytes were all given */
};

/* Bytes that were read and not taken: those of the buffer from start to end. First in struct input, so that taking what
 * is there costs no call. */
struct input_window {
	uint8_t *buffer;
	size_t start, end;
	uint64_t offset; /* of the byte at start */
};

struct input;

/* Reads from fd, which it closes in input_free(). NULL when out of memory; fd is then still the caller's. */
struct input *input_new(int fd);
void input_free(struct input *in); /* NULL is fine */

/* The next n bytes, which stay next. They live until the next call of input_peek() or input_skip(). Fewer are given
 * where INPUT_SHORT is returned: *left says how many. */
static inline enum input_result input_peek(struct input *in, size_t n, const uint8_t **bytes, size_t *left);

/* Takes n bytes that were peeked at. */
static inline void input_take(struct input *in, size_t n);

/* Passes over n bytes, of which any number may be missing from the end of the file (INPUT_SHORT). */
enum input_result input_skip(struct input *in, uint64_t n);

/* Bytes taken so far: of the unpacked data where the file is packed. */
uint64_t input_offset(const struct input *in);
bool input_is_packed(const struct input *in);

/* Why INPUT_FAILED was returned: an error of read(2) or of the gzip data. */
const char *input_error(const struct input *in);

/* input_peek() where the bytes must be read first. */
enum input_result input_fill(struct input *in, size_t n, const uint8_t **bytes, size_t *left);

static inline enum input_result input_peek(struct input *in, size_t n, const uint8_t **bytes, size_t *left)
{
	const struct input_window *w = (const struct input_window *)in;

	if (w->end - w->start < n)
		return input_fill(in, n, bytes, left);
	*bytes = w->buffer + w->start;
	*left = w->end - w->start;
	return INPUT_OK;
}

static inline void input_take(struct input *in, size_t n)
{
	struct input_window *w = (struct input_window *)in;

	if (n > w->end - w->start)
		n = w->end - w->start;
	w->start += n;
	w->offset += n;
}

#endif
