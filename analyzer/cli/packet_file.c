/* packet_file.c: see packet_file.h. */
#include "analyzer/cli/packet_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct packet_file {
	pcap_t *format;
	pcap_dumper_t *dumper;
	int failed; /* errno of the first write that failed */
};

/* A file that was there may be readable by others; what is no file (a pipe) keeps its mode. */
static FILE *open_private(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
	struct stat status;
	FILE *file;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) && fchmod(fd, 0600) != 0) {
		close(fd);
		return NULL;
	}
	file = fdopen(fd, "wb");
	if (!file)
		close(fd);
	return file;
}

static void notice(struct packet_file *f, bool failed)
{
	if (failed && !f->failed)
		f->failed = errno ? errno : EIO;
}

void packet_file_flush(struct packet_file *f)
{
	errno = 0;
	notice(f, pcap_dump_flush(f->dumper) != 0);
}

struct packet_file *packet_file_new(const char *name, int linktype, int snaplen, char *error, size_t size)
{
	struct packet_file *f = calloc(1, sizeof(*f));
	FILE *file = f ? open_private(name) : NULL;

	if (!file) {
		snprintf(error, size, "%s", strerror(f ? errno : ENOMEM));
		free(f);
		return NULL;
	}
	f->format = pcap_open_dead_with_tstamp_precision(linktype, snaplen, PCAP_TSTAMP_PRECISION_NANO);
	f->dumper = f->format ? pcap_dump_fopen(f->format, file) : NULL;
	if (f->dumper) {
		packet_file_flush(f); /* whoever forks now has nothing to write twice */
		return f;
	}
	snprintf(error, size, "%s", f->format ? pcap_geterr(f->format) : strerror(ENOMEM));
	if (f->format)
		pcap_close(f->format);
	fclose(file);
	free(f);
	return NULL;
}

int packet_file_fd(const struct packet_file *f)
{
	return fileno(pcap_dump_file(f->dumper));
}

void packet_file_add(struct packet_file *f, const struct source_packet *p)
{
	const struct pcap_pkthdr header = {
		.ts = {.tv_sec = p->packet.time_ns / 1000000000, .tv_usec = p->packet.time_ns % 1000000000},
		.caplen = p->packet.captured,
		.len = p->packet.wire,
	};

	errno = 0;
	pcap_dump((u_char *)f->dumper, &header, p->packet.bytes);
	notice(f, ferror(pcap_dump_file(f->dumper)) != 0);
}

bool packet_file_close(struct packet_file *f)
{
	int failed;

	if (!f)
		return true;
	packet_file_flush(f);
	failed = f->failed;
	pcap_dump_close(f->dumper);
	pcap_close(f->format);
	free(f);
	errno = failed;
	return !failed;
}
