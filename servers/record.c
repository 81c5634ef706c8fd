/* record.c: TLS records as bytes; see record.h. */
#include "servers/record.h"

#define MESSAGE_HEADER 4
#define MESSAGE_MAX (256 * 1024) /* a ClientHello is far smaller; more is not one */

bool record_append(struct buffer *to, uint8_t type, uint16_t version, const uint8_t *payload, size_t length, size_t max)
{
	if (max == 0 || max > RECORD_PAYLOAD_MAX)
		max = RECORD_PAYLOAD_MAX;
	do {
		size_t part = length < max ? length : max;
		uint8_t header[RECORD_HEADER] = {type, (uint8_t)(version >> 8), (uint8_t)version, (uint8_t)(part >> 8),
						 (uint8_t)part};

		if (!buffer_append(to, header, sizeof(header)) || !buffer_append(to, payload, part))
			return false;
		payload += part;
		length -= part;
	} while (length);
	return true;
}

/* The payload length of the record at bytes; -1 when it is not whole. */
static long payload_length(const uint8_t *bytes, size_t length)
{
	long payload;

	if (length < RECORD_HEADER)
		return -1;
	payload = bytes[3] << 8 | bytes[4];
	return length - RECORD_HEADER < (size_t)payload ? -1 : payload;
}

bool record_split(struct buffer *to, const uint8_t *records, size_t length, size_t max)
{
	while (length) {
		long payload = payload_length(records, length);

		if (payload < 0)
			return buffer_append(to, records, length);
		if (!record_append(to, records[0], (uint16_t)(records[1] << 8 | records[2]), records + RECORD_HEADER,
				   (size_t)payload, max))
			return false;
		records += RECORD_HEADER + payload;
		length -= RECORD_HEADER + (size_t)payload;
	}
	return true;
}

static long payload_total(const uint8_t *records, size_t length)
{
	long total = 0;

	for (size_t at = 0; at < length;) {
		long payload = payload_length(records + at, length - at);

		if (payload < 0)
			break;
		total += payload;
		at += RECORD_HEADER + (size_t)payload;
	}
	return total;
}

bool record_corrupt(uint8_t *records, size_t length, long byte)
{
	long total = payload_total(records, length);

	if (byte < 0)
		byte += total;
	if (byte < 0 || byte >= total)
		return false;
	for (size_t at = 0; at < length;) {
		long payload = payload_length(records + at, length - at);

		if (byte < payload) {
			records[at + RECORD_HEADER + (size_t)byte] ^= 0x01;
			return true;
		}
		byte -= payload;
		at += RECORD_HEADER + (size_t)payload;
	}
	return false;
}

/* Whether the message collected so far is whole; RECORD_OTHER when it claims to be larger than anything sensible. */
static enum record_found whole(const struct buffer *message, size_t from)
{
	const uint8_t *bytes = message->data + from;
	size_t length = message->length - from, wanted;

	if (length < MESSAGE_HEADER)
		return RECORD_NEED_MORE;
	wanted = MESSAGE_HEADER + ((size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3]);
	if (wanted > MESSAGE_MAX)
		return RECORD_OTHER;
	return length < wanted ? RECORD_NEED_MORE : RECORD_WHOLE;
}

enum record_found record_message(const uint8_t *bytes, size_t length, struct buffer *message, size_t *used)
{
	size_t at = 0, from = message->length;
	enum record_found found = RECORD_NEED_MORE;

	while (found == RECORD_NEED_MORE && at < length) {
		long payload = payload_length(bytes + at, length - at);
		bool passed_over = bytes[at] == RECORD_CHANGE_CIPHER_SPEC && message->length == from;

		if (bytes[at] != RECORD_HANDSHAKE && !passed_over)
			return RECORD_OTHER;
		if (payload < 0)
			return RECORD_NEED_MORE;
		if (!passed_over && !buffer_append(message, bytes + at + RECORD_HEADER, (size_t)payload))
			return RECORD_OTHER;
		at += RECORD_HEADER + (size_t)payload;
		if (!passed_over)
			found = whole(message, from);
	}
	*used = at;
	return found;
}
