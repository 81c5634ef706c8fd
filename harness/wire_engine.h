/* wire_engine.h: the wire without sockets and clocks: frames and times go in, frames come out.
 *
 * Theory of operation. What comes out, and in which order, depends on the frames that came in, their order and the
 * rules, and on nothing else. Each direction is a queue, first in, first out: a frame leaves when it is due and
 * everything before it has left, so a delay never reorders. A frame that a rule holds back waits beside the queue, and
 * enters it behind the frame that was the last one to go first. What is forged enters right behind the frame that
 * caused it. Time decides only when frames leave.
 *
 * Frames that are not IP go through the queues and through no rule.
 */
#ifndef HARNESS_WIRE_ENGINE_H
#define HARNESS_WIRE_ENGINE_H

#include <jansson.h>

#include "harness/error.h"
#include "harness/wire_rule.h"

struct wire_engine;

/* Called for each frame that leaves. */
typedef void wire_emit(void *context, enum wire_direction direction, const uint8_t *bytes, size_t length);

/* The rules have to live as long as the engine. NULL: error says why. */
struct wire_engine *wire_engine_new(const struct wire_rules *rules, wire_emit *emit, void *context,
				    struct error *error);
void wire_engine_free(struct wire_engine *engine);

/* A frame comes, which the engine may change; `bytes` holds WIRE_FRAME_MAX. Times are nanoseconds of any clock that
 * never goes back. */
void wire_engine_take(struct wire_engine *engine, enum wire_direction direction, uint8_t *bytes, size_t length,
		      int64_t now);

/* Lets go what is due. */
void wire_engine_run(struct wire_engine *engine, int64_t now);

/* When something is due next; -1: nothing waits. */
int64_t wire_engine_due(const struct wire_engine *engine);

/* What was done, for each rule in order, and what was lost to a full queue or want of memory:
 *     {"event": "rules", "rules": [{"name": "cut", "matched": 3, "acted": 3}], "lost": 0} */
json_t *wire_engine_report(const struct wire_engine *engine);

#endif
