/* verdict_copy.c: see verdict_copy.h. One walk over the pointers measures, a second one copies. */
#include "analyzer/cli/verdict_copy.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct copier {
	char *block; /* NULL: only measuring */
	size_t used;
};

/* Room for so many bytes, or NULL while measuring. */
static void *take(struct copier *c, size_t bytes, size_t alignment)
{
	size_t at = (c->used + alignment - 1) & ~(alignment - 1);

	c->used = at + bytes;
	return c->block ? c->block + at : NULL;
}

static void string(struct copier *c, const char **at)
{
	size_t bytes;
	char *copy;

	if (!*at)
		return;
	bytes = strlen(*at) + 1;
	copy = take(c, bytes, 1);
	if (copy)
		*at = memcpy(copy, *at, bytes);
}

static void strings(struct copier *c, const char *const **at, size_t count)
{
	const char **copy = take(c, count * sizeof(*copy), alignof(char *));

	for (size_t i = 0; i < count; i++) {
		const char *one = (*at)[i];

		string(c, &one);
		if (copy)
			copy[i] = one;
	}
	if (copy)
		*at = copy;
}

static void numbers(struct copier *c, struct tlsdiag_numbers *n)
{
	uint16_t *copy = take(c, n->count * sizeof(*copy), alignof(uint16_t));

	if (copy && n->count)
		n->values = memcpy(copy, n->values, n->count * sizeof(*copy));
}

static void evidence(struct copier *c, struct tlsdiag_verdict *v)
{
	struct tlsdiag_evidence *copy = take(c, v->evidence_count * sizeof(*copy), alignof(struct tlsdiag_evidence));

	for (size_t i = 0; i < v->evidence_count; i++) {
		struct tlsdiag_evidence one = v->evidence[i];

		string(c, &one.shows);
		if (copy)
			copy[i] = one;
	}
	if (copy)
		v->evidence = copy;
}

static void contents(struct copier *c, struct tlsdiag_verdict *v)
{
	const char **const texts[] = {
		&v->detail,
		&v->signature,
		&v->summary,
		&v->alert.name,
		&v->hello.server_name,
		&v->hello.alpn,
		&v->choice.alpn,
		&v->certificate.names,
		&v->protocol,
		&v->certificate.subject,
		&v->certificate.issuer,
		&v->client_certificate.names,
		&v->client_certificate.subject,
		&v->client_certificate.issuer,
	};
	struct tlsdiag_numbers *const lists[] = {&v->hello.versions, &v->hello.ciphers, &v->hello.groups,
						 &v->hello.signatures};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		string(c, texts[i]);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		numbers(c, lists[i]);
	evidence(c, v);
	strings(c, &v->certificate.findings, v->certificate.finding_count);
	strings(c, &v->client_certificate.findings, v->client_certificate.finding_count);
	strings(c, &v->notes, v->note_count);
	strings(c, &v->warnings, v->warning_count);
	strings(c, &v->advice, v->advice_count);
}

struct tlsdiag_verdict *verdict_copy(const struct tlsdiag_verdict *verdict, size_t *size)
{
	struct tlsdiag_verdict v = *verdict, *copy;
	struct copier c = {.used = sizeof(v)};

	contents(&c, &v);
	if (size)
		*size = c.used;
	copy = malloc(c.used);
	if (!copy)
		return NULL;
	*copy = *verdict;
	c = (struct copier){.block = (char *)copy, .used = sizeof(v)};
	contents(&c, copy);
	return copy;
}
