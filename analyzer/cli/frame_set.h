/* frame_set.h: which frames of a capture were taken, one bit for each, and the place of each among them.
 *
 * A file that has only those frames numbers them anew: frame_set_place() says how.
 */
#ifndef CLI_FRAME_SET_H
#define CLI_FRAME_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {0} is empty. */
struct frame_set {
	uint64_t *words; /* frame n is bit n % 64 of word n / 64 */
	size_t count;
};

/* False when out of memory. */
bool frame_set_add(struct frame_set *set, uint64_t frame);
bool frame_set_has(const struct frame_set *set, uint64_t frame);

/* How many frames up to this one are in the set: its number in a file of those alone, where it is one of them. `*from`,
 * {0} at first, is where the last search ended: frames in ascending order are found with one pass. */
struct frame_place {
	size_t word;
	uint64_t before; /* frames of the words before */
};
uint64_t frame_set_place(const struct frame_set *set, uint64_t frame, struct frame_place *from);

void frame_set_free(struct frame_set *set);

#endif
