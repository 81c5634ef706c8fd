/* json_writer.h: JSON (RFC 8259) put together as text, without a tree of it in between: a connection's object has some
 * two hundred values, and a busy capture tens of thousands of connections.
 *
 * Values are written in order; commas follow from it. Inside an object each value comes behind json_key(). The writer's
 * text is whole when every json_begin() has its json_end(). Strings are made printable first (printable.h), hence all
 * is ASCII.
 *
 * Not for: reading JSON, or changing what was written.
 */
#ifndef CLI_JSON_WRITER_H
#define CLI_JSON_WRITER_H

#include "analyzer/cli/printable.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What a second looks like in a time. */
struct json_clock {
	int64_t second;
	size_t length; /* 0: of no second yet */
	char text[32];
};

#define JSON_CLOCKS 8 /* connections overlap: the times of one after another go forth and back by some seconds */

/* Where in the text a moment was written: much comes from one packet, and has the same. */
struct json_moment {
	uint64_t frame;
	int64_t time_ns, elapsed_ns;
	size_t start, length; /* 0: nowhere */
};

/* All zero is an empty one. */
struct json_writer {
	char *text; /* `length` bytes, not terminated */
	size_t length, size;
	bool follows; /* a value was written before at this level: a comma is due */
	bool failed; /* out of memory: text is not whole */
	struct json_clock clocks[JSON_CLOCKS];
	struct json_moment moment; /* the latest */
};

void json_writer_clear(struct json_writer *w); /* empties it, and keeps its memory for the next text */
void json_writer_free(struct json_writer *w);

void json_begin(struct json_writer *w, char bracket); /* '{' or '[' */
void json_end(struct json_writer *w, char bracket); /* '}' or ']' */

void json_put_text(struct json_writer *w, const char *text);
void json_put_word(struct json_writer *w, const char *word); /* the same of plain ASCII, as json_key() has it */
void json_put_text_or_null(struct json_writer *w, const char *text); /* "" is null */
void json_put_texts(struct json_writer *w, const char *const *texts, size_t count); /* an array */
void json_put_integer(struct json_writer *w, int64_t value);
void json_put_bool(struct json_writer *w, bool value);
void json_put_null(struct json_writer *w);
/* A number of seconds: "0.007361979". */
void json_put_seconds(struct json_writer *w, int64_t ns);
/* A string as time_text() has it with nine digits. */
void json_put_time(struct json_writer *w, int64_t time_ns);
/* Three members of an object at once, of which there are more than of anything else: "frame", a number, "time" as of
 * json_put_time() and "elapsed" as of json_put_seconds(). */
void json_put_moment(struct json_writer *w, uint64_t frame, int64_t time_ns, int64_t elapsed_ns);
/* A value as the writer itself wrote it before. */
void json_put_raw(struct json_writer *w, const char *text, size_t n);

/* ---- How all of these write ---- */

/* Where the text ends, with room for n bytes made; NULL without memory. */
char *json_room(struct json_writer *w, size_t n);

/* Where the next n bytes go, and before them the comma that is due; NULL without memory. What is there ends at
 * json_done(). */
static inline char *json_start(struct json_writer *w, size_t n)
{
	char *to = w->size - w->length < n + 1 ? json_room(w, n + 1) : w->text + w->length;

	if (to && w->follows)
		*to++ = ',';
	return to;
}

static inline void json_done(struct json_writer *w, const char *end, bool follows)
{
	w->length = (size_t)(end - w->text);
	w->follows = follows;
}

/* Plain ASCII without quotes and backslashes. Here, so that the length of those names that are written out is known. */
static inline void json_key(struct json_writer *w, const char *name)
{
	size_t n = strlen(name);
	char *to = json_start(w, n + 3);

	if (!to)
		return;
	*to++ = '"';
	to = mempcpy(to, name, n);
	*to++ = '"';
	*to++ = ':';
	json_done(w, to, false);
}

/* ---- Members of an object ---- */

static inline void json_member_text(struct json_writer *w, const char *name, const char *text)
{
	json_key(w, name);
	json_put_text(w, text);
}

/* "" and NULL are null. */
static inline void json_member_text_or_null(struct json_writer *w, const char *name, const char *text)
{
	json_key(w, name);
	json_put_text_or_null(w, text ? text : "");
}

static inline void json_member_integer(struct json_writer *w, const char *name, int64_t value)
{
	json_key(w, name);
	json_put_integer(w, value);
}

static inline void json_member_bool(struct json_writer *w, const char *name, bool value)
{
	json_key(w, name);
	json_put_bool(w, value);
}

#endif
