/* json_text.c: see json_text.h. */
#include "harness/json_text.h"

const char *json_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}
