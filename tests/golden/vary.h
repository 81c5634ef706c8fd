/* vary.h: what can happen to the packets of a connection on their way into a capture file, without the connection being
 * another for it: each function makes of a capture the same one as somebody else would have captured it.
 *
 * `at` is the position of what happens to one packet only, `v` what the variation's row says. False: this does not
 * apply, and `to` is not used.
 */
#ifndef TESTS_GOLDEN_VARY_H
#define TESTS_GOLDEN_VARY_H

#include "tests/golden/capture.h"

#define LAYERS_MAX 6

/* What is put in front of the IP packet, the outermost last. */
enum layer {
	NO_LAYER, /* the end of the list: what is there is the link layer, or IP is */
	ETHERNET,
	VLAN,
	SERVICE_VLAN,
	PPPOE,
	MPLS,
	GRE,
	VXLAN,
	GENEVE,
	GTP,
	ERSPAN,
	NFLOG,
	OUTER_IPV4, /* addresses of two routers; the protocol is what is inside */
	OUTER_IPV6,
	COOKED,
	COOKED_2,
	LOOPBACK,
};

struct variation;
typedef bool vary_fn(const struct capture *from, const struct variation *v, size_t at, struct capture *to);

struct variation {
	const char *name;
	vary_fn *make;
	const char
		*each; /* NULL: tried once; otherwise for each packet of the capture, and what its position is then */
	const struct expectation *expect;
	size_t size; /* bytes, or a number of packets: what `make` says */
	int linktype;
	enum layer layers[LAYERS_MAX];
};

/* ---- Captured again, or not at all ---- */

/* Every packet twice, as port mirrors do; the copy comes `size` packets later, has one hop less, has also a tag. */
vary_fn vary_mirror, vary_mirror_hop, vary_mirror_tagged;
/* The packet and the next one exchanged, where their sequence and acknowledgment numbers still tell which was sent
 * first. */
vary_fn vary_swap;
/* What two packets show by themselves about which of them was sent first. Of one end's data the sequence numbers do; a
 * reset ends the numbers, so nothing may be moved across it. Of two ends' packets it is shown by the acknowledgment of
 * the later one, when it covers the earlier one's last byte (or its SYN or FIN). */
bool order_shows(const struct parts *a, const struct parts *b);
vary_fn vary_end; /* the capture ends before the packet */
vary_fn vary_begin; /* it begins after the packet */
vary_fn vary_without; /* the packet was not captured */
vary_fn vary_one_side; /* size 0: only the client's packets, 1: only the others */
vary_fn vary_snaplen; /* `size` bytes of each packet */

/* ---- The same bytes in other packets ---- */

vary_fn vary_fragments; /* IP fragments with `size` bytes each */
vary_fn vary_fragments_reversed; /* … the last one first */
vary_fn vary_split; /* segments of `size` bytes */
vary_fn vary_merge; /* segments that follow each other become one of `size` at most, as offloads do */

/* Segments of up to 2 * `size` bytes, some repeated with other boundaries, exchanged, captured twice; `at` is the
 * seed. */
vary_fn vary_noise;

/* ---- The same packets on another link ---- */

vary_fn vary_link; /* linktype and layers of the row */
vary_fn vary_ip_version; /* IPv4 becomes IPv6, and the other way round */

/* Another client port, in what ICMP quotes too; and another beginning in time. For captures that are mixed. */
void vary_client(struct capture *c, uint16_t port, int64_t begin_ns);

#endif
