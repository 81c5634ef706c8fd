/* pair.c: reads both captures to their ends through the library, each with a trail of packets for every connection
 * (trail.h), has them compared (pair_all.h), and reports; see pair.h.
 *
 * As wherever captures are read: both are opened first, then privileges are given up and the program locks itself in.
 */
#include "analyzer/cli/pair.h"

#include "analyzer/cli/analysis.h"
#include "analyzer/cli/capture_file.h"
#include "analyzer/cli/pair_all.h"
#include "analyzer/cli/prepare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TRAILS_MEMORY_MAX ((size_t)256 << 20) /* bytes for each capture, unless --max-memory says otherwise */

struct pairing {
	struct analysis a;
	struct tlsdiag_settings settings;
	struct inputs captures; /* A, B */
	struct trails trails[2];
};

/* ---- Reading ---- */

static const char *name_of(const struct pairing *p, int capture)
{
	const char *file = p->captures.list[capture].name;

	return strcmp(file, "-") == 0 ? "standard input" : file;
}

static void on_secrets(void *context, const char *text, size_t length)
{
	struct tlsdiag *d = context;

	if (tlsdiag_keylog(d, text, length))
		tlsdiag_keylog_end(d);
}

/* NULL, or why the capture could not be read to its end. The time of a packet that the filter drops counts, too: the
 * capture was running. */
static const char *feed(const struct analysis *a, struct source *source, struct tlsdiag *d, struct trails *trails)
{
	struct source_packet packet;
	enum source_result result;
	uint64_t taken = 0;

	while ((result = source_next(source, &packet)) == SOURCE_PACKET) {
		enum filter_result filtered = FILTER_PASSES;

		trails_span(trails, packet.packet.time_ns);
		if (a->filter)
			filtered = filter_packet(a->filter, &packet);
		if (filtered == FILTER_FAILED)
			return filter_error(a->filter);
		if (filtered == FILTER_DROPS)
			continue;
		tlsdiag_packet(d, packet.linktype, &packet.packet);
		if (++taken == a->options->count)
			return NULL;
	}
	return result == SOURCE_FAILED ? source->error : NULL;
}

static struct tlsdiag *new_analyzer(const struct pairing *p, struct trails *trails)
{
	const struct keylog_files *keys = &p->a.keylogs;
	struct tlsdiag *d = tlsdiag_new(&p->settings, trails_verdict, trails);

	if (d && keys->length && !tlsdiag_keylog(d, keys->text, keys->length)) {
		tlsdiag_free(d);
		return NULL;
	}
	if (d)
		tlsdiag_on_segment(d, trails_segment, trails);
	return d;
}

static void tell_capture(struct pairing *p, int capture, const struct tlsdiag *d)
{
	const struct trails *trails = &p->trails[capture];
	struct report_capture told = {.name = name_of(p, capture), .dropped = trails->dropped};

	tlsdiag_counts(d, &told.counts);
	p->a.report->ops->capture(p->a.report, &told);
	if (trails->packets_left_out || trails->connections_left_out)
		fprintf(stderr,
			"tlsdiag: %s: %" PRIu64 " packets were not compared and %" PRIu64
			" connections are not told, to stay within the bounds (--max-memory)\n",
			told.name, trails->packets_left_out, trails->connections_left_out);
}

static struct source *open_capture(struct pairing *p, int capture)
{
	char error[256];
	int fd = inputs_take(&p->captures, (size_t)capture);
	struct source *source = NULL;

	if (fd < 0)
		snprintf(error, sizeof(error), "%s", strerror(errno));
	else
		source = capture_file_open_fd(fd, error, sizeof(error));
	if (!source)
		analysis_trouble(&p->a, name_of(p, capture), error);
	return source;
}

static bool read_capture(struct pairing *p, int capture)
{
	struct trails *trails = &p->trails[capture];
	struct source *source = open_capture(p, capture);
	struct tlsdiag *d = source ? new_analyzer(p, trails) : NULL;
	const char *why;

	if (!d) {
		if (source)
			analysis_trouble(&p->a, name_of(p, capture), strerror(ENOMEM));
		source_close(source);
		return false;
	}
	trails->memory_max = p->a.options->memory_max ? p->a.options->memory_max : TRAILS_MEMORY_MAX;
	source->on_secrets = on_secrets;
	source->context = d;
	why = feed(&p->a, source, d, trails);
	tlsdiag_finish(d);
	trails_finish(trails);
	trails->dropped = source->dropped;
	tell_capture(p, capture, d);
	if (why)
		analysis_trouble(&p->a, name_of(p, capture), why);
	tlsdiag_free(d);
	source_close(source);
	return !why;
}

/* ---- Telling ---- */

#define ADVICE_MAX 16

/* A verdict as both captures have it. */
struct joint {
	struct tlsdiag_verdict v;
	char signature[64];
	const char *advice[ADVICE_MAX];
};

/* Whether it asks for what is at hand. */
static bool asks_for_second_capture(const char *check)
{
	return strcasestr(check, "capture at the server");
}

/* What to check, where it is known to have happened. */
static void advise(struct joint *joint, const struct tlsdiag_words *words)
{
	static const unsigned places[] = {[TLSDIAG_BY_CLIENT] = TLSDIAG_AT_CLIENT,
					  [TLSDIAG_BY_SERVER] = TLSDIAG_AT_SERVER,
					  [TLSDIAG_BY_NETWORK] = TLSDIAG_ON_PATH,
					  [TLSDIAG_BY_UNKNOWN] = 0};
	size_t count = 0;

	for (size_t i = 0; i < words->check_count && count < ADVICE_MAX; i++)
		if (words->checks[i].places & places[joint->v.by] && !asks_for_second_capture(words->checks[i].text))
			joint->advice[count++] = words->checks[i].text;
	if (!count) /* nothing of the kind is known */
		return;
	joint->v.advice = joint->advice;
	joint->v.advice_count = count;
}

/* Whether a reset is forged or not is part of its signature. */
static void change_detail(struct joint *joint, const char *detail)
{
	struct tlsdiag_verdict *v = &joint->v;

	snprintf(joint->signature, sizeof(joint->signature), "%s/%s%s%s", tlsdiag_stage_name(v->stage),
		 tlsdiag_cause_name(v->cause), *detail ? "/" : "", detail);
	v->signature = joint->signature;
	v->detail = detail;
}

static void join(struct joint *joint, const struct between *b)
{
	const struct judgement *j = &b->judgement;
	const struct tlsdiag_words *words;

	joint->v = *(b->a && !(j->from_b && b->b) ? b->a : b->b);
	joint->v.by = j->by;
	joint->v.certainty = j->certainty;
	if (j->injected || j->genuine)
		change_detail(joint, j->injected ? "injected" : "");
	words = j->settled ? tlsdiag_explain(joint->v.signature) : NULL;
	if (!words)
		return;
	joint->v.summary = words->title;
	advise(joint, words);
}

static bool tell(const struct between *b, void *context)
{
	struct pairing *p = context;
	struct joint joint;

	join(&joint, b);
	if (joint.v.outcome == TLSDIAG_FAILED && p->a.status == STATUS_NOTHING_FAILED)
		p->a.status = STATUS_FAILED;
	p->a.report->between = b;
	p->a.report->ops->verdict(p->a.report, NULL, &joint.v);
	p->a.report->between = NULL;
	return !ferror(stdout) && !p->a.report->failed;
}

static void compare(struct pairing *p, struct inputs *keylogs)
{
	struct analysis *a = &p->a;

	if (!prepare_privilege(a) || !prepare_confinement(a, -1) || !analysis_report(a, stdout) || !prepare_filter(a) ||
	    !prepare_keylogs(a, keylogs) || !read_capture(p, 0) || !read_capture(p, 1))
		return;
	if (!pair_all(p->trails, p->settings.patience_ns, tell, p))
		analysis_trouble(a, "comparing", strerror(ENOMEM));
	a->report->ops->end(a->report);
}

enum exit_status pair_captures(const struct options *options)
{
	const char *names[] = {options->at_client, options->at_server};
	struct pairing p = {.settings = analysis_settings(options)};
	struct inputs keylogs = {0};

	analysis_init(&p.a, options);
	if (inputs_open(&p.captures, names, 2) && inputs_open(&keylogs, options->keylogs, options->keylog_count))
		compare(&p, &keylogs);
	else
		analysis_trouble(&p.a, "files", strerror(ENOMEM));
	inputs_close(&p.captures);
	inputs_close(&keylogs);
	trails_free(&p.trails[0]);
	trails_free(&p.trails[1]);
	return analysis_finish(&p.a);
}
