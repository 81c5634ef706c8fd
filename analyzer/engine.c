/* engine.c: the public calls of tlsdiag.h: packets to attempts, attempts to verdicts, all within the bounds.
 *
 * Theory of operation. Each TCP packet finds its flow and goes to the flow's attempt. An attempt is decided
 *   - as soon as nothing that follows can change the verdict (application data was answered, or no TLS is to be
 *   expected);
 *   - some time (linger) of packet time after its end, because late packets can tell a forged reset from a true one;
 *     while they keep coming that was not the end;
 *   - when the capture ends;
 *   - early, when the bounds on connections or memory are met: the one unused longest goes first, and this is counted.
 * A decided flow keeps its slot without an attempt, so that its last packets are not mistaken for a new connection.
 */
#include "describe.h"
#include "flow.h"
#include "fragment.h"
#include "headers.h"

#include <stdlib.h>

/* Ended flows in the order in which they are due. An entry whose flow was decided meanwhile is stale: its number says
 * so. */
struct due {
	struct flow *flow;
	uint64_t number;
	int64_t time_ns;
};

struct due_queue {
	struct due *ring;
	size_t size, first, count; /* size: a power of two */
};

/* Where a capture was joined from several: a long time without a single packet, or time running backwards. Silence is
 * measured up to the first joint behind a connection's last packet. */
#define JOINTS_MAX 256
#define TIME_MAX_NS (INT64_MAX / 4)
#define JOINT_FORWARD_NS 300000000000
#define JOINT_BACKWARD_NS 1000000000

#define KEYLOG_SESSIONS_MAX 65536

struct tlsdiag {
	struct tlsdiag_settings settings;
	tlsdiag_verdict_fn *on_verdict;
	void *context;
	tlsdiag_segment_fn *on_segment; /* NULL: nobody asks */
	void *segment_context;
	const struct tap *tap; /* NULL: verdicts are given */
	struct flow_table *flows;
	struct fragment_table *fragments;
	struct keylog *keylog; /* NULL until secrets are given */
	struct tlsdiag_counts counts;
	struct due_queue due;
	struct description description;
	struct attempt_pool spare;
	size_t memory; /* of all attempts */
	uint64_t numbers; /* connections so far */
	int64_t now_ns; /* the latest packet time seen since the last joint */
	struct tlsdiag_moment joints[JOINTS_MAX]; /* the last packet before each */
	size_t joint_count;
	uint64_t frame; /* of the latest packet */
	int linktype; /* the latest that is known; -1: none yet */
};

void tlsdiag_settings_init(struct tlsdiag_settings *s)
{
	*s = (struct tlsdiag_settings){.flows_max = 1u << 18,
				       .memory_max = (size_t)144 << 20,
				       .stream_max = 256u << 10,
				       .patience_ns = 1000000000,
				       .linger_ns = 2000000000};
}

struct tlsdiag *tlsdiag_new(const struct tlsdiag_settings *settings, tlsdiag_verdict_fn *on_verdict, void *context)
{
	static const struct fragment_limits fragments = {
		.datagrams = 1024, .bytes = 8u << 20, .timeout_ns = 60000000000}; /* RFC 8200 section 4.5 */
	struct tlsdiag *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	if (settings)
		d->settings = *settings;
	else
		tlsdiag_settings_init(&d->settings);
	d->on_verdict = on_verdict;
	d->context = context;
	d->linktype = -1;
	d->flows = flow_table_new(d->settings.flows_max);
	d->fragments = fragment_table_new(&fragments);
	if (!d->flows || !d->fragments) {
		tlsdiag_free(d);
		return NULL;
	}
	return d;
}

void tlsdiag_on_segment(struct tlsdiag *d, tlsdiag_segment_fn *on_segment, void *context)
{
	d->on_segment = on_segment;
	d->segment_context = context;
}

void tlsdiag_free(struct tlsdiag *d)
{
	if (!d)
		return;
	flow_table_free(d->flows);
	attempt_pool_clear(&d->spare);
	fragment_table_free(d->fragments);
	keylog_free(d->keylog);
	description_clear(&d->description);
	free(d->due.ring);
	free(d);
}

bool tlsdiag_keylog(struct tlsdiag *d, const char *text, size_t length)
{
	if (!d->keylog)
		d->keylog = keylog_new(KEYLOG_SESSIONS_MAX);
	if (!d->keylog)
		return false;
	keylog_feed(d->keylog, text, length);
	return true;
}

void tlsdiag_keylog_end(struct tlsdiag *d)
{
	if (d->keylog)
		keylog_end(d->keylog);
}

void tlsdiag_set_tap(struct tlsdiag *d, const struct tap *tap)
{
	d->tap = tap;
}

/* ---- Deciding ---- */

static void mind_joints(struct tlsdiag *d, const struct tlsdiag_moment *at)
{
	int64_t step = at->time_ns - d->now_ns;
	bool joint = d->frame && (step > JOINT_FORWARD_NS || step < -JOINT_BACKWARD_NS);

	if (joint && d->joint_count < JOINTS_MAX)
		d->joints[d->joint_count++] = (struct tlsdiag_moment){.frame = d->frame, .time_ns = d->now_ns};
	if (!d->frame || joint || step > 0)
		d->now_ns = at->time_ns;
	d->frame = at->frame;
}

static int64_t seen_until(const struct tlsdiag *d, const struct attempt *a)
{
	for (size_t i = 0; i < d->joint_count; i++)
		if (d->joints[i].frame >= a->last.frame)
			return d->joints[i].time_ns;
	return d->now_ns;
}

/* Gives the verdict and lets go of the attempt; the flow stays. */
static void decide(struct tlsdiag *d, struct flow *f)
{
	struct attempt *a = f->attempt;
	const struct reading_settings settings = {.patience_ns = d->settings.patience_ns,
						  .now_ns = seen_until(d, a),
						  .failures_only = d->settings.failures_only};
	struct reading reading;
	struct conclusion conclusion;

	attempt_finish(a, &(struct attempt_settings){.held_max = d->settings.stream_max, .keylog = d->keylog});
	if (d->tap) {
		d->tap->ended(d->tap->context, a);
	} else {
		reading_make(a, &settings, &reading);
		verdict_decide(&reading, &conclusion);
		if (d->settings.failures_only && conclusion.outcome != TLSDIAG_FAILED)
			describe_outcome(&reading, &conclusion, &d->description);
		else
			describe(&reading, &conclusion, &d->description);
	}
	f->attempt = NULL;
	d->memory -= f->memory;
	f->memory = 0;
	d->counts.duplicates += a->duplicates;
	d->counts.stream_bytes_given_up += a->given_up;
	d->counts.connections++;
	if (d->on_verdict && !d->tap)
		d->on_verdict(&d->description.verdict, d->context);
	attempt_release(&d->spare, a);
}

/* Makes room: the flow unused longest goes, decided early if it has not been. */
static void evict_oldest(struct tlsdiag *d)
{
	struct flow *f = flow_oldest(d->flows);

	if (f->attempt) {
		f->attempt->evicted = true;
		d->counts.flows_evicted++;
		decide(d, f);
	}
	flow_remove(d->flows, f);
}

static bool stale(const struct due *entry)
{
	return !entry->flow->in_use || !entry->flow->attempt || entry->flow->attempt->number != entry->number;
}

/* Makes room: drops what is stale, so that the ring never outgrows the flows in use by much, or doubles it. */
static bool due_grow(struct due_queue *q)
{
	struct due_queue grown = {.size = q->size ? q->size * 2 : 256};

	grown.ring = malloc(grown.size * sizeof(*grown.ring));
	if (!grown.ring)
		return false;
	for (size_t i = 0; i < q->count; i++) {
		const struct due *entry = &q->ring[(q->first + i) & (q->size - 1)];

		if (!stale(entry))
			grown.ring[grown.count++] = *entry;
	}
	if (grown.count < q->count / 2) { /* the same room does */
		memcpy(q->ring, grown.ring, grown.count * sizeof(*grown.ring));
		q->first = 0;
		q->count = grown.count;
		free(grown.ring);
		return true;
	}
	free(q->ring);
	*q = grown;
	return true;
}

static bool due_add(struct due_queue *q, struct flow *f, int64_t time_ns)
{
	if (q->count == q->size && !due_grow(q))
		return false;
	q->ring[(q->first + q->count++) & (q->size - 1)] =
		(struct due){.flow = f, .number = f->attempt->number, .time_ns = time_ns};
	return true;
}

/* What seemed to be its end was not: packets came for longer than those that an end leaves behind. */
static bool lives_on(const struct tlsdiag *d, const struct due *entry)
{
	return entry->flow->attempt->last.time_ns > entry->time_ns - d->settings.linger_ns / 2;
}

/* Decides what is due by now, and drops stale entries in front. */
static void decide_due(struct tlsdiag *d)
{
	struct due_queue *q = &d->due;

	while (q->count > 0) {
		struct due first = q->ring[q->first];
		bool gone = stale(&first);

		if (!gone && first.time_ns > d->now_ns)
			return;
		q->first = (q->first + 1) & (q->size - 1);
		q->count--;
		if (!gone && (!lives_on(d, &first) || !due_add(q, first.flow, d->now_ns + d->settings.linger_ns)))
			decide(d, first.flow);
	}
}

/* ---- Packets ---- */

static bool opens(const struct packet *p)
{
	return (p->tcp.flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

/* A SYN with another sequence number begins another connection on the same ports. */
static bool begins_anew(const struct flow *f, int from, const struct packet *p)
{
	const struct attempt *a = f->attempt;

	if (!opens(p))
		return false;
	if (f->has_isn && from == 0)
		return f->isn != p->tcp.seq;
	if (!a)
		return true;
	/* The SYN of a connection whose answer was captured first belongs to it; it may have carried data (RFC
	 * 7413). */
	if (a->side[from].stream.started)
		return a->side[from].stream.base - (p->tcp.seq + 1) > p->payload_wire;
	return a->side[from].packets > 0;
}

/* Without a SYN to tell, the lower port is taken for the server's. */
static bool sent_by_server(const struct packet *p)
{
	if (p->tcp.flags & TCP_SYN)
		return (p->tcp.flags & TCP_ACK) != 0;
	return p->sport < p->dport;
}

static struct flow *add_flow(struct tlsdiag *d, const struct packet *p, const struct tlsdiag_moment *at, int *from)
{
	struct flow *f;

	*from = sent_by_server(p);
	do {
		f = *from ? flow_add(d->flows, &p->dst, p->dport, &p->src, p->sport)
			  : flow_add(d->flows, &p->src, p->sport, &p->dst, p->dport);
		if (!f)
			evict_oldest(d);
	} while (!f);
	f->attempt = attempt_new(&d->spare, d->numbers + 1, &f->address[0], f->port[0], &f->address[1], f->port[1]);
	if (!f->attempt) {
		flow_remove(d->flows, f);
		return NULL;
	}
	f->number = ++d->numbers;
	f->attempt->tap = d->tap;
	if (d->tap)
		d->tap->began(d->tap->context, f->attempt, at);
	if (opens(p)) {
		f->has_isn = true;
		f->isn = p->tcp.seq;
	}
	return f;
}

static void tell(struct tlsdiag *d, const struct flow *f, const struct packet *p, const struct tlsdiag_moment *at,
		 bool fragmented)
{
	struct tlsdiag_segment segment = {.connection = f->number, .at = *at};

	headers_fill(p, &segment.headers);
	segment.headers.fragmented = fragmented;
	d->on_segment(&segment, d->segment_context);
}

static void account(struct tlsdiag *d, struct flow *f)
{
	size_t now = attempt_memory(f->attempt);

	d->memory += now - f->memory;
	f->memory = now;
	while (d->memory > d->settings.memory_max)
		evict_oldest(d);
}

static void take_tcp(struct tlsdiag *d, const struct packet *p, const struct tlsdiag_moment *at, bool fragmented)
{
	const struct attempt_settings settings = {.held_max = d->settings.stream_max, .keylog = d->keylog};
	int from;
	struct flow *f = flow_find(d->flows, &p->src, p->sport, &p->dst, p->dport, &from);
	bool had_ended;

	d->counts.tcp_packets++;
	if (f && begins_anew(f, from, p)) {
		if (f->attempt)
			decide(d, f);
		flow_remove(d->flows, f);
		f = NULL;
	}
	if (!f)
		f = add_flow(d, p, at, &from);
	if (f && d->on_segment)
		tell(d, f, p, at, fragmented);
	if (!f || !f->attempt)
		return;
	had_ended = attempt_ended(f->attempt) || d->tap;
	if (d->tap)
		d->tap->packet(d->tap->context, f->attempt, from, p);
	attempt_packet(f->attempt, from, p, at, &settings);
	if (!d->tap && attempt_settled(f->attempt)) {
		decide(d, f);
		return;
	}
	if (!had_ended && attempt_ended(f->attempt) && !due_add(&d->due, f, d->now_ns + d->settings.linger_ns)) {
		decide(d, f);
		return;
	}
	account(d, f);
}

static void take_icmp(struct tlsdiag *d, const struct packet *p, const struct tlsdiag_moment *at)
{
	const struct icmp_error *i = &p->icmp;
	int from;
	struct flow *f;

	if (!i->quotes_tcp)
		return;
	f = flow_find(d->flows, &i->src, i->sport, &i->dst, i->dport, &from);
	if (f && d->on_segment)
		tell(d, f, p, at, false);
	if (f && f->attempt)
		attempt_icmp(f->attempt, from, p, at);
}

bool tlsdiag_packet(struct tlsdiag *d, int linktype, const struct tlsdiag_packet *packet)
{
	struct tlsdiag_moment at = {.frame = packet->frame, .time_ns = packet->time_ns};
	struct packet p;
	enum parse_result result;
	bool fragmented;

	d->counts.packets++;
	if (at.time_ns < -TIME_MAX_NS || at.time_ns > TIME_MAX_NS) /* no clock says so, and sums must not overflow */
		at.time_ns = 0;
	mind_joints(d, &at);
	if (linktype != d->linktype && !packet_linktype_known(linktype)) {
		d->counts.unknown_linktype++;
		return false;
	}
	d->linktype = linktype;
	decide_due(d);
	result = packet_decode(linktype, packet->bytes, packet->captured, packet->wire, &p);
	fragmented = result == PARSE_OK && p.kind == PACKET_FRAGMENT;
	if (fragmented) {
		result = fragment_add(d->fragments, at.time_ns, &p);
		d->counts.fragments_given_up = fragment_given_up(d->fragments);
	}
	if (result == PARSE_MALFORMED)
		d->counts.malformed++;
	else if (result == PARSE_SNAPLEN)
		d->counts.cut_short++;
	if (result != PARSE_OK)
		return true;
	if (p.kind == PACKET_TCP)
		take_tcp(d, &p, &at, fragmented);
	else if (p.kind == PACKET_ICMP_ERROR)
		take_icmp(d, &p, &at);
	return true;
}

/* ---- Time without packets ---- */

#define SILENCE_MAX_NS 130000000000 /* TCP repeats what was not acknowledged at least every 120 s (Linux TCP_RTO_MAX) */
#define SILENCE_MIN_NS 10000000000

/* Whether so long a silence says that nothing will follow. */
static bool given_up(const struct attempt *a, int64_t now_ns)
{
	int64_t silence = now_ns - a->last.time_ns, tried = a->last.time_ns - a->first.time_ns;
	bool unanswered = a->began && !a->side[1].packets, closing = a->side[0].fin_told || a->side[1].fin_told;

	if (closing)
		return silence >= SILENCE_MIN_NS;
	if (!unanswered)
		return silence >= SILENCE_MAX_NS;
	/* Each SYN waits twice as long as the one before (RFC 6298 section 5.5): the next would be due after a little
	 * more than the time since the first. */
	return silence >= SILENCE_MIN_NS && silence >= 4 * tried;
}

/* Flows are in the order of their last packets. */
static void decide_silent(struct tlsdiag *d)
{
	for (struct flow *f = flow_oldest(d->flows); f; f = flow_newer(d->flows, f)) {
		if (!f->attempt)
			continue;
		if (d->now_ns - f->attempt->last.time_ns < SILENCE_MIN_NS)
			return;
		if (given_up(f->attempt, d->now_ns))
			decide(d, f);
	}
}

void tlsdiag_advance(struct tlsdiag *d, int64_t time_ns)
{
	if (!d->frame || time_ns <= d->now_ns || time_ns > TIME_MAX_NS)
		return;
	d->now_ns = time_ns;
	decide_due(d);
	decide_silent(d);
}

/* ---- The end ---- */

static int by_number(const void *left, const void *right)
{
	const struct flow *const *l = left, *const *r = right;

	return ((*l)->attempt->number > (*r)->attempt->number) - ((*l)->attempt->number < (*r)->attempt->number);
}

void tlsdiag_finish(struct tlsdiag *d)
{
	struct flow **open = NULL;
	size_t count = 0;

	for (struct flow *f = flow_oldest(d->flows); f; f = flow_newer(d->flows, f))
		count += f->attempt != NULL;
	open = count ? malloc(count * sizeof(struct flow *)) : NULL;
	if (open) { /* in the order in which they began */
		count = 0;
		for (struct flow *f = flow_oldest(d->flows); f; f = flow_newer(d->flows, f))
			if (f->attempt)
				open[count++] = f;
		qsort(open, count, sizeof(struct flow *), by_number);
		for (size_t i = 0; i < count; i++)
			decide(d, open[i]);
		free(open);
	}
	while (flow_oldest(d->flows)) {
		if (flow_oldest(d->flows)->attempt)
			decide(d, flow_oldest(d->flows));
		flow_remove(d->flows, flow_oldest(d->flows));
	}
	d->due.count = d->due.first = 0;
	d->joint_count = 0;
	d->frame = 0;
}

void tlsdiag_counts(const struct tlsdiag *d, struct tlsdiag_counts *counts)
{
	struct keylog_counts secrets = {0};

	*counts = d->counts;
	if (d->keylog)
		keylog_counts(d->keylog, &secrets);
	counts->keylog_secrets = secrets.secrets;
	counts->keylog_malformed = secrets.malformed;
}
