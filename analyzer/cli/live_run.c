/* live_run.c: tlsdiag -i -- COMMAND: captures while the command runs, stops by itself, and tells what happened.
 *
 * Theory of operation. Three processes, so that each has no more rights than its work needs:
 *
 *     the supervisor   this process: passes the command's output on, sees where it connects to (supervise.c)
 *     the command      held back until the capture is open and everybody's privileges are dropped (client_process.c)
 *     the reader       parses packets, locked in (packet_reader.c)
 *
 * The interface is opened first, with whatever privilege there is. The command's process is made while there still is,
 * since that lets it be watched without forbidding it sudo (connect_watch.h); it drops its own. Then this process drops
 * them, opens what is to be written, starts the reader, and lets the command go.
 */
#include "analyzer/cli/client_process.h"
#include "analyzer/cli/live.h"
#include "analyzer/cli/packet_reader.h"
#include "analyzer/cli/prepare.h"
#include "analyzer/cli/run_channel.h"
#include "analyzer/cli/supervise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* What may belong to a TCP connection: fragments are told apart by their addresses. */
#define ANY_CONNECTION "tcp or icmp or icmp6 or ip[6:2] & 0x1fff != 0 or ip6 proto 44"

struct live_run {
	struct analysis a;
	struct source *source;
	struct identity who;
	struct client_process client;
	sigset_t signals, mask; /* those that are waited for; those that were blocked before */
	int channel[2];
};

/* With --json standard output is for objects alone. */
static void find_targets(const struct options *o, int target[CLIENT_STREAMS])
{
	target[CLIENT_STDOUT] = o->json ? STDERR_FILENO : STDOUT_FILENO;
	target[CLIENT_STDERR] = STDERR_FILENO;
}

static bool prepare_client(struct live_run *r)
{
	const struct options *o = r->a.options;
	struct client_settings settings = {
		.argv = o->command, .who = &r->who, .watch_connects = !o->filter, .mask = r->mask};
	char error[256];

	find_targets(o, settings.target);
	if (client_process_prepare(&r->client, &settings, error, sizeof(error)))
		return true;
	analysis_trouble(&r->a, o->command[0], error);
	return false;
}

static bool drop(struct live_run *r)
{
	char error[256];

	if (privilege_drop(&r->who, error, sizeof(error)))
		return true;
	analysis_trouble(&r->a, "privileges", error);
	return false;
}

/* The reader's life, in a process of its own. */
__attribute__((noreturn)) static void be_reader(struct live_run *r, struct packet_file *file, struct inputs *keylogs)
{
	static const int not_ours[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT}; /* the supervisor sees to them */

	for (size_t i = 0; i < sizeof(not_ours) / sizeof(*not_ours); i++)
		signal(not_ours[i], SIG_IGN);
	sigprocmask(SIG_SETMASK, &r->mask, NULL);
	close(r->channel[0]);
	client_process_close(&r->client);
	if (prepare_saving(&r->a, -1) && prepare_confinement(&r->a, file ? packet_file_fd(file) : -1))
		packet_reader_run(&r->a, r->source, keylogs, r->channel[1]);
	inputs_close(keylogs);
	if (!packet_file_close(file))
		analysis_trouble(&r->a, r->a.options->write_file, strerror(errno));
	source_close(r->source);
	privilege_free(&r->who);
	exit((int)analysis_finish(&r->a));
}

static void keep(const struct source_packet *p, void *context)
{
	packet_file_add(context, p);
}

/* The command is what writes them. */
static bool open_keylogs(struct live_run *r, struct inputs *keylogs)
{
	const struct options *o = r->a.options;

	if (!inputs_make(keylogs, o->keylogs, o->keylog_count)) {
		analysis_trouble(&r->a, "key logs", strerror(ENOMEM));
		return false;
	}
	for (size_t i = 0; i < keylogs->count; i++) {
		if (keylogs->list[i].fd < 0) {
			analysis_trouble(&r->a, keylogs->list[i].name, strerror(keylogs->list[i].failed));
			return false;
		}
	}
	return true;
}

/* Opens what is written and read beside the packets, as the user it is for. */
static bool open_files(struct live_run *r, struct packet_file **file, struct inputs *keylogs)
{
	const struct options *o = r->a.options;
	char error[256];

	if (!open_keylogs(r, keylogs))
		return false;
	if (!prepare_save(&r->a, &(struct inputs){0}, keylogs))
		return false;
	if (!o->write_file)
		return true;
	*file = packet_file_new(o->write_file, live_source_linktype(r->source), (uint32_t)o->snaplen, error,
				sizeof(error));
	if (!*file) {
		analysis_trouble(&r->a, o->write_file, error);
		return false;
	}
	analysis_tap(&r->a, &(struct tap){.packet = keep, .context = *file});
	return true;
}

/* The reader's process; -1, after saying why. */
static pid_t start_reader(struct live_run *r)
{
	struct packet_file *file = NULL;
	struct inputs keylogs = {0};
	pid_t pid = -1;

	if (open_files(r, &file, &keylogs)) {
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			be_reader(r, file, &keylogs);
		if (pid < 0)
			analysis_trouble(&r->a, "reader", strerror(errno));
	}
	inputs_close(&keylogs);
	packet_file_close(file);
	if (r->a.save && pid > 0)
		save_leave(r->a.save);
	return pid;
}

static void run(struct live_run *r, pid_t reader)
{
	struct supervision s = {.client = &r->client,
				.reader = reader,
				.channel = r->channel[0],
				.signals = signalfd(-1, &r->signals, SFD_CLOEXEC)};
	const char *command = r->a.options->command[0];
	int status = 0, why;

	find_targets(r->a.options, s.target);
	why = supervise(&s, &status);
	close(s.signals);
	if (why == ENOENT)
		analysis_trouble(&r->a, command, "command not found");
	else if (why)
		analysis_trouble(&r->a, command, strerror(why));
	else if (WIFEXITED(status))
		r->a.status = (enum exit_status)WEXITSTATUS(status);
	else
		analysis_trouble(&r->a, "reader", strsignal(WTERMSIG(status)));
}

static void prepare_and_run(struct live_run *r)
{
	pid_t reader;

	if (!prepare_identity(&r->a, &r->who))
		return;
	if (prepare_client(r) && drop(r)) {
		if (!run_channel_open(r->channel)) {
			analysis_trouble(&r->a, "reader", strerror(errno));
		} else {
			reader = start_reader(r);
			close(r->channel[1]);
			if (reader > 0)
				run(r, reader);
			close(r->channel[0]);
		}
	}
	client_process_close(&r->client);
	if (r->client.pid > 0) /* one that was never let go ends now */
		waitpid(r->client.pid, NULL, 0);
	privilege_free(&r->who);
}

enum exit_status live_run(const struct options *options)
{
	struct live_run r = {.client = {.pid = -1, .control = -1, .output = {-1, -1}, .connects = -1}};

	analysis_init(&r.a, options);
	signal(SIGPIPE, SIG_IGN); /* whoever reads the output may leave; that is no reason to leave the command alone */
	signal(SIGCHLD, SIG_DFL); /* whoever ignored it would never hear how the command ended */
	supervise_signals(&r.signals);
	sigprocmask(SIG_BLOCK, &r.signals, &r.mask);
	r.source = prepare_interface(&r.a, options->filter ? options->filter : ANY_CONNECTION, false);
	if (r.source)
		prepare_and_run(&r);
	source_close(r.source);
	sigprocmask(SIG_SETMASK, &r.mask, NULL);
	return analysis_finish(&r.a);
}
