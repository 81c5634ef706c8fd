/* between.h: what two captures show of the way between them, of one connection: what passed, vanished, appeared and
 * changed, and what follows for the verdict. Told by the reports beside the verdict.
 */
#ifndef CLI_BETWEEN_H
#define CLI_BETWEEN_H

#include "analyzer/cli/pair_compare.h"

#define BETWEEN_DIFFERENCES_MAX 32
#define BETWEEN_FRAMES_MAX 8
#define BETWEEN_LABEL_MAX 64
#define BETWEEN_TEXT_MAX 512

enum difference_kind {
	DIFFERENCE_DROPPED,
	DIFFERENCE_PARTLY, /* some of its bytes arrived */
	DIFFERENCE_APPEARED,
	DIFFERENCE_CHANGED,
	DIFFERENCE_TWICE,
};

/* Packets alike that met the same fate. */
struct difference {
	enum difference_kind kind;
	enum way way;
	bool presumed; /* the other capture shows nothing at all that late */
	char label[BETWEEN_LABEL_MAX]; /* "ClientHello", "SYN-ACK", "517 bytes" */
	const char *field; /* of a change: "mss", "payload" …; "" otherwise */
	char before[BETWEEN_LABEL_MAX], after[BETWEEN_LABEL_MAX]; /* of a change: the first one's values */
	uint64_t count;
	uint64_t frames[2][BETWEEN_FRAMES_MAX]; /* in A, in B: the first ones */
	unsigned frame_count[2];
};

struct between_counts {
	uint64_t sent, arrived, passed, resegmented, dropped, appeared, changed, missed, outside, twice;
};

/* A packet or bytes that never arrived, in any copy. */
struct loss {
	bool any, presumed;
	char label[BETWEEN_LABEL_MAX];
	int64_t time_ns; /* of the first, in the sender's capture */
	uint64_t frame; /* of the first, in the sender's capture */
};

/* What the rules of pair_judge.h see. */
struct between_facts {
	bool relayed;
	bool a_began_late, b_began_late; /* relative to this connection: what is missing may be that */
	bool b_ended_early; /* shown by the other capture */
	bool b_empty; /* B holds no packet at all */
	bool b_shows_wait; /* B's packets go on for as long as the patience behind what came last */
	bool clock_known;
	bool syn_arrived, synack_sent, synack_arrived;
	bool answered; /* A shows a packet from the server */
	struct loss lost[WAYS];
	enum fate end; /* of the packet that ended the attempt at A */
	enum way end_way;
	bool end_icmp; /* it was an ICMP error */
	bool payload_changed[WAYS]; /* something before the end was */
	bool ack_changed[WAYS];
	bool window_closed[WAYS]; /* a window became 0 on the way */
	uint64_t moved; /* number of the other connection of B in which the ClientHello arrived; 0: none */
};

/* What the two captures say together. */
struct judgement {
	enum tlsdiag_party by;
	enum tlsdiag_certainty certainty;
	bool from_b; /* the verdict of B is the one to tell */
	bool injected; /* a reset that its claimed sender did not send */
	bool genuine; /* a reset that looked injected was sent by that end */
	bool settled; /* the second capture decides something */
	char finding[BETWEEN_TEXT_MAX]; /* a sentence; "" where there is nothing to say */
	const char *incomplete; /* why no more can be said; NULL */
};

struct between {
	const struct pair *pair;
	const struct tlsdiag_verdict *a, *b; /* each capture's own; NULL where it does not have the connection */
	struct pair_clock clock; /* of all connections together */
	struct between_counts counts[WAYS];
	int hops[WAYS]; /* -1: not known */
	bool translated; /* addresses or ports differ */
	struct difference differences[BETWEEN_DIFFERENCES_MAX];
	size_t difference_count;
	uint64_t differences_left_out;
	struct between_facts facts;
	struct judgement judgement;
};

/* Gathers counts, differences and facts of a settled comparison; `c` NULL for a relayed pair. The judgement is
 * pair_judge()'s. coverage[0] is A's, [1] B's. */
void between_gather(struct between *between, const struct pair *pair, const struct comparison *c,
		    const struct pair_clock *clock, const struct coverage coverage[2], int64_t patience_ns);

#endif
