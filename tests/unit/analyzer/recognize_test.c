/* recognize_test.c: real openings and the names they should get, and bytes that should get none. */
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/recognize.h"
#include "tests/unit/suite.h"

struct row {
	const char *name; /* expected; NULL: not recognised */
	bool from_client;
	uint16_t port;
	const char *bytes;
	size_t n;
};
#define C(name, port, text)                                                                                            \
	{                                                                                                              \
		name, true, port, text, sizeof(text) - 1                                                               \
	}
#define S(name, port, text)                                                                                            \
	{                                                                                                              \
		name, false, port, text, sizeof(text) - 1                                                              \
	}

static const struct row openings[] = {
	C("http", 443, "GET /health HTTP/1.1\r\nHost: api.example.net\r\n\r\n"),
	C("http", 443, "GET /a-path-that-was-cut-before-its-version"),
	C("http", 443, "POST http://a/b HTTP/1.1\r\n"),
	C("http", 3128, "CONNECT api.example.net:443 HTTP/1.1\r\n"),
	C("http", 443, "OPTIONS * HTTP/1.1\r\n"),
	C("http2", 443, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
	C("rtsp", 554, "OPTIONS rtsp://camera/ RTSP/1.0\r\n"),
	C("sip", 5060, "OPTIONS sip:a@b SIP/2.0\r\n"),
	S("sip", 5060, "SIP/2.0 200 OK\r\n"),
	S("http", 443, "HTTP/1.1 400 Bad Request\r\n"),
	S("http2", 443, "\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"),
	S("http", 443, "<html>\r\n<head><title>Blocked</title>"),
	S("http", 443, "<!DOCTYPE html><html>"),
	S("http", 443, "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC>"),

	S("ssh", 443, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n"),
	C("ssh", 443, "SSH-2.0-PuTTY_Release_0.78\r\n"),
	S("ssh", 22, "Exceeded MaxStartups\r\n"),
	S("vnc", 5900, "RFB 003.008\n"),
	S("telnet", 23, "\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27"),
	C("rdp", 3389, "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"),
	C("rdp", 3389, "\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x00\x00"),
	S("rdp", 3389, "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x1f\x08\x00\x02\x00\x00\x00"),
	C(NULL, 102,
	  "\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x01\x00\xc0\x01\x0a\xc1\x02\x01\x00\xc2\x02\x01\x02"), /* S7 */

	S("smtp", 443, "220 mail.example.net ESMTP Postfix (Debian/GNU)\r\n"),
	S("smtp", 443, "220 ftp.example.net ESMTP\r\n"),
	S("smtp", 25, "220 ready when you are\r\n"),
	S("smtp", 443, "554 No SMTP service here\r\n"),
	S("smtp", 443, "421 4.7.0 Try again later\r\n"),
	S("lmtp", 24, "220 mail LMTP Server\r\n"),
	S("ftp", 443, "220 (vsFTPd 3.0.3)\r\n"),
	S("ftp", 443, "220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n"),
	S("ftp", 443, "220-FileZilla Server 1.7.0\r\n"),
	S("ftp", 21, "220 ready when you are\r\n"),
	S("ftp", 21, "421 Too many connections\r\n"),
	S("text", 443, "220 ready when you are\r\n"),
	C("smtp", 443, "EHLO client.example.net\r\n"),
	C("ftp", 443, "AUTH TLS\r\n"),
	C("ftp", 21, "USER anonymous\r\n"),
	C("pop3", 110, "USER anonymous\r\n"),
	C("text", 443, "USER anonymous\r\n"),
	S("imap", 443, "* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n"),
	C("imap", 443, "A001 CAPABILITY\r\n"),
	C("imap", 443, "1.2 starttls\r\n"),
	C("text", 443, "hello login\r\n"),
	S("pop3", 443, "+OK Dovecot ready.\r\n"),
	C("pop3", 443, "CAPA\r\n"),
	S("nntp", 443, "200 news.example.net InterNetNews NNRP server INN 2.7.0 ready (posting ok)\r\n"),
	S("sieve", 4190, "\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n"),
	C("xmpp", 5222, "<?xml version='1.0'?>\n<stream:stream to='example.net' xmlns='jabber:client'>"),
	S("irc", 6667, ":irc.example.net NOTICE * :*** Looking up your hostname...\r\n"),
	C("irc", 6667, "NICK somebody\r\nUSER a 0 * :b\r\n"),
	S("irc", 6667, "ERROR :Closing Link: [192.0.2.40] (Throttled)\r\n"),

	S("mysql", 443,
	  "\x4a\x00\x00\x00\x0a"
	  "8.0.36\0\x08\0\0\0"),
	S("mysql", 443,
	  "\x5b\x00\x00\x00\x0a"
	  "5.5.5-10.11.6-MariaDB-0+deb12u1\0"),
	S("mysql", 443,
	  "\x45\x00\x00\x00\xff\x6a\x04"
	  "Host '192.0.2.40' is not allowed to connect to this MySQL server"),
	S("mysql", 443,
	  "\x16\x00\x00\x02\xff\x15\x04"
	  "#28000Access denied"),
	C("postgres", 443, "\x00\x00\x00\x08\x04\xd2\x16\x2f"),
	C("postgres", 443, "\x00\x00\x00\x29\x00\x03\x00\x00user\0postgres\0"),
	S("postgres", 443, "E\0\0\0\x55SFATAL\0C28000\0"),
	C("mssql", 1433, "\x12\x01\x00\x2f\x00\x00\x01\x00\x00\x00\x1a\x00\x06\x01\x00\x20\x00\x01"),
	C("mongodb", 27017,
	  "\x3a\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xd4\x07\x00\x00\x00\x00\x00\x00"
	  "admin.$cmd"),
	C("kafka", 9092,
	  "\x00\x00\x00\x1a\x00\x12\x00\x03\x00\x00\x00\x01\x00\x08"
	  "producer"),
	C("redis", 6379, "*1\r\n$4\r\nPING\r\n"),
	S("redis", 443, "-ERR wrong number of arguments for 'get' command\r\n"),
	S("redis", 443, "-NOAUTH Authentication required.\r\n"),
	S("memcached", 443, "ERROR\r\n"),
	C("memcached", 11211, "stats\r\n"),
	C("mqtt", 1883,
	  "\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04"
	  "abcd"),
	S("mqtt", 1883, "\x20\x02\x00\x05"),
	C("amqp", 5672, "AMQP\x00\x00\x09\x01"),
	S("amqp", 443, "\x01\x00\x00\x00\x00\x01\xee\x00\x0a\x00\x0a\x00\x09"),
	S("nats", 4222, "INFO {\"server_id\":\"x\"}\r\n"),
	S("stomp", 61613, "CONNECTED\nversion:1.2\n\n"),

	C("ldap", 389, "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"),
	S("ldap", 389, "\x30\x84\x00\x00\x00\x10\x02\x01\x01\x61\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00"),
	C("smb", 445,
	  "\x00\x00\x00\x45\xff"
	  "SMBr\0\0\0\0"),
	C("smb", 445,
	  "\x00\x00\x00\xf0\xfe"
	  "SMB\x40\0"),
	C("dns", 853,
	  "\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07"
	  "example\x03"
	  "net\0\0\x01\0\x01"),
	S("dns", 853,
	  "\x00\x1d\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00\x07"
	  "example\x03"
	  "net\0\0\x01\0\x01"),
	S("rsync", 873, "@RSYNCD: 31.0\n"),
	C("bittorrent", 6881,
	  "\x13"
	  "BitTorrent protocol\0\0\0\0"),
	C("socks5", 1080, "\x05\x01\x00"),
	C("socks5", 1080, "\x05\x02\x00\x02"),
	C("socks4", 1080, "\x04\x01\x01\xbb\xcb\x00\x71\x14user\0"),
	C("proxy", 443, "PROXY TCP4 192.0.2.40 203.0.113.20 46188 443\r\n"),
	C("proxy", 443, "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c"),

	S("text", 443, "Access denied by policy\r\n"),
	S("text", 443, "zug\xc3\xa4nglich nur innen\r\n"),
	S(NULL, 443, "ab"),
	S(NULL, 443, "abc\0defgh"),
	S(NULL, 443, "\x15\x03\x01\x00\x02\x02\x46"),
	C(NULL, 443, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
	C(NULL, 443, "\x05\x02\x00"), /* SOCKS5 cut short */
	C(NULL, 443, "\x05\x01\x41"), /* no such method */
	C(NULL, 443, "\x04\x03\x01\xbb\xcb\x00\x71\x14user\0"), /* no such command */
	S(NULL, 443, "\x4a\x00\x00\x00\x0a\x01\x02\x03"),
	S(NULL, 443, "\x00\x00\x07\x04\x00\x00\x00\x00\x00"), /* SETTINGS of 7 bytes */
	C(NULL, 443, "\x30\x0c\x02\x01\x01\x61\x07"), /* an answer from a client */
	C(NULL, 443, "\x30\x80\x02\x01\x01\x60"), /* indefinite length */
	C(NULL, 53,
	  "\x00\x1d\x12\x34\x01\x00\x00\x02\x00\x00\x00\x00\x00\x00\x07"
	  "example\x03"
	  "net\0"),
	C(NULL, 9092,
	  "\x00\x00\x00\x1a\x00\x12\x00\x63\x00\x00\x00\x01\x00\x08"
	  "producer"),
	S(NULL, 443, "\xff\xfe\xff\xfe"),
	S(NULL, 1883, "\x20\x02\x00\x09"),
	C(NULL, 27017, "\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xd4\x07\x00\x00"),
	C(NULL, 443, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
};

#define ROWS (sizeof(openings) / sizeof(openings[0]))

static bool same_word(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* In memory of their own size, so that a read past them is noticed. */
static const char *recognize_copy(const struct row *r, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	const char *name;

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	memcpy(copy, r->bytes, n);
	name = recognize_protocol(r->from_client, r->port, copy, n);
	free(copy);
	return name;
}

static void test_names(void)
{
	for (const struct row *r = openings; r < openings + ROWS; r++) {
		const char *name = recognize_copy(r, r->n);

		if (!same_word(name, r->name))
			printf("# row %zu: %s for %s\n", (size_t)(r - openings), name ? name : "-",
			       r->name ? r->name : "-");
		CU_ASSERT_TRUE(same_word(name, r->name));
	}
}

/* A piece of an opening gets its name, or that of text, or none; never another protocol's. */
static void test_cut_at_every_length(void)
{
	for (const struct row *r = openings; r < openings + ROWS; r++) {
		for (size_t n = 0; n < r->n; n++) {
			const char *name = recognize_copy(r, n);

			CU_ASSERT_TRUE(!name || strcmp(name, "text") == 0 || same_word(name, r->name));
		}
	}
}

static void test_incremental(void)
{
	for (const struct row *r = openings; r < openings + ROWS; r++) {
		enum recognition before = RECOGNIZE_MORE;
		const char *first = NULL, *name = NULL;

		for (size_t n = 0; n <= r->n; n++) {
			enum recognition now =
				recognize_opening(r->from_client, r->port, (const uint8_t *)r->bytes, n, &name);

			CU_ASSERT_TRUE(before == RECOGNIZE_MORE || now == before);
			if (now == RECOGNIZE_YES && before != RECOGNIZE_YES)
				first = name;
			CU_ASSERT_TRUE(now != RECOGNIZE_YES || same_word(name, first));
			before = now;
		}
		CU_ASSERT_TRUE(!first || same_word(first, r->name));
	}
}

static void test_limit(void)
{
	static uint8_t bytes[2 * RECOGNIZE_MAX];
	const char *name = NULL;

	memset(bytes, 'a', sizeof(bytes));
	memcpy(bytes, "220 ", 4);
	memcpy(bytes + sizeof(bytes) - 6, "ESMTP\n", 6);
	CU_ASSERT_EQUAL(recognize_opening(false, 443, bytes, RECOGNIZE_MAX - 1, &name), RECOGNIZE_MORE);
	CU_ASSERT_EQUAL(recognize_opening(false, 443, bytes, RECOGNIZE_MAX, &name), RECOGNIZE_NO);
	CU_ASSERT_STRING_EQUAL(recognize_protocol(false, 443, bytes, sizeof(bytes)), "text");
	CU_ASSERT_PTR_NULL(recognize_protocol(false, 443, NULL, 0));
}

const struct unit_test unit_tests[] = {
	{"openings get their protocol's name", test_names},
	{"openings cut at every length never get another's", test_cut_at_every_length},
	{"an answer for a prefix holds for more bytes", test_incremental},
	{"no more than the limit is looked at", test_limit},
	{NULL, NULL},
};
