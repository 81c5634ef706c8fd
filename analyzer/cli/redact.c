/* redact.c: see redact.h. */
#include "analyzer/cli/redact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kept_packet {
	struct kept_packet *next;
	struct source_packet packet; /* its bytes are those below */
	uint8_t bytes[];
};

struct redacted_source {
	struct source source;
	struct source *inner;
	struct filter *filter;
	struct tlsdiag_sanitizer *sanitizer;
	struct kept_packet *first, **last;
	size_t memory;
	bool read; /* all of the inner source is */
	bool failed; /* and it did, behind its packets; or something else did */
};

static bool fail(struct redacted_source *r, const char *why)
{
	snprintf(r->source.error, sizeof(r->source.error), "%s", why);
	r->failed = true;
	return false;
}

static bool keep(struct redacted_source *r, const struct source_packet *p)
{
	size_t size = sizeof(struct kept_packet) + p->packet.captured;
	struct kept_packet *k;

	if (r->memory + size > REDACT_MAX)
		return fail(r, "too large to be redacted: sanitize it, then read what that makes");
	k = malloc(size);
	if (!k)
		return fail(r, strerror(ENOMEM));
	*k = (struct kept_packet){.packet = *p};
	if (p->packet.captured)
		memcpy(k->bytes, p->packet.bytes, p->packet.captured);
	k->packet.interface = NULL;
	k->packet.packet.bytes = k->bytes;
	r->memory += size;
	*r->last = k;
	r->last = &k->next;
	return true;
}

/* Learns from a packet, also where the filter drops it. */
static bool learn(struct redacted_source *r, const struct source_packet *p)
{
	tlsdiag_sanitizer_learn(r->sanitizer, p->linktype, &p->packet);
	switch (r->filter ? filter_packet(r->filter, p) : FILTER_PASSES) {
	case FILTER_PASSES:
		return keep(r, p);
	case FILTER_DROPS:
		return true;
	default:
		return fail(r, filter_error(r->filter));
	}
}

/* False: more packets may come, of a source that is idle. */
static bool read_all(struct redacted_source *r)
{
	struct source_packet p;
	enum source_result result;

	while ((result = source_next(r->inner, &p)) == SOURCE_PACKET && learn(r, &p))
		;
	if (result == SOURCE_IDLE)
		return false;
	if (result == SOURCE_FAILED)
		fail(r, r->inner->error);
	r->source.dropped = r->inner->dropped;
	r->read = true;
	return true;
}

static enum source_result redacted_next(struct source *source, struct source_packet *out)
{
	struct redacted_source *r = (struct redacted_source *)source;
	struct kept_packet *k;
	bool ok;

	if (!r->read && !read_all(r))
		return SOURCE_IDLE;
	k = r->first;
	if (!k)
		return r->failed ? SOURCE_FAILED : SOURCE_END;
	*out = k->packet;
	ok = tlsdiag_sanitizer_rewrite(r->sanitizer, k->packet.linktype, &k->packet.packet, &out->packet);
	source->frames = k->packet.packet.frame;
	r->first = k->next;
	free(k);
	if (!ok)
		fail(r, strerror(ENOMEM));
	return ok ? SOURCE_PACKET : SOURCE_FAILED;
}

static void redacted_close(struct source *source)
{
	struct redacted_source *r = (struct redacted_source *)source;

	while (r->first) {
		struct kept_packet *k = r->first;

		r->first = k->next;
		free(k);
	}
	tlsdiag_sanitizer_free(r->sanitizer);
	source_close(r->inner);
	free(r);
}

struct source *redacted_source_new(struct source *inner, struct filter *filter)
{
	static const struct source_ops ops = {.next = redacted_next, .close = redacted_close};
	struct redacted_source *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->sanitizer = tlsdiag_sanitizer_new(0);
	if (!r->sanitizer) {
		free(r);
		return NULL;
	}
	r->source.ops = &ops;
	r->inner = inner;
	r->filter = filter;
	r->last = &r->first;
	return &r->source;
}
