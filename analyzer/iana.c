/* iana.c: names for numbers, by binary search in the tables of iana_tables.c. */
#include "iana.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "iana_tables.h"
#include "tlsdiag.h"

static int compare_number(const void *key, const void *element)
{
	const uint16_t *number = key;
	const struct iana_entry *entry = element;

	return (int)*number - (int)entry->number;
}

static const char *name_in(const struct iana_table *table, uint16_t number)
{
	const struct iana_entry *found =
		bsearch(&number, table->entries, table->count, sizeof(*table->entries), compare_number);

	return found ? found->name : NULL;
}

static const char *decimal(const char *name, unsigned number, iana_buffer buffer)
{
	if (name)
		return name;
	snprintf(buffer, IANA_NAME_MAX, "%u", number);
	return buffer;
}

static const char *hexadecimal(const char *name, unsigned number, iana_buffer buffer)
{
	if (name)
		return name;
	snprintf(buffer, IANA_NAME_MAX, "0x%04X", number);
	return buffer;
}

const char *iana_alert_name(uint8_t description, iana_buffer buffer)
{
	return decimal(name_in(&iana_alerts, description), description, buffer);
}

bool iana_alert_assigned(uint8_t description)
{
	return name_in(&iana_alerts, description);
}

static bool alert_named(const char *registered, const char *name)
{
	static const char suffix[] = "_RESERVED";
	size_t length = strlen(name);

	return !strncasecmp(registered, name, length) && (!registered[length] || !strcmp(registered + length, suffix));
}

int iana_alert_number(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	if (digits >= 1 && digits <= 3 && !name[digits]) {
		int number = (int)strtol(name, NULL, 10);

		return number <= UINT8_MAX ? number : -1;
	}
	for (size_t i = 0; i < iana_alerts.count; i++)
		if (alert_named(iana_alerts.entries[i].name, name))
			return iana_alerts.entries[i].number;
	return -1;
}

const char *iana_cipher_name(uint16_t suite, iana_buffer buffer)
{
	return hexadecimal(name_in(&iana_ciphers, suite), suite, buffer);
}

const char *iana_group_name(uint16_t group, iana_buffer buffer)
{
	return hexadecimal(name_in(&iana_groups, group), group, buffer);
}

const char *iana_signature_name(uint16_t scheme, iana_buffer buffer)
{
	return hexadecimal(name_in(&iana_signatures, scheme), scheme, buffer);
}

const char *iana_version_name(uint16_t version, iana_buffer buffer)
{
	/* RFC 8446's drafts, section 4.2.1.1: "0x7f00 | draft". */
	if (version >> 8 == 0x7f) {
		snprintf(buffer, IANA_NAME_MAX, "TLS 1.3 draft %u", version & 0xffU);
		return buffer;
	}
	return hexadecimal(name_in(&iana_versions, version), version, buffer);
}

const char *iana_handshake_name(uint8_t type, iana_buffer buffer)
{
	return decimal(name_in(&iana_handshakes, type), type, buffer);
}

/* The same names for users of the library, who bring a buffer of their own size. */
typedef const char *name_fn(uint16_t number, iana_buffer buffer);

static const char *name_into(name_fn *name, uint16_t number, char *buffer, size_t size)
{
	iana_buffer own;
	const char *found = name(number, own);
	size_t length = strnlen(found, size ? size - 1 : 0);

	if (size == 0)
		return "";
	memcpy(buffer, found, length);
	buffer[length] = '\0';
	return buffer;
}

const char *tlsdiag_alert_name(uint8_t description, char *buffer, size_t size)
{
	iana_buffer own;

	snprintf(buffer, size, "%s", iana_alert_name(description, own));
	return buffer;
}

int tlsdiag_alert_number(const char *name)
{
	return iana_alert_number(name);
}

bool tlsdiag_alert_assigned(uint8_t description)
{
	return iana_alert_assigned(description);
}

const char *tlsdiag_version_name(uint16_t version, char *buffer, size_t size)
{
	return name_into(iana_version_name, version, buffer, size);
}

const char *tlsdiag_cipher_name(uint16_t cipher, char *buffer, size_t size)
{
	return name_into(iana_cipher_name, cipher, buffer, size);
}

const char *tlsdiag_group_name(uint16_t group, char *buffer, size_t size)
{
	return name_into(iana_group_name, group, buffer, size);
}

const char *tlsdiag_signature_scheme_name(uint16_t scheme, char *buffer, size_t size)
{
	return name_into(iana_signature_name, scheme, buffer, size);
}
