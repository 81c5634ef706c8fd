/* output.c: see output.h. */
#include "tests/bench/output.h"

#include <string.h>

#define BUFFER_SIZE (1u << 20)
#define SNAPLEN 262144u

bool output_open(struct output *o, const char *name)
{
	/* Magic, version 2.4, time zone, accuracy, snapshot length, Ethernet; in this machine's order, which the magic tells. */
	const uint32_t header[6] = {0xa1b23c4d, 4u << 16 | 2, 0, 0, SNAPLEN, 1};
	const uint16_t version[2] = {2, 4};

	*o = (struct output){.file = strcmp(name, "-") == 0 ? stdout : fopen(name, "we")};
	if (!o->file)
		return false;
	setvbuf(o->file, NULL, _IOFBF, BUFFER_SIZE);
	fwrite(header, 4, 1, o->file);
	fwrite(version, sizeof(version), 1, o->file);
	fwrite(header + 2, 4, 4, o->file);
	return true;
}

void output_packet(struct output *o, int64_t time_ns, const uint8_t *bytes, size_t n)
{
	const uint32_t header[4] = {(uint32_t)(time_ns / 1000000000), (uint32_t)(time_ns % 1000000000), (uint32_t)n,
				    (uint32_t)n};

	fwrite(header, sizeof(header), 1, o->file);
	fwrite(bytes, 1, n, o->file);
	if (o->packets++ == 0)
		o->first_ns = time_ns;
	o->last_ns = time_ns;
	o->bytes += n;
}

bool output_close(struct output *o)
{
	bool good = !ferror(o->file) && fflush(o->file) == 0;

	return (o->file == stdout || fclose(o->file) == 0) && good;
}
