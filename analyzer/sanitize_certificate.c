/* sanitize_certificate.c: see sanitize_certificate.h.
 *
 * DER is walked flat: a header is kept and what it holds is walked on, whether that is the value itself or more
 * headers. So nesting costs nothing, and a length that contradicts itself leads to bytes that are erased.
 */
#include "sanitize_certificate.h"

#include "ber.h"
#include "handshake.h"
#include "sanitize_key.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* X.690 section 8.1.2: the tag's class and form, universal tags, and those of Certificate (RFC 5280 section 4.1). */
enum {
	DER_CONSTRUCTED = 0x20,
	DER_CONTEXT = 0x80,
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8 = 0x0c,
	DER_NUMERIC = 0x12,
	DER_PRINTABLE = 0x13,
	DER_TELETEX = 0x14,
	DER_IA5 = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_VISIBLE = 0x1a,
	DER_BMP = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_UNIQUE_ID = 0x81, /* issuerUniqueID [1], subjectUniqueID [2] */
	DER_SUBJECT_UNIQUE_ID = 0x82,
	DER_EXTENSIONS = 0xa3,
};

#define SMALL 3 /* bytes of a number or of flags that say nothing about who made them */
#define DAY_S 86400
#define TEXT_MAX 1024 /* characters of a BMPString */

/* What tags of the context mean. */
enum der_context {
	DER_PLAIN,
	DER_GENERAL_NAMES, /* RFC 5280 section 4.2.1.6 */
	DER_KEY_ID, /* section 4.2.1.1 */
};

/* ---- Values ---- */

static void keep_small(struct rewrite *value, const struct certificate_rules *rules)
{
	if (value->left <= SMALL)
		rewrite_keep(value, value->left);
	else
		alias_bytes(rules->aliases, value->in, value->left, value->out);
}

/* Positive and in its shortest form, as serial numbers must be. */
static void integer(struct rewrite *value, const struct certificate_rules *rules)
{
	keep_small(value, rules);
	if (value->left > SMALL)
		value->out[0] = (value->out[0] & 0x3f) | 0x40;
}

/* Its first byte says how many bits of the last do not count. */
static void bit_string(struct rewrite *value, const struct certificate_rules *rules)
{
	keep_small(value, rules);
	if (value->left > SMALL)
		value->out[0] = value->in[0];
}

static bool is_known(const uint8_t *oid, size_t n)
{
	const uint8_t *at;
	uint8_t der[2 + 127] = {DER_OID, (uint8_t)n};
	ASN1_OBJECT *object;
	bool known;

	if (n == 0 || n > 127)
		return false;
	memcpy(der + 2, oid, n);
	at = der;
	object = d2i_ASN1_OBJECT(NULL, &at, (long)n + 2);
	known = object && OBJ_obj2nid(object) != NID_undef;
	ASN1_OBJECT_free(object);
	return known;
}

/* The numbers of an identifier that is not known to everybody get others, as long; what is below a private enterprise
 * number stays there. */
static void oid(struct rewrite *value, const struct certificate_rules *rules)
{
	static const uint8_t private_enterprise[] = {0x2b, 6, 1, 4, 1};
	size_t kept = 1;

	if (is_known(value->in, value->left)) {
		rewrite_keep(value, value->left);
		return;
	}
	if (value->left > sizeof(private_enterprise) &&
	    !memcmp(value->in, private_enterprise, sizeof(private_enterprise)))
		kept = sizeof(private_enterprise);
	alias_bytes(rules->aliases, value->in, value->left, value->out);
	for (size_t i = 0; i < value->left; i++)
		value->out[i] = i < kept ? value->in[i] : (value->in[i] & 0x80) | (value->out[i] & 0x7f) | 1;
}

static void text(struct rewrite *value, const struct certificate_rules *rules)
{
	alias_text(rules->aliases, value->in, value->left, value->out);
}

/* Two bytes a character. What is ASCII gets the alias that it has elsewhere; other characters are letters too. */
static void wide_text(struct rewrite *value, const struct certificate_rules *rules)
{
	uint8_t narrow[TEXT_MAX] = {0};
	size_t n = value->left / 2;

	if (n > TEXT_MAX)
		n = TEXT_MAX;
	for (size_t i = 0; i < n; i++)
		narrow[i] = value->in[2 * i] || value->in[2 * i + 1] >= 0x80 ? 0x80 | value->in[2 * i + 1]
									     : value->in[2 * i + 1];
	alias_text(rules->aliases, narrow, n, narrow);
	for (size_t i = 0; i < n; i++)
		value->out[2 * i + 1] = narrow[i];
}

/* The time of day would find a certificate among those that are public, and says nothing, unless it is the day of the
 * connection: it becomes the end of the day that keeps it on its side. */
static time_t without_time_of_day(time_t t, time_t now)
{
	time_t day = t - t % DAY_S;

	if (t < 0 || day == now - now % DAY_S)
		return t;
	return t < now ? day : day + DAY_S - 1;
}

/* YYMMDDHHMMSSZ, or with four digits of the year. One that is written otherwise, or would not fit, stays. */
static void date(struct rewrite *value, const struct certificate_rules *rules)
{
	bool four = value->left == 15;
	char was[16] = "", is[16];
	struct tm tm = {0};
	time_t t;

	memcpy(was, value->in, value->left < sizeof(was) ? value->left : 0);
	rewrite_keep(value, value->left);
	if ((!four && strlen(was) != 13) || !strptime(was, four ? "%Y%m%d%H%M%SZ" : "%y%m%d%H%M%SZ", &tm))
		return;
	/* RFC 5280 section 4.1.2.5.1: 50 is 1950. POSIX has 69 for the turn. */
	if (!four && tm.tm_year >= 150)
		tm.tm_year -= 100;
	t = without_time_of_day(timegm(&tm) + rules->shift_s, rules->now_s + rules->shift_s);
	if (!gmtime_r(&t, &tm) || !strftime(is, sizeof(is), "%Y%m%d%H%M%SZ", &tm))
		return;
	if (four || (tm.tm_year >= 50 && tm.tm_year < 150))
		memcpy(value->out - strlen(was), four ? is : is + 2, strlen(was));
}

/* A network of name constraints is an address and its mask. */
static void address(struct rewrite *value, const struct certificate_rules *rules)
{
	size_t n = value->left == 8 || value->left == 32 ? value->left / 2 : value->left;

	alias_address_bytes(rules->aliases, value->in, n, value->out);
	if (n < value->left)
		memcpy(value->out + n, value->in + n, n);
}

typedef void value_rule(struct rewrite *value, const struct certificate_rules *rules);

static value_rule *rule_for(uint8_t tag, enum der_context context)
{
	static value_rule *const universal[] = {
		[DER_BOOLEAN] = keep_small,
		[DER_INTEGER] = integer,
		[DER_BIT_STRING] = bit_string,
		[DER_NULL] = keep_small,
		[DER_OID] = oid,
		[DER_ENUMERATED] = keep_small,
		[DER_UTF8] = text,
		[DER_NUMERIC] = text,
		[DER_PRINTABLE] = text,
		[DER_TELETEX] = text,
		[DER_IA5] = text,
		[DER_UTC_TIME] = date,
		[DER_VISIBLE] = text,
		[DER_GENERALIZED_TIME] = date,
		[DER_BMP] = wide_text,
	};
	static value_rule *const general_names[] = {[1] = text, [2] = text, [6] = text, [7] = address, [8] = oid};
	value_rule *rule = NULL;

	if (context == DER_GENERAL_NAMES && (tag & 0xe0) == DER_CONTEXT && (tag & 0x1f) < 9)
		rule = general_names[tag & 0x1f];
	else if (context == DER_KEY_ID && tag == (DER_CONTEXT | 2))
		rule = integer; /* authorityCertSerialNumber */
	else if (tag < sizeof(universal) / sizeof(*universal))
		rule = universal[tag];
	return rule ? rule : keep_small;
}

/* ---- Structure ---- */

/* Keeps a tag and its length; the value is a rewrite of its own. False: what is there is none. */
static bool header(struct rewrite *w, uint8_t *tag, struct rewrite *value)
{
	struct cursor c = cursor_over(w->in, w->left);
	uint64_t length;

	if (ber_header(&c, tag, &length) != PARSE_OK || length > c.left)
		return false;
	rewrite_keep(w, w->left - c.left);
	*value = rewrite_sub(w, (size_t)length);
	return true;
}

static void walk(const struct certificate_rules *rules, struct rewrite *w, enum der_context context)
{
	uint8_t tag;

	while (w->left > 0) {
		struct rewrite at = *w, value;

		if (!header(&at, &tag, &value))
			return;
		if (tag & DER_CONSTRUCTED) {
			rewrite_keep(w, w->left - at.left - value.left);
			continue;
		}
		rule_for(tag, context)(&value, rules);
		*w = at;
	}
}

void sanitize_distinguished_name(const struct certificate_rules *rules, struct rewrite *name)
{
	walk(rules, name, DER_PLAIN);
}

/* Extension: its identifier, whether it is critical, and a value in an OCTET STRING. */
static void extension(const struct certificate_rules *rules, struct rewrite *w)
{
	static const struct {
		uint8_t number; /* below id-ce, 2.5.29 */
		enum der_context context;
	} kinds[] = {{17, DER_GENERAL_NAMES}, {18, DER_GENERAL_NAMES}, {30, DER_GENERAL_NAMES},
		     {31, DER_GENERAL_NAMES}, {46, DER_GENERAL_NAMES}, {35, DER_KEY_ID}};
	/* id-pe 1, 11: where to ask about the issuer and the subject */
	static const uint8_t access[] = {0x2b, 6, 1, 5, 5, 7, 1};
	enum der_context context = DER_PLAIN;
	struct rewrite value;
	uint8_t tag;

	if (!header(w, &tag, &value) || tag != DER_OID)
		return;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && value.left == 3; i++)
		if (value.in[0] == 0x55 && value.in[1] == 0x1d && value.in[2] == kinds[i].number)
			context = kinds[i].context;
	if (value.left == sizeof(access) + 1 && !memcmp(value.in, access, sizeof(access)))
		context = DER_GENERAL_NAMES;
	oid(&value, rules);
	while (header(w, &tag, &value)) {
		if (tag == DER_OCTET_STRING)
			walk(rules, &value, context);
		else
			keep_small(&value, rules);
	}
}

static void extensions(const struct certificate_rules *rules, struct rewrite *w)
{
	struct rewrite list, one;
	uint8_t tag;

	if (!header(w, &tag, &list))
		return;
	while (header(&list, &tag, &one))
		extension(rules, &one);
}

/* A key of a kind that none can be made of can no longer be read: that is shown, and not the key. */
static void public_key(const struct certificate_rules *rules, const struct rewrite *whole, struct rewrite *value)
{
	if (!key_ring_write(rules->keys, whole->in, whole->left, whole->out))
		walk(rules, value, DER_PLAIN);
}

/* TBSCertificate; false when it is none. */
static bool contents(const struct certificate_rules *rules, struct rewrite *w)
{
	unsigned names = 0;
	uint8_t tag;

	while (w->left > 0) {
		struct rewrite at = *w, value, whole = *w;

		if (!header(&at, &tag, &value))
			return false;
		whole.left -= at.left;
		*w = at;
		if (tag == DER_EXTENSIONS)
			extensions(rules, &value);
		else if (tag == DER_UNIQUE_ID || tag == DER_SUBJECT_UNIQUE_ID)
			bit_string(&value, rules);
		else if (tag == DER_SEQUENCE && ++names == 5) /* behind algorithm, issuer, validity and subject */
			public_key(rules, &whole, &value);
		else if (tag & DER_CONSTRUCTED)
			walk(rules, &value, DER_PLAIN);
		else
			rule_for(tag, DER_PLAIN)(&value, rules);
	}
	return true;
}

/* ---- Chains ---- */

struct chain {
	size_t count;
	struct {
		struct rewrite whole, contents, signature;
		X509 *original; /* NULL: not readable */
	} at[CERTIFICATES_MAX];
};

/* A certificate, but for its signature. */
static void certificate(const struct certificate_rules *rules, struct chain *c, struct rewrite whole)
{
	struct rewrite w = whole, inside, value;
	const uint8_t *in = whole.in;
	uint8_t tag;

	if (!header(&w, &tag, &inside) || tag != DER_SEQUENCE)
		return;
	w = inside;
	if (!header(&inside, &tag, &value) || tag != DER_SEQUENCE)
		return;
	w.left -= inside.left;
	if (!contents(rules, &value) || !header(&inside, &tag, &value))
		return;
	walk(rules, &value, DER_PLAIN);
	if (!header(&inside, &tag, &value) || tag != DER_BIT_STRING || !rewrite_keep(&value, 1))
		return;
	alias_bytes(rules->aliases, value.in, value.left, value.out);
	if (c->count == CERTIFICATES_MAX)
		return;
	c->at[c->count].whole = whole;
	c->at[c->count].contents = w;
	c->at[c->count].signature = value;
	c->at[c->count++].original = d2i_X509(NULL, &in, (long)whole.left);
}

static EVP_PKEY *fresh_key(const struct certificate_rules *rules, X509 *of)
{
	uint8_t *info = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(of), &info);
	EVP_PKEY *key = n > 0 ? key_ring_find(rules->keys, info, (size_t)n) : NULL;

	OPENSSL_free(info);
	return key;
}

/* Signs again what one of the list signed. */
static void sign(const struct certificate_rules *rules, struct chain *c, size_t i)
{
	struct rewrite *signature = &c->at[i].signature;

	for (size_t k = 0; k < c->count; k++) {
		X509 *child = c->at[i].original, *parent = c->at[k].original;
		EVP_PKEY *old = child && parent ? X509_get0_pubkey(parent) : NULL, *key;

		if (!old || EVP_PKEY_get_bits(old) > 8192 || X509_verify(child, old) != 1)
			continue;
		key = fresh_key(rules, parent);
		if (key)
			key_sign(key, child, c->at[i].contents.out, c->at[i].contents.left, signature->out,
				 signature->left);
		return;
	}
}

void sanitize_certificates(const struct certificate_rules *rules, struct rewrite *list)
{
	struct chain c = {0};
	struct rewrite one;
	uint32_t length;

	ERR_set_mark();
	while (rewrite_uint(list, 3, &length)) {
		one = rewrite_sub(list, length);
		if (one.left == length)
			certificate(rules, &c, one);
	}
	for (size_t i = 0; i < c.count; i++)
		sign(rules, &c, i);
	for (size_t i = 0; i < c.count; i++)
		X509_free(c.at[i].original);
	ERR_pop_to_mark();
}
