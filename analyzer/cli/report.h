/* report.h: how verdicts are told: as text for people, as JSON Lines for machines. Both read struct tlsdiag_verdict
 * alone.
 *
 * Not for: deciding anything. Errors of the file it writes to are seen by its caller, in ferror(out).
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "analyzer/tlsdiag.h"

#include <stdio.h>

/* One capture that was read to its end, or as far as it goes. */
struct report_capture {
	const char *name;
	struct tlsdiag_counts counts;
	uint64_t dropped; /* packets the capture itself says it lost */
	const char *bound; /* "100000 packets": what ended it before its time; NULL: nothing */
};

struct report;
struct between;
struct client_run;
struct client_words;

struct report_ops {
	/* `capture` names the file; NULL where there is only one. */
	void (*verdict)(struct report *report, const char *capture, const struct tlsdiag_verdict *verdict);
	/* What limits all verdicts of a capture. */
	void (*capture)(struct report *report, const struct report_capture *capture);
	/* How the command of a live run went, told when all verdicts have been. */
	void (*client)(struct report *report, const struct client_run *run, const struct report_capture *capture);
	void (*end)(struct report *report); /* what is said last */
	void (*free)(struct report *report);
};

struct report {
	const struct report_ops *ops;
	FILE *out;
	bool quiet; /* only what failed is told, and the summary */
	bool filtered; /* packets that a filter does not pass are left out */
	bool failed; /* a verdict could not be told (out of memory) */
	const struct between *between; /* what a second capture adds to the next verdict; NULL: there is none */
	const struct client_words *client_words; /* what the client has said by now; NULL: not known */
};

/* NULL when out of memory. */
struct report *report_json_new(FILE *out, bool quiet);
struct report *report_text_new(FILE *out, bool quiet, bool colour, unsigned columns);

/* The width of a line: a terminal's, within reason; 0 where there is no terminal. */
unsigned report_columns(FILE *out);

/* Whether FILE takes colour: a terminal that is not dumb, and NO_COLOR (https://no-color.org) is not set. */
bool report_wants_colour(FILE *out);

static inline void report_free(struct report *report)
{
	if (report)
		report->ops->free(report);
}

#endif
