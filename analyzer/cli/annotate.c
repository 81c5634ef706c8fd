/* annotate.c: see annotate.h. */
#include "analyzer/cli/annotate.h"

#include "analyzer/cli/capture_remarks.h"
#include "analyzer/cli/printable.h"
#include "analyzer/cli/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define OVERHEAD 64 /* bytes that a comment takes beside its text, about */
#define LINES_MAX ((size_t)24 << 10) /* bytes of the section's lines, of failures and of others; both fit its comment */

struct annotation {
	uint64_t frame; /* of the capture that is read; once finished, of the saved one */
	size_t number; /* those of one frame stay in order */
	char *text;
};

/* A connection's line of the section's comment. */
struct line {
	uint64_t frame; /* that it ends with, as above; 0: none */
	char *text;
};

struct lines {
	struct line *all;
	size_t count, bytes;
	uint64_t left_out;
};

struct annotations {
	struct frame_set frames;
	struct annotation *all;
	size_t count, room;
	size_t bytes; /* that they take, about */
	uint64_t left_out; /* connections without comments */
	struct tally tally;
	struct lines failures, others;
	char *section;
	const char **texts; /* of `all` */
	size_t next; /* of `all`, to be asked for */
	bool failed; /* out of memory */
};

/* ---- Frames ---- */

#define MARK "tlsdiag "

bool annotation_is_one(const char *text, size_t length)
{
	size_t at = strlen(MARK), digits = 0;

	if (length < at || memcmp(text, MARK, at) != 0)
		return false;
	while (at + digits < length && text[at + digits] >= '0' && text[at + digits] <= '9')
		digits++;
	return digits && at + digits < length && text[at + digits] == ':';
}

static void add(struct annotations *a, uint64_t frame, const char *text)
{
	size_t room = a->room ? 2 * a->room : 64;
	struct annotation *more;

	if (a->count == a->room) {
		more = reallocarray(a->all, room, sizeof(*more));
		if (!more) {
			a->failed = true;
			return;
		}
		a->all = more;
		a->room = room;
	}
	a->all[a->count] = (struct annotation){.frame = frame, .number = a->count, .text = strdup(text)};
	if (a->all[a->count].text)
		a->count++;
	else
		a->failed = true;
	a->bytes += strlen(text) + OVERHEAD;
}

/* "failed: server-hello/reset, by server: Reset after the ClientHello" */
static void failure_text(const struct tlsdiag_verdict *v, char *text, size_t size)
{
	printable_buffer signature, summary;

	snprintf(text, size, "%s: %s, by %s%s: %s", tlsdiag_outcome_name(v->outcome),
		 printable(v->signature, signature), tlsdiag_party_name(v->by),
		 v->certainty == TLSDIAG_INFERRED ? ", inferred" : "", printable(v->summary, summary));
}

/* What the frame of evidence number i shows, and the frame's other evidence, which follows. Returns the next number. */
static size_t evidence(struct annotations *a, const struct tlsdiag_verdict *v, size_t i)
{
	uint64_t frame = v->evidence[i].at.frame;
	char text[4 * PRINTABLE_MAX], failure[2 * PRINTABLE_MAX + 64];
	const char *separator = "";
	bool decisive = false;
	size_t n = (size_t)snprintf(text, sizeof(text), MARK "%" PRIu64 ": ", v->number);

	for (; i < v->evidence_count && v->evidence[i].at.frame == frame; i++) {
		printable_buffer shows;

		decisive = decisive || v->evidence[i].decisive;
		if (n < PRINTABLE_MAX)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", separator,
					      printable(v->evidence[i].shows, shows));
		separator = "; ";
	}
	if (decisive && v->outcome == TLSDIAG_FAILED) {
		failure_text(v, failure, sizeof(failure));
		snprintf(text + n, sizeof(text) - n, "%s%s", separator, failure);
	}
	if (frame)
		add(a, frame, text);
	return i;
}

/* Of the evidence, the frame that ended a failed connection; 0: none. */
static uint64_t decisive_frame(const struct tlsdiag_verdict *v)
{
	for (size_t i = 0; i < v->evidence_count; i++) {
		if (v->evidence[i].decisive && v->evidence[i].at.frame)
			return v->evidence[i].at.frame;
	}
	return 0;
}

/* The frame that a connection's line names: that ended it, or its handshake; 0: there is none. */
static uint64_t end_of(const struct tlsdiag_verdict *v)
{
	uint64_t decisive = decisive_frame(v);

	if (v->outcome == TLSDIAG_FAILED)
		return decisive ? decisive : v->last.frame;
	return v->outcome == TLSDIAG_ESTABLISHED ? v->milestones[TLSDIAG_FINISHED].at.frame : 0;
}

/* "established: TLS 1.3", "incomplete: The capture begins in the middle." */
static void outcome_text(const struct tlsdiag_verdict *v, char *text, size_t size)
{
	printable_buffer about;
	char version[64];
	const char *what = v->outcome == TLSDIAG_NOT_TLS ? v->protocol : v->summary;

	if (v->outcome == TLSDIAG_FAILED) {
		failure_text(v, text, size);
		return;
	}
	if (v->outcome == TLSDIAG_ESTABLISHED)
		what = v->choice.seen ? tlsdiag_version_name(v->choice.version, version, sizeof(version)) : "";
	snprintf(text, size, "%s%s%s", tlsdiag_outcome_name(v->outcome), *what ? ": " : "", printable(what, about));
}

/* What no frame of the evidence says: that a handshake ended well, or a failure that has no frame of its own. */
static void outcome(struct annotations *a, const struct tlsdiag_verdict *v)
{
	char text[3 * PRINTABLE_MAX], what[2 * PRINTABLE_MAX + 64];
	uint64_t frame = end_of(v);

	if (!frame || (v->outcome == TLSDIAG_FAILED && decisive_frame(v)))
		return;
	outcome_text(v, what, sizeof(what));
	snprintf(text, sizeof(text), MARK "%" PRIu64 ": %s", v->number, what);
	add(a, frame, text);
}

/* ---- The section's lines ---- */

static void add_line(struct annotations *a, struct lines *lines, uint64_t frame, char *text)
{
	size_t length = strlen(text) + sizeof(" (frame 18446744073709551615)\n");
	struct line *more;

	if (lines->bytes + length > LINES_MAX) {
		lines->left_out++;
		free(text);
		return;
	}
	more = reallocarray(lines->all, lines->count + 1, sizeof(*more));
	if (!more) {
		a->failed = true;
		free(text);
		return;
	}
	lines->all = more;
	lines->all[lines->count++] = (struct line){frame, text};
	lines->bytes += length;
}

/* "3: 192.0.2.40:46188 > 203.0.113.20:443 api.example.net, failed: …" */
static void line(struct annotations *a, const struct tlsdiag_verdict *v)
{
	printable_buffer client, server, name;
	char what[2 * PRINTABLE_MAX + 64], *text;

	outcome_text(v, what, sizeof(what));
	if (asprintf(&text, "%" PRIu64 ": %s > %s%s%s, %s", v->number, endpoint_text(&v->client, client),
		     endpoint_text(&v->server, server), *v->hello.server_name ? " " : "",
		     printable(v->hello.server_name, name), what) < 0) {
		a->failed = true;
		return;
	}
	add_line(a, v->outcome == TLSDIAG_FAILED ? &a->failures : &a->others, end_of(v), text);
}

void annotations_verdict(struct annotations *a, const struct tlsdiag_verdict *v)
{
	tally_add(&a->tally, v);
	line(a, v);
	if (a->bytes >= ANNOTATIONS_MAX) {
		a->left_out++;
		return;
	}
	for (size_t i = 0; i < v->evidence_count;)
		i = evidence(a, v, i);
	outcome(a, v);
}

void annotations_frame(struct annotations *a, uint64_t frame)
{
	if (!frame_set_add(&a->frames, frame))
		a->failed = true;
}

/* ---- The end ---- */

static int compare(const void *one, const void *other)
{
	const struct annotation *a = one, *b = other;

	if (a->frame != b->frame)
		return a->frame < b->frame ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* Sorts the comments and numbers their frames as the saved file does. */
static void settle(struct annotations *a)
{
	struct frame_place place = {0};

	if (a->count)
		qsort(a->all, a->count, sizeof(*a->all), compare);
	a->texts = calloc(a->count + 1, sizeof(*a->texts));
	if (!a->texts) {
		a->failed = true;
		return;
	}
	for (size_t i = 0; i < a->count; i++) {
		a->all[i].frame = frame_set_place(&a->frames, a->all[i].frame, &place);
		a->texts[i] = a->all[i].text;
	}
}

static void put_lines(FILE *out, const struct annotations *a, const struct lines *lines, const char *kind)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct frame_place place = {0};

		fprintf(out, "%s", lines->all[i].text);
		if (lines->all[i].frame)
			fprintf(out, " (frame %" PRIu64 ")", frame_set_place(&a->frames, lines->all[i].frame, &place));
		fprintf(out, "\n");
	}
	if (lines->left_out)
		fprintf(out, "%" PRIu64 " more %s\n", lines->left_out, kind);
}

static void put_section(FILE *out, struct annotations *a, const struct report_capture *capture)
{
	struct layout layout = {.out = out};

	summary_text(&layout, &a->tally, capture->counts.packets);
	for (unsigned i = 0; i < CAPTURE_REMARKS; i++) {
		capture_remark_buffer buffer;
		const char *text = capture_remark(capture, i, buffer);

		if (text)
			fprintf(out, "%s\n", text);
	}
	if (a->left_out)
		fprintf(out, "%" PRIu64 " connection%s no comments: there were too many\n", a->left_out,
			a->left_out == 1 ? " has" : "s have");
	if (tally_total(&a->tally))
		fprintf(out, "In a display filter: frame.comment contains \"" MARK "1:\" (connection 1),"
			     " frame.comment contains \"failed:\" (what ended one)\n\n");
	put_lines(out, a, &a->failures, "failed");
	put_lines(out, a, &a->others, "did not fail");
}

bool annotations_finish(struct annotations *a, const struct report_capture *capture)
{
	size_t size;
	FILE *out = open_memstream(&a->section, &size);

	settle(a);
	if (!out)
		return false;
	put_section(out, a, capture);
	if (fclose(out) != 0)
		a->failed = true;
	return !a->failed;
}

const struct frame_set *annotations_frames(const struct annotations *a)
{
	return &a->frames;
}

const char *annotations_section(const struct annotations *a)
{
	return a->section;
}

struct pcapng_comments annotations_of(struct annotations *a, uint64_t saved_frame)
{
	size_t first;

	while (a->next < a->count && a->all[a->next].frame < saved_frame)
		a->next++;
	first = a->next;
	while (a->next < a->count && a->all[a->next].frame == saved_frame)
		a->next++;
	return (struct pcapng_comments){a->texts + first, a->next - first};
}

struct annotations *annotations_new(void)
{
	return calloc(1, sizeof(struct annotations));
}

static void free_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->all[i].text);
	free(lines->all);
}

void annotations_free(struct annotations *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->count; i++)
		free(a->all[i].text);
	free(a->all);
	free(a->texts);
	free_lines(&a->failures);
	free_lines(&a->others);
	frame_set_free(&a->frames);
	free(a->section);
	free(a);
}
