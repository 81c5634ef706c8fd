/* scenario.c: see scenario.h. What a file's keys may hold is in scenario_keys.c. */
#include "harness/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "harness/scenario_keys.h"
#include "harness/server_check.h"

/* ---- Settings of a case ---- */

static bool applies(const struct scenario_choices *when, const struct scenario_choice *choice)
{
	return scenario_admits(&when->client, choice->client) && scenario_admits(&when->tls, choice->tls) &&
	       scenario_admits(&when->family, choice->family);
}

bool scenario_settings(struct scenario *s, const struct scenario_choice *choice, struct scenario_settings *settings)
{
	yaml_node_t *const base[SCENARIO_PARTS] = {s->server, s->path, s->client, s->expect};

	*settings = (struct scenario_settings){
		.server = {.certificate = {"good", NULL},
			   .listen = true,
			   .wait_for_request = true,
			   .staple = "",
			   .psk = "",
			   .place = {.nft = ""}},
		.path = {.place = {.nft = ""}},
		.client = {.patience_ms = SCENARIO_PATIENCE_MS, .place = {.nft = ""}},
		.expect = {.outcome = "",
			   .between = {.signature = "", .by = "", .certainty = ""},
			   .signature = "",
			   .by = "",
			   .certainty = "",
			   .connections = 1,
			   .server = {"", "", true}},
	};
	if (!scenario_take_parts(&s->document, base, settings))
		return false;
	for (size_t i = 0; i < s->override_count; i++) {
		const struct scenario_override *o = &s->overrides[i];
		yaml_node_t *const parts[SCENARIO_PARTS] = {o->server, o->path, o->client, o->expect};

		if (applies(&o->when, choice) && !scenario_take_parts(&s->document, parts, settings))
			return false;
	}
	return true;
}

/* ---- Loading ---- */

static bool load_overrides(struct scenario *s, const char *const *client_names)
{
	struct document *d = &s->document;
	yaml_node_t *list = s->overrides_node;

	if (!list)
		return true;
	if (list->type != YAML_SEQUENCE_NODE)
		return document_fail(d, list, "a list must stand here, each entry with a 'when'");
	s->overrides = document_alloc(d, (size_t)(list->data.sequence.items.top - list->data.sequence.items.start),
				      sizeof(*s->overrides));
	if (!s->overrides)
		return document_fail(d, list, "out of memory");
	for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++) {
		if (!scenario_take_override(d, yaml_document_get_node(&d->yaml, *i), client_names,
					    &s->overrides[s->override_count]))
			return false;
		s->override_count++;
	}
	return true;
}

/* `key` of `part` is a mapping by client. */
static bool check_client_names(struct document *d, yaml_node_t *part, const char *key, const char *const *client_names)
{
	yaml_node_t *words = part ? document_find(d, part, key) : NULL;
	struct document_pairs entries = {0, NULL};

	if (words && !document_entries(d, words, NULL, &entries))
		return false;
	for (size_t i = 0; i < entries.count; i++) {
		if (!document_check_word(d, entries.items[i].name_node, "client", entries.items[i].name, client_names))
			return false;
	}
	return true;
}

static bool check_part_names(struct document *d, yaml_node_t *client, yaml_node_t *expect,
			     const char *const *client_names)
{
	return check_client_names(d, expect, "client", client_names) &&
	       check_client_names(d, client, "options", client_names) &&
	       check_client_names(d, client, "command", client_names);
}

/* Every override is taken once, whether or not a variant of today needs it. */
static bool check_values(struct scenario *s, const char *const *client_names)
{
	struct scenario_choice none = {"", "", ""};
	struct scenario_settings settings;

	if (!scenario_settings(s, &none, &settings) || !server_check(&s->document, &settings.server) ||
	    !check_part_names(&s->document, s->client, s->expect, client_names))
		return false;
	for (size_t i = 0; i < s->override_count; i++) {
		struct scenario_override *o = &s->overrides[i];
		yaml_node_t *const parts[SCENARIO_PARTS] = {o->server, o->path, o->client, o->expect};
		struct scenario_settings scratch = settings;

		if (!scenario_take_parts(&s->document, parts, &scratch) ||
		    (o->server && !server_check(&s->document, &scratch.server)) ||
		    !check_part_names(&s->document, o->client, o->expect, client_names))
			return false;
	}
	return true;
}

static bool check_expect(struct scenario *s, const struct scenario_choice *choice)
{
	struct scenario_settings settings;
	const struct scenario_expect *expect = &settings.expect;

	if (!scenario_settings(s, choice, &settings))
		return false;
	if (!*expect->outcome)
		return document_fail(&s->document, s->expect,
				     "must say a signature, or an outcome (for %s, TLS %s, %s)", choice->client,
				     choice->tls, choice->family);
	if (strcmp(expect->outcome, "failed") == 0 && (!*expect->signature || !*expect->by))
		return document_fail(&s->document, s->expect,
				     "a failure needs both 'signature' and 'by' (for %s, TLS %s, %s)", choice->client,
				     choice->tls, choice->family);
	return true;
}

/* What must hold of each case, after its overrides. */
static bool check_cases(struct scenario *s, const char *const *client_names)
{
	for (size_t c = 0; client_names[c]; c++) {
		for (size_t t = 0; scenario_versions[t]; t++) {
			for (size_t f = 0; scenario_families[f]; f++) {
				struct scenario_choice choice = {client_names[c], scenario_versions[t],
								 scenario_families[f]};

				if (applies(&s->variants, &choice) && !check_expect(s, &choice))
					return false;
			}
		}
	}
	return true;
}

/* "…/server-hello/reset.yaml" → "server-hello/reset" */
static char *name_of(const char *path)
{
	const char *start = path + strlen(path), *end = strrchr(path, '.');
	int slashes = 0;

	while (start > path && !(start[-1] == '/' && ++slashes == 2))
		start--;
	return end && end > start ? strndup(start, (size_t)(end - start)) : strdup(start);
}

bool scenario_load(struct scenario *s, const char *path, const struct clients *clients)
{
	struct document *d = &s->document;

	memset(s, 0, sizeof(*s));
	if (!document_load(d, path) || !document_mapping(d, document_root(d), scenario_file_keys, false, s))
		return false;
	s->name = name_of(path);
	if (!s->name)
		return document_fail(d, NULL, "out of memory");
	if (s->variants_node && !scenario_take_choices(d, s->variants_node, clients->names, &s->variants))
		return false;
	return load_overrides(s, clients->names) && check_values(s, clients->names) && check_cases(s, clients->names);
}

void scenario_free(struct scenario *s)
{
	free(s->name);
	document_free(&s->document);
	memset(s, 0, sizeof(*s));
}

/* ---- Questions ---- */

bool scenario_admits(const struct document_strings *set, const char *value)
{
	for (size_t i = 0; i < set->count; i++) {
		if (strcmp(set->items[i], value) == 0)
			return true;
	}
	return set->count == 0;
}

const struct scenario_client_words *scenario_words(const struct scenario_expect *expect, const char *client)
{
	for (size_t i = 0; i < expect->client_count; i++) {
		if (strcmp(expect->clients[i].client, client) == 0)
			return &expect->clients[i];
	}
	return NULL;
}

/* RFC 6298 section 2.1: as long as nothing is known of the round trip, a second. */
#define RETRANSMISSION_MS 1000

int scenario_waits_ms(struct scenario *s, const struct scenario_settings *settings)
{
	int waits = settings->client.patience_ms == SCENARIO_PATIENCE_MS ? 0 : settings->client.patience_ms;
	bool path_at_fault = settings->path.wire.count > 0 || scenario_has_rules(settings);
	json_t *steps = settings->server.steps ? document_json(&s->document, settings->server.steps) : NULL, *step;
	size_t i;

	json_array_foreach(steps, i, step)
		waits += (int)json_integer_value(json_object_get(step, "stall"));
	json_decref(steps);
	return waits == 0 && path_at_fault ? RETRANSMISSION_MS : waits;
}

const struct place *scenario_place(const struct scenario_settings *settings, enum cell_place where)
{
	const struct place *const places[CELL_PLACES] = {
		[CELL_CLIENT] = &settings->client.place,
		[CELL_PATH] = &settings->path.place,
		[CELL_SERVER] = &settings->server.place,
	};

	return places[where];
}

bool scenario_has_rules(const struct scenario_settings *settings)
{
	for (enum cell_place place = 0; place < CELL_PLACES; place++) {
		if (*scenario_place(settings, place)->nft)
			return true;
	}
	return false;
}
