/* server_check.c: see server_check.h. */
#include "harness/server_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servers/steps.h"
#include "servers/tls.h"

enum { KINDS_MAX = 64 };

/* The step's word, with its argument where it is a string. */
static const char *word_of(struct document *d, yaml_node_t *step)
{
	yaml_node_t *word = step->type == YAML_MAPPING_NODE
				    ? yaml_document_get_node(&d->yaml, step->data.mapping.pairs.start->key)
				    : step;

	return word->type == YAML_SCALAR_NODE ? (const char *)word->data.scalar.value : "";
}

/* The server lists all steps that there are; the nearest one says more. */
static bool fail_step(struct document *d, yaml_node_t *step, const char *why)
{
	const char *names[KINDS_MAX + 1] = {NULL}, *nearest;

	for (size_t i = 0; i < KINDS_MAX && steps_kind(i); i++)
		names[i] = steps_kind(i)->name;
	nearest = strncmp(why, "unknown step", strlen("unknown step")) == 0 ? document_nearest(word_of(d, step), names)
									    : NULL;
	return nearest ? document_fail(d, step, "unknown step '%s'; did you mean '%s'?", word_of(d, step), nearest)
		       : document_fail(d, step, "%s", why);
}

/* "steps[3]: …": the number of the step that is meant, and where the reason begins. False: the list as a whole is
 * meant. */
static bool take_index(const char *why, size_t *index, const char **reason)
{
	static const char begin[] = "steps[", behind[] = "]: ";
	char *end;

	if (strncmp(why, begin, strlen(begin)) != 0)
		return false;
	*index = strtoul(why + strlen(begin), &end, 10);
	*reason = end + strlen(behind);
	return strncmp(end, behind, strlen(behind)) == 0;
}

static bool check_steps(struct document *d, yaml_node_t *list)
{
	char why[COMPLAINT_MAX] = "";
	struct steps *steps = calloc(1, sizeof(*steps));
	json_t *json = document_json(d, list);
	size_t index = 0, entries = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
	const char *reason;
	bool ok = steps && json && steps_parse(steps, json, why);

	if (!ok && take_index(why, &index, &reason) && index < entries)
		fail_step(d, yaml_document_get_node(&d->yaml, list->data.sequence.items.start[index]), reason);
	else if (!ok)
		document_fail(d, list, "%s", *why ? why : "out of memory");
	if (steps)
		steps_free(steps);
	free(steps);
	json_decref(json);
	return ok;
}

bool server_check(struct document *d, const struct scenario_server *server)
{
	for (size_t i = 0; i < server->tls.count; i++) {
		const struct document_pair *option = &server->tls.items[i];

		if (!tls_knows(option->name))
			return document_fail(d, option->name_node,
					     "unknown option '%s'; SSL_CONF_cmd(3) has those there are, under "
					     "CONFIGURATION FILE COMMANDS",
					     option->name);
	}
	return !server->steps || check_steps(d, server->steps);
}
