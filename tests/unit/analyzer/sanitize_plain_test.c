/* sanitize_plain_test.c: what is said in clear, and what becomes of it: the protocol is still recognised, and nothing
 * is left of names, addresses, passwords and software.
 */
#include "analyzer/sanitize_plain.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/recognize.h"
#include "tests/unit/suite.h"

#define CLIENT true
#define SERVER false

/* What is said and what becomes of it, with \NNN for bytes; zeros behind what is written here. */
#define SAID(in, out) in, out, sizeof(in) - 1, sizeof(out) - 1

static const struct {
	bool from_client;
	uint16_t port;
	const char *tunnel, *protocol; /* as the preamble ends with; NULL: none */
	const char *in, *out;
	size_t n, out_n;
} rows[] = {
	{CLIENT, 443, NULL, "http",
	 SAID("GET /private?id=4711 HTTP/1.1\r\nHost: www.corp.net\r\nCookie: s=abcd\r\n\r\n",
	      "GET /xxxxxxx?id=0000 HTTP/1.1\r\nHost: xxa.xxxa.xxb\r\nCookie: x=xxxx\r\n\r\n")},
	{SERVER, 443, NULL, "http",
	 SAID("HTTP/1.1 301 Moved\r\nServer: nginx/1.18.0\r\nContent-Length: 12\r\n\r\nsecret words",
	      "HTTP/1.1 301 Moved\r\nServer: xxxxx/0.00.0\r\nContent-Length: 12\r\n\r\n")},
	{CLIENT, 3128, NULL, "connect",
	 SAID("CONNECT www.corp.net:8443 HTTP/1.1\r\nProxy-Authorization: Basic dTpw\r\n\r\n",
	      "CONNECT xxa.xxxa.xxb:8443 HTTP/1.1\r\nProxy-Authorization: Basic xxxx\r\n\r\n")},
	{SERVER, 25, NULL, "smtp",
	 SAID("220 mx1.corp.net ESMTP Postfix (Debian/GNU)\r\n250-mx1.corp.net\r\n250 STARTTLS\r\n",
	      "220 xxa.xxxa.xxb ESMTP Postfix (xxxxxx/xxx)\r\n250-xxa.xxxa.xxb\r\n250 STARTTLS\r\n")},
	{SERVER, 25, NULL, "smtp",
	 SAID("454 4.7.0 TLS not available, ask ann@corp.net\r\n250-XXXXXXXA\r\n",
	      "454 4.7.0 TLS not xxxxxxxxx, xxx xxx@xxxa.xxa\r\n250-XXXXXXXA\r\n")},
	{CLIENT, 143, NULL, "imap",
	 SAID("a001 LOGIN ann hunter2\r\na002 STARTTLS\r\n", "1xxa LOGIN xxx xxxxxxx\r\n1xxb STARTTLS\r\n")},
	{SERVER, 443, NULL, "ssh",
	 SAID("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\0\0\5\14\12\24secret", "SSH-2.0-xxxxxxxxx.xxx xxxxxxxx\r\n")},
	{SERVER, 443, NULL, "text",
	 SAID("Welcome to corp.net, call 555-0199\n", "xxxxxxx to xxxa.xxa, xxxx 000-0000\n")},
	{SERVER, 443, NULL, NULL, SAID("\1\2secret\377\376", "")},
	{CLIENT, 443, "proxy", NULL,
	 SAID("PROXY TCP4 10.77.31.209 10.77.31.20 56324 443\r\n",
	      "PROXY TCP4 198.51.100.1 00.00.00.00 00000 000\r\n")},
	{CLIENT, 443, "proxy", NULL,
	 SAID("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\14\12\1\2\3\12\1\2\4\xd0\x0c\1\xbb",
	      "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\14\xc6\x33\x64\1\xc6\x33\x64\2\xd0\x0c\1\xbb")},
	{CLIENT, 1080, "socks5", NULL,
	 SAID("\5\1\2\1\3ann\2pw\5\1\0\3\14www.corp.net\1\xbb", "\5\1\2\1\3\0\0\0\2\0\0\5\1\0\3\14xxa.xxxa.xxb\1\xbb")},
	/* The capture begins with the request, which looks like a greeting and a name behind it. */
	{CLIENT, 443, NULL, "socks5", SAID("\5\1\0\3\14www.corp.net\1\xbb", "\5\1\0")},
	{CLIENT, 443, NULL, "socks5", SAID("\5\14www.corp.net", "\5\14")},
	{CLIENT, 1080, "socks4", NULL,
	 SAID("\4\1\1\xbb\0\0\0\1ann\0www.corp.net\0", "\4\1\1\xbb\0\0\0\1xxa\0xxb.xxxa.xxc\0")},
	{CLIENT, 5432, NULL, "postgres", SAID("\0\0\0\10\4\xd2\x16\x2f", "\0\0\0\10\4\xd2\x16\x2f")},
	{SERVER, 5432, NULL, "postgres", SAID("N", "N")},
	{SERVER, 5432, NULL, "postgres",
	 SAID("E\0\0\0\56SFATAL\0C28000\0Mgo away, ann at corp\0\0",
	      "E\0\0\0\56SFATAL\0C28000\0Mgo xxxx, xxx xx xxxx\0\0")},
	{SERVER, 3306, NULL, "mysql",
	 SAID("\47\0\0\0\12"
	      "8.0.36\0\1\2\3\4SCRAMBLE\0\377\377\377\2\0\377\337\25\0\0\0\0\0\0\0\0\0\0",
	      "\47\0\0\0\12"
	      "0.0.00\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377\377\377\2\0\377\337\25")},
	{CLIENT, 389, NULL, "ldap",
	 SAID("\60\35\2\1\1w\30\200\0261.3.6.1.4.1.1466.20037", "\60\35\2\1\1w\30\200\0261.3.6.1.4.1.1466.20037")},
	{CLIENT, 389, NULL, "ldap",
	 SAID("\60\24\2\1\1`\17\2\1\3\4\4cn=a\200\4pass", "\60\24\2\1\1`\17\2\1\3\4\4xx=x\200\4")},
	{CLIENT, 3389, NULL, "rdp",
	 SAID("\3\0\0\50\43\340\0\0\0\0\0Cookie: mstshash=ann\r\n\1\0\10\0\3\0\0\0",
	      "\3\0\0\50\43\340\0\0\0\0\0Cookie: mstshash=xxx\r\n\1\0\10\0\3\0\0\0")},
	{CLIENT, 1433, NULL, "mssql",
	 SAID("\22\1\0\34\0\0\1\0\0\0\13\0\6\1\0\21\0\1\377\20\0\7\320\0\0\1AB\20\1\0\14\0\0\1\0pass",
	      "\22\1\0\34\0\0\1\0\0\0\13\0\6\1\0\21\0\1\377\0\0\0\0\0\0\1\0\0\20\1\0\14\0\0\1")},
	{CLIENT, 53, NULL, "dns",
	 SAID("\0\36\253\315\1\0\0\1\0\0\0\0\0\0\4corp\3net\0\0\1\0\1",
	      "\0\36\0\0\1\0\0\1\0\0\0\0\0\0\4xxxa\3xxa\0\0\1\0\1")},
};

static void print_bytes(const char *what, const uint8_t *bytes, size_t n)
{
	printf("# %s \"", what);
	for (size_t i = 0; i < n; i++)
		printf(isprint(bytes[i]) ? "%c" : "\\%o", bytes[i]);
	printf("\"\n");
}

static struct plain_context context(size_t row)
{
	struct plain_context c = {.aliases = alias_table_new(),
				  .from_client = rows[row].from_client,
				  .port = rows[row].port,
				  .protocol = rows[row].protocol,
				  .tunnel = rows[row].tunnel};

	if (!c.aliases)
		abort();
	return c;
}

static void each(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct plain_context c = context(i);
		const uint8_t *in = (const uint8_t *)rows[i].in;
		size_t n = rows[i].n;
		uint8_t *out = calloc(1, n), *expected = calloc(1, n);
		const char *was, *is;

		if (!out || !expected)
			abort();
		sanitize_plain(&c, in, n, out);
		memcpy(expected, rows[i].out, rows[i].out_n);
		CU_ASSERT_EQUAL(memcmp(out, expected, n), 0);
		if (memcmp(out, expected, n) != 0) {
			print_bytes("is", out, n);
			print_bytes("is not", expected, n);
		}
		was = recognize_protocol(c.from_client, c.port, in, n);
		is = recognize_protocol(c.from_client, c.port, out, n);
		CU_ASSERT(was == is || (was && is && !strcmp(was, is)));
		alias_table_free(c.aliases);
		free(expected);
		free(out);
	}
}

/* A word that decides which protocol it is stays, though it is part of a name. */
static void deciding_word(void)
{
	static const char in[] = "220 mail.corp.net welcomes you\r\n";
	struct plain_context c = {.aliases = alias_table_new(), .port = 443};
	uint8_t out[sizeof(in)] = "";
	const char *is;

	sanitize_plain(&c, (const uint8_t *)in, sizeof(in) - 1, out);
	is = recognize_protocol(false, 443, out, sizeof(in) - 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(is);
	CU_ASSERT_STRING_EQUAL(is, "smtp");
	CU_ASSERT_PTR_NULL(memmem(out, sizeof(out), "corp", 4));
	alias_table_free(c.aliases);
}

/* Cut at every length, from memory of exactly that length. */
static void cut_anywhere(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = rows[i].n;

		for (size_t cut = 1; cut <= n; cut++) {
			const struct plain_context c = context(i);
			uint8_t *in = malloc(cut), *out = calloc(1, cut);

			if (!in || !out)
				abort();
			memcpy(in, rows[i].in, cut);
			sanitize_plain(&c, in, cut, out);
			CU_ASSERT_PTR_NULL(memmem(out, cut, "corp", 4));
			CU_ASSERT_PTR_NULL(memmem(out, cut, "secret", 6));
			alias_table_free(c.aliases);
			free(in);
			free(out);
		}
	}
}

const struct unit_test unit_tests[] = {
	{"every protocol says the same, and nothing of whose it is", each},
	{"a word that decides which protocol it is stays", deciding_word},
	{"it may be cut anywhere", cut_anywhere},
	{NULL, NULL},
};
