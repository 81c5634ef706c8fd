/* milestones.h: how far an attempt got, read from its events.
 *
 * A pure function. In TLS 1.3 everything behind the ServerHello is encrypted; without keys the lengths of the records
 * tell it (design: a Finished and an alert have lengths of their own), and what was told by lengths is marked inferred.
 */
#ifndef ANALYZER_MILESTONES_H
#define ANALYZER_MILESTONES_H

#include "attempt.h"

struct milestones {
	struct tlsdiag_milestone reached[TLSDIAG_STAGES];
	bool tls13;
	bool decrypted; /* the key log shows what TLS 1.3 hides */
	bool resumed; /* TLS 1.2 and older: the abbreviated handshake (RFC 5246 section 7.3) */
	bool retried; /* a HelloRetryRequest came */
	bool server_encrypted; /* TLS 1.3: the server sent something behind its ServerHello */
	bool server_finished_size; /* and a record of a Finished's length, the last one or behind others */
	bool server_joins; /* TLS 1.3: its messages share records: where its flight ends their lengths do not tell */
	bool unpadded[2]; /* TLS 1.3: the Finished of that side came without padding, and so will its alerts */
	bool may_be_ticket; /* TLS 1.3: what seems to answer may be a ticket; the record behind it will tell */
	bool asked; /* the client has sent application data */
	bool request_open; /* the client sent application data that nothing has answered yet */
	int64_t request_pause_ns; /* the longest time after which it sent more, unanswered */
};

/* Whether reading is to stop before that event; `before` is what was reached by its packet. */
typedef bool milestones_stop_fn(void *context, size_t event, const struct milestones *before);

/* Reads the events up to the one at which `stop` says so (NULL: all). Returns its index, or the count of events. */
size_t milestones_until(const struct attempt *a, milestones_stop_fn *stop, void *context, struct milestones *out);

/* Reads all events. */
void milestones_read(const struct attempt *a, struct milestones *out);

/* The first milestone not reached; TLSDIAG_STAGES when all are. */
enum tlsdiag_stage milestones_stage(const struct milestones *m);

/* Whether an encrypted TLS 1.3 record has the length of an alert, and after what m has of its sender can be nothing
 * else (but two bytes of data). */
bool milestones_alert_length(const struct attempt *a, const struct milestones *m, const struct event *e);

/* Whether a segment that was sent once more behind the client's request reached the other end's host, which answered it
 * as one that knows of no connection any more (RFC 9293 section 3.10.7.1), with a reset that acknowledges nothing: the
 * other end had left before, unseen here, and whether it had the first copy is not known. A path that fails for long
 * takes more than one. */
bool milestones_met_nobody(const struct attempt *a, const struct milestones *m, const struct sent_segment *g, int from);

#endif
