/* wire_engine.c: see wire_engine.h. */
#include "harness/wire_engine.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "harness/wire_forge.h"

enum {
	WAITING_MAX = 64 << 20, /* bytes in both queues */
};

#define NS_PER_MS 1000000
#define NS_PER_S 1000000000

struct waiting {
	TAILQ_ENTRY(waiting) entry;
	int64_t due;
	uint64_t serial; /* the order in which frames entered the queues */
	unsigned hold; /* packets that go first */
	size_t length;
	uint8_t bytes[];
};
TAILQ_HEAD(waiting_list, waiting);

/* One direction. */
struct way {
	struct waiting_list queue, held;
	int64_t last_due; /* of the queue's last frame, gone or not */
};

struct rule_state {
	struct bpf_program filter;
	bool compiled;
	size_t after; /* index of the rule it names; SIZE_MAX: none */
	json_int_t matched, acted;
};

struct wire_engine {
	const struct wire_rules *rules;
	struct rule_state states[WIRE_RULES_MAX];
	struct wire_flows *flows;
	struct way ways[WIRE_DIRECTIONS];
	uint64_t serial; /* of the last one */
	size_t waiting; /* bytes */
	json_int_t lost;
	wire_emit *emit;
	void *context;
};

/* ---- Queues ---- */

static struct waiting *keep(struct wire_engine *engine, const uint8_t *bytes, size_t length)
{
	struct waiting *w = engine->waiting + length <= WAITING_MAX ? malloc(sizeof(*w) + length) : NULL;

	if (!w) {
		engine->lost++;
		return NULL;
	}
	*w = (struct waiting){.length = length};
	memcpy(w->bytes, bytes, length);
	engine->waiting += length;
	return w;
}

static void forget(struct wire_engine *engine, struct waiting_list *list, struct waiting *w)
{
	TAILQ_REMOVE(list, w, entry);
	engine->waiting -= w->length;
	free(w);
}

/* Behind everything that waits in its direction, and not before `due`. */
static void enqueue(struct wire_engine *engine, enum wire_direction direction, const uint8_t *bytes, size_t length,
		    int64_t due)
{
	struct way *way = &engine->ways[direction];
	struct waiting *w = keep(engine, bytes, length);

	if (!w)
		return;
	if (due > way->last_due)
		way->last_due = due;
	w->due = way->last_due;
	w->serial = ++engine->serial;
	TAILQ_INSERT_TAIL(&way->queue, w, entry);
}

/* The frame that goes first, and its direction: of the two queues' heads the one due earlier, of two due together the
 * one that came first. NULL: none waits. */
static struct waiting *next_to_go(const struct wire_engine *engine, enum wire_direction *direction)
{
	struct waiting *first = NULL;

	for (enum wire_direction d = 0; d < WIRE_DIRECTIONS; d++) {
		struct waiting *w = TAILQ_FIRST(&engine->ways[d].queue);

		if (w && (!first || w->due < first->due || (w->due == first->due && w->serial < first->serial))) {
			first = w;
			*direction = d;
		}
	}
	return first;
}

void wire_engine_run(struct wire_engine *engine, int64_t now)
{
	enum wire_direction direction = WIRE_TO_SERVER;
	struct waiting *w;

	while ((w = next_to_go(engine, &direction)) && w->due <= now) {
		engine->emit(engine->context, direction, w->bytes, w->length);
		forget(engine, &engine->ways[direction].queue, w);
	}
}

int64_t wire_engine_due(const struct wire_engine *engine)
{
	enum wire_direction direction;
	const struct waiting *w = next_to_go(engine, &direction);

	return w ? w->due : -1;
}

/* ---- Which packets a rule is about ---- */

static bool is_right_direction(const struct wire_rule *rule, enum wire_direction direction)
{
	return !*rule->direction ||
	       strcmp(rule->direction, direction == WIRE_TO_SERVER ? "to-server" : "to-client") == 0;
}

static uint8_t flags_of(const char *letters)
{
	static const uint8_t flags[] = {WIRE_FIN, WIRE_SYN, WIRE_RST, WIRE_ACK};
	uint8_t set = 0;

	for (size_t i = 0; i < sizeof(flags); i++)
		if (strchr(letters, WIRE_FLAG_LETTERS[i]))
			set |= flags[i];
	return set;
}

static bool has_flags(const struct wire_rule *rule, const struct wire_frame *frame)
{
	return !*rule->flags || (frame->tcp && (frame->flags & flags_of(WIRE_FLAG_LETTERS)) == flags_of(rule->flags));
}

static bool filter_admits(const struct rule_state *state, const struct wire_frame *frame)
{
	struct pcap_pkthdr header = {.caplen = (bpf_u_int32)frame->length, .len = (bpf_u_int32)frame->length};

	return pcap_offline_filter(&state->filter, &header, frame->bytes) != 0;
}

/* Finds the message that the rule asks for among those whose bytes the packet carries; notes it. */
static bool carries_message(const struct wire_rule *rule, struct wire_passing *p)
{
	const struct wire_stream *stream = p->connection ? &p->connection->stream[p->direction] : NULL;
	uint32_t end = p->offset + (uint32_t)(p->frame->end - p->frame->payload);

	p->message = NULL;
	if (!*rule->tls)
		return true;
	if (!stream || !stream->tls || end == p->offset)
		return false;
	p->message = wire_tls_find(stream->tls, rule->tls, (unsigned)rule->ordinal, p->offset, end);
	if (!p->message || !*rule->part)
		return p->message != NULL;
	return (strcmp(rule->part, "first") == 0) == ((int32_t)(p->message->start - p->offset) >= 0);
}

static bool connection_named(const struct wire_rule *rule, const struct wire_passing *p)
{
	const struct wire_tls *tls = p->connection ? p->connection->stream[WIRE_TO_SERVER].tls : NULL;

	return !*rule->sni || (tls && strcmp(wire_tls_sni(tls), rule->sni) == 0);
}

static bool rule_acted_before(const struct rule_state *state, const struct wire_passing *p)
{
	return state->after == SIZE_MAX || (p->connection && p->connection->acted >> state->after & 1);
}

static bool count_admits(const struct wire_rule *rule, struct rule_state *state)
{
	json_int_t n = ++state->matched - rule->skip;

	return n > 0 && (!rule->nth || n == rule->nth) && (!rule->first || n <= rule->first) &&
	       (!rule->every || n % rule->every == 0);
}

static bool rule_wants(const struct wire_rule *rule, struct rule_state *state, struct wire_passing *p)
{
	return is_right_direction(rule, p->direction) && has_flags(rule, p->frame) && filter_admits(state, p->frame) &&
	       carries_message(rule, p) && connection_named(rule, p) && rule_acted_before(state, p) &&
	       count_admits(rule, state);
}

/* ---- Carrying ---- */

static void forge_towards(struct wire_engine *engine, const struct wire_passing *p, const struct wire_forge *forge,
			  enum wire_direction direction, int64_t due)
{
	uint8_t bytes[WIRE_FRAME_MAX];
	struct wire_frame frame;

	if (!wire_forge_goes(forge, direction))
		return;
	for (size_t i = 0; i < forge->sequence_count; i++) {
		wire_forge_make(forge, p->connection, direction, i, &frame, bytes);
		enqueue(engine, direction, frame.bytes, frame.length, due);
		if (forge->sequence[i] == 0 && !(frame.flags & WIRE_RST))
			wire_flow_carried(p->connection, direction, &frame);
	}
}

static void carry(struct wire_engine *engine, struct wire_connection *connection, enum wire_direction direction,
		  const struct wire_frame *frame, int64_t due)
{
	enqueue(engine, direction, frame->bytes, frame->length, due);
	if (connection)
		wire_flow_carried(connection, direction, frame);
}

/* One more packet of the direction has gone first. */
static void release_held(struct wire_engine *engine, enum wire_direction direction, int64_t now)
{
	struct waiting_list *held = &engine->ways[direction].held;
	struct waiting *w, *next;

	for (w = TAILQ_FIRST(held); w; w = next) {
		struct wire_frame frame;

		next = TAILQ_NEXT(w, entry);
		if (--w->hold > 0)
			continue;
		wire_frame_read(&frame, w->bytes, w->length);
		carry(engine, frame.tcp ? wire_flows_note(engine->flows, direction, &frame) : NULL, direction, &frame,
		      now);
		forget(engine, held, w);
	}
}

static void hold(struct wire_engine *engine, const struct wire_passing *p)
{
	struct waiting *w = keep(engine, p->frame->bytes, p->frame->length);

	if (!w)
		return;
	w->hold = p->hold;
	TAILQ_INSERT_TAIL(&engine->ways[p->direction].held, w, entry);
}

static void finish_changes(const struct wire_passing *p)
{
	if (p->changed)
		wire_frame_seal(p->frame);
	if (p->spoiled)
		wire_frame_spoil(p->frame);
}

static void let_pass(struct wire_engine *engine, const struct wire_passing *p, int64_t now)
{
	int64_t due = now + (int64_t)p->delay_ms * NS_PER_MS;

	finish_changes(p);
	if (p->hold) {
		hold(engine, p);
	} else if (!p->dropped) {
		for (unsigned i = 0; i <= p->copies; i++) {
			/* a frame takes its time on the wire, behind the one before */
			if (p->rate && due < engine->ways[p->direction].last_due)
				due = engine->ways[p->direction].last_due;
			if (p->rate)
				due += (int64_t)p->frame->length * NS_PER_S / p->rate;
			carry(engine, p->connection, p->direction, p->frame, due);
		}
		release_held(engine, p->direction, due);
	}
	for (size_t i = 0; i < p->forge_count; i++) {
		forge_towards(engine, p, p->forges[i], WIRE_TO_CLIENT, now);
		forge_towards(engine, p, p->forges[i], WIRE_TO_SERVER, now);
	}
}

static void apply_rules(struct wire_engine *engine, struct wire_passing *p)
{
	for (size_t i = 0; i < engine->rules->count && !p->dropped && !p->hold; i++) {
		const struct wire_rule *rule = &engine->rules->items[i];
		struct rule_state *state = &engine->states[i];

		if (!rule_wants(rule, state, p) || !wire_act(&rule->action, p))
			continue;
		state->acted++;
		if (p->connection)
			p->connection->acted |= UINT64_C(1) << i;
	}
}

static void pass(struct wire_engine *engine, enum wire_direction direction, struct wire_frame *frame, int64_t now)
{
	struct wire_passing p = {.direction = direction, .frame = frame};

	if (frame->tcp) {
		p.connection = wire_flows_note(engine->flows, direction, frame);
		if (p.connection)
			p.offset =
				frame->seq + ((frame->flags & WIRE_SYN) != 0) - p.connection->stream[direction].first;
	}
	apply_rules(engine, &p);
	let_pass(engine, &p, now);
}

void wire_engine_take(struct wire_engine *engine, enum wire_direction direction, uint8_t *bytes, size_t length,
		      int64_t now)
{
	struct wire_frame frame;

	wire_frame_read(&frame, bytes, length);
	if (frame.version)
		pass(engine, direction, &frame, now);
	else
		enqueue(engine, direction, bytes, length, now);
	wire_engine_run(engine, now);
}

/* ---- Life ---- */

static bool compile(struct rule_state *state, const struct wire_rule *rule, struct error *error)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, WIRE_FRAME_MAX);

	if (!pcap)
		return error_set(error, "out of memory");
	state->compiled = pcap_compile(pcap, &state->filter, rule->match, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!state->compiled)
		error_set(error, "filter expression '%s': %s", rule->match, pcap_geterr(pcap));
	pcap_close(pcap);
	return state->compiled;
}

struct wire_engine *wire_engine_new(const struct wire_rules *rules, wire_emit *emit, void *context, struct error *error)
{
	struct wire_engine *engine = calloc(1, sizeof(*engine));

	if (!engine || !(engine->flows = wire_flows_new())) {
		error_set(error, "out of memory");
		free(engine);
		return NULL;
	}
	engine->rules = rules;
	engine->emit = emit;
	engine->context = context;
	for (enum wire_direction d = 0; d < WIRE_DIRECTIONS; d++) {
		TAILQ_INIT(&engine->ways[d].queue);
		TAILQ_INIT(&engine->ways[d].held);
	}
	for (size_t i = 0; i < rules->count; i++) {
		const char *after = rules->items[i].after;

		engine->states[i].after = *after ? wire_rules_find(rules, after) : SIZE_MAX;
		if (!compile(&engine->states[i], &rules->items[i], error)) {
			wire_engine_free(engine);
			return NULL;
		}
	}
	return engine;
}

void wire_engine_free(struct wire_engine *engine)
{
	struct waiting *w;

	if (!engine)
		return;
	for (enum wire_direction d = 0; d < WIRE_DIRECTIONS; d++) {
		while ((w = TAILQ_FIRST(&engine->ways[d].queue)))
			forget(engine, &engine->ways[d].queue, w);
		while ((w = TAILQ_FIRST(&engine->ways[d].held)))
			forget(engine, &engine->ways[d].held, w);
	}
	for (size_t i = 0; i < engine->rules->count; i++)
		if (engine->states[i].compiled)
			pcap_freecode(&engine->states[i].filter);
	wire_flows_free(engine->flows);
	free(engine);
}

json_t *wire_engine_report(const struct wire_engine *engine)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine->rules->count; i++)
		json_array_append_new(list, json_pack("{sssIsI}", "name", engine->rules->items[i].name, "matched",
						      engine->states[i].matched, "acted", engine->states[i].acted));
	return json_pack("{sssosI}", "event", "rules", "rules", list, "lost", engine->lost);
}
