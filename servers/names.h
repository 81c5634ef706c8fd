/* names.h: the names that the step language uses for numbers of the IANA TLS registries. */
#ifndef SERVERS_NAMES_H
#define SERVERS_NAMES_H

/* The number of an alert, by its registered name ("protocol_version") or as a decimal number 0 to 255; -1: neither. */
int names_alert(const char *name);

/* The number of a protocol version as SSL_CONF_cmd spells it ("TLSv1.2"), or 0 to 65535, decimal or "0x…"; -1:
 * neither. */
int names_version(const char *name);
/* The number of a named group by its registered name ("secp384r1"), or as above; -1: neither. */
int names_group(const char *name);
/* The number of a cipher suite that OpenSSL knows, by its registered name ("TLS_AES_128_GCM_SHA256"), or as above. */
int names_cipher_suite(const char *name);

#endif
