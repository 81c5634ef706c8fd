/* verdict_lines.c: see verdict_lines.h. */
#include "harness/verdict_lines.h"

#include <string.h>

#include "harness/case.h"
#include "harness/json_text.h"

enum { SHOWN_MAX = 120 /* bytes of a line that cannot be read */ };

bool verdict_line_next(const char **rest, struct verdict_line *line)
{
	const char *text = *rest + strspn(*rest, "\n");
	size_t length = strcspn(text, "\n");

	if (!length)
		return false;
	*line = (struct verdict_line){json_loadb(text, length, 0, NULL), text,
				      length > SHOWN_MAX ? SHOWN_MAX : (int)length};
	if (!json_is_object(line->verdict)) {
		json_decref(line->verdict);
		line->verdict = NULL;
	}
	*rest = text + length;
	return true;
}

bool verdict_under_test(const struct variant *variant, const json_t *verdict)
{
	const json_t *server = json_object_get(verdict, "server");

	return json_integer_value(json_object_get(server, "port")) == CASE_PORT &&
	       strcmp(json_text(server, "address"), case_server_address(variant->choice.family)) == 0;
}
