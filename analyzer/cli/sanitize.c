/* sanitize.c: `tlsdiag sanitize IN OUT`: a capture that can be shared. What is kept and what is not, libtlsdiag knows
 * (tlsdiag.h, "Captures that can be shared").
 *
 * The capture is read twice; what can be read once only is put aside in a file without a name. Both readings are
 * analyzed, and a verdict that became another is told: then something was lost that it rests on. The new file appears
 * when it is whole.
 *
 * As in analyze.c, all is opened first; then root is given up, and the program locks itself in before it reads the
 * first byte of what strangers made.
 */
#include "analyzer/cli/capture_file.h"
#include "analyzer/cli/capture_format.h"
#include "analyzer/cli/command.h"
#include "analyzer/cli/confine.h"
#include "analyzer/cli/pcap_write.h"
#include "analyzer/cli/pcapng_write.h"
#include "analyzer/cli/private_file.h"
#include "analyzer/cli/privilege.h"
#include "analyzer/cli/publisher.h"
#include "analyzer/cli/verdict_list.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHIFT_MAX_S INT64_C(4000000000)

struct options {
	const char *in, *out;
	int64_t shift_s;
};

struct job {
	const struct options *options;
	int in[2]; /* IN, for each of its readings; -1: none any more */
	FILE *aside; /* what these are of, where IN can be read once only */
	struct private_file file;
	struct publisher publisher;
	FILE *out;
	struct tlsdiag_sanitizer *sanitizer;
	struct verdict_list before, after;
	enum exit_status status;
};

static const char *name_of(const char *file, const char *stream)
{
	return strcmp(file, "-") == 0 ? stream : file;
}

static bool trouble(struct job *job, const char *what, const char *why)
{
	fprintf(stderr, "tlsdiag sanitize: %s: %s\n", what, why);
	job->status = STATUS_TROUBLE;
	return false;
}

static bool trouble_in(struct job *job, const char *why)
{
	return trouble(job, name_of(job->options->in, "standard input"), why);
}

static bool trouble_out(struct job *job, const char *why)
{
	return trouble(job, name_of(job->options->out, "standard output"), why);
}

/* ---- IN ---- */

static bool put_aside(struct job *job, int fd)
{
	char buffer[65536];
	ssize_t n;

	job->aside = tmpfile();
	if (!job->aside)
		return trouble(job, "a temporary file", strerror(errno));
	while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return trouble_in(job, strerror(errno));
		if (fwrite(buffer, 1, (size_t)n, job->aside) != (size_t)n)
			return trouble(job, "a temporary file", strerror(errno));
	}
	if (fflush(job->aside) != 0)
		return trouble(job, "a temporary file", strerror(errno));
	return true;
}

/* A descriptor for each reading; they share a place, which read_again() sets. */
static bool open_in(struct job *job)
{
	const char *name = job->options->in;
	struct stat status;
	int fd = strcmp(name, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(name, O_RDONLY | O_CLOEXEC);
	bool again = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);

	if (fd < 0)
		return trouble_in(job, strerror(errno));
	if (!again) {
		bool ok = put_aside(job, fd);

		close(fd);
		if (!ok)
			return false;
		fd = fcntl(fileno(job->aside), F_DUPFD_CLOEXEC, 0);
	}
	job->in[0] = fd;
	job->in[1] = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	return job->in[1] >= 0 || trouble_in(job, strerror(errno));
}

static struct source *read_again(struct job *job, int reading)
{
	char error[256];
	struct source *source;
	int fd = job->in[reading];

	if (lseek(fd, 0, SEEK_SET) < 0) {
		trouble_in(job, strerror(errno));
		return NULL;
	}
	job->in[reading] = -1;
	source = capture_file_open_fd(fd, error, sizeof(error));
	if (!source)
		trouble_in(job, error);
	return source;
}

/* ---- OUT ---- */

/* Whether OUT is IN under whatever name. */
static bool is_in(const struct job *job, const char *path)
{
	struct stat in, out;

	return fstat(job->in[0], &in) == 0 && stat(path, &out) == 0 && in.st_dev == out.st_dev &&
	       in.st_ino == out.st_ino;
}

static bool open_out(struct job *job)
{
	const char *name = job->options->out;
	char error[256];

	if (strcmp(name, "-") == 0) {
		if (isatty(STDOUT_FILENO))
			return trouble_out(job, "a terminal cannot show a capture: send it to a file or a pipe");
		job->out = stdout;
		return true;
	}
	if (is_in(job, name))
		return trouble_out(job, "is the capture to be sanitized: name another file");
	if (!private_file_open(&job->file, name, error, sizeof(error)))
		return trouble_out(job, error);
	if (!publisher_start(&job->publisher, &job->file))
		return trouble_out(job, strerror(errno));
	job->out = job->file.out;
	return true;
}

static bool close_out(struct job *job)
{
	char error[256];

	if (ferror(job->out) || fflush(job->out) != 0)
		return trouble_out(job, errno ? strerror(errno) : "could not be written");
	if (job->out != stdout && !publisher_publish(&job->publisher, &job->file, error, sizeof(error)))
		return trouble_out(job, error);
	return true;
}

/* ---- Before the first byte is read ---- */

/* OUT will belong to whoever called sudo. */
static bool give_up_root(struct job *job)
{
	struct identity who = {0};
	char error[256];
	bool ok = privilege_find(NULL, &who, error, sizeof(error)) &&
		  (!who.other || privilege_drop(&who, error, sizeof(error)));

	privilege_free(&who);
	return ok || trouble(job, "privileges", error);
}

static bool lock_in(struct job *job)
{
	const int writable[] = {fileno(job->out), publisher_fd(&job->publisher)};
	char error[256];

	confine_prepare();
	if (!confine_supported()) {
		fprintf(stderr, "tlsdiag sanitize: this kernel has no seccomp: the capture is read unconfined\n");
		return true;
	}
	return confine(writable, job->out == stdout ? 1 : 2, error, sizeof(error)) ||
	       trouble(job, "confinement", error);
}

/* ---- The two readings ---- */

static struct tlsdiag *analyzer(struct job *job, struct verdict_list *list)
{
	struct tlsdiag *d = tlsdiag_new(NULL, verdict_list_add, list);

	if (!d)
		trouble(job, "memory", strerror(ENOMEM));
	return d;
}

/* Reads all, or what is there before the damage: *packets is how many that are. */
static bool learn(struct job *job, uint64_t *packets)
{
	struct source *source = read_again(job, 0);
	struct tlsdiag *d = source ? analyzer(job, &job->before) : NULL;
	struct source_packet p;
	enum source_result result = SOURCE_END;

	while (d && (result = source_next(source, &p)) == SOURCE_PACKET) {
		tlsdiag_sanitizer_learn(job->sanitizer, p.linktype, &p.packet);
		tlsdiag_packet(d, p.linktype, &p.packet);
		++*packets;
	}
	if (result == SOURCE_FAILED)
		trouble_in(job, source->error);
	if (d)
		tlsdiag_finish(d);
	tlsdiag_free(d);
	source_close(source);
	return d && (result == SOURCE_END || *packets > 0);
}

/* Writes a packet in the format in which it came. */
struct writer {
	FILE *out;
	struct pcapng_writer *pcapng; /* NULL: pcap */
	bool nanoseconds, begun;
};

static bool begin_writing(struct writer *w, const struct source *source)
{
	if (source->format == SOURCE_PCAPNG) {
		w->pcapng = pcapng_writer_new(w->out, (struct pcapng_comments){0});
		return w->pcapng;
	}
	w->nanoseconds = source->format == SOURCE_PCAP_NS;
	pcap_write_header(w->out, source->linktype, CAPTURE_PACKET_MAX, w->nanoseconds);
	return true;
}

static void write_packet(struct writer *w, int linktype, const struct tlsdiag_packet *packet)
{
	if (w->pcapng)
		pcapng_write_packet(w->pcapng, &(struct pcapng_packet){.linktype = linktype, .packet = packet});
	else
		pcap_write_packet(w->out, packet, w->nanoseconds);
}

static bool rewrite_each(struct job *job, struct source *source, struct tlsdiag *d, struct writer *w, uint64_t packets)
{
	enum source_result result;
	struct tlsdiag_packet rewritten;
	struct source_packet p;

	do {
		result = packets > 0 || !w->begun ? source_next(source, &p) : SOURCE_END;
		if (!w->begun && !begin_writing(w, source))
			return trouble(job, "memory", strerror(ENOMEM));
		w->begun = true;
		if (packets == 0 || result != SOURCE_PACKET)
			break;
		if (!tlsdiag_sanitizer_rewrite(job->sanitizer, p.linktype, &p.packet, &rewritten))
			return trouble(job, "memory", strerror(ENOMEM));
		write_packet(w, p.linktype, &rewritten);
		tlsdiag_packet(d, p.linktype, &rewritten);
	} while (--packets > 0 && !ferror(w->out));
	return packets == 0 || ferror(w->out) || trouble_in(job, "changed while it was being read");
}

static bool rewrite(struct job *job, uint64_t packets)
{
	struct source *source = read_again(job, 1);
	struct tlsdiag *d = source ? analyzer(job, &job->after) : NULL;
	struct writer w = {.out = job->out};
	bool ok = d && rewrite_each(job, source, d, &w, packets);

	if (ok && w.pcapng && !pcapng_write_end(w.pcapng, source->dropped))
		ok = trouble_out(job, pcapng_write_error(w.pcapng));
	pcapng_writer_free(w.pcapng);
	if (d)
		tlsdiag_finish(d);
	tlsdiag_free(d);
	source_close(source);
	return ok;
}

/* ---- The summary ---- */

static const char *s(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void summarize(struct job *job)
{
	struct tlsdiag_sanitizer_counts c;

	tlsdiag_sanitizer_counts(job->sanitizer, &c);
	fprintf(stderr,
		"tlsdiag sanitize: %" PRIu64 " packet%s of %" PRIu64 " connection%s rewritten; aliases for %" PRIu64
		" address%s and %" PRIu64 " word%s of names\n",
		c.packets, s(c.packets), c.connections, s(c.connections), c.addresses, c.addresses == 1 ? "" : "es",
		c.words, s(c.words));
	if (c.not_understood)
		fprintf(stderr,
			"tlsdiag sanitize: %" PRIu64
			" packet%s could not be read to the end; what is not understood in "
			"%s is erased\n",
			c.not_understood, s(c.not_understood), c.not_understood == 1 ? "it" : "them");
	if (c.erased)
		fprintf(stderr,
			"tlsdiag sanitize: for want of memory all that %" PRIu64 " connection%s said is erased\n",
			c.erased, s(c.erased));
}

/* Verdicts that rest on what was erased. */
static void compare(struct job *job)
{
	uint64_t first, differing = verdict_list_differ(&job->before, &job->after, &first);

	if (job->before.failed || job->after.failed) {
		trouble(job, "memory", "too little to compare the verdicts");
		return;
	}
	if (!differing)
		return;
	fprintf(stderr,
		"tlsdiag sanitize: the verdict of %" PRIu64
		" connection%s is another now, the first is connection %" PRIu64 ": what it rests on was erased\n",
		differing, s(differing), first);
	if (job->status == STATUS_NOTHING_FAILED)
		job->status = STATUS_FAILED;
}

/* ---- The command line ---- */

enum long_option {
	OPTION_SHIFT_TIME = 256,
};

static const struct argp_option entries[] = {
	{"shift-time", OPTION_SHIFT_TIME, "SECONDS", 0, "Add SECONDS, which may be negative, to all times and dates",
	 0},
	{NULL, 'h', NULL, OPTION_HIDDEN, NULL, 0},
	{0},
};

static const char doc[] =
	"Make a capture that can be shared: the same verdicts, but no address, name, secret or content."
	"\vIN is pcap or pcapng, gzip or not; OUT is of the same kind, readable by you alone. '-' is standard input "
	"and output. Addresses become documentation addresses, names other names of the same length, the same one "
	"everywhere; ports, times, lengths, TTLs and alerts stay; contents become zeros. Keys no longer decrypt it.\n"
	"Exit status: 0 done, 1 done, but a verdict is another now, 2 could not do its work.\n"
	"\n"
	"  tlsdiag sanitize web.pcap shared.pcap\n"
	"  ssh gateway cat web.pcap.gz | tlsdiag sanitize - - | gzip >shared.pcap.gz";

static int64_t parse_shift(const char *text, struct argp_state *state)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno || value > SHIFT_MAX_S || value < -SHIFT_MAX_S)
		argp_error(state, "--shift-time %s: not a whole number of seconds", text);
	return value;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'h':
		argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
		return 0;
	case OPTION_SHIFT_TIME:
		options->shift_s = parse_shift(argument, state);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "one IN and one OUT, no more");
		*(state->arg_num ? &options->out : &options->in) = argument;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state, "IN and OUT are to be named");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool sanitize(struct job *job)
{
	uint64_t packets = 0;

	job->sanitizer = tlsdiag_sanitizer_new(job->options->shift_s);
	if (!job->sanitizer)
		return trouble(job, "memory", strerror(ENOMEM));
	return open_in(job) && give_up_root(job) && open_out(job) && lock_in(job) && learn(job, &packets) &&
	       rewrite(job, packets) && close_out(job);
}

int command_sanitize(int argc, char **argv)
{
	static const struct argp argp = {.options = entries, .parser = parse_option, .args_doc = "IN OUT", .doc = doc};
	struct options options = {0};
	struct job job = {.options = &options, .in = {-1, -1}, .file.directory = -1, .publisher = NO_PUBLISHER};
	char name[] = "tlsdiag sanitize";

	argv[0] = name;
	argp_program_version = "tlsdiag " VERSION;
	argp_err_exit_status = STATUS_TROUBLE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (sanitize(&job)) {
		summarize(&job);
		compare(&job);
	}
	tlsdiag_sanitizer_free(job.sanitizer);
	verdict_list_free(&job.before);
	verdict_list_free(&job.after);
	private_file_discard(&job.file);
	publisher_end(&job.publisher);
	if (job.aside)
		fclose(job.aside);
	for (int i = 0; i < 2; i++)
		if (job.in[i] >= 0)
			close(job.in[i]);
	return job.status;
}
