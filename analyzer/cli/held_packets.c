/* held_packets.c: see held_packets.h. */
#include "analyzer/cli/held_packets.h"

#include <stdlib.h>
#include <string.h>

bool held_packets_add(struct held_packets *h, const struct source_packet *p)
{
	uint8_t *bytes = malloc(p->packet.captured ? p->packet.captured : 1);

	if (bytes && h->count == h->size) {
		size_t size = h->size ? h->size * 2 : 64;
		struct source_packet *grown = reallocarray(h->list, size, sizeof(*grown));

		if (grown) {
			h->list = grown;
			h->size = size;
		}
	}
	if (!bytes || h->count == h->size) {
		free(bytes);
		return false;
	}
	memcpy(bytes, p->packet.bytes, p->packet.captured);
	h->list[h->count] = *p;
	h->list[h->count++].packet.bytes = bytes;
	return true;
}

void held_packets_free(struct held_packets *h)
{
	for (size_t i = 0; i < h->count; i++)
		free((void *)(uintptr_t)h->list[i].packet.bytes); // NOLINT(performance-no-int-to-ptr)
	free(h->list);
	*h = (struct held_packets){0};
}
