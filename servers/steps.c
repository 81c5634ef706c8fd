/* steps.c: the step language as a table, and the reading of steps from JSON; see steps.h. */
#include "servers/steps.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servers/actions.h"
#include "servers/names.h"

#define TIMES_MAX 10000
#define BODY_DEFAULT 3
#define BODY_MAX (8l << 20)

#define complain(error, ...) (snprintf(error, STEPS_ERROR_MAX, __VA_ARGS__), false)

static bool add_text(struct step *step, const char *text, char *error)
{
	return buffer_append(&step->bytes, text, strlen(text)) || complain(error, "too long");
}

static bool add_hex(struct step *step, const char *text, char *error)
{
	return steps_hex(text, &step->bytes) || complain(error, "\"%.40s\" is not hexadecimal", text);
}

/* A string, or {"bytes": STRING, "times": N}. */
static bool read_payload(struct step *step, json_t *argument, char *error,
			 bool (*add)(struct step *step, const char *text, char *error))
{
	const char *text = json_string_value(argument);
	int times = 1;
	json_error_t why;

	if (!text && json_unpack_ex(argument, &why, JSON_STRICT, "{s:s, s?i}", "bytes", &text, "times", &times))
		return complain(error, "must be a string or {\"bytes\": …, \"times\": …}: %s", why.text);
	if (times < 1 || times > TIMES_MAX)
		return complain(error, "times: must be 1 to %d", TIMES_MAX);
	step->number = times;
	return add(step, text, error);
}

static bool read_text(struct step *step, json_t *argument, char *error)
{
	return read_payload(step, argument, error, add_text);
}

static bool read_hex(struct step *step, json_t *argument, char *error)
{
	return read_payload(step, argument, error, add_hex);
}

static bool read_number(const json_t *argument, long min, long max, long *number, char *error)
{
	const char *text = json_string_value(argument);
	char *end = NULL;

	if (text)
		*number = strtol(text, &end, 10);
	else
		*number = (long)json_integer_value(argument);
	if ((text ? !*text || *end : !json_is_integer(argument)) || *number < min || *number > max)
		return complain(error, "must be a number from %ld to %ld", min, max);
	return true;
}

static bool read_stall(struct step *step, json_t *argument, char *error)
{
	return read_number(argument, 0, STEPS_STALL_MAX, &step->number, error);
}

/* "NAME", NUMBER, or {"description": …, "level": "fatal" or "warning", "version": NUMBER}; a plain record of TLS 1.2. */
static bool read_alert(struct step *step, json_t *argument, char *error)
{
	json_t *what = argument;
	const char *level = "fatal";
	int number, version = 0x0303;
	json_error_t why;

	if (json_is_object(argument) && json_unpack_ex(argument, &why, JSON_STRICT, "{s:o, s?s, s?i}", "description",
						       &what, "level", &level, "version", &version))
		return complain(error, "%s", why.text);
	number = json_is_integer(what) ? (int)json_integer_value(what)
				       : names_alert(json_is_string(what) ? json_string_value(what) : "");
	if (number < 0 || number > UINT8_MAX)
		return complain(error, "must be an alert's IANA name or its number, 0 to 255");
	if (strcmp(level, "fatal") != 0 && strcmp(level, "warning") != 0)
		return complain(error, "level: must be fatal or warning");
	if (version < 0 || version > UINT16_MAX)
		return complain(error, "version: must be 0 to 65535");
	step->number = 1;
	return buffer_append(&step->bytes,
			     (uint8_t[]){21, (uint8_t)(version >> 8), (uint8_t)version, 0, 2,
					 strcmp(level, "fatal") == 0 ? 2 : 1, (uint8_t)number},
			     7) ||
	       complain(error, "no memory");
}

/* The length of the body in bytes. */
static bool read_body(struct step *step, json_t *argument, char *error)
{
	step->number = BODY_DEFAULT;
	return !argument || read_number(argument, 0, BODY_MAX, &step->number, error);
}

static const struct step_kind kinds[] = {
	{"read client-hello", .run = action_read_client_hello, .reads = true},
	{"handshake", .run = action_handshake, .reads = true},
	{"http", .read = read_body, .optional = true, .run = action_http, .reads = true},
	{"read request", .run = action_read_request, .reads = true},
	{"send-data", .read = read_text, .run = action_send_data},
	{"send-text", .read = read_text, .run = action_send},
	{"send-hex", .read = read_hex, .run = action_send},
	{"alert", .read = read_alert, .run = action_send},
	{"stall", .read = read_stall, .run = action_stall},
	{"close-notify", .run = action_close_notify, .joins = true},
	{"close", .run = action_end, .end = STEP_CLOSES},
	{"reset", .run = action_await_acknowledged, .end = STEP_RESETS},
	{"hold", .run = action_end, .end = STEP_HOLDS},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

bool steps_hex(const char *text, struct buffer *bytes)
{
	for (; *text; text += 2) {
		char pair[3] = {0};

		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			break;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
			return false;
		memcpy(pair, text, 2);
		if (!buffer_append(bytes, (uint8_t[]){(uint8_t)strtol(pair, NULL, 16)}, 1))
			return false;
	}
	return true;
}

static const struct step_kind *find(const char *name, size_t length)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, name, length) == 0)
			return &kinds[i];
	return NULL;
}

/* The row of a string step: its whole text is a name, or its beginning, up to a space, is the longest such name. */
static const struct step_kind *find_string(const char *text, const char **argument)
{
	const struct step_kind *kind = find(text, strlen(text));

	*argument = NULL;
	for (size_t length = strlen(text); !kind && length > 0; length--)
		if (text[length] == ' ') {
			kind = find(text, length);
			*argument = text + length + 1;
		}
	return kind;
}

static bool unknown_step(const char *text, char *error)
{
	size_t at = (size_t)snprintf(error, STEPS_ERROR_MAX, "unknown step \"%.60s\"; there are:", text);

	for (size_t i = 0; i < KINDS && at < STEPS_ERROR_MAX; i++)
		at += (size_t)snprintf(error + at, STEPS_ERROR_MAX - at, "%s %s", i ? "," : "", kinds[i].name);
	return false;
}

static bool read_step(struct step *step, const struct step_kind *kind, json_t *argument, char *error)
{
	char why[STEPS_ERROR_MAX];

	step->kind = kind;
	if (argument && !kind->read)
		return complain(error, "\"%s\" takes no argument", kind->name);
	if (!argument && kind->read && !kind->optional)
		return complain(error, "\"%s\" needs an argument", kind->name);
	if (kind->read && !kind->read(step, argument, why))
		return complain(error, "\"%s\": %.400s", kind->name, why);
	return true;
}

static bool parse_string(struct step *step, json_t *value, char *error)
{
	const char *text = json_string_value(value), *argument;
	const struct step_kind *kind = find_string(text, &argument);
	json_t *copy;
	bool good;

	if (!kind)
		return unknown_step(text, error);
	copy = argument ? json_string(argument) : NULL;
	step->label = strdup(text);
	good = read_step(step, kind, copy, error);
	json_decref(copy);
	return good;
}

static bool parse_object(struct step *step, json_t *value, char *error)
{
	const char *name = json_object_iter_key(json_object_iter(value));
	const struct step_kind *kind;

	if (json_object_size(value) != 1)
		return complain(error, "a step is an object with one key");
	kind = find(name, strlen(name));
	if (!kind)
		return unknown_step(name, error);
	step->label = strdup(name);
	return read_step(step, kind, json_object_get(value, name), error);
}

static bool parse_one(struct steps *steps, json_t *value, char *error)
{
	struct step *step = &steps->step[steps->count++];

	if (json_is_string(value))
		return parse_string(step, value, error);
	if (json_is_object(value))
		return parse_object(step, value, error);
	return complain(error, "a step is a string or an object");
}

static void append_quietly(struct steps *steps, const char *name)
{
	steps->step[steps->count++].kind = find(name, strlen(name));
}

/* Whether the connection is ended before anything is read. */
static bool ends_unread(const struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct step_kind *kind = steps->step[i].kind;

		if (kind->reads || kind->end == STEP_HOLDS)
			return false;
		if (kind->end != STEP_GOES_ON)
			return true;
	}
	return false;
}

bool steps_parse(struct steps *steps, json_t *list, char error[static STEPS_ERROR_MAX])
{
	char why[STEPS_ERROR_MAX];
	size_t i;
	json_t *value;

	if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > STEPS_MAX - 2)
		return complain(error, "steps: must be a list of 1 to %d steps", STEPS_MAX - 2);
	json_array_foreach(list, i, value)
	{
		if (i > 0 && steps->step[steps->count - 1].kind->end != STEP_GOES_ON)
			return complain(error, "steps[%zu]: nothing can follow \"%s\"", i,
					steps->step[i - 1].kind->name);
		if (!parse_one(steps, value, why))
			return complain(error, "steps[%zu]: %.450s", i, why);
	}
	if (steps->step[steps->count - 1].kind->end == STEP_GOES_ON) {
		append_quietly(steps, "close-notify");
		append_quietly(steps, "close");
	}
	steps->deaf = ends_unread(steps);
	return true;
}

bool steps_default(struct steps *steps, char error[static STEPS_ERROR_MAX])
{
	json_t *list = json_pack("[s, s]", "handshake", "http");
	bool good = list && steps_parse(steps, list, error);

	json_decref(list);
	return good;
}

void steps_free(struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		free(steps->step[i].label);
		buffer_free(&steps->step[i].bytes);
		json_decref(steps->step[i].object);
	}
	steps->count = 0;
}
