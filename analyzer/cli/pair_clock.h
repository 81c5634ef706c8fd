/* pair_clock.h: how far two captures' clocks are apart, from packets that both have.
 *
 * What goes from A to B takes time, and so does what comes back. A packet seen at A at time s and at B at time t shows
 * that B's clock is ahead of A's by at most t - s; one that went the other way, that it is ahead by at least that. The
 * fastest packet of either direction gives the tightest bound; the truth lies between, and the middle is the estimate,
 * as in NTP (RFC 5905 section 8).
 */
#ifndef CLI_PAIR_CLOCK_H
#define CLI_PAIR_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum way { TO_SERVER, TO_CLIENT, WAYS };

struct pair_clock {
	bool has_low, has_high;
	int64_t low_ns, high_ns; /* B's clock less A's is between these */
	bool drifts; /* no single value fits all packets: the median of the connections, and how far they are from it */
};

/* Takes a packet that went this way, with its times in the two captures. */
void pair_clock_sample(struct pair_clock *clock, enum way way, int64_t a_ns, int64_t b_ns);

/* What all connections show together. The list is used up. */
struct pair_clock pair_clock_joint(struct pair_clock *clocks, size_t count);

/* Whether it says anything, and whether from both sides. */
bool pair_clock_known(const struct pair_clock *clock);
bool pair_clock_bounded(const struct pair_clock *clock);

/* B's clock less A's, and how far that may be off (0 unless bounded). 0 where nothing is known. */
int64_t pair_clock_offset(const struct pair_clock *clock);
int64_t pair_clock_uncertainty(const struct pair_clock *clock);

#endif
