/* body.c: see body.h. */
#include "body.h"

#include <stdlib.h>

void body_begin(struct body *b, uint32_t length)
{
	body_clear(b);
	b->length = b->left = length;
}

void body_clear(struct body *b)
{
	if (b->held)
		free(b->held);
	*b = (struct body){0};
}

static void hold(struct body *b, const uint8_t *bytes, uint32_t n, uint32_t max)
{
	uint32_t needed = b->held_length + n;

	if (needed > b->held_size) {
		/* Grown by what has come, not by what the header claims: 16 MiB are claimed in three bytes. */
		uint32_t size = needed < b->length / 2 ? needed * 2 : b->length;
		uint8_t *held = needed <= max ? realloc(b->held, size) : NULL;

		if (!held) {
			b->torn = true;
			return;
		}
		b->held = held;
		b->held_size = size;
	}
	memcpy(b->held + b->held_length, bytes, n);
	b->held_length = needed;
}

bool body_take(struct body *b, struct cursor *c, bool keep, uint32_t max, struct cursor *there)
{
	struct cursor piece;
	uint32_t n = c->left < b->left ? (uint32_t)c->left : b->left;

	cursor_sub(c, n, &piece);
	b->left -= n;
	if (n == b->length) {
		*there = piece;
		return true;
	}
	if (keep && !b->torn)
		hold(b, piece.at, n, max);
	*there = cursor_over(b->held, b->held_length);
	return b->left == 0;
}

bool body_skip(struct body *b, uint64_t *n, struct cursor *there)
{
	uint32_t inside = *n < b->left ? (uint32_t)*n : b->left;

	b->torn = true;
	b->left -= inside;
	*n -= inside;
	*there = cursor_over(b->held, b->held_length);
	return b->left == 0;
}
