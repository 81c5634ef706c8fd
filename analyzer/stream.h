/* stream.h: one direction of a TCP connection put back in order.
 *
 * Segments go in as they were captured: repeated, overlapping, out of order, cut by the snap length, or missing because
 * the capture lost them. Bytes come out once and in order; where bytes are known to be missing, a hole of that many
 * bytes comes out in their place, so that whoever reads records can keep its framing. Only bytes that arrive out of
 * order are copied.
 *
 * Offsets count data bytes from the first one of the direction (the byte behind the SYN), so they never wrap.
 * The module also keeps what the other end acknowledged; what that means is judged in verdict.h.
 */
#ifndef ANALYZER_STREAM_H
#define ANALYZER_STREAM_H

#include "cursor.h"
#include "tlsdiag.h"

struct stream_segment; /* held back until the bytes before it arrive */

struct stream {
	bool started; /* base is known */
	bool has_fin;
	uint32_t base; /* sequence number of offset 0 */
	uint64_t next; /* the first byte not yet given out */
	uint64_t end; /* behind the last byte seen sent */
	uint64_t acked; /* what the other end acknowledged, at most (RFC 9293: SND.UNA) */
	uint64_t fin; /* offset of the FIN */
	struct tlsdiag_moment fin_at;
	struct stream_segment *held; /* ascending, without overlap */
	size_t held_bytes; /* memory of all of them */
};

/* Who reads the bytes. `hole` stands for n bytes that were sent but are not in the capture. `at` is the packet that
 * made the bytes available. */
struct stream_reader {
	void (*bytes)(void *context, const uint8_t *bytes, size_t n, const struct tlsdiag_moment *at);
	void (*hole)(void *context, uint64_t n, const struct tlsdiag_moment *at);
	void *context;
};

struct stream_piece {
	uint32_t seq; /* of the first byte */
	const uint8_t *bytes;
	uint32_t captured, wire; /* lengths; captured may be less */
	struct tlsdiag_moment at;
};

enum stream_add_result {
	STREAM_NEW, /* at least one byte was not seen before */
	STREAM_REPEAT, /* every byte was seen before */
	STREAM_FULL, /* new bytes, but no room to hold them back: not taken */
};

/* Says that offset 0 has this sequence number. Does nothing when the stream has started. */
static inline void stream_start(struct stream *s, uint32_t base)
{
	if (s->started)
		return;
	s->started = true;
	s->base = base;
}

void stream_clear(struct stream *s); /* frees what is held */

/* The offset of a sequence number, by the nearest wrap (RFC 9293 section 3.4); may be negative. */
static inline int64_t stream_offset(const struct stream *s, uint32_t seq)
{
	return (int64_t)s->next + (int32_t)(seq - (s->base + (uint32_t)s->next));
}

/* Takes one segment of at least one byte; starts the stream at it when nothing else has. `held_max` bounds
 * held_bytes. */
enum stream_add_result stream_add(struct stream *s, const struct stream_piece *piece, size_t held_max,
				  const struct stream_reader *reader);

/* The other end acknowledged all bytes before sequence number `ack`. */
void stream_ack(struct stream *s, uint32_t ack);

/* The FIN has sequence number `seq`: no byte follows it. */
void stream_fin(struct stream *s, uint32_t seq, const struct tlsdiag_moment *at);

/* Behind all that the direction was seen to send, its FIN included: no sound acknowledgment or reset lies beyond. */
static inline uint64_t stream_sent(const struct stream *s)
{
	return s->end + s->has_fin;
}

/* Whether the other end has acknowledged bytes that were never captured. */
static inline bool stream_lacks_acked(const struct stream *s)
{
	/* One byte more may be the FIN's, captured or not. */
	return s->started && s->acked > s->next && !(s->acked == s->next + 1 && !s->held);
}

/* Returns the size of the hole. Gives up waiting for the missing bytes in front: a hole up to what is held back or,
 * when nothing is, to what was acknowledged, then the held bytes that follow. */
uint64_t stream_skip_gap(struct stream *s, const struct tlsdiag_moment *at, const struct stream_reader *reader);

#endif
