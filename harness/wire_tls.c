/* wire_tls.c: see wire_tls.h.
 *
 * Theory of operation. The scanner is fed contiguous bytes and stands either in a record's header (5 bytes: type,
 * version, length; RFC 8446 section 5.1) or in its body. Bodies of plain handshake records go on to a second, equal
 * scanner for handshake messages (4 bytes: type, length; section 4), which knows nothing of records, since a message
 * may span several. Both note a message as soon as its header is complete and move its end on with every byte.
 */
#include "harness/wire_tls.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/cursor.h"

enum {
	RECORD_HEADER = 5,
	HANDSHAKE_HEADER = 4,
	MESSAGES_MAX = 1024,
	HELLO_MAX = 16384, /* of a ClientHello's bytes that are kept to find its server name */
	EARLY_MAX = 64, /* segments that wait for what is before them */
	SNI_MAX = 256,

	RECORD_CHANGE_CIPHER_SPEC = 20,
	RECORD_HANDSHAKE = 22,
	HANDSHAKE_CLIENT_HELLO = 1,
	HANDSHAKE_SERVER_HELLO = 2,
	EXTENSION_SERVER_NAME = 0,
};

#define NO_MESSAGE SIZE_MAX

struct early {
	uint32_t offset;
	size_t length;
	uint8_t *bytes;
};

/* One layer: a header, then as many bytes as it said. */
struct layer {
	uint8_t header[RECORD_HEADER];
	size_t header_have;
	size_t body_left;
	size_t message; /* index, or NO_MESSAGE */
};

struct wire_tls {
	uint32_t next; /* offset of the next byte to scan */
	struct layer record, handshake;
	bool encrypted; /* a ChangeCipherSpec has passed: handshake records are, unless … */
	bool plain; /* … this one is plain all the same */
	uint8_t peek[HANDSHAKE_HEADER]; /* how such a record begins */
	size_t peek_have;
	uint8_t hello[HELLO_MAX];
	size_t hello_length;
	char sni[SNI_MAX];
	struct wire_message messages[MESSAGES_MAX];
	size_t count;
	struct early early[EARLY_MAX];
	size_t early_count;
};

/* Content types and handshake types that wires show, RFC 8446 appendix B and RFC 5246 section 7.4. */
static const struct {
	bool record;
	uint8_t type;
	const char *name;
} names[] = {
	{true, RECORD_CHANGE_CIPHER_SPEC, "change-cipher-spec"},
	{true, 21, "alert"},
	{true, 23, "application-data"},
	{false, 0, "hello-request"},
	{false, HANDSHAKE_CLIENT_HELLO, "client-hello"},
	{false, HANDSHAKE_SERVER_HELLO, "server-hello"},
	{false, 4, "new-session-ticket"},
	{false, 11, "certificate"},
	{false, 12, "server-key-exchange"},
	{false, 13, "certificate-request"},
	{false, 14, "server-hello-done"},
	{false, 15, "certificate-verify"},
	{false, 16, "client-key-exchange"},
	{true, RECORD_HANDSHAKE, "finished"},
	{false, 22, "certificate-status"},
};

const char *const wire_tls_names[] = {
	"change-cipher-spec",  "alert",
	"application-data",    "hello-request",
	"client-hello",        "server-hello",
	"certificate",         "new-session-ticket",
	"certificate-status",  "server-key-exchange",
	"certificate-request", "finished",
	"server-hello-done",   "certificate-verify",
	"client-key-exchange", NULL,
};

static const char *name_of(bool record, uint8_t type)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].record == record && names[i].type == type)
			return names[i].name;
	return NULL;
}

/* ---- Messages ---- */

static size_t begin_message(struct wire_tls *tls, const char *name, uint32_t start, uint32_t end)
{
	unsigned ordinal = 1;

	if (!name || tls->count == MESSAGES_MAX)
		return NO_MESSAGE;
	for (size_t i = 0; i < tls->count; i++)
		ordinal += tls->messages[i].name == name;
	tls->messages[tls->count] = (struct wire_message){name, ordinal, start, end, false};
	return tls->count++;
}

static void extend_message(struct wire_tls *tls, const struct layer *layer, uint32_t end)
{
	if (layer->message == NO_MESSAGE)
		return;
	tls->messages[layer->message].end = end;
	tls->messages[layer->message].whole = layer->body_left == 0;
}

/* RFC 6066 section 3. The hello may still be incomplete: then what is there is looked at. `c` is over its
 * extensions. */
static void find_server_name(struct wire_tls *tls, struct cursor c)
{
	struct cursor extension, list, host;
	uint16_t type;
	uint8_t name_type;

	while (cursor_u16(&c, &type) && cursor_prefixed(&c, 2, &extension)) {
		if (type != EXTENSION_SERVER_NAME)
			continue;
		if (cursor_prefixed(&extension, 2, &list) && cursor_u8(&list, &name_type) && name_type == 0 &&
		    cursor_prefixed(&list, 2, &host) && host.left < SNI_MAX) {
			memcpy(tls->sni, host.at, host.left);
			tls->sni[host.left] = '\0';
		}
		return;
	}
}

static void read_hello(struct wire_tls *tls)
{
	struct cursor c = cursor_over(tls->hello, tls->hello_length), skipped;

	/* version, random; session, ciphers, compression; the extensions' length */
	if (cursor_skip(&c, 34) && cursor_prefixed(&c, 1, &skipped) && cursor_prefixed(&c, 2, &skipped) &&
	    cursor_prefixed(&c, 1, &skipped) && cursor_skip(&c, 2))
		find_server_name(tls, c);
}

static void keep_hello(struct wire_tls *tls, const uint8_t *bytes, size_t length)
{
	if (length > HELLO_MAX - tls->hello_length)
		length = HELLO_MAX - tls->hello_length;
	memcpy(tls->hello + tls->hello_length, bytes, length);
	tls->hello_length += length;
	read_hello(tls);
}

/* ---- The two layers ---- */

/* Takes bytes into the layer's header; returns how many. */
static size_t take_header(struct layer *layer, size_t size, const uint8_t *bytes, size_t length)
{
	size_t taken = size - layer->header_have;

	if (taken > length)
		taken = length;
	memcpy(layer->header + layer->header_have, bytes, taken);
	layer->header_have += taken;
	return taken;
}

static void end_layer(struct layer *layer)
{
	layer->header_have = 0;
	layer->message = NO_MESSAGE;
}

static void scan_handshake(struct wire_tls *tls, uint32_t offset, const uint8_t *bytes, size_t length)
{
	struct layer *layer = &tls->handshake;

	while (length > 0) {
		size_t taken;

		if (layer->header_have < HANDSHAKE_HEADER) {
			taken = take_header(layer, HANDSHAKE_HEADER, bytes, length);
			if (layer->header_have == HANDSHAKE_HEADER) {
				layer->body_left = (size_t)layer->header[1] << 16 | (size_t)layer->header[2] << 8 |
						   layer->header[3];
				layer->message = begin_message(tls, name_of(false, layer->header[0]),
							       offset + (uint32_t)taken - HANDSHAKE_HEADER,
							       offset + (uint32_t)taken);
				if (layer->header[0] == HANDSHAKE_CLIENT_HELLO)
					tls->hello_length = 0;
			}
		} else {
			taken = length < layer->body_left ? length : layer->body_left;
			layer->body_left -= taken;
			if (layer->header[0] == HANDSHAKE_CLIENT_HELLO)
				keep_hello(tls, bytes, taken);
		}
		bytes += taken;
		length -= taken;
		offset += (uint32_t)taken;
		if (layer->header_have == HANDSHAKE_HEADER) {
			extend_message(tls, layer, offset);
			if (layer->body_left == 0)
				end_layer(layer);
		}
	}
}

static bool is_plain_handshake(const struct wire_tls *tls)
{
	return tls->record.header[0] == RECORD_HANDSHAKE && (!tls->encrypted || tls->plain);
}

/* Between a HelloRetryRequest and what it asks for stands a ChangeCipherSpec that changes nothing (RFC 8446 appendix
 * D.4): a hello that fills its record is no Finished. Bytes of such a record's body; returns how many were taken to
 * find out. */
static size_t peek(struct wire_tls *tls, uint32_t offset, const uint8_t *bytes, size_t length)
{
	size_t taken = HANDSHAKE_HEADER - tls->peek_have,
	       body = (size_t)tls->record.header[3] << 8 | tls->record.header[4];

	if (taken > length)
		taken = length;
	memcpy(tls->peek + tls->peek_have, bytes, taken);
	tls->peek_have += taken;
	if (tls->peek_have < HANDSHAKE_HEADER ||
	    (tls->peek[0] != HANDSHAKE_CLIENT_HELLO && tls->peek[0] != HANDSHAKE_SERVER_HELLO) ||
	    ((size_t)tls->peek[1] << 16 | (size_t)tls->peek[2] << 8 | tls->peek[3]) + HANDSHAKE_HEADER != body)
		return taken;
	tls->plain = true;
	/* nothing has begun since this record did */
	if (tls->record.message != NO_MESSAGE)
		tls->count--;
	tls->record.message = NO_MESSAGE;
	scan_handshake(tls, offset + (uint32_t)taken - HANDSHAKE_HEADER, tls->peek, HANDSHAKE_HEADER);
	return taken;
}

static void begin_record(struct wire_tls *tls, uint32_t end)
{
	struct layer *layer = &tls->record;
	uint8_t type = layer->header[0];

	layer->body_left = (size_t)layer->header[3] << 8 | layer->header[4];
	tls->plain = false;
	tls->peek_have = 0;
	if (!is_plain_handshake(tls))
		layer->message = begin_message(tls, name_of(true, type), end - RECORD_HEADER, end);
	tls->encrypted |= type == RECORD_CHANGE_CIPHER_SPEC;
}

/* Whether what stands in the header so far can be a record's: type, major version. */
static bool is_record(const struct layer *layer)
{
	return (layer->header_have < 1 || (layer->header[0] >= 20 && layer->header[0] <= 24)) &&
	       (layer->header_have < 2 || layer->header[1] == 3);
}

/* Bytes of a record's body; returns how many were taken. */
static size_t scan_body(struct wire_tls *tls, const uint8_t *bytes, size_t length)
{
	size_t taken = length < tls->record.body_left ? length : tls->record.body_left;

	if (is_plain_handshake(tls))
		scan_handshake(tls, tls->next, bytes, taken);
	else if (tls->record.header[0] == RECORD_HANDSHAKE && tls->peek_have < HANDSHAKE_HEADER)
		taken = peek(tls, tls->next, bytes, taken);
	tls->record.body_left -= taken;
	return taken;
}

/* Bytes of a record's header; returns how many were taken. Of a segment that is no TLS, all. */
static size_t scan_header(struct wire_tls *tls, const uint8_t *bytes, size_t length)
{
	struct layer *layer = &tls->record;
	size_t taken = take_header(layer, RECORD_HEADER, bytes, length);

	if (!is_record(layer)) {
		end_layer(layer);
		return length;
	}
	if (layer->header_have == RECORD_HEADER)
		begin_record(tls, tls->next + (uint32_t)taken);
	return taken;
}

/* Contiguous bytes at tls->next, of one segment. */
static void scan(struct wire_tls *tls, const uint8_t *bytes, size_t length)
{
	struct layer *layer = &tls->record;

	while (length > 0) {
		size_t taken = layer->header_have < RECORD_HEADER ? scan_header(tls, bytes, length)
								  : scan_body(tls, bytes, length);

		bytes += taken;
		length -= taken;
		tls->next += (uint32_t)taken;
		if (layer->header_have == RECORD_HEADER) {
			extend_message(tls, layer, tls->next);
			if (layer->body_left == 0)
				end_layer(layer);
		}
	}
}

/* ---- The stream ---- */

/* Scans what of the bytes is new. False: they are ahead of a gap. */
static bool scan_new(struct wire_tls *tls, uint32_t offset, const uint8_t *bytes, size_t length)
{
	int32_t known = (int32_t)(tls->next - offset);

	if (known < 0)
		return false;
	if ((size_t)known < length)
		scan(tls, bytes + known, length - (size_t)known);
	return true;
}

static void keep_early(struct wire_tls *tls, uint32_t offset, const uint8_t *bytes, size_t length)
{
	uint8_t *copy = tls->early_count < EARLY_MAX ? malloc(length) : NULL;

	if (!copy)
		return;
	memcpy(copy, bytes, length);
	tls->early[tls->early_count++] = (struct early){offset, length, copy};
}

/* Scans every early segment that the gap in front of does not hide any longer; one may uncover another. */
static void scan_early(struct wire_tls *tls)
{
	size_t i = 0;

	while (i < tls->early_count) {
		struct early early = tls->early[i];

		if (!scan_new(tls, early.offset, early.bytes, early.length)) {
			i++;
			continue;
		}
		free(early.bytes);
		tls->early[i] = tls->early[--tls->early_count];
		i = 0;
	}
}

void wire_tls_add(struct wire_tls *tls, uint32_t offset, const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return;
	if (scan_new(tls, offset, bytes, length))
		scan_early(tls);
	else
		keep_early(tls, offset, bytes, length);
}

struct wire_tls *wire_tls_new(void)
{
	struct wire_tls *tls = calloc(1, sizeof(*tls));

	if (tls)
		tls->record.message = tls->handshake.message = NO_MESSAGE;
	return tls;
}

void wire_tls_free(struct wire_tls *tls)
{
	for (size_t i = 0; tls && i < tls->early_count; i++)
		free(tls->early[i].bytes);
	free(tls);
}

const struct wire_message *wire_tls_find(const struct wire_tls *tls, const char *name, unsigned ordinal, uint32_t start,
					 uint32_t end)
{
	for (size_t i = 0; i < tls->count; i++) {
		const struct wire_message *m = &tls->messages[i];

		if (strcmp(m->name, name) == 0 && (!ordinal || m->ordinal == ordinal) &&
		    (int32_t)(m->start - end) < 0 && (int32_t)(m->end - start) > 0)
			return m;
	}
	return NULL;
}

const char *wire_tls_sni(const struct wire_tls *tls)
{
	return tls->sni;
}
