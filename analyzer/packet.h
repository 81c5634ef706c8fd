/* packet.h: one captured frame, taken apart: link layer, tunnels, IP, then TCP or an ICMP error.
 *
 * Decoding is a pure function of the frame's bytes: it copies nothing, allocates nothing and keeps no state. IP
 * fragments are recognised here and joined in fragment.h. What a field means for TLS is decided elsewhere.
 */
#ifndef ANALYZER_PACKET_H
#define ANALYZER_PACKET_H

#include "cursor.h"

enum packet_kind {
	PACKET_OTHER, /* decoded so far as possible; neither TCP nor an ICMP error */
	PACKET_TCP, /* addresses, ports, tcp and payload are set */
	PACKET_ICMP_ERROR, /* src, dst and icmp are set; ports, tcp and payload are not */
	PACKET_FRAGMENT, /* src, dst and fragment are set; give it to fragment_add() */
};

/* An IPv4 or IPv6 address in network order. Bytes past the family's length are zero, so that memcmp compares. */
struct ip_address {
	uint8_t version; /* 4 or 6; 0 when not set */
	uint8_t bytes[16];
};

/* RFC 9293 section 3.1; tcpdump's flag letters in the comments. */
enum tcp_flag {
	TCP_FIN = 0x01, /* F */
	TCP_SYN = 0x02, /* S */
	TCP_RST = 0x04, /* R */
	TCP_PSH = 0x08, /* P */
	TCP_ACK = 0x10, /* . */
	TCP_URG = 0x20, /* U */
	TCP_ECE = 0x40, /* E */
	TCP_CWR = 0x80, /* W */
};

#define TCP_SACK_BLOCKS_MAX 4

struct tcp_segment {
	uint32_t seq;
	uint32_t ack; /* as on the wire, even where TCP_ACK is not set */
	uint16_t window; /* unscaled, as on the wire */
	uint8_t flags; /* enum tcp_flag */
	uint8_t header_length; /* bytes, options included */
	bool options_cut; /* the capture ends within the options; payload is then empty */

	/* Options (RFC 9293 section 3.2, RFC 7323, RFC 2018, RFC 7413). Only those captured are set. */
	uint16_t mss; /* 0: absent */
	int8_t window_scale; /* -1: absent */
	bool sack_permitted;
	bool has_timestamps;
	bool has_fast_open; /* a Fast Open option was present */
	uint32_t timestamp_value;
	uint32_t timestamp_echo;
	uint8_t sack_count;
	struct {
		uint32_t start, end;
	} sack[TCP_SACK_BLOCKS_MAX];
};

/* What an ICMP or ICMPv6 error says, in the words of signatures (icmp_reason_name()). */
enum icmp_reason {
	ICMP_NET, /* 3/0, 3/6, 3/11; ICMPv6 1/0 */
	ICMP_HOST, /* 3/1, 3/7, 3/8, 3/12; ICMPv6 1/3 */
	ICMP_PROTOCOL, /* 3/2 */
	ICMP_PORT, /* 3/3; ICMPv6 1/4 */
	ICMP_TOO_BIG, /* 3/4 (fragmentation needed); ICMPv6 2/0 */
	ICMP_SOURCE_ROUTE, /* 3/5 */
	ICMP_ADMIN_PROHIBITED, /* 3/9, 3/10, 3/13; ICMPv6 1/1, 1/5 */
	ICMP_REJECT_ROUTE, /* ICMPv6 1/6 */
	ICMP_TTL_EXCEEDED, /* 11/0; ICMPv6 3/0 */
	ICMP_UNREACHABLE_OTHER, /* any other code of type 3 (ICMPv6: 1) */
};

/* The signature's detail for a reason: "net", "host", "admin-prohibited", "ttl-exceeded" … Never NULL. */
const char *icmp_reason_name(enum icmp_reason reason);

/* An ICMP error and the header it quotes (RFC 792, RFC 4443). */
struct icmp_error {
	enum icmp_reason reason;
	uint8_t type, code;
	uint32_t mtu; /* of ICMP_TOO_BIG, 0 when the router did not say */
	bool quotes_tcp; /* false: the quoted header is missing, cut before the ports, or of another protocol */
	bool quotes_seq;
	struct ip_address src, dst; /* of the quoted packet: the one that could not be delivered */
	uint16_t sport, dport;
	uint32_t seq;
};

/* One IP fragment (RFC 791, RFC 8200 section 4.5). Offsets are bytes of the datagram's payload. */
struct ip_fragment {
	uint32_t id;
	uint32_t offset;
	bool more;
	uint8_t protocol; /* of the payload; known in the first fragment, and in all of IPv4's */
	const uint8_t *bytes;
	uint32_t captured, wire; /* lengths */
};

enum checksum_state {
	CHECKSUM_UNKNOWN, /* the packet was cut short, or nothing asked */
	CHECKSUM_GOOD,
	CHECKSUM_BAD, /* also what a sender's own offload leaves in a capture */
};

struct packet {
	enum packet_kind kind;
	struct ip_address src, dst;
	uint16_t sport, dport;

	/* From the innermost IP header; set when src.version is. */
	uint8_t ttl; /* hop limit for IPv6 */
	uint8_t dscp_ecn; /* the whole byte */
	bool has_ip_id;
	bool dont_fragment;
	uint16_t ip_id;
	uint32_t ip_length; /* the whole innermost IP packet on the wire, bytes */

	struct tcp_segment tcp;
	const uint8_t *payload; /* points into the frame */
	uint32_t payload_captured; /* bytes present at payload */
	uint32_t payload_wire; /* bytes that were on the wire; more than captured: cut short */

	struct icmp_error icmp;
	struct ip_fragment fragment;

	/* How the frame was carried, so that the same addresses in two VLANs or tunnels are two connections and so that
	 * a packet captured twice (with and without its tunnel header) can be told. 0: untagged, no tunnel. */
	uint32_t vlan; /* VLAN IDs seen, outer << 12 | inner, priorities removed */
	/* A number for the tunnels passed: their kinds, and of their IDs those that both directions share (GRE key,
	 * VXLAN VNI, PPPoE session; not GTP TEID, PPTP call ID, MPLS label). */
	uint32_t tunnel;
};

/* Decodes one frame. `linktype` is a LINKTYPE_ or DLT_ value as pcap_datalink() gives it; `captured` bytes are at
 * `frame`, `wire` were on the wire. Sets kind, the addresses (version 0 when there are none), vlan and tunnel, and what
 * the kind promises; the rest of *out keeps its old contents, for clearing it would take longer than decoding does.
 *
 * PARSE_OK: *out is whole (kind may be PACKET_OTHER: not for us). PARSE_SNAPLEN: cut before the end of the TCP header's
 * fixed part, so no more is known than kind PACKET_OTHER. PARSE_MALFORMED: a header contradicts itself or does not fit
 * into the frame. A length field that promises more than the frame had is not believed. */
enum parse_result packet_decode(int linktype, const uint8_t *frame, uint32_t captured, uint32_t wire,
				struct packet *out);

/* Decodes the payload of a reassembled IP datagram: `out` holds the addresses, ttl and ID of its first fragment,
 * `protocol` is its IP protocol number; ports, tcp, payload, icmp and kind are filled in. */
enum parse_result packet_decode_ip_payload(uint8_t protocol, const uint8_t *bytes, uint32_t captured, uint32_t wire,
					   struct packet *out);

/* Whether packet_decode() knows this link type. */
bool packet_linktype_known(int linktype);

/* Verifies the TCP checksum (RFC 9293 section 3.1) of a PACKET_TCP. Costs a pass over the payload: call it for the few
 * packets where it matters. CHECKSUM_UNKNOWN when the segment was not captured whole. */
enum checksum_state packet_tcp_checksum(const struct packet *p);

#endif
