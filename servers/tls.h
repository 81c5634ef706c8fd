/* tls.h: the OpenSSL side of a specification: every option goes through SSL_CONF_cmd by name, unchanged. */
#ifndef SERVERS_TLS_H
#define SERVERS_TLS_H

#include <openssl/ssl.h>

#include "servers/spec.h"
#include "servers/stock.h"

/* A server context as the specification wants it, and nothing that this machine's openssl.cnf wants. It uses the
 * specification, which must outlive it, and what the stock (NULL: none) has. NULL, with one line in error, when
 * something in it is not accepted. */
SSL_CTX *tls_context(struct spec *spec, struct stock *stock, char error[static COMPLAINT_MAX]);

/* Whether SSL_CONF_cmd knows an option of that name for a server's configuration. */
bool tls_knows(const char *name);

/* Before a connection starts: what shall differ from one connection to the next. */
bool tls_prepare(SSL_CTX *context, const struct spec *spec);

#endif
