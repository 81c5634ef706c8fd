/* reading.h: an attempt as the rules of the verdict see it: what ended it, how far it had got by then, and how long it
 * waited.
 *
 * Pure functions over the attempt, which has to outlive the reading. The event that ended the wait is the first alert,
 * reset, FIN, ICMP error or break of the protocol that the connection did not survive (reading.c); the questions that
 * several rules ask are in reading_ask.c.
 */
#ifndef ANALYZER_READING_H
#define ANALYZER_READING_H

#include "milestones.h"

struct reading_settings {
	int64_t patience_ns;
	int64_t now_ns; /* packet time up to which the capture has been seen */
	bool failures_only; /* what ended an attempt in which all went well is not asked */
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

/* Reads all that has come; where only failures count and every milestone was reached, no more than that. *out points
 * into the attempt. */
void reading_make(const struct attempt *a, const struct reading_settings *settings, struct reading *out);

/* Behind the last event before the end: the end itself, or all of them. Usable as a bound where there are none, too. */
const struct event *reading_end(const struct reading *r);

/* Which of the two is blamed when a side is. */
enum tlsdiag_party reading_party(const struct reading *r, int side);

/* Whether this is what ended it, and whose it was. */
bool reading_ended_by(const struct reading *r, enum event_kind kind, int side);

/* The alert in clear that ended it, of either end; NULL: none did. */
const struct event *reading_alert(const struct reading *r);

/* Whether the wait was long enough to call it a time-out. */
bool reading_late(const struct reading *r);

/* Whether the client's ClientHello was seen to its end, be it behind what ended the wait. */
bool reading_hello_seen(const struct reading *r);

/* Whether all that the server said behind its ServerHello arrived, and may as well be its whole flight as a part of
 * it. */
bool reading_flight_hidden(const struct reading *r);

/* The side whose turn it is at this stage, and whom its silence is to be put down to. */
int reading_awaited(const struct reading *r);
enum tlsdiag_party reading_whose_silence(const struct reading *r);

/* How many bytes a side had sent, by its own sequence numbers, where some of them are neither in the capture nor
 * acknowledged: those behind stream.next. 0: there are none such. */
uint64_t reading_never_came(const struct reading *r, int side);

/* Whether a reset cannot be its claimed sender's. */
bool reading_forged(const struct reading *r, const struct reset *reset);

#endif
