/* annotate.h: verdicts as the comments of a capture, so that Wireshark shows them where they happened.
 *
 * Each frame of the evidence says what it shows, and the one that ended a failed connection the failure too:
 *
 *     tlsdiag 3: ClientHello, SNI api.example.net
 *     tlsdiag 3: alert fatal protocol_version (70); failed: server-hello/alert/protocol_version, by server: No common
 *     TLS version
 *
 * An established connection has one more where its handshake ended. The section's comment is the summary, what limits
 * the capture, and a line for each connection, the failed ones first. Frame numbers in it are those of the saved file,
 * which has the taken frames alone.
 *
 *     annotations_frame() and annotations_verdict(), in any order; annotations_finish();
 *     annotations_section(); annotations_of() for frame 1, 2, 3 …
 *
 * Not for: writing them (pcapng_write.h).
 */
#ifndef CLI_ANNOTATE_H
#define CLI_ANNOTATE_H

#include "analyzer/cli/frame_set.h"
#include "analyzer/cli/pcapng_write.h"
#include "analyzer/cli/report.h"

#define ANNOTATIONS_MAX                                                                                                \
	((size_t)64 << 20) /* bytes of all comments; the section's comment says what has none for that */

struct annotations;

struct annotations *annotations_new(void); /* NULL when out of memory */
void annotations_free(struct annotations *a); /* NULL is fine */

/* A frame is taken: it will be in the saved file. */
void annotations_frame(struct annotations *a, uint64_t frame);
void annotations_verdict(struct annotations *a, const struct tlsdiag_verdict *verdict);

/* All was told. False when out of memory, now or before. */
bool annotations_finish(struct annotations *a, const struct report_capture *capture);

/* The frames that were taken. */
const struct frame_set *annotations_frames(const struct annotations *a);

/* The section's comment. */
const char *annotations_section(const struct annotations *a);

/* The comments of a frame of the saved file; ask for the frames in ascending order. They live as long as the
 * annotations. */
struct pcapng_comments annotations_of(struct annotations *a, uint64_t saved_frame);

/* Whether a comment is one of those, of an earlier time: connections had other numbers then. */
bool annotation_is_one(const char *text, size_t length);

#endif
