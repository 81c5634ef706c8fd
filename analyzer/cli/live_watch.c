/* live_watch.c: tlsdiag -i without a command: each failure as it is decided, until Ctrl-C or a bound.
 *
 * Time goes on while no packets come: whenever none is waiting the analyzer is told the time, so that a connection that
 * ended, or on which both ends fell silent, is decided although nothing else arrives.
 */
#include "analyzer/cli/live.h"

#include "analyzer/cli/live_source.h"
#include "analyzer/cli/packet_file.h"
#include "analyzer/cli/prepare.h"
#include "analyzer/cli/run_channel.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define TICK_MS 500

static volatile sig_atomic_t stopped; /* a signal handler has nothing else to write to */

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

/* The second signal ends it whatever it is doing. */
static void mind_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}, old;

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

static void keep(const struct source_packet *p, void *context)
{
	packet_file_add(context, p);
}

/* As tcpdump says it, where it says it. */
static void announce(const struct analysis *a, const struct source *source)
{
	const char *name = live_source_linktype_name(source);

	fprintf(stderr, "tlsdiag: listening on %s, link-type %s, snapshot length %d bytes\n", a->options->interface,
		name ? name : "unknown", a->options->snaplen);
}

/* Told to stop: the packets that were on the wire by then. The kernel hands them over a little later. */
static void take_last(struct analysis *a, struct source *source)
{
	int64_t end_ns = run_clock_ns();
	struct source_packet p;

	live_source_wait(source, LIVE_SOURCE_LAG_NS / 1000000);
	while (source_next(source, &p) == SOURCE_PACKET && p.packet.time_ns <= end_ns)
		if (!analysis_packet(a, &p))
			return;
}

static void watch(struct analysis *a, struct source *source, struct packet_file *file)
{
	if (!analysis_begin(a, source, a->options->interface))
		return;
	if (a->options->time_max_ns)
		a->until_ns = run_clock_ns() + a->options->time_max_ns;
	live_source_wait(source, TICK_MS);
	a->stop = &stopped;
	announce(a, source);
	while (analysis_drain(a) && !analysis_late(a, run_clock_ns())) {
		tlsdiag_advance(a->d, run_clock_ns() - LIVE_SOURCE_LAG_NS);
		if (file)
			packet_file_flush(file);
	}
	if (stopped)
		take_last(a, source);
	analysis_end(a);
	a->report->ops->end(a->report);
}

static struct packet_file *open_file(struct analysis *a, const struct source *source)
{
	char error[256];
	struct packet_file *file = packet_file_new(a->options->write_file, live_source_linktype(source),
						   (uint32_t)a->options->snaplen, error, sizeof(error));

	if (file)
		analysis_tap(a, &(struct tap){.packet = keep, .context = file});
	else
		analysis_trouble(a, a->options->write_file, error);
	return file;
}

/* With the interface open: the rest, in the order that privileges ask for. */
static void prepare_and_watch(struct analysis *a, struct source *source)
{
	const struct options *o = a->options;
	struct packet_file *file = NULL;
	struct inputs keylogs = {0};

	if (!prepare_privilege(a))
		return;
	if (o->write_file && !(file = open_file(a, source)))
		return;
	mind_signals();
	if (!inputs_open(&keylogs, o->keylogs, o->keylog_count))
		analysis_trouble(a, "key logs", strerror(ENOMEM));
	else if (prepare_save(a, &(struct inputs){0}, &keylogs) && prepare_saving(a, -1) &&
		 prepare_confinement(a, file ? packet_file_fd(file) : -1) && prepare_keylogs(a, &keylogs) &&
		 analysis_report(a, stdout))
		watch(a, source, file);
	inputs_close(&keylogs);
	if (!packet_file_close(file))
		analysis_trouble(a, o->write_file, strerror(errno));
}

enum exit_status live_watch(const struct options *options)
{
	struct options quiet = *options;
	struct analysis a;
	struct source *source;

	/* People watch for failures; programs choose for themselves. */
	quiet.quiet = quiet.quiet || !quiet.json;
	analysis_init(&a, &quiet);
	source = prepare_interface(&a, options->filter, true);
	if (source)
		prepare_and_watch(&a, source);
	source_close(source);
	return analysis_finish(&a);
}
