/* own_flows.h: the connections that the client's command opens: which packets are theirs, and whether more may come.
 *
 * A connection is the command's own when it began, with a SYN, to an address and port that the command had been seen to
 * connect to (connect_watch.h). Where that could not be seen, any connection that begins while the command runs counts.
 * With a filter of the user's the filter chooses the packets, and connections are followed all the same, to know when
 * they are over.
 *
 * When is it over? The command has ended, so its kernel closes what is open, and the peer answers within a round trip.
 * As long as packets come they are waited for; after the last, for four times the round trip that the connection's own
 * handshake took. So on a local network the wait is some 20 ms, across an ocean less than a second, and no packet that
 * the peer sent in answer is missed unless the path became four times as slow.
 *
 * Limits: so many destinations and connections; what is beyond them is counted and not followed.
 */
#ifndef CLI_OWN_FLOWS_H
#define CLI_OWN_FLOWS_H

#include "analyzer/cli/packet_text.h"

#define OWN_DESTINATIONS_MAX 1024
#define OWN_FLOWS_MAX 8192

enum own_choice {
	OWN_BY_DESTINATION,
	OWN_BY_TIME, /* whatever begins now */
	OWN_BY_FILTER, /* every packet that comes here */
};

struct own_flow {
	struct tlsdiag_endpoint end[2]; /* 0 sent the SYN */
	int64_t syn_ns, round_trip_ns; /* 0: no answer yet */
	bool known; /* the slot is used */
	struct sequence_base base;
	bool sent[2]; /* that side has sent something; the next field is set */
	uint32_t next[2]; /* sequence number behind all that it sent */
};

struct own_flows;

/* NULL when out of memory. */
struct own_flows *own_flows_new(enum own_choice choice);
void own_flows_free(struct own_flows *o); /* NULL is fine */

/* The command is about to connect there. */
void own_flows_connecting(struct own_flows *o, const struct tlsdiag_endpoint *to);
/* The command connects in a way that could not be seen: from now on as OWN_BY_TIME. */
void own_flows_cannot_tell(struct own_flows *o);
enum own_choice own_flows_choice(const struct own_flows *o);

/* Whether the packet is the command's. *flow is its connection (NULL: none), *from the side of it that sent the
 * packet. */
bool own_flows_take(struct own_flows *o, const struct tlsdiag_headers *h, int64_t time_ns, struct own_flow **flow,
		    int *from);

/* Whether the packet sends again what side `from` had sent before, and nothing new. Keeps account of it: each packet
 * that was taken once. */
bool own_flow_repeats(struct own_flow *flow, int from, const struct tlsdiag_headers *h);

/* When, in packet time, nothing more is to be expected after what has come; 0: nothing came. */
int64_t own_flows_over_ns(const struct own_flows *o);

/* The destinations so far. */
size_t own_flows_destinations(const struct own_flows *o, const struct tlsdiag_endpoint **list);
/* Connections that there was no room to follow. */
uint64_t own_flows_left_out(const struct own_flows *o);

#endif
