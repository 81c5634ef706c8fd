/* frames.h: one TCP segment in every wrapping that packet_decode() knows, as tcpdump -e prints it above the hex.
 *
 * The segment is the same in all of them: 46188 > 443, Flags [P.], seq 1000:1006, ack 2000, win 502, options
 * [nop,nop,TS val 101 ecr 201], length 6: "hello\n". All checksums of TCP are right.
 */
#ifndef TESTS_UNIT_ANALYZER_FRAMES_H
#define TESTS_UNIT_ANALYZER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From 192.0.2.40 to 203.0.113.20, and from 2001:db8:c::40 to 2001:db8:5::20. */
#define TCP4 "b46c 01bb 0000 03e8 0000 07d0 8018 01f6 6f92 0000 0101 080a 0000 0065 0000 00c9 6865 6c6c 6f0a"
#define TCP6 "b46c 01bb 0000 03e8 0000 07d0 8018 01f6 11ed 0000 0101 080a 0000 0065 0000 00c9 6865 6c6c 6f0a"

/* IP (tos 0x0, ttl 64, id 7238, offset 0, flags [DF], proto TCP (6), length 58) */
#define IPV4_TCP "4500 003a 1c46 4000 4006 203b c000 0228 cb00 7114" TCP4

/* IP6 (hlim 64, next-header TCP (6) payload length: 38) */
#define IPV6_TCP                                                                                                       \
	"6000 0000 0026 0640 2001 0db8 000c 0000 0000 0000 0000 0040 2001 0db8 0005 0000 0000 0000 0000 0020" TCP6

struct frame {
	const char *name;
	int linktype;
	const char *hex;
	uint8_t version; /* of the innermost IP */
	uint32_t vlan;
	bool tunneled;
};

static const struct frame frames[] = {
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv4 (0x0800), length 72: 192.0.2.40.46188 >
	 * 203.0.113.20.443 */
	{"Ethernet, IPv4", 1, "0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP, 4, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv6 (0x86dd), length 92: 2001:db8:c::40.46188 >
	 * 2001:db8:5::20.443 */
	{"Ethernet, IPv6", 1, "0200 5e00 1014 0200 5e00 0028 86dd" IPV6_TCP, 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv4 (0x0800), length 80: 192.0.2.40.46188 >
	 * 203.0.113.20.443 */
	{"Ethernet with a trailer after the IP packet", 1,
	 "0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP "0000 0000 dead beef", 4, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv4 (0x0800), length 84: 192.0.2.40.46188 >
	 * 203.0.113.20.443 */
	{"IPv4 options: router alert, record route", 1,
	 "0200 5e00 1014 0200 5e00 0028 0800 4800 0046 1c46 4000 4006 7e23 c000 0228 cb00 7114 9404 0000 0707"
	 "0400 0000 0000" TCP4,
	 4, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv4 (0x0800), length 72: bad-len 0 */
	{"IPv4 total length 0, left to the network card", 1,
	 "0200 5e00 1014 0200 5e00 0028 0800 4500 0000 1c46 4000 4006 2075 c000 0228 cb00 7114" TCP4, 4, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv6 (0x86dd), length 92: 2001:db8:c::40 > 2001:db8:5::20 */
	{"IPv6 payload length 0", 1,
	 "0200 5e00 1014 0200 5e00 0028 86dd 6000 0000 0000 0640 2001 0db8 000c 0000 0000 0000 0000 0040 2001"
	 "0db8 0005 0000 0000 0000 0000 0020" TCP6,
	 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype 802.1Q (0x8100), length 76: vlan 100, p 0, ethertype IPv4
	 * (0x0800), 192.0.2.40.46188 > 203.0.113.20.443 */
	{"802.1Q", 1, "0200 5e00 1014 0200 5e00 0028 8100 0064 0800" IPV4_TCP, 4, 100, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype 802.1Q (0x8100), length 96: vlan 0, p 7, ethertype IPv6
	 * (0x86dd), 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"802.1Q with a priority and no VLAN", 1, "0200 5e00 1014 0200 5e00 0028 8100 e000 86dd" IPV6_TCP, 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype 802.1Q-QinQ (0x88a8), length 80: vlan 200, p 1, ethertype
	 * 802.1Q (0x8100), vlan 100, p 0, ethertype IPv4 (0x0800), 192.0.2.40.46188 > 203.0.113.20.443 */
	{"802.1ad: two tags", 1, "0200 5e00 1014 0200 5e00 0028 88a8 20c8 8100 0064 0800" IPV4_TCP, 4, 200 << 12 | 100,
	 false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype 802.1Q-9100 (0x9100), length 100: vlan 200, p 0, ethertype
	 * 802.1Q-9100 (0x9100), vlan 100, p 0, ethertype IPv6 (0x86dd), 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"two tags of type 0x9100", 1, "0200 5e00 1014 0200 5e00 0028 9100 00c8 9100 0064 86dd" IPV6_TCP, 6,
	 200 << 12 | 100, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype PPPoE S (0x8864), length 80: PPPoE [ses 0xf07] IP (0x0021),
	 * length 60: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"PPPoE session", 1, "0200 5e00 1014 0200 5e00 0028 8864 1100 0f07 003c 0021" IPV4_TCP, 4, 0, true},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype 802.1Q (0x8100), length 110: vlan 3704, p 0, ethertype
	 * 802.1Q (0x8100), vlan 2474, p 0, ethertype PPPoE S (0x8864), PPPoE [ses 0xf07] IP6 (0x0057), length 80:
	 * 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"PPPoE in two tags, with padding after it", 1,
	 "0200 5e00 1014 0200 5e00 0028 8100 0e78 8100 09aa 8864 1100 0f07 0050 0057" IPV6_TCP "0000", 6,
	 3704 << 12 | 2474, true},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype MPLS unicast (0x8847), length 76: MPLS (label 16, tc 0, [S],
	 * ttl 255) 192.0.2.40.46188 > 203.0.113.20.443 */
	{"MPLS, one label", 1, "0200 5e00 1014 0200 5e00 0028 8847 0001 01ff" IPV4_TCP, 4, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype MPLS unicast (0x8847), length 100: MPLS (label 16, tc 0, ttl
	 * 255) (label 32, tc 1, [S], ttl 254) 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"MPLS, two labels", 1, "0200 5e00 1014 0200 5e00 0028 8847 0001 00ff 0002 03fe" IPV6_TCP, 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype MPLS unicast (0x8847), length 94: MPLS (label 16, tc 0, [S],
	 * ttl 255) */
	{"MPLS pseudowire with a control word", 1,
	 "0200 5e00 1014 0200 5e00 0028 8847 0001 01ff 0000 0000 0200 0a00 0002 0200 0a00 0001 0800" IPV4_TCP, 4, 0,
	 false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype MPLS unicast (0x8847), length 110: MPLS (label 16, tc 0,
	 * [S], ttl 255) */
	{"MPLS pseudowire without one", 1,
	 "0200 5e00 1014 0200 5e00 0028 8847 0001 01ff 0200 0a00 0002 0200 0a00 0001 86dd" IPV6_TCP, 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, 802.3, length 66: LLC, dsap SNAP (0xaa) Individual, ssap SNAP (0xaa)
	 * Command, ctrl 0x03: oui Ethernet (0x000000), ethertype IPv4 (0x0800), length 58: 192.0.2.40.46188 >
	 * 203.0.113.20.443 */
	{"802.3 with LLC and SNAP", 1, "0200 5e00 1014 0200 5e00 0028 0042 aaaa 0300 0000 0800" IPV4_TCP, 4, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, 802.3, length 61: LLC, dsap IP (0x06) Individual, ssap IP (0x06)
	 * Command, ctrl 0x03: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"802.3 with LLC alone, and padding", 1, "0200 5e00 1014 0200 5e00 0028 003d 0606 03" IPV4_TCP "0000 0000", 4,
	 0, false},
	/* In 02:00:5e:00:00:28 ethertype IPv4 (0x0800), length 74: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"Linux cooked", 113, "0000 0001 0006 0200 5e00 0028 0000 0800" IPV4_TCP, 4, 0, false},
	/* Out 02:00:5e:00:00:28 802.2, length 102: LLC, dsap SNAP (0xaa) Individual, ssap SNAP (0xaa) Command, ctrl
	 * 0x03: oui Ethernet (0x000000), ethertype IPv6 (0x86dd), length 78: 2001:db8:c::40.46188 >
	 * 2001:db8:5::20.443 */
	{"Linux cooked, LLC", 113, "0004 0001 0006 0200 5e00 0028 0000 0004 aaaa 0300 0000 86dd" IPV6_TCP, 6, 0, false},
	/* In 02:00:5e:00:00:28 ethertype 802.1Q (0x8100), length 78: vlan 100, p 0, ethertype IPv4, 192.0.2.40.46188 >
	 * 203.0.113.20.443 */
	{"Linux cooked, VLAN", 113, "0000 0001 0006 0200 5e00 0028 0000 8100 0064 0800" IPV4_TCP, 4, 100, false},
	/* Out ifindex 2 02:00:5e:00:00:28 ethertype IPv6 (0x86dd), length 98: 2001:db8:c::40.46188 >
	 * 2001:db8:5::20.443 */
	{"Linux cooked v2", 276, "86dd 0000 0000 0002 0001 0406 0200 5e00 0028 0000" IPV6_TCP, 6, 0, false},
	/* ip: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"raw IP as DLT_RAW", 12, IPV4_TCP, 4, 0, false},
	/* ip: 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"raw IP as DLT_RAW of OpenBSD", 14, IPV6_TCP, 6, 0, false},
	/* ip: 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"raw IP as LINKTYPE_RAW", 101, IPV6_TCP, 6, 0, false},
	/* ip: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"LINKTYPE_IPV4", 228, IPV4_TCP, 4, 0, false},
	/* ip: 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"LINKTYPE_IPV6", 229, IPV6_TCP, 6, 0, false},
	/* AF IPv4 (2), length 62: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"BSD loopback, little-endian", 0, "0200 0000" IPV4_TCP, 4, 0, false},
	/* AF IPv4 (2), length 62: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"BSD loopback, big-endian", 0, "0000 0002" IPV4_TCP, 4, 0, false},
	/* AF IPv6 (30), length 82: 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"BSD loopback of macOS, IPv6", 0, "1e00 0000" IPV6_TCP, 6, 0, false},
	/* AF IPv6 (28), length 82: 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"OpenBSD loopback", 108, "0000 001c" IPV6_TCP, 6, 0, false},
	/* IP (0x0021), length 62: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"PPP", 9, "ff03 0021" IPV4_TCP, 4, 0, false},
	/* IP6 (0x0057), length 79: 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"PPP without address and control, compressed protocol", 9, "57" IPV6_TCP, 6, 0, false},
	/* ff 03 82 IP6: 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"PPP on a serial line", 50, "ff03 0057" IPV6_TCP, 6, 0, false},
	/* unicast, ethertype IPv4 (0x0800), length 62: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"Cisco HDLC on a serial line", 50, "0f00 0800" IPV4_TCP, 4, 0, false},
	/* unicast, ethertype IPv6 (0x86dd), length 82: 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"Cisco HDLC", 104, "0f00 86dd" IPV6_TCP, 6, 0, false},
	/* PPPoE [ses 0xf07] IP (0x0021), length 60: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"PPPoE as link type", 51, "1100 0f07 003c 0021" IPV4_TCP, 4, 0, true},
	/* BSSID:02:00:00:00:00:01 SA:02:00:5e:00:00:28 DA:02:00:5e:00:10:14 LLC, dsap SNAP (0xaa) Individual, ssap SNAP
	 * (0xaa) Command, ctrl 0x03: oui Ethernet (0x000000), ethertype IPv4 (0x0800), length 58: 192.0.2.40.46188 >
	 * 203.0.113.20.443 */
	{"802.11 data to the access point", 105,
	 "0801 2c00 0200 0000 0001 0200 5e00 0028 0200 5e00 1014 1000 aaaa 0300 0000 0800" IPV4_TCP, 4, 0, false},
	/* CF +QoS RA:02:00:00:00:00:01 TA:02:00:00:00:00:02 DA:02:00:5e:00:10:14 SA:02:00:5e:00:00:28 LLC, dsap SNAP
	 * (0xaa) Individual, ssap SNAP (0xaa) Command, ctrl 0x03: oui Ethernet (0x000000), ethertype IPv6 (0x86dd),
	 * length 78: 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"802.11 QoS data between access points", 105,
	 "8803 2c00 0200 0000 0001 0200 0000 0002 0200 5e00 1014 1000 0200 5e00 0028 0000 aaaa 0300 0000 86dd" IPV6_TCP,
	 6, 0, false},
	/* 1.0 Mb/s [bit 15] DA:02:00:5e:00:10:14 BSSID:02:00:00:00:00:01 SA:02:00:5e:00:00:28 LLC, dsap SNAP (0xaa)
	 * Individual, ssap SNAP (0xaa) Command, ctrl 0x03: oui Ethernet (0x000000), ethertype IPv4 (0x0800), length 58:
	 * 192.0.2.40.46188 > 203.0.113.20.443 */
	{"radiotap", 127,
	 "0000 0c00 0480 0000 0200 0000 0802 2c00 0200 5e00 1014 0200 0000 0001 0200 5e00 0028 1000 aaaa 0300"
	 "0000 0800" IPV4_TCP,
	 4, 0, false},
	/* DLT EN10MB (1) len 108, length 180: 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv4 (0x0800), length
	 * 72: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"pktap of macOS", 258,
	 "6c00 0000 0100 0000 0100 0000 656e 3000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000"
	 "0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000"
	 "0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0200 5e00 1014 0200 5e00 0028"
	 "0800" IPV4_TCP,
	 4, 0, false},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 92: 10.0.0.1 > 10.0.0.2:
	 * 192.0.2.40.46188 > 203.0.113.20.443 */
	{"IPv4 in IPv4", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 004e 1c46 0000 4004 4a64 0a00 0001 0a00 0002" IPV4_TCP, 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 112: 10.0.0.1 > 10.0.0.2:
	 * 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"IPv6 in IPv4", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0062 1c46 0000 4029 4a2b 0a00 0001 0a00 0002" IPV6_TCP, 6, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv6 (0x86dd), length 120: fd00::1 > fd00::2: DSTOPT
	 * 192.0.2.40.46188 > 203.0.113.20.443 */
	{"IPv4 in IPv6, encapsulation limit", 1,
	 "0200 0a00 0002 0200 0a00 0001 86dd 6000 0000 0042 3c40 fd00 0000 0000 0000 0000 0000 0000 0001 fd00"
	 "0000 0000 0000 0000 0000 0000 0002 0400 0401 0401 0100" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv6 (0x86dd), length 132: fd00::1 > fd00::2:
	 * 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"IPv6 in IPv6", 1,
	 "0200 0a00 0002 0200 0a00 0001 86dd 6000 0000 004e 2940 fd00 0000 0000 0000 0000 0000 0000 0001 fd00"
	 "0000 0000 0000 0000 0000 0000 0002" IPV6_TCP,
	 6, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 96: 10.0.0.1 > 10.0.0.2: GREv0, proto
	 * IPv4 (0x0800), length 62: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"GRE", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0052 1c46 0000 402f 4a35 0a00 0001 0a00 0002 0000 0800" IPV4_TCP, 4,
	 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 128: 10.0.0.1 > 10.0.0.2: GREv0, off
	 * 0x0, key=0x2a, seq 7, proto IPv6 (0x86dd), length 94: 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"GRE with checksum, key and sequence number", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0072 1c46 0000 402f 4a15 0a00 0001 0a00 0002 b000 86dd 0000"
	 "0000 0000 002a 0000 0007" IPV6_TCP,
	 6, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 114: 10.0.0.1 > 10.0.0.2: GREv0,
	 * key=0x2a, proto TEB (0x6558), length 80: 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv4 (0x0800),
	 * length 72: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"GRE bridging Ethernet", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0064 1c46 0000 402f 4a23 0a00 0001 0a00 0002 2000 6558 0000"
	 "002a 0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv6 (0x86dd), length 134: fd00::1 > fd00::2: GREv0,
	 * key=0x138811, proto TEB (0x6558), length 80: 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv4 (0x0800),
	 * length 72: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"NVGRE", 1,
	 "0200 0a00 0002 0200 0a00 0001 86dd 6000 0000 0050 2f40 fd00 0000 0000 0000 0000 0000 0000 0001 fd00"
	 "0000 0000 0000 0000 0000 0000 0002 2000 6558 0013 8811 0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 112: 10.0.0.1 > 10.0.0.2: GREv1, call
	 * 1, seq 7, ack 3, proto PPP (0x880b), length 78: IP (0x0021), length 62: 192.0.2.40.46188 >
	 * 203.0.113.20.443 */
	{"PPTP", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0062 1c46 0000 402f 4a25 0a00 0001 0a00 0002 3081 880b 003e"
	 "0001 0000 0007 0000 0003 ff03 0021" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 120: 10.0.0.1 > 10.0.0.2: GREv0, proto
	 * MPLS unicast (0x8847), length 86: MPLS (label 16, tc 0, [S], ttl 255) 2001:db8:c::40.46188 >
	 * 2001:db8:5::20.443 */
	{"GRE with MPLS", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 006a 1c46 0000 402f 4a1d 0a00 0001 0a00 0002 0000 8847 0001"
	 "01ff" IPV6_TCP,
	 6, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 110: 10.0.0.1 > 10.0.0.2: GREv0, proto
	 * unknown (0x88be), length 76: gre-proto-0x88be */
	{"ERSPAN type I", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0060 1c46 0000 402f 4a27 0a00 0001 0a00 0002 0000 88be 0200"
	 "5e00 1014 0200 5e00 0028 0800" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 122: 10.0.0.1 > 10.0.0.2: GREv0, seq
	 * 1, proto unknown (0x88be), length 88: gre-proto-0x88be */
	{"ERSPAN type II", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 006c 1c46 0000 402f 4a1b 0a00 0001 0a00 0002 1000 88be 0000"
	 "0001 1064 0001 0000 0000 0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 134: 10.0.0.1 > 10.0.0.2: GREv0, seq
	 * 1, proto unknown (0x22eb), length 100: gre-proto-0x22eb */
	{"ERSPAN type III with a subheader", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0078 1c46 0000 402f 4a0f 0a00 0001 0a00 0002 1000 22eb 0000"
	 "0001 2064 0001 0000 0000 0000 8001 1c00 0000 0000 0000 0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 108: 10.0.0.1 > 10.0.0.2: ip-proto-97
	 * 74 */
	{"EtherIP", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 005e 1c46 0000 4061 49f7 0a00 0001 0a00 0002 3000 0200 5e00"
	 "1014 0200 5e00 0028 0800" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 96: 10.0.0.1 > 10.0.0.2: ip-proto-137
	 * 62 */
	{"MPLS in IP", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0052 1c46 0000 4089 49db 0a00 0001 0a00 0002 0001 01ff" IPV4_TCP, 4,
	 0, false},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 122: 10.0.0.1.51000 > 10.0.0.2.4789:
	 * VXLAN, flags [I] (0x08), vni 42 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv4 (0x0800), length 72:
	 * 192.0.2.40.46188 > 203.0.113.20.443 */
	{"VXLAN", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 006c 1c46 0000 4011 4a39 0a00 0001 0a00 0002 c738 12b5 0058"
	 "0000 0800 0000 0000 2a00 0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv6 (0x86dd), length 166: fd00::1.51000 > fd00::2.8472:
	 * OTV, flags [I] (0x08), overlay 0, instance 42 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype 802.1Q
	 * (0x8100), length 96: vlan 100, p 0, ethertype IPv6 (0x86dd), 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"VXLAN on its old port, over IPv6, with a VLAN inside", 1,
	 "0200 0a00 0002 0200 0a00 0001 86dd 6000 0000 0070 1140 fd00 0000 0000 0000 0000 0000 0000 0001 fd00"
	 "0000 0000 0000 0000 0000 0000 0002 c738 2118 0070 0000 0800 0000 0000 2a00 0200 5e00 1014 0200 5e00"
	 "0028 8100 0064 86dd" IPV6_TCP,
	 6, 100, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 130: 10.0.0.1.51000 > 10.0.0.2.6081:
	 * Geneve, Flags [none], vni 0x2a, proto TEB (0x6558), options [8 bytes]: 02:00:5e:00:00:28 > 02:00:5e:00:10:14,
	 * ethertype IPv4 (0x0800), length 72: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"GENEVE with an option", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0074 1c46 0000 4011 4a31 0a00 0001 0a00 0002 c738 17c1 0060"
	 "0000 0200 6558 0000 2a00 0108 8001 0000 0001 0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 128: 10.0.0.1.51000 > 10.0.0.2.6081:
	 * Geneve, Flags [none], vni 0x2a, proto IPv6 (0x86dd): 2001:db8:c::40.46188 > 2001:db8:5::20.443 */
	{"GENEVE with IP", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0072 1c46 0000 4011 4a33 0a00 0001 0a00 0002 c738 17c1 005e"
	 "0000 0000 86dd 0000 2a00" IPV6_TCP,
	 6, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 116: 10.0.0.1.2152 > 10.0.0.2.2152:
	 * UDP, length 74 */
	{"GTP-U with a sequence number and an extension header", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0066 1c46 0000 4011 4a3f 0a00 0001 0a00 0002 0868 0868 0052"
	 "0000 36ff 0042 0000 0001 0001 0085 0110 0900" IPV4_TCP,
	 4, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 120: 10.0.0.1.3544 > 10.0.0.2.51000:
	 * UDP, length 78 */
	{"Teredo", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 006a 1c46 0000 4011 4a3b 0a00 0001 0a00 0002 0dd8 c738 0056"
	 "0000" IPV6_TCP,
	 6, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 141: 10.0.0.1.51000 > 10.0.0.2.3544:
	 * UDP, length 99 */
	{"Teredo with authentication and origin", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 007f 1c46 0000 4011 4a26 0a00 0001 0a00 0002 c738 0dd8 006b"
	 "0000 0001 0000 0102 0304 0506 0708 0000 003c 14fd ffff f7" IPV6_TCP,
	 6, 0, true},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 162: 10.0.0.1 > 10.0.0.2:
	 * fd00::1.51000 > fd00::2.4789: VXLAN, flags [I] (0x08), vni 42 02:00:5e:00:00:28 > 02:00:5e:00:10:14,
	 * ethertype IPv4 (0x0800), length 72: 192.0.2.40.46188 > 203.0.113.20.443 */
	{"VXLAN in IPv6 in IPv4", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0094 1c46 0000 4029 49f9 0a00 0001 0a00 0002 6000 0000 0058"
	 "1140 fd00 0000 0000 0000 0000 0000 0000 0001 fd00 0000 0000 0000 0000 0000 0000 0002 c738 12b5 0058"
	 "0000 0800 0000 0000 2a00 0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP,
	 4, 0, true},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv6 (0x86dd), length 116: 2001:db8:c::40 > 2001:db8:5::20:
	 * HBH DSTOPT 46188 > 443 */
	{"IPv6: hop-by-hop, destination options", 1,
	 "0200 5e00 1014 0200 5e00 0028 86dd 6000 0000 003e 0040 2001 0db8 000c 0000 0000 0000 0000 0040 2001"
	 "0db8 0005 0000 0000 0000 0000 0020 3c00 0502 0000 0100 0601 010c 0000 0000 0000 0000 0000 0000" TCP6,
	 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv6 (0x86dd), length 116: 2001:db8:c::40 > fd00::2: RT6
	 * (len=2, type=0 [Deprecated], segleft=1, [0]2001:db8:5::20) 46188 > 443 */
	{"IPv6: routing header with one more segment", 1,
	 "0200 5e00 1014 0200 5e00 0028 86dd 6000 0000 003e 2b40 2001 0db8 000c 0000 0000 0000 0000 0040 fd00"
	 "0000 0000 0000 0000 0000 0000 0002 0602 0001 0000 0000 2001 0db8 0005 0000 0000 0000 0000 0020" TCP6,
	 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv6 (0x86dd), length 132: 2001:db8:c::40 > fd00::2: RT6
	 * (len=4, type=4, segleft=1, last-entry=1, tag=0, [0]2001:db8:5::20, [1]fd00::2) 46188 > 443 */
	{"IPv6: segment routing header", 1,
	 "0200 5e00 1014 0200 5e00 0028 86dd 6000 0000 004e 2b40 2001 0db8 000c 0000 0000 0000 0000 0040 fd00"
	 "0000 0000 0000 0000 0000 0000 0002 0604 0401 0100 0000 2001 0db8 0005 0000 0000 0000 0000 0020 fd00"
	 "0000 0000 0000 0000 0000 0000 0002" TCP6,
	 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv6 (0x86dd), length 116: 2001:db8:c::40 > 2001:db8:5::20:
	 * RT6 (len=2, type=0 [Deprecated], segleft=0, [0]fd00::2) 46188 > 443 */
	{"IPv6: routing header that has arrived", 1,
	 "0200 5e00 1014 0200 5e00 0028 86dd 6000 0000 003e 2b40 2001 0db8 000c 0000 0000 0000 0000 0040 2001"
	 "0db8 0005 0000 0000 0000 0000 0020 0602 0000 0000 0000 fd00 0000 0000 0000 0000 0000 0000 0002" TCP6,
	 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv6 (0x86dd), length 116: 2001:db8:c::40 > 2001:db8:5::20:
	 * AH(spi=0x00000001,seq=0x1,icv=0x000102030405060708090a0b): 46188 > 443 */
	{"IPv6: authentication header", 1,
	 "0200 5e00 1014 0200 5e00 0028 86dd 6000 0000 003e 3340 2001 0db8 000c 0000 0000 0000 0000 0040 2001"
	 "0db8 0005 0000 0000 0000 0000 0020 0604 0000 0000 0001 0000 0001 0001 0203 0405 0607 0809 0a0b" TCP6,
	 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv6 (0x86dd), length 100: 2001:db8:c::40 > 2001:db8:5::20:
	 * mobility: BRR */
	{"IPv6: mobility header", 1,
	 "0200 5e00 1014 0200 5e00 0028 86dd 6000 0000 002e 8740 2001 0db8 000c 0000 0000 0000 0000 0040 2001"
	 "0db8 0005 0000 0000 0000 0000 0020 0600 0000 0000 0000" TCP6,
	 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv6 (0x86dd), length 108: 2001:db8:c::40 > 2001:db8:5::20:
	 * frag (0|46) DSTOPT 46188 > 443 */
	{"IPv6: atomic fragment, then destination options", 1,
	 "0200 5e00 1014 0200 5e00 0028 86dd 6000 0000 0036 2c40 2001 0db8 000c 0000 0000 0000 0000 0040 2001"
	 "0db8 0005 0000 0000 0000 0000 0020 3c00 0000 0000 0007 0600 0104 0000 0000" TCP6,
	 6, 0, false},
	/* 02:00:5e:00:00:28 > 02:00:5e:00:10:14, ethertype IPv4 (0x0800), length 96: 192.0.2.40 > 203.0.113.20:
	 * AH(spi=0x00000001,seq=0x1,icv=0x000102030405060708090a0b): 46188 > 443 */
	{"IPv4: authentication header", 1,
	 "0200 5e00 1014 0200 5e00 0028 0800 4500 0052 1c46 4000 4033 1ff6 c000 0228 cb00 7114 0604 0000 0000"
	 "0001 0000 0001 0001 0203 0405 0607 0809 0a0b" TCP4,
	 4, 0, false},
	/* MPLS (0x0281), length 66: MPLS (label 16, tc 0, [S], ttl 255) 192.0.2.40.46188 > 203.0.113.20.443 */
	{"PPP with MPLS", 9, "ff03 0281 0001 01ff" IPV4_TCP, 4, 0, false},
	/* 02:00:0a:00:00:01 > 02:00:0a:00:00:02, ethertype IPv4 (0x0800), length 132: 10.0.0.1 > 10.0.0.2: GREv0, seq
	 * 1, proto unknown (0x22eb), length 98: gre-proto-0x22eb */
	{"ERSPAN type III with IP alone", 1,
	 "0200 0a00 0002 0200 0a00 0001 0800 4500 0076 1c46 0000 402f 4a11 0a00 0001 0a00 0002 1000 22eb 0000"
	 "0001 2064 0001 0000 0000 0000 0800" IPV6_TCP,
	 6, 0, true},
	/* The link types whose header the capturing machine put in front. */
	/* family Inet, version 0, group 5: uid attribute, packet header, payload: 192.0.2.40.46188 >
	 * 203.0.113.20.443 */
	{"NFLOG", 239, "0200 0005 0800 0b00 0000 0000 0800 0100 0800 0300 3e00 0900" IPV4_TCP "0000", 4, 0, false},
	{"NFLOG of a big-endian machine", 239, "0a00 0005 0009 000a 7465 7374 0000 0000 0052 0009" IPV6_TCP "0000", 6,
	 0, false},
	{"PPI with Ethernet", 192, "0000 0800 0100 0000 0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP, 4, 0, false},
	{"Prism", 119,
	 "0000 0044 0000 0018 7769 6669 3000 0000 0000 0000 0000 0000 0801 2c00 0200 0000 0001 0200 5e00 0028"
	 "0200 5e00 1014 1000 aaaa 0300 0000 0800" IPV4_TCP,
	 4, 0, false},
	{"AVS", 163,
	 "8021 1001 0000 0010 0000 0000 0000 0000 0801 2c00 0200 0000 0001 0200 5e00 0028 0200 5e00 1014 1000 aaaa"
	 "0300 0000 0800" IPV4_TCP,
	 4, 0, false},
	{"pflog", 117, "0d02 0001 656d 3000 0000 0000 0000 0000" IPV4_TCP, 4, 0, false},
	{"enc", 109, "0200 0000 0000 0001 0000 0000" IPV4_TCP, 4, 0, false},
	{"PPP with its direction", 204, "01ff 0300 21" IPV4_TCP, 4, 0, false},
	{"ATM with LLC", 11, "aaaa 0300 0000 0800" IPV4_TCP, 4, 0, false},
	{"MPLS alone", 219, "0001 01ff" IPV6_TCP, 6, 0, false},
	/* Tags of Ethernet. */
	{"802.1ah", 1, "0200 0a00 0002 0200 0a00 0001 88e7 0000 0042 0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP, 4, 0,
	 false},
	{"VN-Tag", 1, "0200 5e00 1014 0200 5e00 0028 8926 8001 0000 0800" IPV4_TCP, 4, 0, false},
	{"Cisco metadata", 1, "0200 5e00 1014 0200 5e00 0028 8909 0101 0001 0010 0800" IPV4_TCP, 4, 0, false},
	{"FabricPath", 1, "0200 0a00 0002 0200 0a00 0001 8903 0060 0200 5e00 1014 0200 5e00 0028 0800" IPV4_TCP, 4, 0,
	 false},
	{"MACsec without encryption", 1,
	 "0200 5e00 1014 0200 5e00 0028 88e5 2000 0000 0001 0200 5e00 0028 0001 0800" IPV4_TCP
	 "0001 0203 0405 0607 0809 0a0b 0c0d 0e0f",
	 4, 0, false},
	/* Tunnels. */
	{"WCCP version 2", 101, "4500 0000 1c46 0000 402f 0000 0a00 0001 0a00 0002 0000 883e 0000 0000" IPV4_TCP, 4, 0,
	 true},
	{"WCCP version 1", 101, "4500 0000 1c46 0000 402f 0000 0a00 0001 0a00 0002 0000 883e" IPV4_TCP, 4, 0, true},
	{"L2TPv3 with a cookie and a sublayer", 101,
	 "4500 0000 1c46 0000 4073 0000 0a00 0001 0a00 0002 0000 0001 dead beef 4000 0001 0200 5e00 1014 0200 5e00 "
	 "0028 0800" IPV4_TCP,
	 4, 0, true},
	{"L2TPv3 without", 101,
	 "4500 0000 1c46 0000 4073 0000 0a00 0001 0a00 0002 0000 0001 0200 5e00 1014 0200 5e00 0028 86dd" IPV6_TCP, 6,
	 0, true},
	{"L2TPv2", 101,
	 "4500 0000 1c46 0000 4011 0000 0a00 0001 0a00 0002 06a5 06a5 0000 0000 0002 0010 0020 ff03 0021" IPV4_TCP, 4,
	 0, true},
	{"L2TPv2 with length, sequence and offset", 101,
	 "4500 0000 1c46 0000 4011 0000 0a00 0001 0a00 0002 06a5 06a5 0000 0000 4a02 004e 0010 0020 0001"
	 "0000 0002 0000 ff03 0021" IPV4_TCP,
	 4, 0, true},
	{"L2TPv3 over UDP", 101,
	 "4500 0000 1c46 0000 4011 0000 0a00 0001 0a00 0002 06a5 06a5 0000 0000 0003 0000 0000 0001 0200 5e00 1014 "
	 "0200 5e00 0028"
	 "0800" IPV4_TCP,
	 4, 0, true},
	{"VXLAN-GPE with IPv6", 101,
	 "4500 0000 1c46 0000 4011 0000 0a00 0001 0a00 0002 c738 12b6 0000 0000 0c00 0002 0000 2a00" IPV6_TCP, 6, 0,
	 true},
	{"VXLAN-GPE without a protocol", 101,
	 "4500 0000 1c46 0000 4011 0000 0a00 0001 0a00 0002 c738 12b6 0000 0000 0800 0000 0000 2a00 0200 5e00 1014 "
	 "0200 5e00 0028"
	 "0800" IPV4_TCP,
	 4, 0, true},
	{"VXLAN-GPE with a service chain", 101,
	 "4500 0000 1c46 0000 4011 0000 0a00 0001 0a00 0002 c738 12b6 0000 0000 0c00 0004 0000 2a00 0fc2 0201"
	 "0000 01ff" IPV4_TCP,
	 4, 0, true},
	{"service chain on Ethernet", 1,
	 "0200 5e00 1014 0200 5e00 0028 894f 0fc6 0103 0000 01ff 0000 0000 0000 0000 0000 0000 0000 0000 0200 5e00 "
	 "1014 0200 5e00 0028"
	 "0800" IPV4_TCP,
	 4, 0, false},
	{"TZSP with Ethernet", 101,
	 "4500 0000 1c46 0000 4011 0000 0a00 0001 0a00 0002 c738 9090 0000 0000 0100 0001 000a 01c4 010200 5e00 1014 "
	 "0200 5e00 0028"
	 "0800" IPV4_TCP,
	 4, 0, true},
	{"LISP", 101,
	 "4500 0000 1c46 0000 4011 0000 0a00 0001 0a00 0002 c738 10f5 0000 0000 0800 0000 0000 0100" IPV4_TCP, 4, 0,
	 true},
	{"MPLS in UDP", 101, "4500 0000 1c46 0000 4011 0000 0a00 0001 0a00 0002 c738 19eb 0000 0000 0001 01ff" IPV4_TCP,
	 4, 0, false},
	{"GRE in UDP", 101, "4500 0000 1c46 0000 4011 0000 0a00 0001 0a00 0002 c738 1292 0000 0000 0000 86dd" IPV6_TCP,
	 6, 0, true},
};

#define FRAMES (sizeof(frames) / sizeof(frames[0]))

#endif
