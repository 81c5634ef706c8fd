/* scenario_keys.c: see scenario_keys.h. */
#include "harness/scenario_keys.h"

#include <stdio.h>
#include <string.h>

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

/* Words out of those given, which stand for all when none is said. */
static bool take_set(struct document *d, yaml_node_t *node, const void *words, void *into)
{
	const struct document_strings *set = into;

	return document_choices(d, node, words, into) &&
	       (set->count > 0 || document_fail(d, node, "an empty list; leave the key out to mean all"));
}

/* Tags are words as names of scenarios are, so that a command line needs no quoting. */
static bool take_tags(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const struct document_strings *tags = into;

	if (!document_strings(d, node, unused, into))
		return false;
	for (size_t i = 0; i < tags->count; i++) {
		const char *tag = tags->items[i];

		if (!document_is_name(tag))
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

/* "stage/cause" or "stage/cause/detail…" */
static bool take_signature(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	char stage[64], cause[64];
	const char *signature;

	if (!document_string(d, node, unused, into))
		return false;
	signature = *(const char **)into;
	cut_part(cut_part(signature, stage, sizeof(stage)), cause, sizeof(cause));
	return document_check_word(d, node, "stage in the signature", stage, stages) &&
	       document_check_word(d, node, "cause in the signature", cause, causes);
}

/* ---- The tables of keys ---- */

static const int exit_range[] = {0, 255};
static const int connections_range[] = {1, 16};
static const int patience_range[] = {100, 60000};
static const int mtu_range[] = {68, 65535};
static const int capture_range[] = {1, 1 << 19};

/* What may be changed at each of the three places. */
#define PLACE_KEYS(type)                                                                                               \
	DOCUMENT_KEY("nft", document_string, type, place.nft, NULL, false),                                            \
		DOCUMENT_KEY("routes", place_take_routes, type, place.routes, NULL, false),                            \
		DOCUMENT_KEY("sysctl", place_take_sysctl, type, place.sysctl, NULL, false)

const struct document_key scenario_mtu_keys[] = {
	{"client", document_integer, CELL_CLIENT_ETH0 * sizeof(int), mtu_range, false},
	{"path-client", document_integer, CELL_PATH_CLIENT * sizeof(int), mtu_range, false},
	{"path-server", document_integer, CELL_PATH_SERVER * sizeof(int), mtu_range, false},
	{"server", document_integer, CELL_SERVER_ETH0 * sizeof(int), mtu_range, false},
	DOCUMENT_KEYS_END,
};

static const struct document_key path_keys[] = {
	DOCUMENT_KEY("mtu", document_submapping, scenario_path, mtu, scenario_mtu_keys, false),
	DOCUMENT_KEY("capture-packets", document_integer, scenario_path, capture_packets, capture_range, false),
	DOCUMENT_KEY("wire", wire_take_rules, scenario_path, wire, NULL, false),
	PLACE_KEYS(scenario_path),
	DOCUMENT_KEYS_END,
};

static const struct document_key client_keys[] = {
	DOCUMENT_KEY("patience-ms", document_integer, scenario_client, patience_ms, patience_range, false),
	DOCUMENT_KEY("options", client_options_take, scenario_client, options, NULL, false),
	DOCUMENT_KEY("command", client_options_take, scenario_client, command, NULL, false),
	PLACE_KEYS(scenario_client),
	DOCUMENT_KEYS_END,
};

static const struct document_key server_words_keys[] = {
	DOCUMENT_KEY("handshake", document_choice, scenario_server_words, handshake, handshakes, false),
	DOCUMENT_KEY("error", document_string, scenario_server_words, error, NULL, false),
	DOCUMENT_KEY("closed", document_boolean, scenario_server_words, closed, NULL, false),
	DOCUMENT_KEYS_END,
};

static const struct document_key client_words_keys[] = {
	DOCUMENT_KEY("exit", document_integer, scenario_client_words, exit, exit_range, true),
	DOCUMENT_KEY("error", document_string, scenario_client_words, error, NULL, false),
	DOCUMENT_KEYS_END,
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

/* Client names are checked by scenario_load(), which knows them. Here an override's entry replaces the earlier one. */
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

static const struct document_key between_keys[] = {
	DOCUMENT_KEY("dropped", document_choices, scenario_between, dropped, directions, false),
	DOCUMENT_KEY("appeared", document_choices, scenario_between, appeared, directions, false),
	DOCUMENT_KEY("duplicated", document_choices, scenario_between, duplicated, directions, false),
	DOCUMENT_KEY("changed", document_choices, scenario_between, changed, fields, false),
	DOCUMENT_KEY("may", document_choices, scenario_between, may, differences, false),
	DOCUMENT_KEY("signature", take_signature, scenario_between, signature, NULL, false),
	DOCUMENT_KEY("by", document_choice, scenario_between, by, parties, false),
	DOCUMENT_KEY("certainty", document_choice, scenario_between, certainty, certainties, false),
	DOCUMENT_KEYS_END,
};

static const struct document_key expect_keys[] = {
	DOCUMENT_KEY("outcome", document_choice, scenario_expect, outcome, outcomes, false),
	DOCUMENT_KEY("signature", take_signature, scenario_expect, signature, NULL, false),
	DOCUMENT_KEY("by", document_choice, scenario_expect, by, parties, false),
	DOCUMENT_KEY("certainty", document_choice, scenario_expect, certainty, certainties, false),
	DOCUMENT_KEY("connections", document_integer, scenario_expect, connections, connections_range, false),
	DOCUMENT_KEY("server", document_submapping, scenario_expect, server, server_words_keys, false),
	DOCUMENT_KEY("between", document_submapping, scenario_expect, between, between_keys, false),
	{"client", take_clients_words, 0, NULL, false},
	DOCUMENT_KEYS_END,
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
	DOCUMENT_KEY("certificate", take_word, scenario_server, certificate, NULL, false),
	DOCUMENT_KEY("tls", document_pairs, scenario_server, tls, NULL, false),
	DOCUMENT_KEY("steps", take_steps, scenario_server, steps, NULL, false),
	{"listen", take_listen, 0, listens, false},
	DOCUMENT_KEY("alpn", document_strings, scenario_server, alpn, NULL, false),
	DOCUMENT_KEY("server-names", document_strings, scenario_server, names, NULL, false),
	DOCUMENT_KEY("staple", document_string, scenario_server, staple, NULL, false),
	DOCUMENT_KEY("psk", take_hex, scenario_server, psk, NULL, false),
	DOCUMENT_KEY("rotate-ticket-keys", document_boolean, scenario_server, rotate_ticket_keys, NULL, false),
	DOCUMENT_KEY("wait-for-request", document_boolean, scenario_server, wait_for_request, NULL, false),
	PLACE_KEYS(scenario_server),
	DOCUMENT_KEYS_END,
};

/* What a file says of a case, and what an override says anew. */
static const struct document_key settings_keys[] = {
	DOCUMENT_KEY("server", document_submapping, scenario_settings, server, server_keys, false),
	DOCUMENT_KEY("path", document_submapping, scenario_settings, path, path_keys, false),
	DOCUMENT_KEY("client", document_submapping, scenario_settings, client, client_keys, false),
	DOCUMENT_KEY("expect", take_expect, scenario_settings, expect, expect_keys, true),
	DOCUMENT_KEYS_END,
};

/* The file itself. */
const struct document_key scenario_file_keys[] = {
	DOCUMENT_KEY("title", document_string, scenario, title, NULL, true),
	DOCUMENT_KEY("story", document_string, scenario, story, NULL, true),
	DOCUMENT_KEY("tags", take_tags, scenario, tags, NULL, false),
	DOCUMENT_KEY("server", document_node, scenario, server, NULL, false),
	DOCUMENT_KEY("path", document_node, scenario, path, NULL, false),
	DOCUMENT_KEY("client", document_node, scenario, client, NULL, false),
	DOCUMENT_KEY("expect", document_node, scenario, expect, NULL, true),
	DOCUMENT_KEY("variants", document_node, scenario, variants_node, NULL, false),
	DOCUMENT_KEY("overrides", document_node, scenario, overrides_node, NULL, false),
	DOCUMENT_KEYS_END,
};

/* ---- What others ask for ---- */

bool scenario_take_parts(struct document *d, yaml_node_t *const nodes[SCENARIO_PARTS],
			 struct scenario_settings *settings)
{
	for (size_t i = 0; i < SCENARIO_PARTS; i++) {
		const struct document_key *key = &settings_keys[i];

		if (nodes[i] && !key->take(d, nodes[i], key->argument, (char *)settings + key->offset))
			return false;
	}
	return true;
}

/* Of variants and of an override's `when`; the client names come from clients.yaml. */
bool scenario_take_choices(struct document *d, yaml_node_t *node, const void *client_names, void *into)
{
	const struct document_key keys[] = {
		DOCUMENT_KEY("client", take_set, scenario_choices, client, client_names, false),
		DOCUMENT_KEY("tls", take_set, scenario_choices, tls, scenario_versions, false),
		DOCUMENT_KEY("family", take_set, scenario_choices, family, scenario_families, false),
		DOCUMENT_KEYS_END,
	};

	return document_mapping(d, node, keys, true, into);
}

bool scenario_take_override(struct document *d, yaml_node_t *node, const char *const *client_names,
			    struct scenario_override *into)
{
	const struct document_key keys[] = {
		DOCUMENT_KEY("when", scenario_take_choices, scenario_override, when, client_names, true),
		DOCUMENT_KEY("server", document_node, scenario_override, server, NULL, false),
		DOCUMENT_KEY("path", document_node, scenario_override, path, NULL, false),
		DOCUMENT_KEY("client", document_node, scenario_override, client, NULL, false),
		DOCUMENT_KEY("expect", document_node, scenario_override, expect, NULL, false),
		DOCUMENT_KEYS_END,
	};

	return document_mapping(d, node, keys, false, into);
}

static const struct document_key client_case_keys[] = {
	DOCUMENT_KEY("tls", take_set, scenario_client_case, tls, scenario_versions, false),
	DOCUMENT_KEY("exit", document_integer, scenario_client_case, words.exit, exit_range, true),
	DOCUMENT_KEY("error", document_string, scenario_client_case, words.error, NULL, false),
	DOCUMENT_KEY("outcome", document_choice, scenario_client_case, expect.outcome, outcomes, false),
	DOCUMENT_KEY("signature", take_signature, scenario_client_case, expect.signature, NULL, false),
	DOCUMENT_KEY("by", document_choice, scenario_client_case, expect.by, parties, false),
	DOCUMENT_KEY("certainty", document_choice, scenario_client_case, expect.certainty, certainties, false),
	DOCUMENT_KEYS_END,
};

bool scenario_take_client_case(struct document *d, yaml_node_t *node, struct scenario_client_case *into)
{
	return document_mapping(d, node, client_case_keys, false, into) && settle_outcome(d, node, &into->expect);
}
