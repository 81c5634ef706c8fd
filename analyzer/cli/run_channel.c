/* run_channel.c: see run_channel.h. */
#include "analyzer/cli/run_channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>

bool run_channel_open(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
}

bool run_channel_send(int fd, const struct run_message *m)
{
	size_t size = offsetof(struct run_message, text) + m->length;
	ssize_t n;

	do
		n = send(fd, m, size, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)size;
}

enum run_channel_result run_channel_receive(int fd, struct run_message *m)
{
	ssize_t n = recv(fd, m, sizeof(*m), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return RUN_CHANNEL_EMPTY;
	return n >= (ssize_t)offsetof(struct run_message, text) ? RUN_CHANNEL_MESSAGE : RUN_CHANNEL_GONE;
}

int64_t run_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}
