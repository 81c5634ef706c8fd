/* checksum.h: the Internet checksum (RFC 1071): the ones' complement sum of big-endian 16-bit words.
 *
 *     sum = checksum_add(checksum_add(0, header, n), payload, m);     n is even
 *     if (checksum_fold(sum) == 0xffff) … what was summed holds a right checksum
 */
#ifndef ANALYZER_CHECKSUM_H
#define ANALYZER_CHECKSUM_H

#include "cursor.h"

/* Adds bytes, an odd last one padded with zero; carries are left in the upper half. Sums 32 bits at a time, which comes
 * to the same after folding (RFC 1071 section 2). */
static inline uint64_t checksum_add(uint64_t sum, const void *bytes, size_t length)
{
	struct cursor c = cursor_over(bytes, length);
	uint32_t word;
	uint16_t half;
	uint8_t last;

	while (cursor_u32(&c, &word))
		sum += word;
	if (cursor_u16(&c, &half))
		sum += half;
	if (cursor_u8(&c, &last))
		sum += (uint64_t)last << 8;
	return sum;
}

static inline uint16_t checksum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

#endif
