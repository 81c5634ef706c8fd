/* certificate.c: a chain read with libcrypto's X509 and held against the rules that clients complain about.
 *
 * One function a rule, each adding at most one finding for a certificate. Rules for the peer's own certificate and
 * rules for every certificate are two tables.
 */
#include "certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "printable.h"

struct chain {
	struct certificate_chain *decoded;
	uint8_t count;
	X509 *const *at; /* NULL: unreadable */
	bool of_server;
	const char *server_name;
	int64_t time; /* seconds since 1970 */
	struct certificate_report *report;
};

/* ---- Sentences ---- */

typedef char name_buffer[CERTIFICATE_NAME_MAX];

static const char *name_text(const X509_NAME *name, name_buffer out)
{
	static const int entries[] = {NID_commonName, NID_organizationName, NID_organizationalUnitName};

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]) && !out[0]; i++) {
		int at = X509_NAME_get_index_by_NID(name, entries[i], -1);
		const ASN1_STRING *s = at < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));

		if (s && ASN1_STRING_length(s) > 0)
			printable_append(out, CERTIFICATE_NAME_MAX, ASN1_STRING_get0_data(s),
					 (size_t)ASN1_STRING_length(s));
	}
	return out;
}

/* Adds "<which certificate> <what about it>". */
__attribute__((format(printf, 4, 5))) static void find(struct chain *c, enum certificate_finding_kind kind,
						       uint8_t index, const char *format, ...)
{
	struct certificate_report *r = c->report;
	struct certificate_finding *f = &r->findings[r->count];
	name_buffer name = "";
	va_list arguments;
	int n;

	if (r->count == CERTIFICATE_FINDINGS_MAX)
		return;
	r->count++;
	f->kind = kind;
	f->index = index;
	if (c->at[index])
		name_text(X509_get_subject_name(c->at[index]), name);
	if (index == 0)
		n = snprintf(f->sentence, sizeof(f->sentence), "the certificate ");
	else
		n = snprintf(f->sentence, sizeof(f->sentence), "certificate %d of %d%s%s%s ", index + 1, c->count,
			     name[0] ? " (" : "", name, name[0] ? ")" : "");
	va_start(arguments, format);
	vsnprintf(f->sentence + n, sizeof(f->sentence) - (size_t)n, format, arguments);
	va_end(arguments);
}

/* "3 days", "2 hours", "40 seconds". */
static const char *duration_text(int64_t seconds, char out[32])
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	size_t i = 0;
	int64_t n;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	n = seconds / units[i].seconds;
	snprintf(out, 32, "%lld %s%s", (long long)n, units[i].unit, n == 1 ? "" : "s");
	return out;
}

static const char *date_text(int64_t seconds, char out[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(out, 32, "%Y-%m-%d", &tm))
		snprintf(out, 32, "%lld", (long long)seconds);
	return out;
}

static bool seconds_of(const ASN1_TIME *t, int64_t *seconds)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	*seconds = timegm(&tm);
	return true;
}

/* ---- The chain ---- */

static bool self_signed(X509 *x)
{
	return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0 && X509_self_signed(x, 0) == 1;
}

/* Whether another certificate of the chain names this one as its issuer. */
static bool is_issuer(const struct chain *c, uint8_t index)
{
	for (uint8_t i = 0; i < c->count; i++)
		if (i != index && c->at[i] &&
		    !X509_NAME_cmp(X509_get_issuer_name(c->at[i]), X509_get_subject_name(c->at[index])))
			return true;
	return false;
}

static int issuer_of(struct chain *c, uint8_t index)
{
	for (uint8_t i = 0; i < c->count; i++)
		if (i != index && c->at[i] && certificate_chain_issued(c->decoded, index, i) == ISSUED)
			return i;
	return -1;
}

/* ---- Rules for every certificate ---- */

static void check_validity(struct chain *c, uint8_t i)
{
	int64_t before, after;
	char date[32], duration[32];

	if (!seconds_of(X509_get0_notBefore(c->at[i]), &before) || !seconds_of(X509_get0_notAfter(c->at[i]), &after))
		find(c, CERTIFICATE_UNREADABLE, i, "has a date that cannot be read");
	else if (c->time > after)
		find(c, CERTIFICATE_EXPIRED, i, "expired on %s, %s before this connection", date_text(after, date),
		     duration_text(c->time - after, duration));
	else if (c->time < before)
		find(c, CERTIFICATE_NOT_YET_VALID, i, "is not valid before %s, %s after this connection",
		     date_text(before, date), duration_text(before - c->time, duration));
}

static void check_key(struct chain *c, uint8_t i)
{
	const EVP_PKEY *key = X509_get0_pubkey(c->at[i]);
	int bits = key ? EVP_PKEY_get_bits(key) : 0;
	bool factored =
		key && (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS") || EVP_PKEY_is_a(key, "DSA"));

	if (!key)
		find(c, CERTIFICATE_UNREADABLE, i, "has a public key that cannot be read");
	else if ((factored && bits < 2048) || (EVP_PKEY_is_a(key, "EC") && bits < 224))
		find(c, CERTIFICATE_WEAK_KEY, i, "has a weak key: %s of %d bits", EVP_PKEY_get0_type_name(key), bits);
}

static void check_signature(struct chain *c, uint8_t i)
{
	int digest = NID_undef;

	/* Nobody looks at a root's signature on itself. */
	if (self_signed(c->at[i]) || X509_get_signature_info(c->at[i], &digest, NULL, NULL, NULL) != 1)
		return;
	if (digest == NID_sha1 || digest == NID_md5 || digest == NID_md4 || digest == NID_md2)
		find(c, CERTIFICATE_WEAK_SIGNATURE, i, "is signed with %s", OBJ_nid2sn(digest));
}

/* RFC 5280 section 4.2: a critical extension that is not understood must be refused. */
static void check_critical(struct chain *c, uint8_t i)
{
	char oid[80];

	for (int e = 0; e < X509_get_ext_count(c->at[i]); e++) {
		X509_EXTENSION *extension = X509_get_ext(c->at[i], e);

		if (!X509_EXTENSION_get_critical(extension) || X509_supported_extension(extension))
			continue;
		OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object(extension), 1);
		find(c, CERTIFICATE_CRITICAL_EXTENSION, i, "has a critical extension that is not widely known, %s",
		     oid);
		return;
	}
	if (X509_get_extension_flags(c->at[i]) & EXFLAG_INVALID)
		find(c, CERTIFICATE_UNREADABLE, i, "has an extension that cannot be read");
}

/* Each certificate is to be signed by the next (RFC 5246 section 7.4.2); the last one's issuer is usually left out. */
static void check_next(struct chain *c, uint8_t i)
{
	name_buffer issuer;
	enum issued next = ISSUED_NOT;
	int other;

	if (i + 1 < c->count && c->at[i + 1])
		next = certificate_chain_issued(c->decoded, i, i + 1);
	if (next == ISSUED || self_signed(c->at[i]) || (i > 0 && i + 1 == c->count))
		return;
	name_text(X509_get_issuer_name(c->at[i]), issuer);
	other = issuer_of(c, i);
	if (other >= 0)
		find(c, CERTIFICATE_OUT_OF_ORDER, i,
		     "is followed by another than its issuer \"%s\", which is certificate %d of %d", issuer, other + 1,
		     c->count);
	else if (next == ISSUED_BY_NAME)
		find(c, CERTIFICATE_BAD_SIGNATURE, i,
		     "names \"%s\" as its issuer, but the key sent under that name did not sign it", issuer);
	else if (c->count == 1)
		find(c, CERTIFICATE_ISSUER_NOT_SENT, i, "was sent alone, without that of its issuer \"%s\"", issuer);
	else
		find(c, CERTIFICATE_ISSUER_NOT_SENT, i, "was sent without that of its issuer \"%s\"", issuer);
}

static void check_issuer(struct chain *c, uint8_t i)
{
	NAME_CONSTRAINTS *constraints;
	long path;

	if (i == 0 || !is_issuer(c, i))
		return;
	path = X509_get_pathlen(c->at[i]);
	if (X509_check_ca(c->at[i]) == 0)
		find(c, CERTIFICATE_NOT_CA, i, "is used as an issuer, but may not issue certificates");
	else if (path >= 0 && i - 1 > path)
		find(c, CERTIFICATE_PATH_TOO_LONG, i, "allows %ld CAs below it, and %d were sent", path, i - 1);
	constraints = X509_get_ext_d2i(c->at[i], NID_name_constraints, NULL, NULL);
	if (constraints && c->at[0] && NAME_CONSTRAINTS_check(c->at[0], constraints) != X509_V_OK)
		find(c, CERTIFICATE_NAME_NOT_PERMITTED, i, "does not permit the names of the peer's certificate");
	NAME_CONSTRAINTS_free(constraints);
}

/* ---- Rules for the peer's own ---- */

static void check_self_signed(struct chain *c, uint8_t i)
{
	c->report->self_signed = self_signed(c->at[i]);
	if (c->report->self_signed)
		find(c, CERTIFICATE_SELF_SIGNED, i, "is self-signed");
	else if (X509_check_ca(c->at[i]) == 1)
		find(c, CERTIFICATE_IS_CA, i, "is that of a certificate authority, not of a %s",
		     c->of_server ? "server" : "client");
}

static bool name_matches(X509 *x, const char *name, unsigned flags)
{
	return X509_check_ip_asc(x, name, flags) == 1 || X509_check_host(x, name, 0, flags, NULL) == 1;
}

static void check_name(struct chain *c, uint8_t i)
{
	const struct certificate_report *r = c->report;

	if (!c->of_server || !c->server_name[0] ||
	    name_matches(c->at[i], c->server_name, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
		return;
	if (!r->names[0] && name_matches(c->at[i], c->server_name, 0))
		find(c, CERTIFICATE_NO_SAN, i,
		     "has no host name in subjectAltName, only the common name %s, which most clients ignore",
		     r->subject);
	else if (!r->names[0])
		find(c, CERTIFICATE_WRONG_NAME, i,
		     "has no host name in subjectAltName, and its common name is \"%s\", not %s", r->subject,
		     c->server_name);
	else
		find(c, CERTIFICATE_WRONG_NAME, i, "is for %s, not for %s", r->names, c->server_name);
}

static void check_usage(struct chain *c, uint8_t i)
{
	uint32_t extended = X509_get_extended_key_usage(c->at[i]), usage = X509_get_key_usage(c->at[i]);
	uint32_t wanted = c->of_server ? XKU_SSL_SERVER | XKU_SGC : XKU_SSL_CLIENT;

	/* Both are UINT32_MAX when the extension is absent, which allows everything. */
	if (!(extended & (wanted | XKU_ANYEKU)))
		find(c, CERTIFICATE_WRONG_PURPOSE, i, "is not meant for TLS %s: its extended key usage lacks %s",
		     c->of_server ? "servers" : "clients", c->of_server ? "serverAuth" : "clientAuth");
	if (!(usage & KU_DIGITAL_SIGNATURE))
		find(c, CERTIFICATE_NO_SIGNING, i,
		     "has a key usage without digitalSignature, which TLS 1.3 and every ephemeral key exchange need");
}

typedef void rule(struct chain *c, uint8_t index);

static rule *const own_rules[] = {check_self_signed, check_name, check_usage};
static rule *const rules[] = {check_validity, check_next, check_issuer, check_key, check_signature, check_critical};

/* ---- Reading ---- */

static bool append(char *text, size_t size, const char *more)
{
	return printable_append(text, size, (const uint8_t *)more, strlen(more));
}

/* One name of subjectAltName that a client would compare: a host or an address. */
static bool general_name_text(const GENERAL_NAME *name, name_buffer out)
{
	const ASN1_STRING *s;
	const uint8_t *b;

	out[0] = '\0';
	if (name->type != GEN_DNS && name->type != GEN_IPADD)
		return false;
	s = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
	b = ASN1_STRING_get0_data(s);
	if (name->type == GEN_DNS)
		printable_append(out, CERTIFICATE_NAME_MAX, b, (size_t)ASN1_STRING_length(s));
	else if (ASN1_STRING_length(s) == 4)
		snprintf(out, CERTIFICATE_NAME_MAX, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	else if (ASN1_STRING_length(s) == 16)
		for (size_t i = 0; i < 16; i += 2)
			snprintf(out + strlen(out), CERTIFICATE_NAME_MAX - strlen(out), "%s%x", i ? ":" : "",
				 (unsigned)(b[i] << 8 | b[i + 1]));
	return out[0];
}

/* The first names, and how many more there are. */
static void read_names(X509 *x, struct certificate_report *r)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	int shown = 0, total = 0;
	name_buffer name;
	char more[32];

	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		if (!general_name_text(sk_GENERAL_NAME_value(all, i), name))
			continue;
		/* Two names of full length and the count fit. */
		if (total++ < 3 && strlen(r->names) + strlen(name) + sizeof(more) < sizeof(r->names)) {
			append(r->names, sizeof(r->names), shown++ ? ", " : "");
			append(r->names, sizeof(r->names), name);
		}
	}
	if (total > shown) {
		snprintf(more, sizeof(more), " and %d more", total - shown);
		append(r->names, sizeof(r->names), more);
	}
	GENERAL_NAMES_free(all);
}

static void read_facts(X509 *x, struct certificate_report *r)
{
	r->readable = true;
	name_text(X509_get_subject_name(x), r->subject);
	name_text(X509_get_issuer_name(x), r->issuer);
	seconds_of(X509_get0_notBefore(x), &r->not_before);
	seconds_of(X509_get0_notAfter(x), &r->not_after);
	r->must_staple = X509_get_ext_by_NID(x, NID_tlsfeature, -1) >= 0;
	read_names(x, r);
}

static void check_chain(struct chain *c)
{
	for (uint8_t i = 0; i < c->count; i++) {
		if (!c->at[i]) {
			find(c, CERTIFICATE_UNREADABLE, i, "cannot be read");
			continue;
		}
		for (size_t rule_at = 0; i == 0 && rule_at < sizeof(own_rules) / sizeof(own_rules[0]); rule_at++)
			own_rules[rule_at](c, i);
		for (size_t rule_at = 0; rule_at < sizeof(rules) / sizeof(rules[0]); rule_at++)
			rules[rule_at](c, i);
	}
}

void certificate_examine(struct certificate_chains *chains, const struct certificate_list *list, bool of_server,
			 const char *server_name, int64_t time_ns, struct certificate_report *out)
{
	struct chain c = {
		.of_server = of_server, .server_name = server_name, .time = time_ns / 1000000000, .report = out};

	*out = (struct certificate_report){.sent = list->count};
	ERR_set_mark();
	c.decoded = certificate_chain_take(chains, list);
	if (c.decoded) {
		c.count = c.decoded->count;
		c.at = c.decoded->at;
		if (c.count > 0 && c.at[0])
			read_facts(c.at[0], out);
		check_chain(&c);
		certificate_chain_leave(chains, c.decoded);
	}
	ERR_pop_to_mark();
}
