/* run.c: the loop that runs cases, see run.h. */
#include "harness/run.h"

#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/case.h"
#include "harness/cell.h"
#include "harness/firewall.h"
#include "harness/process.h"
#include "harness/trace.h"

enum {
	MINT_MS = 60000,
	JOBS_PER_CPU = 8,
	JOBS_MIN = 16,
	REMOVE_DESCRIPTORS = 16,
	ANALYSIS_LIMIT_MS = 90000, /* above the limit that the body itself keeps */
};

enum phase { IDLE, IN_CELL, IN_ANALYZER };

/* A place for one case at a time. */
struct slot {
	enum phase phase;
	size_t index; /* of the case */
	int pidfd;
	struct timespec deadline;
	bool overdue; /* it was killed for that */
	char folder[PATH_MAX];
	struct case_setting setting;
	json_t *cell; /* what the cell wrote */
};

struct run {
	const struct run_settings *settings;
	char folder[PATH_MAX], certificates[PATH_MAX];
	struct slot *slots;
	size_t *order; /* in which cases are started */
	size_t started;
	int signals; /* descriptor */
	int interrupted; /* by this signal */
};

int run_default_jobs(void)
{
	int jobs = (int)sysconf(_SC_NPROCESSORS_ONLN) * JOBS_PER_CPU;

	return jobs < JOBS_MIN ? JOBS_MIN : jobs;
}

/* ---- The run's folder ---- */

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
				 errno == EEXIST || errno == ENOTEMPTY
					 ? "there is something of that name; a new or empty folder is needed"
					 : strerror(errno));
	if (!realpath(keep, run->folder))
		return error_errno(error, "--keep %s", keep);
	return true;
}

static bool make_folder(struct run *run, struct error *error)
{
	const char *parent = getenv("TMPDIR");

	if (run->settings->keep)
		return make_kept_folder(run, error);
	snprintf(run->folder, sizeof(run->folder), "%s/tlslab.XXXXXX", parent && *parent ? parent : "/tmp");
	if (mkdtemp(run->folder))
		return true;
	error_errno(error, "make a folder %s", run->folder);
	run->folder[0] = '\0';
	return false;
}

static void remove_folder(struct run *run)
{
	if (run->folder[0] && !run->settings->keep)
		nftw(run->folder, remove_entry, REMOVE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
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
		error_set(error, "%s mint: %s", argv[0], process_output(process).text);
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

static bool fork_phase(struct run *run, struct slot *slot, enum phase phase)
{
	struct error error = {""};
	pid_t pid;

	if (!cell_fork(&pid, &slot->pidfd, phase == IN_CELL ? case_run : case_analyze, &slot->setting, &error)) {
		report_broken(run, slot->index, error.text);
		slot->phase = IDLE;
		return false;
	}
	slot->phase = phase;
	set_deadline(slot, phase == IN_CELL ? case_limit_ms(slot->setting.variant) : ANALYSIS_LIMIT_MS);
	return true;
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

static void start_case(struct run *run, struct slot *slot, size_t index)
{
	const struct run_settings *s = run->settings;
	const struct variant *v = &s->variants->items[index];
	char missing[512];

	slot->index = index;
	slot->overdue = false;
	slot->setting = (struct case_setting){v,           slot->folder,    run->certificates, s->server_program,
					      s->analyzer, s->pair_analyzer};
	if (missing_program(v, missing, sizeof(missing)) || missing_option(v, missing, sizeof(missing)) ||
	    missing_nft(v, missing, sizeof(missing))) {
		struct check check;

		check_skip(v, missing, &check);
		report_ended(s->report, index, &check);
	} else if (!make_case_folder(run, slot)) {
		report_broken(run, index, strerror(errno));
	} else {
		report_started(s->report, index);
		fork_phase(run, slot, IN_CELL);
	}
}

/* ---- Ending ---- */

static json_t *read_record(const struct slot *slot, const char *name)
{
	char path[PATH_MAX];

	return json_load_file(case_file(slot->folder, name, path), 0, NULL);
}

static void end_cell(struct run *run, struct slot *slot)
{
	slot->cell = read_record(slot, "cell.json");
	if (!slot->cell) {
		report_broken(run, slot->index,
			      slot->overdue ? "the cell did not come to its end in time and was killed"
					    : "the cell ended without a record of what happened");
		slot->phase = IDLE;
	} else if (json_object_get(slot->cell, "error") || json_object_get(slot->cell, "skip")) {
		struct check check;

		check_case(slot->setting.variant, slot->cell, NULL, &check);
		report_ended(run->settings->report, slot->index, &check);
		slot->phase = IDLE;
	} else {
		fork_phase(run, slot, IN_ANALYZER);
	}
	if (slot->phase == IDLE) {
		json_decref(slot->cell);
		slot->cell = NULL;
	}
}

static void end_analyzer(struct run *run, struct slot *slot)
{
	json_t *analysis = read_record(slot, "analyzer.json");
	struct check check;

	if (!analysis)
		analysis = json_pack("{ss}", "error", "it left no record of what it said");
	check_case(slot->setting.variant, slot->cell, analysis, &check);
	if (report_wants_trace(run->settings->report, &check))
		check.trace = trace_text(slot->folder, slot->cell);
	report_ended(run->settings->report, slot->index, &check);
	json_decref(analysis);
	json_decref(slot->cell);
	slot->cell = NULL;
	slot->phase = IDLE;
}

static void end_phase(struct run *run, struct slot *slot)
{
	siginfo_t info;

	while (waitid(P_PIDFD, (id_t)slot->pidfd, &info, WEXITED) != 0 && errno == EINTR)
		;
	close(slot->pidfd);
	if (slot->phase == IN_CELL)
		end_cell(run, slot);
	else
		end_analyzer(run, slot);
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
	if (slot->phase == IDLE || slot->overdue || ms_left(slot) > 0)
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
	int jobs = run->settings->jobs, wait = report_interval(run->settings->report);
	bool running = false;

	for (int i = 0; i < jobs; i++) {
		struct slot *slot = &run->slots[i];

		fds[i] = (struct pollfd){slot->phase == IDLE ? -1 : slot->pidfd, POLLIN, 0};
		running |= slot->phase != IDLE;
		if (slot->phase != IDLE && !slot->overdue && (wait < 0 || ms_left(slot) < wait))
			wait = ms_left(slot);
	}
	fds[jobs] = (struct pollfd){run->signals, POLLIN, 0};
	if (!running)
		return false;
	poll(fds, (nfds_t)jobs + 1, wait);
	if (fds[jobs].revents)
		take_signal(run);
	for (int i = 0; i < jobs && !run->interrupted; i++) {
		if (fds[i].revents)
			end_phase(run, &run->slots[i]);
		kill_overdue(&run->slots[i]);
	}
	report_progress(run->settings->report);
	return true;
}

static void fill_slots(struct run *run)
{
	for (int i = 0; i < run->settings->jobs; i++) {
		while (run->slots[i].phase == IDLE && run->started < run->settings->variants->count)
			start_case(run, &run->slots[i], run->order[run->started++]);
	}
}

static void kill_all(struct run *run)
{
	for (int i = 0; i < run->settings->jobs; i++) {
		struct slot *slot = &run->slots[i];
		siginfo_t info;

		if (slot->phase == IDLE)
			continue;
		pidfd_send_signal(slot->pidfd, SIGKILL, NULL, 0);
		while (waitid(P_PIDFD, (id_t)slot->pidfd, &info, WEXITED) != 0 && errno == EINTR)
			;
		close(slot->pidfd);
		json_decref(slot->cell);
	}
}

/* Cases whose clients are made to wait go first, so that their waits overlap with all the rest. */
static void plan_order(struct run *run)
{
	const struct variants *variants = run->settings->variants;
	size_t used = 0;

	for (int waits = 1; waits >= 0; waits--) {
		for (size_t i = 0; i < variants->count; i++) {
			if ((variants->items[i].settings.client.patience_ms != SCENARIO_PATIENCE_MS) == waits)
				run->order[used++] = i;
		}
	}
}

static void loop(struct run *run, struct pollfd *fds)
{
	plan_order(run);
	do {
		fill_slots(run);
	} while (turn(run, fds) && !run->interrupted);
	kill_all(run);
}

static int block_signals(sigset_t *before)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGHUP);
	sigprocmask(SIG_BLOCK, &wanted, before);
	return signalfd(-1, &wanted, SFD_CLOEXEC);
}

static bool prepare(struct run *run, struct error *error)
{
	return cell_permitted(error) && make_folder(run, error) && mint(run, error) && check_certificates(run, error);
}

enum run_end run_cases(const struct run_settings *settings, int *signal, struct error *error)
{
	struct run run = {.settings = settings};
	struct pollfd *fds = calloc((size_t)settings->jobs + 1, sizeof(*fds));
	enum run_end end = RUN_IMPOSSIBLE;
	mode_t mask = umask(077);
	sigset_t before;

	run.signals = block_signals(&before);
	run.slots = calloc((size_t)settings->jobs, sizeof(*run.slots));
	run.order = calloc(settings->variants->count, sizeof(*run.order));
	if (!fds || !run.slots || !run.order || run.signals < 0) {
		error_errno(error, "prepare the run");
	} else if (prepare(&run, error)) {
		loop(&run, fds);
		end = run.interrupted ? RUN_INTERRUPTED : RUN_ENDED;
	}
	remove_folder(&run);
	*signal = run.interrupted;
	if (run.signals >= 0)
		close(run.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	umask(mask);
	free(run.order);
	free(run.slots);
	free(fds);
	return end;
}
