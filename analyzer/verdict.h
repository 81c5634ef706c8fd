/* verdict.h: from an attempt to a verdict: a pure function, without input or output.
 *
 * Theory of operation. reading_make() finds the event that ended the wait, if any: the first alert, reset, FIN, ICMP error or
 * break of the protocol that the connection did not survive. The milestones before it give the stage. An ordered table of
 * rules then says the rest; the first rule that applies has the word. Each rule is one function and one row of a test.
 */
#ifndef ANALYZER_VERDICT_H
#define ANALYZER_VERDICT_H

#include "milestones.h"

struct verdict_settings {
	int64_t patience_ns;
	int64_t now_ns; /* packet time up to which the capture has been seen */
};

#define DETAIL_MAX 48

struct conclusion {
	enum tlsdiag_outcome outcome;
	enum tlsdiag_stage stage;
	enum tlsdiag_cause cause;
	enum tlsdiag_party by;
	enum tlsdiag_certainty certainty;
	char detail[DETAIL_MAX];
	const char *because; /* of an incomplete one: why no more can be said */
};

/* The evidence as the rules see it. */
struct reading {
	const struct attempt *a;
	int client, server; /* sides */
	struct milestones all; /* over every event */
	struct milestones before; /* up to what ended it */
	enum tlsdiag_stage stage; /* first milestone not reached before the end */
	const struct event *end; /* what ended the wait; NULL: nothing did */
	bool hello_sent; /* a whole ClientHello was, before that */
	int64_t waited_ns; /* from the last progress to the end, or to the end of the capture */
	int64_t patience_ns, now_ns;
	bool missing; /* something that was sent before the end, or before the silence, is not in the capture */
	bool one_sided[2]; /* that side's packets were not captured, though there were some */
};

void reading_make(const struct attempt *a, const struct verdict_settings *settings, struct reading *out);

/* Behind the last event before the end: the end itself, or all of them. Usable as a bound where there are none, too. */
const struct event *reading_end(const struct reading *r);

void verdict_decide(const struct reading *r, struct conclusion *c);

#endif
