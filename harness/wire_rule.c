/* wire_rule.c: see wire_rule.h. */
#include "harness/wire_rule.h"

#include <limits.h>
#include <pcap/pcap.h>
#include <string.h>

static const char *const directions[] = {"to-server", "to-client", NULL};
static const char *const parts[] = {"first", "later", NULL};
static const int count_range[] = {1, INT_MAX};

static bool take_match(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const char **expression = into;
	struct bpf_program program;
	pcap_t *pcap;
	bool ok;

	if (!document_string(d, node, unused, into))
		return false;
	pcap = pcap_open_dead(DLT_EN10MB, WIRE_FRAME_MAX);
	if (!pcap)
		return document_fail(d, node, "out of memory");
	ok = pcap_compile(pcap, &program, *expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (ok)
		pcap_freecode(&program);
	else
		document_fail(d, node, "the filter expression is wrong: %s", pcap_geterr(pcap));
	pcap_close(pcap);
	return ok;
}

/* "S", "S.", "R" … */
static bool take_flags(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	const char **letters = into;

	if (!document_string(d, node, unused, into))
		return false;
	return (**letters && !(*letters)[strspn(*letters, WIRE_FLAG_LETTERS)]) ||
	       document_fail(d, node, "letters of '" WIRE_FLAG_LETTERS "' must stand here, as in 'S.' for SYN-ACK");
}

#define KEY(name, take, member, argument) DOCUMENT_KEY(name, take, wire_rule, member, argument, false)

static const struct document_key rule_keys[] = {
	KEY("name", document_string, name, NULL),
	KEY("match", take_match, match, NULL),
	KEY("flags", take_flags, flags, NULL),
	KEY("direction", document_choice, direction, directions),
	KEY("tls", document_choice, tls, wire_tls_names),
	KEY("ordinal", document_integer, ordinal, count_range),
	KEY("part", document_choice, part, parts),
	KEY("sni", document_string, sni, NULL),
	KEY("after", document_string, after, NULL),
	KEY("skip", document_integer, skip, count_range),
	KEY("nth", document_integer, nth, count_range),
	KEY("first", document_integer, first, count_range),
	KEY("every", document_integer, every, count_range),
	{"action", wire_take_action, offsetof(struct wire_rule, action), NULL, true},
	DOCUMENT_KEYS_END,
};

static bool take_rule(struct document *d, yaml_node_t *node, struct wire_rule *rule)
{
	*rule = (struct wire_rule){
		.name = "", .match = "", .flags = "", .direction = "", .tls = "", .part = "", .sni = "", .after = ""};
	if (!document_mapping(d, node, rule_keys, false, rule))
		return false;
	if (!*rule->tls && (*rule->part || rule->ordinal))
		return document_fail(d, node, "'part' and 'ordinal' are said of the message that 'tls' names");
	return (rule->nth > 0) + (rule->first > 0) + (rule->every > 0) <= 1 ||
	       document_fail(d, node, "only one of 'nth', 'first' and 'every' can be said");
}

size_t wire_rules_find(const struct wire_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->count; i++)
		if (strcmp(rules->items[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

static bool check_after(struct document *d, yaml_node_t *list, const struct wire_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		const char *after = rules->items[i].after;

		if (*after && wire_rules_find(rules, after) == SIZE_MAX)
			return document_fail(d, yaml_document_get_node(&d->yaml, list->data.sequence.items.start[i]),
					     "'after': no rule has the name '%s'", after);
	}
	return true;
}

bool wire_take_rules(struct document *d, yaml_node_t *node, const void *unused, void *into)
{
	struct wire_rules *rules = into;
	size_t count;

	(void)unused;
	if (node->type != YAML_SEQUENCE_NODE)
		return document_fail(d, node, "a list of rules must stand here");
	count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (count > WIRE_RULES_MAX)
		return document_fail(d, node, "more than %d rules", WIRE_RULES_MAX);
	rules->node = node;
	rules->count = 0;
	rules->items = document_alloc(d, count, sizeof(*rules->items));
	if (!rules->items)
		return document_fail(d, node, "out of memory");
	for (; rules->count < count; rules->count++) {
		yaml_node_t *entry = yaml_document_get_node(&d->yaml, node->data.sequence.items.start[rules->count]);

		if (!take_rule(d, entry, &rules->items[rules->count]))
			return false;
	}
	return check_after(d, node, rules);
}
