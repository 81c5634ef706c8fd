/* analysis.h: one run of tlsdiag, and in it one analysis after another: the packets of a source, the verdicts to the
 * report.
 *
 * What is the same wherever packets come from: filter, key logs, bounds, and who else wants to see the packets and
 * verdicts on their way (taps: a file that keeps them, a timeline).
 *
 *     analysis_init(&a, &options);
 *     analysis_report(&a, stdout);
 *     analysis_begin(&a, source, name);
 *     while (analysis_packet(&a, &packet))
 *             ...
 *     analysis_end(&a);
 *     status = analysis_finish(&a);
 *
 * Messages about the work go to standard error, verdicts to the report. What was decided before a failure is still
 * told.
 */
#ifndef CLI_ANALYSIS_H
#define CLI_ANALYSIS_H

#include "analyzer/cli/client_words.h"
#include "analyzer/cli/command.h"
#include "analyzer/cli/filter.h"
#include "analyzer/cli/keylog_file.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/report.h"
#include "analyzer/cli/save.h"

#include <signal.h>

/* Sees every packet that is taken, before it is analyzed, and every verdict. Either may be NULL. */
struct tap {
	void (*packet)(const struct source_packet *p, void *context);
	void (*verdict)(const struct tlsdiag_verdict *v, void *context);
	void *context;
};

#define TAPS_MAX 4

struct analysis {
	const struct options *options;
	struct report *report;
	struct pcap_library pcap; /* loaded for the filter of -r, before the program locks itself in */
	struct filter *filter; /* NULL: every packet */
	struct keylog_files keylogs;
	struct client_words client_words; /* what the client has said; the report is told of it where it is known */
	struct save *save; /* NULL: nothing is saved (--save) */
	struct tap taps[TAPS_MAX];
	size_t tap_count;
	enum exit_status status;
	/* Says what went wrong, where it is not to be said at once; NULL: on standard error. */
	void (*on_trouble)(void *context, const char *what, const char *why);
	void *trouble_context;

	/* Of the capture being read */
	const char *name;
	bool named; /* verdicts name it */
	struct source *source;
	struct tlsdiag *d; /* NULL: none is */
	uint64_t packets, bytes; /* taken */
	struct report_capture capture; /* as it was when analysis_end() had told it */
	const char *why; /* it could not be read to its end; NULL: it could */
	int64_t until_ns; /* time at which it is enough; 0: never */
	const volatile sig_atomic_t *stop; /* set when it is enough; NULL: never */
	bool enough; /* a bound was met */
	char bound[64]; /* which */
};

/* The library's settings with what the command line changes. */
struct tlsdiag_settings analysis_settings(const struct options *options);

void analysis_init(struct analysis *a, const struct options *options);

/* The report goes to `out`, which looks as it would on standard output. False, after saying why. */
bool analysis_report(struct analysis *a, FILE *out);

void analysis_tap(struct analysis *a, const struct tap *tap);

/* Begins with a capture. False, after saying why. The source stays the caller's. */
bool analysis_begin(struct analysis *a, struct source *source, const char *name);
/* Takes a packet, if the filter passes it. False when no more are wanted: a bound is met, or something failed. */
bool analysis_packet(struct analysis *a, const struct source_packet *p);
/* Counts a packet that is taken later; a->enough says whether a bound is met with it. */
void analysis_count(struct analysis *a, const struct source_packet *p);
/* Whether a bound on time is met now. */
bool analysis_late(struct analysis *a, int64_t now_ns);
/* Takes all that a source has, until it is idle (true) or over (false). */
bool analysis_drain(struct analysis *a);
/* Decides what is open, tells what limits the verdicts, and saves it all where that is wanted. */
void analysis_end(struct analysis *a);

/* Says on standard error what went wrong: exit status 2. */
void analysis_trouble(struct analysis *a, const char *what, const char *why);

/* Sees to it that standard output was written; the exit status. Frees all that the analysis has. */
enum exit_status analysis_finish(struct analysis *a);

#endif
