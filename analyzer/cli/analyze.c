/* analyze.c: what tlsdiag is for: reads captures one after another, each an analysis of its own, and reports the verdicts.
 *
 * Messages about the work go to standard error, verdicts to standard output. What was decided before a failure is still told.
 */
#include "analyzer/cli/capture_file.h"
#include "analyzer/cli/command.h"
#include "analyzer/cli/filter.h"
#include "analyzer/cli/keylog_file.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/pair.h"
#include "analyzer/cli/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct run {
	const struct options *options;
	struct report *report;
	struct filter *filter; /* NULL: every packet */
	struct keylog_files keylogs;
	const char *file; /* being read */
	struct source *source;
	unsigned captures; /* opened so far */
	enum exit_status status;
};

static void trouble(struct run *run, const char *what, const char *why)
{
	fflush(stdout);
	fprintf(stderr, "tlsdiag: %s: %s\n", what, why);
	run->status = STATUS_TROUBLE;
}

static const char *name_of(const char *file)
{
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

static void on_verdict(const struct tlsdiag_verdict *verdict, void *context)
{
	struct run *run = context;

	if (verdict->outcome == TLSDIAG_FAILED && run->status == STATUS_NOTHING_FAILED)
		run->status = STATUS_FAILED;
	run->report->ops->verdict(run->report, run->options->file_count > 1 ? name_of(run->file) : NULL, verdict);
	if (run->source->prompt)
		fflush(stdout);
}

/* Secrets of the capture itself. Without memory for them the rest is told all the same, as without keys. */
static void on_secrets(void *context, const char *text, size_t length)
{
	struct tlsdiag *d = context;

	if (tlsdiag_keylog(d, text, length))
		tlsdiag_keylog_end(d);
}

/* Feeds the packets that pass the filter. NULL, or why the capture could not be read to its end. */
static const char *feed(struct run *run, struct tlsdiag *d)
{
	struct source_packet p;
	uint64_t taken = 0;

	while (!ferror(stdout) && !run->report->failed) {
		enum source_result result = source_next(run->source, &p);
		enum filter_result filtered = FILTER_PASSES;

		if (result != SOURCE_PACKET)
			return result == SOURCE_FAILED ? run->source->error : NULL;
		if (run->filter)
			filtered = filter_packet(run->filter, &p);
		if (filtered == FILTER_FAILED)
			return filter_error(run->filter);
		if (filtered == FILTER_DROPS)
			continue;
		tlsdiag_packet(d, p.linktype, &p.packet);
		if (++taken == run->options->count)
			return NULL;
	}
	return NULL;
}

static void analyze(struct run *run)
{
	struct report_capture capture = {.name = name_of(run->file)};
	struct tlsdiag_settings settings;
	struct tlsdiag *d;
	const char *why;

	tlsdiag_settings_init(&settings);
	if (run->options->patience_ns)
		settings.patience_ns = run->options->patience_ns;
	d = tlsdiag_new(&settings, on_verdict, run);
	if (!d || (run->keylogs.length && !tlsdiag_keylog(d, run->keylogs.text, run->keylogs.length))) {
		trouble(run, capture.name, strerror(ENOMEM));
		tlsdiag_free(d);
		return;
	}
	run->source->on_secrets = on_secrets;
	run->source->context = d;
	why = feed(run, d);
	tlsdiag_finish(d);
	tlsdiag_counts(d, &capture.counts);
	capture.dropped = run->source->dropped;
	run->report->ops->capture(run->report, &capture);
	if (!why && capture.counts.packets && capture.counts.unknown_linktype == capture.counts.packets)
		why = "nothing in it can be read: its link type is not known";
	if (why)
		trouble(run, capture.name, why);
	tlsdiag_free(d);
}

static void read_file(struct run *run, const char *file)
{
	char error[256];

	run->file = file;
	run->source = capture_file_open(file, error, sizeof(error));
	if (run->source) {
		run->captures++;
		analyze(run);
	} else {
		trouble(run, name_of(file), error);
	}
	source_close(run->source);
	run->source = NULL;
}

static struct report *new_report(const struct options *options)
{
	if (options->json)
		return report_json_new(stdout, options->quiet);
	return report_text_new(stdout, options->quiet, report_wants_colour(stdout), report_columns(stdout));
}

/* Makes the filter, where one is wanted. */
static bool prepare_filter(struct run *run)
{
	char error[256];

	if (!run->options->filter)
		return true;
	run->filter = filter_new(run->options->filter, error, sizeof(error));
	if (!run->filter)
		trouble(run, "filter", error);
	return run->filter;
}

static bool prepare_keylogs(struct run *run)
{
	char error[256];

	for (size_t i = 0; i < run->options->keylog_count; i++) {
		if (!keylog_files_add(&run->keylogs, run->options->keylogs[i], error, sizeof(error))) {
			trouble(run, run->options->keylogs[i], error);
			return false;
		}
	}
	return true;
}

static void read_files(struct run *run)
{
	const struct options *options = run->options;

	run->report = new_report(options);
	if (!run->report) {
		trouble(run, "report", strerror(ENOMEM));
		return;
	}
	if (!prepare_filter(run) || !prepare_keylogs(run))
		return;
	if (options->at_client) {
		const struct pair_run pair = {
			.options = options, .report = run->report, .filter = run->filter, .keylogs = &run->keylogs};

		run->status = pair_captures(&pair);
		run->captures += run->status != STATUS_TROUBLE;
	}
	for (size_t i = 0; i < options->file_count && !ferror(stdout); i++)
		read_file(run, options->files[i]);
	if (run->captures)
		run->report->ops->end(run->report);
	if (run->report->failed)
		trouble(run, "report", strerror(ENOMEM));
}

int command_analyze(int argc, char **argv)
{
	struct options options;
	struct run run = {.options = &options};

	options_parse(&options, argc, argv);
	read_files(&run);
	if (fflush(stdout) != 0)
		trouble(&run, "standard output", strerror(errno));
	else if (ferror(stdout))
		trouble(&run, "standard output", "could not be written");
	report_free(run.report);
	filter_free(run.filter);
	keylog_files_free(&run.keylogs);
	options_free(&options);
	return run.status;
}
