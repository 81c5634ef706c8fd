/* parts.c: takes the frames of the lab's captures apart, and puts right what a change of them made wrong. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"

uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

uint16_t checksum(const uint8_t *at, size_t n, uint32_t partial)
{
	for (size_t i = 0; i < n; i++)
		partial += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (partial >> 16)
		partial = (partial & 0xffff) + (partial >> 16);
	return (uint16_t)~partial;
}

/* Over the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1; ICMP for IPv4 has none) and what follows it. */
static uint16_t transport_checksum(const uint8_t *frame, size_t end)
{
	const uint8_t *ip = frame + IP_AT;
	bool v6 = ip[0] >> 4 == 6;
	size_t at = IP_AT + (v6 ? 40U : 20U);
	uint8_t protocol = ip[v6 ? 6 : 9];
	uint32_t partial = 0;

	if (v6 || protocol == IPPROTO_TCP) {
		partial = protocol + (uint32_t)(end - at);
		for (size_t i = v6 ? 8 : 12; i < (v6 ? 40 : 20); i += 2)
			partial += get16(ip + i);
	}
	return checksum(frame + at, end - at, partial);
}

struct parts parts_of(const struct capture *c, const struct frame *f)
{
	const uint8_t *ip = f->bytes + IP_AT, *transport;
	struct parts p = {.v6 = get16(f->bytes + 12) == 0x86dd};

	p.protocol = ip[p.v6 ? 6 : 9];
	p.tcp = p.protocol == IPPROTO_TCP;
	p.transport = IP_AT + (p.v6 ? 40U : 20U);
	p.end = IP_AT + (p.v6 ? 40U + get16(ip + 4) : get16(ip + 2));
	transport = f->bytes + p.transport;
	if (f->wire < p.transport + 8 || p.end > f->wire || (!p.v6 && ip[0] != 0x45)) {
		printf("Bail out! %s: a frame that is not as the lab makes them\n", c->name);
		exit(EXIT_FAILURE);
	}
	p.from_client = memcmp(ip + (p.v6 ? 8 : 12), c->client, p.v6 ? 16 : 4) == 0;
	p.intact = transport_checksum(f->bytes, p.end) == 0;
	p.payload = p.transport + 8;
	if (p.tcp) {
		p.seq = get32(transport + 4);
		p.ack = get32(transport + 8);
		p.payload = p.transport + (size_t)(transport[12] >> 4) * 4;
		p.flags = transport[13];
	}
	return p;
}

void checksums_fix(uint8_t *frame, size_t end, bool intact)
{
	uint8_t *ip = frame + IP_AT;
	bool v6 = ip[0] >> 4 == 6;
	uint8_t *transport = ip + (v6 ? 40 : 20);
	size_t at = ip[v6 ? 6 : 9] == IPPROTO_TCP ? 16 : 2;

	if (v6) {
		put16(ip + 4, (uint32_t)(end - IP_AT - 40));
	} else {
		put16(ip + 2, (uint32_t)(end - IP_AT));
		put16(ip + 10, 0);
		put16(ip + 10, checksum(ip, 20, 0));
	}
	put16(transport + at, 0);
	put16(transport + at, transport_checksum(frame, end) ^ (intact ? 0 : 0x5555U));
}
