/* socket.h: what the lab needs of TCP sockets beyond the usual: that packets leave, or stay away, whatever the
 * scheduling.
 *
 * Functions that can fail return false, or -1 for a descriptor, with errno set.
 */
#ifndef SERVERS_SOCKET_H
#define SERVERS_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spec_listen;

/* A non-blocking listening socket, its connections' backlog filled where wanted. *port is the one that was bound.
 * deaf: segments that carry data are dropped before TCP sees them, which neither acknowledges them nor answers with
 * RST. */
int socket_listen(const struct spec_listen *listen, bool deaf, uint16_t *port);
/* The next connection, non-blocking, each send a segment at once, its acknowledgements reported; -1 when there is
 * none. */
int socket_accept(int listener);

/* Holds back the last segment, if it is not a full one, until the FIN goes with it. MSG_MORE does not do: the next
 * acknowledgement that comes in would let the segment go. */
void socket_cork(int fd);

/* True when nothing that was sent, FIN included, waits for its acknowledgement. */
bool socket_acknowledged(int fd);
/* Forgets the acknowledgements reported so far; each makes the socket ready with EPOLLERR. */
void socket_drain_reports(int fd);

/* Closes with RST. */
void socket_reset(int fd);
/* Closes without any packet where the process may do so (CAP_NET_ADMIN); otherwise as close() does. */
void socket_vanish(int fd);

#endif
