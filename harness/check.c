/* check.c: judges one case, see check.h. */
#include "harness/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/case.h"
#include "harness/check_between.h"
#include "harness/json_text.h"
#include "harness/proof.h"
#include "harness/verdict_lines.h"

/* A judgement being made. */
struct judging {
	const struct variant *variant;
	struct check *check;
	FILE *why;
	bool lab_wrong, analyzer_wrong;
};

const char *check_result_name(enum check_result result)
{
	static const char *const names[CHECK_RESULTS] = {"pass", "fail", "broken", "skip"};

	return names[result];
}

static char *__attribute__((format(printf, 1, 2))) text(const char *format, ...)
{
	va_list arguments;
	char *made;

	va_start(arguments, format);
	if (vasprintf(&made, format, arguments) < 0)
		abort();
	va_end(arguments);
	return made;
}

static void __attribute__((format(printf, 3, 4))) blame(struct judging *j, bool *whom, const char *format, ...)
{
	va_list arguments;

	*whom = true;
	va_start(arguments, format);
	vfprintf(j->why, format, arguments);
	va_end(arguments);
	fputc('\n', j->why);
}

static int integer_of(json_t *object, const char *key)
{
	return (int)json_integer_value(json_object_get(object, key));
}

/* ---- The client ---- */

/* The last line that holds more than white space: programs say last what went wrong. */
static char *last_line(const char *output)
{
	const char *end = output + strlen(output), *start;

	while (end > output && strchr(" \t\r\n", end[-1]))
		end--;
	for (start = end; start > output && start[-1] != '\n';)
		start--;
	return text("%.*s", (int)(end - start), start);
}

/* The expected words if the client said them, otherwise its last line. */
static char *client_words(const char *output, const struct scenario_client_words *expected)
{
	if (expected && *expected->error && strstr(output, expected->error))
		return text("%s", expected->error);
	return last_line(output);
}

static void judge_client(struct judging *j, json_t *client)
{
	const struct scenario_client_words *expected =
		scenario_words(&j->variant->settings.expect, j->variant->choice.client);
	const char *output = json_text(client, "output"), *name = j->variant->choice.client;
	int status = integer_of(client, "status"), signal = integer_of(client, "signal");
	char *words = client_words(output, expected);

	j->check->words = text("%s", output);
	j->check->exit = signal || json_is_true(json_object_get(client, "late")) ? -1 : status;
	if (json_is_true(json_object_get(client, "late"))) {
		j->check->client = text("did not end");
		blame(j, &j->lab_wrong, "%s did not end in time and was killed", name);
	} else if (signal) {
		j->check->client = text("ended by signal %d", signal);
		blame(j, &j->lab_wrong, "%s was ended by signal %d", name, signal);
	} else {
		j->check->client = *words && status ? text("%d %s", status, words) : text("%d", status);
		if (!expected)
			blame(j, &j->lab_wrong, "the scenario does not say what %s sees; it saw exit %d: %s", name,
			      status, words);
		else if (expected->exit != SCENARIO_ANY_EXIT && status != expected->exit)
			blame(j, &j->lab_wrong, "%s ended with %d, not %d", name, status, expected->exit);
		if (expected && !strstr(output, expected->error))
			blame(j, &j->lab_wrong, "%s did not say '%s'; its last words: %s", name, expected->error,
			      words);
	}
	free(words);
}

/* ---- Proof that the fault fired ---- */

static void judge_counters(struct judging *j, json_t *counters, FILE *proof)
{
	json_t *counter;
	size_t i;

	if (scenario_has_rules(&j->variant->settings) && json_array_size(counters) == 0)
		blame(j, &j->lab_wrong, "no firewall rule has a counter, so nothing proves that one matched");
	json_array_foreach(counters, i, counter) {
		const char *name = json_text(counter, "name"), *chain = json_text(counter, "chain");
		long long packets = json_integer_value(json_object_get(counter, "packets"));

		fprintf(proof, "%srule %zu of %s matched %lld", ftell(proof) ? "; " : "", i + 1, *name ? name : chain,
			packets);
		if (packets == 0)
			blame(j, &j->lab_wrong, "rule %zu of %s matched no packet: the fault did not fire", i + 1,
			      *name ? name : chain);
	}
}

static void judge_steps(struct judging *j, json_t *events, FILE *proof)
{
	struct document *d = &j->variant->scenario->document;
	yaml_node_t *node = j->variant->settings.server.steps;
	json_t *steps = node ? document_json(d, node) : NULL;
	const char *missing = proof_missing_step(events, steps);

	if (missing)
		blame(j, &j->lab_wrong, "the server did not come to its step '%s': the fault did not fire", missing);
	else if (steps)
		fprintf(proof, "%sthe server did all its %zu steps", ftell(proof) ? "; " : "", json_array_size(steps));
	json_decref(steps);
}

static void judge_server(struct judging *j, json_t *events, FILE *proof)
{
	const struct scenario_server_words *demand = &j->variant->settings.expect.server;
	const char *said = proof_handshake_said(events), *error = proof_error(events);

	judge_steps(j, events, proof);
	if (said)
		fprintf(proof, "%sthe server's handshake: %s", ftell(proof) ? "; " : "", said);
	if (error)
		blame(j, &j->lab_wrong, "the server: %s", error);
	if (!proof_handshake(events, demand))
		blame(j, &j->lab_wrong, "the server should have said of its handshake: %s%s%s; it said: %s",
		      demand->handshake, *demand->error ? ", " : "", demand->error, said ? said : "nothing");
}

static void judge_proof(struct judging *j, json_t *cell)
{
	char *proof = NULL;
	size_t size;
	FILE *out = open_memstream(&proof, &size);

	if (!out)
		abort();
	judge_counters(j, json_object_get(cell, "counters"), out);
	if (j->variant->settings.server.listen)
		judge_server(j, json_object_get(cell, "server"), out);
	else
		fprintf(out, "%sno server was started", ftell(out) ? "; " : "");
	fclose(out);
	j->check->proof = proof;
}

/* ---- The analyzer ---- */

/* The verdict on the server under test among JSON lines, and how many there are. Bad lines are blamed. */
static json_t *find_verdict(struct judging *j, const char *output, size_t *count)
{
	struct verdict_line line;
	json_t *found = NULL;

	*count = 0;
	while (verdict_line_next(&output, &line)) {
		if (!line.verdict)
			blame(j, &j->analyzer_wrong, "the analyzer printed a line that is no JSON object: %.*s",
			      line.length, line.text);
		if (verdict_under_test(j->variant, line.verdict)) {
			json_decref(found);
			found = json_incref(line.verdict);
			(*count)++;
		}
		json_decref(line.verdict);
	}
	return found;
}

/* "server-hello/reset by server", or the outcome where there is no signature. */
static char *verdict_text(const char *outcome, const char *signature, const char *by, const char *certainty)
{
	if (!*signature)
		return text("%s", outcome);
	return text("%s by %s%s", signature, *by ? by : "nobody",
		    strcmp(certainty, "inferred") == 0 ? ", inferred" : "");
}

static void compare(struct judging *j, const char *what, const char *said, const char *expected)
{
	if (strcmp(said, expected) == 0)
		return;
	if (!*said)
		blame(j, &j->analyzer_wrong, "the analyzer gives no %s, where '%s' is right", what, expected);
	else
		blame(j, &j->analyzer_wrong, "the analyzer's %s is '%s', not '%s'", what, said, expected);
}

static void judge_verdict(struct judging *j, json_t *verdict)
{
	const struct scenario_expect *e = &j->variant->settings.expect;

	const char *certainty = *e->certainty ? e->certainty : *e->signature ? "seen" : "";

	compare(j, "outcome", json_text(verdict, "outcome"), e->outcome);
	if (*e->signature) {
		compare(j, "signature", json_text(verdict, "signature"), e->signature);
		compare(j, "by", json_text(verdict, "by"), e->by);
	}
	if (*certainty)
		compare(j, "certainty", json_text(verdict, "certainty"), certainty);
	j->check->analyzer = verdict_text(json_text(verdict, "outcome"), json_text(verdict, "signature"),
					  json_text(verdict, "by"), json_text(verdict, "certainty"));
}

/* Exit status 1 means that a connection failed; more means that the analyzer could not do its work. */
static void judge_end(struct judging *j, json_t *analysis)
{
	int status = integer_of(analysis, "status"), signal = integer_of(analysis, "signal");

	if (json_is_true(json_object_get(analysis, "late")))
		blame(j, &j->analyzer_wrong, "the analyzer did not end and was killed");
	else if (signal)
		blame(j, &j->analyzer_wrong, "the analyzer was ended by signal %d", signal);
	else if (status > 1)
		blame(j, &j->analyzer_wrong, "the analyzer ended with %d", status);
	if (*json_text(analysis, "error"))
		blame(j, &j->analyzer_wrong, "the analyzer could not be run: %s", json_text(analysis, "error"));
}

static void judge_analysis(struct judging *j, json_t *analysis)
{
	const char *address = case_server_address(j->variant->choice.family);
	char *words;
	size_t count, wanted = (size_t)j->variant->settings.expect.connections;
	json_t *verdict = find_verdict(j, json_text(analysis, "output"), &count);

	judge_end(j, analysis);
	if (count == wanted) {
		judge_verdict(j, verdict);
		j->check->verdict = json_incref(verdict);
	} else
		blame(j, &j->analyzer_wrong, "the analyzer gave %zu verdict%s on %s port %d instead of %zu", count,
		      count == 1 ? "" : "s", address, CASE_PORT, wanted);
	if (!j->check->analyzer)
		j->check->analyzer = text("%zu verdict%s", count, count == 1 ? "" : "s");
	words = last_line(json_text(analysis, "words"));
	if (j->analyzer_wrong && *words)
		blame(j, &j->analyzer_wrong, "it said: %s", words);
	free(words);
	json_decref(verdict);
}

/* ---- What was seen at the server ---- */

static char *server_seen(const struct variant *variant, json_t *cell)
{
	json_t *events = json_object_get(cell, "server"), *event;
	const char *said = proof_handshake_said(events), *separator = "; steps: ";
	char *seen = NULL;
	size_t size, i;
	FILE *out = open_memstream(&seen, &size);

	if (!out)
		abort();
	fprintf(out, "%lld packets", json_integer_value(json_object_get(json_object_get(cell, "packets"), "server")));
	json_array_foreach(events, i, event) {
		if (*json_text(event, "step")) {
			fprintf(out, "%s%s", separator, json_text(event, "step"));
			separator = ", ";
		}
	}
	if (said)
		fprintf(out, "; handshake: %s", said);
	if (!variant->settings.server.listen)
		fputs("; nothing listens", out);
	fclose(out);
	return seen;
}

/* ---- The whole ---- */

char *check_expected(const struct scenario_expect *expect)
{
	return verdict_text(expect->outcome, expect->signature, expect->by, expect->certainty);
}

static void begin(struct check *check, const struct variant *variant)
{
	memset(check, 0, sizeof(*check));
	check->exit = -1;
	check->injected = scenario_injected(variant->scenario, &variant->settings, variant->choice.client);
	check->expected = check_expected(&variant->settings.expect);
}

static void finish(struct check *check, enum check_result result)
{
	char **const strings[] = {&check->injected, &check->proof,    &check->client,   &check->words,
				  &check->server,   &check->analyzer, &check->expected, &check->why};

	check->result = result;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (!*strings[i])
			*strings[i] = text("%s", "");
	}
}

void check_skip(const struct variant *variant, const char *missing, struct check *check)
{
	begin(check, variant);
	check->why = text("%s\n", missing);
	finish(check, CHECK_SKIP);
}

void check_broken(const struct variant *variant, const char *why, struct check *check)
{
	begin(check, variant);
	check->why = text("%s\n", why);
	finish(check, CHECK_BROKEN);
}

void check_case(const struct variant *variant, json_t *cell, json_t *analysis, struct check *check)
{
	struct judging j = {.variant = variant, .check = check};
	size_t size;

	if (*json_text(cell, "skip")) {
		check_skip(variant, json_text(cell, "skip"), check);
		return;
	}
	if (*json_text(cell, "error")) {
		check_broken(variant, json_text(cell, "error"), check);
		return;
	}
	begin(check, variant);
	j.why = open_memstream(&check->why, &size);
	if (!j.why)
		abort();
	judge_client(&j, json_object_get(cell, "client"));
	judge_proof(&j, cell);
	check->server = server_seen(variant, cell);
	judge_analysis(&j, analysis);
	if (json_object_get(analysis, "between"))
		j.analyzer_wrong |= !check_between(variant, json_object_get(analysis, "between"), j.why);
	fclose(j.why);
	finish(check, j.lab_wrong ? CHECK_BROKEN : j.analyzer_wrong ? CHECK_FAIL : CHECK_PASS);
}

void check_free(struct check *check)
{
	free(check->injected);
	free(check->proof);
	free(check->client);
	free(check->words);
	free(check->server);
	free(check->analyzer);
	free(check->expected);
	free(check->why);
	free(check->trace);
	free(check->shape);
	json_decref(check->verdict);
	memset(check, 0, sizeof(*check));
}
