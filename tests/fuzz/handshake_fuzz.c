/* handshake_fuzz.c: libFuzzer target for the hello and Certificate parsers, and for what is read out of certificates.
 *
 * The input is one message: a byte that chooses the parser, one that says how many bytes the capture cut off, then the
 * message. What a parser says of the message cut short must agree with what it says of the whole.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -I. -o handshake_fuzz tests/fuzz/handshake_fuzz.c
 *     \
 *         analyzer/{handshake,iana,iana_tables,certificate,printable}.c -lcrypto
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/certificate.h"
#include "analyzer/handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(), which a build may switch off. */
static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_text(const char *text, size_t size)
{
	require(strnlen(text, size) < size);
	for (; *text; text++)
		require(*text >= 0x20 && *text < 0x7f);
}

static void check_result(enum parse_result result, const char *why, size_t there, size_t length)
{
	require(result == PARSE_OK || result == PARSE_NEED_MORE || result == PARSE_MALFORMED);
	require((why != NULL) == (result == PARSE_MALFORMED));
	require(result != PARSE_OK || there == length);
	require(result != PARSE_NEED_MORE || there < length);
}

typedef enum parse_result hello_fn(struct cursor there, uint32_t length, struct client_hello *out, const char **why);

static void client_hello(hello_fn *parse, const uint8_t *bytes, size_t there, size_t length)
{
	struct client_hello whole, cut;
	const char *why = NULL;
	enum parse_result of_whole = parse(cursor_over(bytes, length), (uint32_t)length, &whole, &why), of_cut;

	check_result(of_whole, why, length, length);
	check_text(whole.server_name, sizeof(whole.server_name));
	check_text(whole.alpn, sizeof(whole.alpn));
	require(whole.cipher_count <= HELLO_CIPHERS_MAX && whole.cipher_count <= whole.cipher_total);
	require(whole.version_count <= HELLO_LIST_MAX && whole.group_count <= HELLO_LIST_MAX);
	require(whole.signature_count <= HELLO_LIST_MAX && whole.key_share_count <= HELLO_LIST_MAX);
	require(whole.session_id_length <= sizeof(whole.session_id));
	of_cut = parse(cursor_over(bytes, there), (uint32_t)length, &cut, &why);
	check_result(of_cut, why, there, length);
	/* What is wrong in the first part is wrong in the whole. */
	require(of_cut != PARSE_MALFORMED || of_whole == PARSE_MALFORMED);
	require(cut.cipher_count <= whole.cipher_count);
	require(!cut.has_server_name || whole.has_server_name);
}

static void server_hello(enum handshake_type type, const uint8_t *bytes, size_t there, size_t length)
{
	struct server_hello whole, cut;
	const char *why = NULL;
	enum parse_result of_whole, of_cut;

	of_whole = server_hello_parse(type, cursor_over(bytes, length), (uint32_t)length, &whole, &why);
	check_result(of_whole, why, length, length);
	check_text(whole.alpn, sizeof(whole.alpn));
	require(whole.session_id_length <= sizeof(whole.session_id));
	of_cut = server_hello_parse(type, cursor_over(bytes, there), (uint32_t)length, &cut, &why);
	check_result(of_cut, why, there, length);
	require(of_cut != PARSE_MALFORMED || of_whole == PARSE_MALFORMED);
}

static void certificates(bool tls13, const uint8_t *bytes, size_t there, size_t length)
{
	struct certificate_list list, cut;
	struct certificate_report report;
	const char *why = NULL;

	check_result(certificate_parse(tls13, cursor_over(bytes, length), (uint32_t)length, &list, &why), why, length,
		     length);
	require(list.count <= CERTIFICATES_MAX);
	check_result(certificate_parse(tls13, cursor_over(bytes, there), (uint32_t)length, &cut, &why), why, there,
		     length);
	require(cut.count <= list.count);
	for (uint8_t i = 0; i < list.count; i++)
		require(list.der[i].at >= bytes && list.der[i].at + list.der[i].left <= bytes + length);
	certificate_examine(NULL, &list, length & 1, "a.example", 1717243200LL * 1000000000, &report);
	require(report.count <= CERTIFICATE_FINDINGS_MAX);
	check_text(report.subject, sizeof(report.subject));
	check_text(report.issuer, sizeof(report.issuer));
	check_text(report.names, sizeof(report.names));
	for (uint8_t i = 0; i < report.count; i++)
		check_text(report.findings[i].sentence, sizeof(report.findings[i].sentence));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *bytes = data + 2;
	size_t length, there;

	if (size < 2)
		return 0;
	length = size - 2;
	there = length > data[1] ? length - data[1] : 0;
	switch (data[0] % 6) {
	case 0:
		client_hello(client_hello_parse, bytes, there, length);
		break;
	case 1:
		client_hello(client_hello_parse_sslv2, bytes, there, length);
		break;
	case 2:
		server_hello(HS_SERVER_HELLO, bytes, there, length);
		break;
	case 3:
		server_hello(HS_HELLO_RETRY_REQUEST_DRAFT, bytes, there, length);
		break;
	default:
		certificates(data[0] % 6 == 5, bytes, there, length);
		break;
	}
	return 0;
}
