/* attempt_fuzz.c: one connection whose packets the input makes: flags, order, sizes and bytes as it likes, the headers
 * sound.
 *
 * Input: packets one after another, each a byte of flags (bit 7: from the server; bit 6: the sequence number jumps; the
 * rest as in TCP), a byte of payload length, and the payload. Whatever comes out must be a verdict that keeps the
 * grammar.
 */
#include "analyzer/packet.h"
#include "analyzer/tlsdiag.h"

#include <stdlib.h>

#define LINKTYPE_RAW 101
#define HEADERS 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* An IPv4 and TCP header; checksums are nobody's business here. */
static void put_headers(uint8_t *packet, bool server, uint8_t flags, uint32_t seq, uint32_t ack, uint8_t payload)
{
	static const uint8_t ip[20] = {0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 40, 203, 0, 113, 20};

	memcpy(packet, ip, sizeof(ip));
	packet[3] = (uint8_t)(HEADERS + payload);
	packet[2] = HEADERS + payload > 255;
	if (server) {
		memcpy(packet + 12, ip + 16, 4);
		memcpy(packet + 16, ip + 12, 4);
	}
	memset(packet + 20, 0, 20);
	packet[server ? 22 : 20] = 0x9c;
	packet[server ? 20 : 22] = 0x01;
	packet[server ? 21 : 23] = 0xbb;
	put32(packet + 24, seq);
	put32(packet + 28, ack);
	packet[32] = 0x50;
	packet[33] = flags & 0x17;
	packet[34] = 0xff;
}

static void on_verdict(const struct tlsdiag_verdict *v, void *context)
{
	unsigned *verdicts = context;

	(*verdicts)++;
	if ((v->outcome == TLSDIAG_FAILED) != (*v->signature != '\0'))
		abort();
	if (v->outcome == TLSDIAG_FAILED && (!tlsdiag_explain(v->signature) || v->by == TLSDIAG_BY_NOBODY))
		abort();
	for (size_t i = 1; i < v->evidence_count; i++)
		if (v->evidence[i].at.frame < v->evidence[i - 1].at.frame)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(data, size);
	uint32_t next[2] = {1000, 2000};
	uint8_t packet[HEADERS + 255];
	unsigned verdicts = 0;
	struct tlsdiag_settings settings;
	struct tlsdiag *d;
	uint64_t frame = 0;
	uint8_t flags, length;

	tlsdiag_settings_init(&settings);
	settings.flows_max = 16;
	d = tlsdiag_new(&settings, on_verdict, &verdicts);
	while (d && cursor_u8(&c, &flags) && cursor_u8(&c, &length) && frame < 4096) {
		bool server = flags & 0x80;
		uint8_t n = length < c.left ? length : (uint8_t)c.left;
		struct tlsdiag_packet p = {.frame = frame + 1, .time_ns = (int64_t)frame * 50000000, .bytes = packet};

		frame++;

		if (flags & 0x40)
			next[server] += (uint32_t)(flags & 0x20 ? -100 : 100);
		put_headers(packet, server, flags, next[server], next[!server], n);
		cursor_copy(&c, n, packet + HEADERS);
		p.captured = p.wire = HEADERS + n;
		next[server] += n + (flags & TCP_SYN ? 1u : 0u) + (flags & TCP_FIN ? 1u : 0u);
		tlsdiag_packet(d, LINKTYPE_RAW, &p);
	}
	if (d)
		tlsdiag_finish(d);
	if (frame > 0 && verdicts == 0)
		abort();
	tlsdiag_free(d);
	return 0;
}
