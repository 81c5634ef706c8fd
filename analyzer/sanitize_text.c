/* sanitize_text.c: see sanitize_text.h. */
#include "sanitize_text.h"

#include <ctype.h>
#include <strings.h>

#include "preamble.h"

/* By initial, so that few are tried. Longer ones come before those they begin with. */
static const char *const vocabulary[] = {
	/* numbers */
	"8bitmime",
	"8=fix",
	/* a to c */
	"accept",
	"announce",
	"apop",
	"application_name",
	"auth",
	"authenticate",
	"authentication",
	"bad",
	"basic",
	"bearer",
	"begin",
	"binary",
	"bittorrent protocol",
	"body",
	"bye",
	"cap",
	"capa",
	"capabilities",
	"capability",
	"charset",
	"chunked",
	"chunking",
	"client_encoding",
	"client_error",
	"close",
	"closed",
	"command",
	"connect",
	"connected",
	"connection",
	"content-length",
	"content-type",
	"cookie",
	"cram-md5",
	/* d to h */
	"data",
	"database",
	"delete",
	"denied",
	"describe",
	"digest-md5",
	"doctype",
	"dsn",
	"ehlo",
	"enable",
	"end",
	"enhancedstatuscodes",
	"err",
	"error",
	"esmtp",
	"established",
	"etherx.jabber.org",
	"etrn",
	"exceeded maxstartups",
	"exim",
	"failure",
	"fatal",
	"feat",
	"features",
	"filezilla",
	"forbidden",
	"found",
	"from",
	"ftp",
	"gateway",
	"get",
	"git-receive-pack",
	"git-upload-pack",
	"go",
	"head",
	"helo",
	"help",
	"host",
	"html",
	"http",
	"https",
	/* i to n */
	"icy",
	"id",
	"idle",
	"imap4",
	"imap4rev1",
	"imap4rev2",
	"implementation",
	"info",
	"innd",
	"invite",
	"jabber",
	"keep-alive",
	"lang",
	"lhlo",
	"list",
	"lmtp",
	"loading",
	"login",
	"logindisabled",
	"logout",
	"ls",
	"mail",
	"message",
	"meta",
	"method not allowed",
	"misconf",
	"mkcol",
	"mode",
	"moved",
	"mstshash",
	"mx",
	"mysql",
	"negotiate",
	"negotiation",
	"news",
	"nick",
	"nntp",
	"no",
	"noauth",
	"noop",
	"not",
	"not allowed at this time",
	"notice",
	"notify",
	"ntlm",
	/* o to r */
	"ok",
	"optional",
	"options",
	"pass",
	"patch",
	"pbsz",
	"permanently",
	"ping",
	"pipelining",
	"plain",
	"pong",
	"pop3",
	"post",
	"postfix",
	"posting",
	"preauth",
	"pri",
	"proceed",
	"propfind",
	"prot",
	"protocol error",
	"protocol",
	"proxy",
	"proxy-authenticate",
	"proxy-authorization",
	"proxy-connection",
	"put",
	"quit",
	"rcpt",
	"read",
	"reader",
	"ready",
	"redis",
	"refused",
	"register",
	"report",
	"req",
	"request",
	"required",
	"rfb 003.003",
	"rfb 003.007",
	"rfb 003.008",
	"rpc_in_data",
	"rpc_out_data",
	"rset",
	"rsyncd",
	"rtsp",
	/* s to z */
	"sasl",
	"scram-sha-1",
	"scram-sha-256",
	"sendmail",
	"server",
	"server_error",
	"service",
	"set",
	"sip",
	"size",
	"smtp",
	"smtputf8",
	"ssh",
	"ssl",
	"ssl-c",
	"starttls",
	"stats",
	"stls",
	"stomp",
	"stream",
	"subscribe",
	"success",
	"tcp4",
	"tcp6",
	"text",
	"title",
	"tls",
	"tls-c",
	"to",
	"trace",
	"unauthorized",
	"unavailable",
	"unknown",
	"unknown command",
	"upgrade",
	"user",
	"user-agent",
	"utf-8",
	"version",
	"wrong number of arguments",
	"xml",
};

struct text {
	const struct text_rules *rules;
	const uint8_t *in;
	uint8_t *out;
	size_t n; /* of the whole text */
};

static void keep(const struct text *t, size_t at, size_t n)
{
	memcpy(t->out + at, t->in + at, n);
}

static bool matches(const struct text *t, size_t at, const char *word, size_t length)
{
	return length <= t->n - at && strncasecmp((const char *)t->in + at, word, length) == 0;
}

/* The longest entry that stands at a place with no letter or digit beside it, or, for phrases, at all; 0: none. */
static size_t known_at(const struct text *t, size_t at)
{
	size_t longest = 0;

	for (size_t i = 0; i < sizeof(vocabulary) / sizeof(*vocabulary); i++) {
		size_t length = strlen(vocabulary[i]);

		if (length > longest && matches(t, at, vocabulary[i], length) &&
		    (t->rules->everywhere || at + length == t->n || !isalnum(t->in[at + length])))
			longest = length;
	}
	for (size_t i = 0; preamble_phrase(i); i++) {
		size_t length = strlen(preamble_phrase(i));

		if (length > longest && matches(t, at, preamble_phrase(i), length))
			longest = length;
	}
	return longest;
}

/* Whether the run of letters, digits, dots, hyphens at a place has a label behind a dot: a host name. */
static bool in_host_name(const struct text *t, size_t at, size_t *end)
{
	bool dotted = false;

	for (; at < t->n && (alias_in_word(t->in[at]) || t->in[at] == '.'); at++)
		dotted = dotted || (t->in[at] == '.' && at + 1 < t->n && isalpha(t->in[at + 1]));
	*end = at;
	return dotted;
}

static size_t digits_at(const struct text *t, size_t at)
{
	size_t n = 0;

	while (at + n < t->n && isdigit(t->in[at + n]))
		n++;
	return n;
}

/* "220 ", "250-", and behind it "2.1.0" (RFC 3463). */
static size_t code_at(const struct text *t, size_t at)
{
	size_t n = digits_at(t, at);

	if (n != 3 || (at + n < t->n && alias_in_word(t->in[at + n]) && t->in[at + n] != '-'))
		return 0;
	if (at + n + 6 <= t->n && isdigit(t->in[at + n + 1]) && t->in[at + n + 2] == '.' &&
	    isdigit(t->in[at + n + 3]) && t->in[at + n + 4] == '.' && isdigit(t->in[at + n + 5]) &&
	    (at + n + 6 == t->n || !alias_in_word(t->in[at + n + 6])))
		n += 6;
	return n;
}

static bool begins_line(const struct text *t, size_t at)
{
	return at == 0 || t->in[at - 1] == '\n';
}

static bool follows(const struct text *t, size_t at, const char *words)
{
	size_t n = strlen(words);

	return at >= n && strncasecmp((const char *)t->in + at - n, words, n) == 0;
}

/* Whether a number at a place tells how the exchange goes on. */
static bool number_counts(const struct text *t, size_t at)
{
	return follows(t, at, "Content-Length: ") || follows(t, at, "Content-Length:") || follows(t, at, "HTTP/") ||
	       follows(t, at, "HTTP/1.") || follows(t, at, "HTTP/1.0 ") || follows(t, at, "HTTP/1.1 ") ||
	       follows(t, at, "SSH-") || follows(t, at, "SSH-1.") || follows(t, at, "SSH-2.") ||
	       follows(t, at, "SIP/") || follows(t, at, "RTSP/");
}

/* The port of "CONNECT host:port". */
static bool is_connect_port(const struct text *t, size_t at)
{
	size_t start = at;

	if (at == 0 || t->in[at - 1] != ':')
		return false;
	while (start > 0 && t->in[start - 1] != '\n')
		start--;
	return follows(t, start + 8, "CONNECT ");
}

/* IRC's numerics, behind the name of the server (RFC 1459 section 2.4). */
static bool is_irc_number(const struct text *t, size_t at, size_t n)
{
	size_t start;

	if (n != 3 || at == 0 || t->in[at - 1] != ' ')
		return false;
	for (start = at - 1; start > 0 && t->in[start - 1] != '\n' && t->in[start - 1] != ' ';)
		start--;
	return begins_line(t, start) && t->in[start] == ':';
}

/* See preamble_line.c: "XXXXXXXA". */
static size_t blanked_at(const struct text *t, size_t at)
{
	size_t n = 0;

	while (at + n < t->n && t->in[at + n] == 'X')
		n++;
	if (n >= 3 && at + n < t->n && isupper(t->in[at + n]))
		n++;
	return n >= 4 && (at + n == t->n || !isalnum(t->in[at + n])) ? n : 0;
}

/* A number by itself; returns its length, 0 when there is none. */
static size_t number(const struct text *t, size_t at)
{
	size_t n = digits_at(t, at);

	if (n == 0 || (at + n < t->n && alias_in_word(t->in[at + n]) && t->in[at + n] != '-'))
		return 0;
	if (number_counts(t, at) || is_connect_port(t, at) || is_irc_number(t, at, n))
		keep(t, at, n);
	else
		memset(t->out + at, '0', n);
	return n;
}

/* What begins at a place where a word may begin: rewrites it and returns its length. */
static size_t word(const struct text *t, size_t at)
{
	size_t end, n = begins_line(t, at) ? code_at(t, at) : 0;
	bool tag = t->rules->tagged && begins_line(t, at), host;

	if (!n)
		n = blanked_at(t, at);
	host = in_host_name(t, at, &end);
	if (!n && !tag && !(host && !t->rules->everywhere))
		n = known_at(t, at);
	if (n) {
		keep(t, at, n);
		return n;
	}
	n = t->rules->everywhere ? 0 : alias_address_length(t->in + at, t->n - at);
	if (n) {
		alias_text(t->rules->aliases, t->in + at, n, t->out + at);
		return n;
	}
	if (!host && !tag) {
		n = number(t, at);
		if (n)
			return n;
	}
	n = end - at;
	if (!host) /* dots within are no part of it, unless it is an address */
		for (n = 0; at + n < end && (alias_in_word(t->in[at + n]) || isdigit(t->in[at])); n++)
			;
	if (t->rules->everywhere) { /* letter by letter, so that the vocabulary is found within */
		t->out[at] = isdigit(t->in[at]) ? '0' : 'x';
		return 1;
	}
	if (host || tag)
		alias_text(t->rules->aliases, t->in + at, n, t->out + at);
	else
		memset(t->out + at, 'x', n);
	if (tag && n > 0)
		t->out[at] = '1';
	return n;
}

/* The text before the first line that has a control character. */
static size_t text_length(const uint8_t *in, size_t n)
{
	size_t line = 0;

	for (size_t i = 0; i < n; i++) {
		if (in[i] < 0x20 && (in[i] < '\t' || in[i] > '\r'))
			return line;
		if (in[i] == '\n')
			line = i + 1;
	}
	return n;
}

void sanitize_body(const uint8_t *in, size_t n, uint8_t *out)
{
	for (size_t at = 0; at < n; at++)
		if (in[at] == '\n')
			out[at] = in[at];
	for (size_t i = 0; preamble_phrase(i); i++) {
		size_t length = strlen(preamble_phrase(i));
		const uint8_t *found = n ? memmem(in, n, preamble_phrase(i), length) : NULL;

		if (found)
			memcpy(out + (found - in), found, length);
	}
}

void sanitize_text(const struct text_rules *rules, const uint8_t *in, size_t n, uint8_t *out)
{
	struct text t = {.rules = rules, .in = in, .out = out, .n = text_length(in, n)};
	size_t at = 0;

	while (at < t.n) {
		if (alias_in_word(in[at]) && in[at] != '-') { /* "-ERR" */
			at += word(&t, at);
		} else {
			size_t phrase = known_at(&t, at); /* ", SSL off" */

			phrase = phrase ? phrase : 1;
			keep(&t, at, phrase);
			at += phrase;
		}
	}
}
