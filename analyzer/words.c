/* words.c: finds what is known about a signature in words_table.c.
 *
 * A row's name is a signature or the front of one, in whole parts; its stage may be "any". The row that matches most
 * parts wins, and of two that match as many, the one that names the stage:
 *
 *     server-hello/alert/handshake_failure    has a row of its own
 *     server-hello/alert/decode_error         any/alert/decode_error, before server-hello/alert
 *     finished/malformed/bad-length           any/malformed
 */
#include "analyzer/words.h"

#include <stdio.h>
#include <string.h>

/* Whether a path begins with those parts. */
static bool begins(const char *path, const char *parts)
{
	while (*parts && *parts == *path) {
		parts++;
		path++;
	}
	return !*parts && (!*path || *path == '/');
}

/* What follows the first part, with its '/'. */
static const char *rest_of(const char *path)
{
	return strchrnul(path, '/');
}

static bool is_stage(const char *path)
{
	for (int i = 0; i < TLSDIAG_STAGES; i++) {
		if (begins(path, tlsdiag_stage_name((enum tlsdiag_stage)i)))
			return true;
	}
	return begins(path, "any");
}

static bool is_cause(const char *path)
{
	for (int i = TLSDIAG_TIMEOUT; i < TLSDIAG_CAUSES; i++) {
		if (begins(path, tlsdiag_cause_name((enum tlsdiag_cause)i)))
			return true;
	}
	return false;
}

bool words_is_signature(const char *signature)
{
	const char *rest = rest_of(signature);

	return is_stage(signature) && (!*rest || is_cause(rest + 1));
}

int tlsdiag_fit(const char *name, const char *signature)
{
	bool any = begins(name, "any") && !begins(signature, "any");
	int score = any ? 1 : 2;

	if (any ? !begins(rest_of(signature), rest_of(name)) : !begins(signature, name))
		return 0;
	for (; *name; name++)
		score += *name == '/' ? 2 : 0;
	return score;
}

const struct tlsdiag_words *tlsdiag_explain(const char *signature)
{
	const struct tlsdiag_words *best = NULL;
	int best_fit = 0;

	if (!words_is_signature(signature))
		return NULL;
	for (size_t i = 0; i < words_count; i++) {
		int f = tlsdiag_fit(words_table[i].signature, signature);

		if (f > best_fit) {
			best = &words_table[i];
			best_fit = f;
		}
	}
	return best;
}

/* The end that as a rule does this at that stage, for which its words are written; BY_NOBODY: they say nothing of
 * it. */
static enum tlsdiag_party usual_party(const char *signature)
{
	static const struct {
		const char *front;
		enum tlsdiag_party by;
	} rows[] = {
		{"any/alert", TLSDIAG_BY_SERVER},
		{"server-flight/alert", TLSDIAG_BY_CLIENT},
		{"client-flight/alert", TLSDIAG_BY_CLIENT},
		{"any/closed", TLSDIAG_BY_SERVER},
		{"tcp/closed", TLSDIAG_BY_CLIENT},
		{"client-flight/closed", TLSDIAG_BY_CLIENT},
		{"any/reset", TLSDIAG_BY_SERVER},
		{"tcp/reset", TLSDIAG_BY_CLIENT},
		{"client-flight/reset", TLSDIAG_BY_CLIENT},
		{"any/timeout", TLSDIAG_BY_SERVER},
		{"tcp/timeout", TLSDIAG_BY_NOBODY},
		{"client-hello/timeout", TLSDIAG_BY_CLIENT},
		{"client-flight/timeout", TLSDIAG_BY_CLIENT},
	};
	enum tlsdiag_party by = TLSDIAG_BY_NOBODY;
	int best = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int f = tlsdiag_fit(rows[i].front, signature);

		if (f > best) {
			by = rows[i].by;
			best = f;
		}
	}
	return by;
}

const struct tlsdiag_words *tlsdiag_explain_by(const char *signature, enum tlsdiag_party by)
{
	enum tlsdiag_party usual = usual_party(signature);
	char any[96];

	if (usual == TLSDIAG_BY_NOBODY || by == usual || by == TLSDIAG_BY_NETWORK)
		return tlsdiag_explain(signature);
	snprintf(any, sizeof(any), "any%s", rest_of(signature));
	return tlsdiag_explain(any);
}

const struct tlsdiag_words *tlsdiag_words_row(size_t index)
{
	return index < words_count ? &words_table[index] : NULL;
}
