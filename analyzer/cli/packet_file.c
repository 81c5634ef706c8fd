/* packet_file.c: see packet_file.h. */
#include "analyzer/cli/packet_file.h"

#include "analyzer/cli/pcap_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct packet_file {
	FILE *out;
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
	notice(f, fflush(f->out) != 0);
}

struct packet_file *packet_file_new(const char *name, int linktype, uint32_t snaplen, char *error, size_t size)
{
	struct packet_file *f = calloc(1, sizeof(*f));

	if (f)
		f->out = open_private(name);
	if (!f || !f->out) {
		snprintf(error, size, "%s", strerror(f ? errno : ENOMEM));
		free(f);
		return NULL;
	}
	pcap_write_header(f->out, linktype, snaplen, true);
	packet_file_flush(f); /* whoever forks now has nothing to write twice */
	return f;
}

int packet_file_fd(const struct packet_file *f)
{
	return fileno(f->out);
}

void packet_file_add(struct packet_file *f, const struct source_packet *p)
{
	errno = 0;
	pcap_write_packet(f->out, &p->packet, true);
	notice(f, ferror(f->out) != 0);
}

bool packet_file_close(struct packet_file *f)
{
	int failed;

	if (!f)
		return true;
	packet_file_flush(f);
	errno = 0;
	notice(f, fclose(f->out) != 0);
	failed = f->failed;
	free(f);
	errno = failed;
	return !failed;
}
