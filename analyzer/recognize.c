/* recognize.c: the table of openings.
 *
 * A row matches by the text or the bytes it starts with, by a word in the first line, by port, and where that is not
 * enough by a check of its own. Every step answers no, more or yes, and holds to its no and its yes when more bytes
 * arrive. The first row that says yes wins, but only once no row above it can still say yes.
 */
#include "recognize.h"

#include <ctype.h>

#include "ber.h"

enum side { CLIENT = 1, SERVER = 2, EITHER = 3 };

/* What a row is matched against. */
struct input {
	const uint8_t *bytes;
	size_t n;
	size_t line; /* bytes of the first line, its end included */
	bool from_client;
	bool line_ended; /* or it is too long to see its end */
	bool ended; /* no more bytes will come, or none that matter */
	uint16_t port;
};

typedef enum recognition check_fn(const struct input *in);

struct opening {
	const char *name;
	enum side side;
	const char *text; /* starts with, without regard to case: '#' is a digit, '~' a space or hyphen */
	const char *hex; /* starts with these bytes; ".." is any byte */
	const char *contains; /* one of these, separated by '|', in the first line */
	const char *anywhere; /* the same in all of the bytes */
	uint16_t ports[6];
	check_fn *check;
};

#define SMTP_PORTS 25, 587, 465, 2525, 24
#define FTP_PORTS 21, 990, 2121

static bool text_matches(char pattern, uint8_t byte)
{
	switch (pattern) {
	case '#':
		return isdigit(byte);
	case '~':
		return byte == ' ' || byte == '-';
	default:
		return tolower((uint8_t)pattern) == tolower(byte);
	}
}

static enum recognition starts_with_text(const struct input *in, const char *text)
{
	for (size_t i = 0; text[i]; i++) {
		if (i == in->n)
			return RECOGNIZE_MORE;
		if (!text_matches(text[i], in->bytes[i]))
			return RECOGNIZE_NO;
	}
	return RECOGNIZE_YES;
}

static unsigned hex_digit(char c)
{
	return isdigit((uint8_t)c) ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

static enum recognition starts_with_bytes(const struct input *in, const char *hex)
{
	size_t i = 0;

	for (const char *h = hex; *h; h += h[2] ? 3 : 2, i++) {
		if (i == in->n)
			return RECOGNIZE_MORE;
		if (h[0] != '.' && (hex_digit(h[0]) << 4 | hex_digit(h[1])) != in->bytes[i])
			return RECOGNIZE_NO;
	}
	return RECOGNIZE_YES;
}

static bool has_word(const uint8_t *bytes, size_t n, const char *word, size_t length)
{
	for (size_t i = 0; i + length <= n; i++) {
		size_t k = 0;

		while (k < length && tolower(bytes[i + k]) == tolower((uint8_t)word[k]))
			k++;
		if (k == length)
			return true;
	}
	return false;
}

static bool has_one_of(const uint8_t *bytes, size_t n, const char *words)
{
	for (;;) {
		size_t length = strcspn(words, "|");

		if (has_word(bytes, n, words, length))
			return true;
		if (!words[length])
			return false;
		words += length + 1;
	}
}

static enum recognition contains(const struct input *in, const char *words, size_t n, bool ended)
{
	if (has_one_of(in->bytes, n, words))
		return RECOGNIZE_YES;
	return ended ? RECOGNIZE_NO : RECOGNIZE_MORE;
}

/* Whether the bytes at the cursor are printable as far as they have arrived; stops in front of `end`. */
static enum recognition printable_until(struct cursor *c, uint8_t end, size_t limit)
{
	uint8_t byte;

	for (size_t i = 0; i <= limit; i++) {
		if (!cursor_u8(c, &byte))
			return RECOGNIZE_MORE;
		if (byte == end)
			return RECOGNIZE_YES;
		if (!isprint(byte))
			return RECOGNIZE_NO;
	}
	return RECOGNIZE_NO;
}

static enum recognition printable(struct cursor *c, size_t n)
{
	uint8_t byte;

	for (size_t i = 0; i < n; i++) {
		if (!cursor_u8(c, &byte))
			return RECOGNIZE_MORE;
		if (!isprint(byte))
			return RECOGNIZE_NO;
	}
	return RECOGNIZE_YES;
}

static struct cursor after(const struct input *in, size_t offset)
{
	struct cursor c = cursor_over(in->bytes, in->n);

	cursor_skip(&c, offset < in->n ? offset : in->n);
	return c;
}

/* A number between two bounds at an offset that the row's bytes have already reached. */
static enum recognition number_within(const struct input *in, size_t offset, size_t size, uint64_t low, uint64_t high)
{
	struct cursor c = after(in, offset);
	uint64_t value;

	if (!cursor_uint(&c, size, &value))
		return RECOGNIZE_MORE;
	return value >= low && value <= high ? RECOGNIZE_YES : RECOGNIZE_NO;
}

/* Protocol::HandshakeV10: the server version, "8.0.36" or "5.5.5-10.11.6-MariaDB", ends with NUL. */
static enum recognition check_mysql_greeting(const struct input *in)
{
	struct cursor c = after(in, 5);

	if (c.left && !isdigit(*c.at))
		return RECOGNIZE_NO;
	return printable_until(&c, 0, 100);
}

/* An ERR packet instead of the greeting, or of TLS ("Host … is not allowed to connect"): code 1000 to 1999, then
 * words. */
static enum recognition check_mysql_error(const struct input *in)
{
	struct cursor c = after(in, 6);
	uint8_t high;

	if (!cursor_u8(&c, &high))
		return RECOGNIZE_MORE;
	if (high < 1000 / 256 || high > 1999 / 256)
		return RECOGNIZE_NO;
	return printable(&c, 16);
}

static enum recognition check_postgres_startup(const struct input *in)
{
	struct cursor c = after(in, 8);

	return printable_until(&c, 0, 64);
}

static enum recognition check_postgres_error(const struct input *in)
{
	struct cursor c = after(in, 6);

	return printable_until(&c, 0, 16);
}

/* LDAPMessage: SEQUENCE, INTEGER messageID, then one of the operations that open a conversation (RFC 4511 section 4.2
 * on). */
static enum recognition check_ldap(const struct input *in)
{
	static const uint8_t requests[] = {0x60, 0x42, 0x63, 0x77}, answers[] = {0x61, 0x64, 0x65, 0x73, 0x78};
	struct cursor c = cursor_over(in->bytes, in->n);
	uint64_t outer, length;
	uint8_t tag, op;
	enum parse_result r = ber_header(&c, &tag, &outer);

	if (r == PARSE_OK && outer < 5)
		return RECOGNIZE_NO;
	if (r == PARSE_OK)
		r = ber_header(&c, &tag, &length);
	if (r == PARSE_OK && (tag != 0x02 || length < 1 || length > 4))
		return RECOGNIZE_NO;
	if (r != PARSE_OK)
		return r == PARSE_MALFORMED ? RECOGNIZE_NO : RECOGNIZE_MORE;
	if (!cursor_skip(&c, (size_t)length) || !cursor_u8(&c, &op))
		return RECOGNIZE_MORE;
	if (in->from_client)
		return memchr(requests, op, sizeof(requests)) ? RECOGNIZE_YES : RECOGNIZE_NO;
	return memchr(answers, op, sizeof(answers)) ? RECOGNIZE_YES : RECOGNIZE_NO;
}

/* X.224 connection request of RDP (MS-RDPBCGR 2.2.1.1): nothing more, a cookie, or a negotiation request. ISO
 * transports of other kinds (S7, H.323) carry parameters C0 to C2 there. */
static enum recognition check_rdp(const struct input *in)
{
	struct cursor c = after(in, 2);
	uint16_t length;
	uint8_t next;

	if (!cursor_u16(&c, &length))
		return RECOGNIZE_MORE;
	if (length == 11)
		return RECOGNIZE_YES;
	c = after(in, 11);
	if (!cursor_u8(&c, &next))
		return RECOGNIZE_MORE;
	return next == 'C' || next == 0x01 || next == 0x02 || next == 0x03 ? RECOGNIZE_YES : RECOGNIZE_NO;
}

/* IAC, then WILL, WONT, DO or DONT, then an option in use (RFC 854, IANA Telnet Options). */
static enum recognition check_telnet(const struct input *in)
{
	enum recognition verb = number_within(in, 1, 1, 0xfb, 0xfe);

	return verb == RECOGNIZE_YES ? number_within(in, 2, 1, 0, 49) : verb;
}

/* RFC 1928: VER, NMETHODS, METHODS. Methods above 9 are not registered. */
static enum recognition check_socks5(const struct input *in)
{
	struct cursor c = after(in, 1);
	uint8_t count, method;

	if (!cursor_u8(&c, &count))
		return RECOGNIZE_MORE;
	if (count == 0 || count > 10)
		return RECOGNIZE_NO;
	for (uint8_t i = 0; i < count; i++) {
		if (!cursor_u8(&c, &method))
			return RECOGNIZE_MORE;
		if (method > 9)
			return RECOGNIZE_NO;
	}
	return RECOGNIZE_YES;
}

/* VN 4, CD 1 or 2, DSTPORT, DSTIP, USERID NUL. */
static enum recognition check_socks4(const struct input *in)
{
	enum recognition command = number_within(in, 1, 1, 1, 2);
	struct cursor c = after(in, 8);

	if (command != RECOGNIZE_YES || in->n < 8)
		return command == RECOGNIZE_NO ? command : RECOGNIZE_MORE;
	return printable_until(&c, 0, 255);
}

/* DNS over TCP (RFC 1035 section 4.2.2): a standard query, or its answer, with one question of class IN. */
static enum recognition check_dns(const struct input *in)
{
	struct cursor c = cursor_over(in->bytes, in->n);
	uint16_t length, flags, questions, class;
	uint8_t label;

	if (!cursor_u16(&c, &length) || !cursor_skip(&c, 2) || !cursor_u16(&c, &flags))
		return RECOGNIZE_MORE;
	if (length < 17 || (flags & 0xf840) != (in->from_client ? 0 : 0x8000))
		return RECOGNIZE_NO;
	if (!cursor_u16(&c, &questions) || !cursor_skip(&c, 6))
		return RECOGNIZE_MORE;
	if (questions != 1)
		return RECOGNIZE_NO;
	do {
		enum recognition letters;

		if (!cursor_u8(&c, &label))
			return RECOGNIZE_MORE;
		if (label > 63)
			return RECOGNIZE_NO;
		letters = printable(&c, label);
		if (letters != RECOGNIZE_YES)
			return letters;
	} while (label);
	if (!cursor_skip(&c, 2) || !cursor_u16(&c, &class))
		return RECOGNIZE_MORE;
	return class == 1 ? RECOGNIZE_YES : RECOGNIZE_NO;
}

/* ApiVersions, which every client since 0.10 asks first: size, key 18, version, correlation, client id. */
static enum recognition check_kafka(const struct input *in)
{
	struct cursor c = cursor_over(in->bytes, in->n);
	uint32_t size;
	uint16_t version, id;

	if (!cursor_u32(&c, &size) || !cursor_skip(&c, 2) || !cursor_u16(&c, &version) || !cursor_skip(&c, 4) ||
	    !cursor_u16(&c, &id))
		return RECOGNIZE_MORE;
	if (version > 4 || id > 249 || size < 10u + id)
		return RECOGNIZE_NO;
	return printable(&c, id);
}

/* A server's SETTINGS frame (RFC 9113 section 6.5): stream 0, its length a multiple of 6. */
static enum recognition check_http2(const struct input *in)
{
	struct cursor c = cursor_over(in->bytes, in->n);
	uint32_t length;

	if (!cursor_u24(&c, &length))
		return RECOGNIZE_MORE;
	return length % 6 == 0 && length <= 60 ? RECOGNIZE_YES : RECOGNIZE_NO;
}

/* "tag command": an IMAP client's tag holds a digit with every client known. */
static enum recognition check_imap(const struct input *in)
{
	static const char *const commands[] = {"CAPABILITY", "STARTTLS", "LOGIN ", "AUTHENTICATE ", "ID ",
					       "ID\r",       "NOOP",     "LOGOUT", "ENABLE "};
	struct input rest = *in;
	bool digit = false, more = false;
	size_t i = 0;

	for (; i < in->n && (isalnum(in->bytes[i]) || in->bytes[i] == '.'); i++)
		digit |= isdigit(in->bytes[i]) != 0;
	if (i > 32)
		return RECOGNIZE_NO;
	if (i == in->n)
		return RECOGNIZE_MORE;
	if (in->bytes[i] != ' ' || !digit)
		return RECOGNIZE_NO;
	rest.bytes += i + 1;
	rest.n -= i + 1;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		enum recognition r = starts_with_text(&rest, commands[i]);

		if (r == RECOGNIZE_YES)
			return r;
		more |= r == RECOGNIZE_MORE;
	}
	return more ? RECOGNIZE_MORE : RECOGNIZE_NO;
}

static enum recognition check_mongodb_size(const struct input *in)
{
	return number_within(in, 0, 1, 16, 255) == RECOGNIZE_YES || number_within(in, 1, 1, 1, 255) == RECOGNIZE_YES
		       ? RECOGNIZE_YES
		       : RECOGNIZE_NO;
}

static enum recognition check_connack(const struct input *in)
{
	enum recognition flags = number_within(in, 2, 1, 0, 1);

	return flags == RECOGNIZE_YES ? number_within(in, 3, 1, 0, 5) : flags;
}

/* In order: of rows that fit, the first wins. */
static const struct opening openings[] = {
	/* Headers put in front of a connection */
	{"proxy", CLIENT, .text = "PROXY TCP"},
	{"proxy", CLIENT, .text = "PROXY UNKNOWN"},
	{"proxy", CLIENT, .hex = "0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a"},
	{"socks5", CLIENT, .hex = "05", .check = check_socks5},
	{"socks4", CLIENT, .hex = "04", .check = check_socks4},

	/* HTTP and what borrows its form */
	{"http2", CLIENT, .text = "PRI * HTTP/2.0"},
	{"http2", SERVER, .hex = "00 00 .. 04 00 00 00 00 00", .check = check_http2},
	{"http", SERVER, .text = "HTTP/#"},
	{"http", SERVER, .text = "ICY 200"},
	{"rtsp", EITHER, .text = "RTSP/1.0"},
	{"rtsp", CLIENT, .text = "OPTIONS ", .contains = " rtsp/"},
	{"rtsp", CLIENT, .text = "DESCRIBE ", .contains = " rtsp/"},
	{"rtsp", CLIENT, .text = "ANNOUNCE ", .contains = " rtsp/"},
	{"sip", EITHER, .text = "SIP/2.0"},
	{"sip", CLIENT, .text = "OPTIONS sip"},
	{"sip", CLIENT, .text = "REGISTER sip"},
	{"sip", CLIENT, .text = "INVITE sip"},
	{"sip", CLIENT, .text = "SUBSCRIBE sip"},
	{"sip", CLIENT, .text = "MESSAGE sip"},
	{"http", CLIENT, .text = "GET /"},
	{"http", CLIENT, .text = "GET http"},
	{"http", CLIENT, .text = "POST /"},
	{"http", CLIENT, .text = "PUT /"},
	{"http", CLIENT, .text = "HEAD /"},
	{"http", CLIENT, .text = "GET ", .contains = " http/"},
	{"http", CLIENT, .text = "POST ", .contains = " http/"},
	{"http", CLIENT, .text = "PUT ", .contains = " http/"},
	{"http", CLIENT, .text = "HEAD ", .contains = " http/"},
	{"http", CLIENT, .text = "CONNECT ", .contains = " http/"},
	{"http", CLIENT, .text = "OPTIONS ", .contains = " http/"},
	{"http", CLIENT, .text = "DELETE ", .contains = " http/"},
	{"http", CLIENT, .text = "PATCH ", .contains = " http/"},
	{"http", CLIENT, .text = "TRACE ", .contains = " http/"},
	{"http", CLIENT, .text = "PROPFIND ", .contains = " http/"},
	{"http", CLIENT, .text = "REPORT ", .contains = " http/"},
	{"http", CLIENT, .text = "MKCOL ", .contains = " http/"},
	{"http", CLIENT, .text = "SUBSCRIBE ", .contains = " http/"},
	{"http", CLIENT, .text = "NOTIFY ", .contains = " http/"},
	{"http", CLIENT, .text = "RPC_IN_DATA ", .contains = " http/"},
	{"http", CLIENT, .text = "RPC_OUT_DATA ", .contains = " http/"},

	/* Remote terminals */
	{"ssh", EITHER, .text = "SSH-#."},
	{"ssh", SERVER, .text = "Exceeded MaxStartups"},
	{"ssh", SERVER, .text = "Not allowed at this time"},
	{"vnc", EITHER, .text = "RFB 00#.00#"},
	{"telnet", EITHER, .hex = "ff", .check = check_telnet},
	{"rdp", CLIENT, .hex = "03 00 .. .. .. e0 00 00 .. .. 00", .check = check_rdp},
	{"rdp", SERVER, .hex = "03 00 00 0b 06 d0 00 00"},
	{"rdp", SERVER, .hex = "03 00 00 13 0e d0 .. .. .. .. .. .. .. 08 00"},
	{"x11", CLIENT, .hex = "6c 00 0b 00 00 00"},
	{"x11", CLIENT, .hex = "42 00 00 0b 00 00"},

	/* Mail and news: greetings and errors with numbers */
	{"lmtp", CLIENT, .text = "LHLO "},
	{"smtp", CLIENT, .text = "EHLO "},
	{"smtp", CLIENT, .text = "HELO "},
	{"smtp", SERVER, .text = "220~", .contains = "smtp"},
	{"lmtp", SERVER, .text = "220~", .contains = "lmtp"},
	{"ftp", SERVER, .text = "220~", .contains = "ftp|filezilla"},
	{"smtp", SERVER, .text = "220~", .contains = "postfix|exim|sendmail|mail|mx."},
	{"smtp", SERVER, .text = "220~", .ports = {SMTP_PORTS}},
	{"ftp", SERVER, .text = "220~", .ports = {FTP_PORTS}},
	{"smtp", SERVER, .text = "4##~#.#.#"},
	{"smtp", SERVER, .text = "5##~#.#.#"},
	{"smtp", SERVER, .text = "554~"},
	{"smtp", SERVER, .text = "4##~", .contains = "smtp"},
	{"smtp", SERVER, .text = "5##~", .contains = "smtp"},
	{"smtp", SERVER, .text = "4##~", .ports = {SMTP_PORTS}},
	{"smtp", SERVER, .text = "5##~", .ports = {SMTP_PORTS}},
	{"ftp", CLIENT, .text = "AUTH TLS"},
	{"ftp", CLIENT, .text = "AUTH SSL"},
	{"ftp", CLIENT, .text = "FEAT\r"},
	{"ftp", CLIENT, .text = "USER ", .ports = {FTP_PORTS}},
	{"ftp", SERVER, .text = "120~", .ports = {FTP_PORTS}},
	{"ftp", SERVER, .text = "4##~", .contains = "ftp"},
	{"ftp", SERVER, .text = "5##~", .contains = "ftp"},
	{"ftp", SERVER, .text = "4##~", .ports = {FTP_PORTS}},
	{"ftp", SERVER, .text = "5##~", .ports = {FTP_PORTS}},
	{"nntp", SERVER, .text = "200 ", .contains = "nntp|news|posting|innd"},
	{"nntp", SERVER, .text = "201 ", .contains = "nntp|news|posting|innd"},
	{"nntp", SERVER, .text = "20#~", .ports = {119, 433, 563}},
	{"nntp", CLIENT, .text = "MODE READER"},
	{"nntp", CLIENT, .text = "CAPABILITIES\r"},
	{"imap", SERVER, .text = "* OK"},
	{"imap", SERVER, .text = "* PREAUTH"},
	{"imap", SERVER, .text = "* BYE"},
	{"imap", CLIENT, .check = check_imap},
	{"redis", SERVER, .text = "+OK", .ports = {6379}},
	{"redis", SERVER, .text = "-ERR", .ports = {6379}},
	{"redis", SERVER, .text = "-ERR ", .contains = "unknown command|protocol error|wrong number of arguments"},
	{"pop3", SERVER, .text = "+OK "},
	{"pop3", SERVER, .text = "+OK\r"},
	{"pop3", SERVER, .text = "-ERR"},
	{"pop3", CLIENT, .text = "STLS\r"},
	{"pop3", CLIENT, .text = "CAPA\r"},
	{"pop3", CLIENT, .text = "APOP "},
	{"pop3", CLIENT, .text = "USER ", .ports = {110, 995}},
	{"sieve", SERVER, .text = "\"IMPLEMENTATION\""},
	{"sieve", CLIENT, .text = "STARTTLS\r", .ports = {4190, 2000}},
	{"smtp", CLIENT, .text = "STARTTLS\r", .ports = {SMTP_PORTS}},
	{"nntp", CLIENT, .text = "STARTTLS\r", .ports = {119, 433}},
	{"irc", CLIENT, .text = "STARTTLS\r"}, /* unasked: no other protocol's client speaks first so */

	/* Chat */
	{"xmpp", EITHER, .text = "<stream:stream"},
	{"xmpp", EITHER, .text = "<?xml", .anywhere = "<stream:stream|jabber:|etherx.jabber.org"},
	{"http", SERVER, .text = "<?xml",
	 .anywhere = "<html|<!doctype html"}, /* a page alone is how HTTP/0.9 answers */
	{"irc", CLIENT, .text = "NICK "},
	{"irc", CLIENT, .text = "CAP LS"},
	{"irc", CLIENT, .text = "CAP REQ"},
	{"irc", SERVER, .text = "NOTICE AUTH"},
	{"irc", SERVER, .text = ":", .contains = " notice "},
	{"irc", SERVER, .text = "ERROR :"},

	/* Databases and queues */
	{"postgres", CLIENT, .hex = "00 00 00 08 04 d2 16 2f"},
	{"postgres", CLIENT, .hex = "00 00 00 08 04 d2 16 30"},
	{"postgres", CLIENT, .hex = "00 00 00 10 04 d2 16 2e"},
	{"postgres", CLIENT, .hex = "00 00 .. .. 00 03 00", .check = check_postgres_startup},
	{"postgres", SERVER, .hex = "52 00 00 00 08 00 00 00"},
	{"postgres", SERVER, .hex = "45 00 00 .. .. 53", .check = check_postgres_error},
	{"mysql", SERVER, .hex = ".. .. 00 00 0a", .check = check_mysql_greeting},
	{"mysql", SERVER, .hex = ".. .. 00 00 ff", .check = check_mysql_error},
	{"mysql", SERVER, .hex = ".. .. 00 02 ff", .check = check_mysql_error}, /* to an SSLRequest */
	{"mysql", CLIENT, .hex = "20 00 00 01 .. .. .. .. .. .. .. .. .. 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
	{"mssql", CLIENT, .hex = "12 01 .. .. 00 00 .. 00 00 00 .. 00 06"},
	{"mssql", SERVER, .hex = "04 01 .. .. 00 .. .. 00 00 00 .. 00 06"},
	{"oracle", CLIENT, .hex = ".. .. 00 00 01 .. 00 00 01 .. 01 2c"},
	{"drda", CLIENT, .hex = "00 .. d0 41 00 01 00 .. 10 41"},
	{"mongodb", CLIENT, .hex = ".. .. 00 00 .. .. .. .. 00 00 00 00 d4 07 00 00", .check = check_mongodb_size},
	{"mongodb", CLIENT, .hex = ".. .. 00 00 .. .. .. .. 00 00 00 00 dd 07 00 00", .check = check_mongodb_size},
	{"mongodb", SERVER, .hex = ".. .. 00 00 .. .. .. .. .. .. .. .. dd 07 00 00", .check = check_mongodb_size},
	{"cassandra", CLIENT, .hex = "03 00 00 .. 05 00 00 00 00"},
	{"cassandra", CLIENT, .hex = "04 00 00 .. 05 00 00 00 00"},
	{"cassandra", CLIENT, .hex = "05 00 00 .. 05 00 00 00 00"},
	{"kafka", CLIENT, .hex = "00 00 00 .. 00 12", .check = check_kafka},
	{"redis", CLIENT, .text = "*#\r\n$"},
	{"redis", CLIENT, .text = "PING\r"},
	{"redis", SERVER, .text = "-NOAUTH"},
	{"redis", SERVER, .text = "-DENIED Redis"},
	{"redis", SERVER, .text = "-LOADING"},
	{"redis", SERVER, .text = "-MISCONF"},
	{"redis", SERVER, .text = "+PONG\r"},
	{"memcached", CLIENT, .text = "stats\r", .ports = {11211}},
	{"memcached", CLIENT, .text = "version\r", .ports = {11211}},
	{"memcached", CLIENT, .text = "get ", .ports = {11211}},
	{"memcached", CLIENT, .text = "set ", .ports = {11211}},
	{"memcached", CLIENT, .hex = "80 .. .. .. .. 00 00 00", .ports = {11211}},
	{"memcached", SERVER, .text = "ERROR\r\n"},
	{"memcached", SERVER, .text = "CLIENT_ERROR "},
	{"memcached", SERVER, .text = "SERVER_ERROR "},
	{"mqtt", CLIENT, .hex = "10 .. 00 04 4d 51 54 54"},
	{"mqtt", CLIENT, .hex = "10 .. .. 00 04 4d 51 54 54"},
	{"mqtt", CLIENT, .hex = "10 .. 00 06 4d 51 49 73 64 70"},
	{"mqtt", SERVER, .hex = "20 02", .check = check_connack},
	{"amqp", EITHER, .hex = "41 4d 51 50 00"},
	{"amqp", EITHER, .hex = "41 4d 51 50 01"},
	{"amqp", EITHER, .hex = "41 4d 51 50 02"},
	{"amqp", EITHER, .hex = "41 4d 51 50 03"},
	{"amqp", SERVER, .hex = "01 00 00 00 00 .. .. 00 0a 00 0a 00 09"},
	{"nats", SERVER, .text = "INFO {"},
	{"nats", CLIENT, .text = "CONNECT {"},
	{"stomp", CLIENT, .text = "STOMP\n"},
	{"stomp", CLIENT, .text = "CONNECT\n"},
	{"stomp", SERVER, .text = "CONNECTED\n"},

	/* Directories, files and the rest */
	{"ldap", EITHER, .hex = "30", .check = check_ldap},
	{"smb", EITHER, .hex = "00 .. .. .. ff 53 4d 42"},
	{"smb", EITHER, .hex = "00 .. .. .. fe 53 4d 42"},
	{"dns", EITHER, .check = check_dns},
	{"rsync", EITHER, .text = "@RSYNCD:"},
	{"svn", SERVER, .text = "( success ( "},
	{"git", CLIENT, .text = "00##git-"},
	{"fix", EITHER, .text = "8=FIX"},
	{"zabbix", EITHER, .hex = "5a 42 58 44 01"},
	{"bittorrent", EITHER,
	 .text = "\x13"
		 "BitTorrent protocol"},
	{"http", SERVER, .text = "<!doctype html"},
	{"http", SERVER, .text = "<html"},
	{"http", SERVER, .text = "<head"},
	{"http", SERVER, .text = "<body"},
};

static bool port_fits(const struct opening *o, uint16_t port)
{
	if (!o->ports[0])
		return true;
	for (size_t i = 0; i < sizeof(o->ports) / sizeof(o->ports[0]) && o->ports[i]; i++)
		if (o->ports[i] == port)
			return true;
	return false;
}

static enum recognition row_matches(const struct opening *o, const struct input *in)
{
	enum recognition r = RECOGNIZE_YES;

	if (!(o->side & (in->from_client ? CLIENT : SERVER)) || !port_fits(o, in->port))
		return RECOGNIZE_NO;
	if (o->text)
		r = starts_with_text(in, o->text);
	if (r == RECOGNIZE_YES && o->hex)
		r = starts_with_bytes(in, o->hex);
	if (r == RECOGNIZE_YES && o->contains)
		r = contains(in, o->contains, in->line, in->line_ended);
	if (r == RECOGNIZE_YES && o->anywhere)
		r = contains(in, o->anywhere, in->n, in->ended);
	if (r == RECOGNIZE_YES && o->check)
		r = o->check(in);
	return r == RECOGNIZE_MORE && in->ended && in->line_ended ? RECOGNIZE_NO : r;
}

static enum recognition look_up(struct input in, const char **name)
{
	const uint8_t *end = in.n ? memchr(in.bytes, '\n', in.n) : NULL;
	enum recognition result = RECOGNIZE_NO;

	in.line = end ? (size_t)(end - in.bytes) + 1 : in.n;
	in.line_ended = end || in.n >= RECOGNIZE_MAX;
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		enum recognition r = row_matches(&openings[i], &in);

		if (r == RECOGNIZE_NO)
			continue;
		if (r == RECOGNIZE_YES && result == RECOGNIZE_NO) {
			*name = openings[i].name;
			return RECOGNIZE_YES;
		}
		result = RECOGNIZE_MORE;
	}
	return result;
}

enum recognition recognize_opening(bool from_client, uint16_t server_port, const uint8_t *bytes, size_t n,
				   const char **name)
{
	return look_up((struct input){.bytes = bytes,
				      .n = n < RECOGNIZE_MAX ? n : RECOGNIZE_MAX,
				      .from_client = from_client,
				      .ended = n >= RECOGNIZE_MAX,
				      .port = server_port},
		       name);
}

/* Letters from the first byte on; above ASCII only further in, as names and addresses in a banner may have them. */
bool recognize_text(const uint8_t *bytes, size_t n)
{
	if (n < 4)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool plain = isprint(bytes[i]) || (bytes[i] && strchr("\t\r\n\f", bytes[i]));

		if (!plain && (bytes[i] < 0x80 || i < 3))
			return false;
	}
	return true;
}

const char *recognize_protocol(bool from_client, uint16_t server_port, const uint8_t *bytes, size_t n)
{
	const char *name = NULL;
	struct input in = {.bytes = bytes,
			   .n = n < RECOGNIZE_MAX ? n : RECOGNIZE_MAX,
			   .from_client = from_client,
			   .ended = true,
			   .port = server_port};

	if (look_up(in, &name) == RECOGNIZE_YES)
		return name;
	return recognize_text(in.bytes, in.n) ? "text" : NULL;
}

const char *recognize_name(size_t index)
{
	return index < sizeof(openings) / sizeof(openings[0]) ? openings[index].name : NULL;
}
