/* wire_rule.h: the rules of the wire as scenario files write them: which packets, and what is done to them.
 *
 *     path:
 *       wire:
 *         - {match: 'tcp[tcpflags] & tcp-syn != 0', direction: to-client, first: 3, action: drop}
 *         - {name: cut, tls: client-hello, sni: api.example.net, action: {reset: {to: both}}}
 *         - {after: cut, direction: to-server, action: drop}
 *
 * A packet goes through the rules in their order, each seeing what the ones before left of it; a rule that drops it or
 * holds it back is the last. All that a rule says of its packets must hold; what it does not say holds of every packet.
 */
#ifndef HARNESS_WIRE_RULE_H
#define HARNESS_WIRE_RULE_H

#include "harness/document.h"
#include "harness/wire_action.h"

enum {
	WIRE_RULES_MAX = 64,
};

/* FIN, SYN, RST and ACK as tcpdump writes them. Others are of no interest here. */
#define WIRE_FLAG_LETTERS "FSR."

struct wire_rule {
	const char *name; /* "": none */
	const char *match; /* a filter expression of tcpdump's on the frame, "" for all */
	const char *flags; /* TCP's, in tcpdump's letters: of S, F, R and . exactly these are set; "" for no demand */
	const char *direction; /* "to-server", "to-client", "" for both */
	const char *tls; /* the packet carries bytes of this message (wire_tls.h), "" for no demand … */
	int ordinal; /* … the first, second … of its name in its direction; 0: any */
	const char *part; /* "first": with its first byte; "later": without; "": either */
	const char
		*sni; /* the connection's ClientHello named this server, this packet or one before; "" for no demand */
	const char *after; /* the rule of this name has acted on the connection; "" for no demand */

	/* Of the packets that fulfil all this: */
	int skip; /* not the first so many; those behind are counted from 1 */
	int nth, first, every; /* that one; so many; each that these divide; 0: no demand */

	struct wire_action action;
};

struct wire_rules {
	yaml_node_t *node; /* the list in the file */
	size_t count;
	struct wire_rule *items;
};

/* A document_take for struct wire_rules. Filter expressions are compiled to see whether they are right. */
bool wire_take_rules(struct document *d, yaml_node_t *node, const void *unused, void *into);

/* The rule of that name, or SIZE_MAX. */
size_t wire_rules_find(const struct wire_rules *rules, const char *name);

#endif
