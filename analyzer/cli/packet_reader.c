/* packet_reader.c: see packet_reader.h.
 *
 * Theory of operation. One loop over poll(2): messages about the command, packets. For each packet the messages that
 * came before it are read first, so that its connection is known to be the command's. A packet that is goes to the
 * timeline as a line and to the analysis, numbered as in the file that -w writes. Verdicts are collected, for they are
 * printed under the timeline.
 *
 * With key logs the analysis waits: secrets must be known before the packets that they decrypt, and the client writes
 * them after those have come. So packets are held until the command has ended.
 *
 * The end. When the command has ended, what the kernel has queued is read, which it hands over with some delay
 * (live_source.h); own_flows.h says until when the last answers are to be waited for, at most WAIT_MAX_NS.
 */
#include "analyzer/cli/packet_reader.h"

#include "analyzer/cli/client_run.h"
#include "analyzer/cli/held_packets.h"
#include "analyzer/cli/own_flows.h"
#include "analyzer/cli/prepare.h"
#include "analyzer/cli/printable.h"
#include "analyzer/cli/run_channel.h"
#include "analyzer/cli/timeline.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MAX_NS (2 * INT64_C(1000000000))
#define NS_PER_MS 1000000
#define DNS_PORT 53 /* RFC 1035, section 4.2 */

struct reader {
	struct analysis *a;
	struct source *source;
	int channel;
	struct own_flows *own;
	struct timeline *timeline;
	struct inputs *keylogs;
	struct held_packets held; /* until these are read */
	struct client_run run;
	bool idle; /* the kernel had nothing more since the last message */
	bool stop; /* somebody does not want to wait */
	bool gone; /* the supervisor is: nobody waits for a report */
	bool failed; /* the source did, or memory */
	char *text; /* of the report */
	size_t length;
};

/* ---- Messages ---- */

static void take_message(struct reader *r, const struct run_message *m)
{
	switch (m->kind) {
	case RUN_BEGAN:
		r->run.began_ns = m->time_ns;
		break;
	case RUN_CONNECTING:
		own_flows_connecting(r->own, &m->endpoint);
		break;
	case RUN_CANNOT_TELL:
		own_flows_cannot_tell(r->own);
		break;
	case RUN_LINE:
		if (!client_output_add(&r->run.output, m->stream, m->time_ns, m->text, m->length))
			r->failed = true;
		client_words_line(&r->a->client_words, m->text, m->length);
		break;
	case RUN_ENDED:
		r->run.ended = true;
		r->run.ended_ns = m->time_ns;
		r->run.status = m->status;
		break;
	case RUN_STOP:
		r->stop = true;
		break;
	}
	r->idle = false;
}

static void take_messages(struct reader *r)
{
	struct run_message m;
	enum run_channel_result result;

	while ((result = run_channel_receive(r->channel, &m)) == RUN_CHANNEL_MESSAGE)
		take_message(r, &m);
	if (result == RUN_CHANNEL_GONE)
		r->gone = true;
}

/* ---- Packets ---- */

static enum timeline_weight weigh(const struct tlsdiag_headers *h, struct own_flow *flow, int from)
{
	if (flow && own_flow_repeats(flow, from, h))
		return TIMELINE_REPEATED;
	if (h->kind != TLSDIAG_PACKET_TCP || (h->tcp_flags & (0x01 | 0x02 | 0x04))) /* FIN, SYN, RST */
		return TIMELINE_NOTABLE;
	return TIMELINE_PLAIN;
}

static void take_packet(struct reader *r, struct source_packet *p)
{
	struct tlsdiag_headers headers;
	struct own_flow *flow;
	char line[PACKET_TEXT_MAX];
	int from;

	tlsdiag_decode(p->linktype, &p->packet, &headers);
	if (!own_flows_take(r->own, &headers, p->packet.time_ns, &flow, &from))
		return;
	p->packet.frame = r->a->packets + 1;
	packet_text(&headers, flow ? &flow->base : NULL, from, line);
	if (!timeline_packet(r->timeline, p->packet.frame, p->packet.time_ns, weigh(&headers, flow, from), line))
		r->failed = true;
	if (!r->keylogs->count) {
		analysis_packet(r->a, p);
		return;
	}
	analysis_count(r->a, p);
	if (!held_packets_add(&r->held, p))
		r->failed = true;
}

/* Takes what the kernel has, as long as more is wanted. */
static void take_packets(struct reader *r)
{
	struct source_packet p;
	enum source_result result = SOURCE_PACKET;

	while (!r->a->enough && !r->failed && !r->gone && (result = source_next(r->source, &p)) == SOURCE_PACKET) {
		take_messages(r);
		take_packet(r, &p);
	}
	r->idle = r->a->enough || result == SOURCE_IDLE;
	if (result == SOURCE_FAILED) {
		r->a->why = r->source->error;
		r->failed = true;
	}
}

/* When the wait for the last packets is over. */
static int64_t last_ns(const struct reader *r)
{
	int64_t quiet = own_flows_over_ns(r->own), latest = r->run.ended_ns + WAIT_MAX_NS;

	if (quiet < r->run.ended_ns)
		quiet = r->run.ended_ns;
	return (quiet < latest ? quiet : latest) + LIVE_SOURCE_LAG_NS;
}

/* Whether nothing more is to be read. A capture that failed goes on without packets: the command's output does. */
static bool over(const struct reader *r, int64_t now_ns)
{
	if (r->gone)
		return true;
	return r->run.ended && (r->stop || r->failed || r->a->enough || (r->idle && now_ns >= last_ns(r)));
}

/* Until the next moment at which something is decided by time, in milliseconds; -1: there is none. */
static int wait_ms(const struct reader *r, int64_t now_ns)
{
	int64_t at = r->run.ended ? last_ns(r) : r->a->enough || r->failed ? 0 : r->a->until_ns;

	if (!at)
		return -1;
	if (at <= now_ns)
		return 0;
	at = (at - now_ns) / NS_PER_MS + 1;
	return at > 60000 ? 60000 : (int)at;
}

static void read_all(struct reader *r)
{
	bool blind = false;

	while (!over(r, run_clock_ns())) {
		struct pollfd fds[] = {{.fd = r->channel, .events = POLLIN},
				       {.fd = blind ? -1 : live_source_fd(r->source), .events = POLLIN}};

		poll(fds, 2, wait_ms(r, run_clock_ns()));
		take_messages(r);
		analysis_late(r->a, run_clock_ns());
		take_packets(r);
		blind = r->a->enough || r->failed;
	}
}

/* The command has ended, and written its secrets. What is wrong with them is no reason to say nothing. */
static void analyze_held(struct reader *r)
{
	bool enough = r->a->enough;
	const char *why = r->a->why;

	prepare_keylogs(r->a, r->keylogs);
	if (!analysis_begin(r->a, r->source, r->run.interface))
		return;
	for (size_t i = 0; i < r->held.count; i++)
		analysis_packet(r->a, &r->held.list[i]);
	r->a->enough = enough;
	r->a->why = why;
}

/* ---- The report ---- */

static void on_verdict(const struct tlsdiag_verdict *v, void *context)
{
	struct reader *r = context;

	if (!timeline_verdict(r->timeline, v))
		r->failed = true;
}

/* "its connections to 203.0.113.20:443 and [2001:db8:5::20]:443" */
static void name_destinations(const struct own_flows *own, char *text, size_t size)
{
	const struct tlsdiag_endpoint *list;
	size_t count = own_flows_destinations(own, &list), at = 0;

	for (size_t i = 0; i < count && i < 4; i++) {
		printable_buffer buffer;

		at += (size_t)snprintf(text + at, size - at, "%s%s", i ? ", " : "", endpoint_text(&list[i], buffer));
	}
	if (count > 4)
		snprintf(text + at, size - at, " and %zu more", count - 4);
}

/* Whether the name servers are the only ones that the command turned to. */
static bool asked_names_only(const struct own_flows *own)
{
	const struct tlsdiag_endpoint *list;
	size_t count = own_flows_destinations(own, &list), names = 0;

	while (names < count && list[names].port == DNS_PORT)
		names++;
	return count && names == count;
}

static void describe(struct reader *r)
{
	struct client_run *run = &r->run;
	char to[400] = "";
	bool own = own_flows_choice(r->own) == OWN_BY_DESTINATION;

	name_destinations(r->own, to, sizeof(to));
	if (own_flows_choice(r->own) == OWN_BY_FILTER)
		snprintf(run->selection, sizeof(run->selection), "filter %.400s", r->a->options->filter);
	else if (own)
		snprintf(run->selection, sizeof(run->selection), "its own connections%s%s", *to ? ", to " : "", to);
	else
		snprintf(run->selection, sizeof(run->selection), "every connection that began meanwhile");
	if (own_flows_left_out(r->own) && own_flows_choice(r->own) != OWN_BY_FILTER)
		snprintf(run->remark, sizeof(run->remark),
			 "It made more connections than the %d that are followed: the others are not reported. A "
			 "filter takes the packets of all.",
			 OWN_FLOWS_MAX);
	if (r->a->packets)
		return;
	if (own && !*to)
		snprintf(run->remark, sizeof(run->remark),
			 "It was not seen to connect. Where it does so in another way, a filter takes the packets.");
	else if (own && asked_names_only(r->own))
		snprintf(run->remark, sizeof(run->remark),
			 "It asked a name server (port 53) and then connected nowhere: the name was not resolved, it "
			 "seems.");
	else
		snprintf(run->remark, sizeof(run->remark),
			 "None of these packets came by on %s: %sthis host translates addresses.", run->interface,
			 strcmp(run->interface, "any") == 0 ? "perhaps " : "another interface (-i any takes all), or ");
}

static void print_timeline(struct reader *r)
{
	struct layout layout = {
		.out = stdout, .colour = report_wants_colour(stdout), .columns = report_columns(stdout)};

	if (r->run.output.count) /* which ended just above, or will be taken for a part of this */
		layout_newline(&layout);
	timeline_print(r->timeline, &r->run, &layout);
	layout_newline(&layout);
}

static void report(struct reader *r, FILE *out)
{
	if (r->keylogs->count)
		analyze_held(r);
	analysis_end(r->a);
	if (r->failed && !r->a->why)
		analysis_trouble(r->a, "report", strerror(ENOMEM));
	describe(r);
	r->a->report->ops->client(r->a->report, &r->run, &r->a->capture);
	r->a->report->ops->end(r->a->report);
	fflush(out);
	if (!r->a->options->json)
		print_timeline(r);
	fwrite(r->text, 1, r->length, stdout);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

void packet_reader_run(struct analysis *a, struct source *source, struct inputs *keylogs, int channel)
{
	const struct options *o = a->options;
	struct reader r = {.a = a, .source = source, .keylogs = keylogs, .channel = channel};
	FILE *out = open_memstream(&r.text, &r.length);

	r.run.argv = o->command;
	r.run.name = base_name(o->command[0]);
	r.run.interface = o->interface;
	r.own = own_flows_new(o->filter ? OWN_BY_FILTER : OWN_BY_DESTINATION);
	r.timeline = timeline_new();
	analysis_tap(a, &(struct tap){.verdict = on_verdict, .context = &r});
	if (!out || !r.own || !r.timeline) {
		analysis_trouble(a, "report", strerror(ENOMEM));
	} else if (analysis_report(a, out) && (keylogs->count || analysis_begin(a, source, o->interface))) {
		a->client_words.client = r.run.name;
		a->report->client_words = &a->client_words;
		a->until_ns = run_clock_ns() + o->time_max_ns;
		read_all(&r);
		if (!r.gone)
			report(&r, out);
	}
	if (out)
		fclose(out);
	free(r.text);
	client_output_free(&r.run.output);
	held_packets_free(&r.held);
	timeline_free(r.timeline);
	own_flows_free(r.own);
}
