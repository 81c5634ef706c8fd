/* words.c: see words.h. */
#include "harness/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool take_variants(struct words *words, struct words_entry *entry, yaml_node_t *node)
{
	struct document *d = &words->document;
	bool list = node->type == YAML_SEQUENCE_NODE;

	entry->count = list ? (size_t)(node->data.sequence.items.top - node->data.sequence.items.start) : 1;
	entry->variants = document_alloc(d, entry->count, sizeof(yaml_node_t *));
	if (!entry->variants)
		return document_fail(d, node, "out of memory");
	for (size_t i = 0; i < entry->count; i++) {
		yaml_node_t *one = list ? yaml_document_get_node(&d->yaml, node->data.sequence.items.start[i]) : node;
		struct scenario_client_case scratch = {.expect = {.outcome = "", .signature = "", .by = ""}};

		entry->variants[i] = one;
		if (!scenario_take_client_case(d, one, &scratch))
			return false;
	}
	return true;
}

static bool take_entries(struct words *words)
{
	struct document *d = &words->document;
	struct document_pairs pairs;

	if (!document_entries(d, document_root(d), NULL, &pairs))
		return false;
	words->items = document_alloc(d, pairs.count, sizeof(*words->items));
	if (!words->items)
		return document_fail(d, NULL, "out of memory");
	for (size_t i = 0; i < pairs.count; i++) {
		struct words_entry *entry = &words->items[words->count++];

		entry->scenario = pairs.items[i].name;
		entry->name = pairs.items[i].name_node;
		if (!take_variants(words, entry, pairs.items[i].value_node))
			return false;
	}
	return true;
}

bool words_load(struct words *words, const char *folder, const char *client)
{
	char path[4096];

	memset(words, 0, sizeof(*words));
	snprintf(path, sizeof(path), "%s/clients/%s.yaml", folder, client);
	if (access(path, F_OK) != 0)
		return true;
	words->client = client;
	return document_load(&words->document, path) && take_entries(words);
}

void words_free(struct words *words)
{
	document_free(&words->document);
	memset(words, 0, sizeof(*words));
}

static bool apply(struct words *words, yaml_node_t *node, const struct scenario_choice *choice,
		  struct scenario_expect *expect)
{
	struct document *d = &words->document;
	struct scenario_client_case said = {.words = {.client = words->client, .error = ""}, .expect = *expect};

	if (!scenario_take_client_case(d, node, &said))
		return false;
	if (!scenario_admits(&said.tls, choice->tls))
		return true;
	if (scenario_words(expect, choice->client))
		return document_fail(d, node, "the scenario's own file has words for %s too", choice->client);
	if (expect->client_count == SCENARIO_CLIENTS_MAX)
		return document_fail(d, node, "more than %d clients", SCENARIO_CLIENTS_MAX);
	*expect = said.expect;
	expect->clients[expect->client_count++] = said.words;
	return true;
}

bool words_apply(struct words *words, const struct scenario *scenario, const struct scenario_choice *choice,
		 struct scenario_expect *expect)
{
	for (size_t i = 0; i < words->count; i++) {
		const struct words_entry *entry = &words->items[i];

		for (size_t k = 0; strcmp(entry->scenario, scenario->name) == 0 && k < entry->count; k++)
			if (!apply(words, entry->variants[k], choice, expect))
				return false;
	}
	return true;
}

bool words_check(struct words *words, struct scenario *const *scenarios, size_t count)
{
	const char **names = calloc(count + 1, sizeof(*names));
	bool ok = true;

	if (!names)
		return document_fail(&words->document, NULL, "out of memory");
	for (size_t i = 0; i < count; i++)
		names[i] = scenarios[i]->name;
	for (size_t i = 0; ok && i < words->count; i++) {
		bool known = false;

		for (size_t k = 0; !known && k < count; k++)
			known = strcmp(names[k], words->items[i].scenario) == 0;
		ok = known || document_fail_word(&words->document, words->items[i].name, "scenario",
						 words->items[i].scenario, names);
	}
	free(names);
	return ok;
}
