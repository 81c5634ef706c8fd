/* lower_bound.h: where a key belongs in a sorted array. bsearch(3) finds any of several that are equal, and says
 * nothing about a key that is not there; this finds the first that is not before it.
 */
#ifndef ANALYZER_LOWER_BOUND_H
#define ANALYZER_LOWER_BOUND_H

#include <stddef.h>

/* The index of the first of `count` items, of `size` bytes each, that `compare` does not put before the key; `count`:
 * all are. compare(key, item) is negative, 0 or positive as for bsearch(3). */
static inline size_t lower_bound(const void *key, const void *items, size_t count, size_t size,
				 int (*compare)(const void *key, const void *item))
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(key, (const char *)items + middle * size) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#endif
