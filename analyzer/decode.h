/* decode.h: what the layers of packet decoding share. Private to packet.c, link.c,
 * capture_header.c, wifi.c, ip.c, tunnel.c, tunnel_udp.c, icmp.c and tcp.c.
 *
 * A layer is a function that reads its own header off the cursor and names the layer that follows in `next`; decode_run()
 * calls one after another until none is named. Layers are a loop and not calls within calls, so that any nesting of tags,
 * tunnels and extension headers costs no stack and one counter bounds it.
 *
 * The bytes a layer sees are those captured (`in`), followed by `beyond` bytes that were on the wire and not captured.
 * Reading moves `in` alone; a header's length field trims both through decode_limit().
 */
#ifndef ANALYZER_DECODE_H
#define ANALYZER_DECODE_H

#include "packet.h"

struct decode;

typedef enum parse_result layer_fn(struct decode *d);

/* Told of each header that was read: n bytes from `at` on. `d` stands behind it. Of a packet that ICMP quotes, `stop_before` is
 * set; its TCP header is told with all that is there of the segment. */
struct decode_watcher {
	void (*header)(void *context, layer_fn *layer, const struct decode *d, const uint8_t *at, size_t n);
	void *context;
};

struct decode {
	struct cursor in; /* captured and not yet decoded */
	size_t beyond; /* bytes on the wire after the last captured one */
	layer_fn *next; /* NULL: nothing follows that we know */
	layer_fn *stop_before; /* set while a packet quoted by ICMP is read, whose TCP header may be cut anywhere */
	bool guessed; /* a port number or a nibble chose a layer: contradictions are then no fault of the frame's */
	const struct decode_watcher *watcher; /* NULL: nobody watches */
	struct packet *out;
};

/* Headers of any kind in one frame; the deepest that real networks stack is about ten. */
#define DECODE_LAYERS_MAX 32

/* Runs d->next and what follows, until nothing is named, a layer fails or `stop_before` is next. */
enum parse_result decode_run(struct decode *d);

/* packet_decode() and packet_decode_ip_payload() with somebody who watches. */
enum parse_result decode_frame(int linktype, const uint8_t *frame, uint32_t captured, uint32_t wire,
			       const struct decode_watcher *watcher, struct packet *out);
enum parse_result decode_ip_payload(uint8_t protocol, const uint8_t *bytes, uint32_t captured, uint32_t wire,
				    const struct decode_watcher *watcher, struct packet *out);

/* What a read that did not fit means: cut by the capture, or by nobody. */
static inline enum parse_result decode_cut(const struct decode *d)
{
	return d->beyond ? PARSE_SNAPLEN : PARSE_MALFORMED;
}

/* Bytes on the wire from here on. */
static inline size_t decode_wire(const struct decode *d)
{
	return d->in.left + d->beyond;
}

/* A header says that `length` bytes follow here. What is left after them is padding (Ethernet's minimum, a check sequence).
 * A header that promises more than the frame had is not believed. */
static inline void decode_limit(struct decode *d, size_t length)
{
	if (length <= d->in.left) {
		d->in.left = length;
		d->beyond = 0;
	} else if (length - d->in.left < d->beyond) {
		d->beyond = length - d->in.left;
	}
}

/* The number that makes packet.tunnel; `id` must be the same in both directions. */
enum tunnel_kind {
	TUNNEL_IP = 1, /* IP in IP, no id */
	TUNNEL_GRE, /* the key; none in PPTP, whose call ID each end chooses */
	TUNNEL_ERSPAN, /* none: a mirror may send each direction in a session of its own */
	TUNNEL_VXLAN, /* the VNI */
	TUNNEL_GENEVE, /* the VNI */
	TUNNEL_GTP, /* none: each end chooses a TEID */
	TUNNEL_TEREDO, /* none */
	TUNNEL_PPPOE, /* the session ID */
	TUNNEL_L2TP, /* none: each end chooses a session ID */
	TUNNEL_TZSP, /* none */
};

void decode_tunnel(struct decode *d, enum tunnel_kind kind, uint32_t id);

/* Names the layer that follows by its number in that registry; what is not ours ends the decoding. */
layer_fn *link_layer(int linktype); /* LINKTYPE_ or DLT_ */
void decode_ethertype(struct decode *d, uint16_t type); /* or an IEEE 802.3 length */
layer_fn *ip_protocol_layer(uint8_t protocol);

/* Whether an Ethernet header of a type that we know starts `offset` bytes further on. */
bool decode_ethernet_at(const struct decode *d, size_t offset);

layer_fn layer_ethernet; /* link.c */
layer_fn layer_vlan;
layer_fn layer_loopback;
layer_fn layer_sll;
layer_fn layer_sll2;
layer_fn layer_vntag;
layer_fn layer_cisco_metadata;
layer_fn layer_pbb;
layer_fn layer_fabricpath;
layer_fn layer_macsec;
layer_fn layer_ppp_serial;
layer_fn layer_llc;
layer_fn layer_ppp;
layer_fn layer_pppoe;
layer_fn layer_mpls;
layer_fn layer_chdlc;
layer_fn layer_80211; /* wifi.c */
layer_fn layer_radiotap;
layer_fn layer_pktap; /* capture_header.c */
layer_fn layer_ppi;
layer_fn layer_prism;
layer_fn layer_avs;
layer_fn layer_nflog;
layer_fn layer_pflog;
layer_fn layer_enc;
layer_fn layer_ppp_direction;
layer_fn layer_ip; /* ip.c: IPv4 or IPv6 by the first nibble */
layer_fn layer_ipv4;
layer_fn layer_ipv6;
layer_fn layer_extension;
layer_fn layer_routing;
layer_fn layer_fragment;
layer_fn layer_authentication;
layer_fn layer_ip_in_ip; /* tunnel.c */
layer_fn layer_gre;
layer_fn layer_etherip;
layer_fn layer_erspan_ii;
layer_fn layer_erspan_iii;
layer_fn layer_wccp;
layer_fn layer_l2tpv3;
layer_fn layer_udp; /* tunnel_udp.c */
layer_fn layer_nsh;
layer_fn layer_vxlan;
layer_fn layer_vxlan_gpe;
layer_fn layer_geneve;
layer_fn layer_gtp;
layer_fn layer_teredo;
layer_fn layer_l2tp;
layer_fn layer_tzsp;
layer_fn layer_lisp;
layer_fn layer_icmp; /* icmp.c */
layer_fn layer_icmpv6;
layer_fn layer_tcp; /* tcp.c */

#endif
