/* alias.c: a hash table from values to the numbers of their aliases; see alias.h. */
#include "alias.h"
#include "rewrite.h"

#include <ctype.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

enum kind {
	KIND_ADDRESS,
	KIND_WORD,
	KIND_BYTES,
};

/* Where addresses come from. */
enum pool {
	POOL_CLIENT, /* as enum alias_role */
	POOL_SERVER,
	POOL_OTHER,
	POOL_MORE,
	POOL_LINK_LOCAL,
	POOL_MULTICAST,
	POOLS,
};

#define LENGTHS 256 /* of words that are counted apart */
#define DIGEST SHA256_DIGEST_LENGTH

struct entry {
	uint32_t hash;
	uint32_t number;
	size_t key; /* in keys */
	uint16_t length;
	uint8_t kind; /* enum kind */
	uint8_t pool; /* of an address */
	bool used;
};

struct alias_table {
	struct entry *entries;
	size_t size, count; /* size: a power of two */
	uint8_t *keys;
	size_t keys_length, keys_size;
	uint32_t addresses[2][POOLS]; /* [of IPv6] given so far */
	uint32_t words[LENGTHS];
	uint32_t bytes;
	uint64_t address_count, word_count;
	bool failed;
};

struct alias_table *alias_table_new(void)
{
	struct alias_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->size = 256;
	t->entries = calloc(t->size, sizeof(*t->entries));
	if (t->entries)
		return t;
	free(t);
	return NULL;
}

void alias_table_free(struct alias_table *t)
{
	if (!t)
		return;
	free(t->entries);
	free(t->keys);
	free(t);
}

void alias_counts(const struct alias_table *t, struct alias_counts *counts)
{
	*counts = (struct alias_counts){.addresses = t->address_count,
					.words = t->word_count,
					.memory = t->size * sizeof(*t->entries) + t->keys_size,
					.failed = t->failed};
}

/* ---- The table ---- */

/* FNV-1a. */
static uint32_t hash_of(enum kind kind, const uint8_t *key, size_t n)
{
	uint32_t h = (2166136261u ^ (uint32_t)kind) * 16777619u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ key[i]) * 16777619u;
	return h ^ h >> 15;
}

static bool grow(struct alias_table *t)
{
	size_t size = t->size * 2;
	struct entry *entries = calloc(size, sizeof(*entries));

	if (!entries)
		return false;
	for (size_t i = 0; i < t->size; i++) {
		size_t at = t->entries[i].hash & (size - 1);

		if (!t->entries[i].used)
			continue;
		while (entries[at].used)
			at = (at + 1) & (size - 1);
		entries[at] = t->entries[i];
	}
	free(t->entries);
	t->entries = entries;
	t->size = size;
	return true;
}

static bool keep_key(struct alias_table *t, const uint8_t *key, size_t n, size_t *at)
{
	if (t->keys_length + n > t->keys_size) {
		size_t size = t->keys_size ? t->keys_size * 2 : 4096;
		uint8_t *keys = realloc(t->keys, size);

		if (!keys)
			return false;
		t->keys = keys;
		t->keys_size = size;
	}
	*at = t->keys_length;
	memcpy(t->keys + *at, key, n);
	t->keys_length += n;
	return true;
}

/* The value's entry; *fresh says that it was made now, its number still to be set. NULL when out of memory. n is at
 * most 255. */
static struct entry *find(struct alias_table *t, enum kind kind, const uint8_t *key, size_t n, bool *fresh)
{
	uint32_t hash = hash_of(kind, key, n);
	size_t at, kept;

	if (t->count * 2 >= t->size && !grow(t) && t->count + 1 >= t->size) {
		t->failed = true;
		return NULL;
	}
	for (at = hash & (t->size - 1); t->entries[at].used; at = (at + 1) & (t->size - 1)) {
		const struct entry *e = &t->entries[at];

		if (e->hash == hash && e->kind == kind && e->length == n && !memcmp(t->keys + e->key, key, n)) {
			*fresh = false;
			return &t->entries[at];
		}
	}
	if (!keep_key(t, key, n, &kept)) {
		t->failed = true;
		return NULL;
	}
	t->entries[at] =
		(struct entry){.hash = hash, .key = kept, .length = (uint16_t)n, .kind = (uint8_t)kind, .used = true};
	t->count++;
	*fresh = true;
	return &t->entries[at];
}

/* ---- Addresses ---- */

#define IPV4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* The first address of a pool and how many there are, network and broadcast addresses left out. */
static const struct {
	uint32_t first, count;
} ipv4_pools[POOLS] = {
	[POOL_CLIENT] = {IPV4(192, 0, 2, 1), 254},         [POOL_SERVER] = {IPV4(203, 0, 113, 1), 254},
	[POOL_OTHER] = {IPV4(198, 51, 100, 1), 254},       [POOL_MORE] = {IPV4(198, 18, 0, 1), (1u << 17) - 2},
	[POOL_LINK_LOCAL] = {IPV4(169, 254, 1, 0), 65024}, [POOL_MULTICAST] = {IPV4(233, 252, 0, 0), 256},
};

/* Behind the benchmark addresses come 2^28 - 2 reserved ones. */
static uint32_t ipv4_of(enum pool pool, uint32_t number)
{
	uint32_t count = ipv4_pools[pool].count;

	if (pool == POOL_MORE && number >= count)
		return IPV4(240, 0, 0, 1) + (number - count) % ((1u << 28) - 2);
	return ipv4_pools[pool].first + number % count;
}

static void ipv6_of(enum pool pool, uint32_t number, uint8_t out[16])
{
	static const uint8_t heads[POOLS][16] = {
		[POOL_CLIENT] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x0c},
		[POOL_SERVER] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x05},
		[POOL_OTHER] = {0x20, 0x01, 0x0d, 0xb8},
		[POOL_MORE] = {0x20, 0x01, 0x0d, 0xb8},
		[POOL_LINK_LOCAL] = {0xfe, 0x80},
		[POOL_MULTICAST] = {0xff, 0x0e, 0, 0, 0, 0, 0, 0, 0x0d, 0xb8},
	};

	memcpy(out, heads[pool], 16);
	rewrite_put_u32(out + 12, number + 1);
}

/* What stays as it is: it is the same everywhere. */
static bool keeps_itself(const uint8_t *b, bool v6)
{
	static const uint8_t loopback[16] = {[15] = 1}, unspecified[16];

	if (!v6)
		return b[0] == 0 || b[0] == 127 || !memcmp(b, "\xff\xff\xff\xff", 4) || !memcmp(b, "\xe0\0\0", 3);
	/* ff02::/112 less the solicited-node ones: link scope, a group of IANA's */
	return !memcmp(b, loopback, 16) || !memcmp(b, unspecified, 16) ||
	       (b[0] == 0xff && !memcmp(b + 2, unspecified, 12));
}

/* RFC 4291 section 2.7.1: its last three bytes are those of the address that is looked for. */
static bool is_solicited_node(const uint8_t *b, bool v6)
{
	static const uint8_t head[13] = {0xff, 0x02, [11] = 1, [12] = 0xff};

	return v6 && !memcmp(b, head, sizeof(head));
}

static enum pool pool_of(const uint8_t *b, bool v6, enum alias_role role)
{
	if (v6 ? b[0] == 0xff : (b[0] & 0xf0) == 0xe0)
		return POOL_MULTICAST;
	if (v6 ? b[0] == 0xfe && (b[1] & 0xc0) == 0x80 : b[0] == 169 && b[1] == 254)
		return POOL_LINK_LOCAL;
	return (enum pool)role;
}

static void number_address(struct alias_table *t, struct entry *e, bool v6, enum pool pool)
{
	if (!v6 && pool <= POOL_OTHER && t->addresses[v6][pool] >= ipv4_pools[pool].count)
		pool = POOL_MORE;
	e->pool = (uint8_t)pool;
	e->number = t->addresses[v6][pool]++;
	t->address_count++;
}

static void address_bytes(struct alias_table *t, const uint8_t *in, bool v6, enum alias_role role, uint8_t *out)
{
	size_t n = v6 ? 16 : 4;
	struct entry *e;
	bool fresh;

	if (is_solicited_node(in, v6)) {
		memmove(out, in, 13);
		memset(out + 13, 0, 3);
		return;
	}
	if (keeps_itself(in, v6)) {
		memmove(out, in, n);
		return;
	}
	e = find(t, KIND_ADDRESS, in, n, &fresh);
	if (!e) {
		memset(out, 0, n);
		return;
	}
	if (fresh)
		number_address(t, e, v6, pool_of(in, v6, role));
	if (v6)
		ipv6_of((enum pool)e->pool, e->number, out);
	else
		rewrite_put_u32(out, ipv4_of((enum pool)e->pool, e->number));
}

void alias_address(struct alias_table *t, const struct ip_address *address, enum alias_role role,
		   struct ip_address *out)
{
	struct ip_address alias = {.version = address->version};

	if (address->version)
		address_bytes(t, address->bytes, address->version == 6, role, alias.bytes);
	*out = alias;
}

void alias_address_bytes(struct alias_table *t, const uint8_t *in, size_t n, uint8_t *out)
{
	if (n == 4 || n == 16)
		address_bytes(t, in, n == 16, ALIAS_OTHER, out);
	else
		memset(out, 0, n);
}

/* ---- Text ---- */

bool alias_in_word(uint8_t byte)
{
	return isalnum(byte) || byte >= 0x80 || byte == '-' || byte == '_';
}

/* The number in digits of base 26, of which 'x' is the zero. */
static void word_of(uint32_t number, size_t n, uint8_t *out)
{
	static const char digits[] = "xabcdefghijklmnopqrstuvwyz";

	for (size_t i = n; i-- > 0; number /= 26)
		out[i] = (uint8_t)digits[number % 26];
}

static void alias_word(struct alias_table *t, const uint8_t *in, size_t n, uint8_t *out)
{
	uint8_t key[LENGTHS] = {0};
	struct entry *e;
	bool fresh;

	for (size_t i = 0; i < n; i++)
		key[i] = (uint8_t)(in[i] < 0x80 ? tolower(in[i]) : in[i]);
	e = find(t, KIND_WORD, key, n, &fresh);
	if (e && fresh) {
		e->number = ++t->words[n];
		t->word_count++;
	}
	word_of(e ? e->number : 0, n, out);
}

/* The length of an IPv4 address in its usual form at the beginning; 0: there is none. */
static size_t ipv4_text(const uint8_t *in, size_t n, uint8_t address[4])
{
	size_t at = 0;

	for (int part = 0; part < 4; part++) {
		unsigned value = 0;
		size_t digits = 0;

		if (part && (at == n || in[at++] != '.'))
			return 0;
		while (at < n && isdigit(in[at]) && digits < 4) {
			value = value * 10 + (unsigned)(in[at++] - '0');
			digits++;
		}
		if (!digits || digits > 3 || value > 255)
			return 0;
		address[part] = (uint8_t)value;
	}
	if (at < n && (alias_in_word(in[at]) || (in[at] == '.' && at + 1 < n && alias_in_word(in[at + 1]))))
		return 0;
	return at;
}

static void alias_ipv4_text(struct alias_table *t, const uint8_t address[4], const uint8_t *in, size_t n, uint8_t *out)
{
	uint8_t alias[4];
	char text[16];

	address_bytes(t, address, false, ALIAS_OTHER, alias);
	if ((size_t)snprintf(text, sizeof(text), "%u.%u.%u.%u", alias[0], alias[1], alias[2], alias[3]) == n) {
		memcpy(out, text, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = in[i] == '.' ? '.' : '0';
}

size_t alias_address_length(const uint8_t *in, size_t n)
{
	uint8_t address[4];

	return ipv4_text(in, n, address);
}

void alias_text(struct alias_table *t, const uint8_t *in, size_t n, uint8_t *out)
{
	size_t at = 0;

	while (at < n) {
		uint8_t address[4];
		size_t length = ipv4_text(in + at, n - at, address);

		if (length) {
			alias_ipv4_text(t, address, in + at, length, out + at);
			at += length;
			continue;
		}
		while (at + length < n && alias_in_word(in[at + length]) && length < LENGTHS - 1)
			length++;
		if (length)
			alias_word(t, in + at, length, out + at);
		else
			out[at] = in[at] >= 0x20 && in[at] < 0x7f ? in[at] : 0;
		at += length ? length : 1;
	}
}

/* ---- Bytes ---- */

void alias_bytes(struct alias_table *t, const uint8_t *in, size_t n, uint8_t *out)
{
	uint8_t seed[8] = "tlsd", digest[DIGEST];
	const uint8_t *key = in;
	struct entry *e;
	bool fresh;
	size_t key_length = n;

	if (n == 0)
		return;
	if (n > DIGEST) {
		SHA256(in, n, digest);
		key = digest;
		key_length = DIGEST;
	}
	e = find(t, KIND_BYTES, key, key_length, &fresh);
	if (e && fresh)
		e->number = t->bytes++;
	if (!e) {
		memset(out, 0, n);
		return;
	}
	rewrite_put_u32(seed + 4, e->number);
	SHA256(seed, sizeof(seed), digest);
	for (size_t i = 0; i < n; i++) {
		if (i && i % DIGEST == 0)
			SHA256(digest, DIGEST, digest);
		out[i] = digest[i % DIGEST];
	}
}
