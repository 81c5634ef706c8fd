/* wire_action.c: see wire_action.h. */
#include "harness/wire_action.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/wire_forge.h"

#define KEY(name, take, type, member, argument) DOCUMENT_KEY(name, take, type, member, argument, false)

/* ---- Drop, delay, duplicate, reorder, throttle: when and how often ---- */

static bool drop(struct wire_passing *p, const void *argument)
{
	(void)argument;
	return p->dropped = true;
}

static bool delay(struct wire_passing *p, const void *argument)
{
	p->delay_ms += (unsigned)*(const int *)argument;
	return true;
}

static bool duplicate(struct wire_passing *p, const void *argument)
{
	p->copies += (unsigned)*(const int *)argument;
	return true;
}

static bool reorder(struct wire_passing *p, const void *argument)
{
	p->hold = (unsigned)*(const int *)argument;
	return true;
}

static bool throttle(struct wire_passing *p, const void *argument)
{
	p->rate = (unsigned)*(const int *)argument;
	return true;
}

/* ---- Truncate, corrupt, blank: the data ---- */

static bool truncate_data(struct wire_passing *p, const void *argument)
{
	bool cut = wire_frame_cut(p->frame, (size_t) * (const int *)argument);

	p->changed |= cut;
	return cut;
}

static const char *const checksums[] = {"right", "wrong", NULL};

static bool is_wrong(const char *checksum)
{
	return strcmp(checksum, "wrong") == 0;
}

struct corrupt {
	int offset; /* from the beginning of the message, or of the data; negative: from its end */
	struct wire_bytes_given bytes; /* to put there; none: the byte there is inverted */
	const char *checksum;
};

static const int offset_range[] = {-65535, 65535};

static const struct document_key corrupt_keys[] = {
	KEY("offset", document_integer, corrupt, offset, offset_range),
	KEY("bytes", wire_take_hex, corrupt, bytes, NULL),
	KEY("checksum", document_choice, corrupt, checksum, checksums),
	DOCUMENT_KEYS_END,
};

static const struct corrupt corrupt_defaults = {.offset = -1, .checksum = "right"};

/* Where in the frame's data the message, or else the data, begins and ends; outside of it when it is of another
 * segment. */
static void find_base(const struct wire_passing *p, int64_t *start, int64_t *end)
{
	*start = 0;
	*end = (int64_t)(p->frame->end - p->frame->payload);
	if (p->message) {
		*start = (int32_t)(p->message->start - p->offset);
		*end = p->message->whole ? (int32_t)(p->message->end - p->offset) : INT64_MAX;
	}
}

static bool corrupt(struct wire_passing *p, const void *argument)
{
	const struct corrupt *c = argument;
	int64_t start, end, data = (int64_t)(p->frame->end - p->frame->payload), at;
	size_t length = c->bytes.length ? c->bytes.length : 1;
	uint8_t *bytes = p->frame->bytes + p->frame->payload;

	find_base(p, &start, &end);
	if (c->offset < 0 && end == INT64_MAX)
		return false;
	at = c->offset < 0 ? end + c->offset : start + c->offset;
	if (at < 0 || at + (int64_t)length > data)
		return false;
	if (c->bytes.length)
		memcpy(bytes + at, c->bytes.bytes, length);
	else
		bytes[at] ^= 0xff;
	p->changed = true;
	p->spoiled |= is_wrong(c->checksum);
	return true;
}

struct blank {
	const char *text;
	const char *with; /* as long as text; "": as many X */
};

static const struct document_key blank_keys[] = {
	{"text", document_string, offsetof(struct blank, text), NULL, true},
	KEY("with", document_string, blank, with, NULL),
	DOCUMENT_KEYS_END,
};

static const struct blank blank_defaults = {"", ""};

static bool take_blank(struct document *d, yaml_node_t *node, const void *keys, void *into)
{
	const struct blank *b = into;

	if (!document_mapping(d, node, keys, false, into))
		return false;
	if (!*b->text)
		return document_fail(d, node, "'text' must not be empty");
	return !*b->with || strlen(b->with) == strlen(b->text) ||
	       document_fail(d, node, "'with' must be as long as 'text' (%zu bytes)", strlen(b->text));
}

static bool blank(struct wire_passing *p, const void *argument)
{
	const struct blank *b = argument;
	uint8_t *at = p->frame->bytes + p->frame->payload, *end = p->frame->bytes + p->frame->end;
	size_t length = strlen(b->text);
	bool found = false;

	while ((at = memmem(at, (size_t)(end - at), b->text, length))) {
		if (*b->with)
			memcpy(at, b->with, length);
		else
			memset(at, 'X', length);
		at += length;
		found = true;
	}
	p->changed |= found;
	return found;
}

/* ---- Rewrite: the headers ---- */

struct rewrite {
	int ttl, ip_id, window, mss; /* -1: as it is */
	int ack; /* added to the acknowledgment number */
	struct document_strings strip; /* options of TCP */
	const char *checksum;
	struct wire_bytes_given destination; /* Ethernet address */
};

/* Kinds of TCP options (IANA). */
static const struct {
	const char *name;
	uint8_t kind;
} options[] = {
	{"mss", 2}, {"window-scale", 3}, {"sack-permitted", 4}, {"sack", 5}, {"timestamps", 8},
};
enum { OPTION_MSS = 2 };

static const char *const option_names[] = {"mss", "window-scale", "sack-permitted", "sack", "timestamps", NULL};
static const int u8_range[] = {0, 255};
static const int u16_range[] = {0, 65535};
static const int any_range[] = {INT32_MIN, INT32_MAX};

static bool take_mac(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const struct wire_bytes_given *mac = into;

	return wire_take_hex(d, node, unused, into) &&
	       (mac->length == 6 || document_fail(d, node, "an Ethernet address has 6 bytes"));
}

static const struct document_key rewrite_keys[] = {
	KEY("ttl", document_integer, rewrite, ttl, u8_range),
	KEY("ip-id", document_integer, rewrite, ip_id, u16_range),
	KEY("window", document_integer, rewrite, window, u16_range),
	KEY("mss", document_integer, rewrite, mss, u16_range),
	KEY("ack", document_integer, rewrite, ack, any_range),
	KEY("strip", document_choices, rewrite, strip, option_names),
	KEY("checksum", document_choice, rewrite, checksum, checksums),
	KEY("ethernet-destination", take_mac, rewrite, destination, NULL),
	DOCUMENT_KEYS_END,
};

static const struct rewrite rewrite_defaults = {.ttl = -1, .ip_id = -1, .window = -1, .mss = -1, .checksum = "right"};

static bool strip_options(struct wire_frame *frame, const struct document_strings *names)
{
	bool any = false;

	for (size_t n = 0; n < names->count; n++)
		for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
			if (strcmp(options[i].name, names->items[n]) == 0)
				any |= wire_frame_strip_option(frame, options[i].kind);
	return any;
}

static bool set_mss(struct wire_frame *frame, int mss)
{
	size_t length;
	uint8_t *value = wire_frame_option(frame, OPTION_MSS, &length);

	if (!value || length != 2)
		return false;
	value[0] = (uint8_t)(mss >> 8);
	value[1] = (uint8_t)mss;
	return true;
}

/* An option that is not there cannot be rewritten; everything else can. */
static bool rewrite(struct wire_passing *p, const void *argument)
{
	const struct rewrite *r = argument;
	struct wire_frame *frame = p->frame;
	bool done = r->ttl >= 0 || r->ip_id >= 0 || r->window >= 0 || r->ack || is_wrong(r->checksum);

	if (r->ttl >= 0)
		wire_frame_set_ttl(frame, (uint8_t)r->ttl);
	if (r->ip_id >= 0)
		wire_frame_set_id(frame, (uint16_t)r->ip_id);
	if (r->window >= 0)
		wire_frame_set_window(frame, (uint16_t)r->window);
	if (r->ack)
		wire_frame_set_ack(frame, frame->ack + (uint32_t)r->ack);
	if (r->mss >= 0)
		done |= set_mss(frame, r->mss);
	done |= strip_options(frame, &r->strip);
	p->changed |= done;
	p->spoiled |= is_wrong(r->checksum);
	if (r->destination.length == 6)
		memcpy(frame->bytes, r->destination.bytes, 6);
	return done || r->destination.length == 6;
}

/* ---- Reset, answer: packets of our own, behind this one ---- */

static bool forge(struct wire_passing *p, const void *argument)
{
	if (p->forge_count == WIRE_FORGES_MAX)
		return false;
	p->forges[p->forge_count++] = argument;
	return true;
}

/* ---- The table ---- */

static const int delay_range[] = {1, 60000};
static const int count_range[] = {1, 1000};
static const int rate_range[] = {1, 1000000000};

static const struct wire_action_kind kinds[] = {
	{"drop", NULL, NULL, 0, NULL, drop, false},
	{"delay", document_integer, delay_range, sizeof(int), NULL, delay, false},
	{"duplicate", document_integer, count_range, sizeof(int), NULL, duplicate, false},
	{"reorder", document_integer, count_range, sizeof(int), NULL, reorder, false},
	{"throttle", document_integer, rate_range, sizeof(int), NULL, throttle, false},
	{"truncate", document_integer, u16_range, sizeof(int), NULL, truncate_data, true},
	{"corrupt", document_submapping, corrupt_keys, sizeof(struct corrupt), &corrupt_defaults, corrupt, true},
	{"blank", take_blank, blank_keys, sizeof(struct blank), &blank_defaults, blank, true},
	{"rewrite", document_submapping, rewrite_keys, sizeof(struct rewrite), &rewrite_defaults, rewrite, true},
	{"reset", wire_take_reset, NULL, sizeof(struct wire_forge), &wire_reset_defaults, forge, true},
	{"answer", wire_take_answer, NULL, sizeof(struct wire_forge), &wire_answer_defaults, forge, true},
};

static const char *const kind_names[] = {"drop",    "delay", "duplicate", "reorder", "throttle", "truncate",
					 "corrupt", "blank", "rewrite",   "reset",   "answer",   NULL};

static const struct wire_action_kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static bool take_argument(struct document *d, yaml_node_t *node, const struct wire_action_kind *kind,
			  struct wire_action *action)
{
	void *argument = kind->take ? document_alloc(d, 1, kind->size) : NULL;

	if (!kind->take)
		return document_fail(d, node, "'%s' takes no argument", kind->name);
	if (!argument)
		return document_fail(d, node, "out of memory");
	if (kind->defaults)
		memcpy(argument, kind->defaults, kind->size);
	action->argument = argument;
	return kind->take(d, node, kind->keys, argument);
}

bool wire_take_action(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct wire_action *action = into;
	struct document_pairs pairs;
	const char *name;

	(void)unused;
	if (node->type == YAML_SCALAR_NODE) {
		if (!document_choice(d, node, kind_names, &name))
			return false;
		action->kind = find_kind(name);
		return !action->kind->take || document_fail(d, node, "'%s' needs an argument", name);
	}
	if (!document_entries(d, node, NULL, &pairs))
		return false;
	if (pairs.count != 1)
		return document_fail(d, node, "an action has one key; make each action a rule of its own");
	if (!document_choice(d, pairs.items[0].name_node, kind_names, &name))
		return false;
	action->kind = find_kind(name);
	return take_argument(d, pairs.items[0].value_node, action->kind, action);
}

bool wire_act(const struct wire_action *action, struct wire_passing *passing)
{
	if (action->kind->tcp && !passing->connection)
		return false;
	return action->kind->apply(passing, action->argument);
}

/* ---- Bytes ---- */

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool wire_take_hex(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct wire_bytes_given *given = into;
	const char *text;
	uint8_t *bytes;

	if (!document_string(d, node, unused, (void *)&text))
		return false;
	bytes = document_alloc(d, strlen(text) / 2 + 1, 1);
	if (!bytes)
		return document_fail(d, node, "out of memory");
	given->length = 0;
	given->bytes = bytes;
	while (*text) {
		int high = digit(text[0]), low = high >= 0 ? digit(text[1]) : -1;

		if (isspace((unsigned char)*text) || *text == ':') {
			text++;
			continue;
		}
		if (high < 0 || low < 0)
			return document_fail(d, node, "hexadecimal digits in pairs must stand here");
		bytes[given->length++] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
		text += 2;
	}
	return given->length > 0 || document_fail(d, node, "no bytes");
}
