/* sanitize_fuzz.c: frames of any link type through the sanitizer: nothing is read or written past their end, and what
 * comes out is analyzed like what went in.
 *
 * Input: a byte that chooses the link type, then frames, each behind two bytes of its length.
 */
#include "analyzer/tlsdiag.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAMES_MAX 64

/* Takes the next frame off; in memory of exactly its length, to be freed. */
static uint8_t *next_frame(const uint8_t **data, size_t *size, uint32_t *length)
{
	uint8_t *frame;

	if (*size < 2)
		return NULL;
	*length = (uint32_t)((*data)[0] << 8 | (*data)[1]) % 2000;
	*data += 2;
	*size -= 2;
	if (*length > *size)
		*length = (uint32_t)*size;
	frame = malloc(*length ? *length : 1);
	if (!frame)
		abort();
	memcpy(frame, *data, *length);
	*data += *length;
	*size -= *length;
	return frame;
}

static void pass(struct tlsdiag_sanitizer *s, struct tlsdiag *d, int linktype, bool learn, const uint8_t *data,
		 size_t size)
{
	uint32_t length;
	uint8_t *frame;

	for (uint64_t i = 1; i <= FRAMES_MAX && (frame = next_frame(&data, &size, &length)); i++) {
		struct tlsdiag_packet packet = {i, (int64_t)i * 1000000, frame, length, length + (length & 1)}, out;

		if (learn) {
			tlsdiag_sanitizer_learn(s, linktype, &packet);
			tlsdiag_packet(d, linktype, &packet);
		} else if (tlsdiag_sanitizer_rewrite(s, linktype, &packet, &out)) {
			tlsdiag_packet(d, linktype, &out);
		}
		free(frame);
	}
	tlsdiag_finish(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int linktypes[] = {0, 1, 9, 12, 51, 104, 105, 113, 127, 192, 228, 229, 239, 258, 276};
	struct tlsdiag_settings settings;
	struct tlsdiag_sanitizer *s = size ? tlsdiag_sanitizer_new(86400) : NULL;

	if (!s)
		return 0;
	tlsdiag_settings_init(&settings);
	settings.flows_max = 64;
	for (int learn = 1; learn >= 0; learn--) {
		struct tlsdiag *d = tlsdiag_new(&settings, NULL, NULL);

		if (!d)
			abort();
		pass(s, d, linktypes[data[0] % (sizeof(linktypes) / sizeof(*linktypes))], learn, data + 1, size - 1);
		tlsdiag_free(d);
	}
	tlsdiag_sanitizer_free(s);
	return 0;
}
