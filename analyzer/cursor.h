/* cursor.h: the one bounds-checked reader of wire bytes.
 *
 * Every byte that came from a network is read through a cursor. A read that does not fit fails, leaves the cursor where
 * it was and touches nothing else. Length-prefixed fields are read as sub-cursors, so that an inner length can never
 * reach past its outer one. (The idea is OpenBSD's CBS and OpenSSL's PACKET.)
 *
 * Not for: writing, or bytes that span several packets (see stream.h).
 */
#ifndef ANALYZER_CURSOR_H
#define ANALYZER_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What every parser of this library returns. */
enum parse_result {
	PARSE_OK,
	PARSE_NEED_MORE, /* all bytes so far fit; the rest has not arrived yet */
	PARSE_SNAPLEN, /* the capture cut the packet short (tcpdump -s) */
	PARSE_MALFORMED, /* the bytes break the rules of what they claim to be */
};

struct cursor {
	const uint8_t *at;
	size_t left;
};

static inline struct cursor cursor_over(const void *bytes, size_t length)
{
	return (struct cursor){.at = bytes, .left = length};
}

static inline bool cursor_skip(struct cursor *c, size_t n)
{
	if (n > c->left)
		return false;
	c->at += n;
	c->left -= n;
	return true;
}

/* The next n bytes, without copying; they live as long as the bytes under the cursor. */
static inline bool cursor_bytes(struct cursor *c, size_t n, const uint8_t **out)
{
	if (n > c->left)
		return false;
	*out = c->at;
	return cursor_skip(c, n);
}

static inline bool cursor_copy(struct cursor *c, size_t n, void *out)
{
	if (n > c->left)
		return false;
	memcpy(out, c->at, n);
	return cursor_skip(c, n);
}

/* Big-endian (network order) unsigned integer of n bytes, n from 1 to 8. */
static inline bool cursor_uint(struct cursor *c, size_t n, uint64_t *out)
{
	uint64_t value = 0;

	if (n > c->left)
		return false;
	for (size_t i = 0; i < n; i++)
		value = value << 8 | c->at[i];
	*out = value;
	return cursor_skip(c, n);
}

/* The short ones are spelled out, for compilers make one load of this and a loop of cursor_uint(). */
static inline bool cursor_u8(struct cursor *c, uint8_t *out)
{
	const uint8_t *b;

	if (!cursor_bytes(c, 1, &b))
		return false;
	*out = b[0];
	return true;
}

static inline bool cursor_u16(struct cursor *c, uint16_t *out)
{
	const uint8_t *b;

	if (!cursor_bytes(c, 2, &b))
		return false;
	*out = (uint16_t)(b[0] << 8 | b[1]);
	return true;
}

static inline bool cursor_u24(struct cursor *c, uint32_t *out)
{
	uint64_t v;

	if (!cursor_uint(c, 3, &v))
		return false;
	*out = (uint32_t)v;
	return true;
}

static inline bool cursor_u32(struct cursor *c, uint32_t *out)
{
	const uint8_t *b;

	if (!cursor_bytes(c, 4, &b))
		return false;
	*out = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	return true;
}

/* The next n bytes as a cursor of their own. */
static inline bool cursor_sub(struct cursor *c, size_t n, struct cursor *out)
{
	if (n > c->left)
		return false;
	*out = cursor_over(c->at, n);
	return cursor_skip(c, n);
}

/* A field whose length stands before it in `prefix` bytes, as a cursor of its own. */
static inline bool cursor_prefixed(struct cursor *c, size_t prefix, struct cursor *out)
{
	struct cursor ahead = *c;
	uint64_t length;

	if (!cursor_uint(&ahead, prefix, &length) || length > ahead.left)
		return false;
	if (!cursor_sub(&ahead, (size_t)length, out))
		return false;
	*c = ahead;
	return true;
}

#endif
