/* printable.c: see printable.h. */
#include "analyzer/cli/printable.h"

#include "analyzer/cli/decimal.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

const char *printable(const char *text, printable_buffer buffer)
{
	static const char more[] = "...";
	size_t at = 0;

	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		bool plain = byte >= ' ' && byte <= '~';

		if (at + 4 + sizeof(more) > PRINTABLE_MAX) {
			memcpy(buffer + at, more, sizeof(more));
			return buffer;
		}
		if (plain)
			buffer[at++] = (char)byte;
		else
			at += (size_t)snprintf(buffer + at, PRINTABLE_MAX - at, "\\x%02X", byte);
	}
	buffer[at] = '\0';
	return buffer;
}

/* Hexadecimal, without zeros in front. */
static char *put_group(char *to, unsigned group)
{
	int shift = 12;

	while (shift > 0 && !(group >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[group >> shift & 15];
	return to;
}

/* An address that does not begin with zeros, as inet_ntop() has it, which goes through sprintf(). RFC 5952: the longest run of
 * zeros, the first of those as long, is left out. */
static void put_ipv6(char *to, const uint8_t address[16])
{
	unsigned groups[8], zeros = 0, longest = 1, left_out = 8;

	for (unsigned i = 0; i < 8; i++) {
		groups[i] = (unsigned)address[2 * i] << 8 | address[2 * i + 1];
		zeros = groups[i] ? 0 : zeros + 1;
		if (zeros > longest) {
			longest = zeros;
			left_out = i + 1 - zeros;
		}
	}
	for (unsigned i = 0; i < 8; i++) {
		if (i)
			*to++ = ':';
		if (i == left_out) {
			i += longest - 1;
			if (i == 7)
				*to++ = ':';
			continue;
		}
		to = put_group(to, groups[i]);
	}
	*to = '\0';
}

const char *address_text(const struct tlsdiag_endpoint *endpoint, printable_buffer buffer)
{
	char *to = buffer;

	if (endpoint->version == 6 && (endpoint->address[0] || endpoint->address[1])) {
		put_ipv6(buffer, endpoint->address);
		return buffer;
	}
	if (endpoint->version == 6) {
		if (!inet_ntop(AF_INET6, endpoint->address, buffer, PRINTABLE_MAX))
			buffer[0] = '\0';
		return buffer;
	}
	for (int i = 0; i < 4; i++) { /* inet_ntop() goes through sprintf() */
		to = decimal_put(to, endpoint->address[i]);
		*to++ = i < 3 ? '.' : '\0';
	}
	return buffer;
}

const char *endpoint_text(const struct tlsdiag_endpoint *endpoint, printable_buffer buffer)
{
	printable_buffer address;

	address_text(endpoint, address);
	snprintf(buffer, PRINTABLE_MAX, endpoint->version == 6 ? "[%.64s]:%u" : "%.64s:%u", address, endpoint->port);
	return buffer;
}

/* "2024-05-01T12:00:00"; its length. */
static size_t clock_text(int64_t seconds, printable_buffer buffer)
{
	time_t t = (time_t)seconds;
	struct tm tm = {0};

	gmtime_r(&t, &tm);
	/* Not strftime(), whose %Y does not pad years before 1000. */
	return (size_t)snprintf(buffer, PRINTABLE_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900,
				tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

const char *time_text(int64_t time_ns, unsigned digits, printable_buffer buffer)
{
	int64_t fraction = time_ns % NS_PER_S, seconds = time_ns / NS_PER_S;
	char fraction_text[16];
	size_t n;

	if (fraction < 0) {
		fraction += NS_PER_S;
		seconds--;
	}
	n = clock_text(seconds, buffer);
	snprintf(fraction_text, sizeof(fraction_text), "%09d", (int)fraction);
	snprintf(buffer + n, PRINTABLE_MAX - n, ".%.*sZ", (int)digits, fraction_text);
	return buffer;
}

const char *seconds_text(int64_t seconds, printable_buffer buffer)
{
	size_t n = clock_text(seconds, buffer);

	snprintf(buffer + n, PRINTABLE_MAX - n, "Z");
	return buffer;
}
