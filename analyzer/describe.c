/* describe.c: see describe.h. */
#include "describe.h"

#include "iana.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- Text ---- */

__attribute__((format(printf, 2, 3))) static const char *text(struct description *d, const char *format, ...)
{
	size_t room = sizeof(d->text) - d->used;
	char *at = d->text + d->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(at, room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room)
		return "";
	d->used += (size_t)n + 1;
	return at;
}

/* Strings one behind the other, up to NULL: what every connection needs is not worth a format. */
static const char *join(struct description *d, const char *const *parts)
{
	size_t room = sizeof(d->text) - d->used;
	char *start = d->text + d->used, *at = start;

	for (; *parts; parts++) {
		size_t n = strlen(*parts);

		if (n >= room - (size_t)(at - start))
			return "";
		at = mempcpy(at, *parts, n);
	}
	*at++ = '\0';
	d->used += (size_t)(at - start);
	return start;
}

#define JOIN(d, ...) join(d, (const char *const[]){__VA_ARGS__, NULL})

typedef char number_buffer[12];

static const char *number_text(uint32_t number, number_buffer buffer)
{
	char *at = &buffer[sizeof(number_buffer) - 1];

	*at = '\0';
	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	return at;
}

static void add_note(struct description *d, const char *line)
{
	if (d->verdict.note_count < DESCRIPTION_LINES_MAX && *line)
		d->notes[d->verdict.note_count++] = line;
}

static void add_warning(struct description *d, const char *line)
{
	if (d->verdict.warning_count < DESCRIPTION_LINES_MAX && *line)
		d->warnings[d->verdict.warning_count++] = line;
}

/* ---- Evidence ---- */

static const char *show_handshake(struct description *d, const struct reading *r, const struct event *e)
{
	iana_buffer name, version, cipher;
	const struct server_hello *sh = r->a->server_hello;
	const char *what = e->kind == EVENT_RETRY ? "HelloRetryRequest" : iana_handshake_name(e->value & 0xff, name);
	const char *part = e->kind == EVENT_UNFINISHED ? ", only its beginning" : "";

	if (e->value == HS_CLIENT_HELLO && d->has_hello && d->hello.has_server_name)
		return JOIN(d, what, ", SNI ", d->hello.server_name, part);
	if (e->kind == EVENT_HANDSHAKE && e->value == HS_SERVER_HELLO && sh && sh->complete)
		return JOIN(d, what, ", ", iana_version_name(sh->version, version), ", ",
			    iana_cipher_name(sh->cipher, cipher));
	if (what != name && !*part && !e->decrypted)
		return what;
	return JOIN(d, what, part, e->decrypted ? " (decrypted)" : "");
}

static const char *show_alert(struct description *d, const struct event *e)
{
	iana_buffer name;
	unsigned level = alert_level(e);

	return text(d, "alert %s %s (%u)",
		    level == ALERT_WARNING ? "warning"
		    : level == ALERT_FATAL ? "fatal"
					   : "of unknown level",
		    iana_alert_name(alert_description(e), name), alert_description(e));
}

static const char *show_reset(struct description *d, const struct reading *r, const struct event *e)
{
	const struct reset *reset = &r->a->resets[e->value];
	const struct attempt_side *s = &r->a->side[reset->from];

	if (reset->other_ttl)
		return text(d, "RST with TTL %u, where its sender's packets have %u", reset->ttl, s->ttl_max);
	if (reset->other_ip_id)
		return text(d, "RST with an IP ID out of its sender's sequence");
	if (reset->ack_zero)
		return text(d, "RST with acknowledgment number 0");
	return "RST";
}

static const char *show_fault(const struct event *e)
{
	switch (e->value) {
	case FAULT_RECORD_OVERSIZE:
		return "a TLS record longer than any version allows";
	case FAULT_SSLV2:
		return "an SSLv2 answer";
	case FAULT_HELLO:
		return "a ServerHello whose lengths contradict each other";
	default:
		return "a record of a content type that does not exist";
	}
}

static const char *show_icmp(struct description *d, const struct event *e)
{
	return text(d, "ICMP %s%s", icmp_reason_name((enum icmp_reason)e->value), e->count > 1 ? ", repeated" : "");
}

static const char *known(const char *protocol)
{
	return protocol ? protocol : "unknown";
}

static const char *show_repeated(struct description *d, const struct reading *r, const struct event *e)
{
	const char *what = e->kind == EVENT_SYN ? "SYN" : "SYN-ACK";
	uint32_t n = r->a->side[e->from].syns;

	return n > 1 ? text(d, "%s, sent %u times", what, n) : what;
}

/* What was spoken then: what opened a tunnel came before what was said inside. */
static const char *spoken(const struct attempt *a, const struct event *e)
{
	const struct event *granted = a->events;

	while (granted < e && granted->kind != EVENT_GRANTED)
		granted++;
	return known(a->preamble->tunnel && granted == e ? a->preamble->tunnel : a->preamble->protocol);
}

static const char *show_preamble(struct description *d, const struct attempt *a, const struct event *e)
{
	const struct preamble *preamble = a->preamble;
	const char *protocol = preamble ? spoken(a, e) : known(NULL);

	switch (e->kind) {
	case EVENT_PLAIN:
		return text(d, "%u bytes in clear (%s)", e->length, protocol);
	case EVENT_ASKED:
		return text(d, "asks for TLS (%s)", protocol);
	case EVENT_GRANTED:
		return text(d, "goes ahead with TLS (%s)", protocol);
	default:
		return preamble && preamble->code ? text(d, "refuses with %u (%s)", preamble->code, protocol)
						  : text(d, "refuses TLS (%s)", protocol);
	}
}

static const char *show(struct description *d, const struct reading *r, const struct event *e)
{
	const struct attempt *a = r->a;
	number_buffer length;

	switch (e->kind) {
	case EVENT_SYN:
	case EVENT_SYN_ACK:
		return show_repeated(d, r, e);
	case EVENT_ACK:
		return "ACK";
	case EVENT_PLAIN:
	case EVENT_ASKED:
	case EVENT_GRANTED:
	case EVENT_REFUSED:
		return show_preamble(d, a, e);
	case EVENT_HANDSHAKE:
	case EVENT_UNFINISHED:
	case EVENT_RETRY:
		return show_handshake(d, r, e);
	case EVENT_CHANGE_CIPHER_SPEC:
		return e->count > 1 ? text(d, "ChangeCipherSpec, %u times", e->count) : "ChangeCipherSpec";
	case EVENT_ENCRYPTED_HANDSHAKE:
		return "encrypted handshake message";
	case EVENT_ALERT:
		return show_alert(d, e);
	case EVENT_ENCRYPTED_ALERT:
		return JOIN(d, "encrypted alert (", number_text(e->length, length), " bytes)");
	case EVENT_DATA:
		return JOIN(d,
			    e == r->end && r->before.tls13 ? "encrypted record of an alert's length ("
							   : "encrypted record (",
			    number_text(e->length, length), " bytes)");
	case EVENT_EMPTY:
		return text(d, "empty record%s", e->count > 1 ? "s" : "");
	case EVENT_NOT_TLS:
		return text(d, "no TLS but %s", a->wrong_protocol ? a->wrong_protocol : "other bytes");
	case EVENT_FAULT:
		return show_fault(e);
	case EVENT_FIN:
		return "FIN";
	case EVENT_RST:
		return show_reset(d, r, e);
	case EVENT_ICMP:
		return show_icmp(d, e);
	}
	return "";
}

static enum tlsdiag_direction direction(const struct reading *r, const struct event *e)
{
	if (e->kind == EVENT_ICMP && !e->length)
		return TLSDIAG_FROM_NETWORK;
	if (e->kind == EVENT_ICMP)
		return e->from == r->client ? TLSDIAG_FROM_SERVER : TLSDIAG_FROM_CLIENT;
	return e->from == r->client ? TLSDIAG_FROM_CLIENT : TLSDIAG_FROM_SERVER;
}

#define LENGTHS_SHOWN 8 /* of the records in one packet */

/* How many records of one packet begin with this event. */
static size_t records_together(const struct reading *r, size_t first)
{
	const struct event *e = &r->a->events[first];
	size_t n = 1;

	while (first + n < r->a->event_count && e[n].kind == EVENT_DATA && e + n != r->end && e[n].from == e->from &&
	       e[n].at.frame == e->at.frame)
		n++;
	return n;
}

static const char *show_records(struct description *d, const struct event *e, size_t count)
{
	const char *parts[2 * LENGTHS_SHOWN + 4];
	number_buffer number, lengths[LENGTHS_SHOWN];
	size_t n = 0;

	parts[n++] = number_text((uint32_t)count, number);
	for (size_t i = 0; i < count && i < LENGTHS_SHOWN; i++) {
		parts[n++] = i ? ", " : " encrypted records (";
		parts[n++] = number_text(e[i].length, lengths[i]);
	}
	parts[n++] = count > LENGTHS_SHOWN ? " ... bytes)" : " bytes)";
	parts[n] = NULL;
	return join(d, parts);
}

/* Whether the next event says of the same bytes what they mean. */
static bool told_better(const struct reading *r, size_t i)
{
	const struct event *e = &r->a->events[i], *next = e + 1;

	return e->kind == EVENT_PLAIN && i + 1 < r->a->event_count && next->at.frame == e->at.frame &&
	       (next->kind == EVENT_ASKED || next->kind == EVENT_GRANTED || next->kind == EVENT_REFUSED);
}

/* The event that decided a failure: what ended the attempt, unless it was only the leave-taking behind a refusal in
 * clear, an end that does not speak TLS, or an ICMP error. */
static const struct event *decisive_event(const struct description *d, const struct reading *r)
{
	const struct tlsdiag_verdict *v = &d->verdict;
	bool refused = v->cause == TLSDIAG_REFUSED, plain = v->cause == TLSDIAG_CAUSE_NOT_TLS;
	bool unreachable = v->cause == TLSDIAG_UNREACHABLE;

	if (v->outcome != TLSDIAG_FAILED)
		return NULL;
	for (size_t i = 0; i < r->a->event_count; i++) {
		const struct event *e = &r->a->events[i];

		if ((refused && e->kind == EVENT_REFUSED) ||
		    (unreachable && e->kind == EVENT_ICMP &&
		     strcmp(v->detail, icmp_reason_name((enum icmp_reason)e->value)) == 0) ||
		    (plain && e->kind == EVENT_PLAIN && (e->from == r->client) == (v->by == TLSDIAG_BY_CLIENT)))
			return told_better(r, i) ? e + 1 : e;
	}
	return r->end;
}

/* In the order of the capture, which is not always the order of what happened. */
static void sort_evidence(struct description *d)
{
	for (size_t i = 1; i < d->verdict.evidence_count; i++) {
		struct tlsdiag_evidence e;
		size_t k = i;

		if (d->evidence[i - 1].at.frame <= d->evidence[i].at.frame)
			continue;
		e = d->evidence[i];
		for (; k > 0 && d->evidence[k - 1].at.frame > e.at.frame; k--)
			d->evidence[k] = d->evidence[k - 1];
		d->evidence[k] = e;
	}
}

static void add_repeats(struct description *d, const struct reading *r, int side)
{
	const struct attempt_side *s = &r->a->side[side];

	if (s->repeats == 0 || d->verdict.cause != TLSDIAG_LOST)
		return;
	d->evidence[d->verdict.evidence_count++] = (struct tlsdiag_evidence){
		.at = s->last_repeat,
		.direction = side == r->client ? TLSDIAG_FROM_CLIENT : TLSDIAG_FROM_SERVER,
		.shows = text(d, "data sent again, %u time%s in all", s->repeats, s->repeats > 1 ? "s" : "")};
}

/* Where no frame ended a failure, the last one before the silence shows it. */
static void mark_silence(struct description *d)
{
	for (size_t i = 0; i < d->verdict.evidence_count; i++)
		if (d->evidence[i].decisive)
			return;
	if (d->verdict.outcome == TLSDIAG_FAILED && d->verdict.evidence_count > 0)
		d->evidence[d->verdict.evidence_count - 1].decisive = true;
}

/* Everything up to the end, and the resets and FINs behind it; of a long exchange of data only its beginning. */
static void add_evidence(struct description *d, const struct reading *r)
{
	const struct event *decisive = decisive_event(d, r);
	size_t data = 0, together;

	for (size_t i = 0; i < r->a->event_count; i += together) {
		const struct event *e = &r->a->events[i];
		bool record = e->kind == EVENT_DATA && e != r->end;

		together = record ? records_together(r, i) : 1;
		if ((record && data >= 6) || told_better(r, i))
			continue;
		data += record ? together : 0;
		d->evidence[d->verdict.evidence_count++] =
			(struct tlsdiag_evidence){.at = e->at,
						  .direction = direction(r, e),
						  .decisive = e == decisive,
						  .shows = together > 1 ? show_records(d, e, together) : show(d, r, e)};
	}
	for (int i = 0; i < 2; i++)
		add_repeats(d, r, i);
	sort_evidence(d);
	mark_silence(d);
	d->verdict.evidence = d->evidence;
}

/* ---- Facts ---- */

static void add_endpoints(struct tlsdiag_verdict *v, const struct reading *r)
{
	struct tlsdiag_endpoint *ends[2] = {[0] = &v->client, [1] = &v->server};

	for (int i = 0; i < 2; i++) {
		int side = i == 0 ? r->client : r->server;

		ends[i]->version = r->a->address[side].version;
		memcpy(ends[i]->address, r->a->address[side].bytes, sizeof(ends[i]->address));
		ends[i]->port = r->a->port[side];
		v->packets[i] = r->a->side[side].packets;
	}
	v->number = r->a->number;
	v->first = r->a->first;
	v->last = r->a->last;
}

static void add_hello(struct description *d, const struct reading *r)
{
	const struct client_hello *ch = &d->hello;
	struct tlsdiag_hello *h = &d->verdict.hello;

	d->has_hello = attempt_hello(r->a, &d->hello);
	if (!d->has_hello)
		return;
	h->seen = ch->legacy_version != 0;
	h->server_name = ch->has_server_name ? ch->server_name : "";
	h->alpn = ch->alpn;
	h->random = h->seen ? ch->random : NULL;
	h->legacy_version = ch->legacy_version;
	d->one_version = ch->legacy_version;
	h->complete = ch->complete;
	if (ch->version_count)
		h->versions = (struct tlsdiag_numbers){ch->version_count, ch->versions};
	else if (ch->complete) /* else supported_versions may be in what is missing */
		h->versions = (struct tlsdiag_numbers){1, &d->one_version};
	h->ciphers = (struct tlsdiag_numbers){ch->cipher_count, ch->ciphers};
	h->groups = (struct tlsdiag_numbers){ch->group_count, ch->groups};
	h->signatures = (struct tlsdiag_numbers){ch->signature_count, ch->signatures};
}

static void add_choice(struct tlsdiag_verdict *v, const struct reading *r)
{
	const struct server_hello *sh = r->a->server_hello;

	v->choice.retried = r->all.retried;
	if (!sh || !sh->complete)
		return;
	v->choice.seen = true;
	v->choice.version = sh->version;
	v->choice.cipher = sh->cipher;
	v->choice.group = sh->has_key_share ? sh->key_share_group : 0;
	v->choice.alpn = sh->alpn;
	v->choice.resumed = r->all.tls13 ? sh->has_pre_shared_key : r->all.resumed;
}

/* Roots are rightly not sent: that an issuer is missing matters where the other end did not find it. */
static bool matters(const struct conclusion *c, const struct certificate_finding *finding, enum tlsdiag_party other)
{
	return finding->kind != CERTIFICATE_ISSUER_NOT_SENT || (c->by == other && strcmp(c->detail, "unknown_ca") == 0);
}

/* Certificates are looked into only where the attempt failed behind them: it takes far longer than all the rest. */
static void add_certificate(struct description *d, const struct reading *r, const struct conclusion *c, int side)
{
	bool server = side == r->server;
	const struct kept_message *m = r->a->certificate[side];
	struct tlsdiag_certificate *out = server ? &d->verdict.certificate : &d->verdict.client_certificate;
	struct certificate_report *report = &d->certificate[side];
	struct certificate_list list;
	enum parse_result result;
	const char *why;

	if (!m || c->outcome != TLSDIAG_FAILED || c->stage < (server ? TLSDIAG_SERVER_FLIGHT : TLSDIAG_CLIENT_FLIGHT))
		return;
	result = certificate_parse(r->all.tls13, cursor_over(m->bytes, m->captured), m->length, &list, &why);
	if (result == PARSE_MALFORMED)
		return;
	certificate_examine(&d->chains, &list, server, d->verdict.hello.server_name, m->at.time_ns, report);
	*out = (struct tlsdiag_certificate){.seen = report->readable,
					    .none = result == PARSE_OK && list.count == 0,
					    .sent = report->sent,
					    .subject = report->subject,
					    .issuer = report->issuer,
					    .names = report->names,
					    .not_before = report->not_before,
					    .not_after = report->not_after,
					    .findings = d->findings[side]};
	for (size_t i = 0; i < report->count; i++)
		if (matters(c, &report->findings[i], reading_party(r, !side)))
			d->findings[side][out->finding_count++] = report->findings[i].sentence;
}

static bool is_alert(const struct reading *r, const struct event *e)
{
	return e->kind == EVENT_ALERT || e->kind == EVENT_ENCRYPTED_ALERT ||
	       (e->kind == EVENT_DATA && e == r->end && r->before.tls13);
}

/* The alert that ended it, else the first one of all. */
static void add_alert(struct description *d, const struct reading *r)
{
	struct tlsdiag_alert *alert = &d->verdict.alert;
	const struct event *e = r->end && is_alert(r, r->end) ? r->end : NULL;
	iana_buffer name;

	for (size_t i = 0; i < r->a->event_count && !e; i++)
		if (r->a->events[i].kind == EVENT_ALERT)
			e = &r->a->events[i];
	if (!e)
		return;
	alert->present = true;
	alert->from = direction(r, e);
	alert->encrypted = e->kind != EVENT_ALERT;
	alert->level = alert->encrypted ? 0 : (uint8_t)alert_level(e);
	alert->description = alert->encrypted ? 0 : alert_description(e);
	alert->name = alert->encrypted ? "encrypted" : JOIN(d, iana_alert_name(alert_description(e), name));
}

/* ---- Sentences ---- */

/* What shows a loss that no packet does. */
static void note_never_came(struct description *d, const struct reading *r, int side, const char *who)
{
	unsigned long long sent = reading_never_came(r, side), came = r->a->side[side].stream.next;

	if (d->verdict.cause != TLSDIAG_LOST || sent == 0)
		return;
	add_note(d,
		 came ? text(d,
			     "%s had sent %llu bytes, by its sequence numbers; what follows the first %llu never came",
			     who, sent, came)
		      : text(d, "%s had sent %llu bytes, by its sequence numbers; the first of them never came", who,
			     sent));
}

/* A SYN-ACK that the client's host resets, because it knows of no connection any more. */
static void note_late_answer(struct description *d, const struct reading *r)
{
	int64_t syn_ns = 0, answer_ns = 0;

	if (d->verdict.cause != TLSDIAG_RESET || r->stage != TLSDIAG_TCP || !reading_ended_by(r, EVENT_RST, r->client))
		return;
	for (const struct event *e = r->a->events; e < r->end; e++) {
		syn_ns = e->kind == EVENT_SYN ? e->at.time_ns : syn_ns;
		answer_ns = e->kind == EVENT_SYN_ACK ? e->at.time_ns : answer_ns;
	}
	if (syn_ns && answer_ns - syn_ns >= r->patience_ns)
		add_note(d, text(d, "the SYN-ACK came %.1f s behind the first SYN: the client may have given up before",
				 (double)(answer_ns - syn_ns) / 1e9));
}

static void note_repeats(struct description *d, const struct reading *r, int side, const char *who)
{
	const struct attempt_side *s = &r->a->side[side];

	if (s->syns > 1)
		add_note(d, text(d, "%s sent its SYN%s %u times", who, side == 0 ? "" : "-ACK", s->syns));
	if (s->repeats > 0)
		add_note(d, text(d, "%s sent %u data segment%s again", who, s->repeats, s->repeats > 1 ? "s" : ""));
	if (s->zero_windows > 0)
		add_note(d, text(d, "%s advertised a zero window", who));
	else if (s->window_closed)
		add_note(d, "the server's window is 0 from its SYN-ACK on, as that of a SYN proxy which has no server");
	note_never_came(d, r, side, who);
}

/* IANA "TLS Certificate Compression Algorithm IDs" */
static const char *compression_name(uint16_t algorithm)
{
	static const char *const names[] = {"", "zlib", "brotli", "zstd"};

	return algorithm < sizeof(names) / sizeof(*names) ? names[algorithm] : "unknown";
}

static void add_notes(struct description *d, const struct reading *r)
{
	const struct attempt *a = r->a;

	note_repeats(d, r, r->client, "the client");
	note_repeats(d, r, r->server, "the server");
	note_late_answer(d, r);
	if (a->preamble && a->preamble->continued)
		add_note(d, "the client went on in clear");
	if (a->preamble && a->preamble->protocol && strcmp(a->preamble->protocol, "proxy") == 0 &&
	    d->verdict.outcome == TLSDIAG_FAILED && r->stage <= TLSDIAG_SERVER_HELLO)
		add_note(d, "a PROXY protocol header comes before the ClientHello: a listener that does not expect one "
			    "takes "
			    "it for the ClientHello");
	if (r->all.retried)
		add_note(d, "the server asked for another ClientHello (HelloRetryRequest)");
	if (a->certificate_compression)
		add_note(d, text(d, "the server's certificate came compressed (%s), which is not read",
				 compression_name(a->certificate_compression)));
	if (a->icmp_too_big && a->icmp_mtu)
		add_note(d, text(d, "ICMP says that the path takes packets up to %u bytes only", a->icmp_mtu));
	else if (a->icmp_too_big)
		add_note(d, "ICMP says that packets are too big for the path");
	if (a->duplicates)
		add_note(d, text(d, "%llu packet%s captured twice", (unsigned long long)a->duplicates,
				 a->duplicates > 1 ? "s were" : " was"));
	for (size_t i = 0; i < a->event_count; i++) {
		const struct event *e = &a->events[i];

		if (e != r->end && e->kind == EVENT_ALERT && alert_level(e) == ALERT_WARNING &&
		    alert_description(e) != 0)
			add_note(d, text(d, "%s, which the handshake survived or which answered its end",
					 show_alert(d, e)));
		if (e != r->end && e->kind == EVENT_RST && a->resets[e->value].outlived &&
		    r->all.reached[TLSDIAG_FINISHED].reached && e->at.frame < r->all.reached[TLSDIAG_FINISHED].at.frame)
			add_note(d, "a reset that the connection survived");
	}
	d->verdict.notes = d->notes;
}

static void add_warnings(struct description *d, const struct reading *r)
{
	const struct attempt *a = r->a;

	if (!a->began)
		add_warning(d, "the capture does not show how the connection began");
	if (r->one_sided[r->client])
		add_warning(d, "no packet from the client was captured");
	if (r->one_sided[r->server])
		add_warning(d, "no packet from the server was captured");
	if (a->torn)
		add_warning(d, "packets that the ends exchanged are missing from the capture");
	if (a->cut_short)
		add_warning(d, "packets were cut short when captured (snap length)");
	if (a->evicted)
		add_warning(d, "decided early to stay within the limits of memory");
	if (a->events_dropped)
		add_warning(d, "more happened than is kept; the beginning counts");
	d->verdict.warnings = d->warnings;
}

static const char *summarize(struct description *d, const struct reading *r, const struct conclusion *c,
			     const struct tlsdiag_words *words)
{
	iana_buffer version, cipher;
	const struct server_hello *sh = r->a->server_hello;

	switch (c->outcome) {
	case TLSDIAG_ESTABLISHED:
		if (!sh || !sh->complete)
			return "established";
		return JOIN(d, iana_version_name(sh->version, version), " established with ",
			    iana_cipher_name(sh->cipher, cipher));
	case TLSDIAG_NOT_TLS:
		return *d->verdict.protocol ? text(d, "no TLS: %s", d->verdict.protocol) : "no TLS";
	case TLSDIAG_INCOMPLETE:
		return c->because ? c->because : "the capture does not tell enough";
	default:
		return words ? words->title : "failed";
	}
}

/* As tlsdiag_explain_by(), which goes through all rows. */
static const struct tlsdiag_words *words_of(struct description *d, const char *signature, enum tlsdiag_party by)
{
	struct looked_up *l;
	unsigned number = by;

	for (const char *c = signature; *c; c++)
		number = number * 31 + (unsigned char)*c;
	l = &d->looked_up[number % DESCRIPTION_WORDS];
	if (l->by == by && strcmp(l->signature, signature) == 0)
		return l->words;
	*l = (struct looked_up){.by = by, .words = tlsdiag_explain_by(signature, by)};
	snprintf(l->signature, sizeof(l->signature), "%s", signature);
	return l->words;
}

static void add_advice(struct description *d, const struct tlsdiag_words *words)
{
	for (size_t i = 0; words && i < words->check_count && i < DESCRIPTION_ADVICE_MAX; i++)
		d->advice[d->verdict.advice_count++] = words->checks[i].text;
	d->verdict.advice = d->advice;
}

void describe_outcome(const struct reading *r, const struct conclusion *c, struct description *d)
{
	static const struct tlsdiag_certificate no_certificate = {.subject = "", .issuer = "", .names = ""};
	struct tlsdiag_verdict *v = &d->verdict;

	d->used = 0;
	*v = (struct tlsdiag_verdict){.outcome = c->outcome,
				      .stage = c->stage,
				      .cause = c->cause,
				      .by = c->by,
				      .certainty = c->certainty,
				      .detail = c->detail,
				      .signature = "",
				      .summary = "",
				      .protocol = "",
				      .alert = {.name = ""},
				      .hello = {.server_name = "", .alpn = ""},
				      .choice = {.alpn = ""},
				      .certificate = no_certificate,
				      .client_certificate = no_certificate};
	add_endpoints(v, r);
}

void describe(const struct reading *r, const struct conclusion *c, struct description *d)
{
	struct tlsdiag_verdict *v = &d->verdict;
	const struct tlsdiag_words *words = NULL;

	describe_outcome(r, c, d);
	if (c->outcome == TLSDIAG_FAILED) {
		v->signature = JOIN(d, tlsdiag_stage_name(c->stage), "/", tlsdiag_cause_name(c->cause),
				    *c->detail ? "/" : "", c->detail);
		words = words_of(d, v->signature, c->by);
	}
	v->protocol = r->a->preamble && r->a->preamble->protocol ? r->a->preamble->protocol
		      : r->a->wrong_protocol                     ? r->a->wrong_protocol
								 : "";
	v->summary = summarize(d, r, c, words);
	add_advice(d, words);
	memcpy(v->milestones,
	       c->outcome == TLSDIAG_FAILED && !r->all.reached[TLSDIAG_FINISHED].reached ? r->before.reached
											 : r->all.reached,
	       sizeof(v->milestones));
	add_hello(d, r);
	add_choice(v, r);
	add_certificate(d, r, c, r->server);
	add_certificate(d, r, c, r->client);
	add_alert(d, r);
	add_evidence(d, r);
	add_notes(d, r);
	add_warnings(d, r);
}

void description_clear(struct description *d)
{
	certificate_chains_clear(&d->chains);
}
