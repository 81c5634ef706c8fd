/* mint.c: the certificates as a table of rows with one defect each, and the files made of them; see mint.h. */
#include "servers/mint.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "servers/certificate.h"

#define CHAIN_MAX 128

/* What a server sends of the chain. */
enum chain { CHAIN_WHOLE, CHAIN_NONE, CHAIN_REVERSED };

enum role { AUTHORITY, SERVER, CLIENT };

/* What a certificate of a role without defect is like; a row only says what differs, "" for nothing. */
static const struct certificate_plan roles[] = {
	[AUTHORITY] = {.basic = "critical,CA:TRUE", .usage = "critical,keyCertSign,cRLSign"},
	[SERVER] = {.subject = "api.example.net",
		    .alternative = "DNS:api.example.net",
		    .usage = "critical,digitalSignature",
		    .purpose = "serverAuth"},
	[CLIENT] = {.subject = "lab client", .usage = "critical,digitalSignature", .purpose = "clientAuth"},
};

struct row {
	enum role role;
	const char *name;
	const char *issuer; /* an earlier row's name; NULL: signed by itself */
	const char *key_of; /* the row whose RSA key it shares, as making one is slow; NULL: a key of its own */
	const char *story; /* of an end certificate: what is wrong with it */
	struct certificate_plan plan;
	enum chain chain;
	unsigned links; /* further intermediate authorities between issuer and certificate */
	const char *trust_as; /* of a root: the file by which it is trusted */
	bool status; /* an OCSP response to staple lies beside the certificate */
	bool wrong_key;
};

static const struct row rows[] = {
	{AUTHORITY, "root", .plan.subject = "Lab Root CA", .trust_as = "root.pem"},
	{AUTHORITY, "issuing", "root", .plan.subject = "Lab Issuing CA"},
	{AUTHORITY, "unknown-root", .plan.subject = "Unknown Root CA", .trust_as = "unknown-root.pem"},
	{AUTHORITY, "unknown-issuing", "unknown-root", .plan.subject = "Unknown Issuing CA"},
	{AUTHORITY, "inspection", .plan.subject = "Inspection Proxy CA"},
	{AUTHORITY, "not-a-ca", "root", .plan = {.subject = "Lab Issuing Server", .basic = "critical,CA:FALSE"}},
	{AUTHORITY, "short-path", "root", .plan = {.subject = "Lab Last CA", .basic = "critical,CA:TRUE,pathlen:0"}},
	{AUTHORITY, "too-deep", "short-path", .plan.subject = "Lab Too Deep CA"},
	{AUTHORITY, "constrained", "root",
	 .plan = {.subject = "Lab Constrained CA", .constraint = "critical,permitted;DNS:example.org"}},
	{AUTHORITY, "client-root", .plan.subject = "Lab Client CA", .trust_as = "client-root.pem"},
	{AUTHORITY, "client-unknown-root", .plan.subject = "Unknown Client CA"},

	{SERVER, "good", "issuing", .story = "nothing", .status = true},
	{SERVER, "expired", "issuing", .story = "its time is over since yesterday", .plan = {.from = -30, .to = -1}},
	{SERVER, "not-yet-valid", "issuing", .story = "its time begins tomorrow", .plan = {.from = 1, .to = 30}},
	{SERVER, "self-signed", NULL, .story = "signed by itself"},
	{SERVER, "unknown-issuer", "unknown-issuing", .story = "issued by an authority nobody knows"},
	{SERVER, "incomplete-chain", "issuing", .story = "the issuing authority's certificate is not sent",
	 .chain = CHAIN_NONE},
	{SERVER, "wrong-host", "issuing", .story = "for another name",
	 .plan = {.subject = "www.example.org", .alternative = "DNS:www.example.org"}},
	{SERVER, "no-san", "issuing", .story = "no subjectAltName, and the common name of another host",
	 .plan = {.subject = "www.example.org", .alternative = ""}},
	{SERVER, "client-only-eku", "issuing", .story = "for clients only", .plan.purpose = "clientAuth"},
	/* RSA, because OpenSSL does not serve an ECDSA certificate in TLS 1.2 that may not sign */
	{SERVER, "bad-key-usage", "issuing", .story = "its key may only sign certificates", .key_of = "rsa",
	 .plan.usage = "critical,keyCertSign"},
	{SERVER, "unknown-critical-extension", "issuing", .story = "a critical extension that nobody knows",
	 .plan.unknown = "1.3.6.1.4.1.55555.1"},
	{SERVER, "intermediate-not-ca", "not-a-ca", .story = "issued by a certificate that is no authority"},
	{SERVER, "path-length", "too-deep", .story = "one authority more than the path length allows"},
	{SERVER, "name-constraint", "constrained", .story = "issued by an authority for other names"},
	{SERVER, "sha1", "issuing", .story = "signed with SHA-1", .plan.digest = "SHA1"},
	{SERVER, "rsa-1024", "issuing", .story = "an RSA key of 1024 bits", .plan.rsa_bits = 1024},
	{SERVER, "rsa", "issuing", .story = "nothing; an RSA key of 2048 bits",
	 .plan = {.rsa_bits = 2048, .usage = "critical,digitalSignature,keyEncipherment"}},
	{SERVER, "revoked-by-crl", "issuing", .story = "revoked, as crl.pem says", .plan.revoked = true},
	{SERVER, "must-staple", "issuing", .story = "asks for a stapled OCSP response (RFC 7633)",
	 .plan.feature = "status_request", .status = true},
	{SERVER, "staple-revoked", "issuing", .story = "revoked, as its OCSP response says", .plan.revoked = true,
	 .status = true},
	{SERVER, "mitm-reissued", "inspection", .story = "reissued for the right name by an inspecting proxy"},
	{SERVER, "reversed-chain", "issuing", .story = "the chain is sent in the wrong order", .chain = CHAIN_REVERSED,
	 .links = 1},
	{SERVER, "very-long-chain", "issuing", .story = "ten authorities between root and certificate", .links = 9},
	{SERVER, "too-long-chain", "issuing", .story = "more authorities than OpenSSL follows (100)", .links = 105},
	{SERVER, "key-mismatch", "issuing", .story = "the key is not the certificate's: what it signs does not verify",
	 .wrong_key = true},

	{CLIENT, "client", "client-root", .story = "nothing; a client's"},
	{CLIENT, "client-expired", "client-root", .story = "a client's whose time is over",
	 .plan = {.from = -30, .to = -1}},
	{CLIENT, "client-wrong-eku", "client-root", .story = "a client's for servers only",
	 .plan.purpose = "serverAuth"},
	{CLIENT, "client-untrusted", "client-unknown-root", .story = "a client's of an authority nobody knows"},
};

#define ROWS (sizeof(rows) / sizeof(*rows))

struct minting {
	const char *directory;
	struct certificate *made[ROWS]; /* by row */
	char *error;
};

static const struct row *find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

const char *mint_name(size_t index, const char **story)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].story && index-- == 0) {
			*story = rows[i].story;
			return rows[i].name;
		}
	return NULL;
}

static const char *either(const char *special, const char *usual)
{
	return special ? special : usual;
}

static struct certificate_plan complete(const struct row *row)
{
	const struct certificate_plan *usual = &roles[row->role];
	struct certificate_plan plan = row->plan;

	plan.subject = either(plan.subject, usual->subject);
	plan.alternative = either(plan.alternative, usual->alternative);
	plan.basic = either(plan.basic, usual->basic);
	plan.usage = either(plan.usage, usual->usage);
	plan.purpose = either(plan.purpose, usual->purpose);
	return plan;
}

static struct certificate *obtain(struct minting *minting, const struct row *row);

static struct certificate *make(struct minting *minting, const struct row *row)
{
	struct certificate_plan plan = complete(row);
	const struct certificate *model = row->key_of ? obtain(minting, find(row->key_of)) : NULL;
	const struct certificate *issuer = row->issuer ? obtain(minting, find(row->issuer)) : NULL;
	struct certificate *made = NULL;
	const char *why;

	plan.key = model ? model->key : NULL;
	if ((issuer || !row->issuer) && (model || !row->key_of))
		made = certificate_make(&plan, issuer, row->links);
	why = ERR_reason_error_string(ERR_peek_last_error());

	if (!made)
		complain(minting->error, "%s: %s", row->name, why ? why : "no memory");
	return made;
}

/* A row's certificate, made with those that it needs when first asked for; no row needs itself. */
static struct certificate *obtain(struct minting *minting, const struct row *row)
{
	struct certificate **made = &minting->made[row - rows];

	if (!*made)
		*made = make(minting, row);
	return *made;
}

/* A file in the directory, readable by its owner alone; an older one of that name is replaced. */
static FILE *create(const struct minting *minting, const char *name, const char *suffix)
{
	char path[4096];
	int fd;
	FILE *file;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s%s", minting->directory, name, suffix) >= sizeof(path)) {
		complain(minting->error, "%s: the path is too long", minting->directory);
		return NULL;
	}
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		complain(minting->error, "%s: %s", path, strerror(errno));
	return file;
}

static bool finish(const struct minting *minting, FILE *file, bool good, const char *name)
{
	return (fclose(file) == 0 && good) ||
	       complain(minting->error, "%s: cannot be written: %s", name, strerror(errno));
}

/* The chain as a server sends it: the certificate and its issuers, without the root that clients have. */
static bool write_chain(const struct minting *minting, const struct row *row, const struct certificate *certificate)
{
	const struct certificate *chain[CHAIN_MAX];
	size_t count = 0;
	FILE *file = create(minting, row->name, ".pem");
	bool good = true;

	if (!file)
		return false;
	chain[count++] = certificate;
	for (const struct certificate *c = certificate->issuer; c && c->issuer && count < CHAIN_MAX; c = c->issuer)
		chain[count++] = c;
	if (row->chain == CHAIN_NONE)
		count = 1;
	for (size_t i = 0; good && i < count; i++)
		good = PEM_write_X509(file, chain[row->chain == CHAIN_REVERSED && i > 0 ? count - i : i]->x509);
	return finish(minting, file, good, row->name);
}

static bool write_key(const struct minting *minting, const struct row *row, const struct certificate *certificate)
{
	EVP_PKEY *wrong = row->wrong_key ? certificate_wrong_key(certificate) : NULL;
	FILE *file = create(minting, row->name, ".key");
	bool good = file && (!row->wrong_key || wrong);

	good = good && PEM_write_PrivateKey(file, wrong ? wrong : certificate->key, NULL, NULL, 0, NULL, NULL);
	EVP_PKEY_free(wrong);
	return file && finish(minting, file, good, row->name);
}

static bool write_status(const struct minting *minting, const struct row *row, const struct certificate *certificate)
{
	FILE *file = row->status ? create(minting, row->name, ".ocsp") : NULL;

	if (!row->status)
		return true;
	return file && finish(minting, file, certificate_write_status(certificate, file), row->name);
}

static bool write_row(struct minting *minting, const struct row *row)
{
	const struct certificate *certificate = obtain(minting, row);

	return certificate && write_chain(minting, row, certificate) && write_key(minting, row, certificate) &&
	       write_status(minting, row, certificate);
}

static bool write_roots(struct minting *minting)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct certificate *root = rows[i].trust_as ? obtain(minting, &rows[i]) : NULL;
		FILE *file;

		if (!rows[i].trust_as)
			continue;
		file = root ? create(minting, rows[i].trust_as, "") : NULL;
		if (!file || !finish(minting, file, PEM_write_X509(file, root->x509) == 1, rows[i].trust_as))
			return false;
	}
	return true;
}

/* Who verifies with CRLs wants one of every authority in the chain. */
static bool write_crls(struct minting *minting)
{
	const struct certificate *root = obtain(minting, find("root"));
	const struct certificate *issuing = obtain(minting, find("issuing"));
	const struct certificate *revoked = minting->made[find("revoked-by-crl") - rows];
	FILE *file = root && issuing ? create(minting, "crl", ".pem") : NULL;

	return file && finish(minting, file,
			      certificate_write_crl(root, NULL, file) && certificate_write_crl(issuing, revoked, file),
			      "crl.pem");
}

/* RFC 2409, 6.2: a group of 1024 bits, which clients find too few today. In OpenSSL 3 a group is a key without a
 * value. */
static EVP_PKEY *make_weak_group(void)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *prime = BN_get_rfc2409_prime_1024(NULL), *generator = BN_new();
	OSSL_PARAM *parameters = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *group = NULL;

	if (builder && prime && generator && BN_set_word(generator, 2) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_FFC_P, prime) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_FFC_G, generator) == 1)
		parameters = OSSL_PARAM_BLD_to_param(builder);
	if (!parameters || !context || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &group, EVP_PKEY_KEY_PARAMETERS, parameters) != 1)
		group = NULL;
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	BN_free(generator);
	BN_free(prime);
	return group;
}

static bool write_weak_group(const struct minting *minting)
{
	EVP_PKEY *group = make_weak_group();
	FILE *file = create(minting, "dh-1024", ".pem");
	BIO *out = file ? BIO_new_fp(file, BIO_NOCLOSE) : NULL;
	bool good = group && out && PEM_write_bio_Parameters(out, group) == 1;

	BIO_free(out);
	EVP_PKEY_free(group);
	return file && finish(minting, file, good, "dh-1024.pem");
}

static bool write_end_certificates(struct minting *minting, char *const names[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *row = find(names[i]);

		if (!row || !row->story)
			return complain(minting->error, "there is no certificate \"%s\"", names[i]);
		if (!write_row(minting, row))
			return false;
	}
	for (size_t i = 0; count == 0 && i < ROWS; i++)
		if (rows[i].story && !write_row(minting, &rows[i]))
			return false;
	return true;
}

bool mint(const char *directory, char *const names[], size_t count, char error[static COMPLAINT_MAX])
{
	struct minting minting = {.directory = directory, .error = error};
	bool good = write_roots(&minting) && write_end_certificates(&minting, names, count) && write_crls(&minting) &&
		    write_weak_group(&minting);

	for (size_t i = 0; i < ROWS; i++)
		certificate_free(minting.made[i]);
	return good;
}
