/* scenario.c: the keys of a scenario file and what they may hold, see scenario.h. */
#include "harness/scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/server_check.h"

const char *const scenario_versions[] = {"1.2", "1.3", NULL};
const char *const scenario_families[] = {"ipv4", "ipv6", NULL};

static const char *const outcomes[] = {"established", "failed", "incomplete", "not-tls", NULL};
static const char *const parties[] = {"client", "server", "network", "unknown", NULL};
static const char *const directions[] = {"to-server", "to-client", NULL};
static const char *const differences[] = {"dropped", "appeared", "changed", "duplicated", NULL};
static const char *const fields[] = {"ttl", "ip-id",        "dscp",       "ecn",     "flags",   "ack",        "window",
				     "mss", "window-scale", "timestamps", "options", "payload", "fragmented", NULL};
static const char *const certainties[] = {"seen", "inferred", NULL};
static const char *const listens[] = {"true", "false", "full", NULL};
static const char *const handshakes[] = {"done", "resumed", "failed", NULL};
static const char *const stages[] = {"tcp",           "client-hello", "server-hello", "server-flight",
				     "client-flight", "finished",     "application",  NULL};
static const char *const causes[] = {"timeout", "lost",      "refused", "unreachable", "half-open", "reset",
				     "closed",  "abandoned", "alert",   "not-tls",     "malformed", NULL};

/* ---- Values ---- */

/* Words of a set, each one of `words`; several or a single one. */
static bool take_set(struct document *d, yaml_node_t *node, const void *words, void *into)
{
	const struct document_strings *set = into;

	if (!document_strings(d, node, NULL, into))
		return false;
	if (set->count == 0)
		return document_fail(d, node, "an empty list; leave the key out to mean all");
	for (size_t i = 0; i < set->count; i++) {
		yaml_node_t *entry = node->type == YAML_SEQUENCE_NODE
					     ? yaml_document_get_node(&d->yaml, node->data.sequence.items.start[i])
					     : node;

		if (!document_choice(d, entry, words, &set->items[i]))
			return false;
	}
	return true;
}

/* Tags are words as names of scenarios are, so that a command line needs no quoting. */
static bool take_tags(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const struct document_strings *tags = into;

	if (!document_strings(d, node, unused, into))
		return false;
	for (size_t i = 0; i < tags->count; i++) {
		const char *tag = tags->items[i];

		if (!*tag || tag[strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789-")])
			return document_fail(d, node, "'%s' is no tag: lower-case letters, digits and '-'", tag);
	}
	return true;
}

/* Copies one part of a signature, which ends at '/' or the end; returns what follows it. */
static const char *cut_part(const char *signature, char *part, size_t size)
{
	size_t length = strcspn(signature, "/");

	snprintf(part, size, "%.*s", (int)length, signature);
	return signature[length] ? signature + length + 1 : signature + length;
}

static bool check_word(struct document *d, const yaml_node_t *node, const char *what, const char *word,
		       const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return true;
	}
	return document_fail_word(d, node, what, word, words);
}

/* "stage/cause" or "stage/cause/detail…" */
static bool take_signature(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	char stage[64], cause[64];
	const char *signature;

	if (!document_string(d, node, unused, into))
		return false;
	signature = *(const char **)into;
	cut_part(cut_part(signature, stage, sizeof(stage)), cause, sizeof(cause));
	return check_word(d, node, "stage in the signature", stage, stages) &&
	       check_word(d, node, "cause in the signature", cause, causes);
}

/* ---- The tables of keys ---- */

static const int exit_range[] = {0, 255};
static const int connections_range[] = {1, 16};
static const int patience_range[] = {100, 60000};
static const int mtu_range[] = {68, 65535};
static const int capture_range[] = {1, 1 << 19};

#define KEY(name, take, type, member, argument, required)                                                              \
	{                                                                                                              \
		name, take, offsetof(struct type, member), argument, required                                          \
	}
#define END_OF_KEYS                                                                                                    \
	{                                                                                                              \
		NULL, NULL, 0, NULL, false                                                                             \
	}

/* What may be changed at each of the three places. */
#define PLACE_KEYS(type)                                                                                               \
	KEY("nft", document_string, type, place.nft, NULL, false),                                                     \
		KEY("routes", place_take_routes, type, place.routes, NULL, false),                                     \
		KEY("sysctl", place_take_sysctl, type, place.sysctl, NULL, false)

static const struct document_key mtu_keys[] = {
	{"client", document_integer, CELL_CLIENT_ETH0 * sizeof(int), mtu_range, false},
	{"path-client", document_integer, CELL_PATH_CLIENT * sizeof(int), mtu_range, false},
	{"path-server", document_integer, CELL_PATH_SERVER * sizeof(int), mtu_range, false},
	{"server", document_integer, CELL_SERVER_ETH0 * sizeof(int), mtu_range, false},
	END_OF_KEYS,
};

static const struct document_key path_keys[] = {
	KEY("mtu", document_submapping, scenario_path, mtu, mtu_keys, false),
	KEY("capture-packets", document_integer, scenario_path, capture_packets, capture_range, false),
	KEY("wire", wire_take_rules, scenario_path, wire, NULL, false),
	PLACE_KEYS(scenario_path),
	END_OF_KEYS,
};

static const struct document_key client_keys[] = {
	KEY("patience-ms", document_integer, scenario_client, patience_ms, patience_range, false),
	KEY("options", client_options_take, scenario_client, options, NULL, false),
	KEY("command", client_options_take, scenario_client, command, NULL, false),
	PLACE_KEYS(scenario_client),
	END_OF_KEYS,
};

static const struct document_key server_words_keys[] = {
	KEY("handshake", document_choice, scenario_server_words, handshake, handshakes, false),
	KEY("error", document_string, scenario_server_words, error, NULL, false),
	KEY("closed", document_boolean, scenario_server_words, closed, NULL, false),
	END_OF_KEYS,
};

static const struct document_key client_words_keys[] = {
	KEY("exit", document_integer, scenario_client_words, exit, exit_range, true),
	KEY("error", document_string, scenario_client_words, error, NULL, false),
	END_OF_KEYS,
};

/* The words for `client`, made if there are none yet; NULL when there are too many. */
static struct scenario_client_words *words_for(struct scenario_expect *expect, const char *client)
{
	for (size_t i = 0; i < expect->client_count; i++) {
		if (strcmp(expect->clients[i].client, client) == 0)
			return &expect->clients[i];
	}
	if (expect->client_count == SCENARIO_CLIENTS_MAX)
		return NULL;
	expect->clients[expect->client_count] = (struct scenario_client_words){client, 0, ""};
	return &expect->clients[expect->client_count++];
}

/* Client names are checked by check_expect(), which knows them. Here an override's entry replaces the earlier one. */
static bool take_clients_words(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct scenario_expect *expect = into;
	struct document_pairs entries;

	if (!document_entries(d, node, unused, &entries))
		return false;
	for (size_t i = 0; i < entries.count; i++) {
		struct scenario_client_words *words = words_for(expect, entries.items[i].name);

		if (!words)
			return document_fail(d, node, "more than %d clients", SCENARIO_CLIENTS_MAX);
		words->error = "";
		if (!document_mapping(d, entries.items[i].value_node, client_words_keys, false, words))
			return false;
	}
	return true;
}

/* Takes a list of words out of those in `words`, ended by NULL. */
static bool take_words(struct document *d, yaml_node_t *node, const void *words, void *into)
{
	const struct document_strings *list = into;

	if (!document_strings(d, node, NULL, into))
		return false;
	for (size_t i = 0; i < list->count; i++) {
		const char *const *word = words;

		while (*word && strcmp(*word, list->items[i]) != 0)
			word++;
		if (!*word)
			return document_fail_word(d, node, "value", list->items[i], words);
	}
	return true;
}

static const struct document_key between_keys[] = {
	KEY("dropped", take_words, scenario_between, dropped, directions, false),
	KEY("appeared", take_words, scenario_between, appeared, directions, false),
	KEY("duplicated", take_words, scenario_between, duplicated, directions, false),
	KEY("changed", take_words, scenario_between, changed, fields, false),
	KEY("may", take_words, scenario_between, may, differences, false),
	KEY("signature", take_signature, scenario_between, signature, NULL, false),
	KEY("by", document_choice, scenario_between, by, parties, false),
	KEY("certainty", document_choice, scenario_between, certainty, certainties, false),
	END_OF_KEYS,
};

static const struct document_key expect_keys[] = {
	KEY("outcome", document_choice, scenario_expect, outcome, outcomes, false),
	KEY("signature", take_signature, scenario_expect, signature, NULL, false),
	KEY("by", document_choice, scenario_expect, by, parties, false),
	KEY("certainty", document_choice, scenario_expect, certainty, certainties, false),
	KEY("connections", document_integer, scenario_expect, connections, connections_range, false),
	KEY("server", document_submapping, scenario_expect, server, server_words_keys, false),
	KEY("between", document_submapping, scenario_expect, between, between_keys, false),
	{"client", take_clients_words, 0, NULL, false},
	END_OF_KEYS,
};

/* A signature says that the outcome is a failure; any other outcome has none. */
static bool settle_outcome(struct document *d, yaml_node_t *node, struct scenario_expect *expect)
{
	if (document_find(d, node, "signature") && !document_find(d, node, "outcome"))
		expect->outcome = "failed";
	if (!*expect->outcome || strcmp(expect->outcome, "failed") == 0)
		return true;
	if (document_find(d, node, "signature") || document_find(d, node, "by"))
		return document_fail(d, node, "signature and by belong to the outcome 'failed', not '%s'",
				     expect->outcome);
	expect->signature = expect->by = "";
	return true;
}

static bool take_expect(struct document *d, yaml_node_t *node, const void *keys, void *into)
{
	return document_mapping(d, node, keys, true, into) && settle_outcome(d, node, into);
}

static bool take_word(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct scenario_word *word = into;

	word->node = node;
	return document_string(d, node, unused, &word->text);
}

/* A step is a word, or a mapping of one word to its argument. */
static bool take_steps(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	(void)unused;
	*(yaml_node_t **)into = node;
	if (node->type != YAML_SEQUENCE_NODE)
		return document_fail(d, node, "a list of steps must stand here");
	for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
		yaml_node_t *step = yaml_document_get_node(&d->yaml, *i);
		struct document_pairs pairs;

		if (step->type == YAML_SCALAR_NODE)
			continue;
		if (!document_entries(d, step, NULL, &pairs))
			return false;
		if (pairs.count != 1)
			return document_fail(d, step, "a step has one key; make each key a step of its own");
	}
	return true;
}

/* true, false, or "full": the queue of connections to accept is. */
static bool take_listen(struct document *d, yaml_node_t *node, const void *words, void *into)
{
	struct scenario_server *server = into;
	const char *word;

	if (!document_choice(d, node, words, &word))
		return false;
	server->listen = strcmp(word, "false") != 0;
	server->full = strcmp(word, "full") == 0;
	return true;
}

static bool take_hex(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const char *text;

	if (!document_string(d, node, unused, into))
		return false;
	text = *(const char **)into;
	return (*text && strlen(text) % 2 == 0 && !text[strspn(text, "0123456789abcdefABCDEF")]) ||
	       document_fail(d, node, "must be bytes in hexadecimal, two digits each");
}

static const struct document_key server_keys[] = {
	KEY("certificate", take_word, scenario_server, certificate, NULL, false),
	KEY("tls", document_pairs, scenario_server, tls, NULL, false),
	KEY("steps", take_steps, scenario_server, steps, NULL, false),
	{"listen", take_listen, 0, listens, false},
	KEY("alpn", document_strings, scenario_server, alpn, NULL, false),
	KEY("server-names", document_strings, scenario_server, names, NULL, false),
	KEY("staple", document_string, scenario_server, staple, NULL, false),
	KEY("psk", take_hex, scenario_server, psk, NULL, false),
	KEY("rotate-ticket-keys", document_boolean, scenario_server, rotate_ticket_keys, NULL, false),
	KEY("wait-for-request", document_boolean, scenario_server, wait_for_request, NULL, false),
	PLACE_KEYS(scenario_server),
	END_OF_KEYS,
};

/* What a file says of a case, and what an override says anew. */
static const struct document_key settings_keys[] = {
	KEY("server", document_submapping, scenario_settings, server, server_keys, false),
	KEY("path", document_submapping, scenario_settings, path, path_keys, false),
	KEY("client", document_submapping, scenario_settings, client, client_keys, false),
	KEY("expect", take_expect, scenario_settings, expect, expect_keys, true),
	END_OF_KEYS,
};

/* ---- Settings of a case ---- */

static bool take_parts(struct document *d, yaml_node_t *const nodes[4], struct scenario_settings *settings)
{
	for (size_t i = 0; i < 4; i++) {
		const struct document_key *key = &settings_keys[i];

		if (nodes[i] && !key->take(d, nodes[i], key->argument, (char *)settings + key->offset))
			return false;
	}
	return true;
}

static bool applies(const struct scenario_choices *when, const struct scenario_choice *choice)
{
	return scenario_admits(&when->client, choice->client) && scenario_admits(&when->tls, choice->tls) &&
	       scenario_admits(&when->family, choice->family);
}

bool scenario_settings(struct scenario *s, const struct scenario_choice *choice, struct scenario_settings *settings)
{
	yaml_node_t *const base[] = {s->server, s->path, s->client, s->expect};

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
	if (!take_parts(&s->document, base, settings))
		return false;
	for (size_t i = 0; i < s->override_count; i++) {
		const struct scenario_override *o = &s->overrides[i];
		yaml_node_t *const parts[] = {o->server, o->path, o->client, o->expect};

		if (applies(&o->when, choice) && !take_parts(&s->document, parts, settings))
			return false;
	}
	return true;
}

static const struct document_key client_case_keys[] = {
	KEY("tls", take_set, scenario_client_case, tls, scenario_versions, false),
	KEY("exit", document_integer, scenario_client_case, words.exit, exit_range, true),
	KEY("error", document_string, scenario_client_case, words.error, NULL, false),
	KEY("outcome", document_choice, scenario_client_case, expect.outcome, outcomes, false),
	KEY("signature", take_signature, scenario_client_case, expect.signature, NULL, false),
	KEY("by", document_choice, scenario_client_case, expect.by, parties, false),
	KEY("certainty", document_choice, scenario_client_case, expect.certainty, certainties, false),
	END_OF_KEYS,
};

bool scenario_take_client_case(struct document *d, yaml_node_t *node, struct scenario_client_case *into)
{
	return document_mapping(d, node, client_case_keys, false, into) && settle_outcome(d, node, &into->expect);
}

/* ---- Loading ---- */

static const struct document_key top_keys[] = {
	KEY("title", document_string, scenario, title, NULL, true),
	KEY("story", document_string, scenario, story, NULL, true),
	KEY("tags", take_tags, scenario, tags, NULL, false),
	KEY("server", document_node, scenario, server, NULL, false),
	KEY("path", document_node, scenario, path, NULL, false),
	KEY("client", document_node, scenario, client, NULL, false),
	KEY("expect", document_node, scenario, expect, NULL, true),
	KEY("variants", document_node, scenario, variants_node, NULL, false),
	KEY("overrides", document_node, scenario, overrides_node, NULL, false),
	END_OF_KEYS,
};

/* Of variants and of an override's `when`; the client names come from clients.yaml. */
static bool take_choices(struct document *d, yaml_node_t *node, const void *client_names, void *into)
{
	const struct document_key keys[] = {
		KEY("client", take_set, scenario_choices, client, client_names, false),
		KEY("tls", take_set, scenario_choices, tls, scenario_versions, false),
		KEY("family", take_set, scenario_choices, family, scenario_families, false),
		END_OF_KEYS,
	};

	return document_mapping(d, node, keys, true, into);
}

static bool take_override(struct document *d, yaml_node_t *node, const char *const *client_names,
			  struct scenario_override *into)
{
	const struct document_key keys[] = {
		KEY("when", take_choices, scenario_override, when, client_names, true),
		KEY("server", document_node, scenario_override, server, NULL, false),
		KEY("path", document_node, scenario_override, path, NULL, false),
		KEY("client", document_node, scenario_override, client, NULL, false),
		KEY("expect", document_node, scenario_override, expect, NULL, false),
		END_OF_KEYS,
	};

	return document_mapping(d, node, keys, false, into);
}

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
		if (!take_override(d, yaml_document_get_node(&d->yaml, *i), client_names,
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
		if (!check_word(d, entries.items[i].name_node, "client", entries.items[i].name, client_names))
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
		yaml_node_t *const parts[] = {o->server, o->path, o->client, o->expect};
		struct scenario_settings scratch = settings;

		if (!take_parts(&s->document, parts, &scratch) ||
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
	if (!document_load(d, path) || !document_mapping(d, document_root(d), top_keys, false, s))
		return false;
	s->name = name_of(path);
	if (!s->name)
		return document_fail(d, NULL, "out of memory");
	if (s->variants_node && !take_choices(d, s->variants_node, clients->names, &s->variants))
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

/* ---- What is injected, for people ---- */

/* Between two things that are injected. */
static void put_separator(FILE *out, const char *place)
{
	fflush(out);
	fprintf(out, "%s%s: ", ftell(out) ? "; " : "", place);
}

/* The rules that count are the fault; chains and policies around them say nothing to a reader. */
static void put_nft(FILE *out, const char *name, const char *nft)
{
	for (const char *line = nft; *line; line += strspn(line, "\n")) {
		size_t length = strcspn(line, "\n"), indent = strspn(line, " \t");

		if (memmem(line, length, "counter", strlen("counter"))) {
			put_separator(out, name);
			fprintf(out, "%.*s", (int)(length - indent), line + indent);
		}
		line += length;
	}
}

static void put_route(FILE *out, const char *name, const struct cell_route *route)
{
	put_separator(out, name);
	fprintf(out, "route %s%s%s%s%s", route->type ? route->type : "", route->type ? " " : "", route->to,
		route->via ? " via " : "", route->via ? route->via : "");
	for (size_t i = 0; i < sizeof(route->metrics) / sizeof(route->metrics[0]) && route->metrics[i].name; i++)
		fprintf(out, " %s %u", route->metrics[i].name, route->metrics[i].value);
}

static void put_place(FILE *out, const char *name, const struct place *place)
{
	put_nft(out, name, place->nft);
	for (size_t i = 0; i < place->routes.count; i++)
		put_route(out, name, &place->routes.items[i]);
	for (size_t i = 0; i < place->sysctl.count; i++) {
		put_separator(out, name);
		fprintf(out, "%s %s", place->sysctl.items[i].name, place->sysctl.items[i].value);
	}
}

int scenario_waits_ms(struct scenario *s, const struct scenario_settings *settings)
{
	int waits = settings->client.patience_ms == SCENARIO_PATIENCE_MS ? 0 : settings->client.patience_ms;
	json_t *steps = settings->server.steps ? document_json(&s->document, settings->server.steps) : NULL, *step;
	size_t i;

	json_array_foreach(steps, i, step)
		waits += (int)json_integer_value(json_object_get(step, "stall"));
	json_decref(steps);
	return waits;
}

static void put_mtu(FILE *out, const int mtu[CELL_INTERFACES])
{
	for (const struct document_key *key = mtu_keys; key->name; key++) {
		int value = mtu[key->offset / sizeof(int)];

		if (value) {
			put_separator(out, "path");
			fprintf(out, "mtu %s %d", key->name, value);
		}
	}
}

/* Words for the case's client are injected only where they differ from what it does of its own. */
static void put_words(FILE *out, const char *what, const struct client_options *options, const char *client)
{
	for (size_t i = 0; i < options->count; i++) {
		if (strcmp(options->items[i].value, client) != 0)
			continue;
		put_separator(out, client);
		fputs(what, out);
		for (size_t j = 0; j < options->items[i].words.count; j++)
			fprintf(out, " %s", options->items[i].words.items[j]);
	}
}

/* A rule of the wire, or a step that is not just a word: each key and its value. */
static void put_entry(FILE *out, struct document *d, yaml_node_t *entry)
{
	json_t *json = document_json(d, entry), *value;
	const char *separator = "";
	const char *key;

	if (json_is_string(json))
		fputs(json_string_value(json), out);
	json_object_foreach(json, key, value) {
		char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		fprintf(out, "%s%s %s", separator, key, text ? text : "");
		free(text);
		separator = ", ";
	}
	json_decref(json);
}

/* A list of what a server has, begun with its name. */
static void __attribute__((format(printf, 3, 4))) put_item(FILE *out, bool *begun, const char *format, ...)
{
	va_list arguments;

	if (*begun)
		fputs(", ", out);
	else
		put_separator(out, "server");
	*begun = true;
	va_start(arguments, format);
	vfprintf(out, format, arguments);
	va_end(arguments);
}

static void put_names(FILE *out, bool *begun, const char *what, const struct document_strings *names)
{
	for (size_t i = 0; i < names->count; i++)
		put_item(out, begun, "%s %s", what, names->items[i]);
}

static void put_wire(FILE *out, struct document *d, const struct wire_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		put_separator(out, "wire");
		put_entry(out, d, yaml_document_get_node(&d->yaml, rules->node->data.sequence.items.start[i]));
	}
}

static void put_server(FILE *out, struct document *d, const struct scenario_server *server)
{
	yaml_node_t *steps = server->steps;
	bool begun = false;

	if (!server->listen)
		put_item(out, &begun, "listens nowhere");
	if (server->full)
		put_item(out, &begun, "its queue is full");
	if (strcmp(server->certificate.text, "good") != 0)
		put_item(out, &begun, "certificate %s", server->certificate.text);
	for (size_t i = 0; i < server->tls.count; i++)
		put_item(out, &begun, "%s %s", server->tls.items[i].name, server->tls.items[i].value);
	put_names(out, &begun, "ALPN", &server->alpn);
	put_names(out, &begun, "name", &server->names);
	if (*server->staple)
		put_item(out, &begun, "staple %s", server->staple);
	if (*server->psk)
		put_item(out, &begun, "PSK %s", server->psk);
	if (server->rotate_ticket_keys)
		put_item(out, &begun, "rotates ticket keys");
	for (yaml_node_item_t *i = steps ? steps->data.sequence.items.start : NULL;
	     i && i < steps->data.sequence.items.top; i++) {
		put_item(out, &begun, "%s", "");
		put_entry(out, d, yaml_document_get_node(&d->yaml, *i));
	}
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

char *scenario_injected(struct scenario *s, const struct scenario_settings *settings, const char *client)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	put_place(out, "path", &settings->path.place);
	put_mtu(out, settings->path.mtu);
	put_wire(out, &s->document, &settings->path.wire);
	put_place(out, "client", &settings->client.place);
	put_words(out, "with", &settings->client.options, client);
	put_words(out, "is", &settings->client.command, client);
	put_place(out, "server", &settings->server.place);
	put_server(out, &s->document, &settings->server);
	fclose(out);
	if (text && !*text) {
		free(text);
		text = strdup("nothing");
	}
	return text;
}
