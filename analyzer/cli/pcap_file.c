/* pcap_file.c: reads pcap (draft-ietf-opsawg-pcap): a header of 24 bytes, then packets, each with a header of its
 * own. */
#include "analyzer/cli/capture_format.h"

#include <inttypes.h>
#include <stdlib.h>

/* The flavours differ in the unit of the time stamp's fraction and in the packet header's length. */
static const struct flavour {
	uint32_t magic;
	uint32_t fraction_ns;
	size_t header_length;
} flavours[] = {
	{0xa1b2c3d4, 1000, 16},
	{0xa1b23c4d, 1, 16},
	{0xa1b2cd34, 1000, 24}, /* A. Kuznetsov's patch of libpcap: interface and protocol follow */
};

#define FILE_HEADER_LENGTH 24

struct pcap_file {
	struct source source;
	struct input *in;
	bool little_endian;
	const struct flavour *flavour; /* NULL: the file's header was not read yet */
};

static const struct flavour *flavour_of(const uint8_t magic[4], bool *little_endian)
{
	for (int order = 0; order < 2; order++) {
		struct cursor c = cursor_over(magic, 4);
		uint32_t value = 0;

		*little_endian = order == 1;
		ordered_u32(&c, *little_endian, &value);
		for (size_t i = 0; i < sizeof(flavours) / sizeof(*flavours); i++) {
			if (flavours[i].magic == value)
				return &flavours[i];
		}
	}
	return NULL;
}

bool pcap_file_begins(const uint8_t magic[4])
{
	bool little_endian;

	return flavour_of(magic, &little_endian);
}

static enum source_result read_file_header(struct pcap_file *f)
{
	const uint8_t *bytes;
	struct cursor c;
	size_t n;
	enum input_result result = input_peek(f->in, FILE_HEADER_LENGTH, &bytes, &n);
	uint16_t major = 0;
	uint32_t linktype = 0;

	if (result != INPUT_OK)
		return capture_cut_short(&f->source, f->in, result);
	f->flavour = flavour_of(bytes, &f->little_endian);
	c = cursor_over(bytes, n);
	cursor_skip(&c, 4);
	ordered_u16(&c, f->little_endian, &major);
	if (major != 2)
		return capture_fail(&f->source, f->in, "pcap version %u is not known: damaged", major);
	cursor_skip(&c, 14);
	ordered_u32(&c, f->little_endian, &linktype);
	f->source.format = f->flavour->fraction_ns == 1 ? SOURCE_PCAP_NS : SOURCE_PCAP;
	f->source.linktype =
		capture_linktype(linktype & 0x03ffffff); /* the rest says how long the frame check sequence is */
	input_take(f->in, FILE_HEADER_LENGTH);
	return SOURCE_PACKET;
}

static enum source_result pcap_next(struct source *source, struct source_packet *out)
{
	struct pcap_file *f = (struct pcap_file *)source;
	uint32_t seconds = 0, fraction = 0, captured = 0, wire = 0;
	enum input_result result;
	const uint8_t *bytes;
	struct cursor c;
	size_t header, n;

	if (!f->flavour && read_file_header(f) == SOURCE_FAILED)
		return SOURCE_FAILED;
	header = f->flavour->header_length;
	result = input_peek(f->in, header, &bytes, &n);
	if (result == INPUT_END)
		return SOURCE_END;
	if (result != INPUT_OK)
		return capture_cut_short(source, f->in, result);
	c = cursor_over(bytes, n);
	ordered_u32(&c, f->little_endian, &seconds);
	ordered_u32(&c, f->little_endian, &fraction);
	ordered_u32(&c, f->little_endian, &captured);
	ordered_u32(&c, f->little_endian, &wire);
	if (captured > CAPTURE_PACKET_MAX)
		return capture_fail(source, f->in, "damaged: packet %" PRIu64 " claims %" PRIu32 " bytes",
				    source->frames + 1, captured);
	result = input_peek(f->in, header + captured, &bytes, &n);
	if (result != INPUT_OK)
		return capture_cut_short(source, f->in, result);
	input_take(f->in, header + captured);
	out->linktype = source->linktype;
	out->interface = NULL;
	out->packet = (struct tlsdiag_packet){
		.frame = ++source->frames,
		.time_ns = seconds * INT64_C(1000000000) + fraction * (int64_t)f->flavour->fraction_ns,
		.bytes = bytes + header,
		.captured = captured,
		.wire = wire > captured ? wire : captured,
	};
	return SOURCE_PACKET;
}

static void pcap_close(struct source *source)
{
	struct pcap_file *f = (struct pcap_file *)source;

	input_free(f->in);
	free(f);
}

struct source *pcap_file_new(struct input *in)
{
	static const struct source_ops ops = {.next = pcap_next, .close = pcap_close};
	struct pcap_file *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->source.ops = &ops;
	f->in = in;
	return &f->source;
}
