/* connect_watch.c: see connect_watch.h. */
#include "analyzer/cli/connect_watch.h"

#include <errno.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int connect_watch_install(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int fd = -1;

	if (!filter)
		return -1;
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	/* With privilege no_new_privs is not needed: sudo and its kind go on working. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	if (seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(connect), 0) == 0 &&
	    (seccomp_load(filter) == 0 ||
	     (seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1) == 0 && seccomp_load(filter) == 0)))
		fd = seccomp_notify_fd(filter);
	seccomp_release(filter);
	return fd;
}

/* An unspecified address connects to this host itself (Linux, as BSD). */
static void endpoint_v4(const struct in_addr *address, uint16_t port, struct tlsdiag_endpoint *to)
{
	struct in_addr a = *address;

	if (a.s_addr == htonl(INADDR_ANY))
		a.s_addr = htonl(INADDR_LOOPBACK);
	*to = (struct tlsdiag_endpoint){.version = 4, .port = ntohs(port)};
	memcpy(to->address, &a, sizeof(a));
}

static void endpoint_v6(const struct sockaddr_in6 *in6, struct tlsdiag_endpoint *to)
{
	struct in6_addr a = in6->sin6_addr;
	struct in_addr mapped;

	if (IN6_IS_ADDR_UNSPECIFIED(&a))
		a = in6addr_loopback;
	if (IN6_IS_ADDR_V4MAPPED(&a)) {
		memcpy(&mapped, a.s6_addr + 12, sizeof(mapped));
		endpoint_v4(&mapped, in6->sin6_port, to);
		return;
	}
	*to = (struct tlsdiag_endpoint){.version = 6, .port = ntohs(in6->sin6_port)};
	memcpy(to->address, &a, sizeof(a));
}

static bool endpoint_of(const struct sockaddr_storage *address, size_t length, struct tlsdiag_endpoint *to)
{
	if (address->ss_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)address;

		endpoint_v4(&in->sin_addr, in->sin_port, to);
		return true;
	}
	if (address->ss_family == AF_INET6 && length >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		endpoint_v6((const struct sockaddr_in6 *)address, to);
		return true;
	}
	return false;
}

/* connect(socket, address, length) */
static enum connect_seen look(int fd, const struct seccomp_notif *call, struct tlsdiag_endpoint *to)
{
	struct sockaddr_storage address = {0};
	size_t length = (size_t)call->data.args[2];
	struct iovec local = {.iov_base = &address},
		     remote = {.iov_base = (void *)(uintptr_t)call->data.args[1]}; // NOLINT(performance-no-int-to-ptr)
	ssize_t n;

	if (length > sizeof(address))
		length = sizeof(address);
	local.iov_len = remote.iov_len = length;
	n = process_vm_readv((pid_t)call->pid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return errno == EPERM ? CONNECT_HIDDEN : CONNECT_NOTHING;
	/* A caller that is gone has left its number to another, whose memory that was. */
	if (seccomp_notify_id_valid(fd, call->id) != 0)
		return CONNECT_NOTHING;
	return endpoint_of(&address, (size_t)n, to) ? CONNECT_TO : CONNECT_NOTHING;
}

void connect_watch_take(int fd, connect_told_fn *told, void *context)
{
	struct seccomp_notif *call = NULL;
	struct seccomp_notif_resp *answer = NULL;
	struct tlsdiag_endpoint to;

	if (seccomp_notify_alloc(&call, &answer) == 0 && seccomp_notify_receive(fd, call) == 0) {
		told(look(fd, call, &to), &to, context);
		answer->id = call->id;
		answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		seccomp_notify_respond(fd, answer);
	}
	seccomp_notify_free(call, answer);
}
