/* capture_format.h: what the two readers of capture formats share: their constructors, byte order, and how they
 * fail. */
#ifndef CLI_CAPTURE_FORMAT_H
#define CLI_CAPTURE_FORMAT_H

#include "analyzer/cli/input.h"
#include "analyzer/cli/source.h"
#include "analyzer/cursor.h"

#include <byteswap.h>

/* The largest packet a capture may hold; libpcap's MAXIMUM_SNAPLEN. */
#define CAPTURE_PACKET_MAX 262144u

/* Whether the first four bytes are the format's, and a source that reads it. The source owns the input, which stands at
 * the file's first byte. NULL when out of memory; the input is then still the caller's. */
bool pcap_file_begins(const uint8_t magic[4]);
struct source *pcap_file_new(struct input *in);
bool pcapng_file_begins(const uint8_t magic[4]);
struct source *pcapng_file_new(struct input *in);

/* Reads of integers in the file's byte order; as cursor_u16() and so on otherwise. */
static inline bool ordered_u16(struct cursor *c, bool little_endian, uint16_t *out)
{
	bool ok = cursor_u16(c, out);

	if (ok && little_endian)
		*out = bswap_16(*out);
	return ok;
}

static inline bool ordered_u32(struct cursor *c, bool little_endian, uint32_t *out)
{
	bool ok = cursor_u32(c, out);

	if (ok && little_endian)
		*out = bswap_32(*out);
	return ok;
}

static inline bool ordered_u64(struct cursor *c, bool little_endian, uint64_t *out)
{
	bool ok = cursor_uint(c, 8, out);

	if (ok && little_endian)
		*out = bswap_64(*out);
	return ok;
}

/* The value pcap_datalink() would give for a file's link type. They differ for old types; of those only raw IP carries
 * TLS. */
int capture_linktype(uint32_t linktype);

/* The other way round: what a file says for a packet whose link type is given as pcap_datalink() does. */
uint32_t capture_file_linktype(int linktype);

/* Sets source->error to a sentence that ends with the place: "… at byte 4711". Returns SOURCE_FAILED. */
enum source_result capture_fail(struct source *source, const struct input *in, const char *what, ...)
	__attribute__((format(printf, 3, 4)));

/* The failure of an input_peek() or input_skip() that returned neither INPUT_OK nor a permitted INPUT_END. */
enum source_result capture_cut_short(struct source *source, const struct input *in, enum input_result result);

#endif
