/* record_test.c: TLS records and handshake messages are cut alike, however their bytes arrive. */
#include "analyzer/message.h"
#include "analyzer/record.h"

#include "tests/unit/suite.h"

#include <stdarg.h>
#include <stdio.h>

struct output {
	char text[1024];
	size_t length;
	struct message_reader messages;
};

__attribute__((format(printf, 2, 3))) static void say(struct output *o, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	o->length += (size_t)vsnprintf(o->text + o->length, sizeof(o->text) - o->length, format, args);
	va_end(args);
}

static void on_message(void *context, const struct message *m)
{
	say(context, "m%u:%u/%zu%s ", m->type, m->length, m->body.left, m->unfinished ? "..." : "");
}

static void on_record(void *context, const struct record *r)
{
	struct output *o = context;
	const struct message_handler handler = {.message = on_message, .context = o};

	say(o, "r%u:%u/%u%s ", r->type, r->length, r->captured, r->resumed ? "!" : "");
	if (r->type != RECORD_HANDSHAKE)
		return;
	if (r->captured)
		message_bytes(&o->messages, r->body, r->captured, &r->at, &handler);
	message_hole(&o->messages, r->length - r->captured, &r->at, &handler);
}

static void on_fault(void *context, enum record_fault fault, const uint8_t *header, const struct tlsdiag_moment *at)
{
	(void)header;
	(void)at;
	say(context, "fault%d ", fault);
}

static struct record_handler handler_for(struct output *o)
{
	return (struct record_handler){.record = on_record, .fault = on_fault, .context = o};
}

/* A ServerHello of 10 bytes and the first 2 of a Certificate header in one record; the Certificate's other 2 header
 * bytes, its body of 6 and a ServerHelloDone in the next; ChangeCipherSpec; an alert; application data. */
static const uint8_t flight[] = {
	22, 3,  3,  0, 16, 2, 0,  0, 10, 1, 2, 3, 4, 5,  6, 7, 8,
	9,  10, 11, 0, /* record, ServerHello, Certificate's start */
	22, 3,  3,  0, 12, 0, 6,  1, 2,  3, 4, 5, 6, 14, 0, 0, 0, /* Certificate's rest, ServerHelloDone */
	20, 3,  3,  0, 1,  1, /* ChangeCipherSpec */
	21, 3,  3,  0, 2,  2, 70, /* alert */
	23, 3,  3,  0, 3,  9, 9,  9, /* application data */
};
static const char flight_told[] = "r22:16/16 m2:10/10 r22:12/12 m11:6/6 m14:0/0 r20:1/1 r21:2/2 r23:3/3 ";

static const struct tlsdiag_moment now = {.frame = 1};

static void finish(struct output *o, struct record_reader *r)
{
	record_clear(r);
	message_clear(&o->messages);
}

static void whole(void)
{
	struct output o = {0};
	struct record_reader r = {0};
	const struct record_handler h = handler_for(&o);

	record_bytes(&r, flight, sizeof(flight), &now, &h);
	CU_ASSERT_STRING_EQUAL(o.text, flight_told);
	CU_ASSERT_FALSE(record_unfinished(&r));
	finish(&o, &r);
}

/* Kept application data and cut records differ only in how they are held. */
static void cut_everywhere(void)
{
	for (size_t step = 1; step < sizeof(flight); step++) {
		struct output o = {0};
		struct record_reader r = {0};
		const struct record_handler h = handler_for(&o);

		r.keep_all = true;
		for (size_t at = 0; at < sizeof(flight); at += step) {
			size_t n = sizeof(flight) - at < step ? sizeof(flight) - at : step;

			record_bytes(&r, flight + at, n, &now, &h);
		}
		CU_ASSERT_STRING_EQUAL(o.text, flight_told);
		finish(&o, &r);
	}
}

/* Two pieces, for every place of the cut. */
static void cut_once(void)
{
	for (size_t cut = 1; cut < sizeof(flight); cut++) {
		struct output o = {0};
		struct record_reader r = {0};
		const struct record_handler h = handler_for(&o);

		r.keep_all = true;
		record_bytes(&r, flight, cut, &now, &h);
		record_bytes(&r, flight + cut, sizeof(flight) - cut, &now, &h);
		CU_ASSERT_STRING_EQUAL(o.text, flight_told);
		finish(&o, &r);
	}
}

static void hole_in_body(void)
{
	struct output o = {0};
	struct record_reader r = {0};
	const struct record_handler h = handler_for(&o);

	record_bytes(&r, flight, 12, &now, &h); /* ServerHello's first bytes */
	record_hole(&r, 5, &now, &h);
	record_bytes(&r, flight + 17, sizeof(flight) - 17, &now, &h);
	/* The first record lost bytes of the ServerHello and the Certificate's start, so messages are lost and records
	 * are not. */
	CU_ASSERT_STRING_EQUAL(o.text, "r22:16/7 m2:10/3 r22:12/12 r20:1/1 r21:2/2 r23:3/3 ");
	finish(&o, &r);
}

static void hole_in_header(void)
{
	struct output o = {0};
	struct record_reader r = {0};
	const struct record_handler h = handler_for(&o);

	record_bytes(&r, flight, 21, &now, &h);
	record_hole(&r, 3, &now, &h);
	record_bytes(&r, flight + 24, 14, &now, &h); /* no record begins here */
	record_bytes(&r, flight + 38, sizeof(flight) - 38, &now, &h);
	CU_ASSERT_STRING_EQUAL(o.text, "r22:16/16 m2:10/10 r20:1/1! r21:2/2 r23:3/3 ");
	finish(&o, &r);
}

static void faults(void)
{
	static const struct {
		uint8_t header[5];
		const char *told;
	} rows[] = {
		{{22, 3, 3, 0x48, 0x01}, "fault0 "}, /* 2^14 + 2048 + 1 */
		{{99, 3, 3, 0, 1}, "fault1 "},
		{{'H', 'T', 'T', 'P', '/'}, "fault2 "},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct output o = {0};
		struct record_reader r = {0};
		const struct record_handler h = handler_for(&o);

		record_bytes(&r, rows[i].header, 5, &now, &h);
		record_bytes(&r, flight, sizeof(flight), &now, &h);
		CU_ASSERT_STRING_EQUAL(o.text, rows[i].told);
		finish(&o, &r);
	}
}

/* 16 MiB claimed in four bytes cost no more memory than what was sent. */
static void claimed_length(void)
{
	static const uint8_t header[] = {22, 3, 3, 0, 8, 11, 0xff, 0xff, 0xff, 1, 2, 3, 4};
	struct output o = {0};
	struct record_reader r = {0};
	const struct record_handler h = handler_for(&o);
	const struct message_handler m = {.message = on_message, .context = &o};

	record_bytes(&r, header, sizeof(header), &now, &h);
	CU_ASSERT_TRUE(o.messages.body.held_size <= 16);
	message_peek(&o.messages, &now, &m);
	CU_ASSERT_STRING_EQUAL(o.text, "r22:8/8 m11:16777215/4... ");
	finish(&o, &r);
}

const struct unit_test unit_tests[] = {
	{"a flight in one piece", whole},
	{"the same flight in pieces of every length", cut_everywhere},
	{"the same flight cut once at every place", cut_once},
	{"a hole inside a record keeps the framing", hole_in_body},
	{"a hole over a header loses the framing until a record begins a piece", hole_in_header},
	{"what cannot be a record is told and ends the reading", faults},
	{"a claimed length takes no memory", claimed_length},
	{NULL, NULL},
};
