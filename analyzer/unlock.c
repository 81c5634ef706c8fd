/* unlock.c: see unlock.h. */
#include "unlock.h"

#include "decrypt.h"

#include <stdlib.h>

enum epoch {
	EPOCH_HANDSHAKE, /* TLS 1.2 and older: all there is */
	EPOCH_APPLICATION,
	EPOCHS,
};

struct unlocked {
	struct record_cipher *ciphers[2][EPOCHS]; /* [from_server]; NULL: no secret, or no longer in force */
	uint8_t out[RECORD_FRAGMENT_MAX];
};

static const enum keylog_label labels[2][EPOCHS] = {
	{KEYLOG_CLIENT_HANDSHAKE, KEYLOG_CLIENT_APPLICATION},
	{KEYLOG_SERVER_HANDSHAKE, KEYLOG_SERVER_APPLICATION},
};

static struct record_cipher *cipher_for(const struct keylog_session *session, const struct client_hello *ch,
					const struct server_hello *sh, bool from_server, enum epoch epoch)
{
	bool tls13 = version_is_tls13(sh->version);
	const struct keylog_secret *secret =
		&session->secrets[tls13 ? labels[from_server][epoch] : KEYLOG_MASTER_SECRET];
	const struct record_secrets secrets = {.version = sh->version,
					       .cipher = sh->cipher,
					       .from_server = from_server,
					       .encrypt_then_mac = sh->has_encrypt_then_mac,
					       .secret = secret->bytes,
					       .secret_length = secret->length,
					       .client_random = ch->random,
					       .server_random = sh->random};

	if (secret->length == 0 || (!tls13 && epoch != EPOCH_HANDSHAKE))
		return NULL;
	return record_cipher_new(&secrets);
}

struct unlocked *unlock_new(const struct keylog *keylog, const struct client_hello *ch, const struct server_hello *sh)
{
	const struct keylog_session *session = keylog ? keylog_find(keylog, ch->random) : NULL;
	struct unlocked *u = session ? calloc(1, sizeof(*u)) : NULL;
	bool any = false;

	if (!u)
		return NULL;
	for (int s = 0; s < 2; s++)
		for (int e = 0; e < EPOCHS; e++) {
			u->ciphers[s][e] = cipher_for(session, ch, sh, s, (enum epoch)e);
			any = any || u->ciphers[s][e];
		}
	if (any)
		return u;
	unlock_free(u);
	return NULL;
}

void unlock_free(struct unlocked *u)
{
	if (!u)
		return;
	for (int s = 0; s < 2; s++)
		for (int e = 0; e < EPOCHS; e++)
			record_cipher_free(u->ciphers[s][e]);
	free(u);
}

bool unlock_record(struct unlocked *u, bool from_server, const struct record *r, struct plaintext *out)
{
	struct record_cipher **ciphers = u->ciphers[from_server];

	if (!r->body || r->captured < r->length || r->length > sizeof(u->out))
		return false;
	for (int e = 0; e < EPOCHS; e++) {
		if (!ciphers[e])
			continue;
		if (!record_decrypt(ciphers[e], r->type, r->version, r->body, r->length, u->out, &out->length,
				    &out->type))
			continue;
		out->bytes = u->out;
		while (e-- > 0) { /* no record of the keys before will come */
			record_cipher_free(ciphers[e]);
			ciphers[e] = NULL;
		}
		return true;
	}
	return false;
}

void unlock_update(struct unlocked *u, bool from_server)
{
	if (u->ciphers[from_server][EPOCH_APPLICATION])
		record_cipher_update(u->ciphers[from_server][EPOCH_APPLICATION]);
}

size_t unlock_memory(const struct unlocked *u)
{
	return u ? sizeof(*u) + 4096 : 0; /* OpenSSL's contexts are its own; a guess is enough for a bound */
}
