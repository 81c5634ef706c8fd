/* analysis.c: see analysis.h. */
#include "analyzer/cli/analysis.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void analysis_init(struct analysis *a, const struct options *options)
{
	*a = (struct analysis){.options = options};
}

void analysis_trouble(struct analysis *a, const char *what, const char *why)
{
	a->status = STATUS_TROUBLE;
	if (a->on_trouble) {
		a->on_trouble(a->trouble_context, what, why);
		return;
	}
	fflush(stdout);
	fprintf(stderr, "tlsdiag: %s: %s\n", what, why);
}

bool analysis_report(struct analysis *a, FILE *out)
{
	bool quiet = a->options->quiet;

	a->report = a->options->json ? report_json_new(out, quiet)
				     : report_text_new(out, quiet, report_wants_colour(stdout), report_columns(stdout));
	if (!a->report)
		analysis_trouble(a, "report", strerror(ENOMEM));
	return a->report;
}

void analysis_tap(struct analysis *a, const struct tap *tap)
{
	a->taps[a->tap_count++] = *tap;
}

static void on_verdict(const struct tlsdiag_verdict *verdict, void *context)
{
	struct analysis *a = context;

	if (verdict->outcome == TLSDIAG_FAILED && a->status == STATUS_NOTHING_FAILED)
		a->status = STATUS_FAILED;
	for (size_t i = 0; i < a->tap_count; i++)
		if (a->taps[i].verdict)
			a->taps[i].verdict(verdict, a->taps[i].context);
	if (a->save)
		save_verdict(a->save, verdict);
	a->report->ops->verdict(a->report, a->named ? a->name : NULL, verdict);
	if (a->source->prompt)
		fflush(a->report->out);
}

/* Secrets of the capture itself. Without memory for them the rest is told all the same, as without keys. */
static void on_secrets(void *context, const char *text, size_t length)
{
	struct analysis *a = context;

	if (tlsdiag_keylog(a->d, text, length))
		tlsdiag_keylog_end(a->d);
	if (a->save)
		save_secrets(a->save, text, length);
}

struct tlsdiag_settings analysis_settings(const struct options *options)
{
	struct tlsdiag_settings settings;

	tlsdiag_settings_init(&settings);
	if (options->patience_ns)
		settings.patience_ns = options->patience_ns;
	if (options->flows_max)
		settings.flows_max = options->flows_max;
	if (options->memory_max)
		settings.memory_max = options->memory_max;
	if (options->stream_max)
		settings.stream_max = options->stream_max;
	return settings;
}

bool analysis_begin(struct analysis *a, struct source *source, const char *name)
{
	struct tlsdiag_settings settings = analysis_settings(a->options);
	bool others_look = a->save || a->tap_count;

	a->source = source;
	a->name = name;
	a->packets = a->bytes = 0;
	a->enough = false;
	a->why = NULL;
	settings.failures_only = a->options->quiet && !others_look;
	a->d = tlsdiag_new(&settings, on_verdict, a);
	if (!a->d || (a->keylogs.length && !tlsdiag_keylog(a->d, a->keylogs.text, a->keylogs.length))) {
		analysis_trouble(a, name, strerror(ENOMEM));
		tlsdiag_free(a->d);
		a->d = NULL;
		return false;
	}
	source->on_secrets = on_secrets;
	source->context = a;
	if (a->save) {
		save_attach(a->save, source);
		save_secrets(a->save, a->keylogs.text, a->keylogs.length);
	}
	return true;
}

bool analysis_late(struct analysis *a, int64_t now_ns)
{
	if (a->enough || !a->until_ns || now_ns < a->until_ns)
		return a->enough;
	snprintf(a->bound, sizeof(a->bound), "%g seconds", (double)a->options->time_max_ns / 1e9);
	a->enough = true;
	return true;
}

static void mind_bounds(struct analysis *a, int64_t now_ns)
{
	const struct options *o = a->options;

	if (a->packets == o->count)
		snprintf(a->bound, sizeof(a->bound), "%" PRIu64 " packet%s", a->packets, a->packets == 1 ? "" : "s");
	else if (o->bytes_max && a->bytes >= o->bytes_max)
		snprintf(a->bound, sizeof(a->bound), "%" PRIu64 " bytes of packets", a->bytes);
	else if (!analysis_late(a, now_ns))
		return;
	a->enough = true;
}

void analysis_count(struct analysis *a, const struct source_packet *p)
{
	a->packets++;
	a->bytes += p->packet.captured;
	mind_bounds(a, p->packet.time_ns);
}

bool analysis_packet(struct analysis *a, const struct source_packet *p)
{
	/* What is redacted was filtered as it was (redact.h). */
	bool filter = a->filter && !a->options->redact;
	enum filter_result filtered = filter ? filter_packet(a->filter, p) : FILTER_PASSES;

	if (filtered == FILTER_FAILED) {
		a->why = filter_error(a->filter);
		return false;
	}
	if (filtered == FILTER_DROPS)
		return true;
	for (size_t i = 0; i < a->tap_count; i++)
		if (a->taps[i].packet)
			a->taps[i].packet(p, a->taps[i].context);
	tlsdiag_packet(a->d, p->linktype, &p->packet);
	if (a->save)
		save_packet(a->save, p);
	analysis_count(a, p);
	return !a->enough;
}

bool analysis_drain(struct analysis *a)
{
	while (!ferror_unlocked(stdout) && !a->report->failed && !(a->stop && *a->stop)) {
		struct source_packet p;

		switch (source_next(a->source, &p)) {
		case SOURCE_PACKET:
			if (!analysis_packet(a, &p))
				return false;
			break;
		case SOURCE_IDLE:
			return true;
		case SOURCE_FAILED:
			a->why = a->source->error;
			return false;
		default:
			return false;
		}
	}
	return false;
}

/* Not when a verdict could not be told: then the capture may not have been read to its end. */
static void finish_save(struct analysis *a)
{
	char error[256];

	if (!a->save || fflush(stdout) != 0 || ferror(stdout) || a->report->failed)
		return;
	if (!save_finish(a->save, &a->capture, error, sizeof(error)))
		analysis_trouble(a, a->options->save, error);
}

void analysis_end(struct analysis *a)
{
	struct report_capture *c = &a->capture;

	if (!a->d)
		return;
	tlsdiag_finish(a->d);
	*c = (struct report_capture){.name = a->name, .dropped = a->source->dropped};
	tlsdiag_counts(a->d, &c->counts);
	if (a->enough && a->options->command)
		c->bound = a->bound;
	a->report->ops->capture(a->report, c);
	if (!a->why && c->counts.packets && c->counts.unknown_linktype == c->counts.packets)
		a->why = "nothing in it can be read: its link type is not known";
	if (a->why)
		analysis_trouble(a, a->name, a->why);
	finish_save(a);
	tlsdiag_free(a->d);
	a->d = NULL;
}

enum exit_status analysis_finish(struct analysis *a)
{
	if (a->report && a->report->failed)
		analysis_trouble(a, "report", strerror(ENOMEM));
	if (fflush(stdout) != 0)
		analysis_trouble(a, "standard output", strerror(errno));
	else if (ferror(stdout))
		analysis_trouble(a, "standard output", "could not be written");
	report_free(a->report);
	save_free(a->save);
	filter_free(a->filter);
	keylog_files_free(&a->keylogs);
	return a->status;
}
