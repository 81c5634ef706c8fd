/* client_words_test.c: what clients' error texts claim, and what that is worth beside the wire. The words that the
 * lab's clients really print are held against every scenario by tests/cli/explain. */
#include "tests/unit/suite.h"

#include "analyzer/cli/client_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line, what it claims (a claim's name, or an alert's), and who says so. */
struct family {
	const char *line, *claim, *client;
};

static void check_family(const struct family *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct client_words w = {.count = 0};
		const struct client_statement *s = w.list;
		size_t n;
		char name[64];
		const char *claim;

		client_words_text(&w, rows[i].line);
		n = w.count;
		claim = !n              ? "nothing"
			: s->alert >= 0 ? tlsdiag_alert_name((uint8_t)s->alert, name, sizeof(name))
					: s->claim->name;
		CU_ASSERT_STRING_EQUAL(claim, rows[i].claim);
		if (strcmp(claim, rows[i].claim) != 0)
			printf("# %s: %s\n", rows[i].line, claim);
		CU_ASSERT_STRING_EQUAL(n ? s[0].client : "", rows[i].client);
		if (n && strcmp(s[0].client, rows[i].client) != 0)
			printf("# %s: by %s\n", rows[i].line, s[0].client);
		CU_ASSERT(!n || strstr(rows[i].line, s->said));
	}
}

#define CHECK_FAMILY(rows) check_family(rows, sizeof(rows) / sizeof(*(rows)))

static void test_curl(void)
{
	static const struct family rows[] = {
		{"curl: (6) Could not resolve host: api.example.net", "address", "curl"},
		{"curl: (7) Failed to connect to api.example.net port 443 after 2 ms: Couldn't connect to server",
		 "cannot-connect", "curl"},
		{"curl: (7) Failed to connect to api.example.net port 443: Connection refused", "refused", "curl"},
		{"curl: (28) Failed to connect to api.example.net port 443 after 5001 ms: Timeout was reached",
		 "connect-timeout", "curl"},
		{"curl: (28) SSL connection timeout", "handshake-timeout", "curl"},
		{"curl: (28) Operation timed out after 2501 milliseconds with 0 bytes received", "timeout", "curl"},
		{"curl: (35) Recv failure: Connection reset by peer", "reset", "curl"},
		{"curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to api.example.net:443 ", "eof",
		 "curl"},
		{"curl: (35) error:0A000410:SSL routines::sslv3 alert handshake failure", "handshake_failure", "curl"},
		{"curl: (35) error:0A00042E:SSL routines::tlsv1 alert protocol version", "protocol_version", "curl"},
		{"curl: (35) error:0A000458:SSL routines::tlsv1 unrecognized name", "unrecognized_name", "curl"},
		{"curl: (35) error:0A0004E7:SSL routines::reason(1255)", "255", "curl"},
		{"curl: (35) error:0A00010B:SSL routines::wrong version number", "not-tls", "curl"},
		{"curl: (35) error:0A000152:SSL routines::unsafe legacy renegotiation disabled", "legacy-renegotiation",
		 "curl"},
		{"curl: (52) Empty reply from server", "empty-reply", "curl"},
		{"curl: (18) HTTP/2 stream 1 was not closed cleanly before end of the underlying stream", "eof",
		 "curl"},
		{"curl: (90) SSL: public key does not match pinned public key", "pinned-key", "curl"},
		{"curl: (97) Can't complete SOCKS5 connection to api.example.net. (2)", "proxy-refused", "curl"},
		{"curl: (56) CONNECT tunnel failed, response 407", "proxy-refused", "curl"},
		{"curl: (60) SSL certificate problem: unable to get local issuer certificate", "unknown-issuer",
		 "curl"},
		{"curl: (60) SSL certificate problem: certificate has expired", "expired", "curl"},
		{"curl: (60) SSL: no alternative certificate subject name matches target host name 'x'", "host-name",
		 "curl"},
		{"curl: (60) SSL certificate problem: something new", "certificate", "curl"},
		{"curl: (77) error setting certificate verify locations:  CAfile: /nonexistent", "trust-file", "curl"},
		{"* TLSv1.3 (OUT), TLS alert, unknown CA (560):", "unknown_ca", ""},
		{"* TLSv1.2 (IN), TLS alert, handshake failure (552):", "handshake_failure", ""},
	};

	CHECK_FAMILY(rows);
}

static void test_openssl_and_gnutls(void)
{
	static const struct family rows[] = {
		{"40878041377F0000:error:0A0003FC:SSL routines:ssl3_read_bytes:sslv3 alert bad record mac:"
		 "../ssl/record/rec_layer_s3.c:1601:SSL alert number 20",
		 "bad_record_mac", "OpenSSL"},
		{"4017B56D2C7F0000:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:x.c:317:",
		 "eof", "OpenSSL"},
		{"connect:errno=111", "refused", "OpenSSL"},
		{"write:errno=104", "reset", "OpenSSL"},
		{"verify error:num=18:self-signed certificate", "self-signed", "OpenSSL"},
		{"*** Received alert [40]: Handshake failed", "handshake_failure", "gnutls-cli"},
		{"*** Received alert [255]: (unknown)", "255", "gnutls-cli"},
		{"*** Fatal error: A TLS fatal alert has been received.", "alert", "gnutls-cli"},
		{"*** Fatal error: The TLS connection was non-properly terminated.", "eof", "gnutls-cli"},
		{"*** Fatal error: Error in the pull function.", "reset", "gnutls-cli"},
		{"*** Fatal error: An unexpected TLS packet was received.", "not-tls", "gnutls-cli"},
		{"*** Fatal error: Error in the certificate.", "certificate", "gnutls-cli"},
		{"- Status: The certificate is NOT trusted. The certificate issuer is unknown. ", "unknown-issuer",
		 "GnuTLS"},
		{"ERROR: The certificate of 'x' is not trusted.", "unknown-issuer", "wget"},
		{"GnuTLS: A TLS fatal alert has been received.", "alert", "wget"},
		{"Unable to establish SSL connection.", "handshake-failed", "wget"},
	};

	CHECK_FAMILY(rows);
}

static void test_java(void)
{
	static const struct family rows[] = {
		{"javax.net.ssl.SSLHandshakeException: Received fatal alert: protocol_version", "protocol_version",
		 "Java"},
		{"javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure", "handshake_failure",
		 "Java"},
		{"javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath."
		 "SunCertPathBuilderException: unable to find valid certification path to requested target",
		 "unknown-issuer", "Java"},
		{"javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake", "eof", "Java"},
		{"javax.net.ssl.SSLException: Unsupported or unrecognized SSL message", "not-tls", "Java"},
		{"java.net.SocketException: Connection reset", "reset", "Java"},
		{"java.net.SocketTimeoutException: Read timed out", "timeout", "Java"},
		{"java.net.ConnectException: Connection refused", "refused", "Java"},
		{"java.security.cert.CertificateException: No subject alternative DNS name matching x found.",
		 "host-name", "Java"},
		{"javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled or cipher suites "
		 "are "
		 "inappropriate)",
		 "no-common-ground", "Java"},
		{"javax.net.ssl.SSLHandshakeException: something new", "handshake-failed", "Java"},
	};

	CHECK_FAMILY(rows);
}

static void test_node_and_python(void)
{
	static const struct family rows[] = {
		{"Error: connect ECONNREFUSED 203.0.113.20:443", "refused", "Node"},
		{"ECONNRESET: Client network socket disconnected before secure TLS connection was established", "eof",
		 "Node"},
		{"Error: read ECONNRESET", "reset", "Node"},
		{"Error: 00A:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:"
		 "../deps/openssl/openssl/ssl/record/rec_layer_s3.c:1605:SSL alert number 70",
		 "protocol_version", "Node"},
		{"Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames", "host-name",
		 "Node"},
		{"Error: unable to verify the first certificate", "unknown-issuer", "OpenSSL"},
		{"  code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'", "unknown-issuer", "Node"},
		{"Error: socket hang up", "eof", "Node"},
		{"SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1002)",
		 "protocol_version", "Python"},
		{"SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate "
		 "has "
		 "expired (_ssl.c:1002)",
		 "expired", "Python"},
		{"SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1002)", "not-tls", "Python"},
		{"ssl.SSLEOFError: EOF occurred in violation of protocol (_ssl.c:1002)", "eof", "Python"},
		{"TimeoutError: _ssl.c:989: The handshake operation timed out", "handshake-timeout", "Python"},
		{"ConnectionResetError: [Errno 104] Connection reset by peer", "reset", "Python"},
		{"requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='x', port=443): Max retries exceeded "
		 "with url",
		 "connect-timeout", "Python"},
	};

	CHECK_FAMILY(rows);
}

static void test_go_and_rustls(void)
{
	static const struct family rows[] = {
		{"remote error: tls: handshake failure", "handshake_failure", "Go"},
		{"remote error: tls: unknown certificate authority", "unknown_ca", "Go"},
		{"remote error: tls: expired certificate", "certificate_expired", "Go"},
		{"remote error: tls: alert(255)", "255", "Go"},
		{"remote error: tls: bad certificate", "bad_certificate", "Go"},
		{"remote error: tls: protocol version not supported", "protocol_version", "Go"},
		{"remote error: tls: certificate required", "certificate_required", "Go"},
		{"tls: failed to verify certificate: x509: certificate signed by unknown authority", "unknown-issuer",
		 "Go"},
		{"tls: failed to verify certificate: x509: certificate is valid for a.example, not b.example",
		 "host-name", "Go"},
		{"tls: first record does not look like a TLS handshake", "not-tls", "Go"},
		{"http: server gave HTTP response to HTTPS client", "not-tls", "Go"},
		{"Get \"https://x/\": dial tcp 203.0.113.20:443: i/o timeout", "connect-timeout", "Go"},
		{"Get \"https://x/\": net/http: TLS handshake timeout", "handshake-timeout", "Go"},
		{"read tcp 192.0.2.40:46188->203.0.113.20:443: read: connection reset by peer", "reset", "libc"},
		{"Get \"https://x/\": EOF", "eof", "Go"},
		{"received fatal alert: HandshakeFailure", "handshake_failure", ""},
		{"invalid peer certificate: UnknownIssuer", "unknown-issuer", "rustls"},
	};

	CHECK_FAMILY(rows);
}

static void test_browsers(void)
{
	static const struct family rows[] = {
		{"net::ERR_CONNECTION_RESET", "reset", "Chromium"},
		{"net::ERR_CONNECTION_CLOSED", "eof", "Chromium"},
		{"net::ERR_CONNECTION_TIMED_OUT", "connect-timeout", "Chromium"},
		{"net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH", "no-common-ground", "Chromium"},
		{"net::ERR_SSL_PROTOCOL_ERROR", "not-tls", "Chromium"},
		{"net::ERR_CERT_AUTHORITY_INVALID", "unknown-issuer", "Chromium"},
		{"net::ERR_CERT_DATE_INVALID", "expired", "Chromium"},
		{"net::ERR_CERT_COMMON_NAME_INVALID", "host-name", "Chromium"},
		{"net::ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN", "pinned-key", "Chromium"},
		{"net::ERR_BAD_SSL_CLIENT_AUTH_CERT", "client-certificate", "Chromium"},
		{"net::ERR_SSL_UNRECOGNIZED_NAME_ALERT", "unrecognized_name", "Chromium"},
		{"Error code: SEC_ERROR_UNKNOWN_ISSUER", "unknown-issuer", "Firefox"},
		{"Error code: SSL_ERROR_BAD_CERT_DOMAIN", "host-name", "Firefox"},
		{"Error code: SSL_ERROR_RX_RECORD_TOO_LONG", "not-tls", "Firefox"},
		{"Error code: PR_END_OF_FILE_ERROR", "eof", "Firefox"},
		{"Error code: SSL_ERROR_HANDSHAKE_FAILURE_ALERT", "handshake_failure", ""},
		{"Error code: SSL_ERROR_BAD_CERT_ALERT", "bad_certificate", ""},
	};

	CHECK_FAMILY(rows);
}

static void test_nothing(void)
{
	static const char *const lines[] = {
		"",
		"* Connected to api.example.net (203.0.113.20) port 443 (#0)",
		"* TLSv1.3 (IN), TLS alert, close notify (256):",
		"< HTTP/1.1 200 OK",
		"- Peer has closed the GnuTLS connection",
		"SSL alert number 300",
		"Verification: OK",
		"red alert",
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct client_words w = {.count = 0};

		client_words_text(&w, lines[i]);
		CU_ASSERT_EQUAL(w.count, 0);
	}
}

/* Several lines: what says most stands first, each claim once. */
static void test_many_lines(void)
{
	struct client_words w = {.count = 0};

	client_words_text(&w, "* Trying\r\n"
			      "* TLSv1.3 (OUT), TLS alert, unknown CA (560):\r\n"
			      "curl: (60) SSL certificate problem: self-signed certificate\n"
			      "again: self-signed certificate\n");
	CU_ASSERT_EQUAL(w.count, 2);
	CU_ASSERT_EQUAL(w.list[0].alert, 48);
	CU_ASSERT(w.list[0].sent);
	CU_ASSERT_STRING_EQUAL(w.list[1].claim->name, "self-signed");
	CU_ASSERT_STRING_EQUAL(w.list[1].said, "self-signed certificate");
	/* more than there is room for: the least is given up */
	for (int alert = 41; alert <= 60; alert++) {
		char line[64];

		client_words_line(&w, line, (size_t)snprintf(line, sizeof(line), "SSL alert number %d", alert));
	}
	CU_ASSERT_EQUAL(w.count, CLIENT_STATEMENTS_MAX);
	CU_ASSERT(w.list[CLIENT_STATEMENTS_MAX - 1].alert > 0);
}

/* Every cut of a text is read without reaching beyond it. */
static void test_cut_anywhere(void)
{
	static const char text[] =
		"* TLSv1.3 (OUT), TLS alert, unknown CA (560): *** Received alert [40]: Handshake failed "
		"curl: (28) Failed to connect to x after 1 ms: Timeout was reached reason(1255)";

	for (size_t n = 0; n < sizeof(text); n++) {
		char *cut = malloc(n ? n : 1); /* without a NUL: the sanitizer would see a read beyond its end */
		struct client_words w = {.count = 0};

		CU_ASSERT_PTR_NOT_NULL_FATAL(cut);
		memcpy(cut, text, n);
		client_words_line(&w, cut, n);
		CU_ASSERT(w.count <= 1);
		CU_ASSERT(!w.count || strstr(text, w.list[0].said));
		free(cut);
	}
}

/* Words longer than there is room for are cut. */
static void test_long_words(void)
{
	char line[1000] = "cannot validate certificate for ";
	struct client_words w = {.count = 0};
	size_t n = strlen(line);

	memset(line + n, 'x', sizeof(line) - n);
	strcpy(line + 900, "because it doesn't contain any IP SANs");
	client_words_text(&w, line);
	CU_ASSERT_EQUAL_FATAL(w.count, 1);
	CU_ASSERT_STRING_EQUAL(w.list[0].claim->name, "host-name");
	CU_ASSERT_EQUAL(strlen(w.list[0].said), CLIENT_SAID_MAX - 1);
}

/* ---- Beside the wire ---- */

/* The sentence, and in *relation its name; valid until the next call. */
static const char *opinion_of(const char *text, const char *signature, const char **relation)
{
	static struct client_opinion o;
	static struct client_words w;
	struct tlsdiag_verdict v = {.outcome = *signature ? TLSDIAG_FAILED : TLSDIAG_ESTABLISHED,
				    .signature = signature,
				    .summary = "the summary"};
	bool told;

	w.count = 0;
	client_words_text(&w, text);
	told = client_words_compare(&w, &v, &o);
	CU_ASSERT_EQUAL(told, o.relation != CLIENT_SAYS_NOTHING);
	*relation = client_relation_name(o.relation);
	return o.sentence;
}

static void test_opinions(void)
{
	static const struct {
		const char *text, *signature, *relation, *sentence;
	} rows[] = {
		{"curl: (35) Recv failure: Connection reset by peer", "server-hello/reset/injected", "misleads",
		 "curl says \"Recv failure: Connection reset by peer\"; the reset came from the path, not from the "
		 "peer."},
		{"curl: (35) Recv failure: Connection reset by peer", "server-hello/reset", "says-less",
		 "curl says \"Recv failure: Connection reset by peer\", which fits and says less than the wire."},
		{"curl: (35) error:0A00042E:SSL routines::tlsv1 alert protocol version",
		 "server-hello/alert/protocol_version", "agrees", "curl says the same: \"alert protocol version\"."},
		{"*** Received alert [116]: Certificate is required", "finished/alert/encrypted", "says-more",
		 "gnutls-cli says \"Received alert [116\"; on the wire that alert is encrypted."},
		{"curl: (60) SSL certificate problem: certificate has expired", "client-flight/alert/encrypted",
		 "says-more", "curl says \"certificate has expired\"; in TLS 1.3 the alert that says so is encrypted."},
		{"curl: (60) SSL: no alternative certificate subject name matches target host name 'x'", "",
		 "says-more",
		 "curl says \"no alternative certificate subject name matches\"; the handshake succeeded: the client "
		 "looked "
		 "at the certificate only then, and left in order."},
		{"connect: Connection refused", "tcp/unreachable/port", "misleads",
		 "the client says \"Connection refused\"; the refusal came by ICMP, from a packet filter, not from the "
		 "port "
		 "itself."},
		{"curl: (35) error:0A00010B:SSL routines::wrong version number", "server-hello/not-tls/http",
		 "misleads", NULL},
		{"curl: (60) SSL certificate verification failed", "finished/alert/certificate_expired", "misleads",
		 NULL},
		{"curl: (28) Connection timed out after 1603 milliseconds", "client-hello/lost", "misleads", NULL},
		{"curl: (28) Connection timed out after 1603 milliseconds", "tcp/timeout", "agrees", NULL},
		{"curl: (7) Connection refused", "server-hello/reset", "differs",
		 "curl says \"Connection refused\", which fits nothing in this connection: it may be about another "
		 "one."},
		{"SSL alert number 40", "server-hello/alert/protocol_version", "differs", NULL},
		{"< HTTP/1.1 200 OK", "server-hello/reset", "", ""},
		/* the line that knows most is told, wherever it stands */
		{"curl: (35) handshake\n* (OUT), TLS alert, unknown CA (560):\n", "client-flight/alert/unknown_ca",
		 "agrees", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *relation, *sentence = opinion_of(rows[i].text, rows[i].signature, &relation);

		CU_ASSERT_STRING_EQUAL(relation, rows[i].relation);
		if (strcmp(relation, rows[i].relation) != 0)
			printf("# %s: %s\n", rows[i].text, relation);
		if (rows[i].sentence)
			CU_ASSERT_STRING_EQUAL(sentence, rows[i].sentence);
		if (rows[i].sentence && strcmp(sentence, rows[i].sentence) != 0)
			printf("# %s\n", sentence);
	}
}

/* Of what the capture does not decide, words say nothing. */
static void test_undecided(void)
{
	struct tlsdiag_verdict v = {.outcome = TLSDIAG_INCOMPLETE, .signature = "", .summary = ""};
	struct client_words w = {.count = 0};
	struct client_opinion o;

	client_words_text(&w, "curl: (7) Connection refused");
	CU_ASSERT_FALSE(client_words_compare(&w, &v, &o));
	CU_ASSERT_FALSE(client_words_compare(NULL, &v, &o));
	/* and of a success only what the wire does not show */
	v.outcome = TLSDIAG_ESTABLISHED;
	CU_ASSERT_FALSE(client_words_compare(&w, &v, &o));
}

/* ---- The tables ---- */

static void check_view(const struct client_view *view)
{
	CU_ASSERT(strcmp(view->signature, "established") == 0 || tlsdiag_explain(view->signature));
	CU_ASSERT(view->relation >= CLIENT_AGREES && view->relation <= CLIENT_MISLEADS);
	CU_ASSERT(view->relation != CLIENT_MISLEADS || view->note);
	CU_ASSERT(!view->note || (view->note[0] >= 'A' && !strchr(".:;", view->note[strlen(view->note) - 1])));
}

static void test_tables(void)
{
	bool used[CLAIMS] = {false};

	for (size_t i = 0; i < client_phrase_count; i++) {
		struct client_words w = {.count = 0};

		used[client_phrases[i].claim] = true;
		CU_ASSERT(strlen(client_phrases[i].text) >= 4);
		/* found again, by itself or by one that is more telling */
		client_words_text(&w, client_phrases[i].text);
		CU_ASSERT_EQUAL(w.count, 1);
	}
	for (size_t i = 0; i < CLAIMS; i++) {
		const struct client_claim *c = &client_claims[i];

		CU_ASSERT(used[i]);
		CU_ASSERT(c->name[0] && c->title[0] && c->meaning[strlen(c->meaning) - 1] == '.');
		for (size_t k = 0; k < c->view_count; k++)
			check_view(&c->views[k]);
		for (size_t k = 0; k < i; k++)
			CU_ASSERT_STRING_NOT_EQUAL(c->name, client_claims[k].name);
	}
}

const struct unit_test unit_tests[] = {
	{"curl's words", test_curl},
	{"OpenSSL's, GnuTLS's and wget's words", test_openssl_and_gnutls},
	{"Java's words", test_java},
	{"Node's and Python's words", test_node_and_python},
	{"Go's and rustls' words", test_go_and_rustls},
	{"browsers' words", test_browsers},
	{"what is no error claims nothing", test_nothing},
	{"of many lines each claim once, what says most first", test_many_lines},
	{"a text cut anywhere", test_cut_anywhere},
	{"words longer than there is room for", test_long_words},
	{"what words are worth beside the wire", test_opinions},
	{"words beside an undecided verdict", test_undecided},
	{"claims and phrases are whole", test_tables},
	{NULL, NULL},
};
