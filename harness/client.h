/* client.h: the TLS clients the lab can run, each described by an entry of scenarios/clients.yaml, none by code.
 *
 * An entry's command is a list of words. Within a word {host}, {port}, {address}, {trust} (file of trusted roots, in
 * the folder of all certificates, where the client runs), {folder} (that of the data file) and
 * {patience} (seconds, as "2.500") are replaced; a word that is just {tls} or {family} is replaced by the words the
 * entry lists for the variant's TLS version or address family, and {options} by those that the scenario adds.
 */
#ifndef HARNESS_CLIENT_H
#define HARNESS_CLIENT_H

#include <limits.h>

#include "harness/document.h"

/* Words for one value of a variant: "1.2" → --tls-max 1.2 */
struct client_option {
	const char *value;
	struct document_strings words;
};

struct client_options {
	size_t count;
	struct client_option *items;
};

struct client {
	const char *name;
	const char *program; /* must be there (process_find), else its cases are skipped */
	const char *folder; /* absolute, of clients.yaml: programs of the client's own lie below it */
	const char *package; /* the Debian package it comes with; "": it has the program's name */
	struct document_strings command;
	struct client_options tls, family;
	bool optional; /* used where a scenario has words for it, or when asked for by name */
	const char *input; /* for its standard input, which is then at its end; "" for none */
	bool input_stays_open; /* or which then waits for more */
};

struct clients {
	struct document document;
	char folder[PATH_MAX];
	size_t count;
	struct client *items;
	const char **names; /* of all, ended by NULL */
};

/* Reads clients.yaml. False: document.error says why. clients_free() is due either way. */
bool clients_load(struct clients *clients, const char *path);
void clients_free(struct clients *clients);

/* Taker for a mapping of values, each to one word or a list of them; into: struct client_options. */
bool client_options_take(struct document *d, yaml_node_t *node, const void *unused, void *into);

/* NULL when there is none of that name. */
const struct client *clients_find(const struct clients *clients, const char *name);

/* The words for one value, or NULL when the client cannot be told so. */
const struct document_strings *client_options_find(const struct client_options *options, const char *value);

/* What a command's placeholders stand for. */
struct client_setting {
	const char *tls, *family; /* values that client_options_find() knows */
	const char *host, *address, *trust;
	int port;
	int patience_ms;
	const struct document_strings *options; /* NULL: none */
	const struct document_strings *command; /* NULL: the client's own */
};

/* The command for execvp(), NULL-terminated; free with client_command_free(). NULL when out of memory. */
char **client_command(const struct client *client, const struct client_setting *setting);
void client_command_free(char **command);

#endif
