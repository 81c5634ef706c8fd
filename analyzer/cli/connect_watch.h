/* connect_watch.h: where a program and all that it starts connect to, exactly and before the first packet is sent.
 *
 * Theory of operation. The child installs a seccomp filter that hands every connect(2) to a supervisor
 * (seccomp_unotify(2)), which reads the address out of the caller's memory, says where it goes, and lets the call
 * continue. Nothing else of the program is touched, its children inherit it, and there is no race: the call waits until
 * it was looked at. Why not tables of sockets (/proc, sock_diag): a refused connection lives for microseconds. Why not
 * the packets alone: any process may send them.
 *
 * The call's outcome is never decided by what was read, so a program that changes its memory meanwhile deceives nobody
 * but the report.
 *
 * Needs: a kernel with seccomp_unotify (5.5), and either privilege at the time of installing or no_new_privs. With
 * no_new_privs a program like sudo or su cannot gain the privilege it is made for; that is so when tlsdiag has a file
 * capability and no root. When the supervisor ends, calls that processes left behind make fail with ENOSYS.
 *
 * Not seen: io_uring, a socket that somebody else connected, TCP Fast Open by sendto(2).
 */
#ifndef CLI_CONNECT_WATCH_H
#define CLI_CONNECT_WATCH_H

#include "analyzer/tlsdiag.h"

/* In the child, before exec: installs the filter. The supervisor's descriptor, or -1 where this kernel or whoever runs
 * this process does not allow it. */
int connect_watch_install(void);

enum connect_seen {
	CONNECT_NOTHING, /* of no interest (another address family), or over before it could be read */
	CONNECT_TO, /* *to is set, an IPv4-mapped IPv6 address as IPv4 */
	CONNECT_HIDDEN, /* somewhere, but the memory may not be read: a program with more privilege */
};

/* In the supervisor, when the descriptor is readable: takes one call, lets it continue. Its address is known to the
 * caller before it does: `told` is called in between. */
typedef void connect_told_fn(enum connect_seen seen, const struct tlsdiag_endpoint *to, void *context);
void connect_watch_take(int fd, connect_told_fn *told, void *context);

#endif
