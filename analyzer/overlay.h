/* overlay.h: the bytes of one direction that are known, all others being zero. What was put first stays, unless the
 * same place is put again; memory is taken for what was put alone, however far apart it lies.
 */
#ifndef ANALYZER_OVERLAY_H
#define ANALYZER_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct overlay_range {
	uint64_t offset;
	uint32_t length;
	size_t at; /* in bytes */
};

struct overlay {
	struct overlay_range *ranges; /* by offset */
	size_t count, room;
	uint8_t *bytes;
	size_t length, size;
	uint32_t longest; /* of the ranges */
};

/* False when out of memory: nothing was put. */
bool overlay_put(struct overlay *o, uint64_t offset, const uint8_t *bytes, size_t n);

/* The n bytes at an offset. */
void overlay_get(const struct overlay *o, uint64_t offset, uint8_t *out, size_t n);

size_t overlay_memory(const struct overlay *o);
void overlay_clear(struct overlay *o);

#endif
