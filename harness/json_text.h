/* json_text.h: strings of JSON objects that others wrote, which may lack them. */
#ifndef HARNESS_JSON_TEXT_H
#define HARNESS_JSON_TEXT_H

#include <jansson.h>

/* The string under a key, which is the object's own; "" where there is none, nor an object. */
const char *json_text(const json_t *object, const char *key);

#endif
