/* capture_file.c: opens a capture file and tells its format by its first bytes. */
#include "analyzer/cli/capture_file.h"

#include "analyzer/cli/capture_format.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/dlt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKTYPE_RAW 101
#define DLT_RAW_OPENBSD 14 /* of files from OpenBSD; DLT_PPP_BSDOS elsewhere, which Linux has no devices of */

#define ACCEPTED "tlsdiag reads pcap and pcapng, plain or gzip"

/* What people hand to a capture reader by mistake, and what to do about it. */
static const struct {
	const char *magic;
	size_t length;
	const char *what, *remedy;
} lookalikes[] = {
	{"\xfd"
	 "7zXZ",
	 5, "xz data", "unpack it: xz -dc FILE | tlsdiag -r -"},
	{"BZh", 3, "bzip2 data", "unpack it: bzip2 -dc FILE | tlsdiag -r -"},
	{"\x28\xb5\x2f\xfd", 4, "Zstandard data", "unpack it: zstd -dc FILE | tlsdiag -r -"},
	{"\x04\x22\x4d\x18", 4, "LZ4 data", "unpack it: lz4 -dc FILE | tlsdiag -r -"},
	{"\x1f\x8b", 2, "gzip data inside gzip data", "unpack it once: gzip -dc FILE | tlsdiag -r -"},
	{"PK\x03\x04", 4, "a zip archive", "unpack it first"},
	{"snoop\0\0\0", 8, "a snoop capture", "convert it: editcap -F pcapng FILE OUT"},
	{"GMBU", 4, "a Network Monitor capture", "convert it: editcap -F pcapng FILE OUT"},
	{"RTSS", 4, "a Network Monitor capture", "convert it: editcap -F pcapng FILE OUT"},
	{"\x7f"
	 "ELF",
	 4, "a program", ACCEPTED},
	{"-----BEGIN ", 11, "a PEM file", ACCEPTED},
};

static bool is_text(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!isprint(bytes[i]) && !isspace(bytes[i]))
			return false;
	}
	return true;
}

static void describe_stranger(const uint8_t *bytes, size_t n, char *error, size_t size)
{
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(*lookalikes); i++) {
		if (n >= lookalikes[i].length && !memcmp(bytes, lookalikes[i].magic, lookalikes[i].length)) {
			snprintf(error, size, "not a capture but %s; %s", lookalikes[i].what, lookalikes[i].remedy);
			return;
		}
	}
	if (is_text(bytes, n))
		snprintf(error, size, "not a capture but text; " ACCEPTED);
	else
		snprintf(error, size, "not a capture (it begins with %02x %02x %02x %02x); " ACCEPTED, bytes[0],
			 n > 1 ? bytes[1] : 0, n > 2 ? bytes[2] : 0, n > 3 ? bytes[3] : 0);
}

/* Chooses the reader. NULL, with error set, when there is none. */
static struct source *source_for(struct input *in, char *error, size_t size)
{
	const uint8_t *bytes;
	struct source *source;
	size_t n;
	enum input_result result = input_peek(in, 4, &bytes, &n);

	if (result == INPUT_END || result == INPUT_FAILED) {
		snprintf(error, size, "%s",
			 result == INPUT_END ? "empty: not even a capture's header" : input_error(in));
		return NULL;
	}
	if (n < 4 || (!pcap_file_begins(bytes) && !pcapng_file_begins(bytes))) {
		if (n >= 4)
			input_peek(in, 16, &bytes, &n);
		describe_stranger(bytes, n, error, size);
		return NULL;
	}
	source = pcap_file_begins(bytes) ? pcap_file_new(in) : pcapng_file_new(in);
	if (!source)
		snprintf(error, size, "%s", strerror(ENOMEM));
	return source;
}

struct source *capture_file_open_fd(int fd, char *error, size_t size)
{
	struct input *in = input_new(fd);
	struct source *source;
	struct stat status;

	if (!in) {
		snprintf(error, size, "%s", strerror(ENOMEM));
		close(fd);
		return NULL;
	}
	source = source_for(in, error, size);
	if (!source) {
		input_free(in);
		return NULL;
	}
	source->prompt = fstat(fd, &status) == 0 && !S_ISREG(status.st_mode);
	return source;
}

int capture_file_descriptor(const char *name)
{
	return !strcmp(name, "-") ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(name, O_RDONLY | O_CLOEXEC);
}

struct source *capture_file_open(const char *name, char *error, size_t size)
{
	int fd = capture_file_descriptor(name);

	if (fd < 0) {
		snprintf(error, size, "%s", strerror(errno));
		return NULL;
	}
	return capture_file_open_fd(fd, error, size);
}

int capture_linktype(uint32_t linktype)
{
	return linktype == LINKTYPE_RAW ? DLT_RAW : (int)linktype;
}

/* DLT_ values of Linux that a file may not have: there they are free, or other systems' for something else. */
uint32_t capture_file_linktype(int linktype)
{
	static const struct {
		int linktype;
		uint32_t in_file;
	} moved[] = {
		{DLT_RAW, LINKTYPE_RAW}, {DLT_RAW_OPENBSD, LINKTYPE_RAW}, {DLT_ATM_RFC1483, 100}, {DLT_ATM_CLIP, 106},
		{DLT_PFSYNC, 246},
	};

	for (size_t i = 0; i < sizeof(moved) / sizeof(*moved); i++) {
		if (moved[i].linktype == linktype)
			return moved[i].in_file;
	}
	return (uint32_t)linktype;
}

enum source_result capture_fail(struct source *source, const struct input *in, const char *what, ...)
{
	size_t size = sizeof(source->error), n;
	va_list args;

	va_start(args, what);
	vsnprintf(source->error, size, what, args);
	va_end(args);
	n = strlen(source->error);
	snprintf(source->error + n, size - n, " at byte %" PRIu64 "%s", input_offset(in),
		 input_is_packed(in) ? " of the unpacked data" : "");
	return SOURCE_FAILED;
}

enum source_result capture_cut_short(struct source *source, const struct input *in, enum input_result result)
{
	const char *why = result == INPUT_FAILED ? input_error(in) : "cut short";

	if (!source->frames)
		return capture_fail(source, in, "%s: not one packet of it is whole,", why);
	return capture_fail(source, in, "%s: what follows packet %" PRIu64 " is not whole,", why, source->frames);
}
