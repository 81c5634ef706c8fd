/* overlay.c: see overlay.h. */
#include "lower_bound.h"
#include "overlay.h"

#include <stdlib.h>
#include <string.h>

static bool make_room(struct overlay *o, size_t n)
{
	if (o->count == o->room) {
		size_t room = o->room ? o->room * 2 : 8;
		struct overlay_range *ranges = reallocarray(o->ranges, room, sizeof(*ranges));

		if (!ranges)
			return false;
		o->ranges = ranges;
		o->room = room;
	}
	if (o->length + n > o->size) {
		size_t size = o->length + n > o->size * 2 ? o->length + n : o->size * 2;
		uint8_t *bytes = realloc(o->bytes, size);

		if (!bytes)
			return false;
		o->bytes = bytes;
		o->size = size;
	}
	return true;
}

bool overlay_put(struct overlay *o, uint64_t offset, const uint8_t *bytes, size_t n)
{
	size_t i = o->count;

	if (n == 0)
		return true;
	if (n > UINT32_MAX || !make_room(o, n))
		return false;
	while (i > 0 && o->ranges[i - 1].offset > offset) /* nearly always there already */
		i--;
	memmove(&o->ranges[i + 1], &o->ranges[i], (o->count - i) * sizeof(*o->ranges));
	o->ranges[i] = (struct overlay_range){.offset = offset, .length = (uint32_t)n, .at = o->length};
	o->count++;
	memcpy(o->bytes + o->length, bytes, n);
	o->length += n;
	if (n > o->longest)
		o->longest = (uint32_t)n;
	return true;
}

static int compare_offset(const void *key, const void *item)
{
	uint64_t offset = *(const uint64_t *)key, begins = ((const struct overlay_range *)item)->offset;

	return (offset > begins) - (offset < begins);
}

/* The first range that does not begin before an offset. */
static size_t first_from(const struct overlay *o, uint64_t offset)
{
	return lower_bound(&offset, o->ranges, o->count, sizeof(*o->ranges), compare_offset);
}

void overlay_get(const struct overlay *o, uint64_t offset, uint8_t *out, size_t n)
{
	memset(out, 0, n);
	for (size_t i = first_from(o, offset > o->longest ? offset - o->longest : 0); i < o->count; i++) {
		const struct overlay_range *r = &o->ranges[i];
		uint64_t start = r->offset > offset ? r->offset : offset;
		uint64_t end = r->offset + r->length < offset + n ? r->offset + r->length : offset + n;

		if (r->offset >= offset + n)
			return;
		if (start < end)
			memcpy(out + (start - offset), o->bytes + r->at + (start - r->offset), (size_t)(end - start));
	}
}

size_t overlay_memory(const struct overlay *o)
{
	return o->room * sizeof(*o->ranges) + o->size;
}

void overlay_clear(struct overlay *o)
{
	free(o->ranges);
	free(o->bytes);
	*o = (struct overlay){0};
}
