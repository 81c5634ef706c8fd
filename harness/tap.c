/* tap.c: see tap.h. */
#include "harness/tap.h"

#include <stdlib.h>
#include <string.h>

/* '#' begins a directive, '\' an escape. */
static void put_description(FILE *out, const char *text)
{
	for (; *text && *text != '\n'; text++) {
		if (*text == '#' || *text == '\\')
			fputc('\\', out);
		fputc((unsigned char)*text < 0x20 ? '?' : *text, out);
	}
}

/* JSON's strings are YAML's: one that holds anything is safe. */
static void put_yaml(FILE *out, const char *key, const char *text)
{
	json_t *json = text && *text ? json_string(text) : NULL;
	char *quoted = json ? json_dumps(json, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;

	if (quoted)
		fprintf(out, "  %s: %s\n", key, quoted);
	free(quoted);
	json_decref(json);
}

static void put_diagnostic(FILE *out, const struct results *results, size_t index)
{
	const struct check *check = &results->items[index].check;
	char *again = results_again(results, index);
	const char *const entries[][2] = {
		{"result", check_result_name(check->result)},
		{"scenario", results->variants->items[index].scenario->title},
		{"injected", check->injected},
		{"proof", check->proof},
		{"client", check->client},
		{"server", check->server},
		{"analyzer", check->analyzer},
		{"expected", check->expected},
		{"why", check->why},
		{"packets", check->trace},
		{"again", again},
	};

	fputs("  ---\n", out);
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		put_yaml(out, entries[i][0], entries[i][1]);
	fputs("  ...\n", out);
	free(again);
}

static void put_case(FILE *out, const struct results *results, size_t index, bool no_skip)
{
	const struct check *check = &results->items[index].check;
	bool skip = check->result == CHECK_SKIP && !no_skip;
	bool ok = check->result == CHECK_PASS || skip;

	fprintf(out, "%s %zu - ", ok ? "ok" : "not ok", index + 1);
	put_description(out, results->variants->items[index].name);
	if (skip) {
		fputs(" # SKIP ", out);
		put_description(out, check->why);
	}
	fputc('\n', out);
	if (!ok)
		put_diagnostic(out, results, index);
}

bool tap_write(FILE *out, const struct results *results, int signal, bool no_skip)
{
	size_t count = results->variants->count;

	fprintf(out, "TAP version 13\n1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		if (results->items[i].ended)
			put_case(out, results, i, no_skip);
	}
	if (signal)
		fprintf(out, "Bail out! interrupted by SIG%s\n", sigabbrev_np(signal));
	return fflush(out) == 0 && !ferror(out);
}
