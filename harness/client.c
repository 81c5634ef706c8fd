/* client.c: scenarios/clients.yaml and the commands made from it, see client.h. */
#include "harness/client.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WORDS_MAX = 64, /* of one command */
};

/* ---- Loading ---- */

bool client_options_take(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct client_options *options = into;
	struct document_pairs entries;

	if (!document_entries(d, node, unused, &entries))
		return false;
	options->count = entries.count;
	options->items = document_alloc(d, entries.count, sizeof(*options->items));
	if (!options->items)
		return document_fail(d, node, "out of memory");
	for (size_t i = 0; i < entries.count; i++) {
		options->items[i].value = entries.items[i].name;
		if (!document_strings(d, entries.items[i].value_node, NULL, &options->items[i].words))
			return false;
	}
	return true;
}

static const struct document_key client_keys[] = {
	DOCUMENT_KEY("program", document_string, client, program, NULL, true),
	DOCUMENT_KEY("package", document_string, client, package, NULL, false),
	DOCUMENT_KEY("command", document_strings, client, command, NULL, true),
	DOCUMENT_KEY("tls", client_options_take, client, tls, NULL, true),
	DOCUMENT_KEY("family", client_options_take, client, family, NULL, true),
	DOCUMENT_KEY("optional", document_boolean, client, optional, NULL, false),
	DOCUMENT_KEY("input", document_string, client, input, NULL, false),
	DOCUMENT_KEY("input-stays-open", document_boolean, client, input_stays_open, NULL, false),
	DOCUMENT_KEYS_END,
};

/* Names of cases and folders are made of it, which a shell is to leave alone. */
static bool check_name(struct document *d, const struct document_pair *entry)
{
	const char *name = entry->name;

	return document_is_name(name) ||
	       document_fail(d, entry->name_node, "'%s' is no name for a client: lower-case letters, digits and '-'",
			     name);
}

static bool load_entries(struct clients *clients, const struct document_pairs *entries)
{
	struct document *d = &clients->document;

	clients->items = document_alloc(d, entries->count, sizeof(*clients->items));
	clients->names = document_alloc(d, entries->count + 1, sizeof(*clients->names));
	if (!clients->items || !clients->names)
		return document_fail(d, NULL, "out of memory");
	for (size_t i = 0; i < entries->count; i++) {
		struct client *client = &clients->items[i];

		client->name = clients->names[i] = entries->items[i].name;
		client->input = client->package = "";
		client->folder = clients->folder;
		if (!check_name(d, &entries->items[i]) ||
		    !document_mapping(d, entries->items[i].value_node, client_keys, false, client))
			return false;
		clients->count++;
	}
	return true;
}

static bool find_folder(struct clients *clients, const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	return realpath(dirname(copy), clients->folder) ||
	       document_fail(&clients->document, NULL, "its folder: %s", strerror(errno));
}

bool clients_load(struct clients *clients, const char *path)
{
	struct document *d = &clients->document;
	struct document_pairs entries;

	memset(clients, 0, sizeof(*clients));
	return document_load(d, path) && find_folder(clients, path) &&
	       document_entries(d, document_root(d), NULL, &entries) && load_entries(clients, &entries);
}

void clients_free(struct clients *clients)
{
	document_free(&clients->document);
	memset(clients, 0, sizeof(*clients));
}

const struct client *clients_find(const struct clients *clients, const char *name)
{
	for (size_t i = 0; i < clients->count; i++) {
		if (strcmp(clients->items[i].name, name) == 0)
			return &clients->items[i];
	}
	return NULL;
}

const struct document_strings *client_options_find(const struct client_options *options, const char *value)
{
	for (size_t i = 0; i < options->count; i++) {
		if (strcmp(options->items[i].value, value) == 0)
			return &options->items[i].words;
	}
	return NULL;
}

/* ---- Commands ---- */

struct placeholder {
	const char *name;
	const char *value;
};

static const struct placeholder *find_placeholder(const struct placeholder *list, const char *at)
{
	for (; list->name; list++) {
		if (strncmp(at, list->name, strlen(list->name)) == 0)
			return list;
	}
	return NULL;
}

/* `word` with its placeholders replaced, allocated; NULL when out of memory. */
static char *expand(const char *word, const struct placeholder *list)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	while (*word) {
		const struct placeholder *p = *word == '{' ? find_placeholder(list, word) : NULL;

		fputs(p ? p->value : (char[]){*word, 0}, out);
		word += p ? strlen(p->name) : 1;
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static bool add_words(char **command, const struct document_strings *words, const struct placeholder *list)
{
	size_t used = 0;

	while (command[used])
		used++;
	for (size_t i = 0; words && i < words->count; i++) {
		if (used == WORDS_MAX)
			return false;
		command[used] = expand(words->items[i], list);
		if (!command[used++])
			return false;
	}
	return true;
}

static bool build(char **command, const struct client *client, const struct client_setting *setting,
		  const struct placeholder *list)
{
	const struct document_strings *template = setting->command ? setting->command : &client->command;

	for (size_t i = 0; i < template->count; i++) {
		const char *word = template->items[i];
		struct document_strings single = {1, &word};
		const struct document_strings *words = &single;

		if (strcmp(word, "{tls}") == 0)
			words = client_options_find(&client->tls, setting->tls);
		else if (strcmp(word, "{family}") == 0)
			words = client_options_find(&client->family, setting->family);
		else if (strcmp(word, "{options}") == 0)
			words = setting->options;
		if (!add_words(command, words, list))
			return false;
	}
	return true;
}

char **client_command(const struct client *client, const struct client_setting *setting)
{
	char port[16], patience[32];
	const struct placeholder list[] = {{"{host}", setting->host},
					   {"{address}", setting->address},
					   {"{trust}", setting->trust},
					   {"{port}", port},
					   {"{patience}", patience},
					   {"{folder}", client->folder},
					   {NULL, NULL}};
	char **command = calloc(WORDS_MAX + 1, sizeof(*command));

	snprintf(port, sizeof(port), "%d", setting->port);
	snprintf(patience, sizeof(patience), "%d.%03d", setting->patience_ms / 1000, setting->patience_ms % 1000);
	if (command && build(command, client, setting, list))
		return command;
	client_command_free(command);
	return NULL;
}

void client_command_free(char **command)
{
	for (size_t i = 0; command && command[i]; i++)
		free(command[i]);
	free(command);
}
