/* pair_clock.c: see pair_clock.h. */
#include "analyzer/cli/pair_clock.h"

#include <stdlib.h>

void pair_clock_sample(struct pair_clock *clock, enum way way, int64_t a_ns, int64_t b_ns)
{
	int64_t ahead = b_ns - a_ns;

	if (way == TO_SERVER && (!clock->has_high || ahead < clock->high_ns)) {
		clock->has_high = true;
		clock->high_ns = ahead;
	}
	if (way == TO_CLIENT && (!clock->has_low || ahead > clock->low_ns)) {
		clock->has_low = true;
		clock->low_ns = ahead;
	}
}

bool pair_clock_known(const struct pair_clock *clock)
{
	return clock->has_low || clock->has_high;
}

bool pair_clock_bounded(const struct pair_clock *clock)
{
	return clock->has_low && clock->has_high;
}

int64_t pair_clock_offset(const struct pair_clock *clock)
{
	if (pair_clock_bounded(clock))
		return clock->low_ns + (clock->high_ns - clock->low_ns) / 2;
	return clock->has_low ? clock->low_ns : clock->has_high ? clock->high_ns : 0;
}

int64_t pair_clock_uncertainty(const struct pair_clock *clock)
{
	int64_t width = clock->high_ns - clock->low_ns;

	if (!pair_clock_bounded(clock))
		return 0;
	return (width < 0 ? -width : width) / 2;
}

static int by_offset(const void *left, const void *right)
{
	int64_t l = pair_clock_offset(left), r = pair_clock_offset(right);

	return l < r ? -1 : l > r;
}

/* No value fits all: clocks that run at different speeds, or were set meanwhile. */
static struct pair_clock median(struct pair_clock *clocks, size_t count)
{
	struct pair_clock joint = {.has_low = true, .has_high = true, .drifts = true};
	size_t bounded = 0;
	int64_t middle, spread = 0;

	for (size_t i = 0; i < count; i++)
		if (pair_clock_bounded(&clocks[i]))
			clocks[bounded++] = clocks[i];
	qsort(clocks, bounded, sizeof(*clocks), by_offset);
	middle = pair_clock_offset(&clocks[bounded / 2]);
	for (size_t i = 0; i < bounded; i++) {
		int64_t off = pair_clock_offset(&clocks[i]) - middle;

		off = (off < 0 ? -off : off) + pair_clock_uncertainty(&clocks[i]);
		spread = off > spread ? off : spread;
	}
	joint.low_ns = middle - spread;
	joint.high_ns = middle + spread;
	return joint;
}

struct pair_clock pair_clock_joint(struct pair_clock *clocks, size_t count)
{
	struct pair_clock joint = {0};
	size_t bounded = 0;

	for (size_t i = 0; i < count; i++) {
		const struct pair_clock *c = &clocks[i];

		bounded += pair_clock_bounded(c);
		if (c->has_high && (!joint.has_high || c->high_ns < joint.high_ns))
			joint.high_ns = c->high_ns;
		if (c->has_low && (!joint.has_low || c->low_ns > joint.low_ns))
			joint.low_ns = c->low_ns;
		joint.has_high |= c->has_high;
		joint.has_low |= c->has_low;
	}
	if (pair_clock_bounded(&joint) && joint.low_ns > joint.high_ns && bounded)
		return median(clocks, count);
	return joint;
}
