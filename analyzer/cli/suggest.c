/* suggest.c: names near to one that is not known: what explanation_suggest() of explanation.h says. */
#include "analyzer/cli/explanation.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct near {
	char (*names)[EXPLANATION_NAME_MAX];
	unsigned distance[EXPLANATION_SUGGESTIONS];
	size_t count;
	const char *text;
	unsigned limit; /* farther away is no suggestion */
};

static int plain(char c)
{
	return c == '_' || c == ' ' ? '-' : tolower((unsigned char)c);
}

/* Letters to insert, remove or replace (Levenshtein), over all of `a` and of `b`, which are short. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[EXPLANATION_NAME_MAX + 1];
	size_t n = strlen(b);

	for (size_t i = 0; i <= n; i++)
		row[i] = (unsigned)i;
	for (size_t k = 0; a[k]; k++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)k + 1;
		for (size_t i = 1; i <= n; i++) {
			unsigned replaced = diagonal + (plain(a[k]) != plain(b[i - 1]));
			unsigned least = row[i] < row[i - 1] ? row[i] + 1 : row[i - 1] + 1;

			diagonal = row[i];
			row[i] = replaced < least ? replaced : least;
		}
	}
	return row[n];
}

/* Half a name is near to it, however much is missing. */
static bool begins(const char *name, const char *text)
{
	size_t n = 0;

	while (text[n] && plain(text[n]) == plain(name[n]))
		n++;
	return !text[n] && n >= 4;
}

static void consider(struct near *near, const char *name)
{
	size_t i = 0, moved;
	unsigned d;

	if (strlen(name) >= EXPLANATION_NAME_MAX)
		return;
	d = begins(name, near->text) ? 1 : distance(near->text, name);
	if (d > near->limit)
		return;
	for (size_t k = 0; k < near->count; k++)
		if (strcmp(near->names[k], name) == 0)
			return;
	while (i < near->count && near->distance[i] <= d)
		i++;
	if (i == EXPLANATION_SUGGESTIONS)
		return;
	if (near->count < EXPLANATION_SUGGESTIONS)
		near->count++;
	moved = near->count - 1 - i;
	memmove(near->names[i + 1], near->names[i], moved * EXPLANATION_NAME_MAX);
	memmove(&near->distance[i + 1], &near->distance[i], moved * sizeof(near->distance[0]));
	snprintf(near->names[i], EXPLANATION_NAME_MAX, "%s", name);
	near->distance[i] = d;
}

size_t explanation_suggest(const char *text, char names[EXPLANATION_SUGGESTIONS][EXPLANATION_NAME_MAX])
{
	struct near near = {.names = names, .text = text, .limit = (unsigned)strlen(text) / 4 + 1};
	const struct tlsdiag_words *w;

	if (!*text || strlen(text) >= EXPLANATION_NAME_MAX)
		return 0;
	for (int c = TLSDIAG_TIMEOUT; c < TLSDIAG_CAUSES; c++)
		consider(&near, tlsdiag_cause_name((enum tlsdiag_cause)c));
	for (size_t i = 0; (w = tlsdiag_words_row(i)); i++)
		if (strncmp(w->signature, "any", 3) != 0)
			consider(&near, w->signature);
	for (int alert = 0; alert <= UINT8_MAX; alert++) {
		char name[64];

		if (tlsdiag_alert_assigned((uint8_t)alert))
			consider(&near, tlsdiag_alert_name((uint8_t)alert, name, sizeof(name)));
	}
	for (size_t i = 0; i < client_phrase_count; i++)
		if (!strchr(client_phrases[i].text, '*'))
			consider(&near, client_phrases[i].text);
	return near.count;
}
