/* decode.h: what the layers of packet decoding share. Private to packet.c, link.c,
 * capture_header.c, wifi.c, ip.c, tunnel.c, tunnel_udp.c, icmp.c and tcp.c.
 *
 * A layer is a function that reads its own header off the cursor and names the layer that follows in `next`;
 * decode_run() calls one after another until none is named. Layers are a loop and not calls within calls, so that any
 * nesting of tags, tunnels and extension headers costs no stack and one counter bounds it.
 *
 * The bytes a layer sees are those captured (`in`), followed by `beyond` bytes that were on the wire and not captured.
 * Reading moves `in` alone; a header's length field trims both through decode_limit().
 */
#ifndef ANALYZER_DECODE_H
#define ANALYZER_DECODE_H

#include "packet.h"

struct decode;

typedef enum parse_result layer_fn(struct decode *d);

/* Told of each header that was read: n bytes from `at` on. `d` stands behind it. Of a packet that ICMP quotes,
 * `stop_before` is set; its TCP header is told with all that is there of the segment. */
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

/* A header says that `length` bytes follow here. What is left after them is padding (Ethernet's minimum, a check
 * sequence). A header that promises more than the frame had is not believed. */
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

/* All layers, by file, in a list for whoever must know each (sanitize_packet.c). layer_ip() is IPv4 or IPv6 by the
 * first nibble. */
#define LAYERS_OF_LINK(X) X(ethernet) X(loopback) X(sll) X(sll2) X(ppp_serial) X(llc) X(ppp) X(pppoe) X(mpls) X(chdlc)
#define LAYERS_OF_TAGS(X) X(vlan) X(vntag) X(cisco_metadata) X(pbb) X(fabricpath) X(macsec) /* link.c, too */
#define LAYERS_OF_WIFI(X) X(80211) X(radiotap)
#define LAYERS_OF_CAPTURE_HEADER(X) X(pktap) X(ppi) X(prism) X(avs) X(nflog) X(pflog) X(enc) X(ppp_direction)
#define LAYERS_OF_IP(X) X(ip) X(ipv4) X(ipv6) X(extension) X(routing) X(fragment) X(authentication)
#define LAYERS_OF_TUNNEL(X) X(ip_in_ip) X(gre) X(etherip) X(erspan_ii) X(erspan_iii) X(wccp) X(l2tpv3)
#define LAYERS_OF_TUNNEL_UDP(X) X(udp) X(nsh) X(vxlan) X(vxlan_gpe) X(geneve) X(gtp) X(teredo) X(l2tp) X(tzsp) X(lisp)
#define LAYERS_OF_ICMP(X) X(icmp) X(icmpv6)
#define LAYERS_OF_TCP(X) X(tcp)

#define LAYERS_BELOW_IP(X) LAYERS_OF_LINK(X) LAYERS_OF_TAGS(X) LAYERS_OF_WIFI(X) LAYERS_OF_CAPTURE_HEADER(X)
#define LAYERS_ABOVE_IP(X) LAYERS_OF_TUNNEL(X) LAYERS_OF_TUNNEL_UDP(X) LAYERS_OF_ICMP(X) LAYERS_OF_TCP(X)
#define LAYERS(X) LAYERS_BELOW_IP(X) LAYERS_OF_IP(X) LAYERS_ABOVE_IP(X)

#define DECLARE(name) layer_fn layer_##name;
LAYERS(DECLARE)
#undef DECLARE

#endif
