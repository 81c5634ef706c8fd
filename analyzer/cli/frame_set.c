/* frame_set.c: see frame_set.h. */
#include "analyzer/cli/frame_set.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_AT_FIRST 1024 /* 64 Ki frames */

static bool reserve(struct frame_set *set, size_t word)
{
	size_t count = set->count ? set->count : WORDS_AT_FIRST;
	uint64_t *more;

	if (word < set->count)
		return true;
	while (count <= word)
		count *= 2;
	more = reallocarray(set->words, count, sizeof(*more));
	if (!more)
		return false;
	memset(more + set->count, 0, (count - set->count) * sizeof(*more));
	set->words = more;
	set->count = count;
	return true;
}

bool frame_set_add(struct frame_set *set, uint64_t frame)
{
	if (!reserve(set, frame / 64))
		return false;
	set->words[frame / 64] |= UINT64_C(1) << frame % 64;
	return true;
}

bool frame_set_has(const struct frame_set *set, uint64_t frame)
{
	return frame / 64 < set->count && set->words[frame / 64] >> frame % 64 & 1;
}

uint64_t frame_set_place(const struct frame_set *set, uint64_t frame, struct frame_place *from)
{
	while (from->word < frame / 64 && from->word < set->count)
		from->before += (uint64_t)__builtin_popcountll(set->words[from->word++]);
	if (from->word == set->count)
		return from->before;
	/* Bits 0 to frame % 64 of the word: those above are shifted out. */
	return from->before + (uint64_t)__builtin_popcountll(set->words[from->word] << (63 - frame % 64));
}

void frame_set_free(struct frame_set *set)
{
	free(set->words);
	*set = (struct frame_set){0};
}
