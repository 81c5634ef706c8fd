/* preamble_test.c: conversations in clear, each fed whole, byte by byte and cut at every place, with one result.
 *
 * A row is a transcript: C says, S says, in the order of a capture; T is where TLS must be handed back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/preamble.h"
#include "tests/unit/suite.h"

#define SAYS_MAX 16

struct says {
	char who; /* 'C', 'S'; 0 ends */
	const char *bytes;
	size_t n;
};
#define C(text)                                                                                                        \
	{                                                                                                              \
		'C', text, sizeof(text) - 1                                                                            \
	}
#define S(text)                                                                                                        \
	{                                                                                                              \
		'S', text, sizeof(text) - 1                                                                            \
	}

struct conversation {
	const char *title;
	uint16_t port;
	enum preamble_state state;
	const char *protocol;
	uint32_t code;
	enum preamble_offer offer;
	bool continued;
	bool wants_tls;
	const char *tunnel;
	struct says says[SAYS_MAX];
};

/* The beginning of a ClientHello record. */
#define HELLO "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"

#define SMTP_START                                                                                                     \
	S("220 mx.example.net ESMTP Postfix\r\n"), C("EHLO client.example.net\r\n"),                                   \
		S("250-mx.example.net\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n")

static const struct conversation smtp[] = {
	{"STARTTLS granted", 25, PREAMBLE_GRANTED, "smtp", 220, PREAMBLE_OFFERED,
	 .says = {SMTP_START, C("STARTTLS\r\n"), S("220 2.0.0 Ready to start TLS\r\n"), C(HELLO)}},
	{"STARTTLS granted on an odd port, in lower case", 10443, PREAMBLE_GRANTED, "smtp", 220, PREAMBLE_OFFERED,
	 .says = {SMTP_START, C("starttls\r\n"), S("220 2.0.0 Ready to start TLS\r\n"), C(HELLO)}},
	{"STARTTLS awaits its answer", 25, PREAMBLE_ASKED, "smtp", 0, PREAMBLE_OFFERED,
	 .says = {SMTP_START, C("STARTTLS\r\n")}},
	{"STARTTLS refused for now", 25, PREAMBLE_REFUSED, "smtp", 454, PREAMBLE_OFFERED,
	 .says = {SMTP_START, C("STARTTLS\r\n"), S("454 4.7.0 TLS not available due to local problem\r\n"),
		  C("QUIT\r\n"), S("221 2.0.0 Bye\r\n")}},
	{"STARTTLS refused in several lines", 25, PREAMBLE_REFUSED, "smtp", 502, PREAMBLE_OFFERED,
	 .says = {SMTP_START, C("STARTTLS\r\n"), S("502-5.5.1 Command\r\n502 5.5.1 not implemented\r\n")}},
	{"STARTTLS refused, the mail goes on in clear", 25, PREAMBLE_REFUSED, "smtp", 454, PREAMBLE_OFFERED, true,
	 .says = {SMTP_START, C("STARTTLS\r\n"), S("454 4.7.0 no\r\n"), C("MAIL FROM:<a@example.net>\r\n"),
		  S("250 2.1.0 Ok\r\n")}},
	{"STARTTLS refused, then granted", 25, PREAMBLE_GRANTED, "smtp", 220, PREAMBLE_OFFERED,
	 .says = {SMTP_START, C("STARTTLS\r\n"), S("454 4.7.0 no\r\n"), C("STARTTLS\r\n"), S("220 go\r\n"), C(HELLO)}},
	{"the server leaves instead of an answer", 25, PREAMBLE_REFUSED, "smtp", 421, PREAMBLE_OFFERED,
	 .says = {SMTP_START, C("NOOP\r\nSTARTTLS\r\n"), S("421 4.3.2 shutting down\r\n")}},
	{"pipelined: the answers come in order", 25, PREAMBLE_ASKED, "smtp", 0, PREAMBLE_OFFERED,
	 .says = {SMTP_START, C("NOOP\r\nRSET\r\nSTARTTLS\r\n"), S("250 2.0.0 Ok\r\n220 odd answer to RSET\r\n")}},
	{"pipelined behind the greeting", 25, PREAMBLE_GRANTED, "smtp", 220,
	 .says = {S("220 mx ESMTP\r\n"), C("EHLO a\r\nSTARTTLS\r\n"), S("250-mx\r\n250 STARTTLS\r\n220 go\r\n"),
		  C(HELLO)}},
	{"a client that talks before the greeting", 25, PREAMBLE_GRANTED, "smtp", 220,
	 .says = {C("EHLO a\r\n"), S("220 mx ESMTP\r\n250 STARTTLS\r\n"), C("STARTTLS\r\n"), S("220 go\r\n"), C(HELLO)},
	 .offer = PREAMBLE_OFFERED},
	{"a greeting of many lines that names no protocol", 10025, PREAMBLE_GRANTED, "smtp", 220, PREAMBLE_OFFERED,
	 .says = {S("220-welcome\r\n220 to here\r\n"), C("EHLO a\r\n"), S("250-a\r\n250 STARTTLS\r\n"),
		  C("STARTTLS\r\n"), S("220 go\r\n"), C(HELLO)}},
	{"lines of a mail are no commands", 25, PREAMBLE_GRANTED, "smtp", 220, PREAMBLE_OFFERED,
	 .says = {SMTP_START, C("DATA\r\n"), S("354 go ahead\r\n"), C("STARTTLS\r\nfoo\r\n..\r\n.\r\n"),
		  S("250 2.0.0 queued\r\n"), C("STARTTLS\r\n"), S("220 go\r\n"), C(HELLO)}},
	{"a capability blanked out by a middlebox", 25, PREAMBLE_REFUSED, "smtp", 0, PREAMBLE_OFFER_BLANKED,
	 .says = {S("220 ****************************************\r\n"), C("EHLO a\r\n"),
		  S("250-mx\r\n250-XXXXXXXA\r\n250 8BITMIME\r\n"), C("QUIT\r\n")}},
	{"blanked, and the client goes on", 25, PREAMBLE_REFUSED, "smtp", 0, PREAMBLE_OFFER_BLANKED, true,
	 .says = {S("220 mx ESMTP\r\n"), C("EHLO a\r\n"), S("250-mx\r\n250 XXXXXXXX\r\n"), C("MAIL FROM:<>\r\n")}},
	{"blanked, and the client asks all the same", 25, PREAMBLE_GRANTED, "smtp", 220, PREAMBLE_OFFER_BLANKED,
	 .says = {S("220 mx ESMTP\r\n"), C("EHLO a\r\n"), S("250-mx\r\n250 XXXXXXXA\r\n"), C("STARTTLS\r\n"),
		  S("220 go\r\n"), C(HELLO)}},
	{"a word of X that is not the capability", 25, PREAMBLE_PLAIN, "smtp", 0, PREAMBLE_OFFERED,
	 .says = {S("220 mx ESMTP\r\n"), C("EHLO a\r\n"),
		  S("250-mx\r\n250-XXXA\r\n250-STARTTLS\r\n250 XXXXXXXXXA\r\n")}},
	{"not offered, and the client leaves", 25, PREAMBLE_PLAIN, "smtp", 0, PREAMBLE_NOT_OFFERED,
	 .says = {S("220 mx ESMTP\r\n"), C("EHLO a\r\n"), S("250-mx\r\n250 8BITMIME\r\n"), C("QUIT\r\n")}},
	{"a mail in clear", 25, PREAMBLE_PLAIN, "smtp", 0, PREAMBLE_NOT_OFFERED,
	 .says = {S("220 mx ESMTP\r\n"), C("EHLO a\r\n"), S("250 mx\r\n"), C("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"),
		  S("250 ok\r\n250 ok\r\n")}},
	{"a mail refused in clear by a server that wants TLS", 587, PREAMBLE_PLAIN, "smtp", 0, PREAMBLE_OFFERED,
	 .wants_tls = true,
	 .says = {SMTP_START, C("MAIL FROM:<a@b>\r\n"), S("530 5.7.0 Must issue a STARTTLS command first\r\n")}},
	{"greeted with 554", 25, PREAMBLE_PLAIN, "smtp", 0, .says = {S("554 mx.example.net no service for you\r\n")}},
	{"LMTP", 24, PREAMBLE_GRANTED, "lmtp", 220, PREAMBLE_OFFERED,
	 .says = {S("220 mx LMTP ready\r\n"), C("LHLO a\r\n"), S("250-mx\r\n250 STARTTLS\r\n"), C("STARTTLS\r\n"),
		  S("220 go\r\n"), C(HELLO)}},
	{.title = NULL},
};

static const struct conversation other_lines[] = {
	{"IMAP STARTTLS granted", 143, PREAMBLE_GRANTED, "imap", 0, PREAMBLE_OFFERED,
	 .says = {S("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n"), C("a1 STARTTLS\r\n"),
		  S("a1 OK Begin TLS negotiation now\r\n"), C(HELLO)}},
	{"IMAP STARTTLS refused NO, by tag", 143, PREAMBLE_REFUSED, "imap", 0, PREAMBLE_OFFERED,
	 .says = {S("* OK ready\r\n"), C("A001 CAPABILITY\r\n"),
		  S("* CAPABILITY IMAP4rev1 STARTTLS\r\nA001 OK done\r\n"), C("A002 NOOP\r\nA003 STARTTLS\r\n"),
		  S("A002 OK done\r\nA003 NO TLS is broken\r\n"), C("A004 LOGOUT\r\n")}},
	{"IMAP STARTTLS unknown", 143, PREAMBLE_REFUSED, "imap", 0,
	 .says = {S("* OK ready\r\n"), C("1 STARTTLS\r\n"), S("1 BAD Unknown command\r\n")}},
	{"IMAP server leaves", 143, PREAMBLE_REFUSED, "imap", 0,
	 .says = {S("* OK ready\r\n"), C("1 STARTTLS\r\n"), S("* BYE shutting down\r\n")}},
	{"IMAP refused and the login goes on", 143, PREAMBLE_REFUSED, "imap", 0, .continued = true,
	 .says = {S("* OK ready\r\n"), C("1 STARTTLS\r\n"), S("1 NO no\r\n"), C("2 LOGIN a b\r\n")}},
	{"IMAP without the capability", 143, PREAMBLE_PLAIN, "imap", 0, PREAMBLE_NOT_OFFERED,
	 .says = {S("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"), C("1 LOGOUT\r\n")}},
	{"IMAP capability blanked", 143, PREAMBLE_REFUSED, "imap", 0, PREAMBLE_OFFER_BLANKED,
	 .says = {S("* OK [CAPABILITY IMAP4rev1 XXXXXXXX] ready\r\n"), C("1 LOGOUT\r\n")}},
	{"IMAP login that the server wants in TLS", 143, PREAMBLE_PLAIN, "imap", 0, .wants_tls = true,
	 .says = {S("* OK ready\r\n"), C("1 LOGIN a b\r\n"), S("1 NO [PRIVACYREQUIRED] not in clear\r\n")}},

	{"POP3 STLS granted", 110, PREAMBLE_GRANTED, "pop3", 0, PREAMBLE_OFFERED,
	 .says = {S("+OK Dovecot ready.\r\n"), C("CAPA\r\n"), S("+OK\r\nTOP\r\nSTLS\r\nUSER\r\n.\r\n"), C("STLS\r\n"),
		  S("+OK Begin TLS negotiation now.\r\n"), C(HELLO)}},
	{"POP3 STLS refused", 110, PREAMBLE_REFUSED, "pop3", 0,
	 .says = {S("+OK ready\r\n"), C("STLS\r\n"), S("-ERR not now\r\n")}},
	{"POP3 not offered", 110, PREAMBLE_PLAIN, "pop3", 0, PREAMBLE_NOT_OFFERED,
	 .says = {S("+OK ready\r\n"), C("CAPA\r\n"), S("+OK\r\nTOP\r\nUSER\r\n.\r\n"), C("QUIT\r\n")}},

	{"FTP AUTH TLS granted", 21, PREAMBLE_GRANTED, "ftp", 234,
	 .says = {S("220 (vsFTPd 3.0.5)\r\n"), C("AUTH TLS\r\n"), S("234 Proceed with negotiation.\r\n"), C(HELLO)}},
	{"FTP AUTH SSL after AUTH TLS: the last answer counts", 21, PREAMBLE_GRANTED, "ftp", 234,
	 .says = {S("220 ready\r\n"), C("AUTH TLS\r\n"), S("504 unknown\r\n"), C("AUTH SSL\r\n"), S("234 go\r\n"),
		  C(HELLO)}},
	{"FTP both refused", 21, PREAMBLE_REFUSED, "ftp", 530,
	 .says = {S("220 ready\r\n"), C("AUTH SSL\r\n"), S("500 what?\r\n"), C("AUTH TLS\r\n"),
		  S("530 Please login with USER and PASS.\r\n")}},
	{"FTP login after refusal", 21, PREAMBLE_REFUSED, "ftp", 530, .continued = true,
	 .says = {S("220 ready\r\n"), C("AUTH TLS\r\n"), S("530 no\r\n"), C("USER anonymous\r\n"), S("331 pass\r\n")}},
	{"FTP FEAT with indented lines", 2100, PREAMBLE_GRANTED, "ftp", 234, PREAMBLE_OFFERED,
	 .says = {S("120 in 5 minutes\r\n220-FileZilla Server\r\n220 ready\r\n"), C("FEAT\r\n"),
		  S("211-Features:\r\n AUTH TLS\r\n 500 odd\r\n211 End\r\n"), C("AUTH TLS\r\n"), S("234 ok\r\n"),
		  C(HELLO)}},
	{"FTP greeted with 421", 21, PREAMBLE_PLAIN, "ftp", 0, .says = {S("421 Too many users\r\n")}},

	{"NNTP STARTTLS granted", 119, PREAMBLE_GRANTED, "nntp", 382, PREAMBLE_OFFERED,
	 .says = {S("200 news.example.net NNTP ready\r\n"), C("CAPABILITIES\r\n"),
		  S("101 list:\r\nVERSION 2\r\nSTARTTLS\r\n.\r\n"), C("STARTTLS\r\n"), S("382 Continue\r\n"),
		  C(HELLO)}},
	{"NNTP STARTTLS refused", 119, PREAMBLE_REFUSED, "nntp", 580,
	 .says = {S("200 news.example.net NNTP ready\r\n"), C("STARTTLS\r\n"), S("580 Can not initiate TLS\r\n")}},

	{"ManageSieve STARTTLS granted", 4190, PREAMBLE_GRANTED, "sieve", 0, PREAMBLE_OFFERED,
	 .says = {S("\"IMPLEMENTATION\" \"Dovecot\"\r\n\"SASL\" \"\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n"),
		  C("STARTTLS\r\n"), S("OK \"Begin TLS negotiation now.\"\r\n"), C(HELLO)}},
	{"ManageSieve STARTTLS refused", 4190, PREAMBLE_REFUSED, "sieve", 0, PREAMBLE_NOT_OFFERED,
	 .says = {S("\"IMPLEMENTATION\" \"x\"\r\n\"SASL\" \"PLAIN\"\r\nOK\r\n"), C("STARTTLS\r\n"),
		  S("NO \"TLS is not available\"\r\n")}},

	{"IRC STARTTLS granted", 6667, PREAMBLE_GRANTED, "irc", 670, PREAMBLE_OFFERED,
	 .says = {S(":irc.example.net NOTICE * :*** Looking up your hostname\r\n"), C("CAP LS\r\n"),
		  S(":irc.example.net CAP * LS :multi-prefix tls\r\n"), C("STARTTLS\r\n"),
		  S(":irc.example.net 670 * :STARTTLS successful, proceed with TLS handshake\r\n"), C(HELLO)}},
	{"IRC STARTTLS failed", 6667, PREAMBLE_REFUSED, "irc", 691,
	 .says = {C("CAP REQ :tls\r\nSTARTTLS\r\n"), S(":irc NOTICE * :hello\r\n:irc 691 * :STARTTLS failed\r\n")}},
	{"IRC STARTTLS unknown; another unknown command before it", 6667, PREAMBLE_REFUSED, "irc", 421,
	 .says = {C("CAP LS\r\nSTARTTLS\r\n"), S(":irc 421 * CAP :Unknown command\r\n"),
		  S(":irc 421 * STARTTLS :Unknown command\r\n")}},
	{"IRC awaits: 421 was for another command", 6667, PREAMBLE_ASKED, "irc", 0,
	 .says = {C("CAP LS\r\nSTARTTLS\r\n"), S(":irc 421 * CAP :Unknown command\r\n")}},

#define XMPP_START                                                                                                     \
	C("<?xml version='1.0'?><stream:stream to='example.net' xmlns='jabber:client' "                                \
	  "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"),                                           \
		S("<?xml version='1.0'?><stream:stream from='example.net' id='1' xmlns='jabber:client' "               \
		  "version='1.0'>")
	{"XMPP starttls granted", 5222, PREAMBLE_GRANTED, "xmpp", 0, PREAMBLE_OFFERED,
	 .says = {XMPP_START,
		  S("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
		    "</stream:features>"),
		  C("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
		  S("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), C(HELLO)}},
	{"XMPP proceed with an end tag", 5222, PREAMBLE_GRANTED, "xmpp", 0, PREAMBLE_OFFERED,
	 .says = {XMPP_START, S("<stream:features><starttls/></stream:features>"), C("<starttls/>"),
		  S("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'></proceed>"), C(HELLO)}},
	{"XMPP starttls refused", 5222, PREAMBLE_REFUSED, "xmpp", 0, PREAMBLE_OFFERED,
	 .says = {XMPP_START, S("<stream:features><starttls/></stream:features>"), C("<starttls/>"),
		  S("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>")}},
	{"XMPP without starttls", 5222, PREAMBLE_PLAIN, "xmpp", 0, PREAMBLE_NOT_OFFERED,
	 .says = {XMPP_START,
		  S("<stream:features><mechanisms><mechanism>PLAIN</mechanism></mechanisms></stream:features>"),
		  C("</stream:stream>")}},
	{.title = NULL},
};

#define CONNECT_REQUEST "CONNECT api.example.net:443 HTTP/1.1\r\nHost: api.example.net:443\r\n\r\n"

static const struct conversation http[] = {
	{"CONNECT granted", 3128, PREAMBLE_GRANTED, "connect", 200,
	 .says = {C(CONNECT_REQUEST), S("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"), C(HELLO)}},
	{"CONNECT awaits the rest of the answer's fields", 3128, PREAMBLE_ASKED, "connect", 200,
	 .says = {C(CONNECT_REQUEST), S("HTTP/1.1 200 Connection established\r\nVia: x\r\n")}},
	{"CONNECT refused", 3128, PREAMBLE_REFUSED, "connect", 403,
	 .says = {C(CONNECT_REQUEST), S("HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n")}},
	{"CONNECT answered with an interim answer, then a time-out of the gateway", 8080, PREAMBLE_REFUSED, "connect",
	 504, .says = {C(CONNECT_REQUEST), S("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 504 Gateway Timeout\r\n\r\n")}},
	{"CONNECT 407, then with credentials, the body by length", 3128, PREAMBLE_GRANTED, "connect", 200,
	 .says = {C(CONNECT_REQUEST),
		  S("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 21\r\n\r\n<html>no line's end"),
		  S(".."), C(CONNECT_REQUEST), S("HTTP/1.1 200 OK\r\n\r\n"), C(HELLO)}},
	{"CONNECT 407, then with credentials, the body in chunks", 3128, PREAMBLE_GRANTED, "connect", 200,
	 .says = {C(CONNECT_REQUEST),
		  S("HTTP/1.1 407 Authenticate\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nrest"),
		  C(CONNECT_REQUEST), S("HTTP/1.1 200 OK\r\n\r\n"), C(HELLO)}},
	{"CONNECT 407 and no second try", 3128, PREAMBLE_REFUSED, "connect", 407,
	 .says = {C(CONNECT_REQUEST), S("HTTP/1.1 407 Authenticate\r\n\r\n")}},
	{"CONNECT answered by SSH", 3128, PREAMBLE_MISMATCH, "ssh", 0,
	 .says = {C(CONNECT_REQUEST), S("SSH-2.0-OpenSSH_9.2\r\n")}},
	{"CONNECT answered by a TLS alert", 443, PREAMBLE_ASKED, "connect", 0,
	 .says = {C(CONNECT_REQUEST), S("\x15\x03\x01\x00\x02\x02\x46")}},
	{"a ClientHello that does not wait for the answer", 3128, PREAMBLE_GRANTED, "connect", 200,
	 .says = {C(CONNECT_REQUEST HELLO), S("HTTP/1.1 200 OK\r\n\r\n")}},
	{"CONNECT, then SMTP with STARTTLS inside", 3128, PREAMBLE_GRANTED, "smtp", 220, PREAMBLE_OFFERED,
	 .tunnel = "connect",
	 .says = {C("CONNECT mx.example.net:25 HTTP/1.0\r\n\r\n"), S("HTTP/1.0 200 ok\r\n\r\n"), SMTP_START,
		  C("STARTTLS\r\n"), S("220 go\r\n"), C(HELLO)}},
	{"CONNECT, then clear HTTP inside", 3128, PREAMBLE_PLAIN, "http", 0, .tunnel = "connect",
	 .says = {C(CONNECT_REQUEST), S("HTTP/1.1 200 ok\r\n\r\n"), C("GET / HTTP/1.1\r\n\r\n")}},
	{"GET", 80, PREAMBLE_PLAIN, "http", 0,
	 .says = {C("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")}},
	{"GET to a TLS port of nginx", 443, PREAMBLE_PLAIN, "http", 0, .wants_tls = true,
	 .says = {C("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
		  S("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: "
		    "text/html\r\n\r\n<html>\r\n<head><title>400 "
		    "The plain HTTP request was sent to HTTPS port</title></head>\r\n<body>")}},
	{"GET to a TLS port of Go, without a line's end", 443, PREAMBLE_PLAIN, "http", 0, .wants_tls = true,
	 .says = {C("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
		  S("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.")}},
	{.title = NULL},
};

/* LDAPMessage { 1, ExtendedRequest { 1.3.6.1.4.1.1466.20037 } } */
#define LDAP_STARTTLS                                                                                                  \
	"\x30\x1d\x02\x01\x01\x77\x18\x80\x16"                                                                         \
	"1.3.6.1.4.1.1466.20037"
/* LDAPMessage { 1, ExtendedResponse { code, "", "" } } */
#define LDAP_ANSWER(code) "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01" code "\x04\x00\x04\x00"
/* LDAPMessage { 2, BindRequest { 3, "", simple "" } } */
#define LDAP_BIND "\x30\x0c\x02\x01\x02\x60\x07\x02\x01\x03\x04\x00\x80\x00"

#define PG_SSL "\x00\x00\x00\x08\x04\xd2\x16\x2f"
#define PG_GSS "\x00\x00\x00\x08\x04\xd2\x16\x30"
/* StartupMessage 3.0 { user = u } */
#define PG_STARTUP "\x00\x00\x00\x10\x00\x03\x00\x00user\0u\0\0"

/* HandshakeV10 { "8.0.36", thread 8, scramble, capabilities `low`, … } */
#define MYSQL_GREETING(low)                                                                                            \
	"\x2c\x00\x00\x00\x0a"                                                                                         \
	"8.0.36\0\x08\0\0\0"                                                                                           \
	"abcdefgh\0" low "\xff\x02\x00\xff\xdf\x15"                                                                    \
	"\0\0\0\0\0\0\0\0\0\0"                                                                                         \
	"12345"
/* The rest of a login packet's fixed part: maximum packet, character set, 23 zeros */
#define MYSQL_FIXED                                                                                                    \
	"\x00\x00\x00\x01"                                                                                             \
	"\xff"                                                                                                         \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

#define RDP_REQUEST                                                                                                    \
	"\x03\x00\x00\x27\x22\xe0\x00\x00\x00\x00\x00"                                                                 \
	"Cookie: mstshash=a\r\n"                                                                                       \
	"\x01\x00\x08\x00\x03\x00\x00\x00"
#define RDP_REQUEST_PLAIN "\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x00\x00"
#define RDP_ANSWER(type, value) "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00" type "\x00\x08\x00" value "\x00\x00\x00"

/* PRELOGIN with VERSION and ENCRYPTION. */
#define TDS(type, length) type "\x01\x00" length "\x00\x00\x01\x00"
#define TDS_OPTIONS "\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff\x10\x00\x07\xd0\x00\x00"
#define TDS_ASKS(encryption) TDS("\x12", "\x1a") TDS_OPTIONS encryption
#define TDS_SAYS(encryption) TDS("\x04", "\x1a") TDS_OPTIONS encryption
#define TDS_LOGIN TDS("\x10", "\x0c") "\x00\x00\x00\x00"

static const struct conversation binary[] = {
	{"LDAP StartTLS granted", 389, PREAMBLE_GRANTED, "ldap", 0,
	 .says = {C(LDAP_STARTTLS), S(LDAP_ANSWER("\x00")), C(HELLO)}},
	{"LDAP StartTLS refused: protocolError", 389, PREAMBLE_REFUSED, "ldap", 2,
	 .says = {C(LDAP_STARTTLS), S(LDAP_ANSWER("\x02"))}},
	{"LDAP StartTLS refused: unavailable, and the bind goes on", 389, PREAMBLE_REFUSED, "ldap", 52,
	 .continued = true, .says = {C(LDAP_STARTTLS), S(LDAP_ANSWER("\x34")), C(LDAP_BIND)}},
	{"LDAP bind in clear", 389, PREAMBLE_PLAIN, "ldap", 0,
	 .says = {C(LDAP_BIND), S("\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\x00\x04\x00\x04\x00")}},
	{"LDAP answer to another message", 389, PREAMBLE_ASKED, "ldap", 0,
	 .says = {C(LDAP_STARTTLS), S("\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\x00\x04\x00\x04\x00")}},
	{"LDAP in the long form of lengths (Active Directory)", 389, PREAMBLE_GRANTED, "ldap", 0,
	 .says = {C("\x30\x84\x00\x00\x00\x1d\x02\x01\x01\x77\x18\x80\x16"
		    "1.3.6.1.4.1.1466.20037"),
		  S("\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00"),
		  C(HELLO)}},
	{"LDAP StartTLS answered by HTTP", 389, PREAMBLE_MISMATCH, "http", 0,
	 .says = {C(LDAP_STARTTLS), S("HTTP/1.1 400 Bad Request\r\n\r\n")}},

	{"PostgreSQL SSLRequest granted", 5432, PREAMBLE_GRANTED, "postgres", 0, .says = {C(PG_SSL), S("S"), C(HELLO)}},
	{"PostgreSQL SSLRequest refused", 5432, PREAMBLE_REFUSED, "postgres", 0, .says = {C(PG_SSL), S("N")}},
	{"PostgreSQL refused, goes on in clear", 5432, PREAMBLE_REFUSED, "postgres", 0, .continued = true,
	 .says = {C(PG_SSL), S("N"), C(PG_STARTUP), S("R\0\0\0\x08\0\0\0\0")}},
	{"PostgreSQL GSSENCRequest refused, SSLRequest granted", 5432, PREAMBLE_GRANTED, "postgres", 0,
	 .says = {C(PG_GSS), S("N"), C(PG_SSL), S("S"), C(HELLO)}},
	{"PostgreSQL GSSENCRequest refused is no refusal of TLS", 5432, PREAMBLE_PLAIN, "postgres", 0,
	 .says = {C(PG_GSS), S("N"), C(PG_STARTUP)}},
	{"PostgreSQL GSSENCRequest granted", 5432, PREAMBLE_PLAIN, "postgres", 0,
	 .says = {C(PG_GSS), S("G"),
		  C("\0\0\0\x04"
		    "abcd")}},
	{"PostgreSQL SSLRequest answered by an error", 5432, PREAMBLE_REFUSED, "postgres", 0,
	 .says = {C(PG_SSL), S("E\0\0\0\x1bSFATAL\0C08P01\0Munsupp\0\0")}},
	{"PostgreSQL GSSENCRequest answered by an error", 5432, PREAMBLE_REFUSED, "postgres", 0,
	 .says = {C(PG_GSS), S("EFATAL:  unsupported frontend protocol\n\0")}},
	{"PostgreSQL login in clear, refused by pg_hba.conf", 5432, PREAMBLE_PLAIN, "postgres", 0, .wants_tls = true,
	 .says = {C(PG_STARTUP), S("E\0\0\0\x58SFATAL\0C28000\0Mno pg_hba.conf entry for host \"192.0.2.40\", user "
				   "\"u\", no encryption\0\0")}},
	{"PostgreSQL SSLRequest answered by MySQL", 5432, PREAMBLE_MISMATCH, "mysql", 0,
	 .says = {C(PG_SSL), S(MYSQL_GREETING("\xff\xff"))}},
	{"PostgreSQL SSLRequest answered by a TLS alert", 443, PREAMBLE_ASKED, "postgres", 0,
	 .says = {C(PG_SSL), S("\x15\x03\x03\x00\x02\x02\x46")}},

	{"MySQL SSLRequest", 3306, PREAMBLE_GRANTED, "mysql", 0, PREAMBLE_OFFERED,
	 .says = {S(MYSQL_GREETING("\xff\xff")), C("\x20\x00\x00\x01\x85\xae\xff\x19" MYSQL_FIXED HELLO)}},
	{"MySQL login in clear", 3306, PREAMBLE_PLAIN, "mysql", 0, PREAMBLE_OFFERED,
	 .says = {S(MYSQL_GREETING("\xff\xff")), C("\x24\x00\x00\x01\x85\xa6\xff\x19" MYSQL_FIXED "root"
						   "\x16\x00\x00\x01")}},
	{"MySQL server without TLS", 3306, PREAMBLE_PLAIN, "mysql", 0, PREAMBLE_NOT_OFFERED,
	 .says = {S(MYSQL_GREETING("\xff\xf7"))}},
	{"MySQL host not allowed", 3306, PREAMBLE_PLAIN, "mysql", 1130,
	 .says = {S("\x1f\x00\x00\x00\xff\x6a\x04"
		    "Host 'a' is not allowed here")}},
	{"MySQL that insists on TLS", 3306, PREAMBLE_PLAIN, "mysql", 0, PREAMBLE_OFFERED, .wants_tls = true,
	 .says = {S(MYSQL_GREETING("\xff\xff")), C("\x24\x00\x00\x01\x85\xa6\xff\x19" MYSQL_FIXED "root"),
		  S("\x4d\x00\x00\x02\xff\x57\x0c"
		    "Connections using insecure transport are prohibited while x")}},

	{"SQL Server, encryption granted", 1433, PREAMBLE_GRANTED, "mssql", 0,
	 .says = {C(TDS_ASKS("\1")), S(TDS_SAYS("\1"))}},
	{"SQL Server requires what the client is able to", 1433, PREAMBLE_GRANTED, "mssql", 0,
	 .says = {C(TDS_ASKS("\0")), S(TDS_SAYS("\3"))}},
	{"SQL Server, the login alone", 1433, PREAMBLE_GRANTED, "mssql", 0,
	 .says = {C(TDS_ASKS("\0")), S(TDS_SAYS("\0"))}},
	{"SQL Server, encryption not supported", 1433, PREAMBLE_REFUSED, "mssql", 0,
	 .says = {C(TDS_ASKS("\1")), S(TDS_SAYS("\2"))}},
	{"SQL Server, encryption not supported, goes on in clear", 1433, PREAMBLE_REFUSED, "mssql", 0,
	 .continued = true, .says = {C(TDS_ASKS("\1")), S(TDS_SAYS("\2")), C(TDS_LOGIN)}},
	{"SQL Server, encryption only if possible", 1433, PREAMBLE_PLAIN, "mssql", 0,
	 .says = {C(TDS_ASKS("\0")), S(TDS_SAYS("\2")), C(TDS_LOGIN)}},
	{"SQL Server requires what the client is not able to", 1433, PREAMBLE_PLAIN, "mssql", 0, .wants_tls = true,
	 .says = {C(TDS_ASKS("\2")), S(TDS_SAYS("\3"))}},
	{"RDP granted", 3389, PREAMBLE_GRANTED, "rdp", 0,
	 .says = {C(RDP_REQUEST), S(RDP_ANSWER("\x02", "\x02")), C(HELLO)}},
	{"RDP without negotiation data granted TLS", 3389, PREAMBLE_GRANTED, "rdp", 0,
	 .says = {C("\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x01\x00\x00\x00"),
		  S(RDP_ANSWER("\x02", "\x01")), C(HELLO)}},
	{"RDP failure: SSL_NOT_ALLOWED_BY_SERVER", 3389, PREAMBLE_REFUSED, "rdp", 2,
	 .says = {C(RDP_REQUEST), S(RDP_ANSWER("\x03", "\x02"))}},
	{"RDP server chooses its own encryption", 3389, PREAMBLE_REFUSED, "rdp", 0,
	 .says = {C(RDP_REQUEST), S(RDP_ANSWER("\x02", "\x00"))}},
	{"RDP server from before the negotiation", 3389, PREAMBLE_REFUSED, "rdp", 0,
	 .says = {C(RDP_REQUEST), S("\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00")}},
	{"RDP in clear to a server that insists on TLS", 3389, PREAMBLE_PLAIN, "rdp", 0, .wants_tls = true,
	 .says = {C(RDP_REQUEST_PLAIN), S(RDP_ANSWER("\x03", "\x01"))}},
	{.title = NULL},
};

#define SOCKS5_REQUEST                                                                                                 \
	"\x05\x01\x00\x03\x0f"                                                                                         \
	"api.example.net"                                                                                              \
	"\x01\xbb"
#define SOCKS5_REPLY(code) "\x05" code "\x00\x01\x00\x00\x00\x00\x00\x00"

static const struct conversation tunnels[] = {
	{"SOCKS5 granted", 1080, PREAMBLE_GRANTED, "socks5", 0,
	 .says = {C("\x05\x01\x00"), S("\x05\x00"), C(SOCKS5_REQUEST), S(SOCKS5_REPLY("\x00")), C(HELLO)}},
	{"SOCKS5 granted, the reply with a name", 1080, PREAMBLE_GRANTED, "socks5", 0,
	 .says = {C("\x05\x02\x00\x02"), S("\x05\x00"), C(SOCKS5_REQUEST),
		  S("\x05\x00\x00\x03\x01"
		    "a\0\0"),
		  C(HELLO)}},
	{"SOCKS5 with password, granted", 1080, PREAMBLE_GRANTED, "socks5", 0,
	 .says = {C("\x05\x02\x00\x02"), S("\x05\x02"), C("\x01\x04user\x02pw"), S("\x01\x00"), C(SOCKS5_REQUEST),
		  S(SOCKS5_REPLY("\x00")), C(HELLO)}},
	{"SOCKS5 password wrong", 1080, PREAMBLE_REFUSED, "socks5", 1,
	 .says = {C("\x05\x01\x02"), S("\x05\x02"), C("\x01\x04user\x02pw"), S("\x01\x01")}},
	{"SOCKS5 no acceptable method", 1080, PREAMBLE_REFUSED, "socks5", 255,
	 .says = {C("\x05\x01\x00"), S("\x05\xff")}},
	{"SOCKS5 connection refused", 1080, PREAMBLE_REFUSED, "socks5", 5,
	 .says = {C("\x05\x01\x00"), S("\x05\x00"), C(SOCKS5_REQUEST), S(SOCKS5_REPLY("\x05"))}},
	{"SOCKS5 client that waits for nothing", 1080, PREAMBLE_GRANTED, "socks5", 0,
	 .says = {C("\x05\x01\x00" SOCKS5_REQUEST HELLO), S("\x05\x00" SOCKS5_REPLY("\x00"))}},
	{"SOCKS5 answered by HTTP", 1080, PREAMBLE_MISMATCH, "http", 0,
	 .says = {C("\x05\x01\x00"), S("HTTP/1.1 400 Bad Request\r\n")}},
	{"SOCKS4 granted", 1080, PREAMBLE_GRANTED, "socks4", 0x5a,
	 .says = {C("\x04\x01\x01\xbb\xcb\x00\x71\x14"
		    "user\0"),
		  S("\0\x5a\0\0\0\0\0\0"), C(HELLO)}},
	{"SOCKS4a refused", 1080, PREAMBLE_REFUSED, "socks4", 0x5b,
	 .says = {C("\x04\x01\x01\xbb\0\0\0\x01\0api.example.net\0"), S("\0\x5b\0\0\0\0\0\0")}},
	{"SOCKS5, then PostgreSQL inside", 1080, PREAMBLE_REFUSED, "postgres", 0, .tunnel = "socks5",
	 .says = {C("\x05\x01\x00"), S("\x05\x00"), C(SOCKS5_REQUEST), S(SOCKS5_REPLY("\x00")), C(PG_SSL), S("N")}},

	{"PROXY 1, then TLS in the same segment", 443, PREAMBLE_GRANTED, "proxy", 0,
	 .says = {C("PROXY TCP4 192.0.2.40 203.0.113.20 46188 443\r\n" HELLO)}},
	{"PROXY 1 UNKNOWN, then TLS", 443, PREAMBLE_GRANTED, "proxy", 0, .says = {C("PROXY UNKNOWN\r\n"), C(HELLO)}},
	{"PROXY 2, then TLS in the same segment", 443, PREAMBLE_GRANTED, "proxy", 0,
	 .says = {C("\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c"
		    "\xc0\x00\x02\x28\xcb\x00\x71\x14\xb4\x6c\x01\xbb" HELLO)}},
	{"PROXY 1, then SMTP inside", 25, PREAMBLE_GRANTED, "smtp", 220, PREAMBLE_OFFERED, .tunnel = "proxy",
	 .says = {C("PROXY TCP4 192.0.2.40 203.0.113.20 46188 25\r\n"), SMTP_START, C("STARTTLS\r\n"), S("220 go\r\n"),
		  C(HELLO)}},
	{"PROXY header without an end", 443, PREAMBLE_PLAIN, "proxy", 0,
	 .says = {C("PROXY TCP4 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")}},

	{"SSH", 22, PREAMBLE_PLAIN, "ssh", 0,
	 .says = {S("SSH-2.0-OpenSSH_9.2\r\n"), C("SSH-2.0-OpenSSH_9.2\r\n"), C("\0\0\x01\x02")}},
	{"Redis", 6379, PREAMBLE_PLAIN, "redis", 0, .says = {C("*1\r\n$4\r\nPING\r\n"), S("+PONG\r\n")}},
	{"words that nobody knows", 7777, PREAMBLE_PLAIN, "text", 0, .says = {C("hello there\n"), S("\x01\x02\x03")}},
	{"bytes that nobody knows", 7777, PREAMBLE_PLAIN, NULL, 0,
	 .says = {C("\x01\x02\x03\x04\x05"), S("\x01\x02\x03")}},
	{"nothing", 443, PREAMBLE_NONE, NULL, 0, .says = {{0}}},
	{.title = NULL},
};

/* Where each direction stopped taking, beside what is in struct preamble. */
struct outcome {
	struct preamble p;
	size_t taken[2];
	bool tls[2];
};

static void feed(struct outcome *o, bool from_client, const uint8_t *bytes, size_t n)
{
	size_t taken;

	if (o->tls[!from_client])
		return;
	taken = preamble_feed(&o->p, from_client, bytes, n);
	CU_ASSERT_FATAL(taken <= n);
	o->taken[!from_client] += taken;
	o->tls[!from_client] = taken < n;
}

/* Feeds one row; every chunk in pieces of `piece` bytes, with a cut at `cut` of all bytes. Every piece is a copy of its
 * own size, so that a read past it is noticed. */
static struct outcome play(const struct conversation *row, size_t piece, size_t cut)
{
	struct outcome o = {.taken = {0, 0}};
	size_t position = 0;

	preamble_init(&o.p, row->port);
	for (const struct says *s = row->says; s < row->says + SAYS_MAX && s->who; s++) {
		for (size_t at = 0; at < s->n;) {
			size_t n = s->n - at < piece ? s->n - at : piece;
			uint8_t *copy;

			if (position < cut && cut < position + n)
				n = cut - position;
			copy = malloc(n);
			CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
			memcpy(copy, s->bytes + at, n);
			feed(&o, s->who == 'C', copy, n);
			free(copy);
			at += n;
			position += n;
		}
	}
	return o;
}

static bool same_word(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool as_expected(const struct conversation *row, const struct outcome *o)
{
	const struct preamble *p = &o->p;

	return p->state == row->state && same_word(p->protocol, row->protocol) && p->code == row->code &&
	       p->offer == row->offer && p->continued == row->continued && preamble_wants_tls(p) == row->wants_tls &&
	       same_word(p->tunnel, row->tunnel);
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
	return a->p.state == b->p.state && same_word(a->p.protocol, b->p.protocol) && a->p.code == b->p.code &&
	       a->p.offer == b->p.offer && a->p.continued == b->p.continued && same_word(a->p.tunnel, b->p.tunnel) &&
	       preamble_wants_tls(&a->p) == preamble_wants_tls(&b->p) &&
	       memcmp(a->taken, b->taken, sizeof(a->taken)) == 0 && memcmp(a->tls, b->tls, sizeof(a->tls)) == 0;
}

static void complain(const struct conversation *row, const struct outcome *o)
{
	printf("# %s: state %d, protocol %s, code %u, offer %d, continued %d, wants %d, tunnel %s\n", row->title,
	       (int)o->p.state, o->p.protocol ? o->p.protocol : "-", o->p.code, (int)o->p.offer, o->p.continued,
	       preamble_wants_tls(&o->p), o->p.tunnel ? o->p.tunnel : "-");
}

static void check_row(const struct conversation *row)
{
	struct outcome whole = play(row, SIZE_MAX, 0), bytes = play(row, 1, 0);
	size_t total = 0;

	if (!as_expected(row, &whole))
		complain(row, &whole);
	CU_ASSERT_TRUE(as_expected(row, &whole));
	if (!same_outcome(&whole, &bytes))
		complain(row, &bytes);
	CU_ASSERT_TRUE(same_outcome(&whole, &bytes));
	for (const struct says *s = row->says; s < row->says + SAYS_MAX && s->who; s++)
		total += s->n;
	for (size_t cut = 1; cut < total; cut++) {
		struct outcome two = play(row, SIZE_MAX, cut);

		CU_ASSERT_TRUE(same_outcome(&whole, &two));
	}
}

/* All of the TLS at a row's end is handed back, and nothing else. */
static void check_tls(const struct conversation *row)
{
	struct outcome o = play(row, SIZE_MAX, 0);
	size_t said[2] = {0, 0}, hello = sizeof(HELLO) - 1;
	bool has_hello = false;

	for (const struct says *s = row->says; s < row->says + SAYS_MAX && s->who; s++) {
		said[s->who != 'C'] += s->n;
		has_hello |= s->n >= hello && memcmp(s->bytes + s->n - hello, HELLO, hello) == 0;
	}
	if (has_hello)
		CU_ASSERT_EQUAL(o.taken[0], said[0] - hello);
	CU_ASSERT_EQUAL(o.tls[0], has_hello);
}

static void check_table(const struct conversation *table)
{
	for (const struct conversation *row = table; row->title; row++) {
		check_row(row);
		check_tls(row);
	}
}

static void test_smtp(void)
{
	check_table(smtp);
}

static void test_other_lines(void)
{
	check_table(other_lines);
}

static void test_http(void)
{
	check_table(http);
}

static void test_binary(void)
{
	check_table(binary);
}

static void test_tunnels(void)
{
	check_table(tunnels);
}

static size_t feed_text(struct preamble *p, bool from_client, const char *text)
{
	return preamble_feed(p, from_client, (const uint8_t *)text, strlen(text));
}

static void test_long_line(void)
{
	struct preamble p;

	preamble_init(&p, 25);
	feed_text(&p, false, "220 mx ESMTP\r\n");
	feed_text(&p, true, "NOOP ");
	for (int i = 0; i < 1000; i++)
		feed_text(&p, true, "STARTTLS ");
	CU_ASSERT_EQUAL(p.state, PREAMBLE_PLAIN);
	feed_text(&p, true, "\r\n");
	feed_text(&p, true, "STARTTLS\r\n");
	CU_ASSERT_EQUAL(p.state, PREAMBLE_ASKED);
	feed_text(&p, false, "250 ok\r\n220 go\r\n");
	CU_ASSERT_EQUAL(p.state, PREAMBLE_GRANTED);
}

/* A PROXY 2 header with 2000 bytes of TLVs, more than is held; TLS follows it directly. */
static void test_long_message(void)
{
	static const char header[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\x07\xd0";
	uint8_t bytes[16 + 2000 + 3] = {0};
	struct preamble p;

	memcpy(bytes, header, 16);
	memcpy(bytes + 16 + 2000, "\x16\x03\x01", 3);
	preamble_init(&p, 443);
	CU_ASSERT_EQUAL(preamble_feed(&p, true, bytes, sizeof(bytes)), 16 + 2000);
	CU_ASSERT_EQUAL(p.state, PREAMBLE_GRANTED);
	preamble_init(&p, 443);
	for (size_t i = 0; i < 16 + 2000; i++)
		CU_ASSERT_EQUAL(preamble_feed(&p, true, bytes + i, 1), 1);
	CU_ASSERT_EQUAL(preamble_feed(&p, true, bytes + 16 + 2000, 1), 0);
	CU_ASSERT_EQUAL(p.side[0].total, 16 + 2000);
}

/* A long conversation in clear is not parsed to its end, whatever it says. */
static void test_endless_plain(void)
{
	struct preamble p;

	preamble_init(&p, 80);
	feed_text(&p, true, "GET / HTTP/1.1\r\n\r\n");
	feed_text(&p, false, "HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(feed_text(&p, false, "line\n"), 5);
	feed_text(&p, true, "CONNECT a:443 HTTP/1.1\r\n\r\n");
	CU_ASSERT_EQUAL(p.state, PREAMBLE_PLAIN);
	CU_ASSERT_STRING_EQUAL(p.protocol, "http");
	CU_ASSERT_EQUAL(p.side[1].length, 0);
}

static void test_total(void)
{
	struct preamble p;

	preamble_init(&p, 25);
	feed_text(&p, false, "220 mx ESMTP\r\n");
	feed_text(&p, true, "NOOP");
	CU_ASSERT_EQUAL(p.side[1].total, 14);
	CU_ASSERT_EQUAL(p.side[0].total, 4);
}

static void test_phrases(void)
{
	static const char tomcat[] =
		"HTTP/1.1 400 \r\n\r\nBad Request\r\nThis combination of host and port requires TLS.\r\n";
	static const char apache[] = "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />\n";
	static const char plain[] =
		"HTTP/1.1 400 Bad Request\r\n\r\nYour browser sent a request that this server could "
		"not understand.";

	CU_ASSERT_TRUE(preamble_server_expected_tls((const uint8_t *)tomcat, sizeof(tomcat)));
	CU_ASSERT_TRUE(preamble_server_expected_tls((const uint8_t *)apache, sizeof(apache)));
	CU_ASSERT_FALSE(preamble_server_expected_tls((const uint8_t *)plain, sizeof(plain)));
	CU_ASSERT_FALSE(preamble_server_expected_tls(NULL, 0));
}

const struct unit_test unit_tests[] = {
	{"SMTP and LMTP conversations end in the state they should, however they are cut", test_smtp},
	{"other protocols of lines do", test_other_lines},
	{"CONNECT and plain HTTP do", test_http},
	{"LDAP, PostgreSQL, MySQL and RDP do", test_binary},
	{"SOCKS, PROXY and what is only named do", test_tunnels},
	{"a line longer than the buffer is one line", test_long_line},
	{"a message longer than the buffer is passed over to its end", test_long_message},
	{"a long plain conversation is not parsed to its end", test_endless_plain},
	{"bytes are counted", test_total},
	{"servers that wanted TLS are known by their words", test_phrases},
	{NULL, NULL},
};
