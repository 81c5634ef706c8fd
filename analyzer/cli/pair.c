/* pair.c: reads both captures to their ends through the library, each with a trail of packets for every connection (trail.h),
 * has them compared (pair_all.h), and reports; see pair.h.
 */
#include "analyzer/cli/pair.h"

#include "analyzer/cli/capture_file.h"
#include "analyzer/cli/pair_all.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX ((size_t)256 << 20)

struct pairing {
	const struct pair_run *run;
	int64_t patience_ns;
	struct trails trails[2]; /* A, B */
	enum exit_status status;
};

static const char *name_of(const struct pairing *p, int capture)
{
	const char *file = capture == 0 ? p->run->options->at_client : p->run->options->at_server;

	return strcmp(file, "-") == 0 ? "standard input" : file;
}

static void trouble(struct pairing *p, const char *what, const char *why)
{
	fflush(stdout);
	fprintf(stderr, "tlsdiag: %s: %s\n", what, why);
	p->status = STATUS_TROUBLE;
}

/* ---- Reading ---- */

static void on_secrets(void *context, const char *text, size_t length)
{
	struct tlsdiag *d = context;

	if (tlsdiag_keylog(d, text, length))
		tlsdiag_keylog_end(d);
}

/* NULL, or why the capture could not be read to its end. The time of a packet that the filter drops counts, too: the capture
 * was running. */
static const char *feed(const struct pairing *p, struct source *source, struct tlsdiag *d, struct trails *trails)
{
	struct source_packet packet;
	enum source_result result;
	uint64_t taken = 0;

	while ((result = source_next(source, &packet)) == SOURCE_PACKET) {
		enum filter_result filtered = FILTER_PASSES;

		trails_span(trails, packet.packet.time_ns);
		if (p->run->filter)
			filtered = filter_packet(p->run->filter, &packet);
		if (filtered == FILTER_FAILED)
			return filter_error(p->run->filter);
		if (filtered == FILTER_DROPS)
			continue;
		tlsdiag_packet(d, packet.linktype, &packet.packet);
		if (++taken == p->run->options->count)
			return NULL;
	}
	return result == SOURCE_FAILED ? source->error : NULL;
}

static struct tlsdiag *new_analyzer(struct pairing *p, struct trails *trails)
{
	const struct keylog_files *keys = p->run->keylogs;
	struct tlsdiag_settings settings;
	struct tlsdiag *d;

	tlsdiag_settings_init(&settings);
	if (p->run->options->patience_ns)
		settings.patience_ns = p->run->options->patience_ns;
	p->patience_ns = settings.patience_ns;
	d = tlsdiag_new(&settings, trails_verdict, trails);
	if (d && keys->length && !tlsdiag_keylog(d, keys->text, keys->length)) {
		tlsdiag_free(d);
		return NULL;
	}
	if (d)
		tlsdiag_on_segment(d, trails_segment, trails);
	return d;
}

static void tell_capture(const struct pairing *p, int capture, const struct source *source, struct tlsdiag *d)
{
	const struct trails *trails = &p->trails[capture];
	struct report_capture told = {.name = name_of(p, capture), .dropped = source->dropped};

	tlsdiag_counts(d, &told.counts);
	p->run->report->ops->capture(p->run->report, &told);
	if (trails->packets_left_out || trails->connections_left_out)
		fprintf(stderr,
			"tlsdiag: %s: %" PRIu64 " packets and %" PRIu64
			" connections were not compared to stay within the bounds (--pair-memory)\n",
			told.name, trails->packets_left_out, trails->connections_left_out);
}

static bool read_capture(struct pairing *p, int capture)
{
	const char *file = capture == 0 ? p->run->options->at_client : p->run->options->at_server, *why;
	struct trails *trails = &p->trails[capture];
	char error[256];
	struct source *source = capture_file_open(file, error, sizeof(error));
	struct tlsdiag *d = source ? new_analyzer(p, trails) : NULL;

	if (!d) {
		trouble(p, name_of(p, capture), source ? strerror(ENOMEM) : error);
		source_close(source);
		return false;
	}
	trails->memory_max = p->run->options->pair_memory ? p->run->options->pair_memory : MEMORY_MAX;
	source->on_secrets = on_secrets;
	source->context = d;
	why = feed(p, source, d, trails);
	tlsdiag_finish(d);
	trails_finish(trails);
	tell_capture(p, capture, source, d);
	trails->dropped = source->dropped;
	if (why)
		trouble(p, name_of(p, capture), why);
	tlsdiag_free(d);
	source_close(source);
	return !why;
}

/* ---- Telling ---- */

/* Whether a reset is forged or not is part of its signature. `signature` is room for it. */
static void change_detail(struct tlsdiag_verdict *v, const char *detail, char *signature, size_t size)
{
	const struct tlsdiag_words *words;

	if (strcmp(v->detail, detail) == 0)
		return;
	snprintf(signature, size, "%s/%s%s%s", tlsdiag_stage_name(v->stage), tlsdiag_cause_name(v->cause),
		 *detail ? "/" : "", detail);
	v->signature = signature;
	v->detail = detail;
	words = tlsdiag_explain(signature);
	if (!words)
		return;
	v->summary = words->title;
	v->advice = words->advice;
	v->advice_count = words->advice_count;
}

static bool tell(const struct between *b, void *context)
{
	struct pairing *p = context;
	const struct judgement *j = &b->judgement;
	struct tlsdiag_verdict v = *(b->a && !(j->from_b && b->b) ? b->a : b->b);
	char signature[64];

	v.by = j->by;
	v.certainty = j->certainty;
	if (j->injected || j->genuine)
		change_detail(&v, j->injected ? "injected" : "", signature, sizeof(signature));
	if (v.outcome == TLSDIAG_FAILED && p->status == STATUS_NOTHING_FAILED)
		p->status = STATUS_FAILED;
	p->run->report->between = b;
	p->run->report->ops->verdict(p->run->report, NULL, &v);
	p->run->report->between = NULL;
	return !ferror(stdout) && !p->run->report->failed;
}

enum exit_status pair_captures(const struct pair_run *run)
{
	struct pairing p = {.run = run};

	if (read_capture(&p, 0) && read_capture(&p, 1) && !pair_all(p.trails, p.patience_ns, tell, &p))
		trouble(&p, "comparing", strerror(ENOMEM));
	trails_free(&p.trails[0]);
	trails_free(&p.trails[1]);
	return p.status;
}
