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

/* "client  TLS application_data" → "application_data" */
static const char *name_of_record(const char *item)
{
	static const char records[] = "  TLS ";
	const char *at = strstr(item, records);

	return at && strcspn(item, ",") > (size_t)(at - item) ? at + strlen(records) : item;
}

/* How many records of a kind come in a row is a matter of their sizes. */
static void join_repeats(char *text)
{
	static const char separator[] = ", ";
	const char *last = name_of_record(text);
	char *at = text;

	while ((at = strstr(at, separator))) {
		char *item = at + strlen(separator);
		size_t length = strcspn(item, ",");

		if (length == strcspn(last, ",") && strncmp(item, last, length) == 0) {
			memmove(at, item + length, strlen(item + length) + 1);
			continue;
		}
		last = name_of_record(item);
		at = item;
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
	join_repeats(words);
	if (!text && bare) /* an acknowledgement, or the middle of a record */
		*words = '\0';
}

/* How far each end has come, on its latest connection. */
struct progress {
	bool begun;
	unsigned long start, end; /* sequence numbers of its SYN, and behind its data */
};

/* Whether TCP sends again what it has sent before: when it does is a matter of time. */
static bool is_repeat(struct progress ends[2], const char *words)
{
	struct progress *end = &ends[*words == 's'];
	const char *sequence = strstr(words, "] seq ");
	unsigned long first, last;
	char *after;

	if (!sequence)
		return false;
	first = strtoul(sequence + strlen("] seq "), &after, 10);
	if (strstr(words, "[S")) {
		bool again = end->begun && first == end->start;

		*end = (struct progress){true, first, first};
		return again;
	}
	if (*after != ':')
		return false;
	last = strtoul(after + 1, NULL, 10);
	if (last <= end->end)
		return true;
	end->end = last;
	return false;
}

/* Where an end's records are cut into packets is a matter of their sizes: those that follow its own are told as one. */
static const char *behind(const char *last, const char *words)
{
	static const char records[] = "  TLS ";
	const char *at = strstr(words, records);
	size_t who = at ? (size_t)(at - words) : 0;

	return last && at && strncmp(last, words, who + strlen(records)) == 0 ? at + strlen(records) : words;
}

static void put_packets(FILE *out, pcap_t *capture)
{
	struct progress progress[2] = {{false, 0, 0}};
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
		if (is_repeat(progress, words))
			*words = '\0';
		shape_packet(words);
		if (!*words || (last && strcmp(words, last) == 0)) {
			free(words);
			continue;
		}
		fprintf(out, "%s%s", last ? ", " : "", behind(last, words));
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
	join_repeats(text);
	return text;
}
