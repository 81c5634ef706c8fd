/* capture_fuzz.c: libFuzzer target for capture files: the input is the file. */
#include "analyzer/cli/capture_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(), which a build may switch off. */
static void require(bool holds)
{
	if (!holds)
		abort();
}

// cppcheck-suppress constParameter // source_secrets_fn has it so
static void on_bytes(void *context, const char *text, size_t length)
{
	volatile char byte;

	require(context == NULL);
	for (size_t i = 0; i < length; i++)
		byte = text[i];
	(void)byte;
}

static void check(const struct source_packet *p, uint64_t frame)
{
	volatile uint8_t byte;

	require(p->packet.frame == frame);
	require(p->packet.captured <= p->packet.wire);
	for (uint32_t i = 0; i < p->packet.captured; i++)
		byte = p->packet.bytes[i]; /* every one can be read */
	(void)byte;
	require(!p->interface || strlen(p->interface) < 256);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	struct source *source;
	struct source_packet p;
	enum source_result result;
	uint64_t frame = 0;
	char error[256] = "";

	require(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
	source = capture_file_open_fd(fd, error, sizeof(error));
	if (!source) {
		require(error[0]);
		return 0;
	}
	source->on_secrets = source->on_comment = on_bytes;
	while ((result = source_next(source, &p)) == SOURCE_PACKET)
		check(&p, ++frame);
	require(result == SOURCE_END || source->error[0]);
	source_close(source);
	return 0;
}
