/* confine_test.c: what a process that is locked in can still do, and what it cannot. Each attempt is a process of its
 * own. */
#include "tests/unit/suite.h"

#include "analyzer/cli/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_before = -1, pipe_ends[2] = {-1, -1}; /* of this program's children */

/* 0 when it could be done, else errno. */
static int opened(void)
{
	return open("/dev/null", O_RDONLY) >= 0 ? 0 : errno;
}

static int connected(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 0 : errno;
}

static int forked(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0 ? 0 : errno;
}

static int killed(void)
{
	return kill(getpid(), 0) == 0 ? 0 : errno;
}

static int executed(void)
{
	execl("/bin/true", "true", NULL);
	return errno;
}

static int executable_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ? 0 : errno;
}

static int typed(void)
{
	return ioctl(STDIN_FILENO, TIOCSTI, "x") == 0 ? 0 : errno;
}

static int wrote_elsewhere(void)
{
	return write(open_before, "x", 1) == 1 ? 0 : errno;
}

static int wrote_there(void)
{
	return write(pipe_ends[1], "x", 1) == 1 ? 0 : errno;
}

static int wrote_out(void)
{
	return fprintf(stdout, "# from inside\n") > 0 && fflush(stdout) == 0 ? 0 : errno;
}

static int read_open(void)
{
	char byte;

	return read(open_before, &byte, 1) >= 0 ? 0 : errno;
}

static void *nothing(void *context)
{
	return context;
}

static int threaded(void)
{
	pthread_t thread;
	int why = pthread_create(&thread, NULL, nothing, NULL);

	return why ? why : pthread_join(thread, NULL);
}

static int allocated(void)
{
	char *much = malloc((size_t)8 << 20);

	if (!much)
		return ENOMEM;
	much[0] = 1;
	free(much);
	return 0;
}

/* At its first use in a process OpenSSL looks for its configuration and modules; inside it has to do without. */
static int enciphered(void)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	unsigned char random[16];
	int why = cipher && kdf && RAND_bytes(random, sizeof(random)) == 1 ? 0 : ENOENT;

	EVP_KDF_free(kdf);
	EVP_CIPHER_free(cipher);
	return why;
}

#define LOCKED_OUT 99

/* What an attempt comes to inside. */
static int inside(int (*attempt)(void))
{
	char error[256];
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		confine_prepare();
		_exit(confine(&pipe_ends[1], 1, error, sizeof(error)) ? attempt() : LOCKED_OUT);
	}
	CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void prepare(void)
{
	if (open_before >= 0)
		return;
	open_before = open("/dev/null", O_RDWR | O_CLOEXEC);
	CU_ASSERT_TRUE_FATAL(open_before >= 0 && pipe(pipe_ends) == 0);
}

static bool unsupported(void)
{
	if (!confine_supported())
		unit_skip("this kernel has no seccomp");
	return !confine_supported();
}

/* The sanitizers need some of it. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static void test_forbidden(void)
{
	static const struct {
		const char *what;
		int (*attempt)(void);
		bool always; /* in builds for tests, too */
	} rows[] = {
		{"opens a file", opened, false},
		{"starts a process", forked, false},
		{"maps memory to be executed", executable_memory, false},
		{"writes to another descriptor", wrote_elsewhere, false},
		{"makes a socket", connected, true},
		{"sends a signal", killed, true},
		{"executes a program", executed, true},
		{"types into the terminal", typed, true},
	};

	if (unsupported())
		return;
	prepare();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int why = SANITIZED && !rows[i].always ? EPERM : inside(rows[i].attempt);

		CU_ASSERT_EQUAL(why, EPERM);
		if (why != EPERM)
			printf("# it %s: %d\n", rows[i].what, why);
	}
}

static void test_allowed(void)
{
	static const struct {
		const char *what;
		int (*attempt)(void);
	} rows[] = {
		{"writes to standard output", wrote_out},
		{"writes where it may", wrote_there},
		{"reads what is open", read_open},
		{"allocates memory", allocated},
		{"starts a thread", threaded},
		{"uses ciphers, key derivation and random numbers", enciphered},
	};

	if (unsupported())
		return;
	prepare();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int why = inside(rows[i].attempt);

		CU_ASSERT_EQUAL(why, 0);
		if (why)
			printf("# it does not: %s: %d\n", rows[i].what, why);
	}
}

const struct unit_test unit_tests[] = {
	{"no file, no network, no process, no code, no other descriptor", test_forbidden},
	{"memory, threads, what is open, and output", test_allowed},
	{NULL, NULL},
};
