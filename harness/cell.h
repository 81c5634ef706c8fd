/* cell.h: a cell: client, path and server, each in a network namespace of its own, joined by two veth pairs.
 *
 *   client eth0 192.0.2.40/24 ── "client" 192.0.2.1  path  203.0.113.1 "server" ── 203.0.113.20/24 eth0 server
 *          2001:db8:c::40/64     2001:db8:c::1             2001:db8:5::1           2001:db8:5::20/64
 *
 * A cell lives inside one process: the first of a PID namespace of its own (cell_fork). That process holds the only
 * references to the three namespaces, and every program of the cell runs below it. So nothing has to be removed:
 * however the process ends, the kernel ends the programs, and then the namespaces, the links and the mounts in them.
 * Nothing in the file system or in another namespace ever names them.
 *
 * The wire is quiet: neighbours are static, there are no link-local addresses, no duplicate address detection, no
 * router solicitations, no multicast reports. Segmentation and checksum offloads are off, so that a capture shows what
 * would be on a real wire. ICMP errors are never rate limited, and ACKs never delayed. All processes of a cell run on
 * one CPU, because packets sent on different CPUs can overtake each other in a veth pair.
 *
 * A cell with a wire has one more link: the client's eth0 ends at "wire-client", the router's "client" at "wire-path",
 * both in path and without addresses. Nothing passes between these two but what the wire (wire.h) carries.
 *
 * Not for: what runs in a cell (process.h), what is recorded (capture.h), what the path forbids (firewall.h).
 */
#ifndef HARNESS_CELL_H
#define HARNESS_CELL_H

#include "harness/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum cell_place { CELL_CLIENT, CELL_PATH, CELL_SERVER, CELL_PLACES };

/* The four ends of the two links. */
enum cell_interface {
	CELL_CLIENT_ETH0, /* "eth0" in client */
	CELL_PATH_CLIENT, /* "client" in path: towards the client */
	CELL_PATH_SERVER, /* "server" in path: towards the server */
	CELL_SERVER_ETH0, /* "eth0" in server */
	CELL_INTERFACES,
	/* Only in a cell with a wire, in path: the client's eth0 is joined to the first, the router's "client" to the
	 * second. */
	CELL_WIRE_CLIENT = CELL_INTERFACES,
	CELL_WIRE_PATH,
	CELL_ALL_INTERFACES
};

#define CELL_CLIENT_IPV4 "192.0.2.40"
#define CELL_CLIENT_IPV6 "2001:db8:c::40"
#define CELL_PATH_CLIENT_IPV4 "192.0.2.1"
#define CELL_PATH_CLIENT_IPV6 "2001:db8:c::1"
#define CELL_PATH_SERVER_IPV4 "203.0.113.1"
#define CELL_PATH_SERVER_IPV6 "2001:db8:5::1"
#define CELL_SERVER_IPV4 "203.0.113.20"
#define CELL_SERVER_IPV6 "2001:db8:5::20"
#define CELL_SERVER_NAME "api.example.net"

/* A kernel setting of one place, by its sysctl name ("net.ipv4.tcp_syn_retries") or its path below /proc/sys. */
struct cell_setting {
	enum cell_place place;
	const char *name, *value;
};

/* A route of one place, in the words of ip-route(8). It replaces a route to the same destination. */
struct cell_route {
	enum cell_place place;
	const char *to; /* prefix, address, or "default" or "default6" */
	const char *type; /* NULL: "unicast"; "blackhole", "unreachable", "prohibit", "throw" */
	const char *via; /* gateway; NULL: none */
	struct {
		const char *name; /* "mtu", "rto_min", "initcwnd" ...; NULL ends the list */
		unsigned value; /* rto_min: milliseconds */
	} metrics[4];
};

/* What differs from the plain cell; all zero is the plain cell. Nothing is kept after cell_new() returned. */
struct cell_options {
	const char *hosts; /* lines added to /etc/hosts inside the cell; NULL: only localhost */
	unsigned mtu[CELL_INTERFACES]; /* bytes of IP packet; 0: 1500 */
	const struct cell_setting *settings; /* written last, in order */
	size_t setting_count;
	const struct cell_route *routes; /* set after the plain ones, in order */
	size_t route_count;
	bool ipv4_alone; /* IPv6 is switched off: such a cell costs a third less */
	bool wire; /* the link between client and path is cut in two, for a wire to stand in between */
};

struct cell;

/* Starts a process that is the first one of new PID, mount, UTS and network namespaces (and of a user namespace if the
 * caller lacks the capabilities that the others need) and runs body(context) in it; what body returns is its exit
 * status. It is killed when the calling process ends, however that happens, and everything in it ends with it. It stays
 * on one CPU: of those that the caller may use, number `cpu`, counted round. It runs under SCHED_BATCH (see
 * cell_come_first()). Signal handlers are the default ones in it (so it ignores all signals of its own namespace, and
 * SIGINT and SIGTERM); open files, memory and signal mask are as after fork(2). To end a cell at once:
 * pidfd_send_signal(pidfd, SIGKILL). The caller closes *pidfd, which is readable when the process has ended, and reaps
 * it: waitid(P_PIDFD, *pidfd, ...). Fails, with what to do about it in the error, where namespaces are not
 * permitted. */
bool cell_fork(pid_t *pid, int *pidfd, unsigned cpu, int (*body)(void *context), void *context, struct error *error);

/* Makes the cell of the process that cell_fork() started; once in each. When it returns, both links work in both
 * directions and every address can be used. On failure there is nothing to free, and the process should end. */
struct cell *cell_new(const struct cell_options *options, struct error *error);

/* Releases the namespaces. The rest goes with the process. */
void cell_free(struct cell *cell);

/* Puts the calling thread into the network namespace of a place: sockets opened and programs started from now on are
 * there. Nothing ever puts it back; who needs a place enters it first. */
bool cell_enter(const struct cell *cell, enum cell_place place, struct error *error);

/* From now on the calling thread runs before the others of its CPU, whatever the load: what it does next comes before
 * anybody's reaction to what it sent. Who may not ask for this (sched(7), SCHED_FIFO) is at least not interrupted by
 * those that it wakes. */
enum cell_rank { CELL_RANK_SERVER = 1, CELL_RANK_WIRE };
void cell_come_first(enum cell_rank rank);

/* Writes one more setting, or sets one more route, at any time. A route of IPv6 is left out where the cell has none. */
bool cell_set(const struct cell *cell, const struct cell_setting *setting, struct error *error);
bool cell_set_route(const struct cell *cell, const struct cell_route *route, struct error *error);

/* False: the cell was made with IPv4 alone, or this kernel has no IPv6, or has it switched off. */
bool cell_has_ipv6(const struct cell *cell);

/* The interface's name within its place, and the place. */
const char *cell_interface_name(enum cell_interface interface);
enum cell_place cell_interface_place(enum cell_interface interface);

/* The Ethernet address of an interface, 6 bytes. */
const unsigned char *cell_interface_mac(enum cell_interface interface);

/* Whether a cell can be made on this machine by this user: makes one and removes it. If not, the error says why and
 * what to do about it. */
bool cell_permitted(struct error *error);

#endif
