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

/* Makes the text larger, for n bytes more at least. */
static bool grow(struct json_writer *w, size_t n)
{
	size_t size = 2 * w->size > w->length + n ? 2 * w->size : w->length + n + FIRST_SIZE;
	char *larger = realloc(w->text, size);

	if (!larger) {
		w->failed = true;
		return false;
	}
	w->text = larger;
	w->size = size;
	return true;
}

/* Where the next n bytes go, and before them the comma that is due; NULL without memory. What is there ends at done(). */
static inline char *start(struct json_writer *w, size_t n)
{
	char *to;

	if (w->size - w->length < n + 1 && !grow(w, n + 1))
		return NULL;
	to = w->text + w->length;
	if (w->follows)
		*to++ = ',';
	return to;
}

static inline void done(struct json_writer *w, const char *end, bool follows)
{
	w->length = (size_t)(end - w->text);
	w->follows = follows;
}

/* A value that needs no quotes. */
static void put(struct json_writer *w, const char *bytes, size_t n)
{
	char *to = start(w, n);

	if (!to)
		return;
	memcpy(to, bytes, n);
	done(w, to + n, true);
}

void json_begin(struct json_writer *w, char bracket)
{
	char *to = start(w, 1);

	if (!to)
		return;
	*to++ = bracket;
	done(w, to, false);
}

void json_end(struct json_writer *w, char bracket)
{
	char *to;

	w->follows = false;
	to = start(w, 1);
	if (!to)
		return;
	*to++ = bracket;
	done(w, to, true);
}

void json_key(struct json_writer *w, const char *name)
{
	size_t n = strlen(name);
	char *to = start(w, n + 3);

	if (!to)
		return;
	*to++ = '"';
	to = mempcpy(to, name, n);
	*to++ = '"';
	*to++ = ':';
	done(w, to, false);
}

/* How many bytes can stand between quotes as they are. */
static size_t plain_length(const char *text)
{
	static const bool plain[256] = {[' ' ... '!'] = true, ['#' ... '['] = true, [']' ... '~'] = true};
	size_t n = 0;

	while (plain[(unsigned char)text[n]])
		n++;
	return n;
}

/* Text that is not plain, or so long that it has to be shortened. */
static void put_escaped(struct json_writer *w, const char *text)
{
	printable_buffer buffer;
	const char *at = printable(text, buffer);
	char *to = start(w, 2 * strlen(at) + 2);

	if (!to)
		return;
	*to++ = '"';
	for (; *at; at++) {
		if (*at == '"' || *at == '\\')
			*to++ = '\\';
		*to++ = *at;
	}
	*to++ = '"';
	done(w, to, true);
}

void json_put_text(struct json_writer *w, const char *text)
{
	size_t n = plain_length(text);
	char *to;

	if (text[n] || n >= PRINTABLE_MAX / 2) {
		put_escaped(w, text);
		return;
	}
	to = start(w, n + 2);
	if (!to)
		return;
	*to++ = '"';
	to = mempcpy(to, text, n);
	*to++ = '"';
	done(w, to, true);
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
	put(w, at, (size_t)(end - at));
}

void json_put_bool(struct json_writer *w, bool value)
{
	put(w, value ? "true" : "false", value ? 4 : 5);
}

void json_put_null(struct json_writer *w)
{
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
	put(w, at, (size_t)(end - at));
}
