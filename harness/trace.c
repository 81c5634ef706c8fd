/* trace.c: see trace.h. */
#include "harness/trace.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <limits.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cursor.h"
#include "harness/case.h"
#include "harness/json_text.h"

enum { CLIENT, SERVER };

enum {
	TEXT_MIN = 4, /* printable bytes in a row: fewer may be chance */
	TEXT_MAX = 60,
};

/* ---- TLS ---- */

struct name {
	unsigned value;
	const char *name;
};

/* RFC 8446 appendix B.3 and those of RFC 5246 section 7.4 that it left out */
static const struct name handshake_names[] = {
	{0, "hello_request"},        {1, "client_hello"},
	{2, "server_hello"},         {4, "new_session_ticket"},
	{8, "encrypted_extensions"}, {11, "certificate"},
	{12, "server_key_exchange"}, {13, "certificate_request"},
	{14, "server_hello_done"},   {15, "certificate_verify"},
	{16, "client_key_exchange"}, {20, "finished"},
	{22, "certificate_status"},  {0, NULL},
};

static const struct name content_names[] = {
	{20, "change_cipher_spec"}, {21, "alert"},     {22, "handshake"},
	{23, "application_data"},   {24, "heartbeat"}, {0, NULL},
};

static const char *name_of(const struct name *names, unsigned value)
{
	for (; names->name; names++) {
		if (names->value == value)
			return names->name;
	}
	return NULL;
}

/* The messages that begin in a record, as long as their lengths make sense; what is encrypted rarely does. */
static void put_handshake(FILE *out, struct cursor fragment, size_t whole)
{
	uint8_t type;
	uint32_t length;
	const char *name;
	size_t left = whole;

	while (cursor_u8(&fragment, &type) && cursor_u24(&fragment, &length) &&
	       (name = name_of(handshake_names, type)) != NULL && (length + 4 <= left || left == whole) &&
	       length < 0x20000) {
		fprintf(out, " %s", name);
		if (length + 4 >= left || !cursor_skip(&fragment, length))
			return;
		left -= length + 4;
	}
	if (left == whole)
		fputs(" (encrypted)", out);
}

static void put_alert(FILE *out, struct cursor fragment, size_t whole)
{
	uint8_t level, description;

	if (whole == 2 && cursor_u8(&fragment, &level) && cursor_u8(&fragment, &description))
		fprintf(out, " %s %u", level == 2 ? "fatal" : "warning", description);
	else
		fputs(" (encrypted)", out);
}

/* Whether a record begins here, and not the middle of one that happens to look so: its type, version and length are
 * TLS's. */
static bool is_record(struct cursor c)
{
	uint8_t type, major, minor;
	uint16_t length;

	if (!cursor_u8(&c, &type) || !cursor_u8(&c, &major) || !name_of(content_names, type) || major != 3)
		return false;
	return !cursor_u8(&c, &minor) || !cursor_u16(&c, &length) || (minor <= 4 && (type != 20 || length == 1));
}

/* The first line of what is said in clear, before TLS or instead of it, if it is text at all. */
static void put_text(FILE *out, struct cursor payload)
{
	size_t length = 0;

	while (length < payload.left && length < TEXT_MAX && payload.at[length] >= ' ' && payload.at[length] < 0x7f)
		length++;
	if (length < TEXT_MIN || (length < payload.left && length < TEXT_MAX && !strchr("\r\n", payload.at[length])))
		return;
	fprintf(out, ": %.*s", (int)length, (const char *)payload.at);
}

/* Bytes of its head that tell what a record is. */
static size_t head_size(const uint8_t *record, size_t left)
{
	static const size_t header = 5;

	if (left < header)
		return header;
	return header + (record[0] == 22 ? TRACE_HEAD_MAX - header : record[0] == 21 ? 2 : 0);
}

/* The records that begin here, at `end->next`. One whose head is not complete is told with the packet that completes
 * it: where a segment is cut is a matter of sizes. */
static void put_records(FILE *out, struct trace_end *end, struct cursor payload)
{
	const char *separator = ": TLS ";
	bool ciphered = false; /* behind ChangeCipherSpec */

	end->tls = true;
	end->head_length = 0;
	while (payload.left > 0) {
		uint8_t type;
		uint16_t version, length;
		struct cursor record = payload, fragment;
		bool headed =
			cursor_u8(&record, &type) && cursor_u16(&record, &version) && cursor_u16(&record, &length);

		if (payload.left < head_size(payload.at, payload.left) && (!headed || length > record.left)) {
			end->head_length = payload.left;
			memcpy(end->head, payload.at, payload.left);
			return;
		}
		if (!headed || !is_record(payload)) {
			end->tls = false;
			return;
		}
		fprintf(out, "%s%s", separator, name_of(content_names, type));
		separator = ", ";
		fragment = cursor_over(record.at, length < record.left ? length : record.left);
		if (type == 22 && ciphered)
			fputs(" (encrypted)", out);
		else if (type == 22)
			put_handshake(out, fragment, length);
		else if (type == 21)
			put_alert(out, fragment, length);
		else if (type == 23)
			fprintf(out, " %u", length);
		ciphered |= type == 20;
		end->next += 5U + length;
		if (!cursor_skip(&record, length))
			return;
		payload = record;
	}
}

/* In order: the record under way is passed over, and a head that was begun is completed. */
static void put_next(FILE *out, struct trace_end *end, uint32_t sequence, struct cursor payload)
{
	uint8_t *joined;
	size_t length = end->head_length + payload.left;

	if ((int32_t)(end->next - sequence) > 0) {
		if (cursor_skip(&payload, end->next - sequence))
			put_records(out, end, payload);
		return;
	}
	joined = malloc(length);
	if (!joined)
		abort();
	memcpy(joined, end->head, end->head_length);
	memcpy(joined + end->head_length, payload.at, payload.left);
	put_records(out, end, cursor_over(joined, length));
	free(joined);
}

/* length: of the payload as it was sent; less of it may have been captured. */
static void put_payload(FILE *out, struct trace_end *end, uint32_t sequence, struct cursor payload, size_t length)
{
	bool new = !end->tls || (int32_t)(sequence - end->sent) >= 0;

	if (end->tls && sequence == end->sent && payload.left == length) {
		put_next(out, end, sequence, payload);
	} else if (is_record(payload)) { /* the first, or one that is sent again or out of order */
		struct trace_end here = {.next = sequence};

		put_records(out, &here, payload);
		if (new) {
			here.first = end->first;
			here.known = end->known;
			*end = here;
		}
	} else if (!end->tls && sequence == end->sent) {
		put_text(out, payload);
	} else if (!end->tls) { /* ahead of what is missing: perhaps the middle of a record */
		return;
	}
	if (new)
		end->sent = sequence + (uint32_t)length;
}

/* ---- TCP ---- */

/* In the order in which tcpdump prints them; 0x10 is its '.'. */
static void put_flags(FILE *out, unsigned flags)
{
	static const struct {
		unsigned bit;
		char letter;
	} letters[] = {{0x02, 'S'}, {0x01, 'F'}, {0x08, 'P'}, {0x04, 'R'},
		       {0x20, 'U'}, {0x40, 'E'}, {0x80, 'W'}, {0x10, '.'}};

	fputc('[', out);
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (flags & letters[i].bit)
			fputc(letters[i].letter, out);
	}
	fputs(flags ? "]" : "none]", out);
}

static uint32_t relative(struct trace_ends *ends, int end, uint32_t number)
{
	if (!ends->ends[end].known) {
		ends->ends[end].known = true;
		ends->ends[end].first = number;
	}
	return number - ends->ends[end].first;
}

static void put_tcp(FILE *out, struct trace_ends *ends, struct cursor c, size_t length)
{
	uint16_t source, destination, window;
	uint32_t sequence, acknowledged;
	uint8_t offset, flags;
	struct cursor header = c;
	size_t header_length, payload;
	int from;

	if (!cursor_u16(&header, &source) || !cursor_u16(&header, &destination) || !cursor_u32(&header, &sequence) ||
	    !cursor_u32(&header, &acknowledged) || !cursor_u8(&header, &offset) || !cursor_u8(&header, &flags) ||
	    !cursor_u16(&header, &window)) {
		fputs("?       TCP, cut short", out);
		return;
	}
	header_length = (size_t)(offset >> 4) * 4;
	payload = length > header_length ? length - header_length : 0;
	from = source == CASE_PORT ? SERVER : CLIENT;
	fputs(from == SERVER ? "server  " : "client  ", out);
	put_flags(out, flags);
	sequence = relative(ends, from, sequence);
	fprintf(out, " seq %" PRIu32, sequence);
	if (payload)
		fprintf(out, ":%" PRIu32, sequence + (uint32_t)payload);
	if (flags & 0x10)
		fprintf(out, ", ack %" PRIu32, relative(ends, !from, acknowledged));
	fprintf(out, ", win %u, length %zu", window, payload);
	if (flags & 0x02) {
		ends->ends[from].tls = false;
		ends->ends[from].sent = sequence + 1;
	}
	if (payload && cursor_skip(&c, header_length))
		put_payload(out, &ends->ends[from], sequence, c, payload);
}

/* ---- IP and ICMP ---- */

static void put_icmp(FILE *out, const char *name, const char *source, struct cursor c)
{
	uint8_t type, code;

	if (cursor_u8(&c, &type) && cursor_u8(&c, &code))
		fprintf(out, "%s  %s type %u, code %u", source, name, type, code);
	else
		fprintf(out, "%s  %s, cut short", source, name);
}

static void put_transport(FILE *out, struct trace_ends *ends, unsigned protocol, const char *source, struct cursor c,
			  size_t length)
{
	if (protocol == IPPROTO_TCP)
		put_tcp(out, ends, c, length);
	else if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		put_icmp(out, protocol == IPPROTO_ICMP ? "ICMP" : "ICMPv6", source, c);
	else
		fprintf(out, "%s  IP protocol %u, length %zu", source, protocol, length);
}

/* RFC 791 section 3.1 */
static void put_ipv4(FILE *out, struct trace_ends *ends, struct cursor c)
{
	struct cursor header = c;
	uint8_t first, protocol, tos;
	uint16_t total, fragment;
	uint32_t skipped;
	const uint8_t *address;
	char source[INET6_ADDRSTRLEN] = "";
	size_t length;

	if (!cursor_u8(&header, &first) || !cursor_u8(&header, &tos) || !cursor_u16(&header, &total) ||
	    !cursor_skip(&header, 2) || !cursor_u16(&header, &fragment) || !cursor_skip(&header, 1) ||
	    !cursor_u8(&header, &protocol) || !cursor_skip(&header, 2) || !cursor_bytes(&header, 4, &address)) {
		fputs("IPv4, cut short", out);
		return;
	}
	inet_ntop(AF_INET, address, source, sizeof(source));
	skipped = (first & 0x0fU) * 4;
	length = total > skipped ? total - skipped : 0;
	if (fragment & 0x1fff)
		fprintf(out, "%s  IPv4 fragment at %u, length %zu", source, (fragment & 0x1fffU) * 8, length);
	else if (cursor_skip(&c, skipped))
		put_transport(out, ends, protocol, source, cursor_over(c.at, c.left < length ? c.left : length),
			      length);
	else
		fprintf(out, "%s  IPv4, cut short", source);
}

/* RFC 8200 section 3; no extension headers are made in a cell */
static void put_ipv6(FILE *out, struct trace_ends *ends, struct cursor c)
{
	uint16_t length;
	uint8_t next;
	const uint8_t *address;
	char source[INET6_ADDRSTRLEN] = "";

	if (!cursor_skip(&c, 4) || !cursor_u16(&c, &length) || !cursor_u8(&c, &next) || !cursor_skip(&c, 1) ||
	    !cursor_bytes(&c, 16, &address) || !cursor_skip(&c, 16)) {
		fputs("IPv6, cut short", out);
		return;
	}
	inet_ntop(AF_INET6, address, source, sizeof(source));
	put_transport(out, ends, next, source, cursor_over(c.at, c.left < length ? c.left : length), length);
}

void trace_packet(FILE *out, struct trace_ends *ends, const uint8_t *bytes, size_t length)
{
	struct cursor c = cursor_over(bytes, length);
	uint16_t type;

	if (!cursor_skip(&c, 12) || !cursor_u16(&c, &type))
		fputs("a frame that was cut short", out);
	else if (type == ETHERTYPE_IP)
		put_ipv4(out, ends, c);
	else if (type == ETHERTYPE_IPV6)
		put_ipv6(out, ends, c);
	else
		fprintf(out, "EtherType 0x%04x, length %zu", type, c.left);
}

/* ---- Both together ---- */

/* The client's words, taken one by one in the order of time. */
struct said {
	json_t *lines;
	size_t next;
	json_int_t start; /* what times are relative to: when the client was started */
	json_int_t end; /* when it ended; 0: it did not, and was killed */
	bool ended; /* which has been told, or there is nothing to tell */
	int used; /* lines */
	FILE *out;
};

static void put_time(const struct said *w, json_int_t time)
{
	fprintf(w->out, "%+.6f  ", (double)(time - w->start) / 1e9);
}

static bool room(struct said *w)
{
	if (w->used++ == TRACE_LINES_MAX)
		fputs("... and so on\n", w->out);
	return w->used <= TRACE_LINES_MAX;
}

static void put_line(struct said *w, json_t *line)
{
	if (!room(w))
		return;
	put_time(w, json_integer_value(json_object_get(line, "time")));
	fprintf(w->out, "says  %s\n", json_text(line, "text"));
}

/* All that was said up to this time, and that the client ended, even where there is no room for more. */
static void put_words(struct said *w, json_int_t until)
{
	for (; w->next < json_array_size(w->lines); w->next++) {
		json_t *line = json_array_get(w->lines, w->next);

		if (json_integer_value(json_object_get(line, "time")) > until)
			return;
		put_line(w, line);
	}
	if (!w->ended && w->end <= until) {
		put_time(w, w->end);
		fputs("the client ends\n", w->out);
		w->ended = true;
	}
}

static void put_packets(struct said *w, pcap_t *capture)
{
	struct trace_ends ends = {0};
	struct pcap_pkthdr *header;
	const uint8_t *bytes;

	while (pcap_next_ex(capture, &header, &bytes) == 1) {
		json_int_t time = (json_int_t)header->ts.tv_sec * 1000000000 + (json_int_t)header->ts.tv_usec;

		put_words(w, time);
		if (!room(w))
			continue;
		put_time(w, time);
		trace_packet(w->out, &ends, bytes, header->caplen);
		fputc('\n', w->out);
	}
}

char *trace_text(const char *folder, json_t *cell)
{
	json_t *times = json_object_get(cell, "times");
	struct said w = {.lines = json_object_get(times, "lines"),
			 .start = json_integer_value(json_object_get(times, "started")),
			 .end = json_integer_value(json_object_get(times, "ended")),
			 .ended = json_integer_value(json_object_get(times, "ended")) == 0};
	char path[PATH_MAX], why[PCAP_ERRBUF_SIZE], *text = NULL;
	size_t size;
	pcap_t *capture;

	w.out = open_memstream(&text, &size);
	if (!w.out)
		abort();
	capture = times ? pcap_open_offline_with_tstamp_precision(case_file(folder, "client.pcap", path),
								  PCAP_TSTAMP_PRECISION_NANO, why)
			: NULL;
	if (capture) {
		put_packets(&w, capture);
		pcap_close(capture);
	} else if (times) {
		fprintf(w.out, "the capture cannot be read: %s\n", why);
	}
	put_words(&w, INT64_MAX);
	fclose(w.out);
	return text;
}
