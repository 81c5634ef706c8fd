/* offer_memo.c: see offer_memo.h. */
#include "analyzer/cli/offer_memo.h"

#include <stdlib.h>
#include <string.h>

static bool add_list(struct offer *o, const struct tlsdiag_numbers *list)
{
	if (list->count >= OFFER_NUMBERS_MAX - o->count)
		return false;
	o->numbers[o->count++] = (uint16_t)list->count;
	if (list->count)
		memcpy(o->numbers + o->count, list->values, list->count * sizeof(*list->values));
	o->count += list->count;
	return true;
}

/* Each list behind its length, so that two offers that differ never look alike. */
static void offer_of(struct offer *o, const struct tlsdiag_hello *h)
{
	o->count = 0;
	o->numbers[o->count++] = h->complete;
	o->numbers[o->count++] = h->legacy_version;
	if (!add_list(o, &h->versions) || !add_list(o, &h->ciphers) || !add_list(o, &h->groups) ||
	    !add_list(o, &h->signatures))
		o->count = 0;
}

const char *offer_memo_find(struct offer_memo *memo, const struct tlsdiag_hello *hello, size_t *length)
{
	const struct offer *asked = &memo->asked;

	offer_of(&memo->asked, hello);
	for (size_t i = 0; asked->count && i < OFFER_MEMO_SIZE; i++) {
		const struct offer *o = &memo->offers[i];

		if (o->count != asked->count || memcmp(o->numbers, asked->numbers, o->count * sizeof(*o->numbers)) != 0)
			continue;
		*length = o->length;
		return o->text;
	}
	return NULL;
}

void offer_memo_add(struct offer_memo *memo, const char *text, size_t length)
{
	struct offer *o = &memo->offers[memo->oldest];
	char *copy = memo->asked.count && length ? malloc(length) : NULL;

	if (!copy)
		return;
	free(o->text);
	*o = memo->asked;
	o->text = memcpy(copy, text, length);
	o->length = length;
	memo->oldest = (memo->oldest + 1) % OFFER_MEMO_SIZE;
}

void offer_memo_free(struct offer_memo *memo)
{
	for (size_t i = 0; i < OFFER_MEMO_SIZE; i++)
		free(memo->offers[i].text);
	*memo = (struct offer_memo){0};
}
