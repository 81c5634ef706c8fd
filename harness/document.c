/* document.c: YAML nodes into structs, see document.h. */
#include "harness/document.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPTH_MAX = 8, /* of nested nodes as JSON; an alias may name a node that it is part of */
	WORD_MAX = 64, /* longer words get no hint */
};

bool document_fail(struct document *d, const yaml_node_t *node, const char *format, ...)
{
	va_list arguments;
	int used = snprintf(d->error, sizeof(d->error), "%s:%zu:%zu: ", d->file, node ? node->start_mark.line + 1 : 1,
			    node ? node->start_mark.column + 1 : 1);

	if (used < 0 || (size_t)used >= sizeof(d->error))
		return false;
	va_start(arguments, format);
	vsnprintf(d->error + used, sizeof(d->error) - (size_t)used, format, arguments);
	va_end(arguments);
	return false;
}

/* ---- Loading ---- */

static bool fail_parser(struct document *d, const yaml_parser_t *parser)
{
	const yaml_mark_t *at = parser->problem_mark.line || parser->problem_mark.column ? &parser->problem_mark
											 : &parser->context_mark;
	const char *here = parser->unread ? (const char *)parser->buffer.pointer : "";

	if (parser->error == YAML_SCANNER_ERROR && *here == '\t') {
		snprintf(d->error, sizeof(d->error), "%s:%zu:%zu: a tab; YAML is indented with spaces", d->file,
			 at->line + 1, at->column + 1);
		return false;
	}
	snprintf(d->error, sizeof(d->error), "%s:%zu:%zu: %s%s%s", d->file, at->line + 1, at->column + 1,
		 parser->context ? parser->context : "", parser->context ? ": " : "",
		 parser->problem ? parser->problem : "out of memory");
	return false;
}

/* A file holds one document: what follows "---" would be ignored without a word otherwise. */
static bool check_single(struct document *d, yaml_parser_t *parser)
{
	yaml_document_t next;
	yaml_node_t *root;
	bool single;

	if (!yaml_parser_load(parser, &next))
		return fail_parser(d, parser);
	root = yaml_document_get_root_node(&next);
	single = !root || document_fail(d, root, "a second YAML document; one file holds one");
	yaml_document_delete(&next);
	return single;
}

static bool load(struct document *d, yaml_parser_t *parser)
{
	if (!yaml_parser_load(parser, &d->yaml))
		return fail_parser(d, parser);
	d->loaded = true;
	if (!yaml_document_get_root_node(&d->yaml))
		return document_fail(d, NULL, "the file is empty");
	return check_single(d, parser);
}

static bool init(struct document *d, const char *name, yaml_parser_t *parser)
{
	memset(d, 0, sizeof(*d));
	d->file = strdup(name);
	if (d->file && yaml_parser_initialize(parser))
		return true;
	snprintf(d->error, sizeof(d->error), "%s: out of memory", name);
	return false;
}

bool document_is_name(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

FILE *document_open(const char *path)
{
	FILE *file = fopen(path, "re");
	int code;

	if (!file)
		return NULL;
	if (fgetc(file) == EOF && ferror(file)) {
		code = errno;
		fclose(file);
		errno = code;
		return NULL;
	}
	rewind(file);
	return file;
}

bool document_load(struct document *d, const char *path)
{
	yaml_parser_t parser;
	FILE *file;
	bool ok;

	if (!init(d, path, &parser))
		return false;
	file = document_open(path);
	if (file) {
		yaml_parser_set_input_file(&parser, file);
		ok = load(d, &parser);
		fclose(file);
	} else {
		snprintf(d->error, sizeof(d->error), "%s: %s", path, strerror(errno));
		ok = false;
	}
	yaml_parser_delete(&parser);
	return ok;
}

bool document_parse(struct document *d, const char *name, const char *text, size_t length)
{
	yaml_parser_t parser;
	bool ok;

	if (!init(d, name, &parser))
		return false;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	ok = load(d, &parser);
	yaml_parser_delete(&parser);
	return ok;
}

void document_free(struct document *d)
{
	for (size_t i = 0; i < d->owned_count; i++)
		free(d->owned[i]);
	free(d->owned);
	if (d->loaded)
		yaml_document_delete(&d->yaml);
	free(d->file);
	memset(d, 0, sizeof(*d));
}

yaml_node_t *document_root(struct document *d)
{
	return yaml_document_get_root_node(&d->yaml);
}

void *document_alloc(struct document *d, size_t count, size_t size)
{
	void **owned = reallocarray(d->owned, d->owned_count + 1, sizeof(*owned));
	void *block;

	if (!owned)
		return NULL;
	d->owned = owned;
	block = calloc(count ? count : 1, size);
	if (block)
		d->owned[d->owned_count++] = block;
	return block;
}

/* ---- Hints ---- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance by one row: how many letters to insert, delete or change. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t changed = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = least(changed, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[length];
}

const char *document_nearest(const char *wrong, const char *const *words)
{
	const char *nearest = NULL;
	size_t near = strlen(wrong) / 3 + 2; /* farther away it is a guess, not a hint */

	for (; *words && strlen(wrong) <= WORD_MAX; words++) {
		size_t d = strlen(*words) <= WORD_MAX ? distance(wrong, *words) : near;

		if (d < near) {
			near = d;
			nearest = *words;
		}
	}
	return nearest;
}

bool document_fail_word(struct document *d, const yaml_node_t *node, const char *what, const char *wrong,
			const char *const *words)
{
	const char *nearest = document_nearest(wrong, words);
	char known[512] = "";

	if (nearest)
		return document_fail(d, node, "unknown %s '%s'; did you mean '%s'?", what, wrong, nearest);
	for (size_t used = 0; *words && used < sizeof(known); words++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", used ? ", " : "", *words);
	return document_fail(d, node, "unknown %s '%s'; known: %s", what, wrong, known);
}

bool document_check_word(struct document *d, const yaml_node_t *node, const char *what, const char *word,
			 const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return true;
	}
	return document_fail_word(d, node, what, word, words);
}

/* ---- Mappings ---- */

/* The text of a scalar, or NULL. libyaml ends it with NUL; one inside it is caught by take_text(). */
static const char *text_of(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static bool take_text(struct document *d, yaml_node_t *node, const char *what, const char **text)
{
	*text = text_of(node);
	if (!*text)
		return document_fail(d, node, "%s must be a single value", what);
	return strlen(*text) == node->data.scalar.length || document_fail(d, node, "%s holds a NUL character", what);
}

static const struct document_key *find_key(const struct document_key *keys, const char *name)
{
	for (; keys->name; keys++) {
		if (strcmp(keys->name, name) == 0)
			return keys;
	}
	return NULL;
}

static bool fail_key(struct document *d, yaml_node_t *node, const char *name, const struct document_key *keys)
{
	const char *words[32];
	size_t count = 0;

	for (; keys->name && count < 31; keys++)
		words[count++] = keys->name;
	words[count] = NULL;
	return document_fail_word(d, node, "key", name, words);
}

yaml_node_t *document_find(struct document *d, yaml_node_t *mapping, const char *key)
{
	if (mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < mapping->data.mapping.pairs.top; p++) {
		const char *name = text_of(yaml_document_get_node(&d->yaml, p->key));

		if (name && strcmp(name, key) == 0)
			return yaml_document_get_node(&d->yaml, p->value);
	}
	return NULL;
}

static bool check_required(struct document *d, yaml_node_t *node, const struct document_key *keys)
{
	for (; keys->name; keys++) {
		if (keys->required && !document_find(d, node, keys->name))
			return document_fail(d, node, "the key '%s' is missing", keys->name);
	}
	return true;
}

/* Each key of the mapping once, as text. */
static bool check_keys(struct document *d, yaml_node_t *node)
{
	if (node->type != YAML_MAPPING_NODE)
		return document_fail(d, node, "a mapping (key: value) must stand here");
	for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
		yaml_node_t *key = yaml_document_get_node(&d->yaml, p->key);
		const char *name;

		if (!take_text(d, key, "a key", &name))
			return false;
		if (document_find(d, node, name) != yaml_document_get_node(&d->yaml, p->value))
			return document_fail(d, key, "the key '%s' stands here a second time", name);
	}
	return true;
}

bool document_mapping(struct document *d, yaml_node_t *node, const struct document_key *keys, bool partial, void *into)
{
	if (!check_keys(d, node))
		return false;
	for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
		yaml_node_t *name = yaml_document_get_node(&d->yaml, p->key);
		const struct document_key *key = find_key(keys, text_of(name));

		if (!key)
			return fail_key(d, name, text_of(name), keys);
		if (!key->take(d, yaml_document_get_node(&d->yaml, p->value), key->argument,
			       (char *)into + key->offset))
			return false;
	}
	return partial || check_required(d, node, keys);
}

bool document_submapping(struct document *d, yaml_node_t *node, const void *keys, void *into)
{
	return document_mapping(d, node, keys, true, into);
}

/* ---- Values ---- */

bool document_string(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	(void)unused;
	return take_text(d, node, "this", into);
}

bool document_strings(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct document_strings *strings = into;
	bool list = node->type == YAML_SEQUENCE_NODE;
	yaml_node_item_t *first = list ? node->data.sequence.items.start : NULL;

	(void)unused;
	strings->count = list ? (size_t)(node->data.sequence.items.top - first) : 1;
	strings->items = document_alloc(d, strings->count, sizeof(*strings->items));
	if (!strings->items)
		return document_fail(d, node, "out of memory");
	if (!list)
		return take_text(d, node, "this", &strings->items[0]);
	for (size_t i = 0; i < strings->count; i++) {
		if (!take_text(d, yaml_document_get_node(&d->yaml, first[i]), "an entry of this list",
			       &strings->items[i]))
			return false;
	}
	return true;
}

bool document_entries(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct document_pairs *pairs = into;
	yaml_node_pair_t *p;

	(void)unused;
	if (!check_keys(d, node))
		return false;
	p = node->data.mapping.pairs.start;
	pairs->count = (size_t)(node->data.mapping.pairs.top - p);
	pairs->items = document_alloc(d, pairs->count, sizeof(*pairs->items));
	if (!pairs->items)
		return document_fail(d, node, "out of memory");
	for (size_t i = 0; i < pairs->count; i++) {
		struct document_pair *pair = &pairs->items[i];

		pair->name_node = yaml_document_get_node(&d->yaml, p[i].key);
		pair->value_node = yaml_document_get_node(&d->yaml, p[i].value);
		pair->name = text_of(pair->name_node);
		pair->value = text_of(pair->value_node);
	}
	return true;
}

bool document_pairs(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const struct document_pairs *pairs = into;

	if (!document_entries(d, node, unused, into))
		return false;
	for (size_t i = 0; i < pairs->count; i++) {
		if (!take_text(d, pairs->items[i].value_node, "the value", &pairs->items[i].value))
			return false;
	}
	return true;
}

bool document_boolean(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const char *text = text_of(node);

	(void)unused;
	if (!text || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
		return document_fail(d, node, "must be true or false");
	*(bool *)into = strcmp(text, "true") == 0;
	return true;
}

/* A whole decimal number within int; false for anything else. */
static bool parse_integer(const char *text, int *value)
{
	char *end;
	long parsed;

	errno = 0;
	parsed = strtol(text, &end, 10);
	if (end == text || *end || errno || parsed < INT_MIN || parsed > INT_MAX)
		return false;
	*value = (int)parsed;
	return true;
}

bool document_integer(struct document *d, yaml_node_t *node, const void *range, void *into)
{
	const int *limits = range;
	const char *text = text_of(node);
	int value;

	if (!text || !parse_integer(text, &value) || value < limits[0] || value > limits[1])
		return document_fail(d, node, "must be a whole number from %d to %d", limits[0], limits[1]);
	*(int *)into = value;
	return true;
}

bool document_choice(struct document *d, yaml_node_t *node, const void *words, void *into)
{
	const char *text;

	if (!take_text(d, node, "this", &text))
		return false;
	for (const char *const *word = words; *word; word++) {
		if (strcmp(*word, text) == 0) {
			*(const char **)into = *word;
			return true;
		}
	}
	return document_fail_word(d, node, "value", text, words);
}

bool document_choices(struct document *d, yaml_node_t *node, const void *words, void *into)
{
	const struct document_strings *list = into;

	if (!document_strings(d, node, NULL, into))
		return false;
	for (size_t i = 0; i < list->count; i++) {
		yaml_node_t *entry = node->type == YAML_SEQUENCE_NODE
					     ? yaml_document_get_node(&d->yaml, node->data.sequence.items.start[i])
					     : node;

		if (!document_choice(d, entry, words, &list->items[i]))
			return false;
	}
	return true;
}

bool document_node(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	(void)d;
	(void)unused;
	*(yaml_node_t **)into = node;
	return true;
}

/* ---- JSON ---- */

static json_t *scalar_json(const yaml_node_t *node)
{
	const char *text = text_of(node);
	int number;

	if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return json_stringn(text, node->data.scalar.length);
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return json_boolean(text[0] == 't');
	return parse_integer(text, &number) ? json_integer(number) : json_string(text);
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than DEPTH_MAX */
static json_t *node_json(struct document *d, yaml_node_t *node, int depth)
{
	json_t *json;

	if (depth > DEPTH_MAX)
		return NULL;
	if (node->type == YAML_SCALAR_NODE)
		return scalar_json(node);
	if (node->type == YAML_SEQUENCE_NODE) {
		yaml_node_item_t *i = node->data.sequence.items.start;

		json = json_array();
		for (; i < node->data.sequence.items.top; i++)
			json_array_append_new(json, node_json(d, yaml_document_get_node(&d->yaml, *i), depth + 1));
		return json;
	}
	json = json_object();
	for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
		const char *key = text_of(yaml_document_get_node(&d->yaml, p->key));
		yaml_node_t *value = yaml_document_get_node(&d->yaml, p->value);

		json_object_set_new(json, key ? key : "", node_json(d, value, depth + 1));
	}
	return json;
}

json_t *document_json(struct document *d, yaml_node_t *node)
{
	return node_json(d, node, 0);
}

json_t *document_strings_json(const struct document_strings *strings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < strings->count; i++)
		json_array_append_new(list, json_string(strings->items[i]));
	return list;
}
