/* rewrite.h: bytes that are read and written again at the same place, with the same length. What is written is zero
 * from the beginning, so that only what is named survives: bytes are kept by a rule, or erased by none.
 *
 * Reads beyond the end fail as in cursor.h; a field whose length promises more than is there is cut.
 */
#ifndef ANALYZER_REWRITE_H
#define ANALYZER_REWRITE_H

#include "cursor.h"

struct rewrite {
	const uint8_t *in;
	uint8_t *out; /* zeros */
	size_t left;
};

static inline struct rewrite rewrite_over(const uint8_t *in, uint8_t *out, size_t n)
{
	return (struct rewrite){.in = in, .out = out, .left = n};
}

/* The next n bytes, or what of them is there, as a rewrite of their own. */
static inline struct rewrite rewrite_sub(struct rewrite *w, size_t n)
{
	struct rewrite sub = {.in = w->in, .out = w->out, .left = n < w->left ? n : w->left};

	if (sub.left > 0) {
		w->in += sub.left;
		w->out += sub.left;
		w->left -= sub.left;
	}
	return sub;
}

static inline void rewrite_erase(struct rewrite *w, size_t n)
{
	rewrite_sub(w, n);
}

/* Keeps the next n bytes, or those that are there. False: not all were. */
static inline bool rewrite_keep(struct rewrite *w, size_t n)
{
	struct rewrite kept = rewrite_sub(w, n);

	if (kept.left > 0)
		memcpy(kept.out, kept.in, kept.left);
	return kept.left == n;
}

/* Keeps and reads a number of n bytes, 1 to 4. */
static inline bool rewrite_uint(struct rewrite *w, size_t n, uint32_t *value)
{
	struct cursor c = cursor_over(w->in, w->left);
	uint64_t read;

	if (!rewrite_keep(w, n) || !cursor_uint(&c, n, &read))
		return false;
	*value = (uint32_t)read;
	return true;
}

/* Writes a number of 4 bytes in network order. */
static inline void rewrite_put_u32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Keeps the length in front of a field; the field is a rewrite of its own. */
static inline bool rewrite_prefixed(struct rewrite *w, size_t prefix, struct rewrite *field)
{
	uint32_t length;

	if (!rewrite_uint(w, prefix, &length))
		return false;
	*field = rewrite_sub(w, length);
	return true;
}

#endif
