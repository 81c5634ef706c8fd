/* decimal.h: numbers as decimal digits, for text of which there is much. Each writes from `to` on, where there is room
 * for DECIMAL_MAX bytes whatever the number is, and returns where its digits end.
 */
#ifndef CLI_DECIMAL_H
#define CLI_DECIMAL_H

#include <stdint.h>
#include <string.h>

#define DECIMAL_MAX 20 /* digits of a number of 64 bits */

/* Two digits at a time. */
static inline void decimal_put_pair(char *to, uint32_t pair)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";

	memcpy(to, &pairs[2 * pair], 2);
}

static inline char *decimal_put(char *to, uint64_t value)
{
	char digits[2 * DECIMAL_MAX + 2], *end = digits + DECIMAL_MAX + 2, *at = end;

	if (value < 10) {
		*to = (char)('0' + value);
		return to + 1;
	}
	for (; value >= 10; value /= 100) {
		at -= 2;
		decimal_put_pair(at, (uint32_t)(value % 100));
	}
	if (value)
		*--at = (char)('0' + value);
	memcpy(to, at, DECIMAL_MAX); /* of a length that compilers know: no call */
	return to + (end - at);
}

/* Nine digits, zeros in front: what stands behind the point of a number of seconds. */
static inline char *decimal_put_nano(char *to, uint32_t ns)
{
	for (int i = 7; i > 0; i -= 2, ns /= 100)
		decimal_put_pair(to + i, ns % 100);
	to[0] = (char)('0' + ns);
	return to + 9;
}

#endif
