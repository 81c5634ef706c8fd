/* summary.c: see summary.h. */
#include "analyzer/cli/summary.h"

#include <inttypes.h>

enum paint outcome_paint(enum tlsdiag_outcome outcome)
{
	static const enum paint paints[] = {
		[TLSDIAG_ESTABLISHED] = PAINT_GREEN,
		[TLSDIAG_FAILED] = PAINT_RED,
		[TLSDIAG_INCOMPLETE] = PAINT_YELLOW,
		[TLSDIAG_NOT_TLS] = PAINT_CYAN,
	};

	return paints[outcome];
}

static void totals(struct layout *l, const struct tally *tally, uint64_t packets)
{
	static const enum tlsdiag_outcome order[] = {TLSDIAG_FAILED, TLSDIAG_ESTABLISHED, TLSDIAG_INCOMPLETE,
						     TLSDIAG_NOT_TLS};
	uint64_t total = tally_total(tally);
	const char *separator = ": ";
	char item[64];

	if (total)
		snprintf(item, sizeof(item), "%" PRIu64 " connection%s", total, total == 1 ? "" : "s");
	else
		snprintf(item, sizeof(item), "no TCP connection in %" PRIu64 " packet%s", packets,
			 packets == 1 ? "" : "s");
	layout_put(l, PAINT_BOLD, item);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (!tally->outcomes[order[i]])
			continue;
		layout_put(l, PAINT_PLAIN, separator);
		snprintf(item, sizeof(item), "%" PRIu64 " %s", tally->outcomes[order[i]],
			 tlsdiag_outcome_name(order[i]));
		layout_put(l, outcome_paint(order[i]), item);
		separator = ", ";
	}
	layout_newline(l);
}

/* "   12  server-hello/reset, by server: Reset after the ClientHello" */
static void group_line(struct layout *l, const struct tally_group *group)
{
	const struct tlsdiag_words *words = tlsdiag_explain_by(group->signature, group->by);
	char line[256];

	snprintf(line, sizeof(line), "%7" PRIu64, group->count);
	layout_put(l, PAINT_PLAIN, line);
	layout_to_column(l, 9);
	snprintf(line, sizeof(line), "%s, by %s%s%s", group->signature, tlsdiag_party_name(group->by),
		 words ? ": " : "", words ? words->title : "");
	layout_item(l, PAINT_PLAIN, 11, line);
	layout_newline(l);
}

void summary_text(struct layout *l, struct tally *tally, uint64_t packets)
{
	totals(l, tally, packets);
	tally_sort(tally);
	for (size_t i = 0; i < tally->group_count; i++)
		group_line(l, &tally->groups[i]);
	if (tally->ungrouped) {
		char line[96];

		snprintf(line, sizeof(line), "%7" PRIu64 "  of other signatures", tally->ungrouped);
		layout_put(l, PAINT_PLAIN, line);
		layout_newline(l);
	}
}
