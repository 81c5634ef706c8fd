/* save.h: --save: the packets that were taken as a pcapng file, with the verdicts as comments (annotate.h).
 *
 * A verdict comes after its packets, so they are written when all is known: a regular file is read a second time; what
 * cannot be (a pipe, a live capture) is kept until then in a file without a name beside the one to be written.
 *
 *     struct save *save = save_new(path, false, error, sizeof(error));
 *     save_refuses(save, fd)                                       for each file that must not be overwritten
 *     save_begin(save, fd, error, sizeof(error));                  the capture, or -1, when packets come from elsewhere
 *     … a cage may be closed now: save_writable() …
 *     save_attach(save, source);
 *     save_packet(), save_secrets(), save_verdict()                as they come
 *     save_finish(save, &capture, error, sizeof(error));           now it is there, whole
 *     save_free(save);                                             without save_finish() nothing is left
 */
#ifndef CLI_SAVE_H
#define CLI_SAVE_H

#include "analyzer/cli/report.h"
#include "analyzer/cli/source.h"

struct save;

/* Opens what will be `path`, beside it for now. `secrets`: those given are put into it too, as far as they are for its
 * connections. NULL, with a sentence in error, when that cannot be. */
struct save *save_new(const char *path, bool secrets, char *error, size_t size);
void save_free(struct save *s); /* NULL is fine */

/* Gives it up to a process that was forked since and goes on with it; save_free() is still to come. */
void save_leave(struct save *s);

/* Whether an open file is the one that would be overwritten. */
bool save_refuses(const struct save *s, int fd);

/* Says where the packets come from: a capture that will be read from where it stands, which stays the caller's, or -1.
 * False, with a sentence in error, when they could not be kept. */
bool save_begin(struct save *s, int capture, char *error, size_t size);

/* The descriptors that are written to from save_begin() on. No file is opened, made or named any more by this process:
 * that is another's work (publisher.h). */
#define SAVE_WRITABLE 3
void save_writable(const struct save *s, int fds[SAVE_WRITABLE]);

/* Asks the source that save_packet()'s packets will come from for their comments. */
void save_attach(struct save *s, struct source *source);

/* A packet of source_next() that is to be saved, secrets, a verdict. What fails is told by save_finish(). */
void save_packet(struct save *s, const struct source_packet *p);
void save_secrets(struct save *s, const char *text, size_t length);
void save_verdict(struct save *s, const struct tlsdiag_verdict *verdict);

/* Writes the file and gives it its name. False, with a sentence in error that begins without the file's name, when
 * anything could not be done; there is no file then, or the one that was there before. */
bool save_finish(struct save *s, const struct report_capture *capture, char *error, size_t size);

#endif
