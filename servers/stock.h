/* stock.h: what every server needs of OpenSSL, made once in the process whose forks become cells: it takes as long as a
 * few handshakes, and a fork has its own copy for nothing. Nothing depends on it: what is not in stock is made when
 * needed.
 */
#ifndef SERVERS_STOCK_H
#define SERVERS_STOCK_H

#include <openssl/ssl.h>

struct stock;

struct stock_certificate {
	char *certificate, *key; /* names of the files: "good.pem", "good.key" */
	X509 *leaf;
	STACK_OF(X509) * chain; /* what follows the leaf, in the file's order */
	EVP_PKEY *private_key;
};

/* NULL: no memory. */
struct stock *stock_new(void);
void stock_free(struct stock *stock);

/* Reads folder/name.pem and folder/name.key, unless they are in stock. Files that cannot be read are left to the
 * server, which says what is wrong with them. */
void stock_add(struct stock *stock, const char *folder, const char *name);

/* NULL: not in stock. It stays the stock's. */
const struct stock_certificate *stock_find(const struct stock *stock, const char *certificate, const char *key);

/* A server context with nothing set, once in each process; NULL: it is taken. The caller frees it. */
SSL_CTX *stock_take_context(struct stock *stock);

#endif
