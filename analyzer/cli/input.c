/* input.c: see input.h. Bytes are read or unpacked into one buffer and handed out from it without copying. */
#include "analyzer/cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER_SIZE (256u << 10) /* at first; grows when more is asked for at once */
#define PACKED_SIZE (64u << 10)

struct input {
	struct input_window window; /* must be first */
	size_t size; /* of its buffer */
	int fd;
	bool begun; /* the first bytes were looked at: packed is decided */
	bool ended; /* nothing more will come */
	char error[160]; /* "": none */

	bool packed;
	bool member_ended; /* between two gzip members */
	z_stream z; /* valid when packed */
	uint8_t *raw; /* what read(2) gave, before unpacking */
};

struct input *input_new(int fd)
{
	struct input *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->fd = fd;
	in->size = BUFFER_SIZE;
	in->window.buffer = malloc(in->size);
	in->raw = malloc(PACKED_SIZE);
	if (!in->window.buffer || !in->raw) {
		in->fd = -1;
		input_free(in);
		return NULL;
	}
	return in;
}

void input_free(struct input *in)
{
	if (!in)
		return;
	if (in->packed)
		inflateEnd(&in->z);
	if (in->fd >= 0)
		close(in->fd);
	free(in->window.buffer);
	free(in->raw);
	free(in);
}

static void fail(struct input *in, const char *why)
{
	snprintf(in->error, sizeof(in->error), "%s", why);
	in->ended = true;
}

/* One read(2). 0: the end, or a failure. */
static size_t read_some(struct input *in, uint8_t *to, size_t room)
{
	ssize_t n;

	do {
		n = read(in->fd, to, room);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		fail(in, strerror(errno));
	return n > 0 ? (size_t)n : 0;
}

/* Reads the first bytes, which say whether the file is gzip. */
static void begin(struct input *in)
{
	size_t have = 0, n;

	in->begun = true;
	do {
		n = read_some(in, in->raw + have, PACKED_SIZE - have);
		have += n;
	} while (n && have < 2);
	if (have >= 2 && in->raw[0] == 0x1f && in->raw[1] == 0x8b) {
		if (inflateInit2(&in->z, MAX_WBITS + 16) != Z_OK) {
			fail(in, strerror(ENOMEM));
			return;
		}
		in->packed = true;
		in->z.next_in = in->raw;
		in->z.avail_in = (uInt)have;
		return;
	}
	memcpy(in->window.buffer, in->raw, have);
	in->window.end = have;
	in->ended = !have;
}

/* After a gzip member another may follow (RFC 1952 section 2.2); anything else is padding and ends the data. */
static void next_member(struct input *in)
{
	if (in->z.avail_in && in->z.next_in[0] == 0x1f && inflateReset(&in->z) == Z_OK)
		in->member_ended = false;
	else
		in->ended = true;
}

static void unpack_some(struct input *in)
{
	int result;

	if (!in->z.avail_in) {
		in->z.next_in = in->raw;
		in->z.avail_in = (uInt)read_some(in, in->raw, PACKED_SIZE);
		if (!in->z.avail_in) {
			if (!in->member_ended && !in->error[0])
				fail(in, "the gzip data is cut short");
			in->ended = true;
			return;
		}
	}
	if (in->member_ended) {
		next_member(in);
		return;
	}
	in->z.next_out = in->window.buffer + in->window.end;
	in->z.avail_out = (uInt)(in->size - in->window.end);
	result = inflate(&in->z, Z_NO_FLUSH);
	in->window.end = in->size - in->z.avail_out;
	if (result == Z_STREAM_END)
		in->member_ended = true;
	else if (result != Z_OK && result != Z_BUF_ERROR)
		fail(in, in->z.msg ? in->z.msg : "the gzip data is damaged");
}

static void fill_some(struct input *in)
{
	size_t n;

	if (!in->begun) {
		begin(in);
	} else if (in->packed) {
		unpack_some(in);
	} else {
		n = read_some(in, in->window.buffer + in->window.end, in->size - in->window.end);
		in->window.end += n;
		in->ended = !n;
	}
}

/* Makes room for n bytes from start on. */
static bool make_room(struct input *in, size_t n)
{
	uint8_t *larger;

	if (n > INPUT_PEEK_MAX)
		return false;
	memmove(in->window.buffer, in->window.buffer + in->window.start, in->window.end - in->window.start);
	in->window.end -= in->window.start;
	in->window.start = 0;
	if (n <= in->size)
		return true;
	larger = realloc(in->window.buffer, n);
	if (!larger)
		return false;
	in->window.buffer = larger;
	in->size = n;
	return true;
}

enum input_result input_fill(struct input *in, size_t n, const uint8_t **bytes, size_t *left)
{
	struct input_window *w = &in->window;

	if (!make_room(in, n)) {
		fail(in, strerror(ENOMEM));
		return INPUT_FAILED;
	}
	while (w->end - w->start < n && !in->ended)
		fill_some(in);
	*bytes = w->buffer + w->start;
	*left = w->end - w->start;
	if (*left >= n)
		return INPUT_OK;
	if (in->error[0])
		return INPUT_FAILED;
	return *left ? INPUT_SHORT : INPUT_END;
}

enum input_result input_skip(struct input *in, uint64_t n)
{
	while (n) {
		size_t step = n < BUFFER_SIZE ? (size_t)n : BUFFER_SIZE, left;
		const uint8_t *bytes;
		enum input_result result = input_peek(in, step, &bytes, &left);

		if (result != INPUT_OK)
			return result == INPUT_FAILED ? INPUT_FAILED : INPUT_SHORT;
		input_take(in, step);
		n -= step;
	}
	return INPUT_OK;
}

uint64_t input_offset(const struct input *in)
{
	return in->window.offset;
}

bool input_is_packed(const struct input *in)
{
	return in->packed;
}

const char *input_error(const struct input *in)
{
	return in->error;
}
