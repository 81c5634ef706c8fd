/* variant.c: finds scenario files by their place and expands them, see variant.h. */
#include "harness/variant.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool __attribute__((format(printf, 2, 3))) fail(struct variants *v, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(v->error, sizeof(v->error), format, arguments);
	va_end(arguments);
	return false;
}

bool variant_matches(const char *name, const char *pattern)
{
	return fnmatch(pattern, name, FNM_PATHNAME | FNM_LEADING_DIR) == 0 || fnmatch(pattern, name, 0) == 0;
}

static bool is_file(const char *pattern)
{
	size_t length = strlen(pattern);

	return length > 5 && strcmp(pattern + length - 5, ".yaml") == 0;
}

/* ---- Loading ---- */

static bool load_file(struct variants *v, const char *path, bool by_path)
{
	struct scenario **list = reallocarray(v->scenarios, v->scenario_count + 1, sizeof(*list));
	struct scenario *scenario = calloc(1, sizeof(*scenario));

	if (list)
		v->scenarios = list;
	if (!list || !scenario) {
		free(scenario);
		return fail(v, "out of memory");
	}
	v->scenarios[v->scenario_count++] = scenario;
	if (!scenario_load(scenario, path, &v->clients))
		return fail(v, "%s", scenario->document.error);
	scenario->by_path = by_path;
	return true;
}

/* glob(3) sorts, so that cases come in the same order everywhere. */
static bool load_folder(struct variants *v, const char *folder)
{
	char pattern[4096];
	glob_t found;
	bool ok = true;

	snprintf(pattern, sizeof(pattern), "%s/*/*.yaml", folder);
	if (glob(pattern, 0, NULL, &found) != 0)
		return fail(v, "%s: no scenario files (STAGE/NAME.yaml) here", folder);
	for (size_t i = 0; ok && i < found.gl_pathc; i++)
		ok = load_file(v, found.gl_pathv[i], false);
	globfree(&found);
	return ok;
}

static bool load_files(struct variants *v, const char *folder, const struct variant_filter *filter)
{
	bool names = !filter->patterns || !*filter->patterns, ok = true;

	for (const char *const *p = filter->patterns; ok && p && *p; p++) {
		if (is_file(*p))
			ok = load_file(v, *p, true);
		else
			names = true;
	}
	return ok && (!names || load_folder(v, folder));
}

/* ---- Expansion ---- */

/* Whether the pattern at `index` is a file's path that became this scenario, or matches the case's name. */
static bool pattern_admits(const char *pattern, const struct variant *variant)
{
	if (is_file(pattern))
		return variant->scenario->by_path && strcmp(variant->scenario->document.file, pattern) == 0;
	return variant_matches(variant->name, pattern);
}

static bool wanted(const struct variant_filter *filter, const struct variant *variant)
{
	const struct scenario_choice *c = &variant->choice;
	const char *const *p = filter->patterns;

	if ((filter->client && strcmp(filter->client, c->client) != 0) ||
	    (filter->tls && strcmp(filter->tls, c->tls) != 0) ||
	    (filter->family && strcmp(filter->family, c->family) != 0))
		return false;
	for (; p && *p; p++) {
		if (pattern_admits(*p, variant))
			return true;
	}
	return !filter->patterns || !*filter->patterns;
}

static bool add_case(struct variants *v, struct scenario *scenario, const struct scenario_choice *choice,
		     const struct variant_filter *filter)
{
	struct variant *items, variant = {.scenario = scenario, .choice = *choice};

	variant.client = clients_find(&v->clients, choice->client);
	if (asprintf(&variant.name, "%s/%s/tls%s/%s", scenario->name, choice->client, choice->tls, choice->family) < 0)
		return fail(v, "out of memory");
	if (!wanted(filter, &variant)) {
		free(variant.name);
		return true;
	}
	items = reallocarray(v->items, v->count + 1, sizeof(*items));
	if (!items) {
		free(variant.name);
		return fail(v, "out of memory");
	}
	v->items = items;
	v->items[v->count++] = variant;
	return scenario_settings(scenario, choice, &v->items[v->count - 1].settings) ||
	       fail(v, "%s", scenario->document.error);
}

/* The address family is IPv4 alone unless the file asks for more: a failure rarely differs by family. */
static bool family_admitted(const struct scenario *scenario, const char *family)
{
	return scenario->variants.family.count ? scenario_admits(&scenario->variants.family, family)
					       : strcmp(family, scenario_families[0]) == 0;
}

static bool expand(struct variants *v, struct scenario *s, const struct variant_filter *filter)
{
	for (size_t t = 0; scenario_versions[t]; t++) {
		for (size_t c = 0; c < v->clients.count; c++) {
			for (size_t f = 0; scenario_families[f]; f++) {
				struct scenario_choice choice = {v->clients.names[c], scenario_versions[t],
								 scenario_families[f]};

				if (scenario_admits(&s->variants.client, choice.client) &&
				    scenario_admits(&s->variants.tls, choice.tls) &&
				    family_admitted(s, choice.family) && !add_case(v, s, &choice, filter))
					return false;
			}
		}
	}
	return true;
}

/* A pattern that matches nothing is a mistake, even when others match. */
static bool check_patterns(struct variants *v, const struct variant_filter *filter)
{
	for (const char *const *p = filter->patterns; p && *p; p++) {
		bool used = false;

		for (size_t i = 0; !used && i < v->count; i++)
			used = pattern_admits(*p, &v->items[i]);
		if (!used)
			return fail(v, "no case matches '%s'; 'tlslab list' shows all", *p);
	}
	return v->count > 0 || fail(v, "no case matches; 'tlslab list' shows all");
}

bool variants_load(struct variants *v, const char *folder, const struct variant_filter *filter)
{
	char path[4096];

	memset(v, 0, sizeof(*v));
	snprintf(path, sizeof(path), "%s/clients.yaml", folder);
	if (!clients_load(&v->clients, path))
		return fail(v, "%s", v->clients.document.error);
	if (!load_files(v, folder, filter))
		return false;
	for (size_t i = 0; i < v->scenario_count; i++) {
		if (!expand(v, v->scenarios[i], filter))
			return false;
	}
	return check_patterns(v, filter);
}

void variants_free(struct variants *v)
{
	for (size_t i = 0; i < v->count; i++)
		free(v->items[i].name);
	free(v->items);
	for (size_t i = 0; i < v->scenario_count; i++) {
		scenario_free(v->scenarios[i]);
		free(v->scenarios[i]);
	}
	free(v->scenarios);
	clients_free(&v->clients);
	memset(v, 0, sizeof(*v));
}
