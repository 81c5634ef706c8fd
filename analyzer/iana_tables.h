/* iana_tables.h: the registries themselves, as data in ascending order of number.
 *
 * Private to iana.c and its test. Names are the registry's own spelling. Numbers that were deployed without being
 * registered carry the name that is customary for them, so that an old capture can still be read; iana_tables.c says
 * which ones.
 */
#ifndef ANALYZER_IANA_TABLES_H
#define ANALYZER_IANA_TABLES_H

#include <stddef.h>
#include <stdint.h>

struct iana_entry {
	uint16_t number;
	const char *name;
};

struct iana_table {
	const struct iana_entry *entries;
	size_t count;
};

extern const struct iana_table iana_alerts;
extern const struct iana_table iana_ciphers;
extern const struct iana_table iana_groups;
extern const struct iana_table iana_signatures;
extern const struct iana_table iana_versions;
extern const struct iana_table iana_handshakes;

#endif
