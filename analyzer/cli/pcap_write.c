/* pcap_write.c: see pcap_write.h. */
#include "analyzer/cli/pcap_write.h"

#include "analyzer/cli/capture_format.h"

#define NS_PER_S INT64_C(1000000000)

static void put_u16(FILE *out, uint16_t value)
{
	putc(value & 0xff, out);
	putc(value >> 8, out);
}

static void put_u32(FILE *out, uint32_t value)
{
	put_u16(out, (uint16_t)value);
	put_u16(out, (uint16_t)(value >> 16));
}

void pcap_write_header(FILE *out, int linktype, uint32_t snaplen, bool nanoseconds)
{
	put_u32(out, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
	put_u16(out, 2);
	put_u16(out, 4);
	put_u32(out, 0);
	put_u32(out, 0);
	put_u32(out, snaplen);
	put_u32(out, capture_file_linktype(linktype));
}

void pcap_write_packet(FILE *out, const struct tlsdiag_packet *packet, bool nanoseconds)
{
	int64_t ns = packet->time_ns > 0 ? packet->time_ns : 0;
	int64_t seconds = ns / NS_PER_S < UINT32_MAX ? ns / NS_PER_S : UINT32_MAX;

	put_u32(out, (uint32_t)seconds);
	put_u32(out, (uint32_t)(ns % NS_PER_S / (nanoseconds ? 1 : 1000)));
	put_u32(out, packet->captured);
	put_u32(out, packet->wire);
	fwrite(packet->bytes, 1, packet->captured, out);
}
