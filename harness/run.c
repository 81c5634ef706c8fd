/* run.c: the loop that runs cases, see run.h. */
#include "harness/run.h"

#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/case.h"
#include "harness/cell.h"
#include "harness/firewall.h"
#include "harness/process.h"
#include "harness/shape.h"
#include "harness/trace.h"
#include "servers/stock.h"

enum {
	MINT_MS = 60000,
	JOBS_PER_CPU = 8, /* even a case that is at work waits for packets, and for its peer */
	JOBS_MIN = 16,
	WAITING_DEFAULT = 64, /* each takes a few processes, and nothing else */
	REMOVE_DESCRIPTORS = 16,
};

/* Cases in the order in which they are started, those at work and those that mostly wait. */
enum queue_kind { AT_WORK, WAITING, QUEUES };

struct queue {
	size_t *cases;
	size_t count, started, running, limit; /* running: at most limit */
};

/* A place for one case at a time. */
struct slot {
	bool running;
	enum queue_kind kind;
	size_t index; /* of the case */
	unsigned cpu; /* that it is on, of those there are */
	int pidfd;
	struct timespec deadline;
	bool overdue; /* it was killed for that */
	char folder[PATH_MAX];
	struct case_setting setting;
};

struct run {
	const struct run_settings *settings;
	char folder[PATH_MAX], certificates[PATH_MAX];
	struct stock *stock;
	cpu_set_t cpus; /* that may be used */
	struct slot *slots;
	size_t slot_count;
	struct queue queues[QUEUES];
	int signals; /* descriptor */
	int interrupted; /* by this signal */
	int no_room; /* errno that says why the folder takes no more */
};

void run_set_default_jobs(struct run_settings *settings)
{
	int jobs = (int)sysconf(_SC_NPROCESSORS_ONLN) * JOBS_PER_CPU;

	settings->jobs = jobs < JOBS_MIN ? JOBS_MIN : jobs;
	settings->waiting = WAITING_DEFAULT;
}

/* ---- The run's folder ---- */

/* Making and removing thousands of files is a tenth of a run's time on a disk, and nothing in memory. */
const char *run_parent_folder(void)
{
	static const char memory[] = "/dev/shm";
	const char *wanted = getenv("TMPDIR");
	struct statvfs room;

	if (wanted && *wanted)
		return wanted;
	return access(memory, W_OK | X_OK) == 0 && statvfs(memory, &room) == 0 &&
			       room.f_bavail * room.f_frsize >= (fsblkcnt_t)RUN_ROOM_MIB << 20
		       ? memory
		       : "/tmp";
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static bool is_empty_folder(const char *path)
{
	return rmdir(path) == 0 && mkdir(path, 0700) == 0;
}

static bool make_kept_folder(struct run *run, struct error *error)
{
	const char *keep = run->settings->keep;

	if (mkdir(keep, 0700) != 0 && !(errno == EEXIST && is_empty_folder(keep)))
		return error_set(error, "--keep %s: %s", keep,
				 errno == EEXIST || errno == ENOTEMPTY || errno == EINVAL /* '.' */
					 ? "there is something of that name; a new or empty folder is needed"
					 : strerror(errno));
	if (!realpath(keep, run->folder))
		return error_errno(error, "--keep %s", keep);
	return true;
}

static bool make_folder(struct run *run, struct error *error)
{
	if (run->settings->keep)
		return make_kept_folder(run, error);
	snprintf(run->folder, sizeof(run->folder), "%s/tlslab.XXXXXX", run_parent_folder());
	if (mkdtemp(run->folder))
		return true;
	error_errno(error, "make a folder %s", run->folder);
	run->folder[0] = '\0';
	return false;
}

static void remove_folder(const struct run *run, const char *folder)
{
	if (*folder && !run->settings->keep)
		nftw(folder, remove_entry, REMOVE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

/* ---- Certificates ---- */

static bool mint(struct run *run, struct error *error)
{
	const char *const argv[] = {run->settings->server_program, "mint", run->certificates, NULL};
	const struct process_command command = {.argv = argv};
	struct process *process;
	bool ok;

	if (snprintf(run->certificates, sizeof(run->certificates), "%s/certificates", run->folder) >= PATH_MAX ||
	    mkdir(run->certificates, 0700) != 0)
		return error_errno(error, "make a folder for certificates");
	process = process_start(NULL, CELL_CLIENT, &command, error);
	if (!process)
		return false;
	ok = process_wait(&process, 1, MINT_MS, NULL, 0, error) == PROCESS_ENDED && process_status(process) == 0;
	if (!ok)
		error_set(error, "%.*s", (int)strcspn(process_output(process).text, "\n"),
			  process_output(process).text);
	process_free(process);
	return ok;
}

/* "…/expired.pem" → "expired", in place */
static const char *cut_to_name(char *path)
{
	char *dot = strrchr(path, '.');

	if (dot)
		*dot = '\0';
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

/* Only now is it known which certificates there are. */
static bool check_certificates(const struct run *run, struct error *error)
{
	const struct variants *variants = run->settings->variants;
	char pattern[PATH_MAX + 8];
	const char **names;
	glob_t found;
	bool ok = true;

	snprintf(pattern, sizeof(pattern), "%s/*.key", run->certificates);
	if (glob(pattern, 0, NULL, &found) != 0)
		return error_set(error, "%s mint made no certificates", run->settings->server_program);
	names = calloc(found.gl_pathc + 1, sizeof(*names));
	for (size_t i = 0; names && i < found.gl_pathc; i++)
		names[i] = cut_to_name(found.gl_pathv[i]);
	for (size_t i = 0; names && ok && i < variants->count; i++) {
		const struct scenario_word *word = &variants->items[i].settings.server.certificate;
		struct document *d = &variants->items[i].scenario->document;

		ok = false;
		for (size_t n = 0; !ok && n < found.gl_pathc; n++)
			ok = strcmp(names[n], word->text) == 0;
		if (!ok && !document_fail_word(d, word->node, "certificate", word->text, names))
			error_set(error, "%s", d->error);
	}
	free(names);
	globfree(&found);
	return ok;
}

/* ---- What a case needs ---- */

static bool missing_program(const struct variant *v, char *missing, size_t size)
{
	char path[PATH_MAX];

	if (process_find(v->client->program, path, sizeof(path)))
		return false;
	snprintf(missing, size, "the program %s is not installed", v->client->program);
	return true;
}

static bool missing_option(const struct variant *v, char *missing, size_t size)
{
	const struct scenario_choice *c = &v->choice;
	bool tls = client_options_find(&v->client->tls, c->tls),
	     family = client_options_find(&v->client->family, c->family);

	if (!tls)
		snprintf(missing, size, "%s cannot be told to use TLS %s at most", c->client, c->tls);
	else if (!family)
		snprintf(missing, size, "%s cannot be told to use %s", c->client, c->family);
	return !tls || !family;
}

static bool missing_nft(const struct variant *v, char *missing, size_t size)
{
	struct error error;

	if (!scenario_has_rules(&v->settings) || firewall_available(&error))
		return false;
	snprintf(missing, size, "%s", error.text);
	return true;
}

/* ---- Starting ---- */

static void set_deadline(struct slot *slot, int ms)
{
	clock_gettime(CLOCK_MONOTONIC, &slot->deadline);
	slot->deadline.tv_sec += ms / 1000 + 1;
}

static void report_broken(struct run *run, size_t index, const char *why)
{
	struct check check;

	check_broken(&run->settings->variants->items[index], why, &check);
	report_ended(run->settings->report, index, &check);
}

/* The one with the least to do: a cell stays where it begins. */
static unsigned choose_cpu(const struct run *run)
{
	enum { WEIGHT_WAITING = 1, WEIGHT_AT_WORK = 4 };
	unsigned load[CPU_SETSIZE] = {0}, least = 0, count = (unsigned)CPU_COUNT(&run->cpus);

	for (size_t i = 0; i < run->slot_count; i++)
		if (run->slots[i].running)
			load[run->slots[i].cpu] += run->slots[i].kind == WAITING ? WEIGHT_WAITING : WEIGHT_AT_WORK;
	for (unsigned cpu = 1; cpu < count; cpu++)
		if (load[cpu] < load[least])
			least = cpu;
	return least;
}

static void fork_cell(struct run *run, struct slot *slot)
{
	struct error error = {""};
	pid_t pid;

	slot->cpu = choose_cpu(run);
	slot->running = cell_fork(&pid, &slot->pidfd, slot->cpu, case_run, &slot->setting, &error);
	if (!slot->running) {
		report_broken(run, slot->index, error.text);
		return;
	}
	run->queues[slot->kind].running++;
	set_deadline(slot, case_limit_ms(slot->setting.variant));
}

/* The case's name as one folder: "server-hello_reset_curl_tls1.3_ipv4" */
static bool make_case_folder(const struct run *run, struct slot *slot)
{
	char *name;

	if (snprintf(slot->folder, sizeof(slot->folder), "%s/%s", run->folder, slot->setting.variant->name) >= PATH_MAX)
		return false;
	for (name = slot->folder + strlen(run->folder) + 1; *name; name++)
		*name = *name == '/' ? '_' : *name;
	return mkdir(slot->folder, 0700) == 0;
}

static bool expects_difference(const struct scenario_between *b)
{
	return b->dropped.count || b->appeared.count || b->duplicated.count || b->changed.count || b->may.count ||
	       *b->signature || *b->by || *b->certainty;
}

/* Comparing costs as much as all else that the analyzer does. Where both captures must show the same, one case of the
 * scenario stands for all; where nothing fails no false word may slip through. */
static bool is_compared(const struct run_settings *s, size_t index)
{
	const struct variant *v = &s->variants->items[index];
	const struct scenario_expect *expect = &v->settings.expect;

	return s->every_pair || !*expect->signature || expects_difference(&expect->between) || index == 0 ||
	       v[-1].scenario != v->scenario;
}

static void start_case(struct run *run, struct slot *slot, size_t index)
{
	const struct run_settings *s = run->settings;
	const struct variant *v = &s->variants->items[index];
	char missing[512];

	slot->index = index;
	slot->overdue = false;
	slot->setting = (struct case_setting){v,
					      slot->folder,
					      run->certificates,
					      run->stock,
					      &run->cpus,
					      s->analyzer,
					      is_compared(s, index) ? s->pair_analyzer : NULL};
	if (missing_program(v, missing, sizeof(missing)) || missing_option(v, missing, sizeof(missing)) ||
	    missing_nft(v, missing, sizeof(missing))) {
		struct check check;

		check_skip(v, missing, &check);
		report_ended(s->report, index, &check);
	} else if (!make_case_folder(run, slot)) {
		run->no_room = errno;
	} else {
		stock_add(run->stock, run->certificates, v->settings.server.certificate.text);
		report_started(s->report, index);
		fork_cell(run, slot);
	}
}

/* ---- Ending ---- */

static json_t *read_record(const struct slot *slot, const char *name)
{
	char path[PATH_MAX];

	return json_load_file(case_file(slot->folder, name, path), 0, NULL);
}

static const char *why_no_record(const struct slot *slot)
{
	return slot->overdue ? "the cell did not come to its end in time and was killed"
			     : "the cell ended without a record of what happened";
}

/* What the cell left behind is read and judged. */
static void judge(struct run *run, const struct slot *slot)
{
	json_t *cell = read_record(slot, "cell.json"), *analysis = read_record(slot, "analyzer.json");
	struct check check;

	if (!cell) {
		report_broken(run, slot->index, why_no_record(slot));
		json_decref(analysis);
		return;
	}
	if (!analysis)
		analysis = json_pack("{ss}", "error", "it left no record of what it said");
	check_case(slot->setting.variant, cell, analysis, &check);
	if (report_wants_trace(run->settings->report, &check))
		check.trace = trace_text(slot->folder, cell);
	if (run->settings->shapes)
		check.shape = shape_text(slot->folder);
	report_ended(run->settings->report, slot->index, &check);
	json_decref(analysis);
	json_decref(cell);
}

/* The errno with which case_run() ends when the folder takes no more; a case that crashed has other statuses. */
static bool is_want_of_room(int status)
{
	return status == ENOSPC || status == EDQUOT || status == EFBIG || status == EROFS;
}

static void end_case(struct run *run, struct slot *slot)
{
	siginfo_t info;

	while (waitid(P_PIDFD, (id_t)slot->pidfd, &info, WEXITED) != 0 && errno == EINTR)
		;
	close(slot->pidfd);
	slot->running = false;
	run->queues[slot->kind].running--;
	if (info.si_code == CLD_EXITED && is_want_of_room(info.si_status))
		run->no_room = info.si_status;
	else
		judge(run, slot);
	remove_folder(run, slot->folder);
}

/* ---- The loop ---- */

static int ms_left(const struct slot *slot)
{
	struct timespec now;
	long left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (slot->deadline.tv_sec - now.tv_sec) * 1000 + (slot->deadline.tv_nsec - now.tv_nsec) / 1000000;
	return left < 0 ? 0 : (int)left;
}

static void kill_overdue(struct slot *slot)
{
	if (!slot->running || slot->overdue || ms_left(slot) > 0)
		return;
	slot->overdue = true;
	pidfd_send_signal(slot->pidfd, SIGKILL, NULL, 0);
}

static void take_signal(struct run *run)
{
	struct signalfd_siginfo info;

	if (read(run->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		run->interrupted = (int)info.ssi_signo;
}

/* Waits for the next thing to happen and deals with it. False: nothing is running. */
static bool turn(struct run *run, struct pollfd *fds)
{
	int wait = report_interval(run->settings->report);
	size_t slots = run->slot_count;
	bool running = false;

	for (size_t i = 0; i < slots; i++) {
		struct slot *slot = &run->slots[i];

		fds[i] = (struct pollfd){slot->running ? slot->pidfd : -1, POLLIN, 0};
		running |= slot->running;
		if (slot->running && !slot->overdue && (wait < 0 || ms_left(slot) < wait))
			wait = ms_left(slot);
	}
	fds[slots] = (struct pollfd){run->signals, POLLIN, 0};
	if (!running)
		return false;
	poll(fds, slots + 1, wait);
	if (fds[slots].revents)
		take_signal(run);
	for (size_t i = 0; i < slots && !run->interrupted && !run->no_room; i++) {
		if (fds[i].revents)
			end_case(run, &run->slots[i]);
		kill_overdue(&run->slots[i]);
	}
	report_progress(run->settings->report);
	return true;
}

static bool may_start(const struct queue *queue)
{
	return queue->started < queue->count && queue->running < queue->limit;
}

/* Which kind is next: two that wait for one at work, as long as there are both. What waits shall not begin all at once,
 * and be through before the others are, so that nobody waits for it alone in the end. QUEUES: none now. */
static enum queue_kind next_kind(const struct run *run)
{
	const struct queue *work = &run->queues[AT_WORK], *waiting = &run->queues[WAITING];

	if (may_start(waiting) && (waiting->started <= 2 * work->started || work->started == work->count))
		return WAITING;
	return may_start(work) ? AT_WORK : QUEUES;
}

static void fill_slots(struct run *run)
{
	for (size_t i = 0; i < run->slot_count; i++) {
		struct slot *slot = &run->slots[i];

		while (!slot->running && !run->no_room && (slot->kind = next_kind(run)) != QUEUES) {
			struct queue *queue = &run->queues[slot->kind];

			start_case(run, slot, queue->cases[queue->started++]);
		}
	}
}

/* All at once: the kernel takes its time to end a cell, and the cells need not wait for one another. */
static void kill_all(struct run *run)
{
	for (size_t i = 0; i < run->slot_count; i++) {
		if (run->slots[i].running)
			pidfd_send_signal(run->slots[i].pidfd, SIGKILL, NULL, 0);
	}
	for (size_t i = 0; i < run->slot_count; i++) {
		struct slot *slot = &run->slots[i];
		siginfo_t info;

		if (!slot->running)
			continue;
		while (waitid(P_PIDFD, (id_t)slot->pidfd, &info, WEXITED) != 0 && errno == EINTR)
			;
		close(slot->pidfd);
	}
}

static int waits_ms(const struct variant *v)
{
	return scenario_waits_ms(v->scenario, &v->settings);
}

struct wait {
	size_t index;
	int ms;
};

static int longer_first(const void *one, const void *other)
{
	const struct wait *a = one, *b = other;

	return a->ms != b->ms ? (a->ms < b->ms) - (a->ms > b->ms) : (a->index > b->index) - (a->index < b->index);
}

/* Without places of their own, those that wait take their turn among all. */
static bool plan(struct run *run)
{
	const struct run_settings *s = run->settings;
	const size_t count = s->variants->count, limits[QUEUES] = {(size_t)s->jobs, (size_t)s->waiting};
	struct wait *waits = calloc(count, sizeof(*waits));

	run->slot_count = (size_t)s->jobs + (size_t)s->waiting;
	run->slots = calloc(run->slot_count, sizeof(*run->slots));
	for (enum queue_kind kind = 0; kind < QUEUES; kind++)
		run->queues[kind] = (struct queue){.cases = calloc(count, sizeof(size_t)), .limit = limits[kind]};
	if (!waits || !run->slots || !run->queues[AT_WORK].cases || !run->queues[WAITING].cases) {
		free(waits);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		waits[i] = (struct wait){i, waits_ms(&s->variants->items[i])};
	qsort(waits, count, sizeof(*waits), longer_first);
	for (size_t i = 0; i < count; i++) {
		struct queue *queue = &run->queues[waits[i].ms && s->waiting ? WAITING : AT_WORK];

		queue->cases[queue->count++] = waits[i].index;
	}
	free(waits);
	return true;
}

static void loop(struct run *run, struct pollfd *fds)
{
	do {
		fill_slots(run);
	} while (turn(run, fds) && !run->interrupted && !run->no_room);
	if (run->interrupted)
		report_stopping(run->settings->report);
	kill_all(run);
}

/* SIGPIPE too: who reads the report may leave ('| head'), and what the run has made is to be removed all the same. */
static int block_signals(sigset_t *before)
{
	static const int ends[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE};
	sigset_t wanted;

	sigemptyset(&wanted);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&wanted, ends[i]);
	sigprocmask(SIG_BLOCK, &wanted, before);
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool prepare(struct run *run, struct error *error)
{
	return cell_permitted(error) && make_folder(run, error) && mint(run, error) && check_certificates(run, error);
}

static enum run_end how_it_ended(const struct run *run, struct error *error)
{
	if (run->interrupted)
		return RUN_INTERRUPTED;
	if (!run->no_room)
		return RUN_ENDED;
	error_set(error, "%s: %s; the run ends here. TMPDIR or --keep can name a place with more room", run->folder,
		  strerror(run->no_room));
	return RUN_STOPPED;
}

/* Who presses Ctrl-C twice means the run, not its report. */
static void forget_signals(const struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		;
}

static void free_run(struct run *run)
{
	if (run->signals >= 0)
		close(run->signals);
	for (enum queue_kind kind = 0; kind < QUEUES; kind++)
		free(run->queues[kind].cases);
	free(run->slots);
	stock_free(run->stock);
}

enum run_end run_cases(const struct run_settings *settings, int *signal, struct error *error)
{
	struct run run = {.settings = settings};
	enum run_end end = RUN_IMPOSSIBLE;
	struct pollfd *fds = NULL;
	mode_t mask = umask(077);
	sigset_t before;

	run.signals = block_signals(&before);
	if (sched_getaffinity(0, sizeof(run.cpus), &run.cpus) == 0 && plan(&run))
		fds = calloc(run.slot_count + 1, sizeof(*fds));
	if (!fds || run.signals < 0) {
		error_errno(error, "prepare the run");
	} else if (prepare(&run, error)) {
		run.stock = stock_new();
		loop(&run, fds);
		end = how_it_ended(&run, error);
	}
	remove_folder(&run, run.folder);
	*signal = run.interrupted;
	if (run.interrupted)
		forget_signals(&run);
	free_run(&run);
	sigprocmask(SIG_SETMASK, &before, NULL);
	umask(mask);
	free(fds);
	return end;
}
