/* proof_test.c: what the server's events prove, and when a case has nothing more to wait for. */
#include "harness/proof.h"

#include <string.h>

#include "tests/unit/suite.h"

#define STEPS "[\"a\",{\"b\":1}]"
#define STEP(connection, name) "{\"event\":\"step\",\"connection\":" #connection ",\"step\":\"" name "\"}"
#define HANDSHAKE(ok, error) "{\"event\":\"handshake\",\"connection\":1,\"ok\":" ok ",\"error\":\"" error "\"}"
#define ASKED(count) "{\"event\":\"asked\",\"connections\":" #count "}"
#define CLOSED(connection) "{\"event\":\"closed\",\"connection\":" #connection "}"

static const struct {
	const char *events, *steps, *handshake, *error;
	const char *missing; /* step, or NULL */
	bool handshake_proven, complete;
} rows[] = {
	{"[]", NULL, "", "", NULL, true, false},
	{"[" ASKED(0) "]", NULL, "", "", NULL, true, true},
	{"[" ASKED(1) "]", NULL, "", "", NULL, true, false},
	{"[" ASKED(1) "," CLOSED(1) "]", NULL, "", "", NULL, true, true},
	{"[" STEP(1, "a") "," STEP(1, "b") "," CLOSED(1) "]", STEPS, "", "", NULL, true, false},
	{"[]", STEPS, "", "", "a", true, false},
	{"[" STEP(1, "a") "]", STEPS, "", "", "b", true, false},
	{"[" STEP(1, "b") "," STEP(1, "a") "]", STEPS, "", "", "b", true, false},
	{"[" STEP(1, "a") "," STEP(2, "b") "]", STEPS, "", "", "b", true, false},
	{"[" STEP(1, "a") "," STEP(1, "b") "]", STEPS, "", "", NULL, true, false},
	{"[" STEP(1, "a") "," STEP(1, "b") "," CLOSED(1) "," ASKED(1) "]", STEPS, "", "", NULL, true, true},
	{"[" STEP(1, "a") "," STEP(2, "a") "," STEP(2, "b") "," CLOSED(2) "," ASKED(2) "]", STEPS, "", "", NULL, true,
	 false},
	{"[" CLOSED(1) "," STEP(2, "a") "," STEP(2, "b") "," CLOSED(2) "," ASKED(2) "]", STEPS, "", "", NULL, true,
	 true},
	{"[" STEP(1, "a") "]", "[40]", "", "", "", true, false},
	{"[]", NULL, "done", "", NULL, false, false},
	{"[" HANDSHAKE("true", "") "]", NULL, "done", "", NULL, true, false},
	{"[" HANDSHAKE("true", "") "]", NULL, "resumed", "", NULL, false, false},
	{"[" HANDSHAKE("true,\"resumed\":true", "") "]", NULL, "resumed", "", NULL, true, false},
	{"[" HANDSHAKE("true", "") "," CLOSED(1) "," ASKED(1) "]", NULL, "done", "", NULL, true, true},
	{"[" HANDSHAKE("true", "") "," CLOSED(1) "," ASKED(1) "]", NULL, "failed", "", NULL, false, false},
	{"[" HANDSHAKE("false", "no shared cipher") "," CLOSED(1) "," ASKED(1) "]", NULL, "failed", "shared", NULL,
	 true, true},
	{"[" HANDSHAKE("false", "no shared cipher") "," CLOSED(1) "," ASKED(1) "]", NULL, "failed", "ca", NULL, false,
	 false},
	{"[" HANDSHAKE("false", "no shared cipher") "," CLOSED(1) "," ASKED(1) "]", NULL, "", "shared", NULL, true,
	 true},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct scenario_server_words demand = {rows[i].handshake, rows[i].error, true};
		json_t *events = json_loads(rows[i].events, 0, NULL);
		json_t *steps = rows[i].steps ? json_loads(rows[i].steps, 0, NULL) : NULL;
		const char *missing;

		CU_ASSERT_FATAL(events != NULL);
		missing = proof_missing_step(events, steps);
		CU_ASSERT_TRUE(missing && rows[i].missing ? strcmp(missing, rows[i].missing) == 0
							  : missing == rows[i].missing);
		CU_ASSERT_EQUAL(proof_handshake(events, &demand), rows[i].handshake_proven);
		CU_ASSERT_EQUAL(proof_complete(events, steps, &demand), rows[i].complete);
		json_decref(events);
		json_decref(steps);
	}
}

/* A client's end that the path keeps from the server is not waited for, once the server was asked. */
static void test_unnoticed_end(void)
{
	const struct scenario_server_words demand = {"", "", false};
	json_t *events = json_array();

	CU_ASSERT(!proof_complete(events, NULL, &demand));
	json_array_append_new(events, json_loads(ASKED(1), 0, NULL));
	CU_ASSERT(proof_complete(events, NULL, &demand));
	json_decref(events);
}

static void test_words(void)
{
	json_t *events = json_loads("[" HANDSHAKE("false", "first") "," HANDSHAKE("true", "") "]", 0, NULL);

	CU_ASSERT_STRING_EQUAL(proof_handshake_said(events), "done");
	CU_ASSERT_PTR_NULL(proof_error(events));
	json_array_append_new(events, json_pack("{ssss}", "event", "error", "message", "oops"));
	CU_ASSERT_STRING_EQUAL(proof_error(events), "oops");
	json_array_clear(events);
	CU_ASSERT_PTR_NULL(proof_handshake_said(events));
	json_decref(events);
}

const struct unit_test unit_tests[] = {
	{"steps, handshake and ends prove what they should, and no more", test_rows},
	{"an end that the server cannot notice is not waited for", test_unnoticed_end},
	{"the server's words are found", test_words},
	{NULL, NULL},
};
