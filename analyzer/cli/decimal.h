/* decimal.h: numbers as decimal digits, for text of which there is much. Each writes from `to` on, where there is room for
 * DECIMAL_MAX bytes whatever the number is, and returns where its digits end.
 */
#ifndef CLI_DECIMAL_H
#define CLI_DECIMAL_H

#include <stdint.h>
#include <string.h>

#define DECIMAL_MAX 20 /* digits of a number of 64 bits */

static inline char *decimal_put(char *to, uint64_t value)
{
	char digits[2 * DECIMAL_MAX], *end = digits + DECIMAL_MAX, *at = end;

	do
		*--at = (char)('0' + value % 10);
	while (value /= 10);
	memcpy(to, at, DECIMAL_MAX); /* of a length that compilers know: no call */
	return to + (end - at);
}

/* Nine digits, zeros in front: what stands behind the point of a number of seconds. */
static inline char *decimal_put_nano(char *to, uint32_t ns)
{
	uint32_t high = ns / 10000, low = ns % 10000; /* two numbers at once, each with fewer to wait for */

	for (int i = 8; i >= 5; i--, low /= 10)
		to[i] = (char)('0' + low % 10);
	for (int i = 4; i >= 0; i--, high /= 10)
		to[i] = (char)('0' + high % 10);
	return to + 9;
}

#endif
