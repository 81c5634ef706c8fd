/* names.c: names and numbers of the IANA TLS registries, as tables; see names.h. */
#include "servers/names.h"

#include <openssl/ssl.h>
#include <stdint.h>
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

static const struct name versions[] = {
	{"SSLv3", 0x0300}, {"TLSv1", 0x0301}, {"TLSv1.1", 0x0302}, {"TLSv1.2", 0x0303}, {"TLSv1.3", 0x0304},
};

/* IANA "TLS Supported Groups" */
static const struct name groups[] = {
	{"secp256r1", 23},  {"secp384r1", 24},  {"secp521r1", 25},  {"x25519", 29},           {"x448", 30},
	{"ffdhe2048", 256}, {"ffdhe3072", 257}, {"ffdhe4096", 258}, {"X25519MLKEM768", 4588},
};

/* -1 when the text is no number from 0 to max; -2 when it is no number at all. */
static int plain_number(const char *text, int base, long max)
{
	char *end;
	long number = strtol(text, &end, base);

	if (!*text || *end)
		return -2;
	return number >= 0 && number <= max ? (int)number : -1;
}

static int look_up(const struct name *names, size_t count, const char *name, int base, long max)
{
	int number = plain_number(name, base, max);

	for (size_t i = 0; number == -2 && i < count; i++)
		if (strcasecmp(names[i].name, name) == 0)
			number = names[i].number;
	return number < 0 ? -1 : number;
}

#define COUNT(names) (sizeof(names) / sizeof(*(names)))

int names_alert(const char *name)
{
	return look_up(alerts, COUNT(alerts), name, 10, UINT8_MAX);
}

int names_version(const char *name)
{
	return look_up(versions, COUNT(versions), name, 0, UINT16_MAX);
}

int names_group(const char *name)
{
	return look_up(groups, COUNT(groups), name, 0, UINT16_MAX);
}

int names_cipher_suite(const char *name)
{
	int number = plain_number(name, 0, UINT16_MAX);
	SSL_CTX *context = number == -2 ? SSL_CTX_new(TLS_method()) : NULL;
	STACK_OF(SSL_CIPHER) * ciphers;

	if (number != -2)
		return number;
	if (context)
		SSL_CTX_set_cipher_list(context, "ALL:COMPLEMENTOFALL:@SECLEVEL=0");
	ciphers = context ? SSL_CTX_get_ciphers(context) : NULL;
	number = -1;
	for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
		const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(ciphers, i);

		if (strcasecmp(SSL_CIPHER_standard_name(cipher), name) == 0)
			number = SSL_CIPHER_get_protocol_id(cipher);
	}
	SSL_CTX_free(context);
	return number;
}
