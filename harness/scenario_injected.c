/* scenario_injected.c: what a scenario injects, in words for people; see scenario.h. */
#include "harness/scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/scenario_keys.h"

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

static void put_mtu(FILE *out, const int mtu[CELL_INTERFACES])
{
	for (const struct document_key *key = scenario_mtu_keys; key->name; key++) {
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
