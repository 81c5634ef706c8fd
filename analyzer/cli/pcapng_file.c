/* pcapng_file.c: reads pcapng (draft-ietf-opsawg-pcapng): blocks of type, length, body and length again.
 *
 * A section header sets the byte order and forgets the interfaces before it; each packet names its interface, which
 * knows link type and unit of time. A Decryption Secrets Block holds a key log. Blocks of unknown types are passed over
 * without being held in memory.
 */
#include "analyzer/cli/capture_format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET_OBSOLETE 2u
#define BLOCK_PACKET_SIMPLE 3u
#define BLOCK_STATISTICS 5u
#define BLOCK_PACKET 6u
#define BLOCK_SECRETS 10u

#define SECRETS_TLS_KEY_LOG 0x544c534bu /* "TLSK" */

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define BLOCK_OVERHEAD 12u /* type, length, length again */
#define BLOCK_MAX (16u << 20) /* libpcap's limit */
#define INTERFACES_MAX 65536u
#define INTERFACE_NAME_MAX 255u /* bytes; the rest of a longer one is passed over */

#define OPTION_END 0
#define OPTION_COMMENT 1
#define IF_NAME 2
#define IF_TSRESOL 9
#define IF_TSOFFSET 14
#define ISB_IFDROP 5
#define ISB_OSDROP 7

#define NS_PER_S UINT64_C(1000000000)
#define TIME_MAX_NS (INT64_MAX / 2)

struct interface {
	int linktype;
	char *name; /* NULL: not told */
	uint32_t snaplen; /* 0: unlimited */
	uint64_t units_per_second;
	int64_t offset_s; /* to be added to its time stamps */
	uint64_t dropped; /* by its latest statistics */
};

struct pcapng_file {
	struct source source;
	struct input *in;
	bool little_endian;
	struct interface *interfaces; /* of this section */
	size_t count, room;
	int64_t latest_ns; /* for packets without a time stamp */
};

struct block {
	uint32_t type, length;
	struct cursor body;
};

/* What a block's reader says. The text of BLOCK_BAD goes to source->error. */
enum block_result {
	BLOCK_DONE, /* no packet: go on */
	BLOCK_HAS_PACKET,
	BLOCK_BAD,
};

/* ---- Options ---- */

struct option {
	uint16_t code;
	struct cursor value;
};

/* The next of a list of options; false at its end, or where it is damaged (options are never worth a failure). */
static bool next_option(const struct pcapng_file *f, struct cursor *c, struct option *out)
{
	uint16_t length = 0;

	if (!ordered_u16(c, f->little_endian, &out->code) || out->code == OPTION_END ||
	    !ordered_u16(c, f->little_endian, &length) || !cursor_sub(c, length, &out->value))
		return false;
	if (!cursor_skip(c, -length & 3u))
		cursor_skip(c, c->left);
	return true;
}

/* Section 4.2: the high bit says whether the rest is a power of 2 or of 10. 0: no unit that a clock could have. */
static uint64_t units_per_second(uint8_t resolution)
{
	uint64_t base = resolution & 0x80 ? 2 : 10, units = 1;

	for (unsigned i = resolution & 0x7f; i; i--) {
		if (units > UINT64_MAX / base)
			return 0;
		units *= base;
	}
	return units;
}

/* Nanoseconds since 1970. A damaged stamp is kept within 1823 to 2116, so that differences and sums of times fit
 * int64_t. */
static int64_t nanoseconds(const struct interface *interface, uint64_t stamp)
{
	uint64_t units = interface->units_per_second;
	__int128 ns = (__int128)(stamp / units) + interface->offset_s;

	ns = ns * (__int128)NS_PER_S + (__int128)(stamp % units) * (__int128)NS_PER_S / units;
	if (ns > TIME_MAX_NS)
		return TIME_MAX_NS;
	return ns < -TIME_MAX_NS ? -TIME_MAX_NS : (int64_t)ns;
}

/* ---- Blocks ---- */

static enum block_result bad(struct pcapng_file *f, const char *why)
{
	capture_fail(&f->source, f->in, "damaged: %s,", why);
	return BLOCK_BAD;
}

static void forget_interfaces(struct pcapng_file *f)
{
	while (f->count)
		free(f->interfaces[--f->count].name);
}

static enum block_result read_section(struct pcapng_file *f, struct block *b)
{
	uint16_t major = 0;

	if (!cursor_skip(&b->body, 4) || !ordered_u16(&b->body, f->little_endian, &major))
		return bad(f, "a section header is too short");
	if (major != 1)
		return bad(f, "a section has an unknown version");
	forget_interfaces(f);
	return BLOCK_DONE;
}

static struct interface *new_interface(struct pcapng_file *f)
{
	if (f->count == f->room) {
		size_t room = f->room ? 2 * f->room : 4;
		struct interface *more = realloc(f->interfaces, room * sizeof(*more));

		if (!more)
			return NULL;
		f->interfaces = more;
		f->room = room;
	}
	f->interfaces[f->count] = (struct interface){.units_per_second = 1000000};
	return &f->interfaces[f->count++];
}

/* NULL, as for an interface without a name, when out of memory: a name is not worth a failure. */
static char *interface_name(const struct cursor *value)
{
	size_t n = value->left < INTERFACE_NAME_MAX ? value->left : INTERFACE_NAME_MAX;

	return strndup((const char *)value->at, n);
}

static enum block_result read_interface(struct pcapng_file *f, struct block *b)
{
	struct interface *interface = f->count < INTERFACES_MAX ? new_interface(f) : NULL;
	struct option option;
	uint16_t linktype = 0;
	uint64_t offset;
	uint8_t resolution;

	if (!interface)
		return bad(f, "there are too many interfaces");
	if (!ordered_u16(&b->body, f->little_endian, &linktype) || !cursor_skip(&b->body, 2) ||
	    !ordered_u32(&b->body, f->little_endian, &interface->snaplen))
		return bad(f, "an interface description is too short");
	interface->linktype = capture_linktype(linktype);
	while (next_option(f, &b->body, &option)) {
		if (option.code == IF_TSRESOL && cursor_u8(&option.value, &resolution))
			interface->units_per_second = units_per_second(resolution);
		else if (option.code == IF_TSOFFSET && ordered_u64(&option.value, f->little_endian, &offset))
			interface->offset_s = (int64_t)offset;
		else if (option.code == IF_NAME && option.value.left && !interface->name)
			interface->name = interface_name(&option.value);
	}
	return interface->units_per_second ? BLOCK_DONE : bad(f, "an interface's time resolution is impossible");
}

/* Interface Statistics: what the capture itself lost. */
static enum block_result read_statistics(struct pcapng_file *f, struct block *b)
{
	uint64_t dropped = 0, value;
	struct option option;
	uint32_t id = 0;

	if (!ordered_u32(&b->body, f->little_endian, &id) || !cursor_skip(&b->body, 8) || id >= f->count)
		return BLOCK_DONE;
	while (next_option(f, &b->body, &option)) {
		if ((option.code == ISB_IFDROP || option.code == ISB_OSDROP) &&
		    ordered_u64(&option.value, f->little_endian, &value) && value <= UINT64_MAX - dropped)
			dropped += value;
	}
	f->source.dropped -= f->interfaces[id].dropped;
	f->interfaces[id].dropped = dropped;
	f->source.dropped += dropped;
	return BLOCK_DONE;
}

/* Decryption Secrets; those of other protocols (WireGuard, SSH, ZigBee) are passed over. */
static enum block_result read_secrets(struct pcapng_file *f, struct block *b)
{
	const uint8_t *text;
	uint32_t type = 0, length = 0;

	if (!ordered_u32(&b->body, f->little_endian, &type) || !ordered_u32(&b->body, f->little_endian, &length))
		return bad(f, "a block of secrets is too short");
	if (!cursor_bytes(&b->body, length, &text))
		return bad(f, "secrets are longer than their block");
	if (type == SECRETS_TLS_KEY_LOG && f->source.on_secrets)
		f->source.on_secrets(f->source.context, (const char *)text, length);
	return BLOCK_DONE;
}

/* Section 4.3.1: options follow the padded bytes. Simple packets have none, and no room for any. */
static void give_comments(struct pcapng_file *f, struct cursor *options)
{
	struct option option;

	while (next_option(f, options, &option)) {
		if (option.code == OPTION_COMMENT)
			f->source.on_comment(f->source.comment_context, (const char *)option.value.at,
					     option.value.left);
	}
}

static enum block_result give(struct pcapng_file *f, struct block *b, const struct interface *interface,
			      uint32_t captured, uint32_t wire, struct source_packet *out)
{
	const uint8_t *bytes;

	if (captured > CAPTURE_PACKET_MAX)
		return bad(f, "a packet claims more bytes than a capture can hold");
	if (!cursor_bytes(&b->body, captured, &bytes))
		return bad(f, "a packet is longer than its block");
	if (f->source.on_comment && cursor_skip(&b->body, -captured & 3u))
		give_comments(f, &b->body);
	out->linktype = interface->linktype;
	out->interface = interface->name;
	out->packet = (struct tlsdiag_packet){
		.frame = ++f->source.frames,
		.time_ns = f->latest_ns,
		.bytes = bytes,
		.captured = captured,
		.wire = wire > captured ? wire : captured,
	};
	return BLOCK_HAS_PACKET;
}

/* Enhanced Packet, or the obsolete Packet, whose interface number has 16 bits and is followed by a drop count. */
static enum block_result read_packet(struct pcapng_file *f, struct block *b, struct source_packet *out)
{
	uint32_t id = 0, high = 0, low = 0, captured = 0, wire = 0;
	uint16_t short_id = 0;
	bool ok;

	if (b->type == BLOCK_PACKET) {
		ok = ordered_u32(&b->body, f->little_endian, &id);
	} else {
		ok = ordered_u16(&b->body, f->little_endian, &short_id) && cursor_skip(&b->body, 2);
		id = short_id;
	}
	ok = ok && ordered_u32(&b->body, f->little_endian, &high) && ordered_u32(&b->body, f->little_endian, &low) &&
	     ordered_u32(&b->body, f->little_endian, &captured) && ordered_u32(&b->body, f->little_endian, &wire);
	if (!ok)
		return bad(f, "a packet block is too short");
	if (id >= f->count)
		return bad(f, "a packet names an interface that was not described");
	f->latest_ns = nanoseconds(&f->interfaces[id], (uint64_t)high << 32 | low);
	return give(f, b, &f->interfaces[id], captured, wire, out);
}

/* Simple Packet: of the first interface, without a time stamp. */
static enum block_result read_simple_packet(struct pcapng_file *f, struct block *b, struct source_packet *out)
{
	uint32_t wire = 0, captured;

	if (!f->count)
		return bad(f, "a packet names an interface that was not described");
	if (!ordered_u32(&b->body, f->little_endian, &wire))
		return bad(f, "a packet block is too short");
	captured = f->interfaces[0].snaplen && f->interfaces[0].snaplen < wire ? f->interfaces[0].snaplen : wire;
	return give(f, b, &f->interfaces[0], captured, wire, out);
}

static enum block_result read_block(struct pcapng_file *f, struct block *b, struct source_packet *out)
{
	switch (b->type) {
	case BLOCK_SECTION:
		return read_section(f, b);
	case BLOCK_INTERFACE:
		return read_interface(f, b);
	case BLOCK_STATISTICS:
		return read_statistics(f, b);
	case BLOCK_SECRETS:
		return read_secrets(f, b);
	case BLOCK_PACKET_SIMPLE:
		return read_simple_packet(f, b, out);
	default:
		return read_packet(f, b, out);
	}
}

static bool is_read(uint32_t type)
{
	return type == BLOCK_SECTION || type == BLOCK_INTERFACE || type == BLOCK_STATISTICS || type == BLOCK_SECRETS ||
	       type == BLOCK_PACKET_SIMPLE || type == BLOCK_PACKET || type == BLOCK_PACKET_OBSOLETE;
}

/* ---- The file ---- */

/* Sets the byte order of a section from the magic in its header; false when it is none. */
static bool set_byte_order(struct pcapng_file *f, const uint8_t magic[4])
{
	for (int order = 0; order < 2; order++) {
		struct cursor c = cursor_over(magic, 4);
		uint32_t value = 0;

		ordered_u32(&c, order == 1, &value);
		f->little_endian = order == 1;
		if (value == BYTE_ORDER_MAGIC)
			return true;
	}
	return false;
}

/* Type and length of the block that is next. SOURCE_PACKET: they are good. */
static enum source_result read_block_header(struct pcapng_file *f, struct block *b)
{
	const uint8_t *bytes;
	struct cursor c;
	size_t n;
	enum input_result result = input_peek(f->in, BLOCK_OVERHEAD, &bytes, &n);

	if (result == INPUT_END)
		return SOURCE_END;
	if (result != INPUT_OK)
		return capture_cut_short(&f->source, f->in, result);
	/* The section header's type reads the same in both byte orders. */
	if (pcapng_file_begins(bytes) && !set_byte_order(f, bytes + 8))
		return capture_fail(&f->source, f->in, "damaged: a section header without its byte order,");
	c = cursor_over(bytes, n);
	ordered_u32(&c, f->little_endian, &b->type);
	ordered_u32(&c, f->little_endian, &b->length);
	if (b->length < BLOCK_OVERHEAD || b->length % 4 || (is_read(b->type) && b->length > BLOCK_MAX))
		return capture_fail(&f->source, f->in,
				    "damaged: after packet %" PRIu64 " a block of type %" PRIu32
				    " claims a length of %" PRIu32,
				    f->source.frames, b->type, b->length);
	return SOURCE_PACKET;
}

/* Makes the block's body readable. */
static enum source_result read_block_body(struct pcapng_file *f, struct block *b)
{
	uint32_t again = 0;
	const uint8_t *bytes;
	struct cursor c;
	size_t n;
	enum input_result result = input_peek(f->in, b->length, &bytes, &n);

	if (result != INPUT_OK)
		return capture_cut_short(&f->source, f->in, result);
	c = cursor_over(bytes, b->length);
	cursor_skip(&c, 8);
	cursor_sub(&c, b->length - BLOCK_OVERHEAD, &b->body);
	ordered_u32(&c, f->little_endian, &again);
	if (again != b->length)
		return capture_fail(&f->source, f->in,
				    "damaged: after packet %" PRIu64 " a block's two lengths differ (%" PRIu32
				    " and %" PRIu32 ")",
				    f->source.frames, b->length, again);
	return SOURCE_PACKET;
}

static enum source_result pcapng_next(struct source *source, struct source_packet *out)
{
	struct pcapng_file *f = (struct pcapng_file *)source;
	enum block_result block_result = BLOCK_DONE;

	while (block_result == BLOCK_DONE) {
		struct block b = {0};
		enum source_result result = read_block_header(f, &b);

		if (result != SOURCE_PACKET)
			return result;
		if (!is_read(b.type)) {
			enum input_result skipped = input_skip(f->in, b.length);

			if (skipped != INPUT_OK)
				return capture_cut_short(source, f->in, skipped);
			continue;
		}
		if (read_block_body(f, &b) == SOURCE_FAILED)
			return SOURCE_FAILED;
		block_result = read_block(f, &b, out);
		if (block_result != BLOCK_BAD)
			input_take(f->in, b.length);
	}
	return block_result == BLOCK_HAS_PACKET ? SOURCE_PACKET : SOURCE_FAILED;
}

static void pcapng_close(struct source *source)
{
	struct pcapng_file *f = (struct pcapng_file *)source;

	input_free(f->in);
	forget_interfaces(f);
	free(f->interfaces);
	free(f);
}

bool pcapng_file_begins(const uint8_t magic[4])
{
	struct cursor c = cursor_over(magic, 4);
	uint32_t type = 0;

	return cursor_u32(&c, &type) && type == BLOCK_SECTION;
}

struct source *pcapng_file_new(struct input *in)
{
	static const struct source_ops ops = {.next = pcapng_next, .close = pcapng_close};
	struct pcapng_file *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->source.ops = &ops;
	f->source.format = SOURCE_PCAPNG;
	f->in = in;
	return &f->source;
}
