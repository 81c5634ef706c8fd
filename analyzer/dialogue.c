/* dialogue.c: see dialogue.h. */
#include "dialogue.h"

#include <stdlib.h>

#define PLAIN_MAX (32u << 10) /* bytes in clear after which no TLS is expected any more */
#define DATA_EVENTS_MAX 12 /* application_data records of a side told one by one; later ones are coalesced */

static struct attempt_side *side_of(struct dialogue *d)
{
	return &d->attempt->side[d->from];
}

/* One more event, or one more count of the last one when that is alike. */
static struct event *tell(struct dialogue *d, enum event_kind kind, uint16_t value, uint32_t length, bool coalesce)
{
	struct attempt *a = d->attempt;
	struct event *last = a->event_count ? &a->events[a->event_count - 1] : NULL;
	struct event *e;

	if (coalesce && last && last->kind == kind && last->from == d->from && last->value == value) {
		last->count++;
		last->end = side_of(d)->stream.next;
		last->last_ns = d->at.time_ns;
		return last;
	}
	e = attempt_event(a, kind, d->from, &d->at);
	if (e) {
		e->value = value;
		e->length = length;
		e->decrypted = d->decrypted;
		a->decrypted |= d->decrypted;
	}
	return e;
}

/* Lets the tap know what the bytes at the side's place were taken for. */
static void tapped(struct dialogue *d, enum tap_kind kind, const uint8_t *bytes, size_t n)
{
	const struct tap *tap = d->attempt->tap;

	if (tap && n > 0)
		tap->bytes(tap->context, d->attempt, d->from, kind, side_of(d)->read, bytes, n);
}

static bool trusted(const struct attempt *a)
{
	return a->began && !a->torn && !a->cut_short;
}

/* ---- Handshake messages ---- */

/* Without memory for it, it was not seen. */
static void keep(struct attempt *a, struct kept_message **kept, struct cursor there, uint32_t length,
		 const struct tlsdiag_moment *at)
{
	size_t memory = sizeof(**kept) + there.left;

	if (*kept)
		a->kept_memory -= sizeof(**kept) + (*kept)->captured;
	free(*kept);
	*kept = malloc(memory);
	if (!*kept)
		return;
	a->kept_memory += memory;
	**kept = (struct kept_message){.at = *at, .length = length, .captured = (uint32_t)there.left};
	if (there.left)
		memcpy((*kept)->bytes, there.at, there.left);
}

static void take_client_hello(struct dialogue *d, const struct message *m)
{
	struct attempt *a = d->attempt;

	if (a->hello_end[d->from])
		return; /* the answer to a HelloRetryRequest, or a renegotiation: the first one is the offer */
	keep(a, &a->client_hello, m->body, m->length, &m->at);
	a->offers_early_data = client_hello_offers_early_data(m->body, m->length);
	if (m->unfinished)
		return;
	a->hello_end[d->from] = side_of(d)->stream.next;
	if (side_of(d)->stream.acked >= a->hello_end[d->from])
		a->hello_acked = d->at;
}

/* From here on records are encrypted, in TLS 1.3 at once; with keys they are kept whole to be read. */
static void unlock(struct dialogue *d)
{
	struct attempt *a = d->attempt;
	struct client_hello hello;

	if (!d->keylog || !a->server_hello || !a->server_hello->complete || !attempt_hello(a, &hello) ||
	    !hello.complete)
		return;
	a->unlocked = unlock_new(d->keylog, &hello, a->server_hello);
	a->side[0].record.keep_all = a->side[1].record.keep_all = a->unlocked != NULL;
}

/* Returns false for a HelloRetryRequest. */
static bool take_server_hello(struct dialogue *d, const struct message *m)
{
	struct attempt *a = d->attempt;
	struct server_hello hello;
	enum parse_result result;
	const char *why;

	result = server_hello_parse((enum handshake_type)m->type, m->body, m->length, &hello, &why);
	if (hello.is_retry)
		return false;
	if (!a->server_hello) {
		a->server_hello = malloc(sizeof(hello));
		if (a->server_hello)
			*a->server_hello = hello;
		unlock(d);
	}
	if (result == PARSE_MALFORMED && !m->unfinished)
		tell(d, EVENT_FAULT, FAULT_HELLO, m->length, false);
	return true;
}

static void take_certificate(struct dialogue *d, const struct message *m)
{
	struct kept_message **kept = &d->attempt->certificate[d->from];

	if (!*kept && m->body.left > 0)
		keep(d->attempt, kept, m->body, m->length, &m->at);
}

/* RFC 8879 section 4 */
static void take_compressed_certificate(struct dialogue *d, const struct message *m)
{
	struct cursor body = m->body;
	uint16_t algorithm;

	if (d->from != attempt_client(d->attempt) && cursor_u16(&body, &algorithm))
		d->attempt->certificate_compression = algorithm;
}

static void take_message(void *context, const struct message *m)
{
	struct dialogue *d = context;
	bool retry = false;

	if (!handshake_type_exists(m->type)) { /* encrypted, from before the capture began to see it */
		side_of(d)->message.lost = true;
		tell(d, EVENT_ENCRYPTED_HANDSHAKE, 0, m->length, false);
		return;
	}
	if (m->type == HS_KEY_UPDATE && d->attempt->unlocked)
		unlock_update(d->attempt->unlocked, d->from != attempt_client(d->attempt));
	if (m->type == HS_CLIENT_HELLO)
		take_client_hello(d, m);
	else if (m->type == HS_SERVER_HELLO || m->type == HS_HELLO_RETRY_REQUEST_DRAFT)
		retry = !take_server_hello(d, m);
	else if (m->type == HS_CERTIFICATE)
		take_certificate(d, m);
	else if (m->type == HS_COMPRESSED_CERTIFICATE)
		take_compressed_certificate(d, m);
	if (m->unfinished)
		tell(d, EVENT_UNFINISHED, m->type, m->length, false);
	else
		tell(d, retry ? EVENT_RETRY : EVENT_HANDSHAKE, m->type, m->length, false);
}

/* ---- Records ---- */

static void take_handshake(struct dialogue *d, const struct record *r)
{
	const struct message_handler handler = {.message = take_message, .context = d};
	struct attempt_side *s = side_of(d);

	if (r->length == 0) {
		tell(d, EVENT_EMPTY, 0, 0, true);
		return;
	}
	if (!d->decrypted && !record_handshake_in_clear(r, s->changed_cipher)) {
		tell(d, EVENT_ENCRYPTED_HANDSHAKE, 0, r->length, false);
		return;
	}
	if (r->resumed)
		message_restart(&s->message);
	if (r->captured)
		message_bytes(&s->message, r->body, r->captured, &d->at, &handler);
	message_hole(&s->message, r->length - r->captured, &d->at, &handler);
}

static void take_alert(struct dialogue *d, const struct record *r)
{
	bool clear = record_alert_in_clear(r, side_of(d)->changed_cipher);

	if (r->length == 0)
		tell(d, EVENT_EMPTY, 0, 0, true);
	else if (clear && r->captured >= 2) /* of two alerts in one record the first one says it */
		tell(d, EVENT_ALERT, (uint16_t)(r->body[0] << 8 | r->body[1]), r->length, false);
	else
		tell(d, EVENT_ENCRYPTED_ALERT, 0, r->length, false);
}

static void take_data(struct dialogue *d, const struct record *r)
{
	struct attempt *a = d->attempt;
	struct event *last = a->event_count ? &a->events[a->event_count - 1] : NULL;
	bool again = last && last->kind == EVENT_DATA && last->from == d->from;
	unsigned told = 0;

	for (size_t i = 0; i < a->event_count && again; i++)
		told += a->events[i].kind == EVENT_DATA && a->events[i].from == d->from;
	if (told >= DATA_EVENTS_MAX) {
		last->count++;
		last->length = r->length;
		last->end = side_of(d)->stream.next;
		last->last_ns = d->at.time_ns;
		return;
	}
	tell(d, EVENT_DATA, 0, r->length, false);
}

/* TLS 1.3 encrypts behind the ServerHello and says so by the type; older versions behind ChangeCipherSpec. */
static bool encrypted(struct dialogue *d, const struct record *r)
{
	if (version_is_tls13(d->attempt->server_hello->version))
		return r->type == RECORD_APPLICATION_DATA;
	return side_of(d)->changed_cipher && r->type != RECORD_CHANGE_CIPHER_SPEC;
}

/* RFC 8446 section 5.1: no other record may come in the middle of a handshake message. */
static void mind_interleaving(struct dialogue *d, const struct record *r)
{
	struct message_reader *m = &side_of(d)->message;

	if (r->type == RECORD_HANDSHAKE || m->lost || m->header_length < 4 || m->header[0] != HS_SERVER_HELLO)
		return;
	m->lost = true;
	if (trusted(d->attempt))
		tell(d, EVENT_FAULT, FAULT_HELLO, 0, false);
}

static void take_contents(struct dialogue *d, const struct record *r)
{
	mind_interleaving(d, r);
	switch (r->type) {
	case RECORD_CHANGE_CIPHER_SPEC:
		tell(d, EVENT_CHANGE_CIPHER_SPEC, 0, r->length, true);
		side_of(d)->changed_cipher = true;
		break;
	case RECORD_ALERT:
		take_alert(d, r);
		break;
	case RECORD_HANDSHAKE:
		take_handshake(d, r);
		break;
	case RECORD_APPLICATION_DATA:
		take_data(d, r);
		break;
	default: /* a heartbeat says nothing about the handshake */
		break;
	}
}

static void take_record(void *context, const struct record *r)
{
	struct dialogue *d = context;
	struct unlocked *unlocked = d->attempt->unlocked;
	struct record inner;
	struct plaintext plain;

	d->at = r->at;
	if (unlocked && encrypted(d, r) && unlock_record(unlocked, d->from != attempt_client(d->attempt), r, &plain)) {
		inner = *r;
		inner.type = plain.type;
		inner.body = plain.bytes;
		inner.length = inner.captured = (uint32_t)plain.length;
		d->decrypted = true;
		r = &inner;
	}
	take_contents(d, r);
	d->decrypted = false;
}

static void take_fault(void *context, enum record_fault fault, const uint8_t *header, const struct tlsdiag_moment *at)
{
	struct dialogue *d = context;

	(void)header;
	d->at = *at;
	side_of(d)->mode = SIDE_OVER;
	/* Bytes are missing: the fault may be the capture's. Or TLS was for the login alone. */
	if (!trusted(d->attempt) || (d->attempt->preamble && d->attempt->preamble->login_only)) {
		d->attempt->unreadable = true;
		return;
	}
	tell(d, EVENT_FAULT, fault == RECORD_OVERSIZE ? FAULT_RECORD_OVERSIZE : FAULT_RECORD_UNKNOWN, 0, false);
}

static struct record_handler record_handler(struct dialogue *d)
{
	return (struct record_handler){.record = take_record, .fault = take_fault, .context = d};
}

static void tls_bytes(struct dialogue *d, const uint8_t *bytes, size_t n)
{
	const struct record_handler handler = record_handler(d);
	struct tlsdiag_moment at = d->at;

	tapped(d, TAP_TLS, bytes, n);
	side_of(d)->read += n;
	side_of(d)->mode = SIDE_TLS;
	record_bytes(&side_of(d)->record, bytes, n, &at, &handler);
}

/* ---- Where TLS begins ---- */

enum sniff {
	SNIFF_MORE, /* a few bytes more will tell */
	SNIFF_PLAIN,
	SNIFF_TLS,
	SNIFF_SSLV2_HELLO,
	SNIFF_SSLV2_ANSWER,
	SNIFF_WRONG, /* no TLS, where only TLS could come */
};

#define SSLV2_HELLO_HEADER 11 /* RFC 5246 appendix E.2: length, type, version, three lengths */

/* An SSLv2-compatible ClientHello, by the relations between its lengths. */
static enum sniff sniff_sslv2_hello(const uint8_t *b, size_t n)
{
	unsigned ciphers, challenge;

	if (!(b[0] & 0x80) || (n > 2 && b[2] != 1))
		return SNIFF_PLAIN;
	if (n < SSLV2_HELLO_HEADER)
		return SNIFF_MORE;
	ciphers = (unsigned)b[5] << 8 | b[6];
	challenge = (unsigned)b[9] << 8 | b[10];
	if ((b[3] != 3 && !(b[3] == 0 && b[4] == 2)) || ciphers == 0 || ciphers % 3 != 0 || challenge < 16 ||
	    challenge > 32)
		return SNIFF_PLAIN;
	return SNIFF_SSLV2_HELLO;
}

/* Bytes of the end that opens, or of either while the capture has not shown who is who. */
static enum sniff sniff_opening(const struct attempt *a, int from, const uint8_t *b, size_t n)
{
	bool first = !a->preamble || a->preamble->side[from].total == 0;
	uint8_t type = b[0];

	if (first && (b[0] & 0x80))
		return sniff_sslv2_hello(b, n);
	if (!record_may_begin(type) || (n > 1 && b[1] != 3) || (n > 2 && b[2] > 4))
		return SNIFF_PLAIN;
	if (n < RECORD_HEADER + 1)
		return SNIFF_MORE;
	if (!record_plausible(b))
		return first && from == 0 && type == RECORD_HANDSHAKE ? SNIFF_TLS : SNIFF_PLAIN;
	if (type == RECORD_HANDSHAKE && (b[5] == HS_CLIENT_HELLO || b[5] == HS_SERVER_HELLO))
		return SNIFF_TLS;
	/* An alert answers what was no ClientHello; anything else is a conversation joined late. */
	if ((type == RECORD_ALERT && from == 1) || !a->began || (first && from == 0))
		return SNIFF_TLS;
	return SNIFF_PLAIN;
}

/* SSLv2 SERVER-HELLO or ERROR (draft-hickman-netscape-ssl-00). */
static bool sslv2_answer(const uint8_t *b, size_t n)
{
	return n >= 5 && (b[0] & 0x80) && ((b[2] == 4 && b[3] <= 1) || (b[2] == 0 && b[1] == 3));
}

/* Bytes of the end that was sent a ClientHello. */
static enum sniff sniff_answer(const uint8_t *b, size_t n)
{
	if (n < RECORD_HEADER)
		return (b[0] & 0x80) || n == 1 || b[1] == 3 ? SNIFF_MORE : SNIFF_WRONG;
	if (sslv2_answer(b, n))
		return SNIFF_SSLV2_ANSWER;
	return b[1] == 3 && b[2] <= 4 ? SNIFF_TLS : SNIFF_WRONG; /* TLS, or what claims to be */
}

static enum sniff sniff(const struct attempt *a, int from, const uint8_t *b, size_t n)
{
	if (a->hello_end[!from] || (a->began && a->side[!from].mode == SIDE_TLS))
		return sniff_answer(b, n);
	return sniff_opening(a, from, b, n);
}

/* ---- Plain text ---- */

static void tell_preamble(struct dialogue *d, enum preamble_state before)
{
	enum preamble_state now = d->attempt->preamble->state;

	if (now == before)
		return;
	if (now == PREAMBLE_ASKED)
		tell(d, EVENT_ASKED, 0, 0, false);
	else if (now == PREAMBLE_GRANTED)
		tell(d, EVENT_GRANTED, 0, 0, false);
	else if (now == PREAMBLE_REFUSED)
		tell(d, EVENT_REFUSED, 0, 0, false);
}

/* Returns how many bytes were taken; what is left may be TLS. */
static size_t plain_bytes(struct dialogue *d, const uint8_t *bytes, size_t n)
{
	struct attempt *a = d->attempt;
	enum preamble_state before;
	size_t taken;

	if (!a->preamble) {
		a->preamble = malloc(sizeof(*a->preamble));
		if (!a->preamble) {
			side_of(d)->mode = SIDE_OVER;
			return n;
		}
		preamble_init(a->preamble, a->port[1]);
	}
	before = a->preamble->state;
	taken = preamble_feed(a->preamble, d->from == 0, bytes, n);
	tapped(d, TAP_PLAIN, bytes, taken);
	side_of(d)->read += taken;
	if (taken)
		tell(d, EVENT_PLAIN, 0, (uint32_t)taken, true);
	tell_preamble(d, before);
	if (a->preamble->side[0].total + a->preamble->side[1].total > PLAIN_MAX)
		a->side[0].mode = a->side[1].mode = SIDE_OVER;
	return taken;
}

static void wrong_bytes(struct dialogue *d)
{
	struct attempt *a = d->attempt;
	struct attempt_side *s = side_of(d);
	enum recognition known;

	if (!trusted(a)) {
		a->unreadable = true;
		s->mode = SIDE_OVER;
		return;
	}
	known = recognize_opening(d->from == 0, a->port[1], s->sniffed, s->sniffed_length, &a->wrong_protocol);
	tapped(d, TAP_STRANGE, s->sniffed, s->sniffed_length);
	tell(d, EVENT_NOT_TLS, 0, s->sniffed_length, true);
	if (known == RECOGNIZE_MORE && s->sniffed_length < sizeof(s->sniffed))
		return;
	if (known != RECOGNIZE_YES)
		a->wrong_protocol = recognize_protocol(d->from == 0, a->port[1], s->sniffed, s->sniffed_length);
	s->mode = SIDE_OVER;
}

/* An SSLv2-compatible ClientHello, as far as this piece holds it; TLS records follow it. */
static size_t sslv2_hello(struct dialogue *d, const uint8_t *bytes, size_t n)
{
	struct attempt *a = d->attempt;
	size_t length = ((size_t)(bytes[0] & 0x7f) << 8 | bytes[1]) + 2;

	keep(a, &a->client_hello, cursor_over(bytes, n < length ? n : length), (uint32_t)length, &d->at);
	if (a->client_hello)
		a->client_hello->sslv2 = true;
	a->hello_end[d->from] = side_of(d)->stream.next;
	tell(d, EVENT_HANDSHAKE, HS_CLIENT_HELLO, (uint32_t)length, false);
	side_of(d)->mode = SIDE_TLS;
	n = n < length ? n : length;
	tapped(d, TAP_SSLV2_HELLO, bytes, n);
	side_of(d)->read += n;
	return n;
}

/* Takes the sniffed bytes for what they turned out to be; returns how many of the n bytes behind them were taken
 * too. */
static size_t act(struct dialogue *d, enum sniff what, const uint8_t *all, size_t n)
{
	switch (what) {
	case SNIFF_TLS:
		tls_bytes(d, all, n);
		return n;
	case SNIFF_SSLV2_HELLO:
		return sslv2_hello(d, all, n);
	case SNIFF_SSLV2_ANSWER:
		tapped(d, TAP_SSLV2_ANSWER, all, n);
		side_of(d)->mode = SIDE_OVER;
		if (d->attempt->client_hello && d->attempt->client_hello->sslv2)
			d->attempt->wrong_protocol = "sslv2";
		tell(d, EVENT_FAULT, FAULT_SSLV2, 0, false);
		return n;
	case SNIFF_PLAIN:
		return plain_bytes(d, all, n);
	default:
		return n;
	}
}

/* Bytes while TLS has not begun. A few are kept until they tell what they are; as a rule the first piece does. */
static void sniff_bytes(struct dialogue *d, const uint8_t *bytes, size_t n)
{
	struct attempt_side *s = side_of(d);

	while (n > 0 && s->mode == SIDE_PLAIN) {
		size_t had = s->sniffed_length;
		size_t added = n < sizeof(s->sniffed) - had ? n : sizeof(s->sniffed) - had;
		uint8_t early[sizeof(s->sniffed)];
		enum sniff what;
		size_t taken;

		memcpy(s->sniffed + had, bytes, added);
		s->sniffed_length = (uint8_t)(had + added);
		what = sniff(d->attempt, d->from, s->sniffed, s->sniffed_length);
		if (what == SNIFF_MORE)
			return;
		if (what == SNIFF_WRONG) {
			wrong_bytes(d);
			return;
		}
		s->sniffed_length = 0;
		if (had == 0) {
			taken = act(d, what, bytes, n);
			bytes += taken;
			n -= taken;
		} else { /* the bytes kept go first; what they leave is looked at again */
			memcpy(early, s->sniffed, had + added);
			taken = act(d, what, early, had + added);
			memcpy(s->sniffed, early + taken, had + added - taken);
			s->sniffed_length = (uint8_t)(had + added - taken);
			bytes += added;
			n -= added;
		}
		if (taken == 0)
			s->mode = SIDE_OVER;
	}
	if (n > 0 && s->mode == SIDE_TLS)
		tls_bytes(d, bytes, n);
}

static void bare_bytes(struct dialogue *d, const uint8_t *bytes, size_t n)
{
	switch (side_of(d)->mode) {
	case SIDE_PLAIN:
		sniff_bytes(d, bytes, n);
		break;
	case SIDE_TLS:
		tls_bytes(d, bytes, n);
		break;
	case SIDE_OVER:
		break;
	}
}

/* ---- TLS in envelopes ---- */

static void envelope_bytes(struct dialogue *d, const uint8_t *bytes, size_t n)
{
	tapped(d, TAP_ENVELOPE, bytes, n);
	side_of(d)->read += n;
	if (side_of(d)->sniffed_length > 0) { /* a record's first bytes in two envelopes: nobody does that */
		d->attempt->unreadable = true;
		side_of(d)->mode = SIDE_OVER;
	}
}

/* Words in clear where TLS was due; or, behind the handshake, the answer to what was said in TLS. */
static void clear_bytes(struct dialogue *d, size_t n)
{
	struct attempt *a = d->attempt;

	if (side_of(d)->changed_cipher) {
		tell(d, EVENT_DATA, 0, (uint32_t)n, false);
	} else if (trusted(a)) {
		a->wrong_protocol = a->preamble->protocol;
		tell(d, EVENT_NOT_TLS, 0, (uint32_t)n, false);
	} else {
		a->unreadable = true;
	}
	a->side[0].mode = a->side[1].mode = SIDE_OVER;
}

static void open_envelopes(struct dialogue *d, const uint8_t *bytes, size_t n)
{
	while (n > 0 && side_of(d)->mode != SIDE_OVER) {
		size_t piece = n;

		switch (preamble_open(d->attempt->preamble, d->from == 0, bytes, &piece)) {
		case PREAMBLE_TLS:
			bare_bytes(d, bytes, piece);
			break;
		case PREAMBLE_ENVELOPE:
			envelope_bytes(d, bytes, piece);
			break;
		case PREAMBLE_CLEAR:
			clear_bytes(d, n);
			break;
		}
		bytes += piece;
		n -= piece;
	}
}

/* ---- The stream's reader ---- */

static bool has_envelopes(const struct dialogue *d)
{
	return d->attempt->preamble && preamble_has_envelopes(d->attempt->preamble);
}

static void on_bytes(void *context, const uint8_t *bytes, size_t n, const struct tlsdiag_moment *at)
{
	struct dialogue *d = context;

	d->at = *at;
	if (has_envelopes(d))
		open_envelopes(d, bytes, n);
	else
		bare_bytes(d, bytes, n);
}

static void on_hole(void *context, uint64_t n, const struct tlsdiag_moment *at)
{
	struct dialogue *d = context;
	const struct record_handler handler = record_handler(d);
	bool followed;

	d->at = *at;
	if (side_of(d)->mode == SIDE_TLS && d->attempt->tap)
		d->attempt->tap->hole(d->attempt->tap->context, d->attempt, d->from, side_of(d)->read, n);
	if (side_of(d)->mode == SIDE_PLAIN)
		tapped(d, TAP_UNDECIDED, side_of(d)->sniffed, side_of(d)->sniffed_length);
	side_of(d)->read += n;
	followed = !has_envelopes(d) || preamble_pass_hole(d->attempt->preamble, d->from == 0, n);
	if (followed && side_of(d)->mode == SIDE_TLS)
		record_hole(&side_of(d)->record, n, at, &handler);
	else
		side_of(d)->mode = SIDE_OVER;
	if (side_of(d)->mode == SIDE_OVER || side_of(d)->record.state == RECORD_LOST)
		d->attempt->unreadable = true;
}

struct stream_reader dialogue_reader(struct dialogue *d)
{
	return (struct stream_reader){.bytes = on_bytes, .hole = on_hole, .context = d};
}

void dialogue_finish(struct attempt *a, int from)
{
	struct attempt_side *s = &a->side[from];
	struct dialogue d = {.attempt = a, .from = from, .at = s->last_data};
	const struct message_handler handler = {.message = take_message, .context = &d};

	if (s->mode == SIDE_PLAIN && s->sniffed_length > 0 && a->hello_end[!from] && trusted(a)) {
		a->wrong_protocol = recognize_protocol(from == 0, a->port[1], s->sniffed, s->sniffed_length);
		if (s->sniffed_length < RECORD_HEADER)
			tapped(&d, TAP_UNDECIDED, s->sniffed, s->sniffed_length);
	} else if (s->mode == SIDE_PLAIN && s->sniffed_length > 0) {
		size_t n = s->sniffed_length;

		s->sniffed_length = 0;
		if (s->sniffed[0] == RECORD_HANDSHAKE && !a->preamble)
			tls_bytes(&d, s->sniffed, n);
		else
			plain_bytes(&d, s->sniffed, n);
	}
	if (s->mode != SIDE_TLS || s->record.state != RECORD_IN_BODY || s->record.header[0] != RECORD_HANDSHAKE ||
	    s->changed_cipher)
		return;
	if (s->record.body.held_length)
		message_bytes(&s->message, s->record.body.held, s->record.body.held_length, &d.at, &handler);
	message_peek(&s->message, &d.at, &handler);
}
