/* pair_compare.h: what became of each packet of a connection between two captures.
 *
 * Theory of operation. Each way is taken by itself: what was sent (in the capture nearer to the sender) and what
 * arrived (in the other). Packets are paired one to one by sequence numbers, length and control flags, best by what
 * tells repeats apart (IP ID, timestamps, payload, time). Of data that is left, bytes are compared: a sender's capture
 * shows what its network card cuts up later, a receiver's what was joined (TSO, GRO), and segments that carry the same
 * bytes are the same data. What is still left was dropped, appeared, or is beyond what the other capture can show. A
 * capture may miss packets itself: what is acknowledged behind it did arrive.
 *
 * Not for: who is to blame (pair_judge.h).
 */
#ifndef CLI_PAIR_COMPARE_H
#define CLI_PAIR_COMPARE_H

#include "analyzer/cli/pair_clock.h"
#include "analyzer/cli/pair_match.h"

enum fate {
	FATE_OPEN, /* not known: one of the captures has no more room for it */
	FATE_PASSED, /* changed or not: see changes */
	FATE_RESEGMENTED, /* its bytes passed within other segments */
	FATE_PARTLY, /* some of its bytes did */
	FATE_DROPPED, /* of what was sent: it did not arrive */
	FATE_PRESUMED, /* the same, but the other capture shows nothing at all that late */
	FATE_MISSED, /* it arrived or was sent, as what followed shows; the other capture did not catch it */
	FATE_OUTSIDE, /* the other capture begins later or ends earlier */
	FATE_TWICE, /* captured twice, or duplicated on the way: its twin has the fate of both */
	FATE_APPEARED, /* of what arrived: it was not sent */
	FATE_APPEARED_PRESUMED, /* the same, but the other capture shows nothing at all that late */
	FATES,
};

enum change {
	CHANGE_TTL = 1 << 0, /* other than by the hops between, or up */
	CHANGE_IP_ID = 1 << 1,
	CHANGE_DSCP = 1 << 2,
	CHANGE_ECN = 1 << 3,
	CHANGE_FLAGS = 1 << 4,
	CHANGE_ACK = 1 << 5, /* beyond what a rewriting of all sequence numbers explains */
	CHANGE_WINDOW = 1 << 6,
	CHANGE_MSS = 1 << 7,
	CHANGE_WINDOW_SCALE = 1 << 8,
	CHANGE_TIMESTAMPS = 1 << 9, /* their values */
	CHANGE_OPTIONS = 1 << 10, /* options that went missing or were added */
	CHANGE_PAYLOAD = 1 << 11,
	CHANGE_FRAGMENTED = 1 << 12,
	CHANGES = 13,
};

#define NO_TWIN UINT32_MAX

struct compared {
	const struct trail_packet *p;
	uint32_t seq, ack; /* in A's numbers */
	uint32_t span; /* of sequence space: payload, SYN, FIN */
	uint32_t twin; /* index in the other list of the way; NO_TWIN */
	uint32_t claimed; /* bytes that other segments account for */
	uint32_t next; /* in a chain of equal keys */
	enum fate fate;
	unsigned changes; /* enum change, or'ed; of one that arrived */
};

/* What a capture as a whole can show. */
struct coverage {
	bool empty; /* no packet at all */
	bool ended_early; /* the other one shows answers from its end after its own last packet */
	bool loses; /* it says itself that it lost packets */
	int64_t first_ns, last_ns; /* by its own clock */
};

struct passage {
	struct compared *sent, *arrived;
	uint32_t sent_count, arrived_count;
	const struct trail *sender, *receiver; /* NULL: not in that capture */
	int hops; /* TTL that is taken off as a rule; -1: not known */
};

struct comparison {
	struct passage way[WAYS];
	struct pair_clock clock; /* of this connection alone */
};

/* The packets of a trail (NULL: none) that go one way; numbers of client and server are less by delta[]. The caller
 * frees the list. False when out of memory. */
bool compared_list(const struct trail *t, enum way way, const uint32_t delta[2], struct compared **out,
		   uint32_t *count);

/* Pairs the packets of a connection, without judging those that are left. `clock` NULL: not known yet. False when out
 * of memory. comparison_free() is due either way. */
bool comparison_pair(const struct pair *pair, const struct pair_clock *clock, struct comparison *c);

/* What became of those that are left. coverage[0] is A's, [1] B's. */
void comparison_settle(struct comparison *c, const struct pair_clock *clock, const struct coverage coverage[2],
		       int64_t patience_ns);

/* Whether what is left shows that a capture (0: A, 1: B) ended before the connection did. */
bool comparison_shows_early_end(const struct comparison *c, const struct pair_clock *clock,
				const struct coverage coverage[2], int capture);

/* How much of a segment's sequence space the others of a list cover from its beginning on, without a gap. */
uint32_t compared_cover(const struct compared *list, uint32_t count, const struct compared *c);

void comparison_free(struct comparison *c);

#endif
