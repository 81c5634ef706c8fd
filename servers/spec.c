/* spec.c: the keys of a server's JSON object as a table, and how each is read. */
#include "servers/spec.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct key {
	const char *name;
	bool (*read)(struct spec *spec, json_t *value, char *error);
};

static bool read_string(char **to, json_t *value, const char *what, char *error)
{
	if (!json_is_string(value) || json_string_length(value) == 0)
		return complain(error, "%s: must be a string that is not empty", what);
	*to = strdup(json_string_value(value));
	return *to || complain(error, "no memory");
}

static bool valid_address(const char *address)
{
	struct in6_addr binary;

	return inet_pton(AF_INET, address, &binary) == 1 || inet_pton(AF_INET6, address, &binary) == 1;
}

static bool read_listen_one(struct spec *spec, json_t *value, char *error)
{
	struct spec_listen *listen = &spec->listen[spec->listen_count++];
	const char *address = NULL;
	json_error_t why;
	int port = -1, full = 0;

	if (json_unpack_ex(value, &why, JSON_STRICT, "{s:s, s:i, s?b}", "address", &address, "port", &port, "full",
			   &full))
		return complain(error, "listen[%zu]: %s", spec->listen_count - 1, why.text);
	if (!valid_address(address))
		return complain(error, "listen[%zu].address: \"%s\" is not an IPv4 or IPv6 address",
				spec->listen_count - 1, address);
	if (port < 0 || port > UINT16_MAX)
		return complain(error, "listen[%zu].port: %d is not a port", spec->listen_count - 1, port);
	listen->address = strdup(address);
	listen->port = (uint16_t)port;
	listen->full = full;
	return listen->address || complain(error, "no memory");
}

static bool read_listen(struct spec *spec, json_t *value, char *error)
{
	json_t *one;
	size_t i;

	if (!json_is_array(value) || json_array_size(value) == 0 || json_array_size(value) > SPEC_LISTEN_MAX)
		return complain(error, "listen: must be a list of 1 to %d addresses", SPEC_LISTEN_MAX);
	json_array_foreach(value, i, one)
		if (!read_listen_one(spec, one, error))
			return false;
	return true;
}

static bool read_certificate(struct spec *spec, json_t *value, char *error)
{
	return read_string(&spec->certificate, value, "certificate", error);
}

static bool read_key(struct spec *spec, json_t *value, char *error)
{
	return read_string(&spec->key, value, "key", error);
}

static bool read_staple(struct spec *spec, json_t *value, char *error)
{
	return read_string(&spec->staple, value, "staple", error);
}

static bool read_tls(struct spec *spec, json_t *value, char *error)
{
	json_t *pair;
	size_t i;

	if (!json_is_array(value))
		return complain(error, "tls: must be a list of [name, value] pairs");
	spec->tls = calloc(json_array_size(value) + 1, sizeof(*spec->tls));
	if (!spec->tls)
		return complain(error, "no memory");
	json_array_foreach(value, i, pair) {
		const char *name = NULL, *argument = NULL;

		if (!json_is_array(pair) || json_unpack(pair, "[s, s!]", &name, &argument))
			return complain(error, "tls[%zu]: must be a pair of strings [name, value]", i);
		spec->tls_count++;
		spec->tls[i] = (struct spec_option){strdup(name), strdup(argument)};
		if (!spec->tls[i].name || !spec->tls[i].value)
			return complain(error, "no memory");
	}
	return true;
}

static bool read_strings(char ***to, size_t *count, json_t *value, const char *what, char *error)
{
	json_t *one;
	size_t i;

	if (!json_is_array(value) || json_array_size(value) == 0)
		return complain(error, "%s: must be a list of strings that is not empty", what);
	*to = calloc(json_array_size(value), sizeof(**to));
	if (!*to)
		return complain(error, "no memory");
	json_array_foreach(value, i, one) {
		if (!read_string(&(*to)[i], one, what, error))
			return false;
		++*count;
	}
	return true;
}

static bool read_alpn(struct spec *spec, json_t *value, char *error)
{
	if (!read_strings(&spec->alpn, &spec->alpn_count, value, "alpn", error))
		return false;
	for (size_t i = 0; i < spec->alpn_count; i++)
		if (strlen(spec->alpn[i]) > UINT8_MAX)
			return complain(error, "alpn[%zu]: longer than 255 bytes", i);
	return true;
}

static bool read_server_names(struct spec *spec, json_t *value, char *error)
{
	return read_strings(&spec->server_names, &spec->server_names_count, value, "server-names", error);
}

static bool read_psk(struct spec *spec, json_t *value, char *error)
{
	struct buffer key = {0};
	bool good = json_is_string(value) && steps_hex(json_string_value(value), &key) && key.length > 0 &&
		    key.length <= SPEC_PSK_MAX;

	if (good) {
		memcpy(spec->psk, key.data, key.length);
		spec->psk_length = key.length;
	}
	buffer_free(&key);
	return good || complain(error, "psk: must be 1 to %d bytes in hexadecimal", SPEC_PSK_MAX);
}

static bool read_wait_for_request(struct spec *spec, json_t *value, char *error)
{
	spec->hasty = json_is_false(value);
	return json_is_boolean(value) || complain(error, "wait-for-request: must be true or false");
}

static bool read_rotate_ticket_keys(struct spec *spec, json_t *value, char *error)
{
	spec->rotate_ticket_keys = json_is_true(value);
	return json_is_boolean(value) || complain(error, "rotate-ticket-keys: must be true or false");
}

static bool read_steps(struct spec *spec, json_t *value, char *error)
{
	return steps_parse(&spec->steps, value, error);
}

static const struct key keys[] = {
	{"listen", read_listen},
	{"certificate", read_certificate},
	{"key", read_key},
	{"staple", read_staple},
	{"tls", read_tls},
	{"alpn", read_alpn},
	{"server-names", read_server_names},
	{"psk", read_psk},
	{"rotate-ticket-keys", read_rotate_ticket_keys},
	{"wait-for-request", read_wait_for_request},
	{"steps", read_steps},
};

static bool read_member(struct spec *spec, const char *name, json_t *value, char *error)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return keys[i].read(spec, value, error);
	return complain(error, "unknown key \"%s\"", name);
}

static bool read_object(struct spec *spec, json_t *object, char *error)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return complain(error, "the specification must be one JSON object");
	json_object_foreach(object, name, value)
		if (!read_member(spec, name, value, error))
			return false;
	if (spec->listen_count == 0)
		return complain(error, "listen: missing");
	if (!spec->certificate != !spec->key)
		return complain(error, "certificate and key: one of them is missing");
	return spec->steps.count > 0 || steps_default(&spec->steps, error);
}

struct spec *spec_parse(const char *text, size_t length, char error[static COMPLAINT_MAX])
{
	struct spec *spec = calloc(1, sizeof(*spec));
	json_error_t why;
	json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);

	if (!object || !spec) {
		snprintf(error, COMPLAINT_MAX, "not JSON: %s (column %d)", object ? "no memory" : why.text, why.column);
		goto fail;
	}
	if (!read_object(spec, object, error))
		goto fail;
	json_decref(object);
	return spec;
fail:
	json_decref(object);
	spec_free(spec);
	return NULL;
}

static void free_strings(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

void spec_free(struct spec *spec)
{
	if (!spec)
		return;
	for (size_t i = 0; i < spec->listen_count; i++)
		free(spec->listen[i].address);
	for (size_t i = 0; i < spec->tls_count; i++) {
		free(spec->tls[i].name);
		free(spec->tls[i].value);
	}
	free(spec->tls);
	free(spec->certificate);
	free(spec->key);
	free(spec->staple);
	free_strings(spec->alpn, spec->alpn_count);
	free_strings(spec->server_names, spec->server_names_count);
	steps_free(&spec->steps);
	free(spec);
}
