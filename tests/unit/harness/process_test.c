/* process_test.c: programs end, fail, are late, talk too much, and leave children behind; no cell is needed for
 * that. */
#include "harness/process.h"
#include "tests/unit/suite.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LONG 60000 /* milliseconds: never reached in a test that passes */

static struct error error;

static struct process *start_shell(const char *script, struct process_command command)
{
	const char *argv[] = {"sh", "-c", script, NULL};

	command.argv = argv;
	return process_start(NULL, CELL_CLIENT, &command, &error);
}

static struct process *run_shell(const char *script, struct process_command command)
{
	struct process *process = start_shell(script, command);

	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT_EQUAL_FATAL(process_wait(&process, 1, LONG, NULL, 0, &error), PROCESS_ENDED);
	return process;
}

static const struct process_command plain;

static void test_status(void)
{
	struct process *process = run_shell("exit 35", plain);

	CU_ASSERT_EQUAL(process_status(process), 35);
	CU_ASSERT_EQUAL(process_ended_by(process), 0);
	CU_ASSERT_TRUE(process_start_time(process) > 0 && process_end_time(process) >= process_start_time(process));
	CU_ASSERT_STRING_EQUAL(process_output(process).text, "");
	process_free(process);
}

static void test_signal(void)
{
	struct process *process = run_shell("kill -SEGV $$", plain);

	CU_ASSERT_EQUAL(process_status(process), -1);
	CU_ASSERT_EQUAL(process_ended_by(process), SIGSEGV);
	process_free(process);
}

/* Pieces lie side by side and cover the text. */
static void check_pieces(const struct process *process)
{
	struct process_output output = process_output(process);
	int64_t last = process_start_time(process);
	size_t offset = 0;

	for (size_t i = 0; i < output.piece_count; i++) {
		CU_ASSERT_EQUAL(output.pieces[i].offset, offset);
		CU_ASSERT_TRUE(output.pieces[i].time >= last);
		offset += output.pieces[i].length;
		last = output.pieces[i].time;
	}
	CU_ASSERT_EQUAL(offset, output.length);
}

static void test_words(void)
{
	struct process *process = run_shell("echo one; echo two >&2; echo three; echo four >&2", plain);

	CU_ASSERT_STRING_EQUAL(process_output(process).text, "one\ntwo\nthree\nfour\n");
	CU_ASSERT_FALSE(process_output(process).cut);
	check_pieces(process);
	process_free(process);
}

static void test_limit(void)
{
	struct process *process =
		run_shell("yes 1234567 | head -c 300000; exit 3", (struct process_command){.output_limit = 100001});
	struct process_output output = process_output(process);

	CU_ASSERT_EQUAL(process_status(process), 3);
	CU_ASSERT_EQUAL(output.length, 100001);
	CU_ASSERT_EQUAL(strlen(output.text), 100001);
	CU_ASSERT_TRUE(output.cut);
	check_pieces(process);
	process_free(process);
}

static void test_input(void)
{
	enum { SIZE = 300000 };
	char *text = malloc(SIZE + 1);
	struct process *process;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(text, 'x', SIZE);
	text[SIZE] = '\0';
	process = run_shell("wc -c", (struct process_command){.input = text});
	CU_ASSERT_EQUAL(atoi(process_output(process).text), SIZE);
	process_free(process);
	process = run_shell("wc -c", plain);
	CU_ASSERT_EQUAL(atoi(process_output(process).text), 0);
	process_free(process);
	free(text);
}

/* The first read gets the text; a second one, which has to give up by itself, no end. */
static void test_open_input(void)
{
	struct process *process = run_shell("read -r line; timeout 0.1 cat; echo $line $?",
					    (struct process_command){.input = "a line\n", .open_input = true});

	CU_ASSERT_STRING_EQUAL(process_output(process).text, "a line 124\n");
	process_free(process);
}

static void test_folder(void)
{
	struct process *process = run_shell("pwd", (struct process_command){.folder = "/"});

	CU_ASSERT_STRING_EQUAL(process_output(process).text, "/\n");
	process_free(process);
}

static void test_environment(void)
{
	const char *const environment[] = {"LC_ALL=C", "A=b c", NULL};
	struct process *process = run_shell("echo $A$HOME", (struct process_command){.environment = environment});

	CU_ASSERT_STRING_EQUAL(process_output(process).text, "b c\n");
	process_free(process);
}

static void test_late(void)
{
	struct process *process = start_shell("echo before; sleep 1000 & sleep 1000", plain);

	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT_EQUAL(process_wait(&process, 1, 50, NULL, 0, &error), PROCESS_LATE);
	CU_ASSERT_EQUAL(process_wait(&process, 1, 0, NULL, 0, &error), PROCESS_LATE);
	CU_ASSERT_EQUAL(process_status(process), -1);
	CU_ASSERT_EQUAL(process_end_time(process), 0);
	process_signal(process, SIGKILL);
	CU_ASSERT_EQUAL(process_wait(&process, 1, LONG, NULL, 0, &error), PROCESS_ENDED);
	CU_ASSERT_EQUAL(process_ended_by(process), SIGKILL);
	CU_ASSERT_STRING_EQUAL(process_output(process).text, "before\n");
	process_signal(process, SIGKILL); /* nothing to signal any more */
	process_free(process);
}

static void test_free_kills(void)
{
	int life[2];
	struct process *process;
	char byte;

	CU_ASSERT_EQUAL_FATAL(pipe2(life, O_CLOEXEC), 0);
	process = start_shell("sleep 1000 & sleep 1000", (struct process_command){.keep = life[1]});
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	close(life[1]);
	process_free(process);
	CU_ASSERT_EQUAL(read(life[0], &byte, 1), 0);
	close(life[0]);
}

/* A child that lives on, with the output still open, does not delay the end. */
static void test_orphans(void)
{
	struct process *process = start_shell("trap '' HUP; sleep 1000 & echo $!", plain);

	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT_EQUAL(process_wait(&process, 1, LONG, NULL, 0, &error), PROCESS_ENDED);
	CU_ASSERT_EQUAL(kill((pid_t)atoi(process_output(process).text), SIGKILL), 0);
	process_free(process);
}

static void test_missing(void)
{
	const char *const argv[] = {"no-such-program-anywhere", NULL};
	const char *const folder[] = {"/tmp", NULL};

	CU_ASSERT_PTR_NULL(process_start(NULL, CELL_CLIENT, &(struct process_command){.argv = argv}, &error));
	CU_ASSERT_STRING_EQUAL(error.text, "no-such-program-anywhere: no such program");
	CU_ASSERT_PTR_NULL(process_start(NULL, CELL_CLIENT, &(struct process_command){.argv = folder}, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "/tmp"));
}

struct listener {
	int fd;
	char words[64];
	size_t length;
	bool done;
};

static bool listen_to(void *context)
{
	struct listener *l = context;
	ssize_t n = read(l->fd, l->words + l->length, sizeof(l->words) - 1 - l->length);

	if (n <= 0)
		return false;
	l->length += (size_t)n;
	l->done = strchr(l->words, '\n') != NULL;
	return true;
}

/* A program with a control socket: what it says is served while others are waited for. */
static void test_watch(void)
{
	struct listener l = {0};
	struct process_watch watch = {.ready = listen_to, .context = &l};
	struct process *process;
	char script[64];
	int ends[2];

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	l.fd = watch.fd = ends[0];
	snprintf(script, sizeof(script), "echo ready >&%d; read line <&%d; echo $line", ends[1], ends[1]);
	process = start_shell(script, (struct process_command){.keep = ends[1]});
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	close(ends[1]);
	CU_ASSERT_EQUAL(process_wait_for(&l.done, &process, 1, LONG, &watch, 1, &error), PROCESS_DONE);
	CU_ASSERT_STRING_EQUAL(l.words, "ready\n");
	CU_ASSERT_EQUAL(process_wait(&process, 1, 0, &watch, 1, &error), PROCESS_LATE);
	CU_ASSERT_EQUAL(write(ends[0], "go\n", 3), 3);
	CU_ASSERT_EQUAL(process_wait(&process, 1, LONG, &watch, 1, &error), PROCESS_ENDED);
	CU_ASSERT_STRING_EQUAL(process_output(process).text, "go\n");
	process_free(process);
	close(ends[0]);
}

/* Without processes, and with a watch that ends. */
static void test_watch_alone(void)
{
	struct listener l = {0};
	struct process_watch watch = {.ready = listen_to, .context = &l};
	int ends[2];

	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
	l.fd = watch.fd = ends[0];
	CU_ASSERT_EQUAL(process_wait_for(&l.done, NULL, 0, 0, &watch, 1, &error), PROCESS_LATE);
	CU_ASSERT_EQUAL(write(ends[1], "x\n", 2), 2);
	CU_ASSERT_EQUAL(process_wait_for(&l.done, NULL, 0, LONG, &watch, 1, &error), PROCESS_DONE);
	close(ends[1]);
	l.done = false;
	CU_ASSERT_EQUAL(process_wait_for(&l.done, NULL, 0, 20, &watch, 1, &error), PROCESS_LATE);
	close(ends[0]);
}

static void test_several(void)
{
	struct process *all[20];

	for (int i = 0; i < 20; i++) {
		char script[64];

		snprintf(script, sizeof(script), "echo %d; exit %d", i, i);
		all[i] = start_shell(script, plain);
		CU_ASSERT_PTR_NOT_NULL_FATAL(all[i]);
	}
	CU_ASSERT_EQUAL(process_wait(all, 20, LONG, NULL, 0, &error), PROCESS_ENDED);
	for (int i = 0; i < 20; i++) {
		CU_ASSERT_EQUAL(process_status(all[i]), i);
		CU_ASSERT_EQUAL(atoi(process_output(all[i]).text), i);
		process_free(all[i]);
	}
}

/* Nothing of ours is open in the program but what it was given. */
static void test_descriptors(void)
{
	int extra = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct process *process = run_shell("ls /proc/self/fd | wc -l", plain);

	CU_ASSERT_EQUAL(atoi(process_output(process).text), 4); /* 0, 1, 2 and ls's own of the folder */
	process_free(process);
	close(extra);
}

static void test_find(void)
{
	char path[PATH_MAX], *saved = strdup(getenv("PATH") ? getenv("PATH") : "");

	CU_ASSERT_PTR_NOT_NULL_FATAL(saved);
	CU_ASSERT_TRUE(process_find("sh", path, sizeof(path)));
	CU_ASSERT_TRUE(process_find("/bin/sh", path, sizeof(path)));
	CU_ASSERT_STRING_EQUAL(path, "/bin/sh");
	CU_ASSERT_FALSE(process_find("/bin/no-such", path, sizeof(path)));
	CU_ASSERT_FALSE(process_find("sh", path, 3));
	setenv("PATH", "/nonexistent", 1);
	CU_ASSERT_FALSE(process_find("env", path, sizeof(path)));
	CU_ASSERT_TRUE(process_find("ldconfig", path, sizeof(path))); /* in /sbin, as nft */
	setenv("PATH", saved, 1);
	free(saved);
}

const struct unit_test unit_tests[] = {
	{"an exit status is told", test_status},
	{"a signal that ended it is told", test_signal},
	{"output and errors are kept in order, with times", test_words},
	{"output beyond the limit is read and dropped", test_limit},
	{"input is empty or the given text", test_input},
	{"an input can stay open", test_open_input},
	{"a program runs in the folder it is given", test_folder},
	{"the environment is the given one", test_environment},
	{"a late process is told apart, and can be killed", test_late},
	{"freeing kills the process and its children", test_free_kills},
	{"a child that lives on does not delay the end", test_orphans},
	{"a missing program is named", test_missing},
	{"watches are served, and end a wait", test_watch},
	{"a watch can be waited for alone", test_watch_alone},
	{"several processes are waited for at once", test_several},
	{"a program gets no descriptors of ours", test_descriptors},
	{"programs are found by PATH and where administration has them", test_find},
	{NULL, NULL},
};
