/* client_words.c: reads clients' error texts and weighs them; see client_words.h. */
#include "analyzer/cli/client_words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *client_relation_name(enum client_relation relation)
{
	static const char *const names[] = {
		[CLIENT_SAYS_NOTHING] = "",       [CLIENT_AGREES] = "agrees",     [CLIENT_SAYS_LESS] = "says-less",
		[CLIENT_SAYS_MORE] = "says-more", [CLIENT_MISLEADS] = "misleads", [CLIENT_DIFFERS] = "differs",
	};

	return (size_t)relation < sizeof(names) / sizeof(*names) ? names[relation] : "";
}

/* ---- Finding phrases ---- */

static int plain(char c)
{
	return c == '_' ? ' ' : tolower((unsigned char)c);
}

/* The first `n` characters of `text` in the line; NULL: nowhere. */
static const char *piece_in(const char *line, const char *end, const char *text, size_t n)
{
	for (const char *at = line; at + n <= end; at++) {
		size_t i = 0;

		while (i < n && plain(at[i]) == plain(text[i]))
			i++;
		if (i == n)
			return at;
	}
	return NULL;
}

const char *client_phrase_in(const char *line, size_t length, const char *text, size_t *span)
{
	const char *end = line + length, *first = NULL, *from = line;

	for (;;) {
		size_t n = strcspn(text, "*");
		const char *at = piece_in(from, end, text, n);

		if (!at)
			return NULL;
		if (!first)
			first = at;
		from = at + n;
		*span = (size_t)(from - first);
		if (!text[n])
			return first;
		text += n + 1;
	}
}

/* ---- Whose words ---- */

/* Signs of a program or library in a line; what is more telling stands first. */
static const struct {
	const char *sign, *client;
} signs[] = {
	{"curl: (", "curl"},
	{"requests.exceptions", "Python"},
	{"urllib3", "Python"},
	{"(_ssl.c:", "Python"},
	{"[SSL:", "Python"},
	{"Errno ", "Python"},
	{"javax.net", "Java"},
	{"java.", "Java"},
	{"sun.security", "Java"},
	{"npm ERR", "Node"},
	{"deps/openssl", "Node"},
	{"code: 'E", "Node"},
	{"remote error: tls", "Go"},
	{"x509: ", "Go"},
	{"dial tcp", "Go"},
	{" tls: ", "Go"},
	{"net::ERR_", "Chromium"},
	{"ERR_SSL_", "Chromium"},
	{"ERR_CERT_", "Chromium"},
	{"ERR_CONNECTION_", "Chromium"},
	{"SSL_ERROR_", ""}, /* Firefox's and OpenSSL's */
	{"SEC_ERROR_", "Firefox"},
	{"MOZILLA_PKIX_", "Firefox"},
	{"NS_ERROR_", "Firefox"},
	{"wget: ", "wget"},
	{"GnuTLS: ", "wget"},
	{"*** Fatal error", "gnutls-cli"},
	{"*** Received alert", "gnutls-cli"},
	{"SSL routines", "OpenSSL"},
};

static const char *client_in(const char *line, size_t length)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		size_t span;

		if (client_phrase_in(line, length, signs[i].sign, &span))
			return signs[i].client;
	}
	return "";
}

/* ---- Statements ---- */

#define SPECIAL_WEIGHT 100 /* no general phrase is as much longer */

/* The longest phrase of the line, one that is not general before all that are. */
static bool phrase_read(const char *line, size_t length, struct client_statement *statement)
{
	*statement = (struct client_statement){.alert = -1, .client = ""};
	for (size_t i = 0; i < client_phrase_count; i++) {
		const struct client_phrase *phrase = &client_phrases[i];
		bool general = client_claims[phrase->claim].general;
		size_t weight = strlen(phrase->text) * (general ? 1 : SPECIAL_WEIGHT), span;
		const char *at =
			weight > statement->weight ? client_phrase_in(line, length, phrase->text, &span) : NULL;

		if (!at)
			continue;
		*statement = (struct client_statement){.claim = &client_claims[phrase->claim],
						       .client = phrase->client,
						       .alert = -1,
						       .said = at,
						       .length = span,
						       .weight = weight};
	}
	return statement->claim;
}

static bool line_read(const char *line, size_t length, struct client_statement *statement)
{
	const char *client = client_in(line, length);

	if (!client_alert_read(line, length, statement) && !phrase_read(line, length, statement))
		return false;
	if (*client)
		statement->client = client;
	return true;
}

static bool same_claim(const struct client_statement *a, const struct client_statement *b)
{
	return a->claim == b->claim && a->alert == b->alert && a->sent == b->sent;
}

/* Keeps the statements in order of weight, each claim once. */
static size_t add(struct client_statement *statements, size_t count, const struct client_statement *new)
{
	size_t i = 0, end = count;

	for (size_t k = 0; k < count; k++)
		if (same_claim(&statements[k], new))
			return count;
	while (i < count && statements[i].weight >= new->weight)
		i++;
	if (i == CLIENT_STATEMENTS_MAX)
		return count;
	if (end == CLIENT_STATEMENTS_MAX)
		end--;
	memmove(&statements[i + 1], &statements[i], (end - i) * sizeof(*statements));
	statements[i] = *new;
	return end + 1;
}

size_t client_words_read(const char *text, struct client_statement statements[CLIENT_STATEMENTS_MAX])
{
	size_t count = 0;

	while (*text) {
		size_t length = strcspn(text, "\r\n");
		struct client_statement statement;

		if (line_read(text, length, &statement))
			count = add(statements, count, &statement);
		text += length;
		text += strspn(text, "\r\n");
	}
	return count;
}

/* ---- What they are worth ---- */

static const char *detail_of(const char *signature)
{
	const char *cause = strchr(signature, '/');
	const char *detail = cause ? strchr(cause + 1, '/') : NULL;

	return detail ? detail + 1 : "";
}

static enum client_relation alert_relation(const struct client_statement *statement, const char *signature,
					   const struct client_view **view)
{
	static const struct client_view encrypted = {"any/alert/encrypted", CLIENT_SAYS_MORE,
						     "on the wire that alert is encrypted"};
	static const struct client_view later = {"established", CLIENT_SAYS_MORE,
						 "the handshake succeeded: what came after it is encrypted"};
	static const struct client_view untls = {"client-hello/not-tls", CLIENT_SAYS_LESS,
						 "the alert answered bytes that are not TLS"};
	static const struct client_view late = {"any/timeout", CLIENT_SAYS_LESS, "it came after a long silence"};
	int number;

	if (strcmp(signature, "established") == 0)
		*view = &later;
	else if (tlsdiag_fit("any/alert/encrypted", signature))
		*view = &encrypted;
	else if (tlsdiag_fit("client-hello/not-tls", signature))
		*view = &untls;
	else if (tlsdiag_fit("any/timeout", signature))
		*view = &late;
	if (*view)
		return (*view)->relation;
	if (!tlsdiag_fit("any/alert", signature))
		return CLIENT_DIFFERS;
	number = tlsdiag_alert_number(detail_of(signature));
	return number == statement->alert ? CLIENT_AGREES : CLIENT_DIFFERS;
}

enum client_relation client_relation_to(const struct client_statement *statement, const char *signature,
					const struct client_view **view)
{
	int best_fit = 0;

	*view = NULL;
	if (statement->alert >= 0)
		return alert_relation(statement, signature, view);
	for (size_t i = 0; i < statement->claim->view_count; i++) {
		const struct client_view *v = &statement->claim->views[i];
		int fit = tlsdiag_fit(v->signature, signature);

		if (fit > best_fit) {
			best_fit = fit;
			*view = v;
		}
	}
	return *view ? (*view)->relation : CLIENT_DIFFERS;
}

/* Which of several statements is told: the one that knows most. */
static int rank(enum client_relation relation)
{
	static const int ranks[] = {
		[CLIENT_SAYS_NOTHING] = 0, [CLIENT_DIFFERS] = 1, [CLIENT_SAYS_LESS] = 2,
		[CLIENT_MISLEADS] = 3,     [CLIENT_AGREES] = 4,  [CLIENT_SAYS_MORE] = 5,
	};

	return ranks[relation];
}

/* "curl", and "the client" where the words are anybody's. */
static const char *speaker(const struct client_statement *statements, size_t count, const struct client_statement *said)
{
	const char *name = said->client;

	for (size_t i = 0; i < count; i++)
		if (strcmp(statements[i].client, "curl") == 0)
			name = "curl"; /* which lets its library speak */
	return *name && strcmp(name, "libc") != 0 ? name : "the client";
}

static void put_sentence(struct client_opinion *o, const char *client, const struct client_view *view,
			 const struct tlsdiag_verdict *verdict)
{
	const struct client_statement *s = &o->statement;
	const char *note = view ? view->note : NULL;
	int length = s->length < 120 ? (int)s->length : 120;

	switch (o->relation) {
	case CLIENT_AGREES:
		snprintf(o->sentence, sizeof(o->sentence), "%s says the same: \"%.*s\".", client, length, s->said);
		break;
	case CLIENT_SAYS_LESS:
		snprintf(o->sentence, sizeof(o->sentence), "%s says \"%.*s\", which fits and says less%s%s.", client,
			 length, s->said, note ? ": " : ": the wire shows ", note ? note : verdict->summary);
		break;
	case CLIENT_SAYS_MORE:
		snprintf(o->sentence, sizeof(o->sentence), "%s says \"%.*s\"; %s.", client, length, s->said,
			 note ? note : "the wire does not show that reason");
		break;
	case CLIENT_MISLEADS:
		snprintf(o->sentence, sizeof(o->sentence), "%s says \"%.*s\"; %s.", client, length, s->said, note);
		break;
	default:
		snprintf(o->sentence, sizeof(o->sentence),
			 "%s says \"%.*s\", which fits nothing in this connection: it may be about another one.",
			 client, length, s->said);
	}
}

void client_words_compare(const char *text, const struct tlsdiag_verdict *verdict, struct client_opinion *opinion)
{
	struct client_statement statements[CLIENT_STATEMENTS_MAX];
	size_t count = client_words_read(text, statements);
	const struct client_view *told = NULL;
	bool decided = verdict->outcome == TLSDIAG_FAILED || verdict->outcome == TLSDIAG_ESTABLISHED;
	const char *signature = verdict->outcome == TLSDIAG_ESTABLISHED ? "established" : verdict->signature;

	*opinion = (struct client_opinion){.relation = CLIENT_SAYS_NOTHING};
	for (size_t i = 0; decided && i < count; i++) {
		const struct client_view *view;
		enum client_relation relation = client_relation_to(&statements[i], signature, &view);

		if (rank(relation) <= rank(opinion->relation))
			continue;
		opinion->relation = relation;
		opinion->statement = statements[i];
		told = view;
	}
	if (opinion->relation != CLIENT_SAYS_NOTHING)
		put_sentence(opinion, speaker(statements, count, &opinion->statement), told, verdict);
}
