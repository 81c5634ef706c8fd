/* mint_test.c: every certificate has the defect that its row names, as OpenSSL's verification says, and no other. */
#include "servers/mint.h"

#include <dirent.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static char directory[] = "/tmp/mint_test.XXXXXX";

static const char *path(const char *name, const char *suffix)
{
	static char text[512];

	snprintf(text, sizeof(text), "%s/%s%s", directory, name, suffix);
	return text;
}

static void make_once(void)
{
	static bool made;
	char error[COMPLAINT_MAX] = "";

	if (made)
		return;
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	CU_ASSERT_FATAL(mint(directory, NULL, 0, error));
	made = true;
}

static STACK_OF(X509) * load_chain(const char *file)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	FILE *from = fopen(file, "r");
	X509 *x509;

	while (from && (x509 = PEM_read_X509(from, NULL, NULL, NULL)))
		sk_X509_push(chain, x509);
	if (from)
		fclose(from);
	return chain;
}

struct expectation {
	const char *name;
	int error;
	bool client;
	bool crl;
};

/* As a client with OpenSSL's usual security level would verify: chain, purpose, name, strength. */
static int verify(const struct expectation *expected)
{
	STACK_OF(X509) *chain = load_chain(path(expected->name, ".pem"));
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int error;

	X509_STORE_load_file(store, path(expected->client ? "client-root" : "root", ".pem"));
	if (expected->crl) {
		X509_STORE_load_file(store, path("crl", ".pem"));
		X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	}
	X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), chain);
	X509_STORE_CTX_set_default(context, expected->client ? "ssl_client" : "ssl_server");
	param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_auth_level(param, 2);
	if (!expected->client)
		X509_VERIFY_PARAM_set1_host(param, "api.example.net", 0);
	X509_verify_cert(context);
	error = X509_STORE_CTX_get_error(context);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	sk_X509_pop_free(chain, X509_free);
	return error;
}

static const struct expectation expectations[] = {
	{"good", X509_V_OK, false, false},
	{"good", X509_V_OK, false, true},
	{"expired", X509_V_ERR_CERT_HAS_EXPIRED, false, false},
	{"not-yet-valid", X509_V_ERR_CERT_NOT_YET_VALID, false, false},
	{"self-signed", X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, false, false},
	{"unknown-issuer", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, false, false},
	{"incomplete-chain", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, false, false},
	{"wrong-host", X509_V_ERR_HOSTNAME_MISMATCH, false, false},
	{"no-san", X509_V_ERR_HOSTNAME_MISMATCH, false, false},
	{"client-only-eku", X509_V_ERR_INVALID_PURPOSE, false, false},
	{"bad-key-usage", X509_V_ERR_INVALID_PURPOSE, false, false},
	{"unknown-critical-extension", X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, false, false},
	{"intermediate-not-ca", X509_V_ERR_INVALID_CA, false, false},
	{"path-length", X509_V_ERR_PATH_LENGTH_EXCEEDED, false, false},
	{"name-constraint", X509_V_ERR_PERMITTED_VIOLATION, false, false},
	{"sha1", X509_V_ERR_CA_MD_TOO_WEAK, false, false},
	{"rsa-1024", X509_V_ERR_EE_KEY_TOO_SMALL, false, false},
	{"rsa", X509_V_OK, false, false},
	{"revoked-by-crl", X509_V_OK, false, false},
	{"revoked-by-crl", X509_V_ERR_CERT_REVOKED, false, true},
	{"must-staple", X509_V_OK, false, false},
	{"staple-revoked", X509_V_OK, false, false},
	{"mitm-reissued", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, false, false},
	{"reversed-chain", X509_V_OK, false, false},
	{"very-long-chain", X509_V_OK, false, false},
	{"too-long-chain", X509_V_ERR_CERT_CHAIN_TOO_LONG, false, false},
	{"key-mismatch", X509_V_OK, false, false},
	{"client", X509_V_OK, true, false},
	{"client-expired", X509_V_ERR_CERT_HAS_EXPIRED, true, false},
	{"client-wrong-eku", X509_V_ERR_INVALID_PURPOSE, true, false},
	{"client-untrusted", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, true, false},
};

#define EXPECTATIONS (sizeof(expectations) / sizeof(*expectations))

static void test_defects(void)
{
	make_once();
	for (size_t i = 0; i < EXPECTATIONS; i++) {
		int error = verify(&expectations[i]);

		if (error != expectations[i].error)
			printf("# %s: %s\n", expectations[i].name, X509_verify_cert_error_string(error));
		CU_ASSERT_EQUAL(error, expectations[i].error);
	}
}

static void test_every_row_is_expected(void)
{
	const char *name, *story;

	for (size_t i = 0; (name = mint_name(i, &story)); i++) {
		bool found = false;

		for (size_t k = 0; k < EXPECTATIONS; k++)
			found = found || strcmp(expectations[k].name, name) == 0;
		CU_ASSERT(found && *story);
	}
}

/* Whether what the key signs verifies with the certificate. */
static bool signs(const char *name)
{
	STACK_OF(X509) *chain = load_chain(path(name, ".pem"));
	FILE *file = fopen(path(name, ".key"), "r");
	EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[1024];
	size_t length = sizeof(signature);
	bool good;

	EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key);
	good = EVP_DigestSign(context, signature, &length, (const unsigned char *)"x", 1) == 1;
	EVP_MD_CTX_reset(context);
	EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, X509_get0_pubkey(sk_X509_value(chain, 0)));
	good = good && EVP_DigestVerify(context, signature, length, (const unsigned char *)"x", 1) == 1;
	fclose(file);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	sk_X509_pop_free(chain, X509_free);
	return good;
}

static void test_keys(void)
{
	make_once();
	CU_ASSERT(signs("good"));
	CU_ASSERT(signs("rsa-1024"));
	CU_ASSERT(signs("client"));
	CU_ASSERT_FALSE(signs("key-mismatch"));
}

static int status_in(const char *name)
{
	STACK_OF(X509) *chain = load_chain(path(name, ".pem"));
	BIO *file = BIO_new_file(path(name, ".ocsp"), "rb");
	OCSP_RESPONSE *response = ASN1_item_d2i_bio(ASN1_ITEM_rptr(OCSP_RESPONSE), file, NULL);
	OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
	OCSP_CERTID *id = OCSP_cert_to_id(NULL, sk_X509_value(chain, 0), sk_X509_value(chain, 1));
	int status = -1;

	CU_ASSERT_EQUAL(OCSP_basic_verify(basic, chain, NULL, OCSP_TRUSTOTHER | OCSP_NOVERIFY), 1);
	OCSP_resp_find_status(basic, id, &status, NULL, NULL, NULL, NULL);
	BIO_free(file);
	OCSP_CERTID_free(id);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(response);
	sk_X509_pop_free(chain, X509_free);
	return status;
}

static void test_staples(void)
{
	make_once();
	CU_ASSERT_EQUAL(status_in("good"), V_OCSP_CERTSTATUS_GOOD);
	CU_ASSERT_EQUAL(status_in("must-staple"), V_OCSP_CERTSTATUS_GOOD);
	CU_ASSERT_EQUAL(status_in("staple-revoked"), V_OCSP_CERTSTATUS_REVOKED);
}

static void test_chains_as_sent(void)
{
	static const struct {
		const char *name;
		int count;
	} rows[] = {{"good", 2},
		    {"incomplete-chain", 1},
		    {"self-signed", 1},
		    {"very-long-chain", 11},
		    {"reversed-chain", 3}};
	STACK_OF(X509) * chain;

	make_once();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		chain = load_chain(path(rows[i].name, ".pem"));
		CU_ASSERT_EQUAL(sk_X509_num(chain), rows[i].count);
		sk_X509_pop_free(chain, X509_free);
	}
	chain = load_chain(path("reversed-chain", ".pem"));
	CU_ASSERT_EQUAL(X509_check_issued(sk_X509_value(chain, 2), sk_X509_value(chain, 0)), X509_V_OK);
	sk_X509_pop_free(chain, X509_free);
}

static void test_private_files(void)
{
	DIR *open;
	struct dirent *entry;

	make_once();
	open = opendir(directory);
	while ((entry = readdir(open))) {
		struct stat status;

		if (entry->d_name[0] == '.')
			continue;
		CU_ASSERT_EQUAL(stat(path(entry->d_name, ""), &status), 0);
		CU_ASSERT_EQUAL(status.st_mode & 0777, 0600);
	}
	closedir(open);
}

static void test_complaints(void)
{
	char error[COMPLAINT_MAX] = "", good[] = "good", issuing[] = "issuing", nonsense[] = "nonsense";
	char *names[] = {good, NULL};

	make_once();
	CU_ASSERT(mint(directory, names, 1, error));
	names[0] = nonsense;
	CU_ASSERT_FALSE(mint(directory, names, 1, error));
	CU_ASSERT_STRING_EQUAL(error, "there is no certificate \"nonsense\"");
	names[0] = issuing;
	CU_ASSERT_FALSE(mint(directory, names, 1, error));
	CU_ASSERT_FALSE(mint("/nonexistent", names, 1, error));
	CU_ASSERT_STRING_EQUAL(error, "/nonexistent/root.pem: No such file or directory");
}

/* The last in the table. */
static void test_clean_up(void)
{
	DIR *open = opendir(directory);
	struct dirent *entry;

	while (open && (entry = readdir(open)))
		unlink(path(entry->d_name, ""));
	closedir(open);
	CU_ASSERT_EQUAL(rmdir(directory), 0);
}

const struct unit_test unit_tests[] = {
	{"verification finds in each certificate the defect of its row", test_defects},
	{"every row of the table is tested", test_every_row_is_expected},
	{"keys sign for their certificate, the mismatched one does not", test_keys},
	{"OCSP responses say good or revoked, signed by the issuer", test_staples},
	{"what is sent of the chain, and its order, is as the row says", test_chains_as_sent},
	{"files are readable by their owner alone", test_private_files},
	{"unknown names and unwritable directories are errors in words", test_complaints},
	{"everything is in the directory that was named", test_clean_up},
	{NULL, NULL},
};
