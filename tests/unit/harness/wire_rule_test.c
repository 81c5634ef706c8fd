/* wire_rule_test.c: what rules of the wire may say, and what is said of those that say something else. */
#include "harness/wire_rule.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"

static bool take(struct document *d, const char *text, struct wire_rules *rules)
{
	return document_parse(d, "rules", text, strlen(text)) && wire_take_rules(d, document_root(d), NULL, rules);
}

static void test_right(void)
{
	static const char text[] =
		"- name: cut\n"
		"  match: tcp port 443\n"
		"  flags: S.\n"
		"  direction: to-client\n"
		"  skip: 1\n"
		"  nth: 2\n"
		"  action: drop\n"
		"- {tls: client-hello, ordinal: 2, part: later, sni: a.example, after: cut, every: 3,\n"
		"   action: {reset: {to: both}}}\n";
	struct document d = {.loaded = false};
	struct wire_rules rules;

	CU_ASSERT_FATAL(take(&d, text, &rules));
	CU_ASSERT_EQUAL_FATAL(rules.count, 2);
	CU_ASSERT_STRING_EQUAL(rules.items[0].match, "tcp port 443");
	CU_ASSERT_STRING_EQUAL(rules.items[0].tls, "");
	CU_ASSERT_EQUAL(rules.items[0].skip, 1);
	CU_ASSERT_EQUAL(rules.items[0].nth, 2);
	CU_ASSERT_STRING_EQUAL(rules.items[0].action.kind->name, "drop");
	CU_ASSERT_EQUAL(rules.items[1].ordinal, 2);
	CU_ASSERT_STRING_EQUAL(rules.items[1].part, "later");
	CU_ASSERT_EQUAL(rules.items[1].every, 3);
	CU_ASSERT_STRING_EQUAL(rules.items[1].action.kind->name, "reset");
	CU_ASSERT_EQUAL(wire_rules_find(&rules, rules.items[1].after), 0);
	CU_ASSERT_EQUAL(wire_rules_find(&rules, "other"), SIZE_MAX);
	document_free(&d);
}

static void test_every_action(void)
{
	static const char *const actions[] = {
		"drop",
		"{delay: 60000}",
		"{duplicate: 1}",
		"{reorder: 1}",
		"{throttle: 1}",
		"{truncate: 0}",
		"{corrupt: {}}",
		"{corrupt: {offset: 3, bytes: 'AbCd', checksum: right}}",
		"{blank: {text: STARTTLS}}",
		"{blank: {text: STARTTLS, with: AAAAAAAA}}",
		"{rewrite: {ttl: 255, ip-id: 0, window: 0, mss: 536, ack: -1, strip: [sack-permitted, timestamps], "
		"checksum: "
		"wrong, ethernet-destination: '02:00:00:00:00:99'}}",
		"{reset: {to: both, ttl: 1, ip-id: 2, window: 3, ack: zero, checksum: wrong, sequence: [0, -1, 1460]}}",
		"{answer: {text: no, close: true}}",
		"{answer: {hex: '15 03 03 00 02 02 28'}}",
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		struct document d = {.loaded = false};
		struct wire_rules rules;
		char text[512];

		snprintf(text, sizeof(text), "[{action: %s}]", actions[i]);
		CU_ASSERT(take(&d, text, &rules));
		if (*d.error)
			printf("# %s\n", d.error);
		document_free(&d);
	}
}

static void test_wrong(void)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{"drop", "rules:1:1: a list of rules must stand here"},
		{"[{match: tcp}]", "rules:1:2: the key 'action' is missing"},
		{"[{match: 'tcp prot 443', action: drop}]", "rules:1:10: the filter expression is wrong: "},
		{"[{direction: up, action: drop}]", "rules:1:14: unknown value 'up'"},
		{"[{tls: clienthello, action: drop}]", "did you mean 'client-hello'?"},
		{"[{flags: SYN, action: drop}]", "rules:1:10: letters of 'FSR.'"},
		{"[{part: first, action: drop}]",
		 "rules:1:2: 'part' and 'ordinal' are said of the message that 'tls' names"},
		{"[{nth: 1, first: 2, action: drop}]", "rules:1:2: only one of 'nth', 'first' and 'every'"},
		{"[{nth: 0, action: drop}]", "rules:1:8: must be a whole number from 1"},
		{"[{action: drop}, {after: a, action: drop}]", "rules:1:18: 'after': no rule has the name 'a'"},
		{"[{action: dorp}]", "did you mean 'drop'?"},
		{"[{action: delay}]", "rules:1:11: 'delay' needs an argument"},
		{"[{action: {drop: 1}}]", "rules:1:18: 'drop' takes no argument"},
		{"[{action: {delay: 1, reorder: 1}}]", "rules:1:11: an action has one key"},
		{"[{action: {delay: 0}}]", "rules:1:19: must be a whole number from 1 to 60000"},
		{"[{action: {corrupt: {bytes: xy}}}]", "rules:1:29: hexadecimal digits in pairs"},
		{"[{action: {corrupt: {bytes: abc}}}]", "rules:1:29: hexadecimal digits in pairs"},
		{"[{action: {blank: {with: X}}}]", "'text' is missing"},
		{"[{action: {blank: {text: AB, with: X}}}]", "'with' must be as long as 'text' (2 bytes)"},
		{"[{action: {rewrite: {strip: [mss, wscale]}}}]", "unknown value 'wscale'"},
		{"[{action: {rewrite: {ethernet-destination: '02:00'}}}]", "an Ethernet address has 6 bytes"},
		{"[{action: {reset: {sequence: [one]}}}]", "'one' is no whole number"},
		{"[{action: {reset: {sequence: []}}}]", "from 1 to 16 numbers"},
		{"[{action: {reset: {text: a}}}]", "unknown key 'text'"},
		{"[{action: {answer: {to: client}}}]", "must say 'text' or 'hex'"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct document d = {.loaded = false};
		struct wire_rules rules;

		CU_ASSERT(!take(&d, rows[i].text, &rules));
		CU_ASSERT_PTR_NOT_NULL(strstr(d.error, rows[i].error));
		if (!strstr(d.error, rows[i].error))
			printf("# %s\n#   says %s\n#   not  %s\n", rows[i].text, d.error, rows[i].error);
		document_free(&d);
	}
}

static void test_too_many(void)
{
	char text[(WIRE_RULES_MAX + 1) * 20] = "";
	struct document d = {.loaded = false};
	struct wire_rules rules;
	size_t length = 0;

	for (int i = 0; i <= WIRE_RULES_MAX; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "- {action: drop}\n");
	CU_ASSERT(!take(&d, text, &rules));
	CU_ASSERT_PTR_NOT_NULL(strstr(d.error, "more than 64 rules"));
	document_free(&d);
}

const struct unit_test unit_tests[] = {
	{"a rule says which packets", test_right},
	{"every action can be said with all its options", test_every_action},
	{"what is wrong is said with its place", test_wrong},
	{"there is a limit to rules", test_too_many},
	{NULL, NULL},
};
