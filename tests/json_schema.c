/* json_schema.c: see json_schema.h. One function a keyword, in a table. */
#include "tests/json_schema.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#define PATH_MAX_LENGTH 256

struct check {
	json_t *root; /* where $ref points into */
	char path[PATH_MAX_LENGTH]; /* of the value being checked */
	char *why;
	size_t size;
};

static bool check_value(struct check *c, json_t *schema, json_t *value);

static bool fail(struct check *c, const char *keyword)
{
	snprintf(c->why, c->size, "%s: %s", *c->path ? c->path : "(root)", keyword);
	return false;
}

static bool check_inner(struct check *c, json_t *schema, json_t *value, const char *name)
{
	size_t n = strlen(c->path);
	bool ok;

	snprintf(c->path + n, sizeof(c->path) - n, "/%s", name);
	ok = check_value(c, schema, value);
	c->path[n] = '\0';
	return ok;
}

static bool is_type(const char *type, json_t *value)
{
	return (!strcmp(type, "object") && json_is_object(value)) || (!strcmp(type, "array") && json_is_array(value)) ||
	       (!strcmp(type, "string") && json_is_string(value)) ||
	       (!strcmp(type, "integer") && json_is_integer(value)) ||
	       (!strcmp(type, "number") && json_is_number(value)) ||
	       (!strcmp(type, "boolean") && json_is_boolean(value)) || (!strcmp(type, "null") && json_is_null(value));
}

/* ---- The keywords: `is` is the keyword's value, `schema` the schema it stands in ---- */

typedef bool keyword_fn(struct check *c, json_t *schema, json_t *is, json_t *value);

static bool annotation(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	(void)c, (void)schema, (void)is, (void)value;
	return true;
}

static bool keyword_ref(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	static const char front[] = "#/$defs/";
	const char *name = json_string_value(is);
	json_t *target;

	(void)schema;
	if (!name || strncmp(name, front, strlen(front)) != 0)
		return fail(c, "$ref of a kind that is not known");
	target = json_object_get(json_object_get(c->root, "$defs"), name + strlen(front));
	return target ? check_value(c, target, value) : fail(c, "$ref to nothing");
}

static bool keyword_type(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	json_t *one;
	size_t i;

	(void)schema;
	if (json_is_string(is))
		return is_type(json_string_value(is), value) || fail(c, "type");
	json_array_foreach(is, i, one) {
		if (is_type(json_string_value(one), value))
			return true;
	}
	return fail(c, "type");
}

static bool keyword_enum(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	json_t *one;
	size_t i;

	(void)schema;
	json_array_foreach(is, i, one) {
		if (json_equal(one, value))
			return true;
	}
	return fail(c, "enum");
}

static bool keyword_any_of(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	json_t *one;
	size_t i;

	(void)schema;
	json_array_foreach(is, i, one) {
		if (check_value(c, one, value))
			return true;
	}
	return false; /* the last one's reason stands */
}

static bool keyword_required(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	json_t *one;
	size_t i;

	(void)schema;
	if (!json_is_object(value))
		return true;
	json_array_foreach(is, i, one) {
		if (!json_object_get(value, json_string_value(one)))
			return fail(c, json_string_value(one));
	}
	return true;
}

static bool keyword_properties(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	const char *name;
	json_t *one;

	(void)schema;
	json_object_foreach(value, name, one) {
		json_t *inner = json_object_get(is, name);

		if (inner && !check_inner(c, inner, one, name))
			return false;
	}
	return true;
}

static bool keyword_additional_properties(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	const char *name;
	json_t *one;

	if (!json_is_false(is))
		return fail(c, "additionalProperties is not false");
	json_object_foreach(value, name, one) {
		if (!json_object_get(json_object_get(schema, "properties"), name))
			return fail(c, name);
	}
	return true;
}

static bool keyword_items(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	json_t *one;
	size_t i;

	(void)schema;
	json_array_foreach(value, i, one) {
		char index[24];

		snprintf(index, sizeof(index), "%zu", i);
		if (!check_inner(c, is, one, index))
			return false;
	}
	return true;
}

static bool keyword_minimum(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	(void)schema;
	return !json_is_number(value) || json_number_value(value) >= json_number_value(is) || fail(c, "minimum");
}

static bool keyword_maximum(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	(void)schema;
	return !json_is_number(value) || json_number_value(value) <= json_number_value(is) || fail(c, "maximum");
}

static bool keyword_min_length(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	(void)schema;
	return !json_is_string(value) || json_string_length(value) >= (size_t)json_integer_value(is) ||
	       fail(c, "minLength");
}

static bool keyword_pattern(struct check *c, json_t *schema, json_t *is, json_t *value)
{
	regex_t expression;
	bool matches;

	(void)schema;
	if (!json_is_string(value))
		return true;
	if (regcomp(&expression, json_string_value(is), REG_EXTENDED | REG_NOSUB) != 0)
		return fail(c, "pattern is no expression");
	matches = regexec(&expression, json_string_value(value), 0, NULL, 0) == 0;
	regfree(&expression);
	return matches || fail(c, "pattern");
}

static const struct {
	const char *name;
	keyword_fn *check;
} keywords[] = {
	{"$schema", annotation},
	{"$id", annotation},
	{"$defs", annotation},
	{"title", annotation},
	{"description", annotation},
	{"$ref", keyword_ref},
	{"type", keyword_type},
	{"enum", keyword_enum},
	{"anyOf", keyword_any_of},
	{"required", keyword_required},
	{"properties", keyword_properties},
	{"additionalProperties", keyword_additional_properties},
	{"items", keyword_items},
	{"minimum", keyword_minimum},
	{"maximum", keyword_maximum},
	{"minLength", keyword_min_length},
	{"pattern", keyword_pattern},
};

static keyword_fn *find_keyword(const char *name)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
		if (!strcmp(keywords[i].name, name))
			return keywords[i].check;
	}
	return NULL;
}

static bool check_value(struct check *c, json_t *schema, json_t *value)
{
	const char *name;
	json_t *is;

	json_object_foreach(schema, name, is) {
		keyword_fn *check = find_keyword(name);

		if (!check)
			return fail(c, "the schema uses a keyword that is not known here");
		if (!check(c, schema, is, value))
			return false;
	}
	return true;
}

bool json_schema_check(json_t *schema, json_t *value, char *why, size_t size)
{
	struct check c = {.root = schema, .why = why, .size = size};

	return check_value(&c, schema, value);
}
