/* mix.h: many clients at once: instances of the golden captures, each beginning at a time of its own, merged in order
 * of time.
 *
 * Which, when and how long follows from the seed alone. What the analyzer must say of them is counted on the way, in
 * the templates' kinds.
 */
#ifndef TESTS_BENCH_MIX_H
#define TESTS_BENCH_MIX_H

#include "tests/bench/output.h"
#include "tests/bench/template.h"

struct mix {
	uint64_t packets, connections; /* begins no more when there are so many of either; 0: no limit … */
	double seconds; /* … or after this time; 0: no limit */
	uint64_t seed;
	double rate; /* captures begun in a second */
	double failed; /* share of them that fail, 0 to 1 */
	bool traffic; /* the others carry application data: 16 to 512 KiB, each doubling as frequent as the next */
};

/* Whether it could be written is what output_close() says. */
void mix_write(const struct mix *m, struct templates *templates, struct output *out);

/* `connections` SYNs, each from another client, a microsecond apart. */
void flood_write(uint64_t connections, uint64_t seed, struct templates *templates, struct output *out);

#endif
