/* wire_engine_test.c: what each kind of rule makes of the packets of one connection, as a row: rules in, packets out.
 *
 * The conversation is always the same: SYN, SYN-ACK and ACK; a ClientHello in two segments, which the server
 * acknowledges; a flight of two segments, which the client acknowledges. What leaves the wire is written in one line, a
 * word for each packet:
 *
 *     >S@0  <S.@0/1  >.@1/1  >.@1/1+100  <R.@1/118!ttl=9~200
 *
 * direction (> to the server), flags, @sequence/acknowledgment relative to the initial ones, +bytes of data, and, where
 * it is not as usual: !what; ~milliseconds after it came. Every packet's checksum is computed: !bad where it is wrong.
 */
#include "harness/wire_engine.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/wire.h"

enum {
	LINE_MAX_BYTES = 4096,
	HELLO_SEGMENT = 100,
	MS = 1000000,
};

struct run {
	const struct wire *wire;
	int64_t now, came;
	uint32_t isn[2];
	char line[LINE_MAX_BYTES];
	size_t length;
};

/* RFC 1071 over pseudo header and segment, written anew: 0 when it is right. */
static bool checksum_is_right(const struct wire_frame *f)
{
	size_t addresses = f->version == 4 ? 8 : 32, at = f->ip + (f->version == 4 ? 12 : 8);
	uint32_t sum = 6 + (uint32_t)(f->end - f->segment);

	for (size_t i = 0; i < addresses; i++)
		sum += i % 2 ? f->bytes[at + i] : (uint32_t)f->bytes[at + i] << 8;
	for (size_t i = f->segment; i < f->end; i++)
		sum += (i - f->segment) % 2 ? f->bytes[i] : (uint32_t)f->bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static void __attribute__((format(printf, 2, 3))) put(struct run *r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	r->length += (size_t)vsnprintf(r->line + r->length, sizeof(r->line) - r->length, format, arguments);
	va_end(arguments);
	if (r->length >= sizeof(r->line))
		abort();
}

static int printable(const uint8_t *bytes, size_t length)
{
	int n = 0;

	while ((size_t)n < length && isprint(bytes[n]))
		n++;
	return n;
}

static void put_unusual(struct run *r, struct wire_frame *f, enum wire_side from)
{
	static const uint8_t server_hello[] = {22, 3, 3};
	const uint8_t *data = f->bytes + f->payload;
	size_t length;
	uint8_t *mss;

	if (wire_frame_ttl(f) != r->wire->end[from].ttl)
		put(r, "!ttl=%u", wire_frame_ttl(f));
	if (wire_frame_window(f) != r->wire->end[from].window)
		put(r, "!window=%u", wire_frame_window(f));
	mss = f->flags & WIRE_SYN ? wire_frame_option(f, 2, &length) : NULL;
	if (f->flags & WIRE_SYN && !(mss && mss[0] == 1460 >> 8 && mss[1] == (1460 & 0xff)))
		put(r, "!mss=%u", mss ? mss[0] << 8 | mss[1] : 0);
	if (from == SERVER && f->seq - r->isn[SERVER] == 1 && f->end - f->payload >= sizeof(server_hello) &&
	    memcmp(data, server_hello, sizeof(server_hello)) != 0)
		put(r, "!data=%.*s", printable(data, f->end - f->payload), (const char *)data);
	if (f->bytes[0] == 0xaa)
		put(r, "!elsewhere");
	if (!checksum_is_right(f))
		put(r, "!bad");
}

static void note(void *context, enum wire_direction direction, const uint8_t *bytes, size_t length)
{
	static const struct {
		uint8_t flag;
		char letter;
	} letters[] = {{WIRE_SYN, 'S'}, {WIRE_FIN, 'F'}, {WIRE_RST, 'R'}, {WIRE_ACK, '.'}};
	struct run *r = context;
	uint8_t copy[WIRE_FRAME_MAX];
	struct wire_frame f;
	enum wire_side from = direction == WIRE_TO_SERVER ? CLIENT : SERVER;

	memcpy(copy, bytes, length);
	wire_frame_read(&f, copy, length);
	put(r, "%s%c", r->length ? " " : "", direction == WIRE_TO_SERVER ? '>' : '<');
	if (!f.tcp) {
		put(r, "other");
		return;
	}
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (f.flags & letters[i].flag)
			put(r, "%c", letters[i].letter);
	put(r, "@%d", (int)(f.seq - r->isn[from]));
	if (f.flags & WIRE_ACK)
		put(r, "/%d", (int)(f.ack - r->isn[!from]));
	if (f.end > f.payload)
		put(r, "+%zu", f.end - f.payload);
	put_unusual(r, &f, from);
	if (r->now > r->came)
		put(r, "~%d", (int)((r->now - r->came) / MS));
}

static struct wire *converse(int version)
{
	struct wire *w = wire_new(version);
	struct wire_bytes hello = wire_client_hello((struct wire_hello){.sni = "api.example.net", .size = 150});
	struct wire_bytes flight = wire_server_hello(0x0304, 0x1301, false);

	wire_append(&flight, wire_change_cipher_spec());
	wire_append(&flight, wire_record(23, 0x0303, 50));
	wire_append(&flight, wire_record(23, 0x0303, 60));
	wire_connect(w);
	wire_data(w, CLIENT, &hello, HELLO_SEGMENT);
	wire_segment(w, SERVER, ".");
	wire_data(w, SERVER, &flight, 150);
	wire_segment(w, CLIENT, ".");
	return w;
}

static void feed(struct wire_engine *engine, struct run *r, const struct wire *w)
{
	static uint8_t bytes[WIRE_FRAME_MAX];

	for (size_t i = 0; i < w->count; i++) {
		memcpy(bytes, w->packets[i].bytes, w->packets[i].captured);
		wire_engine_take(engine, w->packets[i].from == CLIENT ? WIRE_TO_SERVER : WIRE_TO_CLIENT, bytes,
				 w->packets[i].captured, r->now);
	}
	while (wire_engine_due(engine) >= 0) {
		r->now = wire_engine_due(engine);
		wire_engine_run(engine, r->now);
	}
}

static void put_counts(struct run *r, struct wire_engine *engine)
{
	json_t *report = wire_engine_report(engine), *rule;
	size_t i;

	json_array_foreach(json_object_get(report, "rules"), i, rule) {
		put(r, " %s%d of %d", i ? "" : "| ", (int)json_integer_value(json_object_get(rule, "acted")),
		    (int)json_integer_value(json_object_get(rule, "matched")));
	}
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(report, "lost")), 0);
	json_decref(report);
}

/* What comes of the conversation, in r->line; false where the rules are wrong. */
static bool run_rules(struct run *r, const char *rules_text, int version)
{
	struct wire *w = converse(version);
	struct document d = {.loaded = false};
	struct wire_rules rules = {.count = 0};
	struct error error = {""};
	struct wire_engine *engine = NULL;

	*r = (struct run){.wire = w, .isn = {w->packets[0].seq, w->packets[1].seq}, .now = 5000, .came = 5000};
	if (!document_parse(&d, "rules", rules_text, strlen(rules_text)) ||
	    !wire_take_rules(&d, document_root(&d), NULL, &rules))
		printf("# %s\n", d.error);
	else
		engine = wire_engine_new(&rules, note, r, &error);
	if (engine) {
		feed(engine, r, w);
		put_counts(r, engine);
	}
	wire_engine_free(engine);
	document_free(&d);
	wire_free(w);
	return engine != NULL;
}

/* ---- The rows ---- */

#define OPENING ">S@0 <S.@0/1 >.@1/1 "
#define HELLO ">.@1/1+100 >.@101/1+87 "
#define FLIGHT "<.@1/188+150 <.@151/188+103 "
#define PLAIN OPENING HELLO "<.@1/188 " FLIGHT ">.@188/254"

struct row {
	const char *rules, *out;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		static const int versions[] = {4, 6};

		for (size_t v = 0; v < 2; v++) {
			struct run r;

			CU_ASSERT(run_rules(&r, rows[i].rules, versions[v]));
			CU_ASSERT_STRING_EQUAL(r.line, rows[i].out);
			if (strcmp(r.line, rows[i].out) != 0)
				printf("# IPv%d %s\n#   is      %s\n#   not     %s\n", versions[v], rows[i].rules,
				       r.line, rows[i].out);
		}
	}
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void test_matching(void)
{
	static const struct row rows[] = {
		{"[]", PLAIN},
		{"[{flags: S., action: drop}]", ">S@0 >.@1/1 " HELLO "<.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		{"[{match: udp, action: drop}]", PLAIN " | 0 of 0"},
		{"[{match: 'src port 443', direction: to-client, nth: 2, action: drop}]",
		 OPENING HELLO FLIGHT ">.@188/254 | 1 of 4"},
		{"[{match: 'src port 443', direction: to-server, action: drop}]", PLAIN " | 0 of 0"},
		{"[{direction: to-server, skip: 1, every: 2, action: drop}]",
		 ">S@0 <S.@0/1 >.@1/1 >.@101/1+87 <.@1/188 " FLIGHT "| 2 of 5"},
		{"[{direction: to-client, first: 2, action: drop}]", ">S@0 >.@1/1 " HELLO FLIGHT ">.@188/254 | 2 of 4"},
		{"[{tls: client-hello, action: drop}]", OPENING "<.@1/188 " FLIGHT ">.@188/254 | 2 of 2"},
		{"[{tls: client-hello, part: first, action: drop}]",
		 OPENING ">.@101/1+87 <.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		{"[{tls: client-hello, part: later, action: drop}]",
		 OPENING ">.@1/1+100 <.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		{"[{tls: application-data, ordinal: 2, action: drop}]",
		 OPENING HELLO "<.@1/188 <.@1/188+150 >.@188/254 | 1 of 1"},
		{"[{tls: finished, action: drop}]", PLAIN " | 0 of 0"},
		{"[{sni: other.example.net, action: drop}]", PLAIN " | 0 of 0"},
		/* the name is in the first segment; what belongs to the connection follows it */
		{"[{sni: api.example.net, direction: to-client, action: drop}]", OPENING HELLO ">.@188/254 | 3 of 3"},
		{"[{after: a, action: drop}, {name: a, tls: server-hello, action: {delay: 1}}]",
		 OPENING HELLO "<.@1/188 <.@1/188+150~1 | 2 of 2 1 of 1"},
	};

	CHECK(rows);
}

static void test_order_and_time(void)
{
	static const struct row rows[] = {
		{"[{flags: S., action: {delay: 200}}]",
		 ">S@0 >.@1/1 " HELLO
		 ">.@188/254 <S.@0/1~200 <.@1/188~200 <.@1/188+150~200 <.@151/188+103~200 | 1 of 1"},
		{"[{tls: client-hello, action: {duplicate: 1}}]",
		 OPENING ">.@1/1+100 >.@1/1+100 >.@101/1+87 >.@101/1+87 <.@1/188 " FLIGHT ">.@188/254 | 2 of 2"},
		{"[{tls: client-hello, part: first, action: {reorder: 1}}]",
		 OPENING ">.@101/1+87 >.@1/1+100 <.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		/* packets of the other direction do not count; one that is never overtaken stays */
		{"[{flags: S., action: {reorder: 2}}]",
		 ">S@0 >.@1/1 " HELLO "<.@1/188 <.@1/188+150 <S.@0/1 <.@151/188+103 >.@188/254 | 1 of 1"},
		{"[{tls: server-hello, action: {reorder: 9}}]",
		 OPENING HELLO "<.@1/188 <.@151/188+103 >.@188/254 | 1 of 1"},
	};

	CHECK(rows);
}

/* Frames take their bytes' time one after the other: 1000 bytes a second are a millisecond each. */
static void test_throttle(void)
{
	static const char out[] = ">S@0 >.@1/1 " HELLO ">.@188/254 <S.@0/1~62 <.@1/188~116 <.@1/188+150~320 "
				  "<.@151/188+103~477 | 4 of 4";
	struct run r;

	CU_ASSERT(run_rules(&r, "[{direction: to-client, action: {throttle: 1000}}]", 4));
	CU_ASSERT_STRING_EQUAL(r.line, out);
}

static void test_changes(void)
{
	static const struct row rows[] = {
		{"[{flags: S, action: {rewrite: {ttl: 9, window: 0, mss: 536}}}]",
		 ">S@0!ttl=9!window=0!mss=536 <S.@0/1 >.@1/1 " HELLO "<.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		{"[{flags: S, action: {rewrite: {strip: [mss, timestamps]}}}]",
		 ">S@0!mss=0 <S.@0/1 >.@1/1 " HELLO "<.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		{"[{flags: S, action: {rewrite: {strip: timestamps}}}]", PLAIN " | 0 of 1"},
		{"[{flags: S., action: {rewrite: {ack: 7, ethernet-destination: 'aa:00:00:00:00:01'}}}]",
		 ">S@0 <S.@0/8!elsewhere >.@1/1 " HELLO "<.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		{"[{flags: S., action: {rewrite: {checksum: wrong}}}]",
		 ">S@0 <S.@0/1!bad >.@1/1 " HELLO "<.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		{"[{tls: server-hello, action: {truncate: 10}}]",
		 OPENING HELLO "<.@1/188 <.@1/188+10 <.@151/188+103 >.@188/254 | 1 of 1"},
		{"[{tls: server-hello, action: {truncate: 1000}}]", PLAIN " | 0 of 1"},
		{"[{tls: server-hello, action: {corrupt: {checksum: wrong}}}]",
		 OPENING HELLO "<.@1/188 <.@1/188+150!bad <.@151/188+103 >.@188/254 | 1 of 1"},
		/* the message begins behind the record's header of 5 bytes */
		{"[{tls: server-hello, action: {corrupt: {offset: -127, bytes: '58 59'}}}]",
		 OPENING HELLO "<.@1/188 <.@1/188+150!data=XY <.@151/188+103 >.@188/254 | 1 of 1"},
		/* its end has not come yet */
		{"[{tls: client-hello, part: first, action: {corrupt: {offset: -1}}}]", PLAIN " | 0 of 1"},
		/* a later rule sees what an earlier one made; it is sealed once, and spoiled last */
		{"[{tls: server-hello, action: {rewrite: {checksum: wrong}}}, {tls: server-hello, action: {truncate: "
		 "3}}]",
		 OPENING HELLO "<.@1/188 <.@1/188+3!bad <.@151/188+103 >.@188/254 | 1 of 1 1 of 1"},
	};

	CHECK(rows);
}

static void test_resets(void)
{
	static const struct row rows[] = {
		{"[{tls: client-hello, part: later, action: {reset: {}}}]",
		 OPENING HELLO "<R.@1/188!window=0 <.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		{"[{tls: client-hello, part: later, action: {reset: {to: both, ttl: 9}}}]", OPENING HELLO
		 "<R.@1/188!ttl=9!window=0 >R.@188/1!ttl=9!window=0 <.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		{"[{flags: S, action: {reset: {}}}]",
		 ">S@0 <R.@-1000/1!ttl=64!window=0 <S.@0/1 >.@1/1 " HELLO "<.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		{"[{flags: S., action: {reset: {sequence: [0, 1460, -1], ack: none}}}]",
		 ">S@0 <S.@0/1 <R@1!window=0 <R@1461!window=0 <R@0!window=0 >.@1/1 " HELLO "<.@1/188 " FLIGHT
		 ">.@188/254 | 1 of 1"},
		{"[{flags: S., action: {reset: {ack: zero, window: 64240, checksum: wrong}}}]",
		 ">S@0 <S.@0/1 <R.@1/512!bad >.@1/1 " HELLO "<.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
		/* dropped: the server waits for what came before, but what the client sent is acknowledged to it */
		{"[{name: a, tls: client-hello, part: first, action: {reset: {to: both}}}, "
		 "{after: a, direction: to-server, action: drop}]",
		 OPENING "<R.@1/101!window=0 >R.@1/1!window=0 <.@1/188 " FLIGHT "| 1 of 1 3 of 3"},
	};

	CHECK(rows);
}

static void test_answers(void)
{
	static const struct row rows[] = {
		{"[{name: a, tls: client-hello, part: later, action: {answer: {text: \"HTTP/1.1 403\\r\\n\", close: "
		 "true}}}, "
		 "{name: b, after: a, tls: client-hello, action: {reset: {to: client}}}, {after: b, action: drop}]",
		 OPENING ">.@1/1+100 <F.@1/188+14!data=HTTP/1.1 403 <R.@16/188!window=0 | 1 of 1 1 of 1 5 of 5"},
		{"[{flags: S., action: {answer: {to: server, hex: '00 01 02'}}}]",
		 ">S@0 <S.@0/1 >.@1/1+3 >.@1/1 " HELLO "<.@1/188 " FLIGHT ">.@188/254 | 1 of 1"},
	};

	CHECK(rows);
}

/* Frames that are not IP pass every rule, and in order. */
static void test_other_protocols(void)
{
	static const char text[] = "[{action: {delay: 5}}]";
	uint8_t bytes[WIRE_FRAME_MAX] = {[12] = 0x88, [13] = 0xb5};
	struct wire *w = converse(4);
	struct run r = {.wire = w, .isn = {w->packets[0].seq, w->packets[1].seq}};
	struct document d = {.loaded = false};
	struct wire_rules rules;
	struct wire_engine *engine;
	struct error error;

	CU_ASSERT_FATAL(document_parse(&d, "rules", text, strlen(text)));
	CU_ASSERT_FATAL(wire_take_rules(&d, document_root(&d), NULL, &rules));
	engine = wire_engine_new(&rules, note, &r, &error);
	CU_ASSERT_FATAL(engine != NULL);
	wire_engine_take(engine, WIRE_TO_SERVER, bytes, 60, 0);
	CU_ASSERT_STRING_EQUAL(r.line, ">other");
	memcpy(bytes, w->packets[0].bytes, w->packets[0].captured);
	wire_engine_take(engine, WIRE_TO_SERVER, bytes, w->packets[0].captured, 0);
	memset(bytes, 0, sizeof(bytes));
	wire_engine_take(engine, WIRE_TO_SERVER, bytes, 60, 0);
	CU_ASSERT_STRING_EQUAL(r.line, ">other");
	CU_ASSERT_EQUAL(wire_engine_due(engine), 5 * MS);
	r.now = 5 * MS;
	wire_engine_run(engine, r.now);
	CU_ASSERT_STRING_EQUAL(r.line, ">other >S@0~5 >other");
	CU_ASSERT_EQUAL(wire_engine_due(engine), -1);
	wire_engine_free(engine);
	document_free(&d);
	wire_free(w);
}

const struct unit_test unit_tests[] = {
	{"rules are about the packets that they name, and no others", test_matching},
	{"delay keeps the order, duplicate and reorder change it", test_order_and_time},
	{"throttle gives every byte its time", test_throttle},
	{"changed packets have right lengths and checksums, unless asked otherwise", test_changes},
	{"forged resets are as their receiver expects them, but for what the rule says", test_resets},
	{"answers have the numbers that come next", test_answers},
	{"frames that are not IP pass, in order", test_other_protocols},
	{NULL, NULL},
};
