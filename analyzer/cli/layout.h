/* layout.h: lines of a text report: sentences beside labels, wrapped to the terminal's width, colour where it is
 * wanted.
 *
 * What is not a terminal gets sentences of 80 columns, and each line that is an item of a list unbroken, for grep.
 */
#ifndef CLI_LAYOUT_H
#define CLI_LAYOUT_H

#include <stdbool.h>
#include <stdio.h>

#define LAYOUT_COLUMNS 80 /* where there is no terminal to ask */

enum paint {
	PAINT_PLAIN,
	PAINT_BOLD,
	PAINT_DIM,
	PAINT_RED,
	PAINT_GREEN,
	PAINT_YELLOW,
	PAINT_CYAN,
};

struct layout {
	FILE *out;
	bool colour;
	unsigned columns; /* of the terminal; 0: there is none */
	unsigned column; /* where the cursor stands, from 0 */
	bool after_blanks; /* layout_to_column() was last */
};

/* Text as it is, control characters escaped. */
void layout_put(struct layout *l, enum paint paint, const char *text);
void layout_newline(struct layout *l);
/* Blanks up to a column; at least one where the line already reaches it, none at its beginning. */
void layout_to_column(struct layout *l, unsigned column);
/* Words with a blank between them and what stands before; lines after the first begin at column `indent`. */
void layout_words(struct layout *l, enum paint paint, unsigned indent, const char *text);
/* The same for a line that is an item of a list. */
void layout_item(struct layout *l, enum paint paint, unsigned indent, const char *text);

#endif
