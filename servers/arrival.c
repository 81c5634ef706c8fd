/* arrival.c: watches a network namespace for TCP segments with data, with a packet socket; see arrival.h. */
#include "servers/arrival.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "analyzer/cursor.h"

#define HEADERS_MAX 256 /* as much of a packet as is looked at */

int arrival_open(void)
{
	return socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
}

/* RFC 9293, 3.1; total is the segment's length as IP says, more than the cursor may hold. */
static bool parse_tcp(struct cursor c, size_t total, struct arrival *from)
{
	uint8_t offset;

	return cursor_u16(&c, &from->port) && cursor_skip(&c, 10) && cursor_u8(&c, &offset) &&
	       total > (size_t)(offset >> 4) * 4;
}

/* RFC 791, 3.1 */
static bool parse_v4(struct cursor c, struct arrival *from)
{
	uint8_t first, protocol;
	uint16_t total;
	size_t header;

	if (!cursor_u8(&c, &first) || !cursor_skip(&c, 1) || !cursor_u16(&c, &total) || !cursor_skip(&c, 5) ||
	    !cursor_u8(&c, &protocol) || protocol != IPPROTO_TCP || !cursor_skip(&c, 2) ||
	    !cursor_copy(&c, sizeof(struct in_addr), from->address) || !cursor_skip(&c, 4))
		return false;
	header = (size_t)(first & 0xf) * 4;
	from->family = AF_INET;
	return header >= 20 && total >= header && cursor_skip(&c, header - 20) && parse_tcp(c, total - header, from);
}

/* RFC 8200, 3; the lab's clients send no extension headers. */
static bool parse_v6(struct cursor c, struct arrival *from)
{
	uint16_t payload;
	uint8_t next;

	from->family = AF_INET6;
	return cursor_skip(&c, 4) && cursor_u16(&c, &payload) && cursor_u8(&c, &next) && next == IPPROTO_TCP &&
	       cursor_skip(&c, 1) && cursor_copy(&c, sizeof(struct in6_addr), from->address) && cursor_skip(&c, 16) &&
	       parse_tcp(c, payload, from);
}

bool arrival_parse(const uint8_t *packet, size_t length, struct arrival *from)
{
	struct cursor c = cursor_over(packet, length);

	*from = (struct arrival){0};
	if (length == 0)
		return false;
	return packet[0] >> 4 == 4 ? parse_v4(c, from) : packet[0] >> 4 == 6 && parse_v6(c, from);
}

bool arrival_next(int fd, struct arrival *from)
{
	for (;;) {
		uint8_t packet[HEADERS_MAX];
		struct sockaddr_ll link = {0};
		socklen_t size = sizeof(link);
		ssize_t n = recvfrom(fd, packet, sizeof(packet), 0, (struct sockaddr *)&link, &size);

		if (n < 0)
			return false;
		if (link.sll_pkttype != PACKET_OUTGOING && arrival_parse(packet, (size_t)n, from))
			return true;
	}
}

bool arrival_peer(int fd, struct arrival *peer)
{
	struct sockaddr_in6 v6 = {0};
	struct sockaddr_in v4;
	socklen_t size = sizeof(v6);

	*peer = (struct arrival){0};
	if (getpeername(fd, (struct sockaddr *)&v6, &size) < 0)
		return false;
	peer->family = v6.sin6_family;
	if (peer->family == AF_INET6) {
		memcpy(peer->address, &v6.sin6_addr, sizeof(v6.sin6_addr));
		peer->port = ntohs(v6.sin6_port);
		return true;
	}
	memcpy(&v4, &v6, sizeof(v4));
	memcpy(peer->address, &v4.sin_addr, sizeof(v4.sin_addr));
	peer->port = ntohs(v4.sin_port);
	return true;
}

bool arrival_same(const struct arrival *a, const struct arrival *b)
{
	return a->family == b->family && a->port == b->port && memcmp(a->address, b->address, sizeof(a->address)) == 0;
}
