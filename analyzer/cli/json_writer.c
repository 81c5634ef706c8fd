/* json_writer.c: see json_writer.h. */
#include "analyzer/cli/json_writer.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define FIRST_SIZE 8192 /* enough for most connections */

void json_writer_clear(struct json_writer *w)
{
	w->length = 0;
	w->follows = false;
}

void json_writer_free(struct json_writer *w)
{
	free(w->text);
	*w = (struct json_writer){0};
}

/* Room for n bytes more; NULL without memory. */
static char *room(struct json_writer *w, size_t n)
{
	if (w->size - w->length < n) {
		size_t size = 2 * w->size > w->length + n ? 2 * w->size : w->length + n + FIRST_SIZE;
		char *larger = realloc(w->text, size);

		if (!larger) {
			w->failed = true;
			return NULL;
		}
		w->text = larger;
		w->size = size;
	}
	return w->text + w->length;
}

static void put(struct json_writer *w, const char *bytes, size_t n)
{
	char *to = room(w, n);

	if (!to)
		return;
	memcpy(to, bytes, n);
	w->length += n;
}

/* What stands before a value. */
static void separate(struct json_writer *w)
{
	if (w->follows)
		put(w, ",", 1);
	w->follows = true;
}

void json_begin(struct json_writer *w, char bracket)
{
	separate(w);
	put(w, &bracket, 1);
	w->follows = false;
}

void json_end(struct json_writer *w, char bracket)
{
	put(w, &bracket, 1);
	w->follows = true;
}

void json_key(struct json_writer *w, const char *name)
{
	separate(w);
	put(w, "\"", 1);
	put(w, name, strlen(name));
	put(w, "\":", 2);
	w->follows = false;
}

/* Whether it can stand between quotes as it is; its length. */
static bool is_plain(const char *text, size_t *length)
{
	size_t n = 0;

	for (; text[n]; n++)
		if (text[n] < ' ' || text[n] > '~' || text[n] == '"' || text[n] == '\\')
			return false;
	*length = n;
	return n < PRINTABLE_MAX / 2; /* the longest may have to be shortened */
}

void json_put_text(struct json_writer *w, const char *text)
{
	printable_buffer buffer;
	size_t n;

	separate(w);
	put(w, "\"", 1);
	if (is_plain(text, &n)) {
		put(w, text, n);
	} else {
		for (const char *at = printable(text, buffer); *at; at++) {
			if (*at == '"' || *at == '\\')
				put(w, "\\", 1);
			put(w, at, 1);
		}
	}
	put(w, "\"", 1);
}

void json_put_text_or_null(struct json_writer *w, const char *text)
{
	if (*text)
		json_put_text(w, text);
	else
		json_put_null(w);
}

void json_put_texts(struct json_writer *w, const char *const *texts, size_t count)
{
	json_begin(w, '[');
	for (size_t i = 0; i < count; i++)
		json_put_text(w, texts[i]);
	json_end(w, ']');
}

/* Digits of a number, at least so many, in front of `end`. */
static char *digits(char *end, uint64_t value, int least)
{
	for (; value || least > 0; value /= 10, least--)
		*--end = (char)('0' + value % 10);
	return end;
}

void json_put_integer(struct json_writer *w, int64_t value)
{
	char text[24], *end = text + sizeof(text);
	char *at = digits(end, value < 0 ? -(uint64_t)value : (uint64_t)value, 1);

	if (value < 0)
		*--at = '-';
	separate(w);
	put(w, at, (size_t)(end - at));
}

void json_put_bool(struct json_writer *w, bool value)
{
	separate(w);
	put(w, value ? "true" : "false", value ? 4 : 5);
}

void json_put_null(struct json_writer *w)
{
	separate(w);
	put(w, "null", 4);
}

void json_put_seconds(struct json_writer *w, int64_t ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	char text[32], *end = text + sizeof(text);
	char *at = digits(end, size % NS_PER_S, 9);

	*--at = '.';
	at = digits(at, size / NS_PER_S, 1);
	if (ns < 0)
		*--at = '-';
	while (end[-1] == '0' && end[-2] != '.')
		end--;
	separate(w);
	put(w, at, (size_t)(end - at));
}

void json_put_time(struct json_writer *w, int64_t time_ns)
{
	int64_t second = time_ns / NS_PER_S - (time_ns % NS_PER_S < 0);
	char text[sizeof(w->clock) + 16], *end = text + sizeof(text), *at = end;
	size_t n;

	if (!w->clock[0] || second != w->second) {
		printable_buffer buffer;

		n = strcspn(seconds_text(second, buffer), "Z");
		memcpy(w->clock, buffer, n);
		w->clock[n] = '\0';
		w->second = second;
	}
	*--at = '"';
	*--at = 'Z';
	at = digits(at, (uint64_t)(time_ns - second * NS_PER_S), 9);
	*--at = '.';
	n = strlen(w->clock);
	at -= n;
	memcpy(at, w->clock, n);
	*--at = '"';
	separate(w);
	put(w, at, (size_t)(end - at));
}
