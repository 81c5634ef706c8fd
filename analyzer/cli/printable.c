/* printable.c: see printable.h. */
#include "analyzer/cli/printable.h"

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

const char *address_text(const struct tlsdiag_endpoint *endpoint, printable_buffer buffer)
{
	if (!inet_ntop(endpoint->version == 6 ? AF_INET6 : AF_INET, endpoint->address, buffer, PRINTABLE_MAX))
		buffer[0] = '\0';
	return buffer;
}

const char *endpoint_text(const struct tlsdiag_endpoint *endpoint, printable_buffer buffer)
{
	printable_buffer address;

	address_text(endpoint, address);
	snprintf(buffer, PRINTABLE_MAX, endpoint->version == 6 ? "[%.64s]:%u" : "%.64s:%u", address, endpoint->port);
	return buffer;
}

const char *time_text(int64_t time_ns, unsigned digits, printable_buffer buffer)
{
	int64_t fraction = time_ns % NS_PER_S;
	time_t seconds = time_ns / NS_PER_S;
	char fraction_text[16];
	struct tm tm = {0};
	size_t n;

	if (fraction < 0) {
		fraction += NS_PER_S;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	n = strftime(buffer, PRINTABLE_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(fraction_text, sizeof(fraction_text), ".%09d", (int)fraction);
	snprintf(buffer + n, PRINTABLE_MAX - n, "%.*sZ", digits ? (int)digits + 1 : 0, fraction_text);
	return buffer;
}
