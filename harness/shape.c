/* shape.c: see shape.h. */
#include "harness/shape.h"

#include <ctype.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/case.h"
#include "harness/trace.h"

/* Copies without digits, and without the blanks that stood before them. */
static char *put_without_numbers(char *to, const char *from)
{
	for (; *from; from++) {
		const char *after = from + strspn(from, " ");

		if (isdigit((unsigned char)*after)) {
			from = after + strspn(after, "0123456789") - 1;
			continue;
		}
		*to++ = *from;
	}
	return to;
}

/* How many records of application data there are is a matter of their sizes. */
static void join_data(char *text)
{
	static const char again[] = ", application_data";
	char *at = text;

	while ((at = strstr(at, again))) {
		size_t before = (size_t)(at - text), name = strlen(again) - 2;

		if (before >= name && memcmp(at - name, again + 2, name) == 0)
			memmove(at, at + strlen(again), strlen(at + strlen(again)) + 1);
		else
			at++;
	}
}

/* "client  [P.] seq 1:518, ack 1, win 63, length 517: TLS handshake client_hello" */
void shape_packet(char *words)
{
	char *to = words + strcspn(words, " "), *flags = strchr(words, '['), *length = strstr(words, "length ");
	const char *text = length ? strchr(length, ':') : NULL;
	bool bare = true;

	if (!flags || !length) /* ICMP: the type and the code tell what it is */
		return;
	*to++ = ' ';
	for (flags++; *flags && *flags != ']'; flags++) {
		if (*flags == '.' || *flags == 'P')
			continue;
		*to++ = *flags;
		bare = false;
	}
	if (text)
		to = put_without_numbers(to, text + 1);
	*to = '\0';
	join_data(words);
	if (!text && bare) /* an acknowledgement, or the middle of a record */
		*words = '\0';
}

static void put_packets(FILE *out, pcap_t *capture)
{
	struct trace_ends ends = {0};
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	char *last = NULL;

	while (pcap_next_ex(capture, &header, &bytes) == 1) {
		char *words = NULL;
		size_t size;
		FILE *line = open_memstream(&words, &size);

		if (!line)
			abort();
		trace_packet(line, &ends, bytes, header->caplen);
		fclose(line);
		shape_packet(words);
		if (!*words || (last && strcmp(words, last) == 0)) {
			free(words);
			continue;
		}
		fprintf(out, "%s%s", last ? ", " : "", words);
		free(last);
		last = words;
	}
	free(last);
}

char *shape_text(const char *folder)
{
	char path[PATH_MAX], why[PCAP_ERRBUF_SIZE], *text = NULL;
	size_t size;
	pcap_t *capture = pcap_open_offline(case_file(folder, "client.pcap", path), why);
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	if (capture) {
		put_packets(out, capture);
		pcap_close(capture);
	}
	fclose(out);
	return text;
}
