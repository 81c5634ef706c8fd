/* network.h: the links, addresses, neighbours and routes of a cell, made with libnl. Only cell.c uses it.
 *
 * Interfaces have fixed numbers, names and Ethernet addresses, so nothing has to be looked up after it was made.
 */
#ifndef HARNESS_NETWORK_H
#define HARNESS_NETWORK_H

#include "harness/cell.h"

#include <netlink/socket.h>

/* A socket for requests to the network namespace that the thread is in. Free with nl_socket_free(). */
struct nl_sock *network_open(struct error *error);

/* A socket that hears, from now on, of links and IPv6 routes in the namespace that the thread is in. */
struct nl_sock *network_open_monitor(struct error *error);

bool network_set_up_loopback(struct nl_sock *socket, struct error *error);

/* Makes an interface, switched on, in the socket's namespace, and its other end, still off, in another one. mtu in
 * bytes. */
bool network_add_pair(struct nl_sock *socket, enum cell_interface interface, enum cell_interface other,
		      int other_namespace, const unsigned mtu[CELL_INTERFACES], struct error *error);

/* Switches on the other end, in the socket's namespace. */
bool network_set_up(struct nl_sock *socket, enum cell_interface interface, struct error *error);

/* Gives an interface its addresses, and permanent entries for its neighbour's. */
bool network_add_addresses(struct nl_sock *socket, enum cell_interface interface, bool ipv6, struct error *error);

/* Waits until the interfaces of the monitor's place, which was opened before they were made, can be used. The kernel
 * does two things later than it says: an interface switched on before its other end drops everything until the link
 * watch has seen the carrier; and an IPv6 address is known by ifconfig, but packets to it are not accepted, until a
 * work queue has added its local route. */
bool network_wait_until_ready(struct nl_sock *monitor, enum cell_place place, bool ipv6, bool wire,
			      struct error *error);

bool network_set_route(struct nl_sock *socket, const struct cell_route *route, struct error *error);

/* Switches off every offload of an interface in the namespace that the thread is in. */
bool network_switch_off_offloads(enum cell_interface interface, struct error *error);

#endif
