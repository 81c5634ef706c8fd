/* network.c: see network.h. One table says what the four interfaces are; all functions read it. */
#include "harness/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ETHERNET_MTU 1500
#define WIRE_MTU 65521 /* a frame of 65535 bytes */
#define LOOPBACK_INDEX 1
#define READY_PATIENCE 10000 /* milliseconds; it takes less than one */

struct interface {
	enum cell_place place;
	int index; /* clear of the tunnel devices that some kernels put into every namespace */
	const char *name;
	unsigned char mac[6]; /* locally administered */
	const char *ipv4, *ipv6;
};

static const struct interface interfaces[CELL_ALL_INTERFACES] = {
	[CELL_CLIENT_ETH0] = {CELL_CLIENT, 101, "eth0", {0x02, 0, 0, 0, 0, 0x40}, CELL_CLIENT_IPV4, CELL_CLIENT_IPV6},
	[CELL_PATH_CLIENT] =
		{CELL_PATH, 102, "client", {0x02, 0, 0, 0, 0, 0x01}, CELL_PATH_CLIENT_IPV4, CELL_PATH_CLIENT_IPV6},
	[CELL_PATH_SERVER] =
		{CELL_PATH, 103, "server", {0x02, 0, 0, 0, 0, 0x02}, CELL_PATH_SERVER_IPV4, CELL_PATH_SERVER_IPV6},
	[CELL_SERVER_ETH0] = {CELL_SERVER, 104, "eth0", {0x02, 0, 0, 0, 0, 0x20}, CELL_SERVER_IPV4, CELL_SERVER_IPV6},
	/* Frames pass here with the addresses of others, so that the kernel of the path takes none for its own. */
	[CELL_WIRE_CLIENT] = {CELL_PATH, 105, "wire-client", {0x02, 0, 0, 0, 0, 0x03}, NULL, NULL},
	[CELL_WIRE_PATH] = {CELL_PATH, 106, "wire-path", {0x02, 0, 0, 0, 0, 0x04}, NULL, NULL},
};

const char *cell_interface_name(enum cell_interface interface)
{
	return interfaces[interface].name;
}

enum cell_place cell_interface_place(enum cell_interface interface)
{
	return interfaces[interface].place;
}

const unsigned char *cell_interface_mac(enum cell_interface interface)
{
	return interfaces[interface].mac;
}

/* The enum has neighbours side by side. */
static enum cell_interface neighbour_of(enum cell_interface interface)
{
	return interface ^ 1U;
}

static bool netlink_failed(int code, const char *what, struct error *error)
{
	return error_set(error, "%s: %s", what, nl_geterror(code));
}

struct nl_sock *network_open(struct error *error)
{
	struct nl_sock *socket = nl_socket_alloc();
	int code = socket ? nl_connect(socket, NETLINK_ROUTE) : -NLE_NOMEM;

	if (code == 0)
		return socket;
	netlink_failed(code, "netlink socket", error);
	nl_socket_free(socket);
	return NULL;
}

struct nl_sock *network_open_monitor(struct error *error)
{
	struct nl_sock *socket = network_open(error);
	int code;

	if (!socket)
		return NULL;
	nl_socket_disable_seq_check(socket);
	code = nl_socket_add_memberships(socket, RTNLGRP_LINK, RTNLGRP_IPV6_ROUTE, 0);
	if (code == 0)
		code = nl_socket_set_nonblocking(socket);
	if (code == 0)
		return socket;
	netlink_failed(code, "netlink events", error);
	nl_socket_free(socket);
	return NULL;
}

static bool set_up(struct nl_sock *socket, int index, const char *name, struct error *error)
{
	struct rtnl_link *link = rtnl_link_alloc(), *change = rtnl_link_alloc();
	int code = -NLE_NOMEM;

	if (link && change) {
		rtnl_link_set_ifindex(link, index);
		rtnl_link_set_flags(change, IFF_UP);
		code = rtnl_link_change(socket, link, change, 0);
	}
	rtnl_link_put(link);
	rtnl_link_put(change);
	return code == 0 || netlink_failed(code, name, error);
}

bool network_set_up_loopback(struct nl_sock *socket, struct error *error)
{
	return set_up(socket, LOOPBACK_INDEX, "lo", error);
}

bool network_set_up(struct nl_sock *socket, enum cell_interface interface, struct error *error)
{
	return set_up(socket, interfaces[interface].index, interfaces[interface].name, error);
}

/* NOARP keeps the kernel from asking for neighbours, and from joining the groups by which it could be asked; without
 * MULTICAST a router does not join and report all-routers. One queue keeps packets in order. */
static bool describe_link(struct rtnl_link *link, enum cell_interface which, unsigned mtu)
{
	const struct interface *interface = &interfaces[which];
	struct nl_addr *mac = nl_addr_build(AF_LLC, interface->mac, sizeof(interface->mac));

	if (!mac)
		return false;
	rtnl_link_set_ifindex(link, interface->index);
	rtnl_link_set_name(link, interface->name);
	rtnl_link_set_addr(link, mac);
	rtnl_link_set_mtu(link, mtu ? mtu : ETHERNET_MTU);
	rtnl_link_set_num_tx_queues(link, 1);
	rtnl_link_set_num_rx_queues(link, 1);
	rtnl_link_unset_flags(link, IFF_MULTICAST);
	rtnl_link_set_flags(link, IFF_BROADCAST | IFF_NOARP);
	nl_addr_put(mac);
	return true;
}

/* The wire carries whatever its neighbours send. */
static unsigned mtu_of(enum cell_interface interface, const unsigned mtu[CELL_INTERFACES])
{
	return interface < CELL_INTERFACES ? mtu[interface] : WIRE_MTU;
}

bool network_add_pair(struct nl_sock *socket, enum cell_interface interface, enum cell_interface other,
		      int other_namespace, const unsigned mtu[CELL_INTERFACES], struct error *error)
{
	struct rtnl_link *link = rtnl_link_veth_alloc(), *peer;
	int code = -NLE_NOMEM;

	if (!link)
		return netlink_failed(code, "veth pair", error);
	peer = rtnl_link_veth_get_peer(link);
	rtnl_link_set_ns_fd(peer, other_namespace);
	if (describe_link(link, interface, mtu_of(interface, mtu)) && describe_link(peer, other, mtu_of(other, mtu))) {
		rtnl_link_set_flags(link, IFF_UP);
		code = rtnl_link_add(socket, link, NLM_F_CREATE | NLM_F_EXCL);
	}
	rtnl_link_put(peer);
	rtnl_link_veth_release(link);
	return code == 0 || netlink_failed(code, "veth pair", error);
}

/* What the interfaces of a place still wait for. */
struct readiness {
	bool no_carrier[CELL_ALL_INTERFACES], no_ipv6[CELL_ALL_INTERFACES];
};

static void note_link(struct nlmsghdr *header, struct readiness *readiness)
{
	struct ifinfomsg *link = nlmsg_data(header);
	struct nlattr *state = nlmsg_find_attr(header, sizeof(*link), IFLA_OPERSTATE);

	for (unsigned i = 0; i < CELL_ALL_INTERFACES; i++)
		if (state && nla_get_u8(state) == IF_OPER_UP && interfaces[i].index == link->ifi_index)
			readiness->no_carrier[i] = false;
}

static void note_route(struct nlmsghdr *header, struct readiness *readiness)
{
	struct rtmsg *route = nlmsg_data(header);
	struct nlattr *destination = nlmsg_find_attr(header, sizeof(*route), RTA_DST);
	struct in6_addr own;

	if (route->rtm_type != RTN_LOCAL || !destination || nla_len(destination) != (int)sizeof(own))
		return;
	for (unsigned i = 0; i < CELL_INTERFACES; i++)
		if (inet_pton(AF_INET6, interfaces[i].ipv6, &own) == 1 &&
		    memcmp(nla_data(destination), &own, sizeof(own)) == 0)
			readiness->no_ipv6[i] = false;
}

static int note_event(struct nl_msg *message, void *context)
{
	struct nlmsghdr *header = nlmsg_hdr(message);

	if (header->nlmsg_type == RTM_NEWLINK && nlmsg_valid_hdr(header, sizeof(struct ifinfomsg)))
		note_link(header, context);
	if (header->nlmsg_type == RTM_NEWROUTE && nlmsg_valid_hdr(header, sizeof(struct rtmsg)))
		note_route(header, context);
	return NL_OK;
}

static bool still_waits(const struct readiness *readiness)
{
	for (unsigned i = 0; i < CELL_ALL_INTERFACES; i++)
		if (readiness->no_carrier[i] || readiness->no_ipv6[i])
			return true;
	return false;
}

bool network_wait_until_ready(struct nl_sock *monitor, enum cell_place place, bool ipv6, bool wire, struct error *error)
{
	struct readiness readiness = {0};
	int code = nl_socket_modify_cb(monitor, NL_CB_VALID, NL_CB_CUSTOM, note_event, &readiness);

	for (unsigned i = 0; i < CELL_INTERFACES; i++) {
		readiness.no_carrier[i] = interfaces[i].place == place;
		readiness.no_ipv6[i] = interfaces[i].place == place && ipv6;
	}
	readiness.no_carrier[CELL_WIRE_CLIENT] = readiness.no_carrier[CELL_WIRE_PATH] = wire && place == CELL_PATH;
	while (code == 0 && still_waits(&readiness)) {
		struct pollfd p = {.fd = nl_socket_get_fd(monitor), .events = POLLIN};
		int n = poll(&p, 1, READY_PATIENCE);

		if (n == 0)
			return error_set(error, "the links of the cell were not ready within %d s",
					 READY_PATIENCE / 1000);
		if (n < 0 && errno != EINTR)
			return error_errno(error, "waiting for the links");
		code = nl_recvmsgs_default(monitor);
		if (code == -NLE_AGAIN)
			code = 0;
	}
	return code == 0 || netlink_failed(code, "waiting for the links", error);
}

static bool add_address(struct nl_sock *socket, const struct interface *interface, const char *text, int prefix,
			struct error *error)
{
	struct rtnl_addr *address = rtnl_addr_alloc();
	struct nl_addr *local = NULL;
	int code = address ? nl_addr_parse(text, AF_UNSPEC, &local) : -NLE_NOMEM;

	if (code == 0) {
		nl_addr_set_prefixlen(local, prefix);
		rtnl_addr_set_ifindex(address, interface->index);
		rtnl_addr_set_local(address, local);
		if (nl_addr_get_family(local) == AF_INET6)
			rtnl_addr_set_flags(address, IFA_F_NODAD);
		code = rtnl_addr_add(socket, address, 0);
	}
	nl_addr_put(local);
	rtnl_addr_put(address);
	return code == 0 || netlink_failed(code, text, error);
}

static bool add_neighbour(struct nl_sock *socket, int index, const char *text, const unsigned char mac[6],
			  struct error *error)
{
	struct rtnl_neigh *neighbour = rtnl_neigh_alloc();
	struct nl_addr *address = NULL, *link_address = nl_addr_build(AF_LLC, mac, 6);
	int code = neighbour && link_address ? nl_addr_parse(text, AF_UNSPEC, &address) : -NLE_NOMEM;

	if (code == 0) {
		rtnl_neigh_set_ifindex(neighbour, index);
		rtnl_neigh_set_dst(neighbour, address);
		rtnl_neigh_set_lladdr(neighbour, link_address);
		rtnl_neigh_set_state(neighbour, NUD_PERMANENT);
		code = rtnl_neigh_add(socket, neighbour, NLM_F_CREATE | NLM_F_REPLACE);
	}
	nl_addr_put(address);
	nl_addr_put(link_address);
	rtnl_neigh_put(neighbour);
	return code == 0 || netlink_failed(code, text, error);
}

bool network_add_addresses(struct nl_sock *socket, enum cell_interface which, bool ipv6, struct error *error)
{
	const struct interface *own = &interfaces[which], *other = &interfaces[neighbour_of(which)];

	if (!add_address(socket, own, own->ipv4, 24, error) ||
	    !add_neighbour(socket, own->index, other->ipv4, other->mac, error))
		return false;
	return !ipv6 || (add_address(socket, own, own->ipv6, 64, error) &&
			 add_neighbour(socket, own->index, other->ipv6, other->mac, error));
}

static int parse_destination(const char *text, struct nl_addr **address)
{
	if (strcmp(text, "default6") == 0)
		return nl_addr_parse("default", AF_INET6, address);
	return nl_addr_parse(text, strcmp(text, "default") == 0 ? AF_INET : AF_UNSPEC, address);
}

static int add_gateway(struct rtnl_route *route, const char *text)
{
	struct rtnl_nexthop *hop;
	struct nl_addr *gateway;
	int code = nl_addr_parse(text, AF_UNSPEC, &gateway);

	if (code < 0)
		return code;
	hop = rtnl_route_nh_alloc();
	if (hop) {
		rtnl_route_nh_set_gateway(hop, gateway);
		rtnl_route_add_nexthop(route, hop);
	}
	nl_addr_put(gateway);
	return hop ? 0 : -NLE_NOMEM;
}

/* Names as in ip-route(8); -1 if there is none such. libnl's own list lacks the newer half. */
static int metric_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} metrics[] = {
		{"lock", RTAX_LOCK},         {"mtu", RTAX_MTU},           {"window", RTAX_WINDOW},
		{"rtt", RTAX_RTT},           {"rttvar", RTAX_RTTVAR},     {"ssthresh", RTAX_SSTHRESH},
		{"cwnd", RTAX_CWND},         {"advmss", RTAX_ADVMSS},     {"reordering", RTAX_REORDERING},
		{"hoplimit", RTAX_HOPLIMIT}, {"initcwnd", RTAX_INITCWND}, {"features", RTAX_FEATURES},
		{"rto_min", RTAX_RTO_MIN},   {"initrwnd", RTAX_INITRWND}, {"quickack", RTAX_QUICKACK},
	};

	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		if (strcmp(metrics[i].name, name) == 0)
			return metrics[i].number;
	return -1;
}

static bool set_metrics(struct rtnl_route *route, const struct cell_route *wanted, struct error *error)
{
	for (size_t i = 0; i < sizeof(wanted->metrics) / sizeof(wanted->metrics[0]) && wanted->metrics[i].name; i++) {
		int metric = metric_number(wanted->metrics[i].name);

		if (metric < 0 || rtnl_route_set_metric(route, metric, wanted->metrics[i].value) < 0)
			return error_set(error, "route to %s: no such metric: %s", wanted->to, wanted->metrics[i].name);
	}
	return true;
}

static bool describe_route(struct rtnl_route *route, const struct cell_route *wanted, struct error *error)
{
	const char *type_name = wanted->type ? wanted->type : "unicast";
	int type = nl_str2rtntype(type_name), code;
	struct nl_addr *to;

	if (type < 0)
		return error_set(error, "route to %s: no such type: %s", wanted->to, type_name);
	if (type == RTN_UNICAST && !wanted->via)
		return error_set(error, "route to %s: without a gateway (via)", wanted->to);
	code = parse_destination(wanted->to, &to);
	if (code < 0)
		return error_set(error, "route to %s: no such destination", wanted->to);
	rtnl_route_set_family(route, (uint8_t)nl_addr_get_family(to));
	code = rtnl_route_set_dst(route, to);
	nl_addr_put(to);
	rtnl_route_set_type(route, (uint8_t)type);
	if (code == 0 && wanted->via)
		code = add_gateway(route, wanted->via);
	if (code < 0)
		return error_set(error, "route to %s via %s: %s", wanted->to, wanted->via, nl_geterror(code));
	return set_metrics(route, wanted, error);
}

bool network_set_route(struct nl_sock *socket, const struct cell_route *wanted, struct error *error)
{
	struct rtnl_route *route = rtnl_route_alloc();
	bool ok = false;

	if (!route)
		return netlink_failed(-NLE_NOMEM, "route", error);
	if (describe_route(route, wanted, error)) {
		int code = rtnl_route_add(socket, route, NLM_F_CREATE | NLM_F_REPLACE);
		ok = code == 0 || error_set(error, "route to %s: %s", wanted->to, nl_geterror(code));
	}
	rtnl_route_put(route);
	return ok;
}

/* ETHTOOL_GFEATURES says which features can be switched; ETHTOOL_SFEATURES switches those, all at once. */
static bool switch_off(int fd, struct ifreq *request, const char *name, struct error *error)
{
	enum { BLOCKS = 8 }; /* of 32 features each; kernels have 2 */
	size_t get_size = sizeof(struct ethtool_gfeatures) + BLOCKS * sizeof(struct ethtool_get_features_block);
	size_t set_size = sizeof(struct ethtool_sfeatures) + BLOCKS * sizeof(struct ethtool_set_features_block);
	struct ethtool_gfeatures *get = calloc(1, get_size);
	struct ethtool_sfeatures *set = calloc(1, set_size);
	bool ok = false;

	if (!get || !set) {
		error_set(error, "out of memory");
		goto out;
	}
	get->cmd = ETHTOOL_GFEATURES;
	get->size = BLOCKS;
	request->ifr_data = (void *)get;
	if (ioctl(fd, SIOCETHTOOL, request) < 0) {
		error_errno(error, "offloads of %s", name);
		goto out;
	}
	set->cmd = ETHTOOL_SFEATURES;
	set->size = get->size;
	for (unsigned i = 0; i < get->size && i < BLOCKS; i++)
		set->features[i].valid = get->features[i].available & ~get->features[i].never_changed;
	request->ifr_data = (void *)set;
	ok = ioctl(fd, SIOCETHTOOL, request) >= 0 || error_errno(error, "offloads of %s", name);
out:
	free(get);
	free(set);
	return ok;
}

bool network_switch_off_offloads(enum cell_interface interface, struct error *error)
{
	struct ifreq request = {0};
	const char *name = interfaces[interface].name;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return error_errno(error, "offloads of %s", name);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	ok = switch_off(fd, &request, name, error);
	close(fd);
	return ok;
}
