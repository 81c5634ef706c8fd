/* attempt.c: TCP's part of an attempt: what each packet says about its connection. The bytes inside are read in
 * dialogue.c. */
#include "attempt.h"

#include "dialogue.h"
#include "milestones.h"
#include "reset.h"

#include <stdlib.h>

#define GAP_PATIENCE 24 /* packets of a connection after which an acknowledged gap counts as lost by the capture */

/* Within these a packet that is the same in all that is compared is the same packet: by what tells it from a repeat of
 * TCP. */
#define DUPLICATE_BY_ID_NS 100000000 /* the IP ID, which a repeat has another of */
#define DUPLICATE_BY_TIMESTAMP_NS 900000 /* the timestamp, which may tick in milliseconds */
#define DUPLICATE_UNMARKED_NS 300000 /* nothing: no repeat comes so soon */

#define SACK_PLAUSIBLE (16 << 20) /* bytes: no further than this is anything acknowledged that was not captured */

#define DELAYED_PACKETS 8 /* a packet waits for this many others at most … */
#define DELAYED_NS 20000000 /* … and for so long */

struct delayed_packet {
	struct delayed_packet *next;
	struct packet packet; /* its payload lies behind */
	struct tlsdiag_moment at;
	int from;
	unsigned waited; /* packets since */
	size_t memory;
	uint8_t payload[];
};

/* Forgets the first delayed packet. */
static void delayed_pop(struct attempt *a)
{
	struct delayed_packet *first = a->delayed;

	a->delayed = first->next;
	a->delayed_memory -= first->memory;
	free(first);
}

struct attempt *attempt_new(struct attempt_pool *pool, uint64_t number, const struct ip_address *from,
			    uint16_t from_port, const struct ip_address *to, uint16_t to_port)
{
	struct attempt *a = pool->count ? pool->spare[--pool->count] : calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->number = number;
	a->address[0] = *from;
	a->address[1] = *to;
	a->port[0] = from_port;
	a->port[1] = to_port;
	return a;
}

/* Frees all that it has but its list of events. */
static void let_go(struct attempt *a)
{
	for (int i = 0; i < 2; i++) {
		stream_clear(&a->side[i].stream);
		record_clear(&a->side[i].record);
		message_clear(&a->side[i].message);
		free(a->certificate[i]);
	}
	while (a->delayed)
		delayed_pop(a);
	free(a->preamble);
	free(a->client_hello);
	free(a->server_hello);
	unlock_free(a->unlocked);
}

void attempt_free(struct attempt *a)
{
	if (!a)
		return;
	let_go(a);
	free(a->events);
	free(a);
}

void attempt_release(struct attempt_pool *pool, struct attempt *a)
{
	if (pool->count == ATTEMPTS_SPARE) {
		attempt_free(a);
		return;
	}
	let_go(a);
	*a = (struct attempt){.events = a->events, .event_size = a->event_size};
	pool->spare[pool->count++] = a;
}

void attempt_pool_clear(struct attempt_pool *pool)
{
	while (pool->count)
		attempt_free(pool->spare[--pool->count]);
}

size_t attempt_memory(const struct attempt *a)
{
	size_t n = sizeof(*a) + a->event_size * sizeof(*a->events) + a->delayed_memory + a->kept_memory;

	n += a->preamble ? sizeof(*a->preamble) : 0;
	n += a->server_hello ? sizeof(*a->server_hello) : 0;
	n += unlock_memory(a->unlocked);
	for (int i = 0; i < 2; i++) {
		n += a->side[i].stream.held_bytes + a->side[i].message.body.held_size;
		n += a->side[i].record.body.held_size;
	}
	return n;
}

bool attempt_hello(const struct attempt *a, struct client_hello *out)
{
	const struct kept_message *m = a->client_hello;
	const char *why;

	if (m && m->sslv2)
		client_hello_parse_sslv2(cursor_over(m->bytes, m->captured), m->length, out, &why);
	else if (m)
		client_hello_parse(cursor_over(m->bytes, m->captured), m->length, out, &why);
	return m;
}

struct event *attempt_event(struct attempt *a, enum event_kind kind, int from, const struct tlsdiag_moment *at)
{
	if (a->event_count == a->event_size) {
		size_t size = a->event_size ? a->event_size * 2 : 8;
		struct event *grown = size <= EVENTS_MAX * 2 ? realloc(a->events, size * sizeof(*grown)) : NULL;

		if (!grown) {
			a->events_dropped++;
			return NULL;
		}
		a->events = grown;
		a->event_size = size;
	}
	if (a->event_count >= EVENTS_MAX) {
		a->events_dropped++;
		return NULL;
	}
	a->events[a->event_count] = (struct event){.at = *at,
						   .kind = kind,
						   .from = (uint8_t)from,
						   .count = 1,
						   .end = a->side[from].stream.next,
						   .order = a->order ? a->order : at->frame,
						   .acked = a->acked,
						   .last_ns = at->time_ns};
	return &a->events[a->event_count++];
}

/* ---- Duplicates ---- */

static uint64_t fingerprint(const struct packet *p)
{
	const struct tcp_segment *t = &p->tcp;
	const uint64_t words[] = {(uint64_t)t->seq << 32 | t->ack, (uint64_t)p->payload_wire << 32 | p->ip_id,
				  (uint64_t)t->flags << 16 | t->window,
				  t->has_timestamps ? (uint64_t)t->timestamp_value << 32 | t->timestamp_echo : 0};
	uint64_t h = 14695981039346656037u; /* FNV-1a's basis and prime, by words */

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		h = (h ^ words[i]) * 1099511628211u;
	return h;
}

/* A port mirror shows a packet twice within moments; a repeat by TCP has another IP ID or timestamp, or comes later. A
 * pure acknowledgment may rightly come twice, and nothing is lost when both count. */
static bool duplicate(struct attempt_side *s, const struct packet *p, int64_t now)
{
	int64_t window_ns = p->has_ip_id && p->ip_id != 0 ? DUPLICATE_BY_ID_NS
			    : p->tcp.has_timestamps       ? DUPLICATE_BY_TIMESTAMP_NS
							  : DUPLICATE_UNMARKED_NS;
	uint64_t f = fingerprint(p);

	if (p->payload_wire == 0 && !(p->tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST)))
		return false;
	for (size_t i = 0; i < sizeof(s->recent) / sizeof(*s->recent); i++) {
		int64_t ago = now - s->recent[i].time_ns;

		if (s->recent[i].fingerprint == f && ago <= window_ns && ago >= -window_ns)
			return true;
	}
	s->recent[s->recent_next].fingerprint = f;
	s->recent[s->recent_next].time_ns = now;
	s->recent_next = (uint8_t)((s->recent_next + 1) % (sizeof(s->recent) / sizeof(*s->recent)));
	return false;
}

/* ---- Segments ---- */

static struct sent_segment *find_sent(struct attempt_side *s, int64_t offset)
{
	for (size_t i = 0; i < s->sent_count; i++)
		if (s->sent[i].offset == offset)
			return &s->sent[i];
	return NULL;
}

/* Makes room: of segments that have arrived only the longest counts. */
static void forget_arrived(struct attempt_side *s)
{
	uint8_t kept = 0;

	for (size_t i = 0; i < s->sent_count; i++) {
		const struct sent_segment *g = &s->sent[i];

		if ((uint64_t)g->offset + g->length > s->stream.acked)
			s->sent[kept++] = *g;
		else if (g->length > s->passed_max)
			s->passed_max = g->length;
	}
	s->sent_count = kept;
}

static void take_sent(struct attempt_side *s, const struct packet *p)
{
	int64_t offset = stream_offset(&s->stream, p->tcp.seq);
	struct sent_segment *g = find_sent(s, offset);

	if (g) {
		g->times = g->times < UINT8_MAX ? g->times + 1 : g->times;
		return;
	}
	if (s->sent_count == SENT_MAX)
		forget_arrived(s);
	if (s->sent_count == SENT_MAX || offset < 0 || offset > UINT32_MAX)
		return;
	s->sent[s->sent_count++] =
		(struct sent_segment){.offset = (uint32_t)offset,
				      .length = (uint16_t)(p->payload_wire < UINT16_MAX ? p->payload_wire : UINT16_MAX),
				      .times = 1};
}

static void take_data(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at,
		      const struct attempt_settings *settings)
{
	struct attempt_side *s = &a->side[from];
	struct dialogue d = {.attempt = a, .from = from, .keylog = settings->keylog};
	const struct stream_reader reader = dialogue_reader(&d);
	struct stream_piece piece = {.seq = p->tcp.seq + (p->tcp.flags & TCP_SYN ? 1 : 0), /* Fast Open, RFC 7413 */
				     .bytes = p->payload,
				     .captured = p->payload_captured,
				     .wire = p->payload_wire,
				     .at = *at};
	/* A keep-alive probe repeats one old byte or invents it (RFC 9293 section 3.8.4). */
	bool probe = piece.wire == 1 && s->stream.started &&
		     stream_offset(&s->stream, piece.seq) + 1 == (int64_t)s->stream.end;
	uint64_t order = a->order;
	enum stream_add_result result;

	if (p->payload_captured < p->payload_wire)
		a->cut_short = true;
	stream_start(&s->stream, piece.seq);
	take_sent(s, p);
	if (s->gap_age > 0)
		a->order = s->gap_order;
	result = stream_add(&s->stream, &piece, settings->held_max, &reader);
	if (result == STREAM_FULL)
		a->given_up += piece.wire + stream_skip_gap(&s->stream, at, &reader);
	a->order = order;
	if (result != STREAM_REPEAT) {
		s->last_data = *at;
	} else if (!probe) {
		if (s->repeats++ == 0)
			s->first_repeat = *at;
		s->last_repeat = *at;
	}
}

static void take_sack(struct attempt_side *peer, const struct tcp_segment *t)
{
	for (int b = 0; b < t->sack_count; b++) {
		int64_t start = stream_offset(&peer->stream, t->sack[b].start);
		int64_t end = stream_offset(&peer->stream, t->sack[b].end);

		/* A firewall that randomizes sequence numbers may forget these. */
		if (start < end && end > (int64_t)peer->sacked_end && end < (int64_t)peer->stream.end + SACK_PLAUSIBLE)
			peer->sacked_end = (uint64_t)end;
		for (size_t i = 0; i < peer->sent_count; i++) {
			struct sent_segment *g = &peer->sent[i];

			if (g->offset >= start && (int64_t)g->offset + g->length <= end)
				g->sacked = true;
		}
	}
}

/* Both SYNs tell whether windows are scaled; in themselves they are not (RFC 7323 section 2.2). */
static void take_window(struct attempt *a, int from, const struct tcp_segment *t)
{
	struct attempt_side *s = &a->side[from], *peer = &a->side[!from];
	bool scaled = s->window_shift && peer->window_shift;
	uint64_t end = peer->stream.acked + ((uint64_t)t->window << (scaled ? s->window_shift - 1 : 0));

	if (s->syns && peer->syns && !(t->flags & (TCP_SYN | TCP_RST)) && end > peer->allowed)
		peer->allowed = end;
}

static void take_ack(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at)
{
	struct attempt_side *s = &a->side[from], *peer = &a->side[!from];
	const struct tcp_segment *t = &p->tcp;
	bool pure = p->payload_wire == 0 && !(t->flags & (TCP_SYN | TCP_FIN | TCP_RST));

	if (!(t->flags & TCP_ACK))
		return;
	if (t->flags & TCP_SYN && peer->stream.started &&
	    stream_offset(&peer->stream, t->ack) > (int64_t)peer->stream.end)
		return; /* of something that was never sent */
	if (t->flags & TCP_SYN || !a->began)
		stream_start(&peer->stream,
			     t->ack); /* also where the SYN itself, or all of the beginning, was not captured */
	if (t->flags & TCP_RST && t->ack == 0)
		return;
	if (pure && s->last_ack == t->ack && peer->stream.end > peer->stream.acked)
		s->duplicate_acks++;
	s->last_ack = t->ack;
	stream_ack(&peer->stream, t->ack);
	take_window(a, from, t);
	take_sack(peer, t);
	if (a->hello_end[!from] && a->hello_acked.frame == 0 && peer->stream.acked >= a->hello_end[!from])
		a->hello_acked = *at;
}

static void take_syn(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at)
{
	struct attempt_side *s = &a->side[from], *peer = &a->side[!from];

	a->began = true;
	stream_start(&s->stream, p->tcp.seq + 1);
	/* A server that has forgotten its first answer gives another number, as long as nobody has taken the first one
	 * up. What takes up the second may be captured before it. */
	if (s->stream.end == 0 && !s->stream.held &&
	    (peer->packets == peer->syns || peer->last_ack == p->tcp.seq + 1)) {
		s->stream.base = p->tcp.seq + 1;
		s->stream.acked = 0;
	}
	s->mss = p->tcp.mss;
	s->window_shift = (uint8_t)(p->tcp.window_scale + 1);
	s->checksums_good = packet_tcp_checksum(p) == CHECKSUM_GOOD;
	s->has_timestamps = p->tcp.has_timestamps;
	if (s->syns++ == 0)
		attempt_event(a, p->tcp.flags & TCP_ACK ? EVENT_SYN_ACK : EVENT_SYN, from, at);
}

/* The first packet of the one that opened, after its SYN, completes TCP's handshake. */
static void take_third(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at)
{
	struct attempt_side *s = &a->side[from], *peer = &a->side[!from];
	bool known = s->syns > 0 || peer->syns > 0;

	if (!known || !(p->tcp.flags & TCP_ACK) || peer->stream.next > 0)
		return;
	for (size_t i = 0; i < a->event_count; i++) {
		if (a->events[i].kind == EVENT_ACK)
			return;
		if (a->events[i].kind == EVENT_SYN_ACK && a->events[i].from == from)
			return;
	}
	stream_start(&peer->stream, p->tcp.ack);
	if (stream_offset(&peer->stream, p->tcp.ack) >= 0)
		attempt_event(a, EVENT_ACK, from, at);
}

static void take_fin(struct attempt *a, int from, const struct tlsdiag_moment *at)
{
	struct attempt_side *s = &a->side[from];

	if (s->fin_told || !s->stream.has_fin || s->stream.next < s->stream.fin)
		return;
	s->fin_told = true;
	attempt_event(a, EVENT_FIN, from, at);
}

/* What was to come next was acknowledged, and is not in the capture. */
static void skip_gap(struct attempt *a, int from, const struct tlsdiag_moment *at)
{
	struct attempt_side *s = &a->side[from];
	struct dialogue d = {.attempt = a, .from = from};
	const struct stream_reader reader = dialogue_reader(&d);
	uint64_t order = a->order;

	a->torn = true;
	a->order = s->behind_gap ? s->behind_gap : s->gap_order;
	s->behind_gap = 0;
	stream_skip_gap(&s->stream, at, &reader);
	if (s->stream.fin_at.frame > a->order)
		a->order = s->stream.fin_at.frame;
	take_fin(a, from, &s->stream.fin_at);
	a->order = order;
}

static void mind_gaps(struct attempt *a, const struct tlsdiag_moment *at, unsigned patience)
{
	for (int i = 0; i < 2; i++) {
		struct attempt_side *s = &a->side[i];

		if (!stream_lacks_acked(&s->stream)) {
			s->gap_age = 0;
			s->behind_gap = 0;
			continue;
		}
		if (s->gap_age == 0)
			s->gap_order = at->frame;
		if (!s->behind_gap && s->stream.held)
			s->behind_gap = at->frame;
		if (++s->gap_age > patience)
			skip_gap(a, i, at);
	}
}

/* ---- Packets ---- */

/* A reset's 0 is nobody's acknowledgment. */
static bool acknowledges(const struct packet *p)
{
	return p->tcp.flags & TCP_ACK && !(p->tcp.flags & TCP_RST && p->tcp.ack == 0);
}

static bool acks_ahead(const struct attempt *a, int from, const struct packet *p)
{
	const struct attempt_side *peer = &a->side[!from];

	return acknowledges(p) && !(p->tcp.flags & TCP_SYN) && peer->stream.started && peer->packets > 0 &&
	       stream_offset(&peer->stream, p->tcp.ack) > (int64_t)stream_sent(&peer->stream);
}

static void read_packet(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at,
			const struct attempt_settings *settings)
{
	struct attempt_side *s = &a->side[from], *peer = &a->side[!from];
	bool acks = acknowledges(p) && peer->stream.started;

	a->acked = acks ? stream_offset(&peer->stream, p->tcp.ack) : -1;
	s->packets++;
	if (p->tcp.flags & TCP_RST) {
		take_ack(a, from, p, at);
		reset_take(a, from, p, at);
		s->last = *at;
		return;
	}
	s->last = *at;
	if (s->stream.started && stream_offset(&s->stream, p->tcp.seq) > (int64_t)s->next_sent)
		s->next_sent = (uint64_t)stream_offset(&s->stream, p->tcp.seq);
	reset_learn(s, p);
	if (p->tcp.flags & TCP_SYN)
		take_syn(a, from, p, at);
	else
		take_third(a, from, p, at);
	s->window_closed = p->tcp.window == 0 && (p->tcp.flags & (TCP_SYN | TCP_ACK)) != TCP_SYN;
	s->zero_windows += s->window_closed && !(p->tcp.flags & TCP_SYN);
	if (a->reset_count > 0)
		reset_mind(a, from, p, at);
	if (p->tcp.flags & TCP_ACK)
		s->spoken_ack = p->tcp.ack;
	take_ack(a, from, p, at);
	if (p->payload_wire > 0)
		take_data(a, from, p, at, settings);
	if (p->tcp.flags & TCP_FIN)
		stream_fin(&s->stream, p->tcp.seq + p->payload_wire, at);
	take_fin(a, from, at);
	mind_gaps(a, at, GAP_PATIENCE);
}

/* Puts a packet off until its peer's side of the story has come. False: no memory, read it now. */
static bool delay(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at)
{
	size_t memory = sizeof(struct delayed_packet) + p->payload_captured;
	struct delayed_packet **link = &a->delayed, *d = malloc(memory);

	if (!d)
		return false;
	*d = (struct delayed_packet){.packet = *p, .at = *at, .from = from, .memory = memory};
	if (p->payload_captured)
		memcpy(d->payload, p->payload, p->payload_captured);
	d->packet.payload = d->payload;
	while (*link)
		link = &(*link)->next;
	*link = d;
	a->delayed_memory += memory;
	return true;
}

/* Reads delayed packets whose time has come: what they acknowledge was seen, or will not be. */
static void read_delayed(struct attempt *a, int64_t now_ns, const struct attempt_settings *settings)
{
	for (struct delayed_packet *d = a->delayed; d; d = d->next)
		d->waited++;
	while (a->delayed) {
		struct delayed_packet *d = a->delayed;

		if (acks_ahead(a, d->from, &d->packet) && d->waited <= DELAYED_PACKETS &&
		    now_ns - d->at.time_ns < DELAYED_NS)
			return;
		read_packet(a, d->from, &d->packet, &d->at, settings);
		delayed_pop(a);
	}
}

void attempt_packet(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at,
		    const struct attempt_settings *settings)
{
	bool bare = p->payload_wire == 0 && !(p->tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST));
	bool behind = false;

	if (duplicate(&a->side[from], p, at->time_ns)) {
		a->duplicates++;
		if (!(p->tcp.flags & TCP_RST)) /* on the other side of a router it has another, and so has a reset */
			reset_learn_ttl(&a->side[from], p);
		return;
	}
	if (a->first.frame == 0)
		a->first = *at;
	a->last = *at;
	/* What was sent before those that wait need not: it may be what they wait for. */
	for (const struct delayed_packet *d = a->delayed; d; d = d->next)
		behind = behind || (d->from == from && (int32_t)(p->tcp.seq - d->packet.tcp.seq) >= 0);
	a->order = at->frame;
	if (bare || !(behind || acks_ahead(a, from, p)) || !delay(a, from, p, at))
		read_packet(a, from, p, at, settings);
	read_delayed(a, at->time_ns, settings);
	a->order = 0;
}

void attempt_icmp(struct attempt *a, int from, const struct packet *p, const struct tlsdiag_moment *at)
{
	const struct stream *s = &a->side[from].stream;
	int64_t about = p->icmp.quotes_seq && s->started ? stream_offset(s, p->icmp.seq) : -1;
	struct event *e;

	a->last = *at;
	if (p->icmp.reason == ICMP_TOO_BIG) {
		a->icmp_too_big = true;
		a->icmp_mtu = p->icmp.mtu;
	}
	for (size_t i = 0; i < a->event_count; i++)
		if (a->events[i].kind == EVENT_ICMP && a->events[i].value == p->icmp.reason &&
		    a->events[i].from == from) {
			a->events[i].count++;
			if (about > a->events[i].acked)
				a->events[i].acked = about;
			return;
		}
	e = attempt_event(a, EVENT_ICMP, from, at);
	if (!e)
		return;
	e->acked = about;
	e->value = (uint16_t)p->icmp.reason;
	e->length = memcmp(&p->src, &a->address[!from], sizeof(p->src)) == 0; /* 1: the other end itself says so */
}

/* Both ends have sent what may be application data, the last of it in the latest packet. The first such record of a TLS
 * 1.3 client is its Finished, and what answers the next one comes behind that. */
static bool exchanged(const struct attempt *a)
{
	const struct event *last = a->event_count ? &a->events[a->event_count - 1] : NULL;
	unsigned said = 0;
	bool answered = false, hidden;
	int client;

	if (!last || last->kind != EVENT_DATA || last->order != a->last.frame)
		return false;
	hidden = a->server_hello && version_is_tls13(a->server_hello->version) && !a->decrypted;
	client = attempt_client(a);
	for (const struct event *e = a->events; e <= last; e++) {
		if (e->kind != EVENT_DATA)
			continue;
		if (e->from == client)
			said++;
		else
			answered = answered || !hidden || said > 1;
	}
	return said > 0 && answered;
}

bool attempt_settled(struct attempt *a)
{
	struct milestones m;

	if (a->side[0].mode == SIDE_OVER && a->side[1].mode == SIDE_OVER && a->preamble)
		return true;
	if (!a->answered && exchanged(a)) {
		milestones_read(a, &m);
		a->answered = m.reached[TLSDIAG_APPLICATION].reached && !m.may_be_ticket;
		for (int i = 0; i < 2; i++)
			a->answered_end[i] = a->side[i].stream.end;
	}
	/* What was sent counts once it has arrived. */
	return a->answered && a->side[0].stream.acked >= a->answered_end[0] &&
	       a->side[1].stream.acked >= a->answered_end[1];
}

/* Stable, and nearly sorted as it comes. */
static void sort_events(struct attempt *a)
{
	for (size_t i = 1; i < a->event_count; i++) {
		struct event e;
		size_t k = i;

		if (a->events[i - 1].order <= a->events[i].order)
			continue;
		e = a->events[i];
		for (; k > 0 && a->events[k - 1].order > e.order; k--)
			a->events[k] = a->events[k - 1];
		a->events[k] = e;
	}
}

void attempt_finish(struct attempt *a, const struct attempt_settings *settings)
{
	read_delayed(a, INT64_MAX, settings);
	for (int i = 0; i < 2; i++) {
		struct attempt_side *s = &a->side[i];

		while (stream_lacks_acked(&s->stream))
			mind_gaps(a, &a->last, 0);
		if (s->stream.has_fin && !s->fin_told) {
			s->fin_told = true;
			attempt_event(a, EVENT_FIN, i, &s->stream.fin_at);
		}
		dialogue_finish(a, i);
	}
	sort_events(a);
}
