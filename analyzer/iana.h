/* iana.h: numbers of the IANA TLS registries and their registered names, as tables.
 *
 * Every function that names a number writes into no buffer of its own: known numbers give static storage, unknown ones
 * are formatted into the caller's buffer as the field writes them (a decimal alert, a hexadecimal cipher suite).
 */
#ifndef ANALYZER_IANA_H
#define ANALYZER_IANA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IANA_NAME_MAX 64
typedef char iana_buffer[IANA_NAME_MAX];

/* "TLS Alerts": 70 gives "protocol_version"; an unassigned 72 gives "72". */
const char *iana_alert_name(uint8_t description, iana_buffer buffer);
/* The description of an alert name as registered, case-insensitively and with or without the registry's "_RESERVED", or
 * of a decimal number; -1 when it is neither. */
int iana_alert_number(const char *name);
bool iana_alert_assigned(uint8_t description);

/* "TLS Cipher Suites": 0x1301 gives "TLS_AES_128_GCM_SHA256"; unassigned gives "0x1A1A". */
const char *iana_cipher_name(uint16_t suite, iana_buffer buffer);
/* "TLS Supported Groups": 29 gives "x25519". */
const char *iana_group_name(uint16_t group, iana_buffer buffer);
/* "TLS SignatureScheme", TLS 1.2 pairs of hash and signature included: 0x0403 gives "ecdsa_secp256r1_sha256". */
const char *iana_signature_name(uint16_t scheme, iana_buffer buffer);
/* "SSL 3.0", "TLS 1.2", "TLS 1.3", "TLS 1.3 draft 23"; else "0x0305". */
const char *iana_version_name(uint16_t version, iana_buffer buffer);
/* "TLS HandshakeType" in the RFCs' spelling: 1 gives "ClientHello", 14 "ServerHelloDone"; else the number. */
const char *iana_handshake_name(uint8_t type, iana_buffer buffer);
/* GREASE values of two bytes, 0x?A?A (RFC 8701). */
static inline bool iana_is_grease(uint16_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

#endif
