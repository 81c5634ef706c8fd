/* keylog.c: lines cut out of the text, sessions in a balanced tree (tsearch, whose depth no input can choose) and in
 * the order of their arrival, so that the oldest can be given up.
 */
#include "keylog.h"

#include <openssl/crypto.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* More than the longest useful line: a label, two spaces, a random and a secret of 64 bytes in hexadecimal, CR. */
#define LINE_MAX_BYTES 256

struct node {
	struct keylog_session session; /* first, so that the tree can be searched by session */
	struct node *newer;
};

struct keylog {
	size_t sessions_max, sessions;
	void *tree;
	struct node *oldest, *newest;
	struct keylog_counts counts;
	size_t length; /* of the unfinished line, as far as it is kept */
	char line[LINE_MAX_BYTES];
};

struct label {
	const char *name;
	enum keylog_label label;
};

static const struct label labels[] = {
	{"CLIENT_RANDOM", KEYLOG_MASTER_SECRET},
	{"CLIENT_EARLY_TRAFFIC_SECRET", KEYLOG_CLIENT_EARLY},
	{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", KEYLOG_CLIENT_HANDSHAKE},
	{"SERVER_HANDSHAKE_TRAFFIC_SECRET", KEYLOG_SERVER_HANDSHAKE},
	{"CLIENT_TRAFFIC_SECRET_0", KEYLOG_CLIENT_APPLICATION},
	{"SERVER_TRAFFIC_SECRET_0", KEYLOG_SERVER_APPLICATION},
};

struct keylog *keylog_new(size_t sessions_max)
{
	struct keylog *k = calloc(1, sizeof(*k));

	if (k)
		k->sessions_max = sessions_max;
	return k;
}

static int compare_random(const void *a, const void *b)
{
	const struct keylog_session *left = a, *right = b;

	return memcmp(left->client_random, right->client_random, KEYLOG_RANDOM_SIZE);
}

static void give_up_oldest(struct keylog *k)
{
	struct node *e = k->oldest;

	k->oldest = e->newer;
	if (!k->oldest)
		k->newest = NULL;
	tdelete(e, &k->tree, compare_random);
	OPENSSL_clear_free(e, sizeof(*e));
	k->sessions--;
}

void keylog_free(struct keylog *k)
{
	if (!k)
		return;
	while (k->oldest)
		give_up_oldest(k);
	OPENSSL_cleanse(k, sizeof(*k));
	free(k);
}

/* The session of this random, made if need be; NULL when out of memory. */
static struct keylog_session *session_of(struct keylog *k, const struct keylog_session *key)
{
	struct node **found = tfind(key, &k->tree, compare_random);
	struct node *e;

	if (found)
		return &(*found)->session;
	e = OPENSSL_zalloc(sizeof(*e));
	if (!e)
		return NULL;
	memcpy(e->session.client_random, key->client_random, KEYLOG_RANDOM_SIZE);
	if (!tsearch(e, &k->tree, compare_random)) {
		OPENSSL_free(e);
		return NULL;
	}
	if (k->newest)
		k->newest->newer = e;
	else
		k->oldest = e;
	k->newest = e;
	k->sessions++;
	return &e->session;
}

static void store(struct keylog *k, const struct keylog_session *key, enum keylog_label label,
		  const struct keylog_secret *secret)
{
	struct keylog_session *session = session_of(k, key);

	if (!session) {
		k->counts.sessions_given_up++;
		return;
	}
	session->secrets[label] = *secret;
	k->counts.secrets++;
	if (k->sessions > k->sessions_max) {
		give_up_oldest(k);
		k->counts.sessions_given_up++;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The number of bytes that so many digits are, or 0 when they are none or do not fit. */
static size_t read_hex(const char *text, size_t digits, uint8_t *out, size_t max)
{
	if (digits % 2 || digits / 2 > max)
		return 0;
	for (size_t i = 0; i < digits; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return 0;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	return digits / 2;
}

/* A master secret has 48 bytes (RFC 5246 section 8.1); a traffic secret is as long as the cipher suite's hash. */
static bool length_fits(enum keylog_label label, size_t length)
{
	if (label == KEYLOG_MASTER_SECRET)
		return length == 48;
	return length == 32 || length == 48 || length == 64;
}

/* What follows a known label: " <random> <secret>". */
static void take_secret(struct keylog *k, enum keylog_label label, const char *rest)
{
	struct keylog_session key;
	struct keylog_secret secret = {0};
	size_t random_digits, secret_digits;
	const char *text;

	random_digits = strcspn(rest, " ");
	text = rest + random_digits + (rest[random_digits] == ' ');
	secret_digits = strlen(text);
	secret.length = (uint8_t)read_hex(text, secret_digits, secret.bytes, sizeof(secret.bytes));
	if (read_hex(rest, random_digits, key.client_random, KEYLOG_RANDOM_SIZE) == KEYLOG_RANDOM_SIZE &&
	    length_fits(label, secret.length))
		store(k, &key, label, &secret);
	else
		k->counts.malformed++;
	OPENSSL_cleanse(&secret, sizeof(secret));
}

static void take_line(struct keylog *k, const char *line)
{
	size_t length = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	if (line[0] == '\0' || line[0] == '#')
		return;
	if (length == 0 || line[length] != ' ') {
		k->counts.malformed++;
		return;
	}
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (strlen(labels[i].name) == length && !memcmp(labels[i].name, line, length)) {
			take_secret(k, labels[i].label, line + length + 1);
			return;
		}
	}
	k->counts.ignored++;
}

/* A line that is too long is judged by its beginning: a comment, an unknown label, or a secret that cannot be one. */
void keylog_end(struct keylog *k)
{
	size_t length = k->length;

	while (length > 0 && strchr("\r\t ", k->line[length - 1]))
		length--;
	k->line[length] = '\0';
	if (memchr(k->line, '\0', length))
		k->counts.malformed++;
	else
		take_line(k, k->line);
	k->length = 0;
	OPENSSL_cleanse(k->line, sizeof(k->line));
}

void keylog_feed(struct keylog *k, const void *text, size_t n)
{
	const char *c = text;

	for (size_t i = 0; i < n; i++) {
		if (c[i] == '\n')
			keylog_end(k);
		else if (k->length < LINE_MAX_BYTES - 1)
			k->line[k->length++] = c[i];
	}
}

const struct keylog_session *keylog_find(const struct keylog *k, const uint8_t client_random[KEYLOG_RANDOM_SIZE])
{
	struct keylog_session key;
	struct node **found;

	memcpy(key.client_random, client_random, KEYLOG_RANDOM_SIZE);
	found = tfind(&key, &k->tree, compare_random);
	return found ? &(*found)->session : NULL;
}

void keylog_counts(const struct keylog *k, struct keylog_counts *counts)
{
	*counts = k->counts;
}
