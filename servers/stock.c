/* stock.c: see stock.h. */
#include "servers/stock.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stock {
	SSL_CTX *context;
	struct stock_certificate *items;
	size_t count;
};

struct stock *stock_new(void)
{
	struct stock *stock = calloc(1, sizeof(*stock));

	/* As in tls_context(): not what the machine's openssl.cnf says. */
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (stock)
		stock->context = SSL_CTX_new(TLS_server_method());
	return stock;
}

static void clear(struct stock_certificate *item)
{
	free(item->certificate);
	free(item->key);
	X509_free(item->leaf);
	sk_X509_pop_free(item->chain, X509_free);
	EVP_PKEY_free(item->private_key);
}

void stock_free(struct stock *stock)
{
	if (!stock)
		return;
	for (size_t i = 0; i < stock->count; i++)
		clear(&stock->items[i]);
	free(stock->items);
	SSL_CTX_free(stock->context);
	free(stock);
}

static BIO *open_file(const char *folder, const char *name)
{
	char path[PATH_MAX];

	return (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) < sizeof(path) ? BIO_new_file(path, "r")
											  : NULL;
}

static bool read_chain(struct stock_certificate *item, BIO *file)
{
	X509 *next;

	item->leaf = PEM_read_bio_X509_AUX(file, NULL, NULL, NULL);
	item->chain = sk_X509_new_null();
	while (item->leaf && item->chain && (next = PEM_read_bio_X509(file, NULL, NULL, NULL))) {
		if (!sk_X509_push(item->chain, next)) {
			X509_free(next);
			return false;
		}
	}
	return item->leaf && item->chain && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

static bool read_files(struct stock_certificate *item, const char *folder)
{
	BIO *certificate = open_file(folder, item->certificate), *key = open_file(folder, item->key);
	bool good = certificate && key && read_chain(item, certificate) &&
		    (item->private_key = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL));

	BIO_free(certificate);
	BIO_free(key);
	ERR_clear_error();
	return good;
}

void stock_add(struct stock *stock, const char *folder, const char *name)
{
	struct stock_certificate item = {0}, *items;

	if (!stock || asprintf(&item.certificate, "%s.pem", name) < 0)
		return;
	if (asprintf(&item.key, "%s.key", name) < 0 || stock_find(stock, item.certificate, item.key) ||
	    !read_files(&item, folder)) {
		clear(&item);
		return;
	}
	items = reallocarray(stock->items, stock->count + 1, sizeof(*items));
	if (!items) {
		clear(&item);
		return;
	}
	stock->items = items;
	stock->items[stock->count++] = item;
}

const struct stock_certificate *stock_find(const struct stock *stock, const char *certificate, const char *key)
{
	for (size_t i = 0; stock && i < stock->count; i++)
		if (strcmp(stock->items[i].certificate, certificate) == 0 && strcmp(stock->items[i].key, key) == 0)
			return &stock->items[i];
	return NULL;
}

SSL_CTX *stock_take_context(struct stock *stock)
{
	SSL_CTX *context = stock ? stock->context : NULL;

	if (stock)
		stock->context = NULL;
	return context;
}
