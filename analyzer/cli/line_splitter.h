/* line_splitter.h: lines out of the pieces in which a program's output is read. Bounded: of a longer line the beginning
 * is kept. */
#ifndef CLI_LINE_SPLITTER_H
#define CLI_LINE_SPLITTER_H

#include "analyzer/cli/client_output.h"

struct line_splitter {
	char text[CLIENT_LINE_MAX];
	size_t length;
	bool begun; /* bytes of a line were read, if only overwritten ones */
	bool after_return; /* the last byte was a carriage return: unless the line ends here, it is overwritten */
	int64_t time_ns; /* of the line's first byte */
};

typedef void line_fn(int64_t time_ns, const char *text, size_t length, void *context);

/* Takes bytes read at that time; calls `line` for each line that ends in them. */
void line_splitter_feed(struct line_splitter *s, int64_t time_ns, const char *bytes, size_t n, line_fn *line,
			void *context);
/* The output is over: what is left is a line, too. */
void line_splitter_end(struct line_splitter *s, line_fn *line, void *context);

#endif
