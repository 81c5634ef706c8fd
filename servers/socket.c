/* socket.c: listening, accepting and ending TCP connections deterministically; see socket.h. */
#include "servers/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "servers/spec.h"

#define BACKLOG 4096
#define FILL_MAX 8 /* connections to ourselves that fill a backlog of none; the kernel keeps one more than it says */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t make_address(union address *to, const char *address, uint16_t port)
{
	*to = (union address){0};
	if (inet_pton(AF_INET, address, &to->v4.sin_addr) == 1) {
		to->v4.sin_family = AF_INET;
		to->v4.sin_port = htons(port);
		return sizeof(to->v4);
	}
	to->v6.sin6_family = AF_INET6;
	to->v6.sin6_port = htons(port);
	return inet_pton(AF_INET6, address, &to->v6.sin6_addr) == 1 ? sizeof(to->v6) : 0;
}

/* Segments that carry data are dropped before TCP sees them: it neither acknowledges them nor answers them with RST. */
static bool deafen(int fd)
{
	/* A TCP socket's filter sees the packet from the TCP header on: keep it when it is no longer than the
	 * header. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 12), /* data offset, in the upper half, in words */
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

/* Connections to ourselves that nobody will accept. They stay open as long as this process runs. */
static bool fill_backlog(const union address *address, socklen_t length)
{
	for (int i = 0; i < FILL_MAX; i++) {
		int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd < 0)
			return false;
		if (connect(fd, &address->any, length) < 0 && errno != EINPROGRESS) {
			close(fd);
			return false;
		}
	}
	return true;
}

int socket_listen(const struct spec_listen *listen_on, bool deaf, uint16_t *port)
{
	union address address;
	socklen_t length = make_address(&address, listen_on->address, listen_on->port);
	int on = 1, saved;
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address.any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &address.any, length) < 0 || (deaf && !deafen(fd)) ||
	    listen(fd, listen_on->full ? 0 : BACKLOG) < 0 || getsockname(fd, &address.any, &length) < 0 ||
	    (listen_on->full && !fill_backlog(&address, length))) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	/* sin_port and sin6_port lie at the same place */
	*port = ntohs(address.v4.sin_port);
	return fd;
}

int socket_accept(int listener)
{
	int on = 1;
	int reports = SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
		      SOF_TIMESTAMPING_OPT_TSONLY;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &reports, sizeof(reports));
	return fd;
}

void socket_cork(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

bool socket_acknowledged(int fd)
{
	int outstanding = 0;

	return ioctl(fd, SIOCOUTQ, &outstanding) == 0 && outstanding == 0;
}

void socket_drain_reports(int fd)
{
	char control[256];
	struct msghdr message;

	do
		message = (struct msghdr){.msg_control = control, .msg_controllen = sizeof(control)};
	while (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
}

void socket_reset(int fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

void socket_vanish(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on));
	close(fd);
}
