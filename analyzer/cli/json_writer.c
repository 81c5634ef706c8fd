/* json_writer.c: see json_writer.h. */
#include "analyzer/cli/json_writer.h"

#include "analyzer/cli/decimal.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)
/* Writes a piece whose length compilers know. */
#define WRITE(to, literal) ((char *)memcpy(to, literal, sizeof(literal) - 1) + sizeof(literal) - 1)

#define FIRST_SIZE 8192 /* enough for most connections */

void json_writer_clear(struct json_writer *w)
{
	w->length = 0;
	w->follows = false;
	w->moment.length = 0;
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

/* Every byte of a word of eight: the same one. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Not 0: some of eight bytes is less than a limit of up to 0x80. */
static uint64_t any_below(uint64_t eight, uint8_t limit)
{
	return (eight - EACH(limit)) & ~eight & EACH(0x80);
}

/* Whether a piece of text can stand between quotes as it is. */
static bool is_plain(const char *text, size_t n)
{
	static const bool plain[256] = {[' ' ... '!'] = true, ['#' ... '['] = true, [']' ... '~'] = true};

	for (; n >= 8; n -= 8, text += 8) {
		uint64_t eight;

		memcpy(&eight, text, sizeof(eight));
		if (eight & EACH(0x80) || any_below(eight, ' ') || any_below(eight ^ EACH('"'), 1) ||
		    any_below(eight ^ EACH('\\'), 1) || any_below(eight ^ EACH(0x7f), 1))
			return false;
	}
	for (; n > 0; n--, text++)
		if (!plain[(unsigned char)*text])
			return false;
	return true;
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

static void put_quoted(struct json_writer *w, const char *text, size_t n)
{
	char *to = json_start(w, n + 2);

	if (!to)
		return;
	*to++ = '"';
	to = mempcpy(to, text, n);
	*to++ = '"';
	json_done(w, to, true);
}

void json_put_text(struct json_writer *w, const char *text)
{
	size_t n = strlen(text);

	if (n < PRINTABLE_MAX / 2 && is_plain(text, n))
		put_quoted(w, text, n);
	else
		put_escaped(w, text);
}

void json_put_word(struct json_writer *w, const char *word)
{
	put_quoted(w, word, strlen(word));
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
	char *to = json_start(w, 5);

	if (to)
		json_done(w, value ? WRITE(to, "true") : WRITE(to, "false"), true);
}

void json_put_null(struct json_writer *w)
{
	json_put_raw(w, "null", 4);
}

#define SECONDS_SIZE (DECIMAL_MAX + 11)

static char *write_seconds(char *to, int64_t ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	if (ns < 0)
		*to++ = '-';
	to = decimal_put(to, size / NS_PER_S);
	*to++ = '.';
	to = decimal_put_nano(to, (uint32_t)(size % NS_PER_S));
	while (to[-1] == '0' && to[-2] != '.')
		to--;
	return to;
}

void json_put_seconds(struct json_writer *w, int64_t ns)
{
	char *to = json_start(w, SECONDS_SIZE);

	if (to)
		json_done(w, write_seconds(to, ns), true);
}

static void set_clock(struct json_clock *c, int64_t second)
{
	printable_buffer buffer;

	c->length = strcspn(seconds_text(second, buffer), "Z");
	memcpy(c->text, buffer, c->length);
	c->second = second;
}

#define TIME_SIZE (sizeof(((struct json_clock *)0)->text) + 16)

static char *write_time(struct json_writer *w, char *to, int64_t time_ns)
{
	int64_t second = time_ns / NS_PER_S - (time_ns % NS_PER_S < 0);

	struct json_clock *c = &w->clocks[(uint64_t)second % JSON_CLOCKS];

	if (!c->length || second != c->second)
		set_clock(c, second);
	*to++ = '"';
	memcpy(to, c->text, sizeof(c->text)); /* of a length that compilers know */
	to += c->length;
	*to++ = '.';
	to = decimal_put_nano(to, (uint32_t)(time_ns - second * NS_PER_S));
	*to++ = 'Z';
	*to++ = '"';
	return to;
}

void json_put_time(struct json_writer *w, int64_t time_ns)
{
	char *to = json_start(w, TIME_SIZE);

	if (to)
		json_done(w, write_time(w, to, time_ns), true);
}

static char *write_moment(struct json_writer *w, char *to, const struct json_moment *m)
{
	to = WRITE(to, "\"frame\":");
	to = decimal_put(to, m->frame);
	to = WRITE(to, ",\"time\":");
	to = write_time(w, to, m->time_ns);
	to = WRITE(to, ",\"elapsed\":");
	return write_seconds(to, m->elapsed_ns);
}

void json_put_moment(struct json_writer *w, uint64_t frame, int64_t time_ns, int64_t elapsed_ns)
{
	struct json_moment *m = &w->moment;
	char *to = json_start(w, DECIMAL_MAX + TIME_SIZE + SECONDS_SIZE + 32), *end;

	if (!to)
		return;
	if (m->length && m->frame == frame && m->time_ns == time_ns && m->elapsed_ns == elapsed_ns) {
		json_done(w, mempcpy(to, w->text + m->start, m->length), true);
		return;
	}
	*m = (struct json_moment){.frame = frame, .time_ns = time_ns, .elapsed_ns = elapsed_ns};
	end = write_moment(w, to, m);
	m->start = (size_t)(to - w->text);
	m->length = (size_t)(end - to);
	json_done(w, end, true);
}
