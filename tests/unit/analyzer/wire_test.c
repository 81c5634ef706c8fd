/* wire_test.c: what wire.h builds is what the decoder and the parsers read, and tlsdiag makes sense of it. */
#include "tests/unit/wire.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/handshake.h"
#include "analyzer/packet.h"
#include "analyzer/tlsdiag.h"
#include "tests/unit/suite.h"

static struct packet decoded(const struct wire *w, size_t i)
{
	struct packet p;

	CU_ASSERT_FATAL(i < w->count);
	CU_ASSERT_EQUAL(
		packet_decode(WIRE_LINKTYPE, w->packets[i].bytes, w->packets[i].captured, w->packets[i].wire, &p),
		PARSE_OK);
	return p;
}

static void check_connect(int version)
{
	struct wire *w = wire_new(version);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net", .size = 2000});
	struct packet p[5];

	CU_ASSERT_EQUAL(hello.n, 2000);
	wire_connect(w);
	wire_data(w, CLIENT, &hello, 1460);
	CU_ASSERT_EQUAL_FATAL(w->count, 5);
	for (size_t i = 0; i < w->count; i++) {
		p[i] = decoded(w, i);
		CU_ASSERT_EQUAL(p[i].kind, PACKET_TCP);
		CU_ASSERT_EQUAL(packet_tcp_checksum(&p[i]), CHECKSUM_GOOD);
		CU_ASSERT_EQUAL(p[i].src.version, version);
	}
	CU_ASSERT_EQUAL(p[0].tcp.flags, TCP_SYN);
	CU_ASSERT_EQUAL(p[0].tcp.mss, 1460);
	CU_ASSERT_TRUE(p[0].tcp.sack_permitted);
	CU_ASSERT_EQUAL(p[1].tcp.flags, TCP_SYN | TCP_ACK);
	CU_ASSERT_EQUAL(p[1].tcp.ack, p[0].tcp.seq + 1);
	CU_ASSERT_EQUAL(p[1].ttl, 63);
	CU_ASSERT_EQUAL(p[2].tcp.flags, TCP_ACK);
	CU_ASSERT_EQUAL(p[2].tcp.seq, p[0].tcp.seq + 1);
	CU_ASSERT_EQUAL(p[2].tcp.ack, p[1].tcp.seq + 1);
	CU_ASSERT_EQUAL(p[3].payload_wire, 1460);
	CU_ASSERT_EQUAL(p[3].tcp.flags, TCP_ACK);
	CU_ASSERT_EQUAL(p[4].tcp.seq, p[3].tcp.seq + 1460);
	CU_ASSERT_EQUAL(p[4].payload_wire, 540);
	CU_ASSERT_EQUAL(p[4].tcp.flags, TCP_ACK | TCP_PSH);
	wire_free(w);
}

static void test_connect(void)
{
	check_connect(4);
	check_connect(6);
}

/* The second of four segments is lost: duplicate ACKs with SACK blocks, then a repeat, then one ACK for all. */
static void test_loss(void)
{
	struct wire *w = wire_new(4);
	static const uint8_t bytes[100] = {0};
	uint32_t start;
	size_t lost;

	wire_connect(w);
	start = w->end[CLIENT].seq;
	wire_segment(w, CLIENT, ".", .payload = bytes, .length = 100);
	lost = wire_segment(w, CLIENT, ".", .payload = bytes, .length = 100, .lost = true);
	wire_segment(w, CLIENT, ".", .payload = bytes, .length = 100);
	wire_segment(w, SERVER, ".", .sack = true);
	wire_segment(w, CLIENT, "P.", .payload = bytes, .length = 100);
	wire_segment(w, SERVER, ".", .sack = true);
	wire_wait(w, 200);
	wire_repeat(w, lost);
	wire_segment(w, SERVER, ".", .sack = true);
	CU_ASSERT_EQUAL(decoded(w, 6).tcp.ack, start + 100);
	CU_ASSERT_EQUAL(decoded(w, 6).tcp.sack_count, 1);
	CU_ASSERT_EQUAL(decoded(w, 6).tcp.sack[0].start, start + 200);
	CU_ASSERT_EQUAL(decoded(w, 6).tcp.sack[0].end, start + 300);
	CU_ASSERT_EQUAL(decoded(w, 8).tcp.ack, start + 100);
	CU_ASSERT_EQUAL(decoded(w, 8).tcp.sack[0].end, start + 400);
	CU_ASSERT_EQUAL(decoded(w, 9).tcp.seq, start + 100);
	CU_ASSERT_EQUAL(decoded(w, 9).payload_wire, 100);
	CU_ASSERT_NOT_EQUAL(decoded(w, 9).ip_id, decoded(w, lost).ip_id);
	CU_ASSERT_EQUAL(w->packets[9].time_ns - w->packets[lost].time_ns, 200000000);
	CU_ASSERT_EQUAL(decoded(w, 10).tcp.ack, start + 400);
	CU_ASSERT_EQUAL(decoded(w, 10).tcp.sack_count, 0);
	wire_free(w);
}

static void test_options(void)
{
	struct wire *w = wire_new(4);
	struct packet p;
	uint32_t client;
	size_t i;

	w->timestamps = true;
	wire_connect(w);
	CU_ASSERT_TRUE(decoded(w, 1).tcp.has_timestamps);
	CU_ASSERT_EQUAL(decoded(w, 1).tcp.timestamp_echo, decoded(w, 0).tcp.timestamp_value);
	client = w->end[CLIENT].seq;
	i = wire_segment(w, SERVER, "R.", .forged = true, .ttl = 200, .ip_id = WIRE_ID(0), .zero_window = true);
	p = decoded(w, i);
	CU_ASSERT_EQUAL(p.ttl, 200);
	CU_ASSERT_EQUAL(p.ip_id, 0);
	CU_ASSERT_EQUAL(p.tcp.window, 0);
	CU_ASSERT_EQUAL(p.tcp.flags, TCP_RST | TCP_ACK);
	p = decoded(w, wire_segment(w, CLIENT, ".", .bad_checksum = true));
	CU_ASSERT_EQUAL(packet_tcp_checksum(&p), CHECKSUM_BAD);
	i = w->count;
	CU_ASSERT_EQUAL(wire_segment(w, CLIENT, "P.", .payload = "unseen", .length = 6, .unseen = true), i);
	CU_ASSERT_EQUAL(w->count, i);
	CU_ASSERT_EQUAL(decoded(w, wire_segment(w, SERVER, ".")).tcp.ack, client + 6);
	CU_ASSERT_EQUAL(decoded(w, wire_segment(w, SERVER, ".", .ack_back = 6)).tcp.ack, client);
	CU_ASSERT_EQUAL(decoded(w, wire_segment(w, CLIENT, ".", .back = 6, .payload = "again!", .length = 6)).tcp.seq,
			client);
	CU_ASSERT_EQUAL(w->end[CLIENT].seq, client + 6);
	w->snaplen = 60;
	i = wire_segment(w, CLIENT, "P.", .payload = "cut short", .length = 9);
	CU_ASSERT_EQUAL(w->packets[i].captured, 60);
	wire_free(w);
}

static void test_swap(void)
{
	struct wire *w = wire_new(4);
	uint32_t first;
	int64_t start;

	wire_connect(w);
	first = w->end[CLIENT].seq;
	start = w->now_ns;
	wire_segment(w, CLIENT, ".", .payload = "a", .length = 1);
	wire_wait(w, 1);
	wire_segment(w, CLIENT, "P.", .payload = "b", .length = 1);
	wire_swap(w);
	CU_ASSERT_EQUAL(decoded(w, 3).tcp.seq, first + 1);
	CU_ASSERT_EQUAL(decoded(w, 4).tcp.seq, first);
	CU_ASSERT_EQUAL(w->packets[3].time_ns, start);
	CU_ASSERT_EQUAL(w->packets[4].time_ns, start + 1000000);
	wire_free(w);
}

static void check_icmp(int version, uint8_t type, uint8_t code, uint16_t mtu, enum icmp_reason reason)
{
	struct wire *w = wire_new(version);
	struct packet p;

	wire_segment(w, CLIENT, "S", .mss = 1460);
	p = decoded(w, wire_icmp(w, 0, type, code, mtu));
	CU_ASSERT_EQUAL(p.kind, PACKET_ICMP_ERROR);
	CU_ASSERT_EQUAL(p.icmp.reason, reason);
	CU_ASSERT_EQUAL(p.icmp.mtu, mtu);
	CU_ASSERT_TRUE(p.icmp.quotes_tcp);
	CU_ASSERT_EQUAL(p.icmp.seq, decoded(w, 0).tcp.seq);
	CU_ASSERT_EQUAL(p.icmp.dport, 443);
	CU_ASSERT_EQUAL(memcmp(&p.dst, &p.icmp.src, sizeof(p.dst)), 0);
	wire_free(w);
}

static void test_icmp(void)
{
	check_icmp(4, 3, 13, 0, ICMP_ADMIN_PROHIBITED);
	check_icmp(4, 3, 4, 1400, ICMP_TOO_BIG);
	check_icmp(6, 1, 4, 0, ICMP_PORT);
	check_icmp(6, 2, 0, 1280, ICMP_TOO_BIG);
}

static void test_hellos(void)
{
	struct wire_bytes b = wire_client_hello((struct wire_hello){.sni = "api.example.net", .alpn = "h2"});
	struct client_hello client;
	struct server_hello server;
	const char *why;

	CU_ASSERT_EQUAL(client_hello_parse(cursor_over(b.bytes + 9, b.n - 9), (uint32_t)b.n - 9, &client, &why),
			PARSE_OK);
	CU_ASSERT_EQUAL(client.legacy_version, 0x0303);
	CU_ASSERT_EQUAL(client.version_count, 2);
	CU_ASSERT_EQUAL(client.versions[0], 0x0304);
	CU_ASSERT_EQUAL(client.cipher_count, 4);
	CU_ASSERT_EQUAL(client.key_shares[0], 0x001d);
	b = wire_client_hello((struct wire_hello){.versions = {0x0301}, .ciphers = {0x002f}});
	CU_ASSERT_EQUAL(client_hello_parse(cursor_over(b.bytes + 9, b.n - 9), (uint32_t)b.n - 9, &client, &why),
			PARSE_OK);
	CU_ASSERT_EQUAL(client.legacy_version, 0x0301);
	CU_ASSERT_EQUAL(client.version_count, 0);
	b = wire_server_hello(0x0304, 0x1301, true);
	CU_ASSERT_EQUAL(server_hello_parse(HS_SERVER_HELLO, cursor_over(b.bytes + 9, b.n - 9), (uint32_t)b.n - 9,
					   &server, &why),
			PARSE_OK);
	CU_ASSERT_TRUE(server.is_retry);
	CU_ASSERT_EQUAL(server.version, 0x0304);
	b = wire_server_hello(0x0303, 0xc02f, false);
	CU_ASSERT_EQUAL(server_hello_parse(HS_SERVER_HELLO, cursor_over(b.bytes + 9, b.n - 9), (uint32_t)b.n - 9,
					   &server, &why),
			PARSE_OK);
	CU_ASSERT_FALSE(server.is_retry);
	CU_ASSERT_EQUAL(server.version, 0x0303);
	CU_ASSERT_EQUAL(server.cipher, 0xc02f);
}

struct verdicts {
	size_t count;
	enum tlsdiag_outcome outcome;
	char signature[64];
};

static void keep_verdict(const struct tlsdiag_verdict *v, void *context)
{
	struct verdicts *kept = context;

	kept->count++;
	kept->outcome = v->outcome;
	strncpy(kept->signature, v->signature, sizeof(kept->signature) - 1);
}

static struct verdicts diagnose(const struct wire *w)
{
	struct verdicts kept = {.count = 0};
	struct tlsdiag *d = tlsdiag_new(NULL, keep_verdict, &kept);

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	for (size_t i = 0; i < w->count; i++) {
		const struct wire_packet *p = &w->packets[i];

		tlsdiag_packet(d, WIRE_LINKTYPE,
			       &(struct tlsdiag_packet){.frame = i + 1,
							.time_ns = p->time_ns,
							.bytes = p->bytes,
							.captured = p->captured,
							.wire = p->wire});
	}
	tlsdiag_finish(d);
	tlsdiag_free(d);
	return kept;
}

/* A whole TLS 1.2 handshake, a request and its answer, and an orderly end. */
static void say_tls12(struct wire *w)
{
	struct wire_bytes b = wire_client_hello((struct wire_hello){.sni = "api.example.net", .versions = {0x0303}});

	wire_connect(w);
	wire_data(w, CLIENT, &b, 1460);
	b = wire_server_hello(0x0303, 0xc02f, false);
	wire_append(&b, wire_certificate(2500));
	wire_append(&b, wire_message(14, 0));
	wire_data(w, SERVER, &b, 1460);
	wire_segment(w, CLIENT, ".");
	b = wire_message(16, 33);
	wire_append(&b, wire_change_cipher_spec());
	wire_append(&b, wire_record(22, 0x0303, 40));
	wire_data(w, CLIENT, &b, 1460);
	b = wire_change_cipher_spec();
	wire_append(&b, wire_record(22, 0x0303, 40));
	wire_data(w, SERVER, &b, 1460);
	b = wire_record(23, 0x0303, 100);
	wire_data(w, CLIENT, &b, 1460);
	wire_data(w, SERVER, &b, 1460);
	wire_segment(w, CLIENT, "F.");
	wire_segment(w, SERVER, "F.");
	wire_segment(w, CLIENT, ".");
}

static void test_diagnosed(void)
{
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net"});
	struct wire *w = wire_new(6);
	struct verdicts v;

	say_tls12(w);
	v = diagnose(w);
	CU_ASSERT_EQUAL(v.count, 1);
	CU_ASSERT_EQUAL(v.outcome, TLSDIAG_ESTABLISHED);
	wire_free(w);

	w = wire_new(4);
	wire_connect(w);
	wire_data(w, CLIENT, &hello, 1460);
	wire_segment(w, SERVER, ".");
	wire_wait(w, 30);
	wire_segment(w, SERVER, "R.");
	v = diagnose(w);
	CU_ASSERT_EQUAL(v.count, 1);
	CU_ASSERT_EQUAL(v.outcome, TLSDIAG_FAILED);
	CU_ASSERT_STRING_EQUAL(v.signature, "server-hello/reset");
	wire_free(w);
}

static void test_pcap(void)
{
	struct wire *w = wire_new(4);
	size_t size;
	uint8_t *file;

	wire_connect(w);
	file = wire_pcap(w, &size);
	CU_ASSERT_EQUAL(size, 24 + 3 * 16 + w->packets[0].wire + w->packets[1].wire + w->packets[2].wire);
	CU_ASSERT_EQUAL(memcmp(file, "\x4d\x3c\xb2\xa1\x02\x00\x04\x00", 8), 0);
	CU_ASSERT_EQUAL(memcmp(file + 24 + 16, w->packets[0].bytes, w->packets[0].wire), 0);
	free(file);
	wire_free(w);
	wire_free(NULL);
}

const struct unit_test unit_tests[] = {
	{"segments follow each other and have right checksums", test_connect},
	{"what was lost is not acknowledged until it is repeated", test_loss},
	{"options do what they say", test_options},
	{"two packets overtake each other", test_swap},
	{"ICMP errors quote the packet", test_icmp},
	{"hellos are read as they were meant", test_hellos},
	{"tlsdiag understands what was built", test_diagnosed},
	{"a capture file holds the packets", test_pcap},
	{NULL, NULL},
};
