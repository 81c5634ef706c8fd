/* alias.h: what stands for the addresses, names and secrets of a capture that is to be shared.
 *
 * The same value always has the same alias, two values never have one in common as long as there is room, and an alias
 * has the length of what it stands for. Aliases are numbered in the order in which values are first seen and made from
 * that number alone, so that nothing can be found out by trying values.
 *
 * IPv4 addresses become documentation addresses (RFC 5737): clients 192.0.2.0/24, servers 203.0.113.0/24, others
 * 198.51.100.0/24; when one of these is used up those for benchmarks, 198.18.0.0/15 (RFC 2544), then reserved ones,
 * 240.0.0.0/4. IPv6: 2001:db8::/32 (RFC 3849), in the same way. What an address is by itself stays: unspecified,
 * loopback and broadcast addresses as they are, link-local ones link-local; multicast ones that are the same everywhere
 * as they are, others documentation's (RFC 6676). No prefix is kept otherwise.
 *
 * A word (letters, digits, '-', '_', what is not ASCII) becomes letters, the case aside; what stands between words
 * stays. So the labels of a host name keep their number, and equal labels are equal.
 */
#ifndef ANALYZER_ALIAS_H
#define ANALYZER_ALIAS_H

#include "packet.h"

struct alias_table;

enum alias_role {
	ALIAS_CLIENT,
	ALIAS_SERVER,
	ALIAS_OTHER,
};

/* NULL when out of memory. */
struct alias_table *alias_table_new(void);
void alias_table_free(struct alias_table *t); /* NULL is fine */

/* The role counts the first time that an address is seen. */
void alias_address(struct alias_table *t, const struct ip_address *address, enum alias_role role,
		   struct ip_address *out);
/* The same for an address of 4 or 16 bytes on the wire, in the role ALIAS_OTHER; `out` may be `in`. */
void alias_address_bytes(struct alias_table *t, const uint8_t *in, size_t n, uint8_t *out);

/* A name or text of n bytes; control characters become 0. An IPv4 address in it becomes its alias where that is as
 * long, else its digits become 0. */
void alias_text(struct alias_table *t, const uint8_t *in, size_t n, uint8_t *out);

/* Whether a byte belongs to a word, as above. */
bool alias_in_word(uint8_t byte);

/* The length of an IPv4 address in its usual form at the beginning of a text; 0: there is none. */
size_t alias_address_length(const uint8_t *in, size_t n);

/* Bytes whose value says nothing but whether it is the same as another: a random, a session ID, a key. */
void alias_bytes(struct alias_table *t, const uint8_t *in, size_t n, uint8_t *out);

struct alias_counts {
	uint64_t addresses, words;
	size_t memory;
	bool failed; /* out of memory: something was replaced by zeros, which is an alias of many */
};
void alias_counts(const struct alias_table *t, struct alias_counts *counts);

#endif
