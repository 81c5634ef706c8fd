/* spec.h: what one server shall do, read from the JSON object that tlslab writes on the control socket.
 *
 *     {"listen": [{"address": "203.0.113.20", "port": 443}],
 *      "certificate": "/run/dir/good.pem", "key": "/run/dir/good.key",
 *      "tls": [["MinProtocol", "TLSv1.2"]],            SSL_CONF_cmd names and values, in order
 *      "steps": ["read client-hello", "reset"]}        see steps.h
 *
 * Only listen is required. Every other key has its row, and its meaning, in spec.c. Unknown keys are errors.
 */
#ifndef SERVERS_SPEC_H
#define SERVERS_SPEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/steps.h"

#define SPEC_LISTEN_MAX 16
#define SPEC_PSK_MAX 64

struct spec_listen {
	char *address; /* IPv4 or IPv6, numeric */
	uint16_t port; /* 0: any; the ready event says which */
	bool full; /* the queue of connections waiting to be accepted is full from the start, and stays so */
};

struct spec_option {
	char *name;
	char *value;
};

struct spec {
	struct spec_listen listen[SPEC_LISTEN_MAX];
	size_t listen_count;
	char *certificate;
	char *key;
	char *staple; /* file with a DER OCSP response to staple */
	struct spec_option *tls;
	size_t tls_count;
	char **alpn; /* protocols it speaks; a client that offers none of them gets alert 120 (RFC 7301, 3.2) */
	size_t alpn_count;
	char **server_names; /* names this server knows; another SNI gets alert 112 (RFC 6066, 3) */
	size_t server_names_count;
	uint8_t psk[SPEC_PSK_MAX];
	size_t psk_length;
	bool hasty; /* in TLS 1.3 it answers the client's Finished before it has seen what follows */
	bool rotate_ticket_keys; /* every connection has ticket keys of its own, so that no ticket is ever accepted */
	struct steps steps;
};

/* Reads the object. NULL, with one line in error, when it is not valid. Free with spec_free(). */
struct spec *spec_parse(const char *text, size_t length, char error[static COMPLAINT_MAX]);
void spec_free(struct spec *spec);

#endif
