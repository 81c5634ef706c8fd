/* describe_test.c: the evidence of a verdict: which frames, in which words, and which of them was decisive. */
#include "tests/unit/suite.h"

#include "analyzer/tlsdiag.h"
#include "tests/unit/wire.h"

#include <stdio.h>
#include <string.h>

#define DATA_RECORD 23
#define TLS12 0x0303
#define TLS13 0x0304

/* One line for each piece of evidence, a '*' before the decisive one. */
struct told {
	char signature[128];
	char lines[4096];
	char notes[512];
	size_t client_findings; /* about its certificate */
	bool client_has_none;
	unsigned verdicts;
};

static void tell(const struct tlsdiag_verdict *v, void *context)
{
	struct told *t = context;
	size_t at = 0;

	t->verdicts++;
	snprintf(t->signature, sizeof(t->signature), "%s", v->signature);
	for (size_t i = 0; i < v->evidence_count; i++) {
		const struct tlsdiag_evidence *e = &v->evidence[i];

		at += (size_t)snprintf(t->lines + at, sizeof(t->lines) - at, "%s%d %c %s\n", e->decisive ? "*" : "",
				       (int)e->at.frame, "><!"[e->direction], e -> shows);
		CU_ASSERT_FATAL(at < sizeof(t->lines));
	}
	CU_ASSERT(v->summary[0] != '\0');
	t->client_findings = v->client_certificate.finding_count;
	t->client_has_none = v->client_certificate.none;
	t->notes[0] = '\0';
	for (size_t i = 0; i < v->note_count; i++)
		strncat(t->notes, v->notes[i], sizeof(t->notes) - strlen(t->notes) - 1);
}

static struct told told_of(struct wire *w)
{
	struct told t = {.verdicts = 0};
	struct tlsdiag *d = tlsdiag_new(NULL, tell, &t);

	CU_ASSERT_FATAL(d != NULL);
	for (size_t i = 0; i < w->count; i++)
		tlsdiag_packet(d, WIRE_LINKTYPE,
			       &(struct tlsdiag_packet){.frame = i + 1,
							.time_ns = w->packets[i].time_ns,
							.bytes = w->packets[i].bytes,
							.captured = w->packets[i].captured,
							.wire = w->packets[i].wire});
	tlsdiag_finish(d);
	tlsdiag_free(d);
	wire_free(w);
	CU_ASSERT_EQUAL(t.verdicts, 1);
	return t;
}

static void expect(struct wire *w, const char *signature, const char *lines)
{
	struct told t = told_of(w);

	CU_ASSERT_STRING_EQUAL(t.signature, signature);
	CU_ASSERT_STRING_EQUAL(t.lines, lines);
	if (strcmp(t.lines, lines) != 0)
		printf("# %s\n", t.lines);
}

static void say(struct wire *w, enum wire_side from, struct wire_bytes bytes)
{
	wire_data(w, from, &bytes, 1460);
}

static struct wire *greeted(void)
{
	struct wire *w = wire_new(4);

	wire_connect(w);
	say(w, CLIENT, wire_client_hello((struct wire_hello){.sni = "api.example.net"}));
	return w;
}

static void test_records_of_a_packet_are_one(void)
{
	struct wire *w = greeted();
	struct wire_bytes flight = wire_server_hello(TLS13, 0x1301, false);

	wire_append(&flight, wire_change_cipher_spec());
	wire_append(&flight, wire_record(DATA_RECORD, TLS12, 23));
	wire_append(&flight, wire_record(DATA_RECORD, TLS12, 866));
	wire_append(&flight, wire_record(DATA_RECORD, TLS12, 69));
	say(w, SERVER, flight);
	say(w, CLIENT, wire_change_cipher_spec());
	say(w, CLIENT, wire_record(DATA_RECORD, TLS12, 19));
	wire_segment(w, CLIENT, "F.");
	expect(w, "client-flight/alert/encrypted",
	       "1 > SYN\n2 < SYN-ACK\n3 > ACK\n4 > ClientHello, SNI api.example.net\n"
	       "5 < ServerHello, TLS 1.3, TLS_AES_128_GCM_SHA256\n5 < ChangeCipherSpec\n"
	       "5 < 3 encrypted records (23, 866, 69 bytes)\n6 > ChangeCipherSpec\n"
	       "*7 > encrypted record of an alert's length (19 bytes)\n8 > FIN\n");
}

static void test_an_alert_is_decisive(void)
{
	struct wire *w = greeted();

	say(w, SERVER, wire_alert(2, 70));
	wire_segment(w, SERVER, "F.");
	expect(w, "server-hello/alert/protocol_version",
	       "1 > SYN\n2 < SYN-ACK\n3 > ACK\n4 > ClientHello, SNI api.example.net\n"
	       "*5 < alert fatal protocol_version (70)\n6 < FIN\n");
}

static void test_a_refusal_is_decisive(void)
{
	struct wire *w = wire_new(4);

	wire_connect(w);
	say(w, SERVER, wire_text("220 mail.example.net ESMTP\r\n"));
	say(w, CLIENT, wire_text("EHLO client\r\n"));
	say(w, SERVER, wire_text("250-mail.example.net\r\n250 STARTTLS\r\n"));
	say(w, CLIENT, wire_text("STARTTLS\r\n"));
	say(w, SERVER, wire_text("454 TLS not available\r\n"));
	wire_segment(w, CLIENT, "F.");
	wire_segment(w, SERVER, "F.");
	expect(w, "client-hello/refused/smtp",
	       "1 > SYN\n2 < SYN-ACK\n3 > ACK\n4 < 28 bytes in clear (smtp)\n"
	       "5 > 13 bytes in clear (smtp)\n6 < 36 bytes in clear (smtp)\n7 > asks for TLS (smtp)\n"
	       "*8 < refuses with 454 (smtp)\n9 > FIN\n10 < FIN\n");
}

static void test_plain_text_is_decisive(void)
{
	struct wire *w = wire_new(4);

	wire_connect(w);
	say(w, CLIENT, wire_text("GET / HTTP/1.1\r\nHost: api.example.net\r\n\r\n"));
	say(w, SERVER, wire_alert(2, 10));
	wire_segment(w, SERVER, "F.");
	expect(w, "client-hello/not-tls/http",
	       "1 > SYN\n2 < SYN-ACK\n3 > ACK\n*4 > 41 bytes in clear (http)\n5 < alert fatal unexpected_message (10)\n"
	       "6 < FIN\n");
}

static void test_a_header_is_decisive(void)
{
	struct wire *w = wire_new(4);

	wire_connect(w);
	say(w, CLIENT, wire_text("PROXY TCP4 192.0.2.1 203.0.113.9 5555 443\r\n"));
	say(w, SERVER, wire_text("HTTP/1.1 400 Bad Request\r\n\r\n"));
	wire_segment(w, SERVER, "F.");
	say(w, CLIENT, wire_client_hello((struct wire_hello){.sni = "api.example.net"}));
	expect(w, "client-hello/not-tls/proxy",
	       "1 > SYN\n2 < SYN-ACK\n3 > ACK\n*4 > goes ahead with TLS (proxy)\n5 < 28 bytes in clear (http)\n"
	       "6 < FIN\n7 > ClientHello, SNI api.example.net\n");
}

static void test_silence_is_shown_by_the_frame_before_it(void)
{
	struct wire *w = wire_new(4);

	wire_segment(w, CLIENT, "S", .mss = 1460, .lost = true);
	wire_wait(w, 1000);
	wire_repeat(w, 0);
	wire_wait(w, 2000);
	wire_repeat(w, 0);
	expect(w, "tcp/timeout", "*1 > SYN, sent 3 times\n");
}

static void test_nothing_decides_what_did_not_fail(void)
{
	struct wire *w = wire_new(4);

	wire_connect(w);
	say(w, CLIENT, wire_text("GET / HTTP/1.1\r\nHost: api.example.net\r\n\r\n"));
	say(w, SERVER, wire_text("HTTP/1.1 204 No Content\r\n\r\n"));
	wire_segment(w, SERVER, "F.");
	expect(w, "",
	       "1 > SYN\n2 < SYN-ACK\n3 > ACK\n4 > 41 bytes in clear (http)\n"
	       "5 < 27 bytes in clear (http)\n6 < FIN\n");
}

static void test_icmp_is_told_once(void)
{
	struct wire *w = wire_new(4);

	wire_segment(w, CLIENT, "S", .mss = 1460, .lost = true);
	wire_icmp(w, 0, 3, 13, 0);
	expect(w, "tcp/unreachable/admin-prohibited", "1 > SYN\n*2 ! ICMP admin-prohibited\n");
}

/* CompressedCertificate: brotli, 1024 bytes, "compressed" to 1. */
/* What ended the wait in the end says nothing of the reason. */
static void test_icmp_is_decisive(void)
{
	struct wire *w = wire_new(4);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net"});
	size_t sent;

	wire_connect(w);
	sent = wire_segment(w, CLIENT, "P.", .payload = hello.bytes, .length = hello.n, .lost = true);
	wire_icmp(w, sent, 3, 3, 0);
	wire_wait(w, 300);
	wire_repeat(w, sent);
	wire_wait(w, 3000);
	w->end[SERVER].ack = w->packets[sent].seq;
	wire_segment(w, SERVER, "F.");
	expect(w, "client-hello/unreachable/port",
	       "1 > SYN\n2 < SYN-ACK\n3 > ACK\n4 > ClientHello, SNI api.example.net\n*5 ! ICMP port\n7 < FIN\n");
}

static void test_what_never_came_is_noted(void)
{
	struct wire *w = wire_new(4);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net", .size = 517});
	struct told t;

	wire_connect(w);
	wire_segment(w, CLIENT, "P.", .payload = hello.bytes, .length = hello.n, .lost = true, .unseen = true);
	wire_wait(w, 4000);
	wire_segment(w, SERVER, "F.");
	wire_segment(w, CLIENT, ".");
	t = told_of(w);
	CU_ASSERT_STRING_EQUAL(t.signature, "client-hello/lost");
	CU_ASSERT_STRING_EQUAL(t.notes,
			       "the client had sent 517 bytes, by its sequence numbers; the first of them never came");
}

static void test_a_late_answer_is_noted(void)
{
	struct wire *w = wire_new(4);
	struct told t;

	wire_segment(w, CLIENT, "S");
	wire_wait(w, 2500);
	wire_segment(w, SERVER, "S.");
	wire_segment(w, CLIENT, "R");
	t = told_of(w);
	CU_ASSERT_STRING_EQUAL(t.signature, "tcp/reset");
	CU_ASSERT_STRING_EQUAL(t.notes,
			       "the SYN-ACK came 2.5 s behind the first SYN: the client may have given up before");
}

static void test_a_compressed_certificate_is_noted(void)
{
	static const uint8_t certificate[] = {22, 3, 3, 0, 13, 25, 0, 0, 9, 0, 2, 0, 4, 0, 0, 0, 1, 0};
	struct wire_bytes bytes = {.n = sizeof(certificate)};
	struct wire *w = greeted();
	struct told t;

	memcpy(bytes.bytes, certificate, sizeof(certificate));
	say(w, SERVER, wire_server_hello(TLS12, 0xc02f, false));
	say(w, SERVER, bytes);
	t = told_of(w);
	CU_ASSERT_STRING_EQUAL(t.notes, "the server's certificate came compressed (brotli), which is not read");
}

static struct told refused(struct wire_bytes certificate)
{
	struct wire *w = greeted();
	struct wire_bytes flight = wire_server_hello(TLS12, 0xc02f, false);

	wire_append(&flight, wire_certificate(800));
	wire_append(&flight, wire_message(14, 0));
	say(w, SERVER, flight);
	say(w, CLIENT, certificate);
	say(w, SERVER, wire_alert(2, 48));
	wire_segment(w, SERVER, "F.");
	return told_of(w);
}

static void test_the_clients_certificate_is_looked_into(void)
{
	static const uint8_t none[] = {22, 3, 3, 0, 7, 11, 0, 0, 3, 0, 0, 0};
	struct wire_bytes empty = {.n = sizeof(none)};
	struct told t = refused(wire_certificate(300));

	CU_ASSERT_STRING_EQUAL(t.signature, "client-flight/alert/unknown_ca");
	CU_ASSERT_EQUAL(t.client_findings, 1); /* it cannot be read */
	CU_ASSERT_FALSE(t.client_has_none);
	memcpy(empty.bytes, none, sizeof(none));
	t = refused(empty);
	CU_ASSERT_EQUAL(t.client_findings, 0);
	CU_ASSERT_TRUE(t.client_has_none);
}

const struct unit_test unit_tests[] = {
	{"encrypted records of one packet are one piece of evidence", test_records_of_a_packet_are_one},
	{"an alert is decisive, not the FIN behind it", test_an_alert_is_decisive},
	{"a refusal in clear is decisive", test_a_refusal_is_decisive},
	{"so is plain text to a server that wants TLS", test_plain_text_is_decisive},
	{"and a header that it does not expect, by its own name", test_a_header_is_decisive},
	{"a silence is shown by the frame before it", test_silence_is_shown_by_the_frame_before_it},
	{"nothing decides what did not fail", test_nothing_decides_what_did_not_fail},
	{"ICMP is told once", test_icmp_is_told_once},
	{"it is decisive, not the FIN of who gave up", test_icmp_is_decisive},
	{"bytes that never came are a note", test_what_never_came_is_noted},
	{"so is a SYN-ACK that came late", test_a_late_answer_is_noted},
	{"that a certificate came compressed is a note", test_a_compressed_certificate_is_noted},
	{"the client's certificate is looked into, as the server's", test_the_clients_certificate_is_looked_into},
	{NULL, NULL},
};
