/* preamble.c: the plain-text dialogues that lead to TLS, a line a row; see preamble.h. */
#include "servers/preamble.h"

#include <string.h>

enum when { ALWAYS, YES, NO };

/* SAY: text is sent. SAY_HEX: the same in hexadecimal. EXPECT, EXPECT_HEX: the client says it. READ: it sends so many
 * bytes. ANSWER: a line that contains match, of this row or its neighbours, is answered; the group is over when its
 * last row was. */
enum kind { SAY, SAY_HEX, EXPECT, EXPECT_HEX, READ, ANSWER };

static const struct row {
	const char *protocol;
	enum when when;
	enum kind kind;
	const char *match;
	const char *text;
} rows[] = {
	/* RFC 3207 */
	{"smtp", ALWAYS, SAY, NULL, "220 mail.example.net ESMTP\r\n"},
	{"smtp", ALWAYS, ANSWER, "HELO", "250 mail.example.net\r\n"},
	{"smtp", ALWAYS, ANSWER, "EHLO", "250-mail.example.net\r\n250-SIZE 10240000\r\n250 STARTTLS\r\n"},
	{"smtp", YES, ANSWER, "STARTTLS", "220 2.0.0 Ready to start TLS\r\n"},
	{"smtp", NO, ANSWER, "STARTTLS", "454 4.7.0 TLS not available due to temporary reason\r\n"},
	/* RFC 9051, 6.2.1 */
	{"imap", ALWAYS, SAY, NULL, "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n"},
	{"imap", ALWAYS, ANSWER, "CAPABILITY", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n${tag} OK done\r\n"},
	{"imap", YES, ANSWER, "STARTTLS", "${tag} OK Begin TLS negotiation now\r\n"},
	{"imap", NO, ANSWER, "STARTTLS", "${tag} NO TLS not available\r\n"},
	/* RFC 2595, 4 */
	{"pop3", ALWAYS, SAY, NULL, "+OK POP3 ready\r\n"},
	{"pop3", ALWAYS, ANSWER, "CAPA", "+OK\r\nSTLS\r\nUSER\r\n.\r\n"},
	{"pop3", YES, ANSWER, "STLS", "+OK Begin TLS negotiation\r\n"},
	{"pop3", NO, ANSWER, "STLS", "-ERR TLS not available\r\n"},
	/* RFC 4217 */
	{"ftp", ALWAYS, SAY, NULL, "220 FTP ready\r\n"},
	{"ftp", ALWAYS, ANSWER, "FEAT", "211-Features:\r\n AUTH TLS\r\n PBSZ\r\n PROT\r\n211 End\r\n"},
	{"ftp", ALWAYS, ANSWER, "AUTH SSL", "504 Unknown AUTH type\r\n"},
	{"ftp", YES, ANSWER, "AUTH TLS", "234 Proceed with negotiation.\r\n"},
	{"ftp", NO, ANSWER, "AUTH TLS", "534 Policy requires no TLS\r\n"},
	/* RFC 4511, 4.14: an extended request 1.3.6.1.4.1.1466.20037 as message 1; result 0 success, 52 unavailable */
	{"ldap", ALWAYS, EXPECT_HEX, NULL, "301d020101771880 16312e332e362e312e342e312e313436362e3230303337"},
	{"ldap", YES, SAY_HEX, NULL, "300c02010178070a010004000400"},
	{"ldap", NO, SAY_HEX, NULL, "300c02010178070a013404000400"},
	/* RFC 6120, 5.4 */
	{"xmpp", ALWAYS, EXPECT, NULL, "<stream:stream"},
	{"xmpp", ALWAYS, EXPECT, NULL, ">"},
	{"xmpp", ALWAYS, SAY, NULL,
	 "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
	 "id='1' from='api.example.net' version='1.0'><stream:features>"
	 "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"},
	{"xmpp", ALWAYS, EXPECT, NULL, "<starttls"},
	{"xmpp", ALWAYS, EXPECT, NULL, ">"},
	{"xmpp", YES, SAY, NULL, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"},
	{"xmpp", NO, SAY, NULL, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"},
	/* PostgreSQL frontend/backend protocol: SSLRequest, answered by one byte */
	{"postgres", ALWAYS, EXPECT_HEX, NULL, "00000008 04d2162f"},
	{"postgres", YES, SAY, NULL, "S"},
	{"postgres", NO, SAY, NULL, "N"},
	/* MySQL protocol 10 greeting with CLIENT_SSL; the client answers with a 32-byte SSLRequest that says
	 * CLIENT_SSL, in packet 1. A server without TLS greets without the flag. */
	{"mysql", YES, SAY_HEX, NULL,
	 "4a000000 0a 382e302e333000 08000000 4141414141414141 00 ffff ff 0200 ffc7 15 00000000000000000000 "
	 "424242424242424242424242 00 6d7973716c5f6e61746976655f70617373776f726400"},
	{"mysql", YES, EXPECT_HEX, NULL, "20000001"},
	{"mysql", YES, READ, NULL, "32"},
	{"mysql", NO, SAY_HEX, NULL,
	 "4a000000 0a 382e302e333000 08000000 4141414141414141 00 fff7 ff 0200 ffc7 15 00000000000000000000 "
	 "424242424242424242424242 00 6d7973716c5f6e61746976655f70617373776f726400"},
	/* RFC 9110, 9.3.6 */
	{"connect", ALWAYS, EXPECT, NULL, "\r\n\r\n"},
	{"connect", YES, SAY, NULL, "HTTP/1.1 200 Connection established\r\n\r\n"},
	{"connect", NO, SAY, NULL, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"},
	/* RFC 7194 has no STARTTLS; this is what IRC servers do (IRCv3 "tls") */
	{"irc", ALWAYS, ANSWER, "CAP LS", ":irc.example.net CAP * LS :tls\r\n"},
	{"irc", YES, ANSWER, "STARTTLS", ":irc.example.net 670 * :STARTTLS successful, proceed with TLS handshake\r\n"},
	{"irc", NO, ANSWER, "STARTTLS", ":irc.example.net 691 * :STARTTLS failed\r\n"},
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static bool applies(const struct row *row, const char *protocol, bool refuse)
{
	return strcmp(row->protocol, protocol) == 0 && (row->when == ALWAYS || (row->when == NO) == refuse);
}

static const struct row *last_answer(const char *protocol, bool refuse)
{
	const struct row *last = NULL;

	for (size_t i = 0; i < ROWS; i++)
		if (applies(&rows[i], protocol, refuse) && (rows[i].kind <= SAY_HEX || rows[i].kind == ANSWER))
			last = &rows[i];
	return last;
}

/* Neighbouring ANSWER rows are one step. */
static void append_answer(json_t *list, const char *match, const char *text)
{
	json_t *last = json_array_get(list, json_array_size(list) - 1);
	json_t *pairs = json_object_get(last, "answer-lines");

	if (!pairs) {
		pairs = json_array();
		json_array_append_new(list, json_pack("{s:o}", "answer-lines", pairs));
	}
	json_array_append_new(pairs, json_pack("[s, s]", match, text));
}

json_t *preamble_steps(const char *protocol, bool refuse, const char *answer)
{
	static const char *const steps[] = {[SAY] = "send-text",
					    [SAY_HEX] = "send-hex",
					    [EXPECT] = "expect",
					    [EXPECT_HEX] = "expect-hex",
					    [READ] = "read-bytes"};
	const struct row *last = last_answer(protocol, refuse);
	json_t *list = last ? json_array() : NULL;

	for (size_t i = 0; list && i < ROWS; i++) {
		const struct row *row = &rows[i];
		const char *text = row == last && answer ? answer : row->text;

		if (!applies(row, protocol, refuse))
			continue;
		if (row->kind == ANSWER)
			append_answer(list, row->match, text);
		else
			json_array_append_new(list, json_pack("{s:s}", steps[row->kind], text));
	}
	return list;
}

const char *preamble_name(size_t index)
{
	for (size_t i = 0; i < ROWS; i++)
		if ((i == 0 || strcmp(rows[i].protocol, rows[i - 1].protocol) != 0) && index-- == 0)
			return rows[i].protocol;
	return NULL;
}
