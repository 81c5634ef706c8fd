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
