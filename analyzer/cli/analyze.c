/* analyze.c: what tlsdiag is for: the command without a name. Reads captures one after another, each an analysis of its
 * own; or an interface (live_watch.c, live_run.c).
 *
 * Whatever is read was made by strangers. So all files are opened first, then privileges are given up and the program
 * locks itself in (confine.h), and only then is the first byte looked at.
 */
#include "analyzer/cli/analysis.h"
#include "analyzer/cli/capture_file.h"
#include "analyzer/cli/live.h"
#include "analyzer/cli/live_source.h"
#include "analyzer/cli/pair.h"
#include "analyzer/cli/prepare.h"
#include "analyzer/cli/redact.h"
#include "analyzer/cli/several.h"

#include <errno.h>
#include <string.h>

static const char *name_of(const char *file)
{
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

/* The source, or one that redacts it. NULL, with a sentence in error, when there is none. */
static struct source *redacted(const struct analysis *a, struct source *source, char *error, size_t size)
{
	struct source *wrapped = source && a->options->redact ? redacted_source_new(source, a->filter) : source;

	if (source && !wrapped) {
		snprintf(error, size, "%s", strerror(ENOMEM));
		source_close(source);
	}
	return wrapped;
}

/* Whether it could be opened. */
static bool read_file(struct analysis *a, struct inputs *captures, size_t i)
{
	const char *name = name_of(captures->list[i].name);
	int fd = inputs_take(captures, i);
	char error[256];
	struct source *source = NULL;

	if (fd < 0)
		snprintf(error, sizeof(error), "%s", strerror(errno));
	else
		source = redacted(a, capture_file_open_fd(fd, error, sizeof(error)), error, sizeof(error));
	if (!source) {
		analysis_trouble(a, name, error);
		return false;
	}
	if (analysis_begin(a, source, name)) {
		analysis_drain(a);
		analysis_end(a);
	}
	source_close(source);
	return true;
}

/* All that is opened before the first byte is read. */
struct files {
	struct inputs captures, keylogs, client_logs;
};

static void read_files(struct analysis *a, struct files *files)
{
	bool any = false;

	a->named = files->captures.count > 1;
	if (!prepare_privilege(a) || !prepare_save(a, &files->captures, &files->keylogs) ||
	    !prepare_saving(a, files->captures.list[0].fd) || !prepare_confinement(a, -1) ||
	    !analysis_report(a, stdout) || !prepare_filter(a) || !prepare_keylogs(a, &files->keylogs) ||
	    !prepare_client_logs(a, &files->client_logs))
		return;
	if (several_possible(&files->captures))
		any = several_read(a, &files->captures, read_file);
	else
		for (size_t i = 0; i < files->captures.count && !ferror(stdout); i++)
			any = read_file(a, &files->captures, i) || any;
	if (any)
		a->report->ops->end(a->report);
}

static enum exit_status analyze_files(const struct options *options)
{
	struct files files = {0};
	struct analysis a;

	analysis_init(&a, options);
	if (inputs_open(&files.captures, options->files, options->file_count) &&
	    inputs_open(&files.keylogs, options->keylogs, options->keylog_count) &&
	    inputs_open(&files.client_logs, options->client_logs, options->client_log_count))
		read_files(&a, &files);
	else
		analysis_trouble(&a, "files", strerror(ENOMEM));
	inputs_close(&files.captures);
	inputs_close(&files.keylogs);
	inputs_close(&files.client_logs);
	return analysis_finish(&a);
}

static enum exit_status list_interfaces(void)
{
	char error[256];

	if (live_source_list(stdout, error, sizeof(error)))
		return fflush(stdout) == 0 ? STATUS_NOTHING_FAILED : STATUS_TROUBLE;
	fprintf(stderr, "tlsdiag: -D: %s\n", error);
	return STATUS_TROUBLE;
}

int command_analyze(int argc, char **argv)
{
	struct options options;
	enum exit_status status;

	options_parse(&options, argc, argv);
	if (options.list_interfaces)
		status = list_interfaces();
	else if (options.command)
		status = live_run(&options);
	else if (options.interface)
		status = live_watch(&options);
	else if (options.at_client)
		status = pair_captures(&options);
	else
		status = analyze_files(&options);
	options_free(&options);
	return status;
}
