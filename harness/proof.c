/* proof.c: reads the server's events, see proof.h. */
#include "harness/proof.h"

#include <string.h>

#include "harness/json_text.h"

static bool is_event(json_t *event, const char *name)
{
	return strcmp(json_text(event, "event"), name) == 0;
}

/* What the server calls a step: the string, or the one key of an object; "" for what is neither. */
static const char *label_of(json_t *step)
{
	const char *label =
		json_is_string(step) ? json_string_value(step) : json_object_iter_key(json_object_iter(step));

	return label ? label : "";
}

/* How many of the steps one connection did, in order. */
static size_t steps_done(json_t *events, json_t *steps, json_int_t connection)
{
	size_t done = 0, i;
	json_t *event;

	json_array_foreach(events, i, event) {
		if (is_event(event, "step") && json_integer_value(json_object_get(event, "connection")) == connection &&
		    done < json_array_size(steps) &&
		    strcmp(json_text(event, "step"), label_of(json_array_get(steps, done))) == 0)
			done++;
	}
	return done;
}

static json_int_t last_connection(json_t *events)
{
	json_int_t last = 0;
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event) {
		json_int_t connection = json_integer_value(json_object_get(event, "connection"));

		if (connection > last)
			last = connection;
	}
	return last;
}

const char *proof_missing_step(json_t *events, json_t *steps)
{
	size_t best = 0;

	for (json_int_t c = last_connection(events); c > 0; c--) {
		size_t done = steps_done(events, steps, c);

		if (done > best)
			best = done;
	}
	return best < json_array_size(steps) ? label_of(json_array_get(steps, best)) : NULL;
}

bool proof_handshake(json_t *events, const struct scenario_server_words *demand)
{
	json_t *event;
	size_t i;

	if (!*demand->handshake && !*demand->error)
		return true;
	json_array_foreach(events, i, event) {
		bool ok = json_is_true(json_object_get(event, "ok")),
		     resumed = json_is_true(json_object_get(event, "resumed"));

		if (is_event(event, "handshake") &&
		    (!*demand->handshake || ok == (strcmp(demand->handshake, "failed") != 0)) &&
		    (resumed || strcmp(demand->handshake, "resumed") != 0) &&
		    strstr(json_text(event, "error"), demand->error))
			return true;
	}
	return false;
}

const char *proof_handshake_said(json_t *events)
{
	const char *said = NULL;
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event) {
		if (is_event(event, "handshake"))
			said = json_is_true(json_object_get(event, "ok")) ? "done" : json_text(event, "error");
	}
	return said;
}

const char *proof_error(json_t *events)
{
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event) {
		if (is_event(event, "error"))
			return json_text(event, "message");
	}
	return NULL;
}

bool proof_complete(json_t *events, json_t *steps, const struct scenario_server_words *demand)
{
	json_int_t closed = 0, connections = -1;
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event) {
		closed += is_event(event, "closed");
		if (is_event(event, "asked"))
			connections = json_integer_value(json_object_get(event, "connections"));
	}
	return (closed == connections || (connections >= 0 && !demand->closed)) && !proof_missing_step(events, steps) &&
	       proof_handshake(events, demand);
}
