/* pair_judge.h: from two verdicts and the differences between their captures to one: a pure function, an ordered table
 * of rules, each a row of a test.
 *
 * The signature stays the client's experience. What the second capture decides is by whom it was, how certain that is,
 * and what happened in a sentence. What it cannot show is said to be so.
 */
#ifndef CLI_PAIR_JUDGE_H
#define CLI_PAIR_JUDGE_H

#include "analyzer/cli/between.h"

/* `a` or `b` is NULL where that capture does not have the connection, never both. */
void pair_judge(const struct tlsdiag_verdict *a, const struct tlsdiag_verdict *b, const struct between_facts *facts,
		struct judgement *out);

#endif
