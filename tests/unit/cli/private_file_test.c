/* private_file_test.c: files of their owner alone, which are there whole or not at all. */
#include "tests/unit/suite.h"

#include "analyzer/cli/private_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
	char directory[64], path[128];
};

static struct place new_place(void)
{
	struct place p = {"/tmp/private_file_test.XXXXXX", ""};

	CU_ASSERT_FATAL(mkdtemp(p.directory) != NULL);
	snprintf(p.path, sizeof(p.path), "%s/out.pcapng", p.directory);
	return p;
}

static void leave(struct place *p)
{
	unlink(p->path);
	CU_ASSERT(rmdir(p->directory) == 0); /* nothing else may be left in it */
}

static size_t files_in(const char *directory)
{
	DIR *d = opendir(directory);
	size_t count = 0;

	CU_ASSERT_FATAL(d != NULL);
	for (struct dirent *e; (e = readdir(d));)
		count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return count;
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	CU_ASSERT_FATAL(f != NULL);
	fputs(text, f);
	fclose(f);
}

static bool holds(const char *path, const char *text)
{
	char buffer[64] = "";
	FILE *f = fopen(path, "r");

	CU_ASSERT_FATAL(f != NULL);
	buffer[fread(buffer, 1, sizeof(buffer) - 1, f)] = '\0';
	fclose(f);
	return strcmp(buffer, text) == 0;
}

static void test_new(void)
{
	struct place p = new_place();
	mode_t mask = umask(0);
	struct private_file f;
	struct stat status;
	char error[256];

	CU_ASSERT_FATAL(private_file_open(&f, p.path, error, sizeof(error)));
	fputs("whole", f.out);
	CU_ASSERT(access(p.path, F_OK) != 0);
	CU_ASSERT_FATAL(private_file_publish(&f, error, sizeof(error)));
	private_file_discard(&f);
	umask(mask);
	CU_ASSERT(stat(p.path, &status) == 0 && status.st_mode == (S_IFREG | 0600));
	CU_ASSERT(holds(p.path, "whole"));
	CU_ASSERT_EQUAL(files_in(p.directory), 1);
	leave(&p);
}

/* What was there is replaced at the end, and its mode with it; a reader of the old one keeps that. */
static void test_replaced(void)
{
	struct place p = new_place();
	struct private_file f;
	struct stat status;
	char error[256];
	int old;

	put(p.path, "before");
	CU_ASSERT_FATAL(chmod(p.path, 0644) == 0);
	old = open(p.path, O_RDONLY | O_CLOEXEC);
	CU_ASSERT_FATAL(private_file_open(&f, p.path, error, sizeof(error)));
	fputs("after", f.out);
	fflush(f.out);
	CU_ASSERT(holds(p.path, "before"));
	CU_ASSERT_FATAL(private_file_publish(&f, error, sizeof(error)));
	private_file_discard(&f);
	CU_ASSERT(holds(p.path, "after"));
	CU_ASSERT(stat(p.path, &status) == 0 && status.st_mode == (S_IFREG | 0600));
	CU_ASSERT(fstat(old, &status) == 0 && status.st_nlink == 0 && status.st_size == 6);
	close(old);
	CU_ASSERT_EQUAL(files_in(p.directory), 1);
	leave(&p);
}

static void test_discarded(void)
{
	struct place p = new_place();
	struct private_file f;
	char error[256];

	CU_ASSERT_FATAL(private_file_open(&f, p.path, error, sizeof(error)));
	fputs("half", f.out);
	private_file_discard(&f);
	private_file_discard(&f);
	leave(&p);
}

static void test_refused(void)
{
	struct place p = new_place();
	struct private_file f;
	char error[256], below[160];

	CU_ASSERT(!private_file_open(&f, p.directory, error, sizeof(error)));
	CU_ASSERT_STRING_EQUAL(error, "is there and not a regular file: name another");
	CU_ASSERT_FATAL(mkfifo(p.path, 0600) == 0);
	CU_ASSERT(!private_file_open(&f, p.path, error, sizeof(error)));
	CU_ASSERT_STRING_EQUAL(error, "is there and not a regular file: name another");
	unlink(p.path);
	CU_ASSERT_FATAL(symlink("/etc/passwd", p.path) == 0);
	CU_ASSERT(!private_file_open(&f, p.path, error, sizeof(error)));
	CU_ASSERT_STRING_EQUAL(error, "is there and not a regular file: name another");
	unlink(p.path);
	snprintf(below, sizeof(below), "%s/", p.path);
	CU_ASSERT(!private_file_open(&f, below, error, sizeof(error)));
	CU_ASSERT_STRING_EQUAL(error, "No such file or directory");
	private_file_discard(&f);
	leave(&p);
}

static void test_spool(void)
{
	struct place p = new_place();
	struct private_file f;
	char error[256], text[8] = "";
	struct stat status;
	FILE *spool;

	CU_ASSERT_FATAL(private_file_open(&f, p.path, error, sizeof(error)));
	spool = private_file_spool(&f);
	CU_ASSERT_FATAL(spool != NULL);
	CU_ASSERT(fstat(fileno(spool), &status) == 0 && status.st_mode == (S_IFREG | 0600) && status.st_nlink == 0);
	fputs("packets", spool);
	rewind(spool);
	CU_ASSERT(fread(text, 1, 7, spool) == 7 && !strcmp(text, "packets"));
	fclose(spool);
	private_file_discard(&f);
	leave(&p);
}

/* From now on this process has no O_TMPFILE, as on NFS. */
static bool forbid_unnamed_files(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_TMPFILE & ~O_DIRECTORY, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};

	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

enum named_result { NAMED_RIGHT, NAMED_WRONG, NAMED_UNTRIED };

/* One file is published over another, one discarded, one is a spool. */
static enum named_result use_names(const struct place *p)
{
	struct private_file f;
	struct stat status;
	char error[256];
	FILE *spool;
	bool right;

	if (!forbid_unnamed_files())
		return NAMED_UNTRIED;
	if (!private_file_open(&f, p->path, error, sizeof(error)))
		return NAMED_WRONG;
	spool = private_file_spool(&f);
	right = f.temporary && spool && fstat(fileno(spool), &status) == 0 && status.st_nlink == 0 &&
		files_in(p->directory) == 2 && holds(p->path, "before") && fputs("after", f.out) >= 0 &&
		private_file_publish(&f, error, sizeof(error)) && holds(p->path, "after");
	if (spool)
		fclose(spool);
	private_file_discard(&f);
	right = right && private_file_open(&f, p->path, error, sizeof(error)) && fputs("half", f.out) >= 0;
	private_file_discard(&f);
	return right && holds(p->path, "after") && files_in(p->directory) == 1 && stat(p->path, &status) == 0 &&
			       status.st_mode == (S_IFREG | 0600)
		       ? NAMED_RIGHT
		       : NAMED_WRONG;
}

/* Where the file system has no files without names it has a temporary one. */
static void test_named(void)
{
	struct place p = new_place();
	int status = -1;
	pid_t child;

	put(p.path, "before");
	child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (!child)
		_exit(use_names(&p));
	CU_ASSERT(waitpid(child, &status, 0) == child && WIFEXITED(status));
	if (WEXITSTATUS(status) == NAMED_UNTRIED)
		unit_skip("no seccomp");
	else
		CU_ASSERT_EQUAL(WEXITSTATUS(status), NAMED_RIGHT);
	leave(&p);
}

const struct unit_test unit_tests[] = {
	{"a file is its owner's alone and appears when it is whole", test_new},
	{"a file of the same name is replaced then", test_replaced},
	{"what is discarded leaves nothing", test_discarded},
	{"directories, pipes and symbolic links are not replaced", test_refused},
	{"a spool has no name", test_spool},
	{"all of it where files must have names", test_named},
	{0},
};
