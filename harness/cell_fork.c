/* cell_fork.c: starts the process that a cell lives in.
 *
 * Theory of operation. One clone3(2) makes the process together with its namespaces, so there is no moment at which one
 * exists without the other. Two things tie it to its parent: PR_SET_PDEATHSIG, and a descriptor of the parent looked at
 * right after, in case the parent died before the signal was asked for. (In a new PID namespace getppid(2) is 0 and
 * tells nothing.) The new process then gets ready and says so, or says what failed, through a pipe that the parent
 * reads; so an ordinary user learns from cell_fork() itself what this machine forbids.
 *
 * With the capabilities that namespaces need, there is no user namespace. Without them there is one, in which the
 * caller's user and group are 0: the one mapping that needs no privilege (user_namespaces(7)). It costs setgroups(2),
 * which nothing here uses.
 */
#include "harness/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS)

/* What the new process knows of its parent. */
struct birth {
	int parent; /* a pidfd of the parent */
	int report; /* where the new process says what failed; closed without a word when it is ready */
	unsigned cpu; /* which of those allowed it stays on */
	bool user_namespace;
	uid_t uid;
	gid_t gid;
};

static bool has_capabilities(void)
{
	static const uint32_t wanted[] = {CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE};
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!(data[CAP_TO_INDEX(wanted[i])].effective & CAP_TO_MASK(wanted[i])))
			return false;
	return true;
}

static bool is_readable_now(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

static bool write_file(const char *path, const char *text, struct error *error)
{
	size_t length = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, length) == (ssize_t)length;

	if (!ok)
		error_errno(error, "%s", path);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool map_identity(const struct birth *birth, struct error *error)
{
	char uid_map[32], gid_map[32];

	snprintf(uid_map, sizeof(uid_map), "0 %u 1", birth->uid);
	snprintf(gid_map, sizeof(gid_map), "0 %u 1", birth->gid);
	return write_file("/proc/self/setgroups", "deny", error) && write_file("/proc/self/uid_map", uid_map, error) &&
	       write_file("/proc/self/gid_map", gid_map, error);
}

/* The nth of the CPUs that the caller may use, counted round. */
static bool stay_on_one_cpu(unsigned nth, struct error *error)
{
	cpu_set_t allowed, one;
	unsigned chosen;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		return error_errno(error, "CPU affinity");
	chosen = nth % (unsigned)CPU_COUNT(&allowed);
	CPU_ZERO(&one);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &allowed) && chosen-- == 0) {
			CPU_SET(cpu, &one);
			break;
		}
	}
	return sched_setaffinity(0, sizeof(one), &one) == 0 || error_errno(error, "CPU affinity");
}

/* The processes of this PID namespace alone. It is the faster one too: the kernel finds a setting in /proc/sys/net by
 * asking all network namespaces that ever looked for it in the same /proc. Where a container hides parts of /proc,
 * ordinary users may mount none; the old one serves. */
static bool mount_proc(struct error *error)
{
	return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0 || errno == EPERM ||
	       error_errno(error, "mounting /proc");
}

/* Who is woken by a packet does not interrupt who sent it (sched(7), SCHED_BATCH): a server that answers and resets in
 * one breath has done both before the client reads the answer. See cell_come_first(). */
static bool give_way(struct error *error)
{
	return sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0}) == 0 ||
	       error_errno(error, "scheduling policy");
}

static bool get_ready(const struct birth *birth, struct error *error)
{
	static const char name[] = "client";

	if (birth->user_namespace && !map_identity(birth, error))
		return false;
	if (sethostname(name, strlen(name)) < 0)
		return error_errno(error, "sethostname");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_errno(error, "private mounts");
	return mount_proc(error) && stay_on_one_cpu(birth->cpu, error) && give_way(error);
}

static void __attribute__((noreturn)) live(const struct birth *birth, int (*body)(void *), void *context)
{
	struct error error;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || is_readable_now(birth->parent))
		_exit(EXIT_FAILURE);
	close(birth->parent);
	if (!get_ready(birth, &error)) {
		if (write(birth->report, error.text, strlen(error.text)) < 0)
			_exit(EXIT_FAILURE);
		_exit(EXIT_FAILURE);
	}
	close(birth->report);
	_exit(body(context));
}

/* True if the file holds exactly this line. */
static bool file_says(const char *path, const char *words)
{
	char line[64] = "";
	FILE *file = fopen(path, "re");
	bool ok = file && fgets(line, sizeof(line), file);

	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return ok && strcmp(line, words) == 0;
}

/* The settings by which systems keep ordinary users from namespaces. */
static const char *what_to_do(void)
{
	static const struct {
		const char *path, *forbids, *advice;
	} settings[] = {
		{"/proc/sys/user/max_user_namespaces", "0",
		 "user namespaces are switched off here: run as root, or set sysctl user.max_user_namespaces to 10000"},
		{"/proc/sys/user/max_net_namespaces", "0",
		 "network namespaces are switched off here: set sysctl user.max_net_namespaces to 10000"},
		{"/proc/sys/kernel/unprivileged_userns_clone", "0",
		 "this system keeps user namespaces for root: run as root, or set sysctl "
		 "kernel.unprivileged_userns_clone=1"},
		{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
		 "AppArmor keeps user namespaces for root: run as root, or set sysctl "
		 "kernel.apparmor_restrict_unprivileged_userns=0"},
	};
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (file_says(settings[i].path, settings[i].forbids))
			return settings[i].advice;
	return "run as root, and in a container with the capabilities SYS_ADMIN, NET_ADMIN and NET_RAW "
	       "(docker run --privileged)";
}

static bool refused(const char *reason, struct error *error)
{
	return error_set(error, "this system does not let us make namespaces (%s): %s", reason, what_to_do());
}

/* Reads what the new process says before it runs the body: nothing if it is ready. */
static bool hear(int report, struct error *error)
{
	char words[sizeof(error->text)];
	size_t length = 0;
	ssize_t n;

	while ((n = read(report, words + length, sizeof(words) - 1 - length)) != 0) {
		if (n < 0 && errno != EINTR)
			return error_errno(error, "reading from the new process");
		if (n > 0)
			length += (size_t)n;
	}
	words[length] = '\0';
	return length == 0 || refused(words, error);
}

void cell_come_first(enum cell_rank rank)
{
	const struct sched_param urgent = {.sched_priority = (int)rank};

	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &urgent) < 0)
		sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
}

static pid_t clone_with_namespaces(bool user_namespace, int *pidfd)
{
	struct clone_args args = {
		.flags = NAMESPACES | (user_namespace ? CLONE_NEWUSER : 0) | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

bool cell_fork(pid_t *pid, int *pidfd, unsigned cpu, int (*body)(void *context), void *context, struct error *error)
{
	struct birth birth = {.parent = -1,
			      .report = -1,
			      .cpu = cpu,
			      .user_namespace = !has_capabilities(),
			      .uid = geteuid(),
			      .gid = getegid()};
	int report[2] = {-1, -1};
	bool ok = false;

	*pidfd = -1;
	birth.parent = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (birth.parent < 0 || pipe2(report, O_CLOEXEC) < 0) {
		error_errno(error, "starting the process of a cell");
		goto out;
	}
	birth.report = report[1];
	*pid = clone_with_namespaces(birth.user_namespace, pidfd);
	if (*pid == 0) {
		close(report[0]);
		live(&birth, body, context);
	}
	if (*pid < 0) {
		refused(strerror(errno), error);
		goto out;
	}
	close(report[1]);
	report[1] = -1;
	ok = hear(report[0], error);
	if (!ok) {
		waitid(P_PIDFD, (id_t)*pidfd, &(siginfo_t){0}, WEXITED);
		close(*pidfd);
		*pidfd = -1;
	}
out:
	for (int i = 0; i < 2; i++)
		if (report[i] >= 0)
			close(report[i]);
	if (birth.parent >= 0)
		close(birth.parent);
	return ok;
}

static int make_one(void *context)
{
	struct error *error = context;
	struct cell *cell = cell_new(&(struct cell_options){0}, error);
	bool ok = cell != NULL;

	cell_free(cell);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool cell_permitted(struct error *error)
{
	struct error *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	siginfo_t end = {0};
	bool ok;
	int pidfd;
	pid_t pid;

	if (shared == MAP_FAILED)
		return error_errno(error, "memory");
	ok = cell_fork(&pid, &pidfd, 0, make_one, shared, error);
	if (ok) {
		waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED);
		close(pidfd);
		ok = end.si_code == CLD_EXITED && end.si_status == EXIT_SUCCESS;
		if (!ok)
			error_set(error, "%s", shared->text[0] ? shared->text : "the trial cell ended early");
	}
	munmap(shared, sizeof(*shared));
	return ok;
}
