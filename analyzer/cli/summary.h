/* summary.h: what a text ends with: connections by outcome, then the failures by signature.
 *
 *     3 connections: 2 failed, 1 established
 *           2  server-hello/reset, by server: Reset after the ClientHello
 */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "analyzer/cli/layout.h"
#include "analyzer/cli/tally.h"

/* Sorts the tally. `packets`: how many were looked at, told where no connection was among them. */
void summary_text(struct layout *l, struct tally *tally, uint64_t packets);

/* What an outcome is painted with, wherever it stands. */
enum paint outcome_paint(enum tlsdiag_outcome outcome);

#endif
