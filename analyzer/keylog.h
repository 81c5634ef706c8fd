/* keylog.h: the secrets of an SSLKEYLOGFILE, found by client random (draft-ietf-tls-keylogfile, NSS Key Log Format).
 *
 * Text comes in pieces of any size: from a file, from a file that is still growing, or from a pcapng Decryption Secrets
 * Block. Lines that cannot be used are counted and passed over. The store is bounded: when it is full, the session that
 * came first is given up. Secrets are wiped before their memory is released.
 */
#ifndef ANALYZER_KEYLOG_H
#define ANALYZER_KEYLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum keylog_label {
	KEYLOG_MASTER_SECRET, /* CLIENT_RANDOM: TLS 1.2 and older */
	KEYLOG_CLIENT_EARLY, /* CLIENT_EARLY_TRAFFIC_SECRET */
	KEYLOG_CLIENT_HANDSHAKE, /* CLIENT_HANDSHAKE_TRAFFIC_SECRET */
	KEYLOG_SERVER_HANDSHAKE, /* SERVER_HANDSHAKE_TRAFFIC_SECRET */
	KEYLOG_CLIENT_APPLICATION, /* CLIENT_TRAFFIC_SECRET_0 */
	KEYLOG_SERVER_APPLICATION, /* SERVER_TRAFFIC_SECRET_0 */
	KEYLOG_LABELS,
};

#define KEYLOG_RANDOM_SIZE 32
#define KEYLOG_SECRET_MAX 64

struct keylog_secret {
	uint8_t length; /* 0: not in the log */
	uint8_t bytes[KEYLOG_SECRET_MAX];
};

struct keylog_session {
	uint8_t client_random[KEYLOG_RANDOM_SIZE];
	struct keylog_secret secrets[KEYLOG_LABELS];
};

struct keylog_counts {
	uint64_t secrets; /* taken */
	uint64_t ignored; /* of labels that decryption has no use for (EXPORTER_SECRET, RSA …) */
	uint64_t malformed; /* lines */
	uint64_t sessions_given_up; /* to stay within the bound, or for want of memory */
};

struct keylog;

/* Holds at most so many sessions, of about 450 bytes each. NULL when out of memory. */
struct keylog *keylog_new(size_t sessions_max);
void keylog_free(struct keylog *k); /* NULL is fine */

/* The next n bytes of text. The last line counts once its newline has come, or with keylog_end(). */
void keylog_feed(struct keylog *k, const void *text, size_t n);

/* The text ends here, with or without a newline. More may follow as another text. */
void keylog_end(struct keylog *k);

/* The session of a ClientHello's random; NULL when the log has none. Lives until the next feed, end or free. */
const struct keylog_session *keylog_find(const struct keylog *k, const uint8_t client_random[KEYLOG_RANDOM_SIZE]);

void keylog_counts(const struct keylog *k, struct keylog_counts *counts);

#endif
