/* layout.c: see layout.h. */
#include "analyzer/cli/layout.h"

#include "analyzer/cli/printable.h"

#include <stdint.h>
#include <string.h>

/* A report is written by one thread: no piece of it needs a lock. */

static void start_paint(const struct layout *l, enum paint paint)
{
	static const char *const codes[] = {
		[PAINT_PLAIN] = "",         [PAINT_BOLD] = "\033[1m",   [PAINT_DIM] = "\033[2m",
		[PAINT_RED] = "\033[1;31m", [PAINT_GREEN] = "\033[32m", [PAINT_YELLOW] = "\033[33m",
		[PAINT_CYAN] = "\033[36m",
	};

	if (l->colour)
		fputs_unlocked(codes[paint], l->out);
}

static void stop_paint(const struct layout *l, enum paint paint)
{
	if (l->colour && paint != PAINT_PLAIN)
		fputs_unlocked("\033[0m", l->out);
}

void layout_put(struct layout *l, enum paint paint, const char *text)
{
	printable_buffer buffer;
	const char *shown = printable(text, buffer);

	if (!*shown)
		return;
	start_paint(l, paint);
	fputs_unlocked(shown, l->out);
	stop_paint(l, paint);
	l->column += (unsigned)strlen(shown);
	l->after_blanks = false;
}

void layout_newline(struct layout *l)
{
	putc_unlocked('\n', l->out);
	l->column = 0;
}

void layout_to_column(struct layout *l, unsigned column)
{
	static const char spaces[] = "                                ";
	unsigned blanks = l->column < column ? column - l->column : l->column > 0;

	l->column += blanks;
	for (; blanks >= sizeof(spaces); blanks -= (unsigned)(sizeof(spaces) - 1))
		fwrite_unlocked(spaces, 1, sizeof(spaces) - 1, l->out);
	fwrite_unlocked(spaces, 1, blanks, l->out);
	l->after_blanks = true;
}

static void put_words(struct layout *l, enum paint paint, unsigned indent, const char *text, size_t columns)
{
	printable_buffer buffer;
	const char *word = printable(text, buffer);

	start_paint(l, paint);
	while (*word) {
		size_t n = strcspn(word, " ");
		bool follows = l->column > 0 && !l->after_blanks;

		if (follows && l->column + 1 + n > columns) {
			layout_newline(l);
			layout_to_column(l, indent);
		} else if (follows) {
			layout_to_column(l, 0);
		}
		fwrite_unlocked(word, 1, n, l->out);
		l->column += (unsigned)n;
		l->after_blanks = false;
		word += n;
		word += strspn(word, " ");
	}
	stop_paint(l, paint);
}

void layout_words(struct layout *l, enum paint paint, unsigned indent, const char *text)
{
	put_words(l, paint, indent, text, l->columns ? l->columns : LAYOUT_COLUMNS);
}

void layout_item(struct layout *l, enum paint paint, unsigned indent, const char *text)
{
	put_words(l, paint, indent, text, l->columns ? l->columns : SIZE_MAX);
}
