/* firewall.c: see firewall.h. nft writes and reads the rules; here is only how it is called and its JSON
 * (libnftables-json(5)) searched for counters. */
#include "harness/firewall.h"
#include "harness/process.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NFT_PATIENCE 30000 /* milliseconds */

/* What nft said, naming the rules as a scenario does: "path.nft:3:9-15" for "/dev/stdin:3:9-15". */
static void take_errors(struct error *error, enum cell_place place, const char *said)
{
	static const char *const names[CELL_PLACES] = {
		[CELL_CLIENT] = "client.nft",
		[CELL_PATH] = "path.nft",
		[CELL_SERVER] = "server.nft",
	};
	static const char input[] = "/dev/stdin";

	error_set(error, "nft: ");
	for (const char *next; *said; said = next) {
		bool named = strncmp(said, input, strlen(input)) == 0;
		size_t used;
		int length;

		next = named ? said + strlen(input) : strstr(said + 1, input);
		if (!next)
			next = said + strlen(said);
		length = (int)(next - said);
		used = strlen(error->text);
		snprintf(error->text + used, sizeof(error->text) - used, "%.*s",
			 named ? (int)strlen(names[place]) : length, named ? names[place] : said);
	}
}

/* Runs nft in a place; on success its output is in *process, for the caller to free. */
static struct process *run_nft(const struct cell *cell, enum cell_place place, const char *const *argv,
			       const char *input, struct error *error)
{
	const struct process_command command = {.argv = argv, .input = input, .output_limit = 16U << 20};
	struct process *process;

	if (!firewall_available(error))
		return NULL;
	process = process_start(cell, place, &command, error);
	if (!process)
		return NULL;
	switch (process_wait(&process, 1, NFT_PATIENCE, NULL, 0, error)) {
	case PROCESS_ENDED:
		if (process_status(process) == 0)
			return process;
		take_errors(error, place, process_output(process).length > 0 ? process_output(process).text : "failed");
		break;
	case PROCESS_LATE:
		error_set(error, "nft: no answer within %d s", NFT_PATIENCE / 1000);
		break;
	default:
		break;
	}
	process_free(process);
	return NULL;
}

bool firewall_available(struct error *error)
{
	char path[PATH_MAX];

	return process_find("nft", path, sizeof(path)) ||
	       error_set(error, "nft: no such program; it comes with the package nftables");
}

bool firewall_apply(const struct cell *cell, enum cell_place place, const char *rules, struct error *error)
{
	static const char *const argv[] = {"nft", "-f", "-", NULL};
	struct process *process = run_nft(cell, place, argv, rules, error);

	process_free(process);
	return process != NULL;
}

static char *copy_string(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? strdup(text) : NULL;
}

static uint64_t number(json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* what: the rule or the named counter; values: where packets and bytes are. */
static bool add_counter(struct firewall_counters *counters, json_t *what, json_t *values, const char *name_key)
{
	struct firewall_counter *list = realloc(counters->list, (counters->count + 1) * sizeof(*list));

	if (!list)
		return false;
	counters->list = list;
	list[counters->count++] = (struct firewall_counter){
		.family = copy_string(what, "family"),
		.table = copy_string(what, "table"),
		.chain = copy_string(what, "chain"),
		.name = copy_string(what, name_key),
		.handle = json_object_get(what, "chain") ? number(what, "handle") : 0,
		.packets = number(values, "packets"),
		.bytes = number(values, "bytes"),
	};
	return true;
}

/* A counter statement that only names a counter has no values of its own: the named one has them. */
static bool add_rule(struct firewall_counters *counters, json_t *rule)
{
	json_t *statement;
	size_t i;

	json_array_foreach(json_object_get(rule, "expr"), i, statement) {
		json_t *counter = json_object_get(statement, "counter");

		if (json_is_object(counter) && !add_counter(counters, rule, counter, "comment"))
			return false;
	}
	return true;
}

static bool collect(struct firewall_counters *counters, json_t *ruleset)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(ruleset, "nftables"), i, item) {
		json_t *rule = json_object_get(item, "rule"), *named = json_object_get(item, "counter");

		if (rule && !add_rule(counters, rule))
			return false;
		if (named && !add_counter(counters, named, named, "name"))
			return false;
	}
	return true;
}

bool firewall_counters(const struct cell *cell, enum cell_place place, struct firewall_counters *counters,
		       struct error *error)
{
	static const char *const argv[] = {"nft", "-j", "list", "ruleset", NULL};
	struct process *process = run_nft(cell, place, argv, NULL, error);
	struct process_output output;
	json_error_t wrong;
	json_t *ruleset;
	bool ok;

	*counters = (struct firewall_counters){0};
	if (!process)
		return false;
	output = process_output(process);
	ruleset = json_loadb(output.text, output.length, 0, &wrong);
	if (!ruleset)
		error_set(error, "nft: its list of rules is no JSON: %s", wrong.text);
	ok = ruleset && (collect(counters, ruleset) || error_set(error, "out of memory"));
	if (!ok)
		firewall_counters_free(counters);
	json_decref(ruleset);
	process_free(process);
	return ok;
}

void firewall_counters_free(struct firewall_counters *counters)
{
	for (size_t i = 0; i < counters->count; i++) {
		free(counters->list[i].family);
		free(counters->list[i].table);
		free(counters->list[i].chain);
		free(counters->list[i].name);
	}
	free(counters->list);
	*counters = (struct firewall_counters){0};
}
