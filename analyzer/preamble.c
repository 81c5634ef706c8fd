/* preamble.c: cuts both directions into the lines or messages of the protocol they speak.
 *
 * Until the protocol is recognised, up to PREAMBLE_LINE_MAX bytes of each side are held back. From then on each side
 * holds one unfinished message at most, and every message is given to the protocol's row, which sets the state. What
 * is decided depends on the bytes and their order alone, never on where a chunk ends.
 */
#include "preamble.h"

#include "preamble_protocol.h"
#include "record.h"

/* A plain conversation as long as this will not turn to TLS any more: the rest of it is not parsed. */
#define MESSAGES_MAX 256

static const struct preamble_protocol nothing_to_parse = {.name = ""};

static const struct preamble_protocol *const tables[] = {preamble_line_protocols, preamble_http_protocols,
							 preamble_binary_protocols};

void preamble_init(struct preamble *p, uint16_t server_port)
{
	memset(p, 0, sizeof(*p));
	p->port = server_port;
}

void preamble_ask(struct preamble *p)
{
	p->state = PREAMBLE_ASKED;
	p->code = 0;
	p->continued = false;
}

void preamble_grant(struct preamble *p, uint32_t code)
{
	p->state = PREAMBLE_GRANTED;
	p->code = code;
}

void preamble_refuse(struct preamble *p, uint32_t code)
{
	p->state = PREAMBLE_REFUSED;
	p->code = code;
}

void preamble_go_on(struct preamble *p)
{
	if (p->state == PREAMBLE_REFUSED)
		p->continued = true;
}

static void forget(struct preamble_side *s)
{
	s->length = 0;
	s->skip = 0;
	s->skip_line = false;
	s->unknown = false;
}

void preamble_stop_parsing(struct preamble *p)
{
	p->spoken = &nothing_to_parse;
	forget(&p->side[0]);
	forget(&p->side[1]);
}

static struct preamble_side *side_of(struct preamble *p, bool from_client)
{
	return &p->side[from_client ? 0 : 1];
}

static const struct preamble_protocol *find_protocol(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct preamble_protocol *row = tables[i]; row->name; row++)
			if (strcmp(row->name, name) == 0)
				return row;
	return &nothing_to_parse;
}

static bool is_parsing(const struct preamble *p)
{
	return p->spoken && p->spoken->message;
}

/* Whether a byte where a message would start belongs to TLS instead. No protocol here starts a request for TLS, or its
 * answer, with a byte of this kind. */
static bool tls_begins(const struct preamble *p, bool from_client, uint8_t first)
{
	switch (p->state) {
	case PREAMBLE_GRANTED:
		return !p->spoken->tunnel || record_may_begin(first);
	case PREAMBLE_ASKED:
		return is_parsing(p) && (first == RECORD_HANDSHAKE || (!from_client && first == RECORD_ALERT));
	default:
		return false;
	}
}

/* What was granted is a tunnel, and inside it somebody says something that is not TLS. */
static void enter_tunnel(struct preamble *p)
{
	p->state = PREAMBLE_PLAIN;
	p->offer = PREAMBLE_OFFER_UNKNOWN;
	p->tunnel = p->protocol;
	p->protocol = NULL;
	p->code = 0;
	p->continued = false;
	p->step = p->due = p->before = p->messages = 0;
	p->spoken = NULL;
	forget(&p->side[0]);
	forget(&p->side[1]);
}

void preamble_mismatch(struct preamble *p)
{
	p->state = PREAMBLE_MISMATCH;
	p->protocol = NULL;
	p->spoken = NULL;
	forget(&p->side[0]);
}

static void start_speaking(struct preamble *p, const char *name)
{
	p->protocol = name;
	if (p->state == PREAMBLE_MISMATCH) {
		preamble_stop_parsing(p);
		return;
	}
	p->spoken = find_protocol(name);
	p->due = p->spoken->greets;
	if (!p->spoken->message)
		preamble_stop_parsing(p);
}

/* A name for bytes that the table of openings does not know, or not yet. */
static const char *rough_name(const struct preamble *p, bool from_client)
{
	const struct preamble_side *s = &p->side[!from_client];

	if (s->unknown)
		return recognize_text(s->held, s->length) ? "text" : NULL;
	return recognize_protocol(from_client, p->port, s->held, s->length);
}

static void recognize(struct preamble *p, bool from_client)
{
	struct preamble_side *s = side_of(p, from_client);
	enum recognition r = RECOGNIZE_NO;
	const char *name;

	if (p->state == PREAMBLE_MISMATCH && from_client) {
		forget(s);
		return;
	}
	if (!s->unknown)
		r = recognize_opening(from_client, p->port, s->held, s->length, &name);
	if (r == RECOGNIZE_YES) {
		start_speaking(p, name);
		return;
	}
	s->unknown = r == RECOGNIZE_NO;
	p->protocol = rough_name(p, false);
	if (!p->protocol && p->state != PREAMBLE_MISMATCH)
		p->protocol = rough_name(p, true);
	if (s->length == PREAMBLE_LINE_MAX) {
		p->complained = preamble_wants_tls(p);
		preamble_stop_parsing(p);
	}
}

/* The message at `bytes`: its length, possibly more than n; 0 when that is not known yet. */
static size_t message_size(const struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	const uint8_t *end;

	if (!p->spoken->delimiter) {
		size_t size = p->spoken->size(p, from_client, cursor_over(bytes, n));

		return size > PREAMBLE_MESSAGE_MAX ? PREAMBLE_SIZE_BAD : size;
	}
	end = memchr(bytes, p->spoken->delimiter, n);
	return end ? (size_t)(end - bytes) + 1 : 0;
}

static void handle(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	if (!from_client && preamble_server_expected_tls(bytes, n))
		p->complained = true;
	p->spoken->message(p, from_client, bytes, n);
	if (++p->messages >= MESSAGES_MAX && p->state != PREAMBLE_ASKED && p->state != PREAMBLE_GRANTED)
		preamble_stop_parsing(p);
}

static void give_up(struct preamble *p, bool from_client)
{
	if (!from_client && p->state == PREAMBLE_ASKED)
		preamble_mismatch(p);
	else
		preamble_stop_parsing(p);
}

static void drop(struct preamble_side *s, size_t n)
{
	s->length = (uint16_t)(s->length - n);
	memmove(s->held, s->held + n, s->length);
}

/* The first message of those held back. Returns false when there is no whole one. */
static bool take_message(struct preamble *p, bool from_client)
{
	struct preamble_side *s = side_of(p, from_client);
	size_t size, held;

	if (!s->length || p->state == PREAMBLE_GRANTED || tls_begins(p, from_client, s->held[0]))
		return false;
	held = s->length;
	size = message_size(p, from_client, s->held, held);
	if (size == 0 && held == PREAMBLE_LINE_MAX && !p->spoken->delimiter)
		size = PREAMBLE_SIZE_BAD;
	if (size == PREAMBLE_SIZE_BAD) {
		give_up(p, from_client);
		return false;
	}
	if (size > 0 && size <= held)
		held = size;
	else if (held < PREAMBLE_LINE_MAX)
		return false;
	else if (size > 0)
		s->skip = (uint32_t)(size - held);
	else
		s->skip_line = true;
	handle(p, from_client, s->held, held);
	if (!p->spoken || !s->length)
		return false;
	drop(s, held);
	held = s->skip < s->length ? s->skip : s->length;
	s->skip -= (uint32_t)held;
	drop(s, held);
	return true;
}

static void take_messages(struct preamble *p, bool from_client)
{
	while (is_parsing(p) && take_message(p, from_client))
		;
}

/* Holds or passes over some of the bytes. Returns how many, at least one. */
static size_t absorb(struct preamble *p, struct preamble_side *s, const uint8_t *bytes, size_t n)
{
	size_t room = sizeof(s->held) - s->length;

	if (p->spoken && !p->spoken->message)
		return n;
	if (s->skip) {
		n = n < s->skip ? n : s->skip;
		s->skip -= (uint32_t)n;
		return n;
	}
	if (s->skip_line && p->spoken) {
		const uint8_t *end = memchr(bytes, p->spoken->delimiter, n);

		s->skip_line = !end;
		return end ? (size_t)(end - bytes) + 1 : n;
	}
	n = n < room ? n : room;
	memcpy(s->held + s->length, bytes, n);
	s->length = (uint16_t)(s->length + n);
	return n;
}

size_t preamble_feed(struct preamble *p, bool from_client, const uint8_t *bytes, size_t n)
{
	struct preamble_side *s = side_of(p, from_client);
	size_t taken = 0;

	if (n && p->state == PREAMBLE_NONE)
		p->state = PREAMBLE_PLAIN;
	while (taken < n) {
		if (!s->length && !s->skip && !s->skip_line) {
			if (tls_begins(p, from_client, bytes[taken]))
				break;
			if (p->state == PREAMBLE_GRANTED)
				enter_tunnel(p);
		}
		taken += absorb(p, s, bytes + taken, n - taken);
		if (!p->spoken) {
			recognize(p, from_client);
			take_messages(p, !from_client);
		}
		take_messages(p, from_client);
		if (!p->spoken)
			recognize(p, from_client);
		if (s->length && (p->state == PREAMBLE_GRANTED || tls_begins(p, from_client, s->held[0]))) {
			taken -= s->length < taken ? s->length : taken;
			s->length = 0;
		}
	}
	s->total += taken;
	return taken;
}

bool preamble_wants_tls(const struct preamble *p)
{
	return p->complained || preamble_server_expected_tls(p->side[1].held, p->side[1].length);
}
