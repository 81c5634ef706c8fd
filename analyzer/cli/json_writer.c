/* json_writer.c: see json_writer.h. */
#include "analyzer/cli/json_writer.h"

#include "analyzer/cli/decimal.h"

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

char *json_room(struct json_writer *w, size_t n)
{
	size_t size = 2 * w->size > w->length + n ? 2 * w->size : w->length + n + FIRST_SIZE;
	char *larger = realloc(w->text, size);

	if (!larger) {
		w->failed = true;
		return NULL;
	}
	w->text = larger;
	w->size = size;
	return w->text + w->length;
}

void json_put_raw(struct json_writer *w, const char *text, size_t n)
{
	char *to = json_start(w, n);

	if (to)
		json_done(w, mempcpy(to, text, n), true);
}

void json_begin(struct json_writer *w, char bracket)
{
	char *to = json_start(w, 1);

	if (!to)
		return;
	*to++ = bracket;
	json_done(w, to, false);
}

void json_end(struct json_writer *w, char bracket)
{
	char *to;

	w->follows = false;
	to = json_start(w, 1);
	if (!to)
		return;
	*to++ = bracket;
	json_done(w, to, true);
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
	char *to = json_start(w, 2 * strlen(at) + 2);

	if (!to)
		return;
	*to++ = '"';
	for (; *at; at++) {
		if (*at == '"' || *at == '\\')
			*to++ = '\\';
		*to++ = *at;
	}
	*to++ = '"';
	json_done(w, to, true);
}

void json_put_text(struct json_writer *w, const char *text)
{
	size_t n = plain_length(text);
	char *to;

	if (text[n] || n >= PRINTABLE_MAX / 2) {
		put_escaped(w, text);
		return;
	}
	to = json_start(w, n + 2);
	if (!to)
		return;
	*to++ = '"';
	to = mempcpy(to, text, n);
	*to++ = '"';
	json_done(w, to, true);
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

void json_put_integer(struct json_writer *w, int64_t value)
{
	char *to = json_start(w, DECIMAL_MAX + 1);

	if (!to)
		return;
	if (value < 0)
		*to++ = '-';
	json_done(w, decimal_put(to, value < 0 ? -(uint64_t)value : (uint64_t)value), true);
}

void json_put_bool(struct json_writer *w, bool value)
{
	if (value)
		json_put_raw(w, "true", 4);
	else
		json_put_raw(w, "false", 5);
}

void json_put_null(struct json_writer *w)
{
	json_put_raw(w, "null", 4);
}

void json_put_seconds(struct json_writer *w, int64_t ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	char *to = json_start(w, DECIMAL_MAX + 11);

	if (!to)
		return;
	if (ns < 0)
		*to++ = '-';
	to = decimal_put(to, size / NS_PER_S);
	*to++ = '.';
	to = decimal_put_nano(to, (uint32_t)(size % NS_PER_S));
	while (to[-1] == '0' && to[-2] != '.')
		to--;
	json_done(w, to, true);
}

/* The clock's text for that second, which most times share with the one before. */
static void set_clock(struct json_writer *w, int64_t second)
{
	printable_buffer buffer;

	w->clock_length = strcspn(seconds_text(second, buffer), "Z");
	memcpy(w->clock, buffer, w->clock_length);
	w->second = second;
}

void json_put_time(struct json_writer *w, int64_t time_ns)
{
	int64_t second = time_ns / NS_PER_S - (time_ns % NS_PER_S < 0);
	char *to = json_start(w, sizeof(w->clock) + 16);

	if (!to)
		return;
	if (!w->clock_length || second != w->second)
		set_clock(w, second);
	*to++ = '"';
	memcpy(to, w->clock, sizeof(w->clock));
	to += w->clock_length;
	*to++ = '.';
	to = decimal_put_nano(to, (uint32_t)(time_ns - second * NS_PER_S));
	*to++ = 'Z';
	*to++ = '"';
	json_done(w, to, true);
}
