/* rewrite.c: see rewrite.h. */
#include "tests/bench/rewrite.h"

#include <netinet/in.h>
#include <string.h>

/* 198.18.0.0/15 is set aside for measuring (RFC 2544 appendix C), 2001:db8::/32 for documentation. */
#define ADDRESSES (1u << 17)
#define BENCHMARK_NET 0xc6120000u
#define PORT_MIN 32768u

/* Offset of the source address in an IP header; the destination follows. */
static size_t addresses_at(bool v6)
{
	return v6 ? 8 : 12;
}

static void put_address(uint8_t *at, bool v6, uint64_t number)
{
	static const uint8_t prefix[] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x0c};
	uint32_t host = (uint32_t)(number % ADDRESSES);

	if (!v6) {
		put32(at, BENCHMARK_NET + host);
		return;
	}
	memset(at, 0, 16);
	memcpy(at, prefix, sizeof(prefix));
	put32(at + 12, 1 + host);
}

/* Replaces the client's address where it stands. Returns whether it was the source. */
static bool rewrite_addresses(const struct template *t, uint8_t *ip, bool v6, const struct identity *who)
{
	size_t length = v6 ? 16 : 4;
	uint8_t *source = ip + addresses_at(v6), *destination = source + length;
	bool sent = memcmp(source, t->capture.client, length) == 0;

	if (sent)
		put_address(source, v6, who->number);
	if (memcmp(destination, t->capture.client, length) == 0)
		put_address(destination, v6, who->number);
	return sent;
}

static void put_port(uint8_t *tcp, bool sent, const struct identity *who, size_t connection)
{
	put16(tcp + (sent ? 0 : 2),
	      PORT_MIN + (uint32_t)(who->number / ADDRESSES % 4096) * CONNECTIONS_MAX + (uint32_t)connection);
}

/* A sequence number of the server's, behind what was inserted if it was behind the gap. An acknowledgment of all before
 * the gap is one of the inserted bytes too. */
static uint32_t server_number(const struct template *t, uint32_t seq, const struct identity *who,
			      const struct inserted *inserted)
{
	if (inserted && (int32_t)(seq - t->gap.server_seq) >= 0)
		seq += inserted->length;
	return seq + who->isn[1];
}

/* Selective acknowledgments (RFC 2018) count in the other end's numbers. */
static void rewrite_sack(const struct template *t, uint8_t *tcp, bool from_client, const struct identity *who,
			 const struct inserted *inserted)
{
	size_t at = 20, end = (size_t)(tcp[12] >> 4) * 4;

	while (at < end && tcp[at] != 0) {
		if (tcp[at] == 1) {
			at++;
			continue;
		}
		if (at + 1 >= end || tcp[at + 1] < 2 || at + tcp[at + 1] > end)
			return;
		for (size_t k = at + 2; tcp[at] == 5 && k + 4 <= at + tcp[at + 1]; k += 4) {
			uint32_t seq = get32(tcp + k);

			put32(tcp + k, from_client ? server_number(t, seq, who, inserted) : seq + who->isn[0]);
		}
		at += tcp[at + 1];
	}
}

static void rewrite_tcp(const struct template *t, uint8_t *tcp, bool from_client, size_t connection,
			const struct identity *who, const struct inserted *inserted)
{
	uint32_t seq = get32(tcp + 4), ack = get32(tcp + 8);

	put_port(tcp, from_client, who, connection);
	put32(tcp + 4, from_client ? seq + who->isn[0] : server_number(t, seq, who, inserted));
	if ((tcp[13] & TCP_ACK) && ack != 0) /* resets may have none */
		put32(tcp + 8, from_client ? server_number(t, ack, who, inserted) : ack + who->isn[0]);
	rewrite_sack(t, tcp, from_client, who, inserted);
}

/* The sum of what is rewritten in a quoted packet: addresses, ports, numbers. */
static uint32_t quote_sum(const uint8_t *ip, bool v6)
{
	const uint8_t *tcp = ip + (v6 ? 40 : 20);
	uint16_t numbers = (uint16_t)~checksum(tcp, 12, 0);

	return numbers + (uint32_t)(uint16_t)~checksum(ip + addresses_at(v6), v6 ? 32 : 8, 0);
}

/* What an ICMP error quotes: an IP header and at least 8 bytes of TCP's. Its TCP checksum is
 * brought up to date from what changed (RFC 1624), as the packet need not be whole. */
static void rewrite_quote(const struct template *t, uint8_t *ip, bool v6, size_t n, size_t connection,
			  const struct identity *who)
{
	uint8_t *tcp = ip + (v6 ? 40 : 20);
	size_t quoted = n - (size_t)(tcp - ip);
	uint32_t before = quoted >= 18 ? quote_sum(ip, v6) : 0, sum;
	bool sent = rewrite_addresses(t, ip, v6, who);

	put_port(tcp, sent, who, connection);
	put32(tcp + 4, get32(tcp + 4) + who->isn[sent ? 0 : 1]);
	if (quoted >= 18 && (tcp[13] & TCP_ACK))
		put32(tcp + 8, get32(tcp + 8) + who->isn[sent ? 1 : 0]);
	if (quoted >= 18) {
		sum = (uint16_t)~get16(tcp + 16) + (uint16_t) ~(before >> 16) + (uint16_t)~before + quote_sum(ip, v6);
		while (sum >> 16)
			sum = (sum & 0xffff) + (sum >> 16);
		put16(tcp + 16, ~sum);
	}
	if (!v6) {
		put16(ip + 10, 0);
		put16(ip + 10, checksum(ip, 20, 0));
	}
}

static void add_ip_id(uint8_t *ip, bool v6, uint32_t step)
{
	if (!v6 && get16(ip + 4) != 0)
		put16(ip + 4, get16(ip + 4) + step);
}

size_t rewrite_frame(const struct template *t, size_t i, const struct identity *who, const struct inserted *inserted,
		     uint8_t *out)
{
	const struct frame *f = &t->capture.frames[i];
	const struct parts *p = &t->parts[i];
	uint8_t *ip = out + IP_AT;

	memcpy(out, f->bytes, f->captured);
	rewrite_addresses(t, ip, p->v6, who);
	if (inserted)
		add_ip_id(ip, p->v6, inserted->packets[p->from_client ? 0 : 1]);
	if (p->tcp)
		rewrite_tcp(t, out + p->transport, p->from_client, t->connection[i], who, inserted);
	else
		rewrite_quote(t, out + p->transport + 8, p->v6, p->end - p->transport - 8, t->connection[i], who);
	checksums_fix(out, p->end, p->intact);
	return f->captured;
}

size_t rewrite_segment(const struct template *t, const struct identity *who, const struct inserted *inserted,
		       const uint8_t *payload, size_t n, uint8_t *out)
{
	size_t pattern = n ? t->gap.frame : t->gap.client_ack;
	const struct parts *p = &t->parts[pattern];
	uint8_t *tcp = out + p->transport;

	memcpy(out, t->capture.frames[pattern].bytes, p->payload);
	rewrite_addresses(t, out + IP_AT, p->v6, who);
	add_ip_id(out + IP_AT, p->v6, inserted->packets[n ? 1 : 0]);
	put_port(tcp, n == 0, who, t->connection[pattern]);
	put32(tcp + (n ? 4 : 8), t->gap.server_seq + who->isn[1] + inserted->length);
	put32(tcp + (n ? 8 : 4), t->gap.client_seq + who->isn[0]);
	tcp[13] = TCP_ACK;
	if (n)
		memcpy(out + p->payload, payload, n);
	checksums_fix(out, p->payload + n, true);
	return p->payload + n;
}
