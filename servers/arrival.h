/* arrival.h: tells that a client's data has arrived although TCP was not allowed to take it in (see socket_listen()).
 *
 * A server that resets or closes before it reads would otherwise race with the client's first data: what the client
 * says and the order of the packets would depend on the scheduling. Needs CAP_NET_RAW in its network namespace.
 */
#ifndef SERVERS_ARRIVAL_H
#define SERVERS_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arrival {
	int family;
	uint8_t address[16]; /* of IPv4 the first four */
	uint16_t port;
};

/* A non-blocking packet socket that gets what this network namespace receives; -1 with errno. */
int arrival_open(void);
/* Reads packets up to the next TCP segment with data, and says whom it is from. False when there is none. */
bool arrival_next(int fd, struct arrival *from);
/* Whom a connected socket is connected to, in the same words. */
bool arrival_peer(int fd, struct arrival *peer);
bool arrival_same(const struct arrival *a, const struct arrival *b);
/* Whether an IP packet is a TCP segment with data, and whom it is from. */
bool arrival_parse(const uint8_t *packet, size_t length, struct arrival *from);

#endif
