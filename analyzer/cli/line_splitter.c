/* line_splitter.c: see line_splitter.h. */
#include "analyzer/cli/line_splitter.h"

static void give(struct line_splitter *s, line_fn *line, void *context)
{
	line(s->time_ns, s->text, s->length, context);
	*s = (struct line_splitter){.length = 0};
}

/* A progress meter's line is worth the time of what it shows in the end. */
static void overwrite(struct line_splitter *s)
{
	s->length = 0;
	s->begun = false;
	s->after_return = false;
}

void line_splitter_feed(struct line_splitter *s, int64_t time_ns, const char *bytes, size_t n, line_fn *line,
			void *context)
{
	for (size_t i = 0; i < n; i++) {
		if (s->after_return && bytes[i] != '\n' && bytes[i] != '\r')
			overwrite(s);
		if (!s->begun) {
			s->begun = true;
			s->time_ns = time_ns;
		}
		s->after_return = bytes[i] == '\r';
		if (bytes[i] == '\n')
			give(s, line, context);
		else if (!s->after_return && s->length < sizeof(s->text))
			s->text[s->length++] = bytes[i];
	}
}

void line_splitter_end(struct line_splitter *s, line_fn *line, void *context)
{
	if (s->begun)
		give(s, line, context);
}
