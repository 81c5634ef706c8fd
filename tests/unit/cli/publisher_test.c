/* publisher_test.c: a file that another process names, or removes. */
#include "tests/unit/suite.h"

#include "analyzer/cli/publisher.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char directory[64], path[128];
	struct private_file file;
	struct publisher publisher;
};

static struct place begin(void)
{
	struct place p = {.directory = "/tmp/publisher_test.XXXXXX"};
	char error[256];

	CU_ASSERT_FATAL(mkdtemp(p.directory) != NULL);
	snprintf(p.path, sizeof(p.path), "%s/out", p.directory);
	CU_ASSERT_FATAL(private_file_open(&p.file, p.path, error, sizeof(error)));
	CU_ASSERT_FATAL(publisher_start(&p.publisher, &p.file));
	CU_ASSERT(fputs("whole", p.file.out) >= 0);
	return p;
}

static void end(struct place *p)
{
	private_file_discard(&p->file);
	publisher_end(&p->publisher);
	publisher_end(&p->publisher);
}

static void test_published(void)
{
	struct place p = begin();
	struct stat status;
	char error[256];

	CU_ASSERT(access(p.path, F_OK) != 0);
	CU_ASSERT(publisher_publish(&p.publisher, &p.file, error, sizeof(error)));
	end(&p);
	CU_ASSERT(stat(p.path, &status) == 0 && status.st_mode == (S_IFREG | 0600) && status.st_size == 5);
	unlink(p.path);
	CU_ASSERT(rmdir(p.directory) == 0);
}

static void test_ended(void)
{
	struct place p = begin();

	end(&p);
	CU_ASSERT(rmdir(p.directory) == 0);
}

static void test_error(void)
{
	struct place p = begin();
	char error[256];

	CU_ASSERT_FATAL(rmdir(p.directory) == 0);
	CU_ASSERT(!publisher_publish(&p.publisher, &p.file, error, sizeof(error)));
	CU_ASSERT_STRING_EQUAL(error, "No such file or directory");
	CU_ASSERT(!publisher_publish(&p.publisher, &p.file, error, sizeof(error)));
	CU_ASSERT_STRING_EQUAL(error, "the process that was to name it has ended");
	end(&p);
}

/* Whoever reads what this process writes sees its end, although the publisher is still there. */
static void test_holds_nothing(void)
{
	int ends[2];
	struct place p;
	char byte;

	CU_ASSERT_FATAL(pipe(ends) == 0);
	p = begin();
	close(ends[1]);
	CU_ASSERT_EQUAL(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	end(&p);
	CU_ASSERT(rmdir(p.directory) == 0);
}

const struct unit_test unit_tests[] = {
	{"a whole file gets its name", test_published},
	{"without a word nothing is left", test_ended},
	{"what goes wrong is told, also when nobody is there any more", test_error},
	{"the publisher holds no other file open", test_holds_nothing},
	{0},
};
