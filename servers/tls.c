/* tls.c: makes the SSL_CTX of a specification; see tls.h. */
#include "servers/tls.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define STAPLE_MAX (64 * 1024)
#define TICKET_KEYS_MAX 256

static const char *reason(void)
{
	unsigned long error = ERR_peek_error();
	const char *text = ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error))
						   : ERR_reason_error_string(ERR_peek_last_error());

	return text ? text : "not accepted";
}

/* For the options of a server, as in a configuration file. NULL when out of memory. */
static SSL_CONF_CTX *new_conf(void)
{
	SSL_CONF_CTX *conf = SSL_CONF_CTX_new();

	if (conf)
		SSL_CONF_CTX_set_flags(conf, SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SERVER | SSL_CONF_FLAG_CERTIFICATE |
						     SSL_CONF_FLAG_SHOW_ERRORS);
	return conf;
}

bool tls_knows(const char *name)
{
	SSL_CONF_CTX *conf = new_conf();
	bool known = conf && SSL_CONF_cmd_value_type(conf, name) != SSL_CONF_TYPE_UNKNOWN;

	SSL_CONF_CTX_free(conf);
	return known;
}

static bool configure(SSL_CTX *context, const struct spec *spec, char *error)
{
	SSL_CONF_CTX *conf = new_conf();
	bool good = conf || complain(error, "no memory");

	if (conf)
		SSL_CONF_CTX_set_ssl_ctx(conf, context);
	for (size_t i = 0; good && i < spec->tls_count; i++) {
		const struct spec_option *option = &spec->tls[i];
		int answer;

		ERR_clear_error();
		answer = SSL_CONF_cmd(conf, option->name, option->value);
		if (answer == -2)
			good = complain(error, "SSL_CONF_cmd %s: unknown name", option->name);
		else if (answer <= 0)
			good = complain(error, "SSL_CONF_cmd %s: bad value \"%s\" (%s)", option->name, option->value,
					reason());
	}
	ERR_clear_error();
	if (good && SSL_CONF_CTX_finish(conf) != 1)
		good = complain(error, "SSL_CONF_CTX_finish: %s", reason());
	SSL_CONF_CTX_free(conf);
	return good;
}

static bool use_chain(SSL_CTX *context, const char *file, const struct stock_certificate *stocked)
{
	if (!stocked)
		return SSL_CTX_use_certificate_chain_file(context, file) == 1;
	return SSL_CTX_use_certificate(context, stocked->leaf) == 1 && SSL_CTX_set1_chain(context, stocked->chain) == 1;
}

static bool use_key(SSL_CTX *context, const char *file, const struct stock_certificate *stocked)
{
	if (!stocked)
		return SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) == 1;
	return SSL_CTX_use_PrivateKey(context, stocked->private_key) == 1;
}

static bool load_certificate(SSL_CTX *context, const struct spec *spec, const struct stock *stock, char *error)
{
	const struct stock_certificate *stocked;

	if (!spec->certificate)
		return true;
	stocked = stock_find(stock, spec->certificate, spec->key);
	ERR_clear_error();
	if (!use_chain(context, spec->certificate, stocked))
		return complain(error, "certificate: %s: %s", spec->certificate, reason());
	ERR_clear_error();
	if (!use_key(context, spec->key, stocked))
		return complain(error, "key: %s: %s", spec->key, reason());
	return true;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in,
			   unsigned inlen, void *arg)
{
	const struct spec *spec = arg;

	(void)ssl;
	for (size_t i = 0; i < spec->alpn_count; i++)
		for (unsigned at = 0; at < inlen; at += 1u + in[at])
			if (at + in[at] < inlen && in[at] == strlen(spec->alpn[i]) &&
			    memcmp(in + at + 1, spec->alpn[i], in[at]) == 0) {
				*out = in + at + 1;
				*outlen = in[at];
				return SSL_TLSEXT_ERR_OK;
			}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int check_name(SSL *ssl, int *alert, void *arg)
{
	const struct spec *spec = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	for (size_t i = 0; i < spec->server_names_count; i++)
		if (name && strcmp(name, spec->server_names[i]) == 0)
			return SSL_TLSEXT_ERR_OK;
	*alert = SSL_AD_UNRECOGNIZED_NAME;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* The response is read anew for each client that asks: OpenSSL takes the memory it is given. */
static int staple(SSL *ssl, void *arg)
{
	const struct spec *spec = arg;
	BIO *file = BIO_new_file(spec->staple, "rb");
	uint8_t *der = OPENSSL_malloc(STAPLE_MAX);
	int length = file && der ? BIO_read(file, der, STAPLE_MAX) : -1;

	BIO_free(file);
	if (length > 0 && SSL_set_tlsext_status_ocsp_resp(ssl, der, length) == 1)
		return SSL_TLSEXT_ERR_OK;
	OPENSSL_free(der);
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* A file that is not there is a mistake in the scenario, which a client that does not ask would never show. */
static bool has_staple(const struct spec *spec, char *error)
{
	BIO *file = spec->staple ? BIO_new_file(spec->staple, "rb") : NULL;

	BIO_free(file);
	return !spec->staple || file || complain(error, "staple: %s: %s", spec->staple, reason());
}

static unsigned answer_psk(SSL *ssl, const char *identity, unsigned char *psk, unsigned max)
{
	const struct spec *spec = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	(void)identity;
	if (spec->psk_length > max)
		return 0;
	memcpy(psk, spec->psk, spec->psk_length);
	return (unsigned)spec->psk_length;
}

static void add_callbacks(SSL_CTX *context, struct spec *spec)
{
	SSL_CTX_set_app_data(context, spec);
	if (spec->alpn_count)
		SSL_CTX_set_alpn_select_cb(context, choose_protocol, spec);
	if (spec->server_names_count) {
		SSL_CTX_set_tlsext_servername_callback(context, check_name);
		SSL_CTX_set_tlsext_servername_arg(context, spec);
	}
	if (spec->staple) {
		SSL_CTX_set_tlsext_status_cb(context, staple);
		SSL_CTX_set_tlsext_status_arg(context, spec);
	}
	if (spec->psk_length)
		SSL_CTX_set_psk_server_callback(context, answer_psk);
}

SSL_CTX *tls_context(struct spec *spec, struct stock *stock, char error[static COMPLAINT_MAX])
{
	static const unsigned char id[] = "tlslab";
	SSL_CTX *context = stock_take_context(stock);

	/* What a scenario does must not depend on the machine's openssl.cnf. */
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (!context)
		context = SSL_CTX_new(TLS_server_method());
	if (!context) {
		snprintf(error, COMPLAINT_MAX, "no memory for TLS");
		return NULL;
	}
	/* The chain is what the file holds, also when that is too little. */
	SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
	/* With VerifyMode, OpenSSL wants a context name before it resumes a session. */
	SSL_CTX_set_session_id_context(context, id, sizeof(id) - 1);
	if (configure(context, spec, error) && load_certificate(context, spec, stock, error) &&
	    has_staple(spec, error)) {
		add_callbacks(context, spec);
		return context;
	}
	SSL_CTX_free(context);
	return NULL;
}

bool tls_prepare(SSL_CTX *context, const struct spec *spec)
{
	unsigned char keys[TICKET_KEYS_MAX];
	long length = SSL_CTX_set_tlsext_ticket_keys(context, NULL, 0);

	if (!spec->rotate_ticket_keys)
		return true;
	return length > 0 && length <= TICKET_KEYS_MAX && RAND_bytes(keys, (int)length) == 1 &&
	       SSL_CTX_set_tlsext_ticket_keys(context, keys, length) == 1;
}
