/* preamble_line.c: the protocols of lines, in which a command asks for TLS and a line answers it; and XMPP, whose
 * lines are tags.
 *
 * Where answers carry no reference to their command, they come in order: every command and the greeting are owed one,
 * and the answer to STARTTLS is the one after all that were owed before it. That also holds for pipelined commands.
 * Several lines of one answer end with a line that `finals` knows.
 *
 * In the patterns '#' is a digit and '*' a word; a pattern fits the beginning of a line, without regard to case, and a
 * blank in it also fits the line's end.
 */
#include <ctype.h>
#include <strings.h>

#include "preamble_protocol.h"

#define PATTERNS 10 /* in one list, at most */

enum order {
	IN_ORDER, /* an answer for each command */
	BY_TAG, /* the answer repeats the command's tag */
	BY_WORDS, /* only the words of the answer tell */
};

struct line_rules {
	enum order order;
	bool greeting_lists; /* the greeting lists the capabilities */
	const char *requests[PATTERNS]; /* commands that ask for TLS */
	const char *quits[PATTERNS]; /* commands of a client that gives up */
	const char *finals[PATTERNS]; /* lines that end an answer */
	const char *grants[PATTERNS]; /* answers that are a yes; any other is a no */
	const char *goodbyes[PATTERNS]; /* a no, whatever it answers: the server leaves */
	const char *wants_data[PATTERNS]; /* answers after which the client sends lines up to "." */
	const char *sends_data[PATTERNS]; /* answers after which the server sends lines up to "." */
	const char *lists[PATTERNS]; /* commands that ask for the capabilities */
	const char *list_lines; /* a server's line that contains this is the whole list */
	const char *offers[PATTERNS]; /* words in that list that offer TLS */
};

/* Steps. */
enum {
	CLIENT_DATA = 1, /* the client is sending lines of data */
	SERVER_DATA = 2,
	LISTING = 4, /* the capabilities were asked for */
	XMPP_PROCEED = 8, /* <proceed> was opened and not closed */
};

struct line {
	const char *at;
	size_t n; /* without its end */
};

static char at_or_blank(struct line l, size_t i)
{
	return i < l.n ? l.at[i] : ' ';
}

/* Whether the line starts as the pattern says. */
static bool fits(struct line l, const char *pattern)
{
	size_t i = 0;

	for (; *pattern; pattern++) {
		char c = at_or_blank(l, i);

		if (*pattern == '*') {
			while (i < l.n && l.at[i] != ' ')
				i++;
			continue;
		}
		if (*pattern == '#' ? !isdigit((unsigned char)c)
				    : tolower((unsigned char)c) != tolower((unsigned char)*pattern))
			return false;
		i++;
	}
	return true;
}

static bool fits_any(struct line l, const char *const patterns[PATTERNS])
{
	for (size_t i = 0; i < PATTERNS && patterns[i]; i++)
		if (fits(l, patterns[i]))
			return true;
	return false;
}

/* Where `word` stands in the line, with no letter or digit beside it; l.n when it does not. */
static size_t find_word(struct line l, const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i + length <= l.n; i++)
		if (strncasecmp(l.at + i, word, length) == 0 && !isalnum((unsigned char)at_or_blank(l, i + length)) &&
		    (i == 0 || !isalnum((unsigned char)l.at[i - 1])))
			return i;
	return l.n;
}

/* A capability overwritten by a middlebox, in its old length and mostly with X: "XXXXXXXA" or "XXXXXXXX" for STARTTLS
 * (Cisco's inspection of ESMTP). */
static bool has_blanked_word(struct line l, size_t length)
{
	size_t run = 0;

	if (length < 4)
		return false;
	for (size_t i = 0; i < l.n; i++) {
		if (run == length - 1 && isupper((unsigned char)l.at[i]) &&
		    !isalnum((unsigned char)at_or_blank(l, i + 1)) &&
		    (i == run || !isalnum((unsigned char)l.at[i - run - 1])))
			return true;
		run = l.at[i] == 'X' ? run + 1 : 0;
	}
	return false;
}

static struct line line_of(const uint8_t *bytes, size_t n)
{
	struct line l = {.at = (const char *)bytes, .n = n};

	while (l.n && (l.at[l.n - 1] == '\n' || l.at[l.n - 1] == '\r'))
		l.n--;
	return l;
}

static struct line after_word(struct line l)
{
	while (l.n && *l.at != ' ') {
		l.at++;
		l.n--;
	}
	while (l.n && *l.at == ' ') {
		l.at++;
		l.n--;
	}
	return l;
}

/* FNV-1a of the first word. */
static uint32_t word_hash(struct line l)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < l.n && l.at[i] != ' '; i++)
		hash = (hash ^ (unsigned char)l.at[i]) * 16777619u;
	return hash;
}

static bool is_dot(struct line l)
{
	return l.n == 1 && *l.at == '.';
}

static void owe_answer(struct preamble *p)
{
	if (p->due < UINT16_MAX)
		p->due++;
}

static void client_line(struct preamble *p, const struct line_rules *rules, struct line l)
{
	struct line command = rules->order == BY_TAG ? after_word(l) : l;

	if (p->step & CLIENT_DATA) {
		if (!is_dot(l))
			return;
		p->step &= (uint16_t)~CLIENT_DATA;
		owe_answer(p);
		return;
	}
	if (fits_any(command, rules->requests)) {
		preamble_ask(p);
		p->before = p->due;
		p->tag = word_hash(l);
	} else if (!fits_any(command, rules->quits)) {
		preamble_go_on(p);
	}
	p->step &= (uint16_t)~LISTING;
	if (fits_any(command, rules->lists))
		p->step |= LISTING;
	owe_answer(p);
}

static void note_offer(struct preamble *p, const struct line_rules *rules, struct line l)
{
	bool whole = rules->list_lines && find_word(l, rules->list_lines) < l.n;

	if (!rules->offers[0] || (!whole && !(p->step & LISTING)))
		return;
	for (size_t i = 0; i < PATTERNS && rules->offers[i]; i++) {
		if (find_word(l, rules->offers[i]) < l.n) {
			p->offer = PREAMBLE_OFFERED;
			return;
		}
	}
	if (has_blanked_word(l, strlen(rules->offers[0]))) {
		p->offer = PREAMBLE_OFFER_BLANKED;
		if (p->state == PREAMBLE_PLAIN)
			preamble_refuse(p, 0);
	} else if (whole && p->offer == PREAMBLE_OFFER_UNKNOWN) {
		p->offer = PREAMBLE_NOT_OFFERED;
	}
}

static uint32_t leading_number(struct line l)
{
	uint32_t value = 0;

	for (size_t i = 0; i < l.n && i < 6 && isdigit((unsigned char)l.at[i]); i++)
		value = value * 10 + (uint32_t)(l.at[i] - '0');
	return value;
}

/* The answer to the request for TLS has come. */
static void settle(struct preamble *p, const struct line_rules *rules, struct line answer)
{
	if (fits_any(answer, rules->grants))
		preamble_grant(p, leading_number(answer));
	else
		preamble_refuse(p, leading_number(answer));
}

static void answer_in_order(struct preamble *p, const struct line_rules *rules, struct line answer)
{
	if (p->due)
		p->due--;
	if ((p->step & LISTING) && !p->due && p->offer == PREAMBLE_OFFER_UNKNOWN)
		p->offer = PREAMBLE_NOT_OFFERED;
	if (p->state != PREAMBLE_ASKED)
		return;
	if (fits_any(answer, rules->goodbyes))
		preamble_refuse(p, leading_number(answer));
	else if (p->before)
		p->before--;
	else
		settle(p, rules, answer);
}

static void server_line(struct preamble *p, const struct line_rules *rules, struct line l)
{
	struct line answer = l;

	if (p->step & SERVER_DATA) {
		if (is_dot(l))
			p->step &= (uint16_t)~SERVER_DATA;
		note_offer(p, rules, l);
		return;
	}
	note_offer(p, rules, l);
	if (rules->order == BY_TAG && p->state == PREAMBLE_ASKED && word_hash(l) != p->tag) {
		if (fits_any(l, rules->goodbyes))
			preamble_refuse(p, 0);
		return;
	}
	if (rules->order == BY_TAG || (rules->order == BY_WORDS && l.n && *l.at == ':'))
		answer = after_word(l);
	if (!fits_any(answer, rules->finals))
		return;
	if (fits_any(answer, rules->wants_data))
		p->step |= CLIENT_DATA;
	if (fits_any(answer, rules->sends_data))
		p->step |= SERVER_DATA;
	if (rules->order == IN_ORDER)
		answer_in_order(p, rules, answer);
	else if (p->state == PREAMBLE_ASKED)
		settle(p, rules, answer);
}

static void line_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	struct line l = line_of(bytes, n);

	if (p->messages == 0 && p->spoken->rules->greeting_lists)
		p->step |= LISTING;
	if (from_client)
		client_line(p, p->spoken->rules, l);
	else
		server_line(p, p->spoken->rules, l);
}

/* RFC 6120 section 5.4: <starttls/> is answered with <proceed/> or <failure/>. A message is all up to a '>': words in
 * front of a tag, then the tag. */
static void xmpp_client_tag(struct preamble *p, struct line tag)
{
	if (fits(tag, "<starttls"))
		preamble_ask(p);
	else if (!fits(tag, "</"))
		preamble_go_on(p);
}

static void xmpp_server_tag(struct preamble *p, struct line tag)
{
	bool closed = tag.n > 1 && tag.at[tag.n - 2] == '/';

	if (fits(tag, "<starttls"))
		p->offer = PREAMBLE_OFFERED;
	else if ((fits(tag, "</stream:features") || (fits(tag, "<stream:features") && closed)) &&
		 p->offer == PREAMBLE_OFFER_UNKNOWN)
		p->offer = PREAMBLE_NOT_OFFERED;
	if (p->state != PREAMBLE_ASKED)
		return;
	if (fits(tag, "<proceed"))
		p->step |= XMPP_PROCEED;
	if ((p->step & XMPP_PROCEED) && (closed || fits(tag, "</proceed")))
		preamble_grant(p, 0);
	else if (fits(tag, "<failure") || fits(tag, "<stream:error") || fits(tag, "</stream:stream"))
		preamble_refuse(p, 0);
}

static void xmpp_message(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	const uint8_t *start = memrchr(bytes, '<', n);
	struct line tag = {.at = (const char *)bytes, .n = n};

	if (!start)
		return;
	tag.n -= (size_t)(start - bytes);
	tag.at = (const char *)start;
	if (from_client)
		xmpp_client_tag(p, tag);
	else
		xmpp_server_tag(p, tag);
}

static const struct line_rules smtp = {
	.requests = {"STARTTLS "},
	.quits = {"QUIT ", "RSET "},
	.finals = {"2## ", "3## ", "4## ", "5## "},
	.grants = {"220 "},
	.goodbyes = {"421 "},
	.wants_data = {"354 "},
	.lists = {"EHLO ", "LHLO "},
	.offers = {"STARTTLS"},
};

/* RFC 4217. Preliminary answers (1yz) are not final; 334 is what drafts had for 234. */
static const struct line_rules ftp = {
	.requests = {"AUTH TLS", "AUTH SSL"},
	.quits = {"QUIT "},
	.finals = {"2## ", "3## ", "4## ", "5## "},
	.grants = {"234 ", "334 "},
	.goodbyes = {"421 "},
	.lists = {"FEAT "},
	.offers = {"AUTH TLS", "AUTH SSL"},
};

/* RFC 4642; which answers are followed by lines: RFC 3977 section 3.2. */
static const struct line_rules nntp = {
	.requests = {"STARTTLS "},
	.quits = {"QUIT "},
	.finals = {"### "},
	.grants = {"382 "},
	.goodbyes = {"400 "},
	.wants_data = {"335 ", "340 "},
	.sends_data = {"100 ", "101 ", "215 ", "220 ", "221 ", "222 ", "224 ", "225 ", "230 ", "231 "},
	.lists = {"CAPABILITIES "},
	.offers = {"STARTTLS"},
};

/* Lines of a listing start with neither "+OK" nor "-ERR"; "+ " asks for the next step of AUTH. */
static const struct line_rules pop3 = {
	.requests = {"STLS "},
	.quits = {"QUIT "},
	.finals = {"+OK ", "-ERR ", "+ "},
	.grants = {"+OK "},
	.lists = {"CAPA "},
	.offers = {"STLS"},
};

static const struct line_rules imap = {
	.order = BY_TAG,
	.requests = {"STARTTLS "},
	.quits = {"LOGOUT "},
	.finals = {"OK ", "NO ", "BAD "},
	.grants = {"OK "},
	.goodbyes = {"* BYE "},
	.list_lines = "CAPABILITY",
	.offers = {"STARTTLS"},
};

/* RFC 5804: the greeting is the capabilities and an OK. */
static const struct line_rules sieve = {
	.greeting_lists = true,
	.requests = {"STARTTLS "},
	.quits = {"LOGOUT "},
	.finals = {"OK ", "NO ", "BYE ", "NO(", "OK("},
	.grants = {"OK "},
	.goodbyes = {"BYE "},
	.offers = {"STARTTLS"},
};

/* Numerics 670 and 691 (ircv3.net, tls-3.1); 421 where the command is unknown, 451 where it is refused before NICK. */
static const struct line_rules irc = {
	.order = BY_WORDS,
	.requests = {"STARTTLS "},
	.quits = {"QUIT "},
	.finals = {"670 ", "691 ", "421 * STARTTLS ", "451 ", "ERROR "},
	.grants = {"670 "},
	.list_lines = "LS",
	.offers = {"tls"},
};

const struct preamble_protocol preamble_line_protocols[] = {
	{"smtp", '\n', .greets = true, .rules = &smtp, .message = line_message},
	{"lmtp", '\n', .greets = true, .rules = &smtp, .message = line_message},
	{"ftp", '\n', .greets = true, .rules = &ftp, .message = line_message},
	{"nntp", '\n', .greets = true, .rules = &nntp, .message = line_message},
	{"pop3", '\n', .greets = true, .rules = &pop3, .message = line_message},
	{"imap", '\n', .rules = &imap, .message = line_message},
	{"sieve", '\n', .greets = true, .rules = &sieve, .message = line_message},
	{"irc", '\n', .rules = &irc, .message = line_message},
	{"xmpp", '>', .message = xmpp_message},
	{.name = NULL},
};
