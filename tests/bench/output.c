/* output.c: see output.h. */
#include "tests/bench/output.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define BUFFER_SIZE (1u << 20)
#define SNAPLEN 262144u
#define NS_PER_S INT64_C(1000000000)

bool output_open_file(struct output *o, const char *name, char *error)
{
	/* Magic, version 2.4, time zone, accuracy, snapshot length, Ethernet; in this machine's order, which the magic
	 * tells. */
	const uint32_t magic = 0xa1b23c4d, rest[] = {0, 0, SNAPLEN, 1};
	const uint16_t version[] = {2, 4};

	*o = (struct output){.file = strcmp(name, "-") == 0 ? stdout : fopen(name, "we")};
	if (!o->file) {
		snprintf(error, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
		return false;
	}
	setvbuf(o->file, NULL, _IOFBF, BUFFER_SIZE);
	fwrite(&magic, sizeof(magic), 1, o->file);
	fwrite(version, sizeof(version), 1, o->file);
	fwrite(rest, sizeof(rest), 1, o->file);
	return true;
}

bool output_open_interface(struct output *o, const char *name, char *error)
{
	*o = (struct output){.interface = pcap_open_live(name, 64, 0, 1000, error)};
	return o->interface;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* Waits until the packet's time. One that is late goes at once. */
static void await(struct output *o, int64_t time_ns)
{
	int64_t due = o->began_ns + time_ns - o->first_ns, late = now_ns() - due;
	const struct timespec until = {.tv_sec = due / NS_PER_S, .tv_nsec = due % NS_PER_S};

	if (late > o->late_ns)
		o->late_ns = late;
	while (late < 0 && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
	}
}

static void write_packet(struct output *o, int64_t time_ns, const uint8_t *bytes, size_t n)
{
	const uint32_t header[4] = {(uint32_t)(time_ns / NS_PER_S), (uint32_t)(time_ns % NS_PER_S), (uint32_t)n,
				    (uint32_t)n};

	fwrite(header, sizeof(header), 1, o->file);
	fwrite(bytes, 1, n, o->file);
}

void output_packet(struct output *o, int64_t time_ns, const uint8_t *bytes, size_t n)
{
	if (o->packets++ == 0) {
		o->first_ns = time_ns;
		o->began_ns = now_ns();
	}
	o->last_ns = time_ns;
	o->bytes += n;
	if (o->file) {
		write_packet(o, time_ns, bytes, n);
		return;
	}
	await(o, time_ns);
	while (pcap_inject(o->interface, bytes, n) != (int)n) {
		if (errno == ENOBUFS ||
		    errno == EAGAIN) /* its queue is full: what a packet is sent for will take its time */
			continue;
		fprintf(stderr, "%s\n", pcap_geterr(o->interface));
		o->failed = true;
		return;
	}
}

bool output_close(struct output *o)
{
	bool good = !o->failed;

	if (o->interface)
		pcap_close(o->interface);
	if (!o->file)
		return good;
	good = !ferror(o->file) && fflush(o->file) == 0;
	return (o->file == stdout || fclose(o->file) == 0) && good;
}
