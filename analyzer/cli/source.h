/* source.h: where packets come from: a capture file, an interface, or anything else with these two functions.
 *
 * Every source counts its packets from 1 as Wireshark does, whether or not a filter drops them later.
 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "analyzer/tlsdiag.h"

enum source_result {
	SOURCE_PACKET,
	SOURCE_END,
	SOURCE_FAILED, /* source->error says why; the packets before were good */
	SOURCE_IDLE, /* a live source's alone: none has come for a moment, more may */
};

/* Takes the next secrets that the source holds, a text in SSLKEYLOGFILE format. They live until it returns. */
typedef void source_secrets_fn(void *context, const char *text, size_t length);

/* Takes a comment on the packet that next() is about to return and has not yet counted, in the order of the file. It
 * is not ended by a NUL, and lives until this returns. */
typedef void source_comment_fn(void *context, const char *text, size_t length);

struct source_packet {
	int linktype; /* as pcap_datalink() says it */
	const char *interface; /* its name; NULL, unless the source says so: not known; lives as long as the bytes */
	struct tlsdiag_packet packet; /* its bytes live until the next call */
};

struct source;

struct source_ops {
	enum source_result (*next)(struct source *source, struct source_packet *out);
	void (*close)(struct source *source); /* frees it; NULL is fine */
};

/* How a file holds its packets, for who writes another like it. */
enum source_format {
	SOURCE_PCAP, /* microseconds */
	SOURCE_PCAP_NS,
	SOURCE_PCAPNG,
};

struct source {
	const struct source_ops *ops;
	enum source_format format; /* of a file; known after the first next() */
	int linktype; /* of a pcap file, also one without packets; known after the first next() */
	uint64_t frames; /* packets given so far */
	uint64_t dropped; /* packets the capture itself says it lost; complete at SOURCE_END */
	source_secrets_fn
		*on_secrets; /* called from within next(), before the packets they are for; NULL: not wanted */
	void *context; /* for on_secrets */
	source_comment_fn *on_comment; /* called from within next(); NULL: not wanted */
	void *comment_context;
	bool prompt; /* packets may still be arriving: show each verdict at once */
	char error[256]; /* a sentence without the file's name, set with SOURCE_FAILED */
};

static inline enum source_result source_next(struct source *source, struct source_packet *out)
{
	out->interface = NULL;
	return source->ops->next(source, out);
}

static inline void source_close(struct source *source)
{
	if (source)
		source->ops->close(source);
}

#endif
