/* confine.c: see confine.h. */
#include "analyzer/cli/confine.h"

#include "analyzer/cli/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <openssl/crypto.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Allowed whatever the arguments: memory, time, waiting, signals of its own, reading what is open, the end. */
static const char *const allowed[] = {
	"brk",
	"munmap",
	"mremap",
	"madvise",
	"futex",
	"futex_time64",
	"read",
	"readv",
	"pread64",
	"lseek",
	"_llseek",
	"close",
	"fstat",
	"fstat64",
	"poll",
	"ppoll",
	"ppoll_time64",
	"recvfrom",
	"recvmsg",
	"recv",
	"getsockopt",
	"clock_gettime",
	"clock_gettime64",
	"clock_getres",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"gettimeofday",
	"time",
	"nanosleep",
	"getrandom",
	"getpid",
	"gettid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"getrusage",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sigreturn",
	"sigaltstack",
	"restart_syscall",
	"sched_yield",
	"sched_getaffinity",
	"set_robust_list",
	"rseq",
	"membarrier",
	"exit",
	"exit_group",
	"ftruncate", /* a memory stream's, and the file of -w that is open anyway */
#if defined(__SANITIZE_ADDRESS__)
	/* The sanitizers look at their own process, and stop it to look for leaks. Only in builds for tests. */
	"open",
	"openat",
	"readlink",
	"readlinkat",
	"clone",
	"wait4",
	"ptrace",
	"prctl",
	"getppid",
	"tgkill",
	"sched_setaffinity",
	"prlimit64",
	"uname",
	"stat",
	"newfstatat",
	"statx",
	"getdents64",
	"getdents",
	"mprotect",
	"mmap",
	"pipe2",
	"write",
	"writev",
	"process_vm_readv",
	"dup",
	"access",
#endif
};

/* Where clone() has its flags. */
#if defined(__s390__)
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

/* Allowed with one argument as given, in the bits of `mask`; equal to `value`. */
static const struct {
	const char *call;
	unsigned argument;
	scmp_datum_t mask, value;
} guarded[] = {
	{"mmap", 2, PROT_EXEC, 0},
	{"mmap2", 2, PROT_EXEC, 0},
	{"mprotect", 2, PROT_EXEC, 0},
	{"clone", CLONE_FLAGS, CLONE_THREAD, CLONE_THREAD}, /* threads, no processes */
	{"newfstatat", 3, AT_EMPTY_PATH, AT_EMPTY_PATH}, /* fstat() of newer C libraries */
	{"ioctl", 1, UINT32_MAX, TIOCGWINSZ},
	{"ioctl", 1, UINT32_MAX, TCGETS},
	{"ioctl", 1, UINT32_MAX, SIOCGIFINDEX}, /* libpcap: whether the interface is still there */
	{"ioctl", 1, UINT32_MAX, SIOCGIFFLAGS},
	{"write", 0, UINT32_MAX, STDOUT_FILENO},
	{"write", 0, UINT32_MAX, STDERR_FILENO},
	{"writev", 0, UINT32_MAX, STDOUT_FILENO},
	{"writev", 0, UINT32_MAX, STDERR_FILENO},
};

/* Who changes users cannot be looked at any more, not even by itself, which the leak sanitizer must. */
static void stay_readable(void)
{
#if defined(__SANITIZE_ADDRESS__)
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
#endif
}

bool confine_supported(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

void confine_prepare(void)
{
	struct tm tm;
	time_t now = time(NULL);

	localtime_r(&now, &tm);
	/* Its configuration could name modules to load. All that is needed is in the library itself, and waits for its
	 * first use. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

/* Adds a rule for a system call; one that this architecture does not have needs none. */
static int allow(scmp_filter_ctx filter, const char *name, const struct scmp_arg_cmp *condition)
{
	int number = seccomp_syscall_resolve_name(name), result;

	if (number < 0) /* unknown, or another architecture's */
		return 0;
	result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, condition ? 1 : 0, condition);
	return result == -EACCES || result == -EEXIST ? 0 : result; /* already allowed without conditions */
}

static int allow_writing(scmp_filter_ctx filter, int fd)
{
	const struct scmp_arg_cmp to_it = SCMP_CMP(0, SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)fd);
	int result = allow(filter, "write", &to_it);

	return result ? result : allow(filter, "writev", &to_it);
}

static int add_rules(scmp_filter_ctx filter, const int *writable, size_t count)
{
	/* Its flags are in memory, where a filter cannot look: the C library then uses clone(). */
	int result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	for (size_t i = 0; !result && i < COUNT(allowed); i++)
		result = allow(filter, allowed[i], NULL);
	for (size_t i = 0; !result && i < COUNT(guarded); i++) {
		const struct scmp_arg_cmp condition =
			SCMP_CMP(guarded[i].argument, SCMP_CMP_MASKED_EQ, guarded[i].mask, guarded[i].value);

		result = allow(filter, guarded[i].call, &condition);
	}
	for (size_t i = 0; !result && i < count; i++)
		result = allow_writing(filter, writable[i]);
	return result;
}

bool confine(const int *writable, size_t count, char *error, size_t size)
{
	scmp_filter_ctx filter;
	int result;

	if (!privilege_shed()) {
		snprintf(error, size, "privileges could not be given up: %s", strerror(errno));
		return false;
	}
	stay_readable();
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter) {
		snprintf(error, size, "%s", strerror(ENOMEM));
		return false;
	}
	result = add_rules(filter, writable, count);
	if (!result)
		result = seccomp_load(filter);
	seccomp_release(filter);
	if (result)
		snprintf(error, size, "the parser could not be confined with seccomp: %s", strerror(-result));
	return result == 0;
}
