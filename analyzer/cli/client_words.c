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

static void fold(struct folded_line *line, const char *text, size_t length)
{
	line->text = text;
	line->length = length < sizeof(line->folded) ? length : sizeof(line->folded);
	for (size_t i = 0; i < line->length; i++)
		line->folded[i] = (char)plain(text[i]);
}

/* The first `n` characters of a phrase within what is folded; NULL: nowhere. */
static const char *piece_in(const char *at, const char *end, const char *phrase, size_t n)
{
	int first = plain(phrase[0]);

	if (!n)
		return at;
	for (; at + n <= end && (at = memchr(at, first, (size_t)(end - at) - n + 1)); at++) {
		size_t i = 1;

		while (i < n && at[i] == (char)plain(phrase[i]))
			i++;
		if (i == n)
			return at;
	}
	return NULL;
}

const char *client_phrase_in(const struct folded_line *line, const char *phrase, size_t *span)
{
	const char *end = line->folded + line->length, *first = NULL, *from = line->folded;

	for (;;) {
		size_t n = strcspn(phrase, "*");
		const char *at = piece_in(from, end, phrase, n);

		if (!at)
			return NULL;
		if (!first)
			first = at;
		from = at + n;
		*span = (size_t)(from - first);
		if (!phrase[n])
			return line->text + (first - line->folded);
		phrase += n + 1;
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

static const char *client_in(const struct folded_line *line)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		size_t span;

		if (client_phrase_in(line, signs[i].sign, &span))
			return signs[i].client;
	}
	return "";
}

/* ---- Statements ---- */

#define SPECIAL_WEIGHT 100 /* no general phrase is as much longer */

void client_statement_say(struct client_statement *statement, const char *said, size_t length)
{
	if (length >= sizeof(statement->said))
		length = sizeof(statement->said) - 1;
	memcpy(statement->said, said, length);
	statement->said[length] = '\0';
}

/* The longest phrase of the line, one that is not general before all that are. */
static bool phrase_read(const struct folded_line *line, struct client_statement *statement)
{
	*statement = (struct client_statement){.alert = -1, .client = ""};
	for (size_t i = 0; i < client_phrase_count; i++) {
		const struct client_phrase *phrase = &client_phrases[i];
		bool general = client_claims[phrase->claim].general;
		size_t weight = strlen(phrase->text) * (general ? 1 : SPECIAL_WEIGHT), span;
		const char *at = weight > statement->weight ? client_phrase_in(line, phrase->text, &span) : NULL;

		if (!at)
			continue;
		*statement = (struct client_statement){.claim = &client_claims[phrase->claim],
						       .client = phrase->client,
						       .alert = -1,
						       .weight = weight};
		client_statement_say(statement, at, span);
	}
	return statement->claim;
}

static bool same_claim(const struct client_statement *a, const struct client_statement *b)
{
	return a->claim == b->claim && a->alert == b->alert && a->sent == b->sent;
}

/* Keeps the statements in order of weight, each claim once. */
static void add(struct client_words *w, const struct client_statement *new)
{
	size_t i = 0, moved;

	for (size_t k = 0; k < w->count; k++)
		if (same_claim(&w->list[k], new))
			return;
	while (i < w->count && w->list[i].weight >= new->weight)
		i++;
	if (i == CLIENT_STATEMENTS_MAX)
		return;
	if (w->count < CLIENT_STATEMENTS_MAX)
		w->count++;
	moved = w->count - 1 - i;
	memmove(&w->list[i + 1], &w->list[i], moved * sizeof(*new));
	w->list[i] = *new;
}

void client_words_line(struct client_words *words, const char *line, size_t length)
{
	struct folded_line folded;
	struct client_statement statement;
	const char *client;

	fold(&folded, line, length);
	if (!client_alert_read(&folded, &statement) && !phrase_read(&folded, &statement))
		return;
	client = client_in(&folded);
	if (*client)
		statement.client = client;
	add(words, &statement);
}

void client_words_text(struct client_words *words, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\r\n");

		client_words_line(words, text, length);
		text += length;
		text += strspn(text, "\r\n");
	}
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
static const char *speaker(const struct client_words *words, const struct client_statement *said)
{
	const char *name = said->client;

	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->list[i].client, "curl") == 0)
			name = "curl"; /* which lets its library speak */
	if (*name && strcmp(name, "libc") != 0)
		return name;
	return words->client ? words->client : "the client";
}

static void put_sentence(struct client_opinion *o, const char *client, const struct client_view *view)
{
	const char *said = o->statement->said, *note = view ? view->note : NULL;
	size_t size = sizeof(o->sentence);

	switch (o->relation) {
	case CLIENT_AGREES:
		snprintf(o->sentence, size, "%s says the same: \"%s\".", client, said);
		break;
	case CLIENT_SAYS_LESS:
		snprintf(o->sentence, size, "%s says \"%s\", which fits and says less%s%s.", client, said,
			 note ? ": " : " than the wire", note ? note : "");
		break;
	case CLIENT_SAYS_MORE:
		snprintf(o->sentence, size, "%s says \"%s\"; %s.", client, said,
			 note ? note : "the wire does not show that reason");
		break;
	case CLIENT_MISLEADS:
		snprintf(o->sentence, size, "%s says \"%s\"; %s.", client, said, note);
		break;
	default:
		snprintf(o->sentence, size,
			 "%s says \"%s\", which fits nothing in this connection: it may be about another one.", client,
			 said);
	}
}

bool client_words_compare(const struct client_words *words, const struct tlsdiag_verdict *verdict,
			  struct client_opinion *opinion)
{
	const struct client_view *told = NULL;
	bool failed = verdict->outcome == TLSDIAG_FAILED;
	const char *signature = failed ? verdict->signature : "established";

	*opinion = (struct client_opinion){.relation = CLIENT_SAYS_NOTHING};
	if (!words || (!failed && verdict->outcome != TLSDIAG_ESTABLISHED))
		return false;
	for (size_t i = 0; i < words->count; i++) {
		const struct client_view *view;
		enum client_relation relation = client_relation_to(&words->list[i], signature, &view);

		if (rank(relation) <= rank(opinion->relation))
			continue;
		opinion->relation = relation;
		opinion->statement = &words->list[i];
		told = view;
	}
	if (opinion->statement)
		put_sentence(opinion, speaker(words, opinion->statement), told);
	return opinion->relation == CLIENT_SAYS_MORE || (failed && opinion->statement);
}
