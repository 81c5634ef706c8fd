/* judge.h: what libtlsdiag says of a capture, and whether that is right for a capture that was varied. */
#ifndef TESTS_GOLDEN_JUDGE_H
#define TESTS_GOLDEN_JUDGE_H

#include "analyzer/tlsdiag.h"
#include "tests/golden/capture.h"

/* What has to stay of a verdict, copied. */
struct judgement {
	uint16_t ports[2]; /* client's, server's */
	enum tlsdiag_outcome outcome;
	enum tlsdiag_cause cause;
	enum tlsdiag_party by;
	enum tlsdiag_certainty certainty;
	char signature[96], alert[48], server_name[64];
	uint16_t version, cipher;
	unsigned reached; /* milestones, a bit each */
};

struct judgements {
	struct judgement *of;
	size_t count, room;
};

void judge(const struct capture *c, struct judgements *j);
/* The same, with a second analyzer working on the same packets in turn: what the second says. */
void judge_beside(const struct capture *c, struct judgements *j);
void judgements_free(struct judgements *j);

/* What may be said of a varied capture, given what is said of the whole one. `words` completes "expected". */
struct expectation {
	const char *words;
	bool exact; /* as many connections, in the same order, with the same endpoints */
	bool (*met)(const struct judgement *whole, const struct judgement *now, const struct capture *varied);
};
extern const struct expectation expect_same, expect_same_bytes, expect_same_handshake, expect_beginning, expect_less;

/* NULL when it is met, otherwise a description of what was said instead, in `text`. */
const char *judgements_differ(const struct expectation *e, const struct judgements *whole, const struct judgements *now,
			      const struct capture *varied, char *text, size_t size);

#endif
