/* between.c: gathers what a comparison shows; see between.h. */
#include "analyzer/cli/between.h"

#include "analyzer/cli/endpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORD(buffer, ...) snprintf(buffer, BETWEEN_LABEL_MAX, __VA_ARGS__)

/* ---- What a packet is ---- */

static const char *evidence_at(const struct tlsdiag_verdict *v, uint64_t frame)
{
	for (size_t i = 0; v && i < v->evidence_count; i++)
		if (v->evidence[i].at.frame == frame && v->evidence[i].direction != TLSDIAG_FROM_NETWORK)
			return v->evidence[i].shows;
	return NULL;
}

/* The first byte of a record, and of a handshake message within (RFC 8446 sections 4 and 5.1). */
static const char *record_name(const struct trail *trail, const struct trail_packet *p)
{
	const uint8_t *b = trail->bytes + (p->bytes == TRAIL_NO_BYTES ? 0 : p->bytes);

	if (!b || p->bytes == TRAIL_NO_BYTES || p->captured < 6 || b[1] != 3)
		return NULL;
	switch (b[0]) {
	case 20:
		return "ChangeCipherSpec";
	case 21:
		return "alert";
	case 22:
		return b[5] == 1 ? "ClientHello" : b[5] == 2 ? "ServerHello" : "handshake record";
	case 23:
		return "application data";
	default:
		return NULL;
	}
}

static const char *flags_name(const struct trail_packet *p)
{
	if (p->flags & TRAIL_RST)
		return "RST";
	if (p->flags & TRAIL_SYN)
		return p->flags & TRAIL_ACK ? "SYN-ACK" : "SYN";
	if (p->length)
		return NULL;
	return p->flags & TRAIL_FIN ? "FIN" : "ACK";
}

/* "ClientHello", "SYN", "517 bytes": what a packet is, by the verdict's evidence or its own flags. In buffer. */
static const char *label_of(const struct trail *trail, const struct trail_packet *p, char *buffer)
{
	const char *name;

	if (p->icmp) {
		WORD(buffer, "ICMP %s", p->icmp);
		return buffer;
	}
	name = flags_name(p);
	if (!name)
		name = record_name(trail, p);
	if (!name)
		name = evidence_at(trail->verdict, p->frame);
	if (name && strncmp(name, "data sent again", 15) != 0)
		WORD(buffer, "%.*s", (int)strcspn(name, ","), name);
	else
		WORD(buffer, "%" PRIu32 " bytes", p->length);
	return buffer;
}

/* ---- Differences ---- */

static void add_frame(struct difference *d, int capture, const struct trail_packet *p)
{
	if (p && d->frame_count[capture] < BETWEEN_FRAMES_MAX)
		d->frames[capture][d->frame_count[capture]++] = p->frame;
}

static struct difference *find(struct between *b, const struct difference *like)
{
	for (size_t i = 0; i < b->difference_count; i++) {
		struct difference *d = &b->differences[i];

		if (d->kind == like->kind && d->way == like->way && d->presumed == like->presumed &&
		    strcmp(d->field, like->field) == 0 && (*d->field || strcmp(d->label, like->label) == 0))
			return d;
	}
	if (b->difference_count == BETWEEN_DIFFERENCES_MAX) {
		b->differences_left_out++;
		return NULL;
	}
	b->differences[b->difference_count] = *like;
	return &b->differences[b->difference_count++];
}

/* `in_a` and `in_b`: the packet, in the captures that have it. */
static void add(struct between *b, const struct difference *like, const struct trail_packet *in_a,
		const struct trail_packet *in_b)
{
	struct difference *d = find(b, like);

	if (!d)
		return;
	d->count++;
	add_frame(d, 0, in_a);
	add_frame(d, 1, in_b);
}

static void tell_options(char *text, uint64_t kinds)
{
	static const struct {
		unsigned kind;
		const char *name;
	} names[] = {{2, "mss"},  {3, "window scale"}, {4, "sack permitted"},
		     {5, "sack"}, {8, "timestamps"},   {34, "fast open"}};
	size_t at = 0;

	*text = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (kinds >> names[i].kind & 1 && at < BETWEEN_LABEL_MAX)
			at += (size_t)snprintf(text + at, BETWEEN_LABEL_MAX - at, "%s%s", at ? ", " : "",
					       names[i].name);
		kinds &= ~(UINT64_C(1) << names[i].kind);
	}
	if (kinds && at < BETWEEN_LABEL_MAX)
		snprintf(text + at, BETWEEN_LABEL_MAX - at, "%sothers", at ? ", " : "");
	if (!*text)
		WORD(text, "none");
}

static void tell_flags(char *text, uint8_t flags)
{
	static const char letters[] = "FSRP.UEW"; /* tcpdump's */
	size_t at = 0;

	for (unsigned i = 0; i < 8; i++)
		if (flags >> i & 1)
			text[at++] = letters[i];
	text[at] = 0;
}

/* Where two payloads first differ. */
static void tell_payload(const struct passage *w, const struct trail_packet *s, const struct trail_packet *r,
			 char *before, char *after)
{
	uint32_t n = s->captured < r->captured ? s->captured : r->captured, at = 0, differing = 0;
	const uint8_t *x, *y;

	if (s->bytes == TRAIL_NO_BYTES || r->bytes == TRAIL_NO_BYTES || s->length != r->length)
		return;
	x = w->sender->bytes + s->bytes;
	y = w->receiver->bytes + r->bytes;
	for (uint32_t i = n; i-- > 0;) {
		if (x[i] == y[i])
			continue;
		at = i;
		differing++;
	}
	WORD(before, "%02x at byte %" PRIu32, x[at], at);
	WORD(after, "%02x (%" PRIu32 " byte%s differ%s)", y[at], differing, differing == 1 ? "" : "s",
	     differing == 1 ? "s" : "");
}

static const char *const change_names[CHANGES] = {"ttl",     "ip-id",   "dscp",      "ecn",          "flags",
						  "ack",     "window",  "mss",       "window-scale", "timestamps",
						  "options", "payload", "fragmented"};

static void tell_change(const struct passage *w, enum change change, const struct compared *s, const struct compared *r,
			struct difference *d)
{
	const struct trail_packet *x = s->p, *y = r->p;
	const struct {
		enum change change;
		long long before, after;
	} numbers[] = {{CHANGE_TTL, x->ttl, y->ttl},
		       {CHANGE_IP_ID, x->ip_id, y->ip_id},
		       {CHANGE_DSCP, x->dscp_ecn >> 2, y->dscp_ecn >> 2},
		       {CHANGE_ECN, x->dscp_ecn & 3, y->dscp_ecn & 3},
		       {CHANGE_ACK, s->ack, r->ack},
		       {CHANGE_WINDOW, x->window, y->window},
		       {CHANGE_MSS, x->mss, y->mss},
		       {CHANGE_WINDOW_SCALE, x->window_scale, y->window_scale},
		       {CHANGE_TIMESTAMPS, x->timestamp_value, y->timestamp_value}};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (numbers[i].change != change)
			continue;
		WORD(d->before, "%lld", numbers[i].before);
		WORD(d->after, "%lld", numbers[i].after);
	}
	if (change == CHANGE_OPTIONS) {
		tell_options(d->before, x->options);
		tell_options(d->after, y->options);
	} else if (change == CHANGE_FLAGS) {
		tell_flags(d->before, x->flags);
		tell_flags(d->after, y->flags);
	} else if (change == CHANGE_PAYLOAD) {
		tell_payload(w, x, y, d->before, d->after);
	} else if (change == CHANGE_FRAGMENTED) {
		WORD(d->before, "whole");
		WORD(d->after, "in fragments");
	}
}

static void add_changes(struct between *b, enum way way, const struct passage *w, const struct compared *r)
{
	const struct compared *s = r->twin == NO_TWIN ? r : &w->sent[r->twin];
	const struct trail_packet *in_a = way == TO_SERVER ? s->p : r->p, *in_b = way == TO_SERVER ? r->p : s->p;

	for (unsigned i = 0; i < CHANGES; i++) {
		struct difference d = {.kind = DIFFERENCE_CHANGED, .way = way, .field = change_names[i]};

		if (!(r->changes >> i & 1))
			continue;
		label_of(w->receiver, r->p, d.label);
		if (s != r)
			tell_change(w, (enum change)(1U << i), s, r, &d);
		add(b, &d, s == r && way == TO_SERVER ? NULL : in_a, s == r && way == TO_CLIENT ? NULL : in_b);
	}
}

static void add_fate(struct between *b, enum way way, const struct trail *trail, const struct compared *c, bool sent)
{
	bool in_a = (way == TO_SERVER) == sent;
	struct difference d = {.way = way, .field = ""};

	switch (c->fate) {
	case FATE_PRESUMED:
	case FATE_DROPPED:
		d.kind = DIFFERENCE_DROPPED;
		break;
	case FATE_APPEARED_PRESUMED:
	case FATE_APPEARED:
		d.kind = DIFFERENCE_APPEARED;
		break;
	case FATE_PARTLY:
		d.kind = sent ? DIFFERENCE_PARTLY : DIFFERENCE_APPEARED;
		break;
	case FATE_TWICE:
		d.kind = DIFFERENCE_TWICE;
		if (sent) /* captured twice: nothing about the way */
			return;
		break;
	default:
		return;
	}
	d.presumed = c->fate == FATE_PRESUMED || c->fate == FATE_APPEARED_PRESUMED;
	label_of(trail, c->p, d.label);
	add(b, &d, in_a ? c->p : NULL, in_a ? NULL : c->p);
}

/* ---- Counts ---- */

static void count_sent(struct between_counts *n, enum fate fate)
{
	n->sent++;
	n->passed += fate == FATE_PASSED;
	n->resegmented += fate == FATE_RESEGMENTED;
	n->dropped += fate == FATE_DROPPED || fate == FATE_PRESUMED || fate == FATE_PARTLY;
	n->missed += fate == FATE_MISSED;
	n->outside += fate == FATE_OUTSIDE;
}

static void count_arrived(struct between_counts *n, const struct compared *c)
{
	n->arrived++;
	n->appeared += c->fate == FATE_APPEARED || c->fate == FATE_APPEARED_PRESUMED;
	n->changed += c->changes != 0;
	n->twice += c->fate == FATE_TWICE;
	n->missed += c->fate == FATE_MISSED;
	n->outside += c->fate == FATE_OUTSIDE;
}

/* ---- Facts ---- */

static bool gone(enum fate fate)
{
	return fate == FATE_DROPPED || fate == FATE_PRESUMED || fate == FATE_PARTLY;
}

/* Whether a copy of these bytes arrived, in whatever segments; of what has no bytes (RST, ICMP) whether one like it
 * did. */
static bool arrived_otherwise(const struct passage *w, const struct compared *c)
{
	if (c->span)
		return compared_cover(w->arrived, w->arrived_count, c) == c->span;
	for (uint32_t i = 0; i < w->arrived_count; i++) {
		const struct trail_packet *p = w->arrived[i].p;

		if ((p->flags & TRAIL_RST) == (c->p->flags & TRAIL_RST) && p->icmp == c->p->icmp)
			return true;
	}
	return false;
}

/* The first packet sent until then that never arrived; acknowledgments alone do not count, for later ones say the
 * same. */
static void find_loss(const struct passage *w, int64_t until_ns, struct loss *loss)
{
	for (uint32_t i = 0; i < w->sent_count && !loss->any; i++) {
		const struct compared *c = &w->sent[i];
		bool matters = c->span || c->p->flags & TRAIL_RST || c->p->icmp;

		if (!matters || c->p->time_ns > until_ns || !gone(c->fate) || arrived_otherwise(w, c))
			continue;
		loss->any = true;
		loss->presumed = c->fate == FATE_PRESUMED;
		loss->time_ns = c->p->time_ns;
		loss->frame = c->p->frame;
		label_of(w->sender, c->p, loss->label);
	}
}

/* The frame that ended the attempt as A shows it. */
static const struct tlsdiag_evidence *decisive(const struct tlsdiag_verdict *v)
{
	for (size_t i = 0; v && i < v->evidence_count; i++)
		if (v->evidence[i].decisive)
			return &v->evidence[i];
	return NULL;
}

static bool find_end(struct between_facts *f, const struct compared *list, uint32_t count, uint64_t frame, enum way way)
{
	for (uint32_t i = 0; i < count; i++) {
		if (list[i].p->frame != frame)
			continue;
		f->end = list[i].fate;
		f->end_way = way;
		f->end_icmp = list[i].p->icmp;
		return true;
	}
	return false;
}

static void way_facts(struct between_facts *f, const struct comparison *c, enum way way, int64_t until_ns)
{
	const struct passage *w = &c->way[way];

	for (uint32_t i = 0; i < w->arrived_count; i++) {
		const struct compared *r = &w->arrived[i];
		int64_t at_a_ns = INT64_MIN;

		if (way == TO_CLIENT)
			at_a_ns = r->p->time_ns;
		else if (r->twin != NO_TWIN)
			at_a_ns = w->sent[r->twin].p->time_ns;
		if (at_a_ns > until_ns)
			continue;
		f->payload_changed[way] |= (r->changes & CHANGE_PAYLOAD) != 0;
		f->ack_changed[way] |= (r->changes & CHANGE_ACK) != 0;
		f->window_closed[way] |= r->changes & CHANGE_WINDOW && r->p->window == 0;
	}
}

static bool has_syn(const struct compared *list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i].p->flags & TRAIL_SYN && !list[i].p->icmp)
			return true;
	return false;
}

/* When the client gave up, at the latest: its FIN or RST behind what came last. */
static int64_t gave_up(const struct comparison *c, int64_t end_ns)
{
	const struct passage *w = &c->way[TO_SERVER];

	for (uint32_t i = 0; i < w->sent_count; i++)
		if (w->sent[i].p->time_ns > end_ns && w->sent[i].p->flags & (TRAIL_FIN | TRAIL_RST))
			return w->sent[i].p->time_ns;
	return INT64_MAX;
}

/* What was lost before the attempt was over: of the client's what it sent before the silence, of the server's until the
 * client gave up. */
static void loss_facts(struct between_facts *f, const struct comparison *c, const struct tlsdiag_evidence *end,
		       int64_t offset_ns)
{
	int64_t end_ns = end ? end->at.time_ns : INT64_MAX, until_ns = end ? gave_up(c, end_ns) : INT64_MAX;

	find_loss(&c->way[TO_SERVER], end_ns, &f->lost[TO_SERVER]);
	find_loss(&c->way[TO_CLIENT], until_ns == INT64_MAX ? until_ns : until_ns + offset_ns, &f->lost[TO_CLIENT]);
}

/* When the silence began that the attempt ended with: behind the first packet of a connection that never was, behind
 * what came last, or, where that is the client giving up, behind what came before. */
static int64_t wait_began(const struct trail *a, const struct tlsdiag_evidence *end, int64_t patience_ns)
{
	if (!end || a->verdict->stage == TLSDIAG_TCP)
		return a->verdict->first.time_ns;
	for (uint32_t i = 1; i < a->count; i++)
		if (a->packets[i].frame == end->at.frame && end->at.time_ns - a->packets[i - 1].time_ns >= patience_ns)
			return a->packets[i - 1].time_ns;
	return end->at.time_ns;
}

static bool has_outside_beginning(const struct trail *t, const struct coverage *other, int64_t offset_ns)
{
	return t && t->count && !other->empty && t->packets[0].time_ns + offset_ns < other->first_ns;
}

static void facts(struct between *b, const struct comparison *c, const struct coverage coverage[2], int64_t patience_ns)
{
	struct between_facts *f = &b->facts;
	const struct tlsdiag_evidence *end = decisive(b->a);
	int64_t offset = pair_clock_offset(&b->clock);

	f->relayed = b->pair->relayed;
	f->moved = b->pair->moved ? b->pair->moved->verdict->number : 0;
	f->clock_known = pair_clock_known(&b->clock);
	f->b_empty = coverage[1].empty;
	f->b_ended_early = coverage[1].ended_early;
	f->b_began_late = has_outside_beginning(b->pair->a, &coverage[1], offset);
	if (b->a && !coverage[1].empty)
		f->b_shows_wait =
			coverage[1].last_ns - offset - wait_began(b->pair->a, end, patience_ns) >= patience_ns;
	f->a_began_late = has_outside_beginning(b->pair->b, &coverage[0], -offset);
	if (!c)
		return;
	f->syn_arrived = has_syn(c->way[TO_SERVER].arrived, c->way[TO_SERVER].arrived_count);
	f->synack_sent = has_syn(c->way[TO_CLIENT].sent, c->way[TO_CLIENT].sent_count);
	f->synack_arrived = has_syn(c->way[TO_CLIENT].arrived, c->way[TO_CLIENT].arrived_count);
	f->answered = c->way[TO_CLIENT].arrived_count > 0;
	loss_facts(f, c, end, offset);
	for (enum way way = TO_SERVER; way < WAYS; way++)
		way_facts(f, c, way, end ? end->at.time_ns : INT64_MAX);
	if (end && !find_end(f, c->way[TO_CLIENT].arrived, c->way[TO_CLIENT].arrived_count, end->at.frame, TO_CLIENT))
		find_end(f, c->way[TO_SERVER].sent, c->way[TO_SERVER].sent_count, end->at.frame, TO_SERVER);
}

/* ---- The whole ---- */

static void gather_way(struct between *b, const struct passage *w, enum way way)
{
	b->hops[way] = w->hops;
	for (uint32_t i = 0; i < w->sent_count; i++) {
		count_sent(&b->counts[way], w->sent[i].fate);
		add_fate(b, way, w->sender, &w->sent[i], true);
	}
	for (uint32_t i = 0; i < w->arrived_count; i++) {
		count_arrived(&b->counts[way], &w->arrived[i]);
		add_fate(b, way, w->receiver, &w->arrived[i], false);
	}
	for (uint32_t i = 0; i < w->arrived_count; i++)
		if (w->arrived[i].changes)
			add_changes(b, way, w, &w->arrived[i]);
}

void between_gather(struct between *b, const struct pair *pair, const struct comparison *c,
		    const struct pair_clock *clock, const struct coverage coverage[2], int64_t patience_ns)
{
	*b = (struct between){.pair = pair, .clock = *clock, .hops = {-1, -1}};
	b->a = pair->a ? pair->a->verdict : NULL;
	b->b = pair->b ? pair->b->verdict : NULL;
	b->translated = b->a && b->b &&
			!(endpoint_same(&b->a->client, &b->b->client) && endpoint_same(&b->a->server, &b->b->server));
	for (enum way way = TO_SERVER; c && way < WAYS; way++)
		gather_way(b, &c->way[way], way);
	facts(b, c, coverage, patience_ns);
}
