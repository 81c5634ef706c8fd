/* pair_match.h: which connection of one capture is which of the other.
 *
 * By addresses, ports and initial sequence number; through address translation by the sequence number and one thing
 * more (RFC 7323 timestamp of the SYN, the server's end, its sequence number, the ClientHello's random); where sequence
 * numbers are rewritten on the way by the ClientHello's random or the SYN's timestamp. One sequence number alone is
 * never enough: among a hundred thousand connections two have the same by chance.
 */
#ifndef CLI_PAIR_MATCH_H
#define CLI_PAIR_MATCH_H

#include "analyzer/cli/trail.h"

enum pair_evidence {
	PAIR_ADDRESSES = 1, /* both ends' addresses and ports are the same */
	PAIR_SERVER_END = 2, /* the server's are */
	PAIR_CLIENT_ISN = 4,
	PAIR_SERVER_ISN = 8,
	PAIR_SYN_TIME = 16, /* the SYN's timestamp */
	PAIR_RANDOM = 32, /* the ClientHello's */
	PAIR_PACKETS = 64, /* a packet with the same numbers, where a capture does not have the SYN */
	PAIR_IP_ID = 128, /* of the packet with the ClientHello */
};

enum pair_likeness {
	PAIR_UNLIKE,
	PAIR_SAME_ADDRESSES, /* the same addresses and ports, another connection */
	PAIR_SAME_NAME, /* the same server name, another ClientHello */
};

/* Seen in both captures, or in one alone. */
struct pair {
	const struct trail *a, *b; /* NULL: not in that capture */
	unsigned evidence; /* enum pair_evidence, or'ed */
	bool relayed; /* two TCP connections, the one carrying on what the other brought */
	uint32_t delta[2]; /* sequence numbers that client and server sent: in B less those in A */
	const struct trail *similar; /* of one alone: of the other capture, alone as well */
	enum pair_likeness likeness;
	const struct trail *moved; /* of one in both: of B, alone there, where its ClientHello arrived instead */
};

struct pairs {
	struct pair *list; /* those in A in A's order, then those in B alone */
	size_t count;
};

/* False when out of memory. */
bool pairs_make(const struct trails *a, const struct trails *b, struct pairs *pairs);
void pairs_free(struct pairs *pairs);

#endif
