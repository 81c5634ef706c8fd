/* results.h (tests): a run of four cases whose results a test chooses, and what a report printed of them. */
#ifndef TESTS_UNIT_HARNESS_RESULTS_H
#define TESTS_UNIT_HARNESS_RESULTS_H

#include "harness/results.h"

#include "tests/unit/harness/temporary.h"
#include "tests/unit/suite.h"

#define RUN_CLIENTS "curl: {program: curl, command: curl, tls: {}, family: {}}\n"
#define RUN_SCENARIO                                                                                                   \
	"title: A title\nstory: s\ntags: [silent]\nexpect: {signature: tcp/timeout, by: unknown}\n"                    \
	"variants: {tls: \"1.3\"}\n"
#define RUN_HEALTHY "title: A title\nstory: s\nexpect: {outcome: established}\nvariants: {tls: \"1.3\"}\n"

struct run_fixture {
	struct temporary files;
	struct variants variants;
	struct results *results;
	FILE *out;
	char *text;
	size_t size;
};

/* The cases are healthy/plain and tcp/a, tcp/b, tcp/c, each with curl, TLS 1.3 and IPv4. */
static inline void open_run(struct run_fixture *f)
{
	static const struct variant_filter all = {0};

	temporary_open(&f->files);
	temporary_write(&f->files, "clients.yaml", RUN_CLIENTS);
	temporary_write(&f->files, "healthy/plain.yaml", RUN_HEALTHY);
	temporary_write(&f->files, "tcp/a.yaml", RUN_SCENARIO);
	temporary_write(&f->files, "tcp/b.yaml", RUN_SCENARIO);
	temporary_write(&f->files, "tcp/c.yaml", RUN_SCENARIO);
	CU_ASSERT_FATAL(variants_load(&f->variants, f->files.folder, &all));
	CU_ASSERT_FATAL(f->variants.count == 4);
	f->text = NULL;
	f->out = open_memstream(&f->text, &f->size);
	f->results = results_new(&f->variants, "analyzer --json", "tlslab run");
	CU_ASSERT_FATAL(f->results != NULL);
}

static inline void close_run(struct run_fixture *f)
{
	results_free(f->results);
	fclose(f->out);
	free(f->text);
	variants_free(&f->variants);
	temporary_close(&f->files);
}

/* What has been printed so far. */
static inline const char *printed(struct run_fixture *f)
{
	fflush(f->out);
	return f->text;
}

/* A check of its own strings; `verdict` is JSON with ' for ", or NULL. */
static inline struct check make_check(enum check_result result, const char *client, const char *why,
				      const char *verdict)
{
	char *json = strdup(verdict ? verdict : "null");
	struct check check = {.result = result,
			      .injected = strdup("the fault"),
			      .proof = strdup("the proof"),
			      .client = strdup(client),
			      .words = strdup("curl: <words> & \033[2J more\n"),
			      .server = strdup("7 packets"),
			      .analyzer = strdup("tcp/reset by server"),
			      .expected = strdup("tcp/timeout by unknown"),
			      .why = strdup(why)};

	for (char *c = json; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	check.verdict = verdict ? json_loads(json, 0, NULL) : NULL;
	CU_ASSERT_FATAL(!verdict || check.verdict);
	free(json);
	return check;
}

#define VERDICT_TIMEOUT "{'outcome':'failed','signature':'tcp/timeout','by':'unknown','certainty':'seen'}"
#define VERDICT_RESET "{'outcome':'failed','signature':'server-hello/reset','by':'server','certainty':'seen'}"
#define VERDICT_HEALTHY "{'outcome':'established','signature':null,'by':null,'certainty':'seen'}"

static inline void end_case(struct run_fixture *f, size_t index, enum check_result result, const char *why,
			    const char *verdict)
{
	struct check check = make_check(result, "28 late", why, verdict);

	results_started(f->results, index);
	results_ended(f->results, index, &check);
}

#endif
