/* wire_tls.c: TLS records for wire.h (RFC 8446, RFC 5246). Lengths are written when what they count is whole. */
#include "tests/unit/wire.h"

#include <stdlib.h>
#include <string.h>

enum { RECORD_CCS = 20, RECORD_ALERT, RECORD_HANDSHAKE };
enum { CLIENT_HELLO = 1, SERVER_HELLO, CERTIFICATE = 11 };
enum {
	EXTENSION_SNI = 0,
	EXTENSION_GROUPS = 10,
	EXTENSION_SIGNATURES = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_PADDING = 21,
	EXTENSION_VERSIONS = 43,
	EXTENSION_KEY_SHARE = 51
};
enum { TLS12 = 0x0303, TLS13 = 0x0304, X25519 = 0x001d, SECP256R1 = 0x0017 };

static void put(struct wire_bytes *b, size_t size, uint64_t value)
{
	if (b->n + size > sizeof(b->bytes))
		abort();
	while (size-- > 0)
		b->bytes[b->n++] = (uint8_t)(value >> (8 * size));
}

static void put_bytes(struct wire_bytes *b, const void *bytes, size_t n)
{
	if (b->n + n > sizeof(b->bytes))
		abort();
	if (n)
		memcpy(b->bytes + b->n, bytes, n);
	b->n += n;
}

static void put_filler(struct wire_bytes *b, size_t n, uint8_t value)
{
	if (b->n + n > sizeof(b->bytes))
		abort();
	memset(b->bytes + b->n, value, n);
	b->n += n;
}

/* A length of `size` bytes, written by close_length() once what follows is there. */
static size_t open_length(struct wire_bytes *b, size_t size)
{
	put(b, size, 0);
	return b->n;
}

static void close_length(struct wire_bytes *b, size_t size, size_t start)
{
	size_t end = b->n;

	b->n = start - size;
	put(b, size, end - start);
	b->n = end;
}

/* Record and handshake headers. */
static struct wire_bytes open_message(uint8_t type, uint16_t record_version)
{
	struct wire_bytes b = {.n = 0};

	put(&b, 1, RECORD_HANDSHAKE);
	put(&b, 2, record_version);
	open_length(&b, 2);
	put(&b, 1, type);
	open_length(&b, 3);
	return b;
}

static void close_message(struct wire_bytes *b)
{
	close_length(b, 2, 5);
	close_length(b, 3, 9);
}

static size_t open_extension(struct wire_bytes *b, uint16_t type)
{
	put(b, 2, type);
	return open_length(b, 2);
}

static void put_list(struct wire_bytes *b, size_t prefix, const uint16_t list[WIRE_LIST_MAX])
{
	size_t start = open_length(b, prefix);

	for (size_t i = 0; i < WIRE_LIST_MAX && list[i]; i++)
		put(b, 2, list[i]);
	close_length(b, prefix, start);
}

static void put_names(struct wire_bytes *b, const struct wire_hello *h)
{
	size_t extension, list;

	if (h->sni) {
		extension = open_extension(b, EXTENSION_SNI);
		list = open_length(b, 2);
		put(b, 1, 0); /* host_name */
		put(b, 2, strlen(h->sni));
		put_bytes(b, h->sni, strlen(h->sni));
		close_length(b, 2, list);
		close_length(b, 2, extension);
	}
	if (h->alpn) {
		extension = open_extension(b, EXTENSION_ALPN);
		list = open_length(b, 2);
		put(b, 1, strlen(h->alpn));
		put_bytes(b, h->alpn, strlen(h->alpn));
		close_length(b, 2, list);
		close_length(b, 2, extension);
	}
}

static void put_key_share(struct wire_bytes *b)
{
	put(b, 2, X25519);
	put(b, 2, 32);
	put_filler(b, 32, 0x5a);
}

static void put_offers(struct wire_bytes *b, const uint16_t versions[WIRE_LIST_MAX], bool tls13)
{
	static const uint16_t groups[WIRE_LIST_MAX] = {X25519, SECP256R1},
			      signatures[WIRE_LIST_MAX] = {0x0403, 0x0804, 0x0401};
	size_t extension, list;

	extension = open_extension(b, EXTENSION_GROUPS);
	put_list(b, 2, groups);
	close_length(b, 2, extension);
	extension = open_extension(b, EXTENSION_SIGNATURES);
	put_list(b, 2, signatures);
	close_length(b, 2, extension);
	if (!tls13)
		return;
	extension = open_extension(b, EXTENSION_VERSIONS);
	put_list(b, 1, versions);
	close_length(b, 2, extension);
	extension = open_extension(b, EXTENSION_KEY_SHARE);
	list = open_length(b, 2);
	put_key_share(b);
	close_length(b, 2, list);
	close_length(b, 2, extension);
}

struct wire_bytes wire_client_hello(struct wire_hello h)
{
	static const uint16_t versions[WIRE_LIST_MAX] = {TLS13, TLS12},
			      ciphers[WIRE_LIST_MAX] = {0x1301, 0x1302, 0xc02f, 0xc030};
	struct wire_bytes b = open_message(CLIENT_HELLO, 0x0301);
	uint16_t highest = 0;
	size_t extensions;

	if (!h.versions[0])
		memcpy(h.versions, versions, sizeof(versions));
	if (!h.ciphers[0])
		memcpy(h.ciphers, ciphers, sizeof(ciphers));
	for (size_t i = 0; i < WIRE_LIST_MAX; i++)
		highest = h.versions[i] > highest ? h.versions[i] : highest;
	put(&b, 2, highest < TLS12 ? highest : TLS12);
	put_filler(&b, 32, 0xc1);
	put(&b, 1, highest >= TLS13 ? 32 : 0); /* session ID, of middlebox compatibility mode (RFC 8446 appendix D.4) */
	put_filler(&b, highest >= TLS13 ? 32 : 0, 0x1d);
	put_list(&b, 2, h.ciphers);
	put(&b, 2, 0x0100); /* no compression */
	extensions = open_length(&b, 2);
	put_names(&b, &h);
	put_offers(&b, h.versions, highest >= TLS13);
	if (b.n + 4 < h.size) {
		size_t padding = open_extension(&b, EXTENSION_PADDING);

		put_filler(&b, h.size - b.n, 0);
		close_length(&b, 2, padding);
	}
	close_length(&b, 2, extensions);
	close_message(&b);
	return b;
}

struct wire_bytes wire_server_hello(uint16_t version, uint16_t cipher, bool retry)
{
	/* RFC 8446 section 4.1.3: SHA-256 of "HelloRetryRequest" */
	static const uint8_t retry_random[] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
					       0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
					       0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
	struct wire_bytes b = open_message(SERVER_HELLO, version < TLS12 ? version : TLS12);

	put(&b, 2, version < TLS12 ? version : TLS12);
	if (retry)
		put_bytes(&b, retry_random, sizeof(retry_random));
	else
		put_filler(&b, 32, 0x5e);
	put(&b, 1, 32); /* the client's session ID, or a new one */
	put_filler(&b, 32, version >= TLS13 ? 0x1d : 0x5d);
	put(&b, 2, cipher);
	put(&b, 1, 0);
	if (version >= TLS13) {
		size_t extensions = open_length(&b, 2), extension = open_extension(&b, EXTENSION_VERSIONS);

		put(&b, 2, version);
		close_length(&b, 2, extension);
		extension = open_extension(&b, EXTENSION_KEY_SHARE);
		if (retry)
			put(&b, 2, SECP256R1);
		else
			put_key_share(&b);
		close_length(&b, 2, extension);
		close_length(&b, 2, extensions);
	}
	close_message(&b);
	return b;
}

struct wire_bytes wire_message(uint8_t type, size_t n)
{
	struct wire_bytes b = open_message(type, TLS12);

	put_filler(&b, n, 0);
	close_message(&b);
	return b;
}

struct wire_bytes wire_certificate(size_t n)
{
	struct wire_bytes b = open_message(CERTIFICATE, TLS12);
	size_t list = open_length(&b, 3), entry = open_length(&b, 3);

	put_filler(&b, n, 0x30);
	close_length(&b, 3, entry);
	close_length(&b, 3, list);
	close_message(&b);
	return b;
}

struct wire_bytes wire_record(uint8_t type, uint16_t version, size_t n)
{
	struct wire_bytes b = {.n = 0};

	put(&b, 1, type);
	put(&b, 2, version);
	put(&b, 2, n);
	put_filler(&b, n, 0xda);
	return b;
}

struct wire_bytes wire_change_cipher_spec(void)
{
	struct wire_bytes b = wire_record(RECORD_CCS, TLS12, 1);

	b.bytes[5] = 1;
	return b;
}

struct wire_bytes wire_alert(uint8_t level, uint8_t description)
{
	struct wire_bytes b = wire_record(RECORD_ALERT, TLS12, 2);

	b.bytes[5] = level;
	b.bytes[6] = description;
	return b;
}

struct wire_bytes wire_text(const char *text)
{
	struct wire_bytes b = {.n = 0};

	put_bytes(&b, text, strlen(text));
	return b;
}

void wire_append(struct wire_bytes *to, struct wire_bytes more)
{
	put_bytes(to, more.bytes, more.n);
}

size_t wire_data(struct wire *w, enum wire_side from, const struct wire_bytes *bytes, size_t mss)
{
	size_t first = w->count, at = 0;

	do {
		size_t n = bytes->n - at < mss ? bytes->n - at : mss;

		wire_segment(w, from, at + n < bytes->n ? "." : "P.", .payload = bytes->bytes + at, .length = n);
		at += n;
	} while (at < bytes->n);
	return first;
}
