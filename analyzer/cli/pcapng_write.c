/* pcapng_write.c: see pcapng_write.h. A block's length stands before its body, so it is added up first. */
#include "analyzer/cli/pcapng_write.h"

#include "analyzer/cli/capture_format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_STATISTICS 5u
#define BLOCK_PACKET 6u
#define BLOCK_SECRETS 10u

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define SECRETS_TLS_KEY_LOG 0x544c534bu /* "TLSK" */
#define BLOCK_OVERHEAD 12u /* type, length, length again */
#define SECRETS_MAX (1u << 20) /* of one block: readers have limits */

#define OPTION_END 0
#define OPTION_COMMENT 1
#define SHB_USERAPPL 4
#define IF_NAME 2
#define IF_TSRESOL 9
#define ISB_IFDROP 5
#define OPTION_OVERHEAD 4u

#define APPLICATION "tlsdiag " VERSION
#define NAME_MAX_LENGTH 255u

struct interface {
	int linktype;
	char *name; /* NULL: none */
};

struct pcapng_writer {
	FILE *out;
	struct interface *interfaces;
	size_t count;
	int64_t latest_ns; /* of the packets so far */
	char error[160];
};

/* ---- Bytes ---- */

static void fail(struct pcapng_writer *w, const char *why)
{
	if (!w->error[0])
		snprintf(w->error, sizeof(w->error), "%s", why);
}

static void put(struct pcapng_writer *w, const void *bytes, size_t n)
{
	if (!w->error[0] && n && fwrite(bytes, n, 1, w->out) != 1)
		fail(w, strerror(errno));
}

static void put_uint(struct pcapng_writer *w, uint64_t value, size_t size)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	put(w, bytes, size);
}

static void put_u16(struct pcapng_writer *w, size_t value)
{
	put_uint(w, value, 2);
}

static void put_u32(struct pcapng_writer *w, size_t value)
{
	put_uint(w, value, 4);
}

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static void put_padded(struct pcapng_writer *w, const void *bytes, size_t n)
{
	put(w, bytes, n);
	put(w, "\0\0\0", padded(n) - n);
}

/* Section 4.3, 4.6: the upper half of a time stamp comes first, in either byte order. */
static void put_stamp(struct pcapng_writer *w, int64_t time_ns)
{
	uint64_t stamp = time_ns > 0 ? (uint64_t)time_ns : 0;

	put_u32(w, stamp >> 32);
	put_u32(w, stamp & UINT32_MAX);
}

/* ---- Options ---- */

static void put_option(struct pcapng_writer *w, unsigned code, const void *value, size_t n)
{
	put_u16(w, code);
	put_u16(w, n);
	put_padded(w, value, n);
}

static size_t option_size(size_t n)
{
	return OPTION_OVERHEAD + padded(n);
}

/* How much of a text fits a comment: all, or as many whole characters as leave room for "...". */
static size_t comment_part(const char *text, const char **end)
{
	size_t n = strnlen(text, PCAPNG_COMMENT_MAX + 1);

	*end = "";
	if (n <= PCAPNG_COMMENT_MAX)
		return n;
	*end = "...";
	n = PCAPNG_COMMENT_MAX - 3;
	while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static size_t comment_count(struct pcapng_comments c)
{
	return c.count < PCAPNG_COMMENTS_MAX ? c.count : PCAPNG_COMMENTS_MAX;
}

static size_t comments_size(struct pcapng_comments c)
{
	size_t size = 0;

	for (size_t i = 0; i < comment_count(c); i++) {
		const char *end;
		size_t n = comment_part(c.texts[i], &end);

		size += option_size(n + strlen(end));
	}
	return size;
}

static void put_comments(struct pcapng_writer *w, struct pcapng_comments c)
{
	for (size_t i = 0; i < comment_count(c); i++) {
		const char *end;
		size_t n = comment_part(c.texts[i], &end), all = n + strlen(end);

		put_u16(w, OPTION_COMMENT);
		put_u16(w, all);
		put(w, c.texts[i], n);
		put(w, end, all - n);
		put(w, "\0\0\0", padded(all) - all);
	}
}

/* ---- Blocks ---- */

/* Begins a block whose body has so many bytes; returns its length, which ends it. */
static size_t begin_block(struct pcapng_writer *w, uint32_t type, size_t body)
{
	put_u32(w, type);
	put_u32(w, body + BLOCK_OVERHEAD);
	return body + BLOCK_OVERHEAD;
}

static void put_section(struct pcapng_writer *w, struct pcapng_comments comments)
{
	size_t application = strlen(APPLICATION);
	size_t length = begin_block(w, BLOCK_SECTION,
				    16 + comments_size(comments) + option_size(application) + OPTION_OVERHEAD);

	put_u32(w, BYTE_ORDER_MAGIC);
	put_u16(w, 1); /* version 1.0 */
	put_u16(w, 0);
	put_uint(w, UINT64_MAX, 8); /* the section's length is not told */
	put_comments(w, comments);
	put_option(w, SHB_USERAPPL, APPLICATION, application);
	put_u32(w, OPTION_END);
	put_u32(w, length);
}

static void put_interface(struct pcapng_writer *w, const struct interface *interface)
{
	size_t name = interface->name ? strlen(interface->name) : 0;
	size_t length =
		begin_block(w, BLOCK_INTERFACE, 8 + (name ? option_size(name) : 0) + option_size(1) + OPTION_OVERHEAD);

	put_u16(w, capture_file_linktype(interface->linktype));
	put_u16(w, 0);
	put_u32(w, 0); /* no snap length is known */
	if (name)
		put_option(w, IF_NAME, interface->name, name);
	put_option(w, IF_TSRESOL, "\x09", 1);
	put_u32(w, OPTION_END);
	put_u32(w, length);
}

static bool is_interface(const struct interface *interface, const struct pcapng_packet *p)
{
	if (interface->linktype != p->linktype || !interface->name != !p->interface)
		return false;
	return !p->interface || strncmp(interface->name, p->interface, NAME_MAX_LENGTH) == 0;
}

/* Describes a new interface. */
static void add_interface(struct pcapng_writer *w, const struct pcapng_packet *p)
{
	struct interface *more = reallocarray(w->interfaces, w->count + 1, sizeof(*more));

	if (more)
		w->interfaces = more;
	if (!more) {
		fail(w, strerror(ENOMEM));
		return;
	}
	w->interfaces[w->count] = (struct interface){
		.linktype = p->linktype,
		.name = p->interface ? strndup(p->interface, NAME_MAX_LENGTH) : NULL,
	};
	if (p->interface && !w->interfaces[w->count].name)
		fail(w, strerror(ENOMEM));
	put_interface(w, &w->interfaces[w->count++]);
}

/* The number of a packet's interface, which is described where it is new. */
static size_t interface_of(struct pcapng_writer *w, const struct pcapng_packet *p)
{
	for (size_t i = 0; i < w->count; i++) {
		if (is_interface(&w->interfaces[i], p))
			return i;
	}
	if (capture_file_linktype(p->linktype) > UINT16_MAX)
		fail(w, "pcapng has no room for the number of a packet's link type");
	else if (w->count == PCAPNG_INTERFACES_MAX)
		fail(w, "there are too many interfaces");
	else
		add_interface(w, p);
	return w->count ? w->count - 1 : 0;
}

void pcapng_write_packet(struct pcapng_writer *w, const struct pcapng_packet *p)
{
	size_t interface = interface_of(w, p), comments = comments_size(p->comments), length;

	length = begin_block(w, BLOCK_PACKET,
			     20 + padded(p->packet->captured) + comments + (comments ? OPTION_OVERHEAD : 0));
	put_u32(w, interface);
	put_stamp(w, p->packet->time_ns);
	put_u32(w, p->packet->captured);
	put_u32(w, p->packet->wire);
	put_padded(w, p->packet->bytes, p->packet->captured);
	if (comments) {
		put_comments(w, p->comments);
		put_u32(w, OPTION_END);
	}
	put_u32(w, length);
	if (p->packet->time_ns > w->latest_ns)
		w->latest_ns = p->packet->time_ns;
}

/* A block's worth of a key log: whole lines, unless one alone is longer. */
static size_t secrets_part(const char *text, size_t length)
{
	const char *newline;

	if (length <= SECRETS_MAX)
		return length;
	newline = memrchr(text, '\n', SECRETS_MAX);
	return newline ? (size_t)(newline - text) + 1 : SECRETS_MAX;
}

void pcapng_write_secrets(struct pcapng_writer *w, const char *text, size_t length)
{
	while (length) {
		size_t n = secrets_part(text, length), block = begin_block(w, BLOCK_SECRETS, 8 + padded(n));

		put_u32(w, SECRETS_TLS_KEY_LOG);
		put_u32(w, n);
		put_padded(w, text, n);
		put_u32(w, block);
		text += n;
		length -= n;
	}
}

static void put_statistics(struct pcapng_writer *w, uint64_t dropped)
{
	size_t length = begin_block(w, BLOCK_STATISTICS, 12 + option_size(8) + OPTION_OVERHEAD);

	put_u32(w, 0);
	put_stamp(w, w->latest_ns);
	put_u16(w, ISB_IFDROP);
	put_u16(w, 8);
	put_uint(w, dropped, 8);
	put_u32(w, OPTION_END);
	put_u32(w, length);
}

/* ---- The file ---- */

bool pcapng_write_end(struct pcapng_writer *w, uint64_t dropped)
{
	if (dropped && w->count)
		put_statistics(w, dropped);
	if (!w->error[0] && fflush(w->out) != 0)
		fail(w, strerror(errno));
	return !w->error[0];
}

const char *pcapng_write_error(const struct pcapng_writer *w)
{
	return w->error;
}

struct pcapng_writer *pcapng_writer_new(FILE *out, struct pcapng_comments comments)
{
	struct pcapng_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->out = out;
	put_section(w, comments);
	return w;
}

void pcapng_writer_free(struct pcapng_writer *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->count; i++)
		free(w->interfaces[i].name);
	free(w->interfaces);
	free(w);
}
