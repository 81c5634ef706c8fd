/* secrets.c: see secrets.h. */
#include "tests/sanitize/secrets.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STREAM_MAX (1u << 20)
#define TEXT_GRAM 4
#define RANDOM_GRAM 8
#define KEY_FRAME 9
#define KEY_TAIL 5
#define EXTENSION_RUN 8 /* a shorter one may be of tags and lengths */

static void add(struct secrets *all, const char *what, const uint8_t *bytes, size_t n, size_t gram)
{
	if (n < gram)
		return;
	if (all->count == all->room) {
		all->room = all->room ? 2 * all->room : 64;
		all->of = need(realloc(all->of, all->room * sizeof(*all->of)));
	}
	all->of[all->count] = (struct secret){.what = what, .bytes = need(malloc(n)), .n = n, .gram = gram};
	memcpy(all->of[all->count++].bytes, bytes, n);
}

void secrets_free(struct secrets *all)
{
	for (size_t i = 0; i < all->count; i++)
		free(all->of[i].bytes);
	free(all->of);
	free(all->days);
	*all = (struct secrets){0};
}

/* ---- Headers and text ---- */

static void collect_headers(const struct frame *f, struct secrets *all)
{
	bool v6 = get16(f->bytes + 12) == 0x86dd;
	size_t n = v6 ? 16 : 4;

	for (int i = 0; i < 2; i++) {
		add(all, "a MAC address", f->bytes + (size_t)i * 6, 6, TEXT_GRAM);
		add(all, "an address", f->bytes + IP_AT + (v6 ? 8 : 12) + (size_t)i * n, n, TEXT_GRAM);
	}
}

/* A certificate's, or of an answer about one: the day stays, as findings rest on it. */
static bool is_date(const uint8_t *bytes, size_t n)
{
	size_t digits = 0;

	while (digits < n && isdigit(bytes[digits]))
		digits++;
	return (digits == 12 || digits == 14) && n > digits && bytes[digits] == 'Z';
}

static void collect_text(const uint8_t *bytes, size_t n, size_t shortest, struct secrets *all)
{
	size_t run = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && isprint(bytes[i])) {
			run++;
			continue;
		}
		if (run >= shortest && !is_date(bytes + i - run, run))
			add(all, "text", bytes + i - run, run, TEXT_GRAM);
		run = 0;
	}
}

/* ---- Certificates ---- */

static void collect_string(const ASN1_STRING *s, const char *what, size_t gram, struct secrets *all)
{
	if (s)
		add(all, what, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s), gram);
}

static void collect_date(const ASN1_TIME *date, struct secrets *all)
{
	static const char *const times[] = {"", "000000", "235959"};
	struct tm tm;

	if (!ASN1_TIME_to_tm(date, &tm))
		return;
	all->days = need(realloc(all->days, (all->day_count + 3) * sizeof(*all->days)));
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		char *day = all->days[all->day_count++];
		size_t n = strftime(day, sizeof(*all->days), *times[i] ? "%Y%m%d" : "%Y%m%d%H%M%S", &tm);

		snprintf(day + n, sizeof(*all->days) - n, "%s", times[i]);
	}
}

static void collect_certificate(X509 *x, struct secrets *all)
{
	const ASN1_BIT_STRING *signature, *key = X509_get0_pubkey_bitstr(x);
	const X509_NAME *names[] = {X509_get_subject_name(x), X509_get_issuer_name(x)};

	collect_date(X509_get0_notBefore(x), all);
	collect_date(X509_get0_notAfter(x), all);
	X509_get0_signature(&signature, NULL, x);
	collect_string(signature, "a signature", RANDOM_GRAM, all);
	/* Before the modulus of RSA stand tags and lengths, behind it a usual exponent. */
	if (ASN1_STRING_length(key) > KEY_FRAME + KEY_TAIL)
		add(all, "a public key", ASN1_STRING_get0_data(key) + KEY_FRAME,
		    (size_t)ASN1_STRING_length(key) - KEY_FRAME - KEY_TAIL, RANDOM_GRAM);
	collect_string(X509_get0_serialNumber(x), "a serial number", RANDOM_GRAM, all);
	collect_string(X509_get0_subject_key_id(x), "a key identifier", RANDOM_GRAM, all);
	collect_string(X509_get0_authority_key_id(x), "a key identifier", RANDOM_GRAM, all);
	for (int i = 0; i < X509_get_ext_count(x); i++) {
		const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(x, i));

		collect_text(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value), EXTENSION_RUN, all);
	}
	for (size_t k = 0; k < 2; k++)
		for (int i = 0; i < X509_NAME_entry_count(names[k]); i++)
			collect_string(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(names[k], i)), "a name", TEXT_GRAM,
				       all);
}

/* Wherever a sequence begins that OpenSSL takes for a certificate. It is then taken out: its tags and lengths look like
 * text. */
static void collect_certificates(uint8_t *bytes, size_t n, struct secrets *all)
{
	for (size_t i = 0; i + 4 < n; i++) {
		const uint8_t *at = bytes + i;
		X509 *x;

		if (bytes[i] != 0x30 || bytes[i + 1] != 0x82)
			continue;
		x = d2i_X509(NULL, &at, (long)(n - i));
		if (x) {
			collect_certificate(x, all);
			memset(bytes + i, 0, (size_t)(at - bytes) - i);
			i = (size_t)(at - bytes) - 1;
		}
		X509_free(x);
	}
	ERR_clear_error();
}

/* ---- Records ---- */

static void collect_hello(const uint8_t *body, size_t n, struct secrets *all)
{
	if (n < 39)
		return;
	/* What says HelloRetryRequest is no secret. */
	if (memcmp(body + 6, "\xcf\x21\xad\x74\xe5\x9a\x61\x11", 8) != 0)
		add(all, "a random", body + 6, memcmp(body + 30, "DOWNGRD", 7) == 0 ? 24 : 32, RANDOM_GRAM);
	if (n >= 39U + body[38])
		add(all, "a session ID", body + 39, body[38], RANDOM_GRAM);
}

static size_t first_record(const uint8_t *bytes, size_t n)
{
	size_t at = 0;

	while (at + 5 <= n && !(bytes[at] == 22 && bytes[at + 1] == 3 && bytes[at + 2] < 5))
		at++;
	return at + 5 <= n ? at : n;
}

/* A whole ServerKeyExchange, CertificateVerify, ClientKeyExchange or NewSessionTicket, or the beginning of one. */
static bool is_exchange(const uint8_t *body, size_t n)
{
	return n > 4 && (body[0] == 12 || body[0] == 15 || body[0] == 16 || body[0] == 4) && body[1] == 0 &&
	       get16(body + 2) < 2000;
}

/* A direction's records from the first one on, as long as they follow each other. */
static void collect_records(const uint8_t *bytes, size_t n, struct secrets *all)
{
	bool encrypted = false;
	size_t at = first_record(bytes, n);

	while (at + 5 <= n && bytes[at] >= 20 && bytes[at] <= 23 && bytes[at + 1] == 3) {
		size_t length = get16(bytes + at + 3), there = n - at - 5 < length ? n - at - 5 : length;
		const uint8_t *body = bytes + at + 5;
		bool hello =
			there > 0 && bytes[at] == 22 && (body[0] == 1 || body[0] == 2) && (!encrypted || length < 600);

		if (hello)
			collect_hello(body, there, all);
		else if (bytes[at] == 23 || (encrypted && bytes[at] != 21))
			add(all, "an encrypted record", body, there, RANDOM_GRAM);
		else if (bytes[at] == 22 && is_exchange(body, there))
			add(all, "a handshake message", body + 4, there > 4 ? there - 4 : 0, RANDOM_GRAM);
		encrypted = encrypted || bytes[at] == 20;
		at += 5 + length;
	}
}

/* ---- A capture ---- */

/* The bytes of one direction by their sequence numbers, from the lowest seen; holes are zero. */
static size_t assemble(const struct capture *c, bool from_client, uint8_t *stream)
{
	uint32_t base = 0;
	bool begun = false;
	size_t end = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < c->count; i++) {
			struct parts p = parts_of(c, &c->frames[i]);
			uint32_t offset;

			if (!p.tcp || p.from_client != from_client || p.payload >= p.end)
				continue;
			if (pass == 0) {
				if (!begun || (int32_t)(p.seq - base) < 0)
					base = p.seq;
				begun = true;
				continue;
			}
			offset = p.seq - base;
			if (offset > STREAM_MAX || p.end - p.payload > STREAM_MAX - offset)
				continue;
			memcpy(stream + offset, c->frames[i].bytes + p.payload, p.end - p.payload);
			if (offset + (p.end - p.payload) > end)
				end = offset + (p.end - p.payload);
		}
	return end;
}

/* Takes the headers of records out, so that messages which span them are whole. */
static size_t flatten(uint8_t *bytes, size_t n)
{
	size_t at = first_record(bytes, n), kept = at;

	while (at + 5 <= n && bytes[at] >= 20 && bytes[at] <= 23 && bytes[at + 1] == 3) {
		size_t length = get16(bytes + at + 3), there = n - at - 5 < length ? n - at - 5 : length;

		memmove(bytes + kept, bytes + at + 5, there);
		kept += there;
		at += 5 + length;
	}
	return kept;
}

void secrets_collect(const struct capture *c, struct secrets *all)
{
	uint8_t *stream = need(malloc(STREAM_MAX));

	for (size_t i = 0; i < c->count; i++)
		collect_headers(&c->frames[i], all);
	for (int side = 0; side < 2; side++) {
		size_t n;

		memset(stream, 0, STREAM_MAX);
		n = assemble(c, side == 0, stream);
		collect_records(stream, n, all);
		n = flatten(stream, n);
		collect_certificates(stream, n, all);
		collect_text(stream, n, TEXT_GRAM, all);
	}
	free(stream);
}

/* ---- Searching ---- */

/* What protocols say, whoever speaks them. */
static const char *const constants[] = {
	" HTTP/1.1 200 Connection established",
	"HTTP/1.1 200 OK",
	"HTTP/1.1 400 Bad Request",
	"HTTP/1.1 403 Forbidden",
	"HTTP/1.1 407 Proxy Authentication Required",
	"HTTP/1.1 502 Bad Gateway",
	"http/1.1",
	"CONNECT ",
	"PROXY TCP4 ", /* haproxy.org, proxy-protocol.txt */
	"PROXY TCP6 ",
	"PRI * HTTP/2.0", /* RFC 9113 section 3.4 */
	":443 HTTP/1.1",
	"GET /",
	"Host: ",
	"User-Agent: ",
	"Accept: */*",
	"Connection: close",
	"Content-Length: 0",
	"Content-Type: text/html",
	"Content-Type: text/plain",
	"Proxy-Authenticate: Basic ",
	"Proxy-Connection: Keep-Alive",
	"<html><head><title>000 The ",
	"<html><title>",
	"</title></head></html>",
	"<body>",
	"</body></html>",
	"The plain HTTP request was sent to HTTPS port</title>",
	"EHLO ",
	"220 FTP ",
	"220 ",
	"220 2.0.0 Ready to start TLS", /* RFC 3207 section 4, with RFC 2034's codes */
	" ESMTP Postfix",
	"250-PIPELINING",
	"250-SIZE ",
	"250-STARTTLS",
	"250-8BITMIME",
	"250 SMTPUTF8",
	"250 XXXXXXXA",
	"250 8BITMIME",
	"250 STARTTLS",
	"454 4.7.0 TLS not available",
	" NO TLS not ",
	"QUIT",
	"504 Unknown AUTH ",
	"534 TLS not ",
	"AUTH TLS",
	"AUTH SSL",
	"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready",
	"* CAPABILITY",
	" OK Begin TLS negotiation", /* RFC 3501 section 6.2.1 */
	"+OK Begin TLS negotiation", /* RFC 2595 section 4 */
	"STLS",
	"CAPA",
	"+OK POP3 ready",
	"-ERR TLS not ",
	"USER",
	"<stream:stream",
	"</stream:stream>",
	"<starttls",
	"<stream:features",
	"<failure",
	"<proceed",
	"<?xml version=",
	"jabber:",
	"etherx.jabber.org",
	"SSH-2.0-",
	"NOTICE ",
	"CAP LS ",
	"ERROR :",
	"ERROR unknown command, ",
	" HELP",
	"1.3.6.1.4.1.1466.20037",
	"DOWNGRD",
};

static bool of_a_day(const struct secrets *all, const uint8_t *gram, size_t n)
{
	for (size_t i = 0; i < all->day_count; i++)
		if (memmem(all->days[i], strlen(all->days[i]), gram, n))
			return true;
	return false;
}

static bool constant(const uint8_t *gram, size_t n)
{
	bool same = true;

	for (size_t i = 1; i < n; i++)
		same = same && gram[i] == gram[0];
	for (size_t i = 0; !same && i < sizeof(constants) / sizeof(*constants); i++)
		for (size_t at = 0; !same && at + n <= strlen(constants[i]); at++)
			same = strncasecmp(constants[i] + at, (const char *)gram, n) == 0;
	return same;
}

static bool found_in(const struct capture *c, const uint8_t *gram, size_t n, size_t *frame, size_t *at)
{
	for (size_t i = 0; i < c->count; i++) {
		const uint8_t *hit = memmem(c->frames[i].bytes, c->frames[i].captured, gram, n);

		if (!hit)
			continue;
		*frame = i + 1;
		*at = (size_t)(hit - c->frames[i].bytes);
		return true;
	}
	return false;
}

/* Which four bytes may be in a capture, by a hash of them: most are not, and need not be searched for. */
#define FILTER_BITS (1u << 22)

static uint32_t hash4(const uint8_t *gram)
{
	return (get32(gram) * 2654435761u) >> 10;
}

static void filter_fill(uint8_t *filter, const struct capture *c)
{
	memset(filter, 0, FILTER_BITS / 8);
	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k + 4 <= c->frames[i].captured; k++) {
			uint32_t h = hash4(c->frames[i].bytes + k);

			filter[h / 8] |= (uint8_t)(1 << h % 8);
		}
}

const struct secret *secrets_found(const struct secrets *all, const struct capture *shared, size_t *frame, size_t *at)
{
	static uint8_t filter[FILTER_BITS / 8];

	filter_fill(filter, shared);
	for (size_t i = 0; i < all->count; i++) {
		const struct secret *s = &all->of[i];

		for (size_t k = 0; k + s->gram <= s->n; k++) {
			uint32_t h = hash4(s->bytes + k);

			if (filter[h / 8] >> (h % 8) & 1 && !constant(s->bytes + k, s->gram) &&
			    !of_a_day(all, s->bytes + k, s->gram) && found_in(shared, s->bytes + k, s->gram, frame, at))
				return s;
		}
	}
	return NULL;
}
