/* document.h: reads a YAML file into structs by a table of keys, with errors that say where and what was meant.
 *
 * libyaml composes the file into nodes that know their line and column; a table of struct document_key says which keys
 * a mapping may have and where their values go. An unknown key, a missing one or a bad value is an error
 * "FILE:LINE:COLUMN: what is wrong", with the nearest known word as a hint. (libcyaml, which does the same from a
 * schema, has neither mappings with free keys, which SSL_CONF_cmd names and client names need, nor values of two
 * shapes, which steps need, nor places for what is only found wrong later.)
 *
 * Strings taken out of a document point into it: they live as long as it does. What has been allocated for lists is
 * owned by the document too.
 */
#ifndef HARNESS_DOCUMENT_H
#define HARNESS_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <yaml.h>

struct document {
	yaml_document_t yaml;
	bool loaded;
	char *file;
	void **owned; /* blocks freed with the document */
	size_t owned_count;
	char error[1024]; /* of the call that returned false */
};

struct document_strings {
	size_t count;
	const char **items;
};

struct document_pair {
	const char *name;
	const char *value; /* NULL unless it is a single value */
	yaml_node_t *name_node, *value_node;
};

/* A mapping with free keys, in the order of the file. */
struct document_pairs {
	size_t count;
	struct document_pair *items;
};

/* Takes a node's value into what the key's offset points at; on a bad value says so with document_fail(). */
typedef bool document_take(struct document *d, yaml_node_t *node, const void *argument, void *into);

struct document_key {
	const char *name; /* NULL ends the table */
	document_take *take;
	size_t offset; /* into the struct given to document_mapping() */
	const void *argument; /* for take */
	bool required;
};

/* A row of a table: the key's value goes to a member of a struct. And the row that ends a table. */
#define DOCUMENT_KEY(name, take, type, member, argument, required)                                                     \
	{                                                                                                              \
		name, take, offsetof(struct type, member), argument, required                                          \
	}
#define DOCUMENT_KEYS_END                                                                                              \
	{                                                                                                              \
		NULL, NULL, 0, NULL, false                                                                             \
	}

/* Whether it is made of lower-case letters, digits and '-', which a shell leaves alone, and not empty. */
bool document_is_name(const char *text);

/* Opens a file to read it. NULL: errno says why not, also of a folder, which can be opened and not be read. */
FILE *document_open(const char *path);

/* Reads the one YAML document in `path`. False: error holds why. document_free() is due either way. */
bool document_load(struct document *d, const char *path);

/* The same for text in memory; `name` stands for the file in errors. */
bool document_parse(struct document *d, const char *name, const char *text, size_t length);

/* NULL and a document never loaded (all zero) are fine. */
void document_free(struct document *d);

/* The top node; NULL never after a successful load. */
yaml_node_t *document_root(struct document *d);

/* Sets error to "FILE:LINE:COLUMN: …" and returns false. `node` NULL stands for the file's beginning. */
bool document_fail(struct document *d, const yaml_node_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The word of `words` (ended by NULL) that `wrong` was most likely meant to be, or NULL when none is near. */
const char *document_nearest(const char *wrong, const char *const *words);

/* Zeroed memory that document_free() frees; NULL when out of memory. */
void *document_alloc(struct document *d, size_t count, size_t size);

/* Like document_fail(), for a word that is none of `words` (ended by NULL): with the nearest one as a hint, or all. */
bool document_fail_word(struct document *d, const yaml_node_t *node, const char *what, const char *wrong,
			const char *const *words);

/* Whether `word` is one of `words` (ended by NULL); if not, as document_fail_word(). */
bool document_check_word(struct document *d, const yaml_node_t *node, const char *what, const char *word,
			 const char *const *words);

/* The value of `key` in a mapping node, or NULL. */
yaml_node_t *document_find(struct document *d, yaml_node_t *mapping, const char *key);

/* Takes every key of a mapping by its table entry. Keys absent from the file leave their values as they are; with
 * `partial` that holds for required ones too (an override). */
bool document_mapping(struct document *d, yaml_node_t *node, const struct document_key *keys, bool partial, void *into);

/* Ready-made takers. The type behind `into` stands beside each. */
bool document_string(struct document *d, yaml_node_t *node, const void *unused, void *into); /* const char * */
bool document_strings(struct document *d, yaml_node_t *node, const void *unused,
		      void *into); /* struct document_strings; a
		single string is a list of one */
bool document_entries(struct document *d, yaml_node_t *node, const void *unused,
		      void *into); /* struct document_pairs */
bool document_pairs(struct document *d, yaml_node_t *node, const void *unused,
		    void *into); /* the same; single values only */
bool document_boolean(struct document *d, yaml_node_t *node, const void *unused, void *into); /* bool */
bool document_integer(struct document *d, yaml_node_t *node, const void *range,
		      void *into); /* int; range: const int[2] */
bool document_choice(struct document *d, yaml_node_t *node, const void *words,
		     void *into); /* const char *, one of words:
		const char *const[], ended by NULL */
bool document_choices(struct document *d, yaml_node_t *node, const void *words,
		      void *into); /* struct document_strings, each of words; a single one may stand without brackets */
bool document_submapping(struct document *d, yaml_node_t *node, const void *keys, void *into); /* the struct that keys:
		struct document_key[] describes; as partial */
bool document_node(struct document *d, yaml_node_t *node, const void *unused, void *into); /* yaml_node_t * */

/* A node as JSON: plain integers and true/false as such, all other scalars as strings. What is
 * nested deeper than 8 levels is left out. NULL when out of memory. */
json_t *document_json(struct document *d, yaml_node_t *node);

/* The words as a JSON array, which the caller frees; NULL when out of memory. */
json_t *document_strings_json(const struct document_strings *strings);

#endif
