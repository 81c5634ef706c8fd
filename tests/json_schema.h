/* json_schema.h: checks a JSON value against a JSON Schema (2020-12), as far as docs/tlsdiag.schema.json uses it.
 *
 * Keywords: $ref into $defs, type, enum, anyOf, required, properties, additionalProperties false, items, minimum,
 * maximum, minLength, pattern. Any other keyword that is no annotation is an error, so that nothing passes unchecked.
 */
#ifndef TESTS_JSON_SCHEMA_H
#define TESTS_JSON_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

/* False: why[] says where and what. */
bool json_schema_check(json_t *schema, json_t *value, char *why, size_t size);

#endif
