/* wire_tls_test.c: messages lie where they are, however the stream is cut and in whatever order it comes. */
#include "harness/wire_tls.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/wire.h"

/* The server's side of TLS 1.2: ServerHello and Certificate in a record each, two messages in one record,
 * ChangeCipherSpec, Finished, and two records of data. */
static struct wire_bytes flight(void)
{
	static const uint8_t two_in_one[] = {22, 3, 3, 0, 12, 12, 0, 0, 4, 1, 2, 3, 4, 14, 0, 0, 0};
	struct wire_bytes bytes = wire_server_hello(0x0303, 0xc02f, false);

	wire_append(&bytes, wire_certificate(300));
	memcpy(bytes.bytes + bytes.n, two_in_one, sizeof(two_in_one));
	bytes.n += sizeof(two_in_one);
	wire_append(&bytes, wire_change_cipher_spec());
	wire_append(&bytes, wire_record(22, 0x0303, 40));
	wire_append(&bytes, wire_record(23, 0x0303, 10));
	wire_append(&bytes, wire_record(23, 0x0303, 20));
	return bytes;
}

/* Whether all of the flight is found, each message at its place. */
static void check_flight(const struct wire_tls *tls, const struct wire_bytes *bytes)
{
	static const struct {
		const char *name;
		unsigned ordinal;
		uint32_t size; /* 0: not checked */
	} messages[] = {
		{"server-hello", 1, 0},      {"certificate", 1, 4 + 3 + 3 + 300}, {"server-key-exchange", 1, 8},
		{"server-hello-done", 1, 4}, {"change-cipher-spec", 1, 6},        {"finished", 1, 45},
		{"application-data", 1, 15}, {"application-data", 2, 25},
	};
	uint32_t after = 0;

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		const struct wire_message *m =
			wire_tls_find(tls, messages[i].name, messages[i].ordinal, 0, (uint32_t)bytes->n);

		CU_ASSERT_PTR_NOT_NULL(m);
		if (!m)
			continue;
		CU_ASSERT(m->whole);
		CU_ASSERT(m->start >= after);
		if (messages[i].size)
			CU_ASSERT_EQUAL(m->end - m->start, messages[i].size);
		after = m->end;
	}
	CU_ASSERT_EQUAL(after, bytes->n);
	CU_ASSERT_PTR_NULL(wire_tls_find(tls, "application-data", 3, 0, (uint32_t)bytes->n));
	CU_ASSERT_PTR_NULL(wire_tls_find(tls, "alert", 0, 0, (uint32_t)bytes->n));
}

static void test_segments_of_every_size(void)
{
	struct wire_bytes bytes = flight();

	for (size_t size = 1; size <= bytes.n; size++) {
		struct wire_tls *tls = wire_tls_new();

		CU_ASSERT_FATAL(tls != NULL);
		for (size_t at = 0; at < bytes.n; at += size)
			wire_tls_add(tls, (uint32_t)at, bytes.bytes + at, size < bytes.n - at ? size : bytes.n - at);
		check_flight(tls, &bytes);
		wire_tls_free(tls);
	}
}

/* Backwards, and every segment twice, overlapping the next. */
static void test_any_order(void)
{
	enum { SIZE = 50 };
	struct wire_bytes bytes = flight();
	struct wire_tls *tls = wire_tls_new();
	size_t last = (bytes.n - 1) / SIZE * SIZE;

	CU_ASSERT_FATAL(tls != NULL);
	for (size_t at = last;; at -= SIZE) {
		size_t length = bytes.n - at < SIZE + 7 ? bytes.n - at : SIZE + 7;

		wire_tls_add(tls, (uint32_t)at, bytes.bytes + at, length);
		wire_tls_add(tls, (uint32_t)at, bytes.bytes + at, length);
		if (at == 0)
			break;
	}
	check_flight(tls, &bytes);
	wire_tls_free(tls);
}

static void test_incomplete(void)
{
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net", .size = 300});
	struct wire_tls *tls = wire_tls_new();
	const struct wire_message *m;

	CU_ASSERT_FATAL(tls != NULL);
	wire_tls_add(tls, 0, hello.bytes, 8);
	CU_ASSERT_PTR_NULL(wire_tls_find(tls, "client-hello", 0, 0, 8));
	wire_tls_add(tls, 8, hello.bytes + 8, 100);
	m = wire_tls_find(tls, "client-hello", 0, 0, 8);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT(!m->whole);
	CU_ASSERT_EQUAL(m->start, 5);
	CU_ASSERT_EQUAL(m->end, 108);
	CU_ASSERT_PTR_NULL(wire_tls_find(tls, "client-hello", 0, 108, 200));
	wire_tls_add(tls, 108, hello.bytes + 108, hello.n - 108);
	m = wire_tls_find(tls, "client-hello", 0, 108, 200);
	CU_ASSERT(m && m->whole && m->end == hello.n);
	wire_tls_free(tls);
}

/* Cut at every length: the name is known when it has come, and never wrong. */
static void test_server_name(void)
{
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net"});
	size_t known_at = 0;

	for (size_t n = 1; n <= hello.n; n++) {
		struct wire_tls *tls = wire_tls_new();
		uint8_t *bytes = malloc(n);

		CU_ASSERT_FATAL(tls && bytes);
		memcpy(bytes, hello.bytes, n);
		wire_tls_add(tls, 0, bytes, n);
		free(bytes);
		if (*wire_tls_sni(tls)) {
			CU_ASSERT_STRING_EQUAL(wire_tls_sni(tls), "api.example.net");
			known_at = known_at ? known_at : n;
		} else {
			CU_ASSERT_EQUAL(known_at, 0);
		}
		wire_tls_free(tls);
	}
	CU_ASSERT(known_at > 0);
}

static void test_plain_text_first(void)
{
	static const char ehlo[] = "EHLO client\r\n", starttls[] = "STARTTLS\r\n";
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net"});
	struct wire_tls *tls = wire_tls_new();
	uint32_t at = (uint32_t)(strlen(ehlo) + strlen(starttls));
	const struct wire_message *m;

	CU_ASSERT_FATAL(tls != NULL);
	wire_tls_add(tls, 0, (const uint8_t *)ehlo, strlen(ehlo));
	wire_tls_add(tls, (uint32_t)strlen(ehlo), (const uint8_t *)starttls, strlen(starttls));
	wire_tls_add(tls, at, hello.bytes, hello.n);
	m = wire_tls_find(tls, "client-hello", 1, at, at + 10);
	CU_ASSERT(m && m->start == at + 5 && m->whole);
	CU_ASSERT_STRING_EQUAL(wire_tls_sni(tls), "api.example.net");
	wire_tls_free(tls);
}

/* RFC 8446 appendix D.4: a client's ChangeCipherSpec stands before its second ClientHello, which is as plain as the
 * first. */
static void test_hello_retry(void)
{
	struct wire_bytes bytes = wire_client_hello((struct wire_hello){.sni = "api.example.net"});
	struct wire_bytes again = bytes;

	wire_append(&bytes, wire_change_cipher_spec());
	wire_append(&bytes, again);
	for (size_t size = 1; size <= bytes.n; size++) {
		struct wire_tls *tls = wire_tls_new();
		const struct wire_message *m;

		CU_ASSERT_FATAL(tls != NULL);
		for (size_t at = 0; at < bytes.n; at += size)
			wire_tls_add(tls, (uint32_t)at, bytes.bytes + at, size < bytes.n - at ? size : bytes.n - at);
		m = wire_tls_find(tls, "client-hello", 2, 0, (uint32_t)bytes.n);
		CU_ASSERT(m && m->whole && m->end == bytes.n);
		CU_ASSERT_PTR_NULL(wire_tls_find(tls, "finished", 0, 0, (uint32_t)bytes.n));
		wire_tls_free(tls);
	}
}

const struct unit_test unit_tests[] = {
	{"messages are found in segments of every size", test_segments_of_every_size},
	{"messages are found in any order of segments", test_any_order},
	{"a message is known by its header, and grows", test_incomplete},
	{"the server name is known when it has come", test_server_name},
	{"TLS is found behind plain text", test_plain_text_first},
	{"a second ClientHello behind ChangeCipherSpec is no Finished", test_hello_retry},
	{NULL, NULL},
};
