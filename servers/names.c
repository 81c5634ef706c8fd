/* names.c: names and numbers of the IANA TLS registries, as tables; see names.h. */
#include "servers/names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct name {
	const char *name;
	int number;
};

/* IANA "TLS Alerts"; no_certificate is SSL 3.0's (RFC 6101, 5.4.2). */
static const struct name alerts[] = {
	{"close_notify", 0},
	{"unexpected_message", 10},
	{"bad_record_mac", 20},
	{"decryption_failed", 21},
	{"record_overflow", 22},
	{"decompression_failure", 30},
	{"handshake_failure", 40},
	{"no_certificate", 41},
	{"bad_certificate", 42},
	{"unsupported_certificate", 43},
	{"certificate_revoked", 44},
	{"certificate_expired", 45},
	{"certificate_unknown", 46},
	{"illegal_parameter", 47},
	{"unknown_ca", 48},
	{"access_denied", 49},
	{"decode_error", 50},
	{"decrypt_error", 51},
	{"too_many_cids_requested", 52},
	{"export_restriction", 60},
	{"protocol_version", 70},
	{"insufficient_security", 71},
	{"internal_error", 80},
	{"inappropriate_fallback", 86},
	{"user_canceled", 90},
	{"no_renegotiation", 100},
	{"missing_extension", 109},
	{"unsupported_extension", 110},
	{"certificate_unobtainable", 111},
	{"unrecognized_name", 112},
	{"bad_certificate_status_response", 113},
	{"bad_certificate_hash_value", 114},
	{"unknown_psk_identity", 115},
	{"certificate_required", 116},
	{"general_error", 117},
	{"no_application_protocol", 120},
	{"ech_required", 121},
};

int names_alert(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);

	if (*name && !*end)
		return number >= 0 && number <= 255 ? (int)number : -1;
	for (size_t i = 0; i < sizeof(alerts) / sizeof(*alerts); i++)
		if (strcasecmp(alerts[i].name, name) == 0)
			return alerts[i].number;
	return -1;
}
