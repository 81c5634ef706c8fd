/* conclusion.c: see conclusion.h. */
#include "conclusion.h"

#include <stdio.h>

static const char *const sentences[] = {
	[BECAUSE_JOINED_LATE] = "the capture begins in the middle of the connection",
	[BECAUSE_ENDS_EARLY] = "the capture ends before the connection was decided",
	[BECAUSE_STOPS_TELLING] = "the capture stops telling before the connection was decided",
	[BECAUSE_EVICTED] = "given up early to stay within the limits of memory",
	[BECAUSE_ONE_SIDED] = "only one direction of the connection was captured",
	[BECAUSE_MISSING] = "packets that the ends exchanged are missing from the capture",
	[BECAUSE_CUT] = "the packets were cut too short to read what was said",
	[BECAUSE_HANDSHAKE_CUT] = "the packets were cut too short to read the handshake",
	[BECAUSE_NO_CONTENT] = "the packets were captured without what they said",
	[BECAUSE_HELLO_UNKNOWN] = "the capture does not show whether the ClientHello arrived",
	[BECAUSE_FLIGHT_UNKNOWN] = "the capture does not show whether the server's flight arrived",
	[BECAUSE_CLIENT_GONE] = "the client's end of the connection was gone; the capture does not show why",
};

bool conclude_failed(struct conclusion *c, enum tlsdiag_cause cause, enum tlsdiag_party by, const char *detail)
{
	c->outcome = TLSDIAG_FAILED;
	c->cause = cause;
	c->by = by;
	snprintf(c->detail, sizeof(c->detail), "%s", detail ? detail : "");
	return true;
}

bool conclude_incomplete(struct conclusion *c, enum because because)
{
	c->outcome = TLSDIAG_INCOMPLETE;
	c->because = sentences[because];
	return true;
}

bool conclude_established(struct conclusion *c, bool inferred)
{
	c->outcome = TLSDIAG_ESTABLISHED;
	c->certainty = inferred ? TLSDIAG_INFERRED : TLSDIAG_SEEN;
	return true;
}
