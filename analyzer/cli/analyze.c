/* analyze.c: what tlsdiag is for: reads captures one after another, each an analysis of its own, and reports the verdicts.
 *
 * Messages about the work go to standard error, verdicts to standard output. What was decided before a failure is still told.
 */
#include "analyzer/cli/capture_file.h"
#include "analyzer/cli/command.h"
#include "analyzer/cli/filter.h"
#include "analyzer/cli/keylog_file.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/report.h"
#include "analyzer/cli/save.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct run {
	const struct options *options;
	struct report *report;
	struct filter *filter; /* NULL: every packet */
	struct keylog_files keylogs;
	struct save *save; /* NULL: nothing is saved */
	struct tlsdiag *analyzer;
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
	if (run->save)
		save_verdict(run->save, verdict);
	if (run->source->prompt)
		fflush(stdout);
}

/* Secrets of the capture itself. Without memory for them the rest is told all the same, as without keys. */
static void on_secrets(void *context, const char *text, size_t length)
{
	struct run *run = context;

	if (tlsdiag_keylog(run->analyzer, text, length))
		tlsdiag_keylog_end(run->analyzer);
	if (run->save)
		save_secrets(run->save, text, length);
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
		if (run->save)
			save_packet(run->save, &p);
		if (++taken == run->options->count)
			return NULL;
	}
	return NULL;
}

/* Not when a verdict could not be told: then the capture may not have been read to its end. */
static void finish_save(struct run *run, const struct report_capture *capture)
{
	char error[256];

	if (fflush(stdout) != 0 || ferror(stdout) || run->report->failed)
		return;
	if (!save_finish(run->save, capture, error, sizeof(error)))
		trouble(run, run->options->save, error);
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
	run->analyzer = d;
	run->source->on_secrets = on_secrets;
	run->source->context = run;
	why = feed(run, d);
	tlsdiag_finish(d);
	tlsdiag_counts(d, &capture.counts);
	capture.dropped = run->source->dropped;
	run->report->ops->capture(run->report, &capture);
	if (!why && capture.counts.packets && capture.counts.unknown_linktype == capture.counts.packets)
		why = "nothing in it can be read: its link type is not known";
	if (why)
		trouble(run, capture.name, why);
	if (run->save)
		finish_save(run, &capture);
	tlsdiag_free(d);
}

static void read_file(struct run *run, const char *file)
{
	char error[256];

	run->file = file;
	if (run->save && !save_begin(run->save, file, error, sizeof(error))) {
		trouble(run, run->options->save, error);
		return;
	}
	run->source = capture_file_open(file, error, sizeof(error));
	if (run->source) {
		run->captures++;
		if (run->save)
			save_attach(run->save, run->source);
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

/* Opens what the packets and verdicts are saved to, where that is wanted: before anything is read. */
static bool prepare_save(struct run *run)
{
	const struct options *options = run->options;
	char error[256];

	if (!options->save)
		return true;
	run->save = save_new(options->save, options->save_keylog, error, sizeof(error));
	if (!run->save) {
		trouble(run, options->save, error);
		return false;
	}
	for (size_t i = 0; i < options->file_count + options->keylog_count; i++) {
		const char *input =
			i < options->file_count ? options->files[i] : options->keylogs[i - options->file_count];

		if (save_refuses(run->save, input)) {
			trouble(run, options->save, "is read from, and would be overwritten: save to another file");
			return false;
		}
	}
	save_secrets(run->save, run->keylogs.text, run->keylogs.length);
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
	if (!prepare_filter(run) || !prepare_keylogs(run) || !prepare_save(run))
		return;
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
	save_free(run.save);
	options_free(&options);
	return run.status;
}
