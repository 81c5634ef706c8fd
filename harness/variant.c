/* variant.c: finds scenario files by their place and expands them, see variant.h. */
#include "harness/variant.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool __attribute__((format(printf, 2, 3))) fail(struct variants *v, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(v->error, sizeof(v->error), format, arguments);
	va_end(arguments);
	return false;
}

static bool name_matches(const char *name, const char *pattern)
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

/* FOLDER/clients/NAME.yaml holds a client's words. */
static bool is_of_clients(const char *path)
{
	static const char clients[] = "/clients";
	const char *name = strrchr(path, '/');

	return name - path > (ptrdiff_t)strlen(clients) &&
	       strncmp(name - strlen(clients), clients, strlen(clients)) == 0;
}

static bool load_words(struct variants *v, const char *folder)
{
	v->words = calloc(v->clients.count + 1, sizeof(*v->words));
	if (!v->words)
		return fail(v, "out of memory");
	for (size_t i = 0; i < v->clients.count; i++) {
		if (!words_load(&v->words[i], folder, v->clients.names[i]))
			return fail(v, "%s", v->words[i].document.error);
	}
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
		ok = is_of_clients(found.gl_pathv[i]) || load_file(v, found.gl_pathv[i], false);
	globfree(&found);
	for (size_t i = 0; ok && i < v->clients.count; i++)
		ok = words_check(&v->words[i], v->scenarios, v->scenario_count) ||
		     fail(v, "%s", v->words[i].document.error);
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
	return name_matches(variant->name, pattern);
}

static bool has_tag(const struct scenario *scenario, const char *tag)
{
	for (size_t i = 0; i < scenario->tags.count; i++) {
		if (strcmp(scenario->tags.items[i], tag) == 0)
			return true;
	}
	return false;
}

static bool wanted(const struct variant_filter *filter, const struct variant *variant)
{
	const struct scenario_choice *c = &variant->choice;
	const char *const *p = filter->patterns;

	if (filter->only && !pattern_admits(filter->only, variant))
		return false;
	if (filter->tag && !has_tag(variant->scenario, filter->tag))
		return false;
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

/* A client that has a file of words is not made to run where that has none. */
static bool lacks_words(const struct words *words, const struct variant *variant, const struct variant_filter *filter)
{
	return words->client && !filter->wordless && !scenario_words(&variant->settings.expect, variant->choice.client);
}

static bool add_case(struct variants *v, struct scenario *scenario, const struct scenario_choice *choice,
		     const struct variant_filter *filter)
{
	struct variant *items, variant = {.scenario = scenario, .choice = *choice};
	struct words *words;
	bool asked;

	variant.client = clients_find(&v->clients, choice->client);
	if (asprintf(&variant.name, "%s/%s/tls%s/%s", scenario->name, choice->client, choice->tls, choice->family) < 0)
		return fail(v, "out of memory");
	if (!wanted(filter, &variant)) {
		free(variant.name);
		return true;
	}
	if (!scenario_settings(scenario, choice, &variant.settings)) {
		free(variant.name);
		return fail(v, "%s", scenario->document.error);
	}
	words = &v->words[variant.client - v->clients.items];
	asked = filter->client || scenario_words(&variant.settings.expect, choice->client);
	if (!words_apply(words, scenario, choice, &variant.settings.expect)) {
		free(variant.name);
		return fail(v, "%s", words->document.error);
	}
	if (variant.client->optional && (!asked || lacks_words(words, &variant, filter))) {
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
	return true;
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

/* ---- Mistakes in the filter ---- */

/* With the known word that is near, or all of them. */
static bool fail_unknown(struct variants *v, const char *what, const char *wrong, const char *const *known)
{
	const char *nearest = document_nearest(wrong, known);
	char all[512] = "none";
	size_t used = 0;

	if (nearest)
		return fail(v, "unknown %s '%s'; did you mean '%s'?", what, wrong, nearest);
	for (; *known && used < sizeof(all); known++)
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", *known);
	return fail(v, "unknown %s '%s'; known: %s", what, wrong, all);
}

static bool check_word(struct variants *v, const char *what, const char *word, const char *const *known)
{
	for (size_t i = 0; word && known[i]; i++) {
		if (strcmp(known[i], word) == 0)
			return true;
	}
	return !word || fail_unknown(v, what, word, known);
}

/* A pattern that matches nothing is a mistake, even when others match. */
static bool fail_pattern(struct variants *v, const char *pattern)
{
	const char **names = calloc(v->scenario_count + 1, sizeof(*names)), *nearest = NULL;
	struct stat status;
	bool known = false;

	for (size_t i = 0; names && i < v->scenario_count; i++) {
		names[i] = v->scenarios[i]->name;
		known |= name_matches(names[i], pattern);
	}
	if (names && !known)
		nearest = document_nearest(pattern, names);
	free(names);
	if (nearest)
		return fail(v, "no case matches '%s'; did you mean '%s'?", pattern, nearest);
	if (!known && stat(pattern, &status) == 0 && S_ISDIR(status.st_mode))
		return fail(v, "no case matches '%s'; a folder of scenarios is named with --scenarios", pattern);
	return fail(v, "no case matches '%s'%s; 'tlslab list' shows all", pattern,
		    known ? " and the other options" : "");
}

static bool check_patterns(struct variants *v, const struct variant_filter *filter)
{
	for (const char *const *p = filter->patterns; p && *p; p++) {
		bool used = false;

		for (size_t i = 0; !used && i < v->count; i++)
			used = pattern_admits(*p, &v->items[i]);
		if (!used)
			return fail_pattern(v, *p);
	}
	if (v->count == 0 && filter->only)
		return fail_pattern(v, filter->only);
	return v->count > 0 || fail(v, "no case matches; 'tlslab list' shows all");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool check_tag(struct variants *v, const char *tag)
{
	size_t count = 0;
	const char **known;
	bool ok;

	for (size_t i = 0; i < v->scenario_count; i++)
		count += v->scenarios[i]->tags.count;
	known = calloc(count + 1, sizeof(*known));
	if (!known)
		return fail(v, "out of memory");
	count = 0;
	for (size_t i = 0; i < v->scenario_count; i++) {
		const struct document_strings *tags = &v->scenarios[i]->tags;

		for (size_t k = 0; k < tags->count; k++) {
			bool again = false;

			for (size_t n = 0; n < count; n++)
				again |= strcmp(known[n], tags->items[k]) == 0;
			if (!again)
				known[count++] = tags->items[k];
		}
	}
	qsort(known, count, sizeof(*known), by_name);
	ok = check_word(v, "tag", tag, known);
	free(known);
	return ok;
}

static bool check_words(struct variants *v, const struct variant_filter *filter)
{
	return check_word(v, "client", filter->client, v->clients.names) &&
	       check_word(v, "TLS version", filter->tls, scenario_versions) &&
	       check_word(v, "address family", filter->family, scenario_families) && check_tag(v, filter->tag);
}

bool variants_load(struct variants *v, const char *folder, const struct variant_filter *filter)
{
	char path[4096];

	memset(v, 0, sizeof(*v));
	snprintf(path, sizeof(path), "%s/clients.yaml", folder);
	if (filter->clients && access(path, F_OK) != 0)
		snprintf(path, sizeof(path), "%s/clients.yaml", filter->clients);
	if (!clients_load(&v->clients, path))
		return fail(v, "%s", v->clients.document.error);
	if (!load_words(v, folder) || !load_files(v, folder, filter) || !check_words(v, filter))
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
	for (size_t i = 0; v->words && i < v->clients.count; i++)
		words_free(&v->words[i]);
	free(v->words);
	clients_free(&v->clients);
	memset(v, 0, sizeof(*v));
}
