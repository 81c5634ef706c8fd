/* conclusion.h: what a rule of the verdict concludes. */
#ifndef ANALYZER_CONCLUSION_H
#define ANALYZER_CONCLUSION_H

#include "tlsdiag.h"

#include <stdbool.h>

#define DETAIL_MAX 48

struct conclusion {
	enum tlsdiag_outcome outcome;
	enum tlsdiag_stage stage;
	enum tlsdiag_cause cause;
	enum tlsdiag_party by;
	enum tlsdiag_certainty certainty;
	char detail[DETAIL_MAX];
	const char *because; /* of an incomplete one: why no more can be said, a sentence without its stop */
};

/* Why no more can be said of an incomplete one. */
enum because {
	BECAUSE_JOINED_LATE,
	BECAUSE_ENDS_EARLY,
	BECAUSE_STOPS_TELLING,
	BECAUSE_EVICTED,
	BECAUSE_ONE_SIDED,
	BECAUSE_MISSING,
	BECAUSE_CUT,
	BECAUSE_HANDSHAKE_CUT,
	BECAUSE_NO_CONTENT,
	BECAUSE_HELLO_UNKNOWN,
	BECAUSE_FLIGHT_UNKNOWN,
	BECAUSE_CLIENT_GONE,
};

/* Each sets what it says and leaves the rest alone; true, for the rule to return. `detail`: copied; NULL is none. */
bool conclude_failed(struct conclusion *c, enum tlsdiag_cause cause, enum tlsdiag_party by, const char *detail);
bool conclude_incomplete(struct conclusion *c, enum because because);
bool conclude_established(struct conclusion *c, bool inferred);

#endif
