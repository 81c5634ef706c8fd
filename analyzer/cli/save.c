/* save.c: see save.h. */
#include "analyzer/cli/save.h"

#include "analyzer/cli/annotate.h"
#include "analyzer/cli/capture_file.h"
#include "analyzer/cli/keylog_file.h"
#include "analyzer/cli/keylog_select.h"
#include "analyzer/cli/pcapng_write.h"
#include "analyzer/cli/private_file.h"
#include "analyzer/cli/publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Comments that a packet had before. They come while the source makes its next packet, which may then be dropped. */
struct kept {
	uint64_t frames; /* that the source had given when they came */
	char *texts[PCAPNG_COMMENTS_MAX];
	size_t count;
};

struct save {
	struct private_file file;
	struct publisher publisher;
	struct annotations *annotations;
	bool with_secrets;
	struct keylog_files secrets;
	struct keylog_select connections; /* whose secrets are wanted */
	const struct source *source; /* of the packets, now */
	struct kept kept;

	int again; /* what is read the second time: the capture, or the spool; -1: it was taken */
	off_t start; /* of the capture in it */
	FILE *spool; /* NULL: there is none */
	struct pcapng_writer *spooler;
	bool failed; /* out of memory */
};

static void say(char *error, size_t size, const char *why)
{
	snprintf(error, size, "%s", why);
}

static bool is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

bool save_refuses(const struct save *s, int fd)
{
	struct stat one, other;

	return fstat(fd, &other) == 0 && fstatat(s->file.directory, s->file.name, &one, 0) == 0 &&
	       is_same(&one, &other);
}

struct save *save_new(const char *path, bool secrets, char *error, size_t size)
{
	struct save *s = calloc(1, sizeof(*s));

	if (!s) {
		say(error, size, strerror(ENOMEM));
		return NULL;
	}
	s->again = s->file.directory = -1;
	s->publisher = NO_PUBLISHER;
	s->with_secrets = secrets;
	s->annotations = annotations_new();
	if (!s->annotations) {
		say(error, size, strerror(ENOMEM));
	} else if (private_file_open(&s->file, path, error, size)) {
		if (!save_refuses(s, STDOUT_FILENO) && !save_refuses(s, STDERR_FILENO))
			return s;
		say(error, size, "is where the report goes: name another");
	}
	save_free(s);
	return NULL;
}

/* Whether the capture can be read twice: not a pipe. It need not stand at its first byte, as standard input may not. */
static bool can_be_read_again(struct save *s, int capture)
{
	struct stat status;

	if (fstat(capture, &status) != 0 || !S_ISREG(status.st_mode))
		return false;
	s->start = lseek(capture, 0, SEEK_CUR);
	s->again = fcntl(capture, F_DUPFD_CLOEXEC, 0);
	return s->again >= 0;
}

static bool open_spool(struct save *s)
{
	s->start = 0;
	s->spool = private_file_spool(&s->file);
	if (s->spool)
		s->again = fcntl(fileno(s->spool), F_DUPFD_CLOEXEC, 0);
	if (s->again >= 0)
		s->spooler = pcapng_writer_new(s->spool, (struct pcapng_comments){0});
	return s->spooler;
}

bool save_begin(struct save *s, int capture, char *error, size_t size)
{
	bool ok = (capture >= 0 && can_be_read_again(s, capture)) || open_spool(s);

	ok = ok && publisher_start(&s->publisher, &s->file);
	if (!ok)
		say(error, size, strerror(errno));
	return ok;
}

void save_writable(const struct save *s, int fds[SAVE_WRITABLE])
{
	fds[0] = fileno(s->file.out);
	fds[1] = publisher_fd(&s->publisher);
	fds[2] = s->spool ? fileno(s->spool) : fds[0];
}

/* ---- What comes from the analysis ---- */

static void forget_kept(struct kept *kept)
{
	while (kept->count)
		free(kept->texts[--kept->count]);
}

static void keep_comment(void *save, const char *text, size_t length)
{
	struct save *s = save;
	struct kept *kept = &s->kept;

	if (kept->frames != s->source->frames)
		forget_kept(kept);
	kept->frames = s->source->frames;
	if (kept->count == PCAPNG_COMMENTS_MAX || annotation_is_one(text, length))
		return;
	kept->texts[kept->count] = strndup(text, length);
	if (kept->texts[kept->count])
		kept->count++;
	else
		s->failed = true;
}

/* What is kept is this packet's afterwards, or nothing. */
static const struct kept *kept_for(struct save *s, const struct source_packet *p)
{
	if (s->kept.frames != p->packet.frame - 1)
		forget_kept(&s->kept);
	return &s->kept;
}

void save_attach(struct save *s, struct source *source)
{
	s->source = source;
	forget_kept(&s->kept);
	source->on_comment = keep_comment;
	source->comment_context = s;
}

void save_packet(struct save *s, const struct source_packet *p)
{
	const struct kept *kept = kept_for(s, p);

	annotations_frame(s->annotations, p->packet.frame);
	if (s->spooler)
		pcapng_write_packet(s->spooler,
				    &(struct pcapng_packet){p->linktype,
							    p->interface,
							    &p->packet,
							    {(const char *const *)kept->texts, kept->count}});
}

void save_secrets(struct save *s, const char *text, size_t length)
{
	if (s->with_secrets && !keylog_files_append(&s->secrets, text, length))
		s->failed = true;
}

void save_verdict(struct save *s, const struct tlsdiag_verdict *verdict)
{
	annotations_verdict(s->annotations, verdict);
	if (s->with_secrets && verdict->hello.random && !keylog_select_add(&s->connections, verdict->hello.random))
		s->failed = true;
}

/* ---- The file ---- */

/* The packets once more, from where they are. NULL, with a sentence in error, when that cannot be. */
static struct source *second_reading(struct save *s, char *error, size_t size)
{
	struct source *source;
	int fd = s->again;

	if (s->spooler && !pcapng_write_end(s->spooler, 0)) {
		snprintf(error, size, "while packets were kept for it: %s", pcapng_write_error(s->spooler));
		return NULL;
	}
	if (lseek(fd, s->start, SEEK_SET) < 0) {
		say(error, size, strerror(errno));
		return NULL;
	}
	s->again = -1;
	source = capture_file_open_fd(fd, error, size);
	if (source)
		save_attach(s, source);
	return source;
}

/* A packet with the comments that it had, then with what is said of it. */
static void write_packet(struct save *s, struct pcapng_writer *w, const struct source_packet *p, uint64_t saved_frame)
{
	struct pcapng_comments said = annotations_of(s->annotations, saved_frame);
	const struct kept *kept = kept_for(s, p);
	const char *texts[PCAPNG_COMMENTS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < kept->count && count + said.count < PCAPNG_COMMENTS_MAX; i++)
		texts[count++] = kept->texts[i];
	for (size_t i = 0; i < said.count && count < PCAPNG_COMMENTS_MAX; i++)
		texts[count++] = said.texts[i];
	pcapng_write_packet(w, &(struct pcapng_packet){p->linktype, p->interface, &p->packet, {texts, count}});
}

/* Every packet that was taken. NULL, or why they are not all there. */
static const char *write_packets(struct save *s, struct pcapng_writer *w, struct source *source)
{
	const struct frame_set *frames = annotations_frames(s->annotations);
	struct frame_place place = {0};
	uint64_t count = frame_set_place(frames, UINT64_MAX, &place), saved = 0;
	bool spooled = s->spooler;

	while (saved < count && !*pcapng_write_error(w)) {
		struct source_packet p;

		if (source_next(source, &p) != SOURCE_PACKET)
			return "the capture was changed while it was read";
		if (spooled || frame_set_has(frames, p.packet.frame))
			write_packet(s, w, &p, ++saved);
	}
	return NULL;
}

static void write_secrets(struct save *s, struct pcapng_writer *w)
{
	size_t length = keylog_select(&s->connections, s->secrets.text, s->secrets.length);

	pcapng_write_secrets(w, s->secrets.text, length);
}

/* False, with a sentence in error, when not all was written. */
static bool write_all(struct save *s, struct source *source, const struct report_capture *capture, char *error,
		      size_t size)
{
	const char *section = annotations_section(s->annotations), *why;
	struct pcapng_writer *w = pcapng_writer_new(s->file.out, (struct pcapng_comments){&section, 1});
	bool ok;

	if (!w) {
		say(error, size, strerror(ENOMEM));
		return false;
	}
	write_secrets(s, w);
	why = write_packets(s, w, source);
	ok = pcapng_write_end(w, capture->dropped) && !why;
	if (!ok)
		say(error, size, why ? why : pcapng_write_error(w));
	pcapng_writer_free(w);
	return ok;
}

bool save_finish(struct save *s, const struct report_capture *capture, char *error, size_t size)
{
	bool told = annotations_finish(s->annotations, capture) && !s->failed, written;
	struct source *source;

	if (!told) {
		say(error, size, strerror(ENOMEM));
		return false;
	}
	source = second_reading(s, error, size);
	if (!source)
		return false;
	written = write_all(s, source, capture, error, size);
	source_close(source);
	return written && publisher_publish(&s->publisher, &s->file, error, size);
}

void save_leave(struct save *s)
{
	private_file_forget(&s->file);
}

void save_free(struct save *s)
{
	if (!s)
		return;
	private_file_discard(&s->file);
	publisher_end(&s->publisher);
	annotations_free(s->annotations);
	keylog_files_free(&s->secrets);
	keylog_select_free(&s->connections);
	forget_kept(&s->kept);
	pcapng_writer_free(s->spooler);
	if (s->spool)
		fclose(s->spool);
	if (s->again >= 0)
		close(s->again);
	free(s);
}
