/* steps.c: the step language as a table, and the reading of steps from JSON; see steps.h. */
#include "servers/steps.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servers/actions.h"
#include "servers/hello.h"
#include "servers/names.h"
#include "servers/preamble.h"
#include "servers/record.h"
#include "servers/session.h"

#define TIMES_MAX 10000
#define BODY_DEFAULT 3
#define BODY_MAX (8l << 20)

/* A complaint that ends with names; the last one is followed by NULL. */
static bool list_after(char *error, const char *words, const char *(*name)(size_t index))
{
	size_t at = (size_t)snprintf(error, COMPLAINT_MAX, "%s", words);

	for (size_t i = 0; name(i) && at < COMPLAINT_MAX; i++)
		at += (size_t)snprintf(error + at, COMPLAINT_MAX - at, "%s %s", i ? "," : "", name(i));
	return false;
}

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

/* "NAME", NUMBER, or {"description": …, "level": "fatal" or "warning", "version": NUMBER}; a plain record of TLS
 * 1.2. */
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

static bool read_target(struct step *step, json_t *argument, char *error)
{
	step->target = session_target(json_is_string(argument) ? json_string_value(argument) : "");
	return step->target || list_after(error, "must be one of:", session_target_name);
}

/* {"segments": BYTES, "records": BYTES, "acknowledged": true}, of which one number has to be there. */
static bool read_split(struct step *step, json_t *argument, char *error)
{
	int segments = 0, records = 0, acknowledged = 0;
	json_error_t why;

	if (json_unpack_ex(argument, &why, JSON_STRICT, "{s?i, s?i, s?b}", "segments", &segments, "records", &records,
			   "acknowledged", &acknowledged))
		return complain(error, "%s", why.text);
	if (segments < 0 || segments > RECORD_PAYLOAD_MAX || records < 0 || records > RECORD_PAYLOAD_MAX ||
	    segments + records == 0)
		return complain(error, "segments, records: must be a number of bytes, 1 to %d", RECORD_PAYLOAD_MAX);
	step->number = segments;
	step->second = records;
	step->flag = acknowledged;
	return true;
}

/* A message of the server's, or {"message": …, "byte": NUMBER}; by default the last byte (-1). */
static bool read_corrupt(struct step *step, json_t *argument, char *error)
{
	json_t *message = argument;
	json_int_t byte = -1;
	json_error_t why;

	if (json_is_object(argument) &&
	    json_unpack_ex(argument, &why, JSON_STRICT, "{s:o, s?I}", "message", &message, "byte", &byte))
		return complain(error, "%s", why.text);
	step->number = (long)byte;
	if (!read_target(step, message, error))
		return false;
	return (step->target->written && step->target->messages[1] < 0) ||
	       complain(error, "must be one message of the server's");
}

static bool read_hello(struct step *step, json_t *argument, char *error)
{
	char why[COMPLAINT_MAX];

	step->object = argument ? json_incref(argument) : json_object();
	return hello_check(step->object, why) || complain(error, "%s", why);
}

static bool read_retry(struct step *step, json_t *argument, char *error)
{
	step->flag = true;
	return read_hello(step, argument, error);
}

static bool read_count(struct step *step, json_t *argument, char *error)
{
	return read_number(argument, 1, BODY_MAX, &step->number, error);
}

/* A list of [WORD, ANSWER] pairs. */
static bool read_answers(struct step *step, json_t *argument, char *error)
{
	json_t *pair;
	size_t i;

	if (!json_is_array(argument) || json_array_size(argument) == 0)
		return complain(error, "must be a list of [WORD, ANSWER] pairs");
	json_array_foreach(argument, i, pair)
		if (json_array_size(pair) != 2 || !json_is_string(json_array_get(pair, 0)) ||
		    !json_is_string(json_array_get(pair, 1)))
			return complain(error, "[%zu]: must be a pair of strings [WORD, ANSWER]", i);
	step->object = json_incref(argument);
	return true;
}

/* "PROTOCOL", or {"protocol": …, "refuse": true, "answer": TEXT}. */
static json_t *expand_preamble(json_t *argument, char *error)
{
	const char *protocol = json_string_value(argument), *answer = NULL;
	int refuse = 0;
	json_error_t why;
	json_t *steps;

	if (!protocol && json_unpack_ex(argument, &why, JSON_STRICT, "{s:s, s?b, s?s}", "protocol", &protocol, "refuse",
					&refuse, "answer", &answer)) {
		complain(error, "%s", why.text);
		return NULL;
	}
	steps = preamble_steps(protocol, refuse, answer);
	if (!steps)
		list_after(error, "must be one of:", preamble_name);
	return steps;
}

static const struct step_kind kinds[] = {
	{"read client-hello", .run = action_read_client_hello, .reads = true,
	 .help = "reads a whole ClientHello; a handshake can still follow"},
	{"handshake", .run = action_handshake, .reads = true, .help = "goes through the TLS handshake to its end"},
	{"handshake until", "MESSAGE", .read = read_target, .run = action_handshake_until, .reads = true,
	 .help = "goes on with it until this has been sent or read, and keeps the rest back"},
	{"split", "{segments: BYTES, records: BYTES, acknowledged: BOOL}", .read = read_split, .run = action_split,
	 .help = "from here on sends in small segments, each acknowledged first, or small records"},
	{"corrupt", "MESSAGE | {message: MESSAGE, byte: N}", .read = read_corrupt, .run = action_corrupt, .later = true,
	 .help = "changes a byte of the next such message, by default the last"},
	{"send server-hello", "{FIELD: VALUE, …}", .read = read_hello, .optional = true, .run = action_send_hello,
	 .help = "answers the ClientHello by hand: version, random, session-id, cipher-suite, …"},
	{"send hello-retry-request", "{FIELD: VALUE, …}", .read = read_retry, .optional = true,
	 .run = action_send_hello, .help = "asks for another key share by hand; fields as above"},
	{"preamble", "PROTOCOL | {protocol: PROTOCOL, refuse: BOOL, answer: TEXT}", .expand = expand_preamble,
	 .help = "STARTTLS or CONNECT in plain text, granted, refused, or answered by the text"},
	{"expect", "TEXT", .read = read_text, .run = action_expect, .reads = true,
	 .help = "reads up to and including the text"},
	{"expect-hex", "HEX", .read = read_hex, .run = action_expect_exactly, .reads = true,
	 .help = "reads these bytes"},
	{"read-bytes", "N", .read = read_count, .run = action_read_bytes, .reads = true, .help = "reads so many bytes"},
	{"answer-lines", "[[WORD, ANSWER], …]", .read = read_answers, .run = action_answer_lines, .reads = true,
	 .help = "answers lines that contain a word, until the last pair was used; ${tag}: the line's first word"},
	{"http", "BYTES", .read = read_body, .optional = true, .run = action_http, .reads = true,
	 .help = "answers an HTTP request with 200 and a body"},
	{"read request", .run = action_read_request, .reads = true, .help = "reads an HTTP request"},
	{"read to the end", .run = action_read_to_end, .reads = true,
	 .help = "reads, and lets TLS answer, until the client has closed"},
	{"send-data", "TEXT", .read = read_text, .run = action_send_data, .help = "sends application data"},
	{"send-text", "TEXT | {bytes: TEXT, times: N}", .read = read_text, .run = action_send,
	 .help = "sends text as it is"},
	{"send-hex", "HEX | {bytes: HEX, times: N}", .read = read_hex, .run = action_send,
	 .help = "sends bytes as they are"},
	{"alert", "ALERT | {description: ALERT, level: fatal|warning, version: N}", .read = read_alert,
	 .run = action_send, .help = "sends an alert in the clear, by IANA name or number"},
	{"stall", "MILLISECONDS", .read = read_stall, .run = action_stall, .help = "waits"},
	{"await data", .run = action_await_data, .watches = true,
	 .help = "waits until data has arrived, which close and reset then leave unacknowledged"},
	{"close-notify", .run = action_close_notify, .joins = true, .help = "ends TLS in order"},
	{"close", .run = action_end, .joins = true, .end = STEP_CLOSES, .help = "FIN"},
	{"reset", .run = action_await_acknowledged, .end = STEP_RESETS,
	 .help = "RST, once what was sent is acknowledged"},
	{"hold", .run = action_end, .end = STEP_HOLDS, .help = "stays silent until the client leaves"},
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

static const char *kind_name(size_t index)
{
	return index < KINDS ? kinds[index].name : NULL;
}

const struct step_kind *steps_kind(size_t index)
{
	return index < KINDS ? &kinds[index] : NULL;
}

static bool unknown_step(const char *text, char *error)
{
	char words[128];

	snprintf(words, sizeof(words), "unknown step \"%.60s\"; there are:", text);
	return list_after(error, words, kind_name);
}

static bool parse_list(struct steps *steps, json_t *list, bool quiet, char *error);

/* Steps that stand for others are not reported one by one: the last of them speaks for all. */
static bool expand(struct steps *steps, const struct step_kind *kind, const char *label, json_t *argument, char *error)
{
	json_t *list = kind->expand(argument, error);
	bool good = list && parse_list(steps, list, true, error);

	if (good)
		steps->step[steps->count - 1].label = strdup(label);
	json_decref(list);
	return good;
}

static bool add_step(struct steps *steps, const struct step_kind *kind, const char *label, json_t *argument,
		     char *error)
{
	bool wants = kind->read || kind->expand;
	struct step *step;

	if (argument && !wants)
		return complain(error, "it takes no argument");
	if (!argument && wants && !kind->optional)
		return complain(error, "it needs an argument");
	if (kind->expand)
		return expand(steps, kind, label, argument, error);
	/* two are kept for the end that is implied */
	if (steps->count == STEPS_MAX - 2)
		return complain(error, "there are more than %d steps", STEPS_MAX - 2);
	step = &steps->step[steps->count++];
	step->kind = kind;
	step->label = strdup(label);
	return !kind->read || kind->read(step, argument, error);
}

static bool parse_named(struct steps *steps, const struct step_kind *kind, const char *label, json_t *argument,
			char *error)
{
	char why[COMPLAINT_MAX] = "";

	if (!kind)
		return unknown_step(label, error);
	return add_step(steps, kind, label, argument, why) || complain(error, "\"%s\": %.400s", kind->name, why);
}

static bool parse_string(struct steps *steps, json_t *value, char *error)
{
	const char *text = json_string_value(value), *argument;
	const struct step_kind *kind = find_string(text, &argument);
	json_t *copy = argument && kind ? json_string(argument) : NULL;
	bool good = parse_named(steps, kind, text, copy, error);

	json_decref(copy);
	return good;
}

static bool parse_object(struct steps *steps, json_t *value, char *error)
{
	const char *name = json_object_iter_key(json_object_iter(value));

	if (json_object_size(value) != 1)
		return complain(error, "a step is an object with one key");
	return parse_named(steps, find(name, strlen(name)), name, json_object_get(value, name), error);
}

static bool parse_one(struct steps *steps, json_t *value, char *error)
{
	if (json_is_string(value))
		return parse_string(steps, value, error);
	if (json_is_object(value))
		return parse_object(steps, value, error);
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

static bool parse_list(struct steps *steps, json_t *list, bool quiet, char *error)
{
	char why[COMPLAINT_MAX] = "";
	size_t i;
	json_t *value;

	json_array_foreach(list, i, value) {
		const struct step *last = steps->count ? &steps->step[steps->count - 1] : NULL;
		size_t first = steps->count;

		if (last && last->kind->end != STEP_GOES_ON)
			return complain(error, "steps[%zu]: nothing can follow \"%s\"", i, last->kind->name);
		if (!parse_one(steps, value, why))
			return complain(error, "steps[%zu]: %.450s", i, why);
		for (; quiet && first < steps->count; first++) {
			free(steps->step[first].label);
			steps->step[first].label = NULL;
		}
	}
	return true;
}

bool steps_parse(struct steps *steps, json_t *list, char error[static COMPLAINT_MAX])
{
	if (!json_is_array(list) || json_array_size(list) == 0)
		return complain(error, "steps: must be a list that is not empty");
	if (!parse_list(steps, list, false, error))
		return false;
	if (steps->step[steps->count - 1].kind->end == STEP_GOES_ON) {
		append_quietly(steps, "close-notify");
		append_quietly(steps, "close");
	}
	steps->deaf = ends_unread(steps);
	for (size_t n = 0; n < steps->count; n++)
		steps->awaits_data = steps->awaits_data || steps->step[n].kind->watches;
	return true;
}

bool steps_default(struct steps *steps, char error[static COMPLAINT_MAX])
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
