/* unlock_test.c: a key log makes certain what can only be inferred without it: sessions of real OpenSSL, put into
 * packets, are given to the analyzer with and without the secrets that they logged.
 */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/tlsdiag.h"
#include "tests/unit/suite.h"
#include "tests/unit/wire.h"

#define KEYLOG_MAX 8192

/* What happens to the session. */
enum fate {
	ANSWERED, /* a request and its answer, closed in order */
	NO_CLIENT_CERTIFICATE, /* the server asks for one and gets none */
	UNTRUSTED, /* the client refuses the server's certificate */
	CORRUPTED, /* a byte of the request is changed on the way */
};

struct session {
	SSL_CTX *context[2]; /* by enum wire_side */
	SSL *ssl[2];
	struct wire *wire;
	char keylog[KEYLOG_MAX];
};

static void log_key(const SSL *ssl, const char *line)
{
	struct session *s = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	size_t n = strlen(s->keylog);

	snprintf(s->keylog + n, sizeof(s->keylog) - n, "%s\n", line);
}

/* A certificate that its own key signed, for a server named "test". */
static void certify(SSL_CTX *context)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)"test", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	CU_ASSERT_EQUAL(SSL_CTX_use_certificate(context, x), 1);
	CU_ASSERT_EQUAL(SSL_CTX_use_PrivateKey(context, key), 1);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void session_open(struct session *s, int version, enum fate fate)
{
	*s = (struct session){.wire = wire_new(4)};
	s->context[CLIENT] = SSL_CTX_new(TLS_client_method());
	s->context[SERVER] = SSL_CTX_new(TLS_server_method());
	certify(s->context[SERVER]);
	SSL_CTX_set_app_data(s->context[CLIENT], s);
	SSL_CTX_set_keylog_callback(s->context[CLIENT], log_key);
	if (fate == NO_CLIENT_CERTIFICATE)
		SSL_CTX_set_verify(s->context[SERVER], SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	if (fate == UNTRUSTED)
		SSL_CTX_set_verify(s->context[CLIENT], SSL_VERIFY_PEER, NULL);
	for (int i = 0; i < 2; i++) {
		SSL_CTX_set_min_proto_version(s->context[i], version);
		SSL_CTX_set_max_proto_version(s->context[i], version);
		s->ssl[i] = SSL_new(s->context[i]);
		SSL_set_bio(s->ssl[i], BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	}
	SSL_set_connect_state(s->ssl[CLIENT]);
	SSL_set_accept_state(s->ssl[SERVER]);
	wire_connect(s->wire);
}

static void session_close(struct session *s)
{
	for (int i = 0; i < 2; i++) {
		SSL_free(s->ssl[i]);
		SSL_CTX_free(s->context[i]);
	}
	wire_free(s->wire);
}

/* Carries what one end has written to the other, in packets. True when there was something. */
static bool carry(struct session *s, enum wire_side from, bool corrupt)
{
	static struct wire_bytes flight;
	int n = BIO_read(SSL_get_wbio(s->ssl[from]), flight.bytes, sizeof(flight.bytes));

	if (n <= 0)
		return false;
	flight.n = (size_t)n;
	if (corrupt)
		flight.bytes[n - 1] ^= 1;
	wire_wait(s->wire, 10);
	wire_data(s->wire, from, &flight, 1460);
	BIO_write(SSL_get_rbio(s->ssl[!from]), flight.bytes, n);
	return true;
}

/* Both read what there is and say what they have to, until neither has anything left. */
static void talk(struct session *s)
{
	char buffer[256];
	bool moved;

	do {
		moved = carry(s, CLIENT, false);
		SSL_read(s->ssl[SERVER], buffer, sizeof(buffer));
		moved |= carry(s, SERVER, false);
		SSL_read(s->ssl[CLIENT], buffer, sizeof(buffer));
	} while (moved || BIO_pending(SSL_get_wbio(s->ssl[CLIENT])));
}

static void session_run(struct session *s, enum fate fate)
{
	static const char request[] = "GET /health HTTP/1.1\r\nHost: test\r\n\r\n";

	SSL_connect(s->ssl[CLIENT]);
	talk(s);
	if (fate == ANSWERED || fate == CORRUPTED) {
		SSL_write(s->ssl[CLIENT], request, sizeof(request) - 1);
		carry(s, CLIENT, fate == CORRUPTED);
		talk(s);
	}
	if (fate == ANSWERED) {
		SSL_write(s->ssl[SERVER], "HTTP/1.1 200 OK\r\n\r\n", 19);
		SSL_shutdown(s->ssl[SERVER]);
		talk(s);
	}
	wire_segment(s->wire, SERVER, "F.");
	wire_segment(s->wire, CLIENT, "F.");
	wire_segment(s->wire, SERVER, ".");
}

/* ---- What must be said ---- */

struct row {
	const char *about;
	int version;
	enum fate fate;
	const char *without, *with; /* signatures; "" when established */
	bool inferred; /* without keys */
	const char *subject; /* of the server's certificate, when it can be read with keys */
};

static const struct row rows[] = {
	{"client certificate missing, TLS 1.3", TLS1_3_VERSION, NO_CLIENT_CERTIFICATE, "finished/alert/encrypted",
	 "finished/alert/certificate_required", true, "test"},
	{"client certificate missing, TLS 1.2", TLS1_2_VERSION, NO_CLIENT_CERTIFICATE,
	 "finished/alert/handshake_failure", "finished/alert/handshake_failure", false, "test"},
	{"server certificate refused, TLS 1.3", TLS1_3_VERSION, UNTRUSTED, "client-flight/alert/unknown_ca",
	 "client-flight/alert/unknown_ca", false, "test"},
	/* Without keys it could be a close_notify, which is no failure. */
	{"request corrupted, TLS 1.3", TLS1_3_VERSION, CORRUPTED, "", "application/alert/bad_record_mac", true, NULL},
	{"request corrupted, TLS 1.2", TLS1_2_VERSION, CORRUPTED, "", "application/alert/bad_record_mac", false, NULL},
	{"answered, TLS 1.3", TLS1_3_VERSION, ANSWERED, "", "", true, NULL},
	{"answered, TLS 1.2", TLS1_2_VERSION, ANSWERED, "", "", false, NULL},
};

/* What is to be said of this session now, and how much of it was. */
struct expected {
	const struct row *row;
	const char *signature;
	bool inferred, certificate;
	size_t verdicts;
};

static void check(const struct tlsdiag_verdict *v, void *context)
{
	struct expected *e = context;
	bool right = strcmp(v->signature, e->signature) == 0 &&
		     v->outcome == (*e->signature ? TLSDIAG_FAILED : TLSDIAG_ESTABLISHED) &&
		     v->certainty == (e->inferred ? TLSDIAG_INFERRED : TLSDIAG_SEEN);

	e->verdicts++;
	CU_ASSERT_TRUE(right);
	if (!right)
		printf("# %s, %s keys: expected '%s', %s, got %s '%s', %s\n", e->row->about,
		       e->certificate ? "with" : "without", e->signature, e->inferred ? "inferred" : "seen",
		       tlsdiag_outcome_name(v->outcome), v->signature, tlsdiag_certainty_name(v->certainty));
	if (e->certificate && e->row->subject) {
		CU_ASSERT_TRUE(v->certificate.seen);
		CU_ASSERT_STRING_EQUAL(v->certificate.subject, e->row->subject);
		CU_ASSERT_EQUAL(v->client_certificate.none, e->row->fate == NO_CLIENT_CERTIFICATE);
	}
}

/* `piece`: the key log is given in pieces of so many bytes; 0: not at all. */
static void analyze(const struct session *s, struct expected *e, size_t piece)
{
	struct tlsdiag *d = tlsdiag_new(NULL, check, e);
	struct tlsdiag_counts counts;

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	for (size_t at = 0; piece && s->keylog[at]; at += piece) {
		size_t rest = strlen(s->keylog + at);

		CU_ASSERT_TRUE(tlsdiag_keylog(d, s->keylog + at, rest < piece ? rest : piece));
		if (rest <= piece)
			break;
	}
	tlsdiag_keylog_end(d);
	for (size_t i = 0; i < s->wire->count; i++) {
		const struct wire_packet *p = &s->wire->packets[i];
		struct tlsdiag_packet packet = {i + 1, p->time_ns, p->bytes, p->captured, p->wire};

		tlsdiag_packet(d, WIRE_LINKTYPE, &packet);
	}
	tlsdiag_finish(d);
	tlsdiag_counts(d, &counts);
	CU_ASSERT_EQUAL(counts.keylog_malformed, 0);
	CU_ASSERT_EQUAL(counts.keylog_secrets > 0, piece > 0);
	CU_ASSERT_EQUAL(e->verdicts, 1);
	tlsdiag_free(d);
}

static void try_rows(size_t piece)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];
		struct expected e = {.row = r,
				     .signature = piece ? r->with : r->without,
				     .inferred = r->inferred && !piece,
				     .certificate = piece > 0};
		struct session s;

		session_open(&s, r->version, r->fate);
		session_run(&s, r->fate);
		analyze(&s, &e, piece);
		session_close(&s);
	}
}

static void test_without_keys(void)
{
	try_rows(0);
}

static void test_with_keys(void)
{
	try_rows(KEYLOG_MAX);
}

static void test_bytewise(void)
{
	try_rows(1);
}

/* The keys of another session unlock nothing, and harm nothing. */
static void test_other_keys(void)
{
	struct session s, other;
	struct expected e = {.row = &rows[0], .signature = rows[0].without, .inferred = true};

	session_open(&s, TLS1_3_VERSION, NO_CLIENT_CERTIFICATE);
	session_run(&s, NO_CLIENT_CERTIFICATE);
	session_open(&other, TLS1_3_VERSION, NO_CLIENT_CERTIFICATE);
	session_run(&other, NO_CLIENT_CERTIFICATE);
	memcpy(s.keylog, other.keylog, sizeof(s.keylog));
	analyze(&s, &e, KEYLOG_MAX);
	session_close(&s);
	session_close(&other);
}

const struct unit_test unit_tests[] = {
	{"without keys, what is encrypted is inferred", test_without_keys},
	{"with a key log it is seen", test_with_keys},
	{"a key log may come byte by byte", test_bytewise},
	{"the keys of another session change nothing", test_other_keys},
	{NULL, NULL},
};
